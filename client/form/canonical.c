// SPDX-License-Identifier: Apache-2.0
#include "form/canonical.h"

#include "form/body.h"

#include "passerelle/v1/envelope.pb-c.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *message_json(const ProtobufCMessageDescriptor *descriptor, const void *message);

static json_t *base64(const ProtobufCBinaryData *bytes)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = malloc(bytes->len / 3 * 4 + 5), *to = text;
	must(text != NULL);
	for (size_t i = 0; i < bytes->len; i += 3) {
		size_t rest = bytes->len - i;
		uint32_t group = (uint32_t)bytes->data[i] << 16 | (rest > 1 ? (uint32_t)bytes->data[i + 1] << 8 : 0) |
		                 (rest > 2 ? bytes->data[i + 2] : 0);
		*to++ = letters[group >> 18 & 63];
		*to++ = letters[group >> 12 & 63];
		*to++ = rest > 1 ? letters[group >> 6 & 63] : '=';
		*to++ = rest > 2 ? letters[group & 63] : '=';
	}
	*to = '\0';
	json_t *json = json_string(text);
	free(text);
	return json;
}

static json_t *enum_json(const ProtobufCEnumDescriptor *descriptor, int value)
{
	const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(descriptor, value);
	return known != NULL ? json_string(known->name) : json_integer(value);
}

static json_t *number_json(const void *at, bool large)
{
	uint32_t small;
	uint64_t number;
	char text[24];
	if (!large) {
		memcpy(&small, at, sizeof small);
		return json_integer(small);
	}
	memcpy(&number, at, sizeof number);
	snprintf(text, sizeof text, "%" PRIu64, number);
	return json_string(text);
}

// One value, wherever it lies.
static json_t *value_json(const ProtobufCFieldDescriptor *field, const void *at)
{
	ProtobufCBinaryData bytes;
	switch ((int)field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return json_string(pointer_at(at, 0));
	case PROTOBUF_C_TYPE_MESSAGE:
		return message_json(field->descriptor, pointer_at(at, 0));
	case PROTOBUF_C_TYPE_ENUM:
		return enum_json(field->descriptor, int_at(at, 0));
	case PROTOBUF_C_TYPE_BOOL:
		return json_boolean(int_at(at, 0) != 0);
	case PROTOBUF_C_TYPE_BYTES:
		memcpy(&bytes, at, sizeof bytes);
		return base64(&bytes);
	default:
		must(field->type == PROTOBUF_C_TYPE_UINT32 || field->type == PROTOBUF_C_TYPE_UINT64);
		return number_json(at, field->type == PROTOBUF_C_TYPE_UINT64);
	}
}

static size_t size_of(const ProtobufCFieldDescriptor *field)
{
	switch ((int)field->type) {
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_UINT64:
		return sizeof(uint64_t);
	default:
		return sizeof(uint32_t); // bool and enums are as wide
	}
}

static json_t *list_json(const ProtobufCFieldDescriptor *field, const void *message)
{
	size_t count = count_at(message, field->quantifier_offset);
	const char *entries = pointer_at(message, field->offset);
	json_t *list = count > 0 ? json_array() : NULL;
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, value_json(field, entries + i * size_of(field)));
	return list;
}

// Does a field that stands alone say anything?
static bool is_said(const ProtobufCFieldDescriptor *field, const void *message)
{
	const char *at = (const char *)message + field->offset, *text;
	ProtobufCBinaryData bytes;
	if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
		return int_at(message, field->quantifier_offset) == (int)field->id;
	switch ((int)field->type) {
	case PROTOBUF_C_TYPE_STRING:
		text = pointer_at(at, 0);
		return text != NULL && text[0] != '\0';
	case PROTOBUF_C_TYPE_MESSAGE:
		return pointer_at(at, 0) != NULL;
	case PROTOBUF_C_TYPE_BYTES:
		memcpy(&bytes, at, sizeof bytes);
		return bytes.len > 0;
	case PROTOBUF_C_TYPE_UINT64:
		return memcmp(at, (const uint64_t[]){0}, sizeof(uint64_t)) != 0;
	default:
		return int_at(at, 0) != 0;
	}
}

// "message_id" as "messageId".
static void put(json_t *object, const char *name, json_t *value)
{
	char camel[64];
	size_t length = 0;
	for (bool upper = false; *name != '\0' && length + 1 < sizeof camel; name++) {
		if (*name != '_')
			camel[length++] = upper ? (char)toupper((unsigned char)*name) : *name;
		upper = *name == '_';
	}
	camel[length] = '\0';
	json_object_set_new(object, camel, value);
}

static bool holds_keys(const ProtobufCMessageDescriptor *descriptor, const ProtobufCFieldDescriptor *field)
{
	return descriptor == &passerelle__v1__body__descriptor && strcmp(field->name, "granted") == 0;
}

static json_t *message_json(const ProtobufCMessageDescriptor *descriptor, const void *message)
{
	json_t *object = json_object();
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
		bool list = field->label == PROTOBUF_C_LABEL_REPEATED;
		if (holds_keys(descriptor, field) || (!list && !is_said(field, message)))
			continue;
		json_t *value = list ? list_json(field, message) : value_json(field, (const char *)message + field->offset);
		if (value != NULL)
			put(object, field->name, value);
	}
	return object;
}

enum fail_code canonical_header(struct view bytes, json_t **json, struct fail *why)
{
	struct form_memory memory;
	form_memory_init(&memory);
	Passerelle__V1__Header *header = passerelle__v1__header__unpack(&memory.allocator, bytes.length, bytes.data);
	*json = header != NULL ? message_json(&passerelle__v1__header__descriptor, header) : NULL;
	form_memory_release(&memory);
	return *json != NULL ? FAIL_NONE : fail_set(why, FAIL_MALFORMED, "the header cannot be read");
}

enum fail_code canonical_body(struct view bytes, json_t **json, struct fail *why)
{
	struct form_memory memory;
	Passerelle__V1__Body *body;
	form_memory_init(&memory);
	enum fail_code code = body_unpack(bytes, &memory, &body, why);
	*json = code == FAIL_NONE ? message_json(&passerelle__v1__body__descriptor, body) : NULL;
	form_memory_release(&memory);
	return code;
}
