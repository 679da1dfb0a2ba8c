// SPDX-License-Identifier: Apache-2.0
#include "lib/person_form.h"

#include "base/words.h"
#include "form/check.h"
#include "form/rules.h"
#include "lib/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OLDEST = 130, DAYS_OF_YEAR = 365 };

// ---- keys and texts ----

static enum fail_code fail_key(struct fail *why, const char *key, const char *should)
{
	return fail_set(why, FAIL_BAD_FORM, "'%s' %s", excerpt_of(key).text, should);
}

static bool is_extra(const char *key)
{
	static const char *const extras[] = {"mother", "father", "separation"};
	for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) {
		if (strcmp(extras[i], key) == 0)
			return true;
	}
	return false;
}

// An object whose keys a form would know.
static enum fail_code check_keys(const json_t *object, const char *name, const char *message, struct fail *why)
{
	if (!json_is_object(object))
		return fail_key(why, name, "must be an object");
	const char *key;
	json_t *value;
	// jansson's iterator asks for an object that may be changed; it is only read.
	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		bool known = rule_find(message, key) != NULL || key_is_help(key);
		if (!known && !(strcmp(message, "Person") == 0 && is_extra(key)))
			return fail_key(why, key, "is no field of a person that could be compared");
	}
	return FAIL_NONE;
}

static enum fail_code read_text(const json_t *object, const char *key, const char **text, struct fail *why)
{
	const json_t *value = json_object_get(object, key);
	if (value == NULL || json_is_null(value))
		return FAIL_NONE;
	if (!json_is_string(value))
		return fail_key(why, key, "must be text");
	if (json_string_length(value) > 0)
		*text = json_string_value(value);
	return FAIL_NONE;
}

// Texts of a list, as many as fit.
static enum fail_code read_texts(const json_t *object, const char *key, const char **text, size_t most,
                                 struct fail *why)
{
	const json_t *list = json_object_get(object, key), *item;
	size_t i, count = 0;
	if (list != NULL && !json_is_array(list) && !json_is_null(list))
		return fail_key(why, key, "must be a list of texts");
	json_array_foreach(list, i, item) {
		if (!json_is_string(item))
			return fail_key(why, key, "must be a list of texts");
		if (json_string_length(item) > 0 && count < most)
			text[count++] = json_string_value(item);
	}
	return FAIL_NONE;
}

// ---- names ----

static enum fail_code read_spelling(const json_t *object, const char *key, struct match_spelling *spelling,
                                    struct fail *why)
{
	enum fail_code failed = check_keys(object, key, "PersonName", why);
	if (failed == FAIL_NONE)
		failed = read_text(object, "full", &spelling->full, why);
	if (failed == FAIL_NONE)
		failed = read_texts(object, "given", spelling->given, MATCH_PARTS, why);
	if (failed == FAIL_NONE)
		failed = read_texts(object, "family", spelling->family, MATCH_PARTS, why);
	return failed != FAIL_NONE ? failed : read_text(object, "patronymic", &spelling->patronymic, why);
}

static enum fail_code read_names(const json_t *person, const char *key, struct match_name *name, struct fail *why)
{
	const json_t *list = json_object_get(person, key), *item;
	size_t i;
	if (list != NULL && !json_is_array(list) && !json_is_null(list))
		return fail_key(why, key, "must be a list of names");
	json_array_foreach(list, i, item) {
		struct match_spelling spelling = {.full = NULL};
		enum fail_code failed = read_spelling(item, key, &spelling, why);
		if (failed != FAIL_NONE)
			return failed;
		if (name->count < MATCH_SPELLINGS)
			name->spelling[name->count++] = spelling;
	}
	return FAIL_NONE;
}

// ---- dates ----

static enum fail_code read_date(const json_t *object, const char *key, struct partial_date *date,
                                const struct partial_date **to, struct fail *why)
{
	const char *text = NULL;
	enum fail_code failed = read_text(object, key, &text, why);
	if (failed != FAIL_NONE || text == NULL)
		return failed;
	if (partial_date_parse(date, text, why) != FAIL_NONE)
		return fail_wrap(why, "'%s'", key);
	*to = date;
	return FAIL_NONE;
}

// The first number of the text is the age, its last ten characters the day on which it was said.
static bool date_of_age(const char *said, struct partial_date *date)
{
	const char *number = said + strcspn(said, "0123456789");
	size_t length = strlen(said);
	int32_t day;
	char *end = NULL;
	unsigned long age = *number != '\0' ? strtoul(number, &end, 10) : OLDEST + 1;
	if (age > OLDEST || end >= said + length - 10 || *end == '-')
		return false;
	if (day_parse(&day, said + length - 10, NULL) != FAIL_NONE)
		return false;
	int32_t years = (int32_t)age * DAYS_OF_YEAR + (int32_t)age / 4;
	*date = (struct partial_date){day - years - DAYS_OF_YEAR, day - years, true, false};
	return true;
}

