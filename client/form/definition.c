// SPDX-License-Identifier: Apache-2.0
#include "form/definition.h"

#include "case/codes.h"
#include "form/definition_check.h"
#include "form/faults.h"
#include "form/text.h"

#include <stdio.h>
#include <string.h>

static const char *text_at(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

enum fail_code definition_read(const char *json, size_t length, struct definition *definition,
                               struct form_faults *faults, struct fail *why)
{
	*definition = (struct definition){.json = NULL};
	*faults = (struct form_faults){.count = 0};
	if (length > MAX_DEFINITION)
		return fail_set(why, FAIL_TOO_LARGE, "the definition has %zu bytes, at most %d are possible", length,
		                MAX_DEFINITION);
	enum fail_code code = form_parse(json, length, &definition->json, faults, why);
	if (code != FAIL_NONE)
		return code;
	definition_check(definition->json, faults);
	if (faults->count > 0) {
		definition_release(definition);
		return fail_set(why, FAIL_BAD_FORM, "the definition is not right, the first fault is at %s",
		                faults->fault[0].path);
	}
	definition->id = text_at(definition->json, "id");
	definition->kind = definition_kind(text_at(definition->json, "kind"));
	definition->version = (unsigned)json_integer_value(json_object_get(definition->json, "version"));
	definition->headings = json_incref(json_object_get(definition->json, "headings"));
	return FAIL_NONE;
}

void definition_release(struct definition *definition)
{
	json_decref(definition->headings);
	json_decref(definition->json);
	*definition = (struct definition){.json = NULL};
}

bool definitions_add(struct definitions *forms, struct definition *definition)
{
	if (forms->count == MAX_DEFINITIONS || definition_find(forms, definition->id) != NULL)
		return false;
	forms->list[forms->count++] = *definition;
	*definition = (struct definition){.json = NULL};
	return true;
}

// ---- a form that takes the headings of another ----

static json_t *find_in(json_t *headings, const char *id)
{
	size_t i;
	json_t *heading;
	json_array_foreach(headings, i, heading) {
		if (strcmp(heading_id(heading), id) == 0)
			return heading;
	}
	return NULL;
}

// The base's in their order, each as the form has it where it has it too; then the rest of its own. NULL without memory.
static json_t *joined(json_t *base, json_t *own)
{
	json_t *list = json_array(), *heading;
	size_t i;
	json_array_foreach(base, i, heading) {
		json_t *again = find_in(own, heading_id(heading));
		json_array_append(list, again != NULL ? again : heading);
	}
	json_array_foreach(own, i, heading) {
		if (find_in(base, heading_id(heading)) == NULL)
			json_array_append(list, heading);
	}
	return list;
}

// What is wrong with the base is told at `path`.
static bool base_fits(const struct definition *form, const struct definition *base, const char *name,
                      const struct form_path *path, struct form_faults *faults)
{
	size_t before = faults->count;
	if (base == NULL)
		fault_add(faults, path, "there is no form '%s' whose headings it could take", excerpt_of(name).text);
	else if (base->kind != form->kind)
		fault_add(faults, path, "'%s' is a form for another kind of message", name);
	else if (json_object_get(base->json, "base") != NULL)
		fault_add(faults, path, "'%s' has a base itself", name);
	return faults->count == before;
}

// FAIL_BAD_FORM: the fault is told.
static enum fail_code join_one(const struct definitions *forms, struct definition *form, struct form_faults *faults)
{
	const char *name = text_at(form->json, "base");
	struct form_path path = {.length = 0};
	if (name[0] == '\0' || form->headings != json_object_get(form->json, "headings"))
		return FAIL_NONE;
	const struct definition *base = definition_find(forms, name);
	path_field(&path, form->id);
	path_field(&path, "base");
	if (!base_fits(form, base, name, &path, faults))
		return FAIL_BAD_FORM;
	json_t *list = joined(base->headings, form->headings);
	if (json_array_size(list) > MAX_HEADINGS) {
		fault_add(faults, &path, "%zu headings together, at most %d are possible", json_array_size(list), MAX_HEADINGS);
		json_decref(list);
		return FAIL_BAD_FORM;
	}
	json_decref(form->headings);
	form->headings = list;
	return FAIL_NONE;
}

enum fail_code definitions_join(struct definitions *forms, struct form_faults *faults, struct fail *why)
{
	for (size_t i = 0; i < forms->count; i++) {
		if (join_one(forms, &forms->list[i], faults) == FAIL_NONE)
			continue;
		definition_release(&forms->list[i]);
		forms->count--;
		memmove(&forms->list[i], &forms->list[i + 1], (forms->count - i) * sizeof forms->list[0]);
		return fail_set(why, FAIL_BAD_FORM, "a form cannot take the headings of its base");
	}
	return FAIL_NONE;
}

void definitions_release(struct definitions *forms)
{
	for (size_t i = 0; i < forms->count; i++)
		definition_release(&forms->list[i]);
	forms->count = 0;
}

// ---- asked of them ----

const struct definition *definition_find(const struct definitions *forms, const char *id)
{
	for (size_t i = 0; forms != NULL && i < forms->count; i++) {
		if (strcmp(forms->list[i].id, id) == 0)
			return &forms->list[i];
	}
	return NULL;
}

static bool has_text(json_t *list, const char *text)
{
	size_t i;
	json_t *entry;
	json_array_foreach(list, i, entry) {
		if (json_is_string(entry) && strcmp(json_string_value(entry), text) == 0)
			return true;
	}
	return false;
}

bool definition_serves(const struct definition *definition, const char *service)
{
	return has_text(json_object_get(definition->json, "services"), service);
}

const struct definition *definition_for(const struct definitions *forms, enum message_kind kind, const char *service)
{
	for (size_t i = 0; forms != NULL && i < forms->count; i++) {
		if (forms->list[i].kind == kind && definition_serves(&forms->list[i], service))
			return &forms->list[i];
	}
	return NULL;
}

const char *definition_text(json_t *texts, const char *language)
{
	char primary[12];
	snprintf(primary, sizeof primary, "%.*s", (int)strcspn(language, "-_"), language);
	const char *const tries[] = {language, primary, "en"};
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		const char *text = json_string_value(json_object_get(texts, tries[i]));
		if (text != NULL)
			return text;
	}
	return json_string_value(json_object_iter_value(json_object_iter(texts)));
}

