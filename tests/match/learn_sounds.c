// SPDX-License-Identifier: Apache-2.0
//
// learn_sounds SCRIPT FILE: learns how each letter of a script is heard in Latin letters, out of pairs of names (the
// learning half of FILE, "-": standard input), and writes the table of client/match/tables/sounds to standard output.
//
// A pair of names is a walk of steps: one native letter beside none to three Latin ones, or one Latin letter beside none
// (a joint model without memory; Ristad and Yianilos, "Learning string-edit distance", 1998). Expectation and
// maximisation count the steps over all walks. The weight of a step is the logarithm of how much more often
// it is taken than its letters would meet by chance.
#include "match/pairs.h"
#include "match/token.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	NATIVE_MOST = 96,         // letters of a script; 0 is "no letter"
	CHUNKS = 27 * 27 * 27,    // up to three Latin letters as a number of base 27
	ROUNDS = 12,
	NAME_MOST = 24,
	WORDS_MOST = 8,
	KEPT_MOST = 60,           // ways to hear one letter
};

struct learning {
	uint16_t native[NATIVE_MOST]; // letter of each number
	size_t natives;
	double (*step)[CHUNKS];       // probability by native number and chunk
	double (*count)[CHUNKS];
	double native_share[NATIVE_MOST], latin_share[27];
};

struct word_pair {
	uint8_t native[NAME_MOST], latin[NAME_MOST]; // numbers, from 1
	uint8_t natives, latins;
};

struct word_pairs {
	struct word_pair *pair;
	size_t count, capacity;
};

// ---- reading ----

static uint8_t number_of(struct learning *learning, uint16_t letter)
{
	for (size_t i = 1; i < learning->natives; i++) {
		if (learning->native[i] == letter)
			return (uint8_t)i;
	}
	if (learning->natives == NATIVE_MOST)
		return 0;
	learning->native[learning->natives] = letter;
	return (uint8_t)learning->natives++;
}

static void add_words(struct learning *learning, struct word_pairs *pairs, enum match_script script,
                      const struct match_token *native, const struct match_token *latin)
{
	bool usable = native->script == script && latin->script == SCRIPT_LATIN && native->letters <= NAME_MOST &&
	              latin->romans <= NAME_MOST && native->letters > 0 && latin->romans > 0;
	if (!usable)
		return;
	if (pairs->count == pairs->capacity) {
		pairs->capacity = 2 * pairs->capacity + 1024;
		pairs->pair = realloc(pairs->pair, pairs->capacity * sizeof *pairs->pair);
		must(pairs->pair != NULL);
	}
	struct word_pair *pair = &pairs->pair[pairs->count++];
	*pair = (struct word_pair){.natives = native->letters, .latins = latin->romans};
	for (size_t i = 0; i < native->letters; i++)
		pair->native[i] = number_of(learning, native->letter[i]);
	for (size_t j = 0; j < latin->romans; j++)
		pair->latin[j] = (uint8_t)(latin->roman[j] >= 'a' ? latin->roman[j] - 'a' + 1 : 1);
}

// Words of a name stand in the same order on both sides, if there are as many; a given name of two syllables
// (Sung-hoon) is one word in Korean.
static void add_names(struct learning *learning, struct word_pairs *words, enum match_script script,
                      const struct name_pair *names)
{
	struct match_token native[WORDS_MOST], latin[WORDS_MOST];
	size_t natives = tokens_of_name(view_of_text(names->native), ROLE_ANY, native, WORDS_MOST);
	size_t latins = tokens_of(view_of_text(names->latin), ROLE_ANY, latin, WORDS_MOST);
	if (script == SCRIPT_HANGUL && natives == 2 && latins == 3 && token_join(&latin[1], &latin[1], &latin[2]))
		latins = 2;
	for (size_t i = 0; i < natives && natives == latins; i++)
		add_words(learning, words, script, &native[i], &latin[i]);
}

// ---- the model ----

static unsigned chunk_of(const uint8_t *latin, unsigned length)
{
	unsigned chunk = 0;
	for (unsigned i = 0; i < length; i++)
		chunk = chunk * 27 + latin[i];
	return chunk;
}

