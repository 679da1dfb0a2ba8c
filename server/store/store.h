// SPDX-License-Identifier: Apache-2.0
//
// What the hub keeps, as a set of operations: store_postgres.c in service,
// store_memory.c in the model tests; the same contract tests run against both.
//
// Every operation ends exactly once, in its callback, never before the call has
// returned, with a fail code: FAIL_UNAVAILABLE (nothing was done),
// FAIL_OUTCOME_UNKNOWN (a commit whose answer was lost), or the operation's own.
// What a callback gets is borrowed and valid only during it. What a call gets
// must stay valid until its callback.
//
// Members and agencies are small numbers here (`member_no`), from the directory.
#ifndef PASSERELLE_STORE_STORE_H
#define PASSERELLE_STORE_STORE_H

#include "case/clock.h"
#include "case/reference.h"
#include "domain/case_steps.h"
#include "wire/message.h"

typedef int32_t member_no; // > 0

enum { MAX_DUE = 256 };

// A case as the hub knows it: class R only.
struct case_record {
	struct id id;
	member_no requesting, responding;
	struct case_view view;
	uint64_t seq;              // messages so far, = case_seq of the newest
	struct id last_move;       // newest message that changed the state
	uint64_t last_move_seq;
	uint64_t opened_at, since; // Unix milliseconds: opened; in this state since
	uint32_t reopened;
	char service[CODE_SIZE], urgency[CODE_SIZE];
	char due[DATE_SIZE];       // agreed day, or the court's before one is agreed; empty if none
	struct case_clock clock;
	char reference[REFERENCE_SIZE];
	struct case_steps steps;
	member_no out_member;      // for whom both were told that the clock stands (MEMBER_OUT); 0: nobody
};

// How often an agency asked in a case, and that both members know of it.
struct store_told { member_no agency; uint64_t asked; };

// How far a member can work. BACK is kept as NORMAL.
struct availability_change {
	char status[CODE_SIZE], cause[CODE_SIZE], until[DATE_SIZE];
	member_no deputy; // 0: none
};

// One message that the core found lawful, with what it changes.
struct store_change {
	struct id message;
	member_no sender;
	enum message_kind kind;
	struct hash header_hash, envelope_hash;
	struct view envelope;
	uint64_t expires_at;
	member_no recipient[MAX_RECIPIENTS];
	size_t recipient_count;
	// KIND_STATUS_ASKED: both members know of so many questions of this agency.
	const struct store_told *asked;
	size_t asked_count;            // 0 or 1
	bool has_case;
	uint64_t expected_seq;         // compare-and-set: the case must be there with this seq; 0 = must not exist
	struct case_record next;       // the case afterwards; next.seq == expected_seq + 1
	const struct object_ref *object; // uploaded objects (not the inline body), must be complete
	size_t object_count;
	const struct party *party;     // partners that become parties; numbers in party_no
	const member_no *party_no;
	size_t party_count;
	const struct receipt_item *receipt; // KIND_RECEIPT: must be messages from `recipient[0]` to `sender`
	size_t receipt_count;
	const struct id *grant;        // objects of earlier messages that `sender` may read and `grant_to` now may too
	size_t grant_count;
	bool to_all; // to all active members but the sender, in place of `recipient`; comes alone in its batch
	const struct availability_change
		*availability; // with to_all: what the directory says of the sender from now on; may be NULL
	member_no grant_to, lost_by;   // who has left the case reads them no more; 0: nobody
	struct id refers_to;           // zero; or a message of `sender` in this case that this one speaks of
	uint64_t refers_kinds;         // bits 1 << enum message_kind: of what kind that may be
	uint32_t content_version;      // the new version of it that this is, the next one; 0: it is declared void
	bool recalls;                  // or recalled, with its versions, if no session of a recipient was handed it
};

// Everything that is committed together, with the tree that one signature covers.
// leaf[i] belongs to change[i].
struct store_batch {
	struct id id;
	uint64_t accepted_at;
	enum commit_level commit;
	const char *hub;            // URI in the statements
	struct store_change *change;
	const struct hash *leaf;
	size_t count;               // 1 to MAX_TREE_LEAVES; a change with refers_to comes alone
	struct view signature;      // over the root
	struct hash signer;
};

