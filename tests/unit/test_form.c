// SPDX-License-Identifier: Apache-2.0
// links: passerelle_form
//
// Forms: the story's samples, every kind of fault by its path, both directions, and
// every kind of fault by its path.
#include "form/form.h"
#include "form/rules.h"
#include "form/text.h"

#include "case/codes.h"
#include "passerelle/v1/body.pb-c.h"

#include "form_try.h"

static void assert_fault(const struct outcome *out, const char *path, const char *part)
{
	for (size_t i = 0; i < out->faults.count; i++) {
		if (strcmp(out->faults.fault[i].path, path) == 0 && strstr(out->faults.fault[i].text, part) != NULL)
			return;
	}
	for (size_t i = 0; i < out->faults.count; i++)
		print_error("  %s: %s\n", out->faults.fault[i].path, out->faults.fault[i].text);
	fail_msg("no fault '%s' at %s", part, path);
}

// What form_write should give back of a form: no routing fields, no help, nothing that says nothing.
static void strip(const struct verb_rule *verb, json_t *form)
{
	const char *key;
	void *next;
	json_t *value;
	json_object_foreach_safe(form, next, key, value) {
		if (strncmp(key, "_help", 5) == 0 || route_find(verb, key) != NULL)
			json_object_del(form, key);
	}
}

// ---- the table ----

static void every_field_of_the_schema_has_a_row_and_every_row_a_field(void **state)
{
	(void)state;
	size_t rows = 0;
	for (const struct field_rule *rule; (rule = rule_at(rows)) != NULL; rows++) {
		assert_ptr_equal(rule_find(rule->message, rule->field), rule);
		if (rule->list != NULL && code_list_find(rule->list) == NULL)
			fail_msg("%s.%s: no list %s", rule->message, rule->field, rule->list);
		if (rule->need != NEED_FILLED && strcmp(rule->message, "Absent") != 0 && strcmp(rule->field, "sex") != 0)
			assert_true(rule->help[0] != '\0');
	}
	assert_true(rows > 150);
}

static size_t count_fields(const ProtobufCMessageDescriptor *descriptor, const char **seen, size_t *seen_count)
{
	for (size_t i = 0; i < *seen_count; i++) {
		if (strcmp(seen[i], descriptor->short_name) == 0)
			return 0;
	}
	seen[(*seen_count)++] = descriptor->short_name;
	size_t count = 0;
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
		if (rule_find(descriptor->short_name, field->name) == NULL && strcmp(descriptor->short_name, "Body") != 0)
			fail_msg("no row for %s.%s", descriptor->short_name, field->name);
		count += strcmp(descriptor->short_name, "Body") != 0;
		if (field->type == PROTOBUF_C_TYPE_MESSAGE)
			count += count_fields(field->descriptor, seen, seen_count);
	}
	return count;
}

static void the_table_has_no_row_too_many(void **state)
{
	(void)state;
	const char *seen[96];
	size_t seen_count = 0, rows = 0;
	while (rule_at(rows) != NULL)
		rows++;
	assert_int_equal(count_fields(&passerelle__v1__body__descriptor, seen, &seen_count), rows);
}

static void every_code_list_of_a_routing_field_exists(void **state)
{
	(void)state;
	for (size_t i = 0; route_at(i) != NULL; i++) {
		if (route_at(i)->rule.list != NULL)
			assert_non_null(code_list_find(route_at(i)->rule.list));
	}
	for (size_t i = 0; partner_rule_at(i) != NULL; i++) {
		if (partner_rule_at(i)->list != NULL)
			assert_non_null(code_list_find(partner_rule_at(i)->list));
	}
	for (const char *const *heading = report_headings(); *heading != NULL; heading++)
		assert_true(code_known(code_list_find("report_heading"), *heading));
}

// ---- the story ----

static const struct {
	const char *verb, *file;
	const struct form_attachment *attachment;
} story[] = {
	{"refer", "referral-ch-sn.json", &order}, {"refer", "referral-nz-sn.json", NULL}, {"ask", "question.json", NULL},
	{"answer", "answer.json", NULL},          {"accept", "accept.json", NULL},        {"report", "report-interim.json", NULL},
	{"report", "report-final.json", &house},  {"close", "close.json", NULL},
};

