// SPDX-License-Identifier: Apache-2.0
//
// How the cases stand by service and by urgency: of each the open cases, those overdue and those of which it was
// reminded twice. Pure; a part of flow_publish(). The rows of one column add up to the sum of all members, so a column is told only where
// that sum is: open are the cases in open states whose own sum is told. Then nothing follows of what is hidden elsewhere.
#ifndef PASSERELLE_STORE_FLOW_KINDS_H
#define PASSERELLE_STORE_FLOW_KINDS_H

#include "store/flow_count.h"

enum flow_kind_column { KIND_OPEN, KIND_OVERDUE, KIND_ESCALATED, KIND_COLUMNS };

struct flow_kind_line {
	enum flow_figure figure; // FIGURE_NOW_SERVICE, FIGURE_NOW_URGENCY
	char key[CODE_SIZE];
	struct flow_count column[KIND_COLUMNS];
};

struct flow_kinds {
	struct flow_kind_line *line; // sorted
	size_t lines;
	struct flow_count **series;
};

// What the same cases are told as in the sum of all members; hidden is settled there.
struct flow_whole {
	struct flow_count *state;              // by enum case_state
	struct flow_count *overdue, *escalated;
};

// FAIL_NO_MEMORY, FAIL_DATA_LOSS for a state or figure that is none. To be released in either case.
enum fail_code flow_kinds_init(struct flow_kinds *kinds, const struct flow_kind *cell, size_t count,
                               const struct flow_whole *whole) MUST_CHECK;
void flow_kinds_release(struct flow_kinds *kinds);

// Rounds, once what is hidden is settled.
void flow_kinds_round(struct flow_kinds *kinds);

// Lowers where these rows tell more than the sums, or the sums more than these rows, of what both are short of. True if
// something changed; ends, since numbers only get smaller.
bool flow_kinds_lower(struct flow_kinds *kinds, const struct flow_whole *whole);

// Room: lines * KIND_COLUMNS. How many were written.
size_t flow_kinds_write(const struct flow_kinds *kinds, struct flow_row *row);

#endif
