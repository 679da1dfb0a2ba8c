// SPDX-License-Identifier: Apache-2.0
//
// The matcher: are two persons, as two members know them, perhaps the same? Pure: no file, socket, clock or
// random number; the same two persons give the same answer everywhere, as long as the tables are the same
// (match_tables_version, which travels with every result; only equal versions are compared with each other).
//
//   person --match_prepare--> prepared person --match_compare--> evidence
//
// What is computed for one person alone (letters, Latin forms, skeletons) is computed once. The evidence says for
// each field in words how well it fits and why, and carries a weight: the logarithm of how much more often this is
// seen with one person than with two. Their sum gives a band. Weights and bands were learned from public data with
// known truth (tests/match/README.md); where nothing could be learned, the casework page's shares stand.
//
// A number is for ranking and for tests. People are shown words and the band, never a percentage: a match is a
// hypothesis until a person on each side has confirmed it.
//
// What comes in is hostile: whatever the bytes, lengths and counts beyond the limits below are left out, and the
// time is bounded by them.
#ifndef PASSERELLE_MATCH_MATCH_H
#define PASSERELLE_MATCH_MATCH_H

#include "base/fail.h"
#include "case/partial_date.h"

#include <stdint.h>

enum {
	MATCH_SPELLINGS = 8, // spellings of one name that are looked at
	MATCH_PARTS = 4,     // given names, family names of one spelling
	MATCH_AREAS = 4,     // levels of a place
	MATCH_NATIONALITIES = 4,
};

// All texts are UTF-8, borrowed for the call; NULL or empty is blank.
struct match_spelling {
	const char *full;                 // as written; may be left out if parts are given
	const char *given[MATCH_PARTS];   // up to the first NULL
	const char *family[MATCH_PARTS];
	const char *patronymic;
};

struct match_name {
	struct match_spelling spelling[MATCH_SPELLINGS];
	size_t count;
};

struct match_place {
	const char *country;           // ISO 3166 code
	const char *area[MATCH_AREAS]; // from the largest to the smallest, up to the first NULL
	const char *address;
};

struct match_person {
	struct match_name name;
	const struct partial_date *birth; // NULL: blank
	bool birth_from_age;              // made out of an age as it was said
	const char *sex;                  // code list sex
	const char *nationality[MATCH_NATIONALITIES];
	struct match_name mother, father;
	struct match_place birth_place, home, separation_place;
	const struct partial_date *separation; // when the person was separated from those who look for it
	const char *separation_cause;          // code list separation_cause
};

enum match_field {
	MATCH_NAME,   // the whole name, where not both sides say which part is which
	MATCH_FAMILY,
	MATCH_GIVEN,
	MATCH_MOTHER,
	MATCH_FATHER,
	MATCH_BIRTH,
	MATCH_SEX,
	MATCH_NATIONALITY,
	MATCH_BIRTH_PLACE,
	MATCH_HOME,
	MATCH_ADDRESS,
	MATCH_SEPARATION_PLACE,
	MATCH_SEPARATION_DATE,
	MATCH_SEPARATION_CAUSE,
	MATCH_FIELD_COUNT
};

enum match_word {
	MATCH_BLANK, // one side or both do not know
	MATCH_SAME,
	MATCH_VERY_CLOSE,
	MATCH_CLOSE,
	MATCH_DIFFERS,
	MATCH_CONTRADICTS, // speaks against it: another sex, births that lie years apart
	MATCH_WORD_COUNT
};

// Finer than words, for the weights: a share that is alike, of at least so many thousandths.
enum match_grade {
	GRADE_SAME,        // 995
	GRADE_920,
	GRADE_840,
	GRADE_740,
	GRADE_600,
	GRADE_400,
	GRADE_LESS,
	GRADE_CONTRADICTS,
	MATCH_GRADE_COUNT
};

enum match_reason {
	REASON_NONE,
	REASON_UNKNOWN_BOTH,    // blank on both sides
	REASON_UNKNOWN_HERE,    // blank in the first person
	REASON_UNKNOWN_THERE,   // blank in the second one
	REASON_SAME,
	REASON_SPELLING,
	REASON_SAME_SOUND,
	REASON_OTHER_SCRIPT,
	REASON_ALIAS,
	REASON_INITIAL,
	REASON_OTHER_PART,      // stands as given name here, as family name there
	REASON_MORE_PARTS,      // one side has more names than the other
	REASON_DIFFERENT,
	REASON_DAY_SAME,
	REASON_FIRST_OF_JANUARY, // the same day, but 1 January is often written for an unknown one
	REASON_FROM_AGE,        // fits, but one of the two comes from an age as it was said
	REASON_OVERLAP,         // both may be the same day
	REASON_SWAPPED,         // day and month may be swapped
	REASON_DIGIT,           // one digit differs, or two are swapped
	REASON_YEAR_OFF,        // by one or two years
	REASON_YEARS_APART,
	REASON_SOME_SHARED,
	REASON_SAME_COUNTRY,
	MATCH_REASON_COUNT
};

enum match_band {
	BAND_LOW,
	BAND_POSSIBLE,
	BAND_LIKELY,
	MATCH_BAND_COUNT
};

struct match_finding {
	enum match_word word;
	enum match_grade grade;   // says nothing where word is MATCH_BLANK
	enum match_reason reason;
	uint8_t share;            // hundredths of the table's weight: frequent names and doubtful dates say less
	int32_t weight;           // hundredths of a natural logarithm; 0 where blank
};

struct match_evidence {
	struct match_finding field[MATCH_FIELD_COUNT];
	int32_t sum;              // of all weights
	int32_t rank;             // to order several candidates by: finer than the sum where names alone are known
	enum match_band band;
};

struct match_prepared;

// Owned by the caller (match_free). FAIL_NO_MEMORY is the only fault.
enum fail_code match_prepare(struct match_prepared **prepared, const struct match_person *person) MUST_CHECK;
void match_free(struct match_prepared *prepared);

void match_compare(const struct match_prepared *here, const struct match_prepared *there,
                   struct match_evidence *evidence);

// The band of a sum of weights.
enum match_band match_band_of(int32_t sum);

// In words: "very close", "family name", "possible", "same sounds, other script".
const char *match_word_text(enum match_word word);
const char *match_field_text(enum match_field field);
const char *match_band_text(enum match_band band);
const char *match_reason_text(enum match_reason reason);

// As a code for programs: "VERY_CLOSE", "FAMILY", "POSSIBLE".
const char *match_word_code(enum match_word word);
const char *match_field_code(enum match_field field);
const char *match_band_code(enum match_band band);

// "1-0a1b2c3d4e5f": version of the rules and digest of all tables.
const char *match_tables_version(void);

#endif
