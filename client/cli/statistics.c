// SPDX-License-Identifier: Apache-2.0
//
// Statistics about persons: the tables of the General Secretariat, and what a branch tells it.
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/run.h"
#include "cli/table.h"
#include "cli/words.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { FIRST_YEAR = 1990, LAST_YEAR = 2199, LEAST_FOR_SHARE = 25 };

// ---- tables ----

static const char *title_of(const char *table)
{
	static const struct {
		const char *table, *title;
	} titles[] = {
		{"COUNTED", N_("persons in all cases")},
		{"CHILDREN_AGE", N_("children, by age at the referral")},
		{"CHILDREN_SEX", N_("children, by sex")},
		{"CHILDREN_MEMBER", N_("children, by the branch that asked")},
		{"CHILDREN_OUTCOME", N_("children, by outcome")},
		{"CHILDREN_NEED", N_("children, by special need")},
		{"AFTER_12_MONTHS_WELLBEING", N_("children twelve months after the closure")},
		{"AFTER_12_MONTHS_IN_FAMILY", N_("still in the family after twelve months")},
		{"VULNERABILITY", N_("persons at risk, by what puts them there")},
	};
	for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
		if (strcmp(titles[i].table, table) == 0)
			return _(titles[i].title);
	}
	return table;
}

static const char *label_of(const json_t *row)
{
	static const struct {
		const char *key, *label;
	} own[] = {{"WITH_CONSENT", N_("with consent to statistics")},
	           {"WITHOUT_CONSENT", N_("without it: counted, nothing told")},
	           {"OPEN", N_("not ended yet")},
	           {"YES", N_("yes")},
	           {"NO", N_("no")},
	           {"UNSPECIFIED", N_("not said")}};
	const char *list = key_text(row, "list"), *key = key_text(row, "key");
	for (size_t i = 0; i < sizeof own / sizeof own[0] && (list[0] == '\0' || strcmp(key, "OPEN") == 0); i++) {
		if (strcmp(own[i].key, key) == 0)
			return _(own[i].label);
	}
	return list[0] == '\0' ? key : words_code(list, key);
}

static json_int_t persons_of(const json_t *items, const char *table, const char *key)
{
	size_t i;
	json_t *row;
	json_array_foreach((json_t *)(uintptr_t)items, i, row) {
		if (strcmp(key_text(row, "table"), table) == 0 && strcmp(key_text(row, "key"), key) == 0)
			return json_integer_value(json_object_get(row, "persons"));
	}
	return 0;
}

// Out of what is printed anyway, and only where that is rough enough not to look like more.
static void print_share(struct out *out, const json_t *items)
{
	json_int_t yes = persons_of(items, "AFTER_12_MONTHS_IN_FAMILY", "YES");
	json_int_t all = yes + persons_of(items, "AFTER_12_MONTHS_IN_FAMILY", "NO");
	if (all >= LEAST_FOR_SHARE)
		out_line(out, _("  about %" JSON_INTEGER_FORMAT " of 100 are still in the family"),
		         (yes * 100 / all + 5) / 10 * 10);
}

// A row of fewer than 5 is the same as none, and is not printed.
static void print_rows(struct out *out, const json_t *items)
{
	const unsigned width[] = {44, 8};
	const char *last = "";
	size_t i;
	json_t *row;
	json_array_foreach((json_t *)(uintptr_t)items, i, row) {
		json_t *persons = json_object_get(row, "persons");
		if (persons == NULL)
			continue;
		if (strcmp(last, key_text(row, "table")) != 0) {
			last = key_text(row, "table");
			out_line(out, "%s", "");
			out_styled(out, STYLE_STRONG, "%s", title_of(last));
		}
		char *count = memory_format("%" JSON_INTEGER_FORMAT, json_integer_value(persons));
		char *label = memory_format("  %s", label_of(row));
		const char *cells[] = {label, count};
		out_row(out, STYLE_PLAIN, cells, width, 2);
		free(label);
		free(count);
	}
	if (last[0] == '\0')
		out_line(out, "No table has a row of 5 or more.");
}

static void print_tables(struct cli *cli, const json_t *document)
{
	const json_t *items = json_object_get(document, "items");
	print_rows(&cli->out, items);
	print_share(&cli->out, items);
	out_word(&cli->out, "Every number is the next lower multiple of 5. Rows of fewer than 5, or of none, are left out.");
}

