// SPDX-License-Identifier: Apache-2.0
// links: hub_store
#include "store/flow.h"
#include "unit/test.h"

#include <stdio.h>

static void put(struct flow_cell *cell, const char *requesting, const char *responding, uint32_t state, uint64_t cases)
{
	*cell = (struct flow_cell){.state = state, .cases = cases, .oldest_ms = 9, .median_ms = 5};
	snprintf(cell->requesting, sizeof cell->requesting, "%s", requesting);
	snprintf(cell->responding, sizeof cell->responding, "%s", responding);
}

static const struct flow_row *find(const struct flow_row *row, size_t count, const char *requesting,
                                   const char *responding, uint32_t state)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(row[i].requesting, requesting) == 0 && strcmp(row[i].responding, responding) == 0 &&
		    row[i].state == state)
			return &row[i];
	}
	return NULL;
}

static void test_large_counts_are_told_with_their_ages(void **state)
{
	struct flow_cell cell[2];
	struct flow_row *row = NULL;
	size_t count = 0;
	(void)state;
	put(&cell[0], "CH", "SN", CASE_SENT, 5);
	put(&cell[1], "CH", "SN", CASE_CLOSED, 12);
	assert_ok(flow_publish(cell, 2, &row, &count));
	const struct flow_row *sent = find(row, count, "CH", "SN", CASE_SENT);
	assert_false(sent->few);
	assert_int_equal(sent->cases, 5);
	assert_int_equal(sent->oldest_ms, 9);
	assert_int_equal(sent->median_ms, 5);
	assert_int_equal(find(row, count, "CH", "SN", CASE_NONE)->cases, 17);
	assert_int_equal(find(row, count, "*", "*", CASE_NONE)->cases, 17);
	assert_int_equal(find(row, count, "*", "*", CASE_CLOSED)->cases, 12);
	free(row);
}

static void test_nothing_gives_nothing(void **state)
{
	struct flow_row *row = NULL;
	size_t count = 1;
	(void)state;
	assert_ok(flow_publish(NULL, 0, &row, &count));
	assert_int_equal(count, 0);
	free(row);
}

static void test_unknown_states_are_not_passed_on(void **state)
{
	struct flow_cell cell;
	struct flow_row *row = NULL;
	size_t count = 0;
	(void)state;
	put(&cell, "CH", "SN", CASE_STATE_COUNT, 7);
	assert_int_equal(flow_publish(&cell, 1, &row, &count), FAIL_DATA_LOSS);
	free(row);
}

// Whoever sees the rows tries to work out a hidden one as the difference of a sum.
enum { PAIRS = 6 };
static const char *const codes[PAIRS][2] = {{"CH", "SN"}, {"CH", "NZ"}, {"SN", "CH"}, {"FR", "KH"}, {"KH", "FR"}, {"NZ", "FR"}};

struct seen {
	const struct flow_row *row;
	size_t count;
};

static const struct flow_row *at(const struct seen *seen, size_t line, unsigned column)
{
	if (line == PAIRS)
		return find(seen->row, seen->count, "*", "*", column);
	return find(seen->row, seen->count, codes[line][0], codes[line][1], column);
}

// Hidden entries among those of one row or column, the sum included.
static unsigned hidden_in_line(const struct seen *seen, size_t line)
{
	unsigned hidden = 0;
	for (unsigned column = 0; column < CASE_STATE_COUNT; column++)
		hidden += at(seen, line, column) != NULL && at(seen, line, column)->few;
	return hidden;
}

static unsigned hidden_in_column(const struct seen *seen, unsigned column)
{
	unsigned hidden = 0;
	for (size_t line = 0; line <= PAIRS; line++)
		hidden += at(seen, line, column) != NULL && at(seen, line, column)->few;
	return hidden;
}

static unsigned entries_in_line(const struct seen *seen, size_t line)
{
	unsigned entries = 0;
	for (unsigned column = 0; column < CASE_STATE_COUNT; column++)
		entries += at(seen, line, column) != NULL;
	return entries;
}

static void try_to_subtract(const struct seen *seen)
{
	for (size_t line = 0; line <= PAIRS; line++)
		assert_true(hidden_in_line(seen, line) != 1 || entries_in_line(seen, line) == 1);
	for (unsigned column = 0; column < CASE_STATE_COUNT; column++)
		assert_int_not_equal(hidden_in_column(seen, column), 1);
}

static void test_no_hidden_count_is_the_difference_of_others(void **state)
{
	uint32_t random = 12345;
	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		struct flow_cell cell[PAIRS * CASE_STATE_COUNT];
		struct flow_row *row = NULL;
		size_t cells = 0, count = 0;
		for (size_t pair = 0; pair < PAIRS; pair++) {
			for (unsigned column = CASE_SENT; column < CASE_STATE_COUNT; column++) {
				random = random * 1664525 + 1013904223;
				uint64_t cases = (random >> 20) % 12;
				if ((random >> 28) % 3 == 0 || cases == 0)
					continue;
				put(&cell[cells++], codes[pair][0], codes[pair][1], column, cases);
			}
		}
		assert_ok(flow_publish(cell, cells, &row, &count));
		for (size_t i = 0; i < count; i++)
			assert_true(row[i].few ? row[i].cases == 0 && row[i].oldest_ms == 0 : row[i].cases >= FLOW_HIDE_BELOW);
		try_to_subtract(&(struct seen){row, count});
		free(row);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{"large counts are told with their ages", test_large_counts_are_told_with_their_ages, NULL, NULL, NULL},
		{"nothing gives nothing", test_nothing_gives_nothing, NULL, NULL, NULL},
		{"unknown states are not passed on", test_unknown_states_are_not_passed_on, NULL, NULL, NULL},
		{"no hidden count is the difference of others", test_no_hidden_count_is_the_difference_of_others, NULL, NULL, NULL},
	};
	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
