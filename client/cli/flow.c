// SPDX-License-Identifier: Apache-2.0
//
// The General Secretariat's view: counts of the network, of each member on both sides, and of pairs; and of a period.
#include "cli/flow.h"
#include "cli/flow_by.h"
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/plot.h"
#include "cli/table.h"
#include "cli/words.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { PAIRS_SHOWN = 20 };

static bool is(const json_t *item, const char *key, const char *text)
{
	return strcmp(key_text(item, key), text) == 0;
}

// The row of this measure; NULL: no case is counted there.
static const json_t *find(const json_t *items, const char *requesting, const char *responding, const char *state,
                          const char *measure)
{
	size_t i;
	json_t *item;
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		if (is(item, "requesting", requesting) && is(item, "responding", responding) && is(item, "state", state) &&
		    is(item, "measure", measure))
			return item;
	}
	return NULL;
}

static const char *count_of(const json_t *row)
{
	return row == NULL ? "-" : json_is_true(json_object_get(row, "few")) ? _("few") : key_text(row, "cases");
}

static void print_states(struct out *out, const json_t *items)
{
	const unsigned width[] = {52, 10, 14, 14};
	static const char *const head[] = {"all members", "cases", "oldest", "half under"};
	size_t i;
	json_t *item;
	out_head(out, head, width, 4);
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		bool all = is(item, "requesting", "*") && is(item, "responding", "*");
		if (!all)
			continue;
		bool aged = !json_is_true(json_object_get(item, "few")) && !is(item, "state", "*");
		struct span oldest = words_span(key_text(item, "oldest_ms")), median = words_span(key_text(item, "median_ms"));
		const char *name = !is(item, "state", "*")              ? key_text(item, "state_text")
		                   : is(item, "measure", "OVERDUE")   ? _("overdue")
		                   : is(item, "measure", "ESCALATED") ? _("reminded twice")
		                                                      : _("all");
		const char *cells[] = {name, count_of(item), aged ? oldest.text : "-", aged ? median.text : "-"};
		out_row(out, STYLE_PLAIN, cells, width, 4);
	}
}

// One line for each member that has cases on that side.
static void print_members(struct out *out, const json_t *items, bool asks)
{
	const unsigned width[] = {12, 8, 14, 16, 10, 16};
	const char *const head[] = {asks ? "who asks" : "who is asked", "cases", "not yet seen", "to be decided", "overdue", "reminded twice"};
	static const char *const columns[][2] = {{"*", "CASES"}, {"SENT", "CASES"}, {"ACKNOWLEDGED", "CASES"}, {"*", "OVERDUE"}, {"*", "ESCALATED"}};
	size_t i;
	json_t *item;
	out_line(out, "%s", "");
	out_head(out, head, width, 6);
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		const char *member = key_text(item, asks ? "requesting" : "responding");
		bool side = is(item, asks ? "responding" : "requesting", "*") && strcmp(member, "*") != 0;
		if (!side || !is(item, "state", "*") || !is(item, "measure", "CASES"))
			continue;
		const char *cells[6] = {member};
		for (size_t column = 0; column < 5; column++)
			cells[column + 1] =
				count_of(find(items, asks ? member : "*", asks ? "*" : member, columns[column][0], columns[column][1]));
		out_row(out, STYLE_PLAIN, cells, width, 6);
	}
}

static int by_cases(const void *left, const void *right)
{
	double a = strtod(key_text(*(json_t *const *)left, "cases"), NULL),
		   b = strtod(key_text(*(json_t *const *)right, "cases"), NULL);
	return a < b ? 1 : a > b ? -1 : 0;
}

static void print_pairs(struct out *out, const json_t *items)
{
	const unsigned width[] = {12, 14, 8};
	static const char *const head[] = {"who asks", "who is asked", "cases"};
	size_t count = 0, i;
	json_t *item, **pair = memory_take((json_array_size(items) + 1) * sizeof(*pair));
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		if (!is(item, "requesting", "*") && !is(item, "responding", "*"))
			pair[count++] = item;
	}
	qsort(pair, count, sizeof(*pair), by_cases);
	if (count > 0) {
		out_line(out, "%s", "");
		out_head(out, head, width, 3);
	}
	for (i = 0; i < count && i < PAIRS_SHOWN; i++) {
		const char *cells[] = {key_text(pair[i], "requesting"), key_text(pair[i], "responding"), key_text(pair[i], "cases")};
		out_row(out, STYLE_PLAIN, cells, width, 3);
	}
	if (count > PAIRS_SHOWN)
		out_line(out, "%zu more pairs: passerelle flow --csv", count - PAIRS_SHOWN);
	free(pair);
}