static void samples_become_bodies_and_come_back_equal(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(story) / sizeof(story[0]); i++) {
		struct outcome out;
		json_t *form = sample(story[i].file), *back = NULL;
		try_json(&out, story[i].verb, form, story[i].attachment);
		assert_no_fault(&out);
		assert_int_equal(out.header.kind, verb_find(story[i].verb)->kind);
		assert_ok(form_write(bytes_view(&out.body), &back, &out.why));
		strip(verb_find(story[i].verb), form);
		json_t *attachment = json_array_get(json_object_get(back, "attachments"), 0);
		json_object_del(attachment, "media_type"); // the program knows these, no form says them
		json_object_del(attachment, "size");
		json_object_del(back, "completeness");
		if (strcmp(story[i].file, "report-interim.json") == 0)
			json_object_set_new(form, "kind", json_string("INTERIM"));
		if (!json_equal(form, back)) {
			char *left = json_dumps(form, JSON_SORT_KEYS), *right = json_dumps(back, JSON_SORT_KEYS);
			print_error("%s\n%s\n", left, right);
			fail_msg("%s differs", story[i].file);
		}
		json_decref(back);
		json_decref(form);
		done(&out);
	}
}

// "filled" of "asked" of a form that is right; both 0 if it asks for nothing.
static void assert_counted(const char *verb, json_t *form, int asked, int filled)
{
	struct outcome out;
	json_t *content = NULL;
	try_json(&out, verb, form, NULL);
	assert_no_fault(&out);
	assert_ok(form_write(bytes_view(&out.body), &content, &out.why));
	json_t *counted = form_completeness(out.header.kind, content);
	assert_int_equal(json_integer_value(json_object_get(counted, "asked")), asked);
	assert_int_equal(json_integer_value(json_object_get(counted, "filled")), filled);
	json_decref(counted);
	json_decref(content);
	done(&out);
}

static void a_reason_instead_of_a_value_is_counted_as_not_filled(void **state)
{
	(void)state;
	json_t *none = json_object();
	json_t *form = json_pack("{s[{s{ss}ss}]}", "answers", "absent", "text", "PENDING", "question", "q1");
	assert_counted("answer", form, 1, 0);
	json_t *answer = json_array_get(json_object_get(form, "answers"), 0);
	json_object_del(answer, "absent");
	json_object_set_new(answer, "text", json_string("Yes."));
	assert_counted("answer", form, 1, 1);
	assert_counted("ack", none, 0, 0);
	json_decref(form);
	json_decref(none);
}

static void routing_fields_go_to_the_header(void **state)
{
	(void)state;
	struct outcome out;
	json_t *form = sample("referral-ch-sn.json");
	try_json(&out, "refer", form, &order);
	assert_no_fault(&out);
	assert_string_equal(out.header.service, "KINSHIP_ASSESS");
	assert_string_equal(out.header.urgency, "PRIORITY");
	assert_string_equal(out.header.legal_basis, "UNCRC_COOP");
	assert_string_equal(out.header.requester_kind, "COURT");
	assert_string_equal(out.header.due, "2027-03-15");
	assert_int_equal(out.header.language_count, 1);
	assert_string_equal(out.header.language[0], "fr");
	assert_int_equal(out.header.party_count, 1);
	assert_string_equal(out.header.party[0].agency, "UNICEF-SN");
	assert_string_equal(out.header.party[0].until, "2027-12-31");
	json_decref(form);
	done(&out);
	form = sample("report-final.json");
	try_json(&out, "report", form, &house);
	assert_no_fault(&out);
	assert_int_equal(out.header.report, REPORT_FINAL);
	json_decref(form);
	done(&out);
	form = sample("question.json");
	try_json(&out, "ask", form, NULL);
	assert_true(out.header.blocking);
	json_decref(form);
	done(&out);
}

