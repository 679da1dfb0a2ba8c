// SPDX-License-Identifier: Apache-2.0
//
// Seal v1: one object (a body or an attachment) under its own random key,
// in chunks of 16 KiB AES-256-GCM, with a key commitment; and the key wrapped to
// each recipient by HPKE (RFC 9180). proto/README.md "Seal v1" has it to the byte.
#ifndef PASSERELLE_SEAL_SEAL_H
#define PASSERELLE_SEAL_SEAL_H

#include "seal/key.h"

enum {
	SEAL_CHUNK = 16 * 1024,
	SEAL_TAG = 16,
	SEAL_HEAD = 56,          // salt 24, commitment 32
	SEAL_KEY_SIZE = 32,
	SEAL_WRAPPED_SIZE = 48,
};

enum seal_kind { SEAL_BODY = 1, SEAL_ATTACHMENT = 2, SEAL_DRAFT = 3 };

// Binds the sealed bytes to their place: another object, author, case, kind or
// index and they do not open.
struct seal_context {
	struct id object;
	const char *author;      // Header.author
	struct id case_id;
	enum seal_kind kind;
	uint32_t index;          // place in Header.object
};

uint64_t seal_size(uint64_t plain_length);  // sealed size: 56 + n + 16 * (n / 16384 + 1)

// Streaming sealer: one pass, memory of one chunk.
struct sealer;
enum fail_code sealer_new(struct sealer **sealer, const struct seal_context *context,
                          const uint8_t key[SEAL_KEY_SIZE]) MUST_CHECK;
// Fixed salt, for published vectors only.
enum fail_code sealer_new_with_salt(struct sealer **sealer, const struct seal_context *context,
                                    const uint8_t key[SEAL_KEY_SIZE], const uint8_t salt[24]) MUST_CHECK;
// Starts again at a chunk boundary after a cut, with the same key and salt, so that the
// sealed bytes are the same: `plain_offset` is a multiple of SEAL_CHUNK.
enum fail_code sealer_new_at(struct sealer **sealer, const struct seal_context *context,
                             const uint8_t key[SEAL_KEY_SIZE], const uint8_t salt[24],
                             uint64_t plain_offset) MUST_CHECK;
enum fail_code sealer_add(struct sealer *sealer, struct view plain, struct bytes *sealed) MUST_CHECK;
enum fail_code sealer_end(struct sealer *sealer, struct bytes *sealed) MUST_CHECK;
struct hash sealer_commitment(const struct sealer *sealer);
void sealer_salt(const struct sealer *sealer, uint8_t salt[24]);
void sealer_free(struct sealer *sealer);

// Streaming opener. Plain bytes come out chunk by chunk: the caller writes them
// to a temporary file and gives it its name only after opener_end() == FAIL_NONE.
// FAIL_CANNOT_OPEN: wrong key or context (found before anything is decrypted),
// altered, truncated or prolonged.
struct opener;
enum fail_code opener_new(struct opener **opener, const struct seal_context *context, const uint8_t key[SEAL_KEY_SIZE],
                          const struct hash *commitment) MUST_CHECK;
enum fail_code opener_add(struct opener *opener, struct view sealed, struct bytes *plain) MUST_CHECK;
enum fail_code opener_end(struct opener *opener, struct bytes *plain) MUST_CHECK;
void opener_free(struct opener *opener);

// Whole objects in memory (bodies).
enum fail_code seal_bytes(const struct seal_context *context, const uint8_t key[SEAL_KEY_SIZE], struct view plain,
                          struct bytes *sealed, struct hash *commitment) MUST_CHECK;
enum fail_code open_bytes(const struct seal_context *context, const uint8_t key[SEAL_KEY_SIZE],
                          const struct hash *commitment, struct view sealed, struct bytes *plain) MUST_CHECK;

// One wrapped key. `enc` and `ct` of the stanza point into `store`, which the caller releases.
// Several stanzas may share a store if room for all of them (113 bytes each) was taken first with
// bytes_room: it must not move while they are in use. FAIL_UNSUPPORTED: the certificate's key
// is not one to seal to.
enum fail_code stanza_make(struct stanza *stanza, struct bytes *store, uint32_t object_index, const struct id *object,
                           const struct certificate *recipient, const struct hash *header_hash,
                           const uint8_t key[SEAL_KEY_SIZE]) MUST_CHECK;
// FAIL_CANNOT_OPEN if it does not open with this key.
enum fail_code stanza_open(const struct stanza *stanza, const struct id *object,
                           const struct private_key *recipient_key, const struct hash *header_hash,
                           uint8_t key[SEAL_KEY_SIZE]) MUST_CHECK;

#endif
