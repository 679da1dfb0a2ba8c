// SPDX-License-Identifier: Apache-2.0
//
// What the flow counts of a case besides its state: on which day each step was done for the first time, why it
// was declined, each time it was on hold, why and for how long, whether the final report kept the deadline. Pure; noted with
// the write that moves the case, never looked up later. A step once noted stays as it is, so that a month that is
// over does not change; a case that is reopened or passed on counts with what was first done in it.
#ifndef PASSERELLE_DOMAIN_CASE_STEPS_H
#define PASSERELLE_DOMAIN_CASE_STEPS_H

#include "case/clock.h"
#include "wire/message.h"

enum steps_date { STEPS_NO_DATE, STEPS_DATE_KEPT, STEPS_DATE_MISSED, STEPS_DATE_COUNT };

enum {
	STEPS_MOST_DAYS = 4095,
	STEPS_MOST_HOLDS = 8,                                   // of one case; what comes later is not counted
	STEPS_HELD_SIZE = STEPS_MOST_HOLDS * (CODE_SIZE + 10),  // each with its numbers and a blank
};

// Whole days since the case was opened, plus one: 1 is the day of opening, 0 not yet done. Never over STEPS_MOST_DAYS.
struct case_steps {
	uint16_t acknowledged, decided, reported; // reported: the final report
	uint16_t declined_on; // not before `decided`: who was asked next may decline what another accepted
	enum steps_date date;                     // of the final report: STEPS_NO_DATE where none ran
	char declined[CODE_SIZE];                 // code list DeclineReason, empty: not declined
	char held[STEPS_HELD_SIZE];               // its holds in order, "AWAIT_COURT:41:3 AWAIT_FEE:0:0": case_steps_hold
};

// What one lawful message did.
struct steps_move {
	enum case_event event;
	const char *reason;      // of its header
	bool hold_ends;          // the case was on hold before it and is not after it
	uint64_t held_since;     // where hold_ends
	uint64_t deadline;       // of the report, pauses counted in; 0: none
	uint64_t opened_at, at;  // Unix milliseconds
};
void case_steps_note(struct case_steps *steps, const struct steps_move *move);

// One hold as `held` has it: code list HoldReason, on which day of the case it ended (0: it goes on), its days plus one.
struct steps_hold {
	char reason[CODE_SIZE];
	uint16_t until, days;
};
// False: there are not so many (`index` from 0), or the text is none of ours.
bool case_steps_hold(const struct case_steps *steps, size_t index, struct steps_hold *hold);

// The numbers in one: four of 12 bits from the lowest on (acknowledged, decided, reported, declined_on), from bit 60 on two
// bits of `date`. False from unpack: that is none.
uint64_t case_steps_pack(const struct case_steps *steps);
bool case_steps_unpack(uint64_t packed, struct case_steps *steps);

#endif
