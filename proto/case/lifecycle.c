// SPDX-License-Identifier: Apache-2.0
//
// The numbers in the comments are the rows of the casework page, 5.2. A row
// that is not here is not allowed: there is no other rule than this table and
// the guards in `permitted`.
#include "case/lifecycle.h"

#include <stddef.h>
#include <string.h>

enum {
	RQ = 1 << SIDE_REQUESTING,
	RS = 1 << SIDE_RESPONDING,
	HUB = 1 << SIDE_HUB,
	EITHER = RQ | RS,
};

#define AT(state) (1U << CASE_##state)

// Sets of states of which a row may be said at once.
enum {
	BEFORE_DECISION = AT(SENT) | AT(ACKNOWLEDGED) | AT(CLARIFY),
	AT_WORK = AT(ACCEPTED) | AT(IN_PROGRESS),
	OPEN = BEFORE_DECISION | AT_WORK | AT(ON_HOLD) | AT(REPORTED) | AT(TRANSFERRED),
	ENDED = AT(CLOSED) | AT(DECLINED) | AT(WITHDRAWN),
	TRACE_MATCHED = AT(TRACE_VERIFYING) | AT(TRACE_AGREED) | AT(TRACE_DISCLOSED),
	TRACE_TAKEN_UP = AT(TRACE_SEARCHING) | TRACE_MATCHED | AT(TRACE_SUSPENDED),
	TRACE_OPEN = AT(TRACE_SENT) | TRACE_TAKEN_UP | AT(TRACE_FOUND),
};

#define STAYS CASE_NONE
#define PREVIOUS CASE_NONE // RESUME alone: back to held_from

// Starting a clock ends the one that ran before.
enum {
	TO_NEW_MEMBER = EFFECT_START_ACK_CLOCK | EFFECT_CHANGE_RESPONDING,
	AGAIN = EFFECT_START_REPORT_CLOCK | EFFECT_COUNT_REOPEN,
};

static const char table[] = "puts a day on the table; a counter once, no other while it is there";
static const char own_work[] = "once a side; the case goes on for the other";
static const char note[] = "a note moves nothing";
static const char overdue[] = "when the clock says so; on hold only for a withdrawal of consent";
static const char any_reply[] = "stays; a blocking question stops the clock until its reply";
static const char hops[] = "at most 3 forwards in the life of a case; the former member loses the case; not while a withdrawal of consent is unanswered";
static const char elsewhere[] = "only if the member was reminded twice or is out; counts as a forward";
static const char hold[] = "a coded reason; the hub only when a disaster has put a member out";
static const char outage[] = "a member cannot work: the clock stands for both sides, every other move stays open";
static const char resume[] = "only the side that put it on hold";
static const char proposal[] = "the person moved to another country; the requesting member must agree";
static const char refused[] = "a coded reason";
static const char own[] = "of a message of one's own, which stays as it was sent";
static const char review[] = "on the review days, by the program: what was decided meanwhile does not show in it";
static const char renewal[] = "for twelve months more";
static const char suspended[] = "a coded reason; answers on the review days go on";
static const char reopening[] = "a coded reason; by the responding side with the other's consent";

