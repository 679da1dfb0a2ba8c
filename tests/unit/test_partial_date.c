// SPDX-License-Identifier: Apache-2.0
// links: passerelle_case passerelle_base
#include "test.h"

#include "case/partial_date.h"

#include <stdio.h>
#include <time.h>

static void assert_is(const char *text, const char *earliest, const char *latest)
{
	struct partial_date date;
	struct fail why = {.code = FAIL_NONE};
	char first[11] = "", last[11] = "";
	assert_ok(partial_date_parse(&date, text, &why));
	if (date.earliest != INT32_MIN)
		day_to_text(date.earliest, first);
	if (date.latest != INT32_MAX)
		day_to_text(date.latest, last);
	assert_string_equal(first, earliest);
	assert_string_equal(last, latest);
}

static void assert_refused(const char *text, const char *because)
{
	struct partial_date date;
	struct fail why = {.code = FAIL_NONE};
	assert_int_equal(partial_date_parse(&date, text, &why), FAIL_BAD_FORM);
	if (strstr(why.text, because) == NULL)
		fail_msg("'%s' should say '%s', says '%s'", text, because, why.text);
}

static void each_form_is_the_interval_it_may_be(void **state)
{
	(void)state;
	assert_is("2009", "2009-01-01", "2009-12-31");
	assert_is("2009-03", "2009-03-01", "2009-03-31");
	assert_is("2009-03-XX", "2009-03-01", "2009-03-31");
	assert_is("2009-XX-XX", "2009-01-01", "2009-12-31");
	assert_is("2009-XX", "2009-01-01", "2009-12-31");
	assert_is("2009-03-21", "2009-03-21", "2009-03-21");
	assert_is("200X", "2000-01-01", "2009-12-31");
	assert_is("20XX", "2000-01-01", "2099-12-31");
	assert_is("2008/2010", "2008-01-01", "2010-12-31");
	assert_is("2008-02/2010-02-11", "2008-02-01", "2010-02-11");
	assert_is("../2012-06", "", "2012-06-30");
	assert_is("2012-06/..", "2012-06-01", "");
	assert_is("2008-02", "2008-02-01", "2008-02-29");
	assert_is("1900-02", "1900-02-01", "1900-02-28");
	assert_is("2000-02-29", "2000-02-29", "2000-02-29");
}

static void doubt_is_kept_beside_the_interval(void **state)
{
	(void)state;
	struct partial_date date;
	assert_ok(partial_date_parse(&date, "2009~", NULL));
	assert_true(date.approximate && !date.uncertain);
	assert_ok(partial_date_parse(&date, "2009-03?", NULL));
	assert_true(!date.approximate && date.uncertain);
	assert_ok(partial_date_parse(&date, "2009~/2010?", NULL));
	assert_true(date.approximate && date.uncertain);
	assert_ok(partial_date_parse(&date, "2009", NULL));
	assert_true(!date.approximate && !date.uncertain);
}

static void what_is_no_date_is_refused_with_what_would_be_right(void **state)
{
	(void)state;
	assert_refused("", "four digits");
	assert_refused("about 2009", "four digits");
	assert_refused("2X09", "four digits");
	assert_refused("2XXX", "four digits");
	assert_refused("20X9", "four digits");
	assert_refused("1899", "1900 to 2199");
	assert_refused("2200", "1900 to 2199");
	assert_refused("2009-13", "month must be 01 to 12");
	assert_refused("2009-00", "month must be 01 to 12");
	assert_refused("2009-1", "month must be 01 to 12");
	assert_refused("2009-1X", "month must be 01 to 12");
	assert_refused("2009-02-29", "day must be 01 to 28");
	assert_refused("2009-04-31", "day must be 01 to 30");
	assert_refused("2009-XX-05", "without a month");
	assert_refused("200X-05", "no month");
	assert_refused("2010/2008", "ends before");
	assert_refused("../..", "both ends");
	assert_refused("..2012", "../2012-06");
	assert_refused("2009 ", "write a date as");
	assert_refused("2009-03-21T10:00", "write a date as");
	assert_refused("2009/2010/2011", "write a date as");
}

static void a_refused_date_leaves_the_struct_alone(void **state)
{
	(void)state;
	struct partial_date date = {1, 2, true, true};
	assert_int_equal(partial_date_parse(&date, "2009/", NULL), FAIL_BAD_FORM);
	assert_int_equal(date.earliest, 1);
	assert_int_equal(date.latest, 2);
}

