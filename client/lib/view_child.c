// SPDX-License-Identifier: Apache-2.0
//
// The child's file in one case, and the follow-ups of all cases, counted.
#include "case/follow_up.h"
#include "lib/agenda.h"
#include "lib/child_file.h"
#include "lib/contents.h"
#include "lib/json.h"
#include "lib/lifebook.h"
#include "lib/view.h"

#include <string.h>

// The steps that path shows, by person; who has nothing but steps stands behind the others.
static enum fail_code put_paths(struct psr_profile *profile, const struct case_row *row, json_t *persons,
                                struct fail *why)
{
	json_t *paths, *path;
	size_t i;
	enum fail_code code = view_path(profile, row, &paths, why);
	if (code != FAIL_NONE)
		return code;
	json_array_foreach(json_object_get(paths, "items"), i, path) {
		json_t *person = child_of(persons, content_text(path, "person"));
		if (person == NULL) {
			person = json_object();
			json_put_text(person, "person", content_text(path, "person"));
			json_array_append_new(persons, person);
		}
		if (json_object_get(person, "paths") == NULL)
			json_object_set_new(person, "paths", json_array());
		json_array_append(json_object_get(person, "paths"), path);
	}
	json_decref(paths);
	return FAIL_NONE;
}

static void keep_only(json_t *persons, const char *person)
{
	for (size_t i = json_array_size(persons); person != NULL && i-- > 0;) {
		if (strcmp(content_text(json_array_get(persons, i), "person"), person) != 0)
			json_array_remove(persons, i);
	}
}

enum fail_code view_child(struct psr_profile *profile, const struct case_row *row, const char *person, json_t **result,
                          struct fail *why)
{
	json_t *persons;
	bool whole;
	uint64_t now = clock_now();
	enum fail_code code = profile->keys->ops->open(profile->keys, USE_ENCRYPTION, why);
	if (code == FAIL_NONE)
		code = child_file_read(profile, row, now, &persons, &whole, why);
	if (code != FAIL_NONE)
		return code;
	code = put_paths(profile, row, persons, why);
	if (code == FAIL_NONE)
		code = lifebook_mark(profile, &row->id, persons, why);
	if (code != FAIL_NONE) {
		json_decref(persons);
		return code;
	}
	keep_only(persons, person);
	*result = json_document("passerelle.child/1");
	json_put_text(*result, "reference", row->reference);
	json_put_id(*result, "case", &row->id);
	json_put_text(*result, "state", case_state_name(row->view.state));
	json_put_time(*result, "as_of", now);
	if (!whole)
		json_object_set_new(*result, "incomplete", json_true());
	json_object_set_new(*result, "items", persons);
	return FAIL_NONE;
}

// ---- all follow-ups ----

static void count(json_t *counts, const char *key)
{
	json_object_set_new(counts, key, json_integer(json_integer_value(json_object_get(counts, key)) + 1));
}

static json_t *counts_of(json_t *all, const json_t *entry)
{
	size_t i;
	json_t *one;
	json_array_foreach(all, i, one) {
		if (json_equal(json_object_get(one, "months"), json_object_get(entry, "months")))
			return one;
	}
	return NULL;
}

static json_t *no_counts(void)
{
	json_t *all = json_array();
	for (unsigned i = 0; i < FOLLOW_UPS; i++)
		json_array_append_new(all, json_pack("{sisisisi}", "months", (int)follow_up_months(i), "wanted", 0, "done", 0,
		                                     "overdue", 0));
	return all;
}

static void count_family(json_t *family, const json_t *entry)
{
	enum { ASKED_AFTER = 12 };
	const json_t *done = json_object_get(entry, "done");
	const char *still = content_text(done, "still_in_family");
	if (done != NULL && json_integer_value(json_object_get(entry, "months")) == ASKED_AFTER)
		count(family, strcmp(still, "YES") == 0 ? "yes" : strcmp(still, "NO") == 0 ? "no" : "not_said");
}

enum fail_code view_follow_ups(struct psr_profile *profile, json_t **result, struct fail *why)
{
	json_t *entries, *entry, *items = json_array(), *counts = no_counts();
	json_t *family = json_pack("{sisisi}", "yes", 0, "no", 0, "not_said", 0);
	size_t i;
	uint64_t now = clock_now();
	enum fail_code code = agenda_read(profile, now, &entries, why);
	*result = json_document("passerelle.follow-ups/1");
	json_put_time(*result, "as_of", now);
	json_object_set_new(*result, "counts", counts);
	json_object_set_new(*result, "in_family", family);
	json_object_set_new(*result, "items", items);
	if (code != FAIL_NONE) {
		json_decref(*result);
		return code;
	}
	json_array_foreach(entries, i, entry) {
		const char *standing = content_text(entry, "standing");
		json_t *of_months = counts_of(counts, entry);
		if (of_months == NULL)
			continue; // a review
		count(of_months, "wanted");
		if (strcmp(standing, "DONE") == 0)
			count(of_months, "done");
		else if (strcmp(standing, "OVERDUE") == 0)
			count(of_months, "overdue");
		count_family(family, entry);
		json_array_append(items, entry);
	}
	json_decref(entries);
	return FAIL_NONE;
}
