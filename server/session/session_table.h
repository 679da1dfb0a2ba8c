// SPDX-License-Identifier: Apache-2.0
//
// All sessions of one hub by number, and how many may be open at once for one
// user, member or agency. Sessions are borrowed.
#ifndef PASSERELLE_SESSION_SESSION_TABLE_H
#define PASSERELLE_SESSION_SESSION_TABLE_H

#include "session/session.h"

struct session_limits {
	unsigned per_user, per_member, per_agency;
};

struct session_table {
	struct session_limits limits;
	struct session **slot;  // owned; a closed hash by number, a power of two long
	size_t size, count;
	uint64_t last_number;
};

void session_table_init(struct session_table *table, const struct session_limits *limits);
void session_table_release(struct session_table *table); // the sessions are not touched

// Numbers are never given twice.
uint64_t session_table_number(struct session_table *table);

// Before a new session of `peer`: the oldest session of the same user that must give
// way to it (NULL: none must). FAIL_OVER_QUOTA: its member or agency has as many
// as it may have.
enum fail_code session_table_admit(const struct session_table *table, const struct identity *peer,
                                   struct session **gives_way) MUST_CHECK;

enum fail_code session_table_add(struct session_table *table, struct session *session) MUST_CHECK; // FAIL_NO_MEMORY
void session_table_remove(struct session_table *table, const struct session *session);
struct session *session_table_find(const struct session_table *table, uint64_t number); // NULL: gone

// In no order. `visit` must not add or remove.
void session_table_each(const struct session_table *table, void (*visit)(void *context, struct session *session),
                        void *context);

#endif
