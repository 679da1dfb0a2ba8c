// SPDX-License-Identifier: Apache-2.0
//
// From how alike to a word and a weight: the grades, and the learned table (tables/weights.csv).
#ifndef PASSERELLE_MATCH_WEIGH_H
#define PASSERELLE_MATCH_WEIGH_H

#include "match/match.h"

enum match_grade weigh_grade(unsigned alike); // of thousandths
enum match_word weigh_word(enum match_grade grade);

// Sets word and weight by the finding's grade and share. What speaks against it keeps its full weight.
void weigh(struct match_finding *finding, enum match_field field);

// A finding that says nothing, and on which side it is blank.
struct match_finding weigh_blank(bool here, bool there);

// Grade, word, weight and reason at once; share is 100.
struct match_finding weigh_alike(enum match_field field, unsigned alike, enum match_reason reason);

#endif
