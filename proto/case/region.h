// SPDX-License-Identifier: Apache-2.0
//
// In which region of the world a member works: regions.def, by the country with which its code begins.
#ifndef PASSERELLE_CASE_REGION_H
#define PASSERELLE_CASE_REGION_H

// The sub-region (code list Region) of "SN" or "SN-2"; "OTHER" if its code is that of no country, or the country stands in none.
const char *case_region_of(const char *member);

#endif
