// SPDX-License-Identifier: Apache-2.0
#include "case/age_band.h"

#include "case/partial_date.h"

#include <stdio.h>

enum { WIDEST_DAYS = 5 * 366 };

static const struct {
	unsigned below; // years
	const char *code;
} bands[] = {{5, "AGE_0_4"},    {10, "AGE_5_9"},   {15, "AGE_10_14"}, {18, "AGE_15_17"},
             {25, "AGE_18_24"}, {60, "AGE_25_59"}, {150, "AGE_60_UP"}};

static bool parts_of(int32_t day, unsigned parts[3])
{
	char text[11];
	day_to_text(day, text);
	return sscanf(text, "%4u-%2u-%2u", &parts[0], &parts[1], &parts[2]) == 3;
}

// Whole years, as birthdays are counted.
static bool years_between(int32_t birth, int32_t day, unsigned *years)
{
	unsigned then[3], now[3];
	if (birth > day || !parts_of(birth, then) || !parts_of(day, now))
		return false;
	bool before_birthday = now[1] < then[1] || (now[1] == then[1] && now[2] < then[2]);
	*years = now[0] - then[0] - (before_birthday ? 1 : 0);
	return true;
}

const char *age_band(const char *birth, int32_t day)
{
	struct partial_date date;
	unsigned years;
	if (partial_date_parse(&date, birth, NULL) != FAIL_NONE || date.earliest == INT32_MIN || date.latest == INT32_MAX ||
	    (int64_t)date.latest - date.earliest > WIDEST_DAYS)
		return "UNSPECIFIED";
	int32_t latest = date.latest < day ? date.latest : day; // nobody is born after the day
	if (!years_between(date.earliest + (latest - date.earliest) / 2, day, &years))
		return "UNSPECIFIED";
	for (unsigned i = 0; i < sizeof bands / sizeof bands[0]; i++) {
		if (years < bands[i].below)
			return bands[i].code;
	}
	return "UNSPECIFIED";
}
