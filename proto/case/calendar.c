// SPDX-License-Identifier: Apache-2.0
#include "case/calendar.h"

#include "case/partial_date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WEEK_DAYS = 7, MON_TO_FRI = 0x1f, YEARLY_LENGTH = 5, NAME_LENGTH = 3, TEN_YEARS = 3653 };

static const char week_names[WEEK_DAYS][NAME_LENGTH + 1] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// 2000 had all days that a year can have.
static enum fail_code holiday_parse(int32_t *holiday, const char *text, struct fail *why)
{
	char whole[11] = "2000-";
	if (strlen(text) != YEARLY_LENGTH)
		return day_parse(holiday, text, why);
	memcpy(whole + 5, text, YEARLY_LENGTH + 1);
	if (day_parse(holiday, whole, NULL) != FAIL_NONE)
		return fail_set(why, FAIL_BAD_FORM, "'%s' is no day: write 2026-12-24, or 12-25 for every year", text);
	*holiday = -(int32_t)(strtol(text, NULL, 10) * 100 + strtol(text + 3, NULL, 10));
	return FAIL_NONE;
}

void holiday_to_text(int32_t holiday, char text[11])
{
	if (holiday >= 0)
		day_to_text(holiday, text);
	else
		snprintf(text, 11, "%02u-%02u", (unsigned)-holiday / 100 % 100, (unsigned)-holiday % 100);
}

static bool is_holiday(const struct work_calendar *calendar, int32_t holiday)
{
	for (size_t i = 0; i < calendar->count; i++) {
		if (calendar->holiday[i] == holiday)
			return true;
	}
	return false;
}

enum fail_code calendar_add(struct work_calendar *calendar, const char *holiday, struct fail *why)
{
	int32_t day = 0;
	enum fail_code code = holiday_parse(&day, holiday, why);
	if (code == FAIL_NONE && strlen(holiday) != YEARLY_LENGTH && day < 0)
		code = fail_set(why, FAIL_BAD_FORM, "'%s' is before 1970", holiday);
	if (code != FAIL_NONE || is_holiday(calendar, day))
		return code;
	if (calendar->count == MAX_HOLIDAYS)
		return fail_set(why, FAIL_BAD_FORM, "more than %d days off", MAX_HOLIDAYS);
	calendar->holiday[calendar->count++] = day;
	return FAIL_NONE;
}

// Ascending, each once.
static enum fail_code take_week(struct work_calendar *calendar, const char *text, size_t length, struct fail *why)
{
	uint8_t week = 0;
	bool good = length > 0;
	for (size_t i = 0; i < length && good; i++) {
		good = text[i] >= '1' && text[i] <= '7' && week >> (text[i] - '1') == 0;
		week = (uint8_t)(good ? week | 1U << (text[i] - '1') : week);
	}
	if (!good)
		return fail_set(why, FAIL_BAD_FORM, "a calendar begins with its working days, such as 12345");
	calendar->week = week;
	return FAIL_NONE;
}

static enum fail_code take_words(struct work_calendar *calendar, const char *text, struct fail *why)
{
	size_t length = strcspn(text, " ");
	enum fail_code code = take_week(calendar, text, length, why);
	while (code == FAIL_NONE && text[length] == ' ') {
		char word[11];
		text += length + 1;
		length = strcspn(text, " ");
		if (length == 0 || length >= sizeof word)
			return fail_set(why, FAIL_BAD_FORM, "the days off are written 2026-12-24 or 12-25, with one space between them");
		memcpy(word, text, length);
		word[length] = '\0';
		code = calendar_add(calendar, word, why);
	}
	return code;
}

enum fail_code calendar_parse(struct work_calendar *calendar, const char *text, struct fail *why)
{
	const struct work_calendar usual = {.week = MON_TO_FRI};
	*calendar = usual;
	enum fail_code code = text[0] == '\0' ? FAIL_NONE : take_words(calendar, text, why);
	if (code != FAIL_NONE)
		*calendar = usual;
	return code;
}

