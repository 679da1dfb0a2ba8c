// SPDX-License-Identifier: Apache-2.0
#include "lib/store.h"
#include "lib/store_inner.h"

#include <stdio.h>
#include <string.h>

#define CASE_COLUMNS \
	"id, reference, requesting, responding, state, held_from, held_by, hops, seq, since, newest, opened_at, service, urgency, " \
	"clock, pauses, told, clock_started, clock_due, paused_since, paused_ms, consent_at, marks, " \
	"paused_by, pause_reason, asked_at, out_since, out_member, out_cause, out_until, out_deputy"

static void bind_clock(struct sql *sql, int place, const struct case_row *row)
{
	sql_bind_int(sql, place, (int)row->clock.kind);
	sql_bind_int(sql, place + 1, row->clock.pauses);
	sql_bind_int(sql, place + 2, (int)row->clock.told);
	sql_bind_u64(sql, place + 3, row->clock.started);
	sql_bind_u64(sql, place + 4, row->clock.due);
	sql_bind_u64(sql, place + 5, row->clock.paused_since);
	sql_bind_u64(sql, place + 6, row->clock.paused_ms);
	sql_bind_u64(sql, place + 7, row->clock.consent_at);
	sql_bind_u64(sql, place + 8, (uint64_t)case_marks(&row->view));
	sql_bind_text(sql, place + 9, row->paused_by);
	sql_bind_text(sql, place + 10, row->pause_reason);
	sql_bind_u64(sql, place + 11, row->clock.asked_at);
	sql_bind_u64(sql, place + 12, row->clock.out_since);
	sql_bind_text(sql, place + 13, row->outage.member);
	sql_bind_text(sql, place + 14, row->outage.cause);
	sql_bind_text(sql, place + 15, row->outage.until);
	sql_bind_text(sql, place + 16, row->outage.deputy);
}

// All of the row: SQLite writes it as one in any case.
enum fail_code case_put(struct store *store, const struct case_row *row, struct fail *why)
{
	struct sql *sql = sql_new(store,
		"REPLACE INTO case_file (" CASE_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
		"?, ?, ?, ?, ?, ?)");
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
	sql_bind_text(sql, 13, row->service);
	sql_bind_text(sql, 14, row->urgency);
	bind_clock(sql, 15, row);
	return sql_run(sql, why);
}

