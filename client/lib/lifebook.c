// SPDX-License-Identifier: Apache-2.0
#include "lib/lifebook.h"

#include "case/partial_date.h"
#include "lib/child_file.h"
#include "lib/contents.h"
#include "lib/json.h"
#include "lib/own_seal.h"

#include <stdlib.h>
#include <string.h>

#define OF(kind) (UINT64_C(1) << KIND_##kind)
#define DAY_MS UINT64_C(86400000)

enum { ENTRY_CAP = 4 * 1024 * 1024 };

// ---- what the messages say ----

static void told_by(json_t *told, const struct content *content)
{
	json_put_text(told, "from", content->from);
	json_put_time(told, "at", content->at);
}

static void note_consent(json_t *rules, const struct content *content, const json_t *consent, const char *text)
{
	if (strcmp(content_text(consent, "purpose"), "LIFEBOOK") != 0)
		return;
	json_t *told = json_object();
	json_put_text(told, "given", content_text(consent, "given"));
	json_put_filled(told, "expires", content_text(consent, "expires"));
	json_put_filled(told, "text", text);
	told_by(told, content);
	json_object_set_new(json_object_get(rules, "consents"), content_text(consent, "person"), told);
}

static void note_consents(json_t *rules, const struct content *content, const json_t *list)
{
	size_t i;
	json_t *consent;
	json_array_foreach(list, i, consent)
		note_consent(rules, content, consent, "");
}

// Taking back counts from either branch, giving again from the one that sent the entry.
static void note_choice(json_t *rules, const struct content *content, const json_t *choice)
{
	json_t *entry = json_object_get(json_object_get(rules, "entries"), content_text(choice, "entry"));
	bool back = strcmp(content_text(choice, "share"), "YES") != 0;
	if (entry == NULL || (!back && strcmp(content_text(entry, "from"), content->from) != 0))
		return;
	json_t *told = json_object();
	json_object_set_new(told, "back", json_boolean(back));
	json_put_filled(told, "text", content_text(choice, "text"));
	told_by(told, content);
	json_object_set_new(json_object_get(rules, "choices"), content_text(choice, "entry"), told);
}

static void note_entry(json_t *rules, const struct content *content, const json_t *entry)
{
	char id[ID_TEXT_SIZE];
	json_t *told = json_object();
	id_to_text(&content->message, id);
	json_put_text(told, "person", content_text(entry, "person"));
	told_by(told, content);
	json_object_set_new(json_object_get(rules, "entries"), id, told);
	if (json_object_get(entry, "consent") != NULL)
		note_consent(rules, content, json_object_get(entry, "consent"), "");
}

static enum fail_code take(void *context, const struct content *content)
{
	json_t *rules = context;
	const json_t *json = content->json;
	note_consents(rules, content, json_object_get(json, "consents"));
	if (content->kind == KIND_CONSENT_GIVEN || content->kind == KIND_CONSENT_WITHDRAWN)
		note_consent(rules, content, json_object_get(json, "consent"), content_text(json, "text"));
	if (json_object_get(json, "lifebook") != NULL)
		note_entry(rules, content, json_object_get(json, "lifebook"));
	if (json_object_get(json, "choice") != NULL)
		note_choice(rules, content, json_object_get(json, "choice"));
	return FAIL_NONE;
}

enum fail_code lifebook_rules(struct psr_profile *profile, const struct id *case_id, json_t **rules, struct fail *why)
{
	static const uint64_t kinds =
		OF(REFERRAL) | OF(TRANSFER) | OF(CONSENT_GIVEN) | OF(CONSENT_WITHDRAWN) | OF(CHILD_FILE);
	bool whole;
	*rules = json_pack("{s{}s{}s{}}", "consents", "choices", "entries");
	must(*rules != NULL);
	enum fail_code code = contents_each(profile, case_id, kinds, take, *rules, &whole, why);
	if (code != FAIL_NONE)
		json_decref(*rules);
	return code;
}

