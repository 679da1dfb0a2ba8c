// SPDX-License-Identifier: Apache-2.0
// links: passerelle_case passerelle_base
//
// Every state x event x side against tests/data/lifecycle.expected.txt, which
// people have checked against the casework page, 5.2. When the table changes on
// purpose, change that file by hand, line by line.
#include "test.h"

#include "case/lifecycle.h"
#include "lib/text_file.h"

#include <stdio.h>

struct named_view {
	const char *name;
	struct case_view view;
};

// Each state, and where held_from, held_by or hops matter, each of their kinds.
static const struct named_view views[] = {
	{"NONE", {CASE_NONE, CASE_NONE, SIDE_REQUESTING, 0, 0, false}},
	{"DRAFT", {CASE_DRAFT, CASE_NONE, SIDE_REQUESTING, 0, 0, false}},
	{"SENT", {CASE_SENT, CASE_NONE, SIDE_REQUESTING, 0, 0, false}},
	{"SENT, unanswered", {CASE_SENT, CASE_NONE, SIDE_REQUESTING, 0, 0, true}},
	{"SENT after 2 forwards", {CASE_SENT, CASE_NONE, SIDE_REQUESTING, 2, 0, false}},
	{"SENT after 3 forwards", {CASE_SENT, CASE_NONE, SIDE_REQUESTING, 3, 0, false}},
	{"ACKNOWLEDGED", {CASE_ACKNOWLEDGED, CASE_NONE, SIDE_REQUESTING, 0, 0, false}},
	{"ACKNOWLEDGED after 3 forwards", {CASE_ACKNOWLEDGED, CASE_NONE, SIDE_REQUESTING, 3, 0, false}},
	{"CLARIFY", {CASE_CLARIFY, CASE_NONE, SIDE_REQUESTING, 0, 0, false}},
	{"ACCEPTED", {CASE_ACCEPTED, CASE_NONE, SIDE_REQUESTING, 0, 0, false}},
	{"IN_PROGRESS", {CASE_IN_PROGRESS, CASE_NONE, SIDE_REQUESTING, 0, 0, false}},
	{"IN_PROGRESS, consent withdrawn by REQUESTING", {CASE_IN_PROGRESS, CASE_NONE, SIDE_REQUESTING, 0, 1 + SIDE_REQUESTING, false}},
	{"SENT, consent withdrawn by RESPONDING", {CASE_SENT, CASE_NONE, SIDE_REQUESTING, 0, 1 + SIDE_RESPONDING, false}},
	{"ON_HOLD by REQUESTING from ACCEPTED", {CASE_ON_HOLD, CASE_ACCEPTED, SIDE_REQUESTING, 0, 0, false}},
	{"ON_HOLD by RESPONDING from IN_PROGRESS", {CASE_ON_HOLD, CASE_IN_PROGRESS, SIDE_RESPONDING, 0, 0, false}},
	{"ON_HOLD by HUB from IN_PROGRESS", {CASE_ON_HOLD, CASE_IN_PROGRESS, SIDE_HUB, 0, 0, false}},
	{"ON_HOLD from nowhere", {CASE_ON_HOLD, CASE_NONE, SIDE_REQUESTING, 0, 0, false}},
	{"REPORTED", {CASE_REPORTED, CASE_NONE, SIDE_REQUESTING, 0, 0, false}},
	{"CLOSED", {CASE_CLOSED, CASE_NONE, SIDE_REQUESTING, 0, 0, false}},
	{"DECLINED", {CASE_DECLINED, CASE_NONE, SIDE_REQUESTING, 0, 0, false}},
	{"WITHDRAWN", {CASE_WITHDRAWN, CASE_NONE, SIDE_REQUESTING, 0, 0, false}},
	{"TRANSFERRED", {CASE_TRANSFERRED, CASE_NONE, SIDE_REQUESTING, 0, 0, false}},
};

enum { VIEW_COUNT = sizeof views / sizeof views[0], TABLE_SIZE = 64 * 1024 };

