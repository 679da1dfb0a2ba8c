// SPDX-License-Identifier: Apache-2.0
//
// The store on PostgreSQL: one connection that commits (and looks up, so that it
// sees its own commits), one for cursors, one for uploads, some for reading, and
// one for partner agencies under a role that may ask for nothing but a status.
// All SQL is a call of a function of schema api (deploy/sql).
//
// A lost connection ends its pending operations, is opened again after a random
// delay that doubles, and serves only after a barrier commit: whatever an earlier
// connection left visible is then as durable as a commit is here.
#ifndef PASSERELLE_STORE_STORE_POSTGRES_H
#define PASSERELLE_STORE_STORE_POSTGRES_H

#include "store/store.h"

#include <uv.h>

enum { STORE_MAX_READERS = 16 };

// Texts are copied. Connection strings: libpq, by unix socket or hostaddr= (names would block the loop).
struct store_postgres_settings {
	const char *writer;      // role passerelle_writer
	const char *reader;      // role passerelle_reader
	const char *partner;     // role passerelle_partner
	unsigned readers;        // 1 to STORE_MAX_READERS
	uint32_t statement_timeout_ms; // 0: 5,000; a commit is never interrupted by it
	uint32_t retry_min_ms, retry_max_ms; // reconnect delay; 0: 100, 5,000
	// What an operator should read: no case content, no parameter. May be NULL.
	void (*log)(void *context, bool alarm, const char *event, const char *text);
	void *log_context;
};

// Connecting starts at once; on_state(true) comes when all kinds of connection serve, operations asked
// for earlier end with FAIL_UNAVAILABLE. FAIL_NO_MEMORY, FAIL_BAD_CONFIG.
// The end: ops->close(), whose callback is the last; the store frees itself then. The loop must run meanwhile.
enum fail_code store_postgres_new(struct store **store, uv_loop_t *loop, const struct store_postgres_settings *settings,
                                  struct fail *why) MUST_CHECK;

#endif
