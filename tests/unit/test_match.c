// SPDX-License-Identifier: Apache-2.0
// links: passerelle_match
#include "test.h"

#include "match/match.h"

#include <stdio.h>

static struct match_evidence compare(const struct match_person *a, const struct match_person *b)
{
	struct match_prepared *here, *there;
	struct match_evidence evidence;
	assert_ok(match_prepare(&here, a));
	assert_ok(match_prepare(&there, b));
	match_compare(here, there, &evidence);
	match_free(here);
	match_free(there);
	return evidence;
}

static struct match_person named(const char *full)
{
	return (struct match_person){.name = {.spelling = {{.full = full}}, .count = 1}};
}

static struct match_finding names(const char *a, const char *b)
{
	struct match_person here = named(a), there = named(b);
	return compare(&here, &there).field[MATCH_NAME];
}

static void assert_names(const char *a, const char *b, enum match_word least)
{
	struct match_finding finding = names(a, b);
	if (finding.word < MATCH_SAME || finding.word > least)
		fail_msg("'%s' and '%s' should be at least %s, are %s", a, b, match_word_code(least),
		         match_word_code(finding.word));
}

static void assert_not_names(const char *a, const char *b)
{
	struct match_finding finding = names(a, b);
	if (finding.word != MATCH_DIFFERS)
		fail_msg("'%s' and '%s' should differ, are %s", a, b, match_word_code(finding.word));
}

// ---- names ----

static void one_name_in_two_scripts_is_close(void **state)
{
	(void)state;
	assert_names("Karim Haddad", "كريم حداد", MATCH_VERY_CLOSE);
	assert_names("Yusuf Mansour", "يوسف منصور", MATCH_VERY_CLOSE);
	assert_names("Andrei Sokolov", "Андрей Соколов", MATCH_VERY_CLOSE);
	assert_names("Oksana Shevchuk", "Оксана Шевчук", MATCH_VERY_CLOSE);
	assert_names("Noam Shapira", "נועם שפירא", MATCH_VERY_CLOSE);
	assert_names("Eleni Papadopoulou", "Ελένη Παπαδοπούλου", MATCH_CLOSE);
	assert_names("Park Ji-hoon", "박지훈", MATCH_CLOSE);
	assert_names("Sokha Vann", "សុខា វណ្ណ", MATCH_CLOSE);
	assert_names("Nguyễn Thị Đào", "Nguyen Thi Dao", MATCH_VERY_CLOSE);
	assert_names("Nino Beridze", "ნინო ბერიძე", MATCH_CLOSE);
	assert_names("Mariam Petrosyan", "Մարիամ Պետրոսյան", MATCH_CLOSE);
	assert_names("Selam Tesfaye", "ሰላም ተስፋዬ", MATCH_CLOSE);
	assert_names("Ravi Varma", "रवि वर्मा", MATCH_CLOSE);
}

static void other_names_differ_in_any_script(void **state)
{
	(void)state;
	assert_not_names("Karim Haddad", "يوسف منصور");
	assert_not_names("Andrei Sokolov", "Оксана Шевчук");
	assert_not_names("Noam Shapira", "יעל ברקוביץ");
	assert_not_names("Park Ji-hoon", "김서연");
	assert_not_names("Sokha Vann", "ពេជ្រ ហេង");
	assert_not_names("Awa Ndour", "Lucia Ferrari");
}

static void order_and_part_of_the_name_do_not_matter(void **state)
{
	(void)state;
	assert_names("Awa Ndour", "Ndour Awa", MATCH_SAME);
	assert_names("Haddad Karim", "كريم حداد", MATCH_VERY_CLOSE);
	struct match_person here = {.name = {.spelling = {{.given = {"Lamine"}, .family = {"Sarr"}}}, .count = 1}};
	struct match_person there = {.name = {.spelling = {{.given = {"Sarr"}, .family = {"Lamine"}}}, .count = 1}};
	struct match_evidence evidence = compare(&here, &there);
	assert_int_equal(evidence.field[MATCH_FAMILY].word, MATCH_VERY_CLOSE);
	assert_int_equal(evidence.field[MATCH_FAMILY].reason, REASON_OTHER_PART);
	assert_int_equal(evidence.field[MATCH_NAME].reason, REASON_NONE);
}

static void short_and_national_forms_are_the_same_name(void **state)
{
	(void)state;
	assert_names("Bob Hartwell", "Robert Hartwell", MATCH_VERY_CLOSE);
	assert_int_equal(names("Bob Hartwell", "Robert Hartwell").reason, REASON_ALIAS);
	assert_names("Ousmane Jallow", "Usman Diallo", MATCH_VERY_CLOSE);
	assert_names("Juan Ferrero", "Giovanni Ferrero", MATCH_VERY_CLOSE);
}

