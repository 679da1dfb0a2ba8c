// SPDX-License-Identifier: Apache-2.0
//
// May this message be part of its case now, and what becomes of the case? Relation
// and access first, then the lifecycle, then who gets it.
#include "core/core_private.h"

#include "case/correction.h"
#include "case/message_event.h"
#include "domain/case_rules.h"

#include <stdio.h>
#include <string.h>

static enum access_relation relation_of(const struct case_record *record, member_no member)
{
	if (record == NULL)
		return RELATION_NONE;
	if (record->requesting == member)
		return RELATION_REQUESTING;
	return record->responding == member ? RELATION_RESPONDING : RELATION_NONE;
}

static bool allowed(const struct request *request, enum access_operation operation, enum access_relation relation)
{
	return access_allowed(request->role, operation, relation) &&
	       access_allowed(request->author_role, operation, relation);
}

static bool refuse_because(struct decision *decision, enum fail_code code, const char *text)
{
	decision->code = fail_set(&decision->why, code, "%s", text);
	return false;
}

// The hub is no party: its clock lets it, and both parties get what it writes.
static bool may_keep_clock(const struct request *request, const struct case_record *record, struct decision *decision)
{
	if (record == NULL)
		return refuse_because(decision, FAIL_UNKNOWN_CASE, "there is no such case");
	if (!allowed(request, OPERATION_KEEP_CLOCK, RELATION_NONE))
		return refuse_because(decision, FAIL_NOT_ALLOWED, "only the hub writes this");
	decision->side = SIDE_HUB;
	return true;
}

static struct notice_parties parties_of(const struct request *request)
{
	return (struct notice_parties){{request->recipient[0], request->recipient[1]}};
}

// What was due may have been done meanwhile, by the case's members or by another hub.
static bool clock_says_so(const struct request *request, const struct case_record *record, enum case_event event,
                          uint64_t now, struct decision *decision)
{
	struct notice_parties parties = parties_of(request);
	if (outage_of(&parties, 0) != NULL)
		return refuse_because(decision, FAIL_ILLEGAL_MOVE, "a member of the case is out");
	struct clock_duty duty = clock_duty(&record->clock);
	bool is_due = duty.at != 0 && duty.at <= now && duty.event == event;
	return is_due || refuse_because(decision, FAIL_ILLEGAL_MOVE, "the clock has moved on");
}

// The same for a member that is out or back: another hub may have been first, or the directory has changed.
static bool directory_says_so(const struct request *request, const struct case_record *record, enum case_event event,
                              struct decision *decision)
{
	struct notice_parties parties = parties_of(request);
	const struct member *out = outage_of(&parties, record->out_member);
	const char *named = request->header.availability.member;
	bool holds = out == NULL ? event == EVENT_MEMBER_BACK && record->out_member != 0
	                         : event == EVENT_MEMBER_OUT && out->public.no != record->out_member &&
	                               strcmp(named, out->public.code) == 0;
	return holds || refuse_because(decision, FAIL_ILLEGAL_MOVE, "the directory says something else now");
}

static bool may_write(const struct request *request, const struct case_record *record, struct decision *decision)
{
	if (message_kind_of_hub(request->header.kind))
		return may_keep_clock(request, record, decision);
	enum access_relation relation = relation_of(record, request->member->public.no);
	bool opens = message_kind_opens(request->header.kind);
	if (record == NULL && !opens)
		return refuse_because(decision, FAIL_UNKNOWN_CASE, "there is no such case");
	if (record != NULL && relation == RELATION_NONE)
		return refuse_because(decision, FAIL_NOT_ALLOWED, "your member is not a party to this case");
	if (!allowed(request, opens ? OPERATION_OPEN_CASE : OPERATION_WRITE_CASE, relation))
		return refuse_because(decision, FAIL_NOT_ALLOWED, "this role does not write to this case");
	decision->side = relation == RELATION_RESPONDING ? SIDE_RESPONDING : SIDE_REQUESTING;
	return true;
}

