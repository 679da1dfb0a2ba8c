// SPDX-License-Identifier: Apache-2.0
//
// Inside of the core, for core/*.c alone. One message on its way:
//
//   admission ──► check ──► order ──► (lookup) ──► ready ──► writer ──► answer, delivery
//   decode,       signa-    of its    case or      queue     decide,
//   who, where    ture      session   message                commit
//
// A request belongs to the core until request_end(); sessions are found again by
// number after each wait, because they may be gone.
#ifndef PASSERELLE_CORE_PRIVATE_H
#define PASSERELLE_CORE_PRIVATE_H

#include "core/core.h"
#include "core/figures.h"
#include "domain/access.h"
#include "seal/signing.h"
#include "wire/codec.h"

#include <uthash.h>

enum {
	RING_SLOTS = 512, // newest deliveries of one mailbox kept in memory
	RING_BYTES = 1024 * 1024, // and their bytes
	RINGS_BYTES = 64 * 1024 * 1024, // of all mailboxes
	PENDING_BYTES = 256 * 1024 * 1024, // submits of all sessions that wait for their outcome
	BATCH_BYTES = 4 * 1024 * 1024, // envelopes of one transaction, at least one
	CHECK_BATCH = 8,
	CHECKS_AT_ONCE = 4,
	PROOF_CAP = 16384, // signatures remembered as good
	CASE_CAP = 65536, // cases remembered
	DECIDE_ROUNDS = 16, // a case that moves each time: the sender comes back later
	CURSOR_EVERY_MS = 100,
	RETRY_AFTER_MS = 2000,
	DIRECTORY_EVERY_MS = 200,
	STALLED_EVERY_MS = 1000,
	OTHERS_EVERY_MS = 2000,
	CLOCKS_EVERY_MS = 1000,
	OUTAGES_EVERY_MS = 1000,
	ASKINGS_EVERY_MS = 5000,
	TELL_ALL_EVERY_MS = 60 * 1000, // of one member: each is a row in every mailbox
	TELL_ALL_AT_ONCE = 10,
	OUTAGES_AGAIN_MS = 100, // while there is more to tell
	OUTAGES_AT_ONCE = 64, // cases: other messages find their place in between
	CLOCK_AHEAD_MS = 24 * 3600 * 1000,
	READING_MS = 13 * 3600 * 1000, // the longest session (LIMIT_SESSION_MS) has ended by then
	PARTNER_DELAY_MS = 50,
	UPLOAD_PIECES = 32, // 8 MiB of one session that are not durable yet
	UPLOAD_COMMIT = 8, // pieces of one commit: each is copied twice on its way to the database
	MAX_UPLOADS = 8, // of one session
	MAX_FETCHES = 16,
	MAX_CREDIT = 4096, // deliveries under way to one session
};

// Bytes of an envelope, shared by the request and the rings.
struct parcel {
	uint32_t users;
	struct view bytes; // behind the struct
};
struct parcel *parcel_new(struct view bytes); // NULL without memory; one user
void parcel_drop(struct parcel *parcel);

struct mail {
	uint64_t seq, case_seq, accepted_at;
	uint32_t case_state;
	struct parcel *parcel;
};

struct mailbox {
	uint64_t high; // newest number known
	struct mail *ring; // RING_SLOTS, from the first reader on; slot seq % RING_SLOTS
	uint64_t first; // ring holds first .. first + count - 1
	size_t count, bytes;
	struct core_session *reader; // sessions that get deliveries
};

// Members and signers stay until the core ends, so that pointers hold; the
// directory only changes what they are.
struct member {
	struct store_member public;
	struct mailbox mailbox;
	uint64_t tokens, refilled; // thousandths of a request; Unix milliseconds
	uint64_t told_all;         // up to when its messages to all are used up
	bool listed;
	UT_hash_handle hh; // by code
	UT_hash_handle by_no;
};

struct signer {
	struct hash hash;
	struct member *member;
	struct certificate *certificate;
	bool listed;
	UT_hash_handle hh;
};

struct case_entry {
	struct id id;
	struct case_record record; // where known; ahead of the store while its batch is under way
	bool known;
	uint32_t users; // requests that hold it
	uint32_t waiting; // of these, in the lookup queue: later ones must stay behind
	UT_hash_handle hh;
};

enum session_state { SESSION_NEW, SESSION_GREETING, SESSION_OPEN };

