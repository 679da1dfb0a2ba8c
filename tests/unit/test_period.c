// SPDX-License-Identifier: Apache-2.0
// links: hub_store
#include "store/period.h"
#include "unit/test.h"

#include <stdio.h>

#define JANUARY_2026 UINT64_C(1767225600000)
#define MARCH_2026 UINT64_C(1772323200000)
#define APRIL_2026 UINT64_C(1775001600000)
enum { MONTH = 672 }; // January 2026

static struct period_cell cell_of(enum flow_figure figure, int32_t month, const char *key, uint64_t cases)
{
	struct period_cell cell = {.figure = figure, .month = month, .cases = cases};
	if (figure == FIGURE_OPENED_ASKS)
		snprintf(cell.requesting, sizeof cell.requesting, "%s", key);
	else
		snprintf(cell.key, sizeof cell.key, "%s", key);
	return cell;
}

static void test_months_are_those_of_the_calendar(void **state)
{
	(void)state;
	assert_int_equal(period_month(0), 0);
	assert_int_equal(period_month(UINT64_C(951782399999)), 361);  // 28 February 2000, last instant
	assert_int_equal(period_month(UINT64_C(951868799999)), 361);  // 29 February
	assert_int_equal(period_month(UINT64_C(951868800000)), 362);  // 1 March
	assert_int_equal(period_month(JANUARY_2026), MONTH);
	assert_int_equal(period_month(JANUARY_2026 - 1), MONTH - 1);
	assert_int_equal(period_month(MARCH_2026), MONTH + 2);
}

static uint64_t told(const struct flow_row *row, size_t count, enum flow_figure figure, const char *key)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = figure == FIGURE_OPENED_ASKS ? row[i].requesting : row[i].key;
		if (row[i].figure == figure && (key == NULL || strcmp(name, key) == 0))
			return row[i].cases;
	}
	return 0;
}

static uint64_t ask(const struct period_cell *cell, size_t count, uint64_t from, uint64_t until, uint64_t now,
                    enum flow_figure figure, const char *key)
{
	struct query query = {.kind = QUESTION_FLOW, .from = from, .until = until, .figures = true};
	struct flow_row *row = NULL;
	size_t rows = 0;
	assert_ok(period_publish(cell, count, &query, now, &row, &rows));
	uint64_t cases = told(row, rows, figure, key);
	free(row);
	return cases;
}

static void test_what_is_left_comes_with_a_later_month(void **state)
{
	const struct period_cell cell[] = {cell_of(FIGURE_OPENED_SERVICE, MONTH, "HOME_STUDY", 3),
	                                   cell_of(FIGURE_OPENED_SERVICE, MONTH + 1, "HOME_STUDY", 1),
	                                   cell_of(FIGURE_OPENED_SERVICE, MONTH + 2, "HOME_STUDY", 8)};
	(void)state;
	assert_int_equal(ask(cell, 3, 0, 0, MARCH_2026, FIGURE_OPENED_SERVICE, NULL), 0);
	assert_int_equal(ask(cell, 3, 0, 0, APRIL_2026, FIGURE_OPENED_SERVICE, NULL), 10);
	assert_int_equal(ask(cell, 3, MARCH_2026, 0, APRIL_2026, FIGURE_OPENED_SERVICE, NULL), 10);
	assert_int_equal(ask(cell, 3, 0, MARCH_2026 - 1, APRIL_2026, FIGURE_OPENED_SERVICE, NULL), 0);
	assert_int_equal(ask(cell, 3, 0, 0, APRIL_2026 - 1, FIGURE_OPENED_SERVICE, NULL), 0); // March goes on
}

static void test_days_are_told_in_steps(void **state)
{
	struct period_cell cell = cell_of(FIGURE_REPORTED, MONTH, "", 6);
	struct query query = {.kind = QUESTION_FLOW, .figures = true};
	(void)state;
	const uint32_t days[][2] = {{1, 1}, {2, 1}, {3, 2}, {8, 7}, {9, 10}, {366, 365}, {367, 0}, {4095, 0}};
	for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
		struct flow_row *row = NULL;
		size_t rows = 0;
		cell.days = days[i][0];
		assert_ok(period_publish(&cell, 1, &query, APRIL_2026, &row, &rows));
		assert_int_equal(rows, 1);
		assert_int_equal(row[0].days, days[i][1]);
		free(row);
	}
}

