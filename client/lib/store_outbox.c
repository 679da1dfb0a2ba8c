// SPDX-License-Identifier: Apache-2.0
#include "lib/store.h"
#include "lib/store_inner.h"

#include <stdio.h>
#include <string.h>

#define OUTBOX_COLUMNS \
	"number, message, case_id, reference, receivers, kind, event, header_hash, envelope, state, " \
	"draft_at, queued_at, at_hub_at, delivered_at, opened_at, returned_at, taken_back_at, recalled_at, case_seq, case_state, " \
	"receipt, error, error_text, legal, overtaken_by"

static const char *const state_names[OUTBOX_STATE_COUNT] = {"draft", "queued", "at_hub", "delivered", "opened", "returned",
                                                            "taken_back", "recalled"};

const char *outbox_state_name(enum outbox_state state)
{
	return state < OUTBOX_STATE_COUNT ? state_names[state] : "unknown";
}

static struct view id_or_nothing(const struct id *id)
{
	return id_is_zero(id) ? view_of(NULL, 0) : view_of(id->byte, sizeof id->byte);
}

static enum fail_code add_receivers(struct store *store, const struct outbox_row *row, struct fail *why)
{
	const char *from = row->receivers;
	while (*from != '\0') {
		char code[MEMBER_CODE_SIZE];
		size_t length = strcspn(from, ",");
		must(length < sizeof code);
		snprintf(code, sizeof code, "%.*s", (int)length, from);
		struct sql *sql = sql_new(store, "INSERT INTO outbox_receiver (message, member) VALUES (?, ?)");
		sql_bind_id(sql, 1, &row->message);
		sql_bind_text(sql, 2, code);
		enum fail_code outcome = sql_run(sql, why);
		if (outcome != FAIL_NONE)
			return outcome;
		from += length + (from[length] == ',');
	}
	return FAIL_NONE;
}

static enum fail_code add_attachment(struct store *store, const struct outbox_attachment *one, struct fail *why)
{
	struct sql *sql = sql_new(store, "INSERT INTO outbox_attachment (message, number, object, length, tree_hash) VALUES (?, ?, ?, ?, ?)");
	sql_bind_id(sql, 1, &one->message);
	sql_bind_int(sql, 2, (int)one->number);
	sql_bind_id(sql, 3, &one->object);
	sql_bind_u64(sql, 4, one->length);
	sql_bind_hash(sql, 5, &one->tree_hash);
	return sql_run(sql, why);
}

enum fail_code outbox_add(struct store *store, const struct outbox_row *row, const struct outbox_attachment *attachment,
                          size_t count, struct fail *why)
{
	struct sql *sql = sql_new(store,
		"INSERT INTO outbox (message, case_id, reference, receivers, kind, event, header_hash, envelope, state, draft_at, queued_at)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)");
	sql_bind_id(sql, 1, &row->message);
	sql_bind_blob(sql, 2, id_or_nothing(&row->case_id));
	sql_bind_text(sql, 3, row->reference);
	sql_bind_text(sql, 4, row->receivers);
	sql_bind_int(sql, 5, (int)row->kind);
	sql_bind_int(sql, 6, row->event);
	sql_bind_hash(sql, 7, &row->header_hash);
	sql_bind_blob(sql, 8, row->envelope);
	sql_bind_u64(sql, 9, row->at[OUTBOX_DRAFT]);
	sql_bind_u64(sql, 10, row->at[OUTBOX_QUEUED]);
	enum fail_code code = sql_run(sql, why);
	if (code == FAIL_NONE)
		code = add_receivers(store, row, why);
	for (size_t i = 0; i < count && code == FAIL_NONE; i++)
		code = add_attachment(store, &attachment[i], why);
	return code;
}

static void read_row(struct sql *sql, struct outbox_row *row)
{
	*row = (struct outbox_row){.number = sql_u64(sql, 0)};
	sql_id(sql, 1, &row->message);
	sql_id(sql, 2, &row->case_id);
	row->reference = sql_text(sql, 3);
	row->receivers = sql_text(sql, 4);
	row->kind = (enum message_kind)sql_int(sql, 5);
	row->event = sql_int(sql, 6);
	sql_hash(sql, 7, &row->header_hash);
	row->envelope = sql_blob(sql, 8);
	row->state = (enum outbox_state)sql_int(sql, 9);
	for (int i = 0; i < OUTBOX_STATE_COUNT; i++)
		row->at[i] = sql_u64(sql, 10 + i);
	row->case_seq = sql_u64(sql, 18);
	row->case_state = (uint32_t)sql_u64(sql, 19);
	row->receipt = sql_blob(sql, 20);
	row->error = sql_text(sql, 21);
	row->error_text = sql_text(sql, 22);
	row->legal = sql_text(sql, 23);
	row->overtaken_by = sql_text(sql, 24);
}

