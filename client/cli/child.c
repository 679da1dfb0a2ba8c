// SPDX-License-Identifier: Apache-2.0
//
// The file of a child, and the follow-ups of all cases.
#include "cli/book.h"
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/table.h"
#include "cli/show.h"
#include "cli/words.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static enum style style_of(const char *standing)
{
	if (strcmp(standing, "OVERDUE") == 0)
		return STYLE_BAD;
	if (strcmp(standing, "DONE") == 0)
		return STYLE_GOOD;
	return strcmp(standing, "DUE_SOON") == 0 ? STYLE_STRONG : STYLE_PLAIN;
}

static const char *standing_words(const char *standing)
{
	return strcmp(standing, "DONE") == 0 ? _("done") : words_standing(standing);
}

static void print_text(struct out *out, const char *indent, const char *name, const char *text)
{
	if (text[0] == '\0')
		return;
	out_line(out, "%s%s:", indent, name);
	char *deeper = memory_format("%s  ", indent);
	out_block(out, deeper, text);
	free(deeper);
}

static void print_assessment(struct out *out, const json_t *page)
{
	size_t i;
	json_t *area;
	out_styled(out, STYLE_STRONG, "  Assessment of %s (%s)", key_text(page, "date"), key_text(page, "from"));
	json_array_foreach(json_object_get(page, "areas"), i, area) {
		print_text(out, "    ", key_text(area, "area"), key_text(area, "findings"));
		print_text(out, "      ", _("needs"), key_text(area, "needs"));
	}
	print_text(out, "    ", _("the child's view"), key_text(page, "child_view"));
	print_text(out, "    ", _("in short"), key_text(page, "summary"));
}

static void print_goal(struct out *out, const json_t *goal)
{
	const unsigned width[] = {10, 16, 24, 0};
	const char *review = key_text(goal, "review_on"), *standing = key_text(goal, "standing");
	char *mark = memory_format("    %s", key_text(goal, "id"));
	char *when = review[0] == '\0' ? memory_copy(_("no review set"))
	                               : memory_format(_("review on %s%s%s"), review, standing[0] != '\0' ? ", " : "",
	                                               standing_words(standing));
	const char *cells[] = {mark, key_text(goal, "status"), key_text(goal, "responsible"), when};
	size_t i;
	json_t *one;
	out_row(out, style_of(standing), cells, width, 4);
	out_block(out, "      ", key_text(goal, "text"));
	json_array_foreach(json_object_get(goal, "progress"), i, one)
		out_line(out, "      %s %s: %s", key_text(one, "date"), key_text(one, "status"), key_text(one, "text"));
	free(when);
	free(mark);
}

static void print_project(struct out *out, const json_t *project)
{
	size_t i;
	json_t *goal;
	out_styled(out, STYLE_STRONG, "  Project of %s (%s)", key_text(project, "date"), key_text(project, "from"));
	json_array_foreach(json_object_get(project, "goals"), i, goal)
		print_goal(out, goal);
}

static void print_follow_up(struct out *out, const json_t *one)
{
	const unsigned width[] = {16, 12, 12, 0};
	const char *standing = key_text(one, "standing");
	const json_t *done = json_object_get(one, "done");
	char *after = memory_format(_("    %" JSON_INTEGER_FORMAT " months"), json_integer_value(json_object_get(one, "months")));
	char *what = done == NULL ? memory_copy("") : memory_format(_("%s, in the family: %s"), key_text(done, "wellbeing"), key_text(done, "still_in_family"));
	const char *cells[] = {after, key_text(one, "due"), standing_words(standing), what};
	out_row(out, style_of(standing), cells, width, 4);
	free(what);
	free(after);
}

static void print_entry(struct out *out, const json_t *entry)
{
	const json_t *hidden = json_object_get(entry, "hidden");
	bool local = json_is_true(json_object_get(entry, "local"));
	char *pictures = show_joined("", json_object_get(entry, "pictures"));
	if (hidden != NULL) {
		out_line(out, "  Lifebook #%s: the child took this entry back on %.10s. %s", key_text(entry, "case_seq"), key_text(hidden, "at"), key_text(hidden, "text"));
	} else {
		out_styled(out, STYLE_STRONG, "  Lifebook %s%s: %s (%s)", local ? "" : "#", local ? _("kept here, not shared") : key_text(entry, "case_seq"),
		           key_text(entry, "title"), key_text(entry, "date"));
		out_block(out, "    ", key_text(entry, "text"));
		if (pictures != NULL && pictures[0] != '\0')
			out_line(out, "    pictures: %s (passerelle show says how to save them)", pictures);
		if (local)
			out_line(out, "    to share it: --share %s", key_text(entry, "entry"));
	}
	free(pictures);
}