static struct period_cell hold_of(uint32_t hold, int32_t month, const char *reason, uint64_t cases)
{
	struct period_cell cell = cell_of(FIGURE_HELD, month, reason, cases);
	cell.hold = hold;
	cell.days = 4;
	return cell;
}

static void test_all_holds_count_but_many_of_few_cases_are_not_told(void **state)
{
	(void)state;
	const struct period_cell opened = cell_of(FIGURE_OPENED_URGENCY, MONTH, "STANDARD", 20);
	const struct period_cell twice[] = {opened, hold_of(0, MONTH, "AWAIT_FEE", 6), hold_of(1, MONTH, "AWAIT_FEE", 5),
	                                    hold_of(2, MONTH + 1, "AWAIT_FEE", 4), hold_of(2, MONTH + 1, "AWAIT_COURT", 1)};
	assert_int_equal(ask(twice, 5, 0, 0, APRIL_2026, FIGURE_HELD, "AWAIT_FEE"), 10); // one row
	assert_int_equal(ask(twice, 5, 0, 0, APRIL_2026, FIGURE_HELD, "AWAIT_COURT"), 0);
	struct period_cell often[1 + STEPS_MOST_HOLDS] = {opened};
	for (uint32_t i = 0; i < STEPS_MOST_HOLDS; i++)
		often[1 + i] = hold_of(i, MONTH, "AWAIT_FEE", 4); // 32 holds of four cases
	assert_int_equal(ask(often, 1 + STEPS_MOST_HOLDS, 0, 0, APRIL_2026, FIGURE_HELD, NULL), 0);
	for (uint32_t i = 0; i < STEPS_MOST_HOLDS; i++)
		often[1 + i].cases = 5;
	assert_int_equal(ask(often, 1 + STEPS_MOST_HOLDS, 0, 0, APRIL_2026, FIGURE_HELD, NULL), 5 * STEPS_MOST_HOLDS);
	often[1].hold = STEPS_MOST_HOLDS; // none of ours
	assert_int_equal(ask(often, 2, 0, 0, APRIL_2026, FIGURE_HELD, NULL), 0);
}

static void test_second_holds_do_not_tell_of_first_ones(void **state)
{
	(void)state;
	// Who has a second hold has a first one: 15 told of the second would mean that both rows of the first lack something.
	const struct period_cell cell[] = {cell_of(FIGURE_OPENED_URGENCY, MONTH, "STANDARD", 40),
	                                   hold_of(0, MONTH, "AWAIT_FEE", 9), hold_of(0, MONTH, "AWAIT_COURT", 6),
	                                   hold_of(1, MONTH, "DISASTER", 15)};
	assert_int_equal(ask(cell, 4, 0, 0, APRIL_2026, FIGURE_HELD, "AWAIT_FEE"), 5);
	assert_int_equal(ask(cell, 4, 0, 0, APRIL_2026, FIGURE_HELD, "AWAIT_COURT"), 5);
	assert_int_equal(ask(cell, 4, 0, 0, APRIL_2026, FIGURE_HELD, "DISASTER"), 10); // 5 of them wait
}

// ---- an attack: whoever knows all answers and the whole rule compares all worlds that would give them ----
//
// In a small world (two months, two members, two urgencies) every course of events is tried. Those that give the same
// answers, to every period and at every time, cannot be told apart. A count from 1 to 4 that is the same in all of
// them would be known.

enum { MOST = 14, ROWS = 4, MONTHS = 2, COUNTS = ROWS * MONTHS, ANSWERS = 1 << 16 };

struct world {
	uint64_t count[COUNTS]; // by month: of two members, of two urgencies; the pairs have the same sum
};

static uint32_t answers_of(const struct world *world)
{
	static const char *const key[] = {"CH", "SN", "STANDARD", "PRIORITY"};
	struct period_cell cell[COUNTS];
	uint32_t answers = 0;
	for (int i = 0; i < COUNTS; i++)
		cell[i] = cell_of(i % ROWS < 2 ? FIGURE_OPENED_ASKS : FIGURE_OPENED_URGENCY, MONTH + i / ROWS, key[i % ROWS],
		                  world->count[i]);
	// A period is the difference of what is told up to two months, so these two answers hold all.
	for (int month = 0; month < MONTHS; month++) {
		struct query query = {.kind = QUESTION_FLOW, .figures = true};
		struct flow_row *row = NULL;
		size_t rows = 0;
		assert_ok(period_publish(cell, COUNTS, &query, month == 0 ? JANUARY_2026 + UINT64_C(2764800000) : MARCH_2026,
		                         &row, &rows));
		for (int i = 0; i < ROWS; i++)
			answers =
				answers * 8 + (uint32_t)told(row, rows, i < 2 ? FIGURE_OPENED_ASKS : FIGURE_OPENED_URGENCY, key[i]) / 5;
		free(row);
	}
	return answers;
}