static const char *const effect_names[] = {
	"start-ack", "start-decide",      "stop",     "continue", "start-report", "start-close",
	"end",       "change-responding", "reopened", "ask-consent",
};

static size_t put(char *table, size_t used, const char *format, ...) PRINTF_LIKE(3, 4);

static size_t put(char *table, size_t used, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int length = vsnprintf(table + used, TABLE_SIZE - used, format, list);
	va_end(list);
	must(length >= 0 && used + (size_t)length < TABLE_SIZE);
	return used + (size_t)length;
}

// One line: the event, for each side what comes of it, and the effects of those that may.
static size_t print_event(char *table, size_t used, const struct case_view *view, enum case_event event)
{
	uint32_t effects = 0;
	used = put(table, used, "%-15s", case_event_name(event));
	for (unsigned side = 0; side < CASE_SIDE_COUNT; side++) {
		struct case_decision decision = {.effects = 0};
		enum fail_code failed = case_step(view, event, (enum case_side)side, &decision);
		const char *outcome = failed == FAIL_NONE          ? case_state_name(decision.next.state)
		                    : failed == FAIL_ILLEGAL_MOVE  ? "-"
		                    : failed == FAIL_NOT_YOUR_MOVE ? "other"
		                                                   : fail_name(failed);
		effects |= decision.effects;
		used = put(table, used, " %-12s", outcome);
	}
	for (size_t bit = 0; bit < sizeof effect_names / sizeof effect_names[0]; bit++) {
		if (effects >> bit & 1)
			used = put(table, used, " %s", effect_names[bit]);
	}
	while (table[used - 1] == ' ')
		used--;
	return put(table, used, "\n");
}

static void every_state_event_and_side_is_as_reviewed(void **state)
{
	(void)state;
	char *table = test_malloc(TABLE_SIZE);
	size_t used = 0;
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		used = put(table, used, "\n[%s]\n", views[i].name);
		for (unsigned event = 0; event < CASE_EVENT_COUNT; event++)
			used = print_event(table, used, &views[i].view, (enum case_event)event);
	}
	assert_text_is_file(table, TEST_DATA "/lifecycle.expected.txt");
	test_free(table);
}

static void legal_events_are_those_that_step_takes(void **state)
{
	(void)state;
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		for (unsigned side = 0; side < CASE_SIDE_COUNT; side++) {
			uint64_t legal = case_legal_events(&views[i].view, (enum case_side)side);
			for (unsigned event = 0; event < CASE_EVENT_COUNT; event++) {
				struct case_decision decision;
				bool steps =
					case_step(&views[i].view, (enum case_event)event, (enum case_side)side, &decision) == FAIL_NONE;
				assert_int_equal(legal >> event & 1, steps);
			}
		}
	}
}

static void a_refused_step_leaves_the_decision_alone(void **state)
{
	(void)state;
	struct case_view view = {CASE_CLOSED, CASE_NONE, SIDE_REQUESTING, 1, 0, false};
	struct case_decision decision, before;
	memset(&decision, 0x5a, sizeof decision);
	memcpy(&before, &decision, sizeof before);
	assert_int_equal(case_step(&view, EVENT_ACK, SIDE_RESPONDING, &decision), FAIL_ILLEGAL_MOVE);
	assert_memory_equal(&decision, &before, sizeof before);
}

static void what_lies_beyond_the_enums_is_illegal(void **state)
{
	(void)state;
	struct case_view view = {CASE_SENT, CASE_NONE, SIDE_REQUESTING, 0, 0, false};
	struct case_decision decision;
	assert_int_equal(case_step(&view, CASE_EVENT_COUNT, SIDE_RESPONDING, &decision), FAIL_ILLEGAL_MOVE);
	assert_int_equal(case_step(&view, EVENT_ACK, CASE_SIDE_COUNT, &decision), FAIL_ILLEGAL_MOVE);
	view.state = (enum case_state)200;
	assert_int_equal(case_step(&view, EVENT_ACK, SIDE_RESPONDING, &decision), FAIL_ILLEGAL_MOVE);
	assert_int_equal(case_turn((enum case_state)200), CASE_SIDE_COUNT);
	assert_string_equal(case_state_name((enum case_state)200), "UNKNOWN");
	assert_string_equal(case_event_name((enum case_event)200), "UNKNOWN");
	assert_string_equal(case_side_name((enum case_side)200), "UNKNOWN");
}

