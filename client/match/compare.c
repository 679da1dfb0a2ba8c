// SPDX-License-Identifier: Apache-2.0
//
// Each field in its turn; then the sum.
#include "match/prepared.h"
#include "match/tables.h"
#include "match/weigh.h"

#include <string.h>

// ---- names ----

// Frequent names say less, for it as against it the full weight stands.
static struct match_finding part_finding(enum match_field field, const struct name_part *part)
{
	if (part->blank_here || part->blank_there)
		return weigh_blank(part->blank_here, part->blank_there);
	struct match_finding finding = {MATCH_BLANK, weigh_grade(part->alike), part->reason, part->left, 0};
	weigh(&finding, field);
	return finding;
}

// Told by another field: the whole name or its parts.
static struct match_finding told_elsewhere(void)
{
	return (struct match_finding){MATCH_BLANK, GRADE_LESS, REASON_NONE, 100, 0};
}

static struct name_likeness likeness_of(const struct prepared_name *here, const struct prepared_name *there)
{
	struct name_likeness found = {.by_parts = false};
	if (!names_compare(here, there, &found)) {
		found.whole.blank_here = here->count == 0;
		found.whole.blank_there = there->count == 0;
	}
	return found;
}

static int32_t compare_names(const struct match_prepared *here, const struct match_prepared *there,
                             struct match_evidence *evidence)
{
	struct name_likeness found = likeness_of(&here->name, &there->name);
	struct match_finding *field = evidence->field;
	field[MATCH_NAME] = found.by_parts ? told_elsewhere() : part_finding(MATCH_NAME, &found.whole);
	field[MATCH_FAMILY] = found.by_parts ? part_finding(MATCH_FAMILY, &found.family) : told_elsewhere();
	field[MATCH_GIVEN] = found.by_parts ? part_finding(MATCH_GIVEN, &found.given) : told_elsewhere();
	return found.gain;
}

static struct match_finding compare_relation(enum match_field field, const struct prepared_name *here,
                                             const struct prepared_name *there)
{
	struct name_likeness found = likeness_of(here, there);
	return part_finding(field, &found.whole);
}

// ---- places ----

// Each level of the place that is told with fewer of them, beside the one that it fits best.
static unsigned areas_alike(const struct prepared_name *here, const struct prepared_name *there)
{
	bool first = here->count < there->count || (here->count == there->count && names_order(here, there) <= 0);
	const struct prepared_name *few = first ? here : there, *many = first ? there : here;
	unsigned sum = 0;
	for (size_t i = 0; i < few->count; i++) {
		unsigned best = 0;
		for (size_t j = 0; j < many->count; j++) {
			unsigned alike = spellings_compare(&few->spelling[i], &many->spelling[j]).alike;
			best = alike > best ? alike : best;
		}
		sum += best;
	}
	return sum / (unsigned)few->count;
}

static enum match_reason reason_of_share(unsigned alike)
{
	return alike >= 995 ? REASON_SAME
	     : alike >= 840 ? REASON_SPELLING
	     : alike >= 400 ? REASON_SOME_SHARED
	                    : REASON_DIFFERENT;
}

static struct match_finding compare_place(enum match_field field, const struct prepared_place *here,
                                          const struct prepared_place *there)
{
	bool areas = here->area.count > 0 && there->area.count > 0;
	bool countries = here->country[0] != '\0' && there->country[0] != '\0';
	bool same_country = countries && strcmp(here->country, there->country) == 0;
	if (!areas && !countries)
		return weigh_blank(here->area.count == 0 && here->country[0] == '\0',
		                   there->area.count == 0 && there->country[0] == '\0');
	if (countries && !same_country)
		return weigh_alike(field, 0, REASON_DIFFERENT);
	if (!areas)
		return weigh_alike(field, 600, REASON_SAME_COUNTRY);
	unsigned alike = areas_alike(&here->area, &there->area);
	return weigh_alike(field, alike, reason_of_share(alike));
}

static struct match_finding compare_address(const struct prepared_name *here, const struct prepared_name *there)
{
	if (here->count == 0 || there->count == 0)
		return weigh_blank(here->count == 0, there->count == 0);
	unsigned alike = areas_alike(here, there);
	return weigh_alike(MATCH_ADDRESS, alike, reason_of_share(alike));
}

// ---- codes ----

static struct match_finding compare_code(enum match_field field, const char *here, const char *there,
                                         enum match_grade otherwise)
{
	struct match_finding finding = weigh_blank(here[0] == '\0', there[0] == '\0');
	if (here[0] == '\0' || there[0] == '\0')
		return finding;
	bool same = strcmp(here, there) == 0;
	finding.grade = same ? GRADE_SAME : otherwise;
	finding.reason = same ? REASON_SAME : REASON_DIFFERENT;
	weigh(&finding, field);
	return finding;
}

static struct match_finding compare_nationality(const struct match_prepared *here, const struct match_prepared *there)
{
	bool known_here = false, known_there = false, shared = false;
	for (size_t i = 0; i < MATCH_NATIONALITIES; i++) {
		known_here |= here->nationality[i][0] != '\0';
		known_there |= there->nationality[i][0] != '\0';
		for (size_t j = 0; j < MATCH_NATIONALITIES; j++)
			shared |= here->nationality[i][0] != '\0' && strcmp(here->nationality[i], there->nationality[j]) == 0;
	}
	if (!known_here || !known_there)
		return weigh_blank(!known_here, !known_there);
	return weigh_alike(MATCH_NATIONALITY, shared ? 1000 : 0, shared ? REASON_SAME : REASON_DIFFERENT);
}

void match_compare(const struct match_prepared *here, const struct match_prepared *there,
                   struct match_evidence *evidence)
{
	struct match_finding *field = evidence->field;
	int32_t gain = compare_names(here, there, evidence);
	field[MATCH_MOTHER] = compare_relation(MATCH_MOTHER, &here->mother, &there->mother);
	field[MATCH_FATHER] = compare_relation(MATCH_FATHER, &here->father, &there->father);
	field[MATCH_BIRTH] = dates_compare(&here->birth, &there->birth, MATCH_BIRTH);
	field[MATCH_SEX] = compare_code(MATCH_SEX, here->sex, there->sex, GRADE_CONTRADICTS);
	field[MATCH_NATIONALITY] = compare_nationality(here, there);
	field[MATCH_BIRTH_PLACE] = compare_place(MATCH_BIRTH_PLACE, &here->birth_place, &there->birth_place);
	field[MATCH_HOME] = compare_place(MATCH_HOME, &here->home, &there->home);
	field[MATCH_ADDRESS] = compare_address(&here->home.address, &there->home.address);
	field[MATCH_SEPARATION_PLACE] =
		compare_place(MATCH_SEPARATION_PLACE, &here->separation_place, &there->separation_place);
	field[MATCH_SEPARATION_DATE] = dates_compare(&here->separation, &there->separation, MATCH_SEPARATION_DATE);
	field[MATCH_SEPARATION_CAUSE] =
		compare_code(MATCH_SEPARATION_CAUSE, here->cause, there->cause, GRADE_LESS);
	evidence->sum = 0;
	for (size_t i = 0; i < MATCH_FIELD_COUNT; i++)
		evidence->sum += field[i].weight;
	int32_t names = field[MATCH_NAME].weight + field[MATCH_FAMILY].weight + field[MATCH_GIVEN].weight;
	evidence->rank = evidence->sum - names + gain;
	evidence->band = match_band_of(evidence->sum);
}
