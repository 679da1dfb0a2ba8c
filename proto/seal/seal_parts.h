// SPDX-License-Identifier: Apache-2.0
//
// What sealer and opener have in common; for the files of this folder only.
#ifndef PASSERELLE_SEAL_SEAL_PARTS_H
#define PASSERELLE_SEAL_SEAL_PARTS_H

#include "seal/gcm.h"
#include "seal/seal.h"

enum {
	SEAL_SALT = 24,
	SEAL_CONTEXT = 81,   // bytes of `ctx`
	SEALED_CHUNK = SEAL_CHUNK + SEAL_TAG,
};

// The keys of one sealed object.
struct seal_keys {
	struct gcm gcm;
	uint8_t base_nonce[GCM_NONCE];
	struct hash commitment;
	uint64_t chunk;             // number of the next one
};

// ctx = "iss-seal-v1" 0x00 | object | SHA-256(author) | case | kind | index.
void seal_context_bytes(uint8_t out[SEAL_CONTEXT], const struct seal_context *context);

// FAIL_NO_MEMORY.
enum fail_code seal_keys_init(struct seal_keys *keys, const uint8_t context[SEAL_CONTEXT],
                              const uint8_t key[SEAL_KEY_SIZE], const uint8_t salt[SEAL_SALT]) MUST_CHECK;
void seal_keys_release(struct seal_keys *keys); // wipes

// Nonce of the next chunk; FAIL_TOO_LARGE beyond the largest object.
enum fail_code seal_keys_next(struct seal_keys *keys, uint8_t nonce[GCM_NONCE]) MUST_CHECK;

// Room behind `bytes`, or FAIL_TOO_LARGE, FAIL_NO_MEMORY.
enum fail_code seal_room(struct bytes *bytes, size_t length, uint8_t **room) MUST_CHECK;

// Cuts `bytes` back to `length` and wipes what was behind.
void seal_cut_back(struct bytes *bytes, size_t length);

#endif
