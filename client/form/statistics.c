// SPDX-License-Identifier: Apache-2.0
#include "form/statistics.h"

#include "case/codes.h"
#include "form/body.h"
#include "form/write.h"

#include <stdio.h>
#include <string.h>

enum { HEAD = 8, LEAST_YEAR = 1990, MOST_YEAR = 2199 };

// ---- to a Body ----

struct packing {
	struct arena arena;   // holds everything but the texts, which are the JSON's
	bool failed;
};

static void *take(struct packing *packing, size_t size)
{
	void *taken = arena_alloc(&packing->arena, size);
	packing->failed |= taken == NULL;
	return taken;
}

static char *text_of(struct packing *packing, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	char *copy = arena_text(&packing->arena, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
	packing->failed |= copy == NULL;
	return copy;
}

static uint32_t number_of(const json_t *object, const char *key)
{
	return (uint32_t)json_integer_value(json_object_get(object, key));
}

static Passerelle__V1__YesNo choice_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	if (text == NULL)
		return PASSERELLE__V1__YES_NO__YES_NO_UNSPECIFIED;
	return strcmp(text, "YES") == 0  ? PASSERELLE__V1__YES_NO__YES_NO_YES
	       : strcmp(text, "NO") == 0 ? PASSERELLE__V1__YES_NO__YES_NO_NO
	                                 : PASSERELLE__V1__YES_NO__YES_NO_UNSPECIFIED;
}

static size_t at_most(const json_t *list, size_t most)
{
	size_t count = json_array_size(list);
	return count < most ? count : most;
}

static void pack_needs(struct packing *packing, const json_t *list, Passerelle__V1__StatisticsPerson *person)
{
	size_t count = at_most(list, STATISTICS_NEEDS);
	person->special_needs = take(packing, (count + 1) * sizeof *person->special_needs);
	for (size_t i = 0; i < count && !packing->failed; i++) {
		const char *need = json_string_value(json_array_get(list, i));
		person->special_needs[i] =
			arena_text(&packing->arena, need == NULL ? "" : need, need == NULL ? 0 : strlen(need));
		packing->failed |= person->special_needs[i] == NULL;
	}
	person->n_special_needs = count;
}

static void pack_follow_ups(struct packing *packing, const json_t *list, Passerelle__V1__StatisticsPerson *person)
{
	size_t count = at_most(list, STATISTICS_FOLLOW_UPS);
	Passerelle__V1__StatisticsFollowUp *one = take(packing, (count + 1) * sizeof *one);
	person->follow_ups = take(packing, (count + 1) * sizeof *person->follow_ups);
	for (size_t i = 0; i < count && !packing->failed; i++) {
		const json_t *from = json_array_get(list, i);
		passerelle__v1__statistics_follow_up__init(&one[i]);
		one[i].months = number_of(from, "months");
		one[i].wellbeing = text_of(packing, from, "wellbeing");
		one[i].still_in_family = choice_of(from, "still_in_family");
		person->follow_ups[i] = &one[i];
	}
	person->n_follow_ups = count;
}

static void pack_person(struct packing *packing, const json_t *from, Passerelle__V1__StatisticsPerson *person)
{
	passerelle__v1__statistics_person__init(person);
	person->number = text_of(packing, from, "number");
	person->year = number_of(from, "year");
	person->consent = json_is_true(json_object_get(from, "consent"));
	if (!person->consent)
		return; // number and year alone
	person->role = text_of(packing, from, "role");
	person->age_band = text_of(packing, from, "age_band");
	person->sex = text_of(packing, from, "sex");
	person->service = text_of(packing, from, "service");
	person->country = text_of(packing, from, "country");
	person->outcome = text_of(packing, from, "outcome");
	pack_needs(packing, json_object_get(from, "special_needs"), person);
	pack_follow_ups(packing, json_object_get(from, "follow_ups"), person);
}

static void pack_persons(struct packing *packing, const json_t *list, size_t first, Passerelle__V1__Statistics *to)
{
	size_t count = first < json_array_size(list) ? json_array_size(list) - first : 0;
	count = count < STATISTICS_PERSONS ? count : STATISTICS_PERSONS;
	Passerelle__V1__StatisticsPerson *person = take(packing, (count + 1) * sizeof *person);
	to->persons = take(packing, (count + 1) * sizeof *to->persons);
	for (size_t i = 0; i < count && !packing->failed; i++) {
		pack_person(packing, json_array_get(list, first + i), &person[i]);
		to->persons[i] = &person[i];
	}
	to->n_persons = count;
}

static void pack_tallies(struct packing *packing, const json_t *list, Passerelle__V1__Statistics *to)
{
	size_t count = at_most(list, STATISTICS_TALLIES);
	Passerelle__V1__MonthTally *tally = take(packing, (count + 1) * sizeof *tally);
	to->tallies = take(packing, (count + 1) * sizeof *to->tallies);
	for (size_t i = 0; i < count && !packing->failed; i++) {
		const json_t *from = json_array_get(list, i);
		passerelle__v1__month_tally__init(&tally[i]);
		tally[i].month = text_of(packing, from, "month");
		tally[i].vulnerability = text_of(packing, from, "vulnerability");
		tally[i].persons = number_of(from, "persons");
		to->tallies[i] = &tally[i];
	}
	to->n_tallies = count;
}

