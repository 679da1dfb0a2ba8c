// SPDX-License-Identifier: Apache-2.0
//
// At the General Secretariat: the newest record of each person, and the tables that are told of them.
#include "lib/statistics.h"

#include "case/codes.h"
#include "case/fives.h"
#include "form/statistics.h"
#include "lib/checked.h"
#include "lib/contents.h"
#include "lib/json.h"
#include "lib/own_seal.h"
#include "seal/content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORD_CAP = 64 * 1024, TALLY_MONTHS = 12 };

// ---- what came ----

static enum fail_code keep(struct psr_profile *profile, const char *sender, const char *name, const json_t *record,
                           struct fail *why)
{
	struct statistic_row row = {.sender = sender, .name = name};
	struct bytes sealed;
	char *text = json_dumps(record, JSON_COMPACT);
	if (text == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	bytes_init(&sealed, RECORD_CAP);
	random_fill(row.id.byte, sizeof row.id.byte);
	enum fail_code code = own_seal(profile, &row.id, view_of_text(text), &sealed, why);
	row.sealed = bytes_view(&sealed);
	if (code == FAIL_NONE)
		code = statistic_put(profile->store, &row, why);
	wipe(text, strlen(text));
	free(text);
	bytes_release(&sealed);
	return code;
}

static enum fail_code keep_persons(struct psr_profile *profile, const char *sender, const json_t *persons,
                                   struct fail *why)
{
	enum fail_code code = FAIL_NONE;
	json_t *person;
	size_t i;
	json_array_foreach(persons, i, person) {
		char name[STATISTICS_NUMBER + 8];
		snprintf(name, sizeof name, "person.%s", content_text(person, "number"));
		if (code == FAIL_NONE)
			code = keep(profile, sender, name, person, why);
	}
	return code;
}

// Those of twelve months come together, in the first message: what is not among them any more is nowhere.
static enum fail_code keep_tallies(struct psr_profile *profile, const char *sender, const json_t *json,
                                   struct fail *why)
{
	const json_t *tallies = json_object_get(json, "tallies");
	unsigned year = 0, month = 0;
	char name[8 + CODE_SIZE + 16];
	if (!json_is_true(json_object_get(json, "first")))
		return FAIL_NONE;
	must(sscanf(content_text(json, "month"), "%4u-%2u", &year, &month) == 2);
	unsigned first = year * 12 + month - 1 - (TALLY_MONTHS - 1);
	snprintf(name, sizeof name, "tally.%04u-%02u", first / 12 % 10000, first % 12 + 1);
	enum fail_code code = statistic_remove(profile->store, sender, name, "tally/", why);
	json_t *tally;
	size_t i;
	json_array_foreach(tallies, i, tally) {
		snprintf(name, sizeof name, "tally.%s.%s", content_text(tally, "month"), content_text(tally, "vulnerability"));
		if (code == FAIL_NONE)
			code = keep(profile, sender, name, tally, why);
	}
	return code;
}

static enum fail_code empty_inbox_row(struct psr_profile *profile, const struct checked *checked, struct view envelope,
                                      struct fail *why)
{
	struct bytes stripped;
	bool fresh;
	bytes_init(&stripped, MAX_ENVELOPE);
	enum fail_code code = checked_strip(envelope, &stripped);
	if (code != FAIL_NONE)
		fail_set(why, code, "the message cannot be kept without its content");
	if (code == FAIL_NONE)
		code = case_message_replace(profile->store, &checked->header_hash, bytes_view(&stripped), why);
	if (code == FAIL_NONE) // nobody has to read it
		code = inbox_opened(profile->store, &checked->header.message, clock_now(), &fresh, why);
	bytes_release(&stripped);
	return code;
}

enum fail_code statistics_take(struct psr_profile *profile, const struct checked *checked, struct view envelope,
                               struct fail *why)
{
	struct bytes body;
	json_t *json = NULL;
	bytes_init(&body, CONTENT_BODY_CAP);
	enum fail_code code = checked_open_body(profile, checked, &body, why);
	if (code == FAIL_NONE)
		code = statistics_read(bytes_view(&body), &json, why);
	if (code == FAIL_NONE)
		code = keep_persons(profile, checked->header.from, json_object_get(json, "persons"), why);
	if (code == FAIL_NONE)
		code = keep_tallies(profile, checked->header.from, json, why);
	if (code == FAIL_NONE)
		code = empty_inbox_row(profile, checked, envelope, why);
	json_decref(json);
	bytes_wipe(&body);
	return code;
}

// ---- tables ----

enum { MOST_CELLS = 512 };

enum table_name { COUNTED, AGE, SEX, MEMBER, OUTCOME, NEED, WELLBEING, FAMILY, VULNERABILITY, TABLES };

// Rows: codes of a list (a code that is not in it counts as OTHER), or what has come up.
static const struct {
	const char *name, *list;
	const char *own[4]; // without a list; none: what has come up
	bool several;       // a person may count in several rows
} shapes[TABLES] = {
	[COUNTED] = {"COUNTED", NULL, {"WITH_CONSENT", "WITHOUT_CONSENT"}, false},
	[AGE] = {"CHILDREN_AGE", "age_band", {NULL}, false},
	[SEX] = {"CHILDREN_SEX", "sex", {NULL}, false},
	[MEMBER] = {"CHILDREN_MEMBER", NULL, {NULL}, false},
	[OUTCOME] = {"CHILDREN_OUTCOME", "closure_outcome", {NULL}, false},
	[NEED] = {"CHILDREN_NEED", "special_needs", {NULL}, true},
	[WELLBEING] = {"AFTER_12_MONTHS_WELLBEING", "wellbeing", {NULL}, false},
	[FAMILY] = {"AFTER_12_MONTHS_IN_FAMILY", NULL, {"YES", "NO", "UNSPECIFIED"}, false},
	[VULNERABILITY] = {"VULNERABILITY", "vulnerability", {NULL}, true},
};

struct table {
	char key[MOST_CELLS][CODE_SIZE];
	uint64_t cell[MOST_CELLS];
	size_t cells;
};

struct counting {
	struct psr_profile *profile;
	unsigned year;
	struct table table[TABLES];
};

static void add_row(struct table *table, const char *key)
{
	if (table->cells == MOST_CELLS)
		return;
	snprintf(table->key[table->cells], CODE_SIZE, "%s", key);
	table->cell[table->cells++] = 0;
}

static void set_up(struct counting *counting)
{
	for (unsigned t = 0; t < TABLES; t++) {
		const struct code_list *list = shapes[t].list == NULL ? NULL : code_list_find(shapes[t].list);
		for (unsigned i = 0; list != NULL && code_at(list, i) != NULL; i++)
			add_row(&counting->table[t], code_at(list, i));
		for (unsigned i = 0; list == NULL && i < 4 && shapes[t].own[i] != NULL; i++)
			add_row(&counting->table[t], shapes[t].own[i]);
	}
	add_row(&counting->table[OUTCOME], "OPEN");
}

static uint64_t *cell_of(struct counting *counting, enum table_name name, const char *key)
{
	struct table *table = &counting->table[name];
	if (name == MEMBER) {
		for (size_t i = 0; i < table->cells; i++) {
			if (strcmp(table->key[i], key) == 0)
				return &table->cell[i];
		}
		add_row(table, key);
		return &table->cell[table->cells - 1];
	}
	size_t other = 0;
	for (size_t i = 0; i < table->cells; i++) {
		if (strcmp(table->key[i], key) == 0)
			return &table->cell[i];
		if (strcmp(table->key[i], key[0] == '\0' ? "UNSPECIFIED" : "OTHER") == 0)
			other = i;
	}
	return &table->cell[other];
}

static void count_list(struct counting *counting, enum table_name name, const json_t *list)
{
	json_t *one;
	size_t i, k;
	json_array_foreach(list, i, one) {
		bool twice = false;
		for (k = 0; k < i; k++)
			twice = twice || json_equal(json_array_get(list, k), one);
		if (!twice && json_is_string(one))
			++*cell_of(counting, name, json_string_value(one));
	}
}

static void count_follow_ups(struct counting *counting, const json_t *person)
{
	json_t *one;
	size_t i;
	json_array_foreach(json_object_get(person, "follow_ups"), i, one) {
		if (json_integer_value(json_object_get(one, "months")) != 12)
			continue;
		++*cell_of(counting, WELLBEING, content_text(one, "wellbeing"));
		++*cell_of(counting, FAMILY, content_text(one, "still_in_family"));
		return;
	}
}

static void count_person(struct counting *counting, const char *sender, const json_t *person)
{
	bool consent = json_is_true(json_object_get(person, "consent"));
	const char *outcome = content_text(person, "outcome");
	if (json_integer_value(json_object_get(person, "year")) != (json_int_t)counting->year)
		return;
	++*cell_of(counting, COUNTED, consent ? "WITH_CONSENT" : "WITHOUT_CONSENT");
	if (!consent || strcmp(content_text(person, "role"), "CHILD") != 0)
		return;
	++*cell_of(counting, AGE, content_text(person, "age_band"));
	++*cell_of(counting, SEX, content_text(person, "sex"));
	++*cell_of(counting, MEMBER, sender);
	++*cell_of(counting, OUTCOME, outcome[0] == '\0' ? "OPEN" : outcome);
	count_list(counting, NEED, json_object_get(person, "special_needs"));
	count_follow_ups(counting, person);
}

static void count_tally(struct counting *counting, const json_t *tally)
{
	json_int_t persons = json_integer_value(json_object_get(tally, "persons"));
	if (strtoul(content_text(tally, "month"), NULL, 10) == counting->year && persons > 0)
		*cell_of(counting, VULNERABILITY, content_text(tally, "vulnerability")) += (uint64_t)persons;
}

static enum fail_code count_row(void *context, const struct statistic_row *row)
{
	struct counting *counting = context;
	struct bytes plain;
	struct fail why;
	bytes_init(&plain, RECORD_CAP);
	enum fail_code code = own_open(counting->profile, &row->id, row->sealed, &plain, &why);
	json_t *json = code == FAIL_NONE ? json_loadb((const char *)plain.data, plain.length, 0, NULL) : NULL;
	if (json != NULL && strncmp(row->name, "person.", 7) == 0)
		count_person(counting, row->sender, json);
	else if (json != NULL)
		count_tally(counting, json);
	json_decref(json);
	bytes_wipe(&plain);
	return code;
}

static struct fives_table fives_of(struct counting *counting, enum table_name name)
{
	struct table *table = &counting->table[name];
	return (struct fives_table){table->cell, table->cells, !shapes[name].several};
}

// Who was followed up is some of the children, as is who has a certain need; and they are some of those with consent,
// which tells of them no more than the lower multiple of 5 does.
static void publish(struct counting *counting)
{
	struct table *need = &counting->table[NEED];
	struct fives_table after[] = {fives_of(counting, WELLBEING), fives_of(counting, FAMILY)};
	struct fives_table children[6 + MOST_CELLS] = {fives_of(counting, AGE),     fives_of(counting, SEX),
	                                               fives_of(counting, MEMBER),  fives_of(counting, OUTCOME),
	                                               {after[0].cell, after[0].cells, false}, {after[1].cell, after[1].cells, false}};
	struct fives_table alone[] = {fives_of(counting, COUNTED), fives_of(counting, VULNERABILITY)};
	for (size_t i = 0; i < need->cells; i++)
		children[6 + i] = (struct fives_table){&need->cell[i], 1, false};
	fives_publish(after, 2);
	fives_publish(children, 6 + need->cells);
	fives_publish(&alone[0], 1);
	fives_publish(&alone[1], 1);
}

static json_t *table_json(const struct counting *counting, enum table_name name)
{
	const struct table *table = &counting->table[name];
	json_t *rows = json_array();
	for (size_t i = 0; i < table->cells; i++) {
		if (name == MEMBER && table->cell[i] == 0)
			continue; // that it stands there would say: one at least
		json_t *row = json_object();
		json_put_text(row, "table", shapes[name].name);
		json_put_text(row, "key", table->key[i]);
		if (shapes[name].list != NULL)
			json_put_text(row, "list", shapes[name].list);
		if (table->cell[i] == 0)
			json_object_set_new(row, "few", json_true());
		else
			json_object_set_new(row, "persons", json_integer((json_int_t)table->cell[i]));
		json_array_append_new(rows, row);
	}
	return rows;
}

enum fail_code statistics_tables(struct psr_profile *profile, unsigned year, json_t **result, struct fail *why)
{
	struct counting *counting = calloc(1, sizeof *counting);
	if (counting == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	counting->profile = profile;
	counting->year = year;
	set_up(counting);
	enum fail_code code = statistic_each(profile->store, count_row, counting, why);
	if (code == FAIL_NONE) {
		json_t *items = json_array();
		publish(counting);
		for (unsigned t = 0; t < TABLES; t++) {
			json_t *rows = table_json(counting, (enum table_name)t);
			json_array_extend(items, rows);
			json_decref(rows);
		}
		*result = json_document("passerelle.statistics/1");
		json_object_set_new(*result, "year", json_integer(year));
		json_object_set_new(*result, "items", items);
	}
	free(counting);
	return code;
}
