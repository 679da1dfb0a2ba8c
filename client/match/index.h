// SPDX-License-Identifier: Apache-2.0
//
// Many prepared persons, so that the few who may be the one asked for are found without comparing with all: lists of
// persons by piece of name (pairs of consonants, pairs of Latin letters, skeletons, groups of names), rare pieces
// counting most; the best by pieces are then compared in full. In memory, pure, never changed once made.
#ifndef PASSERELLE_MATCH_INDEX_H
#define PASSERELLE_MATCH_INDEX_H

#include "match/match.h"

struct match_index;

struct match_hit {
	uint32_t person; // place in the array that the index was made of
	int32_t rank;    // as in the evidence
};

enum { MATCH_INDEX_PERSONS = 1 << 24, MATCH_INDEX_COMPARED = 500 };

// `persons` are borrowed and must outlive the index. Owned by the caller (match_index_free).
// FAIL_TOO_LARGE over MATCH_INDEX_PERSONS, FAIL_NO_MEMORY.
enum fail_code match_index_new(struct match_index **index, const struct match_prepared *const *persons,
                               size_t count) MUST_CHECK;
void match_index_free(struct match_index *index);

// The best first, at most *count of them; *count becomes how many. At most MATCH_INDEX_COMPARED are compared in full.
enum fail_code match_index_top(const struct match_index *index, const struct match_prepared *asked,
                               struct match_hit *hits, size_t *count) MUST_CHECK;

#endif
