// SPDX-License-Identifier: Apache-2.0
// links: passerelle_form passerelle_seal
//
// The Body of STATISTICS: its size tells nothing, what goes along is what consent covers, and what comes is checked.
#include "test.h"

#include "form/statistics.h"
#include "seal/content.h"

#include "passerelle/v1/body.pb-c.h"

static json_t *person(unsigned number, bool consent)
{
	char digits[STATISTICS_NUMBER + 1];
	snprintf(digits, sizeof digits, "%032x", number);
	return json_pack("{ss,si,sb,ss,ss,ss,ss,ss,ss,s[s],s[{si,ss,ss}],ss}", "number", digits, "year", 2026, "consent",
	                 consent, "role", "CHILD", "age_band", "AGE_5_9", "sex", "F", "service", "KINSHIP_ASSESS",
	                 "country", "CH", "outcome", "REUNIFIED", "special_needs", "HEARING", "follow_ups", "months", 12,
	                 "wellbeing", "GOOD", "still_in_family", "YES", "reference", "CH-SN-7QK2-M9FD");
}

static json_t *persons_of(size_t count, bool consent)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, person((unsigned)i, consent));
	return list;
}

static size_t pack(const json_t *persons, size_t first, const json_t *tallies, struct bytes *body)
{
	struct fail why;
	size_t took = 0;
	bytes_init(body, CONTENT_BODY_CAP);
	assert_ok(statistics_pack("2026-11", persons, first, tallies, &took, body, &why));
	return took;
}

static size_t sealed_size(size_t count, bool consent)
{
	struct bytes body, plain;
	json_t *persons = persons_of(count, consent);
	bytes_init(&plain, 2 * CONTENT_BODY_CAP);
	assert_int_equal(pack(persons, 0, NULL, &body), count);
	assert_int_equal(body.length, STATISTICS_STEP);
	assert_ok(content_pack_body_filled(bytes_view(&body), &plain));
	size_t size = plain.length;
	bytes_release(&body);
	bytes_release(&plain);
	json_decref(persons);
	return size;
}

static void as_many_as_one_message_takes_are_as_long_as_nobody(void **state)
{
	(void)state;
	size_t nobody = sealed_size(0, true);
	for (size_t count = 1; count <= STATISTICS_PERSONS; count += count < 24 ? 1 : 29) {
		assert_int_equal(sealed_size(count, true), nobody);
		assert_int_equal(sealed_size(count, false), nobody);
	}
}

static void a_filled_body_unpacks_as_it_was(void **state)
{
	(void)state;
	struct bytes plain, body;
	static const char blanks[] = "x                                                                                 ";
	bytes_init(&plain, 4096);
	bytes_init(&body, 4096);
	assert_ok(content_pack_body_filled(view_of(blanks, sizeof blanks), &plain));
	assert_int_equal(plain.data[0], 0); // though it would compress well
	assert_ok(content_unpack_body(bytes_view(&plain), &body));
	assert_true(view_equal(bytes_view(&body), view_of(blanks, sizeof blanks)));
	bytes_release(&plain);
	bytes_release(&body);
}

static void more_go_into_several_messages(void **state)
{
	(void)state;
	json_t *persons = persons_of(STATISTICS_PERSONS + 3, true);
	struct bytes body;
	assert_int_equal(pack(persons, 0, NULL, &body), STATISTICS_PERSONS);
	bytes_release(&body);
	json_t *tallies = json_pack("[{ss,ss,si}]", "month", "2026-10", "vulnerability", "SEPARATED", "persons", 7),
		   *back = NULL;
	struct fail why;
	assert_int_equal(pack(persons, STATISTICS_PERSONS, tallies, &body), 3);
	assert_ok(statistics_read(bytes_view(&body), &back, &why));
	assert_null(json_object_get(back, "first"));
	assert_null(json_object_get(back, "tallies")); // they went with the first
	json_decref(back);
	json_decref(tallies);
	bytes_release(&body);
	json_decref(persons);
}

