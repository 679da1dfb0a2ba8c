// SPDX-License-Identifier: Apache-2.0
#include "store/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 24 * 60 * 60 * 1000, MONTHS_A_YEAR = 12, MOST_MONTHS = 12 * 400 };

// Days are told apart so finely; above the last there is one more row.
static const uint32_t day_steps[] = {1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 75, 90, 120, 180, 365};

// One row of the answer as it goes through the months.
struct item {
	struct flow_row row;
	uint32_t hold;
	uint64_t waiting, told, now, in_period; // not told yet; told up to now; of this month; of the period
};

// What counts the same cases: all rows of a figure, or those two reasons of DECLINED that UNSERVED has by route.
enum family {
	VIEW_ASKS,
	VIEW_ASKED,
	VIEW_SERVICE,
	VIEW_URGENCY,
	VIEW_ACKNOWLEDGED,
	VIEW_DECIDED,
	VIEW_REPORTED,
	VIEW_DATE,
	VIEW_HELD,
	VIEW_DECLINED,
	VIEW_UNSERVED,
	VIEW_UNSERVED_REASONS,
	VIEW_HELD_AGAIN, // second holds, third ones, ... each a view
	VIEW_COUNT = VIEW_HELD_AGAIN + STEPS_MOST_HOLDS - 1
};

#define V(name) (1u << VIEW_##name)
#define OPENED (V(ASKS) | V(ASKED) | V(SERVICE) | V(URGENCY))

// Which views count at least the cases of this one.
static const unsigned within[VIEW_HELD_AGAIN + 1] = {
	[VIEW_ASKS] = OPENED, [VIEW_ASKED] = OPENED, [VIEW_SERVICE] = OPENED, [VIEW_URGENCY] = OPENED,
	[VIEW_ACKNOWLEDGED] = OPENED,
	[VIEW_DECIDED] = OPENED,
	[VIEW_REPORTED] = OPENED,
	[VIEW_DATE] = OPENED | V(REPORTED),
	[VIEW_HELD] = OPENED,
	[VIEW_DECLINED] = OPENED | V(DECIDED),
	[VIEW_UNSERVED] = OPENED | V(DECIDED) | V(DECLINED) | V(UNSERVED_REASONS),
	[VIEW_UNSERVED_REASONS] = OPENED | V(DECIDED) | V(DECLINED) | V(UNSERVED),
	[VIEW_HELD_AGAIN] = OPENED | V(HELD),
};

// Who has a third hold has a second one.
static unsigned within_of(unsigned view)
{
	if (view <= VIEW_HELD_AGAIN)
		return within[view];
	return within[VIEW_HELD_AGAIN] | ((1u << view) - V(HELD_AGAIN));
}

struct period {
	struct period_cell *cell; // sorted by month
	size_t cells;
	struct item *item;        // sorted
	size_t items;
	uint64_t *opened;         // by month from `first` on
	int32_t first, from, until;
};

// Days since 1970 to the civil calendar (years from March, so that the leap day is the last of a year).
int32_t period_month(uint64_t unix_ms)
{
	uint64_t days = unix_ms / DAY_MS + 719468, era = days / 146097, of_era = days % 146097;
	uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	uint64_t of_year = of_era - (365 * year + year / 4 - year / 100), from_march = (5 * of_year + 2) / 153;
	uint64_t month = from_march < 10 ? from_march + 2 : from_march - 10; // 0 is January
	uint64_t civil = year + era * 400 + (month < 2 ? 1 : 0);
	return (int32_t)((civil - 1970) * MONTHS_A_YEAR + month);
}

static uint32_t month_number(int32_t month)
{
	return (uint32_t)(1970 + month / MONTHS_A_YEAR) * 100 + (uint32_t)(month % MONTHS_A_YEAR) + 1;
}

// Counted from 1, told as whole days that went by at most.
static uint32_t step_of(uint32_t days)
{
	for (size_t i = 0; i < sizeof day_steps / sizeof day_steps[0]; i++) {
		if (days > 0 && days - 1 <= day_steps[i])
			return day_steps[i];
	}
	return 0;
}

static int by_month(const void *left, const void *right)
{
	const struct period_cell *a = left, *b = right;
	return a->month < b->month ? -1 : a->month > b->month;
}

