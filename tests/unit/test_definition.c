// SPDX-License-Identifier: Apache-2.0
// links: passerelle_form
//
// Forms that are data: what is taken as a definition, and what a filled form owes to it.
#include "form/definition.h"
#include "form/fill.h"

#include "passerelle/v1/body.pb-c.h"

#include "form_try.h"

#define SCHOOL \
	"{\"id\":\"SCHOOL_REPORT\",\"version\":3,\"kind\":\"REPORT\",\"services\":[\"OTHER\"]," \
	"\"title\":{\"en\":\"School\",\"pt\":\"Escola\"},\"headings\":[" \
	"{\"id\":\"RISKS\",\"need\":\"MUST\",\"label\":{\"en\":\"Risks\",\"pt\":\"Riscos\"}}," \
	"{\"id\":\"CLASS\",\"need\":\"ASKED\",\"reasons\":[\"NR\",\"PENDING\"],\"only\":{\"stage\":[\"FINAL\"]}," \
	"\"label\":{\"en\":\"Class\",\"pt\":\"Turma\"}}," \
	"{\"id\":\"SINCE\",\"takes\":\"DATE\",\"label\":{\"en\":\"Since\",\"pt\":\"Desde\"}}," \
	"{\"id\":\"WELL\",\"takes\":\"CODE\",\"codes\":\"wellbeing\",\"label\":{\"en\":\"Well\",\"pt\":\"Bem\"}}," \
	"{\"id\":\"GOES\",\"takes\":\"YES_NO\",\"label\":{\"en\":\"Goes\",\"pt\":\"Vai\"}}," \
	"{\"id\":\"WHO\",\"takes\":\"PERSONS\",\"label\":{\"en\":\"Who\",\"pt\":\"Quem\"}}," \
	"{\"id\":\"SEEN\",\"need\":\"ASKED\",\"field\":\"visits\",\"label\":{\"en\":\"Visits\",\"pt\":\"Visitas\"}}]}"

#define FILLED \
	"{\"form\":\"SCHOOL_REPORT\",\"stage\":\"FINAL\",\"languages\":[\"pt\"],\"author\":{\"desk\":\"D\"}," \
	"\"visits\":[{\"date\":\"2027\"}],\"recommendation\":\"POSITIVE\"," \
	"\"sections\":[{\"heading\":\"RISKS\",\"text\":\"None.\"},{\"heading\":\"CLASS\",\"absent\":{\"text\":\"NR\"}}," \
	"{\"heading\":\"SINCE\",\"text\":\"\"},{\"heading\":\"WHO\",\"text\":\"C1, M1\"}]}"

static struct definitions *set_of(const char *const *texts)
{
	struct definitions *forms = calloc(1, sizeof *forms);
	struct form_faults faults = {.count = 0};
	struct fail why;
	for (; *texts != NULL; texts++) {
		struct definition form;
		if (definition_read(*texts, strlen(*texts), &form, &faults, &why) != FAIL_NONE)
			fail_msg("%s: %s", faults.fault[0].path, faults.fault[0].text);
		assert_true(definitions_add(forms, &form));
	}
	assert_ok(definitions_join(forms, &faults, &why));
	return forms;
}

static void drop(struct definitions *forms)
{
	definitions_release(forms);
	free(forms);
}

// Reads `json`, altered by up to two pairs of pointer and value, as the definition of a form.
static void assert_refused(const char *pointer, const char *value, const char *path, const char *says)
{
	struct definition form;
	struct form_faults faults;
	struct fail why;
	json_t *json = json_loads(SCHOOL, 0, NULL);
	put(json, pointer, value);
	char *text = json_dumps(json, 0);
	assert_int_equal(definition_read(text, strlen(text), &form, &faults, &why), FAIL_BAD_FORM);
	assert_null(form.json);
	for (size_t i = 0; i < faults.count; i++) {
		if (strcmp(faults.fault[i].path, path) == 0 && strstr(faults.fault[i].text, says) != NULL)
			path = NULL, i = faults.count - 1;
	}
	if (path != NULL)
		fail_msg("%s=%s: no fault at %s, but %s: %s", pointer, value, path, faults.fault[0].path, faults.fault[0].text);
	free(text);
	json_decref(json);
}