static void what_is_told_comes_back_and_whose_it_is_does_not(void **state)
{
	(void)state;
	struct bytes body;
	struct fail why;
	json_t *persons = json_array(), *back = NULL;
	json_t *tallies = json_pack("[{ss,ss,si}]", "month", "2026-10", "vulnerability", "SEPARATED", "persons", 7);
	json_array_append_new(persons, person(1, true));
	json_array_append_new(persons, person(2, false));
	pack(persons, 0, tallies, &body);
	assert_ok(statistics_read(bytes_view(&body), &back, &why));
	json_t *expected = json_deep_copy(json_array_get(persons, 0));
	json_object_del(expected, "reference");
	assert_true(json_equal(json_array_get(json_object_get(back, "persons"), 0), expected));
	json_t *bare = json_array_get(json_object_get(back, "persons"), 1);
	assert_int_equal(json_object_size(bare), 2);
	assert_int_equal(json_integer_value(json_object_get(bare, "year")), 2026);
	assert_true(json_equal(json_object_get(back, "tallies"), tallies));
	assert_null(json_object_get(back, "padding"));
	assert_true(json_is_true(json_object_get(back, "first")));
	json_decref(expected);
	json_decref(back);
	json_decref(persons);
	json_decref(tallies);
	bytes_release(&body);
}

static char many_needs[STATISTICS_NEEDS + 1][8], bad_code[] = "<script>", bad_number[] = "not a number", no_month[] = "2026-13";

// One good person and tally, one thing wrong.
static enum fail_code read_wrong(unsigned which)
{
	static char number[] = "00000000000000000000000000000001", month[] = "2026-11", code[] = "SEPARATED";
	char *needs[STATISTICS_NEEDS + 1];
	Passerelle__V1__Body body = PASSERELLE__V1__BODY__INIT;
	Passerelle__V1__Statistics statistics;
	Passerelle__V1__StatisticsPerson one, *persons[STATISTICS_PERSONS + 1];
	Passerelle__V1__MonthTally tally, *tallies[] = {&tally};
	uint8_t packed[64 * 1024];
	json_t *json = NULL;
	struct fail why;
	passerelle__v1__statistics__init(&statistics);
	passerelle__v1__statistics_person__init(&one);
	passerelle__v1__month_tally__init(&tally);
	for (size_t i = 0; i <= STATISTICS_PERSONS; i++)
		persons[i] = &one;
	for (size_t i = 0; i <= STATISTICS_NEEDS; i++) {
		snprintf(many_needs[i], sizeof many_needs[i], "N%zu", i);
		needs[i] = many_needs[i];
	}
	one.number = which == 1 ? bad_number : number;
	one.year = which == 2 ? 20260 : 2026;
	one.sex = which == 3 ? bad_code : code;
	one.special_needs = needs;
	one.n_special_needs = which == 4 ? STATISTICS_NEEDS + 1 : STATISTICS_NEEDS;
	tally.month = which == 5 ? no_month : month;
	tally.vulnerability = which == 6 ? bad_code : code;
	statistics.month = which == 7 ? no_month : month;
	statistics.persons = persons;
	statistics.n_persons = which == 8 ? STATISTICS_PERSONS + 1 : 1;
	statistics.tallies = tallies;
	statistics.n_tallies = 1;
	body.content_case = PASSERELLE__V1__BODY__CONTENT_STATISTICS;
	body.statistics = &statistics;
	assert_true(passerelle__v1__body__get_packed_size(&body) < sizeof packed);
	size_t length = passerelle__v1__body__pack(&body, packed);
	enum fail_code code_back = statistics_read(view_of(packed, length), &json, &why);
	assert_true((json != NULL) == (code_back == FAIL_NONE));
	json_decref(json);
	return code_back;
}

static void what_comes_is_checked(void **state)
{
	(void)state;
	assert_int_equal(read_wrong(0), FAIL_NONE);
	for (unsigned which = 1; which <= 8; which++)
		assert_int_equal(read_wrong(which), FAIL_MALFORMED);
}

static void another_content_is_refused(void **state)
{
	(void)state;
	Passerelle__V1__Body body = PASSERELLE__V1__BODY__INIT;
	Passerelle__V1__Close close;
	uint8_t packed[64];
	json_t *json = NULL;
	struct fail why;
	passerelle__v1__close__init(&close);
	body.content_case = PASSERELLE__V1__BODY__CONTENT_CLOSE;
	body.close = &close;
	size_t length = passerelle__v1__body__pack(&body, packed);
	assert_int_equal(statistics_read(view_of(packed, length), &json, &why), FAIL_MALFORMED);
	assert_int_equal(statistics_read(view_of("\xff", 1), &json, &why), FAIL_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_as_one_message_takes_are_as_long_as_nobody),
		cmocka_unit_test(a_filled_body_unpacks_as_it_was),
		cmocka_unit_test(more_go_into_several_messages),
		cmocka_unit_test(what_is_told_comes_back_and_whose_it_is_does_not),
		cmocka_unit_test(what_comes_is_checked),
		cmocka_unit_test(another_content_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
