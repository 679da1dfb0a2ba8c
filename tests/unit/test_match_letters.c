// SPDX-License-Identifier: Apache-2.0
// links: passerelle_match
#include "test.h"

#include "match/letters.h"
#include "match/token.h"

#include <stdio.h>

static void assert_latin(const char *written, const char *expected)
{
	uint16_t letters[64];
	char roman[128];
	size_t count = letters_fold(view_of_text(written), letters, 64);
	letters_romanise(letters, count, roman, sizeof roman);
	if (strcmp(roman, expected) != 0)
		fail_msg("'%s' should be '%s', is '%s'", written, expected, roman);
}

static void assert_folds_alike(const char *a, const char *b)
{
	uint16_t left[64], right[64];
	size_t left_count = letters_fold(view_of_text(a), left, 64), right_count = letters_fold(view_of_text(b), right, 64);
	if (left_count != right_count || memcmp(left, right, left_count * sizeof *left) != 0)
		fail_msg("'%s' and '%s' should be the same", a, b);
}

static void case_marks_and_forms_of_a_letter_are_folded_away(void **state)
{
	(void)state;
	assert_folds_alike("Zoé  Müller-Łuczak", "zoe muller luczak");
	assert_folds_alike("Nguyễn Thị Đào", "nguyen thi dao");
	assert_folds_alike("Straße", "STRASSE");
	assert_folds_alike("İpek Işık", "ipek isik");
	assert_folds_alike("O'Leary", "oleary");
	assert_folds_alike("أحمد", "احمد");
	assert_folds_alike("عـلـي", "على");
	assert_folds_alike("مُحَمَّد", "محمد");
	assert_folds_alike("کریمی", "كريمي");
	assert_folds_alike("שָׁלוֹם", "שלום");
	assert_folds_alike("ﻣﺤﻤﺪ", "محمد");
	assert_folds_alike("Αλέξης", "ΑΛΕΞΗΣ");
}

static void a_letter_that_needs_its_mark_keeps_it(void **state)
{
	(void)state;
	assert_latin("Андрей", "andrey");
	assert_latin("Київ", "kiyiv");
	assert_latin("ג'ון", "jun");
	assert_latin("ガ", "ga");
}

static void each_script_has_its_latin_form(void **state)
{
	(void)state;
	assert_latin("Щедрин", "shchedrin");
	assert_latin("Παπαδόπουλος", "papadopoulos");
	assert_latin("Մարիամ", "mariam");
	assert_latin("ნინო", "nino");
	assert_latin("박지훈", "bakjihun");
	assert_latin("សុខា", "sokha");
	assert_latin("वर्मा", "varma");
	assert_latin("ሰላም", "selam");
	assert_latin("サクラ", "sakura");
	assert_latin("كريم", "krim");
	assert_latin("דנה", "dnh");
}

static void skeletons_keep_what_spellings_share(void **state)
{
	(void)state;
	static const char *const alike[][2] = {
		{"ouedraogo", "wedraogo"}, {"jibril", "djibril"}, {"khadija", "kadidja"}, {"mohammed", "muhamad"}, {"fatou", "patu"},
	};
	for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) {
		char a[TOKEN_SKELETON], b[TOKEN_SKELETON];
		letters_skeleton(alike[i][0], a, sizeof a);
		letters_skeleton(alike[i][1], b, sizeof b);
		if (strlen(a) == 0 || strcmp(a, b) != 0)
			fail_msg("%s has '%s', %s has '%s'", alike[i][0], a, alike[i][1], b);
	}
}

static void broken_text_separates_words_and_harms_nothing(void **state)
{
	(void)state;
	uint16_t letters[8];
	assert_int_equal(letters_fold(view_of("ab\xff\xfe" "cd", 6), letters, 8), 5);
	assert_int_equal(letters[2], ' ');
	assert_int_equal(letters_fold(view_of("\xe0\x80", 2), letters, 8), 0);
	assert_int_equal(letters_fold(view_of("   \t ", 5), letters, 8), 0);
	assert_int_equal(letters_fold(view_of(NULL, 0), letters, 8), 0);
	assert_int_equal(letters_fold(view_of_text("abcdefghijklmnop"), letters, 8), 8);
	assert_int_equal(letters_fold(view_of_text("\xef\xb7\xba"), letters, 8), 8); // one letter that becomes eighteen
}

static void titles_are_left_out_and_particles_count_little(void **state)
{
	(void)state;
	struct match_token token[SPELLING_TOKENS];
	assert_int_equal(tokens_of(view_of_text("Dr. Awa van der Linde"), ROLE_ANY, token, SPELLING_TOKENS), 4);
	assert_string_equal(token[0].roman, "awa");
	assert_int_equal(token[1].kind, WORD_PARTICLE);
	assert_true(token[1].left < token[3].left);
}

static void a_korean_name_in_one_word_has_two(void **state)
{
	(void)state;
	struct match_token token[SPELLING_TOKENS];
	assert_int_equal(tokens_of_name(view_of_text("박지훈"), ROLE_ANY, token, SPELLING_TOKENS), 2);
	assert_string_equal(token[0].roman, "bak");
	assert_string_equal(token[1].roman, "jihun");
	assert_int_equal(tokens_of_name(view_of_text("박 지훈"), ROLE_ANY, token, SPELLING_TOKENS), 2);
	assert_int_equal(tokens_of_name(view_of_text("지훈"), ROLE_GIVEN, token, SPELLING_TOKENS), 1);
}

static void words_and_letters_beyond_the_limits_are_left_out(void **state)
{
	(void)state;
	char text[2000];
	struct match_token token[SPELLING_TOKENS];
	for (size_t i = 0; i < sizeof text - 1; i++)
		text[i] = i % 3 == 2 ? ' ' : 'a';
	text[sizeof text - 1] = '\0';
	assert_int_equal(tokens_of(view_of_text(text), ROLE_ANY, token, SPELLING_TOKENS), SPELLING_TOKENS);
	memset(text, 'x', sizeof text - 1);
	assert_int_equal(tokens_of(view_of_text(text), ROLE_ANY, token, SPELLING_TOKENS), 1);
	assert_int_equal(token[0].letters, TOKEN_LETTERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(case_marks_and_forms_of_a_letter_are_folded_away),
		cmocka_unit_test(a_letter_that_needs_its_mark_keeps_it),
		cmocka_unit_test(each_script_has_its_latin_form),
		cmocka_unit_test(skeletons_keep_what_spellings_share),
		cmocka_unit_test(broken_text_separates_words_and_harms_nothing),
		cmocka_unit_test(titles_are_left_out_and_particles_count_little),
		cmocka_unit_test(a_korean_name_in_one_word_has_two),
		cmocka_unit_test(words_and_letters_beyond_the_limits_are_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
