// SPDX-License-Identifier: Apache-2.0
//
// What the hub says when it refuses, in the reader's language. The hub asks for no language and says it in English; the texts that
// hubs of this version have are listed here (tests/habits/hub_words.py compares), and what they put in is taken out and put in
// again. What a newer hub says is shown as it came: its code has words of its own (fail_advice).
#ifndef PASSERELLE_LIB_HUB_WORDS_H
#define PASSERELLE_LIB_HUB_WORDS_H

enum { HUB_WORDS_SIZE = 512 };

struct hub_words {
	char text[HUB_WORDS_SIZE]; // cut at a character's end where it would not fit
};

// `said` comes from the network: printable or not, it is only compared and copied. NULL is "".
struct hub_words hub_words(const char *said);

#endif
