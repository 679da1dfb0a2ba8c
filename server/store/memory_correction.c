// SPDX-License-Identifier: Apache-2.0
//
// Messages that speak of an earlier one: new versions, and what does not count any more.
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

enum store_outcome memory_correction_judge(const struct memory_tables *tables, const struct store_change *change)
{
	if (id_is_zero(&change->refers_to))
		return STORE_STORED;
	const struct memory_message *message = memory_message(tables, &change->refers_to, change->sender);
	if (message == NULL || !id_equal(&message->case_id, &change->next.id))
		return STORE_NO_MESSAGE;
	if ((change->refers_kinds >> message->kind & 1) == 0)
		return STORE_OTHER_KIND;
	if (no_longer_valid(tables, &change->refers_to, change->sender))
		return STORE_NO_LONGER_VALID;
	bool next = change->content_version == 0 ||
	            change->content_version == next_version(tables, &change->refers_to, change->sender);
	return next ? STORE_STORED : STORE_OTHER_VERSION;
}

void memory_correction_keep(struct memory_tables *tables, const struct store_change *change)
{
	if (id_is_zero(&change->refers_to))
		return;
	struct memory_correction *kept = memory_need(1, sizeof *kept);
	kept->message.message = change->refers_to;
	kept->message.sender = change->sender;
	kept->version = change->content_version;
	kept->by = change->message;
	kept->next = tables->correction;
	tables->correction = kept;
}
