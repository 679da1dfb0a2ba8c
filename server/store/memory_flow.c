// SPDX-License-Identifier: Apache-2.0
//
// The flow: how the cases stand, once a day; what was done in months that are over, once and for all.
#include "store/flow.h"
#include "store/memory_tables.h"
#include "store/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS (UINT64_C(24) * 60 * 60 * 1000)

static int by_age(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return a < b ? -1 : a > b;
}

struct selection {
	const struct case_record **record;
	size_t count;
	uint64_t now;
};

static bool same_cell(const struct case_record *a, const struct case_record *b)
{
	return a->requesting == b->requesting && a->responding == b->responding && a->view.state == b->view.state;
}

static uint64_t age_of(const struct selection *selection, const struct case_record *record)
{
	return selection->now > record->since ? selection->now - record->since : 0;
}

// The cell of record[first], whose other members are taken out of the selection.
static struct flow_cell take_cell(const struct memory_tables *tables, struct selection *selection, size_t first)
{
	const struct case_record *head = selection->record[first];
	struct flow_cell cell = {.state = (uint32_t)head->view.state};
	for (size_t i = first; i < selection->count; i++) {
		const struct case_record *record = selection->record[i];
		if (record == NULL || !same_cell(head, record))
			continue;
		uint64_t age = age_of(selection, record);
		cell.cases++;
		cell.overdue += clock_standing(&record->clock, selection->now) == STANDING_OVERDUE;
		cell.escalated += record->clock.told == NOTICE_ESCALATED;
		cell.oldest_ms = age > cell.oldest_ms ? age : cell.oldest_ms;
		selection->record[i] = NULL;
	}
	snprintf(cell.requesting, sizeof cell.requesting, "%s", memory_member(tables, head->requesting)->public.code);
	snprintf(cell.responding, sizeof cell.responding, "%s", memory_member(tables, head->responding)->public.code);
	return cell;
}

static uint64_t median_of(const struct selection *selection, enum case_state state)
{
	uint64_t *age = memory_need(selection->count, sizeof *age);
	size_t count = 0;
	for (size_t i = 0; i < selection->count; i++) {
		if (selection->record[i]->view.state == state)
			age[count++] = age_of(selection, selection->record[i]);
	}
	qsort(age, count, sizeof *age, by_age);
	uint64_t median = count == 0 ? 0 : age[(count - 1) / 2];
	free(age);
	return median;
}

// The row of this service or urgency, made if it is not there.
static struct flow_kind *kind_of(struct flow_counts *counts, enum flow_figure figure, const char *key, uint32_t state)
{
	for (size_t i = 0; i < counts->kinds; i++) {
		struct flow_kind *kind = &counts->kind[i];
		if (kind->figure == figure && kind->state == state && strcmp(kind->key, key) == 0)
			return kind;
	}
	struct flow_kind *kind = &counts->kind[counts->kinds++];
	*kind = (struct flow_kind){.figure = figure, .state = state};
	snprintf(kind->key, sizeof kind->key, "%s", key);
	return kind;
}

static void count_kinds(const struct case_record *record, uint64_t now, struct flow_counts *counts)
{
	uint32_t state = (uint32_t)record->view.state;
	struct flow_kind *const kind[] = {kind_of(counts, FIGURE_NOW_SERVICE, record->service, state),
	                                  kind_of(counts, FIGURE_NOW_URGENCY, record->urgency, state)};
	for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++) {
		kind[i]->cases++;
		kind[i]->overdue += clock_standing(&record->clock, now) == STANDING_OVERDUE;
		kind[i]->escalated += record->clock.told == NOTICE_ESCALATED;
	}
}

static void free_counts(struct flow_counts *counts)
{
	free(counts->cell);
	free(counts->kind);
	*counts = (struct flow_counts){.cells = 0};
}

enum { FIGURES_A_CASE = 15 + STEPS_MOST_HOLDS };

// The month of what was done on this day of the case; counted as domain/case_steps.h does.
static struct period_cell done_on(const struct case_record *record, enum flow_figure figure, uint16_t day)
{
	return (struct period_cell){
		.figure = figure,
		.month = period_month((record->opened_at / DAY_MS + day - 1) * DAY_MS),
		.cases = day == 0 ? 0 : 1,
	};
}

