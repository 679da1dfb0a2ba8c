// SPDX-License-Identifier: Apache-2.0
//
// The path of each person across both countries, out of the STEP messages of a case:
// which steps are done, and at which the person waits. What a later message says of a
// step counts. Nothing is marked as read: the path shows codes and dates.
#include "form/form.h"
#include "lib/cases.h"
#include "lib/checked.h"
#include "lib/corrections.h"
#include "lib/json.h"
#include "lib/view.h"
#include "seal/content.h"

#include "case/codes.h"
#include "case/partial_date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS UINT64_C(86400000)

enum { STEPS = 8 };

struct paths {
	struct psr_profile *profile;
	const struct case_row *row;
	json_t *items;              // one for each person and profile of this case
	struct corrections corrections; // owned
};

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

// The list of a profile's steps: step_iss8 for ISS8; NULL for one that this version does not know.
static const struct code_list *steps_of(const char *profile)
{
	char name[CODE_SIZE + 8];
	int length = snprintf(name, sizeof name, "step_%s", profile);
	for (int i = 0; i < length && i < (int)sizeof name; i++)
		name[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a') : name[i];
	return code_list_find(name);
}

static json_t *new_step(const struct code_list *list, unsigned number)
{
	char code[8];
	snprintf(code, sizeof code, "S%u", number);
	json_t *step = json_object();
	json_object_set_new(step, "step", json_integer(number));
	if (list != NULL && code_known(list, code))
		json_put_text(step, "label", code_label(list, code, "en"));
	return step;
}

static json_t *new_item(const struct paths *paths, const char *person, const char *profile)
{
	const struct code_list *list = steps_of(profile);
	json_t *item = json_object(), *steps = json_array();
	json_put_text(item, "reference", paths->row->reference);
	json_put_id(item, "case", &paths->row->id);
	json_put_text(item, "person", person);
	json_put_text(item, "profile", profile);
	for (unsigned number = 1; number <= STEPS; number++) {
		json_t *step = new_step(list, number);
		if (list == NULL || json_object_get(step, "label") != NULL)
			json_array_append(steps, step);
		json_decref(step);
	}
	json_object_set_new(item, "steps", steps);
	return item;
}

static json_t *item_of(struct paths *paths, const char *person, const char *profile)
{
	size_t i;
	json_t *item;
	json_array_foreach(paths->items, i, item) {
		if (strcmp(text_at(item, "person"), person) == 0 && strcmp(text_at(item, "profile"), profile) == 0)
			return item;
	}
	item = new_item(paths, person, profile);
	json_array_append_new(paths->items, item);
	return item;
}

static void note_step(json_t *item, const json_t *content, const char *member, uint64_t at)
{
	static const char *const keys[] = {"status", "on", "country", "standard_met"};
	json_int_t number = json_integer_value(json_object_get(content, "step"));
	json_t *step = number >= 1 ? json_array_get(json_object_get(item, "steps"), (size_t)number - 1) : NULL;
	if (step == NULL)
		return; // a step that this profile does not have
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		json_object_del(step, keys[i]);
		json_put_filled(step, keys[i], text_at(content, keys[i]));
	}
	json_put_text(step, "by", member);
	json_put_time(step, "noted_at", at);
}

static void note_content(struct paths *paths, json_t *content, const char *member, uint64_t at)
{
	size_t i;
	json_t *person;
	json_array_foreach(json_object_get(content, "persons"), i, person) {
		if (json_is_string(person))
			note_step(item_of(paths, json_string_value(person), text_at(content, "profile")), content, member, at);
	}
}

// The newest valid version of a step, in the place of the first one.
static void note_current(struct paths *paths, struct view envelope, const char *member, uint64_t at)
{
	struct arena arena;
	struct checked checked;
	struct bytes body;
	struct fail why;
	json_t *content = NULL;
	arena_init(&arena, ARENA_MESSAGE_CAP, 2 * ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&body, CONTENT_BODY_CAP);
	if (checked_decode(&checked, envelope, &arena, &why) == FAIL_NONE &&
	    checked_open_body(paths->profile, &checked, &body, &why) == FAIL_NONE &&
	    form_kind(bytes_view(&body)) == KIND_STEP && form_write(bytes_view(&body), &content, &why) == FAIL_NONE)
		note_content(paths, content, member, at);
	json_decref(content);
	bytes_wipe(&body);
	arena_wipe(&arena);
}

// What does not open is told by show; the path has no more than what it knows.
static enum fail_code add_message(void *context, const struct case_message *message)
{
	struct paths *paths = context;
	struct arena arena;
	struct checked checked;
	struct bytes newer;
	struct fail why;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&newer, MAX_ENVELOPE);
	bool step =
		checked_decode(&checked, message->envelope, &arena, &why) == FAIL_NONE && checked.header.kind == KIND_STEP;
	const struct header *header = &checked.header;
	const struct id *current =
		step ? corrections_current(&paths->corrections, &header->message, header->from) : NULL;
	if (current == &header->message)
		note_current(paths, message->envelope, header->from, message->accepted_at);
	else if (current != NULL &&
	         corrections_envelope(paths->profile, current, header->from, &newer, &why) == FAIL_NONE)
		note_current(paths, bytes_view(&newer), header->from, message->accepted_at);
	bytes_release(&newer);
	arena_release(&arena);
	return FAIL_NONE;
}

