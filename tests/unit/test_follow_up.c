// SPDX-License-Identifier: Apache-2.0
// links: passerelle_case passerelle_base
#include "test.h"

#include "case/follow_up.h"
#include "case/partial_date.h"

static uint64_t at(const char *day)
{
	int32_t number;
	assert_ok(day_parse(&number, day, NULL));
	return (uint64_t)number * 86400000 + 3600000 * 9;
}

static void assert_day(int32_t day, const char *expected)
{
	char text[11];
	day_to_text(day, text);
	assert_string_equal(text, expected);
}

static void a_follow_up_is_due_so_many_calendar_months_after_the_closure(void **state)
{
	(void)state;
	static const struct {
		const char *closed;
		unsigned months;
		const char *due;
	} rows[] = {
		{"2026-11-23", 3, "2027-02-23"},  {"2026-11-23", 24, "2028-11-23"}, {"2026-11-30", 3, "2027-02-28"},
		{"2027-11-30", 3, "2028-02-29"},  {"2026-08-31", 6, "2027-02-28"},  {"2026-12-31", 12, "2027-12-31"},
		{"2026-01-15", 12, "2027-01-15"}, {"2024-02-29", 12, "2025-02-28"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_day(follow_up_day(at(rows[i].closed), rows[i].months), rows[i].due);
}

static void there_are_four_in_their_order(void **state)
{
	(void)state;
	static const unsigned months[] = {3, 6, 12, 24};
	for (unsigned i = 0; i < FOLLOW_UPS; i++)
		assert_int_equal(follow_up_months(i), months[i]);
}

static void it_is_due_soon_in_the_last_sixth_and_overdue_when_the_day_is_over(void **state)
{
	(void)state;
	uint64_t closed = at("2027-01-01");
	int32_t soon = follow_up_soon(closed, 2), due = follow_up_day(closed, 12); // 2027-07-01 to 2028-01-01: 184 days
	assert_day(soon, "2027-12-02");
	assert_int_equal(day_standing(soon, due, at("2027-12-01")), STANDING_DUE);
	assert_int_equal(day_standing(soon, due, at("2027-12-02")), STANDING_DUE_SOON);
	assert_int_equal(day_standing(soon, due, at("2028-01-01")), STANDING_DUE_SOON);
	assert_int_equal(day_standing(soon, due, at("2028-01-02")), STANDING_OVERDUE);
}

static void a_review_is_due_soon_two_weeks_before(void **state)
{
	(void)state;
	int32_t day = follow_up_day(at("2027-03-20"), 0);
	assert_day(review_soon(day), "2027-03-06");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_follow_up_is_due_so_many_calendar_months_after_the_closure),
		cmocka_unit_test(there_are_four_in_their_order),
		cmocka_unit_test(it_is_due_soon_in_the_last_sixth_and_overdue_when_the_day_is_over),
		cmocka_unit_test(a_review_is_due_soon_two_weeks_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
