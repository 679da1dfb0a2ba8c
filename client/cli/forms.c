// SPDX-License-Identifier: Apache-2.0
#include "cli/forms.h"

#include "cli/language.h"
#include "cli/memory.h"
#include "cli/show.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { MAX_FILE = 1024 * 1024 };

char *forms_folder(const struct cli *cli)
{
	const char *chosen = getenv("PASSERELLE_FORMS");
	if (chosen != NULL && chosen[0] != '\0')
		return memory_copy(chosen);
	char *profile = cli_folder(cli), *folder = memory_format("%s/forms", profile);
	free(profile);
	return folder;
}

int forms_place(struct cli *cli, struct psr_profile *profile)
{
	struct psr_error error;
	char *folder = forms_folder(cli);
	struct language_name language = language_reader();
	int failed = psr_profile_forms(profile, folder, language.text, &error);
	free(folder);
	return failed == 0 ? 0 : out_error(&cli->out, &error, NULL);
}

int forms_ask_outline(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	return psr_outline(profile, cli->operand[0], text, error);
}

// passerelle.forms/1 in the reader's language, of one form or (NULL) of all. NULL and *error filled.
static json_t *known(const struct cli *cli, const char *form, struct psr_error *error)
{
	char *own = forms_folder(cli), *text = NULL;
	struct language_name language = language_reader();
	struct psr_form_choice choice = {form, own, language.text};
	int failed = psr_forms(&choice, &text, error);
	free(own);
	json_t *document = failed == 0 ? json_loads(text, 0, NULL) : NULL;
	psr_free(text);
	return document;
}

bool forms_speak(const struct cli *cli)
{
	struct psr_error error;
	struct language_name language = language_reader();
	size_t i, j, length = strcspn(language.text, "-");
	json_t *document = known(cli, NULL, &error), *item, *tag;
	bool found = false;
	json_array_foreach(json_object_get(document, "items"), i, item) {
		json_array_foreach(json_object_get(item, "languages"), j, tag)
			found |= length > 0 && strcspn(json_string_value(tag), "-") == length &&
			         strncmp(json_string_value(tag), language.text, length) == 0;
	}
	json_decref(document);
	return found;
}

// ---- words for what a case holds ----

static json_t *with_id(json_t *list, const char *id)
{
	size_t i;
	json_t *item;
	json_array_foreach(list, i, item) {
		if (strcmp(key_text(item, "id"), id) == 0)
			return item;
	}
	return NULL;
}

static void put_words(json_t *object, const char *key, const char *words, const char *code)
{
	char *text = memory_format("%s (%s)", words, code);
	json_object_set_new(object, key, json_string(text));
	free(text);
}

// Codes and answers in words; texts, dates and persons stay as they are.
static void word_value(json_t *section, json_t *heading)
{
	bool yes_no = strcmp(key_text(heading, "takes"), "YES_NO") == 0;
	const char *list = yes_no ? "yes_no" : key_text(heading, "codes"), *code = key_text(section, "text");
	const char *label = list[0] != '\0' ? psr_label(list, code, language_tag()) : NULL;
	if (label != NULL)
		put_words(section, "text", label, code);
}

// Why there is nothing, in words: of a section only the text can be missing.
static void word_reason(json_t *section)
{
	const char *reason = key_text(json_object_get(section, "absent"), "text");
	const char *label = reason[0] != '\0' ? psr_label("null_reason", reason, language_tag()) : NULL;
	if (label == NULL || json_object_size(json_object_get(section, "absent")) != 1)
		return;
	char *code = memory_copy(reason);
	put_words(section, "absent", label, code);
	free(code);
}

// By the form, else by the title that the author's program sent along.
static void word_section(json_t *section, json_t *headings)
{
	char *id = memory_copy(key_text(section, "heading"));
	json_t *heading = with_id(headings, id);
	const char *usual = psr_label("report_heading", id, language_tag()), *title = key_text(section, "title");
	if (heading != NULL) {
		put_words(section, "heading", key_text(heading, "label"), id);
		json_object_del(section, "title");
		word_value(section, heading);
	} else if (usual != NULL) {
		put_words(section, "heading", usual, id);
	} else if (title[0] != '\0') {
		put_words(section, "heading", title, id);
		json_object_del(section, "title");
	}
	free(id);
	word_reason(section);
}

