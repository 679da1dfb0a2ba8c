// SPDX-License-Identifier: Apache-2.0
#include "lib/agenda.h"

#include "case/follow_up.h"
#include "case/partial_date.h"
#include "lib/cases.h"
#include "lib/child_file.h"
#include "lib/contents.h"
#include "lib/json.h"
#include "lib/own_seal.h"

#include <stdlib.h>
#include <string.h>

#define KEPT_MS (UINT64_C(27) * 31 * 86400000)

enum { AGENDA_CAP = 64 * 1024 * 1024 };

// The kept row is {case id: {stamp, entries}}.
struct reading {
	struct psr_profile *profile;
	uint64_t now;
	const json_t *before;   // NULL: there was none
	json_t *kept;           // what is kept from now on, owned
	json_t *entries;        // owned
	bool changed;
};

// ---- out of one case ----

static void add_reviews(json_t *entries, const json_t *person)
{
	const json_t *project = json_object_get(person, "project");
	size_t i;
	json_t *goal;
	json_array_foreach(json_object_get(project, "goals"), i, goal) {
		if (json_object_get(goal, "standing") == NULL)
			continue;
		json_t *entry = json_object();
		json_put_text(entry, "awaits", "REVIEW");
		json_put_text(entry, "person", content_text(person, "person"));
		json_put_text(entry, "goal", content_text(goal, "id"));
		json_put_text(entry, "from", content_text(project, "from"));
		json_put_text(entry, "soon", content_text(goal, "soon"));
		json_put_text(entry, "due", content_text(goal, "review_on"));
		json_array_append_new(entries, entry);
	}
}

// The duty is the responding member's (casework page 5.4).
static void add_follow_ups(json_t *entries, const json_t *person, const struct case_row *row)
{
	size_t i;
	json_t *one;
	bool next = true;
	json_array_foreach(json_object_get(person, "follow_ups"), i, one) {
		if (json_object_get(one, "due") == NULL)
			continue; // nobody asked for it
		json_t *entry = json_object(), *done = json_object_get(one, "done");
		json_put_text(entry, "awaits", "FOLLOW_UP");
		json_put_text(entry, "person", content_text(person, "person"));
		json_put_text(entry, "from", row->responding);
		json_object_set(entry, "months", json_object_get(one, "months"));
		json_put_text(entry, "soon", content_text(one, "soon"));
		json_put_text(entry, "due", content_text(one, "due"));
		if (done != NULL)
			json_object_set(entry, "done", done);
		else if (next)
			json_object_set_new(entry, "next", json_true());
		next = next && done != NULL;
		json_object_del(done, "text"); // the board needs no story
		json_array_append_new(entries, entry);
	}
}

static enum fail_code work_out(const struct reading *reading, const struct case_row *row, json_t **entries)
{
	json_t *persons, *person;
	bool whole;
	size_t i;
	struct fail why;
	enum fail_code code = child_file_read(reading->profile, row, reading->now, &persons, &whole, &why);
	if (code != FAIL_NONE)
		return code;
	*entries = json_array();
	json_array_foreach(persons, i, person) {
		add_reviews(*entries, person);
		add_follow_ups(*entries, person, row);
	}
	json_decref(persons);
	return FAIL_NONE;
}

// ---- what is told of it now ----

static void put_now(const struct reading *reading, json_t *entry, const struct case_row *row)
{
	int32_t soon = 0, due = 0;
	const char *own = reading->profile->settings.identity.code;
	json_put_text(entry, "reference", row->reference);
	json_put_id(entry, "case", &row->id);
	json_put_text(entry, "requesting", row->requesting);
	json_put_text(entry, "responding", row->responding);
	json_put_text(entry, "state", case_state_name(row->view.state));
	json_put_filled(entry, "urgency", row->urgency);
	json_object_set_new(entry, "mine", json_boolean(strcmp(content_text(entry, "from"), own) == 0));
	bool days = day_parse(&soon, content_text(entry, "soon"), NULL) == FAIL_NONE &&
	            day_parse(&due, content_text(entry, "due"), NULL) == FAIL_NONE;
	enum clock_standing standing = days ? day_standing(soon, due, reading->now) : STANDING_NONE;
	json_put_text(entry, "standing",
	              json_object_get(entry, "done") != NULL ? "DONE" : clock_standing_name(standing));
	json_object_del(entry, "soon");
}

