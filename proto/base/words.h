// SPDX-License-Identifier: Apache-2.0
//
// The reader's language. Texts are written in English, where they are needed; a program that has chosen a
// locale and named the folder of the catalogues (bindtextdomain) gets them in the language of that locale.
// Everyone else, the hub among them, gets the English text: nothing here asks for a locale or keeps one.
//
// A format keeps its %-directives in their order: msgfmt checks each catalogue for that (client/words).
#ifndef PASSERELLE_BASE_WORDS_H
#define PASSERELLE_BASE_WORDS_H

#define WORDS_DOMAIN "passerelle"

// The text in the reader's language, else itself. Static; do not free.
const char *words_of(const char *english) __attribute__((format_arg(1)));

// The same for a number of errno (client/words/system.txt lists those that people meet).
const char *words_of_errno(int number);

#endif
