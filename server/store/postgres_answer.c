// SPDX-License-Identifier: Apache-2.0
#include "store/postgres_private.h"

#include "case/partial_date.h"
#include "seal/key.h"
#include "store/flow.h"
#include "store/period.h"
#include "store/status.h"

#include <stdlib.h>
#include <string.h>

struct ask {
	struct pg_operation operation; // first
	store_answer_done done;
	void *context;
	uint64_t now;
	struct query query; // of the flow
	bool partner;
};

static struct ask *new_ask(store_answer_done done, void *context, uint64_t now)
{
	struct ask *ask = postgres_need(sizeof *ask);
	ask->done = done;
	ask->context = context;
	ask->now = now;
	return ask;
}

static enum fail_code read_status(const struct ask *ask, const PGresult *rows, struct status_reply *reply)
{
	int16_t state = 0;
	char requesting[MEMBER_CODE_SIZE], responding[MEMBER_CODE_SIZE];
	struct status_facts facts = {.requesting = requesting, .responding = responding};
	if (PQntuples(rows) == 0)
		return FAIL_NONE;
	if (pg_get_int2(rows, 0, 0, &state) && state == CASE_NONE)
		return FAIL_OVER_QUOTA;
	if (state <= CASE_NONE || state >= CASE_STATE_COUNT ||
	    !pg_get_int8(rows, 0, 1, &facts.since) || !pg_get_text(rows, 0, 2, requesting, sizeof requesting) ||
	    !pg_get_text(rows, 0, 3, responding, sizeof responding) || !postgres_get_clock(rows, 0, 4, &facts.clock))
		return FAIL_INTERNAL;
	facts.state = (enum case_state)state;
	status_fill(reply, &facts, ask->partner, ask->now);
	return FAIL_NONE;
}

static void on_status(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct ask *ask = (struct ask *)(void *)operation;
	struct answer answer = {.kind = QUESTION_STATUS};
	if (code == FAIL_NONE)
		code = read_status(ask, rows, &answer.status);
	ask->done(ask->context, code, code == FAIL_NONE ? &answer : NULL);
	free(ask);
}

// Agencies are known from the directory, which a hub reads first. Whoever is not known as a member
// goes the narrow way.
static bool is_agency(const struct store_postgres *postgres, member_no asker)
{
	return asker <= 0 || (size_t)asker >= postgres->agency_count || postgres->agency[asker];
}

void postgres_status(struct store *store, member_no asker, const struct query *query, uint64_t now,
                     store_answer_done done, void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	struct ask *ask = new_ask(done, context, now);
	struct pg_params *params = postgres_params(postgres);
	char today[21];
	ask->partner = is_agency(postgres, asker);
	ask->operation = (struct pg_operation){.done = on_status};
	pg_put_int4(params, asker);
	if (!ask->partner) {
		if (query->has_case_id)
			pg_put_uuid(params, &query->case_id);
		else
			pg_put_null(params);
		pg_put_text(params, query->reference == NULL ? "" : query->reference);
		postgres_read(postgres, &ask->operation, STATEMENT_MEMBER_STATUS);
		return;
	}
	pg_put_text(params, query->reference == NULL ? "" : query->reference);
	time_to_text(now, today);
	today[DATE_SIZE - 1] = '\0';
	pg_put_text(params, today);
	pg_put_int4(params, QUESTIONS_A_DAY);
	pg_put_int4(params, QUESTIONS_A_DAY_EACH);
	postgres_send(postgres, LINK_PARTNER, &ask->operation, STATEMENT_STATUS);
}

// A row of the day: of a pair, of a service, of an urgency, or a median.
struct flow_day {
	struct flow_cell cell;
	struct flow_kind kind;
	uint64_t as_of;
};

static bool read_counts(const PGresult *rows, int row, struct flow_day *day)
{
	struct flow_cell *cell = &day->cell;
	bool good = pg_get_int8(rows, row, 6, &cell->cases) && pg_get_int8(rows, row, 7, &cell->overdue) &&
	            pg_get_int8(rows, row, 8, &cell->escalated) && pg_get_int8(rows, row, 9, &cell->oldest_ms);
	day->kind.state = cell->state;
	day->kind.cases = cell->cases;
	day->kind.overdue = cell->overdue;
	day->kind.escalated = cell->escalated;
	return good;
}

static bool read_names(const PGresult *rows, int row, struct flow_day *day)
{
	struct flow_cell *cell = &day->cell;
	int16_t state = 0;
	bool service = !PQgetisnull(rows, row, 3), urgency = !PQgetisnull(rows, row, 4);
	if (!pg_get_int8(rows, row, 0, &day->as_of) || !pg_get_int2(rows, row, 5, &state) || state <= CASE_NONE ||
	    state >= CASE_STATE_COUNT)
		return false;
	cell->state = (uint32_t)state;
	day->kind.figure = service ? FIGURE_NOW_SERVICE : urgency ? FIGURE_NOW_URGENCY : FIGURE_NONE;
	if (service || urgency)
		return pg_get_text(rows, row, service ? 3 : 4, day->kind.key, sizeof day->kind.key);
	return pg_get_text(rows, row, 1, cell->requesting, sizeof cell->requesting) &&
	       pg_get_text(rows, row, 2, cell->responding, sizeof cell->responding);
}

