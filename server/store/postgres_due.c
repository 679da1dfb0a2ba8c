// SPDX-License-Identifier: Apache-2.0
//
// What the hub has to write by itself: cases whose clock has come, and such that a member that is
// out, or is back, concerns.
#include "store/postgres_private.h"

#include <stdlib.h>

struct due {
	struct pg_operation operation; // first
	store_due_done done;
	store_unsettled_done unsettled_done;
	void *context;
	size_t max_count, count;
	struct case_record record[];
};

static enum fail_code read_due(struct due *due, const PGresult *rows)
{
	int count = PQntuples(rows);
	if (count < 0 || (size_t)count > due->max_count)
		return FAIL_INTERNAL;
	for (int row = 0; row < count; row++) {
		bool found = false;
		if (!postgres_get_case(rows, row, 0, &due->record[due->count++], &found) || !found)
			return FAIL_DATA_LOSS;
	}
	return FAIL_NONE;
}

static struct due *due_new(size_t max_count, void (*on_end)(struct pg_operation *, enum fail_code, const PGresult *))
{
	must(max_count >= 1 && max_count <= MAX_DUE);
	struct due *due = postgres_need(sizeof *due + max_count * sizeof due->record[0]);
	due->max_count = max_count;
	due->operation = (struct pg_operation){.done = on_end};
	return due;
}

static void on_due(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct due *due = (struct due *)(void *)operation;
	if (code == FAIL_NONE)
		code = read_due(due, rows);
	bool good = code == FAIL_NONE;
	due->done(due->context, code, good ? due->record : NULL, good ? due->count : 0);
	free(due);
}

// On the cursors' connection: the writer's is for messages.
void postgres_due(struct store *store, uint64_t now, size_t max_count, store_due_done done, void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	struct due *due = due_new(max_count, on_due);
	due->done = done;
	due->context = context;
	struct pg_params *params = postgres_params(postgres);
	pg_put_int8(params, now);
	pg_put_int4(params, (int32_t)max_count);
	postgres_send(postgres, LINK_CURSORS, &due->operation, STATEMENT_DUE);
}

// A row without a case is there for its version.
static enum fail_code read_unsettled(struct due *due, const PGresult *rows, uint64_t *version)
{
	int count = PQntuples(rows);
	if (count < 1 || (size_t)count > due->max_count || !pg_get_int8(rows, 0, 0, version))
		return FAIL_INTERNAL;
	for (int row = 0; row < count; row++) {
		bool found = false;
		if (!postgres_get_case(rows, row, 1, &due->record[due->count], &found))
			return FAIL_DATA_LOSS;
		due->count += found;
	}
	return FAIL_NONE;
}

static void on_unsettled(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct due *due = (struct due *)(void *)operation;
	uint64_t version = 0;
	if (code == FAIL_NONE)
		code = read_unsettled(due, rows, &version);
	bool good = code == FAIL_NONE;
	due->unsettled_done(due->context, code, version, good ? due->record : NULL, good ? due->count : 0);
	free(due);
}

void postgres_unsettled(struct store *store, size_t max_count, store_unsettled_done done, void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	struct due *due = due_new(max_count, on_unsettled);
	due->unsettled_done = done;
	due->context = context;
	pg_put_int4(postgres_params(postgres), (int32_t)max_count);
	postgres_send(postgres, LINK_CURSORS, &due->operation, STATEMENT_UNSETTLED);
}

struct untold {
	struct pg_operation operation; // first
	store_untold_done done;
	void *context;
	size_t max_count;
	struct store_asking asking[];
};

// The agency and its count stand before the case.
static enum fail_code read_untold(struct untold *untold, const PGresult *rows, size_t *count)
{
	*count = (size_t)PQntuples(rows);
	if (*count > untold->max_count)
		return FAIL_INTERNAL;
	for (size_t i = 0; i < *count; i++) {
		struct store_asking *asking = &untold->asking[i];
		bool found = false;
		if (!pg_get_int4(rows, (int)i, 0, &asking->agency) || !pg_get_int8(rows, (int)i, 1, &asking->asked) ||
		    !postgres_get_case(rows, (int)i, 2, &asking->record, &found) || !found)
			return FAIL_DATA_LOSS;
	}
	return FAIL_NONE;
}

static void on_untold(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct untold *untold = (struct untold *)(void *)operation;
	size_t count = 0;
	if (code == FAIL_NONE)
		code = read_untold(untold, rows, &count);
	bool good = code == FAIL_NONE;
	untold->done(untold->context, code, good ? untold->asking : NULL, good ? count : 0);
	free(untold);
}

void postgres_untold(struct store *store, size_t max_count, store_untold_done done, void *context)
{
	must(max_count >= 1 && max_count <= MAX_DUE);
	struct store_postgres *postgres = postgres_of(store);
	struct untold *untold = postgres_need(sizeof *untold + max_count * sizeof untold->asking[0]);
	untold->max_count = max_count;
	untold->done = done;
	untold->context = context;
	untold->operation = (struct pg_operation){.done = on_untold};
	pg_put_int4(postgres_params(postgres), (int32_t)max_count);
	postgres_send(postgres, LINK_CURSORS, &untold->operation, STATEMENT_UNTOLD);
}
