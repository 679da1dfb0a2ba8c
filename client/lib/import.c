// SPDX-License-Identifier: Apache-2.0
#include "lib/import.h"

#include "base/words.h"
#include "case/partial_date.h"
#include "form/csv.h"
#include "form/faults.h"
#include "form/flat.h"
#include "lib/draft.h"
#include "lib/forms.h"
#include "lib/json.h"
#include "lib/register.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_OF_COMMIT = 250 };

struct importing;

// What tells one kind of table from the other.
struct kind {
	const char *what;
	enum flat_of of;
	const char *const *beside; // columns that are no place of the form, NULL-ended
	void (*check)(struct importing *, json_t *entry, json_t *form);
	enum fail_code (*keep)(struct importing *, json_t *entry, json_t *form, struct id *made);
};

struct importing {
	struct psr_profile *profile;
	const struct psr_table *table;
	const struct kind *kind;
	struct definitions *forms;                  // owned, read when the first row names one
	struct kept_keys keys;
	struct csv csv;
	struct csv_row row;
	struct flat_column column[CSV_MAX_COLUMNS]; // one that stands beside the form has no steps
	size_t column_count;
	json_t *faults;                             // of the row at hand: column, text; owned
	json_t *seen;                               // marks of rows of this table, as keys; owned
	json_t *items;                              // owned
	size_t rows, accepted, twice, rejected;
	size_t uncommitted;
	bool open;                                  // a transaction is
	struct fail *why;
};

static void add_fault(struct importing *in, const char *column, const char *text)
{
	json_t *fault = json_object();
	json_put_text(fault, "column", column);
	json_put_text(fault, "text", text);
	json_array_append_new(in->faults, fault);
}

// ---- referrals ----

static void check_addressee(struct importing *in, const char *to)
{
	bool known, active;
	struct fail why;
	if (to == NULL) {
		add_fault(in, "to", words_of("is missing: the branch to write to, like SN"));
		return;
	}
	bool own = strcmp(to, in->profile->settings.identity.code) == 0;
	if (own || directory_status(in->profile->store, to, &known, &active, &why) != FAIL_NONE || !known || !active)
		add_fault(in, "to", words_of("no active member has this code: see the directory"));
}

// Faults of a form, each at the column that it is about.
static void add_form_faults(struct importing *in, const struct form_faults *faults)
{
	for (size_t i = 0; i < faults->count; i++) {
		char name[FLAT_NAME_SIZE];
		const struct flat_column *column = flat_find(in->column, in->column_count, faults->fault[i].path, name);
		bool reason = strstr(faults->fault[i].text, "\"absent\": {") != NULL; // how a form writes it
		add_fault(in, column != NULL ? column->name : name,
		          reason ? words_of("is missing: fill it, or say why not: ?NK (NK, NR, WITHHELD, PENDING, NOT_ASKED)")
		                 : faults->fault[i].text);
	}
}

// By the definition of the form that the row names, if it names one.
static enum fail_code read_referral(struct importing *in, const char *text, struct form_faults *faults,
                                    struct fail *why)
{
	struct arena arena;
	struct header header = {.version = 1};
	struct bytes body;
	enum fail_code code =
		in->forms == NULL ? forms_load_for(&in->forms, in->profile->forms.text, text, why) : FAIL_NONE;
	struct form_by by = {in->forms, in->profile->language[0] != '\0' ? in->profile->language : "en"};
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&body, 4 * 1024 * 1024);
	if (code == FAIL_NONE)
		code = form_read_by(&by, "refer", text, strlen(text), NULL, 0, NULL, &arena, &header, &body, faults, why);
	bytes_wipe(&body);
	arena_wipe(&arena);
	return code;
}

static void check_referral(struct importing *in, json_t *entry, json_t *form)
{
	struct form_faults faults = {.count = 0};
	struct fail why;
	char *text = json_dumps(form, JSON_COMPACT);
	check_addressee(in, json_string_value(json_object_get(entry, "to")));
	enum fail_code code =
		text == NULL ? fail_set(&why, FAIL_NO_MEMORY, "out of memory") : read_referral(in, text, &faults, &why);
	if (code == FAIL_BAD_FORM)
		add_form_faults(in, &faults);
	else if (code != FAIL_NONE)
		add_fault(in, "", why.text);
	free(text);
}

