// SPDX-License-Identifier: Apache-2.0
//
// SQLite for the store_*.c files, nobody else: statements with sticky errors, so
// that a caller binds and steps without looking and learns the outcome once, from
// sql_end(). Binding is by position from 1, reading by column from 0.
//
//   struct sql *sql = sql_new(store, "SELECT a FROM t WHERE b = ?");
//   sql_bind_u64(sql, 1, 7);
//   while (sql_row(sql))
//           use(sql_u64(sql, 0));
//   return sql_end(sql, why);
#ifndef PASSERELLE_LIB_STORE_SQL_H
#define PASSERELLE_LIB_STORE_SQL_H

#include "base/id.h"

struct sql; // one prepared statement
struct store;

struct sql *sql_new(struct store *store, const char *text);

// What is bound must stay as it is until sql_end. Numbers above INT64_MAX wrap and come back as they were.
void sql_bind_u64(struct sql *sql, int place, uint64_t value);
void sql_bind_int(struct sql *sql, int place, int value);
void sql_bind_blob(struct sql *sql, int place, struct view value);  // NULL data: an empty blob
void sql_bind_text(struct sql *sql, int place, const char *value);  // NULL: SQL NULL
void sql_bind_id(struct sql *sql, int place, const struct id *value);
void sql_bind_hash(struct sql *sql, int place, const struct hash *value);
void sql_bind_null(struct sql *sql, int place);

bool sql_row(struct sql *sql); // true: there is a row; false: the end, or an error

uint64_t sql_u64(struct sql *sql, int column);
int sql_int(struct sql *sql, int column);
bool sql_null(struct sql *sql, int column);
struct view sql_blob(struct sql *sql, int column);  // valid until the next sql_row
const char *sql_text(struct sql *sql, int column);  // never NULL; valid until the next sql_row
void sql_id(struct sql *sql, int column, struct id *out);       // a row that does not fit is FAIL_DATA_LOSS at the end
void sql_hash(struct sql *sql, int column, struct hash *out);

// Frees. FAIL_NO_SPACE, FAIL_UNAVAILABLE (another program holds it), FAIL_DATA_LOSS (damaged), FAIL_NO_MEMORY, FAIL_IO.
enum fail_code sql_end(struct sql *sql, struct fail *why) MUST_CHECK;

// Runs a statement without rows: what was bound, stepped, ended.
enum fail_code sql_run(struct sql *sql, struct fail *why) MUST_CHECK;

// Rows that the last statement of this store changed.
int sql_changes(struct store *store);

#endif