static void shares(struct learning *learning, const struct word_pairs *words)
{
	double natives = 0, latins = 0;
	for (size_t i = 0; i < words->count; i++) {
		const struct word_pair *pair = &words->pair[i];
		for (size_t at = 0; at < pair->natives; at++, natives++)
			learning->native_share[pair->native[at]]++;
		for (size_t at = 0; at < pair->latins; at++, latins++)
			learning->latin_share[pair->latin[at]]++;
	}
	for (size_t i = 0; i < NATIVE_MOST; i++)
		learning->native_share[i] = (learning->native_share[i] + 0.5) / (natives + 0.5 * NATIVE_MOST);
	for (size_t i = 0; i < 27; i++)
		learning->latin_share[i] = (learning->latin_share[i] + 0.5) / (latins + 13.5);
}

static double chance(const struct learning *learning, size_t native, unsigned chunk)
{
	double product = native > 0 ? learning->native_share[native] : 1;
	for (; chunk > 0; chunk /= 27)
		product *= learning->latin_share[chunk % 27];
	return product;
}

static unsigned length_of(unsigned chunk)
{
	return chunk >= 27 * 27 ? 3 : chunk >= 27 ? 2 : chunk > 0 ? 1 : 0;
}

// Before anything is known each step is as likely as its letters, short ones more.
static void begin(struct learning *learning)
{
	static const double by_length[] = {0.1, 0.6, 0.15, 0.05};
	for (size_t native = 0; native < learning->natives; native++) {
		for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
			unsigned length = length_of(chunk);
			bool step = native > 0 || length == 1;
			double factor = native == 0 ? 0.1 : by_length[length];
			learning->step[native][chunk] = step ? factor * chance(learning, native, chunk) : 0;
		}
		char latin[8];
		if (native == 0 || letters_romanise(&learning->native[native], 1, latin, sizeof latin) > 3)
			continue;
		uint8_t numbers[3] = {0};
		for (size_t i = 0; latin[i] != '\0'; i++)
			numbers[i] = (uint8_t)(latin[i] - 'a' + 1);
		learning->step[native][chunk_of(numbers, (unsigned)strlen(latin))] += 0.3 * learning->native_share[native];
	}
}

typedef double grid[NAME_MOST + 1][NAME_MOST + 1];

static void forward(const struct learning *learning, const struct word_pair *pair, grid alpha)
{
	for (size_t i = 0; i <= pair->natives; i++) {
		for (size_t j = 0; j <= pair->latins; j++) {
			double sum = i == 0 && j == 0 ? 1 : 0;
			if (j > 0)
				sum += alpha[i][j - 1] * learning->step[0][pair->latin[j - 1]];
			for (unsigned k = 0; i > 0 && k <= 3 && k <= j; k++)
				sum += alpha[i - 1][j - k] * learning->step[pair->native[i - 1]][chunk_of(pair->latin + j - k, k)];
			alpha[i][j] = sum;
		}
	}
}

static void backward(const struct learning *learning, const struct word_pair *pair, grid beta)
{
	for (size_t i = pair->natives + 1U; i-- > 0;) {
		for (size_t j = pair->latins + 1U; j-- > 0;) {
			double sum = i == pair->natives && j == pair->latins ? 1 : 0;
			if (j < pair->latins)
				sum += beta[i][j + 1] * learning->step[0][pair->latin[j]];
			for (unsigned k = 0; i < pair->natives && k <= 3 && j + k <= pair->latins; k++)
				sum += beta[i + 1][j + k] * learning->step[pair->native[i]][chunk_of(pair->latin + j, k)];
			beta[i][j] = sum;
		}
	}
}

static void count_steps(struct learning *learning, const struct word_pair *pair)
{
	grid alpha, beta;
	forward(learning, pair, alpha);
	backward(learning, pair, beta);
	double whole = alpha[pair->natives][pair->latins];
	if (whole <= 0)
		return;
	for (size_t i = 0; i <= pair->natives; i++) {
		for (size_t j = 0; j <= pair->latins; j++) {
			double here = alpha[i][j] / whole;
			if (j < pair->latins) {
				unsigned chunk = pair->latin[j];
				learning->count[0][chunk] += here * learning->step[0][chunk] * beta[i][j + 1];
			}
			for (unsigned k = 0; i < pair->natives && k <= 3 && j + k <= pair->latins; k++) {
				unsigned chunk = chunk_of(pair->latin + j, k);
				size_t native = pair->native[i];
				learning->count[native][chunk] += here * learning->step[native][chunk] * beta[i + 1][j + k];
			}
		}
	}
}

