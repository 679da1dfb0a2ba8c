// SPDX-License-Identifier: Apache-2.0
//
// The empty form of a definition: its headings with their words, over the fields of the message.
#include "form/fill.h"

#include "base/bytes.h"
#include "base/words.h"
#include "case/codes.h"

#include <stdio.h>
#include <string.h>

static void add(struct bytes *text, const char *piece)
{
	// A help text that has no room any more is cut: a template, not a record.
	(void)!bytes_append(text, piece, strlen(piece));
}

// Without its full stop: more may follow.
static void add_help(struct bytes *text, const char *help)
{
	size_t length = strlen(help);
	(void)!bytes_append(text, help, length - (length > 0 && help[length - 1] == '.'));
}

static void add_need(struct bytes *text, json_t *heading)
{
	bool asked = strcmp(heading_need(heading), "ASKED") == 0;
	if (strcmp(heading_need(heading), "MUST") == 0)
		add(text, words_of("MUST: "));
	if (!asked)
		return;
	add(text, words_of("MUST, or a reason in `absent`: "));
	add(text, heading_reasons(heading).text);
	add(text, ". ");
}

// Conditions stand as they are: the keys and codes that the form itself takes.
static void add_conditions(struct bytes *text, json_t *heading)
{
	const char *key;
	json_t *codes, *code;
	size_t i;
	json_object_foreach(json_object_get(heading, "only"), key, codes) {
		add(text, words_of("; only with "));
		add(text, key);
		json_array_foreach(codes, i, code) {
			add(text, " ");
			add(text, json_string_value(code));
		}
	}
}

static void add_codes(struct bytes *text, json_t *heading)
{
	const struct code_list *list = code_list_find(json_string_value(json_object_get(heading, "codes")));
	add(text, words_of("; one of:"));
	for (unsigned i = 0; code_at(list, i) != NULL; i++) {
		add(text, " ");
		add(text, code_at(list, i));
	}
}

static void add_takes(struct bytes *text, json_t *heading)
{
	static const char *const kinds[] = {"DATE", "YES_NO", "PERSONS", "LIST"};
	static const char *const texts[] = {
		"; as 2009, 2009-03, 2009-03-17, 2009-03-XX, 200X, 2009~ (about), 2009? (not sure), 2008/2010",
		"; YES or NO",
		"; pseudonyms, as C1, M1",
		"; one entry a line",
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(heading_takes(heading), kinds[i]) == 0)
			add(text, words_of(texts[i]));
	}
	if (strcmp(heading_takes(heading), "CODE") == 0)
		add_codes(text, heading);
}

// "Household and housing. MUST: who lives there ..."
static json_t *help_of(json_t *heading, const char *language)
{
	struct bytes text;
	bytes_init(&text, 4000);
	add(&text, heading_label(heading, language));
	add(&text, ". ");
	add_need(&text, heading);
	add_help(&text, heading_help(heading, language));
	add_takes(&text, heading);
	add_conditions(&text, heading);
	json_t *json = json_stringn((const char *)text.data, text.length);
	bytes_release(&text);
	return json;
}

// Over the help of the field that the heading is. A field that the template does not show is not asked for either.
static void explain_field(json_t *form, json_t *heading, const char *language)
{
	const char *path = heading_field(heading);
	char name[64], key[80];
	json_t *at = form;
	for (;;) {
		size_t length = strcspn(path, ".");
		snprintf(name, sizeof name, "%.*s", (int)strcspn(path, ".["), path);
		if (path[length] == '\0')
			break;
		at = json_object_get(at, name);
		at = json_is_array(at) ? json_array_get(at, 0) : at;
		path += length + 1;
	}
	snprintf(key, sizeof key, "_help_%s", name);
	if (json_object_get(at, name) != NULL)
		json_object_set_new(at, key, help_of(heading, language));
}

void fill_template(const struct definition *definition, json_t *form, const char *language)
{
	json_t *sections = json_array(), *heading;
	size_t i;
	json_array_foreach(definition->headings, i, heading) {
		if (heading_field(heading) != NULL)
			explain_field(form, heading, language);
		else
			json_array_append_new(sections, json_pack("{sosssss{}}", "_help", help_of(heading, language), "heading",
			                                          heading_id(heading), "text", "", "absent"));
	}
	json_object_set_new(form, "form", json_string(definition->id));
	json_object_set_new(form, "sections", sections);
	const char *help = definition_text(json_object_get(definition->json, "help"), language);
	if (help != NULL)
		json_object_set_new(form, "_help_form", json_string(help));
}
