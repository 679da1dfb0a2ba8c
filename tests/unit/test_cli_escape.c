// SPDX-License-Identifier: Apache-2.0
// links: passerelle_cli
//
// What others wrote never commands a terminal: hostile names go in, visible marks come out.
#include "cli/escape.h"
#include "cli/out.h"
#include "cli/progress.h"
#include "cli/words.h"

#include "test.h"

#include <stdio.h>

static void assert_escaped(const char *text, size_t length, const char *expected)
{
	char *escaped = escape_text(text, length);
	assert_string_equal(escaped, expected);
	free(escaped);
}

#define ESCAPED(text, expected) assert_escaped(text, sizeof(text) - 1, expected)

static void names_in_every_script_stay_as_they_are(void **state)
{
	(void)state;
	ESCAPED("Aïcha Ndiayé", "Aïcha Ndiayé");
	ESCAPED("عائشة ندياي", "عائشة ندياي");
	ESCAPED("អៃចា ម៉ាលី", "អៃចា ម៉ាលី");
	ESCAPED("\xF0\x9F\x8F\xA0", "\xF0\x9F\x8F\xA0");
	ESCAPED("می\u200Cخواهم", "می\u200Cخواهم"); // a joiner that Persian needs
}

static void control_characters_are_shown_not_obeyed(void **state)
{
	(void)state;
	ESCAPED("a\033[2Jb", "a\\x1b[2Jb");
	ESCAPED("\033]0;title\007", "\\x1b]0;title\\x07");
	ESCAPED("a\rb\nc\td\bx", "a\\x0db\\x0ac\\x09d\\x08x");
	ESCAPED("del\x7F", "del\\x7f");
	ESCAPED("csi\xC2\x9B""2J", "csi\\u{9B}2J");
	assert_escaped("a\0b", 3, "a\\x00b");
}

static void texts_cannot_run_backwards_or_hide(void **state)
{
	(void)state;
	ESCAPED("gpj\u202Efdp.exe", "gpj\\u{202E}fdp.exe");
	ESCAPED("\u2066x\u2069", "\\u{2066}x\\u{2069}");
	ESCAPED("a\u2028b\u200Fc\uFEFFd", "a\\u{2028}b\\u{200F}c\\u{FEFF}d");
	ESCAPED("\xF3\xA0\x81\x81", "\\u{E0041}");
}

static void bytes_that_are_no_text_are_shown_as_numbers(void **state)
{
	(void)state;
	ESCAPED("\xFF\xFE", "\\xff\\xfe");
	ESCAPED("\xC3(", "\\xc3(");
	ESCAPED("\xE2\x82", "\\xe2\\x82");             // cut
	ESCAPED("\xC0\x9B", "\\xc0\\x9b");             // overlong ESC
	ESCAPED("\xED\xA0\x80", "\\xed\\xa0\\x80");    // half a surrogate
	ESCAPED("\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); // beyond U+10FFFF
}

static bool harmless(const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
		if (*at < 0x20 || *at == 0x7F || (*at == 0xC2 && at[1] >= 0x80 && at[1] <= 0x9F))
			return false;
	}
	return true;
}

static void whatever_goes_in_what_comes_out_is_harmless(void **state)
{
	(void)state;
	uint32_t seed = 4711;
	char noise[64];
	for (unsigned round = 0; round < 20000; round++) {
		for (size_t i = 0; i < sizeof(noise); i++) {
			seed = seed * 1664525 + 1013904223;
			noise[i] = (char)(seed >> 24);
		}
		char *escaped = escape_text(noise, sizeof(noise));
		assert_true(harmless(escaped));
		free(escaped);
	}
}

