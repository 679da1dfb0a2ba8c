// SPDX-License-Identifier: Apache-2.0
#include "paper/blocks.h"

#include "paper/sheet.h"

#include <stdbool.h>
#include <string.h>

static const char *text_of(const json_t *block, const char *key)
{
	const char *text = json_string_value(json_object_get(block, key));
	return text != NULL ? text : "";
}

static unsigned number_of(const json_t *block, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(block, key));
	return number > 0 && number < SHEET_INDENTS ? (unsigned)number : number <= 0 ? 0 : SHEET_INDENTS;
}

static void put_block(struct sheet *sheet, const json_t *block)
{
	if (json_object_get(block, "heading") != NULL)
		sheet_heading(sheet, number_of(block, "level"), text_of(block, "heading"));
	else if (json_object_get(block, "label") != NULL)
		sheet_fact(sheet, number_of(block, "indent"), text_of(block, "label"), text_of(block, "text"));
	else
		sheet_text(sheet, number_of(block, "indent"), text_of(block, "text"));
}

static void compose(struct sheet *sheet, const void *content)
{
	const json_t *blocks = content, *block;
	size_t i;
	json_array_foreach(blocks, i, block)
		put_block(sheet, block);
}

const char *blocks_print(const json_t *document, const char *file)
{
	if (strcmp(text_of(document, "schema"), "passerelle.paper/1") != 0)
		return "the document is not of the form passerelle.paper/1";
	const json_t *blocks = json_object_get(document, "blocks");
	if (!json_is_array(blocks) || json_array_size(blocks) == 0)
		return "the document has no blocks";
	struct sheet_paper paper = {file, text_of(document, "title"), text_of(document, "foot"), text_of(document, "language")};
	return sheet_print(&paper, compose, blocks);
}
