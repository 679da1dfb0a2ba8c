// SPDX-License-Identifier: Apache-2.0
//
// Dates as people know them, compared by overlap: the same day, day and month swapped, a digit wrong, a year or
// two off, intervals that meet, years apart. What is often written for "not known" (1 January) or comes from an
// age says half.
#ifndef PASSERELLE_MATCH_BIRTH_H
#define PASSERELLE_MATCH_BIRTH_H

#include "match/match.h"

struct prepared_date {
	bool known;
	bool exact;      // one day: year, month, day and digits are set
	bool vague;      // approximate, doubtful or from an age
	int32_t earliest, latest;
	int32_t year, month, day;
	char digits[9];  // YYYYMMDD
};

void date_prepare(struct prepared_date *prepared, const struct partial_date *date, bool from_age);

// The weights are those of `field`; where intervals meet, what their width says.
struct match_finding dates_compare(const struct prepared_date *here, const struct prepared_date *there,
                                   enum match_field field);

#endif