// clang-format off
static const struct rule_row {
	unsigned from; // bits AT(state)
	enum case_event event;
	uint8_t sides;
	enum case_state to;
	uint32_t effects;
	const char *guard;
} rules[] = {
	// from, event, who, to, effects, guard
	{AT(NONE), EVENT_REFERRAL, RQ, CASE_SENT, EFFECT_START_ACK_CLOCK, "consent or legal basis, required fields"}, // 2
	{AT(DRAFT), EVENT_REFERRAL, RQ, CASE_SENT, EFFECT_START_ACK_CLOCK, "a draft is known to its desk alone"}, // 2

	{AT(NONE), EVENT_ALERT, RQ, CASE_SENT, EFFECT_START_ACK_CLOCK, "a child is in danger: service CP_ALERT, urgency EMERGENCY"},
	{AT(DRAFT), EVENT_ALERT, RQ, CASE_SENT, EFFECT_START_ACK_CLOCK, "a draft is known to its desk alone"},

	{AT(SENT), EVENT_ACK, RS, CASE_ACKNOWLEDGED, EFFECT_START_DECIDE_CLOCK, "by a person, not by a machine"}, // 3
	{AT(SENT) | AT(ACKNOWLEDGED), EVENT_FORWARD, RS, CASE_SENT, TO_NEW_MEMBER, hops}, // 4
	{AT(SENT), EVENT_FORWARD, RQ, CASE_SENT, TO_NEW_MEMBER, elsewhere}, // 22
	{AT(ACKNOWLEDGED), EVENT_INFO_REQUEST, RS, CASE_CLARIFY, EFFECT_STOP_CLOCK, NULL}, // 5
	{AT(CLARIFY), EVENT_INFO_REPLY, RQ, CASE_ACKNOWLEDGED, EFFECT_CONTINUE_CLOCK, NULL}, // 6
	{AT(ACKNOWLEDGED), EVENT_ACCEPT, RS, CASE_ACCEPTED, EFFECT_START_REPORT_CLOCK, "proposes the due date"}, // 7
	{BEFORE_DECISION, EVENT_DECLINE, RS, CASE_DECLINED, EFFECT_END_CLOCKS, refused}, // 8

	{AT(ACCEPTED), EVENT_START, RS, CASE_IN_PROGRESS, 0, NULL}, // 9
	{AT(ACCEPTED), EVENT_REPORT_INTERIM, RS, CASE_IN_PROGRESS, 0, "the first one is a start"}, // 9
	{AT(ACCEPTED), EVENT_REPORT_READY, RS, CASE_IN_PROGRESS, EFFECT_STOP_CLOCK, "the report is held back, with a reason"}, // 13
	{AT(IN_PROGRESS), EVENT_REPORT_READY, RS, STAYS, EFFECT_STOP_CLOCK, "the report is held back, with a reason"}, // 13
	{AT(ACCEPTED), EVENT_DOCUMENT, RS, CASE_IN_PROGRESS, 0, "the first one is a start"}, // 9
	{AT(ACCEPTED), EVENT_DOCUMENT, RQ, STAYS, 0, "work begins abroad, not here"},
	{AT(IN_PROGRESS), EVENT_REPORT_INTERIM, RS, STAYS, 0, NULL}, // 10
	{AT(IN_PROGRESS), EVENT_DOCUMENT, EITHER, STAYS, 0, NULL}, // 10
	{AT_WORK, EVENT_INFO_REQUEST, EITHER, STAYS, 0, any_reply}, // 10
	{AT_WORK, EVENT_INFO_REPLY, EITHER, STAYS, 0, any_reply}, // 10
	{AT_WORK | AT(ON_HOLD), EVENT_DATE_PROPOSE, EITHER, STAYS, 0, table}, // 7
	{AT_WORK | AT(ON_HOLD), EVENT_DATE_AGREE, EITHER, STAYS, EFFECT_SET_DATE, "who did not name the day on the table; that day, or what holds"}, // 7
	{AT_WORK, EVENT_HOLD, EITHER | HUB, CASE_ON_HOLD, EFFECT_STOP_CLOCK, hold}, // 11
	{AT(ON_HOLD), EVENT_RESUME, EITHER | HUB, PREVIOUS, EFFECT_CONTINUE_CLOCK, resume}, // 12
	{AT_WORK, EVENT_REPORT_FINAL, RS, CASE_REPORTED, EFFECT_START_CLOSE_CLOCK, NULL}, // 13
	{AT(REPORTED), EVENT_INFO_REQUEST, RQ, CASE_IN_PROGRESS, EFFECT_START_REPORT_CLOCK, "asks for a supplement"}, // 14
	{AT(REPORTED), EVENT_CLOSE, RQ, CASE_CLOSED, EFFECT_END_CLOCKS, "with the outcome, sealed"}, // 15
	{AT(REPORTED), EVENT_SILENCE, HUB, CASE_CLOSED, EFFECT_END_CLOCKS, "60 days without a word"}, // 16
	{BEFORE_DECISION | AT_WORK | AT(ON_HOLD), EVENT_WITHDRAW, RQ, CASE_WITHDRAWN, EFFECT_END_CLOCKS, refused}, // 17

	{AT(IN_PROGRESS) | AT(ON_HOLD), EVENT_TRANSFER, RS, CASE_TRANSFERRED, EFFECT_STOP_CLOCK, proposal}, // 18
	{AT(TRANSFERRED), EVENT_TRANSFER, RQ, CASE_SENT, TO_NEW_MEMBER, "the requesting member agrees"}, // 18
	// Without a way out for a requesting member that does not agree, the case would be stuck.
	{AT(TRANSFERRED), EVENT_WITHDRAW, RQ, CASE_WITHDRAWN, EFFECT_END_CLOCKS, "the requesting member does not agree"},
	{ENDED, EVENT_REOPEN, EITHER, CASE_IN_PROGRESS, AGAIN, reopening}, // 19

	{OPEN, EVENT_CONSENT_GIVEN, EITHER, STAYS, 0, note}, // 20
	{OPEN, EVENT_CONSENT_WITHDRAWN, EITHER, STAYS, EFFECT_ASK_CONSENT, "on the person's word; not while one is unanswered"}, // 20
	{OPEN, EVENT_CONSENT_ANSWER, EITHER, STAYS, EFFECT_CONTINUE_CLOCK, "by the other side: stopped, or on what legal basis it goes on"}, // 20
	{OPEN, EVENT_REMINDER, HUB, STAYS, 0, overdue}, // 22
	{OPEN, EVENT_ESCALATION, HUB, STAYS, 0, overdue}, // 22

	{AT_WORK | AT(ON_HOLD) | AT(REPORTED), EVENT_ITEM, EITHER, STAYS, 0, "how far an item of the request is"},
	{AT(REPORTED) | ENDED, EVENT_LOCAL_CLOSE, RS, STAYS, 0, own_work},
	{ENDED, EVENT_LOCAL_CLOSE, RQ, STAYS, 0, own_work},
	{OPEN, EVENT_STATUS_NOTE, EITHER, STAYS, 0, note},
	{OPEN, EVENT_REMINDER_REPLY, EITHER, STAYS, 0, "why something is late; the clock goes on"},
	{OPEN | ENDED, EVENT_TRANSLATION, EITHER, STAYS, 0, "of a message or a paper of the case, or how far it is"},
	{OPEN | AT(CLOSED), EVENT_STEP, EITHER, STAYS, 0, "a step of the path, done or planned"},
	{OPEN | ENDED, EVENT_STATUS_ASKED, HUB, STAYS, 0, "a partner agency asked, and was answered"},
	{OPEN, EVENT_PARTY, EITHER, STAYS, 0, "a partner agency may ask for the state, or no longer"},
	{OPEN | AT(CLOSED), EVENT_CHILD_FILE, EITHER, STAYS, 0, "a page of the child's file: its life goes on"},
	{AT(CLOSED), EVENT_FOLLOW_UP, EITHER, STAYS, 0, "how the person fares, months after"},
	{OPEN | ENDED, EVENT_UPDATE, EITHER, STAYS, 0, own}, // 21
	{OPEN | ENDED, EVENT_INVALIDATE, EITHER, STAYS, 0, own}, // 21

	{OPEN | TRACE_OPEN, EVENT_MEMBER_OUT, HUB, STAYS, EFFECT_STOP_CLOCK, outage},
	{OPEN | TRACE_OPEN, EVENT_MEMBER_BACK, HUB, STAYS, EFFECT_CONTINUE_CLOCK, "neither member is out any more"},

	// The search for a person (tracing page, "Workflow"; casework page, 5.3). Who searches is the requesting side, who
	// may hold the person the responding one. Nothing that the holder finds or decides moves anything before it says so.
	{AT(NONE), EVENT_TRACE_REQUEST, RQ, CASE_TRACE_SENT, EFFECT_START_ACK_CLOCK, "consent to the search; one request to each member that is asked"},
	{AT(DRAFT), EVENT_TRACE_REQUEST, RQ, CASE_TRACE_SENT, EFFECT_START_ACK_CLOCK, "a draft is known to its desk alone"},
	{AT(TRACE_SENT), EVENT_ACK, RS, CASE_TRACE_SEARCHING, EFFECT_START_RENEW_CLOCK, "by a person, before anything is looked for"},
	{AT(TRACE_SENT), EVENT_DECLINE, RS, CASE_TRACE_CLOSED, EFFECT_END_CLOCKS, "a coded reason, but none that tells of the person"},
	{TRACE_TAKEN_UP, EVENT_TRACE_ANSWER, RS, STAYS, 0, review},
	{TRACE_TAKEN_UP, EVENT_INFO_REQUEST, EITHER, STAYS, 0, "questions that verify, never what is held"},
	{TRACE_TAKEN_UP, EVENT_INFO_REPLY, EITHER, STAYS, 0, NULL},
	{AT(TRACE_SEARCHING), EVENT_TRACE_RENEW, RQ, STAYS, EFFECT_START_RENEW_CLOCK, renewal},
	{AT(TRACE_SEARCHING), EVENT_SILENCE, HUB, CASE_TRACE_EXPIRED, EFFECT_END_CLOCKS, "twelve months, and not renewed"},
	{AT(TRACE_SEARCHING), EVENT_HOLD, EITHER, CASE_TRACE_SUSPENDED, EFFECT_STOP_CLOCK, suspended},
	{AT(TRACE_SUSPENDED), EVENT_RESUME, EITHER, PREVIOUS, EFFECT_CONTINUE_CLOCK, resume},
	{AT(TRACE_SEARCHING), EVENT_MATCH_PROPOSED, RS, CASE_TRACE_VERIFYING, EFFECT_START_DECIDE_CLOCK, "two persons; consent of who was found, or the child's best interests"},
	{AT(TRACE_VERIFYING), EVENT_MATCH_REVIEW, RQ, CASE_TRACE_AGREED, EFFECT_START_DECIDE_CLOCK, "two persons; consent of who searches"},
	{AT(TRACE_AGREED), EVENT_MATCH_DISCLOSE, RS, CASE_TRACE_DISCLOSED, EFFECT_START_DECIDE_CLOCK, NULL},
	{AT(TRACE_DISCLOSED), EVENT_MATCH_CONFIRM, RQ, CASE_TRACE_FOUND, EFFECT_START_CLOSE_CLOCK, NULL},
	{TRACE_MATCHED, EVENT_MATCH_REFUTE, EITHER, CASE_TRACE_SEARCHING, EFFECT_START_RENEW_CLOCK, "it is another person, or who was found takes the consent back"},
	{AT(TRACE_FOUND) | AT(TRACE_CLOSED), EVENT_FOLLOW_UP, EITHER, STAYS, 0, "how the person fares, months after"},
	{AT(TRACE_SEARCHING) | AT(TRACE_SUSPENDED) | AT(TRACE_FOUND), EVENT_CLOSE, RQ, CASE_TRACE_CLOSED, EFFECT_END_CLOCKS, "with the outcome, sealed"},
	{AT(TRACE_FOUND), EVENT_SILENCE, HUB, CASE_TRACE_CLOSED, EFFECT_END_CLOCKS, "60 days without a word"},
	{TRACE_OPEN, EVENT_WITHDRAW, RQ, CASE_TRACE_WITHDRAWN, EFFECT_END_CLOCKS, "a coded reason; both sides erase"},
	{TRACE_OPEN, EVENT_REMINDER, HUB, STAYS, 0, "when the clock says so"},
	{TRACE_OPEN, EVENT_ESCALATION, HUB, STAYS, 0, "when the clock says so"},
	{TRACE_OPEN, EVENT_STATUS_NOTE, EITHER, STAYS, 0, note},
	{TRACE_OPEN, EVENT_UPDATE, EITHER, STAYS, 0, own},
	{TRACE_OPEN, EVENT_INVALIDATE, EITHER, STAYS, 0, own},
	{OPEN | ENDED, EVENT_RECALL, EITHER, STAYS, 0, "of a message that nobody was handed yet; of the one that opened the case it is a WITHDRAW"},
};
// clang-format on

