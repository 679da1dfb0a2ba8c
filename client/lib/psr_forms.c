// SPDX-License-Identifier: Apache-2.0
//
// Public functions that need no profile: what a form would show to whom, and the code lists.
#include <passerelle/passerelle.h>

#include "case/codes.h"
#include "form/form.h"
#include "form/rules.h"
#include "lib/answer.h"
#include "lib/fault.h"
#include "lib/forms.h"
#include "lib/json.h"

#include <stdio.h>
#include <string.h>

enum { MAX_ATTACHED = MAX_OBJECTS };

static const char *base_name(const char *file)
{
	const char *slash = strrchr(file, '/');
	return slash != NULL ? slash + 1 : file;
}

static int give(char **result, json_t *json, struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	*result = json_text(json);
	if (*result != NULL)
		return fault_tell(error, FAIL_NONE, NULL);
	return fault_tell(error, fail_set(&why, FAIL_NO_MEMORY, "out of memory"), &why);
}

static json_t *attached_json(const struct form_attachment *attachment, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		json_t *item = json_object();
		json_put_text(item, "name", attachment[i].name);
		json_array_append_new(list, item);
	}
	return list;
}

// Both counts: fields that were asked for, and headings of the form.
static void put_completeness(json_t *json, const struct form_by *by, const struct header *header, json_t *content)
{
	json_t *routing = form_routing(header), *counted = form_completeness(header->kind, content);
	json_t *headings = form_headings(by->forms, routing, content);
	if (counted != NULL)
		json_object_set_new(json, "completeness", counted);
	if (headings != NULL)
		json_object_set_new(json, "headings", headings);
	json_decref(routing);
}

static enum fail_code preview(const struct psr_message *message, const struct form_by *by,
                              const struct form_attachment *attachment, struct form_faults *faults, json_t **json,
                              struct fail *why)
{
	struct arena arena;
	struct header header = {.version = 1};
	struct bytes body;
	json_t *items = NULL, *content = NULL;
	size_t length = message->form != NULL ? strlen(message->form) : 0;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&body, 4 * 1024 * 1024);
	enum fail_code code = form_read_by(by, message->verb, message->form, length, attachment, message->attach_count,
	                                   NULL, &arena, &header, &body, faults, why);
	if (code == FAIL_NONE)
		code = form_write(bytes_view(&body), &content, why);
	if (code == FAIL_NONE)
		code = form_preview(message->verb, message->form, length, &items, why);
	if (code == FAIL_NONE) {
		*json = json_document("passerelle.preview/1");
		json_object_set_new(*json, "items", items);
		json_object_set_new(*json, "attached", attached_json(attachment, message->attach_count));
		put_completeness(*json, by, &header, content);
	}
	json_decref(content);
	bytes_wipe(&body);
	arena_wipe(&arena);
	return code;
}

int psr_preview(const struct psr_message *message, char **result, struct psr_error *error)
{
	struct form_attachment attachment[MAX_ATTACHED];
	struct form_faults faults = {.count = 0};
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	*result = NULL;
	if (message->attach_count >= MAX_ATTACHED)
		return fault_tell(error,
		                  fail_set(&why, FAIL_TOO_LARGE, "%zu files, at most %d are possible", message->attach_count,
		                           MAX_ATTACHED - 1),
		                  &why);
	for (size_t i = 0; i < message->attach_count; i++)
		attachment[i] = (struct form_attachment){base_name(message->attach[i]), "", 0};
	struct definitions *forms = NULL;
	enum fail_code code = forms_load_for(&forms, message->forms, message->form, &why);
	struct form_by by = {forms, message->language != NULL ? message->language : "en"};
	if (code == FAIL_NONE)
		code = preview(message, &by, attachment, &faults, &json, &why);
	forms_free(forms);
	if (code == FAIL_NONE)
		return give(result, json, error);
	if (code == FAIL_BAD_FORM)
		*result = json_text(faults_json(&faults));
	return fault_tell(error, code, &why);
}

static json_t *names_json(void)
{
	json_t *items = json_array();
	const struct code_list *list;
	for (unsigned i = 0; (list = code_list_at(i)) != NULL; i++)
		json_array_append_new(items, json_pack("{ss}", "list", code_list_name(list)));
	return items;
}

static json_t *codes_json(const struct code_list *list, const char *language)
{
	json_t *items = json_array();
	for (unsigned i = 0; code_at(list, i) != NULL; i++)
		json_array_append_new(items, json_pack("{ssss}", "code", code_at(list, i), "label",
		                                       code_label(list, code_at(list, i), language)));
	return items;
}

static const char *label_in(const char *list, const char *code, const char *language)
{
	const struct code_list *found = list != NULL ? code_list_find(list) : NULL;
	return found != NULL && code_known(found, code) ? code_label(found, code, language) : NULL;
}

// Several messages may have a field of this name with another list: the first that knows the code.
const char *psr_label(const char *key, const char *code, const char *language)
{
	const char *label = label_in(key, code, language); // the list itself: "member_kind"
	for (size_t i = 0; label == NULL && route_at(i) != NULL; i++) {
		if (strcmp(route_at(i)->rule.field, key) == 0)
			label = label_in(route_at(i)->rule.list, code, language);
	}
	for (size_t i = 0; label == NULL && rule_at(i) != NULL; i++) {
		if (strcmp(rule_at(i)->field, key) == 0)
			label = label_in(rule_at(i)->list, code, language);
	}
	return label;
}

int psr_codes(const char *list, const char *language, char **result, struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	const struct code_list *found = list != NULL ? code_list_find(list) : NULL;
	*result = NULL;
	if (list != NULL && found == NULL)
		return fault_tell(error, fail_set(&why, FAIL_BAD_USAGE, "there is no code list '%.40s'", list), &why);
	json_t *json = json_document("passerelle.codes/1");
	json_put_filled(json, "list", list);
	json_object_set_new(json, "items", found != NULL ? codes_json(found, language) : names_json());
	return give(result, json, error);
}
