// SPDX-License-Identifier: Apache-2.0
#include "match/token.h"

#include "match/sound.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_LETTERS = 256, WORD_BYTES = 80, FULL_WEIGHT = 100, PARTICLE_WEIGHT = 25 };

// ---- what is known of a word ----

static int compare_alias(const void *key, const void *row)
{
	return strcmp(key, ((const struct alias_row *)row)->name);
}

static int compare_common(const void *key, const void *row)
{
	return strcmp(key, ((const struct common_row *)row)->name);
}

static int compare_word(const void *key, const void *row)
{
	return strcmp(key, ((const struct word_row *)row)->word);
}

static void word_text(const struct match_token *token, char text[WORD_BYTES])
{
	size_t used = 0;
	for (size_t i = 0; i < token->letters; i++) {
		uint16_t letter = token->letter[i];
		if (letter < 0x80) {
			text[used++] = (char)letter;
		} else if (letter < 0x800) {
			text[used++] = (char)(0xc0 | letter >> 6);
			text[used++] = (char)(0x80 | (letter & 0x3f));
		} else {
			text[used++] = (char)(0xe0 | letter >> 12);
			text[used++] = (char)(0x80 | (letter >> 6 & 0x3f));
			text[used++] = (char)(0x80 | (letter & 0x3f));
		}
	}
	text[used] = '\0';
}

static void look_up(struct match_token *token)
{
	char text[WORD_BYTES];
	word_text(token, text);
	const struct word_row *word = bsearch(text, word_rows, word_row_count, sizeof *word_rows, compare_word);
	const struct alias_row *alias =
		bsearch(token->roman, alias_rows, alias_row_count, sizeof *alias_rows, compare_alias);
	const struct common_row *common =
		bsearch(token->roman, common_rows, common_row_count, sizeof *common_rows, compare_common);
	token->kind = word != NULL ? word->kind : WORD_NAME;
	token->left = common != NULL ? common->left : FULL_WEIGHT;
	if (token->kind == WORD_PARTICLE)
		token->left = PARTICLE_WEIGHT;
	if (alias != NULL)
		memcpy(token->group, alias->group, sizeof token->group);
}

static uint64_t letter_set(const char *roman)
{
	uint64_t set = 0;
	for (; *roman != '\0'; roman++)
		set |= UINT64_C(1) << (*roman >= 'a' ? *roman - 'a' : *roman - '0' + 26);
	return set;
}

static void token_finish(struct match_token *token)
{
	const struct sound_table *table = sound_table_of(token->script);
	token->romans = (uint8_t)letters_romanise(token->letter, token->letters, token->roman, sizeof token->roman);
	letters_skeleton(token->roman, token->skeleton, sizeof token->skeleton);
	token->set = letter_set(token->roman);
	for (size_t i = 0; i < token->letters; i++)
		token->sound[i] = table != NULL ? sound_letter_index(table, token->letter[i]) : NO_SOUND;
	look_up(token);
}

// The script of most letters would need a count; names do not mix within a word: the first known one decides.
static enum match_script script_of(const struct match_token *token)
{
	enum match_script script = SCRIPT_OTHER;
	for (size_t i = 0; i < token->letters && script == SCRIPT_OTHER; i++)
		script = letters_script(token->letter[i]);
	return script;
}

static void token_init(struct match_token *token, const uint16_t *letters, size_t count, enum token_role role)
{
	*token = (struct match_token){.role = (uint8_t)role};
	token->letters = (uint8_t)(count < TOKEN_LETTERS ? count : TOKEN_LETTERS);
	memcpy(token->letter, letters, token->letters * sizeof *letters);
	token->script = (uint8_t)script_of(token);
	token_finish(token);
}

size_t tokens_of(struct view text, enum token_role role, struct match_token *tokens, size_t most)
{
	uint16_t letters[TEXT_LETTERS];
	size_t count = letters_fold(text, letters, TEXT_LETTERS), found = 0;
	for (size_t at = 0, end; at < count && found < most; at = end + 1) {
		for (end = at; end < count && letters[end] != ' ';)
			end++;
		token_init(&tokens[found], letters + at, end - at, role);
		found += tokens[found].kind != WORD_TITLE;
	}
	return found;
}

