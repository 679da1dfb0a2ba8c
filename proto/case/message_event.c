// SPDX-License-Identifier: Apache-2.0
#include "case/message_event.h"

#include "case/partial_date.h"
#include "case/reference.h"

#include <string.h>

_Static_assert((int)CASE_REFERENCE_SIZE == (int)REFERENCE_SIZE, "a header has room for a reference");

struct kind_row {
	bool moves; // has an event
	enum case_event event;
};

// REPORT has two events: message_event looks at its stage.
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
	[KIND_REMINDER] = {true, EVENT_REMINDER},
	[KIND_ESCALATION] = {true, EVENT_ESCALATION},
	[KIND_SILENCE] = {true, EVENT_SILENCE},
	[KIND_STEP] = {true, EVENT_STEP},
	[KIND_CONSENT_GIVEN] = {true, EVENT_CONSENT_GIVEN},
	[KIND_CONSENT_WITHDRAWN] = {true, EVENT_CONSENT_WITHDRAWN},
	[KIND_CONSENT_ANSWER] = {true, EVENT_CONSENT_ANSWER},
	[KIND_FOLLOW_UP] = {true, EVENT_FOLLOW_UP},
	[KIND_PARTY] = {true, EVENT_PARTY},
	[KIND_UPDATE] = {true, EVENT_UPDATE},
	[KIND_INVALIDATE] = {true, EVENT_INVALIDATE},
	[KIND_MEMBER_OUT] = {true, EVENT_MEMBER_OUT},
	[KIND_MEMBER_BACK] = {true, EVENT_MEMBER_BACK},
	[KIND_DATE_PROPOSE] = {true, EVENT_DATE_PROPOSE},
	[KIND_DATE_AGREE] = {true, EVENT_DATE_AGREE},
	[KIND_REPORT_READY] = {true, EVENT_REPORT_READY},
	[KIND_LOCAL_CLOSE] = {true, EVENT_LOCAL_CLOSE},
	[KIND_ITEM] = {true, EVENT_ITEM},
	[KIND_CHILD_FILE] = {true, EVENT_CHILD_FILE},
	[KIND_STATUS_ASKED] = {true, EVENT_STATUS_ASKED},
	[KIND_TRACE_REQUEST] = {true, EVENT_TRACE_REQUEST},
	[KIND_TRACE_ANSWER] = {true, EVENT_TRACE_ANSWER},
	[KIND_MATCH_PROPOSED] = {true, EVENT_MATCH_PROPOSED},
	[KIND_MATCH_REVIEW] = {true, EVENT_MATCH_REVIEW},
	[KIND_MATCH_DISCLOSE] = {true, EVENT_MATCH_DISCLOSE},
	[KIND_MATCH_CONFIRM] = {true, EVENT_MATCH_CONFIRM},
	[KIND_MATCH_REFUTE] = {true, EVENT_MATCH_REFUTE},
	[KIND_TRACE_RENEW] = {true, EVENT_TRACE_RENEW},
	[KIND_RECALL] = {true, EVENT_RECALL},
	[KIND_REMINDER_REPLY] = {true, EVENT_REMINDER_REPLY},
	[KIND_TRANSLATION] = {true, EVENT_TRANSLATION},
	[KIND_ALERT] = {true, EVENT_ALERT},
};

bool message_event(enum message_kind kind, enum report_stage stage, enum case_event *event)
{
	if (kind >= KIND_COUNT || !kinds[kind].moves)
		return false;
	if (kind == KIND_REPORT && stage != REPORT_INTERIM && stage != REPORT_FINAL)
		return false;
	bool interim = kind == KIND_REPORT && stage == REPORT_INTERIM;
	*event = interim ? EVENT_REPORT_INTERIM : kinds[kind].event;
	return true;
}

bool message_event_of(const struct header *header, enum case_event *event)
{
	bool moves = message_event(header->kind, header->report, event);
	if (header->kind == KIND_RECALL && header->reason[0] != '\0')
		*event = EVENT_WITHDRAW;
	return moves;
}

static bool clock_runs(enum case_state state)
{
	return state == CASE_ACCEPTED || state == CASE_IN_PROGRESS;
}

// The days behind date_by: case_step moves the sides alone.
static enum fail_code take_date(const struct header *header, const struct case_view *view, enum case_event event,
                                struct case_view *next)
{
	int32_t day = 0;
	if (event != EVENT_ACCEPT && event != EVENT_DATE_PROPOSE && event != EVENT_DATE_AGREE)
		return FAIL_NONE;
	if (day_parse(&day, header->due, NULL) != FAIL_NONE || day <= 0)
		return FAIL_ILLEGAL_MOVE;
	if (event == EVENT_DATE_AGREE && day != view->date_open && day != view->date_holds)
		return FAIL_ILLEGAL_MOVE;
	next->date_open = event == EVENT_DATE_AGREE ? 0 : day;
	next->date_holds = event == EVENT_DATE_PROPOSE ? view->date_holds : day;
	return FAIL_NONE;
}

bool message_betrays(const struct header *header, enum case_state state)
{
	static const char *const telling[] = {"PERSON_NOT_FOUND", "IDENTITY_MISMATCH", "NO_CONSENT", "SECURITY"};
	if (header->kind != KIND_DECLINE || !case_state_traces(state))
		return false;
	for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++) {
		if (strcmp(telling[i], header->reason) == 0)
			return true;
	}
	return false;
}

enum fail_code message_step(const struct header *header, const struct case_view *view, enum case_side side,
                            enum case_event *event, struct case_decision *decision)
{
	if (!message_event_of(header, event))
		return FAIL_UNSUPPORTED;
	if (message_betrays(header, view->state))
		return FAIL_ILLEGAL_MOVE;
	enum fail_code failed = case_step(view, *event, side, decision);
	if (failed == FAIL_NONE)
		failed = take_date(header, view, *event, &decision->next);
	if (failed != FAIL_NONE)
		return failed;
	if (clock_runs(view->state) && *event == EVENT_INFO_REQUEST && header->blocking)
		decision->effects |= EFFECT_STOP_CLOCK;
	if (clock_runs(view->state) && *event == EVENT_INFO_REPLY)
		decision->effects |= EFFECT_CONTINUE_CLOCK;
	return FAIL_NONE;
}

void message_clock(struct case_clock *clock, const struct header *header, const struct case_decision *decision,
                   const char *urgency, uint64_t at)
{
	struct work_calendar calendar;
	struct clock_move move = {.effects = decision->effects, .urgency = urgency, .due = header->due, .at = at};
	// The hub refuses what is no calendar; a client that sees one all the same counts as the hub would.
	if (header->calendar != NULL && calendar_parse(&calendar, header->calendar, NULL) == FAIL_NONE)
		move.calendar = &calendar;
	if (message_event_of(header, &move.event))
		clock_move(clock, &move);
}
