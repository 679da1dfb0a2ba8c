// SPDX-License-Identifier: Apache-2.0
// links: passerelle_case passerelle_base
//
// Working days: texts there and back, and terms against a count that knows nothing of how the calendar does it.
#include "test.h"

#include "case/calendar.h"
#include "case/clock.h"
#include "case/partial_date.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 3000, DAY = 86400000 };

static struct work_calendar of(const char *text)
{
	struct work_calendar calendar;
	struct fail why = {0};
	if (calendar_parse(&calendar, text, &why) != FAIL_NONE)
		fail_msg("%s: %s", text, why.text);
	return calendar;
}

static int32_t day(const char *text)
{
	int32_t number = 0;
	assert_int_equal(day_parse(&number, text, NULL), FAIL_NONE);
	return number;
}

static void a_text_comes_back_as_it_was(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "12347", "1", "1234567", "12345 12-25", "12347 02-29 2026-12-24 01-01"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		char text[CALENDAR_TEXT_SIZE];
		struct work_calendar calendar = of(texts[i]);
		calendar_to_text(&calendar, INT32_MIN, INT32_MAX, text);
		assert_string_equal(text, texts[i]);
	}
}

static void what_is_no_calendar_is_refused_and_leaves_monday_to_friday(void **state)
{
	(void)state;
	static const char *const texts[] = {
		" ", "0", "8", "21", "11", "12345 ", "12345  12-25", "12-25", "12345 02-30", "12345 13-01", "12345 2026-02-29",
		"12345 2026", "12345 1965-01-01", "12345 12-25x", "12345 2026-12-240", "12345 -1-01", "x", "12345 2008/20",
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct work_calendar calendar;
		struct fail why = {0};
		if (calendar_parse(&calendar, texts[i], &why) != FAIL_BAD_FORM)
			fail_msg("'%s' was taken", texts[i]);
		assert_string_not_equal(why.text, "");
		assert_int_equal(calendar.week, 0x1f);
		assert_int_equal(calendar.count, 0);
	}
}

static void no_more_days_off_than_there_is_room_for(void **state)
{
	(void)state;
	struct work_calendar calendar = of("");
	char text[11];
	for (int32_t i = 0; i < MAX_HOLIDAYS; i++) {
		day_to_text(20000 + i, text);
		assert_int_equal(calendar_add(&calendar, text, NULL), FAIL_NONE);
	}
	assert_int_equal(calendar_add(&calendar, text, NULL), FAIL_NONE); // is there already
	assert_int_equal(calendar.count, MAX_HOLIDAYS);
	assert_int_equal(calendar_add(&calendar, "12-25", NULL), FAIL_BAD_FORM);
	char whole[CALENDAR_TEXT_SIZE];
	calendar_to_text(&calendar, INT32_MIN, INT32_MAX, whole);
	struct work_calendar again = of(whole);
	assert_memory_equal(again.holiday, calendar.holiday, sizeof again.holiday);
}

static void far_single_days_stay_at_home(void **state)
{
	(void)state;
	struct work_calendar calendar = of("12347 2026-12-24 2027-12-24 12-25");
	char text[CALENDAR_TEXT_SIZE];
	calendar_to_text(&calendar, day("2026-12-24"), day("2027-12-23"), text);
	assert_string_equal(text, "12347 2026-12-24 12-25");
}

static void weeks_are_written_as_people_do(void **state)
{
	(void)state;
	static const struct { const char *in, *out; } rows[] = {
		{"mon-fri", "mon-fri"}, {"sun-thu", "sun-thu"}, {"mon-sun", "mon-sun"}, {"wed-tue", "mon-sun"},
		{"mon,tue,wed,thu,fri", "mon-fri"}, {"mon,wed,fri", "mon,wed,fri"}, {"sat", "sat"}, {"thu-fri", "thu,fri"},
		{"mon,sat-sun", "sat-mon"}, {"mon,tue,thu-sun", "thu-tue"},
	};
	uint8_t week = 0;
	char text[WEEK_TEXT_SIZE];
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(week_parse(&week, rows[i].in, NULL), FAIL_NONE);
		week_to_text(week, text);
		assert_string_equal(text, rows[i].out);
	}
	static const char *const bad[] = {"", "mo-fr", "mon-", "mon,", "mon fri", "mon-fri-sat", "MON-FRI", "mon;fri", "-fri"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(week_parse(&week, bad[i], NULL), FAIL_BAD_FORM);
	for (unsigned bits = 1; bits < 128; bits++) { // and back, whatever is worked
		week_to_text((uint8_t)bits, text);
		assert_int_equal(week_parse(&week, text, NULL), FAIL_NONE);
		assert_int_equal(week, bits);
	}
}

static uint32_t random_next(uint32_t *random)
{
	*random = *random * 1664525U + 1013904223U;
	return *random >> 8;
}

