// SPDX-License-Identifier: Apache-2.0
#include "sheet/workbook.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

enum { MOST_COLUMNS = 64, MOST_ROWS = 1000 * 1000, LONGEST = 32767, WIDEST = 40 };

// A cell holds so many characters; what is longer is cut at one.
static void write_text(lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column, const char *text, lxw_format *format)
{
	if (strlen(text) <= LONGEST) {
		worksheet_write_string(sheet, row, column, text, format);
		return;
	}
	char *cut = strndup(text, LONGEST);
	if (cut == NULL)
		return;
	size_t length = LONGEST;
	while (length > 0 && ((unsigned char)cut[length - 1] & 0xc0) == 0x80)
		length--;
	if (length > 0 && ((unsigned char)cut[length - 1] & 0x80) != 0)
		length--;
	cut[length] = '\0';
	worksheet_write_string(sheet, row, column, cut, format);
	free(cut);
}

static void write_cell(lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column, const json_t *value)
{
	if (json_is_integer(value))
		worksheet_write_number(sheet, row, column, (double)json_integer_value(value), NULL);
	else if (json_is_string(value) && json_string_length(value) > 0)
		write_text(sheet, row, column, json_string_value(value), NULL);
}

static bool is_table(const json_t *columns, const json_t *rows)
{
	size_t count = json_array_size(columns), i;
	json_t *one;
	if (count == 0 || count > MOST_COLUMNS || !json_is_array(rows) || json_array_size(rows) > MOST_ROWS)
		return false;
	json_array_foreach((json_t *)(uintptr_t)columns, i, one) {
		if (!json_is_string(one))
			return false;
	}
	json_array_foreach((json_t *)(uintptr_t)rows, i, one) {
		if (json_array_size(one) != count)
			return false;
	}
	return true;
}

static double width_of(const json_t *columns, const json_t *rows, size_t column)
{
	size_t widest = json_string_length(json_array_get(columns, column)), i;
	json_t *row;
	json_array_foreach((json_t *)(uintptr_t)rows, i, row) {
		size_t length = json_string_length(json_array_get(row, column));
		widest = length > widest ? length : widest;
	}
	return (double)(widest < WIDEST ? widest : WIDEST) + 2;
}

static void write_all(lxw_workbook *book, lxw_worksheet *sheet, const json_t *columns, const json_t *rows)
{
	lxw_format *head = workbook_add_format(book);
	size_t count = json_array_size(columns), i;
	json_t *row;
	format_set_bold(head);
	for (size_t k = 0; k < count; k++) {
		worksheet_set_column(sheet, (lxw_col_t)k, (lxw_col_t)k, width_of(columns, rows, k), NULL);
		write_text(sheet, 0, (lxw_col_t)k, json_string_value(json_array_get(columns, k)), head);
	}
	json_array_foreach((json_t *)(uintptr_t)rows, i, row) {
		for (size_t k = 0; k < count; k++)
			write_cell(sheet, (lxw_row_t)i + 1, (lxw_col_t)k, json_array_get(row, k));
	}
	worksheet_freeze_panes(sheet, 1, 0);
	worksheet_autofilter(sheet, 0, 0, (lxw_row_t)json_array_size(rows), (lxw_col_t)(count - 1));
}

const char *workbook_write(const json_t *document, const char *file)
{
	const char *schema = json_string_value(json_object_get(document, "schema"));
	const json_t *columns = json_object_get(document, "columns"), *rows = json_object_get(document, "rows");
	if (schema == NULL || strcmp(schema, "passerelle.sheet/1") != 0 || !is_table(columns, rows))
		return "this is no passerelle.sheet/1";
	lxw_workbook *book = workbook_new(file);
	const char *title = json_string_value(json_object_get(document, "title"));
	lxw_worksheet *sheet = book == NULL ? NULL : workbook_add_worksheet(book, title);
	if (sheet == NULL && book != NULL)
		sheet = workbook_add_worksheet(book, NULL); // a title that no sheet may have
	if (sheet == NULL)
		return "out of memory";
	write_all(book, sheet, columns, rows);
	return workbook_close(book) == LXW_NO_ERROR ? NULL : "the file cannot be written";
}