enum store_outcome {
	STORE_STORED,
	STORE_DUPLICATE,          // same id, sender and bytes: `original` says what was answered
	STORE_KEY_REUSED,         // same id and sender, other bytes
	STORE_CASE_MOVED,         // compare-and-set failed: `current` is the case as it is (id zero: no such case)
	STORE_OBJECT_INCOMPLETE,
	STORE_NOT_RECEIVED,       // a receipt for something that was not sent to its author
	STORE_TOO_OLD,            // no partition keeps ids of that time
	STORE_NO_MESSAGE,         // refers_to is no message of this sender in this case
	STORE_OTHER_KIND,         // it is of none of refers_kinds
	STORE_NO_LONGER_VALID,    // it was declared void, or what it is a version of was, or recalled
	STORE_OTHER_VERSION,      // content_version is not the next one
	STORE_DELIVERED,          // to be recalled, but handed to a session
	STORE_OUTCOME_COUNT
};

// What is needed to answer a duplicate with the original receipt, byte for byte.
struct store_original {
	uint64_t accepted_at, case_seq;
	uint32_t case_state;
	struct id case_id;
	enum commit_level commit;
	const char *hub;
	struct hash header_hash, envelope_hash;
	uint32_t leaf_index, leaf_count;
	const struct hash *leaf;   // all of that commit
	struct view signature;
	struct hash signer;
	uint64_t mailbox_seq[MAX_RECIPIENTS];
	size_t mailbox_seq_count;
};

struct store_result {
	enum store_outcome outcome;
	uint64_t mailbox_seq[MAX_RECIPIENTS]; // STORED: parallel to change.recipient
	struct store_original original;       // DUPLICATE
	struct case_record current;           // CASE_MOVED
};

struct store_found {
	bool has_message;                 // the message id of this sender is known
	struct store_original original;
	bool has_case;
	struct case_record record;
};

struct store_lookup { struct id message; member_no sender; struct id case_id; };

struct store_cursor {
	uint64_t mailbox_epoch, low, high;
	uint64_t acked;             // where delivery goes on
	uint64_t consumer_epoch;    // fences older sessions of the same consumer
};

struct store_entry {
	uint64_t mailbox_seq, case_seq, accepted_at;
	uint32_t case_state;
	struct hash envelope_hash;
	struct view envelope;
	bool recalled;              // who reads this mailbox is not to get what is sealed in it
};

struct store_object { uint64_t durable; bool complete; };

struct store_member {
	member_no no;
	char code[MEMBER_CODE_SIZE];
	bool agency;
	bool active;
	bool out;                   // DISRUPTED or SUSPENDED: the clocks of its cases stand
	char availability[CODE_SIZE], cause[CODE_SIZE], until[DATE_SIZE], deputy[MEMBER_CODE_SIZE]; // cause and on: may be ""
	char calendar[CALENDAR_TEXT_SIZE]; // "": Monday to Friday
};

struct store_signer { struct hash hash; member_no member; struct view certificate; }; // certificate: DER

struct store_directory {
	uint64_t version;
	const struct store_member *member; size_t member_count;
	const struct store_signer *signer; size_t signer_count;
	const struct answer *answer;  // ready for DirectoryReply
};

struct store_open_cursor {
	member_no member;
	const char *consumer;       // user part of the certificate's URI
	bool resume;
	uint64_t mailbox_epoch, cursor;
	uint64_t now, until;        // Unix milliseconds: this session has ended by then, whatever happens to the hub
};

typedef void (*store_commit_done)(void *context, enum fail_code code, const struct store_result *result, size_t count);
typedef void (*store_lookup_done)(void *context, enum fail_code code, const struct store_found *found, size_t count);
typedef void (*store_cursor_done)(void *context, enum fail_code code, const struct store_cursor *cursor);
typedef void (*store_newest_done)(void *context, enum fail_code code, const uint64_t *seq, size_t count);
typedef void (*store_due_done)(void *context, enum fail_code code, const struct case_record *record, size_t count);
// `version` of the directory by which they were found.
// A case in which an agency was answered more often than both members know.
struct store_asking {
	struct case_record record;
	member_no agency;
	uint64_t asked; // in all
};
typedef void (*store_untold_done)(void *context, enum fail_code code, const struct store_asking *asking, size_t count);
typedef void (*store_unsettled_done)(void *context, enum fail_code code, uint64_t version,
                                     const struct case_record *record, size_t count);
typedef void (*store_page_done)(void *context, enum fail_code code, const struct store_entry *entry, size_t count);
typedef void (*store_object_done)(void *context, enum fail_code code, const struct store_object *object);
typedef void (*store_read_done)(void *context, enum fail_code code, struct view data, bool last);
typedef void (*store_answer_done)(void *context, enum fail_code code, const struct answer *answer);
typedef void (*store_directory_done)(void *context, enum fail_code code, const struct store_directory *directory);
typedef void (*store_done)(void *context, enum fail_code code);

