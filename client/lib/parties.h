// SPDX-License-Identifier: Apache-2.0
//
// What each partner agency asks with: a reference of its own for each case, from a random number, so that
// two agencies, or an agency and somebody who has seen the case's own reference, cannot tell that they speak of one
// case. It stays the same while the agency comes and goes.
#ifndef PASSERELLE_LIB_PARTIES_H
#define PASSERELLE_LIB_PARTIES_H

#include "lib/profile.h"
#include "wire/message.h"

// Gives each of header.party its reference: the one that it has in this case, else a new one.
enum fail_code parties_refer(struct psr_profile *profile, const struct case_row *row, struct header *header,
                             struct fail *why) MUST_CHECK;

#endif
