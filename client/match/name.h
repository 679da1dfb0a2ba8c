// SPDX-License-Identifier: Apache-2.0
//
// Names as bags of words: which word of the one is which of the other, whatever the order, whatever the part of
// the name it stands in, with neighbours taken as one word where that fits better. The best pair of spellings counts.
#ifndef PASSERELLE_MATCH_NAME_H
#define PASSERELLE_MATCH_NAME_H

#include "match/match.h"
#include "match/token.h"

struct prepared_spelling {
	struct match_token *token;  // owned, `count` of them
	struct match_token *joined; // in the same memory: token i with token i + 1; letters 0: they do not join
	uint8_t count;
	bool parts_known; // every word has a role
};

struct prepared_name {
	struct prepared_spelling *spelling; // owned
	size_t count;
};

// Several texts of one kind (the levels of a place) as spellings of one name: up to the first NULL.
enum fail_code texts_prepare(struct prepared_name *prepared, const char *const *texts, size_t most) MUST_CHECK;
enum fail_code name_prepare(struct prepared_name *prepared, const struct match_name *name) MUST_CHECK;
void name_release(struct prepared_name *prepared);

struct name_part {
	bool blank_here, blank_there;
	uint16_t alike; // 0 to 1000
	uint8_t left;   // hundredths of its weight
	enum match_reason reason;
};

struct name_likeness {
	bool by_parts;               // family and given are set, else whole
	struct name_part whole, family, given;
	int32_t gain;                // to rank by
};

// A fixed order of any two, below, at or above 0: comparing always begins with the same one of them, so that both sides
// of a search are told the same.
int names_order(const struct prepared_name *a, const struct prepared_name *b);

// How alike two texts are, word by word.
struct name_part spellings_compare(const struct prepared_spelling *here, const struct prepared_spelling *there);

// False if one of the two has no name.
bool names_compare(const struct prepared_name *here, const struct prepared_name *there, struct name_likeness *found);

#endif
