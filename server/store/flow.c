// SPDX-License-Identifier: Apache-2.0
#include "store/flow.h"

#include "store/bridges.h"
#include "store/flow_kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A column for each state, column 0 (CASE_NONE, which no case has) for their sum, then the measures.
enum { OVERDUE = CASE_STATE_COUNT, ESCALATED, COLUMNS };

#define DAY_MS (UINT64_C(24) * 60 * 60 * 1000)

struct line {
	struct flow_count column[COLUMNS];
};

struct pair {
	size_t asks, asked;   // places of the members
	struct flow_count count;
};

struct table {
	char (*code)[MEMBER_CODE_SIZE]; // sorted
	size_t members;
	struct line *asks, *asked;      // by member
	struct line all;
	struct pair *pair;              // sorted by who asks, then who is asked
	size_t pairs;
	size_t *from;                   // [m] to [m + 1]: places in `pair` of those that m asks
	size_t *by_asked, *asked_from;  // places in `pair` sorted by who is asked, and where each one's begin
	struct flow_count **series;          // room for one row or column and its sum
};

static int by_code(const void *left, const void *right)
{
	return strcmp(left, right);
}

static int by_pair(const void *left, const void *right)
{
	const struct flow_cell *a = left, *b = right;
	int order = strcmp(a->requesting, b->requesting);
	return order != 0 ? order : strcmp(a->responding, b->responding);
}

static void collect_codes(struct table *table, const struct flow_cell *cell, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		memcpy(table->code[2 * i], cell[i].requesting, MEMBER_CODE_SIZE);
		memcpy(table->code[2 * i + 1], cell[i].responding, MEMBER_CODE_SIZE);
	}
	qsort(table->code, 2 * count, sizeof *table->code, by_code);
	for (size_t i = 0; i < 2 * count; i++) {
		if (table->members == 0 || strcmp(table->code[table->members - 1], table->code[i]) != 0)
			memmove(table->code[table->members++], table->code[i], MEMBER_CODE_SIZE);
	}
}

static size_t place_of(const struct table *table, const char *code)
{
	const char(*found)[MEMBER_CODE_SIZE] = bsearch(code, table->code, table->members, sizeof *table->code, by_code);
	must(found != NULL);
	return (size_t)(found - (const char(*)[MEMBER_CODE_SIZE])table->code);
}

static void add(struct flow_count *count, uint64_t cases, uint64_t oldest_ms)
{
	count->cases += cases;
	count->oldest_ms = oldest_ms > count->oldest_ms ? oldest_ms : count->oldest_ms;
}

static void add_to_line(struct line *line, const struct flow_cell *cell)
{
	add(&line->column[CASE_NONE], cell->cases, 0);
	add(&line->column[cell->state], cell->cases, cell->oldest_ms);
	add(&line->column[OVERDUE], cell->overdue, 0);
	add(&line->column[ESCALATED], cell->escalated, 0);
}

// Cells are sorted by pair.
static enum fail_code fill(struct table *table, const struct flow_cell *cell, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (cell[i].state == CASE_NONE || cell[i].state >= CASE_STATE_COUNT)
			return FAIL_DATA_LOSS;
		size_t asks = place_of(table, cell[i].requesting), asked = place_of(table, cell[i].responding);
		struct pair *last = table->pairs == 0 ? NULL : &table->pair[table->pairs - 1];
		if (last == NULL || last->asks != asks || last->asked != asked) {
			last = &table->pair[table->pairs++];
			*last = (struct pair){.asks = asks, .asked = asked};
		}
		add(&last->count, cell[i].cases, 0);
		add_to_line(&table->asks[asks], &cell[i]);
		add_to_line(&table->asked[asked], &cell[i]);
		add_to_line(&table->all, &cell[i]);
	}
	return FAIL_NONE;
}

// Where the pairs of each member lie, on either side: a counting sort.
static void index_pairs(struct table *table)
{
	for (size_t i = 0; i < table->pairs; i++) {
		table->from[table->pair[i].asks + 1]++;
		table->asked_from[table->pair[i].asked + 1]++;
	}
	for (size_t m = 0; m < table->members; m++) {
		table->from[m + 1] += table->from[m];
		table->asked_from[m + 1] += table->asked_from[m];
	}
	size_t next[FLOW_MAX_MEMBERS];
	memcpy(next, table->asked_from, table->members * sizeof *next);
	for (size_t i = 0; i < table->pairs; i++)
		table->by_asked[next[table->pair[i].asked]++] = i;
}

