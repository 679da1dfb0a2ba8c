// SPDX-License-Identifier: Apache-2.0
//
// Cursors, pages and newest numbers. Moves of many cursors go together: while one transaction is
// under way, the next ones gather.
#include "store/postgres_private.h"

#include "seal/key.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_MOVES = 1024, PAGE_MAX = MAX_MAILBOX_PAGE };

// Codes of api.open_cursor and api.move_cursors.
enum { CURSOR_GOOD, CURSOR_STALE, CURSOR_AHEAD, CURSOR_FENCED, CURSOR_NO_MAILBOX };

struct open {
	struct pg_operation operation; // first
	store_cursor_done done;
	void *context;
};

static enum fail_code cursor_code(int32_t code)
{
	switch (code) {
	case CURSOR_GOOD:
		return FAIL_NONE;
	case CURSOR_STALE:
		return FAIL_CURSOR_STALE;
	case CURSOR_AHEAD:
		return FAIL_CURSOR_AHEAD;
	case CURSOR_FENCED:
		return FAIL_REPLACED;
	case CURSOR_NO_MAILBOX:
		return FAIL_NOT_A_MEMBER;
	default:
		return FAIL_INTERNAL;
	}
}

static enum fail_code read_cursor(const PGresult *rows, struct store_cursor *cursor)
{
	int32_t raw = 0;
	if (PQntuples(rows) != 1 || !pg_get_int4(rows, 0, 0, &raw))
		return FAIL_INTERNAL;
	enum fail_code code = cursor_code(raw);
	if (code == FAIL_NOT_A_MEMBER)
		return code;
	if (!pg_get_int8(rows, 0, 1, &cursor->mailbox_epoch) || !pg_get_int8(rows, 0, 2, &cursor->low) ||
	    !pg_get_int8(rows, 0, 3, &cursor->high))
		return FAIL_INTERNAL;
	if (code == FAIL_NONE &&
	    (!pg_get_int8(rows, 0, 4, &cursor->acked) || !pg_get_int8(rows, 0, 5, &cursor->consumer_epoch)))
		return FAIL_INTERNAL;
	return code;
}

static void on_open(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct open *open = (struct open *)(void *)operation;
	struct store_cursor cursor = {0};
	if (code == FAIL_NONE)
		code = read_cursor(rows, &cursor);
	bool told = code == FAIL_NONE || code == FAIL_CURSOR_STALE || code == FAIL_CURSOR_AHEAD;
	open->done(open->context, code, told ? &cursor : NULL);
	free(open);
}

void postgres_open_cursor(struct store *store, const struct store_open_cursor *request, store_cursor_done done,
                          void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	struct open *open = postgres_need(sizeof *open);
	open->done = done;
	open->context = context;
	open->operation = (struct pg_operation){.done = on_open, .write = true};
	struct pg_params *params = postgres_params(postgres);
	// Numbers from the network: beyond what the database counts to is beyond the newest.
	uint64_t wanted = request->cursor > INT64_MAX ? INT64_MAX : request->cursor;
	uint64_t epoch = request->mailbox_epoch > INT64_MAX ? INT64_MAX : request->mailbox_epoch;
	pg_put_int4(params, request->member);
	pg_put_text(params, request->consumer);
	pg_put_bool(params, request->resume);
	pg_put_int8(params, epoch);
	pg_put_int8(params, wanted);
	pg_put_int8(params, request->now);
	pg_put_int8(params, request->until);
	postgres_send(postgres, LINK_CURSORS, &open->operation, STATEMENT_OPEN_CURSOR);
}

struct closing {
	struct pg_operation operation; // first
	store_done done;
	void *context;
};

static void on_closed(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct closing *closing = (struct closing *)(void *)operation;
	(void)rows;
	closing->done(closing->context, code);
	free(closing);
}

