// SPDX-License-Identifier: Apache-2.0
//
// What is not finished yet, a JSON text sealed to the own branch key (own_seal.h).
#ifndef PASSERELLE_LIB_DRAFT_H
#define PASSERELLE_LIB_DRAFT_H

#include "form/form.h"
#include "lib/compose.h"
#include "lib/profile.h"

#include <jansson.h>

enum fail_code draft_save(struct psr_profile *profile, const struct psr_message *message, struct id *draft,
                          struct fail *why) MUST_CHECK;

// Opens, writes as compose_message does, and forgets the draft in the same commit.
enum fail_code draft_send(struct psr_profile *profile, const struct id *draft, struct written *written,
                          struct form_faults *faults, struct fail *why) MUST_CHECK;

// Forgets it; the row of a table that it came from can be taken over again. FAIL_UNKNOWN_OBJECT.
enum fail_code draft_drop(struct psr_profile *profile, const struct id *draft, struct fail *why) MUST_CHECK;

// passerelle.drafts/1: items of draft, draft_at, verb, reference, to, service, urgency and `about`, the first name of each person.
enum fail_code draft_list(struct psr_profile *profile, json_t **result, struct fail *why) MUST_CHECK;

// passerelle.draft-content/1: verb, reference, to, message, attach and `form` as an object.
enum fail_code draft_show(struct psr_profile *profile, const struct id *draft, json_t **result,
                          struct fail *why) MUST_CHECK;

#endif