static void each_fault_of_a_definition_is_told_by_its_place(void **state)
{
	(void)state;
	static const char *const wrong[][4] = {
		{"id", "\"school\"", "id", "must be 1 to 40"},
		{"id", NULL, "id", "is missing"},
		{"version", "0", "version", "whole number"},
		{"kind", "\"CLOSE\"", "kind", "no kind of message"},
		{"services", "[]", "services", "must be a list"},
		{"services", "[\"HOME_STUDDY\"]", "services[0]", "did you mean 'HOME_STUDY'"},
		{"services", "[\"OTHER\",\"OTHER\"]", "services[1]", "used twice"},
		{"title", "{}", "title", "1 to 20 languages"},
		{"title", "{\"english\":3}", "title.english", "must be a text"},
		{"title", "{\"en\":\"A\",\"pt\":\"B\",\"fr\":\"C\"}", "headings[0].label.fr", "the title has this language"},
		{"title", "{\"en\":\" \",\"pt\":\"B\"}", "title.en", "is empty"},
		{"title", "{\"en\":\"a\\u001b[2J\",\"pt\":\"B\"}", "title.en", "control character"},
		{"title", "{\"en\":\"a\",\"../pt\":\"B\"}", "title.../pt", "language tag"},
		{"headings", "{}", "headings", "must be a list"},
		{"headings/0", "7", "headings[0]", "must be an object"},
		{"headings/1/id", "\"RISKS\"", "headings[1]", "used twice"},
		{"headings/0/need", "\"SHOULD\"", "headings[0].need", "MUST, ASKED, MAY"},
		{"headings/1/reasons", "[\"BECAUSE\"]", "headings[1].reasons[0]", "not a code of the list"},
		{"headings/0/reasons", "[\"NK\"]", "headings[0].reasons", "stands only beside"},
		{"headings/3/codes", NULL, "headings[3].takes", "needs \"codes\""},
		{"headings/3/codes", "\"weather\"", "headings[3].codes", "no code list"},
		{"headings/0/codes", "\"wellbeing\"", "headings[0].codes", "stands only beside"},
		{"headings/2/takes", "\"PICTURE\"", "headings[2].takes", "must be one of"},
		{"headings/1/only", "{\"stage\":[\"DRAFT\"]}", "headings[1].only.stage", "INTERIM, FINAL"},
		{"headings/1/only", "{\"urgency\":[\"PRIORITY\"]}", "headings[1].only.urgency", "is no condition"},
		{"headings/6/field", "\"visit\"", "headings[6].field", "no field of the message"},
		{"headings/6/field", "\"visits.date\"", "headings[6].field", "no field of the message"},
		{"headings/6/field", "\"sections\"", "headings[6].field", "no field of the message"},
		{"headings/6/field", "\"author.contact.emails.x\"", "headings[6].field", "no field of the message"},
		{"headings/6/of", "{\"role\":[\"CHILD\"]}", "headings[6].of", "begins with"},
		{"headings/0/label", NULL, "headings[0].label", "not known in 'pt'"},
		{"headings/1/label", NULL, "headings[1].label", "is missing"},
		{"hedings", "[]", "hedings", "did you mean \"headings\""},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_refused(wrong[i][0], wrong[i][1], wrong[i][2], wrong[i][3]);
}

static json_t *many(size_t count, bool languages)
{
	json_t *made = languages ? json_object() : json_array();
	for (size_t i = 0; i < count; i++) {
		char name[8];
		snprintf(name, sizeof name, languages ? "a%c%c" : "H%c%c", (int)((languages ? 'a' : 'A') + i / 26),
		         (int)((languages ? 'a' : 'A') + i % 26));
		if (languages)
			json_object_set_new(made, name, json_string("x"));
		else
			json_array_append_new(made, json_pack("{sss{ssss}}", "id", name, "label", "en", "x", "pt", "x"));
	}
	return made;
}

static void a_definition_has_caps(void **state)
{
	(void)state;
	static const struct {
		const char *key;
		size_t most;
		bool languages;
	} caps[] = {{"headings", MAX_HEADINGS, false}, {"help", MAX_WORDED - 2, true}};
	for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++) {
		for (size_t over = 0; over < 2; over++) {
			struct definition form;
			struct form_faults faults;
			json_t *json = json_loads(SCHOOL, 0, NULL), *value = many(caps[i].most + over, caps[i].languages);
			if (caps[i].languages)
				json_object_update(value, json_object_get(json, "title")); // they must be there
			json_object_set_new(json, caps[i].key, value);
			char *text = json_dumps(json, 0);
			assert_int_equal(definition_read(text, strlen(text), &form, &faults, NULL),
			                 over ? FAIL_BAD_FORM : FAIL_NONE);
			if (over)
				assert_string_equal(faults.fault[0].path, caps[i].key);
			else
				definition_release(&form);
			free(text);
			json_decref(json);
		}
	}
}

