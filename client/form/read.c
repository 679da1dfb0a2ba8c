// SPDX-License-Identifier: Apache-2.0
#include "form/read.h"

#include "base/words.h"
#include "case/codes.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAULT(reading, ...) fault_add((reading)->check.faults, &(reading)->check.path, __VA_ARGS__)

static const char *type_of(const json_t *value)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "an object {...}", [JSON_ARRAY] = "a list [...]", [JSON_STRING] = "a text \"...\"",
		[JSON_INTEGER] = "a number",       [JSON_REAL] = "a number",      [JSON_TRUE] = "true",
		[JSON_FALSE] = "false",            [JSON_NULL] = "null",
	};
	return words_of(names[json_typeof(value)]);
}

void *message_new(struct form_memory *memory, const ProtobufCMessageDescriptor *descriptor)
{
	void *message = arena_alloc(&memory->arena, descriptor->sizeof_message);
	if (message != NULL)
		protobuf_c_message_init(descriptor, message);
	else
		memory->refused = true;
	return message;
}

static void remember_person(struct reading *reading, const char *pseudonym)
{
	if (json_object_get(reading->seen_persons, pseudonym) != NULL)
		FAULT(reading, "'%s' is used twice: each person needs a pseudonym of its own", excerpt_of(pseudonym).text);
	else if (json_object_set_new(reading->seen_persons, pseudonym, json_true()) != 0)
		reading->memory->refused = true;
}

static const char *read_text(struct reading *reading, const struct field_rule *rule, json_t *value)
{
	if (!json_is_string(value)) {
		FAULT(reading, "must be a text in \"quotes\", not %s", type_of(value));
		return "";
	}
	const char *text = json_string_value(value);
	if (text[0] == '\0') {
		FAULT(reading, "is empty: take this entry out, or fill it");
		return "";
	}
	check_text(&reading->check, rule, text);
	if (rule->kind == TAKES_NEW_PERSON)
		remember_person(reading, text);
	return text;
}

static int read_choice(struct reading *reading, const ProtobufCEnumDescriptor *descriptor, json_t *value)
{
	size_t prefix = enum_prefix(descriptor);
	const char *text = json_is_string(value) ? json_string_value(value) : "";
	char possible[120] = "";
	for (unsigned i = 1; i < descriptor->n_values; i++) {
		const char *name = descriptor->values[i].name + prefix;
		if (strcmp(name, text) == 0)
			return descriptor->values[i].value;
		size_t used = strlen(possible);
		snprintf(possible + used, sizeof(possible) - used, "%s\"%s\"", i > 1 ? ", " : "", name);
	}
	FAULT(reading, "must be one of %s", possible);
	return 0;
}

// UINT64_MAX if it is none.
static uint64_t number_of(json_t *value)
{
	if (json_is_integer(value) && json_integer_value(value) >= 0)
		return (uint64_t)json_integer_value(value);
	const char *text = json_is_string(value) ? json_string_value(value) : "";
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 18 || text[digits] != '\0')
		return UINT64_MAX;
	return strtoull(text, NULL, 10);
}

// A 64-bit number travels as text in JSON; small ones may be written as numbers.
static uint32_t read_number(struct reading *reading, const struct field_rule *rule, json_t *value)
{
	uint64_t number = number_of(value);
	if (number <= rule->max)
		return (uint32_t)number;
	FAULT(reading, "must be a whole number from 0 to %u", rule->max);
	return 0;
}

static bool read_flag(struct reading *reading, json_t *value)
{
	if (!json_is_boolean(value))
		FAULT(reading, "must be true or false, not %s", type_of(value));
	return json_is_true(value);
}

static void read_scalar(struct reading *reading, const struct field_rule *rule, const ProtobufCFieldDescriptor *field,
                        json_t *value, void *message)
{
	uint32_t number;
	switch ((int)field->type) {
	case PROTOBUF_C_TYPE_STRING:
		pointer_set(message, field->offset, read_text(reading, rule, value));
		break;
	case PROTOBUF_C_TYPE_ENUM:
		int_set(message, field->offset, read_choice(reading, field->descriptor, value));
		break;
	case PROTOBUF_C_TYPE_BOOL:
		int_set(message, field->offset, read_flag(reading, value));
		break;
	case PROTOBUF_C_TYPE_UINT32:
		number = read_number(reading, rule, value);
		memcpy((char *)message + field->offset, &number, sizeof(number));
		break;
	default:
		must(false && "a field type that forms know");
	}
}

static const void *read_part(struct reading *reading, const ProtobufCMessageDescriptor *descriptor, json_t *value)
{
	if (!json_is_object(value)) {
		FAULT(reading, "must be an object {...}, not %s", type_of(value));
		return NULL;
	}
	void *part = message_new(reading->memory, descriptor);
	if (part != NULL)
		read_message(reading, descriptor, value, part, NULL);
	return part;
}

