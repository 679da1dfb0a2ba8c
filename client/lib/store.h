// SPDX-License-Identifier: Apache-2.0
//
// What a profile keeps: one SQLite file in WAL mode, every commit synced to disk
// before it counts. Nothing in it is plain content: envelopes stay sealed as they
// were written or came. Several programs may open it; SQLite orders their writes.
//
// Outbox:   queued -> at hub (receipt held) -> delivered -> opened (by every receiver), or
//           returned (a final error). Bytes and id are fixed before the first byte is sent.
// Inbox:    envelopes as received with their mailbox numbers; `fault` says why one is not
//           trusted (kept, shown, never opened).
// Cases:    what is confirmed by numbers from the hub; waiting messages come on top (cases.h).
#ifndef PASSERELLE_LIB_STORE_H
#define PASSERELLE_LIB_STORE_H

#include "case/clock.h"
#include "case/reference.h"
#include "wire/message.h"

struct store;

// FAIL_UNSUPPORTED: written by a newer version. FAIL_DATA_LOSS: not a store, or damaged.
enum fail_code store_open(struct store **store, const char *file, struct fail *why) MUST_CHECK;
void store_close(struct store *store); // NULL is fine

// One writer at a time; waits up to 10 s for another program.
enum fail_code store_begin(struct store *store, struct fail *why) MUST_CHECK;
enum fail_code store_commit(struct store *store, struct fail *why) MUST_CHECK; // rolls back where it fails
void store_rollback(struct store *store);

// Changes whenever another connection has committed: a cheap "is there something new?".
uint32_t store_version(struct store *store);

// SQLite's own check of the whole file. FAIL_DATA_LOSS with its first finding.
enum fail_code store_check(struct store *store, struct fail *why) MUST_CHECK;

// ---- outbox

enum outbox_state {
	OUTBOX_DRAFT,
	OUTBOX_QUEUED,
	OUTBOX_AT_HUB,
	OUTBOX_DELIVERED,
	OUTBOX_OPENED,
	OUTBOX_RETURNED,
	OUTBOX_TAKEN_BACK, // before it was ever submitted
	OUTBOX_RECALLED,   // from the hub, before it was handed to anybody
	OUTBOX_STATE_COUNT
};
const char *outbox_state_name(enum outbox_state state); // "queued", "at_hub", ...

struct outbox_row {
	uint64_t number;             // order of writing; set by the store
	struct id message, case_id;  // case_id zero: a receipt
	const char *reference, *receivers; // "" if none; receivers: codes with commas
	enum message_kind kind;
	int event;                   // enum case_event, -1 none
	struct hash header_hash;
	struct view envelope;
	enum outbox_state state;
	uint64_t at[OUTBOX_STATE_COUNT]; // Unix milliseconds when it came into each state, 0 not yet
	uint64_t case_seq;           // from the hub's receipt, 0 not yet
	uint32_t case_state;
	struct view receipt;         // HubReceipt as received
	const char *error, *error_text, *legal, *overtaken_by; // returned, or the last try's; "" if none
};

struct outbox_attachment {
	struct id message;
	unsigned number;             // from 1: place in Header.object
	struct id object;
	uint64_t length;             // sealed bytes
	struct hash tree_hash;
	bool complete;               // the hub said so
};

// Inside a transaction: row and attachments together. The state is QUEUED.
enum fail_code outbox_add(struct store *store, const struct outbox_row *row, const struct outbox_attachment *attachment,
                          size_t count, struct fail *why) MUST_CHECK;

typedef enum fail_code (*outbox_call)(void *context,
                                      const struct outbox_row *row); // the row is borrowed; not FAIL_NONE ends the walk
enum outbox_which { OUTBOX_ALL, OUTBOX_WAITING, OUTBOX_OF_CASE }; // ALL: newest first; the others in order of writing
enum fail_code outbox_each(struct store *store, enum outbox_which which, const struct id *case_id, outbox_call call,
                           void *context, struct fail *why) MUST_CHECK;

