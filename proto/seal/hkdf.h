// SPDX-License-Identifier: Apache-2.0
//
// HKDF (RFC 5869), its two halves apart, as HPKE and Seal v1 need them; for the
// files of this folder only.
#ifndef PASSERELLE_SEAL_HKDF_H
#define PASSERELLE_SEAL_HKDF_H

#include "base/bytes.h"

#include <openssl/kdf.h>

struct hkdf {
	EVP_KDF_CTX *context;
	const char *digest;
	size_t digest_length;
};

// `digest`: "SHA256" or "SHA512".
void hkdf_init(struct hkdf *hkdf, const char *digest);
void hkdf_release(struct hkdf *hkdf);

// prk: as long as the digest. An empty salt counts as zeros (RFC 5869 2.2).
void hkdf_extract(struct hkdf *hkdf, struct view salt, struct view secret, uint8_t *prk);
void hkdf_expand(struct hkdf *hkdf, struct view prk, struct view info, uint8_t *out, size_t length);

#endif
