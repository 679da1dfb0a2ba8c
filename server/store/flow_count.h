// SPDX-License-Identifier: Apache-2.0
//
// One count of how the cases stand on its way out of the hub, and the rule for counts that add up to another: shared
// by store/flow.c and store/flow_kinds.c alone.
#ifndef PASSERELLE_STORE_FLOW_COUNT_H
#define PASSERELLE_STORE_FLOW_COUNT_H

#include "store/flow.h"

enum { FLOW_STEP = FLOW_HIDE_BELOW };

struct flow_count {
	uint64_t cases, oldest_ms, median_ms;
	uint64_t told; // where it is not hidden
	bool hidden;
};

static inline bool flow_is_small(uint64_t cases)
{
	return cases > 0 && cases < FLOW_HIDE_BELOW;
}

// A single hidden count is the difference of the others; several give themselves away where together
// they are fewer than 5. Then the smallest one that still shows is hidden too. The last one is the sum of the others.
// True if something changed.
bool flow_protect(struct flow_count *const *series, size_t length);

#endif
