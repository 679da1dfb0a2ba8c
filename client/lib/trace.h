// SPDX-License-Identifier: Apache-2.0
//
// The search for a person (tracing page, "Workflow"; casework page, 5.3). Who searches and each member that is asked
// have a case of their own between them.
//
// Whoever is asked answers on fixed days (case/review.h), counted from its acknowledgement: the program itself then
// writes "no result that could be shared", while nothing was said of a match. Neither what was found nor what was
// decided comes into it: the words, the size and the time are the same for nobody, for somebody who refuses, and for
// somebody who is shielded. A person cannot write that answer, nor put it off.
#ifndef PASSERELLE_LIB_TRACE_H
#define PASSERELLE_LIB_TRACE_H

#include "lib/profile.h"

#include <jansson.h>

// Writes the answers that are due into the outbox. A profile that writes no messages has none. Not inside of a transaction.
// Each one that cannot be written is told with its reference ("" where the searches could not be read at all); the others go.
typedef void (*trace_fault)(void *context, const char *reference, const struct fail *why);
void trace_answer_reviews(struct psr_profile *profile, trace_fault fault, void *context);

// What a person may not write: the answer of the review days (FAIL_NOT_ALLOWED).
enum fail_code trace_may_write(const struct psr_message *message, struct fail *why) MUST_CHECK;

// The form with what the program adds: findings to propose-match, from the candidate that was held to be plausible. Caller frees
// *form; NULL: nothing is to be added. FAIL_ILLEGAL_MOVE: nobody has been held to be plausible, or the person is shielded.
enum fail_code trace_complete_form(struct psr_profile *profile, const struct psr_message *message, char **form,
                                   struct fail *why) MUST_CHECK;

// May this answer to a match be sent? What it answers must have been approved by two persons (FAIL_NOT_ALLOWED).
enum fail_code trace_check_answered(struct psr_profile *profile, const struct id *case_id, enum message_kind kind,
                                    struct fail *why) MUST_CHECK;

// When the search was taken up, and the next review day after `now` ("2027-01-10"); 0 and "" if there is none.
struct trace_course {
	uint64_t taken_up;
	char next_review[DATE_SIZE];
};
enum fail_code trace_course(struct psr_profile *profile, const struct id *case_id, uint64_t now,
                            struct trace_course *course, struct fail *why) MUST_CHECK;

#endif