// The title of the form and the labels of what is missing, over their ids.
static void word_counted(json_t *counted, json_t *form)
{
	size_t i;
	json_t *missing = json_object_get(counted, "missing"), *one;
	json_array_foreach(missing, i, one) {
		json_t *heading = with_id(json_object_get(form, "headings"), json_string_value(one));
		if (heading != NULL)
			json_array_set(missing, i, json_object_get(heading, "label"));
	}
	json_object_set(counted, "title", json_object_get(form, "title"));
}

void forms_word_preview(const struct cli *cli, json_t *preview)
{
	struct psr_error error;
	json_t *counted = json_object_get(preview, "headings");
	json_t *forms = counted != NULL ? known(cli, key_text(counted, "form"), &error) : NULL;
	if (forms != NULL)
		word_counted(counted, json_array_get(json_object_get(forms, "items"), 0));
	json_decref(forms);
}

// One line for the form and its version; its own key, for `form` is also how a consent was given.
static void word_form(json_t *content, json_t *form)
{
	const char *id = key_text(content, "form"), *title = key_text(form, "title");
	json_int_t version = json_integer_value(json_object_get(content, "form_version"));
	char *text = form == NULL ? memory_format(_("%s, version %lld, not known here"), id, (long long)version)
	                          : memory_format(_("%s (%s), version %lld"), title, id, (long long)version);
	json_object_set_new(content, N_("filled form"), json_string(text));
	json_object_del(content, "form");
	json_object_del(content, "form_version");
	free(text);
}

static void word_content(json_t *item, json_t *forms)
{
	size_t i;
	json_t *content = json_object_get(item, "content"), *section;
	json_t *form = with_id(json_object_get(forms, "items"), key_text(content, "form"));
	json_array_foreach(json_object_get(content, "sections"), i, section)
		word_section(section, json_object_get(form, "headings"));
	if (form != NULL)
		word_counted(json_object_get(item, "headings"), form);
	if (key_text(content, "form")[0] != '\0')
		word_form(content, form);
}

void forms_word(const struct cli *cli, json_t *document)
{
	struct psr_error error;
	size_t i;
	json_t *item, *forms = NULL;
	json_array_foreach(json_object_get(document, "items"), i, item) {
		const json_t *content = json_object_get(item, "content");
		if (forms == NULL && key_text(content, "form")[0] != '\0')
			forms = known(cli, NULL, &error);
		if (json_object_get(content, "sections") != NULL || key_text(content, "form")[0] != '\0')
			word_content(item, forms);
	}
	json_decref(forms);
}

