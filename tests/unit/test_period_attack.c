// SPDX-License-Identifier: Apache-2.0
// links: test_linear hub_store
//
// Who has all answers about all periods and all tables writes down what he knows of each row up to the end of two months
// that follow each other, and asks a linear program for the least and the most that each can be, and each month.
#include "lib/linear.h"
#include "store/period.h"
#include "unit/test.h"

#include <stdio.h>

enum { MONTH = 672, MONTHS = 3, MOST_CASES = 400, MOST_ITEMS = 75, WORLDS = 48 }; // January 2026
#define JANUARY_2026 UINT64_C(1767225600000)
#define DAY UINT64_C(86400000)
#define ENDLESS 1e9

static const char *const members[] = {"CH", "FR", "GM", "SN"}, *const regions[] = {"WESTERN_EUROPE", "WESTERN_EUROPE", "WESTERN_AFRICA", "WESTERN_AFRICA"};
static const char *const services[] = {"HOME_STUDY", "TRACING"}, *const urgencies[] = {"STANDARD", "PRIORITY"};
static const char *const reasons[] = {"CAPACITY", "NOT_COMPETENT", "NO_SERVICE_IN_AREA"};

struct one_case {
	unsigned asks, asked, service, urgency, month, days, reason; // days 0: not acknowledged; reason 3: not declined
};

// A row of the answers: its truth and what was told up to the end of each month.
struct item {
	enum flow_figure figure;
	char asks[MEMBER_CODE_SIZE], asked[MEMBER_CODE_SIZE], region[CODE_SIZE], key[CODE_SIZE];
	uint32_t days;
	uint64_t truth[MONTHS], told[MONTHS];
};

struct world {
	struct one_case one[MOST_CASES];
	size_t cases;
	struct item item[MOST_ITEMS];
	size_t items;
};

static uint32_t next_random(uint32_t *random)
{
	*random = *random * 1664525 + 1013904223;
	return *random >> 16;
}

static uint32_t coarse(uint32_t days)
{
	return days <= 2 ? 2 : days <= 5 ? 5 : 7;
}

static void count(struct world *world, const struct item *of, unsigned month)
{
	size_t i = 0;
	while (i < world->items &&
	       (world->item[i].figure != of->figure || world->item[i].days != of->days ||
	        strcmp(world->item[i].asks, of->asks) != 0 || strcmp(world->item[i].asked, of->asked) != 0 ||
	        strcmp(world->item[i].region, of->region) != 0 || strcmp(world->item[i].key, of->key) != 0))
		i++;
	assert_true(i < MOST_ITEMS);
	if (i == world->items)
		world->item[world->items++] = *of;
	for (; month < MONTHS; month++)
		world->item[i].truth[month]++;
}

static struct item item_of(enum flow_figure figure, const char *asks, const char *asked, const char *region,
                           const char *key, uint32_t days)
{
	struct item item = {.figure = figure, .days = days};
	snprintf(item.asks, sizeof item.asks, "%s", asks);
	snprintf(item.asked, sizeof item.asked, "%s", asked);
	snprintf(item.region, sizeof item.region, "%s", region);
	snprintf(item.key, sizeof item.key, "%s", key);
	return item;
}

// Up to thirteen rows count a case.
static size_t rows_of(const struct one_case *one, struct item *row)
{
	size_t rows = 0;
	const char *asks = members[one->asks], *asked = members[one->asked], *service = services[one->service];
	row[rows++] = item_of(FIGURE_OPENED_ASKS, asks, "*", "", "", 0);
	row[rows++] = item_of(FIGURE_OPENED_ASKED, "*", asked, "", "", 0);
	row[rows++] = item_of(FIGURE_OPENED_SERVICE, "*", "*", "", service, 0);
	row[rows++] = item_of(FIGURE_OPENED_URGENCY, "*", "*", "", urgencies[one->urgency], 0);
	row[rows++] = item_of(FIGURE_SERVICE_ASKS, "*", "*", regions[one->asks], service, 0);
	row[rows++] = item_of(FIGURE_SERVICE_ASKED, "*", "*", regions[one->asked], service, 0);
	if (one->days > 0) {
		row[rows++] = item_of(FIGURE_ACKNOWLEDGED, "*", "*", "", "", one->days);
		row[rows++] = item_of(FIGURE_MEMBER_ACKNOWLEDGED, "*", asked, "", "", coarse(one->days));
	}
	if (one->reason < 3)
		row[rows++] = item_of(FIGURE_DECLINED, "*", "*", "", reasons[one->reason], 0);
	if (one->reason == 1 || one->reason == 2)
		row[rows++] = item_of(FIGURE_UNSERVED, asks, asked, "", "", 0);
	return rows;
}