static void attachments_are_named_in_the_body(void **state)
{
	(void)state;
	struct outcome out;
	struct form_attachment found[4];
	size_t count = 4;
	json_t *form = sample("referral-ch-sn.json");
	try_json(&out, "refer", form, &order);
	assert_ok(form_attachments(bytes_view(&out.body), &out.arena, found, &count, &out.why));
	assert_int_equal(count, 1);
	assert_string_equal(found[0].name, "court-order.pdf");
	assert_string_equal(found[0].media_type, "application/pdf");
	assert_int_equal(found[0].size, 8961);
	count = 0;
	assert_int_equal(form_attachments(bytes_view(&out.body), &out.arena, found, &count, &out.why), FAIL_TOO_LARGE);
	json_decref(form);
	done(&out);
}

static void a_verb_without_need_of_a_form_takes_none(void **state)
{
	(void)state;
	struct outcome out;
	json_t *back = NULL;
	try_bytes(&out, "ack", NULL, 0, NULL);
	assert_no_fault(&out);
	assert_true(out.body.length > 0);
	assert_ok(form_write(bytes_view(&out.body), &back, &out.why));
	assert_int_equal(json_object_size(back), 0);
	json_decref(back);
	done(&out);
}

// ---- faults, each by its path ----

struct wrong {
	const char *pointer;  // "persons/0/birth"
	const char *value;    // JSON text; NULL: taken out
	const char *path;
	const char *part;
};

static const struct wrong referral_faults[] = {
	{"persons/0/birth", "\"2009-13\"", "persons[0].birth", "is not a date: "},
	{"persons/0/birth", NULL, "persons[0].birth", "is missing"},
	{"persons/0/birth", "\"\"", "persons[0].birth", "\"absent\": {\"birth\": \"NK\"}"},
	{"persons/0/absent", "{\"birth\": \"NK\"}", "persons[0].birth", "also a reason"},
	{"persons/0/absent", "{\"brith\": \"NK\"}", "persons[0].absent.brith", "did you mean \"birth\"?"},
	{"persons/0/absent", "{\"pseudonym\": \"NK\"}", "persons[0].absent.pseudonym", "cannot be left out"},
	{"persons/1/absent", "{\"informed\": \"DUNNO\"}", "persons[1].absent.informed", "NK (not known)"},
	{"persons/0/absent", "\"NK\"", "persons[0].absent", "must be an object"},
	{"persons/0/brith", "\"2009\"", "persons[0].brith", "did you mean \"birth\"?"},
	{"persons/0/zzzzzz", "1", "persons[0].zzzzzz", "is not known here"},
	{"persons/0/role", "\"CHLD\"", "persons[0].role", "did you mean 'CHILD'?"},
	{"persons/0/role", "7", "persons[0].role", "must be a text"},
	{"persons/0/names", "\"Aicha\"", "persons[0].names", "must be a list"},
	{"persons/0/names/1/full", "\"Ai\\u001b[31mcha\"", "persons[0].names[1].full", "control character (code 27)"},
	{"persons/0/names/1/full", "\"Ai\\u0085cha\"", "persons[0].names[1].full", "control character (code 133)"},
	{"persons/0/names/1/full", "\"Ai\\ncha\"", "persons[0].names[1].full", "one line"},
	{"persons/0/names/2/script", "\"arab\"", "persons[0].names[2].script", "ISO 15924"},
	{"persons/0/names/2/language", "\"arabic language\"", "persons[0].names[2].language", "language tag"},
	{"persons/0/nationalities/1", "\"SEN\"", "persons[0].nationalities[1]", "two capital letters"},
	{"persons/0/nationalities/1", "\"OTHER\"", "persons[0].nationalities[1]", "two capital letters"},
	{"persons/0/nationalities/1", "\"\"", "persons[0].nationalities[1]", "is empty"},
	{"persons/0/informed", "true", "persons[0].informed", "must be one of \"YES\", \"NO\""},
	{"persons/0/pseudonym", "\"Aicha K.\"", "persons[0].pseudonym", "letters A-Z a-z, digits or hyphens"},
	{"persons/1/pseudonym", "\"C1\"", "persons[1].pseudonym", "used twice"},
	{"persons/3/contact/phones/0", "\"call me\"", "persons[3].contact.phones[0]", "country code"},
	{"requester/contact/emails/0", "\"greffe\"", "requester.contact.emails[0]", "desk@example.org"},
	{"requester", "\"court\"", "requester", "must be an object"},
	{"relations/0/to", "\"F9\"", "relations[0].to", "nobody's pseudonym"},
	{"relations/0/to", "\"C1\"", "relations[0]", "the same person"},
	{"relations/0/basis", "\"BLOOD\"", "relations[0].basis", "\"LEGAL\", \"BIOLOGICAL\""},
	{"items/0/service", "\"HOME_STUDY\"", "items[0].service", "the form's service is 'KINSHIP_ASSESS'"},
	{"items/0/wanted_by", "\"2027-02\"", "items[0].wanted_by", "is not a day"},
	{"items/0/questions/1/id", "\"Q1\"", "items[0].questions[1].id", "used twice"},
	{"items", "[]", "items", "is missing"},
	{"service", "\"KINSHIP_ASSES\"", "service", "did you mean 'KINSHIP_ASSESS'?"},
	{"service", NULL, "service", "is missing"},
	{"urgency", "3", "urgency", "must be a text"},
	{"urgncy", "\"STANDARD\"", "urgncy", "did you mean \"urgency\"?"},
	{"due", "\"15.3.2027\"", "due", "is not a day"},
	{"stage", "\"FINAL\"", "stage", "is not known here"},
	{"languages", "\"fr\"", "languages", "must be a list"},
	{"languages", "[]", "languages", "is missing"},
	{"partners/0/agency", "\"unicef\"", "partners[0].agency", "A-Z 0-9"},
	{"partners/0/agncy", "\"X\"", "partners[0].agncy", "did you mean \"agency\"?"},
	{"partners/0/purpose", "\"\"", "partners[0].purpose", "is missing"},
	{"partners", "[{\"agency\":\"A\",\"purpose\":\"FUNDING\"},{\"agency\":\"A\",\"purpose\":\"FUNDING\"}]", "partners[1]", "twice"},
	{"attachments/0/name", "\"other.pdf\"", "attachments[0].name", "--attach"},
	{"attachments/0/size", "5", "attachments[0].size", "filled in by the program"},
	{"attachments/0/document_type", "\"COURT\"", "attachments[0].document_type", "not a code of the list"},
	{"attachments", "{}", NULL, NULL},
	{"consents/1/document", "\"scan.pdf\"", "consents[1].document", "is not attached"},
	{"consents", NULL, "consents", "is missing"},
	{"court/served", "\"YES\"", "court.served", "also a reason"},
};

