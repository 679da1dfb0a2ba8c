// SPDX-License-Identifier: Apache-2.0
//
// Grammar: [../] DATE [/ DATE | /..] with DATE = YYYY | YYX.. | YYYY-MM | YYYY-MM-DD
// (X for unknown digits at the end of the year, XX for a whole month or day),
// each followed by an optional ~ or ?.
#include "case/partial_date.h"

#include "base/words.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_YEAR = 1900, LAST_YEAR = 2199, DAYS_OF_ERA = 146097, EPOCH_SHIFT = 719468 };

// Days since 1970-01-01 of a day in the proleptic Gregorian calendar. Years are
// counted from March, so that the leap day is the last one of a year.
static int32_t day_number(int32_t year, int32_t month, int32_t day)
{
	if (month <= 2)
		year--;
	int32_t era = year / 400;
	int32_t year_of_era = year - era * 400;
	int32_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * DAYS_OF_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - EPOCH_SHIFT;
}

static void day_parts(int32_t number, int32_t *year, int32_t *month, int32_t *day)
{
	int32_t shifted = number + EPOCH_SHIFT;
	int32_t era = (shifted >= 0 ? shifted : shifted - (DAYS_OF_ERA - 1)) / DAYS_OF_ERA;
	int32_t of_era = shifted - era * DAYS_OF_ERA;
	int32_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / (DAYS_OF_ERA - 1)) / 365;
	int32_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int32_t march_month = (5 * of_year + 2) / 153;
	*day = of_year - (153 * march_month + 2) / 5 + 1;
	*month = march_month < 10 ? march_month + 3 : march_month - 9;
	*year = year_of_era + era * 400 + (*month <= 2);
}

static int32_t days_in_month(int32_t year, int32_t month)
{
	static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month == 2 && leap ? 29 : days[month - 1];
}

static bool digit(char letter)
{
	return letter >= '0' && letter <= '9';
}

struct interval {
	int32_t earliest, latest;
};

// Four characters, from the left digits, then X. Returns the years it may be.
static enum fail_code read_year(const char **text, struct interval *years, struct fail *why)
{
	int32_t low = 0, high = 0;
	bool unknown = false;
	for (int i = 0; i < 4; i++) {
		char letter = (*text)[i];
		if (letter == 'X' && i >= 2)
			unknown = true;
		else if (!digit(letter) || unknown)
			return fail_set(why, FAIL_BAD_FORM,
			                "a date begins with a year of four digits, the last may be X: 2009, 200X");
		low = low * 10 + (unknown ? 0 : letter - '0');
		high = high * 10 + (unknown ? 9 : letter - '0');
	}
	if (low < FIRST_YEAR || high > LAST_YEAR)
		return fail_set(why, FAIL_BAD_FORM, "the year must be %d to %d", FIRST_YEAR, LAST_YEAR);
	*years = (struct interval){low, high};
	*text += 4;
	return FAIL_NONE;
}

// "-NN" or "-XX". Sets *number to 0 if it is unknown or not there.
static enum fail_code read_part(const char **text, const char *name, int32_t most, int32_t *number, struct fail *why)
{
	*number = 0;
	if (**text != '-')
		return FAIL_NONE;
	const char *at = *text + 1;
	if (at[0] == 'X' && at[1] == 'X') {
		*text += 3;
		return FAIL_NONE;
	}
	if (digit(at[0]) && digit(at[1]))
		*number = (at[0] - '0') * 10 + at[1] - '0';
	if (*number < 1 || *number > most)
		return fail_set(why, FAIL_BAD_FORM, "the %s must be 01 to %d, or XX if it is not known", words_of(name), most);
	*text += 3;
	return FAIL_NONE;
}

static enum fail_code read_month_and_day(const char **text, struct interval *date, struct fail *why)
{
	int32_t year = date->earliest, month, day;
	enum fail_code failed = read_part(text, "month", 12, &month, why);
	if (failed != FAIL_NONE)
		return failed;
	failed = read_part(text, "day", month == 0 ? 31 : days_in_month(year, month), &day, why);
	if (failed != FAIL_NONE)
		return failed;
	if (month == 0 && day != 0)
		return fail_set(why, FAIL_BAD_FORM, "a day without a month says nothing: write the year alone");
	int32_t first = month == 0 ? 1 : month, last = month == 0 ? 12 : month;
	date->earliest = day_number(year, first, day == 0 ? 1 : day);
	date->latest = day_number(year, last, day == 0 ? days_in_month(year, last) : day);
	return FAIL_NONE;
}

