// SPDX-License-Identifier: Apache-2.0
// links: passerelle_case passerelle_base
#include "test.h"

#include "case/fives.h"

enum { MOST_TABLES = 3, MOST_CELLS = 5, WORLDS = 20000 };

struct world {
	uint64_t truth[MOST_TABLES][MOST_CELLS], told[MOST_TABLES][MOST_CELLS];
	struct fives_table table[MOST_TABLES];
	size_t tables;
};

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

// The same persons in several tables; some worlds have nearly everybody in one cell, others all cells short of 4.
static void make_world(struct world *world, uint64_t *seed)
{
	memset(world, 0, sizeof *world);
	uint64_t persons = next_random(seed) % 60;
	bool nasty = next_random(seed) % 2 == 0;
	world->tables = 1 + next_random(seed) % MOST_TABLES;
	for (size_t t = 0; t < world->tables; t++) {
		size_t cells = 1 + next_random(seed) % MOST_CELLS;
		uint64_t left = persons;
		for (size_t i = 0; nasty && i + 1 < cells && left >= 4; i++, left -= 4)
			world->truth[t][i] = 4;
		for (; left > 0; left--)
			world->truth[t][nasty ? cells - 1 : next_random(seed) % cells]++;
		memcpy(world->told[t], world->truth[t], sizeof world->told[t]);
		world->table[t] = (struct fives_table){world->told[t], cells, t == 0 || next_random(seed) % 4 != 0};
	}
	fives_publish(world->table, world->tables);
}

// How many persons there may be, from all that is told; a table that is not whole says only: at least.
static void bounds_of(const struct world *world, uint64_t *least, uint64_t *most)
{
	*least = 0;
	*most = UINT64_MAX;
	for (size_t t = 0; t < world->tables; t++) {
		uint64_t sum = 0, cells = world->table[t].cells;
		for (size_t i = 0; i < cells; i++)
			sum += world->told[t][i];
		*least = sum > *least ? sum : *least;
		if (world->table[t].whole && sum + 4 * cells < *most)
			*most = sum + 4 * cells;
	}
}

// What whoever has all tables can work out of one cell: the others take as much, or as little, as they may.
static bool could_be(const struct world *world, size_t t, size_t cell, uint64_t count, uint64_t least, uint64_t most)
{
	uint64_t others = 0, cells = world->table[t].cells;
	for (size_t i = 0; i < cells; i++)
		others += i == cell ? 0 : world->told[t][i];
	return count + others <= most && count + others + 4 * (cells - 1) >= least;
}

static void whoever_has_all_tables_learns_no_remainder(void **state)
{
	(void)state;
	uint64_t seed = 20261123, less = 0;
	struct world world;
	for (unsigned round = 0; round < WORLDS; round++) {
		uint64_t least, most;
		make_world(&world, &seed);
		bounds_of(&world, &least, &most);
		for (size_t t = 0; t < world.tables; t++) {
			for (size_t i = 0; i < world.table[t].cells; i++) {
				uint64_t told = world.told[t][i], true_count = world.truth[t][i];
				assert_int_equal(told % 5, 0);
				assert_true(told <= true_count);
				less += told + 5 <= true_count;
				for (uint64_t remainder = 0; world.table[t].whole && remainder < 5; remainder++)
					assert_true(could_be(&world, t, i, told + remainder, least, most));
			}
		}
	}
	assert_true(less > 0); // some worlds would have given a cell away
}

static void what_gives_nothing_away_is_told_in_full_fives(void **state)
{
	(void)state;
	uint64_t ages[] = {12, 3, 0, 21}, sexes[] = {17, 19};
	const struct fives_table tables[] = {{ages, 4, true}, {sexes, 2, true}};
	fives_publish(tables, 2);
	assert_int_equal(ages[0], 10);
	assert_int_equal(ages[1], 0);
	assert_int_equal(ages[2], 0);
	assert_int_equal(ages[3], 20);
	assert_int_equal(sexes[0], 15);
	assert_int_equal(sexes[1], 15);
	fives_publish(NULL, 0);
}

// Twenty persons in one cell, and five times four in the other table: 20 - 0 would say it all.
static void a_sum_that_would_say_it_all_waits(void **state)
{
	(void)state;
	uint64_t one[] = {20}, five[] = {4, 4, 4, 4, 4};
	const struct fives_table tables[] = {{one, 1, true}, {five, 5, true}};
	fives_publish(tables, 2);
	assert_int_equal(one[0], 15);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(five[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_has_all_tables_learns_no_remainder),
		cmocka_unit_test(what_gives_nothing_away_is_told_in_full_fives),
		cmocka_unit_test(a_sum_that_would_say_it_all_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
