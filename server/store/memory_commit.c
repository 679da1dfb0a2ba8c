// SPDX-License-Identifier: Apache-2.0
#include "store/memory_tables.h"

#include <stdio.h>
#include <string.h>

static const struct memory_batch *keep_batch(struct memory_tables *tables, const struct store_batch *batch)
{
	struct memory_batch *kept = memory_need(1, sizeof *kept);
	kept->commit = batch->commit;
	kept->accepted_at = batch->accepted_at;
	kept->hub = memory_copy(batch->hub, strlen(batch->hub) + 1);
	kept->leaf = memory_copy(batch->leaf, batch->count * sizeof *batch->leaf);
	kept->count = batch->count;
	kept->signature = view_of(memory_copy(batch->signature.data, batch->signature.length), batch->signature.length);
	kept->signer = batch->signer;
	kept->next = tables->batch;
	tables->batch = kept;
	return kept;
}

static bool in_window(const struct memory_tables *tables, const struct id *message)
{
	uint64_t at = id_v7_unix_ms(message);
	return at >= tables->oldest_id_ms && (tables->newest_id_ms == 0 || at < tables->newest_id_ms);
}

static bool was_sent_to(const struct memory_message *message, member_no recipient)
{
	for (size_t i = 0; i < message->recipient_count; i++) {
		if (message->recipient[i] == recipient)
			return true;
	}
	return false;
}

static bool receipts_fit(const struct memory_tables *tables, const struct store_change *change)
{
	for (size_t i = 0; i < change->receipt_count; i++) {
		const struct receipt_item *item = &change->receipt[i];
		const struct memory_message *message = memory_message(tables, &item->message, change->recipient[0]);
		if (message == NULL || !was_sent_to(message, change->sender) ||
		    !hash_equal(&message->header_hash, &item->header_hash))
			return false;
	}
	return true;
}

static bool objects_ready(const struct memory_tables *tables, const struct store_change *change)
{
	for (size_t i = 0; i < change->object_count; i++) {
		if (!memory_object_ready(tables, change->sender, &change->object[i]))
			return false;
	}
	return true;
}

// A chain of one case holds up to its first refusal: what follows was decided on a
// state that never came to be.
static bool chain_broken(const struct store_batch *batch, const struct store_result *result, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		const struct store_change *before = &batch->change[i];
		if (before->has_case && id_equal(&before->next.id, &batch->change[index].next.id) &&
		    result[i].outcome != STORE_STORED)
			return true;
	}
	return false;
}

static bool case_fits(const struct memory_tables *tables, const struct store_batch *batch,
                      const struct store_result *result, size_t index)
{
	const struct store_change *change = &batch->change[index];
	if (!change->has_case)
		return true;
	const struct memory_case *entry = memory_case(tables, &change->next.id);
	uint64_t seq = entry == NULL ? 0 : entry->record.seq;
	return seq == change->expected_seq && !chain_broken(batch, result, index);
}

static enum store_outcome judge(const struct memory_tables *tables, const struct store_batch *batch,
                                struct store_result *result, size_t index)
{
	const struct store_change *change = &batch->change[index];
	if (!in_window(tables, &change->message))
		return STORE_TOO_OLD;
	const struct memory_message *known = memory_message(tables, &change->message, change->sender);
	if (known != NULL) {
		if (!hash_equal(&known->envelope_hash, &change->envelope_hash))
			return STORE_KEY_REUSED;
		memory_original(known, &result[index].original);
		return STORE_DUPLICATE;
	}
	if (!receipts_fit(tables, change))
		return STORE_NOT_RECEIVED;
	if (!objects_ready(tables, change))
		return STORE_OBJECT_INCOMPLETE;
	if (!case_fits(tables, batch, result, index))
		return STORE_CASE_MOVED;
	return memory_correction_judge(tables, change);
}

// All active members but the sender, or those whom the change names.
static void keep_recipients(const struct memory_tables *tables, struct memory_message *message,
                            const struct store_change *change)
{
	size_t room = change->to_all ? tables->member_count : change->recipient_count;
	message->to_all = change->to_all;
	message->recipient = memory_need(room, sizeof *message->recipient);
	message->mailbox_seq = memory_need(room, sizeof *message->mailbox_seq);
	for (size_t i = 0; !change->to_all && i < room; i++)
		message->recipient[message->recipient_count++] = change->recipient[i];
	for (size_t i = 0; change->to_all && i < room; i++) {
		const struct store_member *member = &tables->member[i]->public;
		if (member->active && !member->agency && member->no != change->sender)
			message->recipient[message->recipient_count++] = member->no;
	}
}

static void keep_availability(struct memory_tables *tables, const struct store_change *change, uint64_t at)
{
	const struct availability_change *from = change->availability;
	struct store_member *member = &memory_member(tables, change->sender)->public;
	if (from == NULL)
		return;
	bool normal = strcmp(from->status, "BACK") == 0 || strcmp(from->status, "NORMAL") == 0;
	snprintf(member->availability, sizeof member->availability, "%s", normal ? "NORMAL" : from->status);
	snprintf(member->cause, sizeof member->cause, "%s", normal ? "" : from->cause);
	snprintf(member->until, sizeof member->until, "%s", normal ? "" : from->until);
	snprintf(member->deputy, sizeof member->deputy, "%s",
	         normal || from->deputy == 0 ? "" : memory_member(tables, from->deputy)->public.code);
	member->out = strcmp(from->status, "DISRUPTED") == 0 || strcmp(from->status, "SUSPENDED") == 0;
	memory_availability_note(tables, change->sender, member->availability, at);
	tables->directory_version++;
}

