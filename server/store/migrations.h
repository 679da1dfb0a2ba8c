// SPDX-License-Identifier: Apache-2.0
//
// The embedded files of deploy/sql, numbered from 1 without gaps (embed_sql.py).
#ifndef PASSERELLE_STORE_MIGRATIONS_H
#define PASSERELLE_STORE_MIGRATIONS_H

#include <stddef.h>

struct migration {
	unsigned number;
	const char *name;   // "0001_roles.sql"
	const char *sql;    // NUL at the end
	size_t length;
};

extern const struct migration migrations[];
extern const unsigned migration_count;

#endif
