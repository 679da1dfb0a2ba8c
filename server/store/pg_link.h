// SPDX-License-Identifier: Apache-2.0
//
// One connection to PostgreSQL on the loop: libpq in pipeline mode under uv_poll.
// It connects, prepares its statements, runs its barrier, then serves; when it is
// lost it says so, waits a random while and starts again. Knows no table.
//
// An operation is one prepared statement followed by one Sync: one transaction.
// It ends once, after the server said that the transaction is over, never before
// pg_link_send has returned:
//   FAIL_NONE             committed; `result` holds the rows
//   FAIL_UNAVAILABLE      nothing was done; the same may be tried again
//   FAIL_OUTCOME_UNKNOWN  a write whose end is not known: the line broke, or the server
//                         warned while it committed (a standby that did not confirm)
//   FAIL_NO_SPACE, FAIL_INTERNAL  the server refused; nothing was done
#ifndef PASSERELLE_STORE_PG_LINK_H
#define PASSERELLE_STORE_PG_LINK_H

#include "store/pg_value.h"

#include <uv.h>

struct pg_link;

struct pg_statement {
	const char *name;  // unique on the connection
	const char *sql;
};

// Texts and tables are borrowed for the life of the link.
struct pg_link_settings {
	uv_loop_t *loop;
	const char *name;               // "writer": for the log and application_name
	const char *conninfo;
	const char *const *setup;       // statements after connecting, in one transaction; the barrier is one of them
	size_t setup_count;
	const struct pg_statement *statement;
	size_t statement_count;
	uint32_t retry_min_ms, retry_max_ms;
	void *context;
	void (*on_state)(void *context, struct pg_link *link, bool ready);
	void (*on_log)(void *context, struct pg_link *link, bool alarm, const char *event,
	               const char *text); // one line, no parameters
};

// Embedded by the caller, who keeps it until `done`.
struct pg_operation {
	void (*done)(struct pg_operation *operation, enum fail_code code,
	             const PGresult *result); // result borrowed, NULL unless FAIL_NONE
	bool write;
	// The link's own.
	struct pg_operation *next;
	PGresult *result;
	enum fail_code code;
	bool doubtful;
	bool again;     // readable in done(): a collision with another transaction, the same may succeed at once
};

// Starts to connect. FAIL_NO_MEMORY, FAIL_UNAVAILABLE (the loop refused).
enum fail_code pg_link_new(struct pg_link **made, const struct pg_link_settings *settings) MUST_CHECK;

bool pg_link_ready(const struct pg_link *link);
const char *pg_link_name(const struct pg_link *link);

// What a full socket kept back goes on, without waiting for the loop.
void pg_link_push(struct pg_link *link);

// Takes the parameters at once; they may be released afterwards.
void pg_link_send(struct pg_link *link, struct pg_operation *operation, size_t statement,
                  const struct pg_params *params);

// Ends what is pending (from the loop, not from here), closes, calls back, frees itself.
void pg_link_close(struct pg_link *link, void (*closed)(void *context), void *context);

#endif