// FAIL_UNKNOWN_CASE if there is none.
enum fail_code outbox_find(struct store *store, const struct id *message, outbox_call call, void *context,
                           struct fail *why) MUST_CHECK;

// Queued messages after `number`, in order of writing.
struct outbox_mark { uint64_t number; struct id message, case_id; enum message_kind kind; bool submitted; };
enum fail_code outbox_queued_after(struct store *store, uint64_t number, struct outbox_mark *mark, size_t *count,
                                   struct fail *why) MUST_CHECK;
// Before the first byte of it leaves: from now on it cannot be taken back any more. Of all that waits after `number` and
// has no attachments, at most `most`; or of one. In a transaction that is committed before anything is sent.
// *any false: nothing had to be written.
enum fail_code outbox_submitting(struct store *store, uint64_t number, size_t most, uint64_t at, bool *any,
                                 struct fail *why) MUST_CHECK;
// *waits false: it was taken back meanwhile.
enum fail_code outbox_submitting_one(struct store *store, const struct id *message, uint64_t at, bool *waits,
                                     struct fail *why) MUST_CHECK;
// *taken: it waited and was never submitted; nothing of it will ever be sent. Inside a transaction.
enum fail_code outbox_take_back(struct store *store, const struct id *message, uint64_t at, bool *taken,
                                struct fail *why) MUST_CHECK;
enum fail_code outbox_take_back_case(struct store *store, const struct id *case_id, uint64_t at,
                                     struct fail *why) MUST_CHECK; // all of it that was never submitted
// The hub accepted its recall. Inside a transaction.
enum fail_code outbox_recalled(struct store *store, const struct id *message, uint64_t at, struct fail *why) MUST_CHECK;
enum fail_code outbox_envelope(struct store *store, const struct id *message, struct bytes *envelope,
                               struct fail *why) MUST_CHECK;
enum fail_code outbox_attachments(struct store *store, const struct id *message, struct outbox_attachment *attachment,
                                  size_t *count, struct fail *why) MUST_CHECK;
enum fail_code outbox_attachment_complete(struct store *store, const struct id *object, bool complete,
                                          struct fail *why) MUST_CHECK;

// True while some message that is not yet delivered needs this spool.
enum fail_code outbox_needs_object(struct store *store, const struct id *object, bool *needed,
                                   struct fail *why) MUST_CHECK;

enum fail_code outbox_accepted(struct store *store, const struct id *message, uint64_t at, uint64_t case_seq,
                               uint32_t case_state, struct view receipt, struct fail *why) MUST_CHECK;

struct outbox_refusal { const char *error, *text, *legal, *overtaken_by; uint64_t at; bool final; };
enum fail_code outbox_refused(struct store *store, const struct id *message, const struct outbox_refusal *refusal,
                              struct fail *why) MUST_CHECK;

// A receipt of `member` for this message. Ignored unless the hash fits and it was a receiver.
// `*message_state` is the state afterwards.
enum fail_code outbox_receipt(struct store *store, const struct receipt_item *item, const char *member,
                              struct fail *why) MUST_CHECK;

struct outbox_counts { unsigned of[OUTBOX_STATE_COUNT]; uint64_t oldest_queued; }; // without receipts
enum fail_code outbox_count(struct store *store, struct outbox_counts *counts, struct fail *why) MUST_CHECK;

// ---- inbox

struct inbox_row {
	uint64_t number;
	struct id message, case_id;
	const char *sender, *fault;  // fault "" if all is well
	uint64_t mailbox_seq, case_seq, accepted_at, stored_at, opened_at;
	uint32_t case_state;
	enum message_kind kind;
	int event;
	struct hash header_hash;
	struct view envelope;
	bool recalled;               // came without its content: its author took it back
	bool granted;                // passed on to us by the message granted_by, which has its keys
	struct id granted_by;
};

// Inside a transaction. *fresh false: the same sender's message id was there already (a delivery after
// a cut, or all again); nothing changed then.
enum fail_code inbox_add(struct store *store, const struct inbox_row *row, bool *fresh, struct fail *why) MUST_CHECK;

