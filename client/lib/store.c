// SPDX-License-Identifier: Apache-2.0
#include "lib/store.h"
#include "lib/store_inner.h"

enum { SCHEMA_VERSION = 1 };

// synchronous=FULL: a commit is on the disk before it counts, also in WAL mode.
static const char settings[] =
	"PRAGMA journal_mode = WAL;"
	"PRAGMA synchronous = FULL;"
	"PRAGMA foreign_keys = ON;"
	"PRAGMA trusted_schema = OFF;"
	"PRAGMA temp_store = MEMORY;"
	"PRAGMA secure_delete = FAST;";

static const char schema_1[] =
	"CREATE TABLE outbox ("
	"  number INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  message BLOB NOT NULL UNIQUE,"
	"  case_id BLOB NOT NULL,"                       // empty: a receipt
	"  reference TEXT NOT NULL, receivers TEXT NOT NULL,"
	"  kind INTEGER NOT NULL, event INTEGER NOT NULL,"
	"  header_hash BLOB NOT NULL, envelope BLOB NOT NULL,"
	"  state INTEGER NOT NULL,"
	"  draft_at INTEGER NOT NULL DEFAULT 0, queued_at INTEGER NOT NULL DEFAULT 0, at_hub_at INTEGER NOT NULL DEFAULT 0,"
	"  delivered_at INTEGER NOT NULL DEFAULT 0, opened_at INTEGER NOT NULL DEFAULT 0, returned_at INTEGER NOT NULL DEFAULT 0,"
	"  taken_back_at INTEGER NOT NULL DEFAULT 0, recalled_at INTEGER NOT NULL DEFAULT 0, submitted_at INTEGER NOT NULL DEFAULT 0,"
	"  case_seq INTEGER NOT NULL DEFAULT 0, case_state INTEGER NOT NULL DEFAULT 0,"
	"  receipt BLOB, error TEXT, error_text TEXT, legal TEXT, overtaken_by TEXT) STRICT;"
	"CREATE INDEX outbox_waiting ON outbox (number) WHERE state = 1;"
	"CREATE INDEX outbox_case ON outbox (case_id, case_seq);"
	"CREATE TABLE outbox_receiver ("
	"  message BLOB NOT NULL REFERENCES outbox (message), member TEXT NOT NULL,"
	"  delivered_at INTEGER NOT NULL DEFAULT 0, opened_at INTEGER NOT NULL DEFAULT 0,"
	"  PRIMARY KEY (message, member)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE outbox_attachment ("
	"  message BLOB NOT NULL REFERENCES outbox (message), number INTEGER NOT NULL,"
	"  object BLOB NOT NULL UNIQUE, length INTEGER NOT NULL, tree_hash BLOB NOT NULL, complete INTEGER NOT NULL DEFAULT 0,"
	"  PRIMARY KEY (message, number)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE inbox ("
	"  number INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  message BLOB NOT NULL, sender TEXT NOT NULL, case_id BLOB NOT NULL,"
	"  mailbox_seq INTEGER NOT NULL, case_seq INTEGER NOT NULL, case_state INTEGER NOT NULL,"
	"  kind INTEGER NOT NULL, event INTEGER NOT NULL,"
	"  accepted_at INTEGER NOT NULL, stored_at INTEGER NOT NULL, opened_at INTEGER NOT NULL DEFAULT 0,"
	"  header_hash BLOB NOT NULL, envelope BLOB NOT NULL, fault TEXT NOT NULL,"
	"  recalled INTEGER NOT NULL DEFAULT 0,"
	"  granted_by BLOB,"                            // NULL: it came to us; else the message that passed it on
	"  UNIQUE (sender, message)) STRICT;"
	"CREATE INDEX inbox_case ON inbox (case_id, case_seq);"
	"CREATE INDEX inbox_message ON inbox (message);"
	"CREATE INDEX inbox_counts ON inbox (opened_at, fault) WHERE kind <> 12 OR fault <> '';"
	"CREATE INDEX inbox_unread ON inbox (number) WHERE opened_at = 0 AND fault = '' AND kind <> 12;"
	"CREATE TABLE receipt_due ("
	"  number INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  member TEXT NOT NULL, message BLOB NOT NULL, header_hash BLOB NOT NULL, level INTEGER NOT NULL, at INTEGER NOT NULL,"
	"  UNIQUE (message, member, level)) STRICT;"
	"CREATE TABLE case_file ("
	"  id BLOB PRIMARY KEY, reference TEXT NOT NULL, requesting TEXT NOT NULL, responding TEXT NOT NULL,"
	"  state INTEGER NOT NULL, held_from INTEGER NOT NULL, held_by INTEGER NOT NULL, hops INTEGER NOT NULL,"
	"  seq INTEGER NOT NULL, since INTEGER NOT NULL, newest BLOB NOT NULL, opened_at INTEGER NOT NULL,"
	"  service TEXT NOT NULL, urgency TEXT NOT NULL,"
	"  clock INTEGER NOT NULL, pauses INTEGER NOT NULL, told INTEGER NOT NULL, clock_started INTEGER NOT NULL,"
	"  clock_due INTEGER NOT NULL, paused_since INTEGER NOT NULL, paused_ms INTEGER NOT NULL,"
	"  consent_at INTEGER NOT NULL, marks INTEGER NOT NULL,"
	"  paused_by TEXT NOT NULL, pause_reason TEXT NOT NULL,"
	"  asked_at INTEGER NOT NULL, out_since INTEGER NOT NULL,"
	"  out_member TEXT NOT NULL, out_cause TEXT NOT NULL, out_until TEXT NOT NULL, out_deputy TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE INDEX case_clock ON case_file (clock) WHERE clock > 0;"
	"CREATE INDEX case_reference ON case_file (reference);"
	"CREATE TABLE cursor (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT;"
	"CREATE TABLE directory (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL) STRICT;"
	"CREATE TABLE directory_member (code TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,"
	"  services TEXT NOT NULL, languages TEXT NOT NULL, countries TEXT NOT NULL,"
	"  availability TEXT NOT NULL, cause TEXT NOT NULL, until TEXT NOT NULL, deputy TEXT NOT NULL, since INTEGER NOT NULL, calendar TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE directory_certificate (code TEXT NOT NULL, use INTEGER NOT NULL, place INTEGER NOT NULL, der BLOB NOT NULL,"
	"  PRIMARY KEY (code, use, place)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE draft (id BLOB PRIMARY KEY, created_at INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE INDEX inbox_child ON inbox (case_id) WHERE kind = 37;"
	"CREATE INDEX outbox_child ON outbox (case_id) WHERE kind = 37;"
	"CREATE INDEX case_closed ON case_file (since) WHERE state = 9;"
	"CREATE TABLE lifebook (id BLOB PRIMARY KEY, case_id BLOB NOT NULL, created_at INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE candidate (id BLOB PRIMARY KEY, case_id BLOB NOT NULL, created_at INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE secret (one INTEGER PRIMARY KEY CHECK (one = 1), id BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;"
	"CREATE TABLE person (id BLOB PRIMARY KEY, created_at INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE mark (mark BLOB PRIMARY KEY, made BLOB NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE INDEX mark_made ON mark (made);"
	"CREATE TABLE agenda (one INTEGER PRIMARY KEY CHECK (one = 1), id BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;"
	"CREATE TABLE statistic (sender TEXT NOT NULL, name TEXT NOT NULL, id BLOB NOT NULL, sealed BLOB NOT NULL,"
	"  PRIMARY KEY (sender, name)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX outbox_statistics ON outbox (queued_at) WHERE kind = 41;"
	"PRAGMA user_version = 1;";

