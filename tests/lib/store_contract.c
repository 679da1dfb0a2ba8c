// SPDX-License-Identifier: Apache-2.0
#include "lib/store_contract.h"

#include "lib/store_calls.h"
#include "lib/store_contract_parts.h"
#include "seal/tree.h"
#include "unit/test.h"

#include <stdio.h>

static void drop(struct letters *letters, struct outcome *outcome)
{
	free(letters);
	free(outcome);
}

// Commits one letter of a new case from ch to sn, which must be stored.
static struct case_record open_case(struct contract *contract, enum case_state state)
{
	struct letters *letters = letters_new(contract);
	struct case_record record = new_case(contract, contract->ch, contract->sn);
	record.view.state = state;
	letters_add(letters, contract->ch, contract->sn);
	letters_case(letters, &record);
	struct outcome *outcome = commit(contract, letters);
	assert_int_equal(outcome->code, FAIL_NONE);
	assert_int_equal(outcome->result[0].outcome, STORE_STORED);
	drop(letters, outcome);
	return record;
}

static void test_numbers_are_dense(struct contract *contract)
{
	uint64_t sn = mailbox_high(contract, contract->sn), nz = mailbox_high(contract, contract->nz);
	struct letters *letters = letters_new(contract);
	for (size_t i = 0; i < 7; i++)
		letters_add(letters, contract->ch, i % 2 == 0 ? contract->sn : contract->nz);
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->count, 7);
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(outcome->result[i].outcome, STORE_STORED);
		assert_int_equal(outcome->result[i].mailbox_seq[0], (i % 2 == 0 ? sn : nz) + i / 2 + 1);
	}
	assert_int_equal(mailbox_high(contract, contract->sn), sn + 4);
	assert_int_equal(mailbox_high(contract, contract->nz), nz + 3);
	drop(letters, outcome);
}

static void test_several_recipients_get_a_number_each(struct contract *contract)
{
	uint64_t ch = mailbox_high(contract, contract->ch), nz = mailbox_high(contract, contract->nz);
	struct letters *letters = letters_new(contract);
	letters_add(letters, contract->sn, contract->nz);
	struct store_change *change = letters_add(letters, contract->sn, contract->nz);
	change->recipient[1] = contract->ch;
	change->recipient_count = 2;
	letters_add(letters, contract->sn, contract->ch);
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->result[1].mailbox_seq[0], nz + 2);
	assert_int_equal(outcome->result[1].mailbox_seq[1], ch + 1);
	assert_int_equal(outcome->result[2].mailbox_seq[0], ch + 2);
	drop(letters, outcome);
}

static void test_duplicate_gets_the_original(struct contract *contract)
{
	struct letters *letters = letters_new(contract);
	struct case_record record = new_case(contract, contract->ch, contract->sn);
	for (size_t i = 0; i < 3; i++)
		letters_add(letters, contract->nz, contract->sn);
	letters_add(letters, contract->ch, contract->sn);
	letters_case(letters, &record);
	struct outcome *first = commit(contract, letters);
	assert_ok(first->code);
	uint64_t high = mailbox_high(contract, contract->sn);
	// The same message in another batch, at another place, later.
	struct letters *again = letters_new(contract);
	again->batch.accepted_at += 5;
	again->change[0] = letters->change[3];
	again->batch.count = 1;
	struct outcome *second = commit(contract, again);
	assert_ok(second->code);
	assert_int_equal(second->result[0].outcome, STORE_DUPLICATE);
	const struct store_original *original = &second->result[0].original;
	assert_int_equal(original->accepted_at, contract->now);
	assert_int_equal(original->case_seq, 1);
	assert_int_equal(original->case_state, CASE_SENT);
	assert_true(id_equal(&original->case_id, &record.id));
	assert_int_equal(original->commit, COMMIT_LOCAL);
	assert_true(hash_equal(&original->header_hash, &letters->change[3].header_hash));
	assert_true(hash_equal(&original->envelope_hash, &letters->change[3].envelope_hash));
	assert_int_equal(original->leaf_index, 3);
	assert_int_equal(original->leaf_count, 4);
	assert_memory_equal(second->leaf, letters->leaf, 4 * sizeof *letters->leaf);
	assert_int_equal(second->signature_length, sizeof letters->signature);
	assert_memory_equal(second->signature, letters->signature, sizeof letters->signature);
	assert_string_equal(second->hub, letters->batch.hub);
	assert_int_equal(original->mailbox_seq_count, 1);
	assert_int_equal(original->mailbox_seq[0], first->result[3].mailbox_seq[0]);
	assert_int_equal(mailbox_high(contract, contract->sn), high);
	drop(letters, first);
	drop(again, second);
}