// Both parties, and nobody else.
static bool parties_fit(const struct request *request, const struct case_record *record, struct decision *decision)
{
	bool fits = request->header.to_count == 2 && request->recipient[0]->public.no == record->requesting &&
	            request->recipient[1]->public.no == record->responding;
	return fits || refuse_because(decision, FAIL_NOT_ALLOWED, "header.to does not name the parties of this case");
}

static bool hub_may(const struct request *request, const struct case_record *record, enum case_event event,
                    uint64_t now, struct decision *decision)
{
	if (!parties_fit(request, record, decision))
		return false;
	if (event == EVENT_STATUS_ASKED)
		return true; // it was asked, whatever else is so by now
	return event == EVENT_MEMBER_OUT || event == EVENT_MEMBER_BACK
	         ? directory_says_so(request, record, event, decision)
	         : clock_says_so(request, record, event, now, decision);
}

// The other party, and who takes over where the case changes hands.
static bool receivers_fit(const struct request *request, const struct case_record *record, bool changes_hands,
                          member_no *newcomer, struct decision *decision)
{
	member_no self = request->member->public.no;
	member_no other = record->requesting == self ? record->responding : record->requesting;
	bool other_gets_it = false;
	*newcomer = 0;
	for (size_t i = 0; i < request->header.to_count; i++) {
		member_no to = request->recipient[i]->public.no;
		if (to == other)
			other_gets_it = true;
		else if (changes_hands && *newcomer == 0)
			*newcomer = to;
		else
			return refuse_because(decision, FAIL_NOT_ALLOWED,
			                      "header.to names a member that is not a party to this case");
	}
	if (!other_gets_it)
		return refuse_because(decision, FAIL_NOT_ALLOWED, "header.to does not name the other party of this case");
	if (changes_hands && *newcomer == 0)
		return refuse_because(decision, FAIL_NOT_ALLOWED, "header.to does not name the member that takes over");
	return true;
}

// What is passed on bears the reference that people have; keys are for a new member alone.
static bool passes_on_rightly(const struct request *request, const struct case_record *record, member_no newcomer,
                              struct decision *decision)
{
	const struct header *header = &request->header;
	if (header->reference[0] != '\0' && strcmp(header->reference, record->reference) != 0)
		return refuse_because(decision, FAIL_NOT_ALLOWED, "header.reference is not that of this case");
	if (header->grant_count > 0 && newcomer == 0)
		return refuse_because(decision, FAIL_NOT_ALLOWED, "header.grant: nobody new comes to this case");
	return true;
}

// A term in working days counts by the calendar in the signed message, so that both ends and the hub have the same
// deadline; the hub sees to it that it is the awaited member's own.
static bool calendar_right(const struct request *request, const struct case_record *record,
                           const struct case_decision *move, uint64_t now, struct decision *decision)
{
	const struct header *header = &request->header;
	struct work_calendar told, own;
	if ((move->effects & EFFECT_START_REPORT_CLOCK) == 0 || header->due[0] != '\0')
		return true;
	bool itself = request->member->public.no == record->responding;
	const struct member *awaited = itself ? request->member : request->recipient[0];
	bool good = calendar_parse(&told, header->calendar == NULL ? "" : header->calendar, NULL) == FAIL_NONE &&
	            calendar_parse(&own, awaited->public.calendar, NULL) == FAIL_NONE &&
	            clock_term_end(CLOCK_REPORT, record->urgency, now, &told) ==
	                clock_term_end(CLOCK_REPORT, record->urgency, now, &own);
	return good || refuse_because(decision, FAIL_OTHER_VERSION,
	                              "header.calendar: the awaited member works on other days, see the directory");
}

static void open_record(const struct request *request, uint64_t now, struct case_record *next)
{
	const struct header *header = &request->header;
	*next = (struct case_record){
		.id = header->case_id,
		.requesting = request->member->public.no,
		.responding = request->recipient[0]->public.no,
		.opened_at = now,
	};
	memcpy(next->service, header->service, sizeof next->service);
	memcpy(next->urgency, header->urgency, sizeof next->urgency);
	reference_make(next->reference, header->from, header->to[0], &header->case_id);
}

