// SPDX-License-Identifier: Apache-2.0
#include "lib/cases.h"

#include "base/words.h"
#include "case/message_event.h"
#include "case/partial_date.h"
#include "lib/pass_on.h"
#include "wire/codec.h"

#include <stdio.h>
#include <string.h>

static const char *const verbs[CASE_EVENT_COUNT] = {
	[EVENT_REFERRAL] = "refer",
	[EVENT_ACK] = "ack",
	[EVENT_INFO_REQUEST] = "ask",
	[EVENT_INFO_REPLY] = "answer",
	[EVENT_ACCEPT] = "accept",
	[EVENT_DECLINE] = "decline",
	[EVENT_DATE_PROPOSE] = "propose-date",
	[EVENT_DATE_AGREE] = "agree-date",
	[EVENT_REPORT_READY] = "ready",
	[EVENT_LOCAL_CLOSE] = "finish",
	[EVENT_ITEM] = "item",
	[EVENT_START] = "start",
	[EVENT_DOCUMENT] = "document",
	[EVENT_HOLD] = "hold",
	[EVENT_RESUME] = "resume",
	[EVENT_REPORT_INTERIM] = "report (interim)",
	[EVENT_REPORT_FINAL] = "report (final)",
	[EVENT_STATUS_NOTE] = "note",
	[EVENT_STEP] = "step",
	[EVENT_CONSENT_GIVEN] = "consent",
	[EVENT_CONSENT_WITHDRAWN] = "withdraw-consent",
	[EVENT_CONSENT_ANSWER] = "answer-consent",
	[EVENT_FOLLOW_UP] = "follow-up",
	[EVENT_PARTY] = "partner",
	[EVENT_CHILD_FILE] = "assess, project, review, lifebook",
	[EVENT_UPDATE] = "update",
	[EVENT_INVALIDATE] = "invalidate",
	[EVENT_RECALL] = "recall",
	[EVENT_ALERT] = "alert",
	[EVENT_REMINDER_REPLY] = "explain",
	[EVENT_TRANSLATION] = "translation",
	[EVENT_FORWARD] = "forward",
	[EVENT_TRANSFER] = "transfer",
	[EVENT_WITHDRAW] = "withdraw",
	[EVENT_CLOSE] = "close",
	[EVENT_REOPEN] = "reopen",
	[EVENT_TRACE_REQUEST] = "trace",
	[EVENT_TRACE_ANSWER] = "trace-answer",
	[EVENT_MATCH_PROPOSED] = "propose-match",
	[EVENT_MATCH_REVIEW] = "agree-match",
	[EVENT_MATCH_DISCLOSE] = "disclose",
	[EVENT_MATCH_CONFIRM] = "confirm-match",
	[EVENT_MATCH_REFUTE] = "refute-match",
	[EVENT_TRACE_RENEW] = "renew",
};

int cases_event(enum message_kind kind, enum report_stage stage)
{
	enum case_event event;
	return message_event(kind, stage, &event) ? (int)event : -1;
}

int cases_event_of(const struct header *header)
{
	enum case_event event;
	return message_event_of(header, &event) ? (int)event : -1;
}

const char *cases_verb(enum case_event event)
{
	return event < CASE_EVENT_COUNT ? verbs[event] : NULL;
}

static enum fail_code find_by_id(struct psr_profile *profile, const struct id *id, struct case_row *row,
                                 struct fail *why)
{
	bool found;
	enum fail_code code = case_get(profile->store, id, row, &found, why);
	if (code == FAIL_NONE && !found)
		return fail_set(why, FAIL_UNKNOWN_CASE, "no case with this id is here: sync first, if it is new");
	return code;
}

