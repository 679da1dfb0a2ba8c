// SPDX-License-Identifier: Apache-2.0
#include "form/csv.h"

#include "form/text.h"

#include <string.h>

static size_t line_at(struct view text, size_t at)
{
	size_t line = 1;
	for (size_t i = 0; i < at; i++)
		line += text.data[i] == '\n' || (text.data[i] == '\r' && (i + 1 == text.length || text.data[i + 1] != '\n'));
	return line;
}

// Outside of quotes, in the first row.
static char most_of(struct view text)
{
	static const char marks[] = {',', ';', '\t'};
	size_t count[sizeof marks] = {0}, best = 0;
	bool quoted = false;
	for (size_t i = 0; i < text.length && (quoted || (text.data[i] != '\n' && text.data[i] != '\r')); i++) {
		quoted = text.data[i] == '"' ? !quoted : quoted;
		for (size_t k = 0; k < sizeof marks; k++)
			count[k] += !quoted && text.data[i] == (uint8_t)marks[k];
	}
	for (size_t k = 1; k < sizeof marks; k++)
		best = count[k] > count[best] ? k : best;
	return marks[best];
}

enum fail_code csv_begin(struct csv *csv, struct view text, struct fail *why)
{
	static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
	*csv = (struct csv){.line = 1};
	bytes_init(&csv->store, CSV_MAX_ROW);
	if (text.length > CSV_MAX_SIZE)
		return fail_set(why, FAIL_TOO_LARGE, "the table has %zu bytes, at most %d are possible: cut it into several",
		                text.length, CSV_MAX_SIZE);
	size_t valid = text.length == 0 ? 0 : utf8_prefix((const char *)text.data, text.length);
	if (valid < text.length)
		return fail_set(why, FAIL_BAD_TEXT, "line %zu is not valid UTF-8: save the table as \"CSV UTF-8\"",
		                line_at(text, valid));
	const uint8_t *zero = text.length == 0 ? NULL : memchr(text.data, 0, text.length);
	if (zero != NULL)
		return fail_set(why, FAIL_BAD_TEXT, "line %zu has a zero byte, this is no text",
		                line_at(text, (size_t)(zero - text.data)));
	if (text.length >= sizeof mark && memcmp(text.data, mark, sizeof mark) == 0)
		text = view_of(text.data + sizeof mark, text.length - sizeof mark);
	csv->text = text;
	csv->between = most_of(text);
	return FAIL_NONE;
}

void csv_end(struct csv *csv)
{
	bytes_wipe(&csv->store);
}

static bool at_end(const struct csv *csv)
{
	return csv->at == csv->text.length;
}

// The end of a row here, 0 if it goes on.
static size_t end_of_row(const struct csv *csv)
{
	const uint8_t *next = csv->text.data + csv->at;
	size_t rest = csv->text.length - csv->at;
	if (rest == 0 || (next[0] != '\r' && next[0] != '\n'))
		return 0;
	return rest > 1 && next[0] == '\r' && next[1] == '\n' ? 2 : 1;
}

static void pass_end(struct csv *csv)
{
	size_t length = end_of_row(csv);
	csv->at += length;
	csv->line += length > 0;
}

static enum fail_code add(struct csv *csv, const uint8_t *from, size_t length)
{
	return length == 0 ? FAIL_NONE : bytes_append(&csv->store, from, length);
}

// Behind the opening quote, up to and over the closing one.
static enum fail_code read_quoted(struct csv *csv, size_t row_line, struct fail *why)
{
	const uint8_t *text = csv->text.data;
	for (size_t from = csv->at; !at_end(csv);) {
		size_t length = end_of_row(csv);
		csv->line += length > 0;
		if (text[csv->at] != '"') {
			csv->at += length > 0 ? length : 1;
			continue;
		}
		bool twice = csv->at + 1 < csv->text.length && text[csv->at + 1] == '"';
		if (add(csv, text + from, csv->at - from + twice) != FAIL_NONE)
			return fail_set(why, FAIL_TOO_LARGE, "line %zu: the row is too long", row_line);
		csv->at += twice ? 2 : 1;
		from = csv->at;
		if (!twice)
			return FAIL_NONE;
	}
	return fail_set(why, FAIL_BAD_FORM, "line %zu: a cell of this row begins with a quote and is not closed", row_line);
}

