// SPDX-License-Identifier: Apache-2.0
#include "wire/codec_field.h"

#include "wire/codec_scan.h"
#include "wire/codec_text.h"

#include <stdio.h>
#include <string.h>

enum { SLAB_FIRST = 1024, SLAB_MOST = 16 * 1024, PIECE_ALIGNMENT = _Alignof(max_align_t) };

// Zeroed, as the arena's memory is: no piece is given out twice.
static void *slab_alloc(void *context, size_t size)
{
	struct taking *taking = context;
	struct slab *slab = &taking->slab;
	if (size > SLAB_MOST / 4)
		return arena_alloc(taking->arena, size);
	size_t rounded = (size + PIECE_ALIGNMENT - 1) / PIECE_ALIGNMENT * PIECE_ALIGNMENT;
	if (rounded > slab->left) {
		slab->size = slab->size == 0 ? SLAB_FIRST : slab->size < SLAB_MOST ? slab->size * 2 : SLAB_MOST;
		size_t room = rounded > slab->size ? rounded : slab->size;
		uint8_t *memory = arena_alloc(taking->arena, room);
		if (memory == NULL)
			return NULL;
		slab->next = memory;
		slab->left = room;
	}
	uint8_t *piece = slab->next;
	slab->next += rounded;
	slab->left -= rounded;
	return piece;
}

static void slab_free(void *context, void *piece)
{
	(void)context; // the arena frees all at once
	(void)piece;
}

ProtobufCMessage *take_message(struct taking *taking, const ProtobufCMessageDescriptor *message, struct view bytes)
{
	taking->code = codec_scan(message, taking->in, bytes, taking->why);
	if (taking->code != FAIL_NONE)
		return NULL;
	ProtobufCAllocator allocator = {.alloc = slab_alloc, .free = slab_free, .allocator_data = taking};
	ProtobufCMessage *unpacked = protobuf_c_message_unpack(message, &allocator, bytes.length, bytes.data);
	// The scan was stricter than protobuf-c is: what still fails is memory.
	if (unpacked == NULL)
		take_fault(taking, NULL, FAIL_NO_MEMORY, "over the memory limit of one message");
	return unpacked;
}

void take_at(struct taking *taking, const char *in)
{
	taking->in = in;
	taking->listed = false;
}

void take_at_element(struct taking *taking, const char *in, size_t index)
{
	taking->in = in;
	taking->listed = true;
	taking->index = index;
}

void take_fault(struct taking *taking, const char *field, enum fail_code code, const char *what)
{
	if (taking->code != FAIL_NONE)
		return;
	taking->code = code;
	const char *dot = field != NULL ? "." : "";
	const char *name = field != NULL ? field : "";
	if (taking->listed)
		fail_set(taking->why, code, "%s[%zu]%s%s: %s", taking->in, taking->index, dot, name, what);
	else
		fail_set(taking->why, code, "%s%s%s: %s", taking->in, dot, name, what);
}

static struct view view_from(ProtobufCBinaryData from)
{
	return view_of(from.data, from.len);
}

void take_id(struct taking *taking, const char *field, ProtobufCBinaryData from, struct id *id)
{
	if (id_from_view(id, view_from(from)) != FAIL_NONE || id_is_zero(id))
		take_fault(taking, field, FAIL_MALFORMED, "not an id of 16 bytes");
}

void take_hash(struct taking *taking, const char *field, ProtobufCBinaryData from, struct hash *hash)
{
	if (hash_from_view(hash, view_from(from)) != FAIL_NONE)
		take_fault(taking, field, FAIL_MALFORMED, "not a hash of 32 bytes");
}

struct view take_bytes(struct taking *taking, const char *field, ProtobufCBinaryData from, size_t least, size_t most)
{
	if (from.len < least)
		take_fault(taking, field, FAIL_MALFORMED, from.len == 0 ? "missing" : "too short");
	if (from.len > most)
		take_fault(taking, field, FAIL_TOO_LARGE, "too long");
	return view_from(from);
}

const char *take_text(struct taking *taking, const char *field, const char *from, size_t most)
{
	if (strnlen(from, most + 1) > most)
		take_fault(taking, field, FAIL_TOO_LARGE, "too long");
	return from;
}

static bool hub_uri_shape(const char *text)
{
	struct identity identity;
	return identity_from_uri(&identity, text) == FAIL_NONE && identity.class == IDENTITY_HUB;
}

// What the days are worth is looked at by whoever counts with them (case/calendar.h).
static bool calendar_shape(const char *text)
{
	enum { LONGEST = 2300 };
	size_t length = strlen(text);
	return length <= LONGEST && text[0] >= '1' && text[0] <= '7' && strspn(text, "0123456789- ") == length;
}

