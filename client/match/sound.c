// SPDX-License-Identifier: Apache-2.0
#include "match/sound.h"

#include <string.h>

enum { IMPOSSIBLE = -1000000, UNKNOWN_LETTER = -150, UNKNOWN_INSERTION = -400, HOPELESS = -1500 };

const struct sound_table *sound_table_of(enum match_script script)
{
	for (unsigned i = 0; i < sound_table_count; i++) {
		if (sound_tables[i].script == script)
			return &sound_tables[i];
	}
	return NULL;
}

uint16_t sound_letter_index(const struct sound_table *table, uint16_t letter)
{
	unsigned low = 0, high = table->letter_count;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (table->letters[middle].letter < letter)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table->letter_count && table->letters[low].letter == letter ? (uint16_t)low : NO_SOUND;
}

struct score_row {
	int at[TOKEN_ROMAN];
};

static void better(int *have, int found)
{
	if (found > *have)
		*have = found;
}

// Latin letters that stand for nothing in the other script.
static void insert(const int weight[128], const char *latin, size_t count, struct score_row *row)
{
	for (size_t j = 0; j < count; j++)
		better(&row->at[j + 1], row->at[j] + weight[latin[j] & 127]);
}

static bool fits(const struct sound_row *row, const char *latin)
{
	return (row->length < 1 || latin[0] == row->latin[0]) && (row->length < 2 || latin[1] == row->latin[1]) &&
	       (row->length < 3 || latin[2] == row->latin[2]);
}

// All ways to hear one letter.
static void hear(const struct sound_table *table, uint16_t index, const char *latin, size_t count,
                 const struct score_row *from, struct score_row *to)
{
	if (index == NO_SOUND) {
		for (size_t j = 0; j <= count; j++)
			better(&to->at[j], from->at[j] + UNKNOWN_LETTER);
		return;
	}
	const struct sound_letter *letter = &table->letters[index];
	const struct sound_row *end = table->rows + letter->first + letter->count;
	for (const struct sound_row *row = table->rows + letter->first; row < end; row++) {
		for (size_t j = 0; j + row->length <= count; j++) {
			if (fits(row, latin + j))
				better(&to->at[j + row->length], from->at[j] + row->weight);
		}
	}
}

static void insertions(const struct sound_table *table, int weight[128])
{
	for (size_t i = 0; i < 128; i++)
		weight[i] = UNKNOWN_INSERTION;
	uint16_t index = sound_letter_index(table, 0);
	for (uint16_t i = 0; index != NO_SOUND && i < table->letters[index].count; i++) {
		const struct sound_row *row = &table->rows[table->letters[index].first + i];
		weight[row->latin[0] & 127] = row->weight;
	}
}

static int best_of(const struct score_row *row, size_t count)
{
	int best = IMPOSSIBLE;
	for (size_t j = 0; j <= count; j++)
		better(&best, row->at[j]);
	return best;
}

int sound_score(const struct sound_table *table, const struct match_token *native, const struct match_token *latin)
{
	struct score_row rows[2];
	int weight[128];
	size_t count = latin->romans;
	insertions(table, weight);
	for (size_t j = 0; j <= count; j++)
		rows[0].at[j] = j == 0 ? 0 : IMPOSSIBLE;
	insert(weight, latin->roman, count, &rows[0]);
	for (size_t i = 0; i < native->letters; i++) {
		struct score_row *from = &rows[i & 1], *to = &rows[(i & 1) ^ 1];
		for (size_t j = 0; j <= count; j++)
			to->at[j] = IMPOSSIBLE;
		hear(table, native->sound[i], latin->roman, count, from, to);
		insert(weight, latin->roman, count, to);
		if (best_of(to, count) < HOPELESS)
			return SOUND_LEAST;
	}
	int score = rows[native->letters & 1].at[count];
	return score > SOUND_LEAST ? score : SOUND_LEAST;
}
