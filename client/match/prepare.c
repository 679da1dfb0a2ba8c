// SPDX-License-Identifier: Apache-2.0
#include "match/prepared.h"

#include <stdlib.h>
#include <string.h>

// Codes that say that nothing is known are blank.
static void code_copy(char to[CODE_SIZE], const char *from)
{
	static const char *const nothing[] = {"UNKNOWN", "UNSPECIFIED", "OTHER"};
	size_t length = 0;
	while (from != NULL && length + 1 < CODE_SIZE && from[length] != '\0')
		length++;
	memcpy(to, from != NULL ? from : "", length);
	to[length] = '\0';
	for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
		if (strcmp(to, nothing[i]) == 0)
			to[0] = '\0';
	}
}

static enum fail_code place_prepare(struct prepared_place *prepared, const struct match_place *place)
{
	code_copy(prepared->country, place->country);
	enum fail_code failed = texts_prepare(&prepared->area, place->area, MATCH_AREAS);
	return failed != FAIL_NONE ? failed : texts_prepare(&prepared->address, &place->address, 1);
}

static void place_release(struct prepared_place *prepared)
{
	name_release(&prepared->area);
	name_release(&prepared->address);
}

static enum fail_code names_prepare(struct match_prepared *prepared, const struct match_person *person)
{
	enum fail_code failed = name_prepare(&prepared->name, &person->name);
	if (failed == FAIL_NONE)
		failed = name_prepare(&prepared->mother, &person->mother);
	if (failed == FAIL_NONE)
		failed = name_prepare(&prepared->father, &person->father);
	return failed;
}

static enum fail_code places_prepare(struct match_prepared *prepared, const struct match_person *person)
{
	enum fail_code failed = place_prepare(&prepared->birth_place, &person->birth_place);
	if (failed == FAIL_NONE)
		failed = place_prepare(&prepared->home, &person->home);
	if (failed == FAIL_NONE)
		failed = place_prepare(&prepared->separation_place, &person->separation_place);
	return failed;
}

enum fail_code match_prepare(struct match_prepared **prepared, const struct match_person *person)
{
	*prepared = NULL;
	struct match_prepared *made = calloc(1, sizeof *made);
	if (made == NULL)
		return FAIL_NO_MEMORY;
	date_prepare(&made->birth, person->birth, person->birth_from_age);
	date_prepare(&made->separation, person->separation, false);
	code_copy(made->sex, person->sex);
	code_copy(made->cause, person->separation_cause);
	for (size_t i = 0; i < MATCH_NATIONALITIES; i++)
		code_copy(made->nationality[i], person->nationality[i]);
	enum fail_code failed = names_prepare(made, person);
	if (failed == FAIL_NONE)
		failed = places_prepare(made, person);
	if (failed != FAIL_NONE)
		match_free(made);
	else
		*prepared = made;
	return failed;
}

void match_free(struct match_prepared *prepared)
{
	if (prepared == NULL)
		return;
	name_release(&prepared->name);
	name_release(&prepared->mother);
	name_release(&prepared->father);
	place_release(&prepared->birth_place);
	place_release(&prepared->home);
	place_release(&prepared->separation_place);
	free(prepared);
}