typedef enum fail_code (*inbox_call)(void *context, const struct inbox_row *row);
enum fail_code inbox_each(struct store *store, const struct id *case_id, inbox_call call, void *context,
                          struct fail *why) MUST_CHECK; // of one case, in the order of its numbers
// Signed receipts of other members, oldest first.
enum fail_code inbox_receipts(struct store *store, inbox_call call, void *context, struct fail *why) MUST_CHECK;
// Newest first, without receipts; at most so many, 0: all. `unread`: only what is genuine and nobody has opened.
enum fail_code inbox_newest(struct store *store, bool unread, unsigned most, inbox_call call, void *context,
                            struct fail *why) MUST_CHECK;
enum fail_code inbox_find(struct store *store, const struct id *message, inbox_call call, void *context,
                          struct fail *why) MUST_CHECK;
// What was stored turns out not to be genuine: `fault` says why. Inside a transaction.
enum fail_code inbox_condemn(struct store *store, const struct id *message, const char *sender, const char *fault,
                             struct fail *why) MUST_CHECK;
enum fail_code inbox_opened(struct store *store, const struct id *message, uint64_t at, bool *fresh,
                            struct fail *why) MUST_CHECK;
enum fail_code inbox_count(struct store *store, unsigned *all, unsigned *unread, unsigned *faulty,
                           struct fail *why) MUST_CHECK;

// Receipts that we owe, until they are signed and in the outbox.
struct receipt_due { char member[MEMBER_CODE_SIZE]; struct receipt_item item; };
enum fail_code receipt_due_add(struct store *store, const struct receipt_due *due, struct fail *why) MUST_CHECK;
enum fail_code receipt_due_next(struct store *store, struct receipt_due *due, size_t *count,
                                struct fail *why) MUST_CHECK; // of one member, oldest first
enum fail_code receipt_due_done(struct store *store, const struct receipt_due *due, size_t count,
                                struct fail *why) MUST_CHECK;

// ---- cursor

struct cursor { bool known; uint64_t epoch, seq; };
enum fail_code cursor_get(struct store *store, struct cursor *cursor, struct fail *why) MUST_CHECK;
enum fail_code cursor_set(struct store *store, uint64_t epoch, uint64_t seq, struct fail *why) MUST_CHECK;

// ---- cases

struct case_row {
	struct id id;
	char reference[REFERENCE_SIZE];
	char requesting[MEMBER_CODE_SIZE], responding[MEMBER_CODE_SIZE];
	struct case_view view;      // after message number `seq`
	uint64_t seq, since;        // since: accepted_at of the message that brought it into this state
	struct hash newest;         // header hash of message number seq; zero if seq is 0
	uint64_t opened_at;         // created_at of the referral
	char service[CODE_SIZE], urgency[CODE_SIZE]; // of the referral
	struct case_clock clock;    // after message number `seq`
	char paused_by[MEMBER_CODE_SIZE], pause_reason[CODE_SIZE]; // who stopped the clock, and its code; "" if it runs
	struct case_outage {        // for which member it stands besides; "" for none
		char member[MEMBER_CODE_SIZE], cause[CODE_SIZE], until[DATE_SIZE], deputy[MEMBER_CODE_SIZE];
	} outage;
};
enum fail_code case_put(struct store *store, const struct case_row *row, struct fail *why) MUST_CHECK;
enum fail_code case_get(struct store *store, const struct id *id, struct case_row *row, bool *found,
                        struct fail *why) MUST_CHECK;
typedef enum fail_code (*case_call)(void *context, const struct case_row *row);
enum fail_code case_each_running(struct store *store, case_call call, void *context,
                                 struct fail *why) MUST_CHECK; // whose clock awaits something
enum fail_code case_each_with(struct store *store, enum message_kind kind, case_call call, void *context,
                              struct fail *why) MUST_CHECK; // that have a message of this kind, not ended
