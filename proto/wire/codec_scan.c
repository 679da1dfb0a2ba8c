// SPDX-License-Identifier: Apache-2.0
#include "wire/codec_scan.h"

#include "wire/codec_text.h"
#include "wire/message.h"

#include <passerelle/v1/envelope.pb-c.h>
#include <passerelle/v1/wire.pb-c.h>
#include <stdio.h>

enum wire_type { WIRE_VARINT = 0, WIRE_BYTES = 2 }; // the others are in no message of the schema

enum { MAX_VARINT = 10 };

struct list_cap {
	const ProtobufCMessageDescriptor *message;
	uint32_t field;
	uint32_t most;
};

// Every list of the schema; the numbers are those of message.h.
static const struct list_cap list_caps[] = {
	{&passerelle__v1__header__descriptor, 6, MAX_RECIPIENTS},
	{&passerelle__v1__header__descriptor, 20, MAX_LANGUAGES},
	{&passerelle__v1__header__descriptor, 21, MAX_OBJECTS},
	{&passerelle__v1__header__descriptor, 22, MAX_RECIPIENT_KEYS},
	{&passerelle__v1__header__descriptor, 23, MAX_PARTIES},
	{&passerelle__v1__header__descriptor, 24, MAX_RECEIPT_ITEMS},
	{&passerelle__v1__header__descriptor, 25, MAX_GRANTS},
	{&passerelle__v1__envelope__descriptor, 4, MAX_STANZAS},
	{&passerelle__v1__envelope__descriptor, 6, MAX_TREE_PATH},
	{&passerelle__v1__hub_receipt__descriptor, 2, MAX_TREE_PATH},
	{&passerelle__v1__accepted__descriptor, 4, MAX_RECIPIENTS},
	{&passerelle__v1__error__descriptor, 6, MAX_ERROR_DETAILS},
	{&passerelle__v1__flow_reply__descriptor, 2, MAX_FLOW_ROWS},
	{&passerelle__v1__directory_reply__descriptor, 2, MAX_DIRECTORY_ENTRIES},
	{&passerelle__v1__directory_entry__descriptor, 5, MAX_CERTIFICATES},
	{&passerelle__v1__directory_entry__descriptor, 6, MAX_CERTIFICATES},
	{&passerelle__v1__directory_entry__descriptor, 7, MAX_CERTIFICATES},
	{&passerelle__v1__directory_entry__descriptor, 8, MAX_SERVICES},
	{&passerelle__v1__directory_entry__descriptor, 9, MAX_LANGUAGES},
	{&passerelle__v1__directory_entry__descriptor, 10, MAX_COUNTRIES},
};

uint32_t codec_list_cap(const ProtobufCMessageDescriptor *message, uint32_t field)
{
	for (size_t i = 0; i < sizeof list_caps / sizeof list_caps[0]; i++) {
		if (list_caps[i].message == message && list_caps[i].field == field)
			return list_caps[i].most;
	}
	return 0;
}

// Where an unknown field means a newer peer's question and not broken bytes.
static bool names_a_choice(const ProtobufCMessageDescriptor *message)
{
	return message == &passerelle__v1__frame__descriptor || message == &passerelle__v1__query__descriptor ||
	       message == &passerelle__v1__answer__descriptor;
}

// A message within a message, for naming the place of a fault.
struct level {
	const struct level *up;
	const ProtobufCMessageDescriptor *message;
	const char *name;
	uint32_t index; // in its list
	bool listed;
	unsigned depth;
	struct fail *why;
};

struct tag {
	uint32_t field;
	unsigned type;
};

static bool read_varint(struct view *from, uint64_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < MAX_VARINT && i < from->length; i++) {
		uint8_t byte = from->data[i];
		if (i == MAX_VARINT - 1 && byte > 1)
			return false; // beyond 64 bits
		*value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if ((byte & 0x80) == 0) {
			*from = view_of(from->data + i + 1, from->length - i - 1);
			return true;
		}
	}
	return false;
}

static bool read_tag(struct view *from, struct tag *tag)
{
	uint64_t raw;
	if (!read_varint(from, &raw) || raw >> 3 == 0 || raw > UINT32_MAX)
		return false;
	*tag = (struct tag){.field = (uint32_t)(raw >> 3), .type = (unsigned)(raw & 7)};
	return true;
}

static bool read_bytes(struct view *from, struct view *content)
{
	uint64_t length;
	if (!read_varint(from, &length) || length > from->length)
		return false;
	*content = view_of(from->data, (size_t)length);
	*from = view_of(from->data + length, from->length - (size_t)length);
	return true;
}

static void place_text(const struct level *level, char *text, size_t size, size_t *used)
{
	if (level->up != NULL)
		place_text(level->up, text, size, used);
	if (*used >= size)
		return;
	const char *dot = level->up != NULL ? "." : "";
	int length = level->listed ? snprintf(text + *used, size - *used, "%s%s[%u]", dot, level->name, level->index)
	                           : snprintf(text + *used, size - *used, "%s%s", dot, level->name);
	*used += length > 0 ? (size_t)length : 0;
}

static enum fail_code refuse(const struct level *level, const char *field, enum fail_code code, const char *what)
{
	char place[200] = "";
	size_t used = 0;
	place_text(level, place, sizeof place, &used);
	return fail_set(level->why, code, "%s%s%s: %s", place, field != NULL ? "." : "", field != NULL ? field : "", what);
}

static enum fail_code scan_level(const struct level *level, struct view bytes);

