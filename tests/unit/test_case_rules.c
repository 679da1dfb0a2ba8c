// SPDX-License-Identifier: Apache-2.0
// links: hub_domain passerelle_case passerelle_base
#include "test.h"

#include "domain/case_rules.h"

static const struct case_view accepted = {.state = CASE_ACCEPTED};

static void assert_event(enum message_kind kind, enum report_stage stage, enum case_event wanted)
{
	struct header header = {.kind = kind, .report = stage};
	enum case_event event = CASE_EVENT_COUNT;
	assert_ok(case_event_of(&header, &event));
	assert_string_equal(case_event_name(event), case_event_name(wanted));
}

static void each_kind_is_an_event(void **state)
{
	(void)state;
	static const struct {
		enum message_kind kind;
		enum case_event event;
	} pairs[] = {
		{KIND_REFERRAL, EVENT_REFERRAL},
		{KIND_ACK, EVENT_ACK},
		{KIND_ACCEPT, EVENT_ACCEPT},
		{KIND_DECLINE, EVENT_DECLINE},
		{KIND_INFO_REQUEST, EVENT_INFO_REQUEST},
		{KIND_INFO_REPLY, EVENT_INFO_REPLY},
		{KIND_STATUS_NOTE, EVENT_STATUS_NOTE},
		{KIND_WITHDRAW, EVENT_WITHDRAW},
		{KIND_CLOSE, EVENT_CLOSE},
		{KIND_REOPEN, EVENT_REOPEN},
		{KIND_START, EVENT_START},
		{KIND_HOLD, EVENT_HOLD},
		{KIND_RESUME, EVENT_RESUME},
		{KIND_FORWARD, EVENT_FORWARD},
		{KIND_TRANSFER, EVENT_TRANSFER},
		{KIND_DOCUMENT, EVENT_DOCUMENT},
		{KIND_REMINDER_REPLY, EVENT_REMINDER_REPLY},
		{KIND_TRANSLATION, EVENT_TRANSLATION},
		{KIND_ALERT, EVENT_ALERT},
	};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		assert_event(pairs[i].kind, REPORT_NONE, pairs[i].event);
	assert_event(KIND_REPORT, REPORT_INTERIM, EVENT_REPORT_INTERIM);
	assert_event(KIND_REPORT, REPORT_FINAL, EVENT_REPORT_FINAL);
}

static void what_makes_no_move_has_no_event(void **state)
{
	(void)state;
	static const enum message_kind kinds[] = {KIND_UNSPECIFIED, KIND_RECEIPT, KIND_STATISTICS, KIND_COUNT, KIND_REPORT};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct header header = {.kind = kinds[i]};
		enum case_event event = EVENT_ACK;
		assert_int_equal(case_event_of(&header, &event), FAIL_UNSUPPORTED);
		assert_int_equal(event, EVENT_ACK);
	}
}

static void a_referral_opens_a_case(void **state)
{
	(void)state;
	struct header header = {.kind = KIND_REFERRAL};
	struct case_view none = {.state = CASE_NONE};
	struct case_decision decision;
	enum case_event event;
	struct fail why;
	assert_ok(case_decide(&header, &none, SIDE_REQUESTING, &event, &decision, &why));
	assert_int_equal(event, EVENT_REFERRAL);
	assert_int_equal(decision.next.state, CASE_SENT);
}

static void only_a_blocking_question_stops_the_clock_and_its_reply_starts_it(void **state)
{
	(void)state;
	struct header header = {.kind = KIND_INFO_REQUEST};
	struct case_decision decision;
	enum case_event event;
	assert_ok(case_decide(&header, &accepted, SIDE_RESPONDING, &event, &decision, NULL));
	assert_int_equal(decision.effects, 0);
	header.blocking = true;
	assert_ok(case_decide(&header, &accepted, SIDE_RESPONDING, &event, &decision, NULL));
	assert_int_equal(decision.effects, EFFECT_STOP_CLOCK);
	header = (struct header){.kind = KIND_INFO_REPLY};
	assert_ok(case_decide(&header, &accepted, SIDE_REQUESTING, &event, &decision, NULL));
	assert_int_equal(decision.effects, EFFECT_CONTINUE_CLOCK);
}

static void a_refusal_says_who_what_and_where(void **state)
{
	(void)state;
	struct header header = {.kind = KIND_ACK};
	struct case_decision decision;
	enum case_event event = CASE_EVENT_COUNT;
	struct fail why;
	assert_int_equal(case_decide(&header, &accepted, SIDE_RESPONDING, &event, &decision, &why), FAIL_ILLEGAL_MOVE);
	assert_int_equal(event, EVENT_ACK);
	assert_string_equal(why.text, "ACK is not possible for the RESPONDING side in the state ACCEPTED");
	header.kind = KIND_START;
	assert_int_equal(case_decide(&header, &accepted, SIDE_REQUESTING, &event, &decision, &why), FAIL_NOT_YOUR_MOVE);
	header.kind = KIND_RECEIPT;
	assert_int_equal(case_decide(&header, &accepted, SIDE_REQUESTING, &event, &decision, &why), FAIL_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_an_event),
		cmocka_unit_test(what_makes_no_move_has_no_event),
		cmocka_unit_test(a_referral_opens_a_case),
		cmocka_unit_test(only_a_blocking_question_stops_the_clock_and_its_reply_starts_it),
		cmocka_unit_test(a_refusal_says_who_what_and_where),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
