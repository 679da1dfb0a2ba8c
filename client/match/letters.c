// SPDX-License-Identifier: Apache-2.0
#include "match/letters.h"

#include "match/tables.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { DECOMPOSED_MOST = 24 };

struct script_range {
	uint16_t first, last;
	enum match_script script;
	bool marks_are_letters; // vowel signs are marks by name, but carry the word
};

static const struct script_range ranges[] = {
	{0x0030, 0x0039, SCRIPT_LATIN, false},
	{0x0061, 0x024f, SCRIPT_LATIN, false},
	{0x0370, 0x03ff, SCRIPT_GREEK, false},
	{0x0400, 0x052f, SCRIPT_CYRILLIC, false},
	{0x0530, 0x058f, SCRIPT_ARMENIAN, false},
	{0x0590, 0x05ff, SCRIPT_HEBREW, false},
	{0x0600, 0x06ff, SCRIPT_ARABIC, false},
	{0x0750, 0x077f, SCRIPT_ARABIC, false},
	{0x0900, 0x097f, SCRIPT_DEVANAGARI, true},
	{0x0980, 0x10cf, SCRIPT_OTHER, true},
	{0x10d0, 0x10ff, SCRIPT_GEORGIAN, false},
	{0x1100, 0x11ff, SCRIPT_HANGUL, false},
	{0x1200, 0x137f, SCRIPT_ETHIOPIC, false},
	{0x1780, 0x17ff, SCRIPT_KHMER, true},
	{0x1c90, 0x1cbf, SCRIPT_GEORGIAN, false},
	{0x3040, 0x30ff, SCRIPT_KANA, true},
	{0xe001, 0xe003, SCRIPT_HEBREW, false}, // letters with geresh, as fold.csv numbers them
};

static const struct script_range *range_of(uint16_t letter)
{
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		if (letter >= ranges[i].first && letter <= ranges[i].last)
			return &ranges[i];
	}
	return NULL;
}

enum match_script letters_script(uint16_t letter)
{
	const struct script_range *range = range_of(letter);
	return range != NULL ? range->script : SCRIPT_OTHER;
}

// ---- decomposition ----

static bool is_mark(utf8proc_int32_t code)
{
	utf8proc_category_t category = utf8proc_category(code);
	return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME || category == UTF8PROC_CATEGORY_MC;
}

// Marks that the tables know, as part of a letter or as a letter, are kept for them to see.
static bool is_kept(utf8proc_int32_t code)
{
	if (code <= 0 || code > 0xffff)
		return false;
	static const uint32_t kept = 1U << UTF8PROC_CATEGORY_LU | 1U << UTF8PROC_CATEGORY_LL | 1U << UTF8PROC_CATEGORY_LT |
	                             1U << UTF8PROC_CATEGORY_LM | 1U << UTF8PROC_CATEGORY_LO | 1U << UTF8PROC_CATEGORY_MN |
	                             1U << UTF8PROC_CATEGORY_MC | 1U << UTF8PROC_CATEGORY_ME | 1U << UTF8PROC_CATEGORY_ND |
	                             1U << UTF8PROC_CATEGORY_CO;
	return (kept >> utf8proc_category(code) & 1) != 0;
}

struct folding {
	uint16_t *letters;
	size_t count, most;
	uint16_t waiting; // a letter that may be the first of two; 0: none
};

static int compare_fold(const void *key, const void *row)
{
	const struct fold_row *wanted = key, *have = row;
	uint32_t a = (uint32_t)wanted->first << 16 | wanted->second, b = (uint32_t)have->first << 16 | have->second;
	return (a > b) - (a < b);
}

static const struct fold_row *fold_find(uint16_t first, uint16_t second)
{
	struct fold_row key = {.first = first, .second = second};
	return bsearch(&key, fold_rows, fold_row_count, sizeof *fold_rows, compare_fold);
}

