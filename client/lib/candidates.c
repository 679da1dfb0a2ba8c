// SPDX-License-Identifier: Apache-2.0
#include "lib/candidates.h"

#include "lib/contents.h"
#include "lib/json.h"
#include "lib/own_seal.h"
#include "lib/person_form.h"
#include "lib/register.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 20, DECISION_CAP = 1024 * 1024, MARK_SIZE = 17, DIGEST_SIZE = 2 * HASH_SIZE + 1 };

static const char *const decisions[] = {"REFUTED", "PLAUSIBLE", "WITHHELD", "SHIELDED"};

// ---- the persons looked for, out of the request ----

static enum fail_code keep_request(void *context, const struct content *content)
{
	json_t **request = context;
	json_decref(*request);
	*request = json_incref(content->json);
	return FAIL_NONE;
}

static json_t *person_of(const json_t *request, const char *pseudonym)
{
	size_t i;
	json_t *person;
	json_array_foreach(json_object_get(request, "persons"), i, person) {
		if (strcmp(content_text(person, "pseudonym"), pseudonym) == 0)
			return person;
	}
	return NULL;
}

// Mother and father stand in the request as persons of their own.
static void add_parents(json_t *sought, const json_t *request, const char *pseudonym)
{
	static const struct { const char *kind, *key; } parents[] = {{"MOTHER", "mother"}, {"FATHER", "father"}};
	size_t i;
	json_t *relation;
	json_array_foreach(json_object_get(request, "relations"), i, relation) {
		json_t *other = person_of(request, content_text(relation, "to"));
		json_t *names = json_object_get(other, "names");
		for (size_t k = 0; k < sizeof parents / sizeof parents[0]; k++) {
			if (names != NULL && strcmp(content_text(relation, "from"), pseudonym) == 0 &&
			    strcmp(content_text(relation, "kind"), parents[k].kind) == 0)
				json_object_set(sought, parents[k].key, names);
		}
	}
}

static void add_separation(json_t *sought, const json_t *tracing)
{
	static const char *const keys[][2] = {{"separation_date", "date"}, {"separation_place", "place"}, {"separation_cause", "cause"}};
	json_t *separation = json_object();
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		json_t *value = json_object_get(tracing, keys[i][0]);
		if (value != NULL)
			json_object_set(separation, keys[i][1], value);
	}
	if (json_object_size(separation) > 0)
		json_object_set(sought, "separation", separation);
	json_decref(separation);
}

// What person_form.h takes; owned by the caller. NULL: the request does not name this person.
static json_t *sought_person(const json_t *request, const char *pseudonym)
{
	json_t *person = person_of(request, pseudonym), *sought = json_copy(person);
	if (person == NULL)
		return NULL;
	add_parents(sought, request, pseudonym);
	add_separation(sought, json_object_get(request, "tracing"));
	return sought;
}

static enum fail_code request_of(struct psr_profile *profile, const struct case_row *row, json_t **request,
                                 struct fail *why)
{
	bool whole;
	*request = NULL;
	enum fail_code code =
		contents_each(profile, &row->id, UINT64_C(1) << KIND_TRACE_REQUEST, keep_request, request, &whole, why);
	if (code == FAIL_NONE && *request == NULL)
		code = fail_set(why, FAIL_UNKNOWN_OBJECT, "%s is no search, or its request does not open here", row->reference);
	return code;
}

// ---- what was decided ----

static void hex(const struct hash *hash, size_t bytes, char *text)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < bytes; i++) {
		text[2 * i] = digits[hash->byte[i] >> 4];
		text[2 * i + 1] = digits[hash->byte[i] & 15];
	}
	text[2 * bytes] = '\0';
}

// Both records as they were compared: another digest once one of them changes.
static void digest_of(const json_t *sought, const json_t *own, char digest[DIGEST_SIZE])
{
	char *first = json_dumps(sought, JSON_SORT_KEYS | JSON_COMPACT),
		 *second = json_dumps(own, JSON_SORT_KEYS | JSON_COMPACT);
	struct hash parts[2] = {sha256(view_of_text(first != NULL ? first : "")), sha256(view_of_text(second != NULL ? second : ""))};
	struct hash both = sha256(view_of(parts[0].byte, sizeof parts));
	free(first);
	free(second);
	hex(&both, HASH_SIZE, digest);
}

struct reading {
	struct psr_profile *profile;
	json_t *by_candidate;  // {candidate: decision with the id of its row}, owned by the caller
	struct fail *why;
};