static void test_same_id_other_bytes_is_refused_alone(struct contract *contract)
{
	struct letters *letters = letters_new(contract);
	letters_add(letters, contract->ch, contract->sn);
	struct outcome *first = commit(contract, letters);
	assert_ok(first->code);
	struct letters *again = letters_new(contract);
	letters_add(again, contract->nz, contract->sn);
	struct store_change *reused = letters_add(again, contract->ch, contract->sn);
	reused->message = letters->change[0].message;
	letters_add(again, contract->nz, contract->sn);
	// Another sender may use the same id: the name is both.
	letters_add(again, contract->nz, contract->sn)->message = letters->change[0].message;
	struct outcome *second = commit(contract, again);
	assert_ok(second->code);
	assert_int_equal(second->result[0].outcome, STORE_STORED);
	assert_int_equal(second->result[1].outcome, STORE_KEY_REUSED);
	assert_int_equal(second->result[2].outcome, STORE_STORED);
	assert_int_equal(second->result[3].outcome, STORE_STORED);
	assert_int_equal(second->result[2].mailbox_seq[0], second->result[0].mailbox_seq[0] + 1);
	assert_int_equal(second->result[3].mailbox_seq[0], second->result[0].mailbox_seq[0] + 2);
	drop(letters, first);
	drop(again, second);
}

static void test_chain_of_one_case_goes_through_in_one_batch(struct contract *contract)
{
	struct letters *letters = letters_new(contract);
	struct case_record a = new_case(contract, contract->ch, contract->sn),
					   b = new_case(contract, contract->ch, contract->nz);
	for (size_t i = 0; i < 6; i++) {
		letters_add(letters, contract->ch, i % 2 == 0 ? contract->sn : contract->nz);
		letters_case(letters, i % 2 == 0 ? &a : &b);
	}
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(outcome->result[i].outcome, STORE_STORED);
	struct store_found found;
	assert_ok(lookup(contract, &letters->change[4].message, contract->ch, &a.id, &found));
	assert_true(found.has_message);
	assert_int_equal(found.original.case_seq, 3);
	assert_true(found.has_case);
	assert_int_equal(found.record.seq, 3);
	assert_string_equal(found.record.reference, a.reference);
	assert_true(id_equal(&found.record.last_move, &a.last_move));
	drop(letters, outcome);
}

static void test_moved_case_refuses_the_tail_and_tells_where_it_is(struct contract *contract)
{
	struct case_record record = open_case(contract, CASE_SENT);
	struct case_record stale = record;
	struct letters *letters = letters_new(contract);
	letters_add(letters, contract->sn, contract->ch);
	record.view.state = CASE_ACKNOWLEDGED;
	record.view.date_open = 20866;
	letters_case(letters, &record);           // fits
	letters_add(letters, contract->ch, contract->sn);
	letters_case(letters, &stale);            // decided on the state before
	letters_add(letters, contract->ch, contract->sn);
	letters_case(letters, &stale);            // and what follows from it
	letters_add(letters, contract->nz, contract->sn);
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->result[0].outcome, STORE_STORED);
	assert_int_equal(outcome->result[1].outcome, STORE_CASE_MOVED);
	assert_int_equal(outcome->result[2].outcome, STORE_CASE_MOVED);
	assert_int_equal(outcome->result[3].outcome, STORE_STORED);
	assert_int_equal(outcome->result[1].current.seq, 2);
	assert_int_equal(outcome->result[1].current.view.state, CASE_ACKNOWLEDGED);
	assert_int_equal(outcome->result[1].current.view.date_open, 20866);
	assert_true(id_equal(&outcome->result[2].current.id, &record.id));
	drop(letters, outcome);
}

