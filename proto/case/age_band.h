// SPDX-License-Identifier: Apache-2.0
//
// How old, as coarsely as statistics tell it (casework page 5.7): 0-4, 5-9, 10-14, 15-17, 18-24, 25-59, 60 and more. Pure.
#ifndef PASSERELLE_CASE_AGE_BAND_H
#define PASSERELLE_CASE_AGE_BAND_H

#include <stdint.h>

// A code of the list age_band for a partial date of birth, on a day (days since 1970-01-01). A date that may be several
// days counts as the middle one; UNSPECIFIED where it may be more than five years, open or in the future, or is none.
const char *age_band(const char *birth, int32_t day);

#endif
