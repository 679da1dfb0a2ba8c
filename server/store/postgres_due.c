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
