// SPDX-License-Identifier: Apache-2.0
#include "monitor/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROW_SIZE = 1024 };

struct row {
	const char *name, *kind, *help;
	size_t offset;
};

static const struct row rows[] = {
#define METRIC(name, kind, help) {#name, #kind, help, offsetof(struct metrics, name)},
#include "monitor/metrics.def"
#undef METRIC
};

enum fail_code metrics_row(struct bytes *out, const char *name, bool counter, const char *help, uint64_t value)
{
	char text[ROW_SIZE];
	const char *tail = counter ? "_total" : "";
	int length = snprintf(text, sizeof text, "# HELP passerelle_%s%s %s\n# TYPE passerelle_%s%s %s\npasserelle_%s%s %" PRIu64 "\n",
	                      name, tail, help, name, tail, counter ? "counter" : "gauge", name, tail, value);
	must(length > 0 && (size_t)length < sizeof text);
	return bytes_append(out, text, (size_t)length);
}

enum fail_code metrics_write(const struct metrics *metrics, struct bytes *out)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t value;
		memcpy(&value, (const char *)metrics + rows[i].offset, sizeof value);
		enum fail_code code = metrics_row(out, rows[i].name, strcmp(rows[i].kind, "counter") == 0, rows[i].help, value);
		if (code != FAIL_NONE)
			return code;
	}
	return FAIL_NONE;
}
