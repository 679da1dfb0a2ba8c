// SPDX-License-Identifier: Apache-2.0
//
// What is not finished yet, a JSON text sealed to the own branch key (own_seal.h).
#ifndef PASSERELLE_LIB_DRAFT_H
#define PASSERELLE_LIB_DRAFT_H

#include "form/form.h"
#include "lib/compose.h"
#include "lib/profile.h"

enum fail_code draft_save(struct psr_profile *profile, const struct psr_message *message, struct id *draft,
                          struct fail *why) MUST_CHECK;

// Opens, writes as compose_message does, and forgets the draft in the same commit.
enum fail_code draft_send(struct psr_profile *profile, const struct id *draft, struct written *written,
                          struct form_faults *faults, struct fail *why) MUST_CHECK;

#endif