static void test_unknown_case_is_told_with_a_zero_id(struct contract *contract)
{
	struct letters *letters = letters_new(contract);
	struct case_record record = new_case(contract, contract->ch, contract->sn);
	record.seq = 4;
	letters_add(letters, contract->ch, contract->sn);
	letters_case(letters, &record);
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->result[0].outcome, STORE_CASE_MOVED);
	assert_true(id_is_zero(&outcome->result[0].current.id));
	drop(letters, outcome);
}

static void test_case_that_exists_is_not_made_again(struct contract *contract)
{
	struct case_record record = open_case(contract, CASE_SENT);
	struct letters *letters = letters_new(contract);
	struct case_record again = record;
	again.seq = 0;
	letters_add(letters, contract->nz, contract->sn);
	letters_case(letters, &again);
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->result[0].outcome, STORE_CASE_MOVED);
	assert_int_equal(outcome->result[0].current.seq, 1);
	drop(letters, outcome);
}

static void test_duplicate_in_a_chain_refuses_what_follows(struct contract *contract)
{
	struct letters *letters = letters_new(contract);
	struct case_record record = new_case(contract, contract->ch, contract->sn);
	letters_add(letters, contract->ch, contract->sn);
	letters_case(letters, &record);
	struct outcome *first = commit(contract, letters);
	assert_ok(first->code);
	struct letters *again = letters_new(contract);
	again->change[0] = letters->change[0];
	again->change[0].expected_seq = 1;
	again->change[0].next.seq = 2;
	again->batch.count = 1;
	struct case_record ahead = again->change[0].next;
	letters_add(again, contract->ch, contract->sn);
	letters_case(again, &ahead);
	struct outcome *second = commit(contract, again);
	assert_ok(second->code);
	assert_int_equal(second->result[0].outcome, STORE_DUPLICATE);
	assert_int_equal(second->result[1].outcome, STORE_CASE_MOVED);
	assert_int_equal(second->result[1].current.seq, 1);
	drop(letters, first);
	drop(again, second);
}

static void test_id_out_of_the_window_is_too_old(struct contract *contract)
{
	static const uint8_t random[10] = {1};
	if (!contract->keeps_months)
		return;
	struct letters *letters = letters_new(contract);
	letters_add(letters, contract->ch, contract->sn)->message = id_v7(UINT64_C(1000000000000), random);
	letters_add(letters, contract->ch, contract->sn);
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->result[0].outcome, STORE_TOO_OLD);
	assert_int_equal(outcome->result[1].outcome, STORE_STORED);
	drop(letters, outcome);
}

static void test_lookup_of_nothing_finds_nothing(struct contract *contract)
{
	struct id id = {{1}};
	struct store_found found;
	random_fill(&id, sizeof id);
	assert_ok(lookup(contract, &id, contract->ch, &id, &found));
	assert_false(found.has_message);
	assert_false(found.has_case);
}

static void test_pages_come_in_order_and_within_their_bounds(struct contract *contract)
{
	uint64_t high = mailbox_high(contract, contract->sn);
	struct letters *letters = letters_new(contract);
	struct case_record record = new_case(contract, contract->ch, contract->sn);
	for (size_t i = 0; i < 20; i++) {
		letters_add(letters, contract->ch, contract->sn);
		if (i == 5)
			letters_case(letters, &record);
	}
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	struct page *page = calloc(1, sizeof *page);
	read_page(contract, contract->sn, high, 256, SIZE_MAX, page);
	assert_ok(page->code);
	assert_int_equal(page->count, 20);
	for (size_t i = 0; i < 20; i++) {
		assert_int_equal(page->entry[i].mailbox_seq, high + i + 1);
		assert_int_equal(page->entry[i].accepted_at, contract->now);
		assert_int_equal(page->entry[i].envelope.length, LETTER_SIZE);
		assert_int_equal(page->first[i], letters->envelope[i][0]);
		assert_true(hash_equal(&page->entry[i].envelope_hash, &letters->change[i].envelope_hash));
		assert_int_equal(page->entry[i].case_seq, i == 5 ? 1 : 0);
		assert_int_equal(page->entry[i].case_state, i == 5 ? CASE_SENT : CASE_NONE);
	}
	read_page(contract, contract->sn, high + 3, 4, SIZE_MAX, page);
	assert_int_equal(page->count, 4);
	assert_int_equal(page->entry[0].mailbox_seq, high + 4);
	read_page(contract, contract->sn, high, 256, 3 * LETTER_SIZE, page);
	assert_int_equal(page->count, 3);
	read_page(contract, contract->sn, high, 256, 1, page);
	assert_int_equal(page->count, 1);
	read_page(contract, contract->sn, high + 20, 256, SIZE_MAX, page);
	assert_int_equal(page->count, 0);
	free(page);
	drop(letters, outcome);
}

