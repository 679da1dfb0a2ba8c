// SPDX-License-Identifier: Apache-2.0
//
// inbox and outbox, newest first; due, the most urgent first. Nothing is opened.
#include "cli/ics.h"
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/table.h"
#include "cli/words.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

// One sentence an item, also in the JSON: what a person would say about it.
// A child is in danger, and nobody has seen it yet.
static const char *alert_words(const json_t *item)
{
	return json_is_true(json_object_get(item, "alert")) ? _("ALERT, not acknowledged: ") : "";
}

static char *inbox_sentence(const json_t *item)
{
	const char *fault = key_text(item, "fault"), *reference = key_text(item, "reference");
	char *what =
		memory_format("%s%s %s%s%s%s", alert_words(item), key_text(item, "from"), words_happened(item), reference[0] != '\0' ? _(" in ") : "",
	                  reference, json_is_true(json_object_get(item, "unread")) ? _(" (not read yet)") : "");
	char *told = words_told(item);
	char *with = fault[0] != '\0' ? memory_format(_("%s: NOT GENUINE, %s"), what, fault)
	                              : memory_format("%s%s%s", what, told[0] != '\0' ? ": " : "", told);
	free(told);
	free(what);
	return with;
}

static char *outbox_sentence(const json_t *item)
{
	const json_t *refusal = json_object_get(item, "returned");
	const char *kind = words_kind(key_text(item, "kind")), *state = words_outbox_state(key_text(item, "state"));
	char *what =
		key_text(item, "reference")[0] == '\0'
			? memory_format(_("%s to %s: %s"), kind, words_receivers(item), state)
			: memory_format(_("%s to %s in %s: %s"), kind, key_text(item, "to"), key_text(item, "reference"), state);
	if (!json_is_object(refusal))
		return what;
	char *with = memory_format("%s, %s", what, key_text(refusal, "text"));
	free(what);
	return with;
}

static bool wanted(const struct cli *cli, const json_t *item)
{
	if (flag_given(cli, FLAG_MINE) && !json_is_true(json_object_get(item, "mine")))
		return false;
	return !flag_given(cli, FLAG_STATE) || strcmp(cli->value[FLAG_STATE], key_text(item, "state")) == 0;
}

// Leaves only what is wanted, each with its sentence.
static json_t *prepare(const struct cli *cli, json_t *document, char *(*sentence)(const json_t *))
{
	json_t *kept = json_array(), *item;
	size_t i;
	json_array_foreach(json_object_get(document, "items"), i, item) {
		if (!wanted(cli, item))
			continue;
		char *text = sentence(item);
		json_object_set_new(item, "text", json_string(text));
		free(text);
		json_array_append(kept, item);
	}
	json_object_set_new(document, "items", kept);
	return kept;
}

static const char *first_of(const json_t *item, const char *const *keys)
{
	for (; *keys != NULL; keys++) {
		if (key_text(item, *keys)[0] != '\0')
			return key_text(item, *keys);
	}
	return "";
}

// What was told to all branches stands below the line.
static void show_told(struct out *out, const json_t *item)
{
	char *told = words_told(item);
	if (told[0] != '\0')
		out_line(out, "    %s", told);
	free(told);
}

static void inbox_row(struct out *out, const json_t *item)
{
	static const char *const times[] = {"received_at", "accepted_at", NULL};
	const unsigned width[] = {16, 20, 10, 0};
	bool unread = json_is_true(json_object_get(item, "unread")), damaged = key_text(item, "fault")[0] != '\0';
	const char *alert = alert_words(item);
	char *what = memory_format("%s%s%s", alert, words_happened(item), damaged ? _(": NOT GENUINE, it was not opened") : unread ? _(" (not read yet)") : "");
	struct moment when = words_moment(first_of(item, times));
	const char *cells[] = {when.text, key_text(item, "reference"), key_text(item, "from"), what};
	out_row(out, damaged || alert[0] != '\0' ? STYLE_BAD : unread ? STYLE_STRONG : STYLE_PLAIN, cells, width, 4);
	show_told(out, item);
	free(what);
}