static void print_csv(struct cli *cli, const json_t *document)
{
	static const char *const keys[] = {"year", "table", "key", "persons", NULL};
	json_t *rows = json_array(), *item;
	size_t i;
	json_array_foreach(json_object_get(document, "items"), i, item) {
		json_t *row = json_copy(item);
		json_object_set(row, "year", json_object_get(document, "year"));
		if (json_is_true(json_object_get(item, "few")))
			json_object_set_new(row, "persons", json_string("few"));
		json_array_append_new(rows, row);
	}
	table_write_csv(cli->out.data, rows, keys);
	json_decref(rows);
}

// ---- what a branch tells ----

static void print_needs(struct out *out, const json_t *person)
{
	size_t i;
	json_t *need;
	json_array_foreach(json_object_get(person, "special_needs"), i, need)
		out_line(out, "    %s", words_code("special_needs", json_string_value(need)));
	json_array_foreach(json_object_get(person, "follow_ups"), i, need)
		out_line(out, _("    after %" JSON_INTEGER_FORMAT " months: %s, in the family: %s"),
		         json_integer_value(json_object_get(need, "months")), words_code("wellbeing", key_text(need, "wellbeing")),
		         words_code("yes_no", key_text(need, "still_in_family")));
}

static void print_person(struct out *out, const json_t *person)
{
	const char *outcome = key_text(person, "outcome");
	out_styled(out, STYLE_STRONG, "%s  %s", key_text(person, "reference"), key_text(person, "person"));
	if (!json_is_true(json_object_get(person, "consent"))) {
		out_line(out, "  only that there is a person: no consent to statistics");
		return;
	}
	out_line(out, "  %s, %s, %s", words_code("person_role", key_text(person, "role")),
	         words_code("age_band", key_text(person, "age_band")), words_code("sex", key_text(person, "sex")));
	out_line(out, "  %s, %s, %s", words_code("service_type", key_text(person, "service")),
	         words_code("country", key_text(person, "country")),
	         outcome[0] != '\0' ? words_code("closure_outcome", outcome) : _("not ended yet"));
	print_needs(out, person);
}

static void print_mine(struct cli *cli, const json_t *document)
{
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(document, "persons"), i, one)
		print_person(&cli->out, one);
	json_array_foreach(json_object_get(document, "tallies"), i, one)
		out_line(&cli->out, _("%s  %s: %" JSON_INTEGER_FORMAT), key_text(one, "month"),
		         words_code("vulnerability", key_text(one, "vulnerability")),
		         json_integer_value(json_object_get(one, "persons")));
	out_word(&cli->out, "References and marks of persons stay here. The General Secretariat gets the rest, in an order by chance.");
}

static void print_document(struct cli *cli, json_t *document)
{
	if (flag_given(cli, FLAG_SEND))
		out_line(&cli->out, _("In the outbox: what is told of %" JSON_INTEGER_FORMAT " persons. passerelle sync sends it."),
		         json_integer_value(json_object_get(document, "persons")));
	else if (flag_given(cli, FLAG_OWN_RECORDS))
		print_mine(cli, document);
	else if (flag_given(cli, FLAG_CSV))
		print_csv(cli, document);
	else
		print_tables(cli, document);
}

static int ask_statistics(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	const char *year = cli->value[FLAG_COUNTED_YEAR];
	const struct psr_statistics_wanted wanted = {.year = year == NULL ? 0 : (unsigned)strtoul(year, NULL, 10),
	                                             .mine = flag_given(cli, FLAG_OWN_RECORDS),
	                                             .send = flag_given(cli, FLAG_SEND)};
	return psr_statistics(profile, &wanted, text, error);
}

int run_statistics(struct cli *cli)
{
	const char *year = cli->value[FLAG_COUNTED_YEAR];
	char *rest = NULL;
	unsigned long number = year == NULL ? FIRST_YEAR : strtoul(year, &rest, 10);
	if (number < FIRST_YEAR || number > LAST_YEAR || (rest != NULL && rest[0] != '\0'))
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", NULL, "'%s' is no year: write it like 2026", year);
	return cli_answer(cli, ask_statistics, print_document);
}