static enum fail_code walk(struct sql *sql, outbox_call call, void *context, size_t *rows, struct fail *why)
{
	enum fail_code told = FAIL_NONE;
	*rows = 0;
	while (told == FAIL_NONE && sql_row(sql)) {
		struct outbox_row row;
		read_row(sql, &row);
		told = call(context, &row);
		(*rows)++;
	}
	enum fail_code code = sql_end(sql, why);
	return code != FAIL_NONE ? code : told;
}

enum fail_code outbox_each(struct store *store, enum outbox_which which, const struct id *case_id, outbox_call call,
                           void *context, struct fail *why)
{
	static const char *const texts[] = {
		[OUTBOX_ALL] = "SELECT " OUTBOX_COLUMNS " FROM outbox WHERE kind <> 12 ORDER BY number DESC",
		[OUTBOX_WAITING] = "SELECT " OUTBOX_COLUMNS " FROM outbox WHERE state = 1 ORDER BY number",
		[OUTBOX_OF_CASE] = "SELECT " OUTBOX_COLUMNS " FROM outbox WHERE case_id = ? ORDER BY number",
	};
	struct sql *sql = sql_new(store, texts[which]);
	if (which == OUTBOX_OF_CASE)
		sql_bind_id(sql, 1, case_id);
	size_t rows;
	return walk(sql, call, context, &rows, why);
}

enum fail_code outbox_find(struct store *store, const struct id *message, outbox_call call, void *context,
                           struct fail *why)
{
	struct sql *sql = sql_new(store, "SELECT " OUTBOX_COLUMNS " FROM outbox WHERE message = ?");
	sql_bind_id(sql, 1, message);
	size_t rows;
	enum fail_code code = walk(sql, call, context, &rows, why);
	if (code == FAIL_NONE && rows == 0)
		return fail_set(why, FAIL_UNKNOWN_CASE, "no message with this id was written here");
	return code;
}

enum fail_code outbox_queued_after(struct store *store, uint64_t number, struct outbox_mark *mark, size_t *count,
                                   struct fail *why)
{
	size_t room = *count;
	*count = 0;
	struct sql *sql = sql_new(store, "SELECT number, message, case_id, kind, submitted_at > 0 FROM outbox WHERE state = 1 AND number > ? ORDER BY number LIMIT ?");
	sql_bind_u64(sql, 1, number);
	sql_bind_u64(sql, 2, room);
	while (*count < room && sql_row(sql)) {
		struct outbox_mark *one = &mark[(*count)++];
		one->number = sql_u64(sql, 0);
		sql_id(sql, 1, &one->message);
		sql_id(sql, 2, &one->case_id);
		one->kind = (enum message_kind)sql_int(sql, 3);
		one->submitted = sql_int(sql, 4) != 0;
	}
	return sql_end(sql, why);
}

enum fail_code outbox_submitting(struct store *store, uint64_t number, size_t most, uint64_t at, bool *any,
                                 struct fail *why)
{
	struct sql *sql = sql_new(store,
		"UPDATE outbox SET submitted_at = ?1 WHERE submitted_at = 0 AND number IN"
		" (SELECT number FROM outbox WHERE state = 1 AND number > ?2 ORDER BY number LIMIT ?3)"
		" AND NOT EXISTS (SELECT 1 FROM outbox_attachment a WHERE a.message = outbox.message)");
	sql_bind_u64(sql, 1, at);
	sql_bind_u64(sql, 2, number);
	sql_bind_u64(sql, 3, most);
	enum fail_code code = sql_run(sql, why);
	*any = code == FAIL_NONE && sql_changes(store) > 0;
	return code;
}

enum fail_code outbox_submitting_one(struct store *store, const struct id *message, uint64_t at, bool *waits,
                                     struct fail *why)
{
	struct sql *sql = sql_new(store, "UPDATE outbox SET submitted_at = CASE submitted_at WHEN 0 THEN ? ELSE submitted_at END WHERE message = ? AND state = 1");
	sql_bind_u64(sql, 1, at);
	sql_bind_id(sql, 2, message);
	enum fail_code code = sql_run(sql, why);
	*waits = code == FAIL_NONE && sql_changes(store) > 0;
	return code;
}

