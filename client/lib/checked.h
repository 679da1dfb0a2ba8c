// SPDX-License-Identifier: Apache-2.0
//
// Is a delivered envelope genuine, and for us? In the order of proto/README.md 3:
// signer, signature, author, receiver, every recipient key, hash of the body. And how it
// is opened afterwards.
#ifndef PASSERELLE_LIB_CHECKED_H
#define PASSERELLE_LIB_CHECKED_H

#include "lib/profile.h"
#include "seal/seal.h"

struct checked {
	struct envelope envelope;   // views into the bytes given
	struct header header;
	struct hash header_hash;
	bool recalled;              // set after decoding: the hub says that its author took it back; it must be empty then
};

// Decodes only: for what was checked when it was stored, or written here.
enum fail_code checked_decode(struct checked *checked, struct view bytes, struct arena *arena,
                              struct fail *why) MUST_CHECK;

// All of it; decode first. `unix_ms`: when it was accepted, the time at which certificates must
// be good. FAIL_UNKNOWN_SIGNER may pass with a newer directory; FAIL_BAD_SIGNATURE, FAIL_BAD_CERTIFICATE,
// FAIL_NOT_FOR_US, FAIL_CANNOT_OPEN, FAIL_NOT_ALLOWED (its author is no party to the case) will not. FAIL_IO and its kin: the store.
enum fail_code checked_verify(struct psr_profile *profile, const struct checked *checked, uint64_t unix_ms,
                              struct fail *why) MUST_CHECK;

// Of what checked_verify told: false for faults of the store, which say nothing about the envelope.
// A fault of an own key cannot be among them: checked_verify uses own certificates and no private key.
bool checked_is_verdict(enum fail_code code);

// The same for a message that was passed on to us: it was sealed to others and names others.
enum fail_code checked_verify_granted(struct psr_profile *profile, const struct checked *checked, uint64_t unix_ms,
                                      struct fail *why) MUST_CHECK;

// Between a withdrawal of consent and its answer nothing of a case is opened but what is said of consent itself.
bool checked_withheld(struct psr_profile *profile, const struct header *header);

// The key of object `index`, by our stanza. FAIL_NOT_FOR_US, FAIL_CANNOT_OPEN; or a fault of an own key
// (keystore.h): who goes on after a fault of the message opens that key before. Wipe it after use.
enum fail_code checked_key(struct psr_profile *profile, const struct checked *checked, uint32_t index,
                           uint8_t key[SEAL_KEY_SIZE], struct fail *why) MUST_CHECK;
// The same while a withdrawal is unanswered: for what is worked out of the key itself, never to open with.
enum fail_code checked_key_itself(struct psr_profile *profile, const struct checked *checked, uint32_t index,
                                  uint8_t key[SEAL_KEY_SIZE], struct fail *why) MUST_CHECK;
// The envelope without keys and content: who wrote it and when stays provable. Appended to *out.
enum fail_code checked_strip(struct view envelope, struct bytes *out) MUST_CHECK;
struct seal_context checked_context(const struct checked *checked, uint32_t index);

// The serialised Body; nothing is appended where the message has none. Wipe it after use.
enum fail_code checked_open_body(struct psr_profile *profile, const struct checked *checked, struct bytes *body,
                                 struct fail *why) MUST_CHECK;

#endif
