// SPDX-License-Identifier: Apache-2.0
//
// HPKE (RFC 9180), base mode with HKDF-SHA256, as far as stanzas need it; for the
// files of this folder and its tests. Names are the RFC's.
#ifndef PASSERELLE_SEAL_HPKE_H
#define PASSERELLE_SEAL_HPKE_H

#include "seal/gcm.h"
#include "seal/key_parts.h"

enum { HPKE_P256 = 0x0010, HPKE_X25519 = 0x0020 };           // kem
enum { HPKE_HKDF_SHA256 = 0x0001 };                          // kdf
enum { HPKE_AES_128_GCM = 0x0001, HPKE_AES_256_GCM = 0x0002 }; // aead; stanzas use the second

enum { HPKE_INFO_CAP = 128 };

// One direction, sender to recipient. Every seal and open takes the next number.
struct hpke {
	struct gcm gcm;
	uint8_t base_nonce[GCM_NONCE];
	uint64_t sequence;
};

// The kem that fits a key; 0 if none does.
uint16_t hpke_kem_of(enum key_kind kind);

// `ephemeral` is NULL but for published vectors: a fresh key is made then. `enc` is
// appended to: 65 or 32 bytes. FAIL_UNSUPPORTED: the recipient's key cannot be sealed to.
enum fail_code hpke_setup_sender(struct hpke *hpke, uint16_t aead, const struct public_key *recipient,
                                 const struct public_key *ephemeral, struct view info, struct bytes *enc) MUST_CHECK;

// `own` holds the private half. FAIL_CANNOT_OPEN: `enc` is not a public key of its kind.
enum fail_code hpke_setup_receiver(struct hpke *hpke, uint16_t aead, const struct public_key *own, struct view enc,
                                   struct view info) MUST_CHECK;

// `out` has room for the text and GCM_TAG, or the sealed text less GCM_TAG.
void hpke_seal(struct hpke *hpke, struct view aad, struct view plain, uint8_t *out);
enum fail_code hpke_open(struct hpke *hpke, struct view aad, struct view sealed, uint8_t *out) MUST_CHECK;

void hpke_release(struct hpke *hpke); // wipes

#endif