enum fail_code outbox_take_back(struct store *store, const struct id *message, uint64_t at, bool *taken,
                                struct fail *why)
{
	struct sql *sql = sql_new(store, "UPDATE outbox SET state = 6, taken_back_at = ? WHERE message = ? AND state = 1 AND submitted_at = 0");
	sql_bind_u64(sql, 1, at);
	sql_bind_id(sql, 2, message);
	enum fail_code code = sql_run(sql, why);
	*taken = code == FAIL_NONE && sql_changes(store) > 0;
	return code;
}

enum fail_code outbox_take_back_case(struct store *store, const struct id *case_id, uint64_t at, struct fail *why)
{
	struct sql *sql = sql_new(store, "UPDATE outbox SET state = 6, taken_back_at = ? WHERE case_id = ? AND state = 1 AND submitted_at = 0");
	sql_bind_u64(sql, 1, at);
	sql_bind_id(sql, 2, case_id);
	return sql_run(sql, why);
}

enum fail_code outbox_recalled(struct store *store, const struct id *message, uint64_t at, struct fail *why)
{
	struct sql *sql = sql_new(store, "UPDATE outbox SET state = 7, recalled_at = ? WHERE message = ? AND state = 2");
	sql_bind_u64(sql, 1, at);
	sql_bind_id(sql, 2, message);
	return sql_run(sql, why);
}

enum fail_code outbox_envelope(struct store *store, const struct id *message, struct bytes *envelope, struct fail *why)
{
	struct sql *sql = sql_new(store, "SELECT envelope FROM outbox WHERE message = ?");
	sql_bind_id(sql, 1, message);
	enum fail_code copied = FAIL_UNKNOWN_CASE;
	if (sql_row(sql)) {
		struct view found = sql_blob(sql, 0);
		copied = bytes_append(envelope, found.data, found.length);
	}
	enum fail_code code = sql_end(sql, why);
	if (code == FAIL_NONE && copied != FAIL_NONE)
		code = fail_set(why, copied, "the message cannot be read from the outbox");
	return code;
}

enum fail_code outbox_attachments(struct store *store, const struct id *message, struct outbox_attachment *attachment,
                                  size_t *count, struct fail *why)
{
	size_t room = *count;
	*count = 0;
	struct sql *sql = sql_new(store, "SELECT number, object, length, tree_hash, complete FROM outbox_attachment WHERE message = ? ORDER BY number");
	sql_bind_id(sql, 1, message);
	while (*count < room && sql_row(sql)) {
		struct outbox_attachment *one = &attachment[(*count)++];
		one->message = *message;
		one->number = (unsigned)sql_int(sql, 0);
		sql_id(sql, 1, &one->object);
		one->length = sql_u64(sql, 2);
		sql_hash(sql, 3, &one->tree_hash);
		one->complete = sql_int(sql, 4) != 0;
	}
	return sql_end(sql, why);
}

enum fail_code outbox_attachment_complete(struct store *store, const struct id *object, bool complete, struct fail *why)
{
	struct sql *sql = sql_new(store, "UPDATE outbox_attachment SET complete = ? WHERE object = ?");
	sql_bind_int(sql, 1, complete);
	sql_bind_id(sql, 2, object);
	return sql_run(sql, why);
}

enum fail_code outbox_needs_object(struct store *store, const struct id *object, bool *needed, struct fail *why)
{
	struct sql *sql = sql_new(store,
		"SELECT 1 FROM outbox_attachment a JOIN outbox o ON o.message = a.message WHERE a.object = ? AND o.state IN (0, 1, 2)");
	sql_bind_id(sql, 1, object);
	*needed = sql_row(sql);
	return sql_end(sql, why);
}

enum fail_code outbox_accepted(struct store *store, const struct id *message, uint64_t at, uint64_t case_seq,
                               uint32_t case_state, struct view receipt, struct fail *why)
{
	// A recipient's DELIVERED may have come first: then the state stays what it is.
	struct sql *sql = sql_new(store,
		"UPDATE outbox SET state = max(state, 2), at_hub_at = ?, case_seq = ?, case_state = ?, receipt = ?, error = NULL, error_text = NULL"
		" WHERE message = ? AND receipt IS NULL AND state < 5");
	sql_bind_u64(sql, 1, at);
	sql_bind_u64(sql, 2, case_seq);
	sql_bind_u64(sql, 3, case_state);
	sql_bind_blob(sql, 4, receipt);
	sql_bind_id(sql, 5, message);
	return sql_run(sql, why);
}

