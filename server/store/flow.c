// SPDX-License-Identifier: Apache-2.0
#include "store/flow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// One table: a line for each pair and one for the sums; a column for each state,
// and column 0 (CASE_NONE, which no case has) for the sums.
struct field {
	uint64_t cases, oldest_ms, median_ms;
	bool hidden;
};

struct line {
	const char *requesting, *responding;
	struct field field[CASE_STATE_COUNT];
};

struct table {
	struct line *line;   // line[count] are the sums
	size_t count;
};

static int by_pair(const void *left, const void *right)
{
	const struct flow_cell *a = left, *b = right;
	int order = strcmp(a->requesting, b->requesting);
	return order != 0 ? order : strcmp(a->responding, b->responding);
}

static bool same_pair(const struct line *line, const struct flow_cell *cell)
{
	return strcmp(line->requesting, cell->requesting) == 0 && strcmp(line->responding, cell->responding) == 0;
}

// Cells sorted by pair become lines; sums are added on the way.
static enum fail_code fill(struct table *table, const struct flow_cell *cell, size_t count)
{
	struct line sums = {.requesting = "*", .responding = "*"};
	for (size_t i = 0; i < count; i++) {
		if (cell[i].state == CASE_NONE || cell[i].state >= CASE_STATE_COUNT)
			return FAIL_DATA_LOSS;
		if (table->count == 0 || !same_pair(&table->line[table->count - 1], &cell[i])) {
			if (table->count == FLOW_MAX_PAIRS)
				return FAIL_TOO_LARGE;
			table->line[table->count++] =
				(struct line){.requesting = cell[i].requesting, .responding = cell[i].responding};
		}
		struct line *line = &table->line[table->count - 1];
		line->field[cell[i].state].cases += cell[i].cases;
		line->field[cell[i].state].oldest_ms = cell[i].oldest_ms;
		line->field[cell[i].state].median_ms = cell[i].median_ms;
		line->field[CASE_NONE].cases += cell[i].cases;
		sums.field[cell[i].state].cases += cell[i].cases;
		sums.field[CASE_NONE].cases += cell[i].cases;
	}
	table->line[table->count] = sums;
	return FAIL_NONE;
}

static void hide_small(struct table *table)
{
	for (size_t i = 0; i <= table->count; i++) {
		for (unsigned state = 0; state < CASE_STATE_COUNT; state++) {
			struct field *field = &table->line[i].field[state];
			field->hidden = field->cases > 0 && field->cases < FLOW_HIDE_BELOW;
		}
	}
}

// One row or column: its fields, the last of which is the sum of the others.
struct series {
	struct field *field[FLOW_MAX_PAIRS + 1];
	size_t count;
};

// A single hidden field is the difference of the others; several of them give
// themselves away where together they are fewer than 5. Then the smallest one that
// still shows is hidden too. True if something changed.
static bool protect(const struct series *series)
{
	size_t hidden = 0;
	uint64_t together = 0;
	struct field *smallest = NULL;
	for (size_t i = 0; i < series->count; i++) {
		struct field *field = series->field[i];
		if (field->hidden) {
			hidden++;
			together += field->cases;
		} else if (field->cases > 0 && (smallest == NULL || field->cases < smallest->cases)) {
			smallest = field;
		}
	}
	bool sum_hidden = series->field[series->count - 1]->hidden;
	bool given_away = hidden == 1 || (hidden > 1 && !sum_hidden && together < FLOW_HIDE_BELOW);
	if (!given_away || smallest == NULL)
		return false;
	smallest->hidden = true;
	return true;
}

static bool protect_line(struct table *table, size_t line, struct series *series)
{
	series->count = 0;
	for (unsigned state = CASE_NONE + 1; state < CASE_STATE_COUNT; state++)
		series->field[series->count++] = &table->line[line].field[state];
	series->field[series->count++] = &table->line[line].field[CASE_NONE];
	return protect(series);
}

static bool protect_column(struct table *table, unsigned state, struct series *series)
{
	series->count = 0;
	for (size_t line = 0; line <= table->count; line++)
		series->field[series->count++] = &table->line[line].field[state];
	return protect(series);
}

// Ends because each round hides at least one field more.
static void hide_what_follows(struct table *table, struct series *series)
{
	bool changed = true;
	while (changed) {
		changed = false;
		for (size_t line = 0; line <= table->count; line++)
			changed |= protect_line(table, line, series);
		for (unsigned state = 0; state < CASE_STATE_COUNT; state++)
			changed |= protect_column(table, state, series);
	}
}

static size_t write_rows(const struct table *table, struct flow_row *row)
{
	size_t count = 0;
	for (size_t i = 0; i <= table->count; i++) {
		for (unsigned state = 0; state < CASE_STATE_COUNT; state++) {
			const struct field *field = &table->line[i].field[state];
			if (field->cases == 0)
				continue;
			struct flow_row *to = &row[count++];
			snprintf(to->requesting, sizeof to->requesting, "%s", table->line[i].requesting);
			snprintf(to->responding, sizeof to->responding, "%s", table->line[i].responding);
			to->state = state;
			to->few = field->hidden;
			to->cases = field->hidden ? 0 : field->cases;
			to->oldest_ms = field->hidden ? 0 : field->oldest_ms;
			to->median_ms = field->hidden ? 0 : field->median_ms;
		}
	}
	return count;
}

enum fail_code flow_publish(const struct flow_cell *cell, size_t count, struct flow_row **row, size_t *row_count)
{
	enum fail_code code = FAIL_NO_MEMORY;
	size_t lines = count < FLOW_MAX_PAIRS ? count : FLOW_MAX_PAIRS;
	struct table table = {.line = calloc(lines + 1, sizeof *table.line)};
	struct flow_cell *sorted = calloc(count + 1, sizeof *sorted);
	struct series *series = calloc(1, sizeof *series);
	*row = NULL;
	*row_count = 0;
	if (table.line == NULL || sorted == NULL || series == NULL)
		goto done;
	if (count > 0)
		memcpy(sorted, cell, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, by_pair);
	code = fill(&table, sorted, count);
	if (code != FAIL_NONE)
		goto done;
	hide_small(&table);
	hide_what_follows(&table, series);
	*row = calloc((table.count + 1) * CASE_STATE_COUNT, sizeof **row);
	if (*row == NULL)
		code = FAIL_NO_MEMORY;
	else
		*row_count = write_rows(&table, *row);
done:
	free(table.line);
	free(sorted);
	free(series);
	return code;
}
