// SPDX-License-Identifier: Apache-2.0
#include "lib/store.h"
#include "lib/store_inner.h"

_Static_assert(KIND_STATISTICS == 41, "an index of the store names this number");

enum fail_code statistic_put(struct store *store, const struct statistic_row *row, struct fail *why)
{
	struct sql *sql = sql_new(store, "REPLACE INTO statistic (sender, name, id, sealed) VALUES (?, ?, ?, ?)");
	sql_bind_text(sql, 1, row->sender);
	sql_bind_text(sql, 2, row->name);
	sql_bind_id(sql, 3, &row->id);
	sql_bind_blob(sql, 4, row->sealed);
	return sql_run(sql, why);
}

enum fail_code statistic_remove(struct store *store, const char *sender, const char *first, const char *behind,
                                struct fail *why)
{
	struct sql *sql = sql_new(store, "DELETE FROM statistic WHERE sender = ? AND name >= ? AND name < ?");
	sql_bind_text(sql, 1, sender);
	sql_bind_text(sql, 2, first);
	sql_bind_text(sql, 3, behind);
	return sql_run(sql, why);
}

enum fail_code statistic_each(struct store *store, statistic_call call, void *context, struct fail *why)
{
	struct sql *sql = sql_new(store, "SELECT sender, name, id, sealed FROM statistic ORDER BY sender, name");
	enum fail_code told = FAIL_NONE;
	while (told == FAIL_NONE && sql_row(sql)) {
		struct statistic_row row = {.sender = sql_text(sql, 0), .name = sql_text(sql, 1), .sealed = sql_blob(sql, 3)};
		sql_id(sql, 2, &row.id);
		told = call(context, &row);
	}
	enum fail_code code = sql_end(sql, why);
	if (code == FAIL_NONE && told != FAIL_NONE)
		return fail_set(why, told, "a record that is kept here does not open");
	return code;
}

enum fail_code statistics_times(struct store *store, const char *member, uint64_t *written_at, uint64_t *first_case,
                                struct fail *why)
{
	struct sql *sql = sql_new(store,
		"SELECT (SELECT coalesce(max(queued_at), 0) FROM outbox WHERE kind = 41),"
		" (SELECT coalesce(min(opened_at), 0) FROM case_file WHERE requesting = ? AND seq > 0)");
	sql_bind_text(sql, 1, member);
	*written_at = *first_case = 0;
	if (sql_row(sql)) {
		*written_at = sql_u64(sql, 0);
		*first_case = sql_u64(sql, 1);
	}
	return sql_end(sql, why);
}
