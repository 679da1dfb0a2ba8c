// SPDX-License-Identifier: Apache-2.0
//
// ask_names SCRIPT KIND PERSONS ASKED FILE [--print]: among PERSONS Latin full names, asks for ASKED of them in their native script
// and counts how often the right one is first, among the first ten, and looked at at all. KIND: `tokens` composes
// persons of two words out of the asking half of the token pairs, every second one asked in the other order;
// `names` takes full names, and asks for those whose words were not learned from; `all` for all of them (a script of which nothing was learned). With --print nothing is asked: persons
// (P, number, Latin name) and questions (Q, number, name in Latin letters by the tables) are written for another program.
#include "match/index.h"
#include "match/pairs.h"
#include "match/token.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TOP = 10, NAME_SIZE = 600 };

struct asking {
	struct name_pairs persons;
	size_t may_ask; // the first so many persons may be asked for
	size_t asked;   // so many of them are
};

// A fixed sequence: the same persons on every machine.
static uint32_t next_number(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33);
}

static void compose(struct asking *asking, const struct name_pairs *tokens, size_t persons)
{
	uint64_t state = 20261123;
	for (size_t i = 0; i < persons; i++) {
		const struct name_pair *a = &tokens->pair[next_number(&state) % tokens->count];
		const struct name_pair *b = &tokens->pair[next_number(&state) % tokens->count];
		char latin[NAME_SIZE], native[NAME_SIZE];
		bool swapped = (i & 1) != 0;
		snprintf(latin, sizeof latin, "%.250s %.250s", a->latin, b->latin);
		snprintf(native, sizeof native, "%.250s %.250s", swapped ? b->native : a->native,
		         swapped ? a->native : b->native);
		name_pairs_add(&asking->persons, latin, native);
	}
	asking->may_ask = persons;
}

// A Latin name that stands there twice would have two right answers: the first is taken.
static int compare_latin(const void *a, const void *b)
{
	return strcmp(((const struct name_pair *)a)->latin, ((const struct name_pair *)b)->latin);
}

static int compare_hash(const void *a, const void *b)
{
	uint32_t left = text_hash(((const struct name_pair *)a)->latin),
			 right = text_hash(((const struct name_pair *)b)->latin);
	return (left > right) - (left < right);
}

static void drop_doubles(struct name_pairs *names)
{
	size_t kept = 0;
	qsort(names->pair, names->count, sizeof *names->pair, compare_latin);
	for (size_t i = 0; i < names->count; i++) {
		if (kept > 0 && strcmp(names->pair[kept - 1].latin, names->pair[i].latin) == 0)
			continue;
		struct name_pair pair = names->pair[kept];
		names->pair[kept++] = names->pair[i];
		names->pair[i] = pair;
	}
	qsort(names->pair, kept, sizeof *names->pair, compare_hash);
	for (size_t i = kept; i < names->count; i++) {
		free(names->pair[i].latin);
		free(names->pair[i].native);
	}
	names->count = kept;
}

// Those that may be asked first, then as many others as are wanted to be searched.
static void choose(struct asking *asking, struct name_pairs *names, size_t persons, bool all)
{
	drop_doubles(names);
	for (unsigned round = 0; round < 2; round++) {
		for (size_t i = 0; i < names->count && asking->persons.count < persons; i++) {
			bool may_ask = all || half_of_words(names->pair[i].latin) == HALF_ASK;
			if (may_ask == (round == 0))
				name_pairs_add(&asking->persons, names->pair[i].latin, names->pair[i].native);
		}
		asking->may_ask = round == 0 ? asking->persons.count : asking->may_ask;
	}
}

static struct match_prepared *prepare(const char *name)
{
	struct match_person person = {.name = {.spelling = {{.full = name}}, .count = 1}};
	struct match_prepared *prepared;
	must(match_prepare(&prepared, &person) == FAIL_NONE);
	return prepared;
}

