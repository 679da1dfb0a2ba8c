// SPDX-License-Identifier: Apache-2.0
//
// Inside of the store on PostgreSQL. Private to store_postgres.c and postgres_*.c.
#ifndef PASSERELLE_STORE_POSTGRES_PRIVATE_H
#define PASSERELLE_STORE_POSTGRES_PRIVATE_H

#include "store/pg_link.h"
#include "store/store_postgres.h"

// X(name, sql): prepared on the writer's, cursors' and uploads' connections.
#define WRITER_STATEMENT_MAP(X) \
	X(COMMIT, "SELECT outcome, mailbox_seq, base FROM api.commit_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, " \
	          "$17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, " \
	          "$41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, " \
	          "$62, $63, $64, $65, $66, $67, $68, $69, $70, $71, $72, $73, $74, $75, $76, $77, $78, $79, $80, $81, $82, $83, $84, $85, " \
	          "$86, $87, $88, $89)") \
	X(COMMIT_ONE, "SELECT api.commit_one($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, " \
	              "$21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48)") \
	X(COMMIT_TO_ALL, "SELECT api.commit_to_all($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)") \
	X(LOOKUP, "SELECT * FROM api.lookup($1, $2, $3)") \
	X(OPEN_CURSOR, "SELECT * FROM api.open_cursor($1, $2, $3, $4, $5, $6, $7)") \
	X(CLOSE_CURSOR, "SELECT api.close_cursor($1, $2, $3, $4)") \
	X(MOVE_CURSORS, "SELECT api.move_cursors($1, $2, $3, $4)") \
	X(DUE, "SELECT * FROM api.due($1, $2)") \
	X(UNSETTLED, "SELECT * FROM api.unsettled($1)") \
	X(UNTOLD, "SELECT * FROM api.untold($1)") \
	X(OBJECT_OPEN, "SELECT * FROM api.object_open($1, $2, $3, $4)") \
	X(OBJECT_WRITE, "SELECT * FROM api.object_write($1, $2, $3, $4, $5)") \
	X(KEEP_PARTITIONS, "SELECT api.keep_partitions($1)") \
	X(ERASE, "SELECT api.erase()")

#define READER_STATEMENT_MAP(X) \
	X(PAGE, "SELECT * FROM api.page($1, $2, $3, $4)") \
	X(NEWEST, "SELECT api.newest($1)") \
	X(OBJECT_READ, "SELECT * FROM api.object_read($1, $2, $3)") \
	X(FLOW, "SELECT * FROM api.flow($1)") \
	X(FIGURES, "SELECT * FROM api.flow_figures($1, $2)") \
	X(FLOW_CLOSE, "SELECT api.flow_close($1)") \
	X(MEMBER_STATUS, "SELECT * FROM api.member_status($1, $2, $3)") \
	X(DIRECTORY, "SELECT * FROM api.directory()")

#define PARTNER_STATEMENT_MAP(X) \
	X(STATUS, "SELECT * FROM api.status($1, $2, $3, $4, $5)")

#define X(name, sql) STATEMENT_##name,
enum writer_statement { WRITER_STATEMENT_MAP(X) WRITER_STATEMENT_COUNT };
enum reader_statement { READER_STATEMENT_MAP(X) READER_STATEMENT_COUNT };
enum partner_statement { PARTNER_STATEMENT_MAP(X) PARTNER_STATEMENT_COUNT };
#undef X

enum {
	LINK_WRITER,
	LINK_CURSORS,
	LINK_UPLOADS,
	LINK_PARTNER,
	LINK_READERS,
	LINK_MAX = LINK_READERS + STORE_MAX_READERS
};

struct cursor_move; // postgres_cursor.c

