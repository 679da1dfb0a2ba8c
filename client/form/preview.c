// SPDX-License-Identifier: Apache-2.0
//
// Who would get which field of a form, before anything is written.
#include "base/words.h"
#include "form/check.h"
#include "form/form.h"
#include "form/rules.h"
#include "form/text.h"

#include <string.h>

static const char sealed[] = "your branch and the branch you write to";
static const char routed[] = "both branches, the hub and the General Secretariat";

static void note(json_t *list, const struct form_path *path, char class, const char *readers)
{
	char text[2] = {class, '\0'};
	json_array_append_new(list, json_pack("{ssssss}", "path", path->text, "class", text, "readers", words_of(readers)));
}

static void preview_message(json_t *list, struct form_path *path, const ProtobufCMessageDescriptor *descriptor,
                            json_t *object);

// Entries of a list are told apart only where they have fields of their own.
static void preview_field(json_t *list, struct form_path *path, const ProtobufCFieldDescriptor *field,
                          const struct field_rule *rule, json_t *value)
{
	bool parts = field->type == PROTOBUF_C_TYPE_MESSAGE && rule->kind != TAKES_REASONS;
	if (!parts || rule->class != '-') {
		note(list, path, rule->class, sealed);
		return;
	}
	if (!json_is_array(value)) {
		preview_message(list, path, field->descriptor, value);
		return;
	}
	size_t i;
	json_t *entry;
	json_array_foreach(value, i, entry) {
		size_t before = path_entry(path, i);
		preview_message(list, path, field->descriptor, entry);
		path_back(path, before);
	}
}

static void preview_message(json_t *list, struct form_path *path, const ProtobufCMessageDescriptor *descriptor,
                            json_t *object)
{
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
		json_t *value = json_object_get(object, field->name);
		if (json_blank(value))
			continue;
		size_t before = path_field(path, field->name);
		preview_field(list, path, field, rule_find(descriptor->short_name, field->name), value);
		path_back(path, before);
	}
}

static void preview_routes(json_t *list, struct form_path *path, const struct verb_rule *verb, json_t *form)
{
	for (size_t i = 0; route_at(i) != NULL; i++) {
		const struct route_rule *route = route_at(i);
		if (!(route->kinds >> verb->kind & 1) || json_blank(json_object_get(form, route->rule.field)))
			continue;
		size_t before = path_field(path, route->rule.field);
		note(list, path, route->rule.class, routed);
		path_back(path, before);
	}
}

enum fail_code form_preview(const char *verb, const char *json, size_t json_length, json_t **list, struct fail *why)
{
	struct form_path path = {.length = 0};
	struct form_faults faults = {.count = 0};
	json_t *form = NULL;
	const struct verb_rule *rule = verb_find(verb);
	if (rule == NULL)
		return fail_set(why, FAIL_BAD_USAGE, "'%s' writes no message", excerpt_of(verb).text);
	enum fail_code code = form_parse(json, json_length, &form, &faults, why);
	if (code != FAIL_NONE)
		return code;
	*list = json_array();
	preview_routes(*list, &path, rule, form);
	preview_message(*list, &path, verb_form(rule), form);
	json_decref(form);
	return FAIL_NONE;
}