static enum fail_code read_decision(void *context, const struct draft_row *row)
{
	struct reading *reading = context;
	struct bytes plain;
	bytes_init(&plain, DECISION_CAP);
	enum fail_code code = own_open(reading->profile, &row->id, row->sealed, &plain, reading->why);
	json_t *decision = code == FAIL_NONE ? json_loadb((const char *)plain.data, plain.length, 0, NULL) : NULL;
	bytes_wipe(&plain);
	if (code == FAIL_NONE && decision == NULL)
		return fail_set(reading->why, FAIL_DATA_LOSS, "what was decided about a candidate is damaged");
	if (code != FAIL_NONE)
		return code;
	json_put_id(decision, "id", &row->id);
	json_object_set_new(reading->by_candidate, content_text(decision, "candidate"), decision);
	return FAIL_NONE;
}

static enum fail_code read_decisions(struct psr_profile *profile, const struct id *case_id, json_t **by_candidate,
                                     struct fail *why)
{
	*by_candidate = json_object();
	struct reading reading = {profile, *by_candidate, why};
	return candidate_each(profile->store, case_id, read_decision, &reading, why);
}

static enum fail_code keep_decision(struct psr_profile *profile, const struct id *case_id, const json_t *decision,
                                    struct fail *why)
{
	struct bytes sealed;
	struct id id;
	const char *before = content_text(decision, "id");
	char *text = json_dumps(decision, JSON_COMPACT);
	if (text == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	bytes_init(&sealed, 2 * (size_t)DECISION_CAP);
	if (id_from_text(&id, before) != FAIL_NONE)
		random_fill(id.byte, sizeof id.byte);
	enum fail_code code = own_seal(profile, &id, view_of_text(text), &sealed, why);
	struct draft_row row = {.id = id, .created_at = clock_now(), .sealed = bytes_view(&sealed)};
	if (code == FAIL_NONE)
		code = candidate_put(profile->store, case_id, &row, why);
	wipe(text, strlen(text));
	free(text);
	bytes_release(&sealed);
	return code;
}

// ---- comparing ----

struct candidate {
	struct match_evidence evidence;
	json_t *own;               // where the person is known here, owned
	json_t *person;            // owned
	char mark[MARK_SIZE], digest[DIGEST_SIZE];
};

struct comparing {
	const struct case_row *row;
	const char *pseudonym;     // of the person looked for
	const json_t *sought;
	struct match_prepared *prepared;
	const json_t *decided;     // by candidate
	struct candidate best[MOST + 1]; // best first
	size_t count;
	unsigned quiet;
};

// The same candidate has the same mark each time; it says nothing to anybody else.
static void mark_of(const struct comparing *comparing, const struct register_person *person, char mark[MARK_SIZE])
{
	char text[ID_TEXT_SIZE + REFERENCE_SIZE + 64], entry[ID_TEXT_SIZE], search[ID_TEXT_SIZE];
	id_to_text(&person->id, entry);
	id_to_text(&comparing->row->id, search);
	int length = snprintf(text, sizeof text, "%s %s %s %s", person->reference[0] != '\0' ? person->reference : entry,
	                      person->pseudonym, comparing->pseudonym, search);
	must(length > 0);
	struct hash hash = sha256(view_of_text(text));
	hex(&hash, (MARK_SIZE - 1) / 2, mark);
}

static json_t *own_json(const struct register_person *person)
{
	json_t *own = json_object();
	if (person->reference[0] == '\0')
		json_put_id(own, "id", &person->id);
	json_put_filled(own, "reference", person->reference);
	json_put_filled(own, "pseudonym", person->pseudonym);
	json_put_filled(own, "own_reference", person->own_reference);
	return own;
}

static void candidate_release(struct candidate *candidate)
{
	json_decref(candidate->own);
	json_decref(candidate->person);
}

// By insertion: there are few. The last one falls out.
static void rank(struct comparing *comparing, struct candidate *found)
{
	size_t place = comparing->count;
	for (; place > 0 && comparing->best[place - 1].evidence.rank < found->evidence.rank; place--)
		comparing->best[place] = comparing->best[place - 1];
	comparing->best[place] = *found;
	if (comparing->count < MOST)
		comparing->count++;
	else
		candidate_release(&comparing->best[MOST]);
}

static bool stays_quiet(const struct comparing *comparing, const struct candidate *candidate)
{
	const json_t *decision = json_object_get(comparing->decided, candidate->mark);
	return strcmp(content_text(decision, "decision"), "REFUTED") == 0 &&
	       strcmp(content_text(decision, "digest"), candidate->digest) == 0;
}

static enum fail_code compare_one(void *context, const struct register_person *person)
{
	struct comparing *comparing = context;
	struct match_prepared *there;
	struct candidate found = {.own = NULL};
	if (strcmp(person->reference, comparing->row->reference) == 0)
		return FAIL_NONE; // the request itself
	enum fail_code code = match_prepare(&there, person->match);
	if (code != FAIL_NONE)
		return code;
	match_compare(comparing->prepared, there, &found.evidence);
	match_free(there);
	if (found.evidence.band == BAND_LOW)
		return FAIL_NONE;
	mark_of(comparing, person, found.mark);
	digest_of(comparing->sought, person->json, found.digest);
	if (stays_quiet(comparing, &found)) {
		comparing->quiet++;
		return FAIL_NONE;
	}
	found.own = own_json(person);
	found.person = json_deep_copy(person->json);
	rank(comparing, &found);
	return FAIL_NONE;
}

static json_t *candidate_json(const struct comparing *comparing, const struct candidate *candidate)
{
	json_t *item = json_object(), *compared = compared_json(&candidate->evidence);
	const json_t *decision = json_object_get(comparing->decided, candidate->mark);
	json_put_text(item, "candidate", candidate->mark);
	json_put_text(item, "sought", comparing->pseudonym);
	json_object_set(item, "band", json_object_get(compared, "band"));
	json_object_set(item, "band_text", json_object_get(compared, "band_text"));
	json_object_set(item, "tables", json_object_get(compared, "tables"));
	json_object_set(item, "fields", json_object_get(compared, "items"));
	json_object_set(item, "own", candidate->own);
	json_object_set(item, "person", candidate->person);
	json_put_text(item, "digest", candidate->digest);
	if (decision != NULL) {
		json_put_text(item, "decision", content_text(decision, "decision"));
		json_put_text(item, "decided_by", content_text(decision, "by"));
		json_put_text(item, "decided_at", content_text(decision, "at"));
		json_object_set(item, "log", json_object_get(decision, "log"));
		if (strcmp(content_text(decision, "digest"), candidate->digest) != 0)
			json_object_set_new(item, "changed_since", json_true());
	}
	json_decref(compared);
	return item;
}

static enum fail_code compare_all(struct psr_profile *profile, struct comparing *comparing, json_t *items,
                                  struct fail *why)
{
	struct person_form form;
	enum fail_code code = person_form_read(&form, comparing->sought, why);
	if (code == FAIL_NONE)
		code = match_prepare(&comparing->prepared, &form.person);
	if (code == FAIL_NONE)
		code = register_each(profile, REGISTER_ALL, compare_one, comparing, why);
	for (size_t i = 0; i < comparing->count; i++) {
		if (code == FAIL_NONE)
			json_array_append_new(items, candidate_json(comparing, &comparing->best[i]));
		candidate_release(&comparing->best[i]);
	}
	match_free(comparing->prepared);
	return code;
}

enum fail_code candidates_list(struct psr_profile *profile, const struct case_row *row, json_t **result,
                               struct fail *why)
{
	json_t *request = NULL, *decided = NULL, *items = json_array(), *one;
	unsigned quiet = 0;
	size_t i;
	enum fail_code code = request_of(profile, row, &request, why);
	if (code == FAIL_NONE)
		code = read_decisions(profile, &row->id, &decided, why);
	json_array_foreach(json_object_get(json_object_get(request, "tracing"), "sought"), i, one) {
		json_t *sought = sought_person(request, json_string_value(one));
		struct comparing comparing = {.row = row,
		                              .pseudonym = json_string_value(one),
		                              .sought = sought,
		                              .decided = decided};
		if (code == FAIL_NONE && sought != NULL)
			code = compare_all(profile, &comparing, items, why);
		quiet += comparing.quiet;
		json_decref(sought);
	}
	json_decref(request);
	json_decref(decided);
	if (code != FAIL_NONE) {
		json_decref(items);
		return code;
	}
	*result = json_document("passerelle.candidates/1");
	json_put_text(*result, "reference", row->reference);
	json_object_set_new(*result, "items", items);
	json_object_set_new(*result, "quiet", json_integer((json_int_t)quiet));
	return FAIL_NONE;
}

// ---- deciding ----

static json_t *findings_of(const json_t *fields)
{
	json_t *findings = json_array(), *field;
	size_t i;
	json_array_foreach(fields, i, field) {
		if (strcmp(content_text(field, "word"), "BLANK") == 0)
			continue;
		json_t *finding = json_object();
		json_put_text(finding, "field", content_text(field, "field"));
		json_put_text(finding, "word", content_text(field, "word"));
		json_array_append_new(findings, finding);
	}
	return findings;
}

// Each decision stays in the log: who, when, why.
static json_t *decision_json(const struct psr_profile *profile, const json_t *item, const json_t *before,
                             const char *decision, const char *note)
{
	json_t *json = json_object(), *entry = json_object();
	json_t *log = before != NULL ? json_copy(json_object_get(before, "log")) : json_array();
	json_put_text(entry, "decision", decision);
	json_put_text(entry, "by", profile->settings.identity.uri);
	json_put_time(entry, "at", clock_now());
	json_put_filled(entry, "note", note);
	json_array_append(log, entry);
	json_object_update(json, entry);
	json_object_set_new(json, "log", log);
	json_put_filled(json, "id", content_text(before, "id"));
	json_object_set(json, "candidate", json_object_get(item, "candidate"));
	json_object_set(json, "sought", json_object_get(item, "sought"));
	json_object_set(json, "digest", json_object_get(item, "digest"));
	json_object_set(json, "band", json_object_get(item, "band"));
	json_object_set(json, "tables", json_object_get(item, "tables"));
	json_object_set_new(json, "findings", findings_of(json_object_get(item, "fields")));
	json_decref(entry);
	return json;
}

static bool is_decision(const char *text)
{
	for (size_t i = 0; text != NULL && i < sizeof decisions / sizeof decisions[0]; i++) {
		if (strcmp(decisions[i], text) == 0)
			return true;
	}
	return false;
}

static const json_t *find_item(const json_t *list, const char *candidate)
{
	size_t i;
	json_t *item;
	json_array_foreach(json_object_get(list, "items"), i, item) {
		if (strcmp(content_text(item, "candidate"), candidate) == 0)
			return item;
	}
	return NULL;
}

static enum fail_code check_decider(const struct psr_profile *profile, const json_t *item, struct fail *why)
{
	bool shielded = strcmp(content_text(item, "decision"), "SHIELDED") == 0;
	return shielded && strcmp(profile->settings.identity.role, "supervisor") != 0
	         ? fail_set(why, FAIL_NOT_ALLOWED, "this person is shielded: a supervisor alone decides anew")
	         : FAIL_NONE;
}

enum fail_code candidates_decide(struct psr_profile *profile, const struct case_row *row, const char *candidate,
                                 const char *decision, const char *note, struct fail *why)
{
	json_t *list = NULL, *decided = NULL;
	if (!is_decision(decision))
		return fail_set(why, FAIL_BAD_USAGE, "a decision is REFUTED, PLAUSIBLE, WITHHELD or SHIELDED");
	enum fail_code code = candidates_list(profile, row, &list, why);
	const json_t *item = code == FAIL_NONE ? find_item(list, candidate) : NULL;
	if (code == FAIL_NONE && item == NULL)
		code = fail_set(why, FAIL_UNKNOWN_OBJECT, "'%s' is no candidate of %s: passerelle candidates %s shows them",
		                candidate, row->reference, row->reference);
	if (code == FAIL_NONE)
		code = check_decider(profile, item, why);
	if (code == FAIL_NONE)
		code = read_decisions(profile, &row->id, &decided, why);
	if (code == FAIL_NONE) {
		json_t *json = decision_json(profile, item, json_object_get(decided, candidate), decision, note);
		code = keep_decision(profile, &row->id, json, why);
		json_decref(json);
	}
	json_decref(decided);
	json_decref(list);
	return code;
}

enum fail_code candidates_plausible(struct psr_profile *profile, const struct id *case_id, const char *sought,
                                    json_t **findings, struct fail *why)
{
	json_t *decided, *decision;
	const char *candidate;
	*findings = NULL;
	enum fail_code code = read_decisions(profile, case_id, &decided, why);
	json_object_foreach(decided, candidate, decision) {
		if (code != FAIL_NONE || *findings != NULL || strcmp(content_text(decision, "decision"), "PLAUSIBLE") != 0 ||
		    strcmp(content_text(decision, "sought"), sought) != 0)
			continue;
		*findings = json_object();
		json_object_set(*findings, "findings", json_object_get(decision, "findings"));
		json_object_set(*findings, "band", json_object_get(decision, "band"));
		json_object_set(*findings, "tables", json_object_get(decision, "tables"));
	}
	json_decref(decided);
	if (code == FAIL_NONE && *findings == NULL)
		code = fail_set(why, FAIL_ILLEGAL_MOVE,
		                "nobody is held to be plausible for '%s': first passerelle candidates, then passerelle decide",
		                sought);
	return code;
}
