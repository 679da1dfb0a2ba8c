// SPDX-License-Identifier: Apache-2.0
//
// Members by region of the world: proto/case/regions.def says which country stands where, and by whose list.
#ifndef PASSERELLE_CLI_REGIONS_H
#define PASSERELLE_CLI_REGIONS_H

#include <stdbool.h>
#include <stddef.h>

// "africa" or "WESTERN_AFRICA", also with hyphens, as its code; NULL if there is none.
const char *region_named(const char *typed);

// The sub-region of a member's country ("SN"), "OTHER" if it stands in none.
const char *region_of(const char *member);

// Does the member stand in this region or sub-region?
bool region_holds(const char *region, const char *member);

// Is the sub-region this region, or does it lie in it?
bool region_within(const char *sub, const char *region);

// All sub-regions in the order of the file, then OTHER; NULL behind the last one.
const char *region_at(size_t place);

#endif
