// SPDX-License-Identifier: Apache-2.0
//
// What a run prints. Every format is looked up in the reader's language (language.h); every text goes through escape.h; colours are added outside of
// it and are never the only sign. With --json stdout gets one document and
// stderr gets errors as JSON.
#ifndef PASSERELLE_CLI_OUT_H
#define PASSERELLE_CLI_OUT_H

#include <jansson.h>
#include <passerelle/passerelle.h>
#include <stdbool.h>
#include <stdio.h>

#define PRINTS(text, first) __attribute__((format(printf, text, first)))

struct out {
	FILE *data;    // stdout
	FILE *words;   // stderr
	bool json;
	bool colors;   // on stdout
};

enum style { STYLE_PLAIN, STYLE_STRONG, STYLE_FAINT, STYLE_GOOD, STYLE_BAD, STYLE_HEAD };

// One line of data for people; what is inside is escaped as a whole, so a line stays one line.
void out_line(struct out *out, const char *format, ...) PRINTS(2, 3);
void out_styled(struct out *out, enum style style, const char *format, ...) PRINTS(3, 4);

// Text of several lines, each with `indent` before it.
void out_block(struct out *out, const char *indent, const char *text);

// Columns padded by characters, two blanks between; the last is not padded. `widths` in characters.
void out_row(struct out *out, enum style style, const char *const *cell, const unsigned *width, size_t count);

// The titles of columns, each looked up in the reader's language; at most 12.
void out_head(struct out *out, const char *const *head, const unsigned *width, size_t count);

// One line of words on stderr, not with --json.
void out_word(struct out *out, const char *format, ...) PRINTS(2, 3);

// The document of a run; `compact` puts it on one line.
void out_json(struct out *out, json_t *document, bool compact);
void out_json_made(struct out *out, json_t *document); // gives it up
void out_json_text(struct out *out, const char *document);

// An error: message and hint as words, or as {"error": {...}} with --json. `details` (may be NULL) is put
// under "faults" and is borrowed. Answers the exit code.
int out_error(struct out *out, const struct psr_error *error, json_t *details);

// The program's own errors: sysexits code, stable name, hint (NULL: none), message.
int out_fail(struct out *out, int exit_code, const char *name, const char *hint, const char *format, ...) PRINTS(5, 6);

// Text of a key of an object, "" if it has none.
const char *key_text(const json_t *object, const char *key);

#endif