static int by_row(const void *left, const void *right)
{
	const struct flow_row *a = &((const struct item *)left)->row, *b = &((const struct item *)right)->row;
	if (a->figure != b->figure)
		return a->figure < b->figure ? -1 : 1;
	int order = strcmp(a->requesting, b->requesting);
	order = order != 0 ? order : strcmp(a->responding, b->responding);
	order = order != 0 ? order : strcmp(a->key, b->key);
	if (order != 0 || a->days != b->days)
		return order != 0 ? order : a->days - 1 < b->days - 1 ? -1 : 1; // 0 behind the last
	uint32_t first = ((const struct item *)left)->hold, second = ((const struct item *)right)->hold;
	return first < second ? -1 : first > second;
}

static void code_or_all(char to[MEMBER_CODE_SIZE], const char *from)
{
	snprintf(to, MEMBER_CODE_SIZE, "%s", from[0] == '\0' ? "*" : from);
}

static struct item item_of(const struct period_cell *cell)
{
	struct item item = {.row.figure = cell->figure, .row.days = step_of(cell->days), .hold = cell->hold};
	code_or_all(item.row.requesting, cell->requesting);
	code_or_all(item.row.responding, cell->responding);
	memcpy(item.row.key, cell->key, sizeof item.row.key);
	return item;
}

static void collect_items(struct period *period)
{
	for (size_t i = 0; i < period->cells; i++)
		period->item[i] = item_of(&period->cell[i]);
	qsort(period->item, period->cells, sizeof *period->item, by_row);
	for (size_t i = 0; i < period->cells; i++) {
		if (period->items == 0 || by_row(&period->item[period->items - 1], &period->item[i]) != 0)
			period->item[period->items++] = period->item[i];
	}
}

static bool is_unserved(const char *reason)
{
	return strcmp(reason, "NO_SERVICE_IN_AREA") == 0 || strcmp(reason, "NOT_COMPETENT") == 0;
}

static unsigned views_of(const struct item *item)
{
	unsigned own = 1u << (item->row.figure - FIGURE_OPENED_ASKS);
	if (item->hold > 0)
		return V(HELD_AGAIN) << (item->hold - 1);
	return item->row.figure == FIGURE_DECLINED && is_unserved(item->row.key) ? own | V(UNSERVED_REASONS) : own;
}

struct sums {
	uint64_t told[VIEW_COUNT], rows[VIEW_COUNT];
};

static void add_up(const struct period *period, struct sums *sums)
{
	*sums = (struct sums){0};
	for (size_t i = 0; i < period->items; i++) {
		const struct item *item = &period->item[i];
		unsigned views = item->told + item->waiting > 0 ? views_of(item) : 0;
		for (unsigned view = 0; views >> view != 0; view++) {
			if ((views >> view & 1) == 0)
				continue;
			sums->told[view] += item->told;
			sums->rows[view]++;
		}
	}
}

// The largest of this month waits. False: nothing of it was told this month.
static bool hold_back(struct period *period, enum family view)
{
	struct item *most = NULL;
	for (size_t i = 0; i < period->items; i++) {
		struct item *item = &period->item[i];
		if ((views_of(item) >> view & 1) != 0 && item->now > 0 && (most == NULL || item->now > most->now))
			most = item;
	}
	if (most == NULL)
		return false;
	most->now -= PERIOD_STEP;
	most->told -= PERIOD_STEP;
	most->waiting += PERIOD_STEP;
	return true;
}

// Of each row from 0 to 4 are not told. If one view told more of its cases than another could by all but one of its rows being short of
// 4, the last row would be known to be short of something.
static bool tells_too_much(const struct sums *sums, unsigned view)
{
	for (unsigned wider = 0; wider < VIEW_COUNT; wider++) {
		if (wider == view || (within_of(view) >> wider & 1) == 0 || sums->rows[wider] == 0)
			continue;
		if (sums->told[view] > sums->told[wider] + (sums->rows[wider] - 1) * (PERIOD_STEP - 1))
			return true;
	}
	return false;
}

// Ends: each round takes back what was told this month, and with nothing told the month is as safe as the one before it.
static void balance(struct period *period)
{
	bool changed = true;
	struct sums sums;
	add_up(period, &sums);
	while (changed) {
		changed = false;
		for (unsigned view = 0; view < VIEW_COUNT; view++) {
			if (sums.told[view] == 0 || !tells_too_much(&sums, view) || !hold_back(period, (enum family)view))
				continue;
			changed = true;
			add_up(period, &sums);
		}
	}
}

