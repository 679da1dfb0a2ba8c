// SPDX-License-Identifier: Apache-2.0
#include "store/period.h"

#include "case/region.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 24 * 60 * 60 * 1000, MONTHS_A_YEAR = 12, MOST_MONTHS = 12 * 400, SIDES = 2 };
enum { MOST_A_MONTH = 64 }; // regions on two sides, and all

// Days are told apart so finely; above the last there is one more row. Of a member less finely: its cases are few.
static const uint32_t day_steps[] = {1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 75, 90, 120, 180, 365};
static const uint32_t member_steps[] = {2, 5, 7, 14, 30, 60, 90, 120, 180, 365};

// One row of the answer as it goes through the months.
struct item {
	struct flow_row row;
	uint32_t hold;
	uint64_t waiting, told, now, in_period; // not told yet; told up to now; of this month; of the period
	size_t group[SIDES];  // 0: none
	unsigned side[SIDES]; // of that group
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
	VIEW_SERVICE_ASKS,
	VIEW_SERVICE_ASKED,
	VIEW_MEMBER_ACKNOWLEDGED,
	VIEW_MEMBER_DECIDED,
	VIEW_MEMBER_REPORTED,
	VIEW_FOLLOW_UP,
	VIEW_HELD_AGAIN, // second holds, third ones, ... each a view
	VIEW_COUNT = VIEW_HELD_AGAIN + STEPS_MOST_HOLDS - 1
};

#define V(name) (1u << VIEW_##name)
#define OPENED (V(ASKS) | V(ASKED) | V(SERVICE) | V(URGENCY) | V(SERVICE_ASKS) | V(SERVICE_ASKED))
#define DECIDED (V(DECIDED) | V(MEMBER_DECIDED))

static const unsigned views[FLOW_FIGURE_COUNT] = {
	[FIGURE_OPENED_ASKS] = V(ASKS), [FIGURE_OPENED_ASKED] = V(ASKED),
	[FIGURE_OPENED_SERVICE] = V(SERVICE), [FIGURE_OPENED_URGENCY] = V(URGENCY),
	[FIGURE_ACKNOWLEDGED] = V(ACKNOWLEDGED), [FIGURE_DECIDED] = V(DECIDED), [FIGURE_REPORTED] = V(REPORTED),
	[FIGURE_DATE] = V(DATE), [FIGURE_HELD] = V(HELD), [FIGURE_DECLINED] = V(DECLINED), [FIGURE_UNSERVED] = V(UNSERVED),
	[FIGURE_SERVICE_ASKS] = V(SERVICE_ASKS), [FIGURE_SERVICE_ASKED] = V(SERVICE_ASKED),
	[FIGURE_MEMBER_ACKNOWLEDGED] = V(MEMBER_ACKNOWLEDGED), [FIGURE_MEMBER_DECIDED] = V(MEMBER_DECIDED),
	[FIGURE_MEMBER_REPORTED] = V(MEMBER_REPORTED), [FIGURE_FOLLOW_UP] = V(FOLLOW_UP),
	[FIGURE_AVAILABILITY] = 0, // no case
};

// Which views count at least the cases of this one.
static const unsigned within[VIEW_HELD_AGAIN + 1] = {
	[VIEW_ASKS] = OPENED, [VIEW_ASKED] = OPENED, [VIEW_SERVICE] = OPENED, [VIEW_URGENCY] = OPENED,
	[VIEW_SERVICE_ASKS] = OPENED, [VIEW_SERVICE_ASKED] = OPENED,
	[VIEW_ACKNOWLEDGED] = OPENED | V(MEMBER_ACKNOWLEDGED), [VIEW_MEMBER_ACKNOWLEDGED] = OPENED | V(ACKNOWLEDGED),
	[VIEW_DECIDED] = OPENED | V(MEMBER_DECIDED), [VIEW_MEMBER_DECIDED] = OPENED | V(DECIDED),
	[VIEW_REPORTED] = OPENED | V(MEMBER_REPORTED), [VIEW_MEMBER_REPORTED] = OPENED | V(REPORTED),
	[VIEW_DATE] = OPENED | V(REPORTED) | V(MEMBER_REPORTED),
	[VIEW_HELD] = OPENED,
	[VIEW_DECLINED] = OPENED | DECIDED,
	[VIEW_UNSERVED] = OPENED | DECIDED | V(DECLINED) | V(UNSERVED_REASONS),
	[VIEW_UNSERVED_REASONS] = OPENED | DECIDED | V(DECLINED) | V(UNSERVED),
	[VIEW_HELD_AGAIN] = OPENED | V(HELD),
};

