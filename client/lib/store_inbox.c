// SPDX-License-Identifier: Apache-2.0
#include "lib/store.h"
#include "lib/store_inner.h"

#include <stdio.h>

#define INBOX_COLUMNS \
	"number, message, case_id, sender, fault, mailbox_seq, case_seq, accepted_at, stored_at, opened_at, " \
	"case_state, kind, event, header_hash, envelope, granted_by, recalled"

enum fail_code inbox_add(struct store *store, const struct inbox_row *row, bool *fresh, struct fail *why)
{
	struct sql *sql = sql_new(store,
		"INSERT INTO inbox (message, case_id, sender, fault, mailbox_seq, case_seq, accepted_at, stored_at, case_state, kind, event, header_hash, envelope, granted_by, recalled)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sender, message) DO NOTHING");
	sql_bind_id(sql, 1, &row->message);
	sql_bind_blob(sql, 2,
	              id_is_zero(&row->case_id) ? view_of(NULL, 0) : view_of(row->case_id.byte, sizeof row->case_id.byte));
	sql_bind_text(sql, 3, row->sender);
	sql_bind_text(sql, 4, row->fault);
	sql_bind_u64(sql, 5, row->mailbox_seq);
	sql_bind_u64(sql, 6, row->case_seq);
	sql_bind_u64(sql, 7, row->accepted_at);
	sql_bind_u64(sql, 8, row->stored_at);
	sql_bind_u64(sql, 9, row->case_state);
	sql_bind_int(sql, 10, (int)row->kind);
	sql_bind_int(sql, 11, row->event);
	sql_bind_hash(sql, 12, &row->header_hash);
	sql_bind_blob(sql, 13, row->envelope);
	if (row->granted)
		sql_bind_id(sql, 14, &row->granted_by);
	sql_bind_int(sql, 15, row->recalled);
	enum fail_code code = sql_run(sql, why);
	*fresh = code == FAIL_NONE && sql_changes(store) > 0;
	return code;
}

static enum fail_code walk(struct sql *sql, inbox_call call, void *context, size_t *rows, struct fail *why)
{
	enum fail_code told = FAIL_NONE;
	*rows = 0;
	while (told == FAIL_NONE && sql_row(sql)) {
		struct inbox_row row = {.number = sql_u64(sql, 0)};
		sql_id(sql, 1, &row.message);
		sql_id(sql, 2, &row.case_id);
		row.sender = sql_text(sql, 3);
		row.fault = sql_text(sql, 4);
		row.mailbox_seq = sql_u64(sql, 5);
		row.case_seq = sql_u64(sql, 6);
		row.accepted_at = sql_u64(sql, 7);
		row.stored_at = sql_u64(sql, 8);
		row.opened_at = sql_u64(sql, 9);
		row.case_state = (uint32_t)sql_u64(sql, 10);
		row.kind = (enum message_kind)sql_int(sql, 11);
		row.event = sql_int(sql, 12);
		sql_hash(sql, 13, &row.header_hash);
		row.envelope = sql_blob(sql, 14);
		row.granted = !sql_null(sql, 15);
		sql_id(sql, 15, &row.granted_by);
		row.recalled = sql_int(sql, 16) != 0;
		told = call(context, &row);
		(*rows)++;
	}
	enum fail_code code = sql_end(sql, why);
	return code != FAIL_NONE ? code : told;
}

enum fail_code inbox_each(struct store *store, const struct id *case_id, inbox_call call, void *context,
                          struct fail *why)
{
	struct sql *sql = sql_new(store, "SELECT " INBOX_COLUMNS " FROM inbox WHERE case_id = ? ORDER BY case_seq, number");
	sql_bind_id(sql, 1, case_id);
	size_t rows;
	return walk(sql, call, context, &rows, why);
}

enum fail_code inbox_receipts(struct store *store, inbox_call call, void *context, struct fail *why)
{
	size_t rows;
	return walk(sql_new(store, "SELECT " INBOX_COLUMNS " FROM inbox WHERE kind = 12 AND fault = '' ORDER BY number"),
	            call, context, &rows, why);
}

enum fail_code inbox_newest(struct store *store, bool unread, unsigned most, inbox_call call, void *context,
                            struct fail *why)
{
	struct sql *sql = sql_new(store, unread
		? "SELECT " INBOX_COLUMNS " FROM inbox WHERE opened_at = 0 AND fault = '' AND kind <> 12 ORDER BY number DESC LIMIT ?"
		: "SELECT " INBOX_COLUMNS " FROM inbox WHERE kind <> 12 OR fault <> '' ORDER BY number DESC LIMIT ?");
	sql_bind_u64(sql, 1, most == 0 ? INT64_MAX : most);
	size_t rows;
	return walk(sql, call, context, &rows, why);
}