static void print_path_line(struct out *out, const json_t *path)
{
	const char *since = key_text(path, "waits_since"), *place = key_text(path, "waits_in");
	if (json_object_get(path, "waits_at") == NULL)
		out_line(out, "  Path %s: all steps are done.", key_text(path, "profile"));
	else
		out_line(out, "  Path %s: waits for %s%s%s%s%.10s", key_text(path, "profile"), key_text(path, "waits_for"),
		         place[0] != '\0' ? _(", in ") : "", place, since[0] != '\0' ? _(", since ") : "", since);
}

static void print_each(struct out *out, const json_t *list, void (*print)(struct out *out, const json_t *one))
{
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one)
		print(out, one);
}

static void print_person(struct out *out, const json_t *person)
{
	const json_t *follow_ups = json_object_get(person, "follow_ups");
	out_styled(out, STYLE_HEAD, "%s", key_text(person, "person"));
	print_each(out, json_object_get(person, "paths"), print_path_line);
	print_each(out, json_object_get(person, "assessments"), print_assessment);
	if (json_object_get(person, "project") != NULL)
		print_project(out, json_object_get(person, "project"));
	print_each(out, json_object_get(person, "lifebook"), print_entry);
	if (follow_ups != NULL)
		out_styled(out, STYLE_STRONG, "  Follow-ups");
	print_each(out, follow_ups, print_follow_up);
}

static int ask_child(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	return psr_child(profile, cli->operand[0], cli->value[FLAG_PERSON], text, error);
}

static void print_child(struct cli *cli, json_t *document)
{
	const json_t *items = json_object_get(document, "items");
	if (json_is_true(json_object_get(document, "incomplete")))
		out_word(&cli->out, "Something of this case does not open here: passerelle show says what.");
	print_each(&cli->out, items, print_person);
	if (json_array_size(items) == 0)
		out_word(&cli->out, "There is nothing in the file. passerelle help child says what can be.");
}

int run_child(struct cli *cli)
{
	return cli_answer(cli, ask_child, print_child);
}

// ---- follow-ups ----

static int ask_follow_ups(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	(void)cli;
	return psr_follow_ups(profile, text, error);
}

static void follow_up_row(struct out *out, const json_t *item)
{
	const unsigned width[] = {20, 6, 10, 12, 10, 10, 0};
	const char *standing = key_text(item, "standing");
	const json_t *done = json_object_get(item, "done");
	char *months = memory_format(_("%" JSON_INTEGER_FORMAT " months"), json_integer_value(json_object_get(item, "months")));
	char *what = done == NULL ? memory_copy("") : memory_format(_("%s, in the family: %s"), key_text(done, "wellbeing"), key_text(done, "still_in_family"));
	const char *cells[] = {key_text(item, "reference"), key_text(item, "person"), months, key_text(item, "due"), key_text(item, "from"),
	                       standing_words(standing), what};
	out_row(out, style_of(standing), cells, width, 7);
	free(what);
	free(months);
}

static void count_row(struct out *out, const json_t *counted)
{
	const char *keys[] = {"months", "wanted", "done", "overdue"};
	json_int_t n[4];
	for (size_t i = 0; i < 4; i++)
		n[i] = json_integer_value(json_object_get(counted, keys[i]));
	out_line(out, "  after %2" JSON_INTEGER_FORMAT " months: %" JSON_INTEGER_FORMAT " wanted, %" JSON_INTEGER_FORMAT " done, %" JSON_INTEGER_FORMAT " overdue",
	         n[0], n[1], n[2], n[3]);
}

