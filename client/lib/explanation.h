// SPDX-License-Identifier: Apache-2.0
//
// Why a case is late, in the words of the branch from which something is awaited: the newest REMINDER_REPLY that it
// wrote since the clock began. It moves nothing; the board shows it beside what is overdue.
#ifndef PASSERELLE_LIB_EXPLANATION_H
#define PASSERELLE_LIB_EXPLANATION_H

#include "lib/profile.h"

#include <jansson.h>

// Of what is awaited from `from` since `since` (Unix milliseconds). *found: `by`, `at`, `cause`, `expected`, `text`, owned by
// the caller; NULL: nobody has said why, or it cannot be opened here.
enum fail_code explanation_read(struct psr_profile *profile, const struct id *case_id, const char *from, uint64_t since,
                                json_t **found, struct fail *why) MUST_CHECK;

#endif