struct store;

struct store_operations {
	// One transaction: all outcomes hold together or the code is not FAIL_NONE. One
	// at a time (the caller is the one writer); duplicates inside a batch are the
	// caller's to prevent.
	void (*commit)(struct store *store, const struct store_batch *batch, store_commit_done done, void *context);

	// In long work between two turns of the loop: what found no room on its way to the database goes on. Calls nothing back.
	void (*push)(struct store *store);

	// At most MAX_TREE_LEAVES; reads its own commits.
	void (*lookup)(struct store *store, const struct store_lookup *lookup, size_t count, store_lookup_done done,
	               void *context);

	// FAIL_CURSOR_STALE (cursor then tells low and epoch), FAIL_CURSOR_AHEAD.
	void (*open_cursor)(struct store *store, const struct store_open_cursor *request, store_cursor_done done,
	                    void *context);

	// The session will be handed nothing more; `handed` was the newest. Until then all that comes into the mailbox, and
	// all that is there, counts as handed: what is recalled meanwhile is refused. A session whose end was never told counts
	// for what was accepted before its `until`.
	void (*close_cursor)(struct store *store, member_no member, const char *consumer, uint64_t consumer_epoch,
	                     uint64_t handed, store_done done, void *context);

	// FAIL_REPLACED: a newer session of the same consumer exists. Durable when done.
	void (*move_cursor)(struct store *store, member_no member, const char *consumer, uint64_t consumer_epoch,
	                    uint64_t acked, store_done done, void *context);

	// Entries after `after`, in order, at most max_count and about max_bytes (at least one).
	void (*page)(struct store *store, member_no member, uint64_t after, size_t max_count, size_t max_bytes,
	             store_page_done done, void *context);

	// The newest number of each of these mailboxes, 0 for an empty one: what another hub may have added.
	void (*newest)(struct store *store, const member_no *member, size_t count, store_newest_done done, void *context);

	// Cases whose clock_duty() has come by `now`, the oldest first, at most `max_count` (1 to MAX_DUE).
	void (*due)(struct store *store, uint64_t now, size_t max_count, store_due_done done, void *context);

	// Cases with a clock for which nobody was told (out_member 0) that a member of theirs is out, and such whose
	// out_member is out no more; at most `max_count` (1 to MAX_DUE), in no order.
	void (*unsettled)(struct store *store, size_t max_count, store_unsettled_done done, void *context);

	// What agencies were answered and both members do not know yet, at most `max_count` (1 to MAX_DUE), in no order.
	void (*untold)(struct store *store, size_t max_count, store_untold_done done, void *context);

	// FAIL_OBJECT_MISMATCH: known with another length or hash; FAIL_NOT_ALLOWED: someone else's.
	void (*object_open)(struct store *store, member_no owner, const struct upload_open *open, store_object_done done,
	                    void *context);

	// `chunk` whole pieces from `offset` on, which must be the durable offset (else the answer
	// tells the right one and nothing is written). At the end the tree hash is checked: FAIL_OBJECT_MISMATCH
	// forgets the object.
	void (*object_write)(struct store *store, member_no owner, const struct id *object, uint64_t offset,
	                     const struct view *chunk, size_t count, store_object_done done, void *context);

	// One piece; FAIL_UNKNOWN_OBJECT also for what this member may not read.
	void (*object_read)(struct store *store, member_no member, const struct id *object, uint64_t offset,
	                    store_read_done done, void *context);

	// `asker` member or agency; the store gives what its functions allow: not found, not a party and
	// ended are one answer.
	void (*status)(struct store *store, member_no asker, const struct query *query, uint64_t now,
	               store_answer_done done, void *context);
	void (*flow)(struct store *store, const struct query *query, uint64_t now, store_answer_done done, void *context);
	void (*directory)(struct store *store, store_directory_done done, void *context);

	// Stops: pending operations end first with FAIL_UNAVAILABLE or FAIL_OUTCOME_UNKNOWN, then done.
	void (*close)(struct store *store, store_done done, void *context);
};

// Embedded first in each implementation. `on_state` tells when the database goes away
// and when it is back (after a barrier commit); set by the hub before the first call.
struct store {
	const struct store_operations *ops;
	void (*on_state)(void *context, bool available);
	void *on_state_context;
};

#endif
