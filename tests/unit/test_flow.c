// SPDX-License-Identifier: Apache-2.0
// links: hub_store
#include "store/flow.h"
#include "unit/test.h"

#include <stdio.h>

#define DAY (UINT64_C(24) * 60 * 60 * 1000)

static void put(struct flow_cell *cell, const char *requesting, const char *responding, uint32_t state, uint64_t cases)
{
	*cell = (struct flow_cell){.state = state, .cases = cases, .oldest_ms = 9 * DAY + 1};
	snprintf(cell->requesting, sizeof cell->requesting, "%s", requesting);
	snprintf(cell->responding, sizeof cell->responding, "%s", responding);
}

static const uint64_t medians[CASE_STATE_COUNT] = {[CASE_SENT] = 5 * DAY};

static enum fail_code publish(struct flow_cell *cell, size_t cells, struct flow_row **row, size_t *count)
{
	struct flow_counts counts = {.cell = cell, .cells = cells};
	memcpy(counts.median_ms, medians, sizeof medians);
	return flow_publish(&counts, row, count);
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
	cell[1].overdue = 6;
	assert_ok(publish(cell, 2, &row, &count));
	const struct flow_row *sent = find(row, count, "CH", "*", CASE_SENT);
	assert_false(sent->few);
	assert_int_equal(sent->cases, 5);
	assert_int_equal(sent->oldest_ms, 9 * DAY);
	assert_int_equal(find(row, count, "*", "*", CASE_SENT)->median_ms, 5 * DAY);
	assert_int_equal(find(row, count, "*", "SN", CASE_NONE)->cases, 15);
	assert_int_equal(find(row, count, "CH", "SN", CASE_NONE)->cases, 15);
	assert_int_equal(find(row, count, "*", "*", CASE_NONE)->cases, 15);
	assert_int_equal(find(row, count, "*", "*", CASE_CLOSED)->cases, 10);
	free(row);
}

static void test_nothing_gives_nothing(void **state)
{
	struct flow_row *row = NULL;
	size_t count = 1;
	(void)state;
	assert_ok(publish(NULL, 0, &row, &count));
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
	assert_int_equal(publish(&cell, 1, &row, &count), FAIL_DATA_LOSS);
	free(row);
}

// ---- by service and by urgency ----

struct kinds_told {
	struct flow_row *row;
	size_t count;
};

static struct flow_kind kind(const char *service, uint32_t state, uint64_t cases, uint64_t overdue)
{
	struct flow_kind kind = {.figure = FIGURE_NOW_SERVICE, .state = state, .cases = cases, .overdue = overdue};
	snprintf(kind.key, sizeof kind.key, "%s", service);
	return kind;
}

static struct kinds_told tell(struct flow_cell *cell, size_t cells, struct flow_kind *kinds, size_t kind_count)
{
	struct kinds_told told = {.count = 0};
	struct flow_counts counts = {.cell = cell, .cells = cells, .kind = kinds, .kinds = kind_count};
	assert_ok(flow_publish(&counts, &told.row, &told.count));
	return told;
}

static const struct flow_row *find_kind(struct kinds_told told, const char *key, enum flow_measure measure)
{
	for (size_t i = 0; i < told.count; i++) {
		if (told.row[i].figure == FIGURE_NOW_SERVICE && strcmp(told.row[i].key, key) == 0 &&
		    told.row[i].measure == measure)
			return &told.row[i];
	}
	return NULL;
}

static void test_a_small_service_hides_behind_another(void **state)
{
	struct flow_cell cell;
	struct flow_kind kinds[] = {kind("HOME_STUDY", CASE_SENT, 12, 0), kind("RECORD_CHECK", CASE_SENT, 26, 9),
	                            kind("WELFARE_CHECK", CASE_SENT, 3, 0)};
	(void)state;
	put(&cell, "CH", "SN", CASE_SENT, 41);
	cell.overdue = 9;
	struct kinds_told told = tell(&cell, 1, kinds, 3);
	assert_true(find_kind(told, "WELFARE_CHECK", FLOW_CASES)->few);
	assert_true(find_kind(told, "HOME_STUDY", FLOW_CASES)->few); // else 41 - 26 - 12
	assert_int_equal(find_kind(told, "RECORD_CHECK", FLOW_CASES)->cases, 25);
	assert_int_equal(find_kind(told, "RECORD_CHECK", FLOW_OVERDUE)->cases, 5);
	assert_null(find_kind(told, "HOME_STUDY", FLOW_OVERDUE)); // none is
	free(told.row);
}

