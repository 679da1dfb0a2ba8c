// SPDX-License-Identifier: Apache-2.0
//
// Text to letters that can be compared: compatibility forms, case and marks are folded away, forms of one
// letter become one (tables/fold.csv), and each script's letters are written in Latin ones (tables/*.csv).
// Letters are 16-bit code points; what lies beyond (and broken UTF-8) separates words.
#ifndef PASSERELLE_MATCH_LETTERS_H
#define PASSERELLE_MATCH_LETTERS_H

#include "base/bytes.h"

enum match_script {
	SCRIPT_OTHER, // compared within itself alone
	SCRIPT_LATIN,
	SCRIPT_ARABIC,
	SCRIPT_CYRILLIC,
	SCRIPT_HEBREW,
	SCRIPT_GREEK,
	SCRIPT_ARMENIAN,
	SCRIPT_GEORGIAN,
	SCRIPT_HANGUL,
	SCRIPT_KHMER,
	SCRIPT_DEVANAGARI,
	SCRIPT_ETHIOPIC,
	SCRIPT_KANA,
	SCRIPT_COUNT
};

// Writes at most `most` folded letters, words separated by single ' ' (U+0020), none at the ends.
size_t letters_fold(struct view text, uint16_t *letters, size_t most);

enum match_script letters_script(uint16_t letter);

// Latin letters a-z and digits, at most `most` - 1 of them and a NUL. Letters of SCRIPT_OTHER are left out.
size_t letters_romanise(const uint16_t *letters, size_t count, char *roman, size_t most);

// The consonants by class (p, b, f, v are one; c, k, q; s, z, sh, ch; d, t ...), vowels, h, w and doubles left out.
size_t letters_skeleton(const char *roman, char *skeleton, size_t most);

#endif
