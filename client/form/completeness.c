// SPDX-License-Identifier: Apache-2.0
//
// How much of what a form asks for it says: the other branch sees at once what it may
// have to ask about (casework page, 5.6: no field is silently empty).
#include "form/check.h"
#include "form/fill.h"
#include "form/form.h"
#include "form/rules.h"
#include "form/text.h"

struct counted {
	int asked, filled;
};

static void count_message(struct counted *counted, const ProtobufCMessageDescriptor *descriptor, json_t *object);

// Depth is that of the schema, which has no message inside itself.
static void count_part(struct counted *counted, const ProtobufCFieldDescriptor *field, json_t *value)
{
	size_t i;
	json_t *entry;
	if (json_is_object(value))
		count_message(counted, field->descriptor, value);
	json_array_foreach(value, i, entry) // none, unless it is a list
		count_message(counted, field->descriptor, entry);
}

static void count_message(struct counted *counted, const ProtobufCMessageDescriptor *descriptor, json_t *object)
{
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
		const struct field_rule *rule = rule_find(descriptor->short_name, field->name);
		json_t *value = json_object_get(object, field->name);
		if (rule != NULL && rule->need == NEED_ASKED) {
			counted->asked++;
			counted->filled += !json_blank(value);
		}
		if (field->type == PROTOBUF_C_TYPE_MESSAGE && rule != NULL && rule->kind != TAKES_REASONS)
			count_part(counted, field, value);
	}
}

json_t *form_completeness(enum message_kind kind, json_t *content)
{
	struct counted counted = {0, 0};
	const struct verb_rule *verb = verb_of_kind(kind);
	if (verb != NULL)
		count_message(&counted, verb_content(verb)->descriptor, content);
	return counted.asked > 0 ? json_pack("{sisi}", "asked", counted.asked, "filled", counted.filled) : NULL;
}

json_t *form_headings(const struct definitions *forms, json_t *routing, json_t *content)
{
	const char *name = json_string_value(json_object_get(content, "form"));
	const struct definition *definition = name != NULL ? definition_find(forms, name) : NULL;
	return definition != NULL ? fill_count(definition, routing, content) : NULL;
}

json_t *form_routing(const struct header *header)
{
	return json_pack("{ssssssssss}", "service", header->service, "urgency", header->urgency, "legal_basis",
	                 header->legal_basis, "requester_kind", header->requester_kind, "stage",
	                 header->report == REPORT_FINAL ? "FINAL" : "INTERIM");
}
