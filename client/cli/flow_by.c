// SPDX-License-Identifier: Apache-2.0
#include "cli/flow_by.h"

#include "cli/language.h"
#include "cli/memory.h"
#include "cli/regions.h"
#include "cli/words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct flow_by tables[] = {
	{"member", true, PSR_FLOW_OF_MEMBERS}, {"country", true, PSR_FLOW_OF_MEMBERS}, {"region", true, PSR_FLOW_OF_REGIONS},
	{"pair", false, PSR_FLOW_OF_ALL},      {"service", true, PSR_FLOW_OF_ALL},     {"urgency", true, PSR_FLOW_OF_ALL},
};

const struct flow_by *flow_by_named(const char *by)
{
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		if (strcmp(tables[i].by, by) == 0)
			return &tables[i];
	}
	return NULL;
}

static bool is(const json_t *item, const char *key, const char *text)
{
	return strcmp(key_text(item, key), text) == 0;
}

static json_int_t cases_of(const json_t *item)
{
	return (json_int_t)strtoll(key_text(item, "cases"), NULL, 10);
}

static void add(json_t *row, const char *key, json_int_t more)
{
	json_object_set_new(row, key, json_integer(json_integer_value(json_object_get(row, key)) + more));
}

// ---- rows ----

// What a member's cases are told under; into `name`.
static const char *place_of(const struct flow_by *by, const char *member, char name[64])
{
	bool country = strlen(member) == 2 || (strlen(member) > 3 && member[2] == '-');
	if (strcmp(by->by, "region") == 0)
		return region_of(member);
	snprintf(name, 64, "%.*s", strcmp(by->by, "country") == 0 && country ? 2 : 63, member);
	return name;
}

// Borrowed; made if it is not there.
static json_t *row_of(json_t *rows, const char *name)
{
	json_t *row = json_object_get(rows, name);
	if (row == NULL) {
		row = json_object();
		json_object_set_new(rows, name, row);
	}
	return row;
}

static json_t *member_row(const struct flow_by *by, json_t *rows, const char *member)
{
	char name[64];
	return row_of(rows, place_of(by, member, name));
}

// "days" of the row: for each step how many cases took how long.
static void note_days(json_t *row, const char *step, const json_t *item)
{
	json_t *days = row_of(row_of(row, "days"), step);
	add(days, key_text(item, "days"), cases_of(item));
	add(row, step, cases_of(item));
}

