// SPDX-License-Identifier: Apache-2.0
//
// What is coming up in the children's files of our cases: the days on which goals are reviewed, and the follow-ups
// after closures. All of it is in sealed messages, and opening every closed case for each look at the board would
// take longer each year. So it is kept, worked out, in one row of the store, sealed to the own member: a look opens
// that row, and only the cases in which something has happened since. Nothing of it stands there in the clear.
#ifndef PASSERELLE_LIB_AGENDA_H
#define PASSERELLE_LIB_AGENDA_H

#include "lib/profile.h"

#include <jansson.h>

// Caller owns *entries: reference, case, requesting, responding, state, urgency, person, `awaits` (REVIEW with `goal`,
// FOLLOW_UP with `months` and `done`), from, mine, due, standing, and `next` on the first follow-up that is not done.
// Follow-ups of cases that were closed in the last 27 months. A profile without a branch key has none.
enum fail_code agenda_read(struct psr_profile *profile, uint64_t now, json_t **entries, struct fail *why) MUST_CHECK;

#endif
