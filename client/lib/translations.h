// SPDX-License-Identifier: Apache-2.0
//
// Translations of what stands in a case. A TRANSLATION names the message by its number, which both branches know it by, and
// where it is about a paper also the attachment; it is checked here, where the case can be read, never by the hub.
#ifndef PASSERELLE_LIB_TRANSLATIONS_H
#define PASSERELLE_LIB_TRANSLATIONS_H

#include "form/faults.h"
#include "lib/profile.h"

#include <jansson.h>

// Does the form of a TRANSLATION fit the case? FAIL_BAD_FORM with faults for a message or a paper that is not there. Where some
// messages do not open here, what cannot be looked up is let through.
enum fail_code translations_check(struct psr_profile *profile, const struct id *case_id, const char *form,
                                  struct form_faults *faults, struct fail *why) MUST_CHECK;

// Puts into each item of a timeline (passerelle.case/1) what translations there are of it: a list `translations` of `message`,
// `case_seq`, `written_by`, `file`, `from`, `into`, `status`, `how`, `by`, `expected`. Of one original, paper and language the newest
// valid word counts.
void translations_mark(json_t *items);

#endif