static void test_cursor_resumes_and_fences(struct contract *contract)
{
	struct letters *letters = letters_new(contract);
	letters_add(letters, contract->ch, contract->nz);
	letters_add(letters, contract->ch, contract->nz);
	drop(letters, commit(contract, letters));
	struct store_cursor first, second;
	assert_ok(open_cursor(contract, contract->nz, "anna", false, 0, 0, &first));
	assert_int_equal(first.low, 1);
	assert_int_equal(first.acked, 0);
	assert_true(first.high >= 2);
	assert_ok(move_cursor(contract, contract->nz, "anna", first.consumer_epoch, 2));
	assert_int_equal(move_cursor(contract, contract->nz, "anna", first.consumer_epoch, first.high + 1),
	                 FAIL_CURSOR_AHEAD);
	assert_int_equal(move_cursor(contract, contract->nz, "anna", first.consumer_epoch, UINT64_MAX), FAIL_CURSOR_AHEAD);
	assert_ok(open_cursor(contract, contract->nz, "anna", true, first.mailbox_epoch, 2, &second));
	assert_int_equal(second.acked, 2);
	assert_true(second.consumer_epoch > first.consumer_epoch);
	assert_int_equal(move_cursor(contract, contract->nz, "anna", first.consumer_epoch, 2), FAIL_REPLACED);
	assert_ok(move_cursor(contract, contract->nz, "anna", second.consumer_epoch, 1)); // behind: stays
	// Another consumer of the same member is another cursor.
	assert_ok(open_cursor(contract, contract->nz, "bela", false, 0, 0, &first));
	assert_ok(move_cursor(contract, contract->nz, "anna", second.consumer_epoch, 2));
}

static void test_wrong_cursors_are_named(struct contract *contract)
{
	struct store_cursor cursor = {0}, answer = {0};
	assert_ok(open_cursor(contract, contract->sn, "carl", false, 0, 0, &cursor));
	assert_int_equal(open_cursor(contract, contract->sn, "carl", true, cursor.mailbox_epoch, cursor.high + 1, &answer),
	                 FAIL_CURSOR_AHEAD);
	assert_int_equal(open_cursor(contract, contract->sn, "carl", true, cursor.mailbox_epoch, UINT64_MAX, &answer),
	                 FAIL_CURSOR_AHEAD);
	assert_int_equal(open_cursor(contract, contract->sn, "carl", true, cursor.mailbox_epoch + 1, 0, &answer),
	                 FAIL_CURSOR_STALE);
	assert_int_equal(answer.mailbox_epoch, cursor.mailbox_epoch);
	assert_int_equal(answer.low, 1);
	// A refused session has fenced nobody.
	assert_ok(move_cursor(contract, contract->sn, "carl", cursor.consumer_epoch, 0));
}

