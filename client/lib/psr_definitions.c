// SPDX-License-Identifier: Apache-2.0
//
// Public functions about the definitions of forms; no profile is needed.
#include <passerelle/passerelle.h>

#include "form/faults.h"
#include "lib/answer.h"
#include "lib/forms.h"
#include "lib/json.h"

#include <stdio.h>
#include <string.h>

static const struct psr_form_choice none = {NULL, NULL, NULL};

static const char *language_of(const struct psr_form_choice *choice)
{
	return choice->language != NULL ? choice->language : "en";
}

int psr_template(const char *verb, const char *service, const struct psr_form_choice *choice, char **form,
                 struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	struct definitions *forms = NULL;
	json_t *json = NULL;
	enum fail_code code = choice != NULL ? forms_load(&forms, choice->folder, NULL, &why) : FAIL_NONE;
	choice = choice != NULL ? choice : &none;
	struct form_by by = {forms, language_of(choice)};
	if (code == FAIL_NONE)
		code = form_template_by(&by, verb, service, choice->form, &json, &why);
	forms_free(forms);
	return answer(form, json, code, &why, error);
}

// ---- definitions as a document, in one language ----

static json_t *heading_json(json_t *heading, const char *language)
{
	static const char *const kept[] = {"codes", "field", "only", "of"};
	json_t *json =
		json_pack("{ssssssss}", "id", heading_id(heading), "label", heading_label(heading, language), "need",
	              heading_need(heading), "takes", heading_field(heading) != NULL ? "FIELD" : heading_takes(heading));
	json_put_filled(json, "help", heading_help(heading, language));
	if (strcmp(heading_need(heading), "ASKED") == 0)
		json_object_set_new(json, "reasons", json_string(heading_reasons(heading).text));
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		if (json_object_get(heading, kept[i]) != NULL)
			json_object_set(json, kept[i], json_object_get(heading, kept[i]));
	}
	return json;
}

static json_t *definition_json(const struct definition *form, const char *language)
{
	json_t *json = json_object(), *title = json_object_get(form->json, "title"), *list = json_array(), *entry;
	const char *tag;
	size_t i;
	json_put_text(json, "id", form->id);
	json_object_set_new(json, "version", json_integer(form->version));
	json_put_text(json, "kind", message_kind_name(form->kind));
	json_put_text(json, "title", definition_text(title, language));
	json_put_filled(json, "help", definition_text(json_object_get(form->json, "help"), language));
	json_object_foreach(title, tag, entry)
		json_array_append_new(list, json_string(tag));
	json_object_set_new(json, "languages", list);
	json_object_set(json, "services", json_object_get(form->json, "services"));
	list = json_array();
	json_array_foreach(form->headings, i, entry)
		json_array_append_new(list, heading_json(entry, language));
	json_object_set_new(json, "headings", list);
	return json;
}

static json_t *document(const struct definitions *forms, const struct psr_form_choice *choice, json_t *refused)
{
	json_t *json = json_document("passerelle.forms/1"), *items = json_array();
	for (size_t i = 0; i < forms->count; i++) {
		if (choice->form == NULL || strcmp(choice->form, forms->list[i].id) == 0)
			json_array_append_new(items, definition_json(&forms->list[i], language_of(choice)));
	}
	json_object_set_new(json, "items", items);
	json_object_set(json, "refused", refused);
	return json;
}

int psr_forms(const struct psr_form_choice *choice, char **result, struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	struct definitions *forms = NULL;
	json_t *refused = json_array(), *json = NULL;
	choice = choice != NULL ? choice : &none;
	enum fail_code code = forms_load(&forms, choice->folder, refused, &why);
	if (code == FAIL_NONE && choice->form != NULL && definition_find(forms, choice->form) == NULL)
		code = fail_set(&why, FAIL_BAD_USAGE, "'%s' is not a form that is known here: passerelle forms lists them",
		                excerpt_of(choice->form).text);
	if (code == FAIL_NONE)
		json = document(forms, choice, refused);
	json_decref(refused);
	forms_free(forms);
	return answer(result, json, code, &why, error);
}

// ---- one that somebody wrote ----

// Alone first, then beside the others: its base must be among them.
static enum fail_code check(const char *text, size_t length, const struct psr_form_choice *choice, json_t **json,
                            struct form_faults *faults, struct fail *why)
{
	struct definition definition;
	struct definitions *forms = NULL;
	char id[48];
	enum fail_code code = definition_read(text, length, &definition, faults, why);
	if (code != FAIL_NONE)
		return code;
	snprintf(id, sizeof id, "%s", definition.id);
	code = forms_load_beside(&forms, &definition, choice->folder, faults, why);
	struct psr_form_choice only = {id, NULL, choice->language};
	if (code == FAIL_NONE)
		*json = document(forms, &only, NULL);
	forms_free(forms);
	return code;
}

int psr_form_check(const char *definition, size_t length, const struct psr_form_choice *choice, char **result,
                   struct psr_error *error)
{
	struct form_faults faults = {.count = 0};
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = check(definition, length, choice != NULL ? choice : &none, &json, &faults, &why);
	return answer_checked(result, json, &faults, code, &why, error);
}