void calendar_to_text(const struct work_calendar *calendar, int32_t from, int32_t until, char text[CALENDAR_TEXT_SIZE])
{
	size_t length = 0;
	for (unsigned i = 0; i < WEEK_DAYS; i++) {
		if ((calendar->week >> i & 1) != 0)
			text[length++] = (char)('1' + i);
	}
	text[length] = '\0';
	for (size_t i = 0; i < calendar->count; i++) {
		int32_t holiday = calendar->holiday[i];
		if (holiday >= 0 && (holiday < from || holiday > until))
			continue;
		char word[11];
		holiday_to_text(holiday, word);
		length += (size_t)snprintf(text + length, CALENDAR_TEXT_SIZE - length, " %s", word);
	}
	if (strcmp(text, "12345") == 0)
		text[0] = '\0';
}

static int week_day(const char *text)
{
	for (int i = 0; i < WEEK_DAYS; i++) {
		if (strncmp(text, week_names[i], NAME_LENGTH) == 0)
			return i;
	}
	return -1;
}

// One item of the list: a day, or from one to another, over the Sunday if need be. NULL: neither.
static const char *take_days(const char *text, uint8_t *week)
{
	int first = week_day(text), last = first;
	if (first < 0)
		return NULL;
	text += NAME_LENGTH;
	if (*text == '-') {
		last = week_day(text + 1);
		text += 1 + NAME_LENGTH;
	}
	if (last < 0)
		return NULL;
	for (int day = first; day != last; day = (day + 1) % WEEK_DAYS)
		*week |= (uint8_t)(1U << day);
	*week |= (uint8_t)(1U << last);
	return text;
}

enum fail_code week_parse(uint8_t *week, const char *text, struct fail *why)
{
	const char *at = text;
	*week = 0;
	while ((at = take_days(at, week)) != NULL && *at == ',')
		at++;
	if (at == NULL || *at != '\0')
		return fail_set(why, FAIL_BAD_FORM, "'%.40s' are no working days: write mon-fri, sun-thu or mon,wed,fri", text);
	return FAIL_NONE;
}

// The span if it is one of at least three days, also over the Sunday; else the list.
static bool week_span(uint8_t week, unsigned *first, unsigned *last)
{
	unsigned starts = 0, length = 0;
	for (unsigned i = 0; i < WEEK_DAYS; i++) {
		bool works = (week >> i & 1) != 0, before = (week >> (i + WEEK_DAYS - 1) % WEEK_DAYS & 1) != 0;
		length += works;
		if (works && !before) {
			starts++;
			*first = i;
		}
	}
	if (length == WEEK_DAYS)
		*first = 0;
	*last = (*first + length + WEEK_DAYS - 1) % WEEK_DAYS;
	return length == WEEK_DAYS || (starts == 1 && length >= 3);
}

void week_to_text(uint8_t week, char text[WEEK_TEXT_SIZE])
{
	unsigned first = 0, last = 0;
	size_t length = 0;
	text[0] = '\0';
	if (week_span(week, &first, &last)) {
		snprintf(text, WEEK_TEXT_SIZE, "%s-%s", week_names[first], week_names[last]);
		return;
	}
	for (unsigned i = 0; i < WEEK_DAYS; i++) {
		if ((week >> i & 1) != 0)
			length +=
				(size_t)snprintf(text + length, WEEK_TEXT_SIZE - length, "%s%s", length > 0 ? "," : "", week_names[i]);
	}
}

// 1970-01-01 was a Thursday.
bool calendar_works_on(const struct work_calendar *calendar, int32_t day)
{
	if ((calendar->week >> ((day + 3) % WEEK_DAYS) & 1) == 0)
		return false;
	if (calendar->count == 0)
		return true;
	char text[11];
	day_to_text(day, text);
	int32_t yearly = -(int32_t)(strtol(text + 5, NULL, 10) * 100 + strtol(text + 8, NULL, 10));
	return !is_holiday(calendar, day) && !is_holiday(calendar, yearly);
}

int32_t calendar_after(const struct work_calendar *calendar, int32_t day, unsigned count)
{
	for (unsigned passed = 0; count > 0; passed++) {
		day++;
		count -= passed >= TEN_YEARS || calendar_works_on(calendar, day);
	}
	return day;
}