void postgres_close_cursor(struct store *store, member_no member, const char *consumer, uint64_t consumer_epoch,
                           uint64_t handed, store_done done, void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	struct closing *closing = postgres_need(sizeof *closing);
	closing->done = done;
	closing->context = context;
	closing->operation = (struct pg_operation){.done = on_closed, .write = true};
	struct pg_params *params = postgres_params(postgres);
	pg_put_int4(params, member);
	pg_put_text(params, consumer);
	pg_put_int8(params, consumer_epoch);
	pg_put_int8(params, handed);
	postgres_send(postgres, LINK_CURSORS, &closing->operation, STATEMENT_CLOSE_CURSOR);
}

struct cursor_move {
	struct cursor_move *next;
	member_no member;
	const char *consumer;  // borrowed from the caller until its callback
	uint64_t epoch, acked;
	store_done done;
	void *context;
};

struct moves {
	struct pg_operation operation; // first
	struct store_postgres *postgres;
	struct cursor_move *first;
	size_t count;
};

static void send_moves(struct store_postgres *postgres);

static void on_moved(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct moves *moves = (struct moves *)(void *)operation;
	struct store_postgres *postgres = moves->postgres;
	int32_t result[MAX_MOVES];
	size_t count = 0;
	if (code == FAIL_NONE && (!pg_get_int4s(rows, 0, 0, result, MAX_MOVES, &count) || count != moves->count))
		code = FAIL_INTERNAL;
	postgres->moving = false;
	struct cursor_move *move = moves->first;
	free(moves);
	for (size_t i = 0; move != NULL; i++) {
		struct cursor_move *next = move->next;
		move->done(move->context, code == FAIL_NONE ? cursor_code(result[i]) : code);
		free(move);
		move = next;
	}
	if (!postgres->moving && postgres->moves != NULL)
		send_moves(postgres);
}

static struct moves *take_moves(struct store_postgres *postgres)
{
	struct moves *moves = postgres_need(sizeof *moves);
	struct cursor_move **end = &moves->first;
	moves->postgres = postgres;
	while (postgres->moves != NULL && moves->count < MAX_MOVES) {
		*end = postgres->moves;
		postgres->moves = (*end)->next;
		end = &(*end)->next;
		moves->count++;
	}
	*end = NULL;
	if (postgres->moves == NULL)
		postgres->moves_end = &postgres->moves;
	return moves;
}

#define PUT_MOVES(type, put, value) do { \
		pg_array_begin(params, type); \
		for (const struct cursor_move *move = moves->first; move != NULL; move = move->next) \
			put(params, value); \
		pg_array_end(params); \
	} while (0)

static void send_moves(struct store_postgres *postgres)
{
	struct moves *moves = take_moves(postgres);
	struct pg_params *params = postgres_params(postgres);
	PUT_MOVES(PG_INT4, pg_put_int4, move->member);
	PUT_MOVES(PG_TEXT, pg_put_text, move->consumer);
	PUT_MOVES(PG_INT8, pg_put_int8, move->epoch);
	PUT_MOVES(PG_INT8, pg_put_int8, move->acked);
	moves->operation = (struct pg_operation){.done = on_moved, .write = true};
	postgres->moving = true;
	postgres_send(postgres, LINK_CURSORS, &moves->operation, STATEMENT_MOVE_CURSORS);
}

void postgres_move_cursor(struct store *store, member_no member, const char *consumer, uint64_t consumer_epoch,
                          uint64_t acked, store_done done, void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	struct cursor_move *move = postgres_need(sizeof *move);
	// What lies beyond the database's numbers is refused by it as beyond the newest.
	*move = (struct cursor_move){
		.member = member, .consumer = consumer, .epoch = consumer_epoch,
		.acked = acked > INT64_MAX ? INT64_MAX : acked, .done = done, .context = context,
	};
	*postgres->moves_end = move;
	postgres->moves_end = &move->next;
	if (!postgres->moving)
		send_moves(postgres);
}

struct page {
	struct pg_operation operation; // first
	store_page_done done;
	void *context;
	size_t count;
	struct store_entry entry[PAGE_MAX];
};