static void note_availability(json_t *row, const json_t *item)
{
	char key[32];
	snprintf(key, sizeof key, "days_%s", key_text(item, "key"));
	for (char *at = key; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	add(row, key, cases_of(item));
}

static void count_member(const struct flow_by *by, json_t *rows, const json_t *item)
{
	static const char *const steps[][2] = {{"MEMBER_ACKNOWLEDGED", "acknowledged"}, {"MEMBER_DECIDED", "decided"}, {"MEMBER_REPORTED", "reported"}};
	const char *asked = key_text(item, "responding");
	if (is(item, "figure", "OPENED_ASKS"))
		add(member_row(by, rows, key_text(item, "requesting")), "asks", cases_of(item));
	if (is(item, "figure", "OPENED_ASKED"))
		add(member_row(by, rows, asked), "asked", cases_of(item));
	if (is(item, "figure", "AVAILABILITY"))
		note_availability(member_row(by, rows, asked), item);
	for (size_t i = 0; i < 3; i++) {
		if (is(item, "figure", steps[i][0]))
			note_days(member_row(by, rows, asked), steps[i][1], item);
	}
}

// A service of a region is a row of its own, below the row of the region.
static void count_region(json_t *rows, const json_t *item)
{
	const char *region = key_text(item, "region");
	bool asks = is(item, "figure", "MONTH_ASKS") || is(item, "figure", "SERVICE_ASKS");
	char *name = is(item, "key", "") ? memory_copy(region) : memory_format("%s %s", region, key_text(item, "key"));
	json_t *row = row_of(rows, name);
	json_object_set_new(row, "service", json_string(key_text(item, "key")));
	add(row, asks ? "asks" : "asked", cases_of(item));
	free(name);
}

static void count_period(const struct flow_by *by, json_t *rows, const json_t *item)
{
	const char *figure = strcmp(by->by, "service") == 0 ? "OPENED_SERVICE" : "OPENED_URGENCY";
	if (by->rows == PSR_FLOW_OF_MEMBERS)
		count_member(by, rows, item);
	else if (by->rows == PSR_FLOW_OF_REGIONS)
		count_region(rows, item);
	else if (is(item, "figure", figure))
		add(row_of(rows, key_text(item, "key")), "opened", cases_of(item));
}

static const char *measure_key(const json_t *item, const char *cases)
{
	return is(item, "measure", "OVERDUE") ? "overdue" : is(item, "measure", "ESCALATED") ? "escalated" : cases;
}

static void count_kind(const struct flow_by *by, json_t *rows, const json_t *item)
{
	if (!is(item, "by", by->by))
		return;
	json_t *row = row_of(rows, key_text(item, "key"));
	add(row, measure_key(item, "open"), cases_of(item));
	if (json_is_true(json_object_get(item, "few")))
		json_object_set_new(row, "few", json_true());
}

// What the hub keeps to itself counts as none.
static void count_now(const struct flow_by *by, json_t *rows, const json_t *item)
{
	const char *asks = key_text(item, "requesting"), *asked = key_text(item, "responding");
	bool all_asks = strcmp(asks, "*") == 0, all_asked = strcmp(asked, "*") == 0;
	if (strcmp(by->by, "pair") == 0) {
		char *name = memory_format("%s > %s", asks, asked);
		if (!all_asks && !all_asked)
			add(row_of(rows, name), "cases", cases_of(item));
		free(name);
		return;
	}
	if (all_asks == all_asked || !is(item, "state", "*"))
		return;
	json_t *row = member_row(by, rows, all_asks ? asked : asks);
	char *side = memory_format("%s_%s", all_asks ? "asked" : "asks", measure_key(item, "cases"));
	add(row, side, cases_of(item));
	if (json_is_true(json_object_get(item, "few")))
		json_object_set_new(row, "few", json_true());
	free(side);
}

// ---- how long ----

static int by_days(const void *left, const void *right)
{
	long a = strtol(*(const char *const *)left, NULL, 10), b = strtol(*(const char *const *)right, NULL, 10);
	a = a == 0 ? 100000 : a; // longer than is told apart
	b = b == 0 ? 100000 : b;
	return a < b ? -1 : a > b;
}

// The days within which `share` percent were done; "" for more than the most told apart.
static const char *days_of(json_t *days, json_int_t all, json_int_t share)
{
	const char *step[64], *key;
	size_t count = 0;
	json_int_t passed = 0;
	json_t *cases;
	json_object_foreach(days, key, cases) {
		if (count < sizeof step / sizeof step[0])
			step[count++] = key;
	}
	qsort(step, count, sizeof step[0], by_days);
	for (size_t i = 0; i < count; i++) {
		passed += json_integer_value(json_object_get(days, step[i]));
		if (passed * 100 >= all * share)
			return strcmp(step[i], "0") == 0 ? "" : step[i];
	}
	return "";
}

static void put_spans(json_t *row, const char *step, json_t *days)
{
	json_int_t all = json_integer_value(json_object_get(row, step)), week = 0;
	const char *key;
	json_t *cases;
	json_object_foreach(days, key, cases)
		week += strtol(key, NULL, 10) > 0 && strtol(key, NULL, 10) <= 7 ? json_integer_value(cases) : 0;
	char *half = memory_format("%s_half_days", step), *most = memory_format("%s_most_days", step),
		 *within = memory_format("%s_within_7", step);
	json_object_set_new(row, half, json_string(days_of(days, all, 50)));
	json_object_set_new(row, most, json_string(days_of(days, all, 90)));
	json_object_set_new(row, within, json_integer(week));
	free(half);
	free(most);
	free(within);
}

static int by_name(const void *left, const void *right)
{
	return strcmp(key_text(*(json_t *const *)left, "name"), key_text(*(json_t *const *)right, "name"));
}

static json_t *sorted(json_t *rows)
{
	json_t *items = json_array(), **row = memory_take((json_object_size(rows) + 1) * sizeof(*row)), *one;
	const char *name, *step;
	size_t count = 0;
	json_object_foreach(rows, name, one) {
		json_t *days = json_object_get(one, "days"), *of_step;
		json_object_set_new(one, "name", json_string(name));
		json_object_foreach(days, step, of_step)
			put_spans(one, step, of_step);
		json_object_del(one, "days");
		row[count++] = one;
	}
	qsort(row, count, sizeof(*row), by_name);
	for (size_t i = 0; i < count; i++)
		json_array_append(items, row[i]);
	free(row);
	return items;
}

static bool is_of_kinds(const char *by)
{
	return strcmp(by, "service") == 0 || strcmp(by, "urgency") == 0;
}

json_t *flow_by_table(const struct flow_by *by, const json_t *document)
{
	bool period = is(document, "schema", "passerelle.flow_period/1"), kinds = !period && is_of_kinds(by->by);
	json_t *rows = json_object(), *item;
	size_t i;
	json_array_foreach(json_object_get(document, kinds ? "kinds" : "items"), i, item) {
		if (period)
			count_period(by, rows, item);
		else if (kinds)
			count_kind(by, rows, item);
		else
			count_now(by, rows, item);
	}
	json_t *table = json_pack("{ss ss ss sb so}", "schema", "passerelle.flow_table/1", "by", by->by, "as_of",
	                          key_text(document, "as_of"), "period", (int)period, "items", sorted(rows));
	json_decref(rows);
	return table;
}

// ---- to look at ----

#define STEP_KEYS(step) step, step "_half_days", step "_most_days", step "_within_7"
static const char *const member_keys[] = {"name", "asks", "asked", STEP_KEYS("acknowledged"), STEP_KEYS("decided"), STEP_KEYS("reported"),
                                          "days_normal", "days_reduced", "days_disrupted", "days_suspended", NULL};
static const char *const region_keys[] = {"name", "service", "asks", "asked", NULL};
static const char *const opened_keys[] = {"name", "opened", NULL};
static const char *const kind_keys[] = {"name", "open", "overdue", "escalated", "few", NULL};
static const char *const pair_keys[] = {"name", "cases", NULL};
static const char *const now_keys[] = {"name",        "asks_cases",    "asks_overdue",    "asks_escalated",
                                       "asked_cases", "asked_overdue", "asked_escalated", "few",
                                       NULL};

const char *const *flow_by_keys(const json_t *table)
{
	const struct flow_by *by = flow_by_named(key_text(table, "by"));
	bool period = json_is_true(json_object_get(table, "period"));
	if (by == NULL || is(table, "by", "pair"))
		return pair_keys;
	if (!period)
		return is_of_kinds(by->by) ? kind_keys : now_keys;
	return by->rows == PSR_FLOW_OF_MEMBERS ? member_keys : by->rows == PSR_FLOW_OF_REGIONS ? region_keys : opened_keys;
}

static char *number_of(const json_t *row, const char *key)
{
	return memory_format("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(row, key)));
}

// "7 / 30": half of the cases, nine in ten.
static char *span_of(const json_t *row, const char *step)
{
	char *half = memory_format("%s_half_days", step), *most = memory_format("%s_most_days", step);
	const char *days = key_text(row, half), *longest = key_text(row, most);
	bool any = json_integer_value(json_object_get(row, step)) > 0;
	char *text = !any ? memory_copy("-")
	                  : memory_format("%s / %s", days[0] != '\0' ? days : "> 365", longest[0] != '\0' ? longest : "> 365");
	free(half);
	free(most);
	return text;
}

static void print_members(struct out *out, const json_t *items)
{
	const unsigned width[] = {14, 8, 10, 16, 16, 16, 10, 10, 10};
	static const char *const head[] = {"", "asks", "is asked", "acknowledged", "decided", "reported", "reduced", "disrupted", "suspended"};
	size_t i;
	json_t *row;
	out_head(out, head, width, 9);
	json_array_foreach((json_t *)(uintptr_t)items, i, row) {
		char *cell[] = {memory_copy(key_text(row, "name")), number_of(row, "asks"), number_of(row, "asked"), span_of(row, "acknowledged"),
		                span_of(row, "decided"), span_of(row, "reported"), number_of(row, "days_reduced"), number_of(row, "days_disrupted"),
		                number_of(row, "days_suspended")};
		out_row(out, STYLE_PLAIN, (const char *const *)cell, width, 9);
		for (size_t k = 0; k < 9; k++)
			free(cell[k]);
	}
	out_word(out, "Days from the opening within which half of the cases, and nine in ten, were at each step; days of reduced, disrupted and suspended work.");
}

// What the row is of, in the reader's language where it is a code.
static char *name_of(const json_t *table, const json_t *row)
{
	const char *name = key_text(row, "name"), *by = key_text(table, "by");
	return memory_copy(is_of_kinds(by) ? words_code(by, name) : name);
}

static void print_numbers(struct out *out, const json_t *table, const char *const *head, const char *const *keys,
                          size_t count)
{
	const unsigned width[] = {58, 18, 12, 16, 12, 12, 16};
	size_t i;
	json_t *row;
	out_head(out, head, width, count);
	json_array_foreach(json_object_get(table, "items"), i, row) {
		char *cell[7] = {name_of(table, row)};
		for (size_t k = 1; k < count; k++)
			cell[k] = number_of(row, keys[k]);
		out_row(out, STYLE_PLAIN, (const char *const *)cell, width, count);
		for (size_t k = 0; k < count; k++)
			free(cell[k]);
	}
}

void flow_by_print(struct out *out, const json_t *table)
{
	static const char *const regions[] = {"", "asks", "is asked"}, *const of_regions[] = {"name", "asks", "asked"};
	static const char *const one[] = {"", "cases"};
	static const char *const now[] = {"", "asks", "overdue", "reminded twice", "is asked", "overdue", "reminded twice"};
	static const char *const open[] = {"", "open cases", "overdue", "reminded twice"};
	const char *const *keys = flow_by_keys(table);
	if (keys == member_keys)
		print_members(out, json_object_get(table, "items"));
	else if (keys == region_keys)
		print_numbers(out, table, regions, of_regions, 3);
	else if (keys == now_keys)
		print_numbers(out, table, now, now_keys, 7);
	else if (keys == kind_keys)
		print_numbers(out, table, open, kind_keys, 4);
	else
		print_numbers(out, table, one, keys, 2);
	out_word(out, "Every count is a multiple of 5 and a sum of what the hub told; what it keeps to itself counts as none.");
}
