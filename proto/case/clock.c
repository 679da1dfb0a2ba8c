// SPDX-License-Identifier: Apache-2.0
#include "case/clock.h"

#include "case/partial_date.h"

#include <string.h>

#define DAY_MS UINT64_C(86400000)
#define HOUR_MS UINT64_C(3600000)

enum { CLARIFY_REMIND_DAYS = 30, CLARIFY_ESCALATE_DAYS = 90, CONSENT_HOURS = 72, RENEW_DAYS = 365 };

enum term_unit { TERM_NONE, TERM_HOURS, TERM_DAYS, TERM_WORKING_DAYS };

struct term {
	uint16_t amount;
	enum term_unit unit;
};

struct term_row {
	const char *urgency;
	struct term of[CLOCK_KIND_COUNT];
};

// Acknowledgement and report: casework page 5.5 (IMI, Regulations 1, 2, 4, 7 and 12 of the interstate compact), closure: row 16
// of 5.2. No source gives a term for the decision: twice that of the acknowledgement.
// clang-format off
static const struct term_row terms[] = {
	{"STANDARD",    {[CLOCK_ACK] = {7, TERM_DAYS}, [CLOCK_DECIDE] = {14, TERM_DAYS}, [CLOCK_REPORT] = {60, TERM_DAYS}, [CLOCK_CLOSE] = {60, TERM_DAYS}}},
	{"EMERGENCY",   {[CLOCK_ACK] = {24, TERM_HOURS}, [CLOCK_DECIDE] = {48, TERM_HOURS}, [CLOCK_REPORT] = {3, TERM_WORKING_DAYS}, [CLOCK_CLOSE] = {60, TERM_DAYS}}},
	{"PRIORITY",    {[CLOCK_ACK] = {2, TERM_DAYS}, [CLOCK_DECIDE] = {4, TERM_DAYS}, [CLOCK_REPORT] = {20, TERM_WORKING_DAYS}, [CLOCK_CLOSE] = {60, TERM_DAYS}}},
	{"EXTENDED",    {[CLOCK_ACK] = {7, TERM_DAYS}, [CLOCK_DECIDE] = {14, TERM_DAYS}, [CLOCK_REPORT] = {120, TERM_DAYS}, [CLOCK_CLOSE] = {60, TERM_DAYS}}},
	{"NO_DEADLINE", {[CLOCK_ACK] = {7, TERM_DAYS}, [CLOCK_CLOSE] = {60, TERM_DAYS}}},
};
// clang-format on

static const char *const kind_names[CLOCK_KIND_COUNT] = {
#define X(name, text) #name,
	CLOCK_KIND_MAP(X)
#undef X
};

static const char *const kind_texts[CLOCK_KIND_COUNT] = {
#define X(name, text) text,
	CLOCK_KIND_MAP(X)
#undef X
};

const char *clock_kind_name(enum clock_kind kind)
{
	return kind < CLOCK_KIND_COUNT ? kind_names[kind] : "UNKNOWN";
}

const char *clock_kind_text(enum clock_kind kind)
{
	return kind < CLOCK_KIND_COUNT ? kind_texts[kind] : "something that this version does not know";
}

const char *clock_standing_name(enum clock_standing standing)
{
	static const char *const names[] = {
		[STANDING_NONE] = "NONE", [STANDING_DUE] = "DUE", [STANDING_DUE_SOON] = "DUE_SOON",
		[STANDING_OVERDUE] = "OVERDUE", [STANDING_PAUSED] = "PAUSED",
	};
	return names[standing];
}

static struct term term_of(enum clock_kind kind, const char *urgency)
{
	for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
		if (strcmp(terms[i].urgency, urgency) == 0)
			return terms[i].of[kind];
	}
	return terms[0].of[kind];
}

// Beyond the days that a calendar knows (the year 9999) nobody works; a peer's wild time is then no deadline.
static uint64_t end_of_working_days(uint64_t day, unsigned count, const struct work_calendar *calendar)
{
	static const struct work_calendar usual = {.week = 0x1f};
	enum { LAST_DAY = 2900000 };
	if (day > LAST_DAY)
		return 0;
	return ((uint64_t)calendar_after(calendar != NULL ? calendar : &usual, (int32_t)day, count) + 1) * DAY_MS;
}

uint64_t clock_term_end(enum clock_kind kind, const char *urgency, uint64_t from, const struct work_calendar *calendar)
{
	struct term term = kind == CLOCK_RENEW      ? (struct term){RENEW_DAYS, TERM_DAYS}
	                   : kind < CLOCK_KIND_COUNT ? term_of(kind, urgency)
	                                             : (struct term){0};
	uint64_t day = from / DAY_MS;
	switch (term.unit) {
	case TERM_NONE:
		break;
	case TERM_HOURS:
		return from + term.amount * HOUR_MS;
	case TERM_DAYS:
		return (day + term.amount + 1) * DAY_MS;
	case TERM_WORKING_DAYS:
		return end_of_working_days(day, term.amount, calendar);
	}
	return 0;
}

