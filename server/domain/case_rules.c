// SPDX-License-Identifier: Apache-2.0
#include "domain/case_rules.h"

#include <string.h>

// Coded routing fields of a header.
enum {
	SERVICE = 1 << 0,
	URGENCY = 1 << 1,
	LEGAL_BASIS = 1 << 2,
	REQUESTER = 1 << 3,
	REASON = 1 << 4,
	DUE = 1 << 5,
	PARTY = 1 << 6,
	REFERRAL_NEEDS = SERVICE | URGENCY | LEGAL_BASIS | REQUESTER,
};

struct kind_row {
	bool moves; // has an event
	enum case_event event;
	unsigned needed, allowed; // fields
};

// REPORT has two events: case_event_of looks at its stage.
static const struct kind_row kinds[KIND_COUNT] = {
	[KIND_REFERRAL] = {true, EVENT_REFERRAL, REFERRAL_NEEDS, DUE | PARTY},
	[KIND_ACK] = {true, EVENT_ACK, 0, DUE},
	[KIND_ACCEPT] = {true, EVENT_ACCEPT, 0, DUE},
	[KIND_DECLINE] = {true, EVENT_DECLINE, REASON, 0},
	[KIND_INFO_REQUEST] = {true, EVENT_INFO_REQUEST, 0, DUE},
	[KIND_INFO_REPLY] = {true, EVENT_INFO_REPLY, 0, 0},
	[KIND_REPORT] = {true, EVENT_REPORT_FINAL, 0, 0},
	[KIND_STATUS_NOTE] = {true, EVENT_STATUS_NOTE, 0, DUE},
	[KIND_WITHDRAW] = {true, EVENT_WITHDRAW, REASON, 0},
	[KIND_CLOSE] = {true, EVENT_CLOSE, 0, 0},
	[KIND_REOPEN] = {true, EVENT_REOPEN, REASON, DUE},
	[KIND_START] = {true, EVENT_START, 0, DUE},
	[KIND_HOLD] = {true, EVENT_HOLD, REASON, DUE},
	[KIND_RESUME] = {true, EVENT_RESUME, 0, DUE},
	[KIND_FORWARD] = {true, EVENT_FORWARD, 0, REASON},
	[KIND_TRANSFER] = {true, EVENT_TRANSFER, 0, REASON},
	[KIND_DOCUMENT] = {true, EVENT_DOCUMENT, 0, 0},
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

static unsigned present(const struct header *header)
{
	unsigned fields = 0;
	fields |= header->service[0] != '\0' ? SERVICE : 0;
	fields |= header->urgency[0] != '\0' ? URGENCY : 0;
	fields |= header->legal_basis[0] != '\0' ? LEGAL_BASIS : 0;
	fields |= header->requester_kind[0] != '\0' ? REQUESTER : 0;
	fields |= header->reason[0] != '\0' ? REASON : 0;
	fields |= header->due[0] != '\0' ? DUE : 0;
	fields |= header->party_count != 0 ? PARTY : 0;
	return fields;
}

static const char *field_name(unsigned fields)
{
	static const char *const names[] = {"service", "urgency", "legal_basis", "requester_kind",
	                                    "reason",  "due",     "party"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (fields >> i & 1)
			return names[i];
	}
	return "a field";
}

enum fail_code case_check_fields(const struct header *header, struct fail *why)
{
	const struct kind_row *row = row_of(header->kind);
	if (row == NULL)
		return fail_set(why, FAIL_UNSUPPORTED, "this kind of message belongs to no case");
	unsigned has = present(header);
	unsigned missing = row->needed & ~has, strange = has & ~(row->needed | row->allowed);
	const char *kind = case_event_name(row->event);
	if (missing != 0)
		return fail_set(why, FAIL_BAD_FORM, "header.%s is missing: %s needs it", field_name(missing), kind);
	if (strange != 0)
		return fail_set(why, FAIL_BAD_FORM, "header.%s does not belong to %s", field_name(strange), kind);
	if (header->blocking && header->kind != KIND_INFO_REQUEST)
		return fail_set(why, FAIL_BAD_FORM, "header.blocking does not belong to %s", kind);
	if (header->report != REPORT_NONE && header->kind != KIND_REPORT)
		return fail_set(why, FAIL_BAD_FORM, "header.report does not belong to %s", kind);
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
	failed = case_check_fields(header, why);
	if (failed != FAIL_NONE)
		return failed;
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
