// SPDX-License-Identifier: Apache-2.0
//
// Tests of the contract that stand in files of their own; store_contract.c lists them.
#ifndef PASSERELLE_TESTS_STORE_CONTRACT_PARTS_H
#define PASSERELLE_TESTS_STORE_CONTRACT_PARTS_H

#include "lib/store_contract.h"

void test_what_is_passed_on_changes_its_readers(struct contract *contract);
void test_cases_of_a_member_that_is_out_are_found_until_all_is_told(struct contract *contract);
void test_an_agency_has_a_budget_of_questions_for_the_day(struct contract *contract);
void test_what_is_due_comes_in_order_and_leaves_when_it_is_done(struct contract *contract);
void test_a_message_is_replaced_version_by_version_until_it_is_void(struct contract *contract);
void test_what_was_done_is_counted_when_its_month_is_over(struct contract *contract);
void test_a_month_that_was_counted_does_not_change(struct contract *contract);
void test_follow_ups_are_counted_by_the_months_after_the_end(struct contract *contract);
void test_flow_hides_small_counts(struct contract *contract);
void test_flow_is_counted_once_a_day(struct contract *contract);

void test_a_member_tells_all_others_how_far_it_can_work(struct contract *contract);
void test_a_broadcast_leaves_the_directory_as_it_is(struct contract *contract);
void test_what_a_member_says_of_itself_is_found_like_what_the_operator_says(struct contract *contract);
void test_a_message_is_recalled_unless_a_session_was_handed_it(struct contract *contract);

#define CONTRACT_PARTS \
	{"a member tells all others how far it can work", test_a_member_tells_all_others_how_far_it_can_work}, \
	{"a broadcast leaves the directory as it is", test_a_broadcast_leaves_the_directory_as_it_is}, \
	{"what a member says of itself is found like what the operator says", test_what_a_member_says_of_itself_is_found_like_what_the_operator_says}, \
	{"what was done is counted when its month is over", test_what_was_done_is_counted_when_its_month_is_over}, \
	{"a month that was counted does not change", test_a_month_that_was_counted_does_not_change}, \
	{"follow-ups are counted by the months after the end", test_follow_ups_are_counted_by_the_months_after_the_end}, \
	{"flow hides small counts and what would give them away", test_flow_hides_small_counts}, \
	{"flow is counted once a day", test_flow_is_counted_once_a_day}, \
	{"what is passed on changes its readers", test_what_is_passed_on_changes_its_readers}, \
	{"an agency has a budget of questions for the day", test_an_agency_has_a_budget_of_questions_for_the_day}, \
	{"what is due comes in order and leaves when it is done", test_what_is_due_comes_in_order_and_leaves_when_it_is_done}, \
	{"a message is recalled unless a session was handed it", test_a_message_is_recalled_unless_a_session_was_handed_it}, \
	{"a message is replaced version by version until it is void", test_a_message_is_replaced_version_by_version_until_it_is_void}, \
	{"the cases of a member that is out are found until all is told", test_cases_of_a_member_that_is_out_are_found_until_all_is_told},

#endif