static uint64_t open_cases(const struct line *line)
{
	uint64_t open = 0;
	for (unsigned state = CASE_NONE + 1; state < CASE_STATE_COUNT; state++)
		open += case_state_ended((enum case_state)state) ? 0 : line->column[state].cases;
	return open;
}

// Of a measure the rest must not be small either: it is the difference to the open cases.
static void hide_small_of(struct line *line)
{
	uint64_t open = open_cases(line);
	for (unsigned column = 0; column < COLUMNS; column++) {
		struct flow_count *count = &line->column[column];
		bool rest = column >= OVERDUE && count->cases > 0 && open > count->cases && flow_is_small(open - count->cases);
		count->hidden = flow_is_small(count->cases) || rest;
	}
}

static void hide_small(struct table *table)
{
	for (size_t i = 0; i < table->members; i++) {
		hide_small_of(&table->asks[i]);
		hide_small_of(&table->asked[i]);
	}
	hide_small_of(&table->all);
	for (size_t i = 0; i < table->pairs; i++)
		table->pair[i].count.hidden = flow_is_small(table->pair[i].count.cases);
}

bool flow_protect(struct flow_count *const *series, size_t length)
{
	size_t hidden = 0;
	uint64_t together = 0;
	struct flow_count *smallest = NULL;
	for (size_t i = 0; i < length; i++) {
		if (series[i]->hidden) {
			hidden++;
			together += series[i]->cases;
		} else if (series[i]->cases > 0 && (smallest == NULL || series[i]->cases < smallest->cases)) {
			smallest = series[i];
		}
	}
	bool given_away = hidden == 1 || (hidden > 1 && !series[length - 1]->hidden && together < FLOW_HIDE_BELOW);
	if (!given_away || smallest == NULL)
		return false;
	smallest->hidden = true;
	return true;
}

// The equations that the tables are made of, as nodes of a graph whose edges are the hidden counts: each count
// stands in two of them. Of each member its pairs add up to its cases, on either side, and so do its states; of each
// state and measure the members add up to the sum of all, on either side. FREE is for a count that stands in one alone.
// (The sum of everything stands in none: it is told only where all sums of states are. What follows of it is no secret.)
enum equation { PAIRS_ASKS, PAIRS_ASKED, STATES_ASKS, STATES_ASKED, COLUMN_ASKS, COLUMN_ASKED, FREE };

static size_t node_of(const struct table *table, enum equation equation, size_t which)
{
	size_t lines = 4 * table->members;
	return equation < COLUMN_ASKS ? equation * table->members + which
	                              : lines + (equation - COLUMN_ASKS) * COLUMNS + which;
}

static size_t pairs_series(const struct table *table, size_t member, bool asks)
{
	size_t length = 0;
	const size_t *from = asks ? table->from : table->asked_from;
	for (size_t i = from[member]; i < from[member + 1]; i++)
		table->series[length++] = &table->pair[asks ? i : table->by_asked[i]].count;
	table->series[length++] = &(asks ? table->asks : table->asked)[member].column[CASE_NONE];
	return length;
}

static size_t states_series(const struct table *table, struct line *line)
{
	size_t length = 0;
	for (unsigned state = CASE_NONE + 1; state < CASE_STATE_COUNT; state++)
		table->series[length++] = &line->column[state];
	table->series[length++] = &line->column[CASE_NONE];
	return length;
}

static size_t column_series(struct table *table, struct line *lines, size_t column)
{
	size_t length = 0;
	for (size_t i = 0; i < table->members; i++)
		table->series[length++] = &lines[i].column[column];
	table->series[length++] = &table->all.column[column];
	return length;
}

// What stands in an equation, the sum last; 0 for FREE.
static size_t series_of(struct table *table, size_t node)
{
	size_t members = table->members;
	if (node < 2 * members)
		return pairs_series(table, node % members, node < members);
	if (node < 4 * members)
		return states_series(table, &(node < 3 * members ? table->asks : table->asked)[node % members]);
	node -= 4 * members;
	if (node >= 2 * (size_t)COLUMNS)
		return 0;
	return column_series(table, node < COLUMNS ? table->asks : table->asked, node % COLUMNS);
}

static bool protect_all(struct table *table)
{
	size_t nodes = node_of(table, FREE, 0);
	bool changed = flow_protect(table->series, states_series(table, &table->all));
	for (size_t node = 0; node < nodes; node++)
		changed |= flow_protect(table->series, series_of(table, node));
	return changed;
}