static void test_open_are_the_cases_in_states_whose_sum_is_told(void **state)
{
	struct flow_cell cell[3];
	struct flow_kind kinds[] = {kind("HOME_STUDY", CASE_SENT, 20, 0), kind("HOME_STUDY", CASE_IN_PROGRESS, 3, 0),
	                            kind("HOME_STUDY", CASE_ACCEPTED, 43, 0)};
	(void)state;
	put(&cell[0], "CH", "SN", CASE_SENT, 20);
	put(&cell[1], "CH", "SN", CASE_IN_PROGRESS, 3);
	put(&cell[2], "CH", "SN", CASE_ACCEPTED, 43);
	struct kinds_told told = tell(cell, 3, kinds, 3);
	assert_true(find(told.row, told.count, "*", "*", CASE_IN_PROGRESS)->few);
	assert_true(find(told.row, told.count, "*", "*", CASE_SENT)->few);
	assert_int_equal(find_kind(told, "HOME_STUDY", FLOW_CASES)->cases, 40); // 66 would tell of the two
	free(told.row);
}

static void test_where_the_sum_is_hidden_no_service_is_told(void **state)
{
	struct flow_cell cell[2];
	struct flow_kind kinds[] = {kind("HOME_STUDY", CASE_SENT, 20, 2), kind("RECORD_CHECK", CASE_SENT, 30, 2),
	                            kind("HOME_STUDY", CASE_CLOSED, 9, 0)};
	(void)state;
	put(&cell[0], "CH", "SN", CASE_SENT, 50);
	put(&cell[1], "CH", "SN", CASE_CLOSED, 9);
	cell[0].overdue = 4;
	struct kinds_told told = tell(cell, 2, kinds, 3);
	assert_true(find_kind(told, "HOME_STUDY", FLOW_OVERDUE)->few && find_kind(told, "RECORD_CHECK", FLOW_OVERDUE)->few);
	assert_int_equal(find_kind(told, "HOME_STUDY", FLOW_CASES)->cases, 20); // closed is not open
	free(told.row);
}

// ---- an attack: whoever has the rows solves for the hidden ones ----
//
// Each hidden count is an unknown, and every sum that the tables share is an equation. A count is recovered
// if it follows from all of them together; worst case, the attacker knows which pairs have cases at all.

enum {
	MEMBERS = 7,
	COLUMNS = CASE_STATE_COUNT + 2,
	LINES = 2 * MEMBERS + 1,
	UNKNOWNS = LINES * COLUMNS + MEMBERS * MEMBERS,
	EQUATIONS = 400
};
#define PRIME UINT64_C(2147483647)

static const char *const codes[MEMBERS] = {"CH", "FR", "GM", "KH", "NZ", "SN", "US"};

struct attack {
	const struct flow_row *row;
	size_t count;
	uint64_t cases[MEMBERS][MEMBERS];    // what was counted, by pair
	uint64_t matrix[EQUATIONS][UNKNOWNS];
	size_t equations;
};

static const char *code_of(size_t member)
{
	return member < MEMBERS ? codes[member] : "*";
}

static const struct flow_row *entry(const struct attack *a, size_t asks, size_t asked, unsigned column)
{
	uint32_t state = column < CASE_STATE_COUNT ? column : CASE_NONE;
	enum flow_measure measure = column < CASE_STATE_COUNT  ? FLOW_CASES
	                          : column == CASE_STATE_COUNT ? FLOW_OVERDUE
	                                                       : FLOW_ESCALATED;
	for (size_t i = 0; i < a->count; i++) {
		const struct flow_row *row = &a->row[i];
		if (strcmp(row->requesting, code_of(asks)) == 0 && strcmp(row->responding, code_of(asked)) == 0 &&
		    row->state == state && row->measure == measure)
			return row;
	}
	return NULL;
}

