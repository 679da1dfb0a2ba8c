// SPDX-License-Identifier: Apache-2.0
#include "store/memory_tables.h"

#include "seal/key.h"

#include <string.h>

void *memory_need(size_t count, size_t size)
{
	void *memory = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);
	must(memory != NULL);
	return memory;
}

void *memory_copy(const void *data, size_t length)
{
	void *copy = memory_need(length, 1);
	if (length > 0)
		memcpy(copy, data, length);
	return copy;
}

struct memory_member *memory_member(const struct memory_tables *tables, member_no no)
{
	must(no > 0 && (size_t)no <= tables->member_count);
	return tables->member[no - 1];
}

struct memory_message *memory_message(const struct memory_tables *tables, const struct id *id, member_no sender)
{
	struct memory_message_key key;
	memset(&key, 0, sizeof key);
	key.message = *id;
	key.sender = sender;
	struct memory_message *found = NULL;
	HASH_FIND(hh, tables->message, &key, sizeof key, found);
	return found;
}

struct memory_case *memory_case(const struct memory_tables *tables, const struct id *id)
{
	struct memory_case *found = NULL;
	HASH_FIND(hh, tables->cases, id, sizeof *id, found);
	return found;
}

void memory_original(const struct memory_message *message, struct store_original *original)
{
	const struct memory_batch *batch = message->batch;
	*original = (struct store_original){
		.accepted_at = batch->accepted_at,
		.case_seq = message->case_seq,
		.case_state = message->case_state,
		.case_id = message->case_id,
		.commit = batch->commit,
		.hub = batch->hub,
		.header_hash = message->header_hash,
		.envelope_hash = message->envelope_hash,
		.leaf_index = message->leaf_index,
		.leaf_count = (uint32_t)batch->count,
		.leaf = batch->leaf,
		.signature = batch->signature,
		.signer = batch->signer,
		.mailbox_seq_count = message->to_all ? 0 : message->recipient_count,
	};
	if (original->mailbox_seq_count > 0)
		memcpy(original->mailbox_seq, message->mailbox_seq,
		       original->mailbox_seq_count * sizeof original->mailbox_seq[0]);
}

static struct memory_cursor *find_cursor(const struct memory_member *member, const char *consumer)
{
	for (struct memory_cursor *cursor = member->cursor; cursor != NULL; cursor = cursor->next) {
		if (strcmp(cursor->consumer, consumer) == 0)
			return cursor;
	}
	return NULL;
}

static struct memory_cursor *add_cursor(struct memory_member *member, const char *consumer)
{
	struct memory_cursor *cursor = memory_need(1, sizeof *cursor);
	must(strlen(consumer) < sizeof cursor->consumer);
	memcpy(cursor->consumer, consumer, strlen(consumer) + 1);
	cursor->next = member->cursor;
	member->cursor = cursor;
	return cursor;
}

// Sessions of this consumer whose end was never told and whose time is over: all that was there may have been handed.
static void bury_readings(struct memory_member *member, struct memory_cursor *cursor, uint64_t now)
{
	struct memory_reading **place = &member->reading;
	while (*place != NULL) {
		struct memory_reading *reading = *place;
		if (reading->until >= now || strcmp(reading->consumer, cursor->consumer) != 0) {
			place = &reading->next;
			continue;
		}
		*place = reading->next;
		free(reading);
		cursor->handed = member->entry_count;
	}
}

enum fail_code memory_open_cursor(struct memory_tables *tables, const struct store_open_cursor *request,
                                  struct store_cursor *answer)
{
	struct memory_member *member = memory_member(tables, request->member);
	*answer = (struct store_cursor){.mailbox_epoch = member->epoch, .low = 1, .high = member->entry_count};
	if (request->resume && request->mailbox_epoch != member->epoch)
		return FAIL_CURSOR_STALE;
	if (request->resume && request->cursor > member->entry_count)
		return FAIL_CURSOR_AHEAD;
	struct memory_cursor *cursor = find_cursor(member, request->consumer);
	if (cursor == NULL)
		cursor = add_cursor(member, request->consumer);
	bury_readings(member, cursor, request->now);
	cursor->acked = request->resume ? request->cursor : 0;
	cursor->epoch++;
	answer->acked = cursor->acked;
	answer->consumer_epoch = cursor->epoch;
	struct memory_reading *reading = memory_need(1, sizeof *reading);
	memcpy(reading->consumer, cursor->consumer, sizeof reading->consumer);
	reading->epoch = cursor->epoch;
	reading->until = request->until;
	reading->next = member->reading;
	member->reading = reading;
	return FAIL_NONE;
}

