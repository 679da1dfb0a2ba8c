// SPDX-License-Identifier: Apache-2.0
#include "lib/store_calls.h"

#include "case/reference.h"
#include "seal/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *need(size_t size)
{
	void *memory = calloc(1, size);
	must(memory != NULL);
	return memory;
}

struct letters *letters_new(const struct contract *contract)
{
	struct letters *letters = need(sizeof *letters);
	random_fill(&letters->batch.id, sizeof letters->batch.id);
	random_fill(letters->signature, sizeof letters->signature);
	letters->batch.accepted_at = contract->now;
	letters->batch.commit = COMMIT_LOCAL;
	letters->batch.hub = "urn:iss:hub:test:receipt:1";
	letters->batch.change = letters->change;
	letters->batch.leaf = letters->leaf;
	letters->batch.signature = view_of(letters->signature, sizeof letters->signature);
	return letters;
}

struct store_change *letters_add(struct letters *letters, member_no from, member_no to)
{
	size_t at = letters->batch.count++;
	must(at < MAX_LETTERS);
	struct store_change *change = &letters->change[at];
	uint8_t random[10];
	random_fill(random, sizeof random);
	random_fill(&letters->leaf[at], sizeof letters->leaf[at]);
	random_fill(letters->envelope[at], LETTER_SIZE);
	change->message = id_v7(letters->batch.accepted_at, random);
	change->sender = from;
	change->kind = KIND_STATUS_NOTE;
	random_fill(&change->header_hash, sizeof change->header_hash);
	change->envelope = view_of(letters->envelope[at], LETTER_SIZE);
	change->envelope_hash = sha256(change->envelope);
	change->expires_at = letters->batch.accepted_at + 1000;
	change->recipient[0] = to;
	change->recipient_count = 1;
	return change;
}

void letters_case(struct letters *letters, struct case_record *record)
{
	struct store_change *change = &letters->change[letters->batch.count - 1];
	change->has_case = true;
	change->expected_seq = record->seq;
	record->seq++;
	change->next = *record;
}

struct case_record new_case(const struct contract *contract, member_no requesting, member_no responding)
{
	struct case_record record = {.requesting = requesting,
	                             .responding = responding,
	                             .opened_at = contract->now,
	                             .since = contract->now,
	                             .last_move_seq = 1};
	random_fill(&record.id, sizeof record.id);
	random_fill(&record.last_move, sizeof record.last_move);
	record.view.state = CASE_SENT;
	snprintf(record.service, sizeof record.service, "FAMILY_TRACING");
	snprintf(record.urgency, sizeof record.urgency, "NORMAL");
	reference_make(record.reference, "CH", "SN", &record.id);
	return record;
}

struct waiting {
	bool done;
	enum fail_code code;
	void *to;
};

static enum fail_code wait_for(const struct contract *contract, struct waiting *waiting)
{
	must(!waiting->done); // never before the call has returned
	contract->wait(contract->context, &waiting->done);
	return waiting->code;
}

static void on_commit(void *context, enum fail_code code, const struct store_result *result, size_t count)
{
	struct waiting *waiting = context;
	struct outcome *outcome = waiting->to;
	outcome->code = code;
	outcome->count = count;
	for (size_t i = 0; i < count; i++) {
		outcome->result[i] = result[i];
		const struct store_original *original = &result[i].original;
		if (result[i].outcome != STORE_DUPLICATE)
			continue;
		memcpy(outcome->leaf, original->leaf, original->leaf_count * sizeof *original->leaf);
		memcpy(outcome->signature, original->signature.data, original->signature.length);
		outcome->signature_length = original->signature.length;
		snprintf(outcome->hub, sizeof outcome->hub, "%s", original->hub);
	}
	waiting->code = code;
	waiting->done = true;
}

