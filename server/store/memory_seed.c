// SPDX-License-Identifier: Apache-2.0
//
// What a test puts into the store in memory, looks up behind its back, and the end of it all.
#include "store/memory_tables.h"

#include "seal/key.h"

#include <stdio.h>
#include <string.h>

member_no store_memory_add_member(struct store *store, const char *code, const char *name, bool agency)
{
	struct memory_tables *tables = memory_tables_of(store);
	must(member_code_valid(code));
	for (size_t i = 0; i < tables->member_count; i++)
		must(strcmp(tables->member[i]->public.code, code) != 0);
	struct memory_member **more = realloc(tables->member, (tables->member_count + 1) * sizeof *more);
	must(more != NULL);
	tables->member = more;
	struct memory_member *member = memory_need(1, sizeof *member);
	tables->member[tables->member_count++] = member;
	member->public.no = (member_no)tables->member_count;
	memcpy(member->public.code, code, strlen(code) + 1);
	member->public.agency = agency;
	member->public.active = true;
	member->name = memory_copy(name, strlen(name) + 1);
	member->epoch = 1;
	tables->directory_version++;
	return member->public.no;
}

void store_memory_set_active(struct store *store, member_no member, bool active)
{
	struct memory_tables *tables = memory_tables_of(store);
	memory_member(tables, member)->public.active = active;
	tables->directory_version++;
}

void store_memory_set_availability(struct store *store, member_no no, const char *status, const char *cause,
                                   const char *deputy)
{
	struct memory_tables *tables = memory_tables_of(store);
	struct store_member *member = &memory_member(tables, no)->public;
	snprintf(member->availability, sizeof member->availability, "%s", status);
	snprintf(member->cause, sizeof member->cause, "%s", cause);
	snprintf(member->deputy, sizeof member->deputy, "%s", deputy);
	member->out = strcmp(status, "DISRUPTED") == 0 || strcmp(status, "SUSPENDED") == 0;
	tables->directory_version++;
}

void store_memory_set_calendar(struct store *store, member_no no, const char *calendar)
{
	struct memory_tables *tables = memory_tables_of(store);
	struct store_member *member = &memory_member(tables, no)->public;
	snprintf(member->calendar, sizeof member->calendar, "%s", calendar);
	tables->directory_version++;
}

static void add_certificate(struct store *store, member_no no, struct view der, struct view issuer, bool signing)
{
	struct memory_tables *tables = memory_tables_of(store);
	struct memory_member *member = memory_member(tables, no);
	struct memory_certificate *row = memory_need(1, sizeof *row);
	row->signing = signing;
	row->hash = sha256(der);
	row->certificate = view_of(memory_copy(der.data, der.length), der.length);
	row->issuer = view_of(memory_copy(issuer.data, issuer.length), issuer.length);
	row->next = member->certificate;
	member->certificate = row;
	tables->directory_version++;
}

void store_memory_add_signing(struct store *store, member_no member, struct view certificate, struct view issuer)
{
	add_certificate(store, member, certificate, issuer, true);
}

void store_memory_add_encryption(struct store *store, member_no member, struct view certificate, struct view issuer)
{
	add_certificate(store, member, certificate, issuer, false);
}

uint64_t store_memory_mailbox_high(const struct store *store, member_no member)
{
	return memory_member(memory_tables_const(store), member)->entry_count;
}

bool store_memory_mailbox_entry(const struct store *store, member_no no, uint64_t mailbox_seq, struct id *message,
                                member_no *sender)
{
	const struct memory_member *member = memory_member(memory_tables_const(store), no);
	if (mailbox_seq == 0 || mailbox_seq > member->entry_count)
		return false;
	*message = member->entry[mailbox_seq - 1]->key.message;
	*sender = member->entry[mailbox_seq - 1]->key.sender;
	return true;
}

unsigned store_memory_receipts(const struct store *store, const struct id *message, member_no sender,
                               member_no recipient, enum receipt_level level)
{
	unsigned count = 0;
	for (const struct memory_receipt *row = memory_tables_const(store)->receipt; row != NULL; row = row->next) {
		if (id_equal(&row->message.message, message) && row->message.sender == sender && row->recipient == recipient &&
		    row->level == level)
			count++;
	}
	return count;
}

bool store_memory_damage(struct store *store, const struct id *id, member_no sender)
{
	struct memory_message *message = memory_message(memory_tables_of(store), id, sender);
	if (message == NULL || message->envelope_length == 0)
		return false;
	message->envelope[message->envelope_length / 2] ^= 1;
	return true;
}

void store_memory_new_epoch(struct store *store, member_no member)
{
	memory_member(memory_tables_of(store), member)->epoch++;
}

static void drop_view(struct view view)
{
	union { const uint8_t *from; void *to; } way = {.from = view.data};
	free(way.to);
}

static void drop_member(struct memory_member *member)
{
	while (member->cursor != NULL) {
		struct memory_cursor *cursor = member->cursor;
		member->cursor = cursor->next;
		free(cursor);
	}
	while (member->reading != NULL) {
		struct memory_reading *reading = member->reading;
		member->reading = reading->next;
		free(reading);
	}
	while (member->certificate != NULL) {
		struct memory_certificate *row = member->certificate;
		member->certificate = row->next;
		drop_view(row->certificate);
		drop_view(row->issuer);
		free(row);
	}
	free(member->entry);
	free(member->name);
	free(member);
}

static void drop_messages(struct memory_tables *tables)
{
	struct memory_message *message = NULL, *next = NULL;
	HASH_ITER(hh, tables->message, message, next) {
		HASH_DEL(tables->message, message);
		free(message->envelope);
		free(message->recipient);
		free(message->mailbox_seq);
		free(message);
	}
	while (tables->batch != NULL) {
		struct memory_batch *batch = tables->batch;
		tables->batch = batch->next;
		drop_view(batch->signature);
		free(batch->hub);
		free(batch->leaf);
		free(batch);
	}
	while (tables->receipt != NULL) {
		struct memory_receipt *receipt = tables->receipt;
		tables->receipt = receipt->next;
		free(receipt);
	}
	while (tables->correction != NULL) {
		struct memory_correction *correction = tables->correction;
		tables->correction = correction->next;
		free(correction);
	}
	while (tables->recall != NULL) {
		struct memory_recall *recall = tables->recall;
		tables->recall = recall->next;
		free(recall);
	}
}

static void drop_budgets(struct memory_tables *tables)
{
	while (tables->budget != NULL) {
		struct memory_budget *budget = tables->budget;
		tables->budget = budget->next;
		free(budget);
	}
}

static void drop_cases(struct memory_tables *tables)
{
	struct memory_case *entry = NULL, *next = NULL;
	HASH_ITER(hh, tables->cases, entry, next) {
		HASH_DEL(tables->cases, entry);
		while (entry->party != NULL) {
			struct memory_party *party = entry->party;
			entry->party = party->next;
			free(party);
		}
		free(entry);
	}
}

static void drop_objects(struct memory_tables *tables)
{
	struct memory_object *object = NULL, *next = NULL;
	HASH_ITER(hh, tables->object, object, next) {
		HASH_DEL(tables->object, object);
		free(object->data);
		free(object->reader);
		free(object);
	}
}

void memory_tables_release(struct memory_tables *tables)
{
	drop_messages(tables);
	drop_cases(tables);
	drop_budgets(tables);
	drop_objects(tables);
	memory_flow_release(tables);
	for (size_t i = 0; i < tables->member_count; i++)
		drop_member(tables->member[i]);
	free(tables->member);
	*tables = (struct memory_tables){0};
}