static enum fail_code read_birth(struct person_form *form, const json_t *person, struct fail *why)
{
	const char *said = NULL;
	enum fail_code failed = read_date(person, "birth", &form->birth, &form->person.birth, why);
	if (failed == FAIL_NONE)
		failed = read_text(person, "age_as_said", &said, why);
	if (failed != FAIL_NONE || form->person.birth != NULL || said == NULL || strlen(said) <= 10)
		return failed;
	form->person.birth_from_age = date_of_age(said, &form->birth);
	if (form->person.birth_from_age)
		form->person.birth = &form->birth;
	return FAIL_NONE;
}

// ---- places and the rest ----

static enum fail_code read_place(const json_t *object, const char *key, struct match_place *place, struct fail *why)
{
	const json_t *value = json_object_get(object, key);
	if (value == NULL || json_is_null(value))
		return FAIL_NONE;
	enum fail_code failed = check_keys(value, key, "Place", why);
	if (failed == FAIL_NONE)
		failed = read_text(value, "country", &place->country, why);
	if (failed == FAIL_NONE)
		failed = read_texts(value, "area", place->area, MATCH_AREAS, why);
	return failed != FAIL_NONE ? failed : read_text(value, "address", &place->address, why);
}

static enum fail_code read_separation(struct person_form *form, const json_t *person, struct fail *why)
{
	const json_t *value = json_object_get(person, "separation");
	if (value == NULL || json_is_null(value))
		return FAIL_NONE;
	if (!json_is_object(value))
		return fail_key(why, "separation", "must be an object with `date`, `place` and `cause`");
	enum fail_code failed = read_date(value, "date", &form->separation, &form->person.separation, why);
	if (failed == FAIL_NONE)
		failed = read_place(value, "place", &form->person.separation_place, why);
	return failed != FAIL_NONE ? failed : read_text(value, "cause", &form->person.separation_cause, why);
}

static enum fail_code read_people(struct match_person *to, const json_t *person, struct fail *why)
{
	enum fail_code failed = read_names(person, "names", &to->name, why);
	if (failed == FAIL_NONE)
		failed = read_names(person, "mother", &to->mother, why);
	return failed != FAIL_NONE ? failed : read_names(person, "father", &to->father, why);
}

static enum fail_code read_places(struct match_person *to, const json_t *person, struct fail *why)
{
	enum fail_code failed = read_place(person, "birth_place", &to->birth_place, why);
	return failed != FAIL_NONE ? failed : read_place(person, "present_place", &to->home, why);
}

enum fail_code person_form_read(struct person_form *form, const json_t *person, struct fail *why)
{
	*form = (struct person_form){.person = {.sex = NULL}};
	enum fail_code failed = check_keys(person, "person", "Person", why);
	if (failed == FAIL_NONE)
		failed = read_people(&form->person, person, why);
	if (failed == FAIL_NONE)
		failed = read_birth(form, person, why);
	if (failed == FAIL_NONE)
		failed = read_text(person, "sex", &form->person.sex, why);
	if (failed == FAIL_NONE)
		failed = read_texts(person, "nationalities", form->person.nationality, MATCH_NATIONALITIES, why);
	if (failed == FAIL_NONE)
		failed = read_places(&form->person, person, why);
	return failed != FAIL_NONE ? failed : read_separation(form, person, why);
}

// ---- what the matcher says ----

static bool told(const struct match_finding *finding)
{
	return finding->reason != REASON_NONE && finding->reason != REASON_UNKNOWN_BOTH;
}

json_t *compared_json(const struct match_evidence *evidence)
{
	json_t *json = json_document("passerelle.compared/1"), *items = json_array();
	for (size_t i = 0; i < MATCH_FIELD_COUNT; i++) {
		const struct match_finding *finding = &evidence->field[i];
		if (!told(finding))
			continue;
		json_t *item = json_object();
		json_put_text(item, "field", match_field_code((enum match_field)i));
		json_put_text(item, "field_text", words_of(match_field_text((enum match_field)i)));
		json_put_text(item, "word", match_word_code(finding->word));
		json_put_text(item, "word_text", words_of(match_word_text(finding->word)));
		json_put_text(item, "reason", words_of(match_reason_text(finding->reason)));
		json_array_append_new(items, item);
	}
	json_put_text(json, "tables", match_tables_version());
	json_put_text(json, "band", match_band_code(evidence->band));
	json_put_text(json, "band_text", words_of(match_band_text(evidence->band)));
	json_object_set_new(json, "items", items);
	return json;
}
