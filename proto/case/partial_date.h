// SPDX-License-Identifier: Apache-2.0
//
// Dates as people know them (casework page 5.6): 2009, 2009-03, 2009-03-XX, 200X,
// 2009~ (approximate), 2009? (uncertain), 2008/2010, ../2012-06 (EDTF subset).
// Kept as written and as the interval of days that it may be; compared by
// overlap, never by equality.
#ifndef PASSERELLE_CASE_PARTIAL_DATE_H
#define PASSERELLE_CASE_PARTIAL_DATE_H

#include "base/fail.h"

#include <stdint.h>

struct partial_date {
	int32_t earliest;   // days since 1970-01-01 (proleptic Gregorian); INT32_MIN: open
	int32_t latest;     // INT32_MAX: open
	bool approximate;   // ~
	bool uncertain;     // ?
};

// FAIL_BAD_FORM; `why` says what would be right ("month must be 01 to 12").
enum fail_code partial_date_parse(struct partial_date *date, const char *text, struct fail *why) MUST_CHECK;
bool partial_dates_overlap(const struct partial_date *a, const struct partial_date *b);

// A whole day YYYY-MM-DD, years 1900 to 2199.
enum fail_code day_parse(int32_t *day, const char *text, struct fail *why) MUST_CHECK;
void day_to_text(int32_t day, char text[11]);

// Unix milliseconds to RFC 3339 in UTC, "2026-11-23T06:22:46Z" (21 bytes with NUL).
void time_to_text(uint64_t unix_ms, char text[21]);

#endif
