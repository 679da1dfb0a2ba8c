// SPDX-License-Identifier: Apache-2.0
//
// Between protobuf-c's structs and those of message.h, one field at a time.
//
// `struct taking` is the state of one decoding: after the first fault every take_
// function does nothing more, so that a decoder reads as a list of fields and asks
// once, at its end.
#ifndef PASSERELLE_WIRE_CODEC_FIELD_H
#define PASSERELLE_WIRE_CODEC_FIELD_H

#include "base/arena.h"
#include "wire/message.h"

#include <protobuf-c/protobuf-c.h>

// Many small pieces of one decoding are cut from few slabs of the arena, so that
// its count of allocations stays a measure of the whole.
struct slab {
	uint8_t *next;
	size_t left;
	size_t size; // of the next slab; 0: the first
};

struct taking {
	struct arena *arena;
	struct slab slab;
	struct fail *why;
	enum fail_code code;  // FAIL_NONE as long as all is well
	const char *in;       // place of the fields: "header", "header.object"
	bool listed;          // then `index` is the element of that list
	size_t index;
};

// Scans, then unpacks into the arena. NULL: see taking->code. The result lives as
// long as the arena and is never freed by itself.
ProtobufCMessage *take_message(struct taking *taking, const ProtobufCMessageDescriptor *message, struct view bytes);

// Where the following fields stand; `field` may be NULL in the functions below if
// the element itself is at fault.
void take_at(struct taking *taking, const char *in);
void take_at_element(struct taking *taking, const char *in, size_t index);

// Notes the first fault; `what` never shows content.
void take_fault(struct taking *taking, const char *field, enum fail_code code, const char *what);

void take_id(struct taking *taking, const char *field, ProtobufCBinaryData from,
             struct id *id); // 16 bytes, not all zero
void take_hash(struct taking *taking, const char *field, ProtobufCBinaryData from, struct hash *hash);

// From `least` to `most` bytes; the view points to protobuf-c's copy in the arena.
struct view take_bytes(struct taking *taking, const char *field, ProtobufCBinaryData from, size_t least, size_t most);

// A text of at most `most` bytes.
const char *take_text(struct taking *taking, const char *field, const char *from, size_t most);

// Copies a text of a certain shape into `to`; an empty one only if `empty_ok`.
struct word_shape {
	bool (*fits)(const char *text);
	const char *what; // "not a member code"
};
extern const struct word_shape word_member, word_code, word_date, word_reference, word_language, word_role, word_detail,
	word_hub_uri, word_calendar;
void take_word(struct taking *taking, const char *field, const char *from, const struct word_shape *shape,
               bool empty_ok, char *to, size_t size);

// The same without a copy.
const char *take_shaped(struct taking *taking, const char *field, const char *from, const struct word_shape *shape,
                        bool empty_ok);

uint64_t take_number(struct taking *taking, const char *field, uint64_t from, uint64_t least, uint64_t most);
uint64_t take_time(struct taking *taking, const char *field, uint64_t from); // up to MAX_TIME
uint32_t take_state(struct taking *taking, const char *field, uint32_t from);

// Memory for `count` elements; NULL if count is 0 or there was a fault.
void *take_list(struct taking *taking, size_t count, size_t size);

// Lists of hashes and of views.
struct hash *take_hashes(struct taking *taking, const char *in, size_t count, const ProtobufCBinaryData *from);
struct view *take_views(struct taking *taking, const char *in, size_t count, const ProtobufCBinaryData *from,
                        size_t least, size_t most);

// The other direction: borrowed, nothing is copied.
ProtobufCBinaryData give_bytes(const void *data, size_t length);
ProtobufCBinaryData give_view(struct view view);
ProtobufCBinaryData give_id(const struct id *id);      // empty if all zero
ProtobufCBinaryData give_hash(const struct hash *hash);
char *give_text(const char *text);                     // NULL is an empty text

// List of borrowed hashes in `arena`; NULL without memory or if count is 0.
ProtobufCBinaryData *give_hashes(struct arena *arena, const struct hash *hash, size_t count);

// Appends the serialised message to `out`, at most `most` bytes: FAIL_TOO_LARGE, FAIL_NO_MEMORY.
enum fail_code give_message(const ProtobufCMessage *message, size_t most, struct bytes *out) MUST_CHECK;

#endif