struct core_session {
	uint64_t number;
	struct identity peer;
	enum access_role role;
	enum session_state state;
	struct member *member;
	struct hello hello; // software is not kept
	uint64_t hello_id;
	bool hello_waits; // for the directory
	size_t room; // bytes that may be sent

	struct request *first, **last; // submits in the order in which they came, until they are checked
	size_t pending, pending_bytes;
	struct upload *uploads;
	size_t upload_count, upload_pieces, fetches;
	struct fetching *fetch_waits; // for room

	bool delivering, reading; // reading: the store counts what comes as handed to it
	struct core_session *next_reader;
	uint64_t consumer_epoch;
	uint64_t next; // mailbox number to deliver next
	uint64_t acked, moved; // by the client; and durable
	uint32_t *length; // of deliveries not acknowledged, ring of MAX_CREDIT
	size_t unacked_bytes;
	bool paging, stalled, damage_told;
	bool dirty, moving; // cursor
	struct core_session *next_dirty;
	UT_hash_handle hh;
};

// Something asked of the store or of time, until its callback.
struct operation {
	struct core *core;
	struct operation *next, **place;
	uint64_t session, frame_id;
	void (*drop)(struct operation *operation); // frees what else it owns; may be NULL
};

struct request_key {
	struct id message;
	member_no sender;
};

struct request {
	struct request *next; // of the queue that it is in
	struct request *next_of_session;
	struct request *next_all, **place_all;
	uint64_t session, frame_id; // 0: the hub's own
	bool in_session; // in the session's order
	bool checked, refreshed;
	struct member *member;
	enum access_role role, author_role;
	struct parcel *parcel;
	struct arena arena;
	struct envelope envelope;
	struct header header;
	struct hash header_hash, envelope_hash;
	struct signer *signer;
	struct signed_text text;
	struct member **recipient; // header.to_count
	member_no *party_no; // header.party_count
	struct store_told told; // of the hub's own STATUS_ASKED; else of agency 0
	struct availability_change availability; // of AVAILABILITY
	struct case_entry *entry;
	bool looked_up; // the store does not know the message
	uint64_t forgets; // core->forgets then: an unknown case was one in the store as well
	uint8_t rounds;
	struct request *twin; // same id and bytes, came while this one was under way
	struct request_key key;
	bool keyed;
	UT_hash_handle hh;
};

struct queue {
	struct request *first, **last;
	size_t count;
};
void queue_init(struct queue *queue);
void queue_add(struct queue *queue, struct request *request);
struct request *queue_take(struct queue *queue); // NULL if empty
void queue_put_back(struct queue *queue, struct request *request); // at the front

// A signature that fits, or is being checked.
struct proof {
	struct hash key;
	bool good;
	struct queue waiting; // requests; the first one's bytes are what is checked
	struct proof *next; // to be checked
	UT_hash_handle hh;
};

struct check_batch {
	struct check_batch *next;
	size_t count;
	struct core_check check[CHECK_BATCH];
	struct proof *proof[CHECK_BATCH];
};

struct lookup_batch {
	bool busy;
	size_t count;
	struct store_lookup lookup[MAX_TREE_LEAVES];
	struct request *request[MAX_TREE_LEAVES];
};

// One transaction: what goes into it, and what its answers are made of.
struct transaction {
	struct store_batch batch;
	struct store_change change[MAX_TREE_LEAVES];
	struct request *request[MAX_TREE_LEAVES];
	struct hash leaf[MAX_TREE_LEAVES];
	struct hash path[MAX_TREE_LEAVES][MAX_TREE_PATH];
	size_t path_length[MAX_TREE_LEAVES];
	struct bytes statements; // one behind the other
	size_t statement_end[MAX_TREE_LEAVES];
	struct bytes signature;
};

// While the answers of one transaction go out, the database is at work on the next.
struct writer {
	bool busy;
	struct transaction transaction[2];
	struct transaction *next;   // filled next, or under way
	struct bytes receipt; // scratch
};

struct core {
	struct core_settings settings;
	struct core_port port;
	struct store *store;
	char hub_uri[IDENTITY_URI_SIZE];
	struct certificate *receipt_certificate;
	struct bytes certificate, issuer;
	struct core_figures figures;
	bool draining;

	struct core_session *sessions;
	struct core_session *dirty; // cursors to be moved
	uint64_t cursors_due, stalled_due, others_due;
	bool others_asked; // and not yet answered
	uint64_t clocks_due, outages_due, askings_due;
	bool sweep_fails[SWEEP_COUNT];
	struct operation *operations;
	struct request *requests;
	struct request *keyed; // by message id and sender
	struct member *members, *members_by_no;
	struct signer *signers;
	struct case_entry *cases;
	uint64_t forgets; // how often a case was forgotten