enum fail_code inbox_find(struct store *store, const struct id *message, inbox_call call, void *context,
                          struct fail *why)
{
	struct sql *sql = sql_new(store, "SELECT " INBOX_COLUMNS " FROM inbox WHERE message = ?");
	sql_bind_id(sql, 1, message);
	size_t rows;
	enum fail_code code = walk(sql, call, context, &rows, why);
	if (code == FAIL_NONE && rows == 0)
		return fail_set(why, FAIL_UNKNOWN_CASE, "no message with this id was received here");
	return code;
}

enum fail_code inbox_condemn(struct store *store, const struct id *message, const char *sender, const char *fault,
                             struct fail *why)
{
	struct sql *sql = sql_new(store, "UPDATE inbox SET fault = ? WHERE message = ? AND sender = ?");
	sql_bind_text(sql, 1, fault);
	sql_bind_id(sql, 2, message);
	sql_bind_text(sql, 3, sender);
	return sql_run(sql, why);
}

enum fail_code inbox_opened(struct store *store, const struct id *message, uint64_t at, bool *fresh, struct fail *why)
{
	struct sql *sql = sql_new(store, "UPDATE inbox SET opened_at = ? WHERE message = ? AND opened_at = 0 AND fault = ''");
	sql_bind_u64(sql, 1, at);
	sql_bind_id(sql, 2, message);
	enum fail_code code = sql_run(sql, why);
	*fresh = code == FAIL_NONE && sql_changes(store) > 0;
	return code;
}

enum fail_code inbox_count(struct store *store, unsigned *all, unsigned *unread, unsigned *faulty, struct fail *why)
{
	struct sql *sql = sql_new(store,
		"SELECT count(*), coalesce(sum(opened_at = 0 AND fault = ''), 0), coalesce(sum(fault <> ''), 0) FROM inbox WHERE kind <> 12 OR fault <> ''");
	*all = *unread = *faulty = 0;
	if (sql_row(sql)) {
		*all = (unsigned)sql_int(sql, 0);
		*unread = (unsigned)sql_int(sql, 1);
		*faulty = (unsigned)sql_int(sql, 2);
	}
	return sql_end(sql, why);
}

enum fail_code receipt_due_add(struct store *store, const struct receipt_due *due, struct fail *why)
{
	struct sql *sql = sql_new(store,
		"INSERT INTO receipt_due (member, message, header_hash, level, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
	sql_bind_text(sql, 1, due->member);
	sql_bind_id(sql, 2, &due->item.message);
	sql_bind_hash(sql, 3, &due->item.header_hash);
	sql_bind_int(sql, 4, (int)due->item.level);
	sql_bind_u64(sql, 5, due->item.at);
	return sql_run(sql, why);
}

enum fail_code receipt_due_next(struct store *store, struct receipt_due *due, size_t *count, struct fail *why)
{
	size_t room = *count;
	*count = 0;
	struct sql *sql = sql_new(store,
		"SELECT member, message, header_hash, level, at FROM receipt_due"
		" WHERE member = (SELECT member FROM receipt_due ORDER BY number LIMIT 1) ORDER BY number LIMIT ?");
	sql_bind_u64(sql, 1, room);
	while (*count < room && sql_row(sql)) {
		struct receipt_due *one = &due[(*count)++];
		snprintf(one->member, sizeof one->member, "%s", sql_text(sql, 0));
		sql_id(sql, 1, &one->item.message);
		sql_hash(sql, 2, &one->item.header_hash);
		one->item.level = (enum receipt_level)sql_int(sql, 3);
		one->item.at = sql_u64(sql, 4);
	}
	return sql_end(sql, why);
}

enum fail_code receipt_due_done(struct store *store, const struct receipt_due *due, size_t count, struct fail *why)
{
	enum fail_code code = FAIL_NONE;
	for (size_t i = 0; i < count && code == FAIL_NONE; i++) {
		struct sql *sql = sql_new(store, "DELETE FROM receipt_due WHERE message = ? AND member = ? AND level = ?");
		sql_bind_id(sql, 1, &due[i].item.message);
		sql_bind_text(sql, 2, due[i].member);
		sql_bind_int(sql, 3, (int)due[i].item.level);
		code = sql_run(sql, why);
	}
	return code;
}

enum fail_code cursor_get(struct store *store, struct cursor *cursor, struct fail *why)
{
	*cursor = (struct cursor){.known = false};
	struct sql *sql = sql_new(store, "SELECT epoch, seq FROM cursor");
	if (sql_row(sql))
		*cursor = (struct cursor){.known = true, .epoch = sql_u64(sql, 0), .seq = sql_u64(sql, 1)};
	return sql_end(sql, why);
}

enum fail_code cursor_set(struct store *store, uint64_t epoch, uint64_t seq, struct fail *why)
{
	struct sql *sql = sql_new(store, "INSERT INTO cursor (one, epoch, seq) VALUES (1, ?, ?) ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq");
	sql_bind_u64(sql, 1, epoch);
	sql_bind_u64(sql, 2, seq);
	return sql_run(sql, why);
}