// That have a page of a child's file, or were closed at `closed_since` or later.
enum fail_code case_each_with_agenda(struct store *store, uint64_t closed_since, case_call call, void *context,
                                     struct fail *why) MUST_CHECK;
// That `member` asked for, and in which something has happened since then.
enum fail_code case_each_asked(struct store *store, const char *member, uint64_t since, case_call call, void *context,
                               struct fail *why) MUST_CHECK;
// Another text whenever something of the case has come or gone.
enum { CASE_STAMP_SIZE = 100 };
enum fail_code case_stamp(struct store *store, const struct id *id, char stamp[CASE_STAMP_SIZE],
                          struct fail *why) MUST_CHECK;
// What of this case has a number and is genuine, received or written, in the order of the numbers.
struct case_message {
	uint64_t case_seq, accepted_at;
	uint32_t case_state;
	struct hash header_hash;
	struct view envelope;
};
// Puts another envelope (of the same header) in the place of what is stored under this hash.
enum fail_code case_message_replace(struct store *store, const struct hash *header_hash, struct view envelope,
                                    struct fail *why) MUST_CHECK;
typedef enum fail_code (*case_message_call)(void *context, const struct case_message *message);
enum fail_code case_messages(struct store *store, const struct id *id, case_message_call call, void *context,
                             struct fail *why) MUST_CHECK;
enum fail_code case_by_reference(struct store *store, const char *reference, struct case_row *row, size_t *count,
                                 struct fail *why) MUST_CHECK; // *count in: room

// ---- directory, as the hub sent it; certificates are checked at each use (peers.h)

enum fail_code directory_version(struct store *store, uint64_t *version, struct fail *why) MUST_CHECK; // 0: none yet
enum fail_code directory_replace(struct store *store, const struct answer *answer, struct fail *why) MUST_CHECK;
enum directory_use { DIRECTORY_SIGNING, DIRECTORY_ENCRYPTION, DIRECTORY_ISSUER };
struct directory_row {
	const char *code, *kind, *name, *status, *services, *languages, *countries; // lists: words
	const char *availability, *cause, *until, *deputy; // availability never ""
	uint64_t since;
	const char *calendar; // case/calendar.h
};
typedef enum fail_code (*directory_call)(void *context, const struct directory_row *row);
enum fail_code directory_each(struct store *store, directory_call call, void *context, struct fail *why) MUST_CHECK;
// FAIL_UNKNOWN_RECIPIENT. Texts are copied into `arena`-less callers' memory by the call.
enum fail_code directory_status(struct store *store, const char *code, bool *known, bool *active,
                                struct fail *why) MUST_CHECK;
// Monday to Friday for one that is not known.
enum fail_code directory_calendar(struct store *store, const char *code, struct work_calendar *calendar,
                                  struct fail *why) MUST_CHECK;
// How far a member can work; NORMAL for one that is not known.
struct member_availability {
	char status[CODE_SIZE], cause[CODE_SIZE], until[DATE_SIZE], deputy[MEMBER_CODE_SIZE];
	uint64_t since;
	bool out; // DISRUPTED or SUSPENDED
};
enum fail_code directory_availability(struct store *store, const char *code, struct member_availability *found,
                                      struct fail *why) MUST_CHECK;
// Certificates of one member and use in the hub's order; caller frees each with bytes_release.
enum fail_code directory_certificates(struct store *store, const char *code, enum directory_use use, struct bytes *der,
                                      size_t *count, struct fail *why) MUST_CHECK;

// ---- agenda: what is coming up in the children's files, one row sealed to the own member (agenda.h)

// *found false: there is none yet. `sealed` is appended to.
enum fail_code agenda_get(struct store *store, struct id *id, struct bytes *sealed, bool *found,
                          struct fail *why) MUST_CHECK;
enum fail_code agenda_put(struct store *store, const struct id *id, struct view sealed, struct fail *why) MUST_CHECK;

// ---- drafts: sealed to the own member (draft.h has the form of `sealed`)