enum fail_code outbox_refused(struct store *store, const struct id *message, const struct outbox_refusal *refusal,
                              struct fail *why)
{
	struct sql *sql = sql_new(store, refusal->final
		? "UPDATE outbox SET state = 5, error = ?, error_text = ?, legal = ?, overtaken_by = ?, returned_at = ? WHERE message = ? AND state = 1"
		: "UPDATE outbox SET error = ?, error_text = ?, legal = ?, overtaken_by = ? WHERE ?5 = ?5 AND message = ?6 AND state = 1");
	sql_bind_text(sql, 1, refusal->error);
	sql_bind_text(sql, 2, refusal->text);
	sql_bind_text(sql, 3, refusal->legal);
	sql_bind_text(sql, 4, refusal->overtaken_by);
	sql_bind_u64(sql, 5, refusal->at);
	sql_bind_id(sql, 6, message);
	return sql_run(sql, why);
}

static enum fail_code note_receiver(struct store *store, const struct receipt_item *item, const char *member,
                                    bool *changed, struct fail *why)
{
	// OPENED implies DELIVERED; the first time of each stays.
	struct sql *sql = sql_new(store,
		"UPDATE outbox_receiver SET delivered_at = CASE delivered_at WHEN 0 THEN ?1 ELSE delivered_at END,"
		" opened_at = CASE WHEN opened_at = 0 AND ?2 = 3 THEN ?1 ELSE opened_at END"
		" WHERE message = ?3 AND member = ?4 AND EXISTS (SELECT 1 FROM outbox WHERE message = ?3 AND header_hash = ?5)");
	sql_bind_u64(sql, 1, item->at == 0 ? 1 : item->at);
	sql_bind_int(sql, 2, (int)item->level);
	sql_bind_id(sql, 3, &item->message);
	sql_bind_text(sql, 4, member);
	sql_bind_hash(sql, 5, &item->header_hash);
	enum fail_code code = sql_run(sql, why);
	*changed = code == FAIL_NONE && sql_changes(store) > 0;
	return code;
}

enum fail_code outbox_receipt(struct store *store, const struct receipt_item *item, const char *member,
                              struct fail *why)
{
	bool changed;
	enum fail_code code = note_receiver(store, item, member, &changed, why);
	if (code != FAIL_NONE || !changed)
		return code;
	// Delivered when the last receiver has it; the time is the last one's.
	struct sql *sql = sql_new(store,
		"UPDATE outbox SET delivered_at = r.delivered, opened_at = r.opened,"
		" state = CASE WHEN r.opened > 0 THEN 4 WHEN r.delivered > 0 THEN max(state, 3) ELSE state END"
		" FROM (SELECT CASE min(delivered_at) WHEN 0 THEN 0 ELSE max(delivered_at) END AS delivered,"
		"  CASE min(opened_at) WHEN 0 THEN 0 ELSE max(opened_at) END AS opened FROM outbox_receiver WHERE message = ?1) AS r"
		" WHERE message = ?1 AND state < 5");
	sql_bind_id(sql, 1, &item->message);
	return sql_run(sql, why);
}

enum fail_code outbox_count(struct store *store, struct outbox_counts *counts, struct fail *why)
{
	*counts = (struct outbox_counts){.oldest_queued = 0};
	struct sql *sql = sql_new(store, "SELECT state, count(*), min(queued_at) FROM outbox WHERE kind <> 12 GROUP BY state");
	while (sql_row(sql)) {
		unsigned state = (unsigned)sql_int(sql, 0);
		if (state < OUTBOX_STATE_COUNT)
			counts->of[state] = (unsigned)sql_int(sql, 1);
		if (state == OUTBOX_QUEUED)
			counts->oldest_queued = sql_u64(sql, 2);
	}
	enum fail_code code = sql_end(sql, why);
	if (code != FAIL_NONE)
		return code;
	sql = sql_new(store, "SELECT count(*) FROM draft");
	if (sql_row(sql))
		counts->of[OUTBOX_DRAFT] = (unsigned)sql_int(sql, 0);
	return sql_end(sql, why);
}
