// SPDX-License-Identifier: Apache-2.0
//
// How likely a word of another script and a Latin word are the same name: the best way to lay the letters of
// the one beside one to three letters of the other, by weights that were learned from pairs of names
// (tables/sounds, tests/match/README.md). Symmetric in meaning, not in its arguments.
#ifndef PASSERELLE_MATCH_SOUND_H
#define PASSERELLE_MATCH_SOUND_H

#include "match/token.h"

// NULL if nothing was learned for the script.
const struct sound_table *sound_table_of(enum match_script script);
uint16_t sound_letter_index(const struct sound_table *table, uint16_t letter);

enum { SOUND_LEAST = -3000 };

// Log-likelihood ratio in hundredths, at least SOUND_LEAST: most pairs are found hopeless after a few letters.
// `native` is of the table's script.
int sound_score(const struct sound_table *table, const struct match_token *native, const struct match_token *latin);

#endif