struct outcome *commit(const struct contract *contract, struct letters *letters)
{
	struct outcome *outcome = need(sizeof *outcome);
	struct waiting waiting = {.to = outcome};
	contract->store->ops->commit(contract->store, &letters->batch, on_commit, &waiting);
	wait_for(contract, &waiting);
	return outcome;
}

static void on_lookup(void *context, enum fail_code code, const struct store_found *found, size_t count)
{
	struct waiting *waiting = context;
	if (code == FAIL_NONE) {
		must(count == 1);
		*(struct store_found *)waiting->to = *found;
	}
	waiting->code = code;
	waiting->done = true;
}

enum fail_code lookup(const struct contract *contract, const struct id *message, member_no sender,
                      const struct id *case_id, struct store_found *found)
{
	struct store_lookup wanted = {.message = *message, .sender = sender, .case_id = *case_id};
	struct waiting waiting = {.to = found};
	contract->store->ops->lookup(contract->store, &wanted, 1, on_lookup, &waiting);
	return wait_for(contract, &waiting);
}

static void on_cursor(void *context, enum fail_code code, const struct store_cursor *cursor)
{
	struct waiting *waiting = context;
	if (cursor != NULL)
		*(struct store_cursor *)waiting->to = *cursor;
	waiting->code = code;
	waiting->done = true;
}

enum fail_code open_cursor(const struct contract *contract, member_no member, const char *consumer, bool resume,
                           uint64_t epoch, uint64_t cursor, struct store_cursor *answer)
{
	struct store_open_cursor request = {.member = member,
	                                    .consumer = consumer,
	                                    .resume = resume,
	                                    .mailbox_epoch = epoch,
	                                    .cursor = cursor};
	struct waiting waiting = {.to = answer};
	contract->store->ops->open_cursor(contract->store, &request, on_cursor, &waiting);
	return wait_for(contract, &waiting);
}

enum fail_code open_reading(const struct contract *contract, member_no member, const char *consumer, uint64_t now,
                            uint64_t until, struct store_cursor *answer)
{
	struct store_open_cursor request = {.member = member, .consumer = consumer, .now = now, .until = until};
	struct waiting waiting = {.to = answer};
	contract->store->ops->open_cursor(contract->store, &request, on_cursor, &waiting);
	return wait_for(contract, &waiting);
}

static void on_done(void *context, enum fail_code code)
{
	struct waiting *waiting = context;
	waiting->code = code;
	waiting->done = true;
}

enum fail_code close_reading(const struct contract *contract, member_no member, const char *consumer, uint64_t epoch,
                             uint64_t handed)
{
	struct waiting waiting = {0};
	contract->store->ops->close_cursor(contract->store, member, consumer, epoch, handed, on_done, &waiting);
	return wait_for(contract, &waiting);
}

enum fail_code move_cursor(const struct contract *contract, member_no member, const char *consumer, uint64_t epoch,
                           uint64_t acked)
{
	struct waiting waiting = {0};
	contract->store->ops->move_cursor(contract->store, member, consumer, epoch, acked, on_done, &waiting);
	return wait_for(contract, &waiting);
}

static void on_page(void *context, enum fail_code code, const struct store_entry *entry, size_t count)
{
	struct waiting *waiting = context;
	struct page *page = waiting->to;
	page->code = code;
	page->count = count;
	for (size_t i = 0; i < count; i++) {
		page->entry[i] = entry[i];
		page->first[i] = entry[i].envelope.data[0];
		page->entry[i].envelope.data = NULL;
	}
	waiting->code = code;
	waiting->done = true;
}

void read_page(const struct contract *contract, member_no member, uint64_t after, size_t max_count, size_t max_bytes,
               struct page *page)
{
	struct waiting waiting = {.to = page};
	memset(page, 0, sizeof *page);
	contract->store->ops->page(contract->store, member, after, max_count, max_bytes, on_page, &waiting);
	wait_for(contract, &waiting);
}

