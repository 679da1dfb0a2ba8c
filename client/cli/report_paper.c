// SPDX-License-Identifier: Apache-2.0
#include "cli/report_paper.h"

#include "cli/language.h"
#include "cli/memory.h"
#include "cli/out.h"
#include "cli/words.h"

#include <passerelle/passerelle.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 6, BARS = 40 };

static const char *label_of(const char *list, const char *code)
{
	const char *label = psr_label(list, code, language_tag());
	return label != NULL ? label : code;
}

// "Senegal (SN)"
static char *member_name(const char *code)
{
	const char *label = psr_label("country", code, language_tag());
	return label != NULL ? memory_format("%s (%s)", label, code) : memory_copy(code);
}

// "few" for a count that the hub does not tell.
static char *number_of(const json_t *row, const char *key)
{
	const json_t *value = json_object_get(row, key);
	if (json_is_null(value))
		return memory_copy(_("few"));
	return memory_format("%" JSON_INTEGER_FORMAT, json_integer_value(value));
}

static void add_heading(json_t *blocks, int level, const char *text)
{
	json_array_append_new(blocks, json_pack("{ss si}", "heading", text, "level", level));
}

static void add_text(json_t *blocks, const char *text)
{
	json_array_append_new(blocks, json_pack("{ss}", "text", text));
}

static void add_total(json_t *blocks, const char *label, const json_t *totals, const char *key)
{
	char *number = number_of(totals, key);
	json_array_append_new(blocks, json_pack("{ss ss}", "label", label, "text", number));
	free(number);
}

// ---- a column of codes, as a chart ----

static char *name_in(const json_t *row, const char *key, const char *list)
{
	const char *text = key_text(row, key);
	return memory_copy(list[0] == '\0' ? text : strcmp(list, "kind") == 0 ? words_kind(text) : label_of(list, text));
}

static void add_chart_of(json_t *blocks, const char *title, const json_t *rows, const char *key, const char *list,
                         const char *count)
{
	json_t *bars = json_array();
	for (size_t i = 0; i < json_array_size(rows) && i < BARS; i++) {
		const json_t *row = json_array_get(rows, i);
		char *name = name_in(row, key, list);
		json_array_append_new(bars, json_pack("{ss sI}", "label", name, "value",
		                                      json_integer_value(json_object_get(row, count))));
		free(name);
	}
	if (json_array_size(bars) > 0)
		json_array_append_new(blocks, json_pack("{ss sO}", "chart", title, "bars", bars));
	json_decref(bars);
}

static void add_chart(json_t *blocks, const char *title, const json_t *rows, const char *key, const char *list)
{
	add_chart_of(blocks, title, rows, key, list, "cases");
}

// ---- tables ----

// The columns of a table: what stands above each, and under which key its numbers are.
struct columns {
	const char *head[COLUMNS], *key[COLUMNS];
	size_t count;
};

static json_t *head_of(const struct columns *columns)
{
	json_t *head = json_array();
	for (size_t i = 0; i < columns->count; i++)
		json_array_append_new(head, json_string(_(columns->head[i])));
	return head;
}

static void append_row(json_t *rows, const struct columns *columns, const char *name, const json_t *row)
{
	json_t *cells = json_array();
	json_array_append_new(cells, json_string(name));
	for (size_t i = 1; i < columns->count; i++) {
		char *number = number_of(row, columns->key[i]);
		json_array_append_new(cells, json_string(number));
		free(number);
	}
	json_array_append_new(rows, cells);
}

static void add_table(json_t *blocks, const char *title, const struct columns *columns, json_t *rows)
{
	if (json_array_size(rows) > 0)
		json_array_append_new(blocks, json_pack("{ss so sO}", "table", title, "head", head_of(columns), "rows", rows));
	json_decref(rows);
}

static const struct columns of_members = {
	{N_("Branch"), N_("asked others"), N_("was asked"), N_("cases with it now"), N_("of these overdue")},
	{"member", "asks", "asked", "now", "overdue"}, 5};
static const struct columns of_regions = {
	{N_("Region"), N_("branches"), N_("asked others"), N_("was asked")}, {"region", "members", "asks", "asked"}, 4};
static const struct columns of_messages = {{N_("Messages"), N_("sent"), N_("received")}, {"", "sent", "received"}, 3};

// `region` NULL: all of them.
static json_t *member_rows(const json_t *members, const char *region)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < json_array_size(members); i++) {
		const json_t *row = json_array_get(members, i);
		char *name = member_name(key_text(row, "member"));
		if (region == NULL || strcmp(region, key_text(row, "region")) == 0)
			append_row(rows, &of_members, name, row);
		free(name);
	}
	return rows;
}

