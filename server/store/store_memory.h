// SPDX-License-Identifier: Apache-2.0
//
// The store in memory, for model tests: the whole contract of store.h, no
// database, no thread, no clock of its own. Operations wait in a queue until
// store_memory_run() carries them out, so the test decides when each one ends
// and what becomes of it. What was committed survives a hub that is killed
// (store_memory_abandon) and goes with store_memory_free.
#ifndef PASSERELLE_STORE_STORE_MEMORY_H
#define PASSERELLE_STORE_STORE_MEMORY_H

#include "store/store.h"

enum store_call {
	STORE_CALL_COMMIT, STORE_CALL_LOOKUP, STORE_CALL_OPEN_CURSOR, STORE_CALL_MOVE_CURSOR, STORE_CALL_CLOSE_CURSOR,
	STORE_CALL_PAGE,
	STORE_CALL_OBJECT_OPEN, STORE_CALL_OBJECT_WRITE, STORE_CALL_OBJECT_READ, STORE_CALL_STATUS,
	STORE_CALL_FLOW, STORE_CALL_DIRECTORY, STORE_CALL_NEWEST, STORE_CALL_DUE, STORE_CALL_UNSETTLED, STORE_CALL_UNTOLD,
	STORE_CALL_CLOSE,
	STORE_CALL_COUNT
};

enum store_fate {
	STORE_FATE_WORKS,
	STORE_FATE_UNAVAILABLE,   // nothing is done: FAIL_UNAVAILABLE
	STORE_FATE_LOST_BEFORE,   // nothing is done, but nobody can know: FAIL_OUTCOME_UNKNOWN
	STORE_FATE_LOST_AFTER,    // it is done, the answer is lost: FAIL_OUTCOME_UNKNOWN
};

// What shall become of one operation; starts as {0, WORKS}. For operations that
// write nothing both LOST fates give FAIL_UNAVAILABLE, as with a real database.
struct store_plan {
	uint64_t delay;         // in units of now()
	enum store_fate fate;
};

// Every field may be NULL or 0.
struct store_memory_settings {
	void *context;
	uint64_t (*now)(void *context);                       // virtual clock; without it all is due at once
	void (*wake)(void *context, uint64_t at);             // something will be due then: call store_memory_run
	void (*plan)(void *context, enum store_call call, struct store_plan *plan);
	uint64_t oldest_id_ms, newest_id_ms; // ids outside [oldest, newest) are STORE_TOO_OLD; newest 0: no end
};

// NULL settings are fine. FAIL_NO_MEMORY. Running out of memory later ends the process.
enum fail_code store_memory_new(struct store **store, const struct store_memory_settings *settings) MUST_CHECK;

// Pending operations are dropped without a callback. NULL is fine.
void store_memory_free(struct store *store);

// Carries out what is due now, in order of time, then of the calls; callbacks may
// ask for more, which runs too if it is due. Returns how many callbacks were made.
size_t store_memory_run(struct store *store);

// When the next operation is due; false if none waits.
bool store_memory_next(const struct store *store, uint64_t *at);

// The hub died: nobody is told any more. Operations that were under way happen or
// not as planned (LOST_AFTER and WORKS that are due: done; all others: not).
void store_memory_abandon(struct store *store);

// The database goes away and comes back. Going away ends what is pending at the next
// run (reads FAIL_UNAVAILABLE; writes by their plan, WORKS becoming LOST_AFTER);
// calls made meanwhile end with FAIL_UNAVAILABLE. on_state is called from here.
void store_memory_set_available(struct store *store, bool available);

// Seeds. Codes must be valid and new. Numbers are given from 1 up, as they come.
member_no store_memory_add_member(struct store *store, const char *code, const char *name, bool agency);
void store_memory_set_active(struct store *store, member_no member, bool active);
// As `passerelle-hub member availability`: status NORMAL, REDUCED, DISRUPTED or SUSPENDED; `deputy` "" for none.
void store_memory_set_availability(struct store *store, member_no member, const char *status, const char *cause,
                                   const char *deputy);

// As `passerelle-hub member calendar`, which checks it before: the text of case/calendar.h.
void store_memory_set_calendar(struct store *store, member_no member, const char *calendar);

// `issuer` (DER) may be empty. Copied. The signer's hash is SHA-256(certificate).
void store_memory_add_signing(struct store *store, member_no member, struct view certificate, struct view issuer);
void store_memory_add_encryption(struct store *store, member_no member, struct view certificate, struct view issuer);

// For checkers: what is in the mailbox, without a cursor. `*high` is the newest number.
uint64_t store_memory_mailbox_high(const struct store *store, member_no member);
bool store_memory_mailbox_entry(const struct store *store, member_no member, uint64_t mailbox_seq, struct id *message,
                                member_no *sender);

// How often a receipt of this level was given for (message, sender) by `recipient`: 0 or 1.
unsigned store_memory_receipts(const struct store *store, const struct id *message, member_no sender,
                               member_no recipient, enum receipt_level level);

// Damage for tests: flips one bit of the stored envelope. False: no such message.
bool store_memory_damage(struct store *store, const struct id *message, member_no sender);

// Numbers are bound anew (as after a loss): raises the mailbox epoch.
void store_memory_new_epoch(struct store *store, member_no member);

#endif
