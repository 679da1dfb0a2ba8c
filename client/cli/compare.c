// SPDX-License-Identifier: Apache-2.0
//
// Two persons side by side, in words. Nothing leaves this computer.
#include "cli/run.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { MAX_PERSON = 1024 * 1024 };

static enum style style_of(const char *word)
{
	static const struct {
		const char *word;
		enum style style;
	} styles[] = {
		{"SAME", STYLE_GOOD}, {"VERY_CLOSE", STYLE_GOOD}, {"CONTRADICTS", STYLE_BAD}, {"BLANK", STYLE_FAINT},
	};
	for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
		if (strcmp(styles[i].word, word) == 0)
			return styles[i].style;
	}
	return STYLE_PLAIN;
}

static void print_compared(struct cli *cli, json_t *document)
{
	const unsigned width[] = {20, 12, 0};
	size_t i;
	json_t *item;
	json_array_foreach(json_object_get(document, "items"), i, item) {
		const char *cells[] = {key_text(item, "field_text"), key_text(item, "word_text"), key_text(item, "reason")};
		out_row(&cli->out, style_of(key_text(item, "word")), cells, width, 3);
	}
	out_styled(&cli->out, STYLE_STRONG, "That they are the same person: %s", key_text(document, "band_text"));
	out_word(&cli->out, "A person on each side must confirm it before anybody is told.");
}

static int read_person(struct cli *cli, const char *name, char **text)
{
	size_t length = 0;
	int failed = cli_read_file(cli, name, MAX_PERSON, text, &length);
	if (failed != 0 || strlen(*text) == length)
		return failed;
	return out_fail(&cli->out, EX_DATAERR, "BAD_TEXT", "save the file as UTF-8", "'%s': byte %zu is zero, this is no text",
	                name, strlen(*text) + 1);
}

static int compare(struct cli *cli, const char *first, const char *second)
{
	struct psr_error error;
	char *text = NULL;
	if (psr_compare(first, second, &text, &error) != 0)
		return out_error(&cli->out, &error, NULL);
	json_t *document = json_loads(text, 0, NULL);
	psr_free(text);
	if (cli->out.json)
		out_json(&cli->out, document, false);
	else
		print_compared(cli, document);
	json_decref(document);
	return EX_OK;
}

int run_compare(struct cli *cli)
{
	char *first = NULL, *second = NULL;
	int failed = read_person(cli, cli->operand[0], &first);
	if (failed == 0)
		failed = read_person(cli, cli->operand[1], &second);
	if (failed == 0)
		failed = compare(cli, first, second);
	free(first);
	free(second);
	return failed;
}