static void set_key(struct period_cell *cell, const char *key)
{
	snprintf(cell->key, sizeof cell->key, "%s", key);
}

static void set_route(const struct memory_tables *tables, const struct case_record *record, struct period_cell *asks,
                      struct period_cell *asked)
{
	snprintf(asks->requesting, sizeof asks->requesting, "%s", memory_member(tables, record->requesting)->public.code);
	snprintf(asked->responding, sizeof asked->responding, "%s", memory_member(tables, record->responding)->public.code);
}

static void count_hold(const struct case_record *record, size_t index, struct period_cell *cell)
{
	struct steps_hold hold = {.until = 0};
	bool there = case_steps_hold(&record->steps, index, &hold);
	*cell = done_on(record, FIGURE_HELD, there ? hold.until : 0);
	cell->hold = (uint32_t)index;
	cell->days = hold.days;
	set_key(cell, hold.reason);
}

static struct period_cell by_days(const struct case_record *record, enum flow_figure figure, uint16_t day)
{
	struct period_cell cell = done_on(record, figure, day);
	cell.days = day;
	return cell;
}

static bool is_unserved(const struct case_steps *steps)
{
	return strcmp(steps->declined, "NO_SERVICE_IN_AREA") == 0 || strcmp(steps->declined, "NOT_COMPETENT") == 0;
}

static void count_opening(const struct memory_tables *tables, const struct case_record *record,
                          struct period_cell *cell)
{
	static const enum flow_figure figures[] = {FIGURE_OPENED_ASKS,    FIGURE_OPENED_ASKED, FIGURE_OPENED_SERVICE,
	                                           FIGURE_OPENED_URGENCY, FIGURE_SERVICE_ASKS, FIGURE_SERVICE_ASKED};
	for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
		cell[i] = done_on(record, figures[i], 1);
	set_route(tables, record, &cell[0], &cell[1]);
	set_key(&cell[2], record->service);
	set_key(&cell[3], record->urgency);
	set_route(tables, record, &cell[4], &cell[5]);
	set_key(&cell[4], record->service);
	set_key(&cell[5], record->service);
}

static void count_step(const struct memory_tables *tables, const struct case_record *record, enum flow_figure figure,
                       uint16_t day, struct period_cell *cell)
{
	struct period_cell nobody; // who asks is not counted here
	cell[0] = by_days(record, figure, day);
	cell[1] = by_days(record, (enum flow_figure)(figure - FIGURE_ACKNOWLEDGED + FIGURE_MEMBER_ACKNOWLEDGED), day);
	set_route(tables, record, &nobody, &cell[1]);
}

// What is counted of one case, FIGURES_A_CASE cells; those that do not apply with 0 cases. PostgreSQL: passerelle.count_months.
static void count_case(const struct memory_tables *tables, const struct case_record *record, struct period_cell *cell)
{
	const struct case_steps *steps = &record->steps;
	count_opening(tables, record, cell);
	count_step(tables, record, FIGURE_ACKNOWLEDGED, steps->acknowledged, &cell[6]);
	count_step(tables, record, FIGURE_DECIDED, steps->decided, &cell[8]);
	count_step(tables, record, FIGURE_REPORTED, steps->reported, &cell[10]);
	cell[12] = done_on(record, FIGURE_DATE, steps->date == STEPS_NO_DATE ? 0 : steps->reported);
	set_key(&cell[12], steps->date == STEPS_DATE_KEPT ? "KEPT" : "MISSED");
	cell[13] = done_on(record, FIGURE_DECLINED, steps->declined[0] == '\0' ? 0 : steps->declined_on);
	set_key(&cell[13], steps->declined);
	cell[14] = done_on(record, FIGURE_UNSERVED, is_unserved(steps) ? steps->declined_on : 0);
	set_route(tables, record, &cell[14], &cell[14]);
	for (size_t i = 0; i < STEPS_MOST_HOLDS; i++)
		count_hold(record, i, &cell[15 + i]);
}

