// SPDX-License-Identifier: Apache-2.0
//
// The last field of a Body: that a second person has approved what stands before it (body.proto, Approval).
#ifndef PASSERELLE_FORM_APPROVAL_H
#define PASSERELLE_FORM_APPROVAL_H

#include "wire/message.h"

enum { APPROVAL_SIGNATURE_MOST = 128 };

struct approval {
	char person[IDENTITY_URI_SIZE]; // of the second person's signing certificate
	struct hash signer;
	uint64_t at;                    // Unix milliseconds
	uint8_t signature[APPROVAL_SIGNATURE_MOST];
	size_t signature_length;
};

// Adds it behind all else of a serialised Body. FAIL_TOO_LARGE.
enum fail_code approval_add(struct bytes *body, const struct approval *approval) MUST_CHECK;

// *found false: nobody approved. Else *approved is what stands before it. FAIL_MALFORMED: it is not the last field, or
// has a form of its own, so that nobody can say what was approved.
enum fail_code approval_read(struct view body, struct approval *approval, struct view *approved, bool *found,
                             struct fail *why) MUST_CHECK;

#endif
