// SPDX-License-Identifier: Apache-2.0
//
// The figures of metrics.def as one struct, and their text form (Prometheus 0.0.4).
#ifndef PASSERELLE_MONITOR_METRICS_H
#define PASSERELLE_MONITOR_METRICS_H

#include "base/bytes.h"

struct metrics {
#define METRIC(name, kind, help) uint64_t name;
#include "monitor/metrics.def"
#undef METRIC
};

// Appends all rows. FAIL_TOO_LARGE, FAIL_NO_MEMORY.
enum fail_code metrics_write(const struct metrics *metrics, struct bytes *out) MUST_CHECK;

// One row of another list, in the same form. `counter`: the name gets "_total".
enum fail_code metrics_row(struct bytes *out, const char *name, bool counter, const char *help,
                           uint64_t value) MUST_CHECK;

#endif
