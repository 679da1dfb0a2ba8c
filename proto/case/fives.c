// SPDX-License-Identifier: Apache-2.0
#include "case/fives.h"

static void round_down(const struct fives_table *table)
{
	for (size_t i = 0; i < table->cells; i++)
		table->cell[i] -= table->cell[i] % FIVES_STEP;
}

static uint64_t sum_of(const struct fives_table *table)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < table->cells; i++)
		sum += table->cell[i];
	return sum;
}

// There are at least so many persons as the table says that says most.
static const struct fives_table *fullest_of(const struct fives_table *table, size_t count)
{
	const struct fives_table *fullest = &table[0];
	for (size_t i = 1; i < count; i++)
		fullest = sum_of(&table[i]) > sum_of(fullest) ? &table[i] : fullest;
	return fullest;
}

static void take_five(const struct fives_table *table)
{
	size_t largest = 0;
	for (size_t i = 1; i < table->cells; i++)
		largest = table->cell[i] > table->cell[largest] ? i : largest;
	table->cell[largest] -= FIVES_STEP;
}

// A cell that is short of nothing leaves the whole difference to the others, which are short of 4 at most.
static bool gives_away(const struct fives_table *table, uint64_t least)
{
	uint64_t sum = sum_of(table);
	return table->whole && table->cells > 0 && least > sum &&
	       least - sum > (FIVES_STEP - 1) * (uint64_t)(table->cells - 1);
}

void fives_publish(const struct fives_table *table, size_t count)
{
	bool changed = count > 0;
	for (size_t i = 0; i < count; i++)
		round_down(&table[i]);
	while (changed) { // ends because each round takes 5 away
		const struct fives_table *fullest = fullest_of(table, count);
		uint64_t least = sum_of(fullest);
		changed = false;
		for (size_t i = 0; i < count && !changed; i++)
			changed = gives_away(&table[i], least);
		if (changed)
			take_five(fullest);
	}
}
