// SPDX-License-Identifier: Apache-2.0
//
// What is known of cases, so that a message needs no reading before it is decided.
// Entries run ahead of the store while their batch is under way and are forgotten
// when it fails; the store compares before it sets, so a wrong entry costs a round,
// never a wrong move.
#include "core/core_private.h"

#include <stdlib.h>

// The oldest that nobody holds make room; uthash keeps the order of adding.
static void make_room(struct core *core)
{
	struct case_entry *entry = core->cases;
	for (unsigned tries = 0; entry != NULL && tries < 64 && HASH_COUNT(core->cases) >= CASE_CAP; tries++) {
		struct case_entry *next = entry->hh.next;
		HASH_DEL(core->cases, entry);
		if (entry->users == 0)
			free(entry);
		else
			HASH_ADD(hh, core->cases, id, sizeof entry->id, entry);
		entry = next;
	}
}

struct case_entry *case_pin(struct core *core, const struct id *id)
{
	struct case_entry *entry = NULL;
	HASH_FIND(hh, core->cases, id, sizeof *id, entry);
	if (entry == NULL) {
		make_room(core);
		entry = calloc(1, sizeof *entry);
		if (entry == NULL)
			return NULL;
		entry->id = *id;
		HASH_ADD(hh, core->cases, id, sizeof entry->id, entry);
	}
	entry->users++;
	return entry;
}

void case_unpin(struct core *core, struct case_entry *entry)
{
	entry->users--;
	if (entry->users == 0 && !entry->known) {
		HASH_DEL(core->cases, entry);
		free(entry);
	}
}

void case_known(struct core *core, const struct case_record *record)
{
	struct case_entry *entry = NULL;
	HASH_FIND(hh, core->cases, &record->id, sizeof record->id, entry);
	// A reading may be older than a commit that ended meanwhile.
	if (entry == NULL || (entry->known && entry->record.seq >= record->seq))
		return;
	entry->record = *record;
	entry->known = true;
}

void case_forget(struct core *core, const struct id *id)
{
	struct case_entry *entry = NULL;
	HASH_FIND(hh, core->cases, id, sizeof *id, entry);
	if (entry == NULL)
		return;
	core->forgets++;
	entry->known = false;
	entry->users++;
	case_unpin(core, entry);
}

void cases_release(struct core *core)
{
	struct case_entry *entry = NULL, *next = NULL;
	HASH_ITER (hh, core->cases, entry, next) {
		HASH_DEL(core->cases, entry);
		free(entry);
	}
}