static enum fail_code add_case(void *context, const struct case_row *row)
{
	struct reading *reading = context;
	char id[ID_TEXT_SIZE], stamp[CASE_STAMP_SIZE];
	struct fail why;
	size_t i;
	json_t *entries = NULL, *entry;
	if (cases_side(reading->profile, row) == CASE_SIDE_COUNT)
		return FAIL_NONE;
	if (case_stamp(reading->profile->store, &row->id, stamp, &why) != FAIL_NONE)
		return why.code;
	id_to_text(&row->id, id);
	json_t *known = json_object_get(reading->before, id);
	if (strcmp(content_text(known, "stamp"), stamp) == 0) {
		entries = json_incref(json_object_get(known, "entries"));
	} else {
		enum fail_code code = work_out(reading, row, &entries);
		if (code != FAIL_NONE)
			return code;
		reading->changed = true;
	}
	json_object_set_new(reading->kept, id, json_pack("{sssO}", "stamp", stamp, "entries", entries));
	json_array_foreach(entries, i, entry) {
		json_t *told = json_copy(entry);
		put_now(reading, told, row);
		json_array_append_new(reading->entries, told);
	}
	json_decref(entries);
	return FAIL_NONE;
}

// ---- the row ----

// What does not open is worked out anew: it holds nothing that the messages do not.
static json_t *kept_before(struct psr_profile *profile)
{
	struct id id;
	struct bytes sealed, plain;
	struct fail why;
	bool found = false;
	json_t *before = NULL;
	bytes_init(&sealed, 2 * (size_t)AGENDA_CAP);
	bytes_init(&plain, AGENDA_CAP);
	if (agenda_get(profile->store, &id, &sealed, &found, &why) == FAIL_NONE && found &&
	    own_open(profile, &id, bytes_view(&sealed), &plain, &why) == FAIL_NONE)
		before = json_loadb((const char *)plain.data, plain.length, 0, NULL);
	bytes_release(&sealed);
	bytes_wipe(&plain);
	return before;
}

// It is only kept: who cannot write it down works it out again the next time.
static void keep(struct psr_profile *profile, const json_t *kept)
{
	struct id id;
	struct bytes sealed;
	struct fail why;
	char *text = json_dumps(kept, JSON_COMPACT);
	if (text == NULL)
		return;
	bytes_init(&sealed, 2 * (size_t)AGENDA_CAP);
	random_fill(id.byte, sizeof id.byte);
	if (own_seal(profile, &id, view_of_text(text), &sealed, &why) == FAIL_NONE)
		(void)!agenda_put(profile->store, &id, bytes_view(&sealed), &why);
	wipe(text, strlen(text));
	free(text);
	bytes_release(&sealed);
}

enum fail_code agenda_read(struct psr_profile *profile, uint64_t now, json_t **entries, struct fail *why)
{
	*entries = json_array();
	if (profile->keys->ops->certificate(profile->keys, USE_ENCRYPTION) == NULL)
		return FAIL_NONE;
	json_t *before = kept_before(profile);
	struct reading reading = {.profile = profile,
	                          .now = now,
	                          .before = before,
	                          .kept = json_object(),
	                          .entries = *entries};
	uint64_t since = now > KEPT_MS ? now - KEPT_MS : 0;
	enum fail_code code = case_each_with_agenda(profile->store, since, add_case, &reading, why);
	if (code == FAIL_NONE && (reading.changed || json_object_size(reading.kept) != json_object_size(before)))
		keep(profile, reading.kept);
	json_decref(reading.kept);
	json_decref(before);
	if (code != FAIL_NONE)
		json_decref(*entries);
	return code;
}