static struct memory_message *keep_message(struct memory_tables *tables, const struct store_change *change)
{
	struct memory_message *message = memory_need(1, sizeof *message);
	message->key.message = change->message;
	message->key.sender = change->sender;
	message->kind = change->kind;
	message->header_hash = change->header_hash;
	message->envelope_hash = change->envelope_hash;
	message->envelope = memory_copy(change->envelope.data, change->envelope.length);
	message->envelope_length = change->envelope.length;
	keep_recipients(tables, message, change);
	if (change->has_case) {
		message->case_id = change->next.id;
		message->case_seq = change->next.seq;
		message->case_state = (uint32_t)change->next.view.state;
	}
	HASH_ADD(hh, tables->message, key, sizeof message->key, message);
	return message;
}

static uint64_t deliver(struct memory_tables *tables, member_no recipient, const struct memory_message *message)
{
	struct memory_member *member = memory_member(tables, recipient);
	// Doubles at powers of two.
	if ((member->entry_count & (member->entry_count + 1)) == 0) {
		const struct memory_message **more = memory_need(2 * (member->entry_count + 1), sizeof *more);
		if (member->entry_count > 0)
			memcpy(more, member->entry, member->entry_count * sizeof *more);
		free(member->entry);
		member->entry = more;
	}
	member->entry[member->entry_count] = message;
	return ++member->entry_count;
}

// The one of this agency, made if there is none.
static struct memory_party *party_of(struct memory_case *entry, member_no agency)
{
	struct memory_party *party = entry->party;
	while (party != NULL && party->agency != agency)
		party = party->next;
	if (party != NULL)
		return party;
	party = memory_need(1, sizeof *party);
	party->agency = agency;
	party->next = entry->party;
	entry->party = party;
	return party;
}

static void keep_case(struct memory_tables *tables, const struct store_change *change)
{
	struct memory_case *entry = memory_case(tables, &change->next.id);
	if (entry == NULL) {
		entry = memory_need(1, sizeof *entry);
		entry->id = change->next.id;
		HASH_ADD(hh, tables->cases, id, sizeof entry->id, entry);
	}
	entry->record = change->next;
	for (size_t i = 0; i < change->party_count; i++) {
		struct memory_party *party = party_of(entry, change->party_no[i]);
		memcpy(party->until, change->party[i].until, sizeof party->until);
		memcpy(party->reference, change->party[i].reference, sizeof party->reference);
	}
	for (size_t i = 0; i < change->asked_count; i++) {
		struct memory_party *party = party_of(entry, change->asked[i].agency);
		party->told = party->told > change->asked[i].asked ? party->told : change->asked[i].asked;
	}
}

static void keep_receipts(struct memory_tables *tables, const struct store_change *change)
{
	for (size_t i = 0; i < change->receipt_count; i++) {
		struct memory_receipt *receipt = memory_need(1, sizeof *receipt);
		receipt->message.message = change->receipt[i].message;
		receipt->message.sender = change->recipient[0];
		receipt->recipient = change->sender;
		receipt->level = change->receipt[i].level;
		receipt->next = tables->receipt;
		tables->receipt = receipt;
	}
}

static void grant_objects(struct memory_tables *tables, const struct store_change *change)
{
	for (size_t i = 0; i < change->object_count; i++) {
		for (size_t j = 0; j < change->recipient_count; j++)
			memory_object_grant(tables, &change->object[i].id, change->recipient[j], &change->message);
	}
	for (size_t i = 0; i < change->grant_count; i++)
		memory_object_pass_on(tables, &change->grant[i], change);
}

static void keep_change(struct memory_tables *tables, const struct memory_batch *batch, size_t index,
                        const struct store_change *change, struct store_result *result)
{
	struct memory_message *message = keep_message(tables, change);
	message->batch = batch;
	message->leaf_index = (uint32_t)index;
	for (size_t i = 0; i < message->recipient_count; i++)
		message->mailbox_seq[i] = deliver(tables, message->recipient[i], message);
	for (size_t i = 0; i < change->recipient_count; i++)
		result->mailbox_seq[i] = message->mailbox_seq[i];
	keep_availability(tables, change, batch->accepted_at);
	if (change->has_case)
		keep_case(tables, change);
	keep_receipts(tables, change);
	memory_correction_keep(tables, change);
	grant_objects(tables, change);
}

void memory_commit(struct memory_tables *tables, const struct store_batch *batch, struct store_result *result)
{
	must(batch->count >= 1 && batch->count <= MAX_TREE_LEAVES);
	for (size_t i = 0; i < batch->count; i++)
		must(batch->count == 1 || (id_is_zero(&batch->change[i].refers_to) && !batch->change[i].to_all));
	const struct memory_batch *kept = keep_batch(tables, batch);
	for (size_t i = 0; i < batch->count; i++) {
		result[i].outcome = judge(tables, batch, result, i);
		if (result[i].outcome == STORE_STORED)
			keep_change(tables, kept, i, &batch->change[i], &result[i]);
	}
	for (size_t i = 0; i < batch->count; i++) {
		const struct memory_case *entry = NULL;
		if (result[i].outcome == STORE_CASE_MOVED)
			entry = memory_case(tables, &batch->change[i].next.id);
		if (entry != NULL)
			result[i].current = entry->record;
	}
}