static enum fail_code keep_referral(struct importing *in, json_t *entry, json_t *form, struct id *made)
{
	char *text = json_dumps(form, JSON_COMPACT);
	if (text == NULL)
		return fail_set(in->why, FAIL_NO_MEMORY, "out of memory");
	struct psr_message message = {.verb = "refer", .to = json_string_value(json_object_get(entry, "to")), .form = text};
	enum fail_code code = draft_save(in->profile, &message, made, in->why);
	wipe(text, strlen(text));
	free(text);
	return code;
}

// ---- persons ----

static void check_day(struct importing *in, const json_t *entry)
{
	int32_t day;
	struct fail why;
	const char *text = json_string_value(json_object_get(entry, "keep_until"));
	if (text != NULL && day_parse(&day, text, &why) != FAIL_NONE)
		add_fault(in, "keep_until", why.text);
}

static void check_person(struct importing *in, json_t *entry, json_t *form)
{
	struct form_faults faults;
	struct fail why;
	const char *consent = json_string_value(json_object_get(entry, "consent"));
	check_day(in, entry);
	if (consent != NULL && strcmp(consent, "YES") != 0 && strcmp(consent, "NO") != 0)
		add_fault(in, "consent", words_of("must be YES or NO"));
	enum fail_code code = form_check_person(form, &faults, &why);
	if (code == FAIL_BAD_FORM)
		add_form_faults(in, &faults);
	else if (code != FAIL_NONE)
		add_fault(in, "", why.text);
}

static enum fail_code keep_person(struct importing *in, json_t *entry, json_t *form, struct id *made)
{
	json_t *whole = json_copy(entry);
	json_object_set(whole, "person", form);
	enum fail_code code = register_add(in->profile, &in->keys, whole, made, in->why);
	json_decref(whole);
	return code;
}

static const char *const beside_referral[] = {"to", "faults", NULL},
	*const beside_person[] = {"own_reference", "consent", "keep_until", "faults", NULL};

static const struct kind kinds[] = {
	{"referrals", FLAT_REFERRAL, beside_referral, check_referral, keep_referral},
	{"persons", FLAT_PERSON, beside_person, check_person, keep_person},
};

static enum fail_code find_kind(const char *what, const struct kind **kind, struct fail *why)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		*kind = &kinds[i];
		if (strcmp(kinds[i].what, what) == 0)
			return FAIL_NONE;
	}
	return fail_set(why, FAIL_BAD_USAGE, "'%s' cannot be taken over: referrals or persons can", excerpt_of(what).text);
}

// ---- the first row ----

static bool stands_beside(const struct kind *kind, const char *name)
{
	for (const char *const *beside = kind->beside; *beside != NULL; beside++) {
		if (strcmp(*beside, name) == 0)
			return true;
	}
	return false;
}

static void fault_column(struct form_faults *faults, const char *name, const char *text)
{
	struct form_path path = {.length = 0};
	path_field(&path, name[0] != '\0' ? name : "?");
	fault_add(faults, &path, "%s", text);
}

static void read_column(struct importing *in, struct view name, struct form_faults *faults)
{
	struct flat_column *column = &in->column[in->column_count++];
	struct fail why;
	char text[FLAT_NAME_SIZE + 1];
	snprintf(text, sizeof text, "%.*s", (int)(name.length < FLAT_NAME_SIZE ? name.length : FLAT_NAME_SIZE),
	         (const char *)name.data);
	if (stands_beside(in->kind, text)) {
		*column = (struct flat_column){.count = 0};
		snprintf(column->name, sizeof column->name, "%.90s", text);
	} else if (flat_column(column, in->kind->of, text, &why) != FAIL_NONE) {
		fault_column(faults, text, words_of("is no column: --template prints those that there are"));
	}
	for (size_t i = 0; i + 1 < in->column_count; i++) {
		if (strcmp(in->column[i].name, column->name) == 0)
			fault_column(faults, text, words_of("stands there twice"));
	}
}

static enum fail_code read_head(struct importing *in, struct form_faults *faults)
{
	bool there;
	enum fail_code code = csv_begin(&in->csv, view_of(in->table->text, in->table->length), in->why);
	if (code == FAIL_NONE)
		code = csv_next(&in->csv, &in->row, &there, in->why);
	if (code != FAIL_NONE)
		return code;
	if (!there)
		return fail_set(in->why, FAIL_BAD_USAGE, "the table is empty: its first row holds the names of the columns");
	for (size_t i = 0; i < in->row.count; i++)
		read_column(in, csv_trimmed(in->row.cell[i]), faults);
	return faults->count == 0
	         ? FAIL_NONE
	         : fail_set(in->why, FAIL_BAD_FORM, "%zu columns are not known, or stand there twice", faults->count);
}

