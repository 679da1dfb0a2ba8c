// SPDX-License-Identifier: Apache-2.0
#include "seal/seal_parts.h"

#include <stdlib.h>
#include <string.h>

struct sealer {
	struct seal_keys keys;
	uint8_t salt[SEAL_SALT];
	uint8_t pending[SEAL_CHUNK]; // plain bytes of the chunk under way
	size_t pending_length;       // below SEAL_CHUNK: a full chunk leaves at once
	bool head_due;               // salt and commitment were not given out yet
	bool ended;
};

enum fail_code sealer_new_at(struct sealer **sealer, const struct seal_context *context,
                             const uint8_t key[SEAL_KEY_SIZE], const uint8_t salt[24], uint64_t plain_offset)
{
	must(plain_offset % SEAL_CHUNK == 0);
	*sealer = NULL;
	struct sealer *made = calloc(1, sizeof *made);
	if (made == NULL)
		return FAIL_NO_MEMORY;
	uint8_t place[SEAL_CONTEXT];
	seal_context_bytes(place, context);
	enum fail_code code = seal_keys_init(&made->keys, place, key, salt);
	if (code != FAIL_NONE) {
		free(made);
		return code;
	}
	memcpy(made->salt, salt, SEAL_SALT);
	made->keys.chunk = plain_offset / SEAL_CHUNK;
	made->head_due = plain_offset == 0;
	*sealer = made;
	return FAIL_NONE;
}

enum fail_code sealer_new_with_salt(struct sealer **sealer, const struct seal_context *context,
                                    const uint8_t key[SEAL_KEY_SIZE], const uint8_t salt[24])
{
	return sealer_new_at(sealer, context, key, salt, 0);
}

enum fail_code sealer_new(struct sealer **sealer, const struct seal_context *context, const uint8_t key[SEAL_KEY_SIZE])
{
	uint8_t salt[SEAL_SALT];
	random_fill(salt, sizeof salt);
	return sealer_new_at(sealer, context, key, salt, 0);
}

void sealer_free(struct sealer *sealer)
{
	if (sealer == NULL)
		return;
	seal_keys_release(&sealer->keys);
	wipe(sealer, sizeof *sealer);
	free(sealer);
}

static enum fail_code put_head(struct sealer *sealer, struct bytes *sealed)
{
	if (!sealer->head_due)
		return FAIL_NONE;
	uint8_t *room;
	enum fail_code code = seal_room(sealed, SEAL_HEAD, &room);
	if (code != FAIL_NONE)
		return code;
	memcpy(room, sealer->salt, SEAL_SALT);
	memcpy(room + SEAL_SALT, sealer->keys.commitment.byte, HASH_SIZE);
	bytes_added(sealed, SEAL_HEAD);
	sealer->head_due = false;
	return FAIL_NONE;
}

// Room is taken first: a number that was used must never serve other bytes.
static enum fail_code put_chunk(struct sealer *sealer, struct view plain, struct bytes *sealed)
{
	uint8_t *room, nonce[GCM_NONCE];
	enum fail_code code = seal_room(sealed, plain.length + SEAL_TAG, &room);
	if (code == FAIL_NONE)
		code = seal_keys_next(&sealer->keys, nonce);
	if (code != FAIL_NONE)
		return code;
	gcm_seal(&sealer->keys.gcm, nonce, view_of(NULL, 0), plain, room);
	bytes_added(sealed, plain.length + SEAL_TAG);
	return FAIL_NONE;
}

// Fills the chunk under way; gives it out when it is full.
static enum fail_code fill_pending(struct sealer *sealer, struct view *plain, struct bytes *sealed)
{
	size_t room = SEAL_CHUNK - sealer->pending_length;
	size_t taken = plain->length < room ? plain->length : room;
	memcpy(sealer->pending + sealer->pending_length, plain->data, taken);
	sealer->pending_length += taken;
	*plain = view_of(plain->data + taken, plain->length - taken);
	if (sealer->pending_length < SEAL_CHUNK)
		return FAIL_NONE;
	sealer->pending_length = 0;
	return put_chunk(sealer, view_of(sealer->pending, SEAL_CHUNK), sealed);
}

enum fail_code sealer_add(struct sealer *sealer, struct view plain, struct bytes *sealed)
{
	must(!sealer->ended);
	enum fail_code code = put_head(sealer, sealed);
	while (code == FAIL_NONE && plain.length > 0) {
		if (sealer->pending_length == 0 && plain.length >= SEAL_CHUNK) {
			code = put_chunk(sealer, view_of(plain.data, SEAL_CHUNK), sealed);
			plain = view_of(plain.data + SEAL_CHUNK, plain.length - SEAL_CHUNK);
		} else {
			code = fill_pending(sealer, &plain, sealed);
		}
	}
	sealer->ended = code != FAIL_NONE; // bytes of `plain` are lost then: it cannot go on
	return code;
}

enum fail_code sealer_end(struct sealer *sealer, struct bytes *sealed)
{
	must(!sealer->ended);
	enum fail_code code = put_head(sealer, sealed);
	if (code == FAIL_NONE)
		code = put_chunk(sealer, view_of(sealer->pending, sealer->pending_length), sealed);
	sealer->ended = true;
	return code;
}

struct hash sealer_commitment(const struct sealer *sealer)
{
	return sealer->keys.commitment;
}

void sealer_salt(const struct sealer *sealer, uint8_t salt[24])
{
	memcpy(salt, sealer->salt, SEAL_SALT);
}