static void what_is_no_definition_at_all_is_refused(void **state)
{
	(void)state;
	static char large[MAX_DEFINITION + 2];
	static const char *const broken[] = {"", "[]", "{", "{\"id\":\"A\",\"id\":\"B\"}", "{\"id\":\"\xff\"}"};
	struct definition form;
	struct form_faults faults;
	memset(large, ' ', sizeof large - 1);
	assert_int_equal(definition_read(large, sizeof large - 1, &form, &faults, NULL), FAIL_TOO_LARGE);
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
		assert_int_not_equal(definition_read(broken[i], strlen(broken[i]), &form, &faults, NULL), FAIL_NONE);
}

static void words_come_in_the_readers_language_or_the_nearest(void **state)
{
	(void)state;
	json_t *texts = json_loads("{\"en\":\"School\",\"pt\":\"Escola\",\"pt-BR\":\"Colegio\"}", 0, NULL);
	assert_string_equal(definition_text(texts, "pt-BR"), "Colegio");
	assert_string_equal(definition_text(texts, "pt-AO"), "Escola");
	assert_string_equal(definition_text(texts, "pt"), "Escola");
	assert_string_equal(definition_text(texts, "fr"), "School");
	json_object_del(texts, "en");
	assert_non_null(definition_text(texts, "fr"));
	json_decref(texts);
	assert_null(definition_text(NULL, "fr"));
}

#define BASED \
	"{\"id\":\"LONGER\",\"version\":1,\"kind\":\"REPORT\",\"base\":\"SCHOOL_REPORT\",\"services\":[\"OTHER\"],\"title\":{\"en\":\"L\"}," \
	"\"headings\":[{\"id\":\"MORE\",\"label\":{\"en\":\"More\"}},{\"id\":\"CLASS\",\"need\":\"MAY\",\"label\":{\"en\":\"Form\"}}]}"

static void a_form_takes_the_headings_of_its_base_and_may_alter_them(void **state)
{
	(void)state;
	static const char *const ids[] = {"RISKS", "CLASS", "SINCE", "WELL", "GOES", "WHO", "SEEN", "MORE"};
	struct definitions *forms = set_of((const char *const[]){BASED, SCHOOL, NULL});
	const struct definition *longer = definition_find(forms, "LONGER");
	assert_int_equal(json_array_size(longer->headings), sizeof ids / sizeof ids[0]);
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		assert_string_equal(heading_id(json_array_get(longer->headings, i)), ids[i]);
	assert_string_equal(heading_label(heading_find(longer, "CLASS"), "en"), "Form");
	assert_string_equal(heading_label(heading_find(definition_find(forms, "SCHOOL_REPORT"), "CLASS"), "en"), "Class");
	assert_ptr_equal(definition_for(forms, KIND_REPORT, "OTHER"), longer); // the first one counts
	assert_null(definition_for(forms, KIND_REFERRAL, "OTHER"));
	drop(forms);
}