enum { RULE_COUNT = sizeof rules / sizeof rules[0] };

static const char *const state_names[CASE_STATE_COUNT] = {
#define X(name, text) #name,
	CASE_STATE_MAP(X)
#undef X
};

static const char *const state_texts[CASE_STATE_COUNT] = {
#define X(name, text) text,
	CASE_STATE_MAP(X)
#undef X
};

static const char *const event_names[CASE_EVENT_COUNT] = {
#define X(name) #name,
	CASE_EVENT_MAP(X)
#undef X
};

static const char *const side_names[CASE_SIDE_COUNT] = {
#define X(name) #name,
	CASE_SIDE_MAP(X)
#undef X
};

_Static_assert(CASE_STATE_COUNT <= 32, "a row says its states in 32 bits");
_Static_assert(CASE_EVENT_COUNT <= 64, "case_legal_events returns 64 bits");

const char *case_state_name(enum case_state state)
{
	return state < CASE_STATE_COUNT ? state_names[state] : "UNKNOWN";
}

const char *case_state_text(enum case_state state)
{
	return state < CASE_STATE_COUNT ? state_texts[state] : "a state that this version does not know";
}

const char *case_event_name(enum case_event event)
{
	return event < CASE_EVENT_COUNT ? event_names[event] : "UNKNOWN";
}