static size_t take_month(struct period *period, size_t next, int32_t month)
{
	for (; next < period->cells && period->cell[next].month == month; next++) {
		struct item wanted = item_of(&period->cell[next]);
		struct item *item = bsearch(&wanted, period->item, period->items, sizeof *period->item, by_row);
		must(item != NULL);
		item->waiting += period->cell[next].cases;
	}
	for (size_t i = 0; i < period->items; i++) {
		struct item *item = &period->item[i];
		item->now = item->waiting - item->waiting % PERIOD_STEP;
		item->told += item->now;
		item->waiting -= item->now;
	}
	balance(period);
	return next;
}

static void go_through(struct period *period)
{
	size_t next = 0;
	for (int32_t month = period->first; month <= period->until; month++) {
		next = take_month(period, next, month);
		for (size_t i = 0; month >= period->from && i < period->items; i++) {
			struct item *item = &period->item[i];
			item->in_period += item->now;
			period->opened[month - period->first] += item->row.figure == FIGURE_OPENED_URGENCY ? item->now : 0;
		}
	}
}

static bool same_row(const struct flow_row *a, const struct flow_row *b)
{
	struct item left = {.row = *a}, right = {.row = *b};
	return by_row(&left, &right) == 0;
}

// Holds of the same reason and days are one row, whichever of their cases they were.
static size_t write_rows(const struct period *period, struct flow_row *row)
{
	size_t written = 0;
	for (size_t i = 0; i < period->items && written < MAX_FLOW_ROWS; i++) {
		if (period->item[i].in_period == 0)
			continue;
		if (written == 0 || !same_row(&row[written - 1], &period->item[i].row))
			row[written++] = period->item[i].row;
		row[written - 1].cases += period->item[i].in_period;
	}
	for (int32_t month = period->first; month <= period->until && written < MAX_FLOW_ROWS; month++) {
		if (period->opened[month - period->first] == 0)
			continue;
		row[written++] = (struct flow_row){.requesting = "*",
		                                   .responding = "*",
		                                   .figure = FIGURE_OPENED_MONTH,
		                                   .month = month_number(month),
		                                   .cases = period->opened[month - period->first]};
	}
	return written;
}

static bool fits(const struct period_cell *cell, int32_t until)
{
	return cell->month >= 0 && cell->month <= until && cell->cases > 0 && cell->figure >= FIGURE_OPENED_ASKS &&
	       cell->figure <= FIGURE_UNSERVED && cell->hold < (cell->figure == FIGURE_HELD ? STEPS_MOST_HOLDS : 1);
}

static enum fail_code publish(struct period *period, struct flow_row **row, size_t *row_count)
{
	size_t months = (size_t)(period->until - period->first + 1);
	if (months > MOST_MONTHS)
		return FAIL_TOO_LARGE;
	period->opened = calloc(months, sizeof *period->opened);
	period->item = calloc(period->cells, sizeof *period->item);
	*row = calloc(period->cells + months, sizeof **row);
	if (period->opened == NULL || period->item == NULL || *row == NULL)
		return FAIL_NO_MEMORY;
	qsort(period->cell, period->cells, sizeof *period->cell, by_month);
	collect_items(period);
	go_through(period);
	*row_count = write_rows(period, *row);
	return FAIL_NONE;
}

enum fail_code period_publish(const struct period_cell *cell, size_t count, const struct query *query, uint64_t now,
                              struct flow_row **row, size_t *row_count)
{
	int32_t over = period_month(now) - 1, wanted = query->until == 0 ? over : period_month(query->until);
	struct period period = {.from = period_month(query->from),
	                        .until = wanted < over ? wanted : over,
	                        .first = INT32_MAX};
	*row = NULL;
	*row_count = 0;
	period.cell = calloc(count + 1, sizeof *period.cell);
	if (period.cell == NULL)
		return FAIL_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		if (!fits(&cell[i], period.until))
			continue;
		period.first = cell[i].month < period.first ? cell[i].month : period.first;
		period.cell[period.cells++] = cell[i];
	}
	enum fail_code code = period.cells == 0 ? FAIL_NONE : publish(&period, row, row_count);
	free(period.cell);
	free(period.item);
	free(period.opened);
	return code;
}
