// SPDX-License-Identifier: Apache-2.0
#include "form/text.h"

#include "base/words.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

size_t utf8_prefix(const char *text, size_t length)
{
	size_t at = 0;
	while (at < length) {
		utf8proc_int32_t point;
		utf8proc_ssize_t rest = length - at < 4 ? (utf8proc_ssize_t)(length - at) : 4;
		utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)text + at, rest, &point);
		if (used <= 0)
			return at;
		at += (size_t)used;
	}
	return length;
}

static unsigned line_of(const char *text, size_t at)
{
	unsigned line = 1;
	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

// What the parser of JSON says, "invalid token near 'x'", in the reader's language: what stands before "near".
static void parser_words(char *text, size_t size, const char *said)
{
	static const char mark[] = " near ";
	const char *near = strstr(said, mark);
	char what[JSON_ERROR_TEXT_LENGTH];
	snprintf(what, sizeof what, "%.*s", near != NULL ? (int)(near - said) : (int)sizeof what - 1, said);
	const char *where = near != NULL ? near + sizeof mark - 1 : "";
	snprintf(text, size, "%s%s%s", words_of(what), near != NULL ? words_of(" near ") : "",
	         strcmp(where, "end of file") == 0 ? words_of(where) : where);
}

static enum fail_code fail_syntax(struct form_faults *faults, const json_error_t *error, struct fail *why)
{
	struct form_path path = {.length = 0};
	char said[2 * JSON_ERROR_TEXT_LENGTH];
	path_field(&path, "form");
	parser_words(said, sizeof said, error->text);
	fault_add(faults, &path, "line %d, column %d: not valid JSON: %s", error->line, error->column, said);
	return fail_set(why, FAIL_BAD_FORM, "line %d, column %d: the form is not valid JSON", error->line, error->column);
}

enum fail_code form_parse(const char *json, size_t length, json_t **form, struct form_faults *faults, struct fail *why)
{
	static const char mark[] = "\xEF\xBB\xBF"; // some editors put it in front
	if (json == NULL) {
		*form = json_object();
		return *form != NULL ? FAIL_NONE : fail_set(why, FAIL_NO_MEMORY, "no memory for the form");
	}
	if (length > MAX_FORM)
		return fail_set(why, FAIL_TOO_LARGE,
		                "the form has %zu bytes, at most %d are possible: attach long texts as files", length,
		                MAX_FORM);
	size_t valid = utf8_prefix(json, length);
	if (valid < length)
		return fail_set(why, FAIL_BAD_TEXT, "byte %zu (line %u) is not valid UTF-8", valid + 1, line_of(json, valid));
	if (length >= 3 && memcmp(json, mark, 3) == 0) {
		json += 3;
		length -= 3;
	}
	json_error_t error;
	json_t *read = json_loadb(json, length, JSON_REJECT_DUPLICATES, &error);
	if (read == NULL)
		return fail_syntax(faults, &error, why);
	if (json_is_object(read)) {
		*form = read;
		return FAIL_NONE;
	}
	json_decref(read);
	error = (json_error_t){.line = 1, .column = 1, .text = "it must be an object {...}"};
	return fail_syntax(faults, &error, why);
}