static double seconds(void)
{
	struct timespec now;
	must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// Place of the right one, from 1; those that rank the same count as before it.
static size_t place_of(const struct match_hit *hits, size_t count, size_t person)
{
	for (size_t i = 0; i < count; i++) {
		if (hits[i].person != person)
			continue;
		while (i + 1 < count && hits[i + 1].rank == hits[i].rank)
			i++;
		return i + 1;
	}
	return SIZE_MAX;
}

// Every so many of those that may be asked; odd, so that both orders occur.
static size_t step_of(const struct asking *asking)
{
	size_t step = asking->may_ask / asking->asked;
	return step > 0 ? step | 1 : 1;
}

static void print_latin(char kind, size_t number, const char *name)
{
	struct match_token token[SPELLING_TOKENS];
	size_t count = tokens_of_name(view_of_text(name), ROLE_ANY, token, SPELLING_TOKENS);
	printf("%c\t%zu\t", kind, number);
	for (size_t i = 0; i < count; i++)
		printf("%s%s", i > 0 ? " " : "", token[i].roman);
	printf("\n");
}

static void print(const struct asking *asking)
{
	size_t asked = 0;
	for (size_t i = 0; i < asking->persons.count; i++)
		print_latin('P', i, asking->persons.pair[i].latin);
	for (size_t i = 0; i < asking->may_ask && asked < asking->asked; i += step_of(asking), asked++)
		print_latin('Q', i, asking->persons.pair[i].native);
}

static void ask(const struct asking *asking, const char *script, const char *kind)
{
	size_t count = asking->persons.count, first = 0, ten = 0, looked_at = 0, asked = 0;
	struct match_prepared **persons = calloc(count, sizeof *persons);
	struct match_index *index;
	must(persons != NULL);
	double started = seconds();
	for (size_t i = 0; i < count; i++)
		persons[i] = prepare(asking->persons.pair[i].latin);
	must(match_index_new(&index, (const struct match_prepared *const *)persons, count) == FAIL_NONE);
	double made = seconds();
	for (size_t i = 0; i < asking->may_ask && asked < asking->asked; i += step_of(asking), asked++) {
		struct match_hit hits[MATCH_INDEX_COMPARED];
		size_t found = MATCH_INDEX_COMPARED;
		struct match_prepared *question = prepare(asking->persons.pair[i].native);
		must(match_index_top(index, question, hits, &found) == FAIL_NONE);
		size_t place = place_of(hits, found, i);
		first += place == 1;
		ten += place <= TOP;
		looked_at += place != SIZE_MAX;
		match_free(question);
	}
	double ended = seconds(), n = (double)asked;
	printf(
		"%-8s %-6s  %zu asked among %zu: first %.3f, among ten %.3f, compared in full %.3f; %.2f ms each, index %.2f s\n",
		script, kind, asked, count, (double)first / n, (double)ten / n, (double)looked_at / n,
		(ended - made) * 1000 / n, made - started);
	match_index_free(index);
	for (size_t i = 0; i < count; i++)
		match_free(persons[i]);
	free(persons);
}

int main(int argc, char **argv)
{
	if (argc != 6 && !(argc == 7 && strcmp(argv[6], "--print") == 0)) {
		fprintf(stderr, "usage: ask_names SCRIPT tokens|names|all PERSONS ASKED FILE|- [--print]\n");
		return 64;
	}
	FILE *file = strcmp(argv[5], "-") == 0 ? stdin : fopen(argv[5], "r");
	must(file != NULL);
	struct name_pairs read = {NULL, 0, 0};
	struct asking asking = {{NULL, 0, 0}, 0, strtoul(argv[4], NULL, 10)};
	size_t persons = strtoul(argv[3], NULL, 10);
	if (strcmp(argv[2], "tokens") == 0) {
		read_token_pairs(&read, file, argv[1], HALF_ASK);
		compose(&asking, &read, persons);
	} else {
		read_full_names(&read, file);
		choose(&asking, &read, persons, strcmp(argv[2], "all") == 0);
	}
	if (argc == 7)
		print(&asking);
	else
		ask(&asking, argv[1], argv[2]);
	name_pairs_release(&read);
	name_pairs_release(&asking.persons);
	return 0;
}