static bool read_day(const PGresult *rows, int row, struct flow_counts *counts, uint64_t *as_of)
{
	struct flow_day day = {.as_of = 0};
	if (!read_names(rows, row, &day))
		return false;
	*as_of = day.as_of;
	if (day.kind.figure == FIGURE_NONE && strcmp(day.cell.requesting, "*") == 0)
		return pg_get_int8(rows, row, 10, &counts->median_ms[day.cell.state]);
	if (!read_counts(rows, row, &day))
		return false;
	if (day.kind.figure != FIGURE_NONE)
		counts->kind[counts->kinds++] = day.kind;
	else
		counts->cell[counts->cells++] = day.cell;
	return true;
}

static enum fail_code read_flow(const PGresult *rows, struct answer *answer)
{
	size_t count = (size_t)PQntuples(rows);
	enum fail_code code = FAIL_NONE;
	struct flow_counts counts = {.cell = postgres_need((count + 1) * sizeof *counts.cell),
	                             .kind = postgres_need((count + 1) * sizeof *counts.kind)};
	for (size_t i = 0; i < count && code == FAIL_NONE; i++) {
		if (!read_day(rows, (int)i, &counts, &answer->as_of))
			code = FAIL_INTERNAL;
	}
	if (code == FAIL_NONE)
		code = flow_publish(&counts, &answer->flow, &answer->flow_count);
	free(counts.cell);
	free(counts.kind);
	return code;
}

static void on_flow(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct ask *ask = (struct ask *)(void *)operation;
	struct answer answer = {.kind = QUESTION_FLOW, .as_of = ask->now};
	if (code == FAIL_NONE)
		code = read_flow(rows, &answer);
	ask->done(ask->context, code, code == FAIL_NONE ? &answer : NULL);
	free(answer.flow);
	free(ask);
}

static bool get_text_or_none(const PGresult *rows, int row, int column, char *text, size_t size)
{
	return PQgetisnull(rows, row, column) || pg_get_text(rows, row, column, text, size);
}

static bool read_figure(const PGresult *rows, int row, struct period_cell *cell)
{
	int32_t figure = 0, days = 0, hold = 0;
	bool good = pg_get_int4(rows, row, 0, &figure) && pg_get_int4(rows, row, 1, &cell->month) &&
	            get_text_or_none(rows, row, 2, cell->requesting, sizeof cell->requesting) &&
	            get_text_or_none(rows, row, 3, cell->responding, sizeof cell->responding) &&
	            get_text_or_none(rows, row, 4, cell->key, sizeof cell->key) && pg_get_int4(rows, row, 5, &days) &&
	            pg_get_int8(rows, row, 6, &cell->cases) && pg_get_int4(rows, row, 7, &hold);
	if (!good || figure <= FIGURE_NONE || figure >= FLOW_FIGURE_COUNT || days < 0 || hold < 0)
		return false;
	cell->figure = (enum flow_figure)figure;
	cell->days = (uint32_t)days;
	cell->hold = (uint32_t)hold;
	return true;
}

static enum fail_code read_figures(const struct ask *ask, const PGresult *rows, struct answer *answer)
{
	size_t count = (size_t)PQntuples(rows);
	enum fail_code code = FAIL_NONE;
	struct period_cell *cell = postgres_need((count + 1) * sizeof *cell);
	for (size_t i = 0; i < count && code == FAIL_NONE; i++)
		code = read_figure(rows, (int)i, &cell[i]) ? FAIL_NONE : FAIL_INTERNAL;
	if (code == FAIL_NONE)
		code = period_publish(cell, count, &ask->query, ask->now, &answer->flow, &answer->flow_count);
	free(cell);
	return code;
}

static void on_figures(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct ask *ask = (struct ask *)(void *)operation;
	struct answer answer = {.kind = QUESTION_FLOW, .as_of = ask->now};
	if (code == FAIL_NONE)
		code = read_figures(ask, rows, &answer);
	ask->done(ask->context, code, code == FAIL_NONE ? &answer : NULL);
	free(answer.flow);
	free(ask);
}

void postgres_flow(struct store *store, const struct query *query, uint64_t now, store_answer_done done, void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	struct ask *ask = new_ask(done, context, now);
	struct pg_params *params = postgres_params(postgres);
	if (query->figures) {
		ask->query = (struct query){.from = query->from, .until = query->until, .figures = true, .table = query->table};
		ask->operation = (struct pg_operation){.done = on_figures};
		pg_put_int8(params, now);
		pg_put_int4(params, period_month(query->from));
		postgres_read(postgres, &ask->operation, STATEMENT_FIGURES);
		return;
	}
	ask->operation = (struct pg_operation){.done = on_flow};
	pg_put_int8(params, now);
	postgres_read(postgres, &ask->operation, STATEMENT_FLOW);
}
