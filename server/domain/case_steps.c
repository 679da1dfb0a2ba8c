// SPDX-License-Identifier: Apache-2.0
#include "domain/case_steps.h"

#include <stdio.h>

enum { DAY = 24 * 60 * 60 * 1000, BITS = 12, DATE_AT = 5 * BITS };

static uint16_t days_since(uint64_t begin, uint64_t end)
{
	uint64_t days = (end > begin ? end / DAY - begin / DAY : 0) + 1;
	return (uint16_t)(days > STEPS_MOST_DAYS ? STEPS_MOST_DAYS : days);
}

static void note_first(uint16_t *step, uint16_t days)
{
	if (*step == 0)
		*step = days;
}

static void note_report(struct case_steps *steps, const struct steps_move *move, uint16_t days)
{
	if (steps->reported != 0)
		return;
	steps->reported = days;
	if (move->deadline != 0)
		steps->date = move->at <= move->deadline ? STEPS_DATE_KEPT : STEPS_DATE_MISSED;
}

static void note_hold_end(struct case_steps *steps, const struct steps_move *move, uint16_t days)
{
	if (steps->held_until != 0)
		return;
	steps->held_until = days;
	steps->held_days = days_since(move->held_since, move->at);
}

void case_steps_note(struct case_steps *steps, const struct steps_move *move)
{
	uint16_t days = days_since(move->opened_at, move->at);
	if (move->event == EVENT_ACK)
		note_first(&steps->acknowledged, days);
	if (move->event == EVENT_ACCEPT || move->event == EVENT_DECLINE)
		note_first(&steps->decided, days);
	if (move->event == EVENT_DECLINE && steps->declined[0] == '\0')
		snprintf(steps->declined, sizeof steps->declined, "%s", move->reason);
	if (move->event == EVENT_REPORT_FINAL)
		note_report(steps, move, days);
	if (move->event == EVENT_HOLD && steps->held[0] == '\0')
		snprintf(steps->held, sizeof steps->held, "%s", move->reason);
	if (move->hold_ends)
		note_hold_end(steps, move, days);
}

uint64_t case_steps_pack(const struct case_steps *steps)
{
	const uint16_t number[] = {steps->acknowledged, steps->decided, steps->reported, steps->held_until,
	                           steps->held_days};
	uint64_t packed = (uint64_t)steps->date << DATE_AT;
	for (unsigned i = 0; i < sizeof number / sizeof number[0]; i++)
		packed |= (uint64_t)number[i] << (i * BITS);
	return packed;
}

bool case_steps_unpack(uint64_t packed, struct case_steps *steps)
{
	uint16_t *const number[] = {&steps->acknowledged, &steps->decided, &steps->reported, &steps->held_until,
	                            &steps->held_days};
	for (unsigned i = 0; i < sizeof number / sizeof number[0]; i++)
		*number[i] = (uint16_t)(packed >> (i * BITS) & STEPS_MOST_DAYS);
	if (packed >> DATE_AT >= STEPS_DATE_COUNT)
		return false;
	steps->date = (enum steps_date)(packed >> DATE_AT);
	return true;
}