// ---- a row ----

static void put_cell(struct importing *in, json_t *entry, json_t *form, size_t i, struct view cell)
{
	struct fail why;
	const struct flat_column *column = &in->column[i];
	if (cell.length == 0 || strcmp(column->name, "faults") == 0) // what an earlier try said of the row
		return;
	if (column->count == 0)
		json_object_set_new(entry, column->name, json_stringn((const char *)cell.data, cell.length));
	else if (flat_put(form, column, cell, &why) != FAIL_NONE)
		add_fault(in, column->name, why.text);
}

static void read_cells(struct importing *in, json_t *entry, json_t *form)
{
	char text[120];
	if (in->row.count != in->column_count) {
		snprintf(text, sizeof text, words_of("the row has %zu cells, the first row has %zu"), in->row.count,
		         in->column_count);
		add_fault(in, "", text);
		return;
	}
	for (size_t i = 0; i < in->row.count; i++)
		put_cell(in, entry, form, i, csv_trimmed(in->row.cell[i]));
	if (in->kind->of == FLAT_REFERRAL && in->table->to != NULL && json_object_get(entry, "to") == NULL)
		json_object_set_new(entry, "to", json_string(in->table->to));
	in->kind->check(in, entry, form);
}

static struct hash mark_of(const struct importing *in, const json_t *entry, json_t *form)
{
	struct hash mark = {{0}};
	json_t *both = json_pack("{ss sO sO}", "what", in->kind->what, "entry", entry, "form", form);
	char *text = json_dumps(both, JSON_COMPACT | JSON_SORT_KEYS);
	if (text != NULL) {
		mark = keyed_hash(in->keys.mark, view_of_text(text));
		wipe(text, strlen(text));
	}
	free(text);
	json_decref(both);
	return mark;
}

static enum fail_code is_twice(struct importing *in, const struct hash *mark, bool *twice)
{
	char key[2 * HASH_SIZE + 1];
	for (size_t i = 0; i < HASH_SIZE; i++)
		snprintf(key + 2 * i, 3, "%02x", mark->byte[i]);
	*twice = json_object_get(in->seen, key) != NULL;
	json_object_set_new(in->seen, key, json_true());
	return *twice ? FAIL_NONE : mark_find(in->profile->store, mark, twice, in->why);
}

static enum fail_code keep(struct importing *in, const struct hash *mark, json_t *entry, json_t *form, json_t *item)
{
	struct id made;
	enum fail_code code = in->open ? FAIL_NONE : store_begin(in->profile->store, in->why);
	if (code != FAIL_NONE)
		return code;
	in->open = true;
	code = in->kind->keep(in, entry, form, &made);
	if (code == FAIL_NONE)
		code = mark_put(in->profile->store, mark, &made, in->why);
	if (code != FAIL_NONE)
		return code;
	json_put_id(item, "made", &made);
	if (++in->uncommitted < ROWS_OF_COMMIT)
		return FAIL_NONE;
	in->open = false;
	in->uncommitted = 0;
	return store_commit(in->profile->store, in->why);
}

static void put_rejected(struct importing *in, json_t *item)
{
	json_t *cells = json_array();
	for (size_t i = 0; i < in->row.count; i++)
		json_array_append_new(cells, json_string(in->row.cell[i]));
	json_put_text(item, "verdict", "REJECTED");
	json_object_set(item, "faults", in->faults);
	json_object_set_new(item, "cells", cells);
	in->rejected++;
}

static enum fail_code judge(struct importing *in, json_t *entry, json_t *form, json_t *item)
{
	bool twice;
	read_cells(in, entry, form);
	if (json_array_size(in->faults) > 0) {
		put_rejected(in, item);
		return FAIL_NONE;
	}
	struct hash mark = mark_of(in, entry, form);
	enum fail_code code = is_twice(in, &mark, &twice);
	if (code != FAIL_NONE)
		return code;
	json_put_text(item, "verdict", twice ? "DOUBLE" : "ACCEPTED");
	in->twice += twice;
	in->accepted += !twice;
	return twice || in->table->dry_run ? FAIL_NONE : keep(in, &mark, entry, form, item);
}