static enum fail_code read_version(struct store *store, int *version, struct fail *why)
{
	struct sql *sql = sql_new(store, "PRAGMA user_version");
	*version = sql_row(sql) ? sql_int(sql, 0) : 0;
	return sql_end(sql, why);
}

static enum fail_code bring_up(struct store *store, struct fail *why)
{
	enum fail_code code = store_begin(store, why);
	if (code != FAIL_NONE)
		return code;
	int version = 0;
	code = read_version(store, &version, why); // again, inside: another program may have been first
	if (code == FAIL_NONE && version == 0)
		code = store_script(store, schema_1, why);
	if (code == FAIL_NONE)
		return store_commit(store, why);
	store_rollback(store);
	return code;
}

static enum fail_code prepare(struct store *store, struct fail *why)
{
	enum fail_code code = store_script(store, settings, why);
	int version = 0;
	if (code == FAIL_NONE)
		code = read_version(store, &version, why);
	if (code == FAIL_NONE && version < SCHEMA_VERSION)
		code = bring_up(store, why);
	if (code == FAIL_NONE && version > SCHEMA_VERSION)
		code = fail_set(why, FAIL_UNSUPPORTED, "the store has form %d, this program knows %d", version, SCHEMA_VERSION);
	return code;
}

enum fail_code store_open(struct store **store, const char *file, struct fail *why)
{
	struct store *made;
	enum fail_code code = store_link_open(&made, file, why);
	if (code != FAIL_NONE)
		return code;
	code = prepare(made, why);
	if (code != FAIL_NONE) {
		store_close(made);
		return code;
	}
	*store = made;
	return FAIL_NONE;
}

enum fail_code store_begin(struct store *store, struct fail *why)
{
	return store_script(store, "BEGIN IMMEDIATE", why);
}

enum fail_code store_commit(struct store *store, struct fail *why)
{
	enum fail_code code = store_script(store, "COMMIT", why);
	if (code != FAIL_NONE)
		store_rollback(store);
	return code;
}

void store_rollback(struct store *store)
{
	// After a full disk SQLite may have rolled back by itself.
	if (store_inside(store) && store_script(store, "ROLLBACK", NULL) != FAIL_NONE)
		must(!store_inside(store));
}

uint32_t store_version(struct store *store)
{
	struct sql *sql = sql_new(store, "PRAGMA data_version");
	uint32_t version = sql_row(sql) ? (uint32_t)sql_u64(sql, 0) : 0;
	return sql_end(sql, NULL) == FAIL_NONE ? version : 0;
}

enum fail_code store_check(struct store *store, struct fail *why)
{
	struct sql *sql = sql_new(store, "PRAGMA quick_check(1)");
	char finding[200] = "ok";
	if (sql_row(sql)) {
		const char *text = sql_text(sql, 0);
		size_t length = 0;
		for (; text[length] != '\0' && length + 1 < sizeof finding; length++)
			finding[length] = text[length];
		finding[length] = '\0';
	}
	enum fail_code code = sql_end(sql, why);
	if (code == FAIL_NONE && !(finding[0] == 'o' && finding[1] == 'k' && finding[2] == '\0'))
		code = fail_set(why, FAIL_DATA_LOSS, "store: %s", finding);
	return code;
}