// What the worlds of one answer have in common: for each count its least and its most.
struct common {
	uint32_t answers;
	uint8_t least[COUNTS], most[COUNTS];
	bool edge, used; // `edge`: worlds larger than those tried might give the same answers
};

static struct common *common_of(struct common *table, uint32_t answers)
{
	size_t at = answers * UINT32_C(2654435761) >> 16;
	while (table[at].used && table[at].answers != answers)
		at = (at + 1) % ANSWERS;
	return &table[at];
}

static void join(struct common *common, uint32_t answers, const struct world *world)
{
	for (int i = 0; i < COUNTS; i++) {
		uint8_t count = (uint8_t)world->count[i];
		if (!common->used || count < common->least[i])
			common->least[i] = count;
		if (!common->used || count > common->most[i])
			common->most[i] = count;
		common->edge |= world->count[i % ROWS] + world->count[i % ROWS + ROWS] >= MOST;
	}
	common->answers = answers;
	common->used = true;
}

// Of each row at most MOST in both months together.
static bool next_world(struct world *world)
{
	for (int i = 0; i < COUNTS; i++) {
		if (i % ROWS == ROWS - 1)
			continue; // follows from the sum
		if (i < ROWS ? world->count[i]++ < MOST : world->count[i]++ < MOST - world->count[i - ROWS])
			return true;
		world->count[i] = 0;
	}
	return false;
}

static bool complete(struct world *world)
{
	for (int i = 0; i < ROWS - 1; i++) {
		if (world->count[i] + world->count[i + ROWS] > MOST)
			return false;
	}
	for (int month = 0; month < MONTHS; month++) {
		uint64_t *count = &world->count[month * ROWS];
		if (count[2] > count[0] + count[1] || count[0] + count[1] - count[2] > MOST)
			return false;
		count[3] = count[0] + count[1] - count[2];
	}
	return world->count[ROWS - 1] + world->count[COUNTS - 1] <= MOST;
}

static void test_no_small_count_is_the_same_in_all_worlds_with_these_answers(void **state)
{
	struct common *table = calloc(ANSWERS, sizeof *table);
	struct world world = {{0}};
	size_t looked_at = 0;
	(void)state;
	assert_non_null(table);
	do {
		if (!complete(&world))
			continue;
		uint32_t answers = answers_of(&world);
		join(common_of(table, answers), answers, &world);
	} while (next_world(&world));
	for (size_t at = 0; at < ANSWERS; at++) {
		for (int i = 0; table[at].used && !table[at].edge && i < COUNTS; i++) {
			bool known = table[at].least[i] == table[at].most[i] && table[at].least[i] > 0 && table[at].least[i] < 5;
			if (known)
				fail_msg("count %d is known to be %u (answers %o)", i, table[at].least[i], table[at].answers);
			looked_at++;
		}
	}
	print_message("%zu counts of answers that no larger world gives\n", looked_at);
	assert_true(looked_at > 100);
	free(table);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{"months are those of the calendar", test_months_are_those_of_the_calendar, NULL, NULL, NULL},
		{"what is left comes with a later month", test_what_is_left_comes_with_a_later_month, NULL, NULL, NULL},
		{"days are told in steps", test_days_are_told_in_steps, NULL, NULL, NULL},
		{"all holds count, but many of few cases are not told", test_all_holds_count_but_many_of_few_cases_are_not_told, NULL, NULL, NULL},
		{"second holds do not tell of first ones", test_second_holds_do_not_tell_of_first_ones, NULL, NULL, NULL},
		{"no small count is the same in all worlds with these answers",
		 test_no_small_count_is_the_same_in_all_worlds_with_these_answers, NULL, NULL, NULL},
	};
	return cmocka_run_group_tests_name("period", tests, NULL, NULL);
}