static void add_regions(json_t *blocks, const json_t *regions)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < json_array_size(regions); i++) {
		const json_t *row = json_array_get(regions, i);
		append_row(rows, &of_regions, label_of("region", key_text(row, "region")), row);
	}
	add_table(blocks, _("Regions"), &of_regions, rows);
}

static void add_messages(json_t *blocks, const char *title, const json_t *list, const char *key, const char *names)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *row = json_array_get(list, i);
		char *name = strcmp(names, "country") == 0 ? member_name(key_text(row, key)) : name_in(row, key, names);
		append_row(rows, &of_messages, name, row);
		free(name);
	}
	add_table(blocks, title, &of_messages, rows);
}

static const char *step_name(const char *step)
{
	return strcmp(step, "ACKNOWLEDGED") == 0 ? _("acknowledged") : strcmp(step, "DECIDED") == 0 ? _("decided") : _("reported");
}

static const char *days_text(const json_t *row, const char *key)
{
	return json_is_null(json_object_get(row, key)) ? "> 365" : key_text(row, key);
}

static void add_steps(json_t *blocks, const json_t *steps)
{
	static const struct columns columns = {
		{N_("Step"), N_("cases"), N_("half within (days)"), N_("nine in ten within (days)"), N_("within 7 days")},
		{"", "", "", "", ""}, 5};
	json_t *rows = json_array();
	for (size_t i = 0; i < json_array_size(steps); i++) {
		const json_t *row = json_array_get(steps, i);
		json_int_t all = json_integer_value(json_object_get(row, "cases")),
				   week = json_integer_value(json_object_get(row, "within_7"));
		char *count = number_of(row, "cases"),
			 *share = memory_format("%.0f %%", all > 0 ? 100.0 * (double)week / (double)all : 0);
		json_array_append_new(rows, json_pack("[sssss]", step_name(key_text(row, "step")), count, days_text(row, "half_days"),
		                                      days_text(row, "most_days"), share));
		free(count);
		free(share);
	}
	add_table(blocks, _("How long the steps took, since the case was opened"), &columns, rows);
}

static void add_unserved(json_t *blocks, const json_t *unserved)
{
	static const struct columns columns = {{N_("Who asked"), N_("who was asked"), N_("cases")}, {"", "", "cases"}, 3};
	json_t *rows = json_array();
	for (size_t i = 0; i < json_array_size(unserved); i++) {
		const json_t *row = json_array_get(unserved, i);
		char *asks = member_name(key_text(row, "requesting")), *asked = member_name(key_text(row, "responding")),
			 *count = number_of(row, "cases");
		json_array_append_new(rows, json_pack("[sss]", asks, asked, count));
		free(asks);
		free(asked);
		free(count);
	}
	add_table(blocks, _("Routes that are not served: no service in the area, or not competent"), &columns, rows);
}

// ---- the reports ----

static void add_reading(json_t *blocks)
{
	add_heading(blocks, 2, _("How to read these numbers"));
	add_text(blocks, _("No person stands behind a single number: counts of the year are multiples of 5, and what is left over of each row, up to 4 cases, comes with a later month. "
	                   "Of what is under way now, a count from 1 to 4 and all that would give it away is told as few. Sums are of what was told; they may be smaller than the whole."));
	add_text(blocks, _("Months that are over alone, in universal time. Regions: Standard country or area codes for statistical use (M49) of the United Nations."));
}

static void add_year_of_network(json_t *blocks, const json_t *counted)
{
	const json_t *months = json_object_get(counted, "months"), *services = json_object_get(counted, "services");
	if (key_text(counted, "region")[0] != '\0') {
		add_heading(blocks, 2, _("The region in the year"));
		add_chart_of(blocks, _("Asked of branches of the region, in each month"), months, "month", "", "asked");
		add_chart_of(blocks, _("Asked of branches of the region, by service"), services, "code", "service_type", "asked");
		add_chart_of(blocks, _("Asked by branches of the region, in each month"), months, "month", "", "asks");
		add_chart_of(blocks, _("Asked by branches of the region, by service"), services, "code", "service_type", "asks");
	}
	add_heading(blocks, 2, _("The whole network"));
	if (key_text(counted, "region")[0] == '\0') {
		add_chart(blocks, _("Cases opened in each month"), months, "month", "");
		add_chart(blocks, _("Cases by service"), services, "code", "service_type");
	}
	add_chart(blocks, _("Cases by urgency"), json_object_get(counted, "urgencies"), "code", "urgency");
	add_steps(blocks, json_object_get(counted, "steps"));
	add_chart(blocks, _("Pauses by reason"), json_object_get(counted, "held"), "code", "hold_reason");
	add_chart(blocks, _("Declined, by reason"), json_object_get(counted, "declined"), "code", "decline_reason");
}