static void test_receipt_needs_a_message_that_was_sent_to_its_author(struct contract *contract)
{
	struct letters *letters = letters_new(contract);
	letters_add(letters, contract->ch, contract->sn);
	struct outcome *first = commit(contract, letters);
	assert_ok(first->code);
	struct letters *answer = letters_new(contract);
	for (size_t i = 0; i < 4; i++) {
		struct store_change *change = letters_add(answer, i == 1 ? contract->nz : contract->sn, contract->ch);
		change->kind = KIND_RECEIPT;
		answer->receipt[i] = (struct receipt_item){.message = letters->change[0].message,
		                                           .header_hash = letters->change[0].header_hash,
		                                           .level = LEVEL_DELIVERED,
		                                           .at = 7};
		change->receipt = &answer->receipt[i];
		change->receipt_count = 1;
	}
	answer->receipt[2].header_hash.byte[0] ^= 1;
	answer->receipt[3].level = LEVEL_OPENED;
	struct outcome *second = commit(contract, answer);
	assert_ok(second->code);
	assert_int_equal(second->result[0].outcome, STORE_STORED);
	assert_int_equal(second->result[1].outcome, STORE_NOT_RECEIVED);
	assert_int_equal(second->result[2].outcome, STORE_NOT_RECEIVED);
	assert_int_equal(second->result[3].outcome, STORE_STORED);
	drop(letters, first);
	drop(answer, second);
}

struct blob {
	struct id id;
	uint8_t *data;
	size_t length;
	struct hash tree;
};

static struct blob blob_new(size_t length)
{
	struct blob blob = {.data = malloc(length), .length = length};
	random_fill(&blob.id, sizeof blob.id);
	random_fill(blob.data, length);
	blob.tree = tree_hash(view_of(blob.data, length));
	return blob;
}

static void test_object_is_uploaded_in_pieces_and_read_by_whom_it_is_for(struct contract *contract)
{
	struct blob blob = blob_new(2 * CHUNK_SIZE + 1000);
	struct store_object object = {0};
	uint8_t *data = malloc(CHUNK_SIZE);
	size_t length = 0;
	bool last = false;
	assert_ok(object_open(contract, contract->ch, &blob.id, blob.length, &blob.tree, &object));
	assert_int_equal(object.durable, 0);
	assert_int_equal(object_write(contract, contract->sn, &blob.id, 0, view_of(blob.data, CHUNK_SIZE), &object),
	                 FAIL_UNKNOWN_OBJECT);
	assert_ok(object_write(contract, contract->ch, &blob.id, 0, view_of(blob.data, CHUNK_SIZE), &object));
	assert_int_equal(object.durable, CHUNK_SIZE);
	assert_false(object.complete);
	// The offset that is durable is told, and nothing is written twice.
	assert_ok(object_write(contract, contract->ch, &blob.id, 0, view_of(blob.data, CHUNK_SIZE), &object));
	assert_int_equal(object.durable, CHUNK_SIZE);
	assert_int_equal(object_write(contract, contract->ch, &blob.id, CHUNK_SIZE, view_of(blob.data, 5), &object),
	                 FAIL_MALFORMED);
	assert_int_equal(object_read(contract, contract->ch, &blob.id, 0, data, &length, &last), FAIL_UNKNOWN_OBJECT);
	assert_ok(object_write(contract, contract->ch, &blob.id, CHUNK_SIZE,
	                       view_of(blob.data + CHUNK_SIZE, CHUNK_SIZE + 1000), &object));
	assert_int_equal(object.durable, blob.length);
	assert_true(object.complete);
	assert_ok(object_open(contract, contract->ch, &blob.id, blob.length, &blob.tree, &object));
	assert_true(object.complete);
	assert_ok(object_read(contract, contract->ch, &blob.id, 2 * CHUNK_SIZE, data, &length, &last));
	assert_int_equal(length, 1000);
	assert_true(last);
	assert_memory_equal(data, blob.data + 2 * CHUNK_SIZE, 1000);
	assert_int_equal(object_read(contract, contract->sn, &blob.id, 0, data, &length, &last), FAIL_UNKNOWN_OBJECT);
	struct letters *letters = letters_new(contract);
	struct store_change *change = letters_add(letters, contract->ch, contract->sn);
	letters->object[0] = (struct object_ref){.id = blob.id, .length = blob.length, .tree_hash = blob.tree};
	change->object = letters->object;
	change->object_count = 1;
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->result[0].outcome, STORE_STORED);
	assert_ok(object_read(contract, contract->sn, &blob.id, 0, data, &length, &last));
	assert_int_equal(length, CHUNK_SIZE);
	assert_false(last);
	assert_memory_equal(data, blob.data, CHUNK_SIZE);
	assert_int_equal(object_read(contract, contract->sn, &blob.id, 3 * CHUNK_SIZE, data, &length, &last),
	                 FAIL_MALFORMED);
	assert_int_equal(object_read(contract, contract->nz, &blob.id, 0, data, &length, &last), FAIL_UNKNOWN_OBJECT);
	drop(letters, outcome);
	free(data);
	free(blob.data);
}

