// SPDX-License-Identifier: Apache-2.0
//
// Pairs of names with truth, read from text that `zcat` of the data's files gives. A word belongs to a half by the hash
// of its Latin form, a full name if all its words do: what is asked has no word that was learned from. Names of both
// halves' words are neither learned nor asked; they only stand among those that are searched.
#ifndef PASSERELLE_TESTS_MATCH_PAIRS_H
#define PASSERELLE_TESTS_MATCH_PAIRS_H

#include "match/letters.h"

#include <stdio.h>

struct name_pair {
	char *latin, *native; // owned
};

struct name_pairs {
	struct name_pair *pair; // owned
	size_t count, capacity;
};

enum half { HALF_LEARN, HALF_ASK, HALF_NEITHER };

uint32_t text_hash(const char *text);
enum half half_of(const char *latin);
enum half half_of_words(const char *latin);

// Columns of one line, cut in place at `separator`; answers how many.
size_t cut_columns(char *line, char separator, char **columns, size_t most);

// Token pairs (script, latin, native, count) of one script and half; full names (latin, native), all of them.
void read_token_pairs(struct name_pairs *pairs, FILE *file, const char *script, enum half half);
void read_full_names(struct name_pairs *pairs, FILE *file);
void name_pairs_add(struct name_pairs *pairs, const char *latin, const char *native);
void name_pairs_release(struct name_pairs *pairs);

#endif