static void make_world(struct world *world, uint32_t *random, size_t cases)
{
	static const unsigned days[] = {0, 1, 2, 3, 5, 7};
	*world = (struct world){.cases = cases};
	for (size_t i = 0; i < cases; i++) {
		struct one_case *one = &world->one[i];
		unsigned step = next_random(random) % 4;
		*one = (struct one_case){.asks = next_random(random) % 4, .asked = step % 2 == 0 ? 3 : next_random(random) % 4};
		one->asked = one->asked == one->asks ? (one->asks + 1) % 4 : one->asked;
		one->service = next_random(random) % 3 == 0;
		one->urgency = next_random(random) % 4 == 0;
		one->month = next_random(random) % MONTHS;
		one->days = days[next_random(random) % 6];
		one->reason = next_random(random) % 6;
	}
	for (size_t i = 0; i < cases; i++) {
		struct item row[16];
		size_t rows = rows_of(&world->one[i], row);
		for (size_t k = 0; k < rows; k++)
			count(world, &row[k], world->one[i].month);
	}
}

// ---- what is told ----

static struct period_cell cell_of(const struct one_case *one, const struct item *row)
{
	struct period_cell cell = {.figure = row->figure,
	                           .month = MONTH + (int32_t)one->month,
	                           .cases = 1,
	                           .days = row->days == 0 ? 0 : one->days + 1};
	bool asks = row->asks[0] != '*' || row->figure == FIGURE_SERVICE_ASKS,
		 asked = row->asked[0] != '*' || row->figure == FIGURE_SERVICE_ASKED;
	snprintf(cell.requesting, sizeof cell.requesting, "%s", asks ? members[one->asks] : "");
	snprintf(cell.responding, sizeof cell.responding, "%s", asked ? members[one->asked] : "");
	snprintf(cell.key, sizeof cell.key, "%s", row->key);
	return cell;
}

static void take_rows(struct world *world, unsigned month, const struct flow_row *row, size_t rows)
{
	for (size_t i = 0; i < rows; i++) {
		for (size_t k = 0; k < world->items; k++) {
			struct item *item = &world->item[k];
			if (item->figure == row[i].figure && item->days == row[i].days &&
			    strcmp(item->asks, row[i].requesting) == 0 && strcmp(item->asked, row[i].responding) == 0 &&
			    strcmp(item->region, row[i].region) == 0 && strcmp(item->key, row[i].key) == 0)
				item->told[month] = row[i].cases;
		}
	}
}

static void ask_all(struct world *world)
{
	static struct period_cell cell[MOST_CASES * 16];
	size_t cells = 0;
	for (size_t i = 0; i < world->cases; i++) {
		struct item row[16];
		size_t rows = rows_of(&world->one[i], row);
		for (size_t k = 0; k < rows; k++)
			cell[cells++] = cell_of(&world->one[i], &row[k]);
	}
	for (unsigned i = 0; i < MONTHS * FLOW_TABLE_COUNT; i++) {
		unsigned month = i / FLOW_TABLE_COUNT;
		struct query query = {.kind = QUESTION_FLOW, .figures = true, .until = JANUARY_2026 + (month * 31 + 5) * DAY,
		                      .table = (enum flow_table)(i % FLOW_TABLE_COUNT)};
		struct flow_row *row = NULL;
		size_t rows = 0;
		assert_ok(period_publish(cell, cells, &query, JANUARY_2026 + 100 * DAY, &row, &rows));
		take_rows(world, month, row, rows);
		free(row);
	}
}