static void test_object_with_another_hash_or_owner_is_refused(struct contract *contract)
{
	struct blob blob = blob_new(3000);
	struct store_object object = {0};
	struct hash other = blob.tree;
	other.byte[31] ^= 1;
	assert_int_equal(object_open(contract, contract->ch, &blob.id, 0, &blob.tree, &object), FAIL_MALFORMED);
	assert_int_equal(object_open(contract, contract->ch, &blob.id, MAX_OBJECT_SIZE + 1, &blob.tree, &object),
	                 FAIL_TOO_LARGE);
	assert_ok(object_open(contract, contract->ch, &blob.id, blob.length, &other, &object));
	assert_int_equal(object_open(contract, contract->ch, &blob.id, blob.length, &blob.tree, &object),
	                 FAIL_OBJECT_MISMATCH);
	assert_int_equal(object_open(contract, contract->sn, &blob.id, blob.length, &other, &object), FAIL_NOT_ALLOWED);
	assert_int_equal(object_write(contract, contract->ch, &blob.id, 0, view_of(blob.data, blob.length), &object),
	                 FAIL_OBJECT_MISMATCH);
	// Forgotten: it may be opened anew, with the right hash.
	assert_ok(object_open(contract, contract->ch, &blob.id, blob.length, &blob.tree, &object));
	assert_int_equal(object.durable, 0);
	struct letters *letters = letters_new(contract);
	struct store_change *change = letters_add(letters, contract->ch, contract->sn);
	letters->object[0] = (struct object_ref){.id = blob.id, .length = blob.length, .tree_hash = blob.tree};
	change->object = letters->object;
	change->object_count = 1;
	letters_add(letters, contract->ch, contract->sn);
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->result[0].outcome, STORE_OBJECT_INCOMPLETE);
	assert_int_equal(outcome->result[1].outcome, STORE_STORED);
	drop(letters, outcome);
	free(blob.data);
}

static struct case_record case_with_party(struct contract *contract, enum case_state state, unsigned days_ago,
                                          const char *until)
{
	struct letters *letters = letters_new(contract);
	struct case_record record = new_case(contract, contract->ch, contract->sn);
	record.view.state = state;
	record.since -= days_ago * UINT64_C(24 * 60 * 60 * 1000);
	if (!case_state_ended(state)) // until 2001-02-03, told of long ago
		record.clock = (struct case_clock){CLOCK_ACK, 0, NOTICE_ESCALATED, 980640000000, 981244800000, 0, 0, 0, 0, 0};
	struct store_change *change = letters_add(letters, contract->ch, contract->sn);
	letters_case(letters, &record);
	snprintf(letters->party[0].purpose, sizeof letters->party[0].purpose, "PROTECTION");
	snprintf(letters->party[0].until, sizeof letters->party[0].until, "%s", until);
	memcpy(letters->party[0].reference, record.reference, sizeof record.reference);
	letters->party_no[0] = contract->agency;
	change->party = letters->party;
	change->party_no = letters->party_no;
	change->party_count = 1;
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->result[0].outcome, STORE_STORED);
	drop(letters, outcome);
	return record;
}