static bool is_correction(const struct memory_tables *tables, const struct memory_message *message)
{
	const struct memory_correction *one = tables->correction;
	while (one != NULL && (one->message.sender != message->key.sender || !id_equal(&one->by, &message->key.message)))
		one = one->next;
	return one != NULL;
}

static bool has_ended(enum case_state state)
{
	return state == CASE_CLOSED || state == CASE_TRACE_FOUND || state == CASE_TRACE_CLOSED;
}

// By the number of months after the end that it is nearest to. False: none that counts.
static bool count_follow_up(const struct memory_tables *tables, const struct memory_message *message,
                            struct period_cell *cell)
{
	static const uint64_t up_to[] = {135, 270, 540};
	static const char *const keys[] = {"MONTHS_3", "MONTHS_6", "MONTHS_12", "MONTHS_24"};
	const struct memory_case *entry = memory_case(tables, &message->case_id);
	if (message->kind != KIND_FOLLOW_UP || entry == NULL || !has_ended(entry->record.view.state) ||
	    is_correction(tables, message))
		return false;
	uint64_t at = message->batch->accepted_at, days = (at - entry->record.since) / DAY_MS;
	size_t place = 0;
	while (place < sizeof up_to / sizeof up_to[0] && days >= up_to[place])
		place++;
	*cell = (struct period_cell){.figure = FIGURE_FOLLOW_UP, .month = period_month(at), .cases = 1};
	set_key(cell, keys[place]);
	return true;
}

// Several of one case, month and key count once.
static bool counted_before(const struct memory_tables *tables, const struct memory_message *message,
                           const struct period_cell *cell)
{
	struct period_cell other;
	for (const struct memory_message *one = tables->message; one != message; one = one->hh.next) {
		if (id_equal(&one->case_id, &message->case_id) && count_follow_up(tables, one, &other) &&
		    other.month == cell->month && strcmp(other.key, cell->key) == 0)
			return true;
	}
	return false;
}

static void keep_month(struct memory_tables *tables, const struct period_cell *cell, int32_t over)
{
	struct memory_flow *flow = &tables->flow;
	if (cell->cases == 0 || cell->month <= flow->month || cell->month > over)
		return;
	must((flow->done = realloc(flow->done, (flow->done_count + 1) * sizeof *flow->done)) != NULL);
	flow->done[flow->done_count++] = *cell;
}

static bool is_older(const struct memory_tables *tables, int32_t month)
{
	struct memory_case *entry = NULL, *next = NULL;
	HASH_ITER(hh, tables->cases, entry, next) {
		if (period_month(entry->record.opened_at) <= month)
			return true;
	}
	return false;
}

// The months that are over and were not counted yet, as the cases stand now. PostgreSQL: api.flow_close.
static void close_months(struct memory_tables *tables, uint64_t now)
{
	struct period_cell cell[FIGURES_A_CASE];
	struct memory_case *entry = NULL, *next = NULL;
	int32_t over = period_month(now) - 1;
	if (tables->flow.month >= over || !is_older(tables, over))
		return;
	HASH_ITER(hh, tables->cases, entry, next) {
		count_case(tables, &entry->record, cell);
		for (size_t i = 0; i < FIGURES_A_CASE; i++)
			keep_month(tables, &cell[i], over);
	}
	for (const struct memory_message *message = tables->message; message != NULL; message = message->hh.next) {
		if (count_follow_up(tables, message, cell) && !counted_before(tables, message, cell))
			keep_month(tables, cell, over);
	}
	tables->flow.month = over;
}

static const char *availability_on(const struct memory_tables *tables, member_no member, uint64_t end, bool *any)
{
	const char *found = "NORMAL";
	for (const struct memory_availability *one = tables->availability; one != NULL; one = one->next) {
		*any |= one->member == member;
		if (one->member == member && one->at < end) // the newest is the first
			return one->status;
	}
	return found;
}