const char *case_side_name(enum case_side side)
{
	return side < CASE_SIDE_COUNT ? side_names[side] : "UNKNOWN";
}

static bool may_be_held(enum case_state state)
{
	return state == CASE_ACCEPTED || state == CASE_IN_PROGRESS || state == CASE_TRACE_SEARCHING;
}

static bool is_held(enum case_state state)
{
	return state == CASE_ON_HOLD || state == CASE_TRACE_SUSPENDED;
}

// May this side name a day, or answer the one that is on the table?
static enum fail_code date_permitted(enum case_event event, const struct case_view *view, enum case_side side)
{
	bool mine = view->date_by == 1 + side;
	if (event == EVENT_DATE_AGREE)
		return view->date_by == 0 ? FAIL_ILLEGAL_MOVE : mine ? FAIL_NOT_YOUR_MOVE : FAIL_NONE;
	return view->date_by != 0 && (mine || view->date_countered) ? FAIL_ILLEGAL_MOVE : FAIL_NONE;
}

// What nobody may do while the case is as it is.
static bool out_of_place(const struct rule_row *rule, const struct case_view *view)
{
	bool passes_on = (rule->effects & EFFECT_CHANGE_RESPONDING) != 0;
	if (rule->event == EVENT_FORWARD && view->hops >= CASE_MAX_HOPS)
		return true;
	if (rule->event == EVENT_RESUME && !may_be_held(view->held_from))
		return true;
	if (rule->event == EVENT_CONSENT_ANSWER)
		return view->consent == 0;
	return (rule->event == EVENT_CONSENT_WITHDRAWN || passes_on) && view->consent != 0;
}

