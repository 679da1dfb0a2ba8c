// SPDX-License-Identifier: Apache-2.0
// links: passerelle_form
//
// A hostile definition of a form; behind the first NUL, where there is one, a hostile form that names it. What
// definition_read takes can be asked everything, and a form be checked, counted and made by it.
#include "form/definition.h"
#include "form/fill.h"
#include "form/rules.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct definition *form)
{
	static const char *const languages[] = {"en", "pt-BR", "", "x"};
	size_t i;
	json_t *heading;
	must(form->id[0] != '\0' && form->version > 0 && form->kind != KIND_UNSPECIFIED);
	json_array_foreach(form->headings, i, heading) {
		must(heading_find(form, heading_id(heading)) != NULL);
		for (size_t l = 0; l < 4; l++)
			must(heading_label(heading, languages[l])[0] != '\0' && heading_help(heading, languages[l]) != NULL);
		must(heading_allows(heading, "NK") == (strstr(heading_reasons(heading).text, "NK") != NULL));
	}
}

static void use(const struct definitions *forms, const uint8_t *text, size_t size)
{
	const struct definition *form = &forms->list[0];
	struct form_by by = {forms, "fr"};
	struct form_faults faults;
	struct arena arena;
	struct header header = {.version = 1};
	struct bytes body;
	json_t *made = NULL;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&body, 4 * 1024 * 1024);
	const char *verb = verb_of_kind(form->kind)->verb;
	must(form_template_by(&by, verb, NULL, form->id, &made, NULL) == FAIL_NONE);
	json_decref(fill_count(form, made, made));
	json_decref(made);
	enum fail_code code =
		form_read_by(&by, verb, (const char *)text, size, NULL, 0, NULL, &arena, &header, &body, &faults, NULL);
	must((code == FAIL_BAD_FORM) == (faults.count > 0));
	bytes_release(&body);
	arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct definition form;
	struct form_faults faults;
	const uint8_t *end = memchr(data, '\0', size);
	size_t length = end != NULL ? (size_t)(end - data) : size;
	struct definitions *forms = calloc(1, sizeof *forms);
	enum fail_code code = definition_read((const char *)data, length, &form, &faults, NULL);
	must((code == FAIL_BAD_FORM) == (faults.count > 0));
	if (code == FAIL_NONE) {
		ask(&form);
		must(definitions_add(forms, &form));
	}
	while (definitions_join(forms, &faults, NULL) != FAIL_NONE)
		;
	if (forms->count > 0)
		use(forms, end != NULL ? end + 1 : (const uint8_t *)"{}", end != NULL ? size - length - 1 : 2);
	definitions_release(forms);
	free(forms);
	return 0;
}