static void add_date(json_t *blocks, const json_t *dates, const char *code, const char *label)
{
	for (size_t i = 0; i < json_array_size(dates); i++) {
		if (strcmp(key_text(json_array_get(dates, i), "code"), code) == 0)
			add_total(blocks, label, json_array_get(dates, i), "cases");
	}
}

static void add_short(json_t *blocks, const json_t *counted)
{
	const json_t *totals = json_object_get(counted, "totals"), *dates = json_object_get(counted, "dates");
	const char *region = key_text(counted, "region");
	add_heading(blocks, 2, _("In short"));
	add_total(blocks, _("cases opened in the network"), totals, "opened");
	if (region[0] != '\0') {
		add_total(blocks, _("asked by branches of the region"), totals, "asks");
		add_total(blocks, _("asked of branches of the region"), totals, "asked");
	}
	add_date(blocks, dates, "KEPT", _("reports by the agreed day, in the network"));
	add_date(blocks, dates, "MISSED", _("reports after the agreed day, in the network"));
}

static void compose_activity(json_t *blocks, const json_t *counted)
{
	add_text(blocks, _("What the branches of the network asked of each other in the year and what became of it, counted by the hub without anything of what the cases hold."));
	add_short(blocks, counted);
	add_heading(blocks, 2, _("Regions and branches"));
	add_regions(blocks, json_object_get(counted, "regions"));
	add_table(blocks, _("Branches"), &of_members, member_rows(json_object_get(counted, "members"), NULL));
	add_unserved(blocks, json_object_get(counted, "unserved"));
	add_year_of_network(blocks, counted);
	add_reading(blocks);
}

static void compose_global(json_t *blocks, const json_t *counted)
{
	const json_t *regions = json_object_get(counted, "regions");
	add_text(blocks, _("One row for each region, then for each branch within it."));
	add_short(blocks, counted);
	add_heading(blocks, 2, _("Regions and branches"));
	add_regions(blocks, regions);
	for (size_t i = 0; i < json_array_size(regions); i++) {
		const char *region = key_text(json_array_get(regions, i), "region");
		add_table(blocks, label_of("region", region), &of_members,
		          member_rows(json_object_get(counted, "members"), region));
	}
	add_reading(blocks);
}

static void compose_own(json_t *blocks, const json_t *counted)
{
	const json_t *totals = json_object_get(counted, "totals");
	add_text(blocks, _("Counted on this computer from the own inbox and outbox: every message that the hub accepted in the year; receipts are left out. These numbers are whole, not rounded."));
	add_heading(blocks, 2, _("In short"));
	add_total(blocks, _("cases that this branch asked for"), totals, "asks");
	add_total(blocks, _("cases that this branch was asked for"), totals, "asked");
	add_total(blocks, _("messages sent"), totals, "sent");
	add_total(blocks, _("messages received"), totals, "received");
	add_heading(blocks, 2, _("Messages"));
	add_messages(blocks, _("By month"), json_object_get(counted, "months"), "month", "");
	add_messages(blocks, _("By kind"), json_object_get(counted, "kinds"), "kind", "kind");
	add_messages(blocks, _("By branch"), json_object_get(counted, "members"), "member", "country");
}

static const struct {
	const char *report, *title;
	void (*compose)(json_t *blocks, const json_t *counted);
} reports[] = {
	{"ACTIVITY", N_("Activity report"), compose_activity},
	{"GLOBAL", N_("Global Report: annex"), compose_global},
	{"MEMBER", N_("The year of one branch"), compose_own},
};

json_t *report_paper(const json_t *counted)
{
	size_t which = 0;
	while (which < 2 && strcmp(reports[which].report, key_text(counted, "report")) != 0)
		which++;
	const char *region = key_text(counted, "region"), *year = key_text(counted, "year");
	const char *of = region[0] != '\0' ? label_of("region", region) : "";
	char *title = memory_format("%s %s%s%s", _(reports[which].title), year, of[0] != '\0' ? ": " : "", of);
	char *foot = memory_format(_("%s. Without names."), title);
	json_t *blocks = json_array();
	add_heading(blocks, 1, title);
	reports[which].compose(blocks, counted);
	json_t *paper = json_pack("{ss ss ss ss so}", "schema", "passerelle.paper/1", "title", title, "foot", foot, "language",
	                          language_tag(), "blocks", blocks);
	free(title);
	free(foot);
	return paper;
}