static bool is_over(const json_t *step)
{
	return strcmp(text_at(step, "status"), "DONE") == 0 || strcmp(text_at(step, "status"), "SKIPPED") == 0;
}

// Waits at the first step that is neither done nor left out, since the one before was noted.
static void put_waiting(json_t *item)
{
	size_t i;
	json_t *step;
	const char *since = "", *place = "";
	json_array_foreach(json_object_get(item, "steps"), i, step) {
		if (!is_over(step)) {
			json_object_set(item, "waits_at", json_object_get(step, "step"));
			json_put_filled(item, "waits_for", text_at(step, "label"));
			json_put_filled(item, "waits_in", text_at(step, "country")[0] != '\0' ? text_at(step, "country") : place);
			json_put_filled(item, "waits_since", since[0] != '\0' ? since : text_at(step, "noted_at"));
			return;
		}
		since = text_at(step, "noted_at");
		place = text_at(step, "country");
	}
}

static enum fail_code add_case(void *context, const struct case_row *row)
{
	struct paths *all = context;
	struct paths paths = {.profile = all->profile, .row = row, .items = json_array()};
	struct fail why;
	size_t i;
	json_t *item;
	enum fail_code code = corrections_read(all->profile, &row->id, &paths.corrections, &why);
	if (code == FAIL_NONE)
		code = case_messages(all->profile->store, &row->id, add_message, &paths, &why);
	corrections_release(&paths.corrections);
	json_array_foreach(paths.items, i, item) {
		put_waiting(item);
		json_array_append(all->items, item);
	}
	json_decref(paths.items);
	return code;
}

// ---- how many wait at which step, in which country ----

static json_t *row_of(json_t *waiting, const json_t *item)
{
	static const char *const keys[] = {"profile", "waits_at", "waits_in"};
	size_t i;
	json_t *row;
	json_array_foreach(waiting, i, row) {
		bool same = true;
		for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
			json_t *a = json_object_get(row, keys[k]), *b = json_object_get(item, keys[k]);
			same = same && (a == b || json_equal(a, b));
		}
		if (same)
			return row;
	}
	row = json_object();
	for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
		json_object_set(row, keys[k], json_object_get(item, keys[k]));
	json_put_filled(row, "waits_for", text_at(item, "waits_for"));
	json_object_set_new(row, "days", json_array());
	json_array_append_new(waiting, row);
	return row;
}

// Whole days since then; in their order, so that the middle one is the median.
static void insert_days(json_t *list, const char *since, uint64_t now)
{
	char day[11];
	int32_t then = 0;
	size_t place = 0;
	snprintf(day, sizeof day, "%.10s", since);
	if (day_parse(&then, day, NULL) != FAIL_NONE)
		then = (int32_t)(now / DAY_MS);
	json_int_t days = (json_int_t)(now / DAY_MS) - then;
	while (place < json_array_size(list) && json_integer_value(json_array_get(list, place)) < days)
		place++;
	json_array_insert_new(list, place, json_integer(days));
}

static json_t *waiting_json(json_t *items, uint64_t now)
{
	json_t *waiting = json_array(), *one;
	size_t i;
	json_array_foreach(items, i, one) {
		if (json_object_get(one, "waits_at") != NULL)
			insert_days(json_object_get(row_of(waiting, one), "days"), text_at(one, "waits_since"), now);
	}
	json_array_foreach(waiting, i, one) {
		const json_t *days = json_object_get(one, "days");
		size_t count = json_array_size(days);
		json_object_set_new(one, "persons", json_integer((json_int_t)count));
		json_object_set(one, "median_days", json_array_get(days, count / 2));
		json_object_set(one, "longest_days", json_array_get(days, count - 1));
		json_object_del(one, "days");
	}
	return waiting;
}

static int by_step(const void *left, const void *right)
{
	const json_t *a = *(json_t *const *)left, *b = *(json_t *const *)right;
	json_int_t steps = json_integer_value(json_object_get(a, "waits_at")) - json_integer_value(json_object_get(b, "waits_at"));
	int profiles = strcmp(text_at(a, "profile"), text_at(b, "profile"));
	if (profiles != 0)
		return profiles;
	return steps != 0 ? (steps < 0 ? -1 : 1) : strcmp(text_at(a, "waits_in"), text_at(b, "waits_in"));
}

enum fail_code view_path(struct psr_profile *profile, const struct case_row *row, json_t **result, struct fail *why)
{
	struct paths all = {.profile = profile, .row = row, .items = json_array()};
	enum fail_code code =
		row != NULL ? add_case(&all, row) : case_each_with(profile->store, KIND_STEP, add_case, &all, why);
	if (code != FAIL_NONE) {
		json_decref(all.items);
		return code;
	}
	*result = json_document("passerelle.path/1");
	if (row == NULL)
		json_object_set_new(*result, "waiting", json_sorted(waiting_json(all.items, clock_now()), by_step));
	json_object_set_new(*result, "items", all.items);
	return FAIL_NONE;
}