static void outbox_row(struct out *out, const json_t *item)
{
	static const char *const times[] = {"returned_at", "opened_at", "delivered_at", "at_hub_at", "queued_at",
	                                    "draft_at",    NULL};
	const unsigned width[] = {16, 20, 10, 16, 0};
	const json_t *refusal = json_object_get(item, "returned");
	struct moment when = words_moment(first_of(item, times));
	const char *state = words_outbox_state(key_text(item, "state"));
	const char *cells[] = {when.text, key_text(item, "reference"), words_receivers(item),
	                       words_kind(key_text(item, "kind")), state};
	out_row(out, json_is_object(refusal) ? STYLE_BAD : STYLE_PLAIN, cells, width, 5);
	show_told(out, item);
	if (refusal == NULL)
		refusal = json_object_get(item, "delayed");
	if (json_is_object(refusal))
		out_line(out, "    %s %s", key_text(refusal, "text"), key_text(refusal, "advice"));
}

// "paused since 2026-12-01: AWAIT_COURT", "by 2027-02-19", "no deadline".
static char *deadline_words(const json_t *item)
{
	const char *day = key_text(item, "due"), *reason = key_text(item, "pause_reason");
	if (json_object_get(item, "out") != NULL) {
		char *outage = words_outage(json_object_get(item, "out"));
		char *whole = memory_format("%s: %s", words_standing(key_text(item, "standing")), outage);
		free(outage);
		return whole;
	}
	if (key_text(item, "paused_since")[0] != '\0')
		return memory_format(_("%s by %s since %.10s%s%s"), words_standing(key_text(item, "standing")), key_text(item, "paused_by"),
		                     key_text(item, "paused_since"), reason[0] != '\0' ? ": " : "", reason);
	if (day[0] == '\0')
		return memory_copy(words_standing("NONE"));
	return memory_format("%s %s", words_standing(key_text(item, "standing")), day);
}

static char *due_sentence(const json_t *item)
{
	const char *from = key_text(item, "from");
	char *deadline = deadline_words(item);
	char *what = memory_format("%s%s: %s%s%s, %s", alert_words(item), key_text(item, "reference"), key_text(item, "awaits_text"),
	                           from[0] != '\0' ? _(" from ") : "", from, deadline);
	free(deadline);
	return what;
}

static void show_explanation(struct out *out, const json_t *explained)
{
	const char *expected = key_text(explained, "expected"), *text = key_text(explained, "text");
	if (explained != NULL)
		out_line(out, "    %s says why: %s%s%s%s%s", key_text(explained, "by"), words_code("delay_cause", key_text(explained, "cause")),
		         expected[0] != '\0' ? _(", to be done by ") : "", expected, text[0] != '\0' ? ". " : "", text);
}

static void due_row(struct out *out, const json_t *item)
{
	const unsigned width[] = {20, 22, 10, 12, 0};
	const char *standing = key_text(item, "standing");
	char *deadline = deadline_words(item);
	const char *cells[] = {key_text(item, "reference"), key_text(item, "awaits_text"), key_text(item, "from"),
	                       words_code("urgency", key_text(item, "urgency")), deadline};
	bool alert = json_is_true(json_object_get(item, "alert"));
	enum style style = alert || strcmp(standing, "OVERDUE") == 0 ? STYLE_BAD
	                   : strcmp(standing, "DUE_SOON") == 0 ? STYLE_STRONG
	                                                       : STYLE_PLAIN;
	out_row(out, style, cells, width, 5);
	free(deadline);
	if (alert)
		out_line(out, "    ALERT: a child is in danger, and nobody has acknowledged it");
	show_explanation(out, json_object_get(item, "explained"));
	char *other = words_turn_to(item, json_object_get(item, "out"));
	if (other[0] != '\0')
		out_line(out, "    not acknowledged: %s", other);
	free(other);
}

// What tells one list from another.
struct listing {
	cli_question *ask;
	char *(*sentence)(const json_t *item);
	void (*row)(struct out *out, const json_t *item);
	const char *nothing; // said where there is nothing
	const char *const *keys; // of a table, NULL-ended
};

