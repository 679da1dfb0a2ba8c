// SPDX-License-Identifier: Apache-2.0
#include "cli/regions.h"

#include <ctype.h>
#include <string.h>

static const struct {
	const char *name, *above, *countries;
} regions[] = {
#define REGION(name, above, countries) {#name, #above, countries},
#include "case/regions.def"
#undef REGION
};

enum { REGIONS = sizeof regions / sizeof regions[0] };

static const char other[] = "OTHER";

static bool same(const char *code, const char *typed)
{
	for (; *code != '\0' && *typed != '\0'; code++, typed++) {
		char letter = *typed == '-' || *typed == ' ' ? '_' : (char)toupper((unsigned char)*typed);
		if (letter != *code)
			return false;
	}
	return *code == *typed;
}

const char *region_named(const char *typed)
{
	for (size_t i = 0; i < REGIONS; i++) {
		if (same(regions[i].name, typed))
			return regions[i].name;
		if (same(regions[i].above, typed))
			return regions[i].above;
	}
	return NULL;
}

// A member's code begins with that of its country: "SN", "SN-2".
static size_t place_of(const char *member)
{
	bool country = strlen(member) == 2 || (strlen(member) > 3 && member[2] == '-');
	for (size_t i = 0; country && i < REGIONS; i++) {
		for (const char *at = regions[i].countries; *at != '\0'; at += at[2] == ' ' ? 3 : 2) {
			if (strncmp(at, member, 2) == 0)
				return i;
		}
	}
	return REGIONS;
}

const char *region_of(const char *member)
{
	size_t place = place_of(member);
	return place < REGIONS ? regions[place].name : other;
}

bool region_holds(const char *region, const char *member)
{
	size_t place = place_of(member);
	if (place == REGIONS)
		return strcmp(region, other) == 0;
	return strcmp(region, regions[place].name) == 0 || strcmp(region, regions[place].above) == 0;
}

bool region_within(const char *sub, const char *region)
{
	for (size_t i = 0; i < REGIONS; i++) {
		if (strcmp(regions[i].name, sub) == 0)
			return strcmp(region, sub) == 0 || strcmp(region, regions[i].above) == 0;
	}
	return strcmp(region, sub) == 0;
}

const char *region_at(size_t place)
{
	return place < REGIONS ? regions[place].name : place == REGIONS ? other : NULL;
}