static bool is_list(struct reading *reading, json_t *value)
{
	if (!json_is_array(value)) {
		FAULT(reading, "must be a list: put it in [ ], even if there is only one");
		return false;
	}
	if (json_array_size(value) > MAX_LIST_ENTRIES) {
		FAULT(reading, "has %zu entries, at most %d are possible: send the rest with another message", json_array_size(value),
		      MAX_LIST_ENTRIES);
		return false;
	}
	return true;
}

bool read_texts(struct reading *reading, const struct field_rule *rule, json_t *value)
{
	if (!is_list(reading, value))
		return false;
	for (size_t i = 0; i < json_array_size(value); i++) {
		size_t before = path_entry(&reading->check.path, i);
		read_text(reading, rule, json_array_get(value, i));
		path_back(&reading->check.path, before);
	}
	return true;
}

// A heading as the template of a form has it, with nothing under it.
static bool heading_alone(const struct reading *reading, const ProtobufCFieldDescriptor *field, json_t *entry)
{
	return reading->check.own_headings && strcmp(field->name, "sections") == 0 && json_is_object(entry) &&
	       json_blank(json_object_get(entry, "title")) && json_blank(json_object_get(entry, "text")) &&
	       json_blank(json_object_get(entry, "absent"));
}

// An entry in which nothing is filled, as templates have them, counts as not written.
static const void *read_entry(struct reading *reading, const struct field_rule *rule,
                              const ProtobufCFieldDescriptor *field, json_t *entry)
{
	if (field->type != PROTOBUF_C_TYPE_MESSAGE)
		return read_text(reading, rule, entry);
	return json_blank(entry) || heading_alone(reading, field, entry) ? NULL
	                                                                 : read_part(reading, field->descriptor, entry);
}

static void read_list(struct reading *reading, const struct field_rule *rule, const ProtobufCFieldDescriptor *field,
                      json_t *value, void *message)
{
	if (!is_list(reading, value))
		return;
	const void **entries = arena_alloc(&reading->memory->arena, json_array_size(value) * sizeof(*entries));
	if (entries == NULL) {
		reading->memory->refused = true;
		return;
	}
	size_t count = 0;
	for (size_t i = 0; i < json_array_size(value); i++) {
		size_t before = path_entry(&reading->check.path, i);
		entries[count] = read_entry(reading, rule, field, json_array_get(value, i));
		count += entries[count] != NULL;
		path_back(&reading->check.path, before);
	}
	pointer_set(message, field->offset, entries);
	count_set(message, field->quantifier_offset, count);
}

// ---- missing values and their reasons ----

static json_t *reason_of(json_t *object, const char *field)
{
	json_t *reason = json_object_get(json_object_get(object, "absent"), field);
	return reason != NULL && !json_blank(reason) ? reason : NULL;
}

static bool has_reasons(const char *message)
{
	return rule_find(message, "absent") != NULL;
}

// What the whole form decides about a field, beyond its row.
static enum field_need need_of(const struct reading *reading, const struct field_rule *rule)
{
	if (reading->final && strcmp(rule->message, "Report") == 0 && strcmp(rule->field, "recommendation") == 0)
		return NEED_ASKED;
	if (strcmp(rule->message, "Referral") == 0 && strcmp(rule->field, "tracing") == 0 &&
	    (strcmp(reading->service, "FAMILY_TRACING") == 0 || strcmp(reading->service, "ORIGINS_SEARCH") == 0))
		return NEED_ASKED;
	return rule->need;
}

static void fault_missing(struct reading *reading, const struct field_rule *rule)
{
	enum field_need need = need_of(reading, rule);
	if (fault_told(reading->check.faults, &reading->check.path))
		return; // the form said it better, with its heading
	if (need == NEED_MUST)
		FAULT(reading, "is missing: %s", words_of(rule->help[0] != '\0' ? rule->help : "fill it"));
	else if (need == NEED_ASKED)
		FAULT(reading, "is missing: fill it, or say why not: \"absent\": {\"%s\": \"NK\"} (NK, NR, WITHHELD, PENDING, NOT_ASKED)",
		      rule->field);
}

static void read_field(struct reading *reading, const ProtobufCFieldDescriptor *field, const struct field_rule *rule,
                       json_t *object, void *message)
{
	json_t *value = json_object_get(object, field->name);
	json_t *reason = has_reasons(rule->message) ? reason_of(object, field->name) : NULL;
	if (json_blank(value)) {
		if (reason == NULL)
			fault_missing(reading, rule);
	} else if (rule->need == NEED_FILLED) {
		FAULT(reading, "is filled in by the program: take it out");
	} else if (reason != NULL) {
		FAULT(reading, "has a value and also a reason under \"absent\": take one of them out");
	} else if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		read_list(reading, rule, field, value, message);
	} else if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
		pointer_set(message, field->offset, read_part(reading, field->descriptor, value));
	} else {
		read_scalar(reading, rule, field, value, message);
	}
}