// ---- Korean: one word is the family name and one or two syllables more ----

static bool is_initial(uint16_t letter)
{
	return letter >= 0x1100 && letter <= 0x1112;
}

size_t tokens_of_name(struct view text, enum token_role role, struct match_token *tokens, size_t most)
{
	size_t count = tokens_of(text, role, tokens, most);
	if (count != 1 || most < 2 || role != ROLE_ANY || tokens[0].script != SCRIPT_HANGUL)
		return count;
	struct match_token whole = tokens[0];
	size_t syllables = 0, second = 0;
	for (size_t i = 0; i < whole.letters; i++) {
		syllables += is_initial(whole.letter[i]);
		if (syllables == 2 && second == 0)
			second = i;
	}
	if (syllables < 2 || syllables > 3)
		return count;
	token_init(&tokens[0], whole.letter, second, role);
	token_init(&tokens[1], whole.letter + second, whole.letters - second, role);
	return 2;
}

bool token_join(struct match_token *joined, const struct match_token *a, const struct match_token *b)
{
	uint16_t letters[2 * TOKEN_LETTERS];
	size_t count = (size_t)a->letters + b->letters;
	if (a->script != b->script || count > TOKEN_LETTERS)
		return false;
	memcpy(letters, a->letter, a->letters * sizeof *letters);
	memcpy(letters + a->letters, b->letter, b->letters * sizeof *letters);
	token_init(joined, letters, count, a->role);
	return true;
}

// ---- comparison ----

enum {
	SAME = 1000,
	ALIAS_ALIKE = 930,
	SOUND_ALIKE = 925,   // same skeleton, same script, not the same letters
	INITIAL_ALIKE = 620,
	LATIN_LETTER_GAIN = 230, // what one more shared letter says, in hundredths
	SKELETON_LEAST = 3,
};

static bool same_letters(const struct match_token *a, const struct match_token *b)
{
	return a->letters == b->letters && memcmp(a->letter, b->letter, a->letters * sizeof *a->letter) == 0;
}

static bool share_group(const struct match_token *a, const struct match_token *b)
{
	for (size_t i = 0; i < WORD_ALIASES && a->group[i] != 0; i++) {
		for (size_t j = 0; j < WORD_ALIASES && b->group[j] != 0; j++) {
			if (a->group[i] == b->group[j])
				return true;
		}
	}
	return false;
}

static unsigned place(char letter)
{
	return letter >= 'a' ? (unsigned)(letter - 'a') : (unsigned)(letter - '0') + 26;
}

// Optimal string alignment (insert, leave out, change, swap neighbours), a column of bits at a time:
// Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", 2003.
static unsigned edits(const struct match_token *a, const struct match_token *b)
{
	uint32_t match[36] = {0}, plus = UINT32_MAX, minus = 0, diagonal = 0, before = 0;
	unsigned distance = a->romans;
	uint32_t last = UINT32_C(1) << (a->romans - 1);
	for (unsigned i = 0; i < a->romans; i++)
		match[place(a->roman[i])] |= UINT32_C(1) << i;
	for (unsigned j = 0; j < b->romans; j++) {
		uint32_t here = match[place(b->roman[j])];
		uint32_t swapped = ((~diagonal & here) << 1) & before;
		diagonal = (((here & plus) + plus) ^ plus) | here | minus | swapped;
		uint32_t up = minus | ~(diagonal | plus), down = plus & diagonal;
		distance += (up & last) != 0;
		distance -= (down & last) != 0;
		up = up << 1 | 1;
		plus = down << 1 | ~(diagonal | up);
		minus = up & diagonal;
		before = here;
	}
	return distance;
}

// Share of letters that need no change, in thousandths.
static unsigned spelled_alike(const struct match_token *a, const struct match_token *b)
{
	unsigned longest = a->romans > b->romans ? a->romans : b->romans;
	unsigned only_a = (unsigned)__builtin_popcountll(a->set & ~b->set);
	unsigned only_b = (unsigned)__builtin_popcountll(b->set & ~a->set);
	unsigned least = only_a > only_b ? only_a : only_b;
	if (a->romans == 0 || b->romans == 0 || least * 5 > longest * 3)
		return 0;
	unsigned distance = edits(a, b);
	return distance < longest ? SAME - SAME * distance / longest : 0;
}

