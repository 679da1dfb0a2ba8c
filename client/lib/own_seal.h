// SPDX-License-Identifier: Apache-2.0
//
// What never leaves: sealed to the own branch key like everything else, under an id of its own.
//
//   kem(2) | key id(16) | length of enc(1) | enc | ct(48) | commitment(32) | Seal v1 of the bytes
#ifndef PASSERELLE_LIB_OWN_SEAL_H
#define PASSERELLE_LIB_OWN_SEAL_H

#include "lib/profile.h"

// Appends to *out. FAIL_NOT_ALLOWED: a role without a branch key.
enum fail_code own_seal(struct psr_profile *profile, const struct id *id, struct view plain, struct bytes *out,
                        struct fail *why) MUST_CHECK;

// Appends to *plain, which the caller wipes. FAIL_DATA_LOSS, or a fault of the own key.
enum fail_code own_open(struct psr_profile *profile, const struct id *id, struct view from, struct bytes *plain,
                        struct fail *why) MUST_CHECK;

#endif