// The end of an agreed day; 0 for none, or one that is none.
static uint64_t end_of_day(const char *day)
{
	int32_t number = 0;
	if (day[0] == '\0' || day_parse(&number, day, NULL) != FAIL_NONE || number < 0)
		return 0;
	return ((uint64_t)number + 1) * DAY_MS;
}

static void start(struct case_clock *clock, enum clock_kind kind, const struct clock_move *move)
{
	uint64_t agreed = kind == CLOCK_REPORT ? end_of_day(move->due) : 0;
	// What is not answered still stands, and who was out is out. Of a new member that is not known yet.
	bool other_member = (move->effects & EFFECT_CHANGE_RESPONDING) != 0;
	uint64_t consent_at = clock->consent_at, out_since = other_member ? 0 : clock->out_since;
	*clock = (struct case_clock){
		.kind = kind,
		.pauses = (uint8_t)((consent_at != 0 ? PAUSED_BY_CONSENT : 0) | (out_since != 0 ? PAUSED_BY_MEMBER : 0)),
		.started = move->at,
		.due = agreed != 0 ? agreed : clock_term_end(kind, move->urgency, move->at, move->calendar),
		.consent_at = consent_at,
		.out_since = out_since,
	};
	if (clock->pauses != 0)
		clock->paused_since = move->at;
}

static uint8_t pause_of(enum case_event event)
{
	static const struct {
		enum case_event event;
		enum clock_pause pause;
	} rows[] = {
		{EVENT_HOLD, PAUSED_BY_HOLD},         {EVENT_RESUME, PAUSED_BY_HOLD},
		{EVENT_TRANSFER, PAUSED_BY_TRANSFER}, {EVENT_CONSENT_WITHDRAWN, PAUSED_BY_CONSENT},
		{EVENT_CONSENT_ANSWER, PAUSED_BY_CONSENT}, {EVENT_MEMBER_OUT, PAUSED_BY_MEMBER},
		{EVENT_MEMBER_BACK, PAUSED_BY_MEMBER},     {EVENT_REPORT_READY, PAUSED_BY_RELEASE},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].event == event)
			return (uint8_t)rows[i].pause;
	}
	return PAUSED_BY_QUESTION;
}

static void pause(struct case_clock *clock, const struct clock_move *move)
{
	if (clock->kind == CLOCK_NONE)
		return;
	uint8_t pause = pause_of(move->event), begins = (uint8_t)(pause & ~clock->pauses);
	if (clock->pauses == 0)
		clock->paused_since = move->at;
	clock->pauses |= pause;
	if (begins == PAUSED_BY_QUESTION)
		clock->asked_at = move->at;
	if (begins == PAUSED_BY_MEMBER)
		clock->out_since = move->at;
	if (pause != PAUSED_BY_MEMBER) // who was reminded before an outage is not reminded of the same after it
		clock->told = NOTICE_NONE;
	if (move->event == EVENT_CONSENT_WITHDRAWN)
		clock->consent_at = move->at;
}

// A deadline at the end of a day moves by days, one for each midnight of the pause; one by the hour exactly.
static uint64_t lengthened(uint64_t due, uint64_t since, uint64_t until)
{
	if (due == 0 || until <= since)
		return due;
	return due + (due % DAY_MS == 0 ? (until / DAY_MS - since / DAY_MS) * DAY_MS : until - since);
}

// By how much of the outage came after `at`.
static uint64_t after_outage(uint64_t at, uint64_t out_since, uint64_t back)
{
	uint64_t from = at > out_since ? at : out_since;
	return at == 0 || back <= from ? at : at + (back - from);
}

static void come_back(struct case_clock *clock, uint64_t at)
{
	clock->asked_at = after_outage(clock->asked_at, clock->out_since, at);
	clock->consent_at = after_outage(clock->consent_at, clock->out_since, at);
	clock->out_since = 0;
}

static void go_on(struct case_clock *clock, const struct clock_move *move)
{
	uint8_t pause = pause_of(move->event);
	if ((clock->pauses & pause) == 0)
		return;
	clock->pauses = (uint8_t)(clock->pauses & ~pause);
	if (pause == PAUSED_BY_MEMBER)
		come_back(clock, move->at);
	else
		clock->told = NOTICE_NONE;
	if (move->event == EVENT_CONSENT_ANSWER)
		clock->consent_at = 0;
	if (pause == PAUSED_BY_QUESTION)
		clock->asked_at = 0;
	if (clock->pauses != 0)
		return;
	uint64_t paused = move->at > clock->paused_since ? move->at - clock->paused_since : 0;
	clock->paused_ms += paused;
	clock->due = lengthened(clock->due, clock->paused_since, move->at);
	clock->paused_since = 0;
}

