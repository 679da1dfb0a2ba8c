// SPDX-License-Identifier: Apache-2.0
#include "case/review.h"

#include <stddef.h>

#define DAY_MS UINT64_C(86400000)

static const unsigned review_days[] = {30, 90, 180};

enum { REVIEWS = sizeof review_days / sizeof review_days[0] };

static uint64_t begins(uint64_t taken_up, unsigned days)
{
	return (taken_up / DAY_MS + days) * DAY_MS;
}

unsigned review_due(uint64_t taken_up, unsigned answered, uint64_t now)
{
	unsigned latest = 0;
	for (size_t i = 0; i < REVIEWS; i++) {
		if (begins(taken_up, review_days[i]) <= now)
			latest = review_days[i];
	}
	return latest > answered ? latest : 0;
}

uint64_t review_next(uint64_t taken_up, uint64_t now)
{
	for (size_t i = 0; i < REVIEWS; i++) {
		if (begins(taken_up, review_days[i]) > now)
			return begins(taken_up, review_days[i]);
	}
	return 0;
}
