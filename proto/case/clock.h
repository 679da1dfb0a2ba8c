// SPDX-License-Identifier: Apache-2.0
//
// The clock of a case: what is awaited from whom and until when, when it stands
// still, and when somebody is reminded (casework page 5.2, 5.5). One clock runs at a
// time: ACK after a referral, DECIDE after its acknowledgement, REPORT after the
// acceptance, CLOSE after the final report; of a search RENEW from when it was taken up. While a question is open the clock
// stands and CLARIFY is awaited instead; on hold nothing is. An unanswered withdrawal
// of consent stands above all but one: CONSENT is awaited within 72 hours.
// While a member of the case cannot work (MEMBER_OUT to MEMBER_BACK) all of this stands,
// whoever's turn it is: it can neither do its part nor answer the other side's questions, and
// whose turn it is may change meanwhile. Nobody is kept from working: each move stays open.
//
// Pure, and compiled into both ends: whoever applies the messages of a case in the
// order of their numbers, each with the time at which the hub accepted it, has the
// same clock. Times are Unix milliseconds. Terms are data: the table in clock.c.
#ifndef PASSERELLE_CASE_CLOCK_H
#define PASSERELLE_CASE_CLOCK_H

#include "case/calendar.h"
#include "case/lifecycle.h"

// X(name, what is awaited). The numbers are stored: never reorder.
#define CLOCK_KIND_MAP(X) \
	X(NONE, "nothing") \
	X(ACK, "an acknowledgement") \
	X(DECIDE, "a decision") \
	X(REPORT, "the report") \
	X(CLOSE, "the closure") \
	X(CLARIFY, "an answer") \
	X(CONSENT, "the answer to a withdrawal of consent") \
	X(RENEW, "that the search is renewed")

enum clock_kind {
#define X(name, text) CLOCK_##name,
	CLOCK_KIND_MAP(X)
#undef X
	CLOCK_KIND_COUNT
};

// Why a clock stands; several at once are possible.
enum clock_pause {
	PAUSED_BY_QUESTION = 1 << 0, // clarification, or a question marked as blocking
	PAUSED_BY_HOLD = 1 << 1,
	PAUSED_BY_TRANSFER = 1 << 2, // a transfer is proposed
	PAUSED_BY_CONSENT = 1 << 3,  // a consent was withdrawn and the other side has not answered
	PAUSED_BY_MEMBER = 1 << 4,   // one of the two members cannot work
	PAUSED_BY_RELEASE = 1 << 5,  // the report is ready, and held back
	PAUSES = PAUSED_BY_QUESTION | PAUSED_BY_HOLD | PAUSED_BY_TRANSFER | PAUSED_BY_CONSENT | PAUSED_BY_MEMBER |
	         PAUSED_BY_RELEASE,
};

// How far the hub has gone about what is awaited now.
enum clock_notice { NOTICE_NONE, NOTICE_REMINDED, NOTICE_ESCALATED, NOTICE_COUNT };

struct case_clock {
	enum clock_kind kind;      // what was started last; never CLARIFY or CONSENT
	uint8_t pauses;            // enum clock_pause bits; 0: it runs
	enum clock_notice told;
	uint64_t started;
	// 0: without a deadline. Each pause that ends moves it on: by its days, or exactly where it is by the hour.
	uint64_t due;
	uint64_t paused_since;     // 0 if it runs
	uint64_t paused_ms;        // pauses of this clock that are over, together
	uint64_t consent_at;       // when a consent was withdrawn, while that is unanswered; else 0. Outages move it on
	uint64_t asked_at;         // when the question came for which the clock stands; else 0. Outages move it on
	uint64_t out_since;        // since when a member is out; else 0
};

// A message that moved (or was part of) the case.
struct clock_move {
	enum case_event event;
	uint32_t effects;          // enum case_effect bits of its case_decision
	const char *urgency;       // of the case: code list Urgency
	const char *due;           // YYYY-MM-DD accepted or agreed by this message, "" if none
	uint64_t at;               // when the hub accepted it
	const struct work_calendar *calendar; // of the side that is awaited, as the message says; NULL: Monday to Friday
};
void clock_move(struct case_clock *clock, const struct clock_move *move);

// What is awaited now: the clock's own deadline, CLARIFY while a question is open, CLOCK_NONE on hold and
// where nothing runs. `due` 0: without a deadline.
struct clock_deadline {
	enum clock_kind kind;
	uint64_t from, due;
};
struct clock_deadline clock_awaited(const struct case_clock *clock);

// Due soon: five sixths of the term are over (day 50 of 60). Paused wins over all others.
enum clock_standing { STANDING_NONE, STANDING_DUE, STANDING_DUE_SOON, STANDING_OVERDUE, STANDING_PAUSED };
enum clock_standing clock_standing(const struct case_clock *clock, uint64_t now);
const char *clock_standing_name(enum clock_standing standing); // "DUE_SOON"

// What the hub has to do next and when; at 0: nothing. REMINDER at the deadline (row 22), ESCALATION when as much
// time again has passed. CLOSE and RENEW: REMINDER after five sixths, SILENCE at the deadline (row 16).
struct clock_duty {
	enum case_event event;
	uint64_t at;
};
struct clock_duty clock_duty(const struct case_clock *clock);

// For case_view.unanswered, after every clock_move().
bool clock_unanswered(const struct case_clock *clock);

const char *clock_kind_name(enum clock_kind kind); // "REPORT"
const char *clock_kind_text(enum clock_kind kind); // "the report"

// The end (24:00 UTC) of the term that starts at `from`; 0 without one. An urgency that this version does
// not know has the terms of STANDARD. Working days are those of `calendar`; NULL: Monday to Friday.
uint64_t clock_term_end(enum clock_kind kind, const char *urgency, uint64_t from, const struct work_calendar *calendar);

#endif
