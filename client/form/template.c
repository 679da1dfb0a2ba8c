// SPDX-License-Identifier: Apache-2.0
//
// A form to fill: every field with its help before it, all values empty. An entry
// left empty counts as not written, so a filled template needs no pruning.
#include "base/words.h"
#include "form/form.h"

#include "case/codes.h"
#include "form/fill.h"
#include "form/help.h"
#include "form/rules.h"

#include "passerelle/v1/body.pb-c.h"

#include "form/faults.h"
#include "form/memory.h"

#include <stdio.h>
#include <string.h>

// Types whose fields were explained already: later ones come without help.
struct explained {
	const ProtobufCMessageDescriptor *type[16];
	size_t count;
	const char *service;
};

static void add(struct bytes *text, const char *piece)
{
	// A help text that has no room any more is cut: a template, not a record.
	(void)!bytes_append(text, piece, strlen(piece));
}

static void add_codes(struct bytes *text, const char *name)
{
	enum { MANY = 40 };
	const struct code_list *list = code_list_find(name);
	if (list == NULL)
		return;
	if (code_at(list, MANY) != NULL) {
		add(text, words_of("; a code of the list "));
		add(text, name);
		return;
	}
	add(text, words_of("; one of:"));
	for (unsigned i = 0; code_at(list, i) != NULL; i++) {
		add(text, " ");
		add(text, code_at(list, i));
	}
}

static void add_choices(struct bytes *text, const ProtobufCEnumDescriptor *descriptor)
{
	add(text, words_of("; one of:"));
	for (unsigned i = 1; i < descriptor->n_values; i++) {
		add(text, " ");
		add(text, descriptor->values[i].name + enum_prefix(descriptor));
	}
}

static const char *kind_text(enum field_kind kind)
{
	static const char *const texts[TAKES_COUNT] = {
		[TAKES_PARTIAL] = "; as 2009, 2009-03, 2009-03-17, 2009-03-XX, 200X, 2009~ (about), 2009? (not sure), 2008/2010",
		[TAKES_DAY] = "; as 2027-03-01",
		[TAKES_LANGUAGE] = "; as fr, wo, km, ar-SN (BCP 47)",
		[TAKES_COUNTRY] = "; as CH, SN, KH (ISO 3166)",
		[TAKES_SCRIPT] = "; as Latn, Arab, Khmr",
		[TAKES_PERSON] = "; a pseudonym",
	};
	return texts[kind] != NULL ? texts[kind] : "";
}

json_t *help_json(const struct field_rule *rule, const ProtobufCEnumDescriptor *choices)
{
	static const char *const needs[] = {[NEED_MAY] = "", [NEED_MUST] = "MUST: ", [NEED_ASKED] = "MUST, or a reason in `absent`: ", [NEED_FILLED] = ""};
	struct bytes text;
	bytes_init(&text, 2000);
	add(&text, words_of(needs[rule->need]));
	add(&text, words_of(rule->help));
	add(&text, words_of(kind_text(rule->kind)));
	if (rule->list != NULL)
		add_codes(&text, rule->list);
	if (rule->kind == TAKES_CHOICE)
		add_choices(&text, choices);
	if (rule->kind == TAKES_REASONS)
		add(&text, words_of("; {\"name of the field\": \"NK\"}: NK not known, NR not relevant, WITHHELD, PENDING, NOT_ASKED"));
	if (rule->sample[0] != '\0') {
		add(&text, words_of("; example: "));
		add(&text, rule->sample);
	}
	json_t *json = json_stringn((const char *)text.data, text.length);
	bytes_release(&text);
	return json;
}

static json_t *message_template(const ProtobufCMessageDescriptor *descriptor, struct explained *explained);

static json_t *empty_scalar(const ProtobufCFieldDescriptor *field, const struct field_rule *rule,
                            struct explained *explained)
{
	if (rule->kind == TAKES_FLAG)
		return json_false();
	if (rule->kind == TAKES_NUMBER)
		return json_integer(0);
	if (rule->kind == TAKES_REASONS)
		return json_object();
	if (field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE)
		return message_template(field->descriptor, explained);
	return json_string("");
}

static json_t *empty_value(const ProtobufCFieldDescriptor *field, const struct field_rule *rule,
                           struct explained *explained)
{
	if (field->label != PROTOBUF_C_LABEL_REPEATED || rule->kind == TAKES_REASONS)
		return empty_scalar(field, rule, explained);
	json_t *list = json_array();
	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		json_array_append_new(list, message_template(field->descriptor, explained));
	return list;
}

static bool explained_before(struct explained *explained, const ProtobufCMessageDescriptor *descriptor)
{
	for (size_t i = 0; i < explained->count; i++) {
		if (explained->type[i] == descriptor)
			return true;
	}
	if (explained->count < sizeof(explained->type) / sizeof(explained->type[0]))
		explained->type[explained->count++] = descriptor;
	return false;
}

static void set_help(json_t *object, const struct field_rule *rule, const ProtobufCFieldDescriptor *field)
{
	char key[64];
	snprintf(key, sizeof(key), "_help_%s", rule->field);
	json_object_set_new(object, key, help_json(rule, rule->kind == TAKES_CHOICE ? field->descriptor : NULL));
}

