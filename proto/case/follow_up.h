// SPDX-License-Identifier: Apache-2.0
//
// The clock that runs after the end: a reintegration is followed up 3, 6, 12 and 24 months after the closure, where
// that was wanted (casework page 5.4, FOLLOW_UP; section 6, point 10). Only the clients have it: that a follow-up is
// wanted is sealed, and the hub needs no hint of it.
//
// Pure. Times are Unix milliseconds, days count from 1970-01-01.
#ifndef PASSERELLE_CASE_FOLLOW_UP_H
#define PASSERELLE_CASE_FOLLOW_UP_H

#include "case/clock.h"

enum { FOLLOW_UPS = 4 };

// 3, 6, 12, 24.
unsigned follow_up_months(unsigned index);

// The day as many calendar months after the closure; the last of a month that has no such day.
int32_t follow_up_day(uint64_t closed_at, unsigned months);

// From when a follow-up is due soon: the last sixth of the time since the one before.
int32_t follow_up_soon(uint64_t closed_at, unsigned index);

// The same for the day on which a goal of a project is looked at again: 14 days before.
int32_t review_soon(int32_t day);

// DUE, DUE_SOON from the one day on, OVERDUE when the other one is over.
enum clock_standing day_standing(int32_t soon, int32_t due, uint64_t now);

#endif
