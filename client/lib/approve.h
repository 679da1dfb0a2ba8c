// SPDX-License-Identifier: Apache-2.0
//
// Two persons (security page, dual control): what tells another member of a possible match, and a search at all members, is
// approved by a second person of the author's member, with a key of that person's own. The approval lies inside of
// the seal: the hub does not learn who approved, nor that anybody did.
//
//   signature over "iss-appr-v1" 0x00 message id | case id | at, 8 bytes, highest first | SHA-256(author URI) |
//             SHA-256(content before the approval)
#ifndef PASSERELLE_LIB_APPROVE_H
#define PASSERELLE_LIB_APPROVE_H

#include "lib/checked.h"

// Kinds that nobody sends alone.
bool approve_needed(enum message_kind kind);

// Adds the approval of `approver` to the content of a message whose header has its ids. FAIL_NOT_ALLOWED: it is the
// author, or of another member, or (`supervisor`) no supervisor.
enum fail_code approve_add(struct psr_profile *approver, const struct header *header, bool supervisor,
                           struct bytes *body, struct fail *why) MUST_CHECK;

// Who approved this opened body. FAIL_NOT_ALLOWED: nobody, or nobody that may; FAIL_BAD_SIGNATURE, FAIL_BAD_CERTIFICATE,
// FAIL_UNKNOWN_SIGNER, FAIL_MALFORMED. `unix_ms`: when the message was accepted.
enum fail_code approve_check(struct psr_profile *profile, const struct header *header, uint64_t unix_ms,
                             struct view body, char person[IDENTITY_URI_SIZE], struct fail *why) MUST_CHECK;

#endif
