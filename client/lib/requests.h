// SPDX-License-Identifier: Apache-2.0
//
// What is asked in a case, item by item and child by child, and how far each is: the items of its referral, and
// what ITEM messages of either side said of them, the newest last word.
#ifndef PASSERELLE_LIB_REQUESTS_H
#define PASSERELLE_LIB_REQUESTS_H

#include "lib/profile.h"

#include <jansson.h>

struct form_faults;

// A list of {"item" (from 1), "service", "persons": [{"person", "status", "on", "text", "by"}]}; a person of whom nothing was
// said has the status ASKED. Caller owns *requests. NULL: the referral does not open here.
enum fail_code requests_of_case(struct psr_profile *profile, const struct id *case_id, json_t **requests,
                                struct fail *why) MUST_CHECK;

// Does a message of this kind fit what is asked? Of an ITEM the form: FAIL_BAD_FORM with faults for an item that is not there,
// or a person whom it is not about. Of a CLOSE: FAIL_ILLEGAL_MOVE that names what is still under way, since a case does not
// end before its children's requests do. Where the referral does not open here nothing is refused.
enum fail_code requests_fit(struct psr_profile *profile, const struct id *case_id, enum message_kind kind,
                            const char *form, struct form_faults *faults, struct fail *why) MUST_CHECK;

#endif
