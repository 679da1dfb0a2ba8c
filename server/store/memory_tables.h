// SPDX-License-Identifier: Apache-2.0
//
// Inside of the store in memory: its tables, and one function an operation.
// Private to memory_*.c and store_memory.c.
#ifndef PASSERELLE_STORE_MEMORY_TABLES_H
#define PASSERELLE_STORE_MEMORY_TABLES_H

#include "store/flow.h"
#include "store/period.h"
#include "store/store_memory.h"

#include <uthash.h>

// The one signature and its leaves, shared by the messages of a commit.
struct memory_batch {
	struct memory_batch *next;
	enum commit_level commit;
	uint64_t accepted_at;
	char *hub;
	struct hash *leaf;
	size_t count;
	struct view signature;
	struct hash signer;
};

struct memory_message_key {
	struct id message;
	member_no sender;
};

struct memory_message {
	struct memory_message_key key;
	const struct memory_batch *batch;
	uint32_t leaf_index;
	enum message_kind kind;
	struct id case_id;
	uint64_t case_seq;
	uint32_t case_state;
	struct hash header_hash, envelope_hash;
	uint8_t *envelope;
	size_t envelope_length;
	member_no *recipient; // recipient_count
	uint64_t *mailbox_seq;
	size_t recipient_count;
	bool to_all;
	UT_hash_handle hh;
};

struct memory_party {
	struct memory_party *next;
	member_no agency;
	char until[DATE_SIZE], reference[REFERENCE_SIZE];
	uint64_t asked, told;
};

// How often an agency has asked on a day: in all (reference ""), and with each reference.
struct memory_budget {
	struct memory_budget *next;
	member_no agency;
	uint64_t day;
	char reference[REFERENCE_SIZE];
	unsigned count;
};

struct memory_case {
	struct id id;
	struct case_record record;
	struct memory_party *party;
	UT_hash_handle hh;
};

struct memory_cursor {
	struct memory_cursor *next;
	char consumer[USER_SIZE];
	uint64_t acked, epoch, handed;
};

// A session that is handed what comes, or whose end was never told.
struct memory_reading {
	struct memory_reading *next;
	char consumer[USER_SIZE];
	uint64_t epoch, until;
};

struct memory_certificate {
	struct memory_certificate *next;
	bool signing;
	struct hash hash;
	struct view certificate, issuer;
};

struct memory_member {
	struct store_member public;
	char *name;
	uint64_t epoch;                       // of the mailbox
	const struct memory_message **entry;  // entry[n - 1] has number n
	size_t entry_count;
	struct memory_cursor *cursor;
	struct memory_reading *reading;
	struct memory_certificate *certificate;
};

struct memory_object {
	struct id id;
	member_no owner;
	uint64_t length, durable;
	struct hash tree_hash;
	bool complete;
	uint8_t *data;
	struct memory_reader { bool may; struct id by; } *reader; // by member number; the message that granted it
	size_t reader_count;
	UT_hash_handle hh;
};

// A message that was replaced (version 2, 3, ...) or declared void (0), by another one of its sender.
struct memory_correction {
	struct memory_correction *next;
	struct memory_message_key message;
	uint32_t version;
	struct id by;
};

struct memory_recall {
	struct memory_recall *next;
	struct memory_message_key message;
};

struct memory_receipt {
	struct memory_receipt *next;
	struct memory_message_key message;
	member_no recipient;
	enum receipt_level level;
};

struct memory_availability {
	struct memory_availability *next; // an older one
	member_no member;
	char status[CODE_SIZE];
	uint64_t at;
};

// What was published: passerelle.flow_published, flow_day, flow_month.
struct memory_flow {
	bool counted;
	uint64_t as_of;
	struct flow_counts counts;
	int32_t month; // the last one that was counted
	struct period_cell *done;
	size_t done_count;
};

struct memory_tables {
	struct memory_availability *availability;
	struct memory_flow flow;
	struct memory_message *message;
	struct memory_case *cases;
	struct memory_object *object;
	struct memory_batch *batch;
	struct memory_receipt *receipt;
	struct memory_correction *correction;
	struct memory_budget *budget;
	struct memory_recall *recall;
	struct memory_member **member;  // member[no - 1]
	size_t member_count;
	uint64_t directory_version;
	uint64_t oldest_id_ms, newest_id_ms;
};

