// SPDX-License-Identifier: Apache-2.0
// links: passerelle_cli
#include "test.h"

#include "cli/csv.h"
#include "cli/ics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *written(void (*write)(FILE *file, const char *text), const char *text)
{
	char *out = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&out, &length);
	assert_non_null(file);
	write(file, text);
	assert_int_equal(fclose(file), 0);
	return out;
}

static void cell(FILE *file, const char *text)
{
	csv_write_row(file, &text, 1);
}

static void summary(FILE *file, const char *text)
{
	ics_write_text(file, "SUMMARY", text);
}

static void assert_cell(const char *text, const char *expected)
{
	char *out = written(cell, text);
	assert_string_equal(out, expected);
	free(out);
}

static void a_cell_is_quoted_where_it_must_be(void **state)
{
	(void)state;
	assert_cell("plain", "plain\r\n");
	assert_cell("", "\r\n");
	assert_cell("a,b", "\"a,b\"\r\n");
	assert_cell("a;b", "\"a;b\"\r\n");
	assert_cell("a \"b\"", "\"a \"\"b\"\"\"\r\n");
	assert_cell("a\nb", "\"a\nb\"\r\n");
	assert_cell("a\tb\x1b[2J", "\"a b [2J\"\r\n");
}

static void what_a_spreadsheet_would_work_out_is_guarded(void **state)
{
	(void)state;
	assert_cell("=1+1", "\"'=1+1\"\r\n");
	assert_cell("+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\"\r\n");
	assert_cell("-2+3", "\"'-2+3\"\r\n");
	assert_cell("@SUM(A1)", "\"'@SUM(A1)\"\r\n");
	assert_cell("  =1", "\"'  =1\"\r\n");
	assert_cell("\t=1", "\"' =1\"\r\n");
	assert_cell("\r=1", "\"' =1\"\r\n");
	assert_cell("-5", "-5\r\n");
	assert_cell("+41.5", "+41.5\r\n");
	assert_cell("-", "\"'-\"\r\n");
	assert_cell("2026-11-23", "2026-11-23\r\n");
}

static void a_calendar_escapes_what_ends_a_value(void **state)
{
	(void)state;
	char *out = written(summary, "a;b,c\\d\ne\x07");
	assert_string_equal(out, "SUMMARY:a\\;b\\,c\\\\d\\ne \r\n");
	free(out);
}

// RFC 5545 3.1: no line longer than 75 octets, no character cut in two, and put together again it is what it was.
static void a_line_is_folded_between_characters(void **state)
{
	(void)state;
	char text[600] = "", *joined = calloc(1, sizeof text + 20);
	static const char *const letters[] = {"\xe1\x9e\x97", "\xc3\xa9", "x"};
	for (size_t i = 0; i < 150; i++) {
		size_t used = strlen(text);
		snprintf(text + used, sizeof text - used, "%s", letters[i * 7 % 3]);
	}
	char *out = written(summary, text), *line = out;
	for (char *end; (end = strstr(line, "\r\n")) != NULL; line = end + 2) {
		size_t from = line != out && *line == ' ';
		assert_true(end - line <= 75);
		assert_true((line[from] & 0xc0) != 0x80);
		snprintf(joined + strlen(joined), (size_t)(end - line) - from + 1, "%s", line + from);
	}
	assert_string_equal(joined + strlen("SUMMARY:"), text);
	free(out);
	free(joined);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_is_quoted_where_it_must_be),
		cmocka_unit_test(what_a_spreadsheet_would_work_out_is_guarded),
		cmocka_unit_test(a_calendar_escapes_what_ends_a_value),
		cmocka_unit_test(a_line_is_folded_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
