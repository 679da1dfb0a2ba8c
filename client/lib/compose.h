// SPDX-License-Identifier: Apache-2.0
//
// From what a person filled in to signed bytes in the outbox: form, lifecycle,
// recipients' certificates, seals, header, stanzas, signature, and one commit. Up
// to that commit nothing has happened; after it nothing of the message changes.
#ifndef PASSERELLE_LIB_COMPOSE_H
#define PASSERELLE_LIB_COMPOSE_H

#include "form/form.h"
#include "lib/profile.h"

struct written {
	struct id message, case_id;
	enum message_kind kind;
	char reference[REFERENCE_SIZE];
	char to[MEMBER_CODE_SIZE];
	struct party party[MAX_PARTIES]; // with what each of them asks with
	size_t party_count;
	bool kept;      // a Lifebook entry that is not shared: nothing is sent, `message` is what it is kept under
	enum outbox_state state; // QUEUED; TAKEN_BACK: a message that waited was taken back, `message` is that one
};

// `draft` (may be NULL) is the draft that this was: it goes in the same commit.
// FAIL_BAD_FORM fills *faults; FAIL_ILLEGAL_MOVE, FAIL_NOT_YOUR_MOVE name the open steps; FAIL_UNKNOWN_CASE,
// FAIL_UNKNOWN_RECIPIENT, FAIL_BAD_CERTIFICATE, FAIL_NOT_ALLOWED (a role without signing key), FAIL_NO_SPACE, ...
enum fail_code compose_message(struct psr_profile *profile, const struct psr_message *message, const struct id *draft,
                               struct written *written, struct form_faults *faults, struct fail *why) MUST_CHECK;

// A message of no case, of whose header kind and what it tells are filled: to all members, without content; or with `body`,
// sealed to the General Secretariat alone.
enum fail_code compose_without_case(struct psr_profile *profile, const struct header *told, struct view body,
                                    struct written *written, struct fail *why) MUST_CHECK;

// Signs all receipts that are due, one envelope a member and 256 items, and puts them into the outbox, in one commit.
enum fail_code compose_receipts(struct psr_profile *profile, struct fail *why) MUST_CHECK;

#endif