// What this side alone may not do.
static bool is_others(const struct rule_row *rule, const struct case_view *view, enum case_side side)
{
	if ((rule->sides >> side & 1) == 0)
		return true;
	if (rule->event == EVENT_FORWARD && side == SIDE_REQUESTING)
		return !view->unanswered;
	if (rule->event == EVENT_CONSENT_ANSWER)
		return view->consent == 1 + side;
	return rule->event == EVENT_RESUME && side != view->held_by;
}

// What the rows alone cannot say. FAIL_NONE if this side may use this row.
static enum fail_code permitted(const struct rule_row *rule, const struct case_view *view, enum case_side side)
{
	if (out_of_place(rule, view))
		return FAIL_ILLEGAL_MOVE;
	if (is_others(rule, view, side))
		return FAIL_NOT_YOUR_MOVE;
	if (rule->event == EVENT_LOCAL_CLOSE && (view->local_closed >> side & 1) != 0)
		return FAIL_ILLEGAL_MOVE;
	bool of_dates = rule->event == EVENT_DATE_PROPOSE || rule->event == EVENT_DATE_AGREE;
	return of_dates ? date_permitted(rule->event, view, side) : FAIL_NONE;
}

// The row that decides, or NULL and in *refusal why not.
static const struct rule_row *find_rule(const struct case_view *view, enum case_event event, enum case_side side,
                                         enum fail_code *refusal)
{
	*refusal = FAIL_ILLEGAL_MOVE;
	if (event >= CASE_EVENT_COUNT || side >= CASE_SIDE_COUNT || view->state >= CASE_STATE_COUNT)
		return NULL;
	for (size_t i = 0; i < RULE_COUNT; i++) {
		if ((rules[i].from >> view->state & 1) == 0 || rules[i].event != event)
			continue;
		*refusal = permitted(&rules[i], view, side);
		if (*refusal == FAIL_NONE)
			return &rules[i];
	}
	return NULL;
}

