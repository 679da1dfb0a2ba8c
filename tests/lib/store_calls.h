// SPDX-License-Identifier: Apache-2.0
//
// The operations of a store as blocking calls with copied answers, and changes to commit.
#ifndef PASSERELLE_TESTS_STORE_CALLS_H
#define PASSERELLE_TESTS_STORE_CALLS_H

#include "lib/store_contract.h"

enum { LETTER_SIZE = 2048, MAX_LETTERS = 256 };

// A batch with its own memory.
struct letters {
	struct store_batch batch;
	struct store_change change[MAX_LETTERS];
	struct hash leaf[MAX_LETTERS];
	uint8_t envelope[MAX_LETTERS][LETTER_SIZE];
	uint8_t signature[64];
	struct object_ref object[MAX_LETTERS];
	struct party party[MAX_LETTERS];
	member_no party_no[MAX_LETTERS];
	struct receipt_item receipt[MAX_LETTERS];
};

struct letters *letters_new(const struct contract *contract);

// Adds a change without a case; a message id of now.
struct store_change *letters_add(struct letters *letters, member_no from, member_no to);

// Makes the last one a message of this case: the next after `before`, or the first one.
void letters_case(struct letters *letters, struct case_record *record);

struct case_record new_case(const struct contract *contract, member_no requesting, member_no responding);

// What a commit answered, copied; originals with their leaves.
struct outcome {
	enum fail_code code;
	size_t count;
	struct store_result result[MAX_LETTERS];
	struct hash leaf[MAX_TREE_LEAVES];   // of the last duplicate
	uint8_t signature[256];
	size_t signature_length;
	char hub[IDENTITY_URI_SIZE];
};

struct outcome *commit(const struct contract *contract, struct letters *letters); // caller frees
enum fail_code lookup(const struct contract *contract, const struct id *message, member_no sender,
                      const struct id *case_id, struct store_found *found);
enum fail_code open_cursor(const struct contract *contract, member_no member, const char *consumer, bool resume,
                           uint64_t epoch, uint64_t cursor, struct store_cursor *answer);
// Until then the store takes the session for one that is handed what comes.
enum fail_code open_reading(const struct contract *contract, member_no member, const char *consumer, uint64_t now,
                            uint64_t until, struct store_cursor *answer);
enum fail_code close_reading(const struct contract *contract, member_no member, const char *consumer, uint64_t epoch,
                             uint64_t handed);
enum fail_code move_cursor(const struct contract *contract, member_no member, const char *consumer, uint64_t epoch,
                           uint64_t acked);

struct page {
	enum fail_code code;
	size_t count;
	struct store_entry entry[MAX_MAILBOX_PAGE]; // without the envelope's bytes: .length alone
	uint8_t first[MAX_MAILBOX_PAGE];            // and its first byte
};
void read_page(const struct contract *contract, member_no member, uint64_t after, size_t max_count, size_t max_bytes,
               struct page *page);
uint64_t mailbox_high(const struct contract *contract, member_no member);

enum fail_code object_open(const struct contract *contract, member_no owner, const struct id *id, uint64_t length,
                           const struct hash *tree, struct store_object *answer);
enum fail_code object_write(const struct contract *contract, member_no owner, const struct id *id, uint64_t offset,
                            struct view data, struct store_object *answer);
enum fail_code object_read(const struct contract *contract, member_no member, const struct id *id, uint64_t offset,
                           uint8_t *data, size_t *length, bool *last);

enum fail_code ask_status(const struct contract *contract, member_no asker, const struct id *case_id,
                          const char *reference, struct status_reply *reply);

// Copies what is due, the oldest first; how many of at most `room`.
size_t ask_due(const struct contract *contract, uint64_t now, struct case_record *record, size_t room);

struct unsettled_copy {
	uint64_t version;
	size_t count;
	struct case_record record[MAX_DUE];
};
void ask_unsettled(const struct contract *contract, size_t max_count, struct unsettled_copy *copy);

struct flow_copy { struct flow_row row[512]; size_t count; };
enum fail_code ask_figures(const struct contract *contract, enum flow_table table, uint64_t from, uint64_t now,
                            struct flow_copy *copy);
enum fail_code ask_flow(const struct contract *contract, struct flow_copy *copy);

struct directory_copy {
	size_t members, signers;
	uint64_t version;
	bool has_ch, has_agency, agency_is_agency;
	struct store_member ch;
};
enum fail_code ask_directory(const struct contract *contract, struct directory_copy *copy);

#endif
