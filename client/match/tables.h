// SPDX-License-Identifier: Apache-2.0
//
// What tables/generate.py writes out of tables/*.csv and the matcher reads; for nobody else. Every array
// is sorted by its first members, so that it is searched by halves.
#ifndef PASSERELLE_MATCH_TABLES_H
#define PASSERELLE_MATCH_TABLES_H

#include <stdint.h>

enum letter_kind {
	LETTER_PLAIN,
	LETTER_CONSONANT_A, // carries the vowel a unless a sign follows or the word ends
	LETTER_CONSONANT_O, // the same with o (second series of Khmer)
	LETTER_SIGN,        // a vowel in place of the one that the consonant carries
	LETTER_VIRAMA,      // no vowel: the next consonant follows at once
};

// One letter, or two that are one (second 0: one).
struct fold_row {
	uint16_t first, second;
	uint16_t to[3]; // 0 behind the last; none at all: dropped
};

struct letter_row {
	uint16_t first, second;
	enum letter_kind kind;
	char latin[6];
};

enum { WORD_ALIASES = 4, SOUND_LATIN = 3 };

struct alias_row {
	const char *name;
	uint16_t group[WORD_ALIASES]; // 0 behind the last
};

struct word_row {
	const char *word; // UTF-8, folded
	uint8_t kind;     // enum word_kind
};

struct common_row {
	const char *name;
	uint8_t left; // hundredths of its weight
};

// How a letter is heard in Latin letters: log(how often together / how often by chance), in hundredths.
struct sound_row {
	char latin[SOUND_LATIN + 1]; // empty: the letter is not written
	uint8_t length;              // of `latin`
	int16_t weight;
};

struct sound_letter {
	uint16_t letter; // 0: a Latin letter that stands for nothing in the other script
	uint16_t first, count; // its rows
};

struct sound_table {
	uint8_t script; // enum match_script
	const struct sound_letter *letters;
	uint16_t letter_count;
	const struct sound_row *rows;
};

// Weights of a field, in hundredths of a natural logarithm.
struct weight_row {
	int16_t weight[8]; // by enum match_grade
};

extern const struct fold_row fold_rows[];
extern const unsigned fold_row_count;
extern const struct letter_row letter_rows[];
extern const unsigned letter_row_count;
extern const struct alias_row alias_rows[];
extern const unsigned alias_row_count;
extern const struct word_row word_rows[];
extern const unsigned word_row_count;
extern const struct common_row common_rows[];
extern const unsigned common_row_count;
extern const struct sound_table sound_tables[];
extern const unsigned sound_table_count;
extern const struct weight_row weight_rows[]; // by enum match_field
extern const int32_t match_band_least[]; // least sum of weights, by enum match_band
extern const char match_tables_digest[]; // version of the rules and digest of all tables

#endif
