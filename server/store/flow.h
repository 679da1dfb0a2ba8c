// SPDX-License-Identifier: Apache-2.0
//
// What may leave the hub of the counts (security page 5.4): pure. Counts come in
// per (requesting, responding, state); out go those cells, the total of each pair,
// of each state and of all, with every count from 1 to 4 hidden and as many others
// as it takes so that no hidden one follows from its row or column.
#ifndef PASSERELLE_STORE_FLOW_H
#define PASSERELLE_STORE_FLOW_H

#include "case/lifecycle.h"
#include "wire/message.h"

enum { FLOW_HIDE_BELOW = 5, FLOW_MAX_PAIRS = 4096 };

// One case: which pair, which state, since when.
struct flow_cell {
	char requesting[MEMBER_CODE_SIZE], responding[MEMBER_CODE_SIZE];
	uint32_t state;          // enum case_state
	uint64_t cases;          // > 0
	uint64_t oldest_ms, median_ms;
};

// `cell` in any order, each (pair, state) once. Pair and overall totals have no ages.
// *row is malloc()ed, the caller frees it. FAIL_TOO_LARGE over FLOW_MAX_PAIRS pairs, FAIL_NO_MEMORY.
enum fail_code flow_publish(const struct flow_cell *cell, size_t count, struct flow_row **row,
                            size_t *row_count) MUST_CHECK;

#endif
