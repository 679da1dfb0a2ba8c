// SPDX-License-Identifier: Apache-2.0
#include "store/flow_kinds.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_PARTS = CASE_STATE_COUNT };

static const enum flow_figure figures[] = {FIGURE_NOW_SERVICE, FIGURE_NOW_URGENCY};

static int by_line(const void *left, const void *right)
{
	const struct flow_kind *a = left, *b = right;
	return a->figure != b->figure ? (a->figure < b->figure ? -1 : 1) : strcmp(a->key, b->key);
}

static bool is_open(const struct flow_whole *whole, unsigned state)
{
	return !case_state_ended((enum case_state)state) && !whole->state[state].hidden;
}

static enum fail_code fill(struct flow_kinds *kinds, const struct flow_kind *cell, size_t count,
                           const struct flow_whole *whole)
{
	struct flow_kind_line *line = NULL;
	for (size_t i = 0; i < count; i++) {
		bool good = cell[i].state != CASE_NONE && cell[i].state < CASE_STATE_COUNT &&
		            (cell[i].figure == FIGURE_NOW_SERVICE || cell[i].figure == FIGURE_NOW_URGENCY);
		if (!good)
			return FAIL_DATA_LOSS;
		if (line == NULL || by_line(&cell[i - 1], &cell[i]) != 0) {
			line = &kinds->line[kinds->lines++];
			line->figure = cell[i].figure;
			memcpy(line->key, cell[i].key, sizeof line->key);
		}
		line->column[KIND_OPEN].cases += is_open(whole, cell[i].state) ? cell[i].cases : 0;
		line->column[KIND_OVERDUE].cases += cell[i].overdue;
		line->column[KIND_ESCALATED].cases += cell[i].escalated;
	}
	return FAIL_NONE;
}

// The rows of this figure; `series` has room for one more.
static size_t rows_of(const struct flow_kinds *kinds, enum flow_figure figure, unsigned column)
{
	size_t length = 0;
	for (size_t i = 0; i < kinds->lines; i++) {
		if (kinds->line[i].figure == figure)
			kinds->series[length++] = &kinds->line[i].column[column];
	}
	return length;
}

// The told counts of which a column of these rows is another way of counting: states, or one sum. None: not told.
static size_t parts_of_whole(const struct flow_whole *whole, unsigned column, struct flow_count *part[MOST_PARTS])
{
	struct flow_count *sum = column == KIND_OVERDUE ? whole->overdue : whole->escalated;
	size_t length = 0;
	if (column != KIND_OPEN) {
		part[0] = sum;
		return sum->hidden ? 0 : 1;
	}
	for (unsigned state = CASE_NONE + 1; state < CASE_STATE_COUNT; state++) {
		if (is_open(whole, state) && whole->state[state].cases > 0)
			part[length++] = &whole->state[state];
	}
	return length;
}

// What of the open cases is not overdue must not be small either.
static void hide_small(struct flow_kind_line *line)
{
	uint64_t open = line->column[KIND_OPEN].cases;
	for (unsigned column = 0; column < KIND_COLUMNS; column++) {
		struct flow_count *count = &line->column[column];
		bool rest =
			column != KIND_OPEN && count->cases > 0 && open > count->cases && flow_is_small(open - count->cases);
		count->hidden = flow_is_small(count->cases) || rest;
	}
}

static void hide_column(struct flow_kinds *kinds, const struct flow_whole *whole, enum flow_figure figure,
                        unsigned column)
{
	struct flow_count *part[MOST_PARTS], sum = {.hidden = false};
	size_t length = rows_of(kinds, figure, column);
	bool told = parts_of_whole(whole, column, part) > 0;
	for (size_t i = 0; i < length; i++) {
		kinds->series[i]->hidden |= !told;
		sum.cases += kinds->series[i]->cases;
	}
	kinds->series[length++] = &sum;
	while (told && flow_protect(kinds->series, length))
		;
}

