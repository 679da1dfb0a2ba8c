// SPDX-License-Identifier: Apache-2.0
#include "store/migrate.h"

#include "seal/key.h"
#include "store/migrations.h"
#include "store/pg_admin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS (UINT64_C(24) * 60 * 60 * 1000)

struct run {
	const struct migrate_settings *settings;
	PGconn *connection;
	unsigned applied;   // newest number in the database
	struct fail *why;
};

unsigned migrate_newest(void)
{
	return migration_count;
}

static void say(const struct run *run, const char *name, const char *what)
{
	char line[200];
	snprintf(line, sizeof line, "%s %s", name, what);
	if (run->settings->say != NULL)
		run->settings->say(run->settings->context, line);
}

static void checksum(const struct migration *migration, char hex[HASH_HEX_SIZE])
{
	struct hash hash = sha256(view_of(migration->sql, migration->length));
	hash_to_hex(&hash, hex);
}

static enum fail_code check_row(struct run *run, const PGresult *rows, int row)
{
	unsigned long number = strtoul(PQgetvalue(rows, row, 0), NULL, 10);
	char hex[HASH_HEX_SIZE];
	if (number != (unsigned long)row + 1)
		return fail_set(run->why, FAIL_BAD_CONFIG, "migration %d is missing in the database", row + 1);
	if (number > migration_count)
		return fail_set(run->why, FAIL_BAD_CONFIG,
		                "the database has migration %lu, this program knows %u: use the newer program", number,
		                migration_count);
	checksum(&migrations[row], hex);
	if (strcmp(hex, PQgetvalue(rows, row, 1)) != 0)
		return fail_set(run->why, FAIL_BAD_CONFIG, "%s was changed after it was applied", migrations[row].name);
	run->applied = (unsigned)number;
	return FAIL_NONE;
}

static enum fail_code read_applied(struct run *run)
{
	PGresult *rows = NULL;
	enum fail_code code = pg_admin_ask(run->connection, "SELECT to_regclass('passerelle.migration') IS NOT NULL", 0,
	                                   NULL, &rows, run->why);
	if (code != FAIL_NONE)
		return code;
	bool exists = strcmp(PQgetvalue(rows, 0, 0), "t") == 0;
	PQclear(rows);
	if (!exists)
		return FAIL_NONE;
	code =
		pg_admin_ask(run->connection, "SELECT number, encode(sha256, 'hex') FROM passerelle.migration ORDER BY number",
	                 0, NULL, &rows, run->why);
	if (code != FAIL_NONE)
		return code;
	for (int row = 0; row < PQntuples(rows) && code == FAIL_NONE; row++)
		code = check_row(run, rows, row);
	PQclear(rows);
	return code;
}

static enum fail_code note(struct run *run, const struct migration *migration)
{
	char number[16], hex[HASH_HEX_SIZE];
	PGresult *result = NULL;
	snprintf(number, sizeof number, "%u", migration->number);
	checksum(migration, hex);
	const char *values[] = {number, migration->name, hex};
	enum fail_code code = pg_admin_ask(run->connection,
		"INSERT INTO passerelle.migration (number, name, sha256) VALUES ($1, $2, decode($3, 'hex')) RETURNING number",
		3, values, &result, run->why);
	PQclear(result);
	return code;
}

// The file and its row are one transaction: half of it is never there.
static enum fail_code apply(struct run *run, const struct migration *migration)
{
	enum fail_code code = pg_admin_do(run->connection, "BEGIN", run->why);
	if (code == FAIL_NONE)
		code = pg_admin_do(run->connection, migration->sql, run->why);
	if (code == FAIL_NONE)
		code = pg_admin_do(run->connection, "RESET ROLE", run->why);
	if (code == FAIL_NONE)
		code = note(run, migration);
	if (code == FAIL_NONE)
		code = pg_admin_do(run->connection, "COMMIT", run->why);
	if (code != FAIL_NONE) {
		PQclear(PQexec(run->connection, "ROLLBACK"));
		fail_wrap(run->why, "%s", migration->name);
		return code;
	}
	run->applied = migration->number;
	say(run, migration->name, "applied");
	return FAIL_NONE;
}

