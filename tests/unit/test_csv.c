// SPDX-License-Identifier: Apache-2.0
// links: passerelle_form
#include "test.h"

#include "form/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct read {
	enum fail_code code;
	struct fail why;
	char text[400]; // rows with '|' between, cells with '^' between
};

static struct read read_all(const char *table, size_t length)
{
	struct read out = {.code = FAIL_NONE, .text = ""};
	struct csv csv;
	struct csv_row row;
	bool there = true;
	out.code = csv_begin(&csv, view_of(table, length), &out.why);
	while (out.code == FAIL_NONE && there) {
		out.code = csv_next(&csv, &row, &there, &out.why);
		for (size_t i = 0; out.code == FAIL_NONE && there && i < row.count; i++) {
			size_t used = strlen(out.text);
			snprintf(out.text + used, sizeof out.text - used, "%s%c", row.cell[i], i + 1 < row.count ? '^' : '|');
		}
	}
	csv_end(&csv);
	return out;
}

static void assert_reads(const char *table, const char *rows)
{
	struct read read = read_all(table, strlen(table));
	assert_ok(read.code);
	assert_string_equal(read.text, rows);
}

static void assert_refuses(const char *table, size_t length, enum fail_code code, const char *said)
{
	struct read read = read_all(table, length);
	assert_int_equal(read.code, code);
	assert_non_null(strstr(read.why.text, said));
}

static void rows_end_as_programs_end_them(void **state)
{
	(void)state;
	assert_reads("a,b\r\n1,2\r\n", "a^b|1^2|");
	assert_reads("a,b\n1,2", "a^b|1^2|");
	assert_reads("a,b\r1,2\r", "a^b|1^2|");
	assert_reads("", "");
	assert_reads("\n\r\n\n", "");
	assert_reads("a\n\n\nb\n", "a|b|");
	assert_reads("a,\n,b", "a^|^b|");
	assert_reads("a,", "a^|");
}

static void quotes_hold_what_would_end_a_cell(void **state)
{
	(void)state;
	assert_reads("\"a,b\",\"c\"\"d\",\"e\nf\"\n", "a,b^c\"d^e\nf|");
	assert_reads("\"\",\"\"\"\"\n", "^\"|");
	assert_reads("5\" nail,x\n", "5\" nail^x|"); // a bare quote inside is a quote
	assert_reads("\"a\r\nb\"", "a\r\nb|");
}

static void what_stands_between_is_what_the_first_row_has_most_of(void **state)
{
	(void)state;
	assert_reads("a;b;c\n1,5;2;3\n", "a^b^c|1,5^2^3|");
	assert_reads("a\tb\n1\t2\n", "a^b|1^2|");
	assert_reads("\"a;b;c\",d\n1,2\n", "a;b;c^d|1^2|");
	assert_reads("\xEF\xBB\xBFname,sex\n\xD8\xB9,F\n", "name^sex|\xD8\xB9^F|");
}

static void what_cannot_be_read_is_named_by_its_line(void **state)
{
	(void)state;
	static const char open_quote[] = "a,b\n1,2\n3,\"4\n5,6\n", behind[] = "a\n\"b\"c\n", zero[] = "a\nb\0c\n",
					  latin[] = "a\nb\nIb\xE1\xF1" "ez\n";
	assert_refuses(open_quote, sizeof open_quote - 1, FAIL_BAD_FORM, "line 3");
	assert_refuses(behind, sizeof behind - 1, FAIL_BAD_FORM, "line 2");
	assert_refuses(zero, sizeof zero - 1, FAIL_BAD_TEXT, "line 2");
	assert_refuses(latin, sizeof latin - 1, FAIL_BAD_TEXT, "line 3");
}

static void nothing_is_larger_than_it_may_be(void **state)
{
	(void)state;
	char *wide = calloc(CSV_MAX_COLUMNS + 2, 1), *long_cell = calloc(CSV_MAX_CELL + 2, 1);
	memset(wide, ',', CSV_MAX_COLUMNS);
	memset(long_cell, 'x', CSV_MAX_CELL + 1);
	assert_refuses(wide, CSV_MAX_COLUMNS, FAIL_TOO_LARGE, "256");
	assert_ok(read_all(wide, CSV_MAX_COLUMNS - 1).code);
	assert_refuses(long_cell, CSV_MAX_CELL + 1, FAIL_TOO_LARGE, "65536");
	size_t rows = (size_t)CSV_MAX_ROWS + 1;
	char *tall = calloc(2 * rows, 1);
	for (size_t i = 0; i < rows; i++)
		memcpy(tall + 2 * i, "a\n", 2);
	struct csv csv;
	struct csv_row row;
	bool there = true;
	assert_ok(csv_begin(&csv, view_of(tall, 2 * rows), NULL));
	for (size_t i = 0; i + 1 < rows; i++)
		assert_ok(csv_next(&csv, &row, &there, NULL));
	assert_int_equal(row.line, rows - 1);
	assert_int_equal(csv_next(&csv, &row, &there, NULL), FAIL_TOO_LARGE);
	csv_end(&csv);
	free(tall);
	free(long_cell);
	free(wide);
}

static void a_guard_before_a_formula_is_taken_off_again(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"  x \t", "x"}, {"'=1+1", "=1+1"}, {"'+41 1", "+41 1"}, {"'@a", "@a"}, {"'-", "-"},
	                                       {"'tis", "'tis"}, {"'", "'"}, {" \n ", ""}, {"''=x", "''=x"}};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct view got = csv_trimmed(pairs[i][0]);
		assert_true(view_equal(got, view_of_text(pairs[i][1])));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_end_as_programs_end_them),
		cmocka_unit_test(quotes_hold_what_would_end_a_cell),
		cmocka_unit_test(what_stands_between_is_what_the_first_row_has_most_of),
		cmocka_unit_test(what_cannot_be_read_is_named_by_its_line),
		cmocka_unit_test(nothing_is_larger_than_it_may_be),
		cmocka_unit_test(a_guard_before_a_formula_is_taken_off_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