// A pause that goes on counts from here: the day was agreed by people who knew of what was behind them.
static void set_date(struct case_clock *clock, const struct clock_move *move)
{
	uint64_t agreed = end_of_day(move->due);
	if (clock->kind != CLOCK_REPORT || agreed == 0)
		return;
	clock->due = agreed;
	if (clock->pauses == 0) {
		clock->told = NOTICE_NONE;
		return;
	}
	clock->paused_ms += move->at > clock->paused_since ? move->at - clock->paused_since : 0;
	clock->paused_since = move->at;
}

void clock_move(struct case_clock *clock, const struct clock_move *move)
{
	static const struct {
		uint32_t effect;
		enum clock_kind kind;
	} starts[] = {
		{EFFECT_START_ACK_CLOCK, CLOCK_ACK},
		{EFFECT_START_DECIDE_CLOCK, CLOCK_DECIDE},
		{EFFECT_START_REPORT_CLOCK, CLOCK_REPORT},
		{EFFECT_START_CLOSE_CLOCK, CLOCK_CLOSE},
		{EFFECT_START_RENEW_CLOCK, CLOCK_RENEW},
	};
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		if ((move->effects & starts[i].effect) != 0)
			start(clock, starts[i].kind, move);
	}
	if ((move->effects & (EFFECT_STOP_CLOCK | EFFECT_ASK_CONSENT)) != 0)
		pause(clock, move);
	if ((move->effects & EFFECT_CONTINUE_CLOCK) != 0)
		go_on(clock, move);
	if ((move->effects & EFFECT_SET_DATE) != 0)
		set_date(clock, move);
	if ((move->effects & EFFECT_END_CLOCKS) != 0)
		*clock = (struct case_clock){.kind = CLOCK_NONE};
	if (move->event == EVENT_REMINDER)
		clock->told = NOTICE_REMINDED;
	if (move->event == EVENT_ESCALATION)
		clock->told = NOTICE_ESCALATED;
}

struct clock_deadline clock_awaited(const struct case_clock *clock)
{
	if ((clock->pauses & PAUSED_BY_MEMBER) != 0)
		return (struct clock_deadline){CLOCK_NONE, 0, 0};
	if ((clock->pauses & PAUSED_BY_CONSENT) != 0)
		return (struct clock_deadline){CLOCK_CONSENT, clock->consent_at, clock->consent_at + CONSENT_HOURS * HOUR_MS};
	if (clock->pauses == PAUSED_BY_QUESTION)
		return (struct clock_deadline){CLOCK_CLARIFY, clock->asked_at,
		                               clock->asked_at + CLARIFY_REMIND_DAYS * DAY_MS};
	if (clock->pauses != 0)
		return (struct clock_deadline){CLOCK_NONE, 0, 0};
	return (struct clock_deadline){clock->kind, clock->started + clock->paused_ms, clock->due};
}

// Five sixths of the way.
static uint64_t soon(const struct clock_deadline *awaited)
{
	return awaited->due > awaited->from ? awaited->from + (awaited->due - awaited->from) / 6 * 5 : awaited->due;
}

enum clock_standing clock_standing(const struct case_clock *clock, uint64_t now)
{
	if (clock->pauses != 0)
		return STANDING_PAUSED;
	struct clock_deadline awaited = clock_awaited(clock);
	if (awaited.kind == CLOCK_NONE || awaited.due == 0)
		return STANDING_NONE;
	if (now >= awaited.due)
		return STANDING_OVERDUE;
	return now >= soon(&awaited) ? STANDING_DUE_SOON : STANDING_DUE;
}

static uint64_t escalates_at(const struct clock_deadline *awaited)
{
	if (awaited->kind == CLOCK_CLARIFY)
		return awaited->from + CLARIFY_ESCALATE_DAYS * DAY_MS;
	uint64_t term = awaited->due > awaited->from ? awaited->due - awaited->from : 0;
	return awaited->due + (term < DAY_MS ? DAY_MS : term); // an agreed day may have passed before it was agreed
}

struct clock_duty clock_duty(const struct case_clock *clock)
{
	struct clock_deadline awaited = clock_awaited(clock);
	bool closes = awaited.kind == CLOCK_CLOSE || awaited.kind == CLOCK_RENEW;
	if (awaited.kind == CLOCK_NONE || awaited.due == 0)
		return (struct clock_duty){EVENT_REMINDER, 0};
	switch (clock->told) {
	case NOTICE_NONE:
		return (struct clock_duty){EVENT_REMINDER, closes ? soon(&awaited) : awaited.due};
	case NOTICE_REMINDED:
		return closes ? (struct clock_duty){EVENT_SILENCE, awaited.due}
		              : (struct clock_duty){EVENT_ESCALATION, escalates_at(&awaited)};
	case NOTICE_ESCALATED:
	case NOTICE_COUNT:
		break;
	}
	return (struct clock_duty){EVENT_REMINDER, 0};
}

bool clock_unanswered(const struct case_clock *clock)
{
	return clock->kind == CLOCK_ACK && (clock->told == NOTICE_ESCALATED || (clock->pauses & PAUSED_BY_MEMBER) != 0);
}