char *forms_filled(const json_t *item)
{
	const json_t *counted = json_object_get(item, "headings");
	json_int_t excused = json_integer_value(json_object_get(counted, "excused"));
	const char *title = key_text(counted, "title");
	if (counted == NULL)
		return NULL;
	char *why = excused > 0 ? memory_format(_(", %" JSON_INTEGER_FORMAT " say why not"), excused) : memory_copy("");
	char *text = memory_format(_("%s: %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " headings filled%s"),
	                           title[0] != '\0' ? title : key_text(counted, "form"),
	                           json_integer_value(json_object_get(counted, "filled")),
	                           json_integer_value(json_object_get(counted, "asked")), why);
	free(why);
	return text;
}

void forms_show_filled(struct out *out, json_t *item)
{
	char *text = forms_filled(item), *missing = show_joined("", json_object_get(json_object_get(item, "headings"), "missing"));
	if (text != NULL)
		out_line(out, "    %s", text);
	if (missing != NULL && missing[0] != '\0')
		out_line(out, "    not filled: %s", missing);
	free(missing);
	free(text);
}

// ---- the verb ----

static void print_row(struct out *out, const json_t *item)
{
	const unsigned width[] = {26, 9, 14, 0};
	char *languages = show_joined("", json_object_get(item, "languages"));
	const char *cells[] = {key_text(item, "id"), key_text(item, "kind"), languages, key_text(item, "title")};
	out_row(out, STYLE_PLAIN, cells, width, 4);
	free(languages);
}

static const char *need_words(const char *need)
{
	return strcmp(need, "MUST") == 0 ? _("must be filled") : strcmp(need, "ASKED") == 0 ? _("must be filled, or say why not") : _("may be filled");
}

static void print_heading(struct out *out, const json_t *heading)
{
	const char *codes = key_text(heading, "codes"), *field = key_text(heading, "field"), *reasons = key_text(heading, "reasons");
	const char *place = field[0] != '\0' ? field : codes[0] != '\0' ? codes : key_text(heading, "takes");
	out_styled(out, STYLE_STRONG, "  %s (%s)", key_text(heading, "label"), key_text(heading, "id"));
	out_line(out, "    %s%s%s%s. %s", need_words(key_text(heading, "need")), reasons[0] != '\0' ? " (" : "", reasons,
	         reasons[0] != '\0' ? ")" : "", place);
	if (key_text(heading, "help")[0] != '\0')
		out_block(out, "    ", key_text(heading, "help"));
}

static void print_whole(struct out *out, const json_t *item)
{
	char *services = show_joined("service", json_object_get(item, "services"));
	char *languages = show_joined("", json_object_get(item, "languages"));
	size_t i;
	json_t *heading;
	out_styled(out, STYLE_HEAD, "%s", key_text(item, "title"));
	out_line(out, "%s, version %" JSON_INTEGER_FORMAT ", %s", key_text(item, "id"),
	         json_integer_value(json_object_get(item, "version")), key_text(item, "kind"));
	out_line(out, "Services: %s", services);
	out_line(out, "Languages: %s", languages);
	json_array_foreach(json_object_get(item, "headings"), i, heading)
		print_heading(out, heading);
	free(languages);
	free(services);
}

static void print_forms(struct cli *cli, json_t *document, bool whole)
{
	size_t i;
	json_t *item;
	json_array_foreach(json_object_get(document, "items"), i, item) {
		if (whole)
			print_whole(&cli->out, item);
		else
			print_row(&cli->out, item);
	}
	json_array_foreach(json_object_get(document, "refused"), i, item) {
		if (!whole)
			out_word(&cli->out, "not used, %s: %s: %s", key_text(item, "file"), key_text(item, "path"), key_text(item, "text"));
	}
}

static int print_document(struct cli *cli, json_t *document, bool whole)
{
	if (cli->out.json)
		out_json(&cli->out, document, false);
	else
		print_forms(cli, document, whole);
	json_decref(document);
	return EX_OK;
}

static int check_file(struct cli *cli)
{
	struct psr_error error;
	char *data = NULL, *result = NULL, *own = forms_folder(cli);
	size_t length;
	struct language_name language = language_reader();
	struct psr_form_choice choice = {NULL, own, language.text};
	int code = cli_read_file(cli, cli->value[FLAG_CHECK], MAX_FILE, &data, &length);
	if (code == 0 && psr_form_check(data, length, &choice, &result, &error) != 0)
		code = cli_tell_faults(cli, &error, result);
	else if (code == 0) {
		json_t *document = json_loads(result, 0, NULL);
		psr_free(result);
		code = print_document(cli, document, true);
		out_word(&cli->out, "The definition is right.");
	}
	free(data);
	free(own);
	return code;
}

int run_forms(struct cli *cli)
{
	struct psr_error error;
	const char *form = cli->operand_count > 0 ? cli->operand[0] : NULL;
	if (flag_given(cli, FLAG_CHECK))
		return check_file(cli);
	json_t *document = known(cli, form, &error);
	if (document == NULL)
		return out_error(&cli->out, &error, NULL);
	return print_document(cli, document, form != NULL);
}
