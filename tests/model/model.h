// SPDX-License-Identifier: Apache-2.0
//
// Members who write to each other over bad lines through a hub that fails in every
// way it can, and a ledger of all they wrote, by which the end is judged.
#ifndef PASSERELLE_TEST_MODEL_H
#define PASSERELLE_TEST_MODEL_H

#include "model/world.h"

enum { CLIENTS = 3, LETTERS = 1024, CASES = 32, ALL_OTHERS = CLIENTS, THE_HUB = CLIENTS };

enum letter_state { LETTER_QUEUED, LETTER_ACCEPTED, LETTER_FAILED };

// One message that somebody wrote, and what became of it. Of the hub's own the ledger knows what was delivered.
struct entry {
	struct letter letter;
	unsigned author;  // client, THE_HUB
	unsigned readers; // bits 1 << client: who is to get it
	struct view envelope; // owned
	struct hash header_hash;
	enum letter_state state;
	enum fail_code failed;
	struct view receipt; // owned; once accepted
	uint64_t case_seq, accepted_at;
	struct id overtaken_by; // of a refused one
	uint32_t case_state;
	unsigned applied; // bits 1 << client: by whom
	uint64_t bound[CLIENTS]; // under which number of its mailbox each got it
	uint64_t delivered_case_seq;
	uint64_t mailbox_seq;
	uint64_t sent_in; // session that waits for the answer; 0: to be sent
	unsigned copies;  // sent in it and not yet answered
	uint64_t not_before;
	struct receipt_item item; // of a receipt
};

struct model_case {
	struct id id;
	unsigned requesting, responding;
};

struct client {
	struct model *model;
	unsigned number;
	enum person_name who;
	uint64_t session;
	bool welcomed;
	uint64_t epoch, cursor; // durable
	uint64_t acked;         // of the cursor, in this session
	bool out;               // said that it cannot work
};

struct model {
	struct world world;
	struct client client[CLIENTS];
	struct entry entry[LETTERS];
	size_t entries;
	size_t written, wanted; // by the clients
	struct model_case cases[CASES];
	size_t case_count;
	uint64_t random;
	unsigned storms; // so far
	uint64_t days;   // that went by at once
	uint64_t give_up; // when it is calm and still nobody comes to rest
	bool calm; // no more faults, no more letters
	unsigned refused, overtaken, doubles, restarts, of_hub[KIND_COUNT];
	char fault[200]; // what must never be; empty if all is well
};

// The first fault is kept.
void model_fault(struct model *model, const char *text, const struct entry *entry);
bool model_luck(struct model *model, unsigned of_1000);

// The case as this client can know it: what it wrote and was accepted, and what it got,
// from the first message on without a gap. Number of messages.
uint64_t model_replay(const struct model *model, unsigned client, const struct id *case_id, struct case_view *view);

const struct model_case *model_case(const struct model *model, const struct id *case_id); // NULL: there is none

// A message of the hub's own that nobody was delivered before; NULL if it is none.
struct entry *model_note_of_hub(struct model *model, const struct deliver *deliver);

void client_act(struct client *client);
void client_frame(struct client *client, const struct frame *frame);
bool client_done(const struct client *client);

// All invariants, once it is calm.
void model_judge(struct model *model);

#endif