static const json_t *find_kind(const json_t *kinds, const char *by, const char *key, const char *measure)
{
	size_t i;
	json_t *item;
	json_array_foreach((json_t *)(uintptr_t)kinds, i, item) {
		if (is(item, "by", by) && is(item, "key", key) && is(item, "measure", measure))
			return item;
	}
	return NULL;
}

// One line for each service, or urgency, that has open cases: the hub sends those of a key together.
static void print_kinds(struct out *out, const json_t *kinds, const char *by, const char *heading)
{
	const unsigned width[] = {58, 18, 12, 16};
	const char *const head[] = {heading, "open cases", "overdue", "reminded twice"}, *last = NULL;
	size_t i;
	json_t *item;
	json_array_foreach((json_t *)(uintptr_t)kinds, i, item) {
		const char *key = key_text(item, "key");
		if (!is(item, "by", by) || (last != NULL && strcmp(key, last) == 0))
			continue;
		if (last == NULL) {
			out_line(out, "%s", "");
			out_head(out, head, width, 4);
		}
		last = key;
		const char *cells[] = {words_code(by, key), count_of(find_kind(kinds, by, key, "CASES")), count_of(find_kind(kinds, by, key, "OVERDUE")),
		                       count_of(find_kind(kinds, by, key, "ESCALATED"))};
		out_row(out, STYLE_PLAIN, cells, width, 4);
	}
}

static void print_tables(struct out *out, const json_t *document)
{
	const json_t *items = json_object_get(document, "items"), *kinds = json_object_get(document, "kinds");
	print_states(out, items);
	print_kinds(out, kinds, "service", _("service"));
	print_kinds(out, kinds, "urgency", _("urgency"));
	print_members(out, items, true);
	print_members(out, items, false);
	print_pairs(out, items);
	out_word(out, "Counted once a day, in steps of 5. A count from 1 to 4 never leaves the hub, nor one that would give it away: few. Pairs with few cases are left out.");
}

// A period

const char *flow_days_of(const json_t *items, const char *figure, const char *key, double share)
{
	double all = 0, passed = 0;
	size_t i;
	json_t *item;
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		if (is(item, "figure", figure) && is(item, "key", key))
			all += strtod(key_text(item, "cases"), NULL);
	}
	json_array_foreach((json_t *)(uintptr_t)items, i, item) { // the hub sends them in the order of days
		if (!is(item, "figure", figure) || !is(item, "key", key))
			continue;
		passed += strtod(key_text(item, "cases"), NULL);
		if (passed * 100 >= all * share)
			return is(item, "days", "0") ? NULL : key_text(item, "days");
	}
	return NULL;
}

double flow_cases_within(const json_t *items, const char *figure, const char *key, double days)
{
	double cases = 0;
	size_t i;
	json_t *item;
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		double of_item = strtod(key_text(item, "days"), NULL);
		bool counts = days <= 0 || (of_item > 0 && of_item <= days);
		if (is(item, "figure", figure) && is(item, "key", key) && counts)
			cases += strtod(key_text(item, "cases"), NULL);
	}
	return cases;
}

static const char *step_name(const char *figure)
{
	return strcmp(figure, "ACKNOWLEDGED") == 0 ? _("acknowledged")
	       : strcmp(figure, "DECIDED") == 0    ? _("decided")
	                                           : _("reported");
}

static void print_step(struct out *out, const json_t *items, const char *figure, const char *key)
{
	const unsigned width[] = {40, 10, 16, 16, 14};
	double all = flow_cases_within(items, figure, key, 0);
	if (all <= 0)
		return;
	const char *half = flow_days_of(items, figure, key, 50), *most = flow_days_of(items, figure, key, 90);
	char *count = memory_format("%.0f", all),
		 *week = memory_format("%.0f %%", flow_cases_within(items, figure, key, 7) * 100 / all);
	const char *cells[] = {key[0] != '\0' ? words_code("hold_reason", key) : step_name(figure), count, half != NULL ? half : "> 365",
	                       most != NULL ? most : "> 365", week};
	out_row(out, STYLE_PLAIN, cells, width, 5);
	free(count);
	free(week);
}

// Each key of the figure once: they stand together.
static void print_steps(struct out *out, const json_t *items)
{
	static const char *const head[] = {"steps, in days", "cases", "half within", "nine in ten", "within 7"};
	const unsigned width[] = {40, 10, 16, 16, 14};
	const char *last = "";
	size_t i;
	json_t *item;
	out_line(out, "%s", "");
	out_row(out, STYLE_STRONG, head, width, 5);
	print_step(out, items, "ACKNOWLEDGED", "");
	print_step(out, items, "DECIDED", "");
	print_step(out, items, "REPORTED", "");
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		if (!is(item, "figure", "HELD") || is(item, "key", last))
			continue;
		last = key_text(item, "key");
		print_step(out, items, "HELD", last);
	}
}

