// SPDX-License-Identifier: Apache-2.0
//
// What an asker is told of a case: pure, the same for both stores.
#ifndef PASSERELLE_STORE_STATUS_H
#define PASSERELLE_STORE_STATUS_H

#include "case/clock.h"
#include "wire/message.h"

// What a partner agency may ask on one day (UTC): in all, and with one reference, known or not. Over it the answer is
// FAIL_OVER_QUOTA, the same for what is there and what is not.
enum { QUESTIONS_A_DAY = 500, QUESTIONS_A_DAY_EACH = 24 };

struct status_facts {
	enum case_state state;
	uint64_t since;               // Unix milliseconds
	struct case_clock clock;
	const char *requesting, *responding; // member codes
};

// A partner agency gets `since` as the day alone. `now` in Unix milliseconds decides what is late.
void status_fill(struct status_reply *reply, const struct status_facts *facts, bool partner, uint64_t now);

// Whether a case ended more than 90 days ago: partner agencies are told nothing of it any more.
bool status_long_ended(enum case_state state, uint64_t since, uint64_t now);

// Whether a date YYYY-MM-DD lies before the day of `now`; an empty one does not.
bool status_day_passed(const char *date, uint64_t now);

#endif
