// SPDX-License-Identifier: Apache-2.0
//
// A table as a spreadsheet saves it (RFC 4180): rows of cells between commas, semicolons or tabs, a cell with one of
// these, a quote or an end of line in it in quotes. Pure: the whole text is there before the first row is asked for.
// What is taken beyond the RFC, because programs write it: a mark of UTF-8 in front, any of CRLF, LF and CR as the end
// of a row, a quote in the middle of a cell that has none around it, and lines of nothing at all.
#ifndef PASSERELLE_FORM_CSV_H
#define PASSERELLE_FORM_CSV_H

#include "base/bytes.h"

enum {
	CSV_MAX_SIZE = 64 * 1024 * 1024,
	CSV_MAX_ROWS = 100 * 1000,
	CSV_MAX_COLUMNS = 256,
	CSV_MAX_CELL = 64 * 1024,
	CSV_MAX_ROW = 1024 * 1024,
};

struct csv {
	struct view text;       // borrowed
	size_t at;
	char between;           // ',', ';' or '\t': what the first row has most of
	size_t line;            // where the next row begins, from 1
	size_t rows;            // given so far
	struct bytes store;     // the cells of the row, each with a final NUL
	size_t start[CSV_MAX_COLUMNS]; // of each in store
};

struct csv_row {
	size_t line;            // where it begins
	size_t count;
	const char *cell[CSV_MAX_COLUMNS]; // until the next row is read
};

// FAIL_TOO_LARGE; FAIL_BAD_TEXT with the line that is no UTF-8 or has a zero byte.
enum fail_code csv_begin(struct csv *csv, struct view text, struct fail *why) MUST_CHECK;

// *there false: that was the last row. FAIL_BAD_FORM, FAIL_TOO_LARGE with the line.
enum fail_code csv_next(struct csv *csv, struct csv_row *row, bool *there, struct fail *why) MUST_CHECK;

void csv_end(struct csv *csv); // wiped: it held names

// What stands in a cell, without the blanks around it and without the quote that guards a formula ("'=", "'+", "'-",
// "'@"). Borrowed from the cell.
struct view csv_trimmed(const char *cell);

#endif
