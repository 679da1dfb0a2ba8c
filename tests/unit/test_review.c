// SPDX-License-Identifier: Apache-2.0
// links: passerelle_match passerelle_case passerelle_base
//
// The review days of a search; and the words of the matcher as codes that travel.
#include "test.h"

#include "case/codes.h"
#include "case/review.h"
#include "match/match.h"

#include <string.h>

#define DAY UINT64_C(86400000)

static const uint64_t taken_up = 20780 * DAY + 15 * 3600000; // an afternoon

static void each_review_day_wants_one_answer(void **state)
{
	(void)state;
	static const struct { unsigned day, answered, due; } rows[] = {
		{0, 0, 0}, {29, 0, 0}, {30, 0, 30}, {31, 0, 30}, {31, 30, 0}, {89, 30, 0}, {90, 30, 90}, {90, 90, 0},
		{179, 90, 0}, {180, 90, 180}, {400, 180, 0}, {100, 0, 90}, {1000, 0, 180},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(review_due(taken_up, rows[i].answered, (taken_up / DAY + rows[i].day) * DAY), rows[i].due);
}

static void the_hour_of_the_acknowledgement_does_not_show(void **state)
{
	(void)state;
	uint64_t midnight = taken_up / DAY * DAY, due = midnight + 30 * DAY;
	for (uint64_t hour = 0; hour < 24; hour++) {
		assert_int_equal(review_due(midnight + hour * 3600000, 0, due - 1), 0);
		assert_int_equal(review_due(midnight + hour * 3600000, 0, due), 30);
		assert_int_equal(review_next(midnight + hour * 3600000, due - 1), due);
	}
	assert_int_equal(review_next(taken_up, due), midnight + 90 * DAY);
	assert_int_equal(review_next(taken_up, midnight + 180 * DAY), 0);
}

static void the_words_of_the_matcher_are_codes_that_travel(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MATCH_WORD_COUNT; i++)
		assert_true(code_known(code_list_find("match_word"), match_word_code((enum match_word)i)));
	for (unsigned i = 0; i < MATCH_FIELD_COUNT; i++)
		assert_true(code_known(code_list_find("match_field"), match_field_code((enum match_field)i)));
	for (unsigned i = 0; i < MATCH_BAND_COUNT; i++)
		assert_true(code_known(code_list_find("match_band"), match_band_code((enum match_band)i)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_review_day_wants_one_answer),
		cmocka_unit_test(the_hour_of_the_acknowledgement_does_not_show),
		cmocka_unit_test(the_words_of_the_matcher_are_codes_that_travel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