static void a_form_whose_base_is_not_there_is_taken_out_alone(void **state)
{
	(void)state;
	struct definitions forms = {.count = 0};
	struct definition form;
	struct form_faults faults;
	struct fail why;
	assert_ok(definition_read(BASED, strlen(BASED), &form, &faults, &why));
	assert_true(definitions_add(&forms, &form));
	assert_int_equal(definitions_join(&forms, &faults, &why), FAIL_BAD_FORM);
	assert_string_equal(faults.fault[0].path, "LONGER.base");
	assert_int_equal(forms.count, 0);
	assert_ok(definitions_join(&forms, &faults, &why));
}

static void one_id_counts_once(void **state)
{
	(void)state;
	struct definitions *forms = set_of((const char *const[]){SCHOOL, NULL});
	struct definition again;
	struct form_faults faults;
	assert_ok(definition_read(SCHOOL, strlen(SCHOOL), &again, &faults, NULL));
	assert_false(definitions_add(forms, &again));
	definition_release(&again);
	drop(forms);
}

// ---- filled forms ----

static void try_by(struct outcome *out, const struct definitions *forms, const char *language, json_t *form)
{
	struct form_by by = {forms, language};
	char *text = json_dumps(form, 0);
	*out = (struct outcome){.code = FAIL_NONE};
	arena_init(&out->arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&out->body, 4 * 1024 * 1024);
	json_t *persons = json_pack("{sbsb}", "C1", 1, "M1", 1);
	out->code = form_read_by(&by, "report", text, strlen(text), NULL, 0, persons, &out->arena, &out->header, &out->body,
	                         &out->faults, &out->why);
	json_decref(persons);
	free(text);
}

static void a_filled_form_travels_so_that_it_is_readable_without_its_definition(void **state)
{
	(void)state;
	struct definitions *forms = set_of((const char *const[]){SCHOOL, NULL});
	struct outcome out;
	json_t *form = json_loads(FILLED, 0, NULL), *back = NULL;
	try_by(&out, forms, "en", form);
	assert_no_fault(&out);
	Passerelle__V1__Body *body = passerelle__v1__body__unpack(NULL, out.body.length, out.body.data);
	assert_string_equal(body->report->form, "SCHOOL_REPORT");
	assert_int_equal(body->report->form_version, 3);
	assert_int_equal(body->report->completeness, 100);
	assert_int_equal(body->report->n_sections, 3); // SINCE was left as the template has it
	assert_string_equal(body->report->sections[0]->title, ""); // a usual heading: every program knows it
	assert_string_equal(body->report->sections[1]->title, "Turma");
	assert_string_equal(body->report->sections[2]->heading, "WHO");
	assert_string_equal(body->report->sections[2]->text, "C1, M1");
	passerelle__v1__body__free_unpacked(body, NULL);
	assert_ok(form_write(bytes_view(&out.body), &back, &out.why));
	json_t *routing = form_routing(&out.header), *counted = form_headings(forms, routing, back);
	assert_int_equal(json_integer_value(json_object_get(counted, "asked")), 3);
	assert_int_equal(json_integer_value(json_object_get(counted, "filled")), 2);
	assert_int_equal(json_integer_value(json_object_get(counted, "excused")), 1);
	assert_null(form_headings(NULL, routing, back));
	json_decref(routing);
	json_decref(counted);
	json_decref(back);
	json_decref(form);
	done(&out);
	drop(forms);
}