enum fail_code cases_find(struct psr_profile *profile, const char *typed, struct case_row *row, struct fail *why)
{
	struct id id;
	if (typed == NULL)
		return fail_set(why, FAIL_BAD_USAGE, "the reference of a case is needed");
	if (id_from_text(&id, typed) == FAIL_NONE)
		return find_by_id(profile, &id, row, why);
	char reference[REFERENCE_SIZE];
	enum fail_code code = reference_read(reference, typed, why);
	if (code != FAIL_NONE)
		return code;
	struct case_row rows[2];
	size_t count = 2;
	code = case_by_reference(profile->store, reference, rows, &count, why);
	if (code != FAIL_NONE)
		return code;
	if (count == 0)
		return fail_set(why, FAIL_UNKNOWN_CASE, "no case %s is here: sync first, if it is new", reference);
	if (count > 1)
		return fail_set(why, FAIL_BAD_USAGE, "two cases have the reference %s: give the case id instead", reference);
	*row = rows[0];
	return FAIL_NONE;
}

enum case_side cases_side(const struct psr_profile *profile, const struct case_row *row)
{
	const char *own = profile->settings.identity.code;
	if (strcmp(own, row->requesting) == 0)
		return SIDE_REQUESTING;
	return strcmp(own, row->responding) == 0 ? SIDE_RESPONDING : CASE_SIDE_COUNT;
}

struct pending {
	struct case_view view;
	enum case_side side;
};

static enum fail_code lay_on_top(void *context, const struct outbox_row *row)
{
	struct pending *pending = context;
	struct case_decision decision;
	if (row->state != OUTBOX_QUEUED || row->event < 0)
		return FAIL_NONE;
	// What is no longer legal will come back from the hub; it moves nothing here.
	if (case_step(&pending->view, (enum case_event)row->event, pending->side, &decision) == FAIL_NONE)
		pending->view = decision.next;
	return FAIL_NONE;
}

enum fail_code cases_pending(struct psr_profile *profile, const struct case_row *row, struct case_view *view,
                             struct fail *why)
{
	struct pending pending = {row->view, cases_side(profile, row)};
	enum fail_code code = outbox_each(profile->store, OUTBOX_OF_CASE, &row->id, lay_on_top, &pending, why);
	*view = pending.view;
	return code;
}

struct steps cases_steps(const struct case_view *view, enum case_side side)
{
	struct steps steps = {.text = ""};
	if (side >= CASE_SIDE_COUNT)
		return steps;
	uint64_t legal = case_legal_events(view, side);
	size_t used = 0;
	for (unsigned event = 0; event < CASE_EVENT_COUNT; event++) {
		const char *verb = cases_verb((enum case_event)event);
		if ((legal >> event & 1) == 0 || verb == NULL || used >= sizeof steps.text)
			continue;
		int length = snprintf(steps.text + used, sizeof steps.text - used, "%s%s", used == 0 ? "" : ", ", verb);
		used += length < 0 ? 0 : (size_t)length;
	}
	return steps;
}

enum fail_code cases_check(struct psr_profile *profile, const struct case_row *row, enum case_event event,
                           struct fail *why)
{
	struct case_view view;
	struct case_decision decision;
	enum fail_code code = cases_pending(profile, row, &view, why);
	if (code != FAIL_NONE)
		return code;
	enum case_side side = cases_side(profile, row);
	if (side == CASE_SIDE_COUNT)
		return fail_set(why, FAIL_NOT_ALLOWED, "%s belongs to other members now", row->reference);
	code = case_step(&view, event, side, &decision);
	if (code == FAIL_NONE)
		return FAIL_NONE;
	struct steps steps = cases_steps(&view, side);
	return fail_set(why, code, "%s: %s; open to you now: %s", row->reference, words_of(case_state_text(view.state)),
	                steps.text[0] == '\0' ? "nothing" : steps.text);
}

// The row of a referral; false: a message of a case whose referral is not here.
static bool begin_row(struct case_row *row, const struct header *header)
{
	if (!message_kind_opens(header->kind) || header->to_count == 0)
		return false;
	*row = (struct case_row){.id = header->case_id, .opened_at = header->created_at};
	snprintf(row->requesting, sizeof row->requesting, "%s", header->from);
	snprintf(row->responding, sizeof row->responding, "%s", header->to[0]);
	snprintf(row->service, sizeof row->service, "%s", header->service);
	snprintf(row->urgency, sizeof row->urgency, "%s", header->urgency);
	reference_make(row->reference, row->requesting, row->responding, &row->id);
	return true;
}