// As if each row had been rounded for itself.
static void round_each(struct world *world)
{
	for (size_t i = 0; i < world->items; i++) {
		for (size_t month = 0; month < MONTHS; month++)
			world->item[i].told[month] = world->item[i].truth[month] / PERIOD_STEP * PERIOD_STEP;
	}
}

// ---- what follows ----

// Unknown i is item i up to the end of the first month, less what was told; from `items` on, of the second.
struct knowledge {
	const struct world *world;
	unsigned month;
	struct linear *linear;
};

typedef bool chosen(const struct item *item, const char *name, uint32_t days);

static bool of_figure(const struct item *item, const char *name, uint32_t days)
{
	(void)name;
	return (uint32_t)item->figure == days;
}

static bool of_key(const struct item *item, const char *name, uint32_t days)
{
	return (uint32_t)item->figure == days && strcmp(item->key, name) == 0;
}

static bool of_region(const struct item *item, const char *name, uint32_t days)
{
	bool opened = item->figure == FIGURE_OPENED_ASKS || item->figure == FIGURE_OPENED_ASKED;
	const char *member = item->figure == FIGURE_OPENED_ASKS ? item->asks : item->asked;
	bool inside =
		opened && (strcmp(member, "CH") == 0 || strcmp(member, "FR") == 0) == (strcmp(name, "WESTERN_EUROPE") == 0);
	return (uint32_t)item->figure == days && (inside || strcmp(item->region, name) == 0);
}

static bool of_days(const struct item *item, const char *name, uint32_t days)
{
	enum flow_figure figure = name[0] == 'M' ? FIGURE_MEMBER_ACKNOWLEDGED : FIGURE_ACKNOWLEDGED;
	return item->figure == figure && coarse(item->days) == days;
}

static bool of_unserved_reason(const struct item *item, const char *name, uint32_t days)
{
	(void)name;
	(void)days;
	return item->figure == FIGURE_DECLINED && strcmp(item->key, "CAPACITY") != 0;
}

// The cases of the first rows are those of the second ones, or (`some`) among them.
static void know(struct knowledge *knowledge, chosen *first, const char *name, uint32_t days, chosen *second,
                 const char *other, uint32_t more, bool some)
{
	const struct world *world = knowledge->world;
	for (unsigned k = 0; k < 2; k++) {
		double coefficient[LINEAR_UNKNOWNS] = {0}, side = 0;
		for (size_t i = 0; i < world->items; i++) {
			double sign = (first(&world->item[i], name, days) ? 1 : 0) - (second(&world->item[i], other, more) ? 1 : 0);
			coefficient[k * world->items + i] = sign;
			side -= sign * (double)world->item[i].told[knowledge->month + k];
		}
		linear_know(knowledge->linear, coefficient, some ? -ENDLESS : side, side);
	}
}

static void know_sums(struct knowledge *to)
{
	know(to, of_figure, "", FIGURE_OPENED_ASKS, of_figure, "", FIGURE_OPENED_ASKED, false);
	know(to, of_figure, "", FIGURE_OPENED_ASKS, of_figure, "", FIGURE_OPENED_URGENCY, false);
	for (size_t i = 0; i < 2; i++) {
		know(to, of_key, services[i], FIGURE_OPENED_SERVICE, of_key, services[i], FIGURE_SERVICE_ASKS, false);
		know(to, of_key, services[i], FIGURE_OPENED_SERVICE, of_key, services[i], FIGURE_SERVICE_ASKED, false);
		know(to, of_region, regions[2 * i], FIGURE_OPENED_ASKS, of_region, regions[2 * i], FIGURE_SERVICE_ASKS, false);
		know(to, of_region, regions[2 * i], FIGURE_OPENED_ASKED, of_region, regions[2 * i], FIGURE_SERVICE_ASKED,
		     false);
	}
	for (uint32_t days = 2; days <= 7; days++)
		know(to, of_days, "A", days, of_days, "M", days, false);
	know(to, of_figure, "", FIGURE_ACKNOWLEDGED, of_figure, "", FIGURE_OPENED_ASKS, true);
	know(to, of_figure, "", FIGURE_DECLINED, of_figure, "", FIGURE_OPENED_ASKS, true);
	know(to, of_unserved_reason, "", 0, of_figure, "", FIGURE_UNSERVED, false);
}

