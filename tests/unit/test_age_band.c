// SPDX-License-Identifier: Apache-2.0
// links: passerelle_case passerelle_base
#include "test.h"

#include "case/age_band.h"
#include "case/codes.h"
#include "case/partial_date.h"

static void a_birthday_counts_from_its_day_on(void **state)
{
	(void)state;
	static const struct {
		const char *birth, *day, *band;
	} rows[] = {
		{"2021-11-24", "2026-11-23", "AGE_0_4"},   {"2021-11-23", "2026-11-23", "AGE_5_9"},
		{"2011-11-24", "2026-11-23", "AGE_10_14"}, {"2011-11-23", "2026-11-23", "AGE_15_17"},
		{"2008-11-24", "2026-11-23", "AGE_15_17"}, {"2008-11-23", "2026-11-23", "AGE_18_24"},
		{"1966-11-23", "2026-11-23", "AGE_60_UP"}, {"2026-11-23", "2026-11-23", "AGE_0_4"},
		{"2024-02-29", "2029-02-28", "AGE_0_4"},   {"2024-02-29", "2029-03-01", "AGE_5_9"},
		{"1970", "2026-11-23", "AGE_25_59"},       {"2016", "2026-11-23", "AGE_10_14"},
		{"2026", "2026-02-01", "AGE_0_4"},         {"1955/1958", "2026-11-23", "AGE_60_UP"},
		{"201X", "2026-11-23", "UNSPECIFIED"},     {"../2012-06", "2026-11-23", "UNSPECIFIED"},
		{"2027-01-01", "2026-11-23", "UNSPECIFIED"}, {"", "2026-11-23", "UNSPECIFIED"},
		{"soon", "2026-11-23", "UNSPECIFIED"},     {"1801-01-01", "2026-11-23", "UNSPECIFIED"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int32_t day;
		assert_ok(day_parse(&day, rows[i].day, NULL));
		if (strcmp(age_band(rows[i].birth, day), rows[i].band) != 0)
			fail_msg("%s on %s is %s", rows[i].birth, rows[i].day, age_band(rows[i].birth, day));
		assert_true(code_known(code_list_find("age_band"), rows[i].band));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_birthday_counts_from_its_day_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