static size_t unknown_of_line(size_t asks, size_t asked, unsigned column)
{
	size_t line = asks < MEMBERS ? asks : asked < MEMBERS ? MEMBERS + asked : 2 * (size_t)MEMBERS;
	return line * COLUMNS + column;
}

static void begin_equation(struct attack *a)
{
	assert_true(a->equations < EQUATIONS);
	memset(a->matrix[a->equations++], 0, sizeof a->matrix[0]);
}

// Adds the entry with this sign; a number that is told is no unknown.
static void put_line(struct attack *a, size_t asks, size_t asked, unsigned column, uint64_t sign)
{
	const struct flow_row *row = entry(a, asks, asked, column);
	if (row != NULL && row->few)
		a->matrix[a->equations - 1][unknown_of_line(asks, asked, column)] = sign;
}

static void put_pair(struct attack *a, size_t asks, size_t asked)
{
	if (a->cases[asks][asked] > 0 && entry(a, asks, asked, 0) == NULL)
		a->matrix[a->equations - 1][LINES * COLUMNS + asks * MEMBERS + asked] = 1;
}

static void states_of(struct attack *a, size_t asks, size_t asked)
{
	begin_equation(a);
	for (unsigned state = 1; state < CASE_STATE_COUNT; state++)
		put_line(a, asks, asked, state, 1);
	put_line(a, asks, asked, 0, PRIME - 1);
}

static void write_equations(struct attack *a)
{
	a->equations = 0;
	states_of(a, MEMBERS, MEMBERS);
	for (size_t m = 0; m < MEMBERS; m++) {
		states_of(a, m, MEMBERS);
		states_of(a, MEMBERS, m);
		begin_equation(a);
		for (size_t other = 0; other < MEMBERS; other++)
			put_pair(a, m, other);
		put_line(a, m, MEMBERS, 0, PRIME - 1);
		begin_equation(a);
		for (size_t other = 0; other < MEMBERS; other++)
			put_pair(a, other, m);
		put_line(a, MEMBERS, m, 0, PRIME - 1);
	}
	for (unsigned column = 0; column < COLUMNS; column++) {
		for (unsigned side = 0; side < 2; side++) {
			begin_equation(a);
			for (size_t m = 0; m < MEMBERS; m++)
				put_line(a, side == 0 ? m : MEMBERS, side == 0 ? MEMBERS : m, column, 1);
			put_line(a, MEMBERS, MEMBERS, column, PRIME - 1);
		}
	}
}

static uint64_t inverse(uint64_t value)
{
	uint64_t result = 1;
	for (uint64_t power = PRIME - 2; power > 0; power >>= 1, value = value * value % PRIME)
		result = (power & 1) != 0 ? result * value % PRIME : result;
	return result;
}

static void clear_column(struct attack *a, size_t pivot, size_t column)
{
	uint64_t factor = inverse(a->matrix[pivot][column]);
	for (size_t i = 0; i < UNKNOWNS; i++)
		a->matrix[pivot][i] = a->matrix[pivot][i] * factor % PRIME;
	for (size_t row = 0; row < a->equations; row++) {
		uint64_t times = a->matrix[row][column];
		if (row == pivot || times == 0)
			continue;
		for (size_t i = 0; i < UNKNOWNS; i++)
			a->matrix[row][i] = (a->matrix[row][i] + (PRIME - times) * a->matrix[pivot][i]) % PRIME;
	}
}

// Unknowns that follow from the equations: rows of the reduced matrix with a single entry.
static size_t recovered(struct attack *a)
{
	size_t pivot = 0, found = 0;
	write_equations(a);
	for (size_t column = 0; column < UNKNOWNS && pivot < a->equations; column++) {
		size_t row = pivot;
		while (row < a->equations && a->matrix[row][column] == 0)
			row++;
		if (row == a->equations)
			continue;
		uint64_t spare[UNKNOWNS];
		memcpy(spare, a->matrix[row], sizeof spare);
		memcpy(a->matrix[row], a->matrix[pivot], sizeof spare);
		memcpy(a->matrix[pivot], spare, sizeof spare);
		clear_column(a, pivot++, column);
	}
	for (size_t row = 0; row < pivot; row++) {
		size_t entries = 0;
		for (size_t i = 0; i < UNKNOWNS; i++)
			entries += a->matrix[row][i] != 0;
		found +=
			entries == 1 && a->matrix[row][unknown_of_line(MEMBERS, MEMBERS, 0)] == 0; // the sum of all is no secret
	}
	return found;
}