static void on_newest(void *context, enum fail_code code, const uint64_t *seq, size_t count)
{
	struct waiting *waiting = context;
	must(code == FAIL_NONE && count == 2 && seq[0] == seq[1]);
	*(uint64_t *)waiting->to = seq[1];
	waiting->code = code;
	waiting->done = true;
}

// Asked in both ways, which must agree.
uint64_t mailbox_high(const struct contract *contract, member_no member)
{
	struct store_cursor cursor = {0};
	uint64_t newest = 0;
	member_no twice[] = {member, member};
	enum fail_code code = open_cursor(contract, member, "high", false, 0, 0, &cursor);
	must(code == FAIL_NONE);
	struct waiting waiting = {.to = &newest};
	contract->store->ops->newest(contract->store, twice, 2, on_newest, &waiting);
	wait_for(contract, &waiting);
	must(newest == cursor.high);
	return newest;
}

static void on_object(void *context, enum fail_code code, const struct store_object *object)
{
	struct waiting *waiting = context;
	if (object != NULL)
		*(struct store_object *)waiting->to = *object;
	waiting->code = code;
	waiting->done = true;
}

enum fail_code object_open(const struct contract *contract, member_no owner, const struct id *id, uint64_t length,
                           const struct hash *tree, struct store_object *answer)
{
	struct upload_open open = {.object = *id, .length = length, .tree_hash = *tree};
	struct waiting waiting = {.to = answer};
	contract->store->ops->object_open(contract->store, owner, &open, on_object, &waiting);
	return wait_for(contract, &waiting);
}

enum fail_code object_write(const struct contract *contract, member_no owner, const struct id *id, uint64_t offset,
                            struct view data, struct store_object *answer)
{
	struct view chunk[8];
	size_t count = 0;
	for (size_t at = 0; at < data.length; at += CHUNK_SIZE) {
		must(count < sizeof chunk / sizeof *chunk);
		chunk[count++] = view_of(data.data + at, data.length - at < CHUNK_SIZE ? data.length - at : CHUNK_SIZE);
	}
	struct waiting waiting = {.to = answer};
	contract->store->ops->object_write(contract->store, owner, id, offset, chunk, count, on_object, &waiting);
	return wait_for(contract, &waiting);
}

struct piece {
	uint8_t *data;
	size_t *length;
	bool *last;
};

static void on_piece(void *context, enum fail_code code, struct view data, bool last)
{
	struct waiting *waiting = context;
	struct piece *piece = waiting->to;
	if (code == FAIL_NONE) {
		memcpy(piece->data, data.data, data.length);
		*piece->length = data.length;
		*piece->last = last;
	}
	waiting->code = code;
	waiting->done = true;
}

enum fail_code object_read(const struct contract *contract, member_no member, const struct id *id, uint64_t offset,
                           uint8_t *data, size_t *length, bool *last)
{
	struct piece piece = {.data = data, .length = length, .last = last};
	struct waiting waiting = {.to = &piece};
	contract->store->ops->object_read(contract->store, member, id, offset, on_piece, &waiting);
	return wait_for(contract, &waiting);
}

static void on_status(void *context, enum fail_code code, const struct answer *answer)
{
	struct waiting *waiting = context;
	if (code == FAIL_NONE)
		*(struct status_reply *)waiting->to = answer->status;
	waiting->code = code;
	waiting->done = true;
}

enum fail_code ask_status(const struct contract *contract, member_no asker, const struct id *case_id,
                          const char *reference, struct status_reply *reply)
{
	struct query query = {.kind = QUESTION_STATUS, .has_case_id = case_id != NULL, .reference = reference};
	struct waiting waiting = {.to = reply};
	if (case_id != NULL)
		query.case_id = *case_id;
	memset(reply, 0, sizeof *reply);
	contract->store->ops->status(contract->store, asker, &query, contract->now, on_status, &waiting);
	return wait_for(contract, &waiting);
}