// All counts that are not zero, with their equations; and of these the hidden ones.
struct graph {
	struct edge *edge, *hidden;
	struct flow_count **count;
	size_t edges, hidden_edges;
	bool *bridge, *side;
};

static void add_edge(struct graph *graph, struct flow_count *count, size_t a, size_t b)
{
	if (count->cases == 0)
		return;
	graph->count[graph->edges] = count;
	graph->edge[graph->edges++] = (struct edge){a, b};
}

static void add_line_edges(const struct table *table, struct graph *graph, size_t member, bool asks)
{
	struct line *line = &(asks ? table->asks : table->asked)[member];
	size_t states = node_of(table, asks ? STATES_ASKS : STATES_ASKED, member), free_end = node_of(table, FREE, 0);
	add_edge(graph, &line->column[CASE_NONE], node_of(table, asks ? PAIRS_ASKS : PAIRS_ASKED, member), states);
	for (unsigned column = CASE_NONE + 1; column < COLUMNS; column++)
		add_edge(graph, &line->column[column], column < CASE_STATE_COUNT ? states : free_end,
		         node_of(table, asks ? COLUMN_ASKS : COLUMN_ASKED, column));
}

static void add_edges(struct table *table, struct graph *graph)
{
	for (size_t i = 0; i < table->pairs; i++)
		add_edge(graph, &table->pair[i].count, node_of(table, PAIRS_ASKS, table->pair[i].asks),
		         node_of(table, PAIRS_ASKED, table->pair[i].asked));
	for (size_t i = 0; i < table->members; i++) {
		add_line_edges(table, graph, i, true);
		add_line_edges(table, graph, i, false);
	}
	for (unsigned column = CASE_NONE + 1; column < COLUMNS; column++)
		add_edge(graph, &table->all.column[column], node_of(table, COLUMN_ASKS, column),
		         node_of(table, COLUMN_ASKED, column));
}

static void take_hidden(struct graph *graph)
{
	graph->hidden_edges = 0;
	for (size_t i = 0; i < graph->edges; i++) {
		if (graph->count[i]->hidden)
			graph->hidden[graph->hidden_edges++] = graph->edge[i];
	}
}

// Marks the nodes that hang together with one end of a bridge when it is taken away.
static void mark_side(struct graph *graph, size_t bridge, size_t nodes)
{
	bool grown = true;
	memset(graph->side, 0, nodes * sizeof *graph->side);
	graph->side[graph->hidden[bridge].a] = true;
	while (grown) {
		grown = false;
		for (size_t i = 0; i < graph->hidden_edges; i++) {
			bool *a = &graph->side[graph->hidden[i].a], *b = &graph->side[graph->hidden[i].b];
			if (i == bridge || *a == *b)
				continue;
			*a = *b = grown = true;
		}
	}
}

// The smallest count that leads from one side to the other is hidden too. False if there is none.
static bool lead_around(struct graph *graph, size_t bridge, size_t nodes)
{
	struct flow_count *smallest = NULL;
	mark_side(graph, bridge, nodes);
	for (size_t i = 0; i < graph->edges; i++) {
		struct flow_count *count = graph->count[i];
		bool crosses = graph->side[graph->edge[i].a] != graph->side[graph->edge[i].b];
		if (crosses && !count->hidden && (smallest == NULL || count->cases < smallest->cases))
			smallest = count;
	}
	if (smallest != NULL)
		smallest->hidden = true;
	return smallest != NULL;
}

// All sums agree in sign, so a hidden count follows from all equations together if and only if its edge is a
// bridge: one side of it then adds up to it. Another hidden count between the two sides leads around it.
static enum fail_code cut_a_bridge(struct table *table, struct graph *graph, bool *changed)
{
	size_t nodes = node_of(table, FREE, 0) + 1;
	take_hidden(graph);
	enum fail_code code = bridges_find(graph->hidden, graph->hidden_edges, nodes, graph->bridge);
	*changed = false;
	for (size_t i = 0; i < graph->hidden_edges && code == FAIL_NONE && !*changed; i++) {
		if (graph->bridge[i])
			*changed = lead_around(graph, i, nodes);
	}
	return code;
}

static enum fail_code hide_until_safe(struct table *table, struct graph *graph)
{
	enum fail_code code = FAIL_NONE;
	bool changed = true;
	add_edges(table, graph);
	while (changed && code == FAIL_NONE) { // ends because each round hides at least one count more
		while (protect_all(table))
			;
		code = cut_a_bridge(table, graph, &changed);
	}
	return code;
}