static void put(struct folding *folding, uint16_t letter)
{
	bool blank = letter == ' ';
	if (blank && (folding->count == 0 || folding->letters[folding->count - 1] == ' '))
		return;
	if (folding->count < folding->most)
		folding->letters[folding->count++] = letter;
}

static void put_row(struct folding *folding, const struct fold_row *row)
{
	for (size_t i = 0; i < sizeof row->to / sizeof *row->to && row->to[i] != 0; i++)
		put(folding, row->to[i]);
}

static void put_alone(struct folding *folding, uint16_t letter)
{
	const struct fold_row *row = fold_find(letter, 0);
	const struct script_range *range = range_of(letter);
	if (row != NULL)
		put_row(folding, row);
	else if (letter == ' ' || !is_mark(letter) || (range != NULL && range->marks_are_letters))
		put(folding, letter);
}

// Letters come one by one; each waits for the next, because the two may be one.
static void take(struct folding *folding, uint16_t letter)
{
	uint16_t first = folding->waiting;
	const struct fold_row *row = first != 0 ? fold_find(first, letter) : NULL;
	folding->waiting = letter;
	if (row != NULL) {
		put_row(folding, row);
		folding->waiting = 0;
	} else if (first != 0) {
		put_alone(folding, first);
	}
}

static uint16_t letter_of(utf8proc_int32_t code)
{
	bool apostrophe = code == '\'' || code == '`' || code == 0xb4 || (code >= 0x2bb && code <= 0x2bf) ||
	                  code == 0x2018 || code == 0x2019 || code == 0x5f3;
	if (apostrophe)
		return '\'';
	if (code > 0 && code <= 0xffff && fold_find((uint16_t)code, 0) != NULL)
		return (uint16_t)code; // invisible joiners and the like
	return is_kept(code) ? (uint16_t)code : ' ';
}

static void take_code(struct folding *folding, utf8proc_int32_t code)
{
	utf8proc_int32_t parts[DECOMPOSED_MOST];
	int boundary = 0;
	utf8proc_ssize_t count =
		utf8proc_decompose_char(code, parts, DECOMPOSED_MOST, UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD,
	                            &boundary);
	if (count < 0 || count > DECOMPOSED_MOST) {
		take(folding, ' ');
		return;
	}
	for (utf8proc_ssize_t i = 0; i < count; i++)
		take(folding, letter_of(parts[i]));
}

size_t letters_fold(struct view text, uint16_t *letters, size_t most)
{
	struct folding folding = {letters, 0, most, 0};
	for (size_t at = 0; at < text.length && folding.count < most;) {
		utf8proc_int32_t code = -1;
		utf8proc_ssize_t read = utf8proc_iterate(text.data + at, (utf8proc_ssize_t)(text.length - at), &code);
		at += read > 0 ? (size_t)read : 1;
		take_code(&folding, read > 0 ? code : ' ');
	}
	take(&folding, ' ');
	size_t count = folding.count;
	while (count > 0 && letters[count - 1] == ' ')
		count--;
	return count;
}

// ---- romanisation ----

static int compare_letter(const void *key, const void *row)
{
	const struct letter_row *wanted = key, *have = row;
	uint32_t a = (uint32_t)wanted->first << 16 | wanted->second, b = (uint32_t)have->first << 16 | have->second;
	return (a > b) - (a < b);
}

static const struct letter_row *letter_find(uint16_t first, uint16_t second)
{
	struct letter_row key = {.first = first, .second = second};
	return bsearch(&key, letter_rows, letter_row_count, sizeof *letter_rows, compare_letter);
}

struct writing {
	char *roman;
	size_t count, most;
};

static void write_latin(struct writing *writing, const char *latin)
{
	for (; *latin != '\0' && writing->count + 1 < writing->most; latin++)
		writing->roman[writing->count++] = *latin;
}