bool consent_holds(const json_t *consent, uint64_t now)
{
	int32_t last;
	if (strcmp(content_text(consent, "given"), "YES") != 0)
		return false;
	return day_parse(&last, content_text(consent, "expires"), NULL) != FAIL_NONE || (int64_t)(now / DAY_MS) <= last;
}

bool lifebook_consented(const json_t *rules, const char *person, uint64_t now)
{
	return consent_holds(json_object_get(json_object_get(rules, "consents"), person), now);
}

const json_t *lifebook_hidden(const json_t *rules, const char *message)
{
	const json_t *entry = json_object_get(json_object_get(rules, "entries"), message);
	const json_t *choice = json_object_get(json_object_get(rules, "choices"), message);
	const json_t *consent = json_object_get(json_object_get(rules, "consents"), content_text(entry, "person"));
	if (entry == NULL)
		return NULL;
	if (json_is_true(json_object_get(choice, "back")))
		return choice;
	return strcmp(content_text(consent, "given"), "NO") == 0 ? consent : NULL;
}

// ---- hiding ----

static json_t *hidden_json(const json_t *because)
{
	static const char *const keys[] = {"from", "at", "text"};
	json_t *hidden = json_object();
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		json_put_filled(hidden, keys[i], content_text(because, keys[i]));
	return hidden;
}

static void hide_item(const json_t *rules, json_t *item)
{
	static const char *const open[] = {"content", "attachments", "completeness"};
	const json_t *because = lifebook_hidden(rules, content_text(item, "message"));
	if (because == NULL)
		return;
	for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
		json_object_del(item, open[i]);
	json_object_set_new(item, "hidden", hidden_json(because));
}

enum fail_code lifebook_hide(struct psr_profile *profile, const struct id *case_id, json_t *items, struct fail *why)
{
	json_t *rules = NULL, *item;
	size_t i;
	json_array_foreach(items, i, item) {
		if (json_object_get(json_object_get(item, "content"), "lifebook") == NULL)
			continue;
		if (rules == NULL && lifebook_rules(profile, case_id, &rules, why) != FAIL_NONE)
			return why->code;
		hide_item(rules, item);
	}
	json_decref(rules);
	return FAIL_NONE;
}

enum fail_code lifebook_may_open(struct psr_profile *profile, const struct header *header, struct fail *why)
{
	char id[ID_TEXT_SIZE];
	json_t *rules;
	if (header->kind != KIND_CHILD_FILE)
		return FAIL_NONE;
	enum fail_code code = lifebook_rules(profile, &header->case_id, &rules, why);
	if (code != FAIL_NONE)
		return code;
	id_to_text(&header->message, id);
	if (lifebook_hidden(rules, id) != NULL)
		code = fail_set(why, FAIL_NOT_ALLOWED, "the child took this entry of its Lifebook back: it is not opened any more");
	json_decref(rules);
	return code;
}

static void hide_entry(const json_t *rules, json_t *entry)
{
	static const char *const open[] = {"title", "text", "date", "written_by", "consent", "pictures", "language"};
	const json_t *because = lifebook_hidden(rules, content_text(entry, "message"));
	if (because == NULL)
		return;
	for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
		json_object_del(entry, open[i]);
	json_object_set_new(entry, "hidden", hidden_json(because));
}

// ---- what never leaves ----

static enum fail_code open_kept(struct psr_profile *profile, const struct draft_row *row, json_t **entry,
                                struct fail *why)
{
	struct bytes plain;
	bytes_init(&plain, ENTRY_CAP);
	enum fail_code code = own_open(profile, &row->id, row->sealed, &plain, why);
	*entry = code == FAIL_NONE ? json_loadb((const char *)plain.data, plain.length, 0, NULL) : NULL;
	bytes_wipe(&plain);
	return code == FAIL_NONE && *entry == NULL
	         ? fail_set(why, FAIL_DATA_LOSS, "a kept entry of the Lifebook is damaged")
	         : code;
}

