// SPDX-License-Identifier: Apache-2.0
//
// The key schedule of Seal v1:
//
//   key(32) | base nonce(12) | commitment(32) =
//     HKDF-Expand(SHA-512, object key, label 0x00 | salt(24) | ctx(81), 76)
//
// The object key is random, so there is nothing to extract first. The commitment
// is a hash of the key that belongs to no other key: without it one sealed object
// could be made to open to two different texts under two keys.
#include "seal/seal_parts.h"

#include "seal/hkdf.h"

#include <string.h>

static const char seal_label[] = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM"; // with its zero byte
static const char context_label[] = "iss-seal-v1";                                  // with its zero byte

enum { KEY_BYTES = 32, DERIVED = KEY_BYTES + GCM_NONCE + HASH_SIZE };
// 2^32 chunks are 64 TiB; GCM itself would bear that many under one key.
#define MAX_CHUNKS (UINT64_C(1) << 32)

uint64_t seal_size(uint64_t plain_length)
{
	return SEAL_HEAD + plain_length + SEAL_TAG * (plain_length / SEAL_CHUNK + 1);
}

void seal_context_bytes(uint8_t out[SEAL_CONTEXT], const struct seal_context *context)
{
	must(context->kind >= SEAL_BODY && context->kind <= SEAL_DRAFT);
	struct hash author = sha256(view_of_text(context->author));
	uint8_t *at = out;
	memcpy(at, context_label, sizeof context_label);
	at += sizeof context_label;
	memcpy(at, context->object.byte, sizeof context->object.byte);
	at += sizeof context->object.byte;
	memcpy(at, author.byte, HASH_SIZE);
	at += HASH_SIZE;
	memcpy(at, context->case_id.byte, sizeof context->case_id.byte);
	at += sizeof context->case_id.byte;
	*at++ = (uint8_t)context->kind;
	write_u32be(at, context->index);
	must(at + 4 == out + SEAL_CONTEXT);
}

enum fail_code seal_keys_init(struct seal_keys *keys, const uint8_t context[SEAL_CONTEXT],
                              const uint8_t key[SEAL_KEY_SIZE], const uint8_t salt[SEAL_SALT])
{
	uint8_t info[sizeof seal_label + SEAL_SALT + SEAL_CONTEXT], derived[DERIVED];
	memcpy(info, seal_label, sizeof seal_label);
	memcpy(info + sizeof seal_label, salt, SEAL_SALT);
	memcpy(info + sizeof seal_label + SEAL_SALT, context, SEAL_CONTEXT);
	struct hkdf hkdf;
	hkdf_init(&hkdf, "SHA512");
	hkdf_expand(&hkdf, view_of(key, SEAL_KEY_SIZE), view_of(info, sizeof info), derived, sizeof derived);
	hkdf_release(&hkdf);
	memcpy(keys->base_nonce, derived + KEY_BYTES, GCM_NONCE);
	memcpy(keys->commitment.byte, derived + KEY_BYTES + GCM_NONCE, HASH_SIZE);
	keys->chunk = 0;
	enum fail_code code = gcm_init(&keys->gcm, derived, KEY_BYTES);
	wipe(derived, sizeof derived);
	return code;
}

void seal_keys_release(struct seal_keys *keys)
{
	gcm_release(&keys->gcm);
	wipe(keys, sizeof *keys);
}

enum fail_code seal_keys_next(struct seal_keys *keys, uint8_t nonce[GCM_NONCE])
{
	if (keys->chunk >= MAX_CHUNKS)
		return FAIL_TOO_LARGE;
	gcm_nonce(nonce, keys->base_nonce, keys->chunk++);
	return FAIL_NONE;
}

enum fail_code seal_room(struct bytes *bytes, size_t length, uint8_t **room)
{
	if (length > bytes->cap - bytes->length)
		return FAIL_TOO_LARGE;
	*room = bytes_room(bytes, length);
	return *room == NULL ? FAIL_NO_MEMORY : FAIL_NONE;
}

void seal_cut_back(struct bytes *bytes, size_t length)
{
	if (bytes->length > length)
		wipe(bytes->data + length, bytes->length - length);
	bytes->length = length;
}

enum fail_code seal_bytes(const struct seal_context *context, const uint8_t key[SEAL_KEY_SIZE], struct view plain,
                          struct bytes *sealed, struct hash *commitment)
{
	size_t before = sealed->length;
	struct sealer *sealer;
	enum fail_code code = sealer_new(&sealer, context, key);
	if (code != FAIL_NONE)
		return code;
	uint8_t *room;
	code = seal_room(sealed, (size_t)seal_size(plain.length), &room);
	if (code == FAIL_NONE)
		code = sealer_add(sealer, plain, sealed);
	if (code == FAIL_NONE)
		code = sealer_end(sealer, sealed);
	if (code == FAIL_NONE)
		*commitment = sealer_commitment(sealer);
	else
		sealed->length = before;
	sealer_free(sealer);
	return code;
}

// All or nothing: a genuine beginning of an altered text is not given out.
enum fail_code open_bytes(const struct seal_context *context, const uint8_t key[SEAL_KEY_SIZE],
                          const struct hash *commitment, struct view sealed, struct bytes *plain)
{
	size_t before = plain->length;
	struct opener *opener;
	enum fail_code code = opener_new(&opener, context, key, commitment);
	if (code != FAIL_NONE)
		return code;
	code = opener_add(opener, sealed, plain);
	if (code == FAIL_NONE)
		code = opener_end(opener, plain);
	if (code != FAIL_NONE)
		seal_cut_back(plain, before);
	opener_free(opener);
	return code;
}