static enum case_state next_state(const struct rule_row *rule, const struct case_view *view)
{
	if (rule->event == EVENT_RESUME)
		return view->held_from;
	return rule->to == STAYS ? view->state : rule->to;
}

// Accepting names a day; a report, a transfer or an end takes all days off the table.
static void move_dates(struct case_view *next, enum case_event event, enum case_side side, uint32_t effects)
{
	const uint32_t ends =
		EFFECT_CHANGE_RESPONDING | EFFECT_END_CLOCKS | EFFECT_START_CLOSE_CLOCK | EFFECT_START_REPORT_CLOCK;
	if ((effects & ends) != 0 && event != EVENT_ACCEPT) {
		next->date_by = 0;
		next->date_countered = false;
		next->date_open = next->date_holds = 0;
	} else if (event == EVENT_ACCEPT) {
		next->date_by = (uint8_t)(1 + side);
	} else if (event == EVENT_DATE_PROPOSE) {
		next->date_countered = next->date_by != 0;
		next->date_by = (uint8_t)(1 + side);
	} else if (event == EVENT_DATE_AGREE) {
		next->date_by = 0;
		next->date_countered = false;
	}
}

static void move_local_close(struct case_view *next, enum case_event event, enum case_side side)
{
	if (event == EVENT_LOCAL_CLOSE)
		next->local_closed = (uint8_t)(next->local_closed | 1U << side);
	else if (next->state != CASE_REPORTED && !case_state_ended(next->state))
		next->local_closed = 0;
}

enum fail_code case_step(const struct case_view *view, enum case_event event, enum case_side side,
                         struct case_decision *decision)
{
	enum fail_code refusal;
	const struct rule_row *rule = find_rule(view, event, side, &refusal);
	if (rule == NULL)
		return refusal;
	struct case_view next = *view;
	next.state = next_state(rule, view);
	if (event == EVENT_HOLD) {
		next.held_from = view->state;
		next.held_by = side;
	} else if (!is_held(next.state)) {
		next.held_from = CASE_NONE;
		next.held_by = SIDE_REQUESTING; // means nothing off hold; one form, so that views compare equal
	}
	if (event == EVENT_FORWARD)
		next.hops++;
	next.unanswered = view->unanswered && next.state == CASE_SENT && (rule->effects & EFFECT_CHANGE_RESPONDING) == 0;
	if (event == EVENT_CONSENT_WITHDRAWN)
		next.consent = (uint8_t)(1 + side);
	else if (event == EVENT_CONSENT_ANSWER || case_state_ended(next.state))
		next.consent = 0;
	move_dates(&next, event, side, rule->effects);
	move_local_close(&next, event, side);
	decision->next = next;
	decision->effects = rule->effects;
	return FAIL_NONE;
}

uint64_t case_legal_events(const struct case_view *view, enum case_side side)
{
	uint64_t legal = 0;
	for (unsigned event = 0; event < CASE_EVENT_COUNT; event++) {
		enum fail_code refusal;
		if (find_rule(view, (enum case_event)event, side, &refusal) != NULL)
			legal |= UINT64_C(1) << event;
	}
	return legal;
}

void case_events_text(uint64_t events, char text[CASE_EVENTS_TEXT_SIZE])
{
	size_t used = 0;
	for (unsigned event = 0; event < CASE_EVENT_COUNT; event++) {
		size_t length = strlen(event_names[event]);
		if ((events >> event & 1) == 0)
			continue;
		must(used + length + 2 <= CASE_EVENTS_TEXT_SIZE);
		if (used > 0)
			text[used++] = ',';
		memcpy(text + used, event_names[event], length);
		used += length;
	}
	text[used] = '\0';
}

