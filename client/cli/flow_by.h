// SPDX-License-Identifier: Apache-2.0
//
// The flow as one table: a row for each member, country, region, pair, service or urgency.
#ifndef PASSERELLE_CLI_FLOW_BY_H
#define PASSERELLE_CLI_FLOW_BY_H

#include "cli/run.h"

struct flow_by {
	const char *by;                  // as typed
	bool period;                     // may be asked of a period too, not only of how the cases stand
	enum psr_flow_rows rows;         // of a period
};

// NULL: there is no such table.
const struct flow_by *flow_by_named(const char *by);

// passerelle.flow_table/1 out of the hub's answer (passerelle.flow/1 or passerelle.flow_period/1): `by`, `as_of`, `items`. Sums are of what
// the hub told, so nothing follows from them that did not follow before. New reference.
json_t *flow_by_table(const struct flow_by *by, const json_t *document);

// For CSV and workbooks: the columns of the table. NULL-terminated.
const char *const *flow_by_keys(const json_t *table);

void flow_by_print(struct out *out, const json_t *table);

#endif