static void hold_remembers_who_and_from_where_and_resume_returns(void **state)
{
	(void)state;
	struct case_view view = {CASE_ACCEPTED, CASE_NONE, SIDE_REQUESTING, 2, 0, false};
	struct case_decision decision;
	assert_ok(case_step(&view, EVENT_HOLD, SIDE_RESPONDING, &decision));
	assert_int_equal(decision.next.held_from, CASE_ACCEPTED);
	assert_int_equal(decision.next.held_by, SIDE_RESPONDING);
	view = decision.next;
	assert_int_equal(case_step(&view, EVENT_RESUME, SIDE_REQUESTING, &decision), FAIL_NOT_YOUR_MOVE);
	assert_ok(case_step(&view, EVENT_STATUS_NOTE, SIDE_REQUESTING, &decision));
	assert_int_equal(decision.next.held_from, CASE_ACCEPTED);
	assert_ok(case_step(&view, EVENT_RESUME, SIDE_RESPONDING, &decision));
	assert_int_equal(decision.next.state, CASE_ACCEPTED);
	assert_int_equal(decision.next.held_from, CASE_NONE);
	assert_int_equal(decision.next.hops, 2);
}

static void a_withdrawn_consent_is_answered_by_the_other_side_alone(void **state)
{
	(void)state;
	struct case_view view = {CASE_IN_PROGRESS, CASE_NONE, SIDE_REQUESTING, 0, 0, false};
	struct case_decision decision;
	assert_int_equal(case_step(&view, EVENT_CONSENT_ANSWER, SIDE_RESPONDING, &decision), FAIL_ILLEGAL_MOVE);
	assert_ok(case_step(&view, EVENT_CONSENT_WITHDRAWN, SIDE_REQUESTING, &decision));
	assert_int_equal(decision.effects, EFFECT_ASK_CONSENT);
	view = decision.next;
	assert_int_equal(case_step(&view, EVENT_CONSENT_WITHDRAWN, SIDE_RESPONDING, &decision), FAIL_ILLEGAL_MOVE);
	assert_int_equal(case_step(&view, EVENT_CONSENT_ANSWER, SIDE_REQUESTING, &decision), FAIL_NOT_YOUR_MOVE);
	assert_ok(case_step(&view, EVENT_STATUS_NOTE, SIDE_REQUESTING, &decision)); // a word meanwhile answers nothing
	assert_int_equal(decision.next.consent, 1 + SIDE_REQUESTING);
	assert_ok(case_step(&view, EVENT_CONSENT_ANSWER, SIDE_RESPONDING, &decision));
	assert_int_equal(decision.next.consent, 0);
	assert_int_equal(decision.next.state, CASE_IN_PROGRESS);
}

static void a_case_is_forwarded_three_times_at_most(void **state)
{
	(void)state;
	struct case_view view = {CASE_SENT, CASE_NONE, SIDE_REQUESTING, 0, 0, false};
	for (int i = 0; i < CASE_MAX_HOPS; i++) {
		struct case_decision decision;
		assert_ok(case_step(&view, EVENT_FORWARD, SIDE_RESPONDING, &decision));
		view = decision.next;
	}
	struct case_decision decision;
	assert_int_equal(view.hops, CASE_MAX_HOPS);
	assert_int_equal(case_step(&view, EVENT_FORWARD, SIDE_RESPONDING, &decision), FAIL_ILLEGAL_MOVE);
}

// Marks all states that any side can reach from there.
static void reach(bool seen[CASE_STATE_COUNT], enum case_state from)
{
	struct case_rule rule;
	if (seen[from])
		return;
	seen[from] = true;
	for (unsigned i = 0; case_rule_at(i, &rule); i++) {
		if (rule.from == from && rule.to != CASE_NONE)
			reach(seen, rule.to);
	}
}