// A code of a list, or one of the flow's own words.
static const char *figure_word(const char *list, const char *key)
{
	static const char *const words[][2] = {
		{"KEPT", N_("kept")},           {"MISSED", N_("missed")},         {"MONTHS_3", N_("3 months")},
		{"MONTHS_6", N_("6 months")}, {"MONTHS_12", N_("12 months")}, {"MONTHS_24", N_("24 months")},
	};
	for (size_t i = 0; list == NULL && i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i][0], key) == 0)
			return _(words[i][1]);
	}
	return list != NULL ? words_code(list, key) : key;
}

// `list`: the code list of its keys, NULL if they are none.
static void print_figure(struct out *out, const json_t *items, const char *figure, const char *list, const char *head)
{
	const unsigned width[] = {58, 8};
	const char *const heads[] = {head, "cases"};
	size_t i;
	json_t *item;
	bool any = false;
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		if (!is(item, "figure", figure))
			continue;
		if (!any) {
			out_line(out, "%s", "");
			out_row(out, STYLE_STRONG, heads, width, 2);
		}
		any = true;
		const char *asks = key_text(item, "requesting"), *asked = key_text(item, "responding");
		char *route = memory_format("%s > %s", asks, asked);
		const char *name = strcmp(figure, "UNSERVED") == 0 ? route
		                   : !is(item, "key", "")          ? figure_word(list, key_text(item, "key"))
		                   : !is(item, "month", "")        ? key_text(item, "month")
		                   : strcmp(asks, "*") != 0        ? asks
		                                                   : asked;
		const char *cells[] = {name, key_text(item, "cases")};
		out_row(out, STYLE_PLAIN, cells, width, 2);
		free(route);
	}
}

static void print_results(struct out *out, const json_t *results)
{
	const unsigned width[] = {36, 8};
	const char *const heads[] = {_("twelve months after"), _("persons")};
	size_t i;
	json_t *row;
	bool any = false;
	json_array_foreach((json_t *)(uintptr_t)results, i, row) {
		json_t *persons = json_object_get(row, "persons");
		bool family = is(row, "table", "AFTER_12_MONTHS_IN_FAMILY");
		if (persons == NULL)
			continue;
		if (!any) {
			out_line(out, "%s", "");
			out_row(out, STYLE_STRONG, heads, width, 2);
		}
		any = true;
		char *count = memory_format("%" JSON_INTEGER_FORMAT, json_integer_value(persons));
		char *label = memory_format("%s%s", family ? _("in the family: ") : "",
		                            words_code(family ? "yes_no" : "wellbeing", key_text(row, "key")));
		const char *cells[] = {label, count};
		out_row(out, STYLE_PLAIN, cells, width, 2);
		free(label);
		free(count);
	}
}

static void print_period(struct out *out, const json_t *items)
{
	print_figure(out, items, "OPENED_MONTH", NULL, _("opened in"));
	print_figure(out, items, "OPENED_SERVICE", "service_type", _("service"));
	print_figure(out, items, "OPENED_URGENCY", "urgency", _("urgency"));
	print_figure(out, items, "OPENED_ASKS", NULL, _("who asks"));
	print_figure(out, items, "OPENED_ASKED", NULL, _("who is asked"));
	print_steps(out, items);
	print_figure(out, items, "DATE", NULL, _("agreed dates"));
	print_figure(out, items, "DECLINED", "decline_reason", _("declined because"));
	print_figure(out, items, "UNSERVED", NULL, _("routes not served"));
	print_figure(out, items, "FOLLOW_UP", NULL, _("follow-ups after"));
}

static void print_whole_period(struct out *out, const json_t *document)
{
	print_period(out, json_object_get(document, "items"));
	print_results(out, json_object_get(document, "follow_up_results"));
	out_word(out, "Months that are over alone. Every count is a multiple of 5; of each row up to 4 cases come with a later month.");
}

// As tables

static bool is_period(const json_t *document)
{
	return strcmp(key_text(document, "schema"), "passerelle.flow_period/1") == 0;
}

static const char *const *keys_of(const json_t *document)
{
	static const char *const now[] = {"requesting", "responding", "state",     "measure",
	                                  "cases",      "oldest_ms",  "median_ms", NULL},
							 *const period[] = {"figure", "requesting", "responding", "key",
	                                            "days",   "month",      "region",     "cases", NULL};
	if (strcmp(key_text(document, "schema"), "passerelle.flow_table/1") == 0)
		return flow_by_keys(document);
	return is_period(document) ? period : now;
}

