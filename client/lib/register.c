// SPDX-License-Identifier: Apache-2.0
#include "lib/register.h"

#include "case/partial_date.h"
#include "lib/contents.h"
#include "lib/json.h"
#include "lib/person_form.h"
#include "lib/persons.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRY_CAP = 1024 * 1024, DAY_MS = 86400000 };

struct walk {
	struct psr_profile *profile;
	struct kept_keys keys;
	register_call call;
	void *context;
	bool past;               // also those past their day
	struct fail *why;
};

static bool day_past(const char *text)
{
	int32_t day;
	return day_parse(&day, text, NULL) == FAIL_NONE && (int64_t)day < (int64_t)(clock_now() / DAY_MS);
}

static enum fail_code tell(const struct walk *walk, struct register_person *person)
{
	struct person_form form;
	struct fail ignored;
	// What came from elsewhere may hold what this version cannot compare.
	if (person_form_read(&form, person->json, &ignored) != FAIL_NONE)
		return FAIL_NONE;
	person->match = &form.person;
	return walk->call(walk->context, person);
}

static enum fail_code tell_entry(const struct walk *walk, const struct draft_row *row, const json_t *entry)
{
	struct register_person person = {
		.id = row->id,
		.added_at = row->created_at,
		.own_reference = content_text(entry, "own_reference"),
		.reference = "",
		.pseudonym = "",
		.consent = content_text(entry, "consent"),
		.keep_until = content_text(entry, "keep_until"),
		.json = json_object_get(entry, "person"),
	};
	return day_past(person.keep_until) && !walk->past ? FAIL_NONE : tell(walk, &person);
}

static enum fail_code open_entry(void *context, const struct draft_row *row)
{
	struct walk *walk = context;
	struct bytes plain;
	bytes_init(&plain, ENTRY_CAP);
	enum fail_code code = kept_open(walk->profile, &walk->keys, &row->id, row->sealed, &plain, walk->why);
	json_t *entry = code == FAIL_NONE ? json_loadb((const char *)plain.data, plain.length, 0, NULL) : NULL;
	if (code == FAIL_NONE)
		code = entry == NULL ? FAIL_DATA_LOSS : tell_entry(walk, row, entry);
	json_decref(entry);
	bytes_wipe(&plain);
	return code;
}

static enum fail_code tell_case(void *context, const struct case_row *row)
{
	struct walk *walk = context;
	json_t *persons, *json;
	const char *pseudonym;
	enum fail_code code = persons_of_case(walk->profile, &row->id, &persons, walk->why);
	if (code != FAIL_NONE)
		return code;
	json_object_foreach(persons, pseudonym, json) {
		struct register_person person = {.own_reference = "", .reference = row->reference, .pseudonym = pseudonym,
		                                 .consent = "", .keep_until = "", .json = json};
		if (code == FAIL_NONE)
			code = tell(walk, &person);
	}
	json_decref(persons);
	return code;
}

static enum fail_code walk_own(struct walk *walk)
{
	enum fail_code code = kept_keys(walk->profile, &walk->keys, walk->why);
	if (code == FAIL_NONE)
		code = person_each(walk->profile->store, open_entry, walk, walk->why);
	wipe(&walk->keys, sizeof walk->keys);
	return code;
}

static enum fail_code walk_all(struct walk *walk, enum register_from from)
{
	enum fail_code code = from & REGISTER_OWN ? walk_own(walk) : FAIL_NONE;
	if (code == FAIL_NONE && from & REGISTER_CASES)
		code = case_each_with(walk->profile->store, KIND_REFERRAL, tell_case, walk, walk->why);
	if (code == FAIL_NONE && from & REGISTER_CASES)
		code = case_each_with(walk->profile->store, KIND_ALERT, tell_case, walk, walk->why);
	return code;
}

enum fail_code register_each(struct psr_profile *profile, enum register_from from, register_call call, void *context,
                             struct fail *why)
{
	struct walk walk = {.profile = profile, .call = call, .context = context, .why = why};
	return walk_all(&walk, from);
}

enum fail_code register_add(struct psr_profile *profile, const struct kept_keys *keys, json_t *entry, struct id *id,
                            struct fail *why)
{
	struct bytes sealed;
	char *text = json_dumps(entry, JSON_COMPACT);
	if (text == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	bytes_init(&sealed, 2 * ENTRY_CAP);
	random_fill(id->byte, sizeof id->byte);
	enum fail_code code = strlen(text) > ENTRY_CAP ? fail_set(why, FAIL_TOO_LARGE, "the person has more than 1 MiB")
	                                               : kept_seal(profile, keys, id, view_of_text(text), &sealed, why);
	struct draft_row row = {.id = *id, .created_at = clock_now(), .sealed = bytes_view(&sealed)};
	if (code == FAIL_NONE)
		code = person_put(profile->store, &row, why);
	wipe(text, strlen(text));
	free(text);
	bytes_release(&sealed);
	return code;
}

enum fail_code register_remove(struct psr_profile *profile, const struct id *id, struct fail *why)
{
	enum fail_code code = store_begin(profile->store, why);
	if (code != FAIL_NONE)
		return code;
	code = person_remove(profile->store, id, why);
	if (code == FAIL_NONE)
		code = mark_remove(profile->store, id, why);
	if (code == FAIL_NONE)
		return store_commit(profile->store, why);
	store_rollback(profile->store);
	return code;
}

static enum fail_code list_one(void *context, const struct register_person *person)
{
	json_t *items = context, *item = json_object();
	if (person->reference[0] == '\0')
		json_put_id(item, "id", &person->id);
	json_put_filled(item, "reference", person->reference);
	json_put_filled(item, "pseudonym", person->pseudonym);
	json_put_time(item, "added_at", person->added_at);
	json_put_filled(item, "own_reference", person->own_reference);
	json_put_filled(item, "consent", person->consent);
	json_put_filled(item, "keep_until", person->keep_until);
	if (day_past(person->keep_until))
		json_object_set_new(item, "past", json_true());
	json_object_set_new(item, "person", json_deep_copy(person->json));
	json_array_append_new(items, item);
	return FAIL_NONE;
}

enum fail_code register_list(struct psr_profile *profile, enum register_from from, json_t **result,
                             struct fail *why)
{
	json_t *items = json_array();
	struct walk walk = {.profile = profile, .call = list_one, .context = items, .past = true, .why = why};
	enum fail_code code = walk_all(&walk, from);
	if (code != FAIL_NONE) {
		json_decref(items);
		return code;
	}
	*result = json_document("passerelle.persons/1");
	json_put_text(*result, "member", profile->settings.identity.code);
	json_object_set_new(*result, "items", items);
	return FAIL_NONE;
}
