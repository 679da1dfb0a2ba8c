// SPDX-License-Identifier: Apache-2.0
// links: passerelle_match
#include "test.h"

#include "match/index.h"

#include <stdio.h>
#include <stdlib.h>

enum { PERSONS = 2000, TOP = 5 };

static struct match_prepared *person_of(const char *name)
{
	struct match_person person = {.name = {.spelling = {{.full = name}}, .count = 1}};
	struct match_prepared *prepared;
	assert_ok(match_prepare(&prepared, &person));
	return prepared;
}

// Syllables put together: names that nobody has.
static void invent(char *text, size_t size, unsigned number)
{
	static const char *const syllables[] = {"ka", "ro", "mil", "ta", "ben", "so", "lu", "dir", "ne", "vos", "ha", "jim"};
	size_t count = sizeof syllables / sizeof *syllables;
	unsigned rest = number * 2654435761U;
	snprintf(text, size, "%s%s%s %s%s%s", syllables[rest % count], syllables[rest / 13 % count],
	         syllables[rest / 169 % count], syllables[rest / 2197 % count], syllables[rest / 28561 % count],
	         syllables[rest / 371293 % count]);
}

struct crowd {
	struct match_prepared *person[PERSONS];
	struct match_index *index;
};

static int setup(void **state)
{
	static const char *const known[] = {"Karim Haddad", "Andrei Sokolov", "Noam Shapira", "Park Ji-hoon"};
	struct crowd *crowd = calloc(1, sizeof *crowd);
	assert_non_null(crowd);
	for (unsigned i = 0; i < PERSONS; i++) {
		char name[64];
		invent(name, sizeof name, i);
		crowd->person[i] = person_of(i < 4 ? known[i] : name);
	}
	assert_ok(match_index_new(&crowd->index, (const struct match_prepared *const *)crowd->person, PERSONS));
	*state = crowd;
	return 0;
}

static int teardown(void **state)
{
	struct crowd *crowd = *state;
	match_index_free(crowd->index);
	for (unsigned i = 0; i < PERSONS; i++)
		match_free(crowd->person[i]);
	free(crowd);
	return 0;
}

static size_t ask(const struct match_index *index, const char *name, struct match_hit *hits, size_t most)
{
	struct match_prepared *asked = person_of(name);
	assert_ok(match_index_top(index, asked, hits, &most));
	match_free(asked);
	return most;
}

static void a_person_is_found_among_many_in_another_script(void **state)
{
	const struct crowd *crowd = *state;
	static const char *const asked[] = {"حداد كريم", "Андрей Соколов", "נועם שפירא", "박지훈"};
	for (unsigned i = 0; i < 4; i++) {
		struct match_hit hits[TOP];
		assert_int_equal(ask(crowd->index, asked[i], hits, TOP), TOP);
		assert_int_equal(hits[0].person, i);
	}
}

static void the_best_come_first(void **state)
{
	const struct crowd *crowd = *state;
	struct match_hit hits[50];
	size_t count = ask(crowd->index, "Karoso Milben", hits, 50);
	assert_true(count > TOP);
	for (size_t i = 1; i < count; i++)
		assert_true(hits[i - 1].rank >= hits[i].rank);
}

static void never_more_than_are_compared(void **state)
{
	const struct crowd *crowd = *state;
	struct match_hit hits[PERSONS];
	assert_true(ask(crowd->index, "Karoso Milben", hits, PERSONS) <= MATCH_INDEX_COMPARED);
}

static void nobody_is_found_for_nothing(void **state)
{
	const struct crowd *crowd = *state;
	struct match_hit hits[TOP];
	struct match_index *empty;
	assert_int_equal(ask(crowd->index, "", hits, TOP), 0);
	assert_int_equal(ask(crowd->index, "\xff\xfe", hits, TOP), 0);
	assert_ok(match_index_new(&empty, NULL, 0));
	assert_int_equal(ask(empty, "Karim Haddad", hits, TOP), 0);
	match_index_free(empty);
	match_index_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_is_found_among_many_in_another_script),
		cmocka_unit_test(the_best_come_first),
		cmocka_unit_test(never_more_than_are_compared),
		cmocka_unit_test(nobody_is_found_for_nothing),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
