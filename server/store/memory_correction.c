// SPDX-License-Identifier: Apache-2.0
//
// Messages that speak of an earlier one: new versions, what does not count any more, what is not to be delivered.
#include "store/memory_tables.h"

static bool of_message(const struct memory_correction *correction, const struct id *message, member_no sender)
{
	return correction->message.sender == sender && id_equal(&correction->message.message, message);
}

static bool declared_void(const struct memory_tables *tables, const struct id *message, member_no sender)
{
	for (const struct memory_correction *one = tables->correction; one != NULL; one = one->next) {
		if (one->version == 0 && of_message(one, message, sender))
			return true;
	}
	return false;
}

// Itself, or the message of which it is a new version.
static bool no_longer_valid(const struct memory_tables *tables, const struct id *message, member_no sender)
{
	if (declared_void(tables, message, sender))
		return true;
	for (const struct memory_correction *one = tables->correction; one != NULL; one = one->next) {
		if (one->version > 0 && one->message.sender == sender && id_equal(&one->by, message))
			return declared_void(tables, &one->message.message, sender);
	}
	return false;
}

static uint32_t next_version(const struct memory_tables *tables, const struct id *message, member_no sender)
{
	uint32_t newest = 1;
	for (const struct memory_correction *one = tables->correction; one != NULL; one = one->next) {
		if (of_message(one, message, sender) && one->version > newest)
			newest = one->version;
	}
	return newest + 1;
}

static bool recalled(const struct memory_tables *tables, const struct id *message, member_no sender)
{
	for (const struct memory_recall *one = tables->recall; one != NULL; one = one->next) {
		if (one->message.sender == sender && id_equal(&one->message.message, message))
			return true;
	}
	return false;
}

bool memory_recalled(const struct memory_tables *tables, const struct memory_message *message)
{
	return recalled(tables, &message->key.message, message->key.sender);
}

static bool goes_to(const struct store_change *change, member_no member)
{
	for (size_t i = 0; i < change->recipient_count; i++) {
		if (change->recipient[i] == member)
			return true;
	}
	return false;
}

// To whom the recall does not go, the message went long ago: the case has changed hands since.
static bool delivered(const struct memory_tables *tables, const struct memory_message *message,
                      const struct store_change *change)
{
	for (size_t i = 0; i < message->recipient_count; i++) {
		if (!goes_to(change, message->recipient[i]) ||
		    memory_handed(tables, message->recipient[i], message->mailbox_seq[i], message->batch->accepted_at))
			return true;
	}
	return false;
}

enum store_outcome memory_correction_judge(const struct memory_tables *tables, const struct store_change *change)
{
	if (id_is_zero(&change->refers_to))
		return STORE_STORED;
	const struct memory_message *message = memory_message(tables, &change->refers_to, change->sender);
	if (message == NULL || !id_equal(&message->case_id, &change->next.id))
		return STORE_NO_MESSAGE;
	if ((change->refers_kinds >> message->kind & 1) == 0)
		return STORE_OTHER_KIND;
	if (memory_recalled(tables, message) ||
	    (!change->recalls && no_longer_valid(tables, &change->refers_to, change->sender)))
		return STORE_NO_LONGER_VALID;
	if (change->recalls)
		return delivered(tables, message, change) ? STORE_DELIVERED : STORE_STORED;
	bool next = change->content_version == 0 ||
	            change->content_version == next_version(tables, &change->refers_to, change->sender);
	return next ? STORE_STORED : STORE_OTHER_VERSION;
}

static void keep_recall(struct memory_tables *tables, const struct id *message, member_no sender)
{
	if (recalled(tables, message, sender))
		return;
	struct memory_recall *kept = memory_need(1, sizeof *kept);
	kept->message.message = *message;
	kept->message.sender = sender;
	kept->next = tables->recall;
	tables->recall = kept;
	memory_object_take_back(tables, message, sender);
}

// With its versions, which came behind it and so to nobody either.
static void recall_all(struct memory_tables *tables, const struct store_change *change)
{
	keep_recall(tables, &change->refers_to, change->sender);
	for (const struct memory_correction *one = tables->correction; one != NULL; one = one->next) {
		if (one->version > 0 && of_message(one, &change->refers_to, change->sender))
			keep_recall(tables, &one->by, change->sender);
	}
}

void memory_correction_keep(struct memory_tables *tables, const struct store_change *change)
{
	if (id_is_zero(&change->refers_to))
		return;
	if (change->recalls) {
		recall_all(tables, change);
		return;
	}
	struct memory_correction *kept = memory_need(1, sizeof *kept);
	kept->message.message = change->refers_to;
	kept->message.sender = change->sender;
	kept->version = change->content_version;
	kept->by = change->message;
	kept->next = tables->correction;
	tables->correction = kept;
}
