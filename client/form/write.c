// SPDX-License-Identifier: Apache-2.0
#include "form/write.h"

#include "passerelle/v1/body.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// NULL: nothing to say is told by *said = false, trouble by NULL with *said = true.
static json_t *text_json(const char *text, bool *said)
{
	*said = text != NULL && text[0] != '\0';
	return *said ? json_string(text) : NULL;
}

static json_t *choice_json(const ProtobufCEnumDescriptor *descriptor, int value, bool *said)
{
	char number[16];
	*said = value != 0;
	if (value == 0)
		return NULL;
	const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(descriptor, value);
	if (known != NULL)
		return json_string(known->name + enum_prefix(descriptor));
	snprintf(number, sizeof(number), "%d", value);
	return json_string(number);
}

// 64-bit numbers are texts in JSON: not every reader holds them exactly.
static json_t *number_json(const ProtobufCFieldDescriptor *field, const void *message, bool *said)
{
	uint32_t small;
	uint64_t large;
	char text[24];
	if (field->type == PROTOBUF_C_TYPE_UINT32) {
		memcpy(&small, (const char *)message + field->offset, sizeof(small));
		*said = small != 0;
		return *said ? json_integer(small) : NULL;
	}
	must(field->type == PROTOBUF_C_TYPE_UINT64);
	memcpy(&large, (const char *)message + field->offset, sizeof(large));
	*said = large != 0;
	snprintf(text, sizeof(text), "%" PRIu64, large);
	return *said ? json_string(text) : NULL;
}

static json_t *part_json(const ProtobufCMessageDescriptor *descriptor, const void *part, bool *said)
{
	*said = part != NULL;
	json_t *object = part != NULL ? json_object() : NULL;
	if (object != NULL && write_message(descriptor, part, object))
		return object;
	json_decref(object);
	return NULL;
}

static json_t *scalar_json(const ProtobufCFieldDescriptor *field, const void *message, bool *said)
{
	switch ((int)field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return text_json(pointer_at(message, field->offset), said);
	case PROTOBUF_C_TYPE_MESSAGE:
		return part_json(field->descriptor, pointer_at(message, field->offset), said);
	case PROTOBUF_C_TYPE_ENUM:
		return choice_json(field->descriptor, int_at(message, field->offset), said);
	case PROTOBUF_C_TYPE_BOOL:
		*said = int_at(message, field->offset) != 0;
		return *said ? json_true() : NULL;
	default:
		return number_json(field, message, said);
	}
}

static json_t *entry_json(const ProtobufCFieldDescriptor *field, const void *entry)
{
	bool said;
	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return part_json(field->descriptor, entry, &said);
	must(field->type == PROTOBUF_C_TYPE_STRING);
	return json_string(entry);
}

static json_t *list_json(const ProtobufCFieldDescriptor *field, const void *message, bool *said)
{
	size_t count = count_at(message, field->quantifier_offset);
	const char *entries = pointer_at(message, field->offset);
	*said = count > 0;
	json_t *list = count > 0 ? json_array() : NULL;
	for (size_t i = 0; i < count && list != NULL; i++) {
		json_t *entry = entry_json(field, pointer_at(entries, i * sizeof(void *)));
		if (json_array_append_new(list, entry) == 0) // also decides on NULL
			continue;
		json_decref(list);
		list = NULL;
	}
	return list;
}

// repeated Absent {field, reason} as {"birth": "NK"}.
static json_t *reasons_json(const ProtobufCFieldDescriptor *field, const void *message, bool *said)
{
	size_t count = count_at(message, field->quantifier_offset);
	const char *entries = pointer_at(message, field->offset);
	*said = count > 0;
	json_t *object = count > 0 ? json_object() : NULL;
	for (size_t i = 0; i < count && object != NULL; i++) {
		const Passerelle__V1__Absent *absent = pointer_at(entries, i * sizeof(void *));
		if (json_object_set_new(object, absent->field, json_string(absent->reason)) == 0)
			continue;
		json_decref(object);
		object = NULL;
	}
	return object;
}

static json_t *field_json(const ProtobufCFieldDescriptor *field, const void *message, bool *said)
{
	if (field->label != PROTOBUF_C_LABEL_REPEATED)
		return scalar_json(field, message, said);
	if (field->descriptor == &passerelle__v1__absent__descriptor)
		return reasons_json(field, message, said);
	return list_json(field, message, said);
}

// Fields of a newer peer are kept in the stored bytes; here only their number is told.
static bool tell_unknown(const ProtobufCMessage *base, json_t *object)
{
	return base->n_unknown_fields == 0 ||
	       json_object_set_new(object, "_unknown_fields", json_integer(base->n_unknown_fields)) == 0;
}

bool write_message(const ProtobufCMessageDescriptor *descriptor, const void *message, json_t *object)
{
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		bool said = false;
		json_t *value = field_json(&descriptor->fields[i], message, &said);
		if (said && json_object_set_new(object, descriptor->fields[i].name, value) != 0)
			return false;
	}
	return tell_unknown(message, object);
}
