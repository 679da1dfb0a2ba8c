// SPDX-License-Identifier: Apache-2.0
//
// What the store_*.c files share besides store_sql.h.
#ifndef PASSERELLE_LIB_STORE_INNER_H
#define PASSERELLE_LIB_STORE_INNER_H

#include "lib/store_sql.h"

enum fail_code store_link_open(struct store **store, const char *file, struct fail *why) MUST_CHECK;
enum fail_code store_script(struct store *store, const char *text, struct fail *why) MUST_CHECK; // several statements
bool store_inside(struct store *store); // a transaction is open

#endif