// One line a follow-up; what other branches owe is left out where they were not asked for.
static int save_follow_ups(struct cli *cli, json_t *document)
{
	static const char *const keys[] = {"reference", "person",         "months",
	                                   "due",       "standing",       "from",
	                                   "mine",      "done.wellbeing", "done.still_in_family",
	                                   NULL};
	json_t *kept = json_array(), *item;
	size_t i;
	json_array_foreach(json_object_get(document, "items"), i, item) {
		if (!flag_given(cli, FLAG_MINE) || json_is_true(json_object_get(item, "mine")))
			json_array_append(kept, item);
	}
	int code = table_save(cli, kept, keys);
	json_decref(kept);
	return code;
}

static void print_follow_ups(struct cli *cli, json_t *document)
{
	const json_t *items = json_object_get(document, "items"), *family = json_object_get(document, "in_family");
	size_t i;
	json_t *item;
	json_array_foreach(items, i, item) {
		if (!flag_given(cli, FLAG_MINE) || json_is_true(json_object_get(item, "mine")))
			follow_up_row(&cli->out, item);
	}
	if (json_array_size(items) == 0) {
		out_word(&cli->out, "No follow-up is wanted.");
		return;
	}
	out_styled(&cli->out, STYLE_STRONG, "All cases of your branch");
	print_each(&cli->out, json_object_get(document, "counts"), count_row);
	out_line(&cli->out, "  12 months after, still in the family: %" JSON_INTEGER_FORMAT " yes, %" JSON_INTEGER_FORMAT " no, %" JSON_INTEGER_FORMAT " not said",
	         json_integer_value(json_object_get(family, "yes")), json_integer_value(json_object_get(family, "no")),
	         json_integer_value(json_object_get(family, "not_said")));
}

int run_follow_ups(struct cli *cli)
{
	return table_wanted(cli) ? table_answer(cli, ask_follow_ups, save_follow_ups)
	                         : cli_answer(cli, ask_follow_ups, print_follow_ups);
}

// ---- the Lifebook ----

int run_lifebook(struct cli *cli)
{
	if (flag_given(cli, FLAG_BOOK))
		return book_write(cli);
	if (flag_given(cli, FLAG_OWN) || flag_given(cli, FLAG_BOOK_OF))
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "add --book FILE", "--own and --person say what a book holds");
	return run_write(cli);
}

// ---- the child's choice about an entry ----

static bool is_entry(const json_t *entry, const char *typed)
{
	static const char *const keys[] = {"entry", "message", "case_seq"};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (key_text(entry, keys[i])[0] != '\0' && strcmp(key_text(entry, keys[i]), typed) == 0)
			return true;
	}
	return false;
}

static const json_t *find_entry(const json_t *document, const char *typed)
{
	size_t i, k;
	json_t *person, *entry;
	json_array_foreach(json_object_get(document, "items"), i, person) {
		json_array_foreach(json_object_get(person, "lifebook"), k, entry) {
			if (is_entry(entry, typed))
				return entry;
		}
	}
	return NULL;
}

static int say_choice(struct cli *cli, const json_t *entry, const char *typed, const char **verb, const char **kept,
                      char **form)
{
	bool shares = flag_given(cli, FLAG_SHARE), local = json_is_true(json_object_get(entry, "local"));
	if (entry == NULL || (local && !shares))
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "passerelle child shows the entries of a case",
		                "no entry %s of the Lifebook was sent", typed);
	if (local) {
		*kept = typed;
		return 0;
	}
	*verb = "lifebook-choice";
	json_t *choice = json_pack("{ssssss}", "person", key_text(entry, "person"), "entry", key_text(entry, "message"), "share", shares ? "YES" : "NO");
	free(*form);
	*form = json_dumps(choice, 0);
	json_decref(choice);
	return 0;
}

int lifebook_choose(struct cli *cli, struct psr_profile *profile, const char **verb, const char **kept, char **form)
{
	const char *typed = flag_given(cli, FLAG_SHARE) ? cli->value[FLAG_SHARE] : cli->value[FLAG_TAKE_BACK];
	struct psr_error error;
	char *text = NULL;
	if (psr_child(profile, cli->operand[0], NULL, &text, &error) != 0)
		return out_error(&cli->out, &error, NULL);
	json_t *document = json_loads(text, 0, NULL);
	psr_free(text);
	int failed = say_choice(cli, find_entry(document, typed), typed, verb, kept, form);
	json_decref(document);
	return failed;
}
