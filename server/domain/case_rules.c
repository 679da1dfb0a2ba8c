// SPDX-License-Identifier: Apache-2.0
#include "domain/case_rules.h"

struct kind_row {
	bool moves; // has an event
	enum case_event event;
};

// REPORT has two events: case_event_of looks at its stage.
static const struct kind_row kinds[KIND_COUNT] = {
	[KIND_REFERRAL] = {true, EVENT_REFERRAL},
	[KIND_ACK] = {true, EVENT_ACK},
	[KIND_ACCEPT] = {true, EVENT_ACCEPT},
	[KIND_DECLINE] = {true, EVENT_DECLINE},
	[KIND_INFO_REQUEST] = {true, EVENT_INFO_REQUEST},
	[KIND_INFO_REPLY] = {true, EVENT_INFO_REPLY},
	[KIND_REPORT] = {true, EVENT_REPORT_FINAL},
	[KIND_STATUS_NOTE] = {true, EVENT_STATUS_NOTE},
	[KIND_WITHDRAW] = {true, EVENT_WITHDRAW},
	[KIND_CLOSE] = {true, EVENT_CLOSE},
	[KIND_REOPEN] = {true, EVENT_REOPEN},
	[KIND_START] = {true, EVENT_START},
	[KIND_HOLD] = {true, EVENT_HOLD},
	[KIND_RESUME] = {true, EVENT_RESUME},
	[KIND_FORWARD] = {true, EVENT_FORWARD},
	[KIND_TRANSFER] = {true, EVENT_TRANSFER},
	[KIND_DOCUMENT] = {true, EVENT_DOCUMENT},
};

static const struct kind_row *row_of(enum message_kind kind)
{
	return kind < KIND_COUNT && kinds[kind].moves ? &kinds[kind] : NULL;
}

enum fail_code case_event_of(const struct header *header, enum case_event *event)
{
	const struct kind_row *row = row_of(header->kind);
	if (row == NULL)
		return FAIL_UNSUPPORTED;
	if (header->kind == KIND_REPORT && header->report != REPORT_INTERIM && header->report != REPORT_FINAL)
		return FAIL_UNSUPPORTED;
	*event = row->event;
	if (header->kind == KIND_REPORT && header->report == REPORT_INTERIM)
		*event = EVENT_REPORT_INTERIM;
	return FAIL_NONE;
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
