// SPDX-License-Identifier: Apache-2.0
#include "lib/store.h"
#include "lib/store_inner.h"

#include <stdio.h>
#include <string.h>

#define CASE_COLUMNS "id, reference, requesting, responding, state, held_from, held_by, hops, seq, since, newest, opened_at"

enum fail_code case_put(struct store *store, const struct case_row *row, struct fail *why)
{
	struct sql *sql = sql_new(store,
		"INSERT INTO case_file (" CASE_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (id) DO UPDATE SET reference = excluded.reference, requesting = excluded.requesting, responding = excluded.responding,"
		" state = excluded.state, held_from = excluded.held_from, held_by = excluded.held_by, hops = excluded.hops,"
		" seq = excluded.seq, since = excluded.since, newest = excluded.newest, opened_at = excluded.opened_at");
	sql_bind_id(sql, 1, &row->id);
	sql_bind_text(sql, 2, row->reference);
	sql_bind_text(sql, 3, row->requesting);
	sql_bind_text(sql, 4, row->responding);
	sql_bind_int(sql, 5, (int)row->view.state);
	sql_bind_int(sql, 6, (int)row->view.held_from);
	sql_bind_int(sql, 7, (int)row->view.held_by);
	sql_bind_int(sql, 8, row->view.hops);
	sql_bind_u64(sql, 9, row->seq);
	sql_bind_u64(sql, 10, row->since);
	sql_bind_hash(sql, 11, &row->newest);
	sql_bind_u64(sql, 12, row->opened_at);
	return sql_run(sql, why);
}

static void read_case(struct sql *sql, struct case_row *row)
{
	*row = (struct case_row){.seq = sql_u64(sql, 8), .since = sql_u64(sql, 9), .opened_at = sql_u64(sql, 11)};
	sql_id(sql, 0, &row->id);
	snprintf(row->reference, sizeof row->reference, "%s", sql_text(sql, 1));
	snprintf(row->requesting, sizeof row->requesting, "%s", sql_text(sql, 2));
	snprintf(row->responding, sizeof row->responding, "%s", sql_text(sql, 3));
	row->view.state = (enum case_state)sql_int(sql, 4);
	row->view.held_from = (enum case_state)sql_int(sql, 5);
	row->view.held_by = (enum case_side)sql_int(sql, 6);
	row->view.hops = (uint8_t)sql_int(sql, 7);
	sql_hash(sql, 10, &row->newest);
}

enum fail_code case_get(struct store *store, const struct id *id, struct case_row *row, bool *found, struct fail *why)
{
	struct sql *sql = sql_new(store, "SELECT " CASE_COLUMNS " FROM case_file WHERE id = ?");
	sql_bind_id(sql, 1, id);
	*found = sql_row(sql);
	if (*found)
		read_case(sql, row);
	return sql_end(sql, why);
}

enum fail_code case_by_reference(struct store *store, const char *reference, struct case_row *row, size_t *count,
                                 struct fail *why)
{
	size_t room = *count;
	*count = 0;
	struct sql *sql = sql_new(store, "SELECT " CASE_COLUMNS " FROM case_file WHERE reference = ? ORDER BY opened_at DESC");
	sql_bind_text(sql, 1, reference);
	while (*count < room && sql_row(sql))
		read_case(sql, &row[(*count)++]);
	return sql_end(sql, why);
}

enum fail_code draft_put(struct store *store, const struct draft_row *row, struct fail *why)
{
	struct sql *sql = sql_new(store, "INSERT INTO draft (id, created_at, sealed) VALUES (?, ?, ?)");
	sql_bind_id(sql, 1, &row->id);
	sql_bind_u64(sql, 2, row->created_at);
	sql_bind_blob(sql, 3, row->sealed);
	return sql_run(sql, why);
}

enum fail_code draft_get(struct store *store, const struct id *id, struct bytes *sealed, struct fail *why)
{
	struct sql *sql = sql_new(store, "SELECT sealed FROM draft WHERE id = ?");
	sql_bind_id(sql, 1, id);
	enum fail_code copied = FAIL_UNKNOWN_OBJECT;
	if (sql_row(sql)) {
		struct view found = sql_blob(sql, 0);
		copied = bytes_append(sealed, found.data, found.length);
	}
	enum fail_code code = sql_end(sql, why);
	if (code == FAIL_NONE && copied != FAIL_NONE)
		code = fail_set(why, copied, "there is no draft with this id");
	return code;
}

enum fail_code draft_remove(struct store *store, const struct id *id, struct fail *why)
{
	struct sql *sql = sql_new(store, "DELETE FROM draft WHERE id = ?");
	sql_bind_id(sql, 1, id);
	enum fail_code code = sql_run(sql, why);
	if (code == FAIL_NONE && sql_changes(store) == 0)
		code = fail_set(why, FAIL_UNKNOWN_OBJECT, "there is no draft with this id");
	return code;
}

enum fail_code draft_each(struct store *store, draft_call call, void *context, struct fail *why)
{
	struct sql *sql = sql_new(store, "SELECT id, created_at, sealed FROM draft ORDER BY created_at DESC");
	enum fail_code told = FAIL_NONE;
	while (told == FAIL_NONE && sql_row(sql)) {
		struct draft_row row = {.created_at = sql_u64(sql, 1), .sealed = sql_blob(sql, 2)};
		sql_id(sql, 0, &row.id);
		told = call(context, &row);
	}
	enum fail_code code = sql_end(sql, why);
	return code != FAIL_NONE ? code : told;
}