static void add_fields(const ProtobufCMessageDescriptor *descriptor, json_t *object, struct explained *explained)
{
	bool again = explained_before(explained, descriptor);
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
		const struct field_rule *rule = rule_find(descriptor->short_name, field->name);
		must(rule != NULL);
		if (rule->need == NEED_FILLED || !service_uses(explained->service, field->name))
			continue;
		if (!again)
			set_help(object, rule, field);
		json_object_set_new(object, field->name, empty_value(field, rule, explained));
	}
}

static json_t *message_template(const ProtobufCMessageDescriptor *descriptor, struct explained *explained)
{
	json_t *object = json_object();
	add_fields(descriptor, object, explained);
	return object;
}

static json_t *partner_template(void)
{
	json_t *partner = json_object();
	for (size_t i = 0; partner_rule_at(i) != NULL; i++) {
		set_help(partner, partner_rule_at(i), NULL);
		json_object_set_new(partner, partner_rule_at(i)->field, json_string(""));
	}
	return json_pack("[o]", partner);
}

static json_t *route_empty(const struct field_rule *rule)
{
	if (rule->kind == TAKES_LANGUAGE)
		return json_array();
	if (rule->kind == TAKES_PART)
		return partner_template();
	return empty_scalar(NULL, rule, NULL);
}

static void add_routes(const struct verb_rule *verb, const char *service, json_t *form)
{
	for (size_t i = 0; route_at(i) != NULL; i++) {
		const struct field_rule *rule = &route_at(i)->rule;
		if (!(route_at(i)->kinds >> verb->kind & 1))
			continue;
		set_help(form, rule, NULL);
		bool given = strcmp(rule->field, "service") == 0 && service != NULL;
		json_object_set_new(form, rule->field, given ? json_string(service) : route_empty(rule));
	}
}

// The first service item asks for what the form was made for.
static void preset_service(json_t *form, const char *service)
{
	json_t *item = json_array_get(json_object_get(form, "items"), 0);
	if (item != NULL && service != NULL)
		json_object_set_new(item, "service", json_string(service));
}

static enum fail_code fail_service(const char *service, struct fail *why)
{
	const struct code_list *list = code_list_find("service_type");
	char known[300] = "";
	for (unsigned i = 0; list != NULL && code_at(list, i) != NULL; i++) {
		size_t used = strlen(known);
		snprintf(known + used, sizeof(known) - used, "%s%s", i > 0 ? ", " : "", code_at(list, i));
	}
	const char *near = list != NULL ? code_nearest(list, service) : NULL;
	if (near != NULL)
		return fail_set(why, FAIL_BAD_FORM, "'%s' is not a known service: did you mean '%s'?", excerpt_of(service).text,
		                near);
	return fail_set(why, FAIL_BAD_FORM, "'%s' is not a known service: %s", excerpt_of(service).text, known);
}

static bool service_known(const char *service)
{
	const struct code_list *list = code_list_find("service_type");
	return list == NULL || code_known(list, service);
}

enum fail_code form_template(const char *verb, const char *service, json_t **json, struct fail *why)
{
	const struct verb_rule *rule = verb_find(verb);
	if (rule == NULL)
		return fail_set(why, FAIL_BAD_USAGE, "'%s' writes no message", excerpt_of(verb).text);
	if (service != NULL && !service_known(service))
		return fail_service(service, why);
	struct explained explained = {.count = 0, .service = service != NULL ? service : "FAMILY_TRACING"};
	json_t *form =
		json_pack("{s:s+}", "_help", words_of("Keys that begin with _help may stay. This form "), words_of(rule->help));
	add_routes(rule, service, form);
	add_fields(verb_form(rule), form, &explained);
	json_object_set_new(form, "_help_attachments", json_string(words_of("remarks on files given with --attach, one entry each")));
	json_object_set_new(form, "attachments",
	                    json_pack("[o]", message_template(&passerelle__v1__attachment__descriptor, &explained)));
	preset_service(form, service);
	*json = form;
	return FAIL_NONE;
}

static const struct definition *chosen(const struct form_by *by, const struct verb_rule *verb, const char *service,
                                       const char *form)
{
	if (form != NULL)
		return definition_find(by->forms, form);
	return service != NULL ? definition_for(by->forms, verb->kind, service) : NULL;
}

enum fail_code form_template_by(const struct form_by *by, const char *verb, const char *service, const char *form,
                                json_t **json, struct fail *why)
{
	const struct verb_rule *rule = verb_find(verb);
	const struct definition *definition = rule != NULL ? chosen(by, rule, service, form) : NULL;
	if (form != NULL && definition == NULL)
		return fail_set(why, FAIL_BAD_USAGE, "'%s' is not a form that is known here: passerelle forms lists them",
		                excerpt_of(form).text);
	if (definition != NULL && definition->kind != rule->kind)
		return fail_set(why, FAIL_BAD_USAGE, "'%s' is a form for another kind of message", definition->id);
	enum fail_code code = form_template(verb, service, json, why);
	if (code == FAIL_NONE && definition != NULL)
		fill_template(definition, *json, by->language);
	return code;
}