const struct word_shape word_member = {member_code_valid, "not a member or agency code"};
const struct word_shape word_code = {code_shape, "not in the form of a code"};
const struct word_shape word_reference = {reference_shape, "not a reference of a case"};
const struct word_shape word_date = {date_shape, "not a date YYYY-MM-DD"};
const struct word_shape word_language = {language_shape, "not in the form of a language tag"};
const struct word_shape word_role = {role_shape, "not in the form of a role"};
const struct word_shape word_detail = {name_shape, "not in the form of a detail's name"};
const struct word_shape word_hub_uri = {hub_uri_shape, "not a hub's URI"};
const struct word_shape word_calendar = {calendar_shape, "not in the form of a calendar"};

const char *take_shaped(struct taking *taking, const char *field, const char *from, const struct word_shape *shape,
                        bool empty_ok)
{
	bool empty = from[0] == '\0';
	if (empty ? !empty_ok : !shape->fits(from))
		take_fault(taking, field, FAIL_MALFORMED, empty ? "missing" : shape->what);
	return from;
}

void take_word(struct taking *taking, const char *field, const char *from, const struct word_shape *shape,
               bool empty_ok, char *to, size_t size)
{
	take_shaped(taking, field, from, shape, empty_ok);
	if (taking->code != FAIL_NONE)
		return;
	size_t length = strlen(from);
	must(length < size);
	memcpy(to, from, length + 1);
}

uint64_t take_number(struct taking *taking, const char *field, uint64_t from, uint64_t least, uint64_t most)
{
	if (from < least || from > most)
		take_fault(taking, field, from > most ? FAIL_TOO_LARGE : FAIL_MALFORMED, "out of range");
	return from;
}

uint64_t take_time(struct taking *taking, const char *field, uint64_t from)
{
	if (from > MAX_TIME)
		take_fault(taking, field, FAIL_MALFORMED, "not a time in Unix milliseconds");
	return from;
}

uint32_t take_state(struct taking *taking, const char *field, uint32_t from)
{
	if (from > MAX_CASE_STATE)
		take_fault(taking, field, FAIL_UNSUPPORTED, "this version does not know the state");
	return from;
}

void *take_list(struct taking *taking, size_t count, size_t size)
{
	if (taking->code != FAIL_NONE || count == 0)
		return NULL;
	void *list = slab_alloc(taking, count * size);
	if (list == NULL)
		take_fault(taking, NULL, FAIL_NO_MEMORY, "over the memory limit of one message");
	return list;
}

struct hash *take_hashes(struct taking *taking, const char *in, size_t count, const ProtobufCBinaryData *from)
{
	struct hash *list = take_list(taking, count, sizeof *list);
	for (size_t i = 0; list != NULL && i < count; i++) {
		take_at_element(taking, in, i);
		take_hash(taking, NULL, from[i], &list[i]);
	}
	return list;
}

struct view *take_views(struct taking *taking, const char *in, size_t count, const ProtobufCBinaryData *from,
                        size_t least, size_t most)
{
	struct view *list = take_list(taking, count, sizeof *list);
	for (size_t i = 0; list != NULL && i < count; i++) {
		take_at_element(taking, in, i);
		list[i] = take_bytes(taking, NULL, from[i], least, most);
	}
	return list;
}

ProtobufCBinaryData give_bytes(const void *data, size_t length)
{
	// protobuf-c has no const; packing only reads.
	union {
		const void *in;
		void *out;
	} cast = {.in = data};
	return (ProtobufCBinaryData){.len = length, .data = cast.out};
}

ProtobufCBinaryData give_view(struct view view)
{
	return give_bytes(view.data, view.length);
}

ProtobufCBinaryData give_id(const struct id *id)
{
	return give_bytes(id->byte, id_is_zero(id) ? 0 : sizeof id->byte);
}

ProtobufCBinaryData give_hash(const struct hash *hash)
{
	return give_bytes(hash->byte, sizeof hash->byte);
}

char *give_text(const char *text)
{
	union {
		const char *in;
		char *out;
	} cast = {.in = text != NULL ? text : protobuf_c_empty_string};
	return cast.out;
}

ProtobufCBinaryData *give_hashes(struct arena *arena, const struct hash *hash, size_t count)
{
	ProtobufCBinaryData *list = count > 0 ? arena_alloc(arena, count * sizeof *list) : NULL;
	for (size_t i = 0; list != NULL && i < count; i++)
		list[i] = give_hash(&hash[i]);
	return list;
}

enum fail_code give_message(const ProtobufCMessage *message, size_t most, struct bytes *out)
{
	size_t size = protobuf_c_message_get_packed_size(message);
	if (size > most || size > out->cap - out->length)
		return FAIL_TOO_LARGE;
	uint8_t *room = bytes_room(out, size);
	if (room == NULL)
		return FAIL_NO_MEMORY;
	must(protobuf_c_message_pack(message, room) == size);
	bytes_added(out, size);
	return FAIL_NONE;
}