static void test_partner_learns_of_its_cases_until_90_days_after_their_end(struct contract *contract)
{
	struct status_reply reply, nothing, zero = {0};
	struct id unknown;
	struct case_record record = case_with_party(contract, CASE_SENT, 0, "");
	struct case_record lately = case_with_party(contract, CASE_CLOSED, 89, "");
	struct case_record ended = case_with_party(contract, CASE_CLOSED, 92, "");
	struct case_record over = case_with_party(contract, CASE_SENT, 0, "2001-01-01");
	random_fill(&unknown, sizeof unknown);
	assert_ok(ask_status(contract, contract->agency, NULL, record.reference, &reply));
	assert_true(reply.available);
	assert_int_equal(reply.state, CASE_SENT);
	assert_int_equal(reply.since % (24 * 60 * 60 * 1000), 0);
	assert_string_equal(reply.next_due, "2001-02-03");
	assert_string_equal(reply.turn, "SN");
	assert_true(reply.late);
	assert_ok(ask_status(contract, contract->other_agency, NULL, record.reference, &nothing));
	assert_memory_equal(&nothing, &zero, sizeof zero);
	assert_ok(ask_status(contract, contract->agency, NULL, lately.reference, &reply));
	assert_true(reply.available);
	assert_int_equal(reply.state, CASE_CLOSED);
	assert_string_equal(reply.next_due, "");
	assert_false(reply.late);
	assert_ok(ask_status(contract, contract->agency, NULL, ended.reference, &nothing));
	assert_memory_equal(&nothing, &zero, sizeof zero);
	assert_ok(ask_status(contract, contract->agency, NULL, over.reference, &nothing));
	assert_memory_equal(&nothing, &zero, sizeof zero);
	assert_ok(ask_status(contract, contract->agency, &unknown, NULL, &nothing));
	assert_memory_equal(&nothing, &zero, sizeof zero);
	assert_ok(ask_status(contract, contract->agency, NULL, "", &nothing));
	assert_memory_equal(&nothing, &zero, sizeof zero);
}

static void test_member_learns_of_its_own_cases(struct contract *contract)
{
	struct status_reply reply;
	struct case_record record = open_case(contract, CASE_CLOSED);
	assert_ok(ask_status(contract, contract->sn, &record.id, "", &reply));
	assert_true(reply.available);
	assert_int_equal(reply.state, CASE_CLOSED);
	assert_int_equal(reply.since, contract->now);
	assert_false(reply.late);
	assert_ok(ask_status(contract, contract->nz, &record.id, "", &reply));
	assert_false(reply.available);
}

static void test_general_secretariat_may_ask_for_any_case(struct contract *contract)
{
	struct status_reply reply;
	struct id unknown;
	struct case_record record = open_case(contract, CASE_ACCEPTED);
	random_fill(&unknown, sizeof unknown);
	assert_ok(ask_status(contract, contract->gs, NULL, record.reference, &reply));
	assert_true(reply.available);
	assert_int_equal(reply.state, CASE_ACCEPTED);
	assert_ok(ask_status(contract, contract->gs, &unknown, "", &reply));
	assert_false(reply.available);
}

static void test_directory_lists_members_and_agencies(struct contract *contract)
{
	struct directory_copy copy;
	assert_ok(ask_directory(contract, &copy));
	assert_true(copy.has_ch);
	assert_true(copy.has_agency && copy.agency_is_agency);
	assert_true(copy.members >= 5);
	assert_true(copy.signers >= 1);
	assert_true(copy.version > 0);
}

static void test_a_full_batch_is_stored_whole(struct contract *contract)
{
	uint64_t high = mailbox_high(contract, contract->sn);
	struct letters *letters = letters_new(contract);
	struct case_record record[4];
	for (size_t i = 0; i < 4; i++)
		record[i] = new_case(contract, contract->ch, contract->sn);
	for (size_t i = 0; i < MAX_TREE_LEAVES; i++) {
		letters_add(letters, contract->ch, contract->sn);
		letters_case(letters, &record[i % 4]);
	}
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	for (size_t i = 0; i < MAX_TREE_LEAVES; i++) {
		assert_int_equal(outcome->result[i].outcome, STORE_STORED);
		assert_int_equal(outcome->result[i].mailbox_seq[0], high + i + 1);
	}
	drop(letters, outcome);
}

// Commits one change alone; its outcome, and *seq where it is stored.
static enum store_outcome commit_alone(struct contract *contract, const struct store_change *change, uint64_t *seq)
{
	struct letters *letters = letters_new(contract);
	letters->change[0] = *change;
	letters->batch.count = 1;
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	enum store_outcome what = outcome->result[0].outcome;
	if (what == STORE_STORED)
		*seq = outcome->result[0].mailbox_seq[0];
	drop(letters, outcome);
	return what;
}