static void change_responding(struct case_row *row, const struct header *header)
{
	for (size_t i = 0; i < header->to_count; i++) {
		if (strcmp(header->to[i], row->requesting) == 0 || strcmp(header->to[i], row->responding) == 0)
			continue;
		snprintf(row->responding, sizeof row->responding, "%s", header->to[i]);
		return;
	}
}

static enum case_side side_of(const struct case_row *row, const struct header *header)
{
	if (message_kind_of_hub(header->kind))
		return SIDE_HUB;
	return strcmp(header->from, row->requesting) == 0 ? SIDE_REQUESTING : SIDE_RESPONDING;
}

// For which member it stands, and why; of two the one that the hub told of last.
static void note_outage(struct case_row *row, const struct header *header)
{
	if ((row->clock.pauses & PAUSED_BY_MEMBER) == 0)
		row->outage = (struct case_outage){.member = ""};
	if (header->kind != KIND_MEMBER_OUT)
		return;
	snprintf(row->outage.member, sizeof row->outage.member, "%s", header->availability.member);
	snprintf(row->outage.cause, sizeof row->outage.cause, "%s", header->reason);
	snprintf(row->outage.until, sizeof row->outage.until, "%s", header->due);
	snprintf(row->outage.deputy, sizeof row->outage.deputy, "%s", header->deputy);
}

// Who stopped the clock, as long as it stands.
static void note_pause(struct case_row *row, const struct header *header, uint8_t before)
{
	uint8_t now = (uint8_t)(row->clock.pauses & ~PAUSED_BY_MEMBER);
	note_outage(row, header);
	if (now == 0) {
		row->paused_by[0] = row->pause_reason[0] = '\0';
	} else if (now != (before & ~PAUSED_BY_MEMBER)) {
		snprintf(row->paused_by, sizeof row->paused_by, "%s", header->from);
		snprintf(row->pause_reason, sizeof row->pause_reason, "%s", header->reason);
	}
}

static void apply_decision(struct case_row *row, const struct header *header, const struct case_decision *decision,
                           uint64_t at)
{
	uint8_t pauses = row->clock.pauses;
	message_clock(&row->clock, header, decision, row->urgency, at);
	note_pause(row, header, pauses);
	if ((decision->effects & EFFECT_CHANGE_RESPONDING) != 0)
		change_responding(row, header);
	row->view = decision->next;
	row->view.unanswered = clock_unanswered(&row->clock);
}

static void move_row(struct case_row *row, const struct case_news *news)
{
	enum case_state before = row->view.state;
	enum case_event event;
	struct case_decision decision;
	if (message_step(news->header, &row->view, side_of(row, news->header), &event, &decision) == FAIL_NONE)
		apply_decision(row, news->header, &decision, news->accepted_at);
	// The hub's word decides: between two messages that we know there may be one that we do not.
	if (news->case_state > CASE_NONE && news->case_state < CASE_STATE_COUNT)
		row->view.state = (enum case_state)news->case_state;
	row->seq = news->case_seq;
	row->newest = news->header_hash;
	if (row->view.state != before)
		row->since = news->accepted_at;
}

static enum fail_code replay_one(void *context, const struct case_message *message)
{
	struct case_row *row = context;
	struct arena arena;
	struct envelope envelope;
	struct header header;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = envelope_decode(&envelope, message->envelope, &arena, NULL);
	if (code == FAIL_NONE)
		code = header_decode(&header, envelope.header, &arena, NULL);
	if (code == FAIL_NONE) {
		struct case_news news = {&header, message->header_hash, message->case_seq, message->accepted_at,
		                         message->case_state};
		if (message_kind_opens(header.kind))
			begin_row(row, &header);
		move_row(row, &news);
	}
	arena_release(&arena);
	return code;
}