static void maximise(struct learning *learning)
{
	double sum = 0;
	for (size_t native = 0; native < learning->natives; native++) {
		for (unsigned chunk = 0; chunk < CHUNKS; chunk++)
			sum += learning->count[native][chunk];
	}
	for (size_t native = 0; native < learning->natives; native++) {
		for (unsigned chunk = 0; chunk < CHUNKS; chunk++)
			learning->step[native][chunk] = learning->count[native][chunk] / sum;
	}
}

// ---- writing ----

static void print_letter(uint16_t letter)
{
	if (letter >= 0x800)
		printf("%c%c%c", 0xe0 | letter >> 12, 0x80 | (letter >> 6 & 0x3f), 0x80 | (letter & 0x3f));
	else if (letter >= 0x80)
		printf("%c%c", 0xc0 | letter >> 6, 0x80 | (letter & 0x3f));
	else if (letter > 0)
		printf("%c", letter);
}

static void print_step(const struct learning *learning, size_t native, unsigned chunk)
{
	char latin[4] = "";
	unsigned length = length_of(chunk);
	for (unsigned i = length, rest = chunk; i-- > 0; rest /= 27)
		latin[i] = (char)('a' + rest % 27 - 1);
	double weight = 100 * log(learning->step[native][chunk] / chance(learning, native, chunk));
	if (learning->native[native] >= 0xe000)
		printf("\\u%04x", learning->native[native]);
	else
		print_letter(learning->native[native]);
	printf(",%s,%d\n", latin, (int)lround(weight));
}

// The commonest ways to hear a letter, as long as they were seen at all often.
static void print_letter_steps(const struct learning *learning, size_t native)
{
	for (unsigned kept = 0; kept < KEPT_MOST; kept++) {
		unsigned best = 0;
		for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
			if (learning->count[native][chunk] > learning->count[native][best])
				best = chunk;
		}
		if (learning->count[native][best] < 2.0)
			return;
		print_step(learning, native, best);
		learning->count[native][best] = 0;
	}
}

static enum match_script script_by_name(const char *name)
{
	static const char *const names[SCRIPT_COUNT] = {
		[SCRIPT_ARABIC] = "arabic", [SCRIPT_HEBREW] = "hebrew", [SCRIPT_CYRILLIC] = "russian", [SCRIPT_HANGUL] = "korean",
	};
	for (size_t i = 0; i < SCRIPT_COUNT; i++) {
		if (names[i] != NULL && strcmp(names[i], name) == 0)
			return (enum match_script)i;
	}
	return SCRIPT_OTHER;
}

static void learn(struct learning *learning, const struct word_pairs *words)
{
	shares(learning, words);
	begin(learning);
	for (unsigned round = 0; round < ROUNDS; round++) {
		memset(learning->count, 0, NATIVE_MOST * sizeof *learning->count);
		for (size_t i = 0; i < words->count; i++)
			count_steps(learning, &words->pair[i]);
		maximise(learning);
	}
	fprintf(stderr, "learned from %zu pairs of words\n", words->count);
}

int main(int argc, char **argv)
{
	enum match_script script = argc == 3 ? script_by_name(argv[1]) : SCRIPT_OTHER;
	FILE *file = argc == 3 && strcmp(argv[2], "-") != 0 ? fopen(argv[2], "r") : stdin;
	if (script == SCRIPT_OTHER || file == NULL) {
		fprintf(stderr, "usage: learn_sounds arabic|hebrew|russian|korean FILE|-\n");
		return 64;
	}
	struct name_pairs names = {NULL, 0, 0};
	struct word_pairs words = {NULL, 0, 0};
	static struct learning learning = {.natives = 1};
	learning.step = calloc(NATIVE_MOST, sizeof *learning.step);
	learning.count = calloc(NATIVE_MOST, sizeof *learning.count);
	must(learning.step != NULL && learning.count != NULL);
	if (script == SCRIPT_HANGUL)
		read_full_names(&names, file);
	else
		read_token_pairs(&names, file, argv[1], HALF_LEARN);
	for (size_t i = 0; i < names.count; i++) {
		if (half_of_words(names.pair[i].latin) == HALF_LEARN)
			add_names(&learning, &words, script, &names.pair[i]);
	}
	learn(&learning, &words);
	printf("# SPDX-License-Identifier: Apache-2.0\n# letter,latin,weight. Written by tests/match/learn; its README says from what.\n");
	for (size_t native = 0; native < learning.natives; native++)
		print_letter_steps(&learning, native);
	name_pairs_release(&names);
	free(words.pair);
	free(learning.step);
	free(learning.count);
	return 0;
}
