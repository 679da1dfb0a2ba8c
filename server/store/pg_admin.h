// SPDX-License-Identifier: Apache-2.0
//
// Blocking libpq for the operator's commands: connect, one statement, words for what went wrong.
// Private to migrate.c and member_admin.c.
#ifndef PASSERELLE_STORE_PG_ADMIN_H
#define PASSERELLE_STORE_PG_ADMIN_H

#include "base/fail.h"

#include <libpq-fe.h>

// FAIL_UNAVAILABLE with the server's words. The caller ends *connection with PQfinish.
enum fail_code pg_admin_connect(PGconn **connection, const char *conninfo, struct fail *why) MUST_CHECK;

// Statement(s) without an answer: FAIL_IO with the server's first line, FAIL_UNAVAILABLE if the line broke.
enum fail_code pg_admin_do(PGconn *connection, const char *sql, struct fail *why) MUST_CHECK;

// One statement with text parameters and rows of text; the caller clears *result.
enum fail_code pg_admin_ask(PGconn *connection, const char *sql, int count, const char *const *values,
                            PGresult **result, struct fail *why) MUST_CHECK;

// What a failed result says, on one line, as FAIL_IO or FAIL_UNAVAILABLE.
enum fail_code pg_admin_fault(PGconn *connection, const PGresult *result, struct fail *why);

#endif