	struct proof *proofs;
	struct proof *unchecked, **unchecked_last; // their check has not begun
	struct check_batch *checks; // under way
	size_t checks_under_way;

	bool directory_loading, directory_loaded;
	uint64_t directory_version, directory_asked, directory_due;
	bool directory_again;
	struct queue for_directory;
	struct queue for_lookup;
	struct lookup_batch lookup;
	struct queue ready;
	struct writer writer;
	struct partner_question *partner_first;
};

// core.c
uint64_t core_now(const struct core *core);
void core_wake(struct core *core, uint64_t at);
struct core_session *session_find(struct core *core, uint64_t number);
void core_send(struct core *core, uint64_t session, const struct frame *frame);
// `size` bytes that begin with a struct operation; NULL without memory.
void *operation_new(struct core *core, size_t size, uint64_t session, uint64_t frame_id);
void operation_free(struct operation *operation);
// False and OVER_QUOTA answered: this member asks too fast.
bool quota_take(struct core *core, struct core_session *session, uint64_t frame_id);

// refuse.c
// `text` NULL: the advice of the code.
void refuse(struct core *core, uint64_t session, uint64_t frame_id, enum fail_code code, const char *text);
void refuse_with(struct core *core, uint64_t session, uint64_t frame_id, enum fail_code code, const char *text,
                 struct error_detail *detail, size_t count);

// directory.c
// Asks for the directory, no more often than every DIRECTORY_EVERY_MS: those who wait are
// taken up again (hello_go_on, admission_go_on) when it has come.
void directory_wanted(struct core *core);
void directory_give_up(struct core *core); // those who wait for it are judged by what is there
void directory_tick(struct core *core, uint64_t now);
void directory_release(struct core *core);
struct member *member_of_code(struct core *core, const char *code);
struct member *member_of_no(struct core *core, member_no no);
struct signer *signer_of_hash(struct core *core, const struct hash *hash);
bool member_serves(const struct member *member, bool agency); // there, active and of this class
// May it be connected? A partner agency that is suspended may, and gets the one answer that unknown and foreign cases get.
bool member_connects(const struct member *member, bool agency);

// hello.c
void hello_frame(struct core *core, struct core_session *session, const struct frame *frame);
void hello_go_on(struct core *core,
                 struct core_session *session); // the directory came, or will not (core->directory_loaded)

// admission.c
// Envelope and header of the request's bytes, and their hashes.
enum fail_code admission_read(struct request *request, struct fail *why) MUST_CHECK;
void submit_frame(struct core *core, struct core_session *session, const struct frame *frame);
void admission_go_on(struct core *core, struct request *request); // the directory came
void admission_checked(struct core *core, struct request *request);
void admission_refuse(struct core *core, struct request *request, enum fail_code code, const char *text);
void admission_pass(struct core *core, struct core_session *session); // those at the front that are checked
void admission_leave(struct core *core, struct core_session *session);

// request.c
// `session` NULL: the hub's own, its member and role are still to be set.
struct request *request_new(struct core *core, struct core_session *session, uint64_t frame_id, struct view envelope);
void request_refuse(struct core *core, struct request *request, enum fail_code code, const char *text);
void request_refuse_with(struct core *core, struct request *request, enum fail_code code, const char *text,
                         struct error_detail *detail, size_t count);
struct request *request_find(struct core *core, const struct id *message, member_no sender);
void request_key(struct core *core, struct request *request);
void request_join(struct request *first, struct request *twin);
void request_accept(struct core *core, struct request *request, struct accepted *accepted);
void request_free(struct core *core, struct request *request); // alone, no answer

// check.c
void check_request(struct core *core, struct request *request);
void check_release(struct core *core);

// cases.c
struct case_entry *case_pin(struct core *core, const struct id *id); // NULL without memory
void case_unpin(struct core *core, struct case_entry *entry);
void case_known(struct core *core, const struct case_record *record); // as the store has it
void case_forget(struct core *core, const struct id *id);
void cases_release(struct core *core);

// decide.c
struct decision {
	enum fail_code code;
	struct fail why;
	enum case_side side;
	bool shows_state; // the refusal tells state and legal moves
};
// Fills *change and moves the case in memory. On refusal *decision tells what.
bool decide(struct core *core, struct request *request, struct store_change *change, uint64_t now,
            struct decision *decision);