static bool same_skeleton(const struct match_token *a, const struct match_token *b)
{
	return strlen(a->skeleton) >= SKELETON_LEAST && strcmp(a->skeleton, b->skeleton) == 0;
}

static struct likeness likeness_of(unsigned alike, int gain, enum token_reason reason)
{
	return (struct likeness){(uint16_t)alike, (int16_t)gain, (uint8_t)reason};
}

static int gain_of(unsigned alike, const struct match_token *a, const struct match_token *b)
{
	int shorter = a->romans < b->romans ? a->romans : b->romans;
	return ((int)alike - 450) * shorter * LATIN_LETTER_GAIN / 550;
}

static struct likeness compare_within(const struct match_token *a, const struct match_token *b)
{
	if (same_letters(a, b))
		return likeness_of(SAME, gain_of(SAME, a, b), TOKEN_SAME_LETTERS);
	unsigned alike = spelled_alike(a, b);
	enum token_reason reason = TOKEN_SPELLING;
	if (alike < SOUND_ALIKE && alike > 0 && same_skeleton(a, b)) {
		alike = (alike + SOUND_ALIKE) / 2;
		reason = TOKEN_SAME_SOUND;
	}
	if (alike < ALIAS_ALIKE && share_group(a, b))
		return likeness_of(ALIAS_ALIKE, gain_of(ALIAS_ALIKE, a, b), TOKEN_ALIAS);
	bool initial = (a->romans == 1 || b->romans == 1) && a->roman[0] == b->roman[0] && a->roman[0] >= 'a';
	if (initial && alike < INITIAL_ALIKE)
		return likeness_of(INITIAL_ALIKE, LATIN_LETTER_GAIN / 2, TOKEN_INITIAL);
	return likeness_of(alike, gain_of(alike, a, b), alike > 0 ? reason : TOKEN_UNLIKE);
}

// A learned score to the scale of likeness, by what it says for each letter of both words. The steps are where
// pairs of names that were not learned from are as likely as the weights of the grades say (tests/match/README.md).
struct step {
	int each;
	unsigned alike;
};

static const struct step steps[] = {{-1000, 0}, {-60, 400}, {120, 600}, {300, 740},
                                    {600, 840}, {900, 920}, {1500, 990}};

static unsigned alike_of_score(int score, const struct match_token *native, const struct match_token *latin)
{
	enum { LAST = sizeof steps / sizeof *steps - 1 };
	int letters = native->letters + latin->romans;
	int each = letters > 0 ? score * 10 / letters : 0;
	if (each <= steps[0].each)
		return 0;
	size_t i = 0;
	while (i < LAST && each >= steps[i + 1].each)
		i++;
	if (i == LAST)
		return steps[LAST].alike;
	int run = steps[i + 1].each - steps[i].each, rise = (int)(steps[i + 1].alike - steps[i].alike);
	return steps[i].alike + (unsigned)((each - steps[i].each) * rise / run);
}

static struct likeness compare_across(const struct match_token *a, const struct match_token *b)
{
	const struct match_token *latin = a->script == SCRIPT_LATIN ? a : b;
	const struct match_token *native = latin == a ? b : a;
	const struct sound_table *table = latin->script == SCRIPT_LATIN ? sound_table_of(native->script) : NULL;
	if (table != NULL) {
		int score = sound_score(table, native, latin);
		unsigned alike = alike_of_score(score, native, latin);
		return likeness_of(alike, score, alike > 0 ? TOKEN_OTHER_SCRIPT : TOKEN_UNLIKE);
	}
	unsigned alike = spelled_alike(a, b);
	if (a->skeleton[0] != '\0' && strcmp(a->skeleton, b->skeleton) == 0)
		alike = (alike + SAME) / 2;
	return likeness_of(alike, gain_of(alike, a, b), alike > 0 ? TOKEN_OTHER_SCRIPT : TOKEN_UNLIKE);
}

struct likeness token_compare(const struct match_token *a, const struct match_token *b)
{
	if (a->script == b->script)
		return compare_within(a, b);
	return compare_across(a, b);
}
