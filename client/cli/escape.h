// SPDX-License-Identifier: Apache-2.0
//
// The one way for text that others wrote to reach a terminal. Made visible instead
// of obeyed: control characters (C0, DEL, C1), bidirectional overrides and isolates,
// line and paragraph separators, tag characters, and bytes that are not UTF-8.
// Joiners stay: Arabic and Khmer need them.
#ifndef PASSERELLE_CLI_ESCAPE_H
#define PASSERELLE_CLI_ESCAPE_H

#include <stddef.h>

// Text for people: "\x1b" and "\u{202E}" stand for what was there. Caller frees; ends the program without memory.
char *escape_text(const char *text, size_t length);

// The same for JSON that a program printed: as \uXXXX, which readers of JSON undo.
char *escape_json(const char *json, size_t length);

#endif
