// SPDX-License-Identifier: Apache-2.0
#include "domain/case_rules.h"

#include "case/message_event.h"

enum fail_code case_event_of(const struct header *header, enum case_event *event)
{
	return message_event_of(header, event) ? FAIL_NONE : FAIL_UNSUPPORTED;
}

enum fail_code case_decide(const struct header *header, const struct case_view *view, enum case_side side,
                           enum case_event *event, struct case_decision *decision, struct fail *why)
{
	enum fail_code failed = message_step(header, view, side, event, decision);
	if (failed == FAIL_UNSUPPORTED)
		return fail_set(why, failed, "this kind of message makes no move that this hub knows");
	if (failed != FAIL_NONE)
		return fail_set(why, failed, "%s is not possible for the %s side in the state %s", case_event_name(*event),
		                case_side_name(side), case_state_name(view->state));
	return FAIL_NONE;
}