struct memory_tables *memory_tables_of(struct store *store);
const struct memory_tables *memory_tables_const(const struct store *store);
void *memory_need(size_t count, size_t size);           // zeroed; ends the process without memory
void *memory_copy(const void *data, size_t length);     // never NULL

struct memory_member *memory_member(const struct memory_tables *tables, member_no no); // must exist
struct memory_message *memory_message(const struct memory_tables *tables, const struct id *id, member_no sender);
struct memory_case *memory_case(const struct memory_tables *tables, const struct id *id);
struct memory_object *memory_object(const struct memory_tables *tables, const struct id *id);
void memory_original(const struct memory_message *message, struct store_original *original);
void memory_tables_release(struct memory_tables *tables);

// memory_correction.c: may this change speak of the message that it names, and that it did.
enum store_outcome memory_correction_judge(const struct memory_tables *tables, const struct store_change *change);
void memory_correction_keep(struct memory_tables *tables, const struct store_change *change);
bool memory_recalled(const struct memory_tables *tables, const struct memory_message *message);

void memory_commit(struct memory_tables *tables, const struct store_batch *batch, struct store_result *result);
enum fail_code memory_open_cursor(struct memory_tables *tables, const struct store_open_cursor *request,
                                  struct store_cursor *answer) MUST_CHECK;
enum fail_code memory_close_cursor(struct memory_tables *tables, member_no no, const char *consumer, uint64_t epoch,
                                   uint64_t handed) MUST_CHECK;
// Was this number of a mailbox, accepted then, handed to a session, or may it have been?
bool memory_handed(const struct memory_tables *tables, member_no no, uint64_t seq, uint64_t accepted_at);
enum fail_code memory_move_cursor(struct memory_tables *tables, member_no no, const char *consumer, uint64_t epoch,
                                  uint64_t acked) MUST_CHECK;

// *entry: room for max_count; *count set.
// Into `record`, the oldest first; how many of at most `room`.
size_t memory_due(const struct memory_tables *tables, uint64_t now, struct case_record *record, size_t room);
size_t memory_unsettled(const struct memory_tables *tables, struct case_record *record, size_t room);
size_t memory_untold(const struct memory_tables *tables, struct store_asking *asking, size_t room);
void memory_newest(const struct memory_tables *tables, const member_no *member, size_t count, uint64_t *seq);
enum fail_code memory_page(const struct memory_tables *tables, member_no no, uint64_t after, size_t max_count,
                           size_t max_bytes, struct store_entry *entry, size_t *count) MUST_CHECK;

enum fail_code memory_object_open(struct memory_tables *tables, member_no owner, const struct upload_open *open,
                                  struct store_object *answer) MUST_CHECK;
enum fail_code memory_object_write(struct memory_tables *tables, member_no owner, const struct id *object,
                                   uint64_t offset, const struct view *chunk, size_t count,
                                   struct store_object *answer) MUST_CHECK;
enum fail_code memory_object_read(const struct memory_tables *tables, member_no member, const struct id *object,
                                  uint64_t offset, struct view *data, bool *last) MUST_CHECK;
bool memory_object_ready(const struct memory_tables *tables, member_no owner, const struct object_ref *ref);
// What the sender may read, `grant_to` may from now on, and `lost_by` may not unless it is the owner.
void memory_object_pass_on(struct memory_tables *tables, const struct id *id, const struct store_change *change);
void memory_object_grant(struct memory_tables *tables, const struct id *id, member_no reader, const struct id *by);
// What message `by` of the owner had granted is taken back; what nobody may read then is deleted.
void memory_object_take_back(struct memory_tables *tables, const struct id *by, member_no owner);

// FAIL_OVER_QUOTA: an agency over its budget of the day.
enum fail_code memory_status(struct memory_tables *tables, member_no no, const struct query *query, uint64_t now,
                             struct answer *answer) MUST_CHECK;
// answer->flow is malloc()ed.
enum fail_code memory_flow(struct memory_tables *tables, const struct query *query, uint64_t now,
                           struct answer *answer) MUST_CHECK;
void memory_flow_release(struct memory_tables *tables);
void memory_availability_note(struct memory_tables *tables, member_no member, const char *status, uint64_t at);
// All arrays in *directory are malloc()ed: memory_directory_release.
void memory_directory(const struct memory_tables *tables, struct store_directory *directory);
void memory_directory_release(struct store_directory *directory);

#endif
