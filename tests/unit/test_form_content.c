// SPDX-License-Identifier: Apache-2.0
// links: passerelle_form
//
// Templates and previews of forms, and content from peers that are newer or hostile.
#include "form/rules.h"

#include "passerelle/v1/body.pb-c.h"

#include "form_try.h"

// ---- templates ----

static json_t *template_of(const char *verb, const char *service)
{
	json_t *form = NULL;
	struct fail why;
	assert_ok(form_template(verb, service, &form, &why));
	return form;
}

static void empty_templates_lack_only_what_must_be_filled(void **state)
{
	(void)state;
	for (size_t i = 0; verb_at(i) != NULL; i++) {
		struct outcome out;
		json_t *form = template_of(verb_at(i)->verb, strcmp(verb_at(i)->verb, "refer") == 0 ? "HOME_STUDY" : NULL);
		try_json(&out, verb_at(i)->verb, form, NULL);
		for (size_t j = 0; j < out.faults.count; j++)
			assert_non_null(strstr(out.faults.fault[j].text, "is missing"));
		json_decref(form);
		done(&out);
	}
}

static void a_template_with_its_mandatory_fields_filled_is_a_right_form(void **state)
{
	(void)state;
	struct outcome out;
	json_t *form = template_of("refer", "HOME_STUDY");
	static const char *const fill[][2] = {
		{"urgency", "\"STANDARD\""}, {"legal_basis", "\"UNCRC_COOP\""}, {"requester_kind", "\"COURT\""}, {"languages", "[\"en\"]"},
		{"requester/country", "\"CH\""}, {"requester/authority", "\"Court\""}, {"items/0/persons", "[\"C1\"]"},
		{"items/0/absent/questions", "\"NR\""}, {"persons/0/pseudonym", "\"C1\""}, {"persons/0/role", "\"CHILD\""},
		{"persons/0/names/0/full", "\"X\""}, {"persons/0/absent",
		 "{\"sex\":\"NK\",\"birth\":\"NK\",\"nationalities\":\"NK\",\"present_place\":\"NK\",\"informed\":\"NK\"}"},
		{"narrative/absent", "{\"history\":\"NK\",\"present_situation\":\"NK\",\"wishes\":\"NK\",\"services_involved\":\"NK\"}"},
		{"absent", "{\"consents\":\"PENDING\",\"informed_abroad\":\"NK\",\"languages_abroad\":\"NK\"}"},
	};
	for (size_t i = 0; i < sizeof(fill) / sizeof(fill[0]); i++)
		put(form, fill[i][0], fill[i][1]);
	try_json(&out, "refer", form, NULL);
	assert_no_fault(&out);
	assert_string_equal(out.header.service, "HOME_STUDY");
	json_decref(form);
	done(&out);
}

static void templates_show_tracing_only_where_it_is_used(void **state)
{
	(void)state;
	json_t *search = template_of("refer", "FAMILY_TRACING"), *study = template_of("refer", "HOME_STUDY");
	assert_non_null(json_object_get(search, "tracing"));
	assert_null(json_object_get(study, "tracing"));
	json_decref(search);
	json_decref(study);
	json_t *none = NULL;
	struct fail why;
	assert_int_equal(form_template("refer", "HOME_STUDDY", &none, &why), FAIL_BAD_FORM);
	assert_non_null(strstr(why.text, "did you mean 'HOME_STUDY'?"));
	assert_int_equal(form_template("refer", "BUY_HOUSE_NOW", &none, &why), FAIL_BAD_FORM);
	assert_non_null(strstr(why.text, "SOCIAL_REPORT"));
	assert_int_equal(form_template("sing", NULL, &none, &why), FAIL_BAD_USAGE);
}

// ---- content from others ----

static void what_a_newer_peer_says_is_kept(void **state)
{
	(void)state;
	Passerelle__V1__Close close;
	Passerelle__V1__Body body = PASSERELLE__V1__BODY__INIT;
	static char outcome[] = "MOVED_TO_THE_MOON";
	uint8_t packed[200];
	struct fail why;
	json_t *json = NULL;
	passerelle__v1__close__init(&close);
	close.outcome = outcome;
	close.follow_up_wanted = (Passerelle__V1__YesNo)7;
	body.content_case = PASSERELLE__V1__BODY__CONTENT_CLOSE;
	body.close = &close;
	size_t length = passerelle__v1__body__pack(&body, packed);
	static const uint8_t unknown[] = {0x82, 0x7D, 0x01, 'x'}; // field 2000, one byte
	memcpy(packed + length, unknown, sizeof(unknown));
	assert_ok(form_write(view_of(packed, length + sizeof(unknown)), &json, &why));
	assert_string_equal(json_string_value(json_object_get(json, "outcome")), "MOVED_TO_THE_MOON");
	assert_string_equal(json_string_value(json_object_get(json, "follow_up_wanted")), "7");
	assert_int_equal(json_integer_value(json_object_get(json, "_unknown_fields")), 1);
	json_decref(json);
}