// The row of one or two letters; NULL if there is none. *used says how many.
static const struct letter_row *row_at(const uint16_t *letters, size_t count, size_t *used)
{
	const struct letter_row *row = NULL;
	*used = 2;
	if (count > 1)
		row = letter_find(letters[0], letters[1]);
	if (row != NULL)
		return row;
	*used = 1;
	return letter_find(letters[0], 0);
}

static bool is_plain_latin(uint16_t letter)
{
	return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

// What a consonant carries is spoken before the next consonant, and not at the end.
static void write_carried(struct writing *writing, enum letter_kind last, enum letter_kind next)
{
	bool carries = last == LETTER_CONSONANT_A || last == LETTER_CONSONANT_O;
	if (carries && (next == LETTER_CONSONANT_A || next == LETTER_CONSONANT_O))
		write_latin(writing, last == LETTER_CONSONANT_A ? "a" : "o");
}

size_t letters_romanise(const uint16_t *letters, size_t count, char *roman, size_t most)
{
	struct writing writing = {roman, 0, most};
	enum letter_kind last = LETTER_PLAIN;
	for (size_t at = 0, used = 1; at < count; at += used) {
		const struct letter_row *row = row_at(letters + at, count - at, &used);
		char plain[2] = {(char)letters[at], '\0'};
		enum letter_kind kind = row != NULL ? row->kind : LETTER_PLAIN;
		write_carried(&writing, last, kind);
		if (row != NULL)
			write_latin(&writing, row->latin);
		else if (is_plain_latin(letters[at]))
			write_latin(&writing, plain);
		last = kind;
	}
	if (most > 0)
		roman[writing.count] = '\0';
	return writing.count;
}

// ---- skeleton ----

// By letter a to z; '\0' is left out.
static const char classes[26] = {
	['a' - 'a'] = 0,   ['b' - 'a'] = 'b', ['c' - 'a'] = 'k', ['d' - 'a'] = 't', ['f' - 'a'] = 'b', ['g' - 'a'] = 'g',
	['j' - 'a'] = 'g', ['k' - 'a'] = 'k', ['l' - 'a'] = 'l', ['m' - 'a'] = 'm', ['n' - 'a'] = 'n', ['p' - 'a'] = 'b',
	['q' - 'a'] = 'k', ['r' - 'a'] = 'r', ['s' - 'a'] = 's', ['t' - 'a'] = 't', ['v' - 'a'] = 'b', ['x' - 'a'] = 'k',
	['z' - 'a'] = 's',
};

struct digraph {
	char first, second, class;
};

static const struct digraph digraphs[] = {
	{'c', 'h', 's'}, {'s', 'h', 's'}, {'t', 's', 's'}, {'t', 'z', 's'}, {'c', 'z', 's'}, {'d', 'z', 's'},
	{'d', 'j', 'g'}, {'z', 'h', 's'}, {'c', 'e', 's'}, {'c', 'i', 's'}, {'c', 'y', 's'}, {'k', 'h', 'k'},
};

static char class_at(const char *at, size_t *used)
{
	*used = 1;
	for (size_t i = 0; i < sizeof digraphs / sizeof *digraphs; i++) {
		if (at[0] == digraphs[i].first && at[1] == digraphs[i].second) {
			*used = 2;
			return digraphs[i].class;
		}
	}
	if (at[0] >= '0' && at[0] <= '9')
		return at[0];
	return at[0] >= 'a' && at[0] <= 'z' ? classes[at[0] - 'a'] : '\0';
}

size_t letters_skeleton(const char *roman, char *skeleton, size_t most)
{
	size_t count = 0;
	char last = '\0';
	for (size_t at = 0, used = 1; roman[at] != '\0' && count + 1 < most; at += used) {
		char class = class_at(roman + at, &used);
		if (class != '\0' && class != last)
			skeleton[count++] = class;
		last = class;
	}
	if (most > 0)
		skeleton[count] = '\0';
	return count;
}