struct marking {
	struct psr_profile *profile;
	json_t *persons;
};

static enum fail_code add_kept(void *context, const struct draft_row *row)
{
	const struct marking *marking = context;
	struct fail why;
	json_t *entry;
	enum fail_code code = open_kept(marking->profile, row, &entry, &why);
	if (code != FAIL_NONE)
		return code;
	json_t *person = child_of(marking->persons, content_text(entry, "person"));
	if (person == NULL) {
		person = json_object();
		json_put_text(person, "person", content_text(entry, "person"));
		json_array_append_new(marking->persons, person);
	}
	if (json_object_get(person, "lifebook") == NULL)
		json_object_set_new(person, "lifebook", json_array());
	json_put_id(entry, "entry", &row->id);
	json_put_time(entry, "noted_at", row->created_at);
	json_object_set_new(entry, "local", json_true());
	json_array_append_new(json_object_get(person, "lifebook"), entry);
	return FAIL_NONE;
}

enum fail_code lifebook_mark(struct psr_profile *profile, const struct id *case_id, json_t *persons, struct fail *why)
{
	json_t *rules, *person, *entry;
	size_t i, k;
	enum fail_code code = lifebook_rules(profile, case_id, &rules, why);
	if (code != FAIL_NONE)
		return code;
	json_array_foreach(persons, i, person) {
		json_array_foreach(json_object_get(person, "lifebook"), k, entry)
			hide_entry(rules, entry);
	}
	json_decref(rules);
	struct marking marking = {profile, persons};
	return lifebook_each(profile->store, case_id, add_kept, &marking, why);
}

enum fail_code lifebook_keep(struct psr_profile *profile, const struct id *case_id, const json_t *entry, struct id *id,
                             struct fail *why)
{
	struct bytes sealed;
	char *text = json_dumps(entry, JSON_COMPACT);
	if (text == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	bytes_init(&sealed, 2 * (size_t)ENTRY_CAP);
	random_fill(id->byte, sizeof id->byte);
	enum fail_code code = own_seal(profile, id, view_of_text(text), &sealed, why);
	struct draft_row row = {.id = *id, .created_at = clock_now(), .sealed = bytes_view(&sealed)};
	if (code == FAIL_NONE)
		code = lifebook_put(profile->store, case_id, &row, why);
	wipe(text, strlen(text));
	free(text);
	bytes_release(&sealed);
	return code;
}

struct finding {
	struct psr_profile *profile;
	const struct id *id;
	json_t *entry; // owned, NULL until it is found
};

static enum fail_code find_kept(void *context, const struct draft_row *row)
{
	struct finding *finding = context;
	struct fail why;
	return id_equal(&row->id, finding->id) ? open_kept(finding->profile, row, &finding->entry, &why) : FAIL_NONE;
}

enum fail_code lifebook_form(struct psr_profile *profile, const char *typed, struct id *id, char **form,
                             struct fail *why)
{
	struct finding finding = {profile, id, NULL};
	if (id_from_text(id, typed) != FAIL_NONE)
		return fail_set(why, FAIL_BAD_USAGE, "the id of a kept entry is needed: passerelle child shows it");
	enum fail_code code = lifebook_each(profile->store, NULL, find_kept, &finding, why);
	if (code == FAIL_NONE && finding.entry == NULL)
		return fail_set(why, FAIL_UNKNOWN_OBJECT, "no entry with this id is kept here");
	if (code != FAIL_NONE)
		return code;
	json_object_set_new(finding.entry, "share", json_string("YES"));
	*form = json_dumps(finding.entry, 0);
	json_decref(finding.entry);
	return *form != NULL ? FAIL_NONE : fail_set(why, FAIL_NO_MEMORY, "out of memory");
}
