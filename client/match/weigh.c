// SPDX-License-Identifier: Apache-2.0
#include "match/weigh.h"

#include "match/tables.h"

enum match_grade weigh_grade(unsigned alike)
{
	static const struct {
		unsigned least;
		enum match_grade grade;
	} grades[] = {
		{995, GRADE_SAME}, {920, GRADE_920}, {840, GRADE_840}, {740, GRADE_740},
		{600, GRADE_600}, {400, GRADE_400}, {0, GRADE_LESS},
	};
	size_t i = 0;
	while (alike < grades[i].least)
		i++;
	return grades[i].grade;
}

enum match_word weigh_word(enum match_grade grade)
{
	static const enum match_word words[MATCH_GRADE_COUNT] = {
		[GRADE_SAME] = MATCH_SAME,     [GRADE_920] = MATCH_VERY_CLOSE, [GRADE_840] = MATCH_VERY_CLOSE,
		[GRADE_740] = MATCH_CLOSE,     [GRADE_600] = MATCH_CLOSE,      [GRADE_400] = MATCH_DIFFERS,
		[GRADE_LESS] = MATCH_DIFFERS,  [GRADE_CONTRADICTS] = MATCH_CONTRADICTS,
	};
	return words[grade];
}

void weigh(struct match_finding *finding, enum match_field field)
{
	finding->word = weigh_word(finding->grade);
	finding->weight = weight_rows[field].weight[finding->grade];
	if (finding->weight > 0)
		finding->weight = finding->weight * finding->share / 100;
}

struct match_finding weigh_blank(bool here, bool there)
{
	enum match_reason reason = here && there ? REASON_UNKNOWN_BOTH : here ? REASON_UNKNOWN_HERE : REASON_UNKNOWN_THERE;
	return (struct match_finding){MATCH_BLANK, GRADE_LESS, reason, 100, 0};
}

struct match_finding weigh_alike(enum match_field field, unsigned alike, enum match_reason reason)
{
	struct match_finding finding = {MATCH_BLANK, weigh_grade(alike), reason, 100, 0};
	weigh(&finding, field);
	return finding;
}