struct store_postgres {
	struct store store;            // first
	uv_loop_t *loop;
	char *writer, *reader, *partner; // owned connection strings
	char timeout[64];              // "SET statement_timeout = 5000"
	char reader_name[STORE_MAX_READERS][16];
	void (*log)(void *context, bool alarm, const char *event, const char *text);
	void *log_context;
	struct pg_link *link[LINK_MAX];
	const char *setup[LINK_MAX][4];
	size_t link_count;
	size_t next_reader;
	size_t open_links;
	bool available, closing;
	uv_timer_t hourly;             // partitions for the coming months; the flow of the last one
	bool hourly_open;
	struct pg_params params;       // built here, taken by the link at once
	struct cursor_move *moves, **moves_end; // wait for the one under way
	bool moving;
	bool *agency;                  // by member number, from the last directory
	size_t agency_count;
	store_done closed;
	void *closed_context;
};

struct store_postgres *postgres_of(struct store *store);
void *postgres_need(size_t size);  // zeroed; ends the process without memory: a call cannot fail before its callback

// Emptied, to be filled for the next send.
struct pg_params *postgres_params(struct store_postgres *postgres);

// By kind of connection. While the store is not available they end with FAIL_UNAVAILABLE.
void postgres_send(struct store_postgres *postgres, size_t link, struct pg_operation *operation, size_t statement);
void postgres_read(struct store_postgres *postgres, struct pg_operation *operation, enum reader_statement statement);

// The rows of api.lookup for one commit's duplicates and moved cases, or for a lookup.
bool postgres_get_original(const PGresult *rows, int row, struct store_original *original, char hub[IDENTITY_URI_SIZE]);
bool postgres_get_looked_up(const PGresult *rows, int row, struct case_record *record, bool *found);

// A case in columns from `first` on, in the order of api.due; *found false where they are NULL. And its clock's ten alone.
bool postgres_get_case(const PGresult *rows, int row, int first, struct case_record *record, bool *found);
bool postgres_get_clock(const PGresult *rows, int row, int column, struct case_clock *clock);
void postgres_put_lookup(struct pg_params *params, const struct store_lookup *lookup, size_t count);

// The first parameters of both ways to commit: who promises what by which signature.
void postgres_put_promise(struct pg_params *params, const struct store_batch *batch);

// One message in a case, to one member, with nothing rare about it: api.commit_one can take it.
bool postgres_fits_one(const struct store_batch *batch);
void postgres_put_one(struct pg_params *params, const struct store_batch *batch);
void postgres_put_to_all(struct pg_params *params, const struct store_batch *batch);

void postgres_commit(struct store *store, const struct store_batch *batch, store_commit_done done, void *context);
void postgres_lookup(struct store *store, const struct store_lookup *wanted, size_t count, store_lookup_done done,
                     void *context);
void postgres_open_cursor(struct store *store, const struct store_open_cursor *request, store_cursor_done done,
                          void *context);
void postgres_close_cursor(struct store *store, member_no member, const char *consumer, uint64_t consumer_epoch,
                           uint64_t handed, store_done done, void *context);
void postgres_move_cursor(struct store *store, member_no member, const char *consumer, uint64_t consumer_epoch,
                          uint64_t acked, store_done done, void *context);
void postgres_page(struct store *store, member_no member, uint64_t after, size_t max_count, size_t max_bytes,
                   store_page_done done, void *context);
void postgres_newest(struct store *store, const member_no *member, size_t count, store_newest_done done, void *context);
void postgres_due(struct store *store, uint64_t now, size_t max_count, store_due_done done, void *context);
void postgres_unsettled(struct store *store, size_t max_count, store_unsettled_done done, void *context);
void postgres_untold(struct store *store, size_t max_count, store_untold_done done, void *context);
void postgres_object_open(struct store *store, member_no owner, const struct upload_open *open, store_object_done done,
                          void *context);
void postgres_object_write(struct store *store, member_no owner, const struct id *object, uint64_t offset,
                           const struct view *chunk, size_t count, store_object_done done, void *context);
void postgres_object_read(struct store *store, member_no member, const struct id *object, uint64_t offset,
                          store_read_done done, void *context);
void postgres_status(struct store *store, member_no asker, const struct query *query, uint64_t now,
                     store_answer_done done, void *context);
void postgres_flow(struct store *store, const struct query *query, uint64_t now, store_answer_done done, void *context);
void postgres_directory(struct store *store, store_directory_done done, void *context);

#endif
