// SPDX-License-Identifier: Apache-2.0
//
// Who is in a case: the persons of its referral, and those that answers and reports added or corrected.
#ifndef PASSERELLE_LIB_PERSONS_H
#define PASSERELLE_LIB_PERSONS_H

#include "lib/profile.h"

#include <jansson.h>

// Pseudonyms as keys, each with what was last said of the person (a Person of the forms). Caller owns *persons. NULL:
// it cannot be known, because something of the case does not open here (a withdrawal of consent that is not answered,
// a case that went on, damage); then nobody's pseudonym may be refused.
enum fail_code persons_of_case(struct psr_profile *profile, const struct id *case_id, json_t **persons,
                               struct fail *why) MUST_CHECK;

#endif
