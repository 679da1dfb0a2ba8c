// SPDX-License-Identifier: Apache-2.0
//
// A word of a name or a place with all that is computed once: its folded letters, its Latin form, its
// skeleton, the groups of names that it belongs to. And how alike two words are.
#ifndef PASSERELLE_MATCH_TOKEN_H
#define PASSERELLE_MATCH_TOKEN_H

#include "match/letters.h"
#include "match/tables.h"

enum { TOKEN_LETTERS = 24, TOKEN_ROMAN = 33, TOKEN_SKELETON = 14, SPELLING_TOKENS = 12 };

enum word_kind {
	WORD_NAME,
	WORD_TITLE,
	WORD_PARTICLE,
};

enum token_role {
	ROLE_ANY, // which part of the name it is was not said
	ROLE_GIVEN,
	ROLE_FAMILY,
	ROLE_PATRONYMIC,
};

struct match_token {
	uint16_t letter[TOKEN_LETTERS];
	uint16_t sound[TOKEN_LETTERS]; // place of each letter in its script's sound table, or NO_SOUND
	char roman[TOKEN_ROMAN];
	char skeleton[TOKEN_SKELETON];
	uint16_t group[WORD_ALIASES];  // enum of aliases.csv; 0 behind the last
	uint64_t set;                  // one bit for each Latin letter or digit in it
	uint8_t letters, romans;       // how many
	uint8_t script;                // enum match_script
	uint8_t kind;                  // enum word_kind
	uint8_t role;                  // enum token_role
	uint8_t left;                  // hundredths of its weight: frequent names say less
};

enum { NO_SOUND = 0xffff };

// Splits text into at most `most` tokens; titles are left out. Returns how many.
size_t tokens_of(struct view text, enum token_role role, struct match_token *tokens, size_t most);

// The same, and the one word of a Korean name as family name and given name.
size_t tokens_of_name(struct view text, enum token_role role, struct match_token *tokens, size_t most);

// Two neighbours as one word (Abd al Rahman, Sung-hoon). False if it gets too long or scripts differ.
bool token_join(struct match_token *joined, const struct match_token *a, const struct match_token *b);

// Why two words are alike.
enum token_reason {
	TOKEN_UNLIKE,
	TOKEN_SAME_LETTERS,
	TOKEN_SPELLING,       // some letters differ
	TOKEN_SAME_SOUND,     // same script, same sounds
	TOKEN_OTHER_SCRIPT,   // sounds the same in another script
	TOKEN_ALIAS,          // short, fond or national form
	TOKEN_INITIAL,
	TOKEN_REASON_COUNT
};

struct likeness {
	uint16_t alike;  // 0 to 1000
	int16_t gain;    // log-likelihood ratio in hundredths, to rank by
	uint8_t reason;  // enum token_reason
};

struct likeness token_compare(const struct match_token *a, const struct match_token *b);

#endif
