// SPDX-License-Identifier: Apache-2.0
// links: test_store hub_store
#include "lib/store_calls.h"
#include "store/store_memory.h"
#include "unit/test.h"

#include <stdio.h>
#include <string.h>

static void run_until(void *context, const bool *done)
{
	struct contract *contract = context;
	while (!*done)
		assert_true(store_memory_run(contract->store) > 0);
}

static void set_availability(struct contract *contract, const char *code, const char *status)
{
	member_no no = strcmp(code, "CH") == 0 ? contract->ch : contract->sn;
	store_memory_set_availability(contract->store, no, status, "DISASTER", "");
}

static void seed(struct contract *contract, const struct store_memory_settings *settings)
{
	static const uint8_t der[] = {0x30, 0x01, 0x02};
	memset(contract, 0, sizeof *contract);
	assert_ok(store_memory_new(&contract->store, settings));
	contract->wait = run_until;
	contract->context = contract;
	contract->set_availability = set_availability;
	contract->now = UINT64_C(1795000000000);
	contract->ch = store_memory_add_member(contract->store, "CH", "Suisse", false);
	contract->sn = store_memory_add_member(contract->store, "SN", "Sénégal", false);
	contract->nz = store_memory_add_member(contract->store, "NZ", "Aotearoa", false);
	contract->gs = store_memory_add_member(contract->store, "GS", "General Secretariat", false);
	contract->agency = store_memory_add_member(contract->store, "UNICEF-SN", "UNICEF Dakar", true);
	contract->other_agency = store_memory_add_member(contract->store, "UNHCR-SN", "UNHCR Dakar", true);
	store_memory_add_signing(contract->store, contract->ch, view_of(der, sizeof der), view_of(der, sizeof der));
	contract->keeps_months = settings != NULL && settings->oldest_id_ms > 0;
}

static void run_contract_test(void **state)
{
	const struct contract_test *test = *state;
	struct store_memory_settings settings = {.oldest_id_ms = UINT64_C(1700000000000)};
	struct contract contract;
	seed(&contract, &settings);
	test->run(&contract);
	store_memory_free(contract.store);
}

// A plan that gives every commit one fate.
static void plan_fate(void *context, enum store_call call, struct store_plan *plan)
{
	if (call == STORE_CALL_COMMIT)
		plan->fate = *(enum store_fate *)context;
}

static enum store_outcome again_after(enum store_fate fate, enum fail_code expected)
{
	enum store_fate now = fate;
	struct store_memory_settings settings = {.context = &now, .plan = plan_fate};
	struct contract contract;
	seed(&contract, &settings);
	struct letters *letters = letters_new(&contract);
	letters_add(letters, contract.ch, contract.sn);
	struct outcome *outcome = commit(&contract, letters);
	assert_int_equal(outcome->code, expected);
	assert_int_equal(outcome->count, 0);
	free(outcome);
	now = STORE_FATE_WORKS;
	outcome = commit(&contract, letters);
	assert_ok(outcome->code);
	enum store_outcome second = outcome->result[0].outcome;
	assert_int_equal(store_memory_mailbox_high(contract.store, contract.sn), 1);
	free(outcome);
	free(letters);
	store_memory_free(contract.store);
	return second;
}

static void test_a_retry_settles_an_unknown_outcome(void **state)
{
	(void)state;
	assert_int_equal(again_after(STORE_FATE_LOST_AFTER, FAIL_OUTCOME_UNKNOWN), STORE_DUPLICATE);
	assert_int_equal(again_after(STORE_FATE_LOST_BEFORE, FAIL_OUTCOME_UNKNOWN), STORE_STORED);
	assert_int_equal(again_after(STORE_FATE_UNAVAILABLE, FAIL_UNAVAILABLE), STORE_STORED);
}

static void note_state(void *context, bool available)
{
	*(int *)context = available ? 1 : -1;
}

static void test_a_database_that_is_away_ends_what_is_pending(void **state)
{
	(void)state;
	struct contract contract;
	int told = 0;
	seed(&contract, NULL);
	contract.store->on_state = note_state;
	contract.store->on_state_context = &told;
	store_memory_set_available(contract.store, false);
	assert_int_equal(told, -1);
	struct store_cursor cursor;
	assert_int_equal(open_cursor(&contract, contract.sn, "anna", false, 0, 0, &cursor), FAIL_UNAVAILABLE);
	store_memory_set_available(contract.store, true);
	assert_int_equal(told, 1);
	assert_ok(open_cursor(&contract, contract.sn, "anna", false, 0, 0, &cursor));
	store_memory_free(contract.store);
}