static void text_of_others_that_is_no_utf8_is_refused(void **state)
{
	(void)state;
	Passerelle__V1__StatusNote note;
	Passerelle__V1__Body body = PASSERELLE__V1__BODY__INIT;
	static char text[] = "\xC3\x28";
	uint8_t packed[200];
	struct fail why;
	json_t *json = NULL;
	passerelle__v1__status_note__init(&note);
	note.text = text;
	body.content_case = PASSERELLE__V1__BODY__CONTENT_STATUS_NOTE;
	body.status_note = &note;
	size_t length = passerelle__v1__body__pack(&body, packed);
	assert_int_equal(form_write(view_of(packed, length), &json, &why), FAIL_MALFORMED);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void look_at(const uint8_t *data, size_t length)
{
	struct fail why;
	struct arena arena;
	struct form_attachment found[49];
	size_t count = 49;
	json_t *json = NULL;
	if (form_write(view_of(data, length), &json, &why) == FAIL_NONE)
		json_decref(json);
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	(void)!form_attachments(view_of(data, length), &arena, found, &count, &why);
	arena_release(&arena);
}

static void hostile_content_does_no_harm(void **state)
{
	(void)state;
	struct outcome out;
	uint32_t seed = 20261123;
	uint8_t noise[256];
	json_t *form = sample("referral-ch-sn.json");
	try_json(&out, "refer", form, &order);
	assert_no_fault(&out);
	for (unsigned round = 0; round < 3000; round++) {
		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = (uint8_t)next_random(&seed);
		look_at(noise, next_random(&seed) % sizeof(noise));
	}
	for (size_t cut = 0; cut < out.body.length; cut += 7)
		look_at(out.body.data, cut);
	for (unsigned round = 0; round < 3000; round++) {
		uint8_t *byte = &out.body.data[next_random(&seed) % out.body.length];
		uint8_t kept = *byte;
		*byte = (uint8_t)next_random(&seed);
		look_at(out.body.data, out.body.length);
		*byte = kept;
	}
	json_decref(form);
	done(&out);
}

// Two bytes of input for each empty person would otherwise become 300 bytes of memory each.
static void content_that_would_blow_up_is_refused(void **state)
{
	(void)state;
	enum { PERSONS = 200000, INNER = 2 * PERSONS };
	uint8_t *bomb = malloc(INNER + 8);
	struct fail why;
	json_t *json = NULL;
	bomb[0] = 0x12; // Body.referral
	bomb[1] = (uint8_t)(INNER | 0x80);
	bomb[2] = (uint8_t)(INNER >> 7 | 0x80);
	bomb[3] = (uint8_t)(INNER >> 14);
	for (size_t i = 0; i < PERSONS; i++) {
		bomb[4 + 2 * i] = 0x1A; // Referral.persons
		bomb[5 + 2 * i] = 0;
	}
	assert_int_equal(form_write(view_of(bomb, INNER + 4), &json, &why), FAIL_TOO_LARGE);
	free(bomb);
}

// ---- who reads what ----

static const char *readers_of(json_t *list, const char *path, const char **class)
{
	size_t i;
	json_t *item;
	json_array_foreach(list, i, item) {
		if (strcmp(json_string_value(json_object_get(item, "path")), path) != 0)
			continue;
		*class = json_string_value(json_object_get(item, "class"));
		return json_string_value(json_object_get(item, "readers"));
	}
	return NULL;
}

static void a_preview_tells_the_hub_apart_from_the_branches(void **state)
{
	(void)state;
	struct fail why;
	const char *class = "";
	json_t *form = sample("referral-ch-sn.json"), *list = NULL;
	char *text = json_dumps(form, 0);
	assert_ok(form_preview("refer", text, strlen(text), &list, &why));
	assert_non_null(strstr(readers_of(list, "service", &class), "the hub"));
	assert_string_equal(class, "R");
	assert_null(strstr(readers_of(list, "persons[0].names", &class), "the hub"));
	assert_string_equal(class, "I");
	assert_null(strstr(readers_of(list, "narrative.history", &class), "the hub"));
	assert_string_equal(class, "S");
	assert_null(readers_of(list, "tracing", &class));
	json_decref(list);
	json_decref(form);
	free(text);
}

// The comments of body.proto are the contract; the table must say the same.
static void privacy_classes_are_those_of_the_schema(void **state)
{
	(void)state;
	char line[400], message[64] = "", field[64];
	unsigned compared = 0;
	FILE *schema = fopen(SOURCE_ROOT "/proto/passerelle/v1/body.proto", "r");
	assert_non_null(schema);
	while (fgets(line, sizeof(line), schema) != NULL) {
		const char *class = strstr(line, "// class "), *number = strstr(line, " = ");
		if (sscanf(line, "message %63[A-Za-z]", message) == 1 || class == NULL || number == NULL ||
		    strncmp(line, "  ", 2) != 0)
			continue;
		const char *name = number;
		while (name[-1] != ' ')
			name--;
		snprintf(field, sizeof(field), "%.*s", (int)(number - name), name);
		const struct field_rule *rule = rule_find(message, field);
		if (rule == NULL || rule->class != class[strlen("// class ")])
			fail_msg("%s.%s: the schema says class %c", message, field, class[strlen("// class ")]);
		compared++;
	}
	fclose(schema);
	assert_true(compared > 120);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_templates_lack_only_what_must_be_filled),
		cmocka_unit_test(a_template_with_its_mandatory_fields_filled_is_a_right_form),
		cmocka_unit_test(templates_show_tracing_only_where_it_is_used),
		cmocka_unit_test(what_a_newer_peer_says_is_kept),
		cmocka_unit_test(text_of_others_that_is_no_utf8_is_refused),
		cmocka_unit_test(hostile_content_does_no_harm),
		cmocka_unit_test(content_that_would_blow_up_is_refused),
		cmocka_unit_test(a_preview_tells_the_hub_apart_from_the_branches),
		cmocka_unit_test(privacy_classes_are_those_of_the_schema),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