static void compounds_and_double_surnames_fit_their_parts(void **state)
{
	(void)state;
	assert_names("Abd al Rahman Sahli", "Abdurrahman Sahli", MATCH_CLOSE);
	assert_names("Marie-Claire Dubreuil", "Marieclaire Dubreuil", MATCH_VERY_CLOSE);
	assert_names("Ines Ortega Villar", "Ines Ortega", MATCH_VERY_CLOSE);
	assert_int_equal(names("Ines Ortega Villar", "Ines Ortega").reason, REASON_MORE_PARTS);
}

static void the_best_of_all_spellings_counts(void **state)
{
	(void)state;
	struct match_person here = {
		.name = {.spelling = {{.full = "Lulu"}, {.full = "Louise Marchand"}, {.full = "لويز مرشان"}}, .count = 3}};
	struct match_person there = named("Louise Marchand");
	assert_int_equal(compare(&here, &there).field[MATCH_NAME].word, MATCH_SAME);
}

static void a_frequent_name_says_less(void **state)
{
	(void)state;
	assert_true(names("Mamadou Diallo", "Mamadou Diallo").weight < names("Lamine Sarr", "Lamine Sarr").weight);
}

// ---- dates ----

static struct match_finding births(const char *a, const char *b)
{
	struct partial_date left, right;
	struct match_person here = {.birth = &left}, there = {.birth = &right};
	assert_ok(partial_date_parse(&left, a, NULL));
	assert_ok(partial_date_parse(&right, b, NULL));
	return compare(&here, &there).field[MATCH_BIRTH];
}

static void assert_births(const char *a, const char *b, enum match_word word, enum match_reason reason)
{
	struct match_finding finding = births(a, b);
	if (finding.word != word || finding.reason != reason)
		fail_msg("%s and %s: %s, '%s'", a, b, match_word_code(finding.word), match_reason_text(finding.reason));
}

static void births_are_compared_by_overlap(void **state)
{
	(void)state;
	assert_births("2009-03-21", "2009-03-21", MATCH_SAME, REASON_DAY_SAME);
	assert_births("2009-03-07", "2009-07-03", MATCH_VERY_CLOSE, REASON_SWAPPED);
	assert_births("2009-03-21", "2009-03-27", MATCH_VERY_CLOSE, REASON_DIGIT);
	assert_births("2009-03-21", "2009-03", MATCH_VERY_CLOSE, REASON_OVERLAP);
	assert_births("2009-03-21", "2009", MATCH_CLOSE, REASON_OVERLAP);
	assert_births("2009-03-21", "2008/2010", MATCH_CLOSE, REASON_OVERLAP);
	assert_births("2009-03-21", "2010~", MATCH_CLOSE, REASON_FROM_AGE);
	assert_births("2009-03", "2009-05", MATCH_DIFFERS, REASON_YEAR_OFF);
	assert_births("2009-03-21", "2016-11-02", MATCH_CONTRADICTS, REASON_YEARS_APART);
	assert_births("2009", "199X", MATCH_CONTRADICTS, REASON_YEARS_APART);
	assert_births("../2012-06", "2011", MATCH_CLOSE, REASON_OVERLAP);
	assert_true(births("../2012-06", "2011").weight < births("2011", "2011").weight);
}

static void what_is_written_for_unknown_says_half(void **state)
{
	(void)state;
	int32_t full = births("2009-03-21", "2009-03-21").weight;
	assert_births("2009-01-01", "2009-01-01", MATCH_SAME, REASON_FIRST_OF_JANUARY);
	assert_int_equal(births("2009-01-01", "2009-01-01").weight, full / 2);
	struct partial_date date;
	assert_ok(partial_date_parse(&date, "2009", NULL));
	struct match_person sure = {.birth = &date}, from_age = {.birth = &date, .birth_from_age = true};
	assert_true(compare(&sure, &from_age).field[MATCH_BIRTH].weight < compare(&sure, &sure).field[MATCH_BIRTH].weight);
}

// ---- the other fields ----

static void what_contradicts_takes_away(void **state)
{
	(void)state;
	struct match_person here = named("Awa Ndour"), there = here;
	here.sex = "F";
	there.sex = "F";
	struct match_evidence fits = compare(&here, &there);
	there.sex = "M";
	struct match_evidence against = compare(&here, &there);
	assert_int_equal(fits.field[MATCH_SEX].word, MATCH_SAME);
	assert_int_equal(against.field[MATCH_SEX].word, MATCH_CONTRADICTS);
	assert_true(against.sum < fits.sum - 300);
}

static void blank_says_on_which_side_and_weighs_nothing(void **state)
{
	(void)state;
	struct match_person here = named("Awa Ndour"), there = here;
	here.sex = "F";
	there.sex = "UNKNOWN";
	there.mother = named("Khady Sarr").name;
	struct match_evidence evidence = compare(&here, &there);
	assert_int_equal(evidence.field[MATCH_SEX].word, MATCH_BLANK);
	assert_int_equal(evidence.field[MATCH_SEX].reason, REASON_UNKNOWN_THERE);
	assert_int_equal(evidence.field[MATCH_MOTHER].reason, REASON_UNKNOWN_HERE);
	assert_int_equal(evidence.field[MATCH_BIRTH].reason, REASON_UNKNOWN_BOTH);
	assert_int_equal(evidence.field[MATCH_SEX].weight, 0);
}

