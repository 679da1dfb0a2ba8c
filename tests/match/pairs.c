// SPDX-License-Identifier: Apache-2.0
#include "match/pairs.h"

#include "match/token.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_MOST = 4096 };

uint32_t text_hash(const char *text)
{
	uint32_t value = 2166136261U;
	for (; *text != '\0'; text++)
		value = (value ^ (uint8_t)*text) * 16777619U;
	value ^= value >> 16;
	value *= 0x7feb352dU;
	return value ^ value >> 15;
}

enum half half_of(const char *latin)
{
	return (text_hash(latin) & 1) != 0 ? HALF_ASK : HALF_LEARN;
}

enum half half_of_words(const char *latin)
{
	struct match_token token[SPELLING_TOKENS];
	size_t count = tokens_of(view_of_text(latin), ROLE_ANY, token, SPELLING_TOKENS), learn = 0;
	for (size_t i = 0; i < count; i++)
		learn += half_of(token[i].roman) == HALF_LEARN;
	return count == 0 || (learn > 0 && learn < count) ? HALF_NEITHER : learn > 0 ? HALF_LEARN : HALF_ASK;
}

size_t cut_columns(char *line, char separator, char **columns, size_t most)
{
	size_t count = 0;
	line[strcspn(line, "\r\n")] = '\0';
	for (char *at = line; at != NULL && count < most;) {
		columns[count++] = at;
		at = strchr(at, separator);
		if (at != NULL)
			*at++ = '\0';
	}
	return count;
}

void name_pairs_add(struct name_pairs *pairs, const char *latin, const char *native)
{
	if (pairs->count == pairs->capacity) {
		pairs->capacity = 2 * pairs->capacity + 1024;
		pairs->pair = realloc(pairs->pair, pairs->capacity * sizeof *pairs->pair);
		must(pairs->pair != NULL);
	}
	struct name_pair pair = {strdup(latin), strdup(native)};
	must(pair.latin != NULL && pair.native != NULL);
	pairs->pair[pairs->count++] = pair;
}

void name_pairs_release(struct name_pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		free(pairs->pair[i].latin);
		free(pairs->pair[i].native);
	}
	free(pairs->pair);
	*pairs = (struct name_pairs){NULL, 0, 0};
}

void read_token_pairs(struct name_pairs *pairs, FILE *file, const char *script, enum half half)
{
	char line[LINE_MOST], *column[4];
	while (fgets(line, sizeof line, file) != NULL) {
		if (cut_columns(line, '\t', column, 4) == 4 && strcmp(column[0], script) == 0 &&
		    half_of_words(column[1]) == half)
			name_pairs_add(pairs, column[1], column[2]);
	}
}

void read_full_names(struct name_pairs *pairs, FILE *file)
{
	char line[LINE_MOST], *column[2];
	while (fgets(line, sizeof line, file) != NULL) {
		if (cut_columns(line, '\t', column, 2) == 2)
			name_pairs_add(pairs, column[0], column[1]);
	}
}