enum fail_code flow_kinds_init(struct flow_kinds *kinds, const struct flow_kind *cell, size_t count,
                               const struct flow_whole *whole)
{
	struct flow_kind *sorted = calloc(count + 1, sizeof *sorted);
	*kinds = (struct flow_kinds){.line = calloc(count + 1, sizeof *kinds->line),
	                             .series = calloc(count + 1, sizeof(struct flow_count *))};
	bool good = sorted != NULL && kinds->line != NULL && kinds->series != NULL;
	if (good && count > 0) {
		memcpy(sorted, cell, count * sizeof *sorted);
		qsort(sorted, count, sizeof *sorted, by_line);
	}
	enum fail_code code = good ? fill(kinds, sorted, count, whole) : FAIL_NO_MEMORY;
	free(sorted);
	for (size_t i = 0; i < kinds->lines && code == FAIL_NONE; i++)
		hide_small(&kinds->line[i]);
	for (unsigned i = 0; i < 2 * KIND_COLUMNS && code == FAIL_NONE; i++)
		hide_column(kinds, whole, figures[i / KIND_COLUMNS], i % KIND_COLUMNS);
	return code;
}

void flow_kinds_release(struct flow_kinds *kinds)
{
	free(kinds->line);
	free(kinds->series);
}

void flow_kinds_round(struct flow_kinds *kinds)
{
	for (size_t i = 0; i < kinds->lines * KIND_COLUMNS; i++) {
		struct flow_count *count = &kinds->line[i / KIND_COLUMNS].column[i % KIND_COLUMNS];
		count->told = count->cases - count->cases % FLOW_STEP;
	}
}

struct side {
	uint64_t told, parts;
	bool hidden;
	struct flow_count *most;
};

static struct side side_of(struct flow_count *const *series, size_t length)
{
	struct side side = {.told = 0};
	for (size_t i = 0; i < length; i++) {
		struct flow_count *count = series[i];
		if (count->cases == 0)
			continue;
		side.parts++;
		side.hidden |= count->hidden;
		side.told += count->hidden ? 0 : count->told;
		if (!count->hidden && (side.most == NULL || count->told > side.most->told))
			side.most = count;
	}
	return side;
}

// Of each part from 0 to 4 are not told. If one side told more than the other could by all but two of its parts being
// short of 4, these parts would be known to be short of something. A hidden part of the other side may be any number.
static bool lower(const struct side *side, const struct side *other)
{
	uint64_t most = other->told + (other->parts <= 2 ? 0 : (other->parts - 2) * (FLOW_STEP - 1));
	if (other->parts == 0 || other->hidden || side->most == NULL || side->most->told == 0 || side->told <= most)
		return false;
	side->most->told -= FLOW_STEP;
	return true;
}

bool flow_kinds_lower(struct flow_kinds *kinds, const struct flow_whole *whole)
{
	bool changed = false;
	for (unsigned i = 0; i < 2 * KIND_COLUMNS; i++) {
		unsigned column = i % KIND_COLUMNS;
		struct flow_count *part[MOST_PARTS];
		struct side all = side_of(part, parts_of_whole(whole, column, part));
		struct side rows = side_of(kinds->series, rows_of(kinds, figures[i / KIND_COLUMNS], column));
		changed |= lower(&all, &rows) || lower(&rows, &all);
	}
	return changed;
}

size_t flow_kinds_write(const struct flow_kinds *kinds, struct flow_row *row)
{
	static const enum flow_measure measures[KIND_COLUMNS] = {FLOW_CASES, FLOW_OVERDUE, FLOW_ESCALATED};
	size_t written = 0;
	for (size_t i = 0; i < kinds->lines * KIND_COLUMNS; i++) {
		const struct flow_kind_line *line = &kinds->line[i / KIND_COLUMNS];
		const struct flow_count *count = &line->column[i % KIND_COLUMNS];
		if (count->cases == 0)
			continue;
		row[written] =
			(struct flow_row){.requesting = "*", .responding = "*", .figure = line->figure, .few = count->hidden};
		row[written].measure = measures[i % KIND_COLUMNS];
		row[written].cases = count->hidden ? 0 : count->told;
		memcpy(row[written++].key, line->key, sizeof line->key);
	}
	return written;
}
