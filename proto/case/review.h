// SPDX-License-Identifier: Apache-2.0
//
// The review days of a search (casework page, 5.3): 30, 90 and 180 days after it was taken up it is answered, on no other day,
// so that no answer tells by its time. A day begins at 00:00 UTC. Pure; times are Unix milliseconds.
#ifndef PASSERELLE_CASE_REVIEW_H
#define PASSERELLE_CASE_REVIEW_H

#include <stdint.h>

// The number (30, 90, 180) of the review day that wants its answer now; 0: none. `answered`: number of the latest one that has
// its answer, 0 for none. Of several that passed without a line the latest alone is answered.
unsigned review_due(uint64_t taken_up, unsigned answered, uint64_t now);

// When the next review day begins; 0 behind the last.
uint64_t review_next(uint64_t taken_up, uint64_t now);

#endif