static enum fail_code apply_missing(struct run *run, unsigned to)
{
	enum fail_code code = FAIL_NONE;
	for (unsigned i = run->applied; i < to && code == FAIL_NONE; i++) {
		if (run->settings->dry_run)
			say(run, migrations[i].name, "would be applied");
		else
			code = apply(run, &migrations[i]);
	}
	return code;
}

static enum fail_code make_partitions(struct run *run)
{
	char from[24], until[24];
	uint64_t now = run->settings->now, kept = 400 * DAY_MS;
	snprintf(from, sizeof from, "%" PRIu64, now > kept ? now - kept : 0);
	snprintf(until, sizeof until, "%" PRIu64, now + 92 * DAY_MS);
	const char *values[] = {from, until};
	PGresult *rows = NULL;
	enum fail_code code = pg_admin_ask(run->connection, "SELECT passerelle.ensure_partitions($1::int8, $2::int8)", 2,
	                                   values, &rows, run->why);
	if (code == FAIL_NONE && strcmp(PQgetvalue(rows, 0, 0), "0") != 0)
		say(run, "message partitions", "made for 400 days back and three months ahead");
	PQclear(rows);
	return code;
}

static enum fail_code migrate(struct run *run, unsigned to)
{
	enum fail_code code = pg_admin_do(run->connection,
		"SET client_min_messages = error; SET lock_timeout = '30s'; SELECT pg_advisory_lock(hashtext('passerelle.migrate'))", run->why);
	if (code == FAIL_NONE)
		code = read_applied(run);
	if (code == FAIL_NONE && run->applied == 0 && !run->settings->dry_run)
		code = pg_admin_do(run->connection,
			"CREATE SCHEMA IF NOT EXISTS passerelle; CREATE TABLE IF NOT EXISTS passerelle.migration ("
			"number int4 PRIMARY KEY, name text NOT NULL, sha256 bytea NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())", run->why);
	if (code == FAIL_NONE)
		code = apply_missing(run, to);
	if (code == FAIL_NONE && run->applied == migration_count && !run->settings->dry_run)
		code = make_partitions(run);
	return code;
}

enum fail_code migrate_run(const struct migrate_settings *settings, struct fail *why)
{
	struct run run = {.settings = settings, .why = why};
	unsigned to = settings->to == 0 ? migration_count : settings->to;
	if (to > migration_count)
		return fail_set(why, FAIL_BAD_CONFIG, "there is no migration %u, the newest is %u", to, migration_count);
	enum fail_code code = pg_admin_connect(&run.connection, settings->conninfo, why);
	if (code != FAIL_NONE)
		return code;
	code = migrate(&run, to);
	PQfinish(run.connection);
	return code;
}

enum fail_code migrate_check(const char *conninfo, struct fail *why)
{
	PGconn *connection = NULL;
	PGresult *rows = NULL;
	enum fail_code code = pg_admin_connect(&connection, conninfo, why);
	if (code != FAIL_NONE)
		return code;
	code = pg_admin_ask(connection, "SELECT api.schema_version()", 0, NULL, &rows, why);
	if (code == FAIL_NONE) {
		unsigned long version = strtoul(PQgetvalue(rows, 0, 0), NULL, 10);
		if (version < migration_count)
			code = fail_set(why, FAIL_BAD_CONFIG,
			                "the schema is at %lu, this program needs %u: run passerelle-hub migrate", version,
			                migration_count);
		else if (version > migration_count)
			code = fail_set(why, FAIL_BAD_CONFIG,
			                "the schema is at %lu, newer than this program's %u: use the newer program", version,
			                migration_count);
	} else if (code == FAIL_IO) {
		code = fail_set(why, FAIL_BAD_CONFIG, "there is no schema that this role may use: run passerelle-hub migrate");
	}
	PQclear(rows);
	PQfinish(connection);
	return code;
}