static void on_flow(void *context, enum fail_code code, const struct answer *answer)
{
	struct waiting *waiting = context;
	struct flow_copy *copy = waiting->to;
	if (code == FAIL_NONE) {
		copy->count = answer->flow_count;
		must(copy->count <= sizeof copy->row / sizeof *copy->row);
		if (copy->count > 0)
			memcpy(copy->row, answer->flow, copy->count * sizeof *copy->row);
	}
	waiting->code = code;
	waiting->done = true;
}

enum fail_code ask_flow(const struct contract *contract, struct flow_copy *copy)
{
	struct query query = {.kind = QUESTION_FLOW};
	struct waiting waiting = {.to = copy};
	memset(copy, 0, sizeof *copy);
	contract->store->ops->flow(contract->store, &query, contract->now, on_flow, &waiting);
	return wait_for(contract, &waiting);
}

enum fail_code ask_figures(const struct contract *contract, enum flow_table table, uint64_t from, uint64_t now,
                            struct flow_copy *copy)
{
	struct query query = {.kind = QUESTION_FLOW, .from = from, .figures = true, .table = table};
	struct waiting waiting = {.to = copy};
	memset(copy, 0, sizeof *copy);
	contract->store->ops->flow(contract->store, &query, now, on_flow, &waiting);
	return wait_for(contract, &waiting);
}

static void on_directory(void *context, enum fail_code code, const struct store_directory *directory)
{
	struct waiting *waiting = context;
	struct directory_copy *copy = waiting->to;
	for (size_t i = 0; code == FAIL_NONE && i < directory->member_count; i++) {
		const struct store_member *member = &directory->member[i];
		copy->has_ch |= strcmp(member->code, "CH") == 0 && !member->agency && member->active;
		if (strcmp(member->code, "CH") == 0)
			copy->ch = *member;
		if (strcmp(member->code, "UNICEF-SN") == 0) {
			copy->has_agency = true;
			copy->agency_is_agency = member->agency;
		}
	}
	if (code == FAIL_NONE) {
		copy->members = directory->answer->entry_count;
		copy->signers = directory->signer_count;
		copy->version = directory->version;
	}
	waiting->code = code;
	waiting->done = true;
}

enum fail_code ask_directory(const struct contract *contract, struct directory_copy *copy)
{
	struct waiting waiting = {.to = copy};
	memset(copy, 0, sizeof *copy);
	contract->store->ops->directory(contract->store, on_directory, &waiting);
	return wait_for(contract, &waiting);
}

struct due_copy {
	struct case_record *record;
	size_t count, room;
};

static void on_due(void *context, enum fail_code code, const struct case_record *record, size_t count)
{
	struct waiting *waiting = context;
	struct due_copy *copy = waiting->to;
	must(code == FAIL_NONE && count <= copy->room);
	memcpy(copy->record, record, count * sizeof *record);
	copy->count = count;
	waiting->done = true;
}

size_t ask_due(const struct contract *contract, uint64_t now, struct case_record *record, size_t room)
{
	struct due_copy copy = {.record = record, .room = room};
	struct waiting waiting = {.to = &copy};
	contract->store->ops->due(contract->store, now, room, on_due, &waiting);
	must(wait_for(contract, &waiting) == FAIL_NONE);
	return copy.count;
}

static void on_unsettled(void *context, enum fail_code code, uint64_t version, const struct case_record *record,
                         size_t count)
{
	struct waiting *waiting = context;
	struct unsettled_copy *copy = waiting->to;
	must(code == FAIL_NONE && count <= MAX_DUE);
	copy->version = version;
	copy->count = count;
	if (count > 0)
		memcpy(copy->record, record, count * sizeof *record);
	waiting->done = true;
}

void ask_unsettled(const struct contract *contract, size_t max_count, struct unsettled_copy *copy)
{
	struct waiting waiting = {.to = copy};
	contract->store->ops->unsettled(contract->store, max_count, on_unsettled, &waiting);
	must(wait_for(contract, &waiting) == FAIL_NONE);
}