enum case_side case_turn(enum case_state state)
{
	// clang-format off
	static const enum case_side turns[CASE_STATE_COUNT] = {
		[CASE_NONE] = CASE_SIDE_COUNT,
		[CASE_DRAFT] = SIDE_REQUESTING,
		[CASE_SENT] = SIDE_RESPONDING,
		[CASE_ACKNOWLEDGED] = SIDE_RESPONDING,
		[CASE_CLARIFY] = SIDE_REQUESTING,
		[CASE_ACCEPTED] = SIDE_RESPONDING,
		[CASE_IN_PROGRESS] = SIDE_RESPONDING,
		[CASE_ON_HOLD] = CASE_SIDE_COUNT,
		[CASE_REPORTED] = SIDE_REQUESTING,
		[CASE_CLOSED] = CASE_SIDE_COUNT,
		[CASE_DECLINED] = CASE_SIDE_COUNT,
		[CASE_WITHDRAWN] = CASE_SIDE_COUNT,
		[CASE_TRANSFERRED] = SIDE_REQUESTING,
		[CASE_TRACE_SENT] = SIDE_RESPONDING,
		[CASE_TRACE_SEARCHING] = SIDE_REQUESTING, // that the search is renewed; answers come by themselves
		[CASE_TRACE_VERIFYING] = SIDE_REQUESTING,
		[CASE_TRACE_AGREED] = SIDE_RESPONDING,
		[CASE_TRACE_DISCLOSED] = SIDE_REQUESTING,
		[CASE_TRACE_FOUND] = SIDE_REQUESTING,
		[CASE_TRACE_SUSPENDED] = CASE_SIDE_COUNT,
		[CASE_TRACE_CLOSED] = CASE_SIDE_COUNT,
		[CASE_TRACE_WITHDRAWN] = CASE_SIDE_COUNT,
		[CASE_TRACE_EXPIRED] = CASE_SIDE_COUNT,
	};
	// clang-format on
	return state < CASE_STATE_COUNT ? turns[state] : CASE_SIDE_COUNT;
}

bool case_state_ended(enum case_state state)
{
	return state == CASE_CLOSED || state == CASE_DECLINED || state == CASE_WITHDRAWN || state == CASE_TRACE_CLOSED ||
	       case_state_erases(state);
}

bool case_state_traces(enum case_state state)
{
	return state >= CASE_TRACE_SENT && state <= CASE_TRACE_EXPIRED;
}

bool case_state_erases(enum case_state state)
{
	return state == CASE_TRACE_WITHDRAWN || state == CASE_TRACE_EXPIRED;
}

// From the lowest bit: consent 4, date_by 4, date_countered 1, local_closed 3; from bit 16 on the two days, 22 each.
enum { DAY_BITS = 22, DAYS_FROM = 16, DAY_MASK = (1 << DAY_BITS) - 1 };

int64_t case_marks(const struct case_view *view)
{
	must(view->date_open >= 0 && view->date_open <= DAY_MASK && view->date_holds >= 0 && view->date_holds <= DAY_MASK);
	return view->consent | view->date_by << 4 | (view->date_countered ? 1 << 8 : 0) | view->local_closed << 9 |
	       (int64_t)view->date_open << DAYS_FROM | (int64_t)view->date_holds << (DAYS_FROM + DAY_BITS);
}

bool case_marks_read(struct case_view *view, int64_t marks)
{
	view->consent = (uint8_t)(marks & 15);
	view->date_by = (uint8_t)(marks >> 4 & 15);
	view->date_countered = (marks >> 8 & 1) != 0;
	view->local_closed = (uint8_t)(marks >> 9 & 7);
	view->date_open = (int32_t)(marks >> DAYS_FROM & DAY_MASK);
	view->date_holds = (int32_t)(marks >> (DAYS_FROM + DAY_BITS) & DAY_MASK);
	return marks >= 0 && case_marks(view) == marks && view->consent <= CASE_SIDE_COUNT &&
	       view->date_by <= 1 + SIDE_RESPONDING;
}

// One row of the table is one rule for each of its states.
bool case_rule_at(unsigned index, struct case_rule *rule)
{
	for (size_t i = 0; i < RULE_COUNT; i++) {
		for (unsigned state = 0; state < CASE_STATE_COUNT; state++) {
			if ((rules[i].from >> state & 1) == 0 || index-- > 0)
				continue;
			*rule = (struct case_rule){(enum case_state)state, rules[i].event, rules[i].sides,
			                           rules[i].to,            rules[i].effects, rules[i].guard};
			return true;
		}
	}
	return false;
}
