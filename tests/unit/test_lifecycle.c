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
	{"NONE", {.state = CASE_NONE}},
	{"DRAFT", {.state = CASE_DRAFT}},
	{"SENT", {.state = CASE_SENT}},
	{"SENT, unanswered", {.state = CASE_SENT, .unanswered = true}},
	{"SENT after 2 forwards", {.state = CASE_SENT, .hops = 2}},
	{"SENT after 3 forwards", {.state = CASE_SENT, .hops = 3}},
	{"ACKNOWLEDGED", {.state = CASE_ACKNOWLEDGED}},
	{"ACKNOWLEDGED after 3 forwards", {.state = CASE_ACKNOWLEDGED, .hops = 3}},
	{"CLARIFY", {.state = CASE_CLARIFY}},
	{"ACCEPTED", {.state = CASE_ACCEPTED}},
	{"IN_PROGRESS", {.state = CASE_IN_PROGRESS}},
	{"IN_PROGRESS, consent withdrawn by REQUESTING", {.state = CASE_IN_PROGRESS, .consent = 1 + SIDE_REQUESTING}},
	{"SENT, consent withdrawn by RESPONDING", {.state = CASE_SENT, .consent = 1 + SIDE_RESPONDING}},
	{"ACCEPTED, a day proposed by RESPONDING", {.state = CASE_ACCEPTED, .date_by = 1 + SIDE_RESPONDING}},
	{"IN_PROGRESS, a day countered by REQUESTING", {.state = CASE_IN_PROGRESS, .date_by = 1 + SIDE_REQUESTING, .date_countered = true}},
	{"ON_HOLD by REQUESTING from ACCEPTED", {.state = CASE_ON_HOLD, .held_from = CASE_ACCEPTED}},
	{"ON_HOLD by RESPONDING from IN_PROGRESS", {.state = CASE_ON_HOLD, .held_from = CASE_IN_PROGRESS, .held_by = SIDE_RESPONDING}},
	{"ON_HOLD by HUB from IN_PROGRESS", {.state = CASE_ON_HOLD, .held_from = CASE_IN_PROGRESS, .held_by = SIDE_HUB}},
	{"ON_HOLD from nowhere", {.state = CASE_ON_HOLD}},
	{"REPORTED", {.state = CASE_REPORTED}},
	{"CLOSED", {.state = CASE_CLOSED}},
	{"CLOSED, and by RESPONDING locally", {.state = CASE_CLOSED, .local_closed = 1 << SIDE_RESPONDING}},
	{"DECLINED", {.state = CASE_DECLINED}},
	{"WITHDRAWN", {.state = CASE_WITHDRAWN}},
	{"TRANSFERRED", {.state = CASE_TRANSFERRED}},
	{"TRACE_SENT", {.state = CASE_TRACE_SENT}},
	{"TRACE_SEARCHING", {.state = CASE_TRACE_SEARCHING}},
	{"TRACE_VERIFYING", {.state = CASE_TRACE_VERIFYING}},
	{"TRACE_AGREED", {.state = CASE_TRACE_AGREED}},
	{"TRACE_DISCLOSED", {.state = CASE_TRACE_DISCLOSED}},
	{"TRACE_FOUND", {.state = CASE_TRACE_FOUND}},
	{"TRACE_SUSPENDED by RESPONDING", {.state = CASE_TRACE_SUSPENDED, .held_from = CASE_TRACE_SEARCHING, .held_by = SIDE_RESPONDING}},
	{"TRACE_CLOSED", {.state = CASE_TRACE_CLOSED}},
	{"TRACE_WITHDRAWN", {.state = CASE_TRACE_WITHDRAWN}},
	{"TRACE_EXPIRED", {.state = CASE_TRACE_EXPIRED}},
};

enum { VIEW_COUNT = sizeof views / sizeof views[0], TABLE_SIZE = 256 * 1024 };

static const char *const effect_names[] = {
	"start-ack", "start-decide",      "stop",     "continue", "start-report", "start-close",
	"end",       "change-responding", "reopened", "ask-consent",
	"set-date",  "start-renew",
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
	struct case_view view = {.state = CASE_CLOSED, .hops = 1};
	struct case_decision decision, before;
	memset(&decision, 0x5a, sizeof decision);
	memcpy(&before, &decision, sizeof before);
	assert_int_equal(case_step(&view, EVENT_ACK, SIDE_RESPONDING, &decision), FAIL_ILLEGAL_MOVE);
	assert_memory_equal(&decision, &before, sizeof before);
}

