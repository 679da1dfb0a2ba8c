// SPDX-License-Identifier: Apache-2.0
//
// Keys of this profile alone, for what comes in by table. They come out of one secret that lies in the store, sealed
// to the own branch key: many persons are opened at once, and one secret key operation must be enough for all of them.
#ifndef PASSERELLE_LIB_KEPT_H
#define PASSERELLE_LIB_KEPT_H

#include "lib/profile.h"
#include "seal/keyed_hash.h"

struct kept_keys {
	uint8_t mark[KEYED_HASH_KEY];    // which row of a table this was, so that nobody can guess it from the disk
	uint8_t person[KEYED_HASH_KEY];  // seals the persons of the register
};

// Makes the secret where there is none; not inside of a transaction. Wipe the keys after use.
enum fail_code kept_keys(struct psr_profile *profile, struct kept_keys *keys, struct fail *why) MUST_CHECK;

// commitment(32) | Seal v1, under an id of its own. Both append.
enum fail_code kept_seal(const struct psr_profile *profile, const struct kept_keys *keys, const struct id *id,
                         struct view plain, struct bytes *out, struct fail *why) MUST_CHECK;
enum fail_code kept_open(const struct psr_profile *profile, const struct kept_keys *keys, const struct id *id,
                         struct view sealed, struct bytes *plain, struct fail *why) MUST_CHECK;

#endif