struct draft_row { struct id id; uint64_t created_at; struct view sealed; };
enum fail_code draft_put(struct store *store, const struct draft_row *row, struct fail *why) MUST_CHECK;
enum fail_code draft_get(struct store *store, const struct id *id, struct bytes *sealed, struct fail *why) MUST_CHECK;
enum fail_code draft_remove(struct store *store, const struct id *id,
                            struct fail *why) MUST_CHECK; // FAIL_UNKNOWN_OBJECT
typedef enum fail_code (*draft_call)(void *context, const struct draft_row *row);

// Lifebook entries that are not shared (lifebook.h), sealed as drafts are. `case_id` NULL: of all cases.
enum fail_code lifebook_put(struct store *store, const struct id *case_id, const struct draft_row *row,
                            struct fail *why) MUST_CHECK;
enum fail_code lifebook_each(struct store *store, const struct id *case_id, draft_call call, void *context,
                             struct fail *why) MUST_CHECK;
enum fail_code lifebook_remove(struct store *store, const struct id *id, struct fail *why) MUST_CHECK;

// What was decided about candidates of a search (candidates.h), sealed as drafts are. Put replaces the row of the same id.
enum fail_code candidate_put(struct store *store, const struct id *case_id, const struct draft_row *row,
                             struct fail *why) MUST_CHECK;
enum fail_code candidate_each(struct store *store, const struct id *case_id, draft_call call, void *context,
                              struct fail *why) MUST_CHECK;
enum fail_code candidate_forget(struct store *store, const struct id *case_id,
                                struct fail *why) MUST_CHECK; // all of a case

enum fail_code draft_each(struct store *store, draft_call call, void *context, struct fail *why) MUST_CHECK;

// ---- what came in by table (store_kept.c): one secret of this profile, persons sealed under it, and marks

// *found false: there is none yet. `sealed` is appended to.
enum fail_code secret_get(struct store *store, struct id *id, struct bytes *sealed, bool *found,
                          struct fail *why) MUST_CHECK;
// Where another program was first, its secret stays.
enum fail_code secret_put(struct store *store, const struct id *id, struct view sealed, struct fail *why) MUST_CHECK;

enum fail_code person_put(struct store *store, const struct draft_row *row, struct fail *why) MUST_CHECK;
enum fail_code person_each(struct store *store, draft_call call, void *context, struct fail *why) MUST_CHECK;
enum fail_code person_remove(struct store *store, const struct id *id,
                             struct fail *why) MUST_CHECK; // FAIL_UNKNOWN_OBJECT

// A mark says that a row was taken over, and as what. It goes with what was made, unless that was sent.
enum fail_code mark_find(struct store *store, const struct hash *mark, bool *found, struct fail *why) MUST_CHECK;
enum fail_code mark_put(struct store *store, const struct hash *mark, const struct id *made,
                        struct fail *why) MUST_CHECK;
enum fail_code mark_remove(struct store *store, const struct id *made,
                           struct fail *why) MUST_CHECK; // of what is no more

// ---- statistics (store_statistics.c)

// What the General Secretariat keeps of the members: the newest under each name, sealed to itself. Inside a transaction.
struct statistic_row { const char *sender, *name; struct id id; struct view sealed; };
enum fail_code statistic_put(struct store *store, const struct statistic_row *row, struct fail *why) MUST_CHECK;
// Those of a sender with names from `first` to before `behind`.
enum fail_code statistic_remove(struct store *store, const char *sender, const char *first, const char *behind,
                                struct fail *why) MUST_CHECK;
typedef enum fail_code (*statistic_call)(void *context, const struct statistic_row *row);
enum fail_code statistic_each(struct store *store, statistic_call call, void *context, struct fail *why) MUST_CHECK;

// When statistics were last written here, 0 never; and when the first case was opened that `member` asked for, 0 none.
enum fail_code statistics_times(struct store *store, const char *member, uint64_t *written_at, uint64_t *first_case,
                                struct fail *why) MUST_CHECK;

#endif