struct clock {
	uint64_t now, asked;
};

static uint64_t read_clock(void *context)
{
	return ((struct clock *)context)->now;
}

static void wake_at(void *context, uint64_t at)
{
	((struct clock *)context)->asked = at;
}

static void delay_directory(void *context, enum store_call call, struct store_plan *plan)
{
	(void)context;
	if (call == STORE_CALL_DIRECTORY)
		plan->delay = 30;
}

static void count_directory(void *context, enum fail_code code, const struct store_directory *directory)
{
	assert_ok(code);
	assert_int_equal(directory->member_count, 6);
	++*(int *)context;
}

static void test_answers_come_when_the_virtual_clock_says_so(void **state)
{
	(void)state;
	struct clock clock = {.now = 100};
	struct store_memory_settings settings = {.context = &clock,
	                                         .now = read_clock,
	                                         .wake = wake_at,
	                                         .plan = delay_directory};
	struct contract contract;
	int told = 0;
	uint64_t at = 0;
	seed(&contract, &settings);
	contract.store->ops->directory(contract.store, count_directory, &told);
	assert_int_equal(clock.asked, 130);
	assert_true(store_memory_next(contract.store, &at));
	assert_int_equal(at, 130);
	clock.now = 129;
	assert_int_equal(store_memory_run(contract.store), 0);
	clock.now = 130;
	assert_int_equal(store_memory_run(contract.store), 1);
	assert_int_equal(told, 1);
	assert_false(store_memory_next(contract.store, &at));
	store_memory_free(contract.store);
}

static void test_damage_is_found_when_a_page_is_read(void **state)
{
	(void)state;
	struct contract contract;
	seed(&contract, NULL);
	struct letters *letters = letters_new(&contract);
	letters_add(letters, contract.ch, contract.sn);
	free(commit(&contract, letters));
	assert_true(store_memory_damage(contract.store, &letters->change[0].message, contract.ch));
	struct page *page = calloc(1, sizeof *page);
	read_page(&contract, contract.sn, 0, 10, SIZE_MAX, page);
	assert_int_equal(page->code, FAIL_DATA_LOSS);
	free(page);
	free(letters);
	store_memory_free(contract.store);
}

static void count_close(void *context, enum fail_code code)
{
	assert_ok(code);
	++*(int *)context;
}

static void expect_unavailable(void *context, enum fail_code code, const struct store_directory *directory)
{
	assert_int_equal(code, FAIL_UNAVAILABLE);
	assert_null(directory);
	++*(int *)context;
}

static void test_close_ends_pending_operations_first(void **state)
{
	(void)state;
	struct contract contract;
	int told = 0;
	seed(&contract, NULL);
	contract.store->ops->directory(contract.store, expect_unavailable, &told);
	contract.store->ops->close(contract.store, count_close, &told);
	assert_int_equal(told, 0);
	assert_int_equal(store_memory_run(contract.store), 2);
	assert_int_equal(told, 2);
	store_memory_free(contract.store);
}

int main(void)
{
	static const struct CMUnitTest own[] = {
		{"a retry settles an unknown outcome", test_a_retry_settles_an_unknown_outcome, NULL, NULL, NULL},
		{"a database that is away ends what is pending", test_a_database_that_is_away_ends_what_is_pending, NULL, NULL, NULL},
		{"answers come when the virtual clock says so", test_answers_come_when_the_virtual_clock_says_so, NULL, NULL, NULL},
		{"damage is found when a page is read", test_damage_is_found_when_a_page_is_read, NULL, NULL, NULL},
		{"close ends pending operations first", test_close_ends_pending_operations_first, NULL, NULL, NULL},
	};
	enum { OWN = sizeof own / sizeof *own, ROOM = 64 };
	struct CMUnitTest tests[ROOM];
	struct contract_test shared[ROOM];
	size_t count = OWN;
	memcpy(tests, own, sizeof own);
	for (size_t i = 0; contract_tests[i].name != NULL; i++, count++) {
		must(count < ROOM);
		shared[i] = contract_tests[i];
		tests[count] = (struct CMUnitTest){shared[i].name, run_contract_test, NULL, NULL, &shared[i]};
	}
	return _cmocka_run_group_tests("store_memory", tests, count, NULL, NULL);
}