static bool overlap(const char *a, const char *b)
{
	struct partial_date first, second;
	assert_ok(partial_date_parse(&first, a, NULL));
	assert_ok(partial_date_parse(&second, b, NULL));
	bool forth = partial_dates_overlap(&first, &second);
	assert_int_equal(forth, partial_dates_overlap(&second, &first));
	return forth;
}

static void dates_meet_where_they_overlap(void **state)
{
	(void)state;
	assert_true(overlap("2009", "2009-03"));
	assert_true(overlap("200X", "2009-12-31"));
	assert_true(overlap("../2012-06", "2012-06-30"));
	assert_true(overlap("2012-06/..", "../2012-06-01"));
	assert_false(overlap("2009-03", "2009-04"));
	assert_false(overlap("2012-07-01", "../2012-06"));
	assert_false(overlap("199X", "200X"));
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

// The C library's calendar is the judge.
static void every_day_goes_there_and_back(void **state)
{
	(void)state;
	uint32_t seed = 5917;
	printf("seed %u\n", seed);
	int32_t first, last;
	assert_ok(day_parse(&first, "1900-01-01", NULL));
	assert_ok(day_parse(&last, "2199-12-31", NULL));
	assert_int_equal(first, -25567);
	assert_int_equal(last, 84005);
	for (int i = 0; i < 20000; i++) {
		int32_t day = first + (int32_t)(next_random(&seed) % (uint32_t)(last - first + 1));
		time_t seconds = (time_t)day * 86400;
		struct tm parts;
		char judged[32], text[11];
		assert_non_null(gmtime_r(&seconds, &parts));
		strftime(judged, sizeof judged, "%Y-%m-%d", &parts);
		day_to_text(day, text);
		assert_string_equal(text, judged);
		int32_t read;
		assert_ok(day_parse(&read, text, NULL));
		assert_int_equal(read, day);
	}
}

// Leaving digits out makes an interval that holds the day.
static void a_vaguer_date_holds_the_exact_one(void **state)
{
	(void)state;
	uint32_t seed = 77;
	printf("seed %u\n", seed);
	for (int i = 0; i < 5000; i++) {
		char exact[11], vague[11];
		day_to_text(-25567 + (int32_t)(next_random(&seed) % 109573), exact);
		memcpy(vague, exact, sizeof vague);
		static const int cuts[] = {10, 7, 4};
		vague[cuts[next_random(&seed) % 3]] = '\0';
		if (strlen(vague) == 4 && next_random(&seed) % 2 == 0)
			vague[3] = 'X';
		assert_true(overlap(exact, vague));
	}
}

static void a_whole_day_is_nothing_less(void **state)
{
	(void)state;
	int32_t day = 7;
	struct fail why;
	assert_int_equal(day_parse(&day, "2009-03", &why), FAIL_BAD_FORM);
	assert_int_equal(day_parse(&day, "2009-03-XX", &why), FAIL_BAD_FORM);
	assert_int_equal(day_parse(&day, "2009-03-21~", &why), FAIL_BAD_FORM);
	assert_int_equal(day_parse(&day, "2009-02-30", &why), FAIL_BAD_FORM);
	assert_int_equal(day_parse(&day, "2009/2009?", &why), FAIL_BAD_FORM);
	assert_non_null(strstr(why.text, "YYYY-MM-DD"));
	assert_int_equal(day, 7);
	assert_ok(day_parse(&day, "1970-01-02", &why));
	assert_int_equal(day, 1);
}

static void times_are_written_in_utc(void **state)
{
	(void)state;
	char text[21];
	time_to_text(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	time_to_text(UINT64_C(1795415366999), text);
	assert_string_equal(text, "2026-11-23T06:29:26Z");
	time_to_text(UINT64_C(253402300799999), text);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
	time_to_text(UINT64_MAX, text); // a peer's wild number stops nobody
	assert_string_equal(text, "9999-12-31T23:59:59Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_the_interval_it_may_be),
		cmocka_unit_test(doubt_is_kept_beside_the_interval),
		cmocka_unit_test(what_is_no_date_is_refused_with_what_would_be_right),
		cmocka_unit_test(a_refused_date_leaves_the_struct_alone),
		cmocka_unit_test(dates_meet_where_they_overlap),
		cmocka_unit_test(every_day_goes_there_and_back),
		cmocka_unit_test(a_vaguer_date_holds_the_exact_one),
		cmocka_unit_test(a_whole_day_is_nothing_less),
		cmocka_unit_test(times_are_written_in_utc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