static void places_fit_by_their_levels(void **state)
{
	(void)state;
	struct match_person here = {.home = {.country = "SN", .area = {"Thies", "Mbour"}}}, there = here;
	assert_int_equal(compare(&here, &there).field[MATCH_HOME].word, MATCH_SAME);
	there.home = (struct match_place){.country = "SN", .area = {"M'bour"}};
	assert_int_equal(compare(&here, &there).field[MATCH_HOME].word, MATCH_SAME);
	there.home = (struct match_place){.country = "SN"};
	assert_int_equal(compare(&here, &there).field[MATCH_HOME].reason, REASON_SAME_COUNTRY);
	there.home = (struct match_place){.country = "IT", .area = {"Thies", "Mbour"}};
	assert_int_equal(compare(&here, &there).field[MATCH_HOME].word, MATCH_DIFFERS);
	there.home = (struct match_place){.area = {"Palermo"}};
	assert_int_equal(compare(&here, &there).field[MATCH_HOME].word, MATCH_DIFFERS);
}

static void bands_rise_with_what_is_known(void **state)
{
	(void)state;
	struct partial_date date, other;
	assert_ok(partial_date_parse(&date, "2009-03-21", NULL));
	assert_ok(partial_date_parse(&other, "1971-10-02", NULL));
	struct match_person here = named("Lamine Sarr"), there = here, foreign = named("لمين سار");
	assert_int_equal(compare(&here, &there).band, BAND_POSSIBLE);
	here.birth = there.birth = foreign.birth = &date;
	assert_int_equal(compare(&here, &there).band, BAND_LIKELY);
	assert_int_equal(compare(&here, &foreign).band, BAND_LIKELY);
	there.birth = &other;
	there.sex = "F";
	here.sex = "M";
	assert_int_equal(compare(&here, &there).band, BAND_LOW);
	struct match_person nobody = {.sex = NULL};
	assert_int_equal(compare(&nobody, &nobody).band, BAND_LOW);
	assert_int_equal(compare(&nobody, &nobody).sum, 0);
}

static void both_ways_give_the_same_words(void **state)
{
	(void)state;
	static const char *const people[] = {"Awa Ndour", "كريم حداد", "Haddad Karim", "박지훈", "Park Ji-hoon",
	                                     "Abd al Rahman Sahli", "Abdurrahman Sahli", "Ines Ortega Villar", "Bob Hartwell"};
	size_t count = sizeof people / sizeof *people;
	for (size_t i = 0; i < count * count; i++) {
		struct match_person a = named(people[i / count]), b = named(people[i % count]);
		struct match_evidence one = compare(&a, &b), other = compare(&b, &a);
		assert_int_equal(one.sum, other.sum);
		assert_int_equal(one.field[MATCH_NAME].word, other.field[MATCH_NAME].word);
	}
}

static void everything_has_its_words(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MATCH_FIELD_COUNT; i++)
		assert_true(match_field_text(i) != NULL && match_field_code(i) != NULL);
	for (unsigned i = 0; i < MATCH_WORD_COUNT; i++)
		assert_true(match_word_text(i) != NULL && match_word_code(i) != NULL);
	for (unsigned i = 0; i < MATCH_BAND_COUNT; i++)
		assert_true(match_band_text(i) != NULL && match_band_code(i) != NULL);
	for (unsigned i = 0; i < MATCH_REASON_COUNT; i++)
		assert_true(match_reason_text(i) != NULL && strchr(match_reason_text(i), '%') == NULL);
	assert_int_equal(strlen(match_tables_version()), 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_name_in_two_scripts_is_close),
		cmocka_unit_test(other_names_differ_in_any_script),
		cmocka_unit_test(order_and_part_of_the_name_do_not_matter),
		cmocka_unit_test(short_and_national_forms_are_the_same_name),
		cmocka_unit_test(compounds_and_double_surnames_fit_their_parts),
		cmocka_unit_test(the_best_of_all_spellings_counts),
		cmocka_unit_test(a_frequent_name_says_less),
		cmocka_unit_test(births_are_compared_by_overlap),
		cmocka_unit_test(what_is_written_for_unknown_says_half),
		cmocka_unit_test(what_contradicts_takes_away),
		cmocka_unit_test(blank_says_on_which_side_and_weighs_nothing),
		cmocka_unit_test(places_fit_by_their_levels),
		cmocka_unit_test(bands_rise_with_what_is_known),
		cmocka_unit_test(both_ways_give_the_same_words),
		cmocka_unit_test(everything_has_its_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