static void faults_name_the_heading_in_the_readers_language(void **state)
{
	(void)state;
	static const struct {
		const char *pointer, *value, *path, *says;
	} wrong[] = {
		{"sections/0/text", "\"\"", "sections[0].text", "Riscos (RISKS) is missing: fill it, no reason"},
		{"sections/0", "{\"heading\":\"RISKS\",\"absent\":{\"text\":\"NK\"}}", "sections[0].text", "Riscos (RISKS) cannot be left out with a reason"},
		{"sections/1/absent/text", "\"NK\"", "sections[1].text", "Turma (CLASS) cannot be left out for 'NK', only for: NR, PENDING"},
		{"sections/1/absent", "{}", "sections[1].text", "\"absent\": {\"text\": \"NR\"} (NR, PENDING)"},
		{"sections/1", "{}", "sections", "Turma (CLASS) is missing"},
		{"sections/2/text", "\"20X\"", "sections[2].text", "is not a date"},
		{"sections/2", "{\"heading\":\"WELL\",\"text\":\"GOD\"}", "sections[2].text", "did you mean 'GOOD'"},
		{"sections/2", "{\"heading\":\"GOES\",\"text\":\"yes\"}", "sections[2].text", "must be one of \"YES\", \"NO\""},
		{"sections/3/text", "\"C1, C9\"", "sections[3].text", "'C9' is nobody's pseudonym"},
		{"sections/3/heading", "\"WHOM\"", "sections[3].heading", "did you mean 'WHO'"},
		{"sections/3/heading", "\"WEATHER\"", "sections[3].heading", "passerelle forms SCHOOL_REPORT"},
		{"sections/3", "{\"heading\":\"RISKS\",\"text\":\"x\"}", "sections[3].heading", "used twice"},
		{"visits", "[]", "visits", "Visitas (SEEN) is missing"},
		{"form", "\"SCHOOL_REPROT\"", "form", "is not a form that is known here"},
		{"form_version", "3", "form_version", "filled in by the program"},
	};
	struct definitions *forms = set_of((const char *const[]){SCHOOL, NULL});
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct outcome out;
		json_t *form = json_loads(FILLED, 0, NULL);
		put(form, wrong[i].pointer, wrong[i].value);
		try_by(&out, forms, "pt-BR", form);
		assert_int_equal(out.code, FAIL_BAD_FORM);
		if (strcmp(out.faults.fault[0].path, wrong[i].path) != 0 ||
		    strstr(out.faults.fault[0].text, wrong[i].says) == NULL)
			fail_msg("%s: %s: %s", wrong[i].pointer, out.faults.fault[0].path, out.faults.fault[0].text);
		assert_int_equal(out.faults.count, 1); // told once, though two places look
		json_decref(form);
		done(&out);
	}
	drop(forms);
}

static void an_interim_report_owes_only_what_has_no_condition(void **state)
{
	(void)state;
	struct definitions *forms = set_of((const char *const[]){SCHOOL, NULL});
	struct outcome out;
	json_t *form = json_loads(FILLED, 0, NULL);
	put(form, "stage", "\"INTERIM\"");
	put(form, "sections/1/absent", "{}");
	try_by(&out, forms, "en", form);
	assert_no_fault(&out);
	json_decref(form);
	done(&out);
	drop(forms);
}

static void usual_headings_may_be_added_to_any_form(void **state)
{
	(void)state;
	struct definitions *forms = set_of((const char *const[]){SCHOOL, NULL});
	struct outcome out;
	json_t *form = json_loads(FILLED, 0, NULL);
	put(form, "sections/2", "{\"heading\":\"HEALTH\",\"text\":\"Well.\"}");
	put(form, "sections/3", "{\"heading\":\"OTHER\",\"title\":\"Weather\",\"text\":\"Fine.\"}");
	try_by(&out, forms, "en", form);
	assert_no_fault(&out);
	json_decref(form);
	done(&out);
	drop(forms);
}

#define ASKING \
	"{\"id\":\"ASKING\",\"version\":1,\"kind\":\"REFERRAL\",\"services\":[\"KINSHIP_ASSESS\"],\"title\":{\"en\":\"A\"},\"headings\":[" \
	"{\"id\":\"STATUS\",\"need\":\"ASKED\",\"reasons\":[\"NK\"],\"field\":\"persons[].family_status\",\"of\":{\"role\":[\"CHILD\"]},\"label\":{\"en\":\"Status\"}}," \
	"{\"id\":\"COURT\",\"need\":\"MUST\",\"field\":\"court\",\"only\":{\"requester_kind\":[\"COURT\"]},\"label\":{\"en\":\"Court\"}}," \
	"{\"id\":\"WORKER\",\"need\":\"MUST\",\"field\":\"narrative.for_worker\",\"label\":{\"en\":\"For the worker\"}}]}"

