// SPDX-License-Identifier: Apache-2.0
//
// Other members' certificates: from the cached directory, which the hub only hands
// on, so each is checked against the pinned root at every use.
#ifndef PASSERELLE_LIB_PEERS_H
#define PASSERELLE_LIB_PEERS_H

#include "lib/profile.h"

// The newest usable encryption certificate of an active member. FAIL_UNKNOWN_RECIPIENT (not in the directory, not
// active, or no directory yet), FAIL_BAD_CERTIFICATE. The caller frees it.
enum fail_code peer_encryption(struct psr_profile *profile, const char *member, uint64_t unix_ms,
                               struct certificate **certificate, struct fail *why) MUST_CHECK;

// The signing certificate with this hash. FAIL_UNKNOWN_SIGNER (a newer directory may have it), FAIL_BAD_CERTIFICATE.
// `use`: USE_SIGNING for a member, USE_RECEIPT for a hub.
enum fail_code peer_signer(struct psr_profile *profile, const char *member, enum certificate_use use,
                           const struct hash *signer, uint64_t unix_ms, struct certificate **certificate,
                           struct fail *why) MUST_CHECK;

// Is this one of the member's encryption keys, of whatever epoch?
enum fail_code peer_has_key(struct psr_profile *profile, const char *member, const uint8_t key_id[KEY_ID_SIZE],
                            bool *known, struct fail *why) MUST_CHECK;

// Whoever cannot work is not sent a new case unasked. FAIL_MEMBER_OUT names the deputy.
enum fail_code peer_takes_cases(struct psr_profile *profile, const char *to, struct fail *why) MUST_CHECK;

#endif