static enum fail_code hide_what_follows(struct table *table)
{
	size_t most = (2 * table->members + 1) * COLUMNS + table->pairs;
	struct graph graph = {
		.edge = calloc(most, sizeof *graph.edge),
		.hidden = calloc(most, sizeof *graph.hidden),
		.count = calloc(most, sizeof *graph.count),
		.bridge = calloc(most, sizeof *graph.bridge),
		.side = calloc(node_of(table, FREE, 0) + 1, sizeof *graph.side),
	};
	bool good =
		graph.edge != NULL && graph.hidden != NULL && graph.count != NULL && graph.bridge != NULL && graph.side != NULL;
	enum fail_code code = good ? hide_until_safe(table, &graph) : FAIL_NO_MEMORY;
	free(graph.edge);
	free(graph.hidden);
	free(graph.count);
	free(graph.bridge);
	free(graph.side);
	return code;
}

// The sum of everything would be one more equation for the sums of the states.
static void hide_whole(struct table *table)
{
	for (unsigned state = CASE_NONE + 1; state < CASE_STATE_COUNT; state++)
		table->all.column[CASE_NONE].hidden |= table->all.column[state].hidden;
}

// ---- in steps ----

static void round_line(struct line *line)
{
	for (unsigned column = 0; column < COLUMNS; column++)
		line->column[column].told = line->column[column].cases - line->column[column].cases % FLOW_STEP;
}

// Of each part from 0 to 4 are not told. A sum that told more than its parts could by all but one of them being short
// of 4 would say of the last one that it is short, too; by all but two, since a part stands in other sums as well. The last one is
// the sum of the others. True if it tells less now.
static bool lower(struct flow_count *const *series, size_t length)
{
	uint64_t together = 0, parts = 0;
	for (size_t i = 0; i < length; i++) {
		if (series[i]->hidden)
			return false; // which may be any number from 1 on
		if (i + 1 < length && series[i]->cases > 0) {
			together += series[i]->told;
			parts++;
		}
	}
	uint64_t most = together + (parts <= 2 ? 0 : (parts - 2) * (FLOW_STEP - 1));
	if (length == 0 || parts == 0 || series[length - 1]->told <= most)
		return false;
	series[length - 1]->told = most - most % FLOW_STEP;
	return true;
}

static bool lower_all(struct table *table)
{
	size_t nodes = node_of(table, FREE, 0);
	bool changed = lower(table->series, states_series(table, &table->all));
	for (size_t node = 0; node < nodes; node++)
		changed |= lower(table->series, series_of(table, node));
	return changed;
}

static struct flow_whole whole_of(struct table *table)
{
	struct flow_count *column = table->all.column;
	return (struct flow_whole){.state = column, .overdue = &column[OVERDUE], .escalated = &column[ESCALATED]};
}

// What shows is told in steps, so that an answer of yesterday taken away from that of today is no count from 1 to 4.
static void tell_in_steps(struct table *table, struct flow_kinds *kinds)
{
	struct flow_whole whole = whole_of(table);
	round_line(&table->all);
	for (size_t i = 0; i < table->members; i++) {
		round_line(&table->asks[i]);
		round_line(&table->asked[i]);
	}
	for (size_t i = 0; i < table->pairs; i++)
		table->pair[i].count.told = table->pair[i].count.cases - table->pair[i].count.cases % FLOW_STEP;
	flow_kinds_round(kinds);
	bool changed = true;
	while (changed) { // ends because numbers get smaller
		changed = lower_all(table);
		changed |= flow_kinds_lower(kinds, &whole);
	}
}

static uint64_t whole_days(uint64_t ms)
{
	return ms - ms % DAY_MS;
}

static struct flow_row row_of(const char *requesting, const char *responding, const struct flow_count *count)
{
	struct flow_row row = {.few = count->hidden};
	snprintf(row.requesting, sizeof row.requesting, "%s", requesting);
	snprintf(row.responding, sizeof row.responding, "%s", responding);
	row.cases = count->hidden ? 0 : count->told;
	row.oldest_ms = count->hidden ? 0 : whole_days(count->oldest_ms);
	row.median_ms = count->hidden ? 0 : whole_days(count->median_ms);
	return row;
}

