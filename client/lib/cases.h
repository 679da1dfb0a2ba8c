// SPDX-License-Identifier: Apache-2.0
//
// Where a case stands for this desk. Confirmed is what has a number from the hub;
// messages that still wait in the outbox are laid on top, so that a step can be
// judged before there is a line. The table is lifecycle.h's, as at the hub.
#ifndef PASSERELLE_LIB_CASES_H
#define PASSERELLE_LIB_CASES_H

#include "lib/profile.h"

// What a kind of message is in the table; -1: none (RECEIPT, or a newer kind).
int cases_event(enum message_kind kind, enum report_stage stage);

// The same for a whole header: the RECALL of what opened a case is its withdrawal.
int cases_event_of(const struct header *header);

// The word of psr_message for an event ("ask"), NULL if this program has none.
const char *cases_verb(enum case_event event);

// By what a person typed, or by the case id. FAIL_UNKNOWN_CASE, FAIL_BAD_USAGE (mistyped; two cases of one reference).
enum fail_code cases_find(struct psr_profile *profile, const char *typed, struct case_row *row,
                          struct fail *why) MUST_CHECK;

// Our side of it; CASE_SIDE_COUNT if we are neither (a case that went on to another member).
enum case_side cases_side(const struct psr_profile *profile, const struct case_row *row);

// The confirmed view with our waiting messages laid on top.
enum fail_code cases_pending(struct psr_profile *profile, const struct case_row *row, struct case_view *view,
                             struct fail *why) MUST_CHECK;

// May we do this now? FAIL_ILLEGAL_MOVE, FAIL_NOT_YOUR_MOVE; the text names the steps that are open.
enum fail_code cases_check(struct psr_profile *profile, const struct case_row *row, enum case_event event,
                           struct fail *why) MUST_CHECK;

// A term in working days counts by the calendar of the member that has to report: the message that starts it says
// which (the text is of the arena). Others are left alone.
enum fail_code cases_name_calendar(struct psr_profile *profile, const struct case_row *row, uint64_t now,
                                   struct arena *arena, struct header *header, struct fail *why) MUST_CHECK;

// "ask, accept, decline": what `side` may do, in words of this program.
struct steps { char text[400]; };
struct steps cases_steps(const struct case_view *view, enum case_side side);

// A message got its number, and is in the store: inside a transaction. One that comes behind a higher number
// has the whole case gone through again, so that state and clock are those of the hub's order.
struct case_news {
	const struct header *header;
	struct hash header_hash;
	uint64_t case_seq, accepted_at;
	uint32_t case_state;     // after it, by the hub
};
// A case that was passed on to us, from its referral on: all its messages are in the store. Inside a transaction.
enum fail_code cases_take_over(struct psr_profile *profile, const struct header *referral, struct fail *why) MUST_CHECK;

// Does this message lawfully come next, and lead into `case_state`? `row`: zero before the first, moved by each. For what
// does not come from the hub itself. FAIL_ILLEGAL_MOVE.
enum fail_code cases_follow(struct case_row *row, const struct case_news *news, struct fail *why) MUST_CHECK;

enum fail_code cases_note(struct psr_profile *profile, const struct case_news *news, struct fail *why) MUST_CHECK;

// The day of a DATE_AGREE that names none; nothing for other kinds. FAIL_ILLEGAL_MOVE for one that nobody proposed.
enum fail_code cases_agreed_day(struct header *header, const struct case_view *view, struct fail *why) MUST_CHECK;

#endif
