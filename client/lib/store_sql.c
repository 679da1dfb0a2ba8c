// SPDX-License-Identifier: Apache-2.0
#include "base/words.h"
#include "lib/store.h"
#include "lib/store_inner.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct sql {
	struct store *store;      // borrowed
	sqlite3_stmt *statement;  // owned
	int outcome;              // first SQLite result that was not OK, ROW or DONE
};

struct store {
	sqlite3 *link;   // owned
};

struct code_row {
	int sqlite;
	enum fail_code code;
	const char *text;
};

static const struct code_row codes[] = {
	{SQLITE_FULL, FAIL_NO_SPACE, "the disk is full"},
	{SQLITE_BUSY, FAIL_UNAVAILABLE, "another program is writing to this profile"},
	{SQLITE_LOCKED, FAIL_UNAVAILABLE, "another program is writing to this profile"},
	{SQLITE_NOMEM, FAIL_NO_MEMORY, "out of memory"},
	{SQLITE_CORRUPT, FAIL_DATA_LOSS, "the store is damaged"},
	{SQLITE_NOTADB, FAIL_DATA_LOSS, "the file is not a store"},
	{SQLITE_CANTOPEN, FAIL_NO_FILE, "the store cannot be opened"},
	{SQLITE_READONLY, FAIL_NO_FILE, "the store may not be written"},
	{SQLITE_PERM, FAIL_NO_FILE, "the store may not be written"},
};

// SQLite reports a full disk met in the WAL's index or at a sync as an I/O error.
static bool disk_is_full(sqlite3 *link)
{
	int number = link == NULL ? 0 : sqlite3_system_errno(link);
	return number == 28 /* ENOSPC */ || number == 122 /* EDQUOT */;
}

static enum fail_code fail_of(sqlite3 *link, int outcome, struct fail *why)
{
	if ((outcome & 0xff) == SQLITE_IOERR && disk_is_full(link))
		outcome = SQLITE_FULL;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		if (codes[i].sqlite == (outcome & 0xff))
			return fail_set(why, codes[i].code, "store: %s", words_of(codes[i].text));
	}
	return fail_set(why, FAIL_IO, "store: %s", link == NULL ? sqlite3_errstr(outcome) : sqlite3_errmsg(link));
}

enum fail_code store_link_open(struct store **store, const char *file, struct fail *why)
{
	struct store *made = calloc(1, sizeof *made);
	if (made == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
	int outcome = sqlite3_open_v2(file, &made->link, flags, NULL);
	if (outcome != SQLITE_OK) {
		enum fail_code code = fail_of(made->link, outcome, why);
		store_close(made);
		return code;
	}
	sqlite3_busy_timeout(made->link, 10 * 1000);
	*store = made;
	return FAIL_NONE;
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	sqlite3_close_v2(store->link);
	free(store);
}

struct sql *sql_new(struct store *store, const char *text)
{
	struct sql *sql = calloc(1, sizeof *sql);
	must(sql != NULL);
	sql->store = store;
	sql->outcome = sqlite3_prepare_v2(store->link, text, -1, &sql->statement, NULL);
	return sql;
}

static void note(struct sql *sql, int outcome)
{
	if (sql->outcome == SQLITE_OK && outcome != SQLITE_OK && outcome != SQLITE_ROW && outcome != SQLITE_DONE)
		sql->outcome = outcome;
}

void sql_bind_u64(struct sql *sql, int place, uint64_t value)
{
	if (sql->statement != NULL)
		note(sql, sqlite3_bind_int64(sql->statement, place, (sqlite3_int64)value));
}

void sql_bind_int(struct sql *sql, int place, int value)
{
	if (sql->statement != NULL)
		note(sql, sqlite3_bind_int(sql->statement, place, value));
}

void sql_bind_blob(struct sql *sql, int place, struct view value)
{
	const void *data = value.data == NULL ? (const void *)"" : value.data;
	if (sql->statement != NULL)
		note(sql, sqlite3_bind_blob64(sql->statement, place, data, value.length, SQLITE_STATIC));
}

void sql_bind_text(struct sql *sql, int place, const char *value)
{
	if (sql->statement != NULL)
		note(sql, sqlite3_bind_text(sql->statement, place, value, -1, SQLITE_STATIC));
}

void sql_bind_id(struct sql *sql, int place, const struct id *value)
{
	sql_bind_blob(sql, place, view_of(value->byte, sizeof value->byte));
}

void sql_bind_hash(struct sql *sql, int place, const struct hash *value)
{
	sql_bind_blob(sql, place, view_of(value->byte, sizeof value->byte));
}

void sql_bind_null(struct sql *sql, int place)
{
	if (sql->statement != NULL)
		note(sql, sqlite3_bind_null(sql->statement, place));
}

bool sql_row(struct sql *sql)
{
	if (sql->outcome != SQLITE_OK)
		return false;
	int outcome = sqlite3_step(sql->statement);
	note(sql, outcome);
	return outcome == SQLITE_ROW;
}

uint64_t sql_u64(struct sql *sql, int column)
{
	return (uint64_t)sqlite3_column_int64(sql->statement, column);
}

int sql_int(struct sql *sql, int column)
{
	return sqlite3_column_int(sql->statement, column);
}

bool sql_null(struct sql *sql, int column)
{
	return sqlite3_column_type(sql->statement, column) == SQLITE_NULL;
}

struct view sql_blob(struct sql *sql, int column)
{
	const void *data = sqlite3_column_blob(sql->statement, column);
	return view_of(data, (size_t)sqlite3_column_bytes(sql->statement, column));
}

const char *sql_text(struct sql *sql, int column)
{
	const unsigned char *text = sqlite3_column_text(sql->statement, column);
	return text == NULL ? "" : (const char *)text;
}

static void copy_exactly(struct sql *sql, int column, void *out, size_t size)
{
	memset(out, 0, size);
	struct view value = sql_blob(sql, column);
	if (value.length == size)
		memcpy(out, value.data, size);
	else if (value.length != 0)
		note(sql, SQLITE_CORRUPT);
}

void sql_id(struct sql *sql, int column, struct id *out)
{
	copy_exactly(sql, column, out->byte, sizeof out->byte);
}

void sql_hash(struct sql *sql, int column, struct hash *out)
{
	copy_exactly(sql, column, out->byte, sizeof out->byte);
}

enum fail_code sql_end(struct sql *sql, struct fail *why)
{
	enum fail_code code = FAIL_NONE;
	if (sql->outcome != SQLITE_OK)
		code = fail_of(sql->store->link, sql->outcome, why);
	sqlite3_finalize(sql->statement);
	free(sql);
	return code;
}

enum fail_code sql_run(struct sql *sql, struct fail *why)
{
	while (sql_row(sql)) {
	}
	return sql_end(sql, why);
}

int sql_changes(struct store *store)
{
	return sqlite3_changes(store->link);
}

enum fail_code store_script(struct store *store, const char *text, struct fail *why)
{
	int outcome = sqlite3_exec(store->link, text, NULL, NULL, NULL);
	return outcome == SQLITE_OK ? FAIL_NONE : fail_of(store->link, outcome, why);
}

bool store_inside(struct store *store)
{
	return sqlite3_get_autocommit(store->link) == 0;
}
