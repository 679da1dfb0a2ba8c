// SPDX-License-Identifier: Apache-2.0
//
// AES-GCM with 12-byte nonces and 16-byte tags behind the text; for the files of
// this folder only.
#ifndef PASSERELLE_SEAL_GCM_H
#define PASSERELLE_SEAL_GCM_H

#include "base/bytes.h"

#include <openssl/evp.h>

enum { GCM_NONCE = 12, GCM_TAG = 16 };

// One key. The lookup of the algorithm and the key's own schedule are paid once.
struct gcm {
	EVP_CIPHER *algorithm;
	EVP_CIPHER_CTX *context;
};

// 16 or 32 bytes of key. FAIL_NO_MEMORY.
enum fail_code gcm_init(struct gcm *gcm, const uint8_t *key, size_t key_length) MUST_CHECK;
void gcm_release(struct gcm *gcm);

// `out` has room for plain.length + GCM_TAG. A nonce must not come twice with one key.
void gcm_seal(struct gcm *gcm, const uint8_t nonce[GCM_NONCE], struct view aad, struct view plain, uint8_t *out);

// `out` has room for sealed.length - GCM_TAG; it is wiped if the tag does not fit:
// FAIL_CANNOT_OPEN.
enum fail_code gcm_open(struct gcm *gcm, const uint8_t nonce[GCM_NONCE], struct view aad, struct view sealed,
                        uint8_t *out) MUST_CHECK;

// nonce = base XOR number, as a 12-byte big-endian number.
void gcm_nonce(uint8_t nonce[GCM_NONCE], const uint8_t base[GCM_NONCE], uint64_t number);

#endif
