// SPDX-License-Identifier: Apache-2.0
#include "cli/out.h"

#include "cli/escape.h"
#include "cli/language.h"
#include "cli/memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const style_codes[] = {
	[STYLE_PLAIN] = "",       [STYLE_STRONG] = "\033[1m", [STYLE_FAINT] = "\033[2m",
	[STYLE_GOOD] = "\033[32m", [STYLE_BAD] = "\033[31m",   [STYLE_HEAD] = "\033[1;4m",
};

static char *format_escaped(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

static char *format_escaped(const char *format, va_list arguments)
{
	char *text = NULL;
	if (vasprintf(&text, language_text(format), arguments) < 0)
		text = memory_copy("");
	char *escaped = escape_text(text, strlen(text));
	free(text);
	return escaped;
}

static void put_styled(struct out *out, enum style style, const char *escaped)
{
	bool styled = out->colors && style != STYLE_PLAIN;
	fprintf(out->data, "%s%s%s\n", styled ? style_codes[style] : "", escaped, styled ? "\033[0m" : "");
}

void out_line(struct out *out, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *line = format_escaped(format, arguments);
	va_end(arguments);
	put_styled(out, STYLE_PLAIN, line);
	free(line);
}

void out_styled(struct out *out, enum style style, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *line = format_escaped(format, arguments);
	va_end(arguments);
	put_styled(out, style, line);
	free(line);
}

void out_block(struct out *out, const char *indent, const char *text)
{
	while (text != NULL) {
		const char *end = strchr(text, '\n');
		char *line = escape_text(text, end != NULL ? (size_t)(end - text) : strlen(text));
		fprintf(out->data, "%s%s\n", indent, line);
		free(line);
		text = end != NULL ? end + 1 : NULL;
	}
}

static unsigned characters(const char *text)
{
	unsigned count = 0;
	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xC0) != 0x80;
	return count;
}

static bool filled_after(const char *const *cell, size_t index, size_t count)
{
	for (size_t i = index + 1; i < count; i++) {
		if (cell[i][0] != '\0')
			return true;
	}
	return false;
}

void out_row(struct out *out, enum style style, const char *const *cell, const unsigned *width, size_t count)
{
	bool styled = out->colors && style != STYLE_PLAIN;
	fputs(styled ? style_codes[style] : "", out->data);
	for (size_t i = 0; i < count; i++) {
		char *text = escape_text(cell[i], strlen(cell[i]));
		unsigned used = characters(text);
		fputs(text, out->data);
		if (filled_after(cell, i, count))
			fprintf(out->data, "%*s", (int)(used < width[i] ? width[i] - used : 0) + 2, "");
		free(text);
	}
	fputs(styled ? "\033[0m\n" : "\n", out->data);
}

void out_head(struct out *out, const char *const *head, const unsigned *width, size_t count)
{
	enum { MOST = 12 };
	const char *cell[MOST];
	count = count < MOST ? count : MOST;
	for (size_t i = 0; i < count; i++)
		cell[i] = _(head[i]);
	out_row(out, STYLE_STRONG, cell, width, count);
}

void out_word(struct out *out, const char *format, ...)
{
	if (out->json)
		return;
	va_list arguments;
	va_start(arguments, format);
	char *line = format_escaped(format, arguments);
	va_end(arguments);
	fprintf(out->words, "%s\n", line);
	free(line);
}

static void put_json(FILE *file, json_t *document, size_t flags)
{
	char *text = json_dumps(document, flags);
	char *escaped = escape_json(text != NULL ? text : "{}", text != NULL ? strlen(text) : 2);
	fprintf(file, "%s\n", escaped);
	free(escaped);
	free(text);
}

void out_json(struct out *out, json_t *document, bool compact)
{
	put_json(out->data, document, compact ? JSON_COMPACT : JSON_INDENT(2));
	fflush(out->data);
}

void out_json_made(struct out *out, json_t *document)
{
	out_json(out, document, false);
	json_decref(document);
}

void out_json_text(struct out *out, const char *document)
{
	json_t *parsed = json_loads(document, 0, NULL);
	if (parsed == NULL)
		parsed = json_object();
	out_json(out, parsed, false);
	json_decref(parsed);
}

static void put_error(struct out *out, const struct psr_error *error, json_t *details)
{
	json_t *inner = json_pack("{sssssssbsi}", "code", error->name, "message", error->text, "hint", error->advice, "retryable",
	                          error->retryable, "exit", error->exit_code);
	if (inner == NULL)
		inner = json_pack("{ss}", "code", error->name);
	if (details != NULL)
		json_object_set(inner, "faults", details);
	json_t *document = json_pack("{so}", "error", inner);
	put_json(out->words, document, JSON_COMPACT);
	json_decref(document);
}

int out_error(struct out *out, const struct psr_error *error, json_t *details)
{
	if (out->json) {
		put_error(out, error, details);
		return error->exit_code;
	}
	out_word(out, "passerelle: %s", error->text);
	size_t i;
	json_t *fault;
	json_array_foreach(details, i, fault)
		out_word(out, "  %s: %s", key_text(fault, "path"), key_text(fault, "text"));
	if (error->advice[0] != '\0')
		out_word(out, "What to do: %s.", error->advice);
	return error->exit_code;
}

int out_fail(struct out *out, int exit_code, const char *name, const char *hint, const char *format, ...)
{
	struct psr_error error = {.name = name, .exit_code = exit_code};
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error.text, sizeof(error.text), language_text(format), arguments);
	va_end(arguments);
	snprintf(error.advice, sizeof(error.advice), "%s", hint != NULL ? language_text(hint) : "");
	return out_error(out, &error, NULL);
}

const char *key_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}