void decide_refuse(struct core *core, struct request *request, struct decision *decision);

// lookup.c
void lookup_request(struct core *core, struct request *request);
void lookup_start(struct core *core);

// writer.c
void writer_init(struct core *core);
void writer_add(struct core *core, struct request *request);
void writer_start(struct core *core);
void writer_release(struct core *core);

// receipts.c
// Leaf of one statement, bytes appended to `out`.
enum fail_code receipt_statement(struct core *core, const struct request *request, const struct store_change *change,
                                 uint64_t accepted_at, struct bytes *out, struct hash *leaf) MUST_CHECK;
// The receipt of slot `index` of a transaction into writer->receipt.
enum fail_code receipt_of_slot(struct core *core, struct transaction *transaction, size_t index) MUST_CHECK;
// Answers with the original receipt, or KEY_REUSED if the bytes were others.
void receipt_answer(struct core *core, struct request *request, const struct store_original *original);

// delivery.c
void delivery_attach(struct core *core, struct core_session *session, const struct store_cursor *cursor);
void delivery_leave(struct core *core, struct core_session *session);
void delivery_new(struct core *core, struct member *member, const struct mail *mail);
void delivery_go_on(struct core *core, struct core_session *session);
void delivery_tick(struct core *core, uint64_t now);

// others.c: somebody reads a mailbox into which another hub may write.
void others_wanted(struct core *core);
void others_at_once(struct core *core); // something came into mailboxes behind our back
void others_tick(struct core *core, uint64_t now);

// notice.c: what the hub writes by itself.
struct notice_parties {
	struct member *member[2]; // requesting, responding
};
struct notice_about {
	enum message_kind kind;
	const char *reason; // "" if none
	const struct member *out; // of MEMBER_OUT and MEMBER_BACK: who it is about; else NULL
	const struct member *agency; // of STATUS_ASKED: who asked, so often in all; else NULL
	uint64_t asked;
};
bool notice_parties(struct core *core, const struct case_record *record, struct notice_parties *parties);
// False: not now, the next sweep will find the case again.
bool notice_write(struct core *core, const struct case_record *record, struct member *hub,
                  const struct notice_parties *parties, const struct notice_about *about);
// This hub as the directory has it, NULL if not: without its certificate there nobody could check what it signs.
struct member *notice_author(struct core *core);

// tell_all.c: messages to all members.
bool tell_all_decide(struct core *core, struct request *request, struct store_change *change,
                     struct decision *decision);
void tell_all_stored(struct core *core, const struct store_change *change);

// sweeps.c: how a look for what the hub has to write went.
void sweep_read(struct core *core, enum core_sweep sweep, enum fail_code code);

// outages.c: members that cannot work.
void outages_start(struct core *core);
void outages_tick(struct core *core, uint64_t now);
// For whom the clock of a case has to stand; NULL: for nobody. `told`: who both were told of, 0 for nobody.
struct member *outage_of(const struct notice_parties *parties, member_no told);

// askings.c: what partner agencies asked.
void askings_start(struct core *core);
void askings_tick(struct core *core, uint64_t now);

// clocks.c: what the clocks of cases want the hub to write.
void clocks_start(struct core *core);
void clocks_tick(struct core *core, uint64_t now);

// mailbox.c
void mailbox_put(struct core *core, struct mailbox *mailbox, const struct mail *mail);
const struct mail *mailbox_find(const struct mailbox *mailbox, uint64_t seq);
void mailbox_clear(struct core *core, struct mailbox *mailbox);

// cursor.c
void ack_frame(struct core *core, struct core_session *session, const struct frame *frame);
void cursor_leave(struct core *core, struct core_session *session);
void reading_leave(struct core *core, struct core_session *session); // it is handed nothing more
void reading_close(struct core *core, member_no member, const char *consumer, uint64_t epoch, uint64_t handed);
void cursor_tick(struct core *core, uint64_t now);

// objects.c
void upload_open_frame(struct core *core, struct core_session *session, const struct frame *frame);
void upload_chunk_frame(struct core *core, struct core_session *session, const struct frame *frame);
void uploads_leave(struct core *core, struct core_session *session);

// fetch.c
void fetch_frame(struct core *core, struct core_session *session, const struct frame *frame);
void fetch_go_on(struct core *core, struct core_session *session);
void fetches_leave(struct core_session *session);

// questions.c
void query_frame(struct core *core, struct core_session *session, const struct frame *frame);
void questions_tick(struct core *core, uint64_t now);
void questions_release(struct core *core);

#endif
