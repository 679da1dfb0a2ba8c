// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include "cli/beside.h"
#include "cli/csv.h"
#include "cli/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { MOST_KEYS = 32 };

static const json_t *value_at(const json_t *item, const char *key)
{
	char first[40];
	const char *point = strchr(key, '.');
	if (point == NULL)
		return json_object_get(item, key);
	snprintf(first, sizeof first, "%.*s", (int)(point - key), key);
	return json_object_get(json_object_get(item, first), point + 1);
}

static char *joined(const json_t *list)
{
	char *all = memory_copy("");
	size_t i;
	json_t *one;
	json_array_foreach((json_t *)(uintptr_t)list, i, one) {
		char *longer = memory_format("%s%s%s", all, i > 0 ? ";" : "", json_is_string(one) ? json_string_value(one) : "");
		free(all);
		all = longer;
	}
	return all;
}

// To be freed.
static char *text_of(const json_t *value)
{
	if (json_is_string(value))
		return memory_copy(json_string_value(value));
	if (json_is_integer(value))
		return memory_format("%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_boolean(value))
		return memory_copy(json_is_true(value) ? "true" : "false");
	return json_is_array(value) ? joined(value) : memory_copy("");
}

static size_t count_of(const char *const *keys)
{
	size_t count = 0;
	while (count < MOST_KEYS && keys[count] != NULL)
		count++;
	return count;
}

void table_write_csv(FILE *file, const json_t *items, const char *const *keys)
{
	char *cell[MOST_KEYS];
	size_t count = count_of(keys), i, k;
	json_t *item;
	csv_write_row(file, keys, count);
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		for (k = 0; k < count; k++)
			cell[k] = text_of(value_at(item, keys[k]));
		csv_write_row(file, (const char *const *)cell, count);
		for (k = 0; k < count; k++)
			free(cell[k]);
	}
}

static int save_csv(struct cli *cli, const char *name, const json_t *items, const char *const *keys)
{
	FILE *file;
	int failed = cli_new_file(cli, name, &file);
	if (failed != 0)
		return failed;
	csv_write_mark(file);
	table_write_csv(file, items, keys);
	return cli_end_file(cli, name, file);
}

// Large numbers travel as texts in JSON; a spreadsheet keeps fifteen digits.
static bool is_count(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	return digits > 0 && digits <= 15 && text[digits] == '\0' && (text[0] != '0' || digits == 1);
}

// Numbers stay numbers, all else is text: a workbook needs no guard, its texts are no formulas.
static json_t *sheet_of(const struct cli *cli, const json_t *items, const char *const *keys)
{
	json_t *columns = json_array(), *rows = json_array(), *item;
	size_t count = count_of(keys), i;
	for (size_t k = 0; k < count; k++)
		json_array_append_new(columns, json_string(keys[k]));
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		json_t *row = json_array();
		for (size_t k = 0; k < count; k++) {
			const json_t *value = value_at(item, keys[k]);
			char *text = text_of(value);
			bool number = json_is_integer(value) || is_count(text);
			json_array_append_new(row, number ? json_integer(strtoll(text, NULL, 10)) : json_string(text));
			free(text);
		}
		json_array_append_new(rows, row);
	}
	return json_pack("{ss ss so so}", "schema", "passerelle.sheet/1", "title", cli->verb->name, "columns", columns,
	                 "rows", rows);
}

static int save_sheet(struct cli *cli, const char *name, const json_t *items, const char *const *keys)
{
	json_t *sheet = sheet_of(cli, items, keys);
	int code = beside_write(cli, "passerelle-sheet", sheet, name);
	json_decref(sheet);
	return code;
}

bool table_wanted(const struct cli *cli)
{
	return flag_given(cli, FLAG_CSV_FILE) || flag_given(cli, FLAG_XLSX);
}

int table_save(struct cli *cli, const json_t *items, const char *const *keys)
{
	const char *csv = cli->value[FLAG_CSV_FILE], *xlsx = cli->value[FLAG_XLSX];
	int code = csv != NULL ? save_csv(cli, csv, items, keys) : EX_OK;
	if (code == EX_OK && xlsx != NULL)
		code = save_sheet(cli, xlsx, items, keys);
	for (size_t i = 0; i < 2 && code == EX_OK && !cli->out.json; i++) {
		const char *name = i == 0 ? csv : xlsx;
		if (name != NULL)
			out_line(&cli->out, "%s", name);
	}
	return code;
}

int table_answer(struct cli *cli, cli_question *ask, int (*save)(struct cli *cli, json_t *document))
{
	char *text;
	int code = cli_ask(cli, ask, &text);
	if (code != 0)
		return code;
	json_t *document = json_loads(text, 0, NULL);
	psr_free(text);
	code = save(cli, document);
	if (code == EX_OK && cli->out.json)
		out_json(&cli->out, document, false);
	json_decref(document);
	return code;
}