const char *heading_id(json_t *heading)
{
	return text_at(heading, "id");
}

const char *heading_label(json_t *heading, const char *language)
{
	const char *own = definition_text(json_object_get(heading, "label"), language);
	const struct code_list *usual = code_list_find("report_heading");
	if (own != NULL)
		return own;
	return code_known(usual, heading_id(heading)) ? code_label(usual, heading_id(heading), language)
	                                              : heading_id(heading);
}

const char *heading_help(json_t *heading, const char *language)
{
	const char *text = definition_text(json_object_get(heading, "help"), language);
	return text != NULL ? text : "";
}

static const char *word_at(json_t *heading, const char *key, const char *otherwise)
{
	const char *text = text_at(heading, key);
	return text[0] != '\0' ? text : otherwise;
}

const char *heading_need(json_t *heading)
{
	return word_at(heading, "need", "MAY");
}

const char *heading_takes(json_t *heading)
{
	return word_at(heading, "takes", "TEXT");
}

const char *heading_field(json_t *heading)
{
	return json_string_value(json_object_get(heading, "field"));
}

json_t *heading_find(const struct definition *definition, const char *id)
{
	return find_in(definition->headings, id);
}

// Those that a form may name, in the order of the code list; the two that every list has say nothing here.
static bool reason_at(json_t *heading, unsigned index, const char **reason)
{
	*reason = code_at(code_list_find("null_reason"), index);
	json_t *allowed = json_object_get(heading, "reasons");
	if (*reason == NULL || strcmp(*reason, "OTHER") == 0 || strcmp(*reason, "UNSPECIFIED") == 0)
		return false;
	return allowed == NULL || has_text(allowed, *reason);
}

bool heading_allows(json_t *heading, const char *reason)
{
	const char *known;
	for (unsigned i = 0; code_at(code_list_find("null_reason"), i) != NULL; i++) {
		if (reason_at(heading, i, &known) && strcmp(known, reason) == 0)
			return true;
	}
	return false;
}

struct reasons_text heading_reasons(json_t *heading)
{
	struct reasons_text reasons = {""};
	const char *known;
	for (unsigned i = 0; code_at(code_list_find("null_reason"), i) != NULL; i++) {
		size_t used = strlen(reasons.text);
		if (reason_at(heading, i, &known))
			snprintf(reasons.text + used, sizeof reasons.text - used, "%s%s", used > 0 ? ", " : "", known);
	}
	return reasons;
}