static void each_fault_of_a_referral_is_named_by_its_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(referral_faults) / sizeof(referral_faults[0]); i++) {
		const struct wrong *wrong = &referral_faults[i];
		struct outcome out;
		json_t *form = sample("referral-ch-sn.json");
		put(form, wrong->pointer, wrong->value);
		try_json(&out, "refer", form, &order);
		if (wrong->path != NULL) {
			assert_int_equal(out.code, FAIL_BAD_FORM);
			assert_int_equal(out.body.length, 0);
			assert_fault(&out, wrong->path, wrong->part);
			bool spreads = strstr(wrong->path, "pseudonym") != NULL; // whoever points there is wrong too
			if (out.faults.count != 1 && !spreads)
				fail_msg("%s: %s: %s", wrong->pointer, out.faults.fault[1].path, out.faults.fault[1].text);
		} else {
			assert_no_fault(&out);
		}
		json_decref(form);
		done(&out);
	}
}

static void other_forms_have_their_own_rules(void **state)
{
	(void)state;
	static const struct {
		const char *verb, *json, *path, *part;
	} cases[] = {
		{"accept", "{}", "due", "is missing"},
		{"accept", "{\"due\": \"2027-02-30\"}", "due", "is not a day"},
		{"decline", "{\"reason\": \"NO_CONSENT\", \"due\": \"2027-01-01\"}", "due", "is not known here"},
		{"decline", "{\"reason\": \"NO_CONCENT\"}", "reason", "did you mean 'NO_CONSENT'?"},
		{"withdraw", "{\"reason\": \"NO_CONSENT\"}", "reason", "is not a"},
		{"ask", "{\"questions\": []}", "questions", "is missing"},
		{"ask", "{\"questions\": [{\"text\": \"x\"}]}", "questions[0].id", "is missing"},
		{"ask", "{\"questions\": [{\"id\": \"1\", \"text\": \"x\"}], \"blocking\": \"yes\"}", "blocking", "true or false"},
		{"answer", "{\"answers\": [{\"question\": \"Q1\"}]}", "answers[0].text", "say why not"},
		{"report", "{\"stage\": \"LAST\"}", "stage", "INTERIM or FINAL"},
		{"close", "{\"outcome\": \"KINSHIP_PLACED\", \"effort\": 6}", "effort", "from 0 to 5"},
		{"close", "{\"outcome\": \"KINSHIP_PLACED\", \"effort\": -1}", "effort", "from 0 to 5"},
		{"close", "{\"outcome\": \"KINSHIP_PLACED\", \"effort\": 2.5}", "effort", "from 0 to 5"},
		{"close", "{\"outcome\": \"KINSHIP_PLACED\", \"effort\": \"five\"}", "effort", "from 0 to 5"},
		{"close", "[]", "form", "must be an object"},
		{"note", "{}", "text", "is missing"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outcome out;
		try_bytes(&out, cases[i].verb, cases[i].json, strlen(cases[i].json), NULL);
		assert_int_equal(out.code, FAIL_BAD_FORM);
		assert_fault(&out, cases[i].path, cases[i].part);
		done(&out);
	}
}

static void a_final_report_needs_a_recommendation_or_a_reason(void **state)
{
	(void)state;
	struct outcome out;
	json_t *form = sample("report-final.json");
	json_object_del(form, "recommendation");
	try_json(&out, "report", form, &house);
	assert_fault(&out, "recommendation", "is missing");
	done(&out);
	json_object_set_new(form, "absent", json_pack("{ss}", "recommendation", "NR"));
	try_json(&out, "report", form, &house);
	assert_no_fault(&out);
	done(&out);
	json_object_set_new(form, "kind", json_string("INTERIM"));
	try_json(&out, "report", form, &house);
	assert_fault(&out, "kind", "but `stage` is 'FINAL'");
	done(&out);
	json_decref(form);
}

static void a_search_needs_to_say_whom_and_since_when(void **state)
{
	(void)state;
	struct outcome out;
	json_t *form = sample("referral-nz-sn.json");
	json_object_del(form, "tracing");
	try_json(&out, "refer", form, NULL);
	assert_fault(&out, "tracing", "is missing");
	done(&out);
	json_decref(form);
	form = sample("referral-nz-sn.json");
	json_t *tracing = json_object_get(form, "tracing");
	char message[1200];
	memset(message, 'x', 1001);
	message[1001] = '\0';
	json_object_set_new(tracing, "message_for_sought", json_string(message));
	try_json(&out, "refer", form, NULL);
	assert_fault(&out, "tracing.message_for_sought", "1001 characters, at most 1000");
	done(&out);
	json_decref(form);
}

static void all_faults_are_told_at_once_and_beyond_64_counted(void **state)
{
	(void)state;
	struct outcome out;
	json_t *form = sample("referral-ch-sn.json");
	put(form, "urgency", "\"SOON\"");
	put(form, "persons/2/birth", "\"89\"");
	put(form, "narrative/history", NULL);
	try_json(&out, "refer", form, &order);
	assert_int_equal(out.faults.count, 3);
	assert_string_equal(out.why.text, "3 faults in the form, the first at urgency");
	done(&out);
	for (int i = 0; i < 100; i++) {
		char key[32];
		snprintf(key, sizeof(key), "quite-unknown-%d", i);
		json_object_set_new(form, key, json_true());
	}
	try_json(&out, "refer", form, &order);
	assert_int_equal(out.faults.count, 64);
	assert_string_equal(out.faults.fault[63].text, "and 40 more faults");
	assert_string_equal(out.why.text, "103 faults in the form, the first at urgency");
	done(&out);
	json_decref(form);
}

static void broken_json_is_told_with_line_and_column(void **state)
{
	(void)state;
	static const struct {
		const char *json, *place;
	} cases[] = {
		{"{\n  \"due\": \"2027-01-01\",\n}", "line 3, column 1"},
		{"{\"due\": \"2027-01-01\"", "line 1, column 20"},
		{"{\"due\": \"a\", \"due\": \"b\"}", "line 1"},
		{"{\"text\": \"a\\u0000b\"}", "line 1"},
		{"", "line 1"},
		{"{} trailing", "line 1"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outcome out;
		try_bytes(&out, "accept", cases[i].json, strlen(cases[i].json), NULL);
		assert_int_equal(out.code, FAIL_BAD_FORM);
		assert_fault(&out, "form", cases[i].place);
		done(&out);
	}
}

static void text_that_is_no_utf8_is_told_with_its_byte(void **state)
{
	(void)state;
	static const char latin1[] = "{\n\"text\": \"Caf\xE9\"}";
	struct outcome out;
	try_bytes(&out, "note", latin1, sizeof(latin1) - 1, NULL);
	assert_int_equal(out.code, FAIL_BAD_TEXT);
	assert_string_equal(out.why.text, "byte 15 (line 2) is not valid UTF-8");
	done(&out);
	static const char marked[] = "\xEF\xBB\xBF{\"text\": \"Caf\xC3\xA9\"}";
	try_bytes(&out, "note", marked, sizeof(marked) - 1, NULL);
	assert_no_fault(&out);
	done(&out);
}

static void limits_hold(void **state)
{
	(void)state;
	struct outcome out;
	char *large = malloc(MAX_FORM + 1);
	memset(large, ' ', MAX_FORM + 1);
	large[0] = '{';
	large[MAX_FORM - 1] = '}';
	try_bytes(&out, "ack", large, MAX_FORM, NULL);
	assert_no_fault(&out);
	done(&out);
	try_bytes(&out, "ack", large, MAX_FORM + 1, NULL);
	assert_int_equal(out.code, FAIL_TOO_LARGE);
	done(&out);
	memset(large, '[', 100000);
	try_bytes(&out, "ack", large, 100000, NULL);
	assert_int_equal(out.code, FAIL_BAD_FORM);
	done(&out);
	free(large);
	json_t *form = sample("referral-ch-sn.json");
	json_t *persons = json_object_get(form, "persons");
	while (json_array_size(persons) < 65)
		json_array_append(persons, json_array_get(persons, 1));
	try_json(&out, "refer", form, &order);
	assert_fault(&out, "persons", "65 entries, at most 64");
	done(&out);
	json_decref(form);
}

static void an_unknown_verb_is_bad_usage(void **state)
{
	(void)state;
	struct outcome out;
	try_bytes(&out, "refuse", "{}", 2, NULL);
	assert_int_equal(out.code, FAIL_BAD_USAGE);
	assert_non_null(strstr(out.why.text, "refer, ack, ask"));
	done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_of_the_schema_has_a_row_and_every_row_a_field),
		cmocka_unit_test(the_table_has_no_row_too_many),
		cmocka_unit_test(every_code_list_of_a_routing_field_exists),
		cmocka_unit_test(samples_become_bodies_and_come_back_equal),
		cmocka_unit_test(a_reason_instead_of_a_value_is_counted_as_not_filled),
		cmocka_unit_test(routing_fields_go_to_the_header),
		cmocka_unit_test(attachments_are_named_in_the_body),
		cmocka_unit_test(a_verb_without_need_of_a_form_takes_none),
		cmocka_unit_test(each_fault_of_a_referral_is_named_by_its_path),
		cmocka_unit_test(other_forms_have_their_own_rules),
		cmocka_unit_test(a_final_report_needs_a_recommendation_or_a_reason),
		cmocka_unit_test(a_search_needs_to_say_whom_and_since_when),
		cmocka_unit_test(all_faults_are_told_at_once_and_beyond_64_counted),
		cmocka_unit_test(broken_json_is_told_with_line_and_column),
		cmocka_unit_test(text_that_is_no_utf8_is_told_with_its_byte),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(an_unknown_verb_is_bad_usage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
