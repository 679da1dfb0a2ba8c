// SPDX-License-Identifier: Apache-2.0
//
// The life of a case as one table (casework page, 5.2), compiled into both
// ends. Pure: a view of the case and an input in, a decision out; effects are
// carried out by others after the commit.
#ifndef PASSERELLE_CASE_LIFECYCLE_H
#define PASSERELLE_CASE_LIFECYCLE_H

#include "base/fail.h"

#include <stdbool.h>
#include <stdint.h>

// X(name, text for people). The numbers travel (Deliver.case_state): never reorder.
#define CASE_STATE_MAP(X) \
	X(NONE, "no case yet") \
	X(DRAFT, "draft, never leaves the desk") \
	X(SENT, "sent, waits for acknowledgement") \
	X(ACKNOWLEDGED, "acknowledged, waits for a decision") \
	X(CLARIFY, "a question is open, the clock stands") \
	X(ACCEPTED, "accepted") \
	X(IN_PROGRESS, "in progress") \
	X(ON_HOLD, "on hold, the clock stands") \
	X(REPORTED, "final report given") \
	X(CLOSED, "closed") \
	X(DECLINED, "declined") \
	X(WITHDRAWN, "withdrawn") \
	X(TRANSFERRED, "transferred to another member") \
	X(TRACE_SENT, "tracing request sent, waits to be taken up") \
	X(TRACE_SEARCHING, "the search goes on; answers come on the review days") \
	X(TRACE_VERIFYING, "a possible match exists, who searches is to decide") \
	X(TRACE_AGREED, "both sides agree, the person may be disclosed") \
	X(TRACE_DISCLOSED, "the person is disclosed, to be confirmed or refuted") \
	X(TRACE_FOUND, "found and confirmed") \
	X(TRACE_SUSPENDED, "the search is suspended") \
	X(TRACE_CLOSED, "the search is closed") \
	X(TRACE_WITHDRAWN, "the search was withdrawn, its content is erased") \
	X(TRACE_EXPIRED, "the search has expired, its content is erased")

enum case_state {
#define X(name, text) CASE_##name,
	CASE_STATE_MAP(X)
#undef X
	CASE_STATE_COUNT
};

#define CASE_EVENT_MAP(X) \
	X(REFERRAL) X(ACK) X(FORWARD) X(INFO_REQUEST) X(INFO_REPLY) X(ACCEPT) X(DECLINE) X(START) \
	X(REPORT_INTERIM) X(REPORT_FINAL) X(DOCUMENT) X(STATUS_NOTE) X(HOLD) X(RESUME) X(CLOSE) \
	X(WITHDRAW) X(TRANSFER) X(REOPEN) X(SILENCE) X(REMINDER) X(ESCALATION) \
	X(STEP) X(CONSENT_GIVEN) X(CONSENT_WITHDRAWN) X(CONSENT_ANSWER) X(FOLLOW_UP) X(PARTY) \
	X(UPDATE) X(INVALIDATE) X(MEMBER_OUT) X(MEMBER_BACK) \
	X(DATE_PROPOSE) X(DATE_AGREE) X(REPORT_READY) X(LOCAL_CLOSE) X(ITEM) \
	X(CHILD_FILE) X(STATUS_ASKED) \
	X(TRACE_REQUEST) X(TRACE_ANSWER) X(MATCH_PROPOSED) X(MATCH_REVIEW) X(MATCH_DISCLOSE) X(MATCH_CONFIRM) \
	X(MATCH_REFUTE) X(TRACE_RENEW) X(RECALL) X(REMINDER_REPLY) X(TRANSLATION) X(ALERT)

enum case_event {
#define X(name) EVENT_##name,
	CASE_EVENT_MAP(X)
#undef X
	CASE_EVENT_COUNT
};

#define CASE_SIDE_MAP(X) X(REQUESTING) X(RESPONDING) X(SECRETARIAT) X(PARTNER) X(HUB)

enum case_side {
#define X(name) SIDE_##name,
	CASE_SIDE_MAP(X)
#undef X
	CASE_SIDE_COUNT
};