// What is not told stands there as a word, in the place of a number.
static json_t *rows_of(const json_t *document)
{
	json_t *rows = json_array(), *item;
	size_t i;
	json_array_foreach(json_object_get(document, "items"), i, item) {
		json_t *row = json_copy(item);
		if (json_is_true(json_object_get(item, "few")))
			json_object_set_new(row, "cases", json_string("few"));
		json_array_append_new(rows, row);
	}
	return rows;
}

static void print_csv(struct cli *cli, const json_t *document)
{
	json_t *rows = rows_of(document);
	table_write_csv(cli->out.data, rows, keys_of(document));
	json_decref(rows);
}

static int save_flow(struct cli *cli, json_t *document)
{
	json_t *rows = rows_of(document);
	int code = table_save(cli, rows, keys_of(document));
	json_decref(rows);
	return code;
}

static void print_flow(struct cli *cli, json_t *document)
{
	bool period = is_period(document);
	if (flag_given(cli, FLAG_CSV))
		print_csv(cli, document);
	else if (flag_given(cli, FLAG_BY))
		flow_by_print(&cli->out, document);
	else if (period)
		print_whole_period(&cli->out, document);
	else
		print_tables(&cli->out, document);
}

static bool of_period(const struct cli *cli)
{
	return flag_given(cli, FLAG_FROM_MONTH) || flag_given(cli, FLAG_TO_MONTH);
}

static char *text_of(json_t *document)
{
	char *text = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	return text;
}

// What the follow-ups of the year said, out of the records that members sealed to the General Secretariat: the hub cannot read them.
static void add_results(struct cli *cli, struct psr_profile *profile, json_t *document)
{
	const char *last = cli->value[flag_given(cli, FLAG_TO_MONTH) ? FLAG_TO_MONTH : FLAG_FROM_MONTH];
	const struct psr_statistics_wanted wanted = {
		.year = flag_given(cli, FLAG_TO_MONTH) ? (unsigned)strtoul(last, NULL, 10) : 0};
	struct psr_error error;
	char *text = NULL;
	if (psr_statistics(profile, &wanted, &text, &error) != 0)
		return; // not with these rights: the counts stand for themselves
	json_t *statistics = json_loads(text, 0, NULL), *results = json_array(), *row;
	size_t i;
	json_array_foreach(json_object_get(statistics, "items"), i, row) {
		if (strncmp(key_text(row, "table"), "AFTER_12_MONTHS_", 16) == 0)
			json_array_append(results, row);
	}
	json_object_set_new(document, "follow_up_results", results);
	json_decref(statistics);
	psr_free(text);
}

static int ask_flow(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	const struct flow_by *by = flag_given(cli, FLAG_BY) ? flow_by_named(cli->value[FLAG_BY]) : NULL;
	const struct psr_flow_wanted wanted = {.from = cli->value[FLAG_FROM_MONTH],
	                                       .until = cli->value[FLAG_TO_MONTH],
	                                       .rows = by != NULL ? by->rows : PSR_FLOW_OF_ALL};
	int failed = of_period(cli) ? psr_flow_period(profile, &wanted, text, error) : psr_flow(profile, text, error);
	if (failed != 0 || (by == NULL && !of_period(cli)))
		return failed;
	json_t *document = json_loads(*text, 0, NULL),
		   *table = by != NULL ? flow_by_table(by, document) : json_incref(document);
	psr_free(*text);
	json_decref(document);
	if (by == NULL)
		add_results(cli, profile, table);
	*text = text_of(table);
	return 0;
}

static int check(struct cli *cli)
{
	const char *typed = cli->value[FLAG_BY];
	const struct flow_by *by = flag_given(cli, FLAG_BY) ? flow_by_named(typed) : NULL;
	if (!flag_given(cli, FLAG_BY))
		return EX_OK;
	if (by == NULL)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "one of member, country, region, pair, service, urgency",
		                "there is no table by '%s'", typed);
	if (of_period(cli) && !by->period)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "leave out --from and --to", "pairs are told as they stand now");
	return EX_OK;
}

int run_flow(struct cli *cli)
{
	char *text;
	int code = check(cli);
	if (code != EX_OK)
		return code;
	if (table_wanted(cli))
		return table_answer(cli, ask_flow, save_flow);
	if (!flag_given(cli, FLAG_PLOT))
		return cli_answer(cli, ask_flow, print_flow);
	code = cli_ask(cli, ask_flow, &text);
	if (code != 0)
		return code;
	json_t *document = json_loads(text, 0, NULL);
	code = plot_flow(&cli->out, document, cli->value[FLAG_PLOT]);
	if (code == 0 && cli->out.json)
		out_json(&cli->out, document, false);
	else if (code == 0)
		out_line(&cli->out, "%s", cli->value[FLAG_PLOT]);
	json_decref(document);
	psr_free(text);
	return code;
}