static void what_lies_beyond_the_enums_is_illegal(void **state)
{
	(void)state;
	struct case_view view = {.state = CASE_SENT};
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
	struct case_view view = {.state = CASE_ACCEPTED, .hops = 2};
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
	struct case_view view = {.state = CASE_IN_PROGRESS};
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

static struct case_view after(struct case_view view, enum case_event event, enum case_side side)
{
	struct case_decision decision;
	assert_int_equal(case_step(&view, event, side, &decision), FAIL_NONE);
	return decision.next;
}

static enum fail_code refusal(struct case_view view, enum case_event event, enum case_side side)
{
	struct case_decision decision;
	return case_step(&view, event, side, &decision);
}

static void a_day_is_countered_once_and_then_answered(void **state)
{
	(void)state;
	struct case_view view = {.state = CASE_ACKNOWLEDGED};
	view = after(view, EVENT_ACCEPT, SIDE_RESPONDING);
	assert_int_equal(refusal(view, EVENT_DATE_PROPOSE, SIDE_RESPONDING), FAIL_ILLEGAL_MOVE); // it has just named one
	view = after(view, EVENT_DATE_PROPOSE, SIDE_REQUESTING);
	assert_true(view.date_countered);
	assert_int_equal(refusal(view, EVENT_DATE_PROPOSE, SIDE_RESPONDING), FAIL_ILLEGAL_MOVE); // no second counter
	assert_int_equal(refusal(view, EVENT_DATE_AGREE, SIDE_REQUESTING), FAIL_NOT_YOUR_MOVE);
	view = after(view, EVENT_DATE_AGREE, SIDE_RESPONDING);
	assert_int_equal(view.date_by, 0);
	assert_int_equal(refusal(view, EVENT_DATE_AGREE, SIDE_REQUESTING), FAIL_ILLEGAL_MOVE); // nothing is on the table
	view = after(view, EVENT_DATE_PROPOSE, SIDE_RESPONDING); // months later, another one
	assert_false(view.date_countered);
	view = after(view, EVENT_REPORT_FINAL, SIDE_RESPONDING);
	assert_int_equal(view.date_by, 0);
}

static void each_side_ends_its_own_work_once_and_a_reopening_begins_it_again(void **state)
{
	(void)state;
	struct case_view view = {.state = CASE_REPORTED};
	assert_int_equal(refusal(view, EVENT_LOCAL_CLOSE, SIDE_REQUESTING),
	                 FAIL_NOT_YOUR_MOVE); // it has to close the case first
	view = after(view, EVENT_LOCAL_CLOSE, SIDE_RESPONDING);
	assert_int_not_equal(refusal(view, EVENT_LOCAL_CLOSE, SIDE_RESPONDING), FAIL_NONE);
	view = after(view, EVENT_CLOSE, SIDE_REQUESTING);
	assert_int_equal(view.local_closed, 1 << SIDE_RESPONDING);
	view = after(view, EVENT_LOCAL_CLOSE, SIDE_REQUESTING);
	assert_int_equal(view.local_closed, 1 << SIDE_RESPONDING | 1 << SIDE_REQUESTING);
	assert_int_equal(after(view, EVENT_REOPEN, SIDE_REQUESTING).local_closed, 0);
	view = (struct case_view){.state = CASE_REPORTED, .local_closed = 1 << SIDE_RESPONDING};
	assert_int_equal(after(view, EVENT_INFO_REQUEST, SIDE_REQUESTING).local_closed, 0); // a supplement is asked for
}

static void the_marks_of_a_view_come_back_from_one_number(void **state)
{
	(void)state;
	struct case_view view = {.state = CASE_ACCEPTED,
	                         .consent = 1 + SIDE_RESPONDING,
	                         .local_closed = 3,
	                         .date_by = 1 + SIDE_RESPONDING,
	                         .date_countered = true,
	                         .date_open = 20866,
	                         .date_holds = 2932896};
	struct case_view read = {.state = CASE_ACCEPTED};
	assert_true(case_marks_read(&read, case_marks(&view)));
	assert_int_equal(read.consent, view.consent);
	assert_int_equal(read.local_closed, view.local_closed);
	assert_int_equal(read.date_by, view.date_by);
	assert_int_equal(read.date_countered, view.date_countered);
	assert_int_equal(read.date_open, view.date_open);
	assert_int_equal(read.date_holds, view.date_holds);
	assert_false(case_marks_read(&read, -1));
	assert_false(case_marks_read(&read, INT64_MAX));
	assert_false(case_marks_read(&read, 15)); // no such side
	assert_true(case_marks_read(&read, 0));
	assert_int_equal(read.date_holds, 0);
}

static void a_case_is_forwarded_three_times_at_most(void **state)
{
	(void)state;
	struct case_view view = {.state = CASE_SENT};
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
		bool search = case_state_traces((enum case_state)i);
		if (search && case_state_ended((enum case_state)i))
			continue; // a search that has ended is asked anew
		assert_true(onward[search ? CASE_TRACE_CLOSED : CASE_CLOSED]);
		assert_true(onward[search ? CASE_TRACE_WITHDRAWN : CASE_WITHDRAWN]);
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
	                                  UINT64_C(1) << EVENT_UPDATE | UINT64_C(1) << EVENT_INVALIDATE |
	                                  UINT64_C(1) << EVENT_CHILD_FILE | UINT64_C(1) << EVENT_RECALL |
	                                  UINT64_C(1) << EVENT_REMINDER_REPLY | UINT64_C(1) << EVENT_TRANSLATION;
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
	struct case_view view = {.state = CASE_SENT};
	case_events_text(case_legal_events(&view, SIDE_RESPONDING), text);
	assert_string_equal(text, "ACK,FORWARD,DECLINE,STATUS_NOTE,STEP,CONSENT_GIVEN,CONSENT_WITHDRAWN,PARTY,UPDATE,INVALIDATE,CHILD_FILE,RECALL,REMINDER_REPLY,TRANSLATION");
	case_events_text(0, text);
	assert_string_equal(text, "");
	case_events_text(UINT64_MAX >> (64 - CASE_EVENT_COUNT), text); // all at once still fit
	assert_non_null(strstr(text, "REFERRAL,ACK,FORWARD,"));
	assert_string_equal(strrchr(text, ','), ",ALERT");
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
		cmocka_unit_test(a_day_is_countered_once_and_then_answered),
		cmocka_unit_test(each_side_ends_its_own_work_once_and_a_reopening_begins_it_again),
		cmocka_unit_test(the_marks_of_a_view_come_back_from_one_number),
		cmocka_unit_test(a_case_is_forwarded_three_times_at_most),
		cmocka_unit_test(every_state_is_reached_and_none_is_a_dead_end),
		cmocka_unit_test(only_reopen_leads_out_of_an_ended_case),
		cmocka_unit_test(who_is_to_move_has_a_move),
		cmocka_unit_test(neither_secretariat_nor_partner_ever_moves_a_case),
		cmocka_unit_test(the_legal_list_is_written_with_commas),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
