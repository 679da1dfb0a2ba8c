// SPDX-License-Identifier: Apache-2.0
//
// What the store_*.c files share besides store_sql.h.
#ifndef PASSERELLE_LIB_STORE_INNER_H
#define PASSERELLE_LIB_STORE_INNER_H

#include "lib/store.h"
#include "lib/store_sql.h"

enum fail_code store_link_open(struct store **store, const char *file, struct fail *why) MUST_CHECK;
enum fail_code store_script(struct store *store, const char *text, struct fail *why) MUST_CHECK; // several statements
// Rows of id, created_at, sealed; ends the statement.
enum fail_code sealed_walk(struct sql *sql, draft_call call, void *context, struct fail *why) MUST_CHECK;
bool store_inside(struct store *store); // a transaction is open

#endif