static enum fail_code scan_content(const struct level *level, const ProtobufCFieldDescriptor *field, uint32_t index,
                                   struct view content)
{
	if (field->type == PROTOBUF_C_TYPE_STRING && text_check(content) != FAIL_NONE)
		return refuse(level, field->name, FAIL_BAD_TEXT, "not UTF-8, or with control characters");
	if (field->type != PROTOBUF_C_TYPE_MESSAGE)
		return FAIL_NONE;
	struct level inner = {
		.up = level,
		.message = field->descriptor,
		.name = field->name,
		.index = index,
		.listed = field->label == PROTOBUF_C_LABEL_REPEATED,
		.depth = level->depth + 1,
		.why = level->why,
	};
	return scan_level(&inner, content);
}

// The numbers of the schema and the largest value of each; 0 for all else.
static uint64_t number_most(const ProtobufCFieldDescriptor *field)
{
	static const uint64_t most[] = {
		[PROTOBUF_C_TYPE_BOOL] = 1,
		[PROTOBUF_C_TYPE_ENUM] = INT32_MAX,
		[PROTOBUF_C_TYPE_UINT32] = UINT32_MAX,
		[PROTOBUF_C_TYPE_UINT64] = UINT64_MAX,
	};
	return field->type < sizeof most / sizeof most[0] ? most[field->type] : 0;
}

static bool is_number(const ProtobufCFieldDescriptor *field)
{
	return number_most(field) > 0;
}

static bool read_number(const ProtobufCFieldDescriptor *field, struct view *bytes)
{
	uint64_t value;
	return read_varint(bytes, &value) && value <= number_most(field);
}

// What has been seen of one message.
struct tally {
	uint32_t count[SCAN_MAX_FIELDS];
	bool choice; // the one oneof that a message may have
};

static enum fail_code count_one(const struct level *level, const ProtobufCFieldDescriptor *field, struct tally *tally)
{
	uint32_t *count = &tally->count[field - level->message->fields];
	++*count;
	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		if (*count <= codec_list_cap(level->message, field->id))
			return FAIL_NONE;
		return refuse(level, field->name, FAIL_TOO_LARGE, "more elements than allowed");
	}
	bool chosen = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
	if (*count > 1 || (chosen && tally->choice))
		return refuse(level, field->name, FAIL_MALFORMED, "there twice");
	tally->choice = tally->choice || chosen;
	return FAIL_NONE;
}

static enum fail_code scan_packed(const struct level *level, const ProtobufCFieldDescriptor *field,
                                  struct tally *tally, struct view content)
{
	while (content.length > 0) {
		if (!read_number(field, &content))
			return refuse(level, field->name, FAIL_MALFORMED, "not a list of numbers");
		enum fail_code code = count_one(level, field, tally);
		if (code != FAIL_NONE)
			return code;
	}
	return FAIL_NONE;
}

static enum fail_code scan_number(const struct level *level, const ProtobufCFieldDescriptor *field,
                                  struct tally *tally, struct view *bytes)
{
	if (!is_number(field))
		return refuse(level, field->name, FAIL_MALFORMED, "of a wrong type");
	if (!read_number(field, bytes))
		return refuse(level, field->name, FAIL_MALFORMED, "not a number of its type");
	return count_one(level, field, tally);
}

static enum fail_code scan_field(const struct level *level, const ProtobufCFieldDescriptor *field,
                                 struct tally *tally, struct view *bytes)
{
	struct view content;
	if (!read_bytes(bytes, &content))
		return refuse(level, field->name, FAIL_MALFORMED, "cut off");
	if (is_number(field)) {
		if (field->label != PROTOBUF_C_LABEL_REPEATED)
			return refuse(level, field->name, FAIL_MALFORMED, "of a wrong type");
		return scan_packed(level, field, tally, content);
	}
	enum fail_code code = count_one(level, field, tally);
	if (code != FAIL_NONE)
		return code;
	return scan_content(level, field, tally->count[field - level->message->fields] - 1, content);
}

static enum fail_code refuse_unknown(const struct level *level, uint32_t field)
{
	char number[16];
	snprintf(number, sizeof number, "%u", field);
	if (names_a_choice(level->message))
		return refuse(level, number, FAIL_UNSUPPORTED, "this version does not know it");
	return refuse(level, number, FAIL_MALFORMED, "no such field");
}

// Recursive, but only as deep as the schema, which has no recursive message.
static enum fail_code scan_level(const struct level *level, struct view bytes)
{
	must(level->depth < SCAN_MAX_DEPTH && level->message->n_fields <= SCAN_MAX_FIELDS);
	struct tally tally = {0};
	while (bytes.length > 0) {
		struct tag tag;
		if (!read_tag(&bytes, &tag))
			return refuse(level, NULL, FAIL_MALFORMED, "broken field head");
		const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(level->message, tag.field);
		if (field == NULL)
			return refuse_unknown(level, tag.field);
		enum fail_code code = FAIL_MALFORMED;
		if (tag.type == WIRE_VARINT)
			code = scan_number(level, field, &tally, &bytes);
		else if (tag.type == WIRE_BYTES)
			code = scan_field(level, field, &tally, &bytes);
		else
			refuse(level, field->name, code, "of a wrong type");
		if (code != FAIL_NONE)
			return code;
	}
	return FAIL_NONE;
}

enum fail_code codec_scan(const ProtobufCMessageDescriptor *message, const char *name, struct view bytes,
                          struct fail *why)
{
	struct level outermost = {.message = message, .name = name, .why = why};
	return scan_level(&outermost, bytes);
}

bool codec_peek(struct view bytes, uint32_t field, uint64_t *value)
{
	struct tag tag;
	while (bytes.length > 0 && read_tag(&bytes, &tag)) {
		struct view skipped;
		if (tag.type == WIRE_VARINT) {
			if (!read_varint(&bytes, value))
				return false;
			if (tag.field == field)
				return true;
		} else if (tag.type != WIRE_BYTES || !read_bytes(&bytes, &skipped)) {
			return false;
		}
	}
	return false;
}