static void note_outage(const struct request *request, struct case_record *next)
{
	if (request->header.kind == KIND_MEMBER_OUT) {
		struct notice_parties parties = parties_of(request);
		next->out_member = outage_of(&parties, next->out_member)->public.no;
	} else if ((next->clock.pauses & PAUSED_BY_MEMBER) == 0) {
		next->out_member = 0;
	}
}

// Before the move: the record as it was, and what it becomes.
static void note_steps(const struct request *request, enum case_event event, const struct case_decision *move,
                       uint64_t now, struct case_record *record)
{
	case_steps_note(&record->steps, &(struct steps_move){
		.event = event,
		.reason = request->header.reason,
		.hold_ends = record->view.state == CASE_ON_HOLD && move->next.state != CASE_ON_HOLD,
		.held_since = record->since,
		.deadline = record->due[0] != '\0' && record->clock.kind == CLOCK_REPORT ? record->clock.due : 0,
		.opened_at = record->opened_at,
		.at = now,
	});
}

static void move_record(const struct request *request, const struct case_decision *move, uint64_t now,
                        struct case_record *next)
{
	const struct header *header = &request->header;
	bool changed = next->view.state != move->next.state;
	next->view = move->next;
	next->seq++;
	if (changed || (move->effects & EFFECT_CHANGE_RESPONDING) != 0) {
		next->last_move = header->message;
		next->last_move_seq = next->seq;
		next->since = now;
	}
	if (header->due[0] != '\0' && header->kind != KIND_DATE_PROPOSE)
		memcpy(next->due, header->due, sizeof next->due);
	if ((move->effects & EFFECT_END_CLOCKS) != 0)
		next->due[0] = '\0';
	message_clock(&next->clock, header, move, next->urgency, now);
	next->view.unanswered = clock_unanswered(&next->clock);
	note_outage(request, next);
	if ((move->effects & EFFECT_COUNT_REOPEN) != 0)
		next->reopened++;
}

static void fill_change(const struct request *request, struct store_change *change)
{
	const struct header *header = &request->header;
	*change = (struct store_change){
		.message = header->message,
		.sender = request->member->public.no,
		.kind = header->kind,
		.header_hash = request->header_hash,
		.envelope_hash = request->envelope_hash,
		.envelope = request->parcel->bytes,
		.expires_at = header->expires_at,
		.recipient_count = message_kind_to_all(header->kind) ? 0 : header->to_count,
		.party = header->party,
		.party_no = request->party_no,
		.party_count = header->kind == KIND_STATUS_ASKED ? 0 : header->party_count, // there it is who asked
		.asked = &request->told,
		.asked_count = request->told.agency != 0 ? 1 : 0,
		.receipt = header->receipt,
		.receipt_count = header->receipt_count,
		.refers_to = header->refers_to,
		.recalls = header->kind == KIND_RECALL,
		.content_version = header->version_of_content,
	};
	for (size_t i = 0; i < change->recipient_count; i++)
		change->recipient[i] = request->recipient[i]->public.no;
	// The first object is the body, unless that is absent; it travels inside.
	size_t inside = request->envelope.sealed_body.length > 0 && header->object_count > 0 ? 1 : 0;
	change->object = header->object + inside;
	change->object_count = header->object_count - inside;
}

static bool decide_receipt(const struct request *request, struct decision *decision)
{
	if (request->header.to_count != 1)
		return refuse_because(decision, FAIL_MALFORMED, "header.to: a receipt goes to one member");
	return allowed(request, OPERATION_SEND_RECEIPT, RELATION_NONE) ||
	       refuse_because(decision, FAIL_NOT_ALLOWED, "this role gives no receipts");
}

// To whom it goes the header's own rules say: there is one General Secretariat.
static bool decide_statistics(const struct request *request, struct decision *decision)
{
	return allowed(request, OPERATION_SEND_STATISTICS, RELATION_NONE) ||
	       refuse_because(decision, FAIL_NOT_ALLOWED, "this role sends no statistics");
}

