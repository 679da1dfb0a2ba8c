// SPDX-License-Identifier: Apache-2.0
#include "paper/blocks.h"

#include "paper/page.h"
#include "paper/picture.h"
#include "paper/sheet.h"

#include <stdbool.h>
#include <string.h>

const char *block_text(const json_t *block, const char *key)
{
	const char *text = json_string_value(json_object_get(block, key));
	return text != NULL ? text : "";
}

unsigned block_number(const json_t *block, const char *key, unsigned most)
{
	json_int_t number = json_integer_value(json_object_get(block, key));
	return number <= 0 ? 0 : number < most ? (unsigned)number : most;
}

double block_value(const json_t *bar)
{
	double value = json_number_value(json_object_get(bar, "value"));
	return value > 0 ? value : 0;
}

double block_greatest(const json_t *bars)
{
	double most = 1;
	for (size_t i = 0; i < json_array_size(bars) && i < CHART_BARS; i++) {
		double value = block_value(json_array_get(bars, i));
		most = value > most ? value : most;
	}
	return most;
}

static void put_row(struct sheet *sheet, const json_t *row, size_t columns, bool head)
{
	const char *cell[TABLE_COLUMNS];
	for (size_t i = 0; i < columns; i++) {
		const char *text = json_string_value(json_array_get(row, i));
		cell[i] = text != NULL ? text : "";
	}
	sheet_row(sheet, cell, columns, head);
}

static void put_table(struct sheet *sheet, const json_t *block)
{
	const json_t *head = json_object_get(block, "head"), *rows = json_object_get(block, "rows");
	size_t columns = json_array_size(head), i;
	columns = columns < TABLE_COLUMNS ? columns : TABLE_COLUMNS;
	if (columns == 0)
		return;
	if (block_text(block, "table")[0] != '\0')
		sheet_heading(sheet, SHEET_LEVELS, block_text(block, "table"));
	put_row(sheet, head, columns, true);
	for (i = 0; i < json_array_size(rows); i++) {
		if (!sheet_has_room(sheet))
			put_row(sheet, head, columns, true);
		put_row(sheet, json_array_get(rows, i), columns, false);
	}
	sheet_gap(sheet);
}

static void put_chart(struct sheet *sheet, const json_t *block)
{
	const json_t *bars = json_object_get(block, "bars");
	double most = block_greatest(bars);
	sheet_heading(sheet, SHEET_LEVELS, block_text(block, "chart"));
	for (size_t i = 0; i < json_array_size(bars) && i < CHART_BARS; i++) {
		const json_t *bar = json_array_get(bars, i);
		sheet_bar(sheet, block_text(bar, "label"), block_value(bar), most);
	}
	sheet_gap(sheet);
}

// Read again each time it is drawn: one picture is in memory, not all.
static void put_picture(struct sheet *sheet, const json_t *block)
{
	struct picture picture;
	if (picture_read(&picture, block_text(block, "picture")) != NULL) {
		sheet_text(sheet, 0, block_text(block, "otherwise"));
		return;
	}
	sheet_picture(sheet, &picture, block_text(block, "alt"));
	picture_free(&picture);
}

static void put_block(struct sheet *sheet, const json_t *block)
{
	unsigned indent = block_number(block, "indent", SHEET_INDENTS);
	if (json_object_get(block, "heading") != NULL)
		sheet_heading(sheet, block_number(block, "level", SHEET_LEVELS), block_text(block, "heading"));
	else if (json_object_get(block, "label") != NULL)
		sheet_fact(sheet, indent, block_text(block, "label"), block_text(block, "text"));
	else if (json_object_get(block, "table") != NULL)
		put_table(sheet, block);
	else if (json_object_get(block, "chart") != NULL)
		put_chart(sheet, block);
	else if (json_object_get(block, "picture") != NULL)
		put_picture(sheet, block);
	else
		sheet_text(sheet, indent, block_text(block, "text"));
}

static void compose(struct sheet *sheet, const void *content)
{
	const json_t *blocks = content, *block;
	size_t i;
	json_array_foreach(blocks, i, block)
		put_block(sheet, block);
}

static bool ends_in(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);
	return length > tail && strcmp(name + length - tail, end) == 0;
}

const char *blocks_print(const json_t *document, const char *file)
{
	if (strcmp(block_text(document, "schema"), "passerelle.paper/1") != 0)
		return "the document is not of the form passerelle.paper/1";
	const json_t *blocks = json_object_get(document, "blocks");
	if (!json_is_array(blocks) || json_array_size(blocks) == 0)
		return "the document has no blocks";
	if (ends_in(file, ".html"))
		return page_print(document, file);
	struct sheet_paper paper = {file, block_text(document, "title"), block_text(document, "foot"),
	                            block_text(document, "language")};
	return sheet_print(&paper, compose, blocks);
}
