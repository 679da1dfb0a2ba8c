// SPDX-License-Identifier: Apache-2.0
#include "cli/report_count.h"

#include "cli/flow.h"
#include "cli/out.h"
#include "cli/regions.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is(const json_t *item, const char *key, const char *text)
{
	return strcmp(key_text(item, key), text) == 0;
}

static bool wanted(const char *region, const char *member)
{
	return region == NULL || region_holds(region, member);
}

static json_int_t cases_of(const json_t *item)
{
	return (json_int_t)strtoll(key_text(item, "cases"), NULL, 10);
}

static void add(json_t *row, const char *key, json_int_t more)
{
	json_object_set_new(row, key, json_integer(json_integer_value(json_object_get(row, key)) + more));
}

// The row that has this text under `key`, made if it is not there; borrowed.
static json_t *row_of(json_t *rows, const char *key, const char *text)
{
	size_t i;
	json_t *row;
	json_array_foreach(rows, i, row) {
		if (is(row, key, text))
			return row;
	}
	row = json_pack("{ss}", key, text);
	json_array_append_new(rows, row);
	return row;
}

// Cases of a figure, summed by what stands under `key`, as rows with `name` and "cases".
static json_t *summed(const json_t *items, const char *figure, const char *key, const char *name)
{
	json_t *rows = json_array(), *item;
	size_t i;
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		if (is(item, "figure", figure))
			add(row_of(rows, name, key_text(item, key)), "cases", cases_of(item));
	}
	return rows;
}

static json_int_t sum_of(const json_t *rows, const char *key)
{
	json_int_t sum = 0;
	for (size_t i = 0; i < json_array_size(rows); i++)
		sum += json_integer_value(json_object_get(json_array_get(rows, i), key));
	return sum;
}

// ---- members ----

static json_t *member_row(json_t *members, const char *member)
{
	json_t *row = row_of(members, "member", member);
	if (json_object_get(row, "region") == NULL) {
		json_object_set_new(row, "region", json_string(region_of(member)));
		json_object_set_new(row, "asks", json_integer(0));
		json_object_set_new(row, "asked", json_integer(0));
	}
	return row;
}

static void count_year(json_t *members, const json_t *items, const char *region)
{
	static const char *const sides[][3] = {{"OPENED_ASKS", "requesting", "asks"}, {"OPENED_ASKED", "responding", "asked"}};
	size_t i;
	json_t *item;
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		for (size_t side = 0; side < 2; side++) {
			const char *member = key_text(item, sides[side][1]);
			if (is(item, "figure", sides[side][0]) && wanted(region, member))
				add(member_row(members, member), sides[side][2], cases_of(item));
		}
	}
}

// What is under way with a member; a count that stays at the hub is null, and none is 0.
static void count_open(json_t *members, const json_t *items, const char *region)
{
	static const char *const measures[][2] = {{"CASES", "now"}, {"OVERDUE", "overdue"}};
	size_t i;
	json_t *item;
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		const char *member = key_text(item, "responding");
		bool all_of_it = is(item, "requesting", "*") && strcmp(member, "*") != 0 && is(item, "state", "*");
		for (size_t k = 0; k < 2; k++) {
			bool few = json_is_true(json_object_get(item, "few"));
			if (all_of_it && is(item, "measure", measures[k][0]) && wanted(region, member))
				json_object_set_new(member_row(members, member), measures[k][1],
				                    few ? json_null() : json_integer(cases_of(item)));
		}
	}
}

static int by_member(const void *left, const void *right)
{
	return strcmp(key_text(*(json_t *const *)left, "member"), key_text(*(json_t *const *)right, "member"));
}

static json_t *sorted(json_t *rows)
{
	size_t count = json_array_size(rows);
	json_t *all = json_array(), **row = calloc(count + 1, sizeof(json_t *));
	for (size_t i = 0; row != NULL && i < count; i++)
		row[i] = json_array_get(rows, i);
	if (row != NULL && count > 1)
		qsort(row, count, sizeof(json_t *), by_member);
	for (size_t i = 0; row != NULL && i < count; i++)
		json_array_append(all, row[i]);
	free(row);
	json_decref(rows);
	return all;
}

