// SPDX-License-Identifier: Apache-2.0
#include "cli/import.h"

#include "cli/csv.h"
#include "cli/language.h"
#include "cli/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { MAX_TABLE = 64 * 1024 * 1024, REJECTED_SHOWN = 20 };

int import_template(struct cli *cli, const char *what)
{
	struct psr_error error;
	char *text = NULL;
	size_t i;
	json_t *item;
	if (psr_import_columns(what, &text, &error) != 0)
		return out_error(&cli->out, &error, NULL);
	json_t *document = json_loads(text, 0, NULL), *items = json_object_get(document, "items");
	psr_free(text);
	if (cli->out.json) {
		out_json(&cli->out, document, false);
	} else {
		size_t count = json_array_size(items);
		const char **name = memory_take((count + 1) * sizeof(*name)), **help = memory_take((count + 1) * sizeof(*help));
		json_array_foreach(items, i, item) {
			name[i] = key_text(item, "name");
			help[i] = key_text(item, "help");
		}
		char *first = memory_format("# %s", help[0]);
		help[0] = first;
		csv_write_row(cli->out.data, name, count);
		csv_write_row(cli->out.data, help, count);
		free(first);
		free(help);
		free(name);
	}
	json_decref(document);
	return EX_OK;
}

// The fault of a row, "sex: 'X' is not a code".
static char *faults_of(const json_t *item)
{
	char *all = memory_copy("");
	size_t i;
	json_t *fault;
	json_array_foreach(json_object_get(item, "faults"), i, fault) {
		const char *column = key_text(fault, "column");
		char *longer = memory_format("%s%s%s%s%s", all, i > 0 ? "\n" : "", column, column[0] != '\0' ? ": " : "", key_text(fault, "text"));
		free(all);
		all = longer;
	}
	return all;
}

// What was rejected, as it stood there, with the reasons behind it. Mended, the file can be taken over as it is.
static void write_rejected(FILE *file, const json_t *document)
{
	const json_t *columns = json_object_get(document, "columns");
	size_t count = json_array_size(columns), i, k;
	json_t *item;
	const char **cell = memory_take((count + 2) * sizeof(*cell));
	csv_write_mark(file);
	for (i = 0; i < count; i++)
		cell[i] = json_string_value(json_array_get(columns, i));
	cell[count] = "faults";
	csv_write_row(file, cell, count + 1);
	json_array_foreach(json_object_get(document, "items"), i, item) {
		const json_t *cells = json_object_get(item, "cells");
		if (cells == NULL)
			continue;
		for (k = 0; k < count; k++)
			cell[k] = k < json_array_size(cells) ? json_string_value(json_array_get(cells, k)) : "";
		char *faults = faults_of(item);
		cell[count] = faults;
		csv_write_row(file, cell, count + 1);
		free(faults);
	}
	free(cell);
}

static int save_rejected(struct cli *cli, const json_t *document)
{
	FILE *file;
	int failed = cli_new_file(cli, cli->value[FLAG_REJECTED], &file);
	if (failed != 0)
		return failed;
	write_rejected(file, document);
	return cli_end_file(cli, cli->value[FLAG_REJECTED], file);
}

static json_int_t number(const json_t *document, const char *key)
{
	return json_integer_value(json_object_get(document, key));
}

static void print_rejected(struct cli *cli, const json_t *document)
{
	size_t i, shown = 0;
	json_t *item;
	json_array_foreach(json_object_get(document, "items"), i, item) {
		if (strcmp(key_text(item, "verdict"), "REJECTED") != 0 || shown++ >= REJECTED_SHOWN)
			continue;
		char *faults = faults_of(item);
		out_styled(&cli->out, STYLE_BAD, "row %" JSON_INTEGER_FORMAT " (line %" JSON_INTEGER_FORMAT ")", number(item, "row"), number(item, "line"));
		out_block(&cli->out, "    ", faults);
		free(faults);
	}
	if (shown > REJECTED_SHOWN)
		out_word(&cli->out, "%zu more rejected rows: --rejected FILE writes all of them with their faults",
		         shown - REJECTED_SHOWN);
}

static void print_imported(struct cli *cli, const json_t *document, const char *next)
{
	print_rejected(cli, document);
	out_line(&cli->out, "%" JSON_INTEGER_FORMAT " rows: %" JSON_INTEGER_FORMAT " accepted, %" JSON_INTEGER_FORMAT " double, %" JSON_INTEGER_FORMAT " rejected",
	         number(document, "rows"), number(document, "accepted"), number(document, "double"), number(document, "rejected"));
	if (json_is_true(json_object_get(document, "dry_run")))
		out_word(&cli->out, "A dry run: nothing was taken over.");
	else if (number(document, "accepted") > 0)
		out_word(&cli->out, "%s", next);
}

static int ask(struct cli *cli, struct psr_profile *profile, const struct psr_table *table, const char *next)
{
	struct psr_error error;
	char *text = NULL;
	int failed = psr_import(profile, table, &text, &error);
	json_t *document = text != NULL ? json_loads(text, 0, NULL) : NULL;
	psr_free(text);
	int code = failed != 0 ? out_error(&cli->out, &error, json_object_get(document, "items")) : EX_OK;
	if (code == EX_OK && flag_given(cli, FLAG_REJECTED) && number(document, "rejected") > 0)
		code = save_rejected(cli, document);
	if (failed == 0 && cli->out.json)
		out_json(&cli->out, document, false);
	else if (failed == 0)
		print_imported(cli, document, next);
	if (code == EX_OK && number(document, "rejected") > 0)
		code = EX_DATAERR;
	json_decref(document);
	return code;
}

int import_text(struct cli *cli, const char *what, const char *text, size_t length, const char *next)
{
	struct psr_profile *profile;
	int code = cli_open(cli, &profile);
	if (code == 0) {
		struct psr_table table = {.what = what,
		                          .text = text,
		                          .length = length,
		                          .to = cli->value[FLAG_TO],
		                          .dry_run = flag_given(cli, FLAG_DRY_RUN)};
		code = ask(cli, profile, &table, next);
		psr_profile_close(profile);
	}
	return code;
}

int import_run(struct cli *cli, const char *what, const char *file, const char *next)
{
	char *text = NULL;
	size_t length = 0;
	int code = cli_read_file(cli, file, MAX_TABLE, &text, &length);
	if (code == 0)
		code = import_text(cli, what, text, length, next);
	free(text);
	return code;
}