// A cell for each day of each member that ever was anything else than NORMAL. PostgreSQL: api.flow_figures.
static size_t count_availability(const struct memory_tables *tables, uint64_t begin, uint64_t now,
                                 struct period_cell *cell)
{
	size_t cells = 0;
	for (size_t i = 0; i < tables->member_count; i++) {
		const struct store_member *member = &tables->member[i]->public;
		for (uint64_t day = begin / DAY_MS; period_month(day * DAY_MS) < period_month(now); day++) {
			bool any = false;
			const char *status = availability_on(tables, member->no, (day + 1) * DAY_MS, &any);
			if (!any)
				break;
			cell[cells] = (struct period_cell){
				.figure = FIGURE_AVAILABILITY, .month = period_month(day * DAY_MS), .cases = 1};
			snprintf(cell[cells].responding, sizeof cell[cells].responding, "%s", member->code);
			set_key(&cell[cells++], status);
		}
	}
	return cells;
}

static enum fail_code memory_figures(struct memory_tables *tables, const struct query *query, uint64_t now,
                                     struct answer *answer)
{
	close_months(tables, now);
	uint64_t first = now;
	for (const struct memory_availability *one = tables->availability; one != NULL; one = one->next)
		first = one->at < first ? one->at : first;
	size_t cells = tables->flow.done_count, days = (now / DAY_MS - first / DAY_MS + 1) * tables->member_count;
	struct period_cell *cell = memory_need(cells + days + 1, sizeof *cell);
	if (cells > 0)
		memcpy(cell, tables->flow.done, cells * sizeof *cell);
	cells += count_availability(tables, first, now, cell + cells);
	*answer = (struct answer){.kind = QUESTION_FLOW, .as_of = now};
	enum fail_code code = period_publish(cell, cells, query, now, &answer->flow, &answer->flow_count);
	free(cell);
	return code;
}

// How the cases stand, counted once a day. PostgreSQL: api.flow.
static void count_day(struct memory_tables *tables, uint64_t now)
{
	struct memory_flow *flow = &tables->flow;
	struct selection selection = {.now = now};
	size_t all = HASH_COUNT(tables->cases);
	struct memory_case *entry = NULL, *next = NULL;
	if (flow->counted && flow->as_of >= now - now % DAY_MS)
		return;
	free_counts(&flow->counts);
	flow->counted = true;
	flow->as_of = now;
	selection.record = memory_need(all, sizeof *selection.record);
	flow->counts = (struct flow_counts){.cell = memory_need(all, sizeof *flow->counts.cell),
	                                    .kind = memory_need(2 * all, sizeof *flow->counts.kind)};
	HASH_ITER(hh, tables->cases, entry, next)
		selection.record[selection.count++] = &entry->record;
	for (unsigned state = 0; state < CASE_STATE_COUNT; state++)
		flow->counts.median_ms[state] = median_of(&selection, (enum case_state)state);
	for (size_t i = 0; i < selection.count; i++)
		count_kinds(selection.record[i], now, &flow->counts);
	for (size_t i = 0; i < selection.count; i++) {
		if (selection.record[i] != NULL)
			flow->counts.cell[flow->counts.cells++] = take_cell(tables, &selection, i);
	}
	free(selection.record);
}

enum fail_code memory_flow(struct memory_tables *tables, const struct query *query, uint64_t now, struct answer *answer)
{
	if (query->figures)
		return memory_figures(tables, query, now, answer);
	count_day(tables, now);
	const struct memory_flow *flow = &tables->flow;
	*answer = (struct answer){.kind = QUESTION_FLOW, .as_of = flow->as_of};
	return flow_publish(&flow->counts, &answer->flow, &answer->flow_count);
}

void memory_flow_release(struct memory_tables *tables)
{
	struct memory_availability *next = NULL;
	for (struct memory_availability *one = tables->availability; one != NULL; one = next) {
		next = one->next;
		free(one);
	}
	free_counts(&tables->flow.counts);
	free(tables->flow.done);
}

void memory_availability_note(struct memory_tables *tables, member_no member, const char *status, uint64_t at)
{
	struct memory_availability *one = memory_need(1, sizeof *one);
	*one = (struct memory_availability){.next = tables->availability, .member = member, .at = at};
	snprintf(one->status, sizeof one->status, "%s", status);
	tables->availability = one;
}
