// SPDX-License-Identifier: Apache-2.0
//
// A person outside of a case, checked by the rules of the forms.
#include "form/flat.h"
#include "form/read.h"

#include "passerelle/v1/body.pb-c.h"

#include <string.h>

#define FAULT(reading, ...) fault_add((reading)->check.faults, &(reading)->check.path, __VA_ARGS__)

static bool is_extra(const struct reading *reading, const char *key)
{
	(void)reading;
	return strcmp(key, "mother") == 0 || strcmp(key, "father") == 0 || strcmp(key, "separation") == 0;
}

// What a form would ask for.
static json_t *completed(json_t *person)
{
	static const char *const asked[] = {"names", "sex", "birth", "nationalities", "present_place", "informed"};
	json_t *whole = json_copy(person), *given = json_object_get(person, "absent"),
		   *absent = given != NULL ? json_copy(given) : json_object();
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		if (json_blank(json_object_get(person, asked[i])) && json_object_get(absent, asked[i]) == NULL)
			json_object_set_new(absent, asked[i], json_string("NK"));
	}
	json_object_set_new(whole, "absent", absent);
	json_object_set_new(whole, "pseudonym", json_string("P1"));
	json_object_set_new(whole, "role", json_string("SOUGHT"));
	return whole;
}

// A town may be known where the country is not.
static void complete_places(json_t *person)
{
	static const char *const places[] = {"birth_place", "present_place"};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		json_t *place = json_object_get(person, places[i]);
		if (!json_is_object(place) || !json_blank(json_object_get(place, "country")) ||
		    json_object_get(place, "absent") != NULL)
			continue;
		json_t *whole = json_copy(place);
		json_object_set_new(whole, "absent", json_pack("{ss}", "country", "NK"));
		json_object_set_new(person, places[i], whole);
	}
}

static void check_part(struct reading *reading, const ProtobufCMessageDescriptor *descriptor, json_t *value)
{
	void *part = message_new(reading->memory, descriptor);
	if (!json_is_object(value))
		FAULT(reading, "must be an object {...}");
	else if (part != NULL)
		read_message(reading, descriptor, value, part, NULL);
}

static void check_names(struct reading *reading, json_t *person)
{
	size_t before = path_field(&reading->check.path, "names[0].full");
	if (json_blank(json_object_get(person, "names")))
		FAULT(reading, "is missing: without a name nobody can be found");
	path_back(&reading->check.path, before);
}

static void check_parent(struct reading *reading, json_t *person, const char *key)
{
	size_t i, before = path_field(&reading->check.path, key);
	json_t *list = json_object_get(person, key), *name;
	if (list != NULL && !json_is_array(list))
		FAULT(reading, "must be a list: put it in [ ], even if there is only one");
	json_array_foreach(list, i, name) {
		size_t inner = path_entry(&reading->check.path, i);
		check_part(reading, &passerelle__v1__person_name__descriptor, name);
		path_back(&reading->check.path, inner);
	}
	path_back(&reading->check.path, before);
}

static void check_value(struct reading *reading, json_t *object, const char *key, const char *field)
{
	json_t *value = json_object_get(object, key);
	size_t before = path_field(&reading->check.path, key);
	if (json_is_string(value))
		check_text(&reading->check, rule_find("Tracing", field), json_string_value(value));
	else if (value != NULL)
		FAULT(reading, "must be a text in \"quotes\"");
	path_back(&reading->check.path, before);
}

static void check_separation(struct reading *reading, json_t *person)
{
	json_t *separation = json_object_get(person, "separation");
	size_t before = path_field(&reading->check.path, "separation");
	if (separation != NULL && !json_is_object(separation))
		FAULT(reading, "must be an object {...}");
	check_value(reading, separation, "date", "separation_date");
	check_value(reading, separation, "cause", "separation_cause");
	json_t *place = json_object_get(separation, "place");
	size_t inner = path_field(&reading->check.path, "place");
	if (place != NULL) {
		json_t *holder = json_pack("{sO}", "present_place", place);
		complete_places(holder);
		check_part(reading, &passerelle__v1__place__descriptor, json_object_get(holder, "present_place"));
		json_decref(holder);
	}
	path_back(&reading->check.path, inner);
	path_back(&reading->check.path, before);
}

enum fail_code form_check_person(json_t *person, struct form_faults *faults, struct fail *why)
{
	struct form_memory memory;
	*faults = (struct form_faults){.count = 0};
	if (!json_is_object(person))
		return fail_set(why, FAIL_BAD_FORM, "a person must be an object {...}");
	form_memory_init(&memory);
	struct reading reading = {
		.check = {.faults = faults, .verb = verb_find("refer")}, .memory = &memory, .seen_persons = json_object(), .service = ""};
	void *message = message_new(&memory, &passerelle__v1__person__descriptor);
	json_t *whole = completed(person);
	complete_places(whole);
	if (message != NULL)
		read_message(&reading, &passerelle__v1__person__descriptor, whole, message, is_extra);
	check_names(&reading, person);
	check_parent(&reading, person, "mother");
	check_parent(&reading, person, "father");
	check_separation(&reading, person);
	bool refused = memory.refused;
	json_decref(whole);
	json_decref(reading.seen_persons);
	form_memory_release(&memory);
	if (faults->count > 0)
		return fail_set(why, FAIL_BAD_FORM, "%s: %s", faults->fault[0].path, faults->fault[0].text);
	return refused ? fail_set(why, FAIL_NO_MEMORY, "the form is too complex") : FAIL_NONE;
}
