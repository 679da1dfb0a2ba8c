// SPDX-License-Identifier: Apache-2.0
//
// What may leave the hub of the counts (security page 5.4): pure. Counts come in per
// (requesting, responding, state). Out go, of each member as the one that asks and as
// the one that is asked, its cases by state, those overdue and those of which it was
// reminded twice; the sums of all members; how many cases each pair of members
// has; and the open, overdue and reminded ones by service and by urgency (store/flow_kinds.h). A count from 1 to 4 is hidden, and as many others as it takes so that no hidden
// one is the difference of a sum in any of these tables: they share their sums. What shows is told as the next lower
// multiple of 5 and ages in whole days, so that the answers of two days do not tell how few cases came or went.
#ifndef PASSERELLE_STORE_FLOW_H
#define PASSERELLE_STORE_FLOW_H

#include "case/lifecycle.h"
#include "wire/message.h"

enum { FLOW_HIDE_BELOW = 5, FLOW_MAX_MEMBERS = 256 };

// The cases of one pair in one state.
struct flow_cell {
	char requesting[MEMBER_CODE_SIZE], responding[MEMBER_CODE_SIZE];
	uint32_t state;          // enum case_state
	uint64_t cases;          // > 0
	uint64_t overdue, escalated; // of these
	uint64_t oldest_ms;
};

// The cases of one service, or of one urgency, in one state.
struct flow_kind {
	enum flow_figure figure; // FIGURE_NOW_SERVICE, FIGURE_NOW_URGENCY
	char key[CODE_SIZE];     // code list ServiceType or Urgency
	uint32_t state;
	uint64_t cases, overdue, escalated;
};

// Each in any order, each (pair, state) and each (figure, key, state) once; the sums of both are the same cases.
struct flow_counts {
	struct flow_cell *cell;
	size_t cells;
	struct flow_kind *kind;
	size_t kinds;
	uint64_t median_ms[CASE_STATE_COUNT]; // of all cases in a state
};

// Hidden rows have `few` and no number; a pair whose count is hidden has no row. *row is malloc()ed, the caller frees it.
// FAIL_TOO_LARGE over FLOW_MAX_MEMBERS members, FAIL_NO_MEMORY, FAIL_DATA_LOSS for a state that is none.
enum fail_code flow_publish(const struct flow_counts *counts, struct flow_row **row, size_t *row_count) MUST_CHECK;

#endif
