// SPDX-License-Identifier: Apache-2.0
#include "case/region.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name, *countries;
} regions[] = {
#define REGION(name, above, countries) {#name, countries},
#include "case/regions.def"
#undef REGION
};

const char *case_region_of(const char *member)
{
	bool country = strlen(member) == 2 || (strlen(member) > 3 && member[2] == '-');
	for (size_t i = 0; country && i < sizeof regions / sizeof regions[0]; i++) {
		for (const char *at = regions[i].countries; *at != '\0'; at += at[2] == ' ' ? 3 : 2) {
			if (strncmp(at, member, 2) == 0)
				return regions[i].name;
		}
	}
	return "OTHER";
}
