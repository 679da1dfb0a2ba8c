// SPDX-License-Identifier: Apache-2.0
#include "seal/keyed_hash.h"

#include "seal/hkdf.h"

// The extracting half of HKDF is HMAC with the salt as its key (RFC 5869 2.2).
struct hash keyed_hash(const uint8_t key[KEYED_HASH_KEY], struct view content)
{
	struct hash out;
	struct hkdf hkdf;
	hkdf_init(&hkdf, "SHA256");
	hkdf_extract(&hkdf, view_of(key, KEYED_HASH_KEY), content, out.byte);
	hkdf_release(&hkdf);
	return out;
}
