// SPDX-License-Identifier: Apache-2.0
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/run.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const struct {
	const char *title;
	enum verb_id verb[16];
	size_t count;
} groups[] = {
	{"Every day", {VERB_SYNC, VERB_INBOX, VERB_OUTBOX, VERB_DUE, VERB_SHOW, VERB_ATTACHMENT, VERB_WATCH}, 7},
	{"A case of yours", {VERB_REFER, VERB_ALERT, VERB_ANSWER, VERB_ASK, VERB_NOTE, VERB_DOCUMENT, VERB_HOLD, VERB_RESUME, VERB_PROPOSE_DATE, VERB_AGREE_DATE, VERB_WITHDRAW, VERB_CLOSE, VERB_REOPEN, VERB_FINISH, VERB_IMPORT, VERB_DRAFTS}, 16},
	{"A case of another branch", {VERB_ACK, VERB_ASK, VERB_ACCEPT, VERB_DECLINE, VERB_START, VERB_NOTE, VERB_DOCUMENT, VERB_READY, VERB_REPORT, VERB_HOLD, VERB_RESUME, VERB_PROPOSE_DATE, VERB_AGREE_DATE, VERB_FINISH, VERB_FORWARD, VERB_TRANSFER}, 16},
	{"About the persons", {VERB_STEP, VERB_PATH, VERB_CONSENT, VERB_WITHDRAW_CONSENT, VERB_ANSWER_CONSENT, VERB_FOLLOW_UP, VERB_PARTNER, VERB_COMPARE, VERB_PERSONS}, 9},
	{"The file of a child", {VERB_CHILD, VERB_ASSESS, VERB_PROJECT, VERB_REVIEW, VERB_LIFEBOOK, VERB_FOLLOW_UPS}, 6},
	{"The search for a person", {VERB_TRACE, VERB_CANDIDATES, VERB_DECIDE, VERB_TRACE_ANSWER, VERB_PROPOSE_MATCH, VERB_AGREE_MATCH, VERB_DISCLOSE, VERB_CONFIRM_MATCH, VERB_REFUTE_MATCH, VERB_RENEW}, 10},
	{"About both", {VERB_EXPLAIN, VERB_TRANSLATION}, 2},
	{"About what you sent", {VERB_UPDATE, VERB_INVALIDATE, VERB_RECALL}, 3},
	{"Asked at the hub", {VERB_STATUS, VERB_FLOW, VERB_DIRECTORY}, 3},
	{"This computer", {VERB_INIT, VERB_DOCTOR, VERB_EXPORT, VERB_PRINT, VERB_CODES, VERB_FORMS, VERB_COMPLETION, VERB_HELP}, 8},
};

// Flags that every verb has stand at the end and only in short.
static bool common(const struct flag *flag)
{
	return flag->id <= FLAG_PASSPHRASE_FILE;
}

static void flag_lines(struct out *out, const struct verb *verb, bool commons)
{
	const unsigned width[] = {24, 0};
	for (unsigned i = 0; i < FLAG_COUNT; i++) {
		const struct flag *flag = flag_at((enum flag_id)i);
		if (!verb_takes(verb, flag) || common(flag) != commons)
			continue;
		char *left = memory_format("  --%s%s%s", flag->name, flag->value != NULL ? " " : "", flag->value != NULL ? flag->value : "");
		const char *cells[] = {left, _(flag->help)};
		out_row(out, STYLE_PLAIN, cells, width, 2);
		free(left);
	}
}

static void verb_help(struct out *out, const struct verb *verb)
{
	out_line(out, "passerelle %s %s%s[flags]", verb->name, verb->arguments, verb->arguments[0] != '\0' ? " " : "");
	out_line(out, "%s", _(verb->summary));
	if (verb->text[0] != '\0') {
		out_line(out, "%s", "");
		out_block(out, "", _(verb->text));
	}
	out_line(out, "%s", "");
	flag_lines(out, verb, false);
	flag_lines(out, verb, true);
	if (verb->example[0] == NULL)
		return;
	out_line(out, "%s", "");
	out_styled(out, STYLE_STRONG, "For example");
	for (size_t i = 0; i < 3 && verb->example[i] != NULL; i++)
		out_line(out, "  %s", verb->example[i]);
}

static void overview(struct out *out)
{
	const unsigned width[] = {14, 0};
	out_line(out, "passerelle VERB [REF] [flags]");
	out_line(out, "Cases of children and families across borders: written, sealed, carried and answered.");
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		out_line(out, "%s", "");
		out_styled(out, STYLE_STRONG, "%s", _(groups[i].title));
		for (size_t j = 0; j < groups[i].count; j++) {
			const struct verb *verb = verb_at(groups[i].verb[j]);
			char *left = memory_format("  %s", verb->name);
			const char *cells[] = {left, _(verb->summary)};
			out_row(out, STYLE_PLAIN, cells, width, 2);
			free(left);
		}
	}
	out_line(out, "%s", "");
	out_line(out, "passerelle help VERB explains a verb. REF is a case, like CH-SN-7QK2-M9FD.");
}

static json_t *flags_json(const struct verb *verb)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < FLAG_COUNT; i++) {
		const struct flag *flag = flag_at((enum flag_id)i);
		if (verb_takes(verb, flag))
			json_array_append_new(list, json_pack("{ss ss ss?}", "name", flag->name, "help", _(flag->help), "value",
			                                      flag->value));
	}
	return list;
}

static json_t *verb_json(const struct verb *verb)
{
	json_t *list = json_pack("{ssssssss}", "name", verb->name, "arguments", verb->arguments, "summary",
	                         _(verb->summary), "text", _(verb->text));
	json_object_set_new(list, "flags", flags_json(verb));
	return list;
}

static void help_json(struct out *out, const struct verb *only)
{
	json_t *items = json_array();
	for (unsigned i = 0; i < VERB_COUNT; i++) {
		const struct verb *verb = verb_at((enum verb_id)i);
		if (verb == only || (only == NULL && !verb_hidden(verb)))
			json_array_append_new(items, verb_json(verb));
	}
	json_t *document = json_pack("{ssssso}", "schema", "passerelle.help/1", "version", psr_version(), "items", items);
	out_json(out, document, false);
	json_decref(document);
}

int run_help(struct cli *cli)
{
	const struct verb *verb = cli->verb->id != VERB_HELP || flag_given(cli, FLAG_HELP) ? cli->verb : NULL;
	if (cli->verb->id == VERB_HELP && cli->operand_count > 0) {
		verb = verb_named(cli->operand[0]);
		if (verb == NULL)
			return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "see passerelle help", "'%s' is not a verb",
			                cli->operand[0]);
	}
	if (cli->out.json)
		help_json(&cli->out, verb);
	else if (verb != NULL)
		verb_help(&cli->out, verb);
	else
		overview(&cli->out);
	return EX_OK;
}