// What the system's calendar says of that day, compared as texts.
static bool off_by_text(const char *text, int32_t number)
{
	struct tm tm;
	time_t at = (time_t)number * 86400;
	char whole[40], yearly[40], digit[2];
	assert_non_null(gmtime_r(&at, &tm));
	assert_true(strftime(whole, sizeof whole, " %Y-%m-%d", &tm) > 0 &&
	            strftime(yearly, sizeof yearly, " %m-%d", &tm) > 0);
	digit[0] = (char)('0' + (tm.tm_wday == 0 ? 7 : tm.tm_wday));
	digit[1] = '\0';
	const char *works = strstr(text, digit), *end = strchr(text, ' ');
	return works == NULL || (end != NULL && works > end) || strstr(text, whole) != NULL || strstr(text, yearly) != NULL;
}

static void random_text(uint32_t *random, int32_t around, char text[CALENDAR_TEXT_SIZE])
{
	unsigned week = 1 + random_next(random) % 127, holidays = random_next(random) % 30;
	size_t length = 0;
	for (unsigned i = 0; i < 7; i++) {
		if ((week >> i & 1) != 0)
			text[length++] = (char)('1' + i);
	}
	text[length] = '\0';
	for (unsigned i = 0; i < holidays; i++) {
		char whole[11];
		day_to_text(around + (int32_t)(random_next(random) % 120), whole);
		bool yearly = random_next(random) % 2 == 0;
		length += (size_t)snprintf(text + length, CALENDAR_TEXT_SIZE - length, " %s", yearly ? whole + 5 : whole);
	}
}

static void a_term_has_as_many_working_days_as_it_says(void **state)
{
	(void)state;
	uint32_t random = 20261123;
	for (unsigned round = 0; round < ROUNDS; round++) {
		char text[CALENDAR_TEXT_SIZE];
		int32_t from = 20400 + (int32_t)(random_next(&random) % 20000);
		unsigned count = 1 + random_next(&random) % 25, worked = 0;
		random_text(&random, from, text);
		struct work_calendar calendar = of(text);
		int32_t end = calendar_after(&calendar, from, count);
		for (int32_t at = from + 1; at <= end; at++)
			worked += !off_by_text(text, at);
		if (worked != count || off_by_text(text, end))
			fail_msg("%u working days after %d by '%s' are not %d: %u", count, from, text, end, worked);
		assert_true(calendar_after(&calendar, from + 1, count) >= end); // who starts later is not done sooner
	}
}

static void who_never_works_has_an_end_too(void **state)
{
	(void)state;
	struct work_calendar calendar = {.week = 0};
	int32_t end = calendar_after(&calendar, 20000, 20);
	assert_true(end > 20000 + 3600 && end < 20000 + 3700);
}

static void the_clock_counts_by_the_calendar_it_is_given(void **state)
{
	(void)state;
	uint64_t tuesday = (uint64_t)day("2026-12-22") * DAY + 1000;
	struct work_calendar usual = of(""), gulf = of("12347 12-24");
	struct case_clock clock = {.kind = CLOCK_NONE};
	struct clock_move reopen = {.event = EVENT_REOPEN, .effects = EFFECT_START_REPORT_CLOCK, .urgency = "EMERGENCY",
	                            .due = "", .at = tuesday, .calendar = &gulf};
	clock_move(&clock, &reopen); // Wednesday, then Sunday, then Monday
	assert_int_equal(clock.due, ((uint64_t)day("2026-12-28") + 1) * DAY);
	uint64_t plain = clock_term_end(CLOCK_REPORT, "EMERGENCY", tuesday, NULL);
	assert_int_equal(plain, ((uint64_t)day("2026-12-25") + 1) * DAY);
	assert_int_equal(clock_term_end(CLOCK_REPORT, "EMERGENCY", tuesday, &usual), plain);
	assert_int_equal(clock_term_end(CLOCK_REPORT, "STANDARD", tuesday, &gulf),
	                 clock_term_end(CLOCK_REPORT, "STANDARD", tuesday, NULL)); // calendar days are days
	assert_int_equal(clock_term_end(CLOCK_REPORT, "EMERGENCY", UINT64_MAX, &gulf), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_comes_back_as_it_was),
		cmocka_unit_test(what_is_no_calendar_is_refused_and_leaves_monday_to_friday),
		cmocka_unit_test(no_more_days_off_than_there_is_room_for),
		cmocka_unit_test(far_single_days_stay_at_home),
		cmocka_unit_test(weeks_are_written_as_people_do),
		cmocka_unit_test(a_term_has_as_many_working_days_as_it_says),
		cmocka_unit_test(who_never_works_has_an_end_too),
		cmocka_unit_test(the_clock_counts_by_the_calendar_it_is_given),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
