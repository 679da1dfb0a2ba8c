// SPDX-License-Identifier: Apache-2.0
//
// A case that goes to another member: what who passes it on adds to the message, what
// the new member takes in, and what who has left gives up. Content is passed on by its
// keys; nothing is encrypted anew (casework page 5.2, rows 4 and 18).
#ifndef PASSERELLE_LIB_PASS_ON_H
#define PASSERELLE_LIB_PASS_ON_H

#include "lib/checked.h"
#include "lib/profile.h"

// Adds all messages of the case with their keys to `body`, and the ids of their attachments to header->grant
// (in `arena`, which the caller wipes). FAIL_TOO_LARGE: the case has more than travels in one message.
enum fail_code pass_on_case(struct psr_profile *profile, const struct id *case_id, struct arena *arena,
                            struct header *header, struct bytes *body, struct fail *why) MUST_CHECK;

// A FORWARD or TRANSFER came that makes us a party: puts what it carries into the inbox, each message checked as
// if it had come to us, and makes the case. Inside a transaction, behind inbox_add of the message itself. Does nothing
// for a case that we know. Adds nothing if one of them is not genuine: a verdict (checked_is_verdict) on the message.
enum fail_code pass_on_take(struct psr_profile *profile, const struct checked *checked, struct fail *why) MUST_CHECK;

// Where the case has left us: what is stored of it keeps headers and signatures, not content and keys. Inside a
// transaction.
enum fail_code pass_on_give_up(struct psr_profile *profile, const struct id *case_id, struct fail *why) MUST_CHECK;

#endif
