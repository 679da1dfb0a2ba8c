// SPDX-License-Identifier: Apache-2.0
#include "lib/requests.h"

#include "form/faults.h"
#include "lib/contents.h"
#include "lib/json.h"

#include <string.h>

static const uint64_t telling = UINT64_C(1) << KIND_REFERRAL | UINT64_C(1) << KIND_ITEM;

static json_t *item_at(const json_t *requests, json_int_t number)
{
	return number >= 1 ? json_array_get(requests, (size_t)number - 1) : NULL;
}

static json_t *person_of(const json_t *item, const char *pseudonym)
{
	size_t i;
	json_t *person;
	json_array_foreach(json_object_get(item, "persons"), i, person) {
		if (strcmp(content_text(person, "person"), pseudonym) == 0)
			return person;
	}
	return NULL;
}

static void add_item(json_t *requests, const json_t *asked)
{
	json_t *item = json_object(), *persons = json_array(), *pseudonym;
	size_t i;
	json_object_set_new(item, "item", json_integer((json_int_t)json_array_size(requests) + 1));
	json_put_filled(item, "service", content_text(asked, "service"));
	json_array_foreach(json_object_get(asked, "persons"), i, pseudonym) {
		json_t *person = json_object();
		json_put_filled(person, "person", json_string_value(pseudonym));
		json_put_text(person, "status", "ASKED");
		json_array_append_new(persons, person);
	}
	json_object_set_new(item, "persons", persons);
	json_array_append_new(requests, item);
}

static void note_status(json_t *person, const struct content *content)
{
	static const char *const keys[] = {"status", "on", "text"};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		json_object_del(person, keys[i]);
		json_put_filled(person, keys[i], content_text(content->json, keys[i]));
	}
	json_put_text(person, "by", content->from);
}

// Without persons it is said of all whom the item is about.
static void note_item(json_t *requests, const struct content *content)
{
	json_t *item = item_at(requests, json_integer_value(json_object_get(content->json, "item")));
	json_t *named = json_object_get(content->json, "persons"), *person;
	size_t i;
	json_array_foreach(json_object_get(item, "persons"), i, person) {
		bool meant = json_array_size(named) == 0;
		for (size_t j = 0; j < json_array_size(named) && !meant; j++) {
			const char *pseudonym = json_string_value(json_array_get(named, j));
			meant = pseudonym != NULL && strcmp(pseudonym, content_text(person, "person")) == 0;
		}
		if (meant)
			note_status(person, content);
	}
}

static enum fail_code add_content(void *context, const struct content *content)
{
	json_t *requests = context, *item;
	size_t i;
	if (content->kind == KIND_ITEM)
		note_item(requests, content);
	json_array_foreach(json_object_get(content->json, "items"), i, item)
		add_item(requests, item);
	return FAIL_NONE;
}

enum fail_code requests_of_case(struct psr_profile *profile, const struct id *case_id, json_t **requests,
                                struct fail *why)
{
	bool whole;
	json_t *found = json_array();
	enum fail_code code = contents_each(profile, case_id, telling, add_content, found, &whole, why);
	bool known = code == FAIL_NONE && whole && json_array_size(found) > 0;
	*requests = known ? found : NULL;
	if (!known)
		json_decref(found);
	return code;
}

static void check_persons(const json_t *item, const json_t *form, struct form_path *path, struct form_faults *faults)
{
	size_t i, before = path_field(path, "persons");
	json_t *pseudonym;
	json_array_foreach(json_object_get(form, "persons"), i, pseudonym) {
		size_t list = path_entry(path, i);
		const char *named = json_string_value(pseudonym);
		if (named != NULL && person_of(item, named) == NULL)
			fault_add(faults, path, "item %d is not about '%s': passerelle show lists whom it is about",
			          (int)json_integer_value(json_object_get(item, "item")), excerpt_of(named).text);
		path_back(path, list);
	}
	path_back(path, before);
}

static enum fail_code check_item(const json_t *requests, const char *form, struct form_faults *faults, struct fail *why)
{
	json_t *said = requests == NULL ? NULL : json_loads(form, 0, NULL);
	if (said == NULL)
		return FAIL_NONE;
	struct form_path path = {.length = 0};
	json_int_t number = json_integer_value(json_object_get(said, "item"));
	const json_t *item = item_at(requests, number);
	if (item != NULL) {
		check_persons(item, said, &path, faults);
	} else {
		size_t before = path_field(&path, "item");
		fault_add(faults, &path, "there is no item %d: the referral has %zu", (int)number, json_array_size(requests));
		path_back(&path, before);
	}
	json_decref(said);
	return faults->count == 0 ? FAIL_NONE : fail_set(why, FAIL_BAD_FORM, "the form does not fit what is asked in this case");
}

static enum fail_code check_settled(const json_t *requests, struct fail *why)
{
	size_t i, j;
	json_t *item, *person;
	json_array_foreach(requests, i, item) {
		json_array_foreach(json_object_get(item, "persons"), j, person) {
			if (strcmp(content_text(person, "status"), "UNDER_WAY") == 0)
				return fail_set(why, FAIL_ILLEGAL_MOVE,
				                "item %zu (%s) is still under way for %s: say first what became of it, passerelle item", i + 1,
				                content_text(item, "service"), content_text(person, "person"));
		}
	}
	return FAIL_NONE;
}

enum fail_code requests_fit(struct psr_profile *profile, const struct id *case_id, enum message_kind kind,
                            const char *form, struct form_faults *faults, struct fail *why)
{
	json_t *requests = NULL;
	if (kind != KIND_ITEM && kind != KIND_CLOSE)
		return FAIL_NONE;
	enum fail_code code = requests_of_case(profile, case_id, &requests, why);
	if (code == FAIL_NONE)
		code = kind == KIND_CLOSE ? check_settled(requests, why) : check_item(requests, form, faults, why);
	json_decref(requests);
	return code;
}
