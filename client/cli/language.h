// SPDX-License-Identifier: Apache-2.0
//
// The language of this run: --lang, else LANGUAGE, LC_ALL, LC_MESSAGES, LANG; English if none of them names one
// that there is. The catalogues lie beside the program (../share/locale), in the build tree as where it is installed.
//
// _("text") where it is printed; N_("text") in a table, whose reader says _(). Functions of out.h look their
// format up themselves. client/words/catalogue.py finds the texts.
#ifndef PASSERELLE_CLI_LANGUAGE_H
#define PASSERELLE_CLI_LANGUAGE_H

#include <stdbool.h>

#define _(text) language_text(text)
#define N_(text) text
#define NP_(one, many) one, many

// Chooses it, once, before anything is printed. `wanted` is what --lang got, or NULL.
void language_begin(const char *wanted);

// Another one, for a text in several languages. Texts that were looked up before stay as they are.
void language_change(const char *tag);

bool language_known(const char *tag); // are our words there in it?

// The language that the reader asked for first, as "pt" or "pt-BR", though our words may be in another: forms may have it. "" for none.
struct language_name {
	char text[36];
};
struct language_name language_reader(void);

// "en", "fr", "es": for labels of codes.
const char *language_tag(void);

const char *language_text(const char *english) __attribute__((format_arg(1)));

// One or several, by the rule of the language.
const char *language_number(const char *one, const char *many, unsigned long count)
	__attribute__((format_arg(1), format_arg(2)));

#endif