static enum fail_code read_plain(struct csv *csv, size_t row_line, struct fail *why)
{
	size_t from = csv->at;
	while (!at_end(csv) && csv->text.data[csv->at] != (uint8_t)csv->between && end_of_row(csv) == 0)
		csv->at++;
	if (add(csv, csv->text.data + from, csv->at - from) != FAIL_NONE)
		return fail_set(why, FAIL_TOO_LARGE, "line %zu: the row is too long", row_line);
	return FAIL_NONE;
}

static enum fail_code read_cell(struct csv *csv, size_t row_line, struct fail *why)
{
	size_t before = csv->store.length;
	bool quoted = !at_end(csv) && csv->text.data[csv->at] == '"';
	csv->at += quoted;
	enum fail_code code = quoted ? read_quoted(csv, row_line, why) : read_plain(csv, row_line, why);
	if (code != FAIL_NONE)
		return code;
	if (csv->store.length - before > CSV_MAX_CELL)
		return fail_set(why, FAIL_TOO_LARGE, "line %zu: a cell has more than %d bytes", row_line, CSV_MAX_CELL);
	if (!at_end(csv) && csv->text.data[csv->at] != (uint8_t)csv->between && end_of_row(csv) == 0)
		return fail_set(why, FAIL_BAD_FORM, "line %zu: text stands behind the closing quote of a cell", row_line);
	if (bytes_append(&csv->store, "", 1) != FAIL_NONE)
		return fail_set(why, FAIL_TOO_LARGE, "line %zu: the row is too long", row_line);
	return FAIL_NONE;
}

static enum fail_code read_row(struct csv *csv, struct csv_row *row, struct fail *why)
{
	bool more = true;
	bytes_clear(&csv->store);
	*row = (struct csv_row){.line = csv->line};
	while (more) {
		if (row->count == CSV_MAX_COLUMNS)
			return fail_set(why, FAIL_TOO_LARGE, "line %zu: more than %d cells", row->line, CSV_MAX_COLUMNS);
		csv->start[row->count++] = csv->store.length;
		enum fail_code code = read_cell(csv, row->line, why);
		if (code != FAIL_NONE)
			return code;
		more = !at_end(csv) && csv->text.data[csv->at] == (uint8_t)csv->between;
		csv->at += more;
	}
	pass_end(csv);
	for (size_t i = 0; i < row->count; i++) // the store does not move any more
		row->cell[i] = (const char *)csv->store.data + csv->start[i];
	return FAIL_NONE;
}

enum fail_code csv_next(struct csv *csv, struct csv_row *row, bool *there, struct fail *why)
{
	while (end_of_row(csv) > 0)
		pass_end(csv);
	*there = !at_end(csv);
	if (!*there)
		return FAIL_NONE;
	if (csv->rows++ == CSV_MAX_ROWS)
		return fail_set(why, FAIL_TOO_LARGE, "the table has more than %d rows: cut it into several", CSV_MAX_ROWS);
	return read_row(csv, row, why);
}

static bool is_blank(char one)
{
	return one == ' ' || one == '\t' || one == '\r' || one == '\n';
}

struct view csv_trimmed(const char *cell)
{
	while (is_blank(*cell))
		cell++;
	if (cell[0] == '\'' && cell[1] != '\0' && strchr("=+-@", cell[1]) != NULL)
		cell++;
	size_t length = strlen(cell);
	while (length > 0 && is_blank(cell[length - 1]))
		length--;
	return view_of(cell, length);
}
