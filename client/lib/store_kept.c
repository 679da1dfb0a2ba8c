// SPDX-License-Identifier: Apache-2.0
#include "lib/store.h"
#include "lib/store_inner.h"

enum fail_code sealed_walk(struct sql *sql, draft_call call, void *context, struct fail *why)
{
	enum fail_code told = FAIL_NONE;
	while (told == FAIL_NONE && sql_row(sql)) {
		struct draft_row row = {.created_at = sql_u64(sql, 1), .sealed = sql_blob(sql, 2)};
		sql_id(sql, 0, &row.id);
		told = call(context, &row);
	}
	enum fail_code code = sql_end(sql, why);
	if (code == FAIL_NONE && told != FAIL_NONE)
		return fail_set(why, told, "what is kept here does not open");
	return code;
}

enum fail_code secret_get(struct store *store, struct id *id, struct bytes *sealed, bool *found, struct fail *why)
{
	struct sql *sql = sql_new(store, "SELECT id, sealed FROM secret");
	enum fail_code copied = FAIL_NONE;
	*found = sql_row(sql);
	if (*found) {
		struct view bytes = sql_blob(sql, 1);
		sql_id(sql, 0, id);
		copied = bytes_append(sealed, bytes.data, bytes.length);
	}
	enum fail_code code = sql_end(sql, why);
	return code == FAIL_NONE && copied != FAIL_NONE ? fail_set(why, copied, "out of memory") : code;
}

enum fail_code secret_put(struct store *store, const struct id *id, struct view sealed, struct fail *why)
{
	struct sql *sql = sql_new(store, "INSERT INTO secret (one, id, sealed) VALUES (1, ?, ?) ON CONFLICT DO NOTHING");
	sql_bind_id(sql, 1, id);
	sql_bind_blob(sql, 2, sealed);
	return sql_run(sql, why);
}

enum fail_code person_put(struct store *store, const struct draft_row *row, struct fail *why)
{
	struct sql *sql = sql_new(store, "INSERT INTO person (id, created_at, sealed) VALUES (?, ?, ?)");
	sql_bind_id(sql, 1, &row->id);
	sql_bind_u64(sql, 2, row->created_at);
	sql_bind_blob(sql, 3, row->sealed);
	return sql_run(sql, why);
}

enum fail_code person_each(struct store *store, draft_call call, void *context, struct fail *why)
{
	return sealed_walk(sql_new(store, "SELECT id, created_at, sealed FROM person ORDER BY created_at, id"), call,
	                   context, why);
}

enum fail_code person_remove(struct store *store, const struct id *id, struct fail *why)
{
	struct sql *sql = sql_new(store, "DELETE FROM person WHERE id = ?");
	sql_bind_id(sql, 1, id);
	enum fail_code code = sql_run(sql, why);
	if (code == FAIL_NONE && sql_changes(store) == 0)
		code = fail_set(why, FAIL_UNKNOWN_OBJECT, "there is no person with this id");
	return code;
}

enum fail_code mark_find(struct store *store, const struct hash *mark, bool *found, struct fail *why)
{
	struct sql *sql = sql_new(store, "SELECT 1 FROM mark WHERE mark = ?");
	sql_bind_hash(sql, 1, mark);
	*found = sql_row(sql);
	return sql_end(sql, why);
}

enum fail_code mark_put(struct store *store, const struct hash *mark, const struct id *made, struct fail *why)
{
	struct sql *sql = sql_new(store, "INSERT INTO mark (mark, made) VALUES (?, ?)");
	sql_bind_hash(sql, 1, mark);
	sql_bind_id(sql, 2, made);
	return sql_run(sql, why);
}

enum fail_code mark_remove(struct store *store, const struct id *made, struct fail *why)
{
	struct sql *sql = sql_new(store, "DELETE FROM mark WHERE made = ?");
	sql_bind_id(sql, 1, made);
	return sql_run(sql, why);
}

static enum fail_code put_of_case(struct sql *sql, const struct id *case_id, const struct draft_row *row,
                                  struct fail *why)
{
	sql_bind_id(sql, 1, &row->id);
	sql_bind_id(sql, 2, case_id);
	sql_bind_u64(sql, 3, row->created_at);
	sql_bind_blob(sql, 4, row->sealed);
	return sql_run(sql, why);
}

enum fail_code lifebook_put(struct store *store, const struct id *case_id, const struct draft_row *row,
                            struct fail *why)
{
	return put_of_case(sql_new(store, "INSERT INTO lifebook (id, case_id, created_at, sealed) VALUES (?, ?, ?, ?)"),
	                   case_id, row, why);
}

enum fail_code lifebook_each(struct store *store, const struct id *case_id, draft_call call, void *context,
                             struct fail *why)
{
	struct sql *sql = sql_new(store, case_id == NULL
		? "SELECT id, created_at, sealed FROM lifebook ORDER BY created_at"
		: "SELECT id, created_at, sealed FROM lifebook WHERE case_id = ? ORDER BY created_at");
	if (case_id != NULL)
		sql_bind_id(sql, 1, case_id);
	return sealed_walk(sql, call, context, why);
}

enum fail_code lifebook_remove(struct store *store, const struct id *id, struct fail *why)
{
	struct sql *sql = sql_new(store, "DELETE FROM lifebook WHERE id = ?");
	sql_bind_id(sql, 1, id);
	return sql_run(sql, why);
}

enum fail_code candidate_put(struct store *store, const struct id *case_id, const struct draft_row *row,
                             struct fail *why)
{
	return put_of_case(sql_new(store, "REPLACE INTO candidate (id, case_id, created_at, sealed) VALUES (?, ?, ?, ?)"),
	                   case_id, row, why);
}

enum fail_code candidate_each(struct store *store, const struct id *case_id, draft_call call, void *context,
                              struct fail *why)
{
	struct sql *sql = sql_new(store, "SELECT id, created_at, sealed FROM candidate WHERE case_id = ? ORDER BY created_at");
	sql_bind_id(sql, 1, case_id);
	return sealed_walk(sql, call, context, why);
}

enum fail_code candidate_forget(struct store *store, const struct id *case_id, struct fail *why)
{
	struct sql *sql = sql_new(store, "DELETE FROM candidate WHERE case_id = ?");
	sql_bind_id(sql, 1, case_id);
	return sql_run(sql, why);
}