static enum fail_code read_date(const char **text, struct interval *date, struct partial_date *marks, struct fail *why)
{
	enum fail_code failed = read_year(text, date, why);
	if (failed != FAIL_NONE)
		return failed;
	if (date->earliest != date->latest) {
		if (**text == '-')
			return fail_set(why, FAIL_BAD_FORM, "a year with X has no month");
		date->earliest = day_number(date->earliest, 1, 1);
		date->latest = day_number(date->latest, 12, 31);
	} else {
		failed = read_month_and_day(text, date, why);
		if (failed != FAIL_NONE)
			return failed;
	}
	for (; **text == '~' || **text == '?'; (*text)++) {
		bool *mark = **text == '~' ? &marks->approximate : &marks->uncertain;
		*mark = true;
	}
	return FAIL_NONE;
}

static bool starts_open(const char *text)
{
	return text[0] == '.' && text[1] == '.';
}

// The part behind the slash, if there is one.
static enum fail_code read_end(const char **text, struct partial_date *date, struct fail *why)
{
	if (**text != '/')
		return FAIL_NONE;
	(*text)++;
	if (starts_open(*text)) {
		*text += 2;
		if (date->earliest == INT32_MIN)
			return fail_set(why, FAIL_BAD_FORM, "an interval open at both ends says nothing: leave the date out");
		date->latest = INT32_MAX;
		return FAIL_NONE;
	}
	struct interval end = {0, 0};
	enum fail_code failed = read_date(text, &end, date, why);
	if (failed != FAIL_NONE)
		return failed;
	if (date->earliest != INT32_MIN && end.latest < date->earliest)
		return fail_set(why, FAIL_BAD_FORM, "the interval ends before it begins");
	date->latest = end.latest;
	return FAIL_NONE;
}

enum fail_code partial_date_parse(struct partial_date *date, const char *text, struct fail *why)
{
	struct partial_date read = {INT32_MIN, INT32_MAX, false, false};
	if (starts_open(text)) {
		text += 2;
		if (*text != '/')
			return fail_set(why, FAIL_BAD_FORM, "an open beginning is written ../2012-06");
	} else {
		struct interval begin = {0, 0};
		enum fail_code failed = read_date(&text, &begin, &read, why);
		if (failed != FAIL_NONE)
			return failed;
		read.earliest = begin.earliest;
		read.latest = begin.latest;
	}
	enum fail_code failed = read_end(&text, &read, why);
	if (failed != FAIL_NONE)
		return failed;
	if (*text != '\0')
		return fail_set(
			why, FAIL_BAD_FORM,
			"write a date as 2009, 2009-03, 2009-03-21, 200X, 2009~ (about), 2009? (doubtful) or 2008/2010");
	*date = read;
	return FAIL_NONE;
}

bool partial_dates_overlap(const struct partial_date *a, const struct partial_date *b)
{
	return a->earliest <= b->latest && b->earliest <= a->latest;
}

enum fail_code day_parse(int32_t *day, const char *text, struct fail *why)
{
	struct partial_date date = {.earliest = 0};
	enum fail_code failed = partial_date_parse(&date, text, why);
	if (failed != FAIL_NONE || strlen(text) != 10 || date.earliest != date.latest)
		return fail_set(why, FAIL_BAD_FORM, "write the whole day as YYYY-MM-DD, years %d to %d", FIRST_YEAR, LAST_YEAR);
	*day = date.earliest;
	return FAIL_NONE;
}

void day_to_text(int32_t day, char text[11])
{
	int32_t lowest = day_number(0, 3, 1), highest = day_number(9999, 12, 31);
	must(day >= lowest && day <= highest);
	int32_t year, month, of_month;
	day_parts(day, &year, &month, &of_month);
	snprintf(text, 11, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100, (unsigned)of_month % 100);
}

void time_to_text(uint64_t unix_ms, char text[21])
{
	uint64_t seconds = unix_ms / 1000;
	uint64_t days = seconds / 86400;
	// Beyond the year 9999 there is no such text: a peer's wild number must not stop the program.
	uint64_t last = (uint64_t)day_number(9999, 12, 31);
	if (days > last) {
		days = last;
		seconds = 86399;
	}
	unsigned second = (unsigned)(seconds % 86400);
	char day[11];
	day_to_text((int32_t)days, day);
	snprintf(text, 21, "%sT%02u:%02u:%02uZ", day, second / 3600 % 24, second / 60 % 60, second % 60);
}
