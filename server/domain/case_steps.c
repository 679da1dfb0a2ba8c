// SPDX-License-Identifier: Apache-2.0
#include "domain/case_steps.h"

#include <stdio.h>
#include <string.h>

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

// The text from hold `index` on; "" behind the last.
static const char *hold_at(const char *held, size_t index)
{
	while (index > 0 && *held != '\0') {
		held += strcspn(held, " ");
		held += *held == ' ';
		index--;
	}
	return held;
}

static void note_hold(struct case_steps *steps, const char *reason)
{
	size_t length = strlen(steps->held);
	if (*hold_at(steps->held, STEPS_MOST_HOLDS - 1) == '\0')
		snprintf(steps->held + length, sizeof steps->held - length, "%s%s:0:0", length > 0 ? " " : "", reason);
}

// The last one ends, if it goes on: one that came too late to be noted leaves none open.
static void note_hold_end(struct case_steps *steps, const struct steps_move *move, uint16_t days)
{
	static const char open[] = ":0:0";
	size_t length = strlen(steps->held);
	if (length < sizeof open || strcmp(steps->held + length - (sizeof open - 1), open) != 0)
		return;
	length -= sizeof open - 1;
	snprintf(steps->held + length, sizeof steps->held - length, ":%u:%u", (unsigned)days,
	         (unsigned)days_since(move->held_since, move->at));
}

// ":41" and what is behind it; NULL: no such number.
static const char *take_days(const char *text, uint16_t *days)
{
	size_t digits = *text == ':' ? strspn(text + 1, "0123456789") : 0;
	unsigned number = 0;
	if (digits == 0 || digits > 4)
		return NULL;
	for (size_t i = 1; i <= digits; i++)
		number = number * 10 + (unsigned)(text[i] - '0');
	*days = (uint16_t)number;
	return number <= STEPS_MOST_DAYS ? text + 1 + digits : NULL;
}

bool case_steps_hold(const struct case_steps *steps, size_t index, struct steps_hold *hold)
{
	const char *text = hold_at(steps->held, index);
	size_t code = strcspn(text, ": ");
	*hold = (struct steps_hold){.until = 0};
	if (code == 0 || code >= sizeof hold->reason)
		return false;
	memcpy(hold->reason, text, code);
	text = take_days(text + code, &hold->until);
	text = text != NULL ? take_days(text, &hold->days) : NULL;
	return text != NULL && (*text == '\0' || *text == ' ');
}

void case_steps_note(struct case_steps *steps, const struct steps_move *move)
{
	uint16_t days = days_since(move->opened_at, move->at);
	if (move->event == EVENT_ACK)
		note_first(&steps->acknowledged, days);
	if (move->event == EVENT_ACCEPT || move->event == EVENT_DECLINE)
		note_first(&steps->decided, days);
	if (move->event == EVENT_DECLINE && steps->declined[0] == '\0') {
		snprintf(steps->declined, sizeof steps->declined, "%s", move->reason);
		note_first(&steps->declined_on, days);
	}
	if (move->event == EVENT_REPORT_FINAL)
		note_report(steps, move, days);
	if (move->event == EVENT_HOLD)
		note_hold(steps, move->reason);
	if (move->hold_ends)
		note_hold_end(steps, move, days);
}

uint64_t case_steps_pack(const struct case_steps *steps)
{
	const uint16_t number[] = {steps->acknowledged, steps->decided, steps->reported, steps->declined_on};
	uint64_t packed = (uint64_t)steps->date << DATE_AT;
	for (unsigned i = 0; i < sizeof number / sizeof number[0]; i++)
		packed |= (uint64_t)number[i] << (i * BITS);
	return packed;
}

bool case_steps_unpack(uint64_t packed, struct case_steps *steps)
{
	uint16_t *const number[] = {&steps->acknowledged, &steps->decided, &steps->reported, &steps->declined_on};
	for (unsigned i = 0; i < sizeof number / sizeof number[0]; i++)
		*number[i] = (uint16_t)(packed >> (i * BITS) & STEPS_MOST_DAYS);
	if (packed >> DATE_AT >= STEPS_DATE_COUNT)
		return false;
	steps->date = (enum steps_date)(packed >> DATE_AT);
	return true;
}
