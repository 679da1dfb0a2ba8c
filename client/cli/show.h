// SPDX-License-Identifier: Apache-2.0
//
// A case for people, from the document that psr_show gives.
#ifndef PASSERELLE_CLI_SHOW_H
#define PASSERELLE_CLI_SHOW_H

#include "cli/out.h"

// `document`: passerelle.case/1; lists of attachments move out of its contents.
// `all_versions`: also the content of what was replaced or declared void, each in its place.
void show_case(struct out *out, json_t *document, bool all_versions);

// One line: how much of what was asked for is filled. Nothing if `item` has no "completeness".
// "  [fr, wo]": the languages in which a message was written, as its author says; "" where nothing is said. Caller frees.
char *show_languages(const json_t *item);

void show_completeness(struct out *out, const json_t *item);

// What a list's entry is called best: its mark, name, heading and so on; "-" if it has none.
const char *show_title(const json_t *entry);

// A key as words in the reader's language: "present_place" reads "present place". Which words may hang on the value. Caller frees.
char *show_key(const char *key, const json_t *value);

// A code that stands under this key, with its label: "Priority (PRIORITY)"; any other text as it is. Caller frees.
char *show_coded(const char *key, const char *text);

// Texts of a list in one line, "fr, wo", codes with their labels; NULL for anything else. Caller frees.
char *show_joined(const char *key, json_t *value);

#endif