static enum fail_code read_row(struct importing *in)
{
	json_t *entry = json_object(), *form = json_object(), *item = json_object();
	in->faults = json_array();
	in->rows++;
	json_object_set_new(item, "row", json_integer((json_int_t)in->rows));
	json_object_set_new(item, "line", json_integer((json_int_t)in->row.line));
	enum fail_code code = judge(in, entry, form, item);
	json_array_append_new(in->items, item);
	json_decref(in->faults);
	json_decref(form);
	json_decref(entry);
	return code;
}

// A row of nothing, as spreadsheets leave them, or one that explains: its first cell begins with "# ".
static bool is_row(const struct csv_row *row)
{
	size_t length = 0;
	for (size_t i = 0; i < row->count && length == 0; i++)
		length = csv_trimmed(row->cell[i]).length;
	return length > 0 && strncmp(row->cell[0], "# ", 2) != 0;
}

static enum fail_code read_rows(struct importing *in)
{
	bool there = true;
	enum fail_code code = FAIL_NONE;
	while (code == FAIL_NONE && there) {
		code = csv_next(&in->csv, &in->row, &there, in->why);
		if (code == FAIL_NONE && there && is_row(&in->row))
			code = read_row(in);
	}
	if (in->open && code == FAIL_NONE)
		return store_commit(in->profile->store, in->why);
	if (in->open)
		store_rollback(in->profile->store);
	return code;
}

// A table that cannot be read to its end is not begun with.
static enum fail_code check_to_the_end(const struct psr_table *table, struct fail *why)
{
	struct csv csv;
	struct csv_row row;
	bool there = true;
	enum fail_code code = csv_begin(&csv, view_of(table->text, table->length), why);
	while (code == FAIL_NONE && there)
		code = csv_next(&csv, &row, &there, why);
	csv_end(&csv);
	return code;
}

static json_t *columns_json(const struct importing *in)
{
	json_t *list = json_array();
	for (size_t i = 0; i < in->column_count; i++)
		json_array_append_new(list, json_string(in->column[i].name));
	return list;
}

static json_t *result_of(const struct importing *in)
{
	json_t *result = json_document("passerelle.imported/1");
	json_put_text(result, "what", in->kind->what);
	json_object_set_new(result, "dry_run", json_boolean(in->table->dry_run));
	json_object_set_new(result, "rows", json_integer((json_int_t)in->rows));
	json_object_set_new(result, "accepted", json_integer((json_int_t)in->accepted));
	json_object_set_new(result, "double", json_integer((json_int_t)in->twice));
	json_object_set_new(result, "rejected", json_integer((json_int_t)in->rejected));
	json_object_set_new(result, "columns", columns_json(in));
	json_object_set(result, "items", in->items);
	return result;
}

static enum fail_code import_all(struct importing *in, json_t **result, struct form_faults *faults)
{
	enum fail_code code = check_to_the_end(in->table, in->why);
	if (code == FAIL_NONE)
		code = read_head(in, faults);
	if (code == FAIL_NONE)
		code = kept_keys(in->profile, &in->keys, in->why);
	if (code == FAIL_NONE)
		code = read_rows(in);
	if (code == FAIL_NONE)
		*result = result_of(in);
	return code;
}

enum fail_code import_table(struct psr_profile *profile, const struct psr_table *table, json_t **result,
                            struct form_faults *faults, struct fail *why)
{
	const struct kind *kind;
	*faults = (struct form_faults){.count = 0};
	enum fail_code code = find_kind(table->what, &kind, why);
	struct importing *in = code == FAIL_NONE ? calloc(1, sizeof *in) : NULL;
	if (in == NULL)
		return code != FAIL_NONE ? code : fail_set(why, FAIL_NO_MEMORY, "out of memory");
	in->profile = profile;
	in->table = table;
	in->kind = kind;
	in->seen = json_object();
	in->items = json_array();
	in->why = why;
	bytes_init(&in->csv.store, CSV_MAX_ROW);
	code = import_all(in, result, faults);
	csv_end(&in->csv);
	forms_free(in->forms);
	json_decref(in->seen);
	json_decref(in->items);
	wipe(in, sizeof *in);
	free(in);
	return code;
}

enum fail_code import_columns(const char *what, json_t **result, struct fail *why)
{
	const struct kind *kind;
	enum fail_code code = find_kind(what, &kind, why);
	if (code != FAIL_NONE)
		return code;
	*result = json_document("passerelle.columns/1");
	json_object_set_new(*result, "items", flat_usual(kind->of));
	return FAIL_NONE;
}
