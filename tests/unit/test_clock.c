// SPDX-License-Identifier: Apache-2.0
// links: passerelle_case passerelle_base
//
// The clock of a case, turned by hand: what is awaited after each move, how pauses
// lengthen a term, and when somebody is told.
#include "test.h"

#include "case/clock.h"
#include "case/partial_date.h"

enum { HOUR = 3600000, DAY = 24 * HOUR };

static const uint64_t monday = UINT64_C(1796023800000); // 2026-11-30T07:30:00Z

static void move(struct case_clock *clock, enum case_event event, uint32_t effects, const char *urgency,
                 const char *due, uint64_t at)
{
	struct clock_move step = {event, effects, urgency, due, at, NULL};
	clock_move(clock, &step);
}

static void assert_time(uint64_t at, const char *wanted)
{
	char text[21];
	time_to_text(at, text);
	assert_string_equal(text, wanted);
}

static struct case_clock running_report(void)
{
	struct case_clock clock = {.kind = CLOCK_NONE};
	move(&clock, EVENT_ACCEPT, EFFECT_START_REPORT_CLOCK, "STANDARD", "2027-01-29", monday);
	return clock;
}

static void each_urgency_has_its_terms(void **state)
{
	(void)state;
	static const struct {
		enum clock_kind kind;
		const char *urgency, *end;
	} rows[] = {
		{CLOCK_ACK, "EMERGENCY", "2026-12-01T07:30:00Z"},    {CLOCK_ACK, "PRIORITY", "2026-12-03T00:00:00Z"},
		{CLOCK_ACK, "STANDARD", "2026-12-08T00:00:00Z"},     {CLOCK_DECIDE, "STANDARD", "2026-12-15T00:00:00Z"},
		{CLOCK_REPORT, "EMERGENCY", "2026-12-04T00:00:00Z"}, {CLOCK_REPORT, "PRIORITY", "2026-12-29T00:00:00Z"},
		{CLOCK_REPORT, "STANDARD", "2027-01-30T00:00:00Z"},  {CLOCK_REPORT, "EXTENDED", "2027-03-31T00:00:00Z"},
		{CLOCK_CLOSE, "NO_DEADLINE", "2027-01-30T00:00:00Z"}, {CLOCK_ACK, "A_NEWER_CODE", "2026-12-08T00:00:00Z"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_time(clock_term_end(rows[i].kind, rows[i].urgency, monday, NULL), rows[i].end);
	assert_int_equal(clock_term_end(CLOCK_REPORT, "NO_DEADLINE", monday, NULL), 0);
	assert_int_equal(clock_term_end(CLOCK_KIND_COUNT, "STANDARD", monday, NULL), 0);
}

static void working_days_leave_out_the_weekend(void **state)
{
	(void)state;
	uint64_t friday = monday + 4 * (uint64_t)DAY;
	assert_time(clock_term_end(CLOCK_REPORT, "EMERGENCY", friday, NULL), "2026-12-10T00:00:00Z"); // by Wednesday's end
	for (unsigned i = 5; i <= 6; i++) // who begins on a Saturday or Sunday counts from Monday
		assert_time(clock_term_end(CLOCK_REPORT, "EMERGENCY", monday + i * (uint64_t)DAY, NULL), "2026-12-10T00:00:00Z");
}

static void each_move_starts_the_next_clock(void **state)
{
	(void)state;
	struct case_clock clock = {.kind = CLOCK_NONE};
	move(&clock, EVENT_REFERRAL, EFFECT_START_ACK_CLOCK, "STANDARD", "2027-05-01", monday);
	assert_int_equal(clock.kind, CLOCK_ACK);
	assert_time(clock.due, "2026-12-08T00:00:00Z"); // the court's day is no term of the acknowledgement
	move(&clock, EVENT_ACK, EFFECT_START_DECIDE_CLOCK, "STANDARD", "", monday + DAY);
	assert_int_equal(clock.kind, CLOCK_DECIDE);
	move(&clock, EVENT_ACCEPT, EFFECT_START_REPORT_CLOCK, "STANDARD", "2027-01-29", monday + 2 * DAY);
	assert_time(clock.due, "2027-01-30T00:00:00Z"); // the whole agreed day is in time
	move(&clock, EVENT_STATUS_NOTE, 0, "STANDARD", "", monday + 3 * DAY);
	assert_int_equal(clock.kind, CLOCK_REPORT);
	move(&clock, EVENT_REPORT_FINAL, EFFECT_START_CLOSE_CLOCK, "STANDARD", "", monday + 4 * DAY);
	assert_int_equal(clock.kind, CLOCK_CLOSE);
	move(&clock, EVENT_CLOSE, EFFECT_END_CLOCKS, "STANDARD", "", monday + 5 * DAY);
	assert_int_equal(clock_awaited(&clock).kind, CLOCK_NONE);
	assert_int_equal(clock_standing(&clock, monday), STANDING_NONE);
	assert_int_equal(clock_duty(&clock).at, 0);
}

static void a_hold_moves_the_deadline_by_its_length(void **state)
{
	(void)state;
	struct case_clock clock = running_report();
	uint64_t due = clock.due;
	move(&clock, EVENT_HOLD, EFFECT_STOP_CLOCK, "STANDARD", "", monday + 10 * (uint64_t)DAY);
	assert_int_equal(clock_standing(&clock, due + DAY), STANDING_PAUSED);
	assert_int_equal(clock_awaited(&clock).kind, CLOCK_NONE);
	assert_int_equal(clock_duty(&clock).at, 0);
	move(&clock, EVENT_RESUME, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 17 * (uint64_t)DAY);
	assert_int_equal(clock.due, due + 7 * (uint64_t)DAY);
	assert_int_equal(clock.paused_ms, 7 * (uint64_t)DAY);
	assert_int_equal(clock.paused_since, 0);
	assert_int_equal(clock_standing(&clock, due + DAY), STANDING_DUE_SOON);
}

static void a_pause_within_a_day_moves_no_day_but_an_hour(void **state)
{
	(void)state;
	struct case_clock clock = running_report();
	uint64_t due = clock.due;
	move(&clock, EVENT_HOLD, EFFECT_STOP_CLOCK, "STANDARD", "", monday + DAY);
	move(&clock, EVENT_RESUME, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + DAY + HOUR);
	assert_int_equal(clock.due, due);
	move(&clock, EVENT_HOLD, EFFECT_STOP_CLOCK, "STANDARD", "", monday + DAY + 2 * HOUR);
	move(&clock, EVENT_RESUME, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 2 * DAY); // one midnight lies between
	assert_int_equal(clock.due, due + DAY);
	clock = (struct case_clock){.kind = CLOCK_ACK, .started = monday, .due = monday + DAY};
	move(&clock, EVENT_HOLD, EFFECT_STOP_CLOCK, "EMERGENCY", "", monday + HOUR);
	move(&clock, EVENT_RESUME, EFFECT_CONTINUE_CLOCK, "EMERGENCY", "", monday + 2 * HOUR);
	assert_int_equal(clock.due, monday + DAY + HOUR);
}

static void a_question_and_a_hold_pause_once_together(void **state)
{
	(void)state;
	struct case_clock clock = running_report();
	uint64_t due = clock.due;
	move(&clock, EVENT_INFO_REQUEST, EFFECT_STOP_CLOCK, "STANDARD", "", monday + DAY);
	move(&clock, EVENT_HOLD, EFFECT_STOP_CLOCK, "STANDARD", "", monday + 2 * DAY);
	move(&clock, EVENT_RESUME, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 3 * DAY);
	assert_int_equal(clock.pauses, PAUSED_BY_QUESTION);
	assert_int_equal(clock_awaited(&clock).kind, CLOCK_CLARIFY);
	move(&clock, EVENT_INFO_REPLY, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 4 * DAY);
	assert_int_equal(clock.due, due + 3 * (uint64_t)DAY);
	move(&clock, EVENT_INFO_REPLY, EFFECT_CONTINUE_CLOCK, "STANDARD", "",
	     monday + 9 * DAY); // to a question that stopped nothing
	assert_int_equal(clock.due, due + 3 * (uint64_t)DAY);
}

static void an_agreed_day_takes_the_place_of_the_one_that_held(void **state)
{
	(void)state;
	struct case_clock clock = running_report();
	move(&clock, EVENT_REMINDER, 0, "STANDARD", "", monday + 61 * (uint64_t)DAY);
	move(&clock, EVENT_DATE_PROPOSE, 0, "STANDARD", "2027-03-12", monday + 61 * (uint64_t)DAY);
	assert_time(clock.due, "2027-01-30T00:00:00Z"); // nobody has agreed yet
	move(&clock, EVENT_DATE_AGREE, EFFECT_SET_DATE, "STANDARD", "2027-03-12", monday + 62 * (uint64_t)DAY);
	assert_time(clock.due, "2027-03-13T00:00:00Z");
	assert_int_equal(clock.told, NOTICE_NONE);
	move(&clock, EVENT_REPORT_FINAL, EFFECT_START_CLOSE_CLOCK, "STANDARD", "", monday + 63 * (uint64_t)DAY);
	move(&clock, EVENT_DATE_AGREE, EFFECT_SET_DATE, "STANDARD", "2028-01-01", monday + 64 * (uint64_t)DAY);
	assert_time(clock.due, "2027-04-03T00:00:00Z"); // the day of the report is no day of the closure
}

static void of_a_pause_only_what_follows_the_agreement_lengthens_the_agreed_day(void **state)
{
	(void)state;
	struct case_clock clock = running_report();
	move(&clock, EVENT_HOLD, EFFECT_STOP_CLOCK, "STANDARD", "", monday + 5 * (uint64_t)DAY);
	move(&clock, EVENT_DATE_AGREE, EFFECT_SET_DATE, "STANDARD", "2027-03-12", monday + 25 * (uint64_t)DAY);
	move(&clock, EVENT_RESUME, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 28 * (uint64_t)DAY);
	assert_time(clock.due, "2027-03-16T00:00:00Z");
	assert_int_equal(clock.paused_ms, 23 * (uint64_t)DAY);
}

static void a_report_that_is_held_back_is_not_late(void **state)
{
	(void)state;
	struct case_clock clock = running_report();
	move(&clock, EVENT_REPORT_READY, EFFECT_STOP_CLOCK, "STANDARD", "", monday + 20 * (uint64_t)DAY);
	assert_int_equal(clock_standing(&clock, monday + 400 * (uint64_t)DAY), STANDING_PAUSED);
	assert_int_equal(clock_duty(&clock).at, 0);
	move(&clock, EVENT_HOLD, EFFECT_STOP_CLOCK, "STANDARD", "", monday + 21 * (uint64_t)DAY);
	move(&clock, EVENT_RESUME, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 22 * (uint64_t)DAY);
	assert_int_equal(clock.pauses, PAUSED_BY_RELEASE); // the hold is over, the release is not
	move(&clock, EVENT_REPORT_FINAL, EFFECT_START_CLOSE_CLOCK, "STANDARD", "", monday + 30 * (uint64_t)DAY);
	assert_int_equal(clock.kind, CLOCK_CLOSE);
	assert_int_equal(clock.pauses, 0);
}

static void soon_is_the_last_sixth(void **state)
{
	(void)state;
	struct case_clock clock = {.kind = CLOCK_REPORT, .started = monday, .due = monday + 60 * (uint64_t)DAY};
	assert_int_equal(clock_standing(&clock, monday + 50 * (uint64_t)DAY - 1), STANDING_DUE);
	assert_int_equal(clock_standing(&clock, monday + 50 * (uint64_t)DAY), STANDING_DUE_SOON);
	assert_int_equal(clock_standing(&clock, monday + 60 * (uint64_t)DAY - 1), STANDING_DUE_SOON);
	assert_int_equal(clock_standing(&clock, monday + 60 * (uint64_t)DAY), STANDING_OVERDUE);
}

static void one_is_reminded_at_the_deadline_and_escalated_at_twice_the_term(void **state)
{
	(void)state;
	struct case_clock clock = {.kind = CLOCK_NONE};
	move(&clock, EVENT_REFERRAL, EFFECT_START_ACK_CLOCK, "EMERGENCY", "", monday);
	assert_int_equal(clock_duty(&clock).event, EVENT_REMINDER);
	assert_int_equal(clock_duty(&clock).at, monday + DAY);
	move(&clock, EVENT_REMINDER, 0, "EMERGENCY", "", monday + DAY + HOUR);
	assert_int_equal(clock_duty(&clock).event, EVENT_ESCALATION);
	assert_int_equal(clock_duty(&clock).at, monday + 2 * DAY);
	move(&clock, EVENT_ESCALATION, 0, "EMERGENCY", "", monday + 2 * DAY);
	assert_int_equal(clock_duty(&clock).at, 0);
	move(&clock, EVENT_ACK, EFFECT_START_DECIDE_CLOCK, "EMERGENCY", "", monday + 3 * DAY);
	assert_int_equal(clock_duty(&clock).event, EVENT_REMINDER); // another deadline, told anew
}

static void an_open_question_has_a_clock_of_its_own(void **state)
{
	(void)state;
	struct case_clock clock = {.kind = CLOCK_NONE};
	move(&clock, EVENT_ACK, EFFECT_START_DECIDE_CLOCK, "STANDARD", "", monday);
	move(&clock, EVENT_INFO_REQUEST, EFFECT_STOP_CLOCK, "STANDARD", "", monday + DAY);
	assert_int_equal(clock_awaited(&clock).kind, CLOCK_CLARIFY);
	assert_int_equal(clock_duty(&clock).at, monday + 31 * (uint64_t)DAY);
	move(&clock, EVENT_REMINDER, 0, "STANDARD", "", monday + 31 * (uint64_t)DAY);
	assert_int_equal(clock_duty(&clock).event, EVENT_ESCALATION);
	assert_int_equal(clock_duty(&clock).at, monday + 91 * (uint64_t)DAY);
}

static void a_reported_case_is_closed_by_silence(void **state)
{
	(void)state;
	struct case_clock clock = {.kind = CLOCK_NONE};
	move(&clock, EVENT_REPORT_FINAL, EFFECT_START_CLOSE_CLOCK, "PRIORITY", "", monday);
	assert_int_equal(clock_duty(&clock).event, EVENT_REMINDER);
	assert_true(clock_duty(&clock).at < clock.due - 9 * (uint64_t)DAY);
	move(&clock, EVENT_REMINDER, 0, "PRIORITY", "", clock_duty(&clock).at);
	assert_int_equal(clock_duty(&clock).event, EVENT_SILENCE);
	assert_int_equal(clock_duty(&clock).at, clock.due);
}

static void a_withdrawn_consent_has_72_hours_whatever_else_stands(void **state)
{
	(void)state;
	struct case_clock clock = running_report();
	uint64_t due = clock.due;
	move(&clock, EVENT_HOLD, EFFECT_STOP_CLOCK, "STANDARD", "", monday + DAY);
	move(&clock, EVENT_CONSENT_WITHDRAWN, EFFECT_ASK_CONSENT, "STANDARD", "", monday + 2 * DAY);
	assert_int_equal(clock_awaited(&clock).kind, CLOCK_CONSENT);
	assert_int_equal(clock_duty(&clock).at, monday + 5 * DAY);
	move(&clock, EVENT_REMINDER, 0, "STANDARD", "", monday + 5 * DAY);
	assert_int_equal(clock_duty(&clock).event, EVENT_ESCALATION);
	assert_int_equal(clock_duty(&clock).at, monday + 8 * DAY);
	move(&clock, EVENT_CONSENT_ANSWER, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 8 * DAY);
	assert_int_equal(clock_awaited(&clock).kind, CLOCK_NONE); // still on hold
	move(&clock, EVENT_RESUME, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 9 * DAY);
	assert_int_equal(clock.due, due + 8 * (uint64_t)DAY);
}

static void a_withdrawn_consent_is_not_forgotten_by_the_next_clock(void **state)
{
	(void)state;
	struct case_clock clock = {.kind = CLOCK_NONE};
	move(&clock, EVENT_REFERRAL, EFFECT_START_ACK_CLOCK, "STANDARD", "", monday);
	move(&clock, EVENT_CONSENT_WITHDRAWN, EFFECT_ASK_CONSENT, "STANDARD", "", monday + DAY);
	move(&clock, EVENT_ACK, EFFECT_START_DECIDE_CLOCK, "STANDARD", "", monday + 2 * DAY);
	assert_int_equal(clock_awaited(&clock).kind, CLOCK_CONSENT);
	assert_int_equal(clock_awaited(&clock).due, monday + 4 * DAY);
	move(&clock, EVENT_CONSENT_ANSWER, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 3 * DAY);
	assert_int_equal(clock_awaited(&clock).kind, CLOCK_DECIDE);
	assert_int_equal(clock.consent_at, 0);
}

static void an_outage_stops_all_and_gives_back_its_length(void **state)
{
	(void)state;
	struct case_clock clock = running_report();
	uint64_t due = clock.due;
	move(&clock, EVENT_REMINDER, 0, "STANDARD", "", monday);
	move(&clock, EVENT_MEMBER_OUT, EFFECT_STOP_CLOCK, "STANDARD", "", monday + 10 * (uint64_t)DAY);
	assert_int_equal(clock_standing(&clock, due + DAY), STANDING_PAUSED);
	assert_int_equal(clock_awaited(&clock).kind, CLOCK_NONE);
	assert_int_equal(clock_duty(&clock).at, 0);
	move(&clock, EVENT_MEMBER_OUT, EFFECT_STOP_CLOCK, "STANDARD", "",
	     monday + 12 * (uint64_t)DAY); // of the other one now
	assert_int_equal(clock.out_since, monday + 10 * (uint64_t)DAY);
	move(&clock, EVENT_MEMBER_BACK, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 22 * (uint64_t)DAY);
	assert_int_equal(clock.due, due + 12 * (uint64_t)DAY);
	assert_int_equal(clock.paused_ms, 12 * (uint64_t)DAY);
	assert_int_equal(clock.out_since, 0);
	assert_int_equal(clock.told, NOTICE_REMINDED); // who was reminded before is not reminded of it again
	move(&clock, EVENT_MEMBER_BACK, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 25 * (uint64_t)DAY);
	assert_int_equal(clock.paused_ms, 12 * (uint64_t)DAY);
}

static void a_question_and_a_consent_wait_while_a_member_is_out(void **state)
{
	(void)state;
	struct case_clock clock = running_report();
	uint64_t due = clock.due;
	move(&clock, EVENT_INFO_REQUEST, EFFECT_STOP_CLOCK, "STANDARD", "", monday + DAY);
	move(&clock, EVENT_MEMBER_OUT, EFFECT_STOP_CLOCK, "STANDARD", "", monday + 3 * DAY);
	move(&clock, EVENT_CONSENT_WITHDRAWN, EFFECT_ASK_CONSENT, "STANDARD", "", monday + 5 * DAY);
	assert_int_equal(clock_awaited(&clock).kind, CLOCK_NONE);
	move(&clock, EVENT_MEMBER_BACK, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 15 * (uint64_t)DAY);
	assert_int_equal(clock_awaited(&clock).kind, CLOCK_CONSENT); // 72 hours from the return
	assert_int_equal(clock_awaited(&clock).due, monday + 18 * (uint64_t)DAY);
	move(&clock, EVENT_CONSENT_ANSWER, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 16 * (uint64_t)DAY);
	assert_int_equal(clock_awaited(&clock).kind, CLOCK_CLARIFY); // two days before, the rest of the thirty after
	assert_int_equal(clock_awaited(&clock).due, monday + 43 * (uint64_t)DAY);
	move(&clock, EVENT_INFO_REPLY, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 20 * (uint64_t)DAY);
	assert_int_equal(clock.due, due + 19 * (uint64_t)DAY); // one pause from the question to its answer
	assert_int_equal(clock.asked_at, 0);
}

static void the_next_clock_stands_too_but_not_at_another_member(void **state)
{
	(void)state;
	struct case_clock clock = {.kind = CLOCK_NONE};
	move(&clock, EVENT_REFERRAL, EFFECT_START_ACK_CLOCK, "STANDARD", "", monday);
	move(&clock, EVENT_MEMBER_OUT, EFFECT_STOP_CLOCK, "STANDARD", "", monday + DAY);
	move(&clock, EVENT_ACK, EFFECT_START_DECIDE_CLOCK, "STANDARD", "", monday + 2 * DAY);
	assert_int_equal(clock.kind, CLOCK_DECIDE);
	assert_int_equal(clock.pauses, PAUSED_BY_MEMBER);
	struct case_clock passed_on = clock;
	move(&passed_on, EVENT_FORWARD, EFFECT_START_ACK_CLOCK | EFFECT_CHANGE_RESPONDING, "STANDARD", "",
	     monday + 3 * DAY);
	assert_int_equal(passed_on.pauses, 0);
	assert_int_equal(passed_on.out_since, 0);
	uint64_t due = clock.due;
	move(&clock, EVENT_MEMBER_BACK, EFFECT_CONTINUE_CLOCK, "STANDARD", "", monday + 7 * DAY);
	assert_int_equal(clock.paused_ms, 5 * (uint64_t)DAY);
	assert_int_equal(clock.due, due + 5 * (uint64_t)DAY);
}

static void nothing_without_a_deadline_is_ever_late(void **state)
{
	(void)state;
	struct case_clock clock = {.kind = CLOCK_NONE};
	move(&clock, EVENT_ACCEPT, EFFECT_START_REPORT_CLOCK, "NO_DEADLINE", "", monday);
	assert_int_equal(clock_standing(&clock, UINT64_MAX), STANDING_NONE);
	assert_int_equal(clock_duty(&clock).at, 0);
	move(&clock, EVENT_HOLD, EFFECT_STOP_CLOCK, "NO_DEADLINE", "", monday + DAY);
	move(&clock, EVENT_RESUME, EFFECT_CONTINUE_CLOCK, "NO_DEADLINE", "", monday + 2 * DAY);
	assert_int_equal(clock.due, 0);
	assert_int_equal(clock.paused_ms, DAY);
}

static void a_pause_without_a_clock_is_none(void **state)
{
	(void)state;
	struct case_clock clock = {.kind = CLOCK_NONE};
	move(&clock, EVENT_HOLD, EFFECT_STOP_CLOCK, "STANDARD", "", monday);
	assert_int_equal(clock_standing(&clock, monday), STANDING_NONE);
}

static void a_deadline_in_the_past_is_late_at_once(void **state)
{
	(void)state;
	struct case_clock clock = {.kind = CLOCK_NONE};
	move(&clock, EVENT_ACCEPT, EFFECT_START_REPORT_CLOCK, "STANDARD", "2026-01-01", monday);
	assert_int_equal(clock_standing(&clock, monday), STANDING_OVERDUE);
	assert_int_equal(clock_duty(&clock).at, clock.due);
	move(&clock, EVENT_REMINDER, 0, "STANDARD", "", monday);
	assert_int_equal(clock_duty(&clock).at, clock.due + DAY); // no term that could pass twice
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_urgency_has_its_terms),
		cmocka_unit_test(working_days_leave_out_the_weekend),
		cmocka_unit_test(each_move_starts_the_next_clock),
		cmocka_unit_test(a_hold_moves_the_deadline_by_its_length),
		cmocka_unit_test(a_pause_within_a_day_moves_no_day_but_an_hour),
		cmocka_unit_test(a_question_and_a_hold_pause_once_together),
		cmocka_unit_test(an_agreed_day_takes_the_place_of_the_one_that_held),
		cmocka_unit_test(of_a_pause_only_what_follows_the_agreement_lengthens_the_agreed_day),
		cmocka_unit_test(a_report_that_is_held_back_is_not_late),
		cmocka_unit_test(soon_is_the_last_sixth),
		cmocka_unit_test(one_is_reminded_at_the_deadline_and_escalated_at_twice_the_term),
		cmocka_unit_test(an_open_question_has_a_clock_of_its_own),
		cmocka_unit_test(a_reported_case_is_closed_by_silence),
		cmocka_unit_test(a_withdrawn_consent_has_72_hours_whatever_else_stands),
		cmocka_unit_test(a_withdrawn_consent_is_not_forgotten_by_the_next_clock),
		cmocka_unit_test(an_outage_stops_all_and_gives_back_its_length),
		cmocka_unit_test(a_question_and_a_consent_wait_while_a_member_is_out),
		cmocka_unit_test(the_next_clock_stands_too_but_not_at_another_member),
		cmocka_unit_test(nothing_without_a_deadline_is_ever_late),
		cmocka_unit_test(a_pause_without_a_clock_is_none),
		cmocka_unit_test(a_deadline_in_the_past_is_late_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
