// SPDX-License-Identifier: Apache-2.0
#include "match/birth.h"

#include "match/weigh.h"

#include <stdlib.h>
#include <string.h>

enum {
	DAYS_OF_YEAR = 365,
	VAGUE_DAYS = 365,           // how far an approximate date may be off
	CONTRADICTS_DAYS = 3 * 366, // casework page 5.3: intervals more than three years apart
	NEAR_DAYS = 2 * 366,
	HALF_SHARE = 50,
	OPEN_DAYS = 120 * DAYS_OF_YEAR,
};

void date_prepare(struct prepared_date *prepared, const struct partial_date *date, bool from_age)
{
	*prepared = (struct prepared_date){.known = false};
	if (date == NULL || date->earliest > date->latest)
		return;
	prepared->known = true;
	prepared->vague = from_age || date->approximate || date->uncertain;
	prepared->earliest = date->earliest;
	prepared->latest = date->latest;
	prepared->exact = date->earliest == date->latest && date->earliest > -300 * DAYS_OF_YEAR &&
	                  date->earliest < 300 * DAYS_OF_YEAR;
	if (!prepared->exact)
		return;
	char text[11];
	day_to_text(date->earliest, text);
	memcpy(prepared->digits, text, 4);
	memcpy(prepared->digits + 4, text + 5, 2);
	memcpy(prepared->digits + 6, text + 8, 2);
	prepared->year = (int32_t)strtol(text, NULL, 10);
	prepared->month = (int32_t)strtol(text + 5, NULL, 10);
	prepared->day = (int32_t)strtol(text + 8, NULL, 10);
}

// One digit differs, or two neighbours are swapped.
static bool one_slip(const char *a, const char *b)
{
	size_t differ = 0, first = 8;
	for (size_t i = 0; i < 8; i++) {
		if (a[i] == b[i])
			continue;
		first = differ == 0 ? i : first;
		differ++;
	}
	if (differ == 1)
		return true;
	return differ == 2 && first + 1 < 8 && a[first] == b[first + 1] && a[first + 1] == b[first];
}

static bool first_of_january(const struct prepared_date *date)
{
	return date->exact && date->month == 1 && date->day == 1;
}

static int64_t days_apart(const struct prepared_date *a, const struct prepared_date *b)
{
	int64_t gap = a->earliest > b->latest ? (int64_t)a->earliest - b->latest : (int64_t)b->earliest - a->latest;
	int64_t slack = (a->vague ? VAGUE_DAYS : 0) + (b->vague ? VAGUE_DAYS : 0);
	return gap > slack ? gap - slack : 0;
}

// Two whole days that differ.
static void grade_days(const struct prepared_date *a, const struct prepared_date *b, struct match_finding *finding)
{
	int64_t apart = days_apart(a, b);
	bool swapped = a->year == b->year && a->day == b->month && a->month == b->day;
	if (swapped) {
		finding->grade = GRADE_920;
		finding->reason = REASON_SWAPPED;
	} else if (one_slip(a->digits, b->digits)) {
		finding->grade = GRADE_840;
		finding->reason = REASON_DIGIT;
	} else if (a->year == b->year && (a->month == b->month || a->day == b->day)) {
		finding->grade = GRADE_740;
		finding->reason = REASON_DIGIT;
	} else if (abs(a->year - b->year) <= 2 && a->month == b->month) {
		finding->grade = GRADE_600;
		finding->reason = REASON_YEAR_OFF;
	} else if (apart <= NEAR_DAYS) {
		finding->grade = GRADE_400;
		finding->reason = REASON_YEAR_OFF;
	} else {
		finding->grade = apart > CONTRADICTS_DAYS ? GRADE_CONTRADICTS : GRADE_LESS;
		finding->reason = REASON_YEARS_APART;
	}
}

// How many days the two together may be; what is open counts as a life.
static int64_t width(const struct prepared_date *date)
{
	bool open = date->earliest == INT32_MIN || date->latest == INT32_MAX;
	return (open ? OPEN_DAYS : (int64_t)date->latest - date->earliest + 1) + (date->vague ? 2 * VAGUE_DAYS : 0);
}

struct overlap {
	int64_t most; // days of both together
	enum match_grade grade;
	int32_t weight; // log of 60 years of births over those days: how seldom two meet by chance
};

static const struct overlap overlaps[] = {
	{62, GRADE_840, 580}, {2 * 366, GRADE_740, 340}, {5 * 366, GRADE_600, 240},
	{11 * 366, GRADE_600, 160}, {INT64_MAX, GRADE_600, 40},
};

static void grade_overlap(const struct prepared_date *a, const struct prepared_date *b, struct match_finding *finding)
{
	const struct overlap *row = overlaps;
	while (width(a) + width(b) > row->most)
		row++;
	finding->grade = row->grade;
	finding->weight = row->weight;
	finding->reason = a->vague || b->vague ? REASON_FROM_AGE : REASON_OVERLAP;
	finding->word = weigh_word(row->grade);
}

static void grade_apart(int64_t apart, struct match_finding *finding)
{
	finding->reason = apart <= NEAR_DAYS ? REASON_YEAR_OFF : REASON_YEARS_APART;
	finding->grade = apart > CONTRADICTS_DAYS ? GRADE_CONTRADICTS : apart > NEAR_DAYS / 2 ? GRADE_LESS : GRADE_400;
}

struct match_finding dates_compare(const struct prepared_date *here, const struct prepared_date *there,
                                   enum match_field field)
{
	struct match_finding finding = weigh_blank(!here->known, !there->known);
	if (!here->known || !there->known)
		return finding;
	bool both_exact = here->exact && there->exact && !here->vague && !there->vague;
	if (both_exact && here->earliest == there->earliest) {
		finding.grade = GRADE_SAME;
		finding.reason = first_of_january(here) ? REASON_FIRST_OF_JANUARY : REASON_DAY_SAME;
	} else if (both_exact) {
		grade_days(here, there, &finding);
	} else if (days_apart(here, there) == 0) {
		grade_overlap(here, there, &finding);
		return finding;
	} else {
		grade_apart(days_apart(here, there), &finding);
	}
	if (first_of_january(here) || first_of_january(there) || here->vague || there->vague)
		finding.share = HALF_SHARE;
	weigh(&finding, field);
	return finding;
}
