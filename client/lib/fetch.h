// SPDX-License-Identifier: Apache-2.0
//
// An attachment from the hub: sealed pieces into the spool, going on where an
// earlier fetch was cut; then the tree hash; then opened into a file.
#ifndef PASSERELLE_LIB_FETCH_H
#define PASSERELLE_LIB_FETCH_H

#include "lib/profile.h"

struct fetch_watch {
	psr_progress_call progress; // NULL: nobody looks
	void *context;
};

// Attachment `number` (from 1) of a message that was received or written here, into the new file
// `file`. FAIL_UNKNOWN_OBJECT, FAIL_UNKNOWN_CASE, FAIL_DATA_LOSS, FAIL_CANNOT_OPEN, FAIL_NO_SPACE, faults of the line.
enum fail_code fetch_attachment(struct psr_profile *profile, const struct id *message, unsigned number,
                                const char *file, const struct fetch_watch *watch, struct fail *why) MUST_CHECK;

#endif
