// SPDX-License-Identifier: Apache-2.0
// links: hub_domain passerelle_case passerelle_base
#include "test.h"

#include "domain/case_steps.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS UINT64_C(86400000)
#define OPENED (UINT64_C(20000) * DAY_MS)

// On that day of the case, 1 is the day of opening.
static struct steps_move move_on(enum case_event event, unsigned day)
{
	return (struct steps_move){
		.event = event, .reason = "", .opened_at = OPENED, .at = OPENED + (day - 1) * DAY_MS + 5,
	};
}

static void hold(struct case_steps *steps, const char *reason, unsigned from, unsigned until)
{
	struct steps_move begins = move_on(EVENT_HOLD, from), ends = move_on(EVENT_RESUME, until);
	begins.reason = reason;
	case_steps_note(steps, &begins);
	if (until == 0)
		return;
	ends.hold_ends = true;
	ends.held_since = begins.at;
	case_steps_note(steps, &ends);
}

static void assert_hold(const struct case_steps *steps, size_t index, const char *reason, unsigned until, unsigned days)
{
	struct steps_hold found;
	assert_true(case_steps_hold(steps, index, &found));
	assert_string_equal(found.reason, reason);
	assert_int_equal(found.until, until);
	assert_int_equal(found.days, days);
}

static void each_hold_is_noted_with_its_reason_and_days(void **state)
{
	struct case_steps steps = {.acknowledged = 0};
	struct steps_hold none;
	(void)state;
	assert_false(case_steps_hold(&steps, 0, &none));
	hold(&steps, "AWAIT_COURT", 3, 10);
	hold(&steps, "AWAIT_FEE", 12, 12);
	hold(&steps, "AWAIT_COURT", 20, 0);
	assert_string_equal(steps.held, "AWAIT_COURT:10:8 AWAIT_FEE:12:1 AWAIT_COURT:0:0");
	assert_hold(&steps, 0, "AWAIT_COURT", 10, 8);
	assert_hold(&steps, 1, "AWAIT_FEE", 12, 1);
	assert_hold(&steps, 2, "AWAIT_COURT", 0, 0);
	assert_false(case_steps_hold(&steps, 3, &none));
}

static void what_comes_after_the_last_that_is_counted_changes_nothing(void **state)
{
	struct case_steps steps = {.acknowledged = 0};
	struct steps_hold none;
	char longest[CODE_SIZE];
	(void)state;
	memset(longest, 'X', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	for (unsigned i = 0; i < STEPS_MOST_HOLDS; i++)
		hold(&steps, longest, 5000, 9999);
	for (unsigned i = 0; i < STEPS_MOST_HOLDS; i++)
		assert_hold(&steps, i, longest, STEPS_MOST_DAYS, STEPS_MOST_DAYS);
	struct case_steps before = steps;
	hold(&steps, "AWAIT_FEE", 10, 12);
	assert_string_equal(steps.held, before.held);
	assert_false(case_steps_hold(&steps, STEPS_MOST_HOLDS, &none));
}

static void a_text_that_is_none_of_ours_holds_nothing(void **state)
{
	static const char *const wrong[] = {"", " ", ":1:1", "AWAIT_FEE", "AWAIT_FEE:", "AWAIT_FEE:1", "AWAIT_FEE:1:", "AWAIT_FEE:1:2:3",
	                                    "AWAIT_FEE:4096:1", "AWAIT_FEE:1:4096", "AWAIT_FEE:1:-1", "AWAIT_FEE:x:1"};
	struct case_steps steps = {.acknowledged = 0};
	struct steps_hold none;
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		snprintf(steps.held, sizeof steps.held, "%s", wrong[i]);
		if (case_steps_hold(&steps, 0, &none))
			fail_msg("'%s' was taken for a hold", wrong[i]);
	}
}

// Whom it is passed on to may decline what another one accepted: its month is that of the refusal.
static void a_refusal_has_a_day_of_its_own(void **state)
{
	struct case_steps steps = {.acknowledged = 0};
	struct steps_move accepts = move_on(EVENT_ACCEPT, 3), declines = move_on(EVENT_DECLINE, 70),
					  again = move_on(EVENT_DECLINE, 90);
	(void)state;
	declines.reason = "CAPACITY";
	again.reason = "SECURITY";
	case_steps_note(&steps, &accepts);
	case_steps_note(&steps, &declines);
	case_steps_note(&steps, &again);
	assert_int_equal(steps.declined_on, steps.decided + 67);
	assert_string_equal(steps.declined, "CAPACITY");
}

static void numbers_come_back_as_they_were_packed(void **state)
{
	struct case_steps steps = {.acknowledged = 1,
	                           .decided = STEPS_MOST_DAYS,
	                           .reported = 77,
	                           .declined_on = 4094,
	                           .date = STEPS_DATE_MISSED},
					  back;
	(void)state;
	memset(&back, 0, sizeof back);
	assert_true(case_steps_unpack(case_steps_pack(&steps), &back));
	assert_int_equal(back.acknowledged, 1);
	assert_int_equal(back.decided, STEPS_MOST_DAYS);
	assert_int_equal(back.reported, 77);
	assert_int_equal(back.declined_on, 4094);
	assert_int_equal(back.date, STEPS_DATE_MISSED);
	assert_false(case_steps_unpack(UINT64_C(3) << 60, &back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_hold_is_noted_with_its_reason_and_days),
		cmocka_unit_test(what_comes_after_the_last_that_is_counted_changes_nothing),
		cmocka_unit_test(a_text_that_is_none_of_ours_holds_nothing),
		cmocka_unit_test(a_refusal_has_a_day_of_its_own),
		cmocka_unit_test(numbers_come_back_as_they_were_packed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