static void every_state_is_reached_and_none_is_a_dead_end(void **state)
{
	(void)state;
	bool from_none[CASE_STATE_COUNT] = {false};
	reach(from_none, CASE_NONE);
	for (unsigned i = 0; i < CASE_STATE_COUNT; i++) {
		bool onward[CASE_STATE_COUNT] = {false};
		reach(onward, (enum case_state)i);
		assert_true(from_none[i] || i == CASE_DRAFT);
		assert_true(onward[CASE_CLOSED]);
		assert_true(onward[CASE_WITHDRAWN]);
	}
}

static void only_reopen_leads_out_of_an_ended_case(void **state)
{
	(void)state;
	struct case_rule rule;
	unsigned ended = 0;
	for (unsigned i = 0; case_rule_at(i, &rule); i++) {
		bool leads_out = case_state_ended(rule.from) && rule.to != CASE_NONE;
		assert_int_equal(leads_out, rule.event == EVENT_REOPEN);
		ended += leads_out;
	}
	assert_int_equal(ended, 3);
}

static void who_is_to_move_has_a_move(void **state)
{
	(void)state;
	const uint64_t beside_the_state = UINT64_C(1) << EVENT_STATUS_NOTE | UINT64_C(1) << EVENT_STEP |
	                                  UINT64_C(1) << EVENT_PARTY | UINT64_C(1) << EVENT_CONSENT_GIVEN |
	                                  UINT64_C(1) << EVENT_CONSENT_WITHDRAWN | UINT64_C(1) << EVENT_CONSENT_ANSWER |
	                                  UINT64_C(1) << EVENT_UPDATE | UINT64_C(1) << EVENT_INVALIDATE;
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		enum case_side turn = case_turn(views[i].view.state);
		if (turn != CASE_SIDE_COUNT)
			assert_true(case_legal_events(&views[i].view, turn) & ~beside_the_state);
	}
}

static void neither_secretariat_nor_partner_ever_moves_a_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		assert_int_equal(case_legal_events(&views[i].view, SIDE_SECRETARIAT), 0);
		assert_int_equal(case_legal_events(&views[i].view, SIDE_PARTNER), 0);
	}
}

static void the_legal_list_is_written_with_commas(void **state)
{
	(void)state;
	char text[CASE_EVENTS_TEXT_SIZE];
	struct case_view view = {CASE_SENT, CASE_NONE, SIDE_REQUESTING, 0, 0, false};
	case_events_text(case_legal_events(&view, SIDE_RESPONDING), text);
	assert_string_equal(text, "ACK,FORWARD,DECLINE,STATUS_NOTE,STEP,CONSENT_GIVEN,CONSENT_WITHDRAWN,PARTY,UPDATE,INVALIDATE");
	case_events_text(0, text);
	assert_string_equal(text, "");
	case_events_text(UINT64_MAX >> (64 - CASE_EVENT_COUNT), text); // all at once still fit
	assert_non_null(strstr(text, "REFERRAL,ACK,FORWARD,"));
	assert_string_equal(strrchr(text, ','), ",MEMBER_BACK");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_event_and_side_is_as_reviewed),
		cmocka_unit_test(legal_events_are_those_that_step_takes),
		cmocka_unit_test(a_refused_step_leaves_the_decision_alone),
		cmocka_unit_test(what_lies_beyond_the_enums_is_illegal),
		cmocka_unit_test(hold_remembers_who_and_from_where_and_resume_returns),
		cmocka_unit_test(a_withdrawn_consent_is_answered_by_the_other_side_alone),
		cmocka_unit_test(a_case_is_forwarded_three_times_at_most),
		cmocka_unit_test(every_state_is_reached_and_none_is_a_dead_end),
		cmocka_unit_test(only_reopen_leads_out_of_an_ended_case),
		cmocka_unit_test(who_is_to_move_has_a_move),
		cmocka_unit_test(neither_secretariat_nor_partner_ever_moves_a_case),
		cmocka_unit_test(the_legal_list_is_written_with_commas),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