const char *case_state_name(enum case_state state);   // "IN_PROGRESS"
const char *case_state_text(enum case_state state);
const char *case_event_name(enum case_event event);
const char *case_side_name(enum case_side side);

enum case_effect {
	EFFECT_START_ACK_CLOCK = 1 << 0,
	EFFECT_START_DECIDE_CLOCK = 1 << 1,
	EFFECT_STOP_CLOCK = 1 << 2,      // clarification or hold
	EFFECT_CONTINUE_CLOCK = 1 << 3,
	EFFECT_START_REPORT_CLOCK = 1 << 4,
	EFFECT_START_CLOSE_CLOCK = 1 << 5,
	EFFECT_END_CLOCKS = 1 << 6,
	EFFECT_CHANGE_RESPONDING = 1 << 7, // forward, transfer
	EFFECT_COUNT_REOPEN = 1 << 8,
	EFFECT_ASK_CONSENT = 1 << 9,     // a withdrawal: the clock stands, 72 hours for the answer
	EFFECT_SET_DATE = 1 << 10,       // the day of the report is agreed
	EFFECT_START_RENEW_CLOCK = 1 << 11, // a search runs for twelve months, then it is renewed or expires
};

enum { CASE_MAX_HOPS = 3 };

// What the table needs to know of a case.
struct case_view {
	enum case_state state;
	enum case_state held_from;  // state before ON_HOLD, which RESUME returns to; CASE_NONE otherwise
	enum case_side held_by;     // who put it on hold
	uint8_t hops;               // forwards so far
	uint8_t consent; // 0; or 1 + enum case_side of who passed on a withdrawal that the other has not answered
	bool unanswered; // reminded twice of the acknowledgement, or out: who asked may turn to another member
	uint8_t local_closed;       // bits 1 << enum case_side: who has said that its own work is over
	// The day of the report. What was accepted or agreed last holds; one side may propose another, the other side
	// counter it once; whoever is to answer takes what is on the table or leaves what holds.
	uint8_t date_by;            // 0: nothing is on the table; or 1 + enum case_side of who named it
	bool date_countered;        // what is on the table is a counter
	int32_t date_open, date_holds; // days since 1970-01-01: on the table, and what holds; 0: none. See message_step()
};

// All of a view beside its state, hold and hops in one number, as it is stored; views that this version
// does not know are no view: false.
int64_t case_marks(const struct case_view *view);
bool case_marks_read(struct case_view *view, int64_t marks);

struct case_decision {
	struct case_view next;
	uint32_t effects;           // enum case_effect bits
};

// FAIL_NONE and *decision; FAIL_ILLEGAL_MOVE: nobody may do this now;
// FAIL_NOT_YOUR_MOVE: another side may. *decision is untouched then.
enum fail_code case_step(const struct case_view *view, enum case_event event, enum case_side side,
                         struct case_decision *decision) MUST_CHECK;

// Bit set (1 << event) of what this side may do now: the list that a refusal carries.
uint64_t case_legal_events(const struct case_view *view, enum case_side side);

// The same as a list, "ACK,DECLINE": what the detail `legal` of a refusal says.
enum { CASE_EVENTS_TEXT_SIZE = 768 };
void case_events_text(uint64_t events, char text[CASE_EVENTS_TEXT_SIZE]);

// Whose move is awaited: SIDE_REQUESTING, SIDE_RESPONDING, or CASE_SIDE_COUNT for nobody's.
enum case_side case_turn(enum case_state state);

// No move but REOPEN leads out.
bool case_state_ended(enum case_state state);

// It is a tracing request between who searches and one holder (tracing page): the states TRACE_...
bool case_state_traces(enum case_state state);

// Of a search that has ended before anybody was found nothing is kept but its course.
bool case_state_erases(enum case_state state);

// For documents and tests: row `index` of the table, false behind the last.
struct case_rule {
	enum case_state from;
	enum case_event event;
	uint8_t sides;              // bits 1 << enum case_side
	enum case_state to;         // CASE_NONE: stays; RESUME: held_from
	uint32_t effects;
	const char *guard;          // in words, for the picture; NULL if none
};
bool case_rule_at(unsigned index, struct case_rule *rule);

#endif