// Each row is short of 0 to 4, or of more where it had to wait: the attacker is given which. No row gets smaller.
static void know_rows(struct knowledge *to)
{
	const struct world *world = to->world;
	for (size_t i = 0; i < world->items; i++) {
		const struct item *item = &world->item[i];
		double coefficient[LINEAR_UNKNOWNS] = {0};
		for (unsigned k = 0; k < 2; k++) {
			double most = PERIOD_STEP - 1;
			while (most < (double)(item->truth[to->month + k] - item->told[to->month + k]))
				most += PERIOD_STEP;
			memset(coefficient, 0, sizeof coefficient);
			coefficient[k * world->items + i] = 1;
			linear_know(to->linear, coefficient, 0, most);
		}
		coefficient[i] = -1;
		double least = (double)item->told[to->month] - (double)item->told[to->month + 1];
		linear_know(to->linear, coefficient, least, ENDLESS);
	}
}

struct found {
	size_t looked_at, rows, months; // rows and months known more closely than to 5
	double narrowest;
};

static void attack(const struct world *world, struct found *found)
{
	for (unsigned month = 0; month + 1 < MONTHS; month++) {
		struct knowledge knowledge = {world, month, linear_new(2 * world->items)};
		know_sums(&knowledge);
		know_rows(&knowledge);
		if (!linear_begin(knowledge.linear))
			fail_msg("what is known contradicts itself");
		for (size_t i = 0; i < 3 * world->items; i++) {
			double coefficient[LINEAR_UNKNOWNS] = {0}, least = 0, most = 0;
			bool of_month = i >= 2 * world->items;
			coefficient[of_month ? i - world->items : i] = 1;
			coefficient[i % world->items] -= of_month ? 1 : 0;
			linear_range(knowledge.linear, coefficient, &least, &most);
			bool near = most - least < PERIOD_STEP - 1 - 1e-5;
			found->looked_at++;
			found->rows += near && !of_month;
			found->months += near && of_month;
			found->narrowest = most - least < found->narrowest ? most - least : found->narrowest;
		}
		linear_free(knowledge.linear);
	}
}

static struct found attack_all(bool balanced)
{
	static struct world world;
	struct found found = {.narrowest = ENDLESS};
	for (size_t i = 0; i < WORLDS; i++) {
		uint32_t random = 20261124 + (uint32_t)i * UINT32_C(2654435761);
		make_world(&world, &random, 30 + i % 8 * 50);
		if (balanced)
			ask_all(&world);
		else
			round_each(&world);
		attack(&world, &found);
	}
	print_message("seed 20261124: %zu counts, %zu rows and %zu months known, narrowest %.1f\n", found.looked_at,
	              found.rows, found.months, found.narrowest);
	return found;
}

static void test_every_row_and_every_month_may_be_any_of_five(void **state)
{
	(void)state;
	struct found found = attack_all(true);
	assert_true(found.looked_at > 1000);
	assert_int_equal(found.rows, 0);
	assert_int_equal(found.months, 0);
}

static void test_where_each_row_is_rounded_for_itself_the_attack_finds_some(void **state)
{
	(void)state;
	assert_true(attack_all(false).rows > 20);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{"every row and every month may be any of five", test_every_row_and_every_month_may_be_any_of_five, NULL, NULL, NULL},
		{"where each row is rounded for itself the attack finds some",
		 test_where_each_row_is_rounded_for_itself_the_attack_finds_some, NULL, NULL, NULL},
	};
	return cmocka_run_group_tests_name("period attack", tests, NULL, NULL);
}