static bool decide_without_case(const struct request *request, struct decision *decision)
{
	return request->header.kind == KIND_STATISTICS ? decide_statistics(request, decision)
	                                               : decide_receipt(request, decision);
}

// The reference that people have stays as it was printed.
static void change_hands(const struct request *request, member_no newcomer, struct case_record *next,
                         struct store_change *change)
{
	change->grant = request->header.grant;
	change->grant_count = request->header.grant_count;
	change->grant_to = newcomer;
	change->lost_by = next->responding;
	next->responding = newcomer;
}

static bool decide_move(const struct request *request, struct case_entry *entry, struct store_change *change,
                        uint64_t now, struct decision *decision)
{
	const struct case_record *record = entry->known ? &entry->record : NULL;
	if (!may_write(request, record, decision))
		return false;
	const struct case_view nothing = {.state = CASE_NONE};
	struct case_decision move = {0};
	enum case_event event = CASE_EVENT_COUNT;
	const struct case_view *view = record == NULL ? &nothing : &record->view;
	decision->code = case_decide(&request->header, view, decision->side, &event, &move, &decision->why);
	decision->shows_state = decision->code == FAIL_ILLEGAL_MOVE || decision->code == FAIL_NOT_YOUR_MOVE;
	if (decision->code != FAIL_NONE)
		return false;
	struct case_record next;
	if (record == NULL)
		open_record(request, now, &next);
	else
		next = *record;
	member_no newcomer = 0;
	bool changes_hands = record != NULL && (move.effects & EFFECT_CHANGE_RESPONDING) != 0;
	bool fits = decision->side == SIDE_HUB
	              ? hub_may(request, &next, event, now, decision)
	              : receivers_fit(request, &next, changes_hands, &newcomer, decision) &&
	                    calendar_right(request, &next, &move, now, decision) &&
	                    passes_on_rightly(request, &next, newcomer, decision);
	if (!fits)
		return false;
	note_steps(request, event, &move, now, &next);
	move_record(request, &move, now, &next);
	if (newcomer != 0)
		change_hands(request, newcomer, &next, change);
	change->has_case = true;
	change->refers_kinds =
		correction_kinds_of(&request->header, record == NULL || case_state_ended(record->view.state));
	change->expected_seq = record == NULL ? 0 : record->seq;
	change->next = next;
	return true;
}

bool decide(struct core *core, struct request *request, struct store_change *change, uint64_t now,
            struct decision *decision)
{
	*decision = (struct decision){0};
	if (request->header.expires_at != 0 && request->header.expires_at <= now)
		return refuse_because(decision, FAIL_EXPIRED, "header.expires_at has passed");
	fill_change(request, change);
	if (message_kind_to_all(request->header.kind))
		return tell_all_decide(core, request, change, decision);
	if (request->entry == NULL)
		return decide_without_case(request, decision);
	if (!decide_move(request, request->entry, change, now, decision))
		return false;
	request->entry->record = change->next;
	request->entry->known = true;
	return true;
}

// With the state and what would be legal; a move that the other side was faster
// than is told which message that was.
void decide_refuse(struct core *core, struct request *request, struct decision *decision)
{
	const struct case_entry *entry = request->entry;
	if (!decision->shows_state || entry == NULL || !entry->known) {
		request_refuse(core, request, decision->code, decision->why.text);
		return;
	}
	const struct case_record *record = &entry->record;
	char legal[CASE_EVENTS_TEXT_SIZE], overtaken_by[ID_TEXT_SIZE];
	case_events_text(case_legal_events(&record->view, decision->side), legal);
	id_to_text(&record->last_move, overtaken_by);
	struct error_detail detail[] = {{"state", case_state_name(record->view.state)},
	                                {"legal", legal},
	                                {"overtaken_by", overtaken_by}};
	bool overtaken = request->header.seen_case_seq < record->last_move_seq;
	request_refuse_with(core, request, overtaken ? FAIL_OVERTAKEN : decision->code, decision->why.text, detail,
	                    overtaken ? 3 : 2);
}
