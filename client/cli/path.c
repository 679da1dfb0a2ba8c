// SPDX-License-Identifier: Apache-2.0
//
// The path of each person: what is done, and where one waits.
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/run.h"
#include "cli/words.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static void print_step(struct out *out, const json_t *step, bool waits)
{
	const unsigned width[] = {6, 38, 12, 12, 8, 0};
	char number[24];
	snprintf(number, sizeof(number), "  %s%" JSON_INTEGER_FORMAT, waits ? ">" : " ", json_integer_value(json_object_get(step, "step")));
	const char *status = key_text(step, "status");
	const char *cells[] = {number, key_text(step, "label"), status[0] != '\0' ? words_code("step_status", status) : "-", key_text(step, "on"),
	                       key_text(step, "country"), key_text(step, "by")};
	bool done = strcmp(status, "DONE") == 0;
	out_row(out, waits ? STYLE_STRONG : done ? STYLE_GOOD : STYLE_PLAIN, cells, width, 6);
}

static void print_waiting(struct out *out, const json_t *item)
{
	const char *since = key_text(item, "waits_since"), *place = key_text(item, "waits_in");
	if (json_object_get(item, "waits_at") == NULL)
		out_line(out, "  All steps are done.");
	else
		out_line(out, "  Waits for: %s%s%s%s%.10s", key_text(item, "waits_for"), place[0] != '\0' ? _(", in ") : "",
		         place, since[0] != '\0' ? _(", since ") : "", since);
}

static void print_path(struct out *out, const json_t *item)
{
	size_t i;
	json_t *step;
	json_int_t at = json_integer_value(json_object_get(item, "waits_at"));
	out_styled(out, STYLE_HEAD, "%s  %s  %s", key_text(item, "reference"), key_text(item, "person"), key_text(item, "profile"));
	json_array_foreach(json_object_get(item, "steps"), i, step)
		print_step(out, step, json_integer_value(json_object_get(step, "step")) == at);
	print_waiting(out, item);
}

static void print_row(struct out *out, const json_t *row)
{
	const unsigned width[] = {10, 4, 40, 10, 0};
	const char *place = key_text(row, "waits_in");
	char step[24];
	snprintf(step, sizeof(step), "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(row, "waits_at")));
	char *count = memory_format(_("%" JSON_INTEGER_FORMAT " waiting, the middle one for %" JSON_INTEGER_FORMAT
	                              " days, the longest for %" JSON_INTEGER_FORMAT),
	                            json_integer_value(json_object_get(row, "persons")),
	                            json_integer_value(json_object_get(row, "median_days")),
	                            json_integer_value(json_object_get(row, "longest_days")));
	const char *cells[] = {key_text(row, "profile"), step, key_text(row, "waits_for"), place[0] != '\0' ? place : "-",
	                       count};
	out_row(out, STYLE_PLAIN, cells, width, 5);
	free(count);
}

static void print_waiting_persons(struct out *out, const json_t *waiting)
{
	size_t i;
	json_t *row;
	if (json_array_size(waiting) == 0)
		return;
	out_styled(out, STYLE_STRONG, "Where persons wait, by step and country");
	json_array_foreach(waiting, i, row)
		print_row(out, row);
	out_line(out, "%s", "");
}

static void print_paths(struct out *out, const json_t *document)
{
	const json_t *items = json_object_get(document, "items");
	size_t i;
	json_t *item;
	print_waiting_persons(out, json_object_get(document, "waiting"));
	json_array_foreach(items, i, item)
		print_path(out, item);
	if (json_array_size(items) == 0)
		out_word(out, "No steps are noted. passerelle step notes one.");
}

static int ask_path(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	return psr_path(profile, cli->operand_count > 0 ? cli->operand[0] : NULL, text, error);
}

static void print_path_document(struct cli *cli, json_t *document)
{
	print_paths(&cli->out, document);
}

int run_path(struct cli *cli)
{
	return cli_answer(cli, ask_path, print_path_document);
}
