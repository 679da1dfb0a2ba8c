// SPDX-License-Identifier: Apache-2.0
//
// What people and programs are told, one row each.
#include "match/match.h"
#include "match/tables.h"

struct told {
	const char *code, *text;
};

static const struct told words[MATCH_WORD_COUNT] = {
	[MATCH_BLANK] = {"BLANK", "blank"},
	[MATCH_SAME] = {"SAME", "same"},
	[MATCH_VERY_CLOSE] = {"VERY_CLOSE", "very close"},
	[MATCH_CLOSE] = {"CLOSE", "close"},
	[MATCH_DIFFERS] = {"DIFFERS", "differs"},
	[MATCH_CONTRADICTS] = {"CONTRADICTS", "contradicts"},
};

static const struct told fields[MATCH_FIELD_COUNT] = {
	[MATCH_NAME] = {"NAME", "name"},
	[MATCH_FAMILY] = {"FAMILY", "family name"},
	[MATCH_GIVEN] = {"GIVEN", "given name"},
	[MATCH_MOTHER] = {"MOTHER", "mother's name"},
	[MATCH_FATHER] = {"FATHER", "father's name"},
	[MATCH_BIRTH] = {"BIRTH", "birth"},
	[MATCH_SEX] = {"SEX", "sex"},
	[MATCH_NATIONALITY] = {"NATIONALITY", "nationality"},
	[MATCH_BIRTH_PLACE] = {"BIRTH_PLACE", "place of birth"},
	[MATCH_HOME] = {"HOME", "present place"},
	[MATCH_ADDRESS] = {"ADDRESS", "address"},
	[MATCH_SEPARATION_PLACE] = {"SEPARATION_PLACE", "place of separation"},
	[MATCH_SEPARATION_DATE] = {"SEPARATION_DATE", "time of separation"},
	[MATCH_SEPARATION_CAUSE] = {"SEPARATION_CAUSE", "cause of separation"},
};

static const struct told bands[MATCH_BAND_COUNT] = {
	[BAND_LOW] = {"LOW", "low"},
	[BAND_POSSIBLE] = {"POSSIBLE", "possible"},
	[BAND_LIKELY] = {"LIKELY", "likely"},
};

static const char *const reasons[MATCH_REASON_COUNT] = {
	[REASON_NONE] = "",
	[REASON_UNKNOWN_BOTH] = "not known on either side",
	[REASON_UNKNOWN_HERE] = "not known of the first person",
	[REASON_UNKNOWN_THERE] = "not known of the second person",
	[REASON_SAME] = "the same",
	[REASON_SPELLING] = "spelled in another way",
	[REASON_SAME_SOUND] = "same sounds, spelled in another way",
	[REASON_OTHER_SCRIPT] = "sounds alike, in another script",
	[REASON_ALIAS] = "short or national form of the same name",
	[REASON_INITIAL] = "one side has only the first letter",
	[REASON_OTHER_PART] = "stands in another part of the name",
	[REASON_MORE_PARTS] = "one side has more names",
	[REASON_DIFFERENT] = "another one",
	[REASON_DAY_SAME] = "the same day",
	[REASON_FIRST_OF_JANUARY] = "the same, but 1 January is often written for an unknown day",
	[REASON_FROM_AGE] = "fits, but one side is not sure or comes from an age",
	[REASON_OVERLAP] = "may be the same day",
	[REASON_SWAPPED] = "day and month may be swapped",
	[REASON_DIGIT] = "a part of the date differs",
	[REASON_YEAR_OFF] = "off by a year or two",
	[REASON_YEARS_APART] = "years apart",
	[REASON_SOME_SHARED] = "in part the same",
	[REASON_SAME_COUNTRY] = "the same country, no more is known",
};

const char *match_word_text(enum match_word word)
{
	return words[word].text;
}

const char *match_word_code(enum match_word word)
{
	return words[word].code;
}

const char *match_field_text(enum match_field field)
{
	return fields[field].text;
}

const char *match_field_code(enum match_field field)
{
	return fields[field].code;
}

const char *match_band_text(enum match_band band)
{
	return bands[band].text;
}

const char *match_band_code(enum match_band band)
{
	return bands[band].code;
}

const char *match_reason_text(enum match_reason reason)
{
	return reasons[reason];
}

enum match_band match_band_of(int32_t sum)
{
	return sum >= match_band_least[BAND_LIKELY]     ? BAND_LIKELY
	       : sum >= match_band_least[BAND_POSSIBLE] ? BAND_POSSIBLE
	                                                : BAND_LOW;
}

const char *match_tables_version(void)
{
	return match_tables_digest;
}
