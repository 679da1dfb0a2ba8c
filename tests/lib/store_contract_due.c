// SPDX-License-Identifier: Apache-2.0
#include "lib/store_contract_parts.h"

#include "lib/store_calls.h"
#include "seal/key.h"
#include "unit/test.h"

#define DAY_MS UINT64_C(86400000)

// A case that is due at `at`, before all that other tests leave in the store.
static struct case_record due_case(struct contract *contract, uint64_t at)
{
	struct letters *letters = letters_new(contract);
	struct case_record record = new_case(contract, contract->ch, contract->sn);
	record.clock = (struct case_clock){.kind = CLOCK_DECIDE, .started = at - DAY_MS, .due = at};
	letters_add(letters, contract->ch, contract->sn);
	letters_case(letters, &record);
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->result[0].outcome, STORE_STORED);
	free(outcome);
	free(letters);
	return record;
}

static void move_clock(struct contract *contract, struct case_record *record, const struct case_clock *clock)
{
	struct letters *letters = letters_new(contract);
	record->clock = *clock;
	letters_add(letters, contract->sn, contract->ch);
	letters_case(letters, record);
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	free(outcome);
	free(letters);
}

void test_what_is_due_comes_in_order_and_leaves_when_it_is_done(struct contract *contract)
{
	uint64_t long_ago = 50 * DAY_MS;
	struct case_record late = due_case(contract, long_ago + 5), early = due_case(contract, long_ago + 1);
	struct case_record later = due_case(contract, long_ago + 9), found[8];
	assert_int_equal(ask_due(contract, long_ago, found, 8), 0);
	assert_int_equal(ask_due(contract, long_ago + 5, found, 8), 2);
	assert_memory_equal(&found[0].id, &early.id, sizeof early.id);
	assert_memory_equal(&found[1].id, &late.id, sizeof late.id);
	assert_memory_equal(&found[1].clock, &late.clock, sizeof late.clock);
	assert_string_equal(found[1].reference, late.reference);
	assert_int_equal(found[1].seq, 1);
	assert_int_equal(ask_due(contract, long_ago + 9, found, 1), 1);
	assert_memory_equal(&found[0].id, &early.id, sizeof early.id);

	// Told twice, stopped, ended: nothing is left to do.
	struct case_clock told = early.clock, paused = late.clock, none = {.kind = CLOCK_NONE};
	told.told = NOTICE_ESCALATED;
	paused.pauses = PAUSED_BY_HOLD;
	paused.paused_since = long_ago;
	paused.paused_ms = 7;
	move_clock(contract, &early, &told);
	move_clock(contract, &late, &paused);
	move_clock(contract, &later, &none);
	assert_int_equal(ask_due(contract, long_ago + 9, found, 8), 0);

	struct store_found kept;
	struct id unknown;
	random_fill(&unknown, sizeof unknown);
	assert_ok(lookup(contract, &unknown, contract->ch, &late.id, &kept));
	assert_memory_equal(&kept.record.clock, &paused, sizeof paused);
}