// Who has a third hold has a second one.
static unsigned within_of(unsigned view)
{
	if (view <= VIEW_HELD_AGAIN)
		return within[view];
	return within[VIEW_HELD_AGAIN] | ((1u << view) - V(HELD_AGAIN));
}

// Rows on two sides that count the same cases: a service, and this service in each region; a region's members, and its
// services; some days, and these days of each member.
struct group {
	enum flow_figure parts; // of side 1
	char name[CODE_SIZE];
	uint32_t days;
	bool by_region;
	uint64_t told[SIDES], rows[SIDES];
	uint64_t least[SIDES]; // that were in this month alone, as far as it follows from what is told row by row
};

// What was opened in one month, of all (without a region) or of a region on one side.
struct month_of_region {
	enum flow_figure figure;
	char region[CODE_SIZE];
	int32_t month;
	uint64_t cases;
};

struct period {
	struct group *group;      // from 1 on
	size_t groups;
	struct month_of_region *region;
	size_t regions, region_room;
	struct period_cell *cell; // sorted by month
	size_t cells;
	struct item *item;        // sorted
	size_t items;
	enum flow_table table;
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

static bool of_members(enum flow_figure figure)
{
	return figure >= FIGURE_MEMBER_ACKNOWLEDGED && figure <= FIGURE_MEMBER_REPORTED;
}

static uint32_t step_among(const uint32_t *steps, size_t count, uint32_t days)
{
	for (size_t i = 0; i < count; i++) {
		if (days > 0 && days - 1 <= steps[i])
			return steps[i];
	}
	return 0;
}

// Counted from 1, told as whole days that went by at most.
static uint32_t step_of(enum flow_figure figure, uint32_t days)
{
	return of_members(figure) ? step_among(member_steps, sizeof member_steps / sizeof member_steps[0], days)
	                          : step_among(day_steps, sizeof day_steps / sizeof day_steps[0], days);
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
	order = order != 0 ? order : strcmp(a->region, b->region);
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
	struct item item = {.row.figure = cell->figure, .row.days = step_of(cell->figure, cell->days), .hold = cell->hold};
	bool asks = cell->figure == FIGURE_SERVICE_ASKS, asked = cell->figure == FIGURE_SERVICE_ASKED;
	code_or_all(item.row.requesting, asks ? "" : cell->requesting);
	code_or_all(item.row.responding, asked ? "" : cell->responding);
	if (asks || asked)
		snprintf(item.row.region, sizeof item.row.region, "%s",
		         case_region_of(asks ? cell->requesting : cell->responding));
	memcpy(item.row.key, cell->key, sizeof item.row.key);
	return item;
}

static bool is_unserved(const char *reason)
{
	return strcmp(reason, "NO_SERVICE_IN_AREA") == 0 || strcmp(reason, "NOT_COMPETENT") == 0;
}

static unsigned views_of(const struct item *item)
{
	unsigned own = views[item->row.figure];
	if (item->hold > 0)
		return V(HELD_AGAIN) << (item->hold - 1);
	return item->row.figure == FIGURE_DECLINED && is_unserved(item->row.key) ? own | V(UNSERVED_REASONS) : own;
}

// ---- groups ----

static void join(struct period *period, struct item *item, unsigned side, const struct group *wanted)
{
	size_t place = 1, slot = item->group[0] == 0 ? 0 : 1;
	for (; place < period->groups; place++) {
		const struct group *group = &period->group[place];
		if (group->parts == wanted->parts && group->by_region == wanted->by_region && group->days == wanted->days &&
		    strcmp(group->name, wanted->name) == 0)
			break;
	}
	if (place == period->groups)
		period->group[period->groups++] = *wanted;
	item->group[slot] = place;
	item->side[slot] = side;
}

static void join_named(struct period *period, struct item *item, unsigned side, enum flow_figure parts, bool by_region,
                       const char *name)
{
	struct group wanted = {.parts = parts, .by_region = by_region};
	snprintf(wanted.name, sizeof wanted.name, "%s", name);
	join(period, item, side, &wanted);
}

static void join_days(struct period *period, struct item *item, unsigned side, enum flow_figure parts)
{
	uint32_t days = item->row.days == 0 ? 0 : step_of(parts, item->row.days + 1);
	join(period, item, side, &(struct group){.parts = parts, .days = days});
}

static void find_groups(struct period *period, struct item *item)
{
	const struct flow_row *row = &item->row;
	switch ((int)row->figure) {
	case FIGURE_OPENED_SERVICE:
		join_named(period, item, 0, FIGURE_SERVICE_ASKS, false, row->key);
		join_named(period, item, 0, FIGURE_SERVICE_ASKED, false, row->key);
		return;
	case FIGURE_OPENED_ASKS:
		join_named(period, item, 0, FIGURE_SERVICE_ASKS, true, case_region_of(row->requesting));
		return;
	case FIGURE_OPENED_ASKED:
		join_named(period, item, 0, FIGURE_SERVICE_ASKED, true, case_region_of(row->responding));
		return;
	case FIGURE_SERVICE_ASKS:
	case FIGURE_SERVICE_ASKED:
		join_named(period, item, 1, row->figure, false, row->key);
		join_named(period, item, 1, row->figure, true, row->region);
		return;
	case FIGURE_ACKNOWLEDGED:
	case FIGURE_DECIDED:
	case FIGURE_REPORTED:
		join_days(period, item, 0, (enum flow_figure)(row->figure - FIGURE_ACKNOWLEDGED + FIGURE_MEMBER_ACKNOWLEDGED));
		return;
	case FIGURE_MEMBER_ACKNOWLEDGED:
	case FIGURE_MEMBER_DECIDED:
	case FIGURE_MEMBER_REPORTED:
		join_days(period, item, 1, row->figure);
		return;
	default:
		return;
	}
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
	for (size_t i = 0; i < period->items; i++)
		find_groups(period, &period->item[i]);
}

struct sums {
	uint64_t told[VIEW_COUNT], rows[VIEW_COUNT];
};

// Of a row that told 5 more than a month ago at least one case was in this month.
static uint64_t least_of(uint64_t now)
{
	return now < PERIOD_STEP ? 0 : now - (PERIOD_STEP - 1);
}

static void add_item(struct period *period, struct sums *sums, const struct item *item)
{
	unsigned of = item->told + item->waiting > 0 ? views_of(item) : 0;
	for (unsigned view = 0; of >> view != 0; view++) {
		sums->told[view] += (of >> view & 1) != 0 ? item->told : 0;
		sums->rows[view] += of >> view & 1;
	}
	for (unsigned slot = 0; slot < SIDES && of != 0; slot++) {
		struct group *group = &period->group[item->group[slot]];
		group->told[item->side[slot]] += item->told;
		group->rows[item->side[slot]]++;
		group->least[item->side[slot]] += least_of(item->now);
	}
}

static void add_up(struct period *period, struct sums *sums)
{
	*sums = (struct sums){0};
	for (size_t i = 0; i < period->groups; i++)
		memset(period->group[i].told, 0, 3 * sizeof period->group[i].told);
	for (size_t i = 0; i < period->items; i++)
		add_item(period, sums, &period->item[i]);
}

static bool stands_in(const struct item *item, unsigned view, size_t group, unsigned side)
{
	if (group == 0)
		return (views_of(item) >> view & 1) != 0;
	return (item->group[0] == group && item->side[0] == side) || (item->group[1] == group && item->side[1] == side);
}

static void take_back(struct period *period, struct sums *sums, struct item *item)
{
	unsigned of = views_of(item);
	item->now -= PERIOD_STEP;
	item->told -= PERIOD_STEP;
	item->waiting += PERIOD_STEP;
	for (unsigned view = 0; of >> view != 0; view++)
		sums->told[view] -= (of >> view & 1) != 0 ? PERIOD_STEP : 0;
	for (unsigned slot = 0; slot < SIDES; slot++) {
		struct group *group = &period->group[item->group[slot]];
		group->told[item->side[slot]] -= PERIOD_STEP;
		group->least[item->side[slot]] -= least_of(item->now + PERIOD_STEP) - least_of(item->now);
	}
}

// The largest of this month, of a view or (not 0) of a group's side, waits. False: nothing of it was told this month.
static bool hold_back(struct period *period, struct sums *sums, unsigned view, size_t group, unsigned side)
{
	struct item *most = NULL;
	for (size_t i = 0; i < period->items; i++) {
		struct item *item = &period->item[i];
		if (item->now > 0 && (most == NULL || item->now > most->now) && stands_in(item, view, group, side))
			most = item;
	}
	if (most != NULL)
		take_back(period, sums, most);
	return most != NULL;
}

// Of each row from 0 to 4 are not told. If one side told more of its cases than another could by all but one of its rows being short of
// 4, the last row would be known to be short of something.
static bool is_too_much(uint64_t told, uint64_t others, uint64_t rows)
{
	return told > 0 && rows > 0 && told > others + (rows - 1) * (PERIOD_STEP - 1);
}

static bool tells_too_much(const struct sums *sums, unsigned view)
{
	for (unsigned wider = 0; wider < VIEW_COUNT; wider++) {
		if (wider != view && (within_of(view) >> wider & 1) != 0 &&
		    is_too_much(sums->told[view], sums->told[wider], sums->rows[wider]))
			return true;
	}
	return false;
}

// A single row whose parts tell of more in this month than it does itself would have told so.
static bool tells_of_the_month(const struct group *group, unsigned side)
{
	return group->rows[1 - side] == 1 && group->least[side] > group->least[1 - side];
}

static bool balance_groups(struct period *period, struct sums *sums)
{
	bool changed = false;
	for (size_t i = 1; i < period->groups; i++) {
		const struct group *group = &period->group[i];
		for (unsigned side = 0; side < SIDES; side++)
			changed |= (is_too_much(group->told[side], group->told[1 - side], group->rows[1 - side]) ||
			            tells_of_the_month(group, side)) &&
			           hold_back(period, sums, 0, i, side);
	}
	return changed;
}

// Ends: each round takes back what was told this month, and with nothing told the month is as safe as the one before it.
static void balance(struct period *period)
{
	bool changed = true;
	struct sums sums;
	add_up(period, &sums);
	while (changed) {
		changed = balance_groups(period, &sums);
		for (unsigned view = 0; view < VIEW_COUNT; view++)
			changed |= tells_too_much(&sums, view) && hold_back(period, &sums, view, 0, 0);
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
		bool plain = item->row.figure == FIGURE_AVAILABILITY;
		item->now = plain ? item->waiting : item->waiting - item->waiting % PERIOD_STEP;
		item->told += item->now;
		item->waiting -= item->now;
	}
	balance(period);
	return next;
}

static enum flow_figure month_figure(enum flow_figure figure)
{
	return figure == FIGURE_OPENED_URGENCY  ? FIGURE_OPENED_MONTH
	     : figure == FIGURE_SERVICE_ASKS  ? FIGURE_MONTH_ASKS
	     : figure == FIGURE_SERVICE_ASKED ? FIGURE_MONTH_ASKED
	                                       : FIGURE_NONE;
}

// Items of a figure and region stand together.
static void add_to_month(struct period *period, const struct item *item, int32_t month)
{
	enum flow_figure figure = month_figure(item->row.figure);
	struct month_of_region *last = period->regions == 0 ? NULL : &period->region[period->regions - 1];
	if (figure == FIGURE_NONE || item->now == 0)
		return;
	must(period->regions < period->region_room);
	if (last == NULL || last->figure != figure || last->month != month || strcmp(last->region, item->row.region) != 0) {
		last = &period->region[period->regions++];
		*last = (struct month_of_region){.figure = figure, .month = month};
		memcpy(last->region, item->row.region, sizeof last->region);
	}
	last->cases += item->now;
}

static void go_through(struct period *period)
{
	size_t next = 0;
	for (int32_t month = period->first; month <= period->until; month++) {
		next = take_month(period, next, month);
		for (size_t i = 0; month >= period->from && i < period->items; i++) {
			period->item[i].in_period += period->item[i].now;
			add_to_month(period, &period->item[i], month);
		}
	}
}

#define T(name) (1u << FLOW_OF_##name)
static const unsigned tables[FLOW_FIGURE_COUNT] = {
	[FIGURE_OPENED_ASKS] = T(ALL) | T(MEMBERS), [FIGURE_OPENED_ASKED] = T(ALL) | T(MEMBERS),
	[FIGURE_OPENED_SERVICE] = T(ALL), [FIGURE_OPENED_URGENCY] = T(ALL), [FIGURE_ACKNOWLEDGED] = T(ALL),
	[FIGURE_DECIDED] = T(ALL), [FIGURE_REPORTED] = T(ALL), [FIGURE_DATE] = T(ALL), [FIGURE_HELD] = T(ALL),
	[FIGURE_DECLINED] = T(ALL), [FIGURE_UNSERVED] = T(ALL), [FIGURE_OPENED_MONTH] = T(ALL), [FIGURE_FOLLOW_UP] = T(ALL),
	[FIGURE_SERVICE_ASKS] = T(REGIONS), [FIGURE_SERVICE_ASKED] = T(REGIONS), [FIGURE_MONTH_ASKS] = T(REGIONS),
	[FIGURE_MONTH_ASKED] = T(REGIONS), [FIGURE_MEMBER_ACKNOWLEDGED] = T(MEMBERS), [FIGURE_MEMBER_DECIDED] = T(MEMBERS),
	[FIGURE_MEMBER_REPORTED] = T(MEMBERS), [FIGURE_AVAILABILITY] = T(MEMBERS),
};

static bool is_wanted(const struct period *period, enum flow_figure figure)
{
	return (tables[figure] >> period->table & 1) != 0;
}

static bool same_row(const struct flow_row *a, const struct flow_row *b)
{
	struct item left = {.row = *a}, right = {.row = *b};
	return by_row(&left, &right) == 0;
}

static size_t write_months(const struct period *period, struct flow_row *row, size_t written)
{
	for (size_t i = 0; i < period->regions && written < MAX_FLOW_ROWS; i++) {
		const struct month_of_region *month = &period->region[i];
		if (!is_wanted(period, month->figure))
			continue;
		row[written] = (struct flow_row){.requesting = "*",
		                                 .responding = "*",
		                                 .figure = month->figure,
		                                 .month = month_number(month->month),
		                                 .cases = month->cases};
		memcpy(row[written++].region, month->region, sizeof month->region);
	}
	return written;
}

// Holds of the same reason and days are one row, whichever of their cases they were.
static size_t write_rows(const struct period *period, struct flow_row *row)
{
	size_t written = 0;
	for (size_t i = 0; i < period->items && written < MAX_FLOW_ROWS; i++) {
		if (period->item[i].in_period == 0 || !is_wanted(period, period->item[i].row.figure))
			continue;
		if (written == 0 || !same_row(&row[written - 1], &period->item[i].row))
			row[written++] = period->item[i].row;
		row[written - 1].cases += period->item[i].in_period;
	}
	return write_months(period, row, written);
}

static bool fits(const struct period_cell *cell, int32_t until)
{
	return cell->month >= 0 && cell->month <= until && cell->cases > 0 && cell->figure > FIGURE_NONE &&
	       cell->figure < FLOW_FIGURE_COUNT && (views[cell->figure] != 0 || cell->figure == FIGURE_AVAILABILITY) &&
	       cell->hold < (cell->figure == FIGURE_HELD ? STEPS_MOST_HOLDS : 1);
}

static enum fail_code publish(struct period *period, struct flow_row **row, size_t *row_count)
{
	size_t months = (size_t)(period->until - period->first + 1);
	if (months > MOST_MONTHS)
		return FAIL_TOO_LARGE;
	period->item = calloc(period->cells, sizeof *period->item);
	period->group = calloc(SIDES * period->cells + 1, sizeof *period->group);
	if (period->item == NULL || period->group == NULL)
		return FAIL_NO_MEMORY;
	qsort(period->cell, period->cells, sizeof *period->cell, by_month);
	collect_items(period);
	period->region_room = months * (period->items < MOST_A_MONTH ? period->items : MOST_A_MONTH);
	period->region = calloc(period->region_room, sizeof *period->region);
	*row = calloc(period->items + period->region_room, sizeof **row);
	if (period->region == NULL || *row == NULL)
		return FAIL_NO_MEMORY;
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
	                        .table = query->table,
	                        .groups = 1,
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
	free(period.region);
	free(period.group);
	return code;
}