static size_t write_line(struct flow_row *row, const char *requesting, const char *responding, const struct line *line)
{
	size_t written = 0;
	for (unsigned column = 0; column < COLUMNS; column++) {
		if (line->column[column].cases == 0)
			continue;
		row[written] = row_of(requesting, responding, &line->column[column]);
		row[written].state = column < CASE_STATE_COUNT ? column : CASE_NONE;
		row[written++].measure = column == OVERDUE     ? FLOW_OVERDUE
		                         : column == ESCALATED ? FLOW_ESCALATED
		                                               : FLOW_CASES;
	}
	return written;
}

static size_t write_rows(const struct table *table, const struct flow_kinds *kinds, struct flow_row *row)
{
	size_t written = write_line(row, "*", "*", &table->all);
	written += flow_kinds_write(kinds, row + written);
	for (size_t i = 0; i < table->members; i++)
		written += write_line(row + written, table->code[i], "*", &table->asks[i]);
	for (size_t i = 0; i < table->members; i++)
		written += write_line(row + written, "*", table->code[i], &table->asked[i]);
	for (size_t i = 0; i < table->pairs && written < MAX_FLOW_ROWS; i++) {
		const struct pair *pair = &table->pair[i];
		if (!pair->count.hidden)
			row[written++] = row_of(table->code[pair->asks], table->code[pair->asked], &pair->count);
	}
	return written;
}

static enum fail_code make_room(struct table *table, size_t count)
{
	table->code = calloc(2 * count + 1, sizeof *table->code);
	table->pair = calloc(count + 1, sizeof *table->pair);
	table->asks = calloc(2 * count + 1, sizeof *table->asks);
	table->asked = calloc(2 * count + 1, sizeof *table->asked);
	table->series = calloc(2 * count + COLUMNS + 1, sizeof *table->series);
	table->from = calloc(2 * count + 2, sizeof *table->from);
	table->by_asked = calloc(count + 1, sizeof *table->by_asked);
	table->asked_from = calloc(2 * count + 2, sizeof *table->asked_from);
	bool good = table->code != NULL && table->pair != NULL && table->asks != NULL && table->asked != NULL &&
	            table->series != NULL && table->from != NULL && table->by_asked != NULL && table->asked_from != NULL;
	return good ? FAIL_NONE : FAIL_NO_MEMORY;
}

static enum fail_code tell(struct table *table, struct flow_kinds *kinds, struct flow_row **row, size_t *row_count)
{
	hide_whole(table);
	tell_in_steps(table, kinds);
	*row = calloc((2 * table->members + 1) * COLUMNS + kinds->lines * KIND_COLUMNS + table->pairs + 1, sizeof **row);
	if (*row == NULL)
		return FAIL_NO_MEMORY;
	*row_count = write_rows(table, kinds, *row);
	return FAIL_NONE;
}

static enum fail_code publish(struct table *table, const struct flow_counts *counts, struct flow_row **row,
                              size_t *row_count)
{
	index_pairs(table);
	hide_small(table);
	enum fail_code code = hide_what_follows(table);
	if (code != FAIL_NONE)
		return code;
	struct flow_kinds kinds;
	struct flow_whole whole = whole_of(table);
	code = flow_kinds_init(&kinds, counts->kind, counts->kinds, &whole);
	if (code == FAIL_NONE)
		code = tell(table, &kinds, row, row_count);
	flow_kinds_release(&kinds);
	return code;
}

enum fail_code flow_publish(const struct flow_counts *counts, struct flow_row **row, size_t *row_count)
{
	struct table table = {.members = 0};
	size_t count = counts->cells;
	struct flow_cell *sorted = calloc(count + 1, sizeof *sorted);
	*row = NULL;
	*row_count = 0;
	enum fail_code code = sorted == NULL ? FAIL_NO_MEMORY : make_room(&table, count);
	if (code == FAIL_NONE) {
		if (count > 0)
			memcpy(sorted, counts->cell, count * sizeof *sorted);
		qsort(sorted, count, sizeof *sorted, by_pair);
		collect_codes(&table, sorted, count);
		code = table.members > FLOW_MAX_MEMBERS ? FAIL_TOO_LARGE : fill(&table, sorted, count);
	}
	for (unsigned state = 0; state < CASE_STATE_COUNT; state++)
		table.all.column[state].median_ms = counts->median_ms[state];
	if (code == FAIL_NONE)
		code = publish(&table, counts, row, row_count);
	free(sorted);
	free(table.code);
	free(table.pair);
	free(table.asks);
	free(table.asked);
	free(table.series);
	free(table.from);
	free(table.by_asked);
	free(table.asked_from);
	return code;
}