// The nearest key that may stand here: a field of the message or, at the top of the form, a routing field.
static const char *nearest_key(const struct reading *reading, const ProtobufCMessageDescriptor *descriptor,
                               const char *key)
{
	const char *nearest = NULL;
	unsigned distance = UINT_MAX;
	for (unsigned i = 0; i < descriptor->n_fields; i++)
		nearest_try(key, descriptor->fields[i].name, &nearest, &distance);
	for (size_t i = 0; reading->check.path.length == 0 && route_at(i) != NULL; i++) {
		if (route_at(i)->kinds >> reading->check.verb->kind & 1)
			nearest_try(key, route_at(i)->rule.field, &nearest, &distance);
	}
	return nearest;
}

void fault_unknown_key(struct reading *reading, const char *key, const char *nearest)
{
	size_t before = path_field(&reading->check.path, excerpt_of(key).text);
	if (nearest != NULL)
		FAULT(reading, "is not known here: did you mean \"%s\"?", nearest);
	else
		FAULT(reading, "is not known here: take it out");
	path_back(&reading->check.path, before);
}

static bool reason_known(json_t *reason)
{
	const struct code_list *list = code_list_find("null_reason");
	const char *code = json_string_value(reason);
	return code != NULL && (list == NULL ? code_well_formed(code) : code_known(list, code));
}

static void check_reason(struct reading *reading, const ProtobufCMessageDescriptor *descriptor, const char *key,
                         json_t *reason)
{
	const struct field_rule *rule = rule_find(descriptor->short_name, key);
	if (rule == NULL || rule->kind == TAKES_REASONS) {
		fault_unknown_key(reading, key, nearest_key(reading, descriptor, key));
		return;
	}
	size_t before = path_field(&reading->check.path, key);
	if (need_of(reading, rule) == NEED_MUST)
		FAULT(reading, "cannot be left out with a reason: fill it");
	else if (!reason_known(reason))
		FAULT(reading, "must be one of NK (not known), NR (not relevant), WITHHELD, PENDING, NOT_ASKED");
	path_back(&reading->check.path, before);
}

// "absent": {"birth": "NK"} becomes repeated Absent {field, reason}.
static void read_reasons(struct reading *reading, const ProtobufCMessageDescriptor *descriptor,
                         const ProtobufCFieldDescriptor *field, json_t *object, void *message)
{
	if (!json_is_object(object)) {
		FAULT(reading, "must be an object: {\"birth\": \"NK\"}");
		return;
	}
	const ProtobufCMessageDescriptor *absent = field->descriptor;
	const void **entries = arena_alloc(&reading->memory->arena, json_object_size(object) * sizeof(*entries));
	size_t count = 0;
	const char *key;
	json_t *reason;
	json_object_foreach(object, key, reason) {
		if (key_is_help(key) || json_blank(reason))
			continue;
		check_reason(reading, descriptor, key, reason);
		void *entry = entries != NULL ? message_new(reading->memory, absent) : NULL;
		if (entry == NULL || !json_is_string(reason))
			continue;
		pointer_set(entry, absent->fields[0].offset, key);
		pointer_set(entry, absent->fields[1].offset, json_string_value(reason));
		entries[count++] = entry;
	}
	pointer_set(message, field->offset, entries);
	count_set(message, field->quantifier_offset, count);
}

static void check_keys(struct reading *reading, const ProtobufCMessageDescriptor *descriptor, json_t *object,
                       bool (*skip)(const struct reading *reading, const char *key))
{
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value) {
		if (key_is_help(key) || protobuf_c_message_descriptor_get_field_by_name(descriptor, key) != NULL)
			continue;
		if (skip == NULL || !skip(reading, key))
			fault_unknown_key(reading, key, nearest_key(reading, descriptor, key));
	}
}

void read_message(struct reading *reading, const ProtobufCMessageDescriptor *descriptor, json_t *object, void *message,
                  bool (*skip)(const struct reading *reading, const char *key))
{
	check_keys(reading, descriptor, object, skip);
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
		const struct field_rule *rule = rule_find(descriptor->short_name, field->name);
		must(rule != NULL);
		size_t before = path_field(&reading->check.path, field->name);
		if (rule->kind != TAKES_REASONS)
			read_field(reading, field, rule, object, message);
		else if (!json_blank(json_object_get(object, field->name)))
			read_reasons(reading, descriptor, field, json_object_get(object, field->name), message);
		path_back(&reading->check.path, before);
	}
}
