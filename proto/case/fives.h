// SPDX-License-Identifier: Apache-2.0
//
// Counts of persons as they may be told (security page 5.4): pure. Each is told as the next lower multiple of 5, so that
// fewer than 5 and none look the same, and two answers of different days differ by a run of at least 5 or not at all.
// No sum is told. But tables that count the same persons have the same sum, whatever it is: where what one tells would show
// that all cells of another are short of nearly all that they may be short of, 5 of it are not told either. Then of every
// cell every remainder from 0 to 4 is still possible, for all tables together.
#ifndef PASSERELLE_CASE_FIVES_H
#define PASSERELLE_CASE_FIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIVES_STEP = 5 };

struct fives_table {
	uint64_t *cell;  // in: counts; out: what may be told, multiples of 5
	size_t cells;
	bool whole;      // counts each of the persons once; else at most once (some of them)
};

// Tables of the same persons. Cells that are told nowhere count as well: give all codes of a list.
void fives_publish(const struct fives_table *table, size_t count);

#endif
