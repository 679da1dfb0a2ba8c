// SPDX-License-Identifier: Apache-2.0
//
// A sequence of moves by hostile sides, two bytes each (event, side), against
// what must hold after every one of them. Byte 0 chooses a view that no honest
// peer would have, so that a corrupt case record is covered as well.
#include "case/lifecycle.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool held_from_fits(const struct case_view *view)
{
	if (view->state == CASE_ON_HOLD)
		return view->held_from == CASE_ACCEPTED || view->held_from == CASE_IN_PROGRESS;
	return view->held_from == CASE_NONE;
}

static void check_step(struct case_view *view, enum case_event event, enum case_side side, bool honest)
{
	struct case_decision decision, before;
	memset(&decision, 0xa5, sizeof decision);
	memset(&before, 0xa5, sizeof before);
	bool legal = event < CASE_EVENT_COUNT && (case_legal_events(view, side) >> event & 1) != 0;
	enum fail_code failed = case_step(view, event, side, &decision);
	must(legal == (failed == FAIL_NONE));
	if (failed != FAIL_NONE) {
		must(failed == FAIL_ILLEGAL_MOVE || failed == FAIL_NOT_YOUR_MOVE);
		must(memcmp(&decision, &before, sizeof before) == 0);
		return;
	}
	must(decision.next.state < CASE_STATE_COUNT && decision.next.state != CASE_NONE);
	must(side != SIDE_SECRETARIAT && side != SIDE_PARTNER);
	must(!case_state_ended(view->state) || event == EVENT_REOPEN || decision.next.state == view->state);
	must(decision.next.hops == view->hops + (event == EVENT_FORWARD));
	must(!honest || (held_from_fits(&decision.next) && decision.next.hops <= CASE_MAX_HOPS));
	*view = decision.next;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct case_view view = {.state = CASE_NONE};
	if (size == 0)
		return 0;
	bool honest = data[0] < 128;
	if (!honest) {
		view.state = (enum case_state)(data[0] & 15);
		view.held_from = (enum case_state)(data[0] >> 4 & 7);
		view.held_by = (enum case_side)(size & 7);
		view.hops = data[0];
		view.consent = (uint8_t)(size >> 3);
	}
	for (size_t i = 1; i + 1 < size; i += 2)
		check_step(&view, (enum case_event)(data[i] & 63), (enum case_side)(data[i + 1] & 7), honest);
	return 0;
}