// A single message has a way of its own into the database: what is refused on it must leave no trace either.
static void test_a_message_alone_is_refused_without_a_gap(struct contract *contract)
{
	uint64_t high = mailbox_high(contract, contract->sn), seq = 0;
	struct case_record record = new_case(contract, contract->ch, contract->sn), stale;
	struct letters *letters = letters_new(contract);
	const struct store_change *first = letters_add(letters, contract->ch, contract->sn);
	letters_case(letters, &record);
	assert_int_equal(commit_alone(contract, first, &seq), STORE_STORED);
	assert_int_equal(seq, high + 1);

	struct store_change again = *first;
	again.expected_seq = 1;
	again.next.seq = 2;
	assert_int_equal(commit_alone(contract, &again, &seq), STORE_DUPLICATE);
	again.envelope_hash.byte[0] ^= 1;
	assert_int_equal(commit_alone(contract, &again, &seq), STORE_KEY_REUSED);

	stale = record;
	const struct store_change *second = letters_add(letters, contract->ch, contract->sn);
	letters_case(letters, &record);
	assert_int_equal(commit_alone(contract, second, &seq), STORE_STORED);
	const struct store_change *third = letters_add(letters, contract->ch, contract->sn);
	letters_case(letters, &stale);
	assert_int_equal(commit_alone(contract, third, &seq), STORE_CASE_MOVED);

	assert_int_equal(seq, high + 2);
	assert_int_equal(mailbox_high(contract, contract->sn), high + 2);
	struct page page;
	read_page(contract, contract->sn, high, 10, 100000, &page);
	assert_int_equal(page.count, 2);
	free(letters);
}

const struct contract_test contract_tests[] = {
	{"mailbox numbers are dense, each recipient for itself", test_numbers_are_dense},
	{"several recipients get a number each", test_several_recipients_get_a_number_each},
	{"a duplicate gets the original receipt's fields", test_duplicate_gets_the_original},
	{"the same id with other bytes is refused and takes no neighbour down", test_same_id_other_bytes_is_refused_alone},
	{"a chain of one case goes through in one batch", test_chain_of_one_case_goes_through_in_one_batch},
	{"a moved case refuses the tail of the chain and tells where it is", test_moved_case_refuses_the_tail_and_tells_where_it_is},
	{"an unknown case is told with a zero id", test_unknown_case_is_told_with_a_zero_id},
	{"a case that exists is not made again", test_case_that_exists_is_not_made_again},
	{"a duplicate in a chain refuses what follows", test_duplicate_in_a_chain_refuses_what_follows},
	{"an id out of the kept months is too old", test_id_out_of_the_window_is_too_old},
	{"a lookup of nothing finds nothing", test_lookup_of_nothing_finds_nothing},
	{"pages come in order and within their bounds", test_pages_come_in_order_and_within_their_bounds},
	{"a cursor resumes, and a newer session fences the older", test_cursor_resumes_and_fences},
	{"wrong cursors are named", test_wrong_cursors_are_named},
	{"a receipt needs a message that was sent to its author", test_receipt_needs_a_message_that_was_sent_to_its_author},
	{"an object is uploaded in pieces and read by whom it is for", test_object_is_uploaded_in_pieces_and_read_by_whom_it_is_for},
	{"an object with another hash or owner is refused", test_object_with_another_hash_or_owner_is_refused},
	{"a partner learns of its own open cases alone", test_partner_learns_of_its_cases_until_90_days_after_their_end},
	{"a member learns of its own cases", test_member_learns_of_its_own_cases},
	{"the General Secretariat may ask for any case", test_general_secretariat_may_ask_for_any_case},
	{"the directory lists members and agencies", test_directory_lists_members_and_agencies},
	{"a batch of 256 is stored whole", test_a_full_batch_is_stored_whole},
	CONTRACT_PARTS
	{"a message alone is refused without a gap", test_a_message_alone_is_refused_without_a_gap},
	{NULL, NULL},
};
