// SPDX-License-Identifier: Apache-2.0
//
// A case on paper: worded here, drawn by passerelle-paper, a program beside this one,
// so that what draws never meets a key.
#include "cli/beside.h"
#include "cli/forms.h"
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/run.h"
#include "cli/show.h"
#include "cli/words.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

static void add_heading(json_t *blocks, int level, const char *text)
{
	json_array_append_new(blocks, json_pack("{ss si}", "heading", text, "level", level));
}

static void add_fact(json_t *blocks, unsigned indent, const char *label, const char *text)
{
	if (text[0] != '\0')
		json_array_append_new(blocks, json_pack("{ss ss si}", "label", _(label), "text", text, "indent", (int)indent));
}

// What stands above its parts: a heading of its own at the margin, else a name without a text.
static void add_name(json_t *blocks, unsigned indent, const char *name)
{
	if (indent == 0)
		add_heading(blocks, 3, name);
	else
		json_array_append_new(blocks, json_pack("{ss ss si}", "label", name, "text", "", "indent", (int)indent));
}

static void add_value(json_t *blocks, unsigned indent, const char *key, json_t *value);

static void add_entries(json_t *blocks, unsigned indent, json_t *list)
{
	size_t i;
	json_t *entry;
	json_array_foreach(list, i, entry) {
		const char *title = show_title(entry), *key;
		json_t *value;
		json_array_append_new(blocks, json_pack("{ss ss si}", "label", title, "text", "", "indent", (int)indent));
		json_object_foreach(entry, key, value) {
			if (!json_is_string(value) || json_string_value(value) != title)
				add_value(blocks, indent + 1, key, value);
		}
	}
}

static void add_object(json_t *blocks, unsigned indent, json_t *object)
{
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value)
		add_value(blocks, indent, key, value);
}

static void add_simple(json_t *blocks, unsigned indent, const char *key, const char *label, json_t *value)
{
	char number[24];
	if (json_is_string(value)) {
		char *text = show_coded(key, json_string_value(value));
		add_fact(blocks, indent, label, text);
		free(text);
	} else if (json_is_integer(value)) {
		snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		add_fact(blocks, indent, label, number);
	} else if (json_is_true(value)) {
		add_fact(blocks, indent, label, _("yes"));
	}
}

// Depth is bounded by the schema; the cap is for content of a newer one.
static void add_value(json_t *blocks, unsigned indent, const char *key, json_t *value)
{
	enum { DEEPEST = 12 };
	if (indent > DEEPEST)
		return;
	char *label = show_key(key, value), *joined = show_joined(key, value);
	if (joined != NULL) {
		add_fact(blocks, indent, label, joined);
	} else if (json_is_array(value)) {
		add_name(blocks, indent, label);
		add_entries(blocks, indent > 0 ? indent + 1 : 0, value);
	} else if (json_is_object(value)) {
		add_name(blocks, indent, label);
		add_object(blocks, indent + 1, value);
	} else {
		add_simple(blocks, indent, key, label, value);
	}
	free(joined);
	free(label);
}

static void add_routing(json_t *blocks, json_t *item)
{
	static const char *const keys[] = {"service", "urgency", "legal_basis", "requester_kind", "reason", "due", "receivers", "partners"};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (json_object_get(item, keys[i]) != NULL)
			add_value(blocks, 0, keys[i], json_object_get(item, keys[i]));
	}
}

static void add_message(json_t *blocks, json_t *item)
{
	const char *accepted = key_text(item, "accepted_at");
	struct moment when = words_moment(accepted[0] != '\0' ? accepted : key_text(item, "queued_at"));
	char *languages = show_languages(item);
	char *heading = memory_format("%s  %s %s%s", when.text, key_text(item, "from"), words_happened(item), languages);
	add_heading(blocks, 2, heading);
	free(languages);
	free(heading);
	add_fact(blocks, 0, _("not opened"), key_text(item, "fault"));
	add_routing(blocks, item);
	char *filled = forms_filled(item);
	if (filled != NULL)
		add_fact(blocks, 0, "form", filled);
	free(filled);
	json_t *content = json_object_get(item, "content");
	json_object_del(content, "attachments"); // below, with what was found out about them
	add_object(blocks, 0, content);
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(item, "attachments"), i, one)
		add_fact(blocks, 0, _("attachment"), key_text(one, "name"));
}

static void add_standing(json_t *blocks, const json_t *document)
{
	const json_t *clock = json_object_get(document, "clock");
	add_fact(blocks, 0, _("asks"), key_text(document, "requesting"));
	add_fact(blocks, 0, _("is asked"), key_text(document, "responding"));
	add_fact(blocks, 0, _("now"), key_text(document, "state_text"));
	add_fact(blocks, 0, _("since"), words_moment(key_text(document, "since")).text);
	add_fact(blocks, 0, _("awaited"), key_text(clock, "awaits_text"));
	add_fact(blocks, 0, _("from"), key_text(clock, "from"));
	add_fact(blocks, 0, _("by"), key_text(clock, "due"));
}

static char *foot_of(const json_t *document, bool content)
{
	char day[11];
	time_t now = time(NULL);
	struct tm parts;
	gmtime_r(&now, &parts);
	strftime(day, sizeof day, "%Y-%m-%d", &parts);
	return memory_format("%s, %s. %s", key_text(document, "reference"), day,
	                     content ? _("Confidential: names people.") : _("Without content and names."));
}

static json_t *paper_of(const json_t *document, bool content)
{
	json_t *blocks = json_array(), *item;
	size_t i;
	add_heading(blocks, 1, key_text(document, "reference"));
	add_standing(blocks, document);
	json_array_foreach(json_object_get(document, "items"), i, item)
		add_message(blocks, item);
	char *foot = foot_of(document, content);
	json_t *paper = json_pack("{ss ss ss ss so}", "schema", "passerelle.paper/1", "title", key_text(document, "reference"),
	                          "foot", foot, "language", "", "blocks", blocks);
	free(foot);
	return paper;
}

static int ask_case(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	if (flag_given(cli, FLAG_CONTENT))
		return psr_show(profile, cli->operand[0], text, error);
	return psr_outline(profile, cli->operand[0], text, error);
}

int run_print(struct cli *cli)
{
	const char *file = cli->value[FLAG_OUTPUT];
	char *text;
	if (file == NULL)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "add --output FILE.pdf", "print does not know where to write");
	int code = cli_ask(cli, ask_case, &text);
	if (code != 0)
		return code;
	json_t *document = json_loads(text, 0, NULL);
	forms_word(cli, document);
	json_t *paper = paper_of(document, flag_given(cli, FLAG_CONTENT));
	code = beside_write(cli, "passerelle-paper", paper, file);
	if (code == 0 && cli->out.json)
		out_json_made(&cli->out, json_pack("{ssss}", "schema", "passerelle.printed/1", "file", file));
	else if (code == 0)
		out_line(&cli->out, "%s", file);
	json_decref(paper);
	json_decref(document);
	psr_free(text);
	return code;
}
