// SPDX-License-Identifier: Apache-2.0
#include "case/follow_up.h"

#include "case/partial_date.h"

#include <stdio.h>

#define DAY_MS INT64_C(86400000)

enum { REVIEW_SOON_DAYS = 14 };

static const unsigned months_after[FOLLOW_UPS] = {3, 6, 12, 24};

unsigned follow_up_months(unsigned index)
{
	must(index < FOLLOW_UPS);
	return months_after[index];
}

int32_t follow_up_day(uint64_t closed_at, unsigned months)
{
	char text[11], then[32];
	unsigned year, month, day;
	int32_t number = 0;
	day_to_text((int32_t)(closed_at / (uint64_t)DAY_MS), text);
	must(sscanf(text, "%4u-%2u-%2u", &year, &month, &day) == 3);
	month += months;
	year += (month - 1) / 12;
	month = (month - 1) % 12 + 1;
	do // 30 November and three months: 28 or 29 February
		snprintf(then, sizeof then, "%04u-%02u-%02u", year, month, day);
	while (day_parse(&number, then, NULL) != FAIL_NONE && --day > 0);
	return number;
}

int32_t follow_up_soon(uint64_t closed_at, unsigned index)
{
	int32_t due = follow_up_day(closed_at, follow_up_months(index));
	int32_t before = follow_up_day(closed_at, index == 0 ? 0 : follow_up_months(index - 1));
	return due - (due - before) / 6;
}

int32_t review_soon(int32_t day)
{
	return day - REVIEW_SOON_DAYS;
}

enum clock_standing day_standing(int32_t soon, int32_t due, uint64_t now)
{
	int64_t today = (int64_t)(now / (uint64_t)DAY_MS);
	if (today > due)
		return STANDING_OVERDUE;
	return today >= soon ? STANDING_DUE_SOON : STANDING_DUE;
}
