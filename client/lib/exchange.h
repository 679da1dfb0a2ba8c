// SPDX-License-Identifier: Apache-2.0
//
// One conversation with the hub: what waits is sent, what came is stored and
// acknowledged, until the link ends. Nothing of it needs to survive: everything
// that counts is in the store, and the next conversation starts from there.
//
//   exchange_open ──► exchange_turn … exchange_turn ──► exchange_close
//
// Order of things within a turn: frames are read and their effects written to the
// store; one commit; only then Ack, receipts and further sends. Messages of one
// case go one at a time (the next after the answer), so that their order holds
// whatever the hub answers; different cases go side by side.
#ifndef PASSERELLE_LIB_EXCHANGE_H
#define PASSERELLE_LIB_EXCHANGE_H

#include "lib/link.h"
#include "lib/profile.h"

enum happening_kind {
	HAPPENED_RECEIVED,   // a message is in the inbox
	HAPPENED_DAMAGED,    // a message is in the inbox and is not trusted; text says why
	HAPPENED_ACCEPTED,   // ours is at the hub
	HAPPENED_DELIVERED,  // ours is at `member`, by its receipt
	HAPPENED_OPENED,     // ours was opened at `member`, by its receipt
	HAPPENED_RETURNED,   // ours was refused for good
	HAPPENED_DELAYED,    // ours must wait; text says why
	HAPPENED_WARNING,    // text; error is its name
	HAPPENED_DIRECTORY,  // a new directory is stored
};

struct happening {
	enum happening_kind kind;
	struct id message, case_id;
	enum message_kind message_kind;
	const char *member, *reference, *error, *text, *overtaken_by; // "" if none; borrowed during the call
};

struct exchange_port {
	void *context;
	void (*happened)(void *context, const struct happening *what); // may not call back
	psr_progress_call progress;   // NULL: nobody looks
	void *progress_context;
};

enum { FLIGHTS = 256 };

// A submit that waits for its answer.
struct flight {
	uint64_t frame;
	struct id message, case_id;
	struct hash envelope_hash, header_hash;
	uint64_t sent_at;  // steady clock
	size_t bytes;
};

struct upload {
	bool active, opened;
	struct outbox_attachment object;
	unsigned item, items;
	int fd;                    // the spool; owned
	uint64_t durable, sent;    // bytes
	uint64_t first_frame;      // frames from here on that are no submit's belong to it
	uint64_t moved_at;         // steady clock: last time that `durable` grew
	unsigned failures;
};

// Deliveries that are not stored yet.
struct arrival {
	uint64_t mailbox_seq, case_seq, accepted_at;
	uint32_t case_state;
	size_t offset, length;     // in `arrived`
	bool recalled;
};

struct exchange {
	struct psr_profile *profile;
	struct exchange_port port;
	struct link *link;                 // owned
	bool mail;                         // false: asks only
	uint64_t next_frame, hello_frame, directory_frame; // directory_frame 0: no such question is open

	bool welcomed;
	struct certificate *hub;           // signs the receipts; owned
	uint32_t credit_messages, credit_bytes;
	uint64_t mailbox_epoch, mailbox_high;
	uint64_t cursor, acked, newest;    // stored; told to the hub; arrived
	bool from_low;                     // the next delivery may have any number

	struct arrival *arrival;           // owned, MAX_MAILBOX_PAGE
	size_t arrivals;
	struct bytes arrived;
	bool stranger;                     // the first of them waits for a newer directory
	bool directory_changed;            // a newer one is there: to be asked for once what was asked has come
	bool asked_again;                  // and that has come: who is unknown now stays so

	struct outbox_mark *waiting;       // owned, FLIGHTS: read from the outbox, not yet sent
	size_t waiting_count;
	uint64_t read_number;              // newest outbox number in `waiting`
	struct flight flight[FLIGHTS];
	size_t flights, flight_bytes;
	uint64_t hold_until;               // steady clock: the hub asked for patience
	struct upload upload;
	unsigned incomplete;               // OBJECT_INCOMPLETE answers so far

	bool writing;                      // a transaction is open
	uint64_t progress;                 // grows whenever something got further
	struct fail end;                   // why it is over; code FAIL_NONE while it goes on
	uint32_t retry_after_ms;

	// An asker's own frames (ask.c, fetch.c): answers to this id go to it.
	uint64_t asked;
	void (*answered)(struct exchange *exchange, const struct frame *frame, void *context);
	void *answered_context;
};

struct exchange_options {
	bool mail;      // sends and receives; else only asks
	bool all_again; // after CURSOR_STALE: from the lowest number kept
};

// Connects, says Hello and, in the same flight, asks for the directory and sends small messages that wait.
enum fail_code exchange_open(struct exchange *exchange, struct psr_profile *profile,
                             const struct exchange_options *options, const struct exchange_port *port,
                             struct fail *why) MUST_CHECK;

// Sends what may be sent, waits up to wait_ms for frames, takes all that are there. FAIL_NONE also if
// none came. Anything else: it is over, close it. FAIL_CURSOR_STALE: open again with all_again.
enum fail_code exchange_turn(struct exchange *exchange, int wait_ms, struct fail *why) MUST_CHECK;

// Both sides are empty and everything is acknowledged.
bool exchange_idle(const struct exchange *exchange);

// Sends a frame of an asker; its answers go to `answered`.
enum fail_code exchange_ask(struct exchange *exchange, struct frame *frame,
                            void (*answered)(struct exchange *, const struct frame *, void *), void *context,
                            struct fail *why) MUST_CHECK;

void exchange_close(struct exchange *exchange);

// Used by the parts of the exchange ---------------------------------------------------------------

// Opens the turn's transaction if it is not open.
enum fail_code exchange_write(struct exchange *exchange, struct fail *why) MUST_CHECK;
// Commits it, if it is open.
enum fail_code exchange_commit(struct exchange *exchange, struct fail *why) MUST_CHECK;
// The conversation is over for this reason.
void exchange_end(struct exchange *exchange, const struct fail *why);
uint64_t exchange_send(struct exchange *exchange, struct frame *frame, struct fail *why); // its id, 0: over
void exchange_warn(struct exchange *exchange, const char *name, const char *text);
enum fail_code exchange_ask_directory(struct exchange *exchange, struct fail *why) MUST_CHECK;
enum fail_code exchange_follow_directory(struct exchange *exchange,
                                         struct fail *why) MUST_CHECK; // asks, if it has changed

// exchange_receive.c
void exchange_deliver(struct exchange *exchange, const struct frame *frame);
enum fail_code exchange_store_arrivals(struct exchange *exchange, struct fail *why) MUST_CHECK;

// exchange_send.c
enum fail_code exchange_fill(struct exchange *exchange, struct fail *why) MUST_CHECK;
void exchange_accepted(struct exchange *exchange, const struct frame *frame);
bool exchange_refused(struct exchange *exchange, const struct frame *frame); // true: it was a submit's

// exchange_upload.c
bool exchange_upload_begin(struct exchange *exchange, const struct outbox_attachment *object, unsigned item,
                           unsigned items);
enum fail_code exchange_upload_fill(struct exchange *exchange, struct fail *why) MUST_CHECK;
void exchange_upload_offset(struct exchange *exchange, const struct frame *frame);
bool exchange_upload_refused(struct exchange *exchange, const struct frame *frame); // true: it was the upload's

#endif
