// SPDX-License-Identifier: Apache-2.0
#include "seal/seal_parts.h"

#include <stdlib.h>
#include <string.h>

struct opener {
	struct seal_keys keys;         // ready once the head was read
	uint8_t key[SEAL_KEY_SIZE];    // wiped then
	uint8_t context[SEAL_CONTEXT];
	struct hash commitment;        // what the signed header says
	uint8_t pending[SEALED_CHUNK]; // the head, then the chunk under way
	size_t pending_length;
	bool head_read;
	enum fail_code fault;          // sticks: after a fault nothing more comes out
};

enum fail_code opener_new(struct opener **opener, const struct seal_context *context, const uint8_t key[SEAL_KEY_SIZE],
                          const struct hash *commitment)
{
	*opener = NULL;
	struct opener *made = calloc(1, sizeof *made);
	if (made == NULL)
		return FAIL_NO_MEMORY;
	seal_context_bytes(made->context, context);
	memcpy(made->key, key, SEAL_KEY_SIZE);
	made->commitment = *commitment;
	*opener = made;
	return FAIL_NONE;
}

void opener_free(struct opener *opener)
{
	if (opener == NULL)
		return;
	seal_keys_release(&opener->keys);
	wipe(opener, sizeof *opener);
	free(opener);
}

// The commitment must be the same three times: in the signed header, in the
// sealed bytes, and as the key gives it. Nothing is decrypted before.
static enum fail_code read_head(struct opener *opener)
{
	struct hash written;
	memcpy(written.byte, opener->pending + SEAL_SALT, HASH_SIZE);
	if (!hash_equal(&written, &opener->commitment))
		return FAIL_CANNOT_OPEN;
	enum fail_code code = seal_keys_init(&opener->keys, opener->context, opener->key, opener->pending);
	wipe(opener->key, sizeof opener->key);
	if (code != FAIL_NONE)
		return code;
	if (!hash_equal(&opener->keys.commitment, &opener->commitment))
		return FAIL_CANNOT_OPEN;
	opener->head_read = true;
	opener->pending_length = 0;
	return FAIL_NONE;
}

static enum fail_code open_chunk(struct opener *opener, struct view sealed, struct bytes *plain)
{
	uint8_t *room, nonce[GCM_NONCE];
	size_t length = sealed.length - SEAL_TAG;
	enum fail_code code = seal_room(plain, length, &room);
	if (code == FAIL_NONE)
		code = seal_keys_next(&opener->keys, nonce);
	if (code == FAIL_NONE)
		code = gcm_open(&opener->keys.gcm, nonce, view_of(NULL, 0), sealed, room);
	if (code == FAIL_NONE)
		bytes_added(plain, length);
	return code;
}

static enum fail_code take_pending(struct opener *opener, struct view *sealed, struct bytes *plain)
{
	size_t wanted = opener->head_read ? SEALED_CHUNK : SEAL_HEAD;
	size_t room = wanted - opener->pending_length;
	size_t taken = sealed->length < room ? sealed->length : room;
	memcpy(opener->pending + opener->pending_length, sealed->data, taken);
	opener->pending_length += taken;
	*sealed = view_of(sealed->data + taken, sealed->length - taken);
	if (opener->pending_length < wanted)
		return FAIL_NONE;
	if (!opener->head_read)
		return read_head(opener);
	opener->pending_length = 0;
	return open_chunk(opener, view_of(opener->pending, SEALED_CHUNK), plain);
}

enum fail_code opener_add(struct opener *opener, struct view sealed, struct bytes *plain)
{
	while (opener->fault == FAIL_NONE && sealed.length > 0) {
		if (opener->head_read && opener->pending_length == 0 && sealed.length >= SEALED_CHUNK) {
			opener->fault = open_chunk(opener, view_of(sealed.data, SEALED_CHUNK), plain);
			sealed = view_of(sealed.data + SEALED_CHUNK, sealed.length - SEALED_CHUNK);
		} else {
			opener->fault = take_pending(opener, &sealed, plain);
		}
	}
	return opener->fault;
}

// The last chunk is always shorter than a full one, so an end at a chunk's
// boundary is a cut.
enum fail_code opener_end(struct opener *opener, struct bytes *plain)
{
	if (opener->fault != FAIL_NONE)
		return opener->fault;
	enum fail_code code = FAIL_CANNOT_OPEN;
	if (opener->head_read && opener->pending_length >= SEAL_TAG)
		code = open_chunk(opener, view_of(opener->pending, opener->pending_length), plain);
	opener->fault = FAIL_INTERNAL; // an object ends once
	return code;
}