static void headings_that_are_fields_hold_for_whom_they_are_asked(void **state)
{
	(void)state;
	static const struct {
		const char *pointer, *value, *path;
	} cases[] = {
		{"form", "\"ASKING\"", NULL},
		{"persons/0/family_status", NULL, "persons[0].family_status"},
		{"persons/1/family_status", NULL, NULL}, // of a parent it is not asked
		{"court", NULL, "court"},
		{"narrative/for_worker", "\"\"", "narrative.for_worker"},
		{"service", "\"MEDIATION\"", "service"},
	};
	struct definitions *forms = set_of((const char *const[]){ASKING, NULL});
	struct form_by by = {forms, "en"};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct outcome out = {.code = FAIL_NONE};
		json_t *form = sample("referral-ch-sn.json");
		put(form, "form", "\"ASKING\"");
		put(form, "persons/1/family_status", "\"x\"");
		put(form, cases[i].pointer, cases[i].value);
		char *text = json_dumps(form, 0);
		arena_init(&out.arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
		bytes_init(&out.body, 4 * 1024 * 1024);
		out.code = form_read_by(&by, "refer", text, strlen(text), &order, 1, NULL, &out.arena, &out.header, &out.body,
		                        &out.faults, &out.why);
		if (cases[i].path == NULL)
			assert_no_fault(&out);
		else
			assert_string_equal(out.faults.fault[0].path, cases[i].path);
		free(text);
		json_decref(form);
		done(&out);
	}
	drop(forms);
}

static void a_template_has_the_headings_in_order_with_their_words(void **state)
{
	(void)state;
	struct definitions *forms = set_of((const char *const[]){SCHOOL, NULL});
	struct form_by by = {forms, "pt"};
	struct fail why;
	json_t *form = NULL, *section;
	size_t i;
	assert_ok(form_template_by(&by, "report", "OTHER", NULL, &form, &why));
	assert_string_equal(json_string_value(json_object_get(form, "form")), "SCHOOL_REPORT");
	assert_int_equal(json_array_size(json_object_get(form, "sections")), 6);
	json_array_foreach(json_object_get(form, "sections"), i, section)
		assert_string_equal(json_string_value(json_object_get(section, "heading")),
		                    heading_id(json_array_get(forms->list[0].headings, i)));
	assert_string_equal(json_string_value(json_object_get(form, "_help_visits")), "Visitas. MUST, or a reason in `absent`: NK, NR, WITHHELD, PENDING, NOT_ASKED. ");
	json_decref(form);
	assert_ok(form_template_by(&by, "report", "HOME_STUDY", NULL, &form, &why)); // none serves it: the ordinary one
	assert_null(json_object_get(json_object_get(form, "sections"), "form"));
	json_decref(form);
	assert_int_equal(form_template_by(&by, "report", NULL, "NONE", &form, &why), FAIL_BAD_USAGE);
	assert_int_equal(form_template_by(&by, "refer", NULL, "SCHOOL_REPORT", &form, &why), FAIL_BAD_USAGE);
	drop(forms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_of_a_definition_is_told_by_its_place),
		cmocka_unit_test(a_definition_has_caps),
		cmocka_unit_test(what_is_no_definition_at_all_is_refused),
		cmocka_unit_test(words_come_in_the_readers_language_or_the_nearest),
		cmocka_unit_test(a_form_takes_the_headings_of_its_base_and_may_alter_them),
		cmocka_unit_test(a_form_whose_base_is_not_there_is_taken_out_alone),
		cmocka_unit_test(one_id_counts_once),
		cmocka_unit_test(a_filled_form_travels_so_that_it_is_readable_without_its_definition),
		cmocka_unit_test(faults_name_the_heading_in_the_readers_language),
		cmocka_unit_test(an_interim_report_owes_only_what_has_no_condition),
		cmocka_unit_test(usual_headings_may_be_added_to_any_form),
		cmocka_unit_test(headings_that_are_fields_hold_for_whom_they_are_asked),
		cmocka_unit_test(a_template_has_the_headings_in_order_with_their_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