static uint32_t next_random(uint32_t *random)
{
	*random = *random * 1664525 + 1013904223;
	return *random >> 16;
}

// `sparse`: how seldom a pair has cases; most states of it have few.
static size_t make_cells(struct attack *a, struct flow_cell *cell, uint32_t *random, unsigned sparse)
{
	size_t cells = 0;
	memset(a->cases, 0, sizeof a->cases);
	for (size_t asks = 0; asks < MEMBERS; asks++) {
		for (size_t asked = 0; asked < MEMBERS; asked++) {
			for (unsigned state = CASE_SENT; state < CASE_STATE_COUNT; state++) {
				uint64_t cases = next_random(random) % 9;
				if (asks == asked || cases == 0 || next_random(random) % sparse != 0)
					continue;
				put(&cell[cells], codes[asks], codes[asked], state, cases);
				cell[cells].overdue = case_state_ended((enum case_state)state) ? 0 : next_random(random) % (cases + 1);
				cell[cells++].escalated = 0;
				a->cases[asks][asked] += cases;
			}
		}
	}
	return cells;
}

static void test_nothing_hidden_follows_from_all_that_is_told(void **state)
{
	static struct flow_cell cell[MEMBERS * MEMBERS * CASE_STATE_COUNT];
	struct attack *a = calloc(1, sizeof *a);
	uint32_t random = 12345;
	size_t hidden = 0;
	(void)state;
	assert_non_null(a);
	for (unsigned round = 0; round < 400; round++) {
		struct flow_row *row = NULL;
		size_t cells = make_cells(a, cell, &random, 1 + round % 12);
		assert_ok(publish(cell, cells, &row, &a->count));
		a->row = row;
		for (size_t i = 0; i < a->count; i++) {
			assert_true(row[i].few ? row[i].cases == 0 && row[i].oldest_ms == 0 : row[i].cases >= FLOW_HIDE_BELOW);
			hidden += row[i].few;
		}
		assert_int_equal(recovered(a), 0);
		free(row);
	}
	assert_true(hidden > 1000); // it had something to look for
	free(a);
}

static void test_the_attack_finds_what_lies_open(void **state)
{
	struct flow_row row[] = {
		{.requesting = "*", .responding = "*", .state = CASE_SENT, .cases = 9},
		{.requesting = "*", .responding = "*", .state = CASE_CLOSED, .few = true},
		{.requesting = "*", .responding = "*", .state = CASE_NONE, .cases = 12},
	};
	struct attack *a = calloc(1, sizeof *a);
	(void)state;
	assert_non_null(a);
	a->row = row;
	a->count = 3;
	assert_int_equal(recovered(a), 1);
	free(a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{"large counts are told with their ages", test_large_counts_are_told_with_their_ages, NULL, NULL, NULL},
		{"nothing gives nothing", test_nothing_gives_nothing, NULL, NULL, NULL},
		{"unknown states are not passed on", test_unknown_states_are_not_passed_on, NULL, NULL, NULL},
		{"a small service hides behind another", test_a_small_service_hides_behind_another, NULL, NULL, NULL},
		{"open are the cases in states whose sum is told", test_open_are_the_cases_in_states_whose_sum_is_told, NULL, NULL, NULL},
		{"where the sum is hidden no service is told", test_where_the_sum_is_hidden_no_service_is_told, NULL, NULL, NULL},
		{"nothing hidden follows from all that is told", test_nothing_hidden_follows_from_all_that_is_told, NULL, NULL, NULL},
		{"the attack finds what lies open", test_the_attack_finds_what_lies_open, NULL, NULL, NULL},
	};
	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
