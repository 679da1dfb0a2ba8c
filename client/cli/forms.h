// SPDX-License-Identifier: Apache-2.0
//
// Forms that are data: where they lie, and their words for the reader.
#ifndef PASSERELLE_CLI_FORMS_H
#define PASSERELLE_CLI_FORMS_H

#include "cli/run.h"

// The folder of one's own: PASSERELLE_FORMS, else `forms` in the profile. Caller frees.
char *forms_folder(const struct cli *cli);

// Tells an open profile of it. 0 or the exit code.
int forms_place(struct cli *cli, struct psr_profile *profile);

// Has any form the language that --lang names?
bool forms_speak(const struct cli *cli);

// Headings of a case's contents (passerelle.case/1) get their labels, and what they take its words. The document is for people then.
void forms_word(const struct cli *cli, json_t *document);

// The same for what psr_preview says of how far a form is filled.
void forms_word_preview(const struct cli *cli, json_t *preview);

// "Home study: 14 of 17 headings filled, 2 say why not", and what is missing; nothing if `item` has no "headings".
void forms_show_filled(struct out *out, json_t *item);

// The same in one text, NULL if there is nothing to say. Caller frees.
char *forms_filled(const json_t *item);

// A cli_question: the case as an outline.
int forms_ask_outline(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error);

#endif