static bool read_entry(const PGresult *rows, int row, struct store_entry *entry)
{
	int16_t state = 0;
	bool has_case = !PQgetisnull(rows, row, 1);
	if (!pg_get_int8(rows, row, 0, &entry->mailbox_seq) || !pg_get_int8(rows, row, 3, &entry->accepted_at) ||
	    !pg_get_hash(rows, row, 4, &entry->envelope_hash) || !pg_get_bytea(rows, row, 5, &entry->envelope))
		return false;
	if (has_case && (!pg_get_int8(rows, row, 1, &entry->case_seq) || !pg_get_int2(rows, row, 2, &state)))
		return false;
	if (state < 0 || state >= CASE_STATE_COUNT)
		return false;
	entry->case_state = (uint32_t)state;
	if (!pg_get_bool(rows, row, 6, &entry->recalled))
		return false;
	// Of what was stripped nobody has the hash; its reader checks the signature over the header.
	struct hash hash = sha256(entry->envelope);
	bool whole = entry->recalled || hash_equal(&hash, &entry->envelope_hash);
	return entry->envelope.length <= MAX_ENVELOPE && whole;
}

// Numbers follow each other without a gap, and the bytes are those that were signed for.
static enum fail_code read_page(struct page *page, const PGresult *rows)
{
	int count = PQntuples(rows);
	if (count > PAGE_MAX)
		return FAIL_INTERNAL;
	for (int row = 0; row < count; row++) {
		struct store_entry *entry = &page->entry[page->count];
		if (!read_entry(rows, row, entry) || (page->count > 0 && entry->mailbox_seq != entry[-1].mailbox_seq + 1))
			return FAIL_DATA_LOSS;
		page->count++;
	}
	return FAIL_NONE;
}

static void on_page(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct page *page = (struct page *)(void *)operation;
	if (code == FAIL_NONE)
		code = read_page(page, rows);
	bool good = code == FAIL_NONE;
	page->done(page->context, code, good ? page->entry : NULL, good ? page->count : 0);
	free(page);
}

void postgres_page(struct store *store, member_no member, uint64_t after, size_t max_count, size_t max_bytes,
                   store_page_done done, void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	struct page *page = postgres_need(sizeof *page);
	page->done = done;
	page->context = context;
	page->operation = (struct pg_operation){.done = on_page};
	struct pg_params *params = postgres_params(postgres);
	pg_put_int4(params, member);
	pg_put_int8(params, after > INT64_MAX ? INT64_MAX : after);
	pg_put_int4(params, (int32_t)(max_count > PAGE_MAX ? PAGE_MAX : max_count));
	pg_put_int8(params, max_bytes > INT32_MAX ? INT32_MAX : max_bytes);
	postgres_read(postgres, &page->operation, STATEMENT_PAGE);
}

struct newest {
	struct pg_operation operation; // first
	store_newest_done done;
	void *context;
	size_t count;
	uint64_t seq[];
};

static void on_newest(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct newest *newest = (struct newest *)(void *)operation;
	size_t count = 0;
	if (code == FAIL_NONE && (!pg_get_int8s(rows, 0, 0, newest->seq, newest->count, &count) || count != newest->count))
		code = FAIL_INTERNAL;
	bool good = code == FAIL_NONE;
	newest->done(newest->context, code, good ? newest->seq : NULL, good ? count : 0);
	free(newest);
}

void postgres_newest(struct store *store, const member_no *member, size_t count, store_newest_done done, void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	struct newest *newest = postgres_need(sizeof *newest + count * sizeof newest->seq[0]);
	newest->done = done;
	newest->context = context;
	newest->count = count;
	newest->operation = (struct pg_operation){.done = on_newest};
	struct pg_params *params = postgres_params(postgres);
	pg_array_begin(params, PG_INT4);
	for (size_t i = 0; i < count; i++)
		pg_put_int4(params, member[i]);
	pg_array_end(params);
	postgres_read(postgres, &newest->operation, STATEMENT_NEWEST);
}