static void read_clock(struct sql *sql, int column, struct case_clock *clock)
{
	int kind = sql_int(sql, column), told = sql_int(sql, column + 2);
	*clock = (struct case_clock){
		.kind = kind > CLOCK_NONE && kind < CLOCK_KIND_COUNT ? (enum clock_kind)kind : CLOCK_NONE,
		.pauses = (uint8_t)(sql_int(sql, column + 1) & PAUSES),
		.told = told > NOTICE_NONE && told < NOTICE_COUNT ? (enum clock_notice)told : NOTICE_NONE,
		.started = sql_u64(sql, column + 3),
		.due = sql_u64(sql, column + 4),
		.paused_since = sql_u64(sql, column + 5),
		.paused_ms = sql_u64(sql, column + 6),
		.consent_at = sql_u64(sql, column + 7),
		.asked_at = sql_u64(sql, column + 11),
		.out_since = sql_u64(sql, column + 12),
	};
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
	snprintf(row->service, sizeof row->service, "%s", sql_text(sql, 12));
	snprintf(row->urgency, sizeof row->urgency, "%s", sql_text(sql, 13));
	read_clock(sql, 14, &row->clock);
	row->view.unanswered = clock_unanswered(&row->clock);
	(void)case_marks_read(&row->view, (int64_t)sql_u64(sql, 22)); // our own
	snprintf(row->paused_by, sizeof row->paused_by, "%s", sql_text(sql, 23));
	snprintf(row->pause_reason, sizeof row->pause_reason, "%s", sql_text(sql, 24));
	snprintf(row->outage.member, sizeof row->outage.member, "%s", sql_text(sql, 27));
	snprintf(row->outage.cause, sizeof row->outage.cause, "%s", sql_text(sql, 28));
	snprintf(row->outage.until, sizeof row->outage.until, "%s", sql_text(sql, 29));
	snprintf(row->outage.deputy, sizeof row->outage.deputy, "%s", sql_text(sql, 30));
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

static enum fail_code walk(struct sql *sql, case_call call, void *context, struct fail *why)
{
	enum fail_code told = FAIL_NONE;
	while (told == FAIL_NONE && sql_row(sql)) {
		struct case_row row;
		read_case(sql, &row);
		told = call(context, &row);
	}
	enum fail_code code = sql_end(sql, why);
	return code != FAIL_NONE ? code : told;
}

enum fail_code case_each_running(struct store *store, case_call call, void *context, struct fail *why)
{
	return walk(sql_new(store, "SELECT " CASE_COLUMNS " FROM case_file WHERE clock > 0"), call, context, why);
}

enum fail_code case_each_with(struct store *store, enum message_kind kind, case_call call, void *context,
                              struct fail *why)
{
	struct sql *sql = sql_new(store,
		"SELECT " CASE_COLUMNS " FROM case_file WHERE clock > 0 AND id IN"
		" (SELECT case_id FROM inbox WHERE kind = ?1 UNION SELECT case_id FROM outbox WHERE kind = ?1)");
	sql_bind_int(sql, 1, (int)kind);
	return walk(sql, call, context, why);
}

_Static_assert(KIND_CHILD_FILE == 37 && CASE_CLOSED == 9, "the indexes of the store name these numbers");

enum fail_code case_each_with_agenda(struct store *store, uint64_t closed_since, case_call call, void *context,
                                     struct fail *why)
{
	struct sql *sql = sql_new(store,
		"SELECT " CASE_COLUMNS " FROM case_file WHERE id IN (SELECT id FROM case_file WHERE state = 9 AND since >= ?"
		" UNION SELECT case_id FROM inbox WHERE kind = 37 UNION SELECT case_id FROM outbox WHERE kind = 37)");
	sql_bind_u64(sql, 1, closed_since);
	return walk(sql, call, context, why);
}

enum fail_code case_each_asked(struct store *store, const char *member, uint64_t since, case_call call, void *context,
                               struct fail *why)
{
	struct sql *sql = sql_new(store,
		"SELECT " CASE_COLUMNS " FROM case_file WHERE requesting = ?1 AND seq > 0 AND (since >= ?2 OR id IN"
		" (SELECT case_id FROM inbox WHERE stored_at >= ?2 UNION SELECT case_id FROM outbox WHERE queued_at >= ?2))");
	sql_bind_text(sql, 1, member);
	sql_bind_u64(sql, 2, since);
	return walk(sql, call, context, why);
}

enum fail_code case_stamp(struct store *store, const struct id *id, char stamp[CASE_STAMP_SIZE], struct fail *why)
{
	struct sql *sql = sql_new(store,
		"SELECT seq || '.' || consent_at || '.' || (SELECT count(*) FROM inbox WHERE case_id = ?1)"
		" || '.' || (SELECT count(*) || '.' || coalesce(sum(state = 5), 0) FROM outbox WHERE case_id = ?1)"
		" FROM case_file WHERE id = ?1");
	sql_bind_id(sql, 1, id);
	snprintf(stamp, CASE_STAMP_SIZE, "%s", sql_row(sql) ? sql_text(sql, 0) : "");
	return sql_end(sql, why);
}

enum fail_code agenda_get(struct store *store, struct id *id, struct bytes *sealed, bool *found, struct fail *why)
{
	struct sql *sql = sql_new(store, "SELECT id, sealed FROM agenda");
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

enum fail_code agenda_put(struct store *store, const struct id *id, struct view sealed, struct fail *why)
{
	struct sql *sql = sql_new(store, "REPLACE INTO agenda (one, id, sealed) VALUES (1, ?, ?)");
	sql_bind_id(sql, 1, id);
	sql_bind_blob(sql, 2, sealed);
	return sql_run(sql, why);
}

enum fail_code case_messages(struct store *store, const struct id *id, case_message_call call, void *context,
                             struct fail *why)
{
	struct sql *sql = sql_new(store,
		"SELECT case_seq, accepted_at, case_state, header_hash, envelope FROM inbox WHERE case_id = ?1 AND case_seq > 0 AND fault = ''"
		" UNION ALL SELECT case_seq, at_hub_at, case_state, header_hash, envelope FROM outbox WHERE case_id = ?1 AND case_seq > 0"
		" ORDER BY 1");
	sql_bind_id(sql, 1, id);
	enum fail_code told = FAIL_NONE;
	while (told == FAIL_NONE && sql_row(sql)) {
		struct case_message message = {.case_seq = sql_u64(sql, 0), .accepted_at = sql_u64(sql, 1),
		                               .case_state = (uint32_t)sql_int(sql, 2), .envelope = sql_blob(sql, 4)};
		sql_hash(sql, 3, &message.header_hash);
		told = call(context, &message);
	}
	enum fail_code code = sql_end(sql, why);
	return code != FAIL_NONE ? code : told;
}

enum fail_code case_message_replace(struct store *store, const struct hash *header_hash, struct view envelope,
                                    struct fail *why)
{
	static const char *const tables[] = {"UPDATE inbox SET envelope = ? WHERE header_hash = ?",
	                                     "UPDATE outbox SET envelope = ? WHERE header_hash = ?"};
	enum fail_code code = FAIL_NONE;
	for (size_t i = 0; i < 2 && code == FAIL_NONE; i++) {
		struct sql *sql = sql_new(store, tables[i]);
		sql_bind_blob(sql, 1, envelope);
		sql_bind_hash(sql, 2, header_hash);
		code = sql_run(sql, why);
	}
	return code;
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
	return sealed_walk(sql_new(store, "SELECT id, created_at, sealed FROM draft ORDER BY created_at DESC"), call,
	                   context, why);
}