// Blanks up to the step. HEAD is room for the tag and length of the padding and for the longer lengths around it.
static bool fill_up(struct packing *packing, Passerelle__V1__Statistics *statistics, const Passerelle__V1__Body *body)
{
	size_t bare = passerelle__v1__body__get_packed_size(body);
	size_t whole = (bare + HEAD + STATISTICS_STEP - 1) / STATISTICS_STEP * STATISTICS_STEP,
		   blanks = whole - bare - HEAD;
	char *padding = whole > MAX_BODY ? NULL : take(packing, whole);
	if (padding == NULL)
		return false;
	statistics->padding = padding;
	do { // the lengths of lengths settle within HEAD bytes
		memset(padding, ' ', blanks);
		padding[blanks++] = '\0';
	} while (passerelle__v1__body__get_packed_size(body) < whole && blanks < whole);
	return passerelle__v1__body__get_packed_size(body) == whole;
}

static enum fail_code pack_all(struct packing *packing, Passerelle__V1__Statistics *statistics, struct bytes *out,
                               struct fail *why)
{
	Passerelle__V1__Body body = PASSERELLE__V1__BODY__INIT;
	body.content_case = PASSERELLE__V1__BODY__CONTENT_STATISTICS;
	body.statistics = statistics;
	if (packing->failed || !fill_up(packing, statistics, &body))
		return fail_set(why, FAIL_TOO_LARGE, "the statistics of one message are too long");
	uint8_t *room = bytes_room(out, passerelle__v1__body__get_packed_size(&body));
	if (room == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	bytes_added(out, passerelle__v1__body__pack(&body, room));
	return FAIL_NONE;
}

enum fail_code statistics_pack(const char *month, const json_t *persons, size_t first, const json_t *tallies,
                               size_t *took, struct bytes *body, struct fail *why)
{
	struct packing packing = {.failed = false};
	Passerelle__V1__Statistics statistics;
	arena_init(&packing.arena, FORM_ARENA_CAP, FORM_ARENA_ALLOCATIONS);
	passerelle__v1__statistics__init(&statistics);
	json_t *head = json_pack("{ss}", "month", month);
	statistics.month = text_of(&packing, head, "month");
	json_decref(head);
	pack_persons(&packing, persons, first, &statistics);
	statistics.first = first == 0;
	pack_tallies(&packing, first == 0 ? tallies : NULL, &statistics);
	*took = statistics.n_persons;
	enum fail_code code = pack_all(&packing, &statistics, body, why);
	arena_wipe(&packing.arena);
	return code;
}

// ---- out of a Body ----

static bool code_or_nothing(const char *code)
{
	return code[0] == '\0' || code_well_formed(code);
}

static bool is_month(const char *text)
{
	unsigned year, month;
	int end = 0;
	return strlen(text) == 7 && sscanf(text, "%4u-%2u%n", &year, &month, &end) == 2 && end == 7 && month >= 1 &&
	       month <= 12;
}

static bool is_number(const char *text)
{
	return strlen(text) == STATISTICS_NUMBER && strspn(text, "0123456789abcdef") == STATISTICS_NUMBER;
}

static bool person_good(const Passerelle__V1__StatisticsPerson *person)
{
	const char *const codes[] = {person->role,    person->age_band, person->sex,
	                             person->service, person->country,  person->outcome};
	bool good = is_number(person->number) && person->year >= LEAST_YEAR && person->year <= MOST_YEAR &&
	            person->n_special_needs <= STATISTICS_NEEDS && person->n_follow_ups <= STATISTICS_FOLLOW_UPS;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		good = good && code_or_nothing(codes[i]);
	for (size_t i = 0; good && i < person->n_special_needs; i++)
		good = code_well_formed(person->special_needs[i]);
	for (size_t i = 0; good && i < person->n_follow_ups; i++)
		good = code_or_nothing(person->follow_ups[i]->wellbeing) && person->follow_ups[i]->months <= 1200;
	return good;
}

static bool all_good(const Passerelle__V1__Statistics *statistics)
{
	bool good = is_month(statistics->month) && statistics->n_persons <= STATISTICS_PERSONS &&
	            statistics->n_tallies <= STATISTICS_TALLIES;
	for (size_t i = 0; good && i < statistics->n_persons; i++)
		good = person_good(statistics->persons[i]);
	for (size_t i = 0; good && i < statistics->n_tallies; i++)
		good = is_month(statistics->tallies[i]->month) && code_well_formed(statistics->tallies[i]->vulnerability);
	return good;
}

enum fail_code statistics_read(struct view body, json_t **json, struct fail *why)
{
	struct form_memory memory;
	Passerelle__V1__Body *unpacked = NULL;
	form_memory_init(&memory);
	enum fail_code code = body_unpack(body, &memory, &unpacked, why);
	bool ours = code == FAIL_NONE && unpacked->content_case == PASSERELLE__V1__BODY__CONTENT_STATISTICS;
	if (code == FAIL_NONE && (!ours || !all_good(unpacked->statistics)))
		code = fail_set(why, FAIL_MALFORMED, "the content is no statistics");
	json_t *object = code == FAIL_NONE ? json_object() : NULL;
	if (code == FAIL_NONE && !write_message(&passerelle__v1__statistics__descriptor, unpacked->statistics, object))
		code = fail_set(why, FAIL_MALFORMED, "the statistics have a text that is not valid UTF-8");
	form_memory_release(&memory);
	json_object_del(object, "padding");
	if (code == FAIL_NONE)
		*json = object;
	else
		json_decref(object);
	return code;
}
