// SPDX-License-Identifier: Apache-2.0
// links: passerelle_match
//
// Two hostile persons, their fields separated by newlines, the persons by a line of one '='. Whatever they are: the
// evidence is whole, the same words come out both ways, and the index ends.
#include "fuzz.h"

#include "match/index.h"

#include <stdlib.h>
#include <string.h>

enum { LINES = 24 };

struct lines {
	char *text;
	const char *line[LINES];
	size_t count, next;
};

static void lines_init(struct lines *lines, const uint8_t *data, size_t size)
{
	*lines = (struct lines){.text = malloc(size + 1)};
	must(lines->text != NULL);
	memcpy(lines->text, data, size);
	lines->text[size] = '\0';
	for (char *at = lines->text; at != NULL && lines->count < LINES;) {
		lines->line[lines->count++] = at;
		at = strchr(at, '\n');
		if (at != NULL)
			*at++ = '\0';
	}
}

static const char *next(struct lines *lines)
{
	return lines->next < lines->count ? lines->line[lines->next++] : NULL;
}

// A date that parses, else days out of the bytes themselves: whatever a program could hand in.
static const struct partial_date *next_date(struct lines *lines, struct partial_date *date)
{
	const char *text = next(lines);
	if (text == NULL)
		return NULL;
	if (partial_date_parse(date, text, NULL) == FAIL_NONE)
		return date;
	size_t length = strlen(text);
	*date = (struct partial_date){INT32_MIN, INT32_MAX, false, true};
	memcpy(&date->earliest, text, length < 4 ? length : 4);
	if (length > 4)
		memcpy(&date->latest, text + 4, length - 4 < 4 ? length - 4 : 4);
	return date;
}

static struct match_place next_place(struct lines *lines)
{
	struct match_place place = {.country = next(lines)};
	place.area[0] = next(lines);
	place.area[1] = place.area[0] != NULL ? next(lines) : NULL;
	place.address = next(lines);
	return place;
}

static struct match_prepared *prepare(const uint8_t *data, size_t size)
{
	struct lines lines;
	struct partial_date birth, separation;
	struct match_person person = {.sex = NULL};
	struct match_prepared *prepared;
	lines_init(&lines, data, size);
	for (size_t i = 0; i < 3; i++)
		person.name.spelling[i].full = next(&lines);
	person.name.spelling[1].given[0] = next(&lines);
	person.name.spelling[1].family[0] = next(&lines);
	person.name.spelling[1].patronymic = next(&lines);
	person.name.count = 3;
	person.birth = next_date(&lines, &birth);
	person.sex = next(&lines);
	person.nationality[0] = next(&lines);
	person.mother = (struct match_name){.spelling = {{.full = next(&lines)}}, .count = 1};
	person.home = next_place(&lines);
	person.birth_place = next_place(&lines);
	person.separation = next_date(&lines, &separation);
	person.separation_cause = next(&lines);
	must(match_prepare(&prepared, &person) == FAIL_NONE);
	free(lines.text);
	return prepared;
}

static void check(const struct match_evidence *evidence)
{
	int32_t sum = 0;
	for (size_t i = 0; i < MATCH_FIELD_COUNT; i++) {
		const struct match_finding *finding = &evidence->field[i];
		must(finding->word < MATCH_WORD_COUNT && finding->grade < MATCH_GRADE_COUNT &&
		     finding->reason < MATCH_REASON_COUNT);
		must(finding->word != MATCH_BLANK || finding->weight == 0);
		sum += finding->weight;
	}
	must(sum == evidence->sum && evidence->band == match_band_of(sum));
}

static void compare(const struct match_prepared *a, const struct match_prepared *b)
{
	struct match_evidence one, other;
	match_compare(a, b, &one);
	match_compare(b, a, &other);
	check(&one);
	check(&other);
	must(one.sum == other.sum && one.rank == other.rank);
	for (size_t i = 0; i < MATCH_FIELD_COUNT; i++)
		must(one.field[i].word == other.field[i].word && one.field[i].weight == other.field[i].weight);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *middle = memchr(data, '=', size);
	size_t first = middle != NULL ? (size_t)(middle - data) : size;
	struct match_prepared *persons[2] = {
		prepare(data, first), prepare(data + first + (middle != NULL), size - first - (middle != NULL))};
	struct match_index *index;
	struct match_hit hits[2];
	size_t count = 2;
	compare(persons[0], persons[1]);
	must(match_index_new(&index, (const struct match_prepared *const *)persons, 2) == FAIL_NONE);
	must(match_index_top(index, persons[0], hits, &count) == FAIL_NONE && count <= 2);
	match_index_free(index);
	match_free(persons[0]);
	match_free(persons[1]);
	return 0;
}