static bool saves(const struct cli *cli)
{
	return table_wanted(cli) || flag_given(cli, FLAG_ICS);
}

static int save_calendar(struct cli *cli, const json_t *document)
{
	FILE *file;
	const char *name = cli->value[FLAG_ICS];
	int failed = cli_new_file(cli, name, &file);
	if (failed != 0)
		return failed;
	ics_write(file, document);
	failed = cli_end_file(cli, name, file);
	if (failed == 0 && !cli->out.json)
		out_line(&cli->out, "%s", name);
	return failed;
}

static int save(struct cli *cli, const json_t *document, const json_t *items, const struct listing *listing)
{
	int code = table_wanted(cli) ? table_save(cli, items, listing->keys) : EX_OK;
	return code == EX_OK && flag_given(cli, FLAG_ICS) ? save_calendar(cli, document) : code;
}

static int print_list(struct cli *cli, char *text, const struct listing *listing)
{
	json_t *document = json_loads(text, 0, NULL), *item;
	psr_free(text);
	json_t *items = prepare(cli, document, listing->sentence);
	bool empty = json_array_size(items) == 0;
	size_t i;
	int code = save(cli, document, items, listing);
	if (code != EX_OK) {
		json_decref(document);
		return code;
	}
	if (cli->out.json) {
		out_json(&cli->out, document, false);
	} else if (!saves(cli)) {
		json_array_foreach(items, i, item)
			listing->row(&cli->out, item);
		if (empty)
			out_word(&cli->out, "%s", _(listing->nothing));
		json_int_t older = json_integer_value(json_object_get(document, "older"));
		if (older > 0)
			out_word(&cli->out, "%" JSON_INTEGER_FORMAT " older ones are not shown: passerelle inbox --all", older);
	}
	json_decref(document);
	return empty && flag_given(cli, FLAG_EXIT_STATUS) ? 1 : EX_OK;
}

static int run_list(struct cli *cli, const struct listing *listing)
{
	char *text;
	int code = cli_ask(cli, listing->ask, &text);
	return code == 0 ? print_list(cli, text, listing) : code;
}

static int ask_inbox(struct cli *cli, struct psr_profile *profile, char **result, struct psr_error *error)
{
	enum { AT_ONCE = 200 };
	struct psr_inbox_wanted wanted = {.unread = flag_given(cli, FLAG_UNREAD),
	                                  .most = flag_given(cli, FLAG_ALL) ? 0 : AT_ONCE};
	return psr_inbox(profile, &wanted, result, error);
}

static int ask_outbox(struct cli *cli, struct psr_profile *profile, char **result, struct psr_error *error)
{
	(void)cli;
	return psr_outbox(profile, result, error);
}

static int ask_due(struct cli *cli, struct psr_profile *profile, char **result, struct psr_error *error)
{
	(void)cli;
	return psr_due(profile, result, error);
}

int run_inbox(struct cli *cli)
{
	static const char *const keys[] = {"received_at", "accepted_at", "reference", "case_seq", "from",
	                                   "kind",        "unread",      "fault",     "text",     NULL};
	static const struct listing inbox = {ask_inbox, inbox_sentence, inbox_row,
	                                     "Nothing there. passerelle sync gets what waits at the hub.", keys};
	return run_list(cli, &inbox);
}

int run_outbox(struct cli *cli)
{
	static const char *const keys[] = {"state",     "reference",    "to",        "kind",        "draft_at", "queued_at",
	                                   "at_hub_at", "delivered_at", "opened_at", "returned_at", "case_seq", "message", NULL};
	static const struct listing outbox = {ask_outbox, outbox_sentence, outbox_row, "Nothing there.", keys};
	return run_list(cli, &outbox);
}

int run_due(struct cli *cli)
{
	static const char *const keys[] = {"reference", "awaits", "from", "mine", "due", "standing", "urgency", "service", "state",
	                                   "person", "goal", "months", "paused_since", "paused_by", "pause_reason", "text", NULL};
	static const struct listing due = {ask_due, due_sentence, due_row, "Nothing is awaited.", keys};
	return run_list(cli, &due);
}