enum fail_code memory_close_cursor(struct memory_tables *tables, member_no no, const char *consumer, uint64_t epoch,
                                   uint64_t handed)
{
	struct memory_member *member = memory_member(tables, no);
	struct memory_cursor *cursor = find_cursor(member, consumer);
	struct memory_reading **place = &member->reading;
	while (*place != NULL && ((*place)->epoch != epoch || strcmp((*place)->consumer, consumer) != 0))
		place = &(*place)->next;
	if (*place == NULL || cursor == NULL)
		return FAIL_NONE;
	struct memory_reading *reading = *place;
	*place = reading->next;
	free(reading);
	if (handed > cursor->handed)
		cursor->handed = handed;
	return FAIL_NONE;
}

bool memory_handed(const struct memory_tables *tables, member_no no, uint64_t seq, uint64_t accepted_at)
{
	const struct memory_member *member = memory_member(tables, no);
	for (const struct memory_cursor *cursor = member->cursor; cursor != NULL; cursor = cursor->next) {
		if (cursor->acked >= seq || cursor->handed >= seq)
			return true;
	}
	for (const struct memory_reading *reading = member->reading; reading != NULL; reading = reading->next) {
		if (reading->until > accepted_at)
			return true;
	}
	return false;
}

enum fail_code memory_move_cursor(struct memory_tables *tables, member_no no, const char *consumer, uint64_t epoch,
                                  uint64_t acked)
{
	struct memory_member *member = memory_member(tables, no);
	struct memory_cursor *cursor = find_cursor(member, consumer);
	if (cursor == NULL || cursor->epoch != epoch)
		return FAIL_REPLACED;
	if (acked > member->entry_count)
		return FAIL_CURSOR_AHEAD;
	if (acked > cursor->acked)
		cursor->acked = acked;
	return FAIL_NONE;
}

void memory_newest(const struct memory_tables *tables, const member_no *member, size_t count, uint64_t *seq)
{
	for (size_t i = 0; i < count; i++)
		seq[i] = memory_member(tables, member[i])->entry_count;
}

enum fail_code memory_page(const struct memory_tables *tables, member_no no, uint64_t after, size_t max_count,
                           size_t max_bytes, struct store_entry *entry, size_t *count)
{
	const struct memory_member *member = memory_member(tables, no);
	size_t used = 0;
	*count = 0;
	for (uint64_t seq = after + 1; seq <= member->entry_count && *count < max_count; seq++) {
		const struct memory_message *message = member->entry[seq - 1];
		struct view envelope = view_of(message->envelope, message->envelope_length);
		if (*count > 0 && used + envelope.length > max_bytes)
			break;
		struct hash hash = sha256(envelope);
		if (!hash_equal(&hash, &message->envelope_hash))
			return FAIL_DATA_LOSS;
		used += envelope.length;
		entry[(*count)++] = (struct store_entry){
			.mailbox_seq = seq,
			.case_seq = message->case_seq,
			.accepted_at = message->batch->accepted_at,
			.case_state = message->case_state,
			.envelope_hash = message->envelope_hash,
			.envelope = envelope,
			.recalled = memory_recalled(tables, message),
		};
	}
	return FAIL_NONE;
}

static int by_duty(const void *left, const void *right)
{
	uint64_t a = clock_duty(&((const struct case_record *)left)->clock).at;
	uint64_t b = clock_duty(&((const struct case_record *)right)->clock).at;
	return a < b ? -1 : a > b;
}

size_t memory_due(const struct memory_tables *tables, uint64_t now, struct case_record *record, size_t room)
{
	struct memory_case *entry = NULL, *next = NULL;
	struct case_record *all = memory_need(HASH_COUNT(tables->cases) + 1, sizeof *all);
	size_t count = 0;
	HASH_ITER(hh, tables->cases, entry, next) {
		uint64_t at = clock_duty(&entry->record.clock).at;
		if (at > 0 && at <= now)
			all[count++] = entry->record;
	}
	qsort(all, count, sizeof *all, by_duty);
	count = count < room ? count : room;
	memcpy(record, all, count * sizeof *record);
	free(all);
	return count;
}

static bool is_unsettled(const struct memory_tables *tables, const struct case_record *record)
{
	if (record->out_member != 0)
		return !memory_member(tables, record->out_member)->public.out;
	return record->clock.kind != CLOCK_NONE && (memory_member(tables, record->requesting)->public.out ||
	                                            memory_member(tables, record->responding)->public.out);
}

size_t memory_unsettled(const struct memory_tables *tables, struct case_record *record, size_t room)
{
	struct memory_case *entry = NULL, *next = NULL;
	size_t count = 0;
	HASH_ITER(hh, tables->cases, entry, next) {
		if (count < room && is_unsettled(tables, &entry->record))
			record[count++] = entry->record;
	}
	return count;
}

size_t memory_untold(const struct memory_tables *tables, struct store_asking *asking, size_t room)
{
	struct memory_case *entry = NULL, *next = NULL;
	size_t count = 0;
	HASH_ITER(hh, tables->cases, entry, next) {
		for (const struct memory_party *party = entry->party; party != NULL && count < room; party = party->next) {
			if (party->asked > party->told)
				asking[count++] = (struct store_asking){entry->record, party->agency, party->asked};
		}
	}
	return count;
}