static json_t *regions_of(const json_t *members)
{
	json_t *rows = json_array(), *member;
	const char *region;
	for (size_t place = 0; (region = region_at(place)) != NULL; place++) {
		size_t i;
		json_array_foreach((json_t *)(uintptr_t)members, i, member) {
			if (!is(member, "region", region))
				continue;
			json_t *row = row_of(rows, "region", region);
			add(row, "members", 1);
			add(row, "asks", json_integer_value(json_object_get(member, "asks")));
			add(row, "asked", json_integer_value(json_object_get(member, "asked")));
		}
	}
	return rows;
}

// ---- steps and routes ----

static void add_step(json_t *steps, const json_t *items, const char *figure)
{
	double all = flow_cases_within(items, figure, "", 0);
	const char *half = flow_days_of(items, figure, "", 50), *most = flow_days_of(items, figure, "", 90);
	if (all <= 0)
		return;
	json_t *row = json_pack("{ss sI sI}", "step", figure, "cases", (json_int_t)all, "within_7",
	                        (json_int_t)flow_cases_within(items, figure, "", 7));
	json_object_set_new(row, "half_days", half != NULL ? json_string(half) : json_null());
	json_object_set_new(row, "most_days", most != NULL ? json_string(most) : json_null());
	json_array_append_new(steps, row);
}

static json_t *steps_of(const json_t *items)
{
	json_t *steps = json_array();
	add_step(steps, items, "ACKNOWLEDGED");
	add_step(steps, items, "DECIDED");
	add_step(steps, items, "REPORTED");
	return steps;
}

static json_t *unserved_of(const json_t *items, const char *region)
{
	json_t *rows = json_array(), *item;
	size_t i;
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		const char *asks = key_text(item, "requesting"), *asked = key_text(item, "responding");
		if (is(item, "figure", "UNSERVED") && (wanted(region, asks) || wanted(region, asked)))
			json_array_append_new(rows, json_pack("{ss ss sI}", "requesting", asks, "responding", asked, "cases",
			                                      cases_of(item)));
	}
	return rows;
}

static int by_month(const void *left, const void *right)
{
	return strcmp(key_text(*(json_t *const *)left, "month"), key_text(*(json_t *const *)right, "month"));
}

static json_t *in_order(json_t *months)
{
	json_t *all = json_array(), *row[12];
	size_t count = json_array_size(months) < 12 ? json_array_size(months) : 12;
	for (size_t i = 0; i < count; i++)
		row[i] = json_array_get(months, i);
	qsort(row, count, sizeof row[0], by_month);
	for (size_t i = 0; i < count; i++)
		json_array_append(all, row[i]);
	json_decref(months);
	return all;
}

// Cases of a region on both sides, by what stands under `key`.
static json_t *of_region(const json_t *items, const char *region, const char *const *figures, const char *key,
                         const char *name)
{
	json_t *rows = json_array(), *item;
	size_t i;
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		bool asks = is(item, "figure", figures[0]);
		if ((!asks && !is(item, "figure", figures[1])) || !region_within(key_text(item, "region"), region))
			continue;
		json_t *row = row_of(rows, name, key_text(item, key));
		add(row, "cases", asks ? 0 : cases_of(item));
		add(row, "asks", asks ? cases_of(item) : 0);
		add(row, "asked", asks ? 0 : cases_of(item));
	}
	return rows;
}

static void put_opened(json_t *counted, const json_t *items, const json_t *regions, const char *region)
{
	static const char *const months[] = {"MONTH_ASKS", "MONTH_ASKED"}, *const services[] = {"SERVICE_ASKS", "SERVICE_ASKED"};
	json_object_set_new(counted, "months", region == NULL ? summed(items, "OPENED_MONTH", "month", "month")
	                                                      : in_order(of_region(regions, region, months, "month", "month")));
	json_object_set_new(counted, "services", region == NULL ? summed(items, "OPENED_SERVICE", "key", "code")
	                                                        : of_region(regions, region, services, "key", "code"));
}