static void json_says_the_same_without_the_characters_themselves(void **state)
{
	(void)state;
	static const char name[] = "x\033\x7F\xC2\x9B\u202E\xF3\xA0\x81\x81y";
	json_t *document = json_pack("{ss}", "name", name);
	char *text = json_dumps(document, JSON_INDENT(2)), *escaped = escape_json(text, strlen(text));
	for (const char *line = escaped; *line != '\0'; line++)
		assert_true((unsigned char)*line < 0x7F && (*line >= 0x20 || *line == '\n'));
	json_t *back = json_loads(escaped, 0, NULL);
	assert_true(json_equal(document, back));
	json_decref(back);
	json_decref(document);
	free(escaped);
	free(text);
}

// A run's output into memory.
struct heard {
	struct out out;
	char *text;
	size_t length;
};

static void listen_to(struct heard *heard, bool colors)
{
	*heard = (struct heard){.text = NULL};
	FILE *memory = open_memstream(&heard->text, &heard->length);
	assert_non_null(memory);
	heard->out = (struct out){.data = memory, .words = memory, .colors = colors};
}

static void assert_heard(struct heard *heard, const char *expected)
{
	fclose(heard->out.data);
	assert_string_equal(heard->text, expected);
	free(heard->text);
}

static void every_way_of_printing_escapes(void **state)
{
	(void)state;
	static const char evil[] = "Eve\033[1m\nroot#";
	const unsigned width[] = {4, 0};
	const char *cells[] = {evil, evil};
	struct heard heard;
	listen_to(&heard, false);
	out_line(&heard.out, "name: %s", evil);
	out_styled(&heard.out, STYLE_BAD, "%s", evil);
	out_word(&heard.out, "%s", evil);
	out_block(&heard.out, "  ", "one\033\ntwo");
	out_row(&heard.out, STYLE_PLAIN, cells, width, 2);
	assert_heard(&heard, "name: Eve\\x1b[1m\\x0aroot#\nEve\\x1b[1m\\x0aroot#\nEve\\x1b[1m\\x0aroot#\n  one\\x1b\n  two\n"
	                     "Eve\\x1b[1m\\x0aroot#  Eve\\x1b[1m\\x0aroot#\n");
}

static void colours_stand_outside_of_what_others_wrote(void **state)
{
	(void)state;
	struct heard heard;
	listen_to(&heard, true);
	out_styled(&heard.out, STYLE_STRONG, "a\033[0mb");
	assert_heard(&heard, "\033[1ma\\x1b[0mb\033[0m\n");
}

static void progress_tells_rate_and_time_left(void **state)
{
	(void)state;
	char text[120];
	struct psr_progress state_of_it = {.what = "sending", .item = 2, .items = 3, .done = 30000000, .total = 90000000};
	progress_text(text, &state_of_it, 10000, 10000000);
	assert_string_equal(text, "sending 2 of 3: 30.0 of 90.0 MB, 2.0 MB/s, 30 s left");
	state_of_it = (struct psr_progress){.what = "receiving"};
	progress_text(text, &state_of_it, 0, 0);
	assert_string_equal(text, "receiving: 0.0 MB");
}

static void spans_and_moments_are_short(void **state)
{
	(void)state;
	assert_string_equal(words_span("432000000").text, "5 days");
	assert_string_equal(words_span("3600000").text, "1 hour");
	assert_string_equal(words_span("").text, "0 seconds");
	assert_string_equal(words_moment("2026-11-23T07:10:59Z").text, "2026-11-23 07:10");
	assert_string_equal(words_moment("x").text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_in_every_script_stay_as_they_are),
		cmocka_unit_test(control_characters_are_shown_not_obeyed),
		cmocka_unit_test(texts_cannot_run_backwards_or_hide),
		cmocka_unit_test(bytes_that_are_no_text_are_shown_as_numbers),
		cmocka_unit_test(whatever_goes_in_what_comes_out_is_harmless),
		cmocka_unit_test(json_says_the_same_without_the_characters_themselves),
		cmocka_unit_test(every_way_of_printing_escapes),
		cmocka_unit_test(colours_stand_outside_of_what_others_wrote),
		cmocka_unit_test(progress_tells_rate_and_time_left),
		cmocka_unit_test(spans_and_moments_are_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
