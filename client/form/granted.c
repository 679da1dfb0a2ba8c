// SPDX-License-Identifier: Apache-2.0
#include "form/granted.h"

#include "form/body.h"

#include <string.h>

static ProtobufCBinaryData borrowed(const uint8_t *data, size_t length)
{
	union { const uint8_t *from; uint8_t *to; } way = {.from = data}; // protobuf-c only reads what is packed
	return (ProtobufCBinaryData){.len = length, .data = way.to};
}

static bool fill(struct arena *arena, const struct granted *from, Passerelle__V1__Granted *to)
{
	passerelle__v1__granted__init(to);
	to->envelope = borrowed(from->envelope.data, from->envelope.length);
	to->case_seq = from->case_seq;
	to->accepted_at = from->accepted_at;
	to->case_state = from->case_state;
	to->key = arena_alloc(arena, (from->key_count + 1) * sizeof *to->key);
	if (to->key == NULL)
		return false;
	for (size_t i = 0; i < from->key_count; i++)
		to->key[i] = borrowed(from->key[i], GRANTED_KEY_SIZE);
	to->n_key = from->key_count;
	return true;
}

// A Body that has nothing else: two serialised messages behind each other are their union.
enum fail_code granted_add(struct bytes *body, const struct granted *list, size_t count)
{
	struct arena arena;
	Passerelle__V1__Body packed = PASSERELLE__V1__BODY__INIT;
	arena_init(&arena, FORM_ARENA_CAP, FORM_ARENA_ALLOCATIONS);
	Passerelle__V1__Granted *granted = arena_alloc(&arena, (count + 1) * sizeof *granted);
	packed.granted = arena_alloc(&arena, (count + 1) * sizeof *packed.granted);
	bool good = granted != NULL && packed.granted != NULL;
	for (size_t i = 0; i < count && good; i++) {
		good = fill(&arena, &list[i], &granted[i]);
		packed.granted[i] = &granted[i];
	}
	packed.n_granted = count;
	size_t length = good ? passerelle__v1__body__get_packed_size(&packed) : 0;
	uint8_t *room = good ? bytes_room(body, length) : NULL;
	if (room != NULL) {
		passerelle__v1__body__pack(&packed, room);
		bytes_added(body, length);
	}
	arena_release(&arena);
	return room != NULL ? FAIL_NONE : good ? FAIL_TOO_LARGE : FAIL_NO_MEMORY;
}

static const void *copy(struct arena *arena, ProtobufCBinaryData from)
{
	void *to = arena_alloc(arena, from.len + 1);
	if (to != NULL && from.len > 0)
		memcpy(to, from.data, from.len);
	return to;
}

static enum fail_code read_keys(const Passerelle__V1__Granted *from, struct arena *arena, struct granted *to,
                                struct fail *why)
{
	uint8_t(*key)[GRANTED_KEY_SIZE] = arena_alloc(arena, (from->n_key + 1) * sizeof *key);
	if (key == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < from->n_key; i++) {
		if (from->key[i].len != GRANTED_KEY_SIZE)
			return fail_set(why, FAIL_MALFORMED, "a key that was passed on has a wrong length");
		memcpy(key[i], from->key[i].data, GRANTED_KEY_SIZE);
	}
	to->key = (const uint8_t(*)[GRANTED_KEY_SIZE])key;
	to->key_count = from->n_key;
	return FAIL_NONE;
}

static enum fail_code read_one(const Passerelle__V1__Granted *from, struct arena *arena, struct granted *to,
                               struct fail *why)
{
	if (from->n_key > MAX_OBJECTS || from->envelope.len == 0 || from->envelope.len > MAX_ENVELOPE)
		return fail_set(why, FAIL_MALFORMED, "a message that was passed on cannot be one");
	const uint8_t *envelope = copy(arena, from->envelope);
	if (envelope == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	*to = (struct granted){
		.envelope = view_of(envelope, from->envelope.len),
		.case_seq = from->case_seq,
		.accepted_at = from->accepted_at,
		.case_state = from->case_state,
	};
	return read_keys(from, arena, to, why);
}

enum fail_code granted_read(struct view body, struct arena *arena, struct granted *list, size_t *count,
                            struct fail *why)
{
	struct form_memory memory;
	Passerelle__V1__Body *unpacked = NULL;
	form_memory_init(&memory);
	enum fail_code code = body_unpack(body, &memory, &unpacked, why);
	if (code == FAIL_NONE && unpacked->n_granted > *count)
		code = fail_set(why, FAIL_TOO_LARGE, "%zu messages were passed on, at most %zu are possible",
		                unpacked->n_granted, *count);
	for (size_t i = 0; code == FAIL_NONE && i < unpacked->n_granted; i++)
		code = read_one(unpacked->granted[i], arena, &list[i], why);
	if (code == FAIL_NONE)
		*count = unpacked->n_granted;
	form_memory_release(&memory);
	return code;
}