json_t *report_count_flow(const char *report, const char *year, const char *region, const json_t *answers)
{
	const json_t *period = json_array_get(answers, 0), *flow = json_array_get(answers, 1);
	const json_t *items = json_object_get(period, "items");
	json_t *members = json_array(), *months = summed(items, "OPENED_MONTH", "month", "month");
	count_year(members, items, region);
	count_open(members, json_object_get(flow, "items"), region);
	members = sorted(members);
	json_t *totals = json_pack("{sI sI sI}", "opened", sum_of(months, "cases"), "asks", sum_of(members, "asks"), "asked",
	                           sum_of(members, "asked"));
	json_t *counted =
		json_pack("{ss ss ss ss ss so}", "schema", "passerelle.report/1", "report", report, "year", year, "region",
	              region != NULL ? region : "", "as_of", key_text(period, "as_of"), "totals", totals);
	json_decref(months);
	put_opened(counted, items, json_object_get(json_array_get(answers, 2), "items"), region);
	json_object_set_new(counted, "follow_ups", summed(items, "FOLLOW_UP", "key", "code"));
	json_object_set_new(counted, "urgencies", summed(items, "OPENED_URGENCY", "key", "code"));
	json_object_set_new(counted, "regions", regions_of(members));
	json_object_set_new(counted, "members", members);
	json_object_set_new(counted, "steps", steps_of(items));
	json_object_set_new(counted, "dates", summed(items, "DATE", "key", "code"));
	json_object_set_new(counted, "held", summed(items, "HELD", "key", "code"));
	json_object_set_new(counted, "declined", summed(items, "DECLINED", "key", "code"));
	json_object_set_new(counted, "unserved", unserved_of(items, region));
	return counted;
}

// ---- a member's own year ----

struct own {
	const char *year;
	json_t *totals, *kinds, *months, *members;
};

static void note(json_t *rows, const char *key, const char *text, const char *way)
{
	json_t *row = row_of(rows, key, text);
	add(row, "sent", 0);
	add(row, "received", 0);
	add(row, way, 1);
}

// "FR SN": with each of them. What went to all counts with nobody.
static void note_members(json_t *rows, const char *others, const char *way)
{
	char code[32]; // a member's is shorter
	for (const char *at = others; *(at += strspn(at, " ,")) != '\0'; at += strcspn(at, " ,")) {
		snprintf(code, sizeof code, "%.*s", (int)strcspn(at, " ,"), at);
		if (strcmp(code, "*") != 0)
			note(rows, "member", code, way);
	}
}

static bool opens_a_case(const char *kind)
{
	return strcmp(kind, "REFERRAL") == 0 || strcmp(kind, "ALERT") == 0 || strcmp(kind, "TRACE_REQUEST") == 0;
}

static void count_message(struct own *own, const json_t *item, const char *at, const char *other, const char *way)
{
	char month[8] = "";
	const char *kind = key_text(item, "kind");
	if (strncmp(at, own->year, 4) != 0 || strlen(at) < 7 || strcmp(kind, "RECEIPT") == 0)
		return;
	memcpy(month, at, 7);
	add(own->totals, way, 1);
	if (opens_a_case(kind))
		add(own->totals, strcmp(way, "sent") == 0 ? "asks" : "asked", 1);
	note(own->kinds, "kind", kind, way);
	note(own->months, "month", month, way);
	note_members(own->members, other, way);
}

// Ids of the messages by which cases were passed on to this member: what was written before in such a case came with
// them, and was written to others.
static json_t *passed_on(const json_t *inbox)
{
	json_t *by = json_object();
	size_t i;
	json_t *item;
	json_array_foreach(json_object_get(inbox, "items"), i, item) {
		if (json_object_get(item, "passed_on_by") != NULL)
			json_object_set_new(by, key_text(item, "passed_on_by"), json_true());
	}
	return by;
}

static void count_received(struct own *own, const json_t *inbox)
{
	json_t *by = passed_on(inbox);
	size_t i;
	json_t *item;
	json_array_foreach(json_object_get(inbox, "items"), i, item) {
		const char *at = key_text(item, "accepted_at");
		if (!is(item, "fault", "") || json_object_get(item, "passed_on_by") != NULL)
			continue;
		count_message(own, item, at, key_text(item, "from"), "received");
		if (json_object_get(by, key_text(item, "message")) != NULL && strncmp(at, own->year, 4) == 0)
			add(own->totals, "asked", 1);
	}
	json_decref(by);
}

json_t *report_count_own(const char *year, const json_t *inbox, const json_t *outbox)
{
	struct own own = {year, json_pack("{sisisisi}", "sent", 0, "received", 0, "asks", 0, "asked", 0), json_array(),
	                  json_array(), json_array()};
	size_t i;
	json_t *item;
	count_received(&own, inbox);
	json_array_foreach(json_object_get(outbox, "items"), i, item) {
		count_message(&own, item, key_text(item, "at_hub_at"), key_text(item, "to"), "sent");
	}
	return json_pack("{ss ss ss so so so so}", "schema", "passerelle.report/1", "report", "MEMBER", "year", year, "totals",
	                 own.totals, "months", in_order(own.months), "kinds", own.kinds, "members", sorted(own.members));
}
