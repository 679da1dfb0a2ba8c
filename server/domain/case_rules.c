// SPDX-License-Identifier: Apache-2.0
#include "domain/case_rules.h"

#include "case/message_event.h"

enum fail_code case_event_of(const struct header *header, enum case_event *event)
{
	return message_event(header->kind, header->report, event) ? FAIL_NONE : FAIL_UNSUPPORTED;
}

static bool clock_runs(enum case_state state)
{
	return state == CASE_ACCEPTED || state == CASE_IN_PROGRESS;
}

enum fail_code case_decide(const struct header *header, const struct case_view *view, enum case_side side,
                           enum case_event *event, struct case_decision *decision, struct fail *why)
{
	enum fail_code failed = case_event_of(header, event);
	if (failed != FAIL_NONE)
		return fail_set(why, failed, "this kind of message makes no move that this hub knows");
	failed = case_step(view, *event, side, decision);
	if (failed != FAIL_NONE)
		return fail_set(why, failed, "%s is not possible for the %s side in the state %s", case_event_name(*event),
		                case_side_name(side), case_state_name(view->state));
	if (clock_runs(view->state) && *event == EVENT_INFO_REQUEST && header->blocking)
		decision->effects |= EFFECT_STOP_CLOCK;
	if (clock_runs(view->state) && *event == EVENT_INFO_REPLY)
		decision->effects |= EFFECT_CONTINUE_CLOCK;
	return FAIL_NONE;
}