// A message came behind one with a higher number: all are gone through again in their order.
static enum fail_code replay(struct psr_profile *profile, struct case_row *row, struct fail *why)
{
	row->view = (struct case_view){.state = CASE_NONE};
	row->clock = (struct case_clock){.kind = CLOCK_NONE};
	row->seq = 0;
	return case_messages(profile->store, &row->id, replay_one, row, why);
}

enum fail_code cases_follow(struct case_row *row, const struct case_news *news, struct fail *why)
{
	enum case_event event;
	struct case_decision decision;
	if (message_kind_opens(news->header->kind) && row->seq == 0)
		begin_row(row, news->header);
	bool lawful = news->case_seq > row->seq && row->requesting[0] != '\0' &&
	              message_step(news->header, &row->view, side_of(row, news->header), &event, &decision) == FAIL_NONE &&
	              decision.next.state == (enum case_state)news->case_state;
	if (!lawful)
		return fail_set(why, FAIL_ILLEGAL_MOVE, "message %llu of the case cannot have come there",
		                (unsigned long long)news->case_seq);
	move_row(row, news);
	return FAIL_NONE;
}

enum fail_code cases_note(struct psr_profile *profile, const struct case_news *news, struct fail *why)
{
	struct case_row row;
	bool found;
	if (id_is_zero(&news->header->case_id))
		return FAIL_NONE;
	enum fail_code code = case_get(profile->store, &news->header->case_id, &row, &found, why);
	if (code != FAIL_NONE || (!found && !begin_row(&row, news->header)))
		return code;
	if (found && news->case_seq <= row.seq)
		code = replay(profile, &row, why);
	else
		move_row(&row, news);
	if (code == FAIL_NONE)
		code = case_put(profile->store, &row, why);
	bool left = code == FAIL_NONE && found && cases_side(profile, &row) == CASE_SIDE_COUNT;
	bool erases = code == FAIL_NONE && case_state_erases(row.view.state);
	if (erases)
		code = candidate_forget(profile->store, &row.id, why);
	return code == FAIL_NONE && (left || erases) ? pass_on_give_up(profile, &row.id, why) : code;
}

enum fail_code cases_take_over(struct psr_profile *profile, const struct header *referral, struct fail *why)
{
	struct case_row row;
	if (!begin_row(&row, referral))
		return fail_set(why, FAIL_MALFORMED, "a case that was passed on has no referral");
	enum fail_code code = replay(profile, &row, why);
	return code == FAIL_NONE ? case_put(profile->store, &row, why) : code;
}

// What is agreed is the day on the table, unless the author says: leave the one that holds.
enum fail_code cases_agreed_day(struct header *header, const struct case_view *view, struct fail *why)
{
	char open[DATE_SIZE], holds[DATE_SIZE] = "none";
	if (header->kind != KIND_DATE_AGREE)
		return FAIL_NONE;
	day_to_text(view->date_open, open);
	if (view->date_holds != 0)
		day_to_text(view->date_holds, holds);
	if (header->due[0] == '\0')
		memcpy(header->due, open, sizeof open);
	if (strcmp(header->due, open) == 0 || strcmp(header->due, holds) == 0)
		return FAIL_NONE;
	return fail_set(why, FAIL_ILLEGAL_MOVE, "%s was not proposed: %s is on the table, and %s holds", header->due,
	                open, holds);
}

enum fail_code cases_name_calendar(struct psr_profile *profile, const struct case_row *row, uint64_t now,
                                   struct arena *arena, struct header *header, struct fail *why)
{
	struct work_calendar calendar;
	bool asks = header->kind == KIND_INFO_REQUEST && row->view.state == CASE_REPORTED;
	if (header->kind != KIND_REOPEN && !asks)
		return FAIL_NONE;
	char *text = arena_alloc(arena, CALENDAR_TEXT_SIZE);
	if (text == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	enum fail_code code = directory_calendar(profile->store, row->responding, &calendar, why);
	int32_t today = (int32_t)(now / 86400000);
	calendar_to_text(&calendar, today - 1, today + CALENDAR_AHEAD_DAYS, text);
	header->calendar = text;
	return code;
}
