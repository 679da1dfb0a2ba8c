// SPDX-License-Identifier: Apache-2.0
//
// On which days a member works (casework page 5.6b): days of the week without its holidays. Written as one
// text, which stands in the directory and in the header of a message that starts a term in working days:
// "12345 12-25 2026-12-24": the days of the week that are worked (1 Monday to 7 Sunday), then the days off,
// of every year (MM-DD) or of one (YYYY-MM-DD). An empty text is Monday to Friday.
#ifndef PASSERELLE_CASE_CALENDAR_H
#define PASSERELLE_CASE_CALENDAR_H

#include "base/fail.h"

#include <stdint.h>

enum {
	MAX_HOLIDAYS = 200,
	CALENDAR_TEXT_SIZE = 8 + 11 * MAX_HOLIDAYS,
	CALENDAR_AHEAD_DAYS = 366, // so far a message says which single days are off
	WEEK_TEXT_SIZE = 32,       // "mon,tue,wed,thu,fri,sat,sun"
};

struct work_calendar {
	uint8_t week;        // bit 0: Monday ... bit 6: Sunday; one at least
	uint16_t count;
	int32_t holiday[MAX_HOLIDAYS]; // days since 1970-01-01; of every year: -(month * 100 + day)
};

// FAIL_BAD_FORM: why says what is wrong. *calendar is Monday to Friday then.
enum fail_code calendar_parse(struct work_calendar *calendar, const char *text, struct fail *why) MUST_CHECK;
// Single days off outside of `from` to `until` are left out (INT32_MIN, INT32_MAX: none is); "" for Monday to Friday.
void calendar_to_text(const struct work_calendar *calendar, int32_t from, int32_t until, char text[CALENDAR_TEXT_SIZE]);

// "mon-fri", "sun-thu", "mon,wed"; names of three letters.
enum fail_code week_parse(uint8_t *week, const char *text, struct fail *why) MUST_CHECK;
void week_to_text(uint8_t week, char text[WEEK_TEXT_SIZE]);
// "2026-12-24" or "12-25", which must exist. A day that is there already stays there once.
enum fail_code calendar_add(struct work_calendar *calendar, const char *holiday, struct fail *why) MUST_CHECK;
void holiday_to_text(int32_t holiday, char text[11]);

// `day` since 1970-01-01, at or after it.
bool calendar_works_on(const struct work_calendar *calendar, int32_t day);
// The `count`-th working day after `day`. Whoever is off for ten years on end works again then: it always ends.
int32_t calendar_after(const struct work_calendar *calendar, int32_t day, unsigned count);

#endif
