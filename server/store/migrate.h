// SPDX-License-Identifier: Apache-2.0
//
// Brings a database to this program's schema: deploy/sql/NNNN_*.sql, embedded in
// the program, each applied once in its own transaction, in order, with its
// SHA-256 noted. A file that was changed after it was applied is refused. One
// migrator at a time (advisory lock). Synchronous: for `passerelle-hub migrate`.
#ifndef PASSERELLE_STORE_MIGRATE_H
#define PASSERELLE_STORE_MIGRATE_H

#include "base/fail.h"

#include <stdint.h>

struct migrate_settings {
	const char *conninfo;  // libpq; a superuser, or the owner of the database who may create roles
	unsigned to;           // last number to apply; 0 = all
	bool dry_run;          // tells what would be done, changes nothing
	uint64_t now;          // Unix milliseconds: message partitions are kept from 400 days before to 3 months after
	// One line for people a step, without newline ("0001_roles.sql applied"); may be NULL.
	void (*say)(void *context, const char *line);
	void *context;
};

// FAIL_UNAVAILABLE: no connection; FAIL_BAD_CONFIG: checksum of an applied file differs, the database is newer than
// this program, `to` is unknown; FAIL_IO: the database refused a statement. *why says which file.
enum fail_code migrate_run(const struct migrate_settings *settings, struct fail *why) MUST_CHECK;

// Number of the newest embedded migration.
unsigned migrate_newest(void);

// Before serving, with the writer's, reader's or partner's own connection string: the schema must be
// exactly this program's. FAIL_BAD_CONFIG ("schema is at 1, this program needs 3: run passerelle-hub migrate"), FAIL_UNAVAILABLE.
enum fail_code migrate_check(const char *conninfo, struct fail *why) MUST_CHECK;

#endif
