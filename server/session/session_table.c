// SPDX-License-Identifier: Apache-2.0
#include "session/session_table.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_SIZE = 64 };

void session_table_init(struct session_table *table, const struct session_limits *limits)
{
	*table = (struct session_table){.limits = *limits};
}

void session_table_release(struct session_table *table)
{
	free(table->slot);
	table->slot = NULL;
	table->size = table->count = 0;
}

uint64_t session_table_number(struct session_table *table)
{
	return ++table->last_number;
}

// Numbers come one after the other, so their low bits spread by themselves.
static size_t home_of(const struct session_table *table, uint64_t number)
{
	return (size_t)number & (table->size - 1);
}

static void place(struct session_table *table, struct session *session)
{
	size_t at = home_of(table, session_number(session));
	while (table->slot[at] != NULL)
		at = (at + 1) & (table->size - 1);
	table->slot[at] = session;
}

static enum fail_code make_room(struct session_table *table)
{
	if ((table->count + 1) * 2 <= table->size)
		return FAIL_NONE;
	struct session_table bigger = *table;
	bigger.size = table->size == 0 ? LEAST_SIZE : table->size * 2;
	bigger.slot = calloc(bigger.size, sizeof *bigger.slot);
	if (bigger.slot == NULL)
		return FAIL_NO_MEMORY;
	for (size_t i = 0; i < table->size; i++) {
		if (table->slot[i] != NULL)
			place(&bigger, table->slot[i]);
	}
	free(table->slot);
	*table = bigger;
	return FAIL_NONE;
}

enum fail_code session_table_add(struct session_table *table, struct session *session)
{
	enum fail_code code = make_room(table);
	if (code != FAIL_NONE)
		return code;
	place(table, session);
	table->count++;
	return FAIL_NONE;
}

static bool seek(const struct session_table *table, uint64_t number, size_t *at)
{
	if (table->size == 0)
		return false;
	*at = home_of(table, number);
	while (table->slot[*at] != NULL) {
		if (session_number(table->slot[*at]) == number)
			return true;
		*at = (*at + 1) & (table->size - 1);
	}
	return false;
}

struct session *session_table_find(const struct session_table *table, uint64_t number)
{
	size_t at;
	return seek(table, number, &at) ? table->slot[at] : NULL;
}

// Those behind the gap move up, so that no search ends at it too early.
void session_table_remove(struct session_table *table, const struct session *session)
{
	size_t at;
	if (!seek(table, session_number(session), &at))
		return;
	table->slot[at] = NULL;
	table->count--;
	for (size_t next = (at + 1) & (table->size - 1); table->slot[next] != NULL; next = (next + 1) & (table->size - 1)) {
		struct session *moved = table->slot[next];
		table->slot[next] = NULL;
		place(table, moved);
	}
}

void session_table_each(const struct session_table *table, void (*visit)(void *context, struct session *session),
                        void *context)
{
	for (size_t i = 0; i < table->size; i++) {
		if (table->slot[i] != NULL)
			visit(context, table->slot[i]);
	}
}

enum fail_code session_table_admit(const struct session_table *table, const struct identity *peer,
                                   struct session **gives_way)
{
	unsigned same_code = 0, same_user = 0;
	struct session *oldest = NULL;
	for (size_t i = 0; i < table->size; i++) {
		struct session *other = table->slot[i];
		if (other == NULL || session_peer(other)->class != peer->class ||
		    strcmp(session_peer(other)->code, peer->code) != 0)
			continue;
		same_code++;
		if (strcmp(session_peer(other)->user, peer->user) != 0)
			continue;
		same_user++;
		if (oldest == NULL || session_number(other) < session_number(oldest))
			oldest = other;
	}
	*gives_way = same_user >= table->limits.per_user ? oldest : NULL;
	unsigned most = peer->class == IDENTITY_AGENCY ? table->limits.per_agency : table->limits.per_member;
	return *gives_way == NULL && same_code >= most ? FAIL_OVER_QUOTA : FAIL_NONE;
}
