// SPDX-License-Identifier: Apache-2.0
//
// The newest messages of a mailbox that somebody reads, kept in memory so that a
// reader who keeps up costs the database nothing.
#include "core/core_private.h"

#include <stdlib.h>

static struct mail *slot(const struct mailbox *mailbox, uint64_t seq)
{
	return &mailbox->ring[seq % RING_SLOTS];
}

static void drop_oldest(struct core *core, struct mailbox *mailbox)
{
	struct mail *mail = slot(mailbox, mailbox->first);
	mailbox->bytes -= mail->parcel->bytes.length;
	core->figures.ring_bytes -= mail->parcel->bytes.length;
	parcel_drop(mail->parcel);
	mail->parcel = NULL;
	mailbox->first++;
	mailbox->count--;
}

void mailbox_clear(struct core *core, struct mailbox *mailbox)
{
	while (mailbox->count > 0)
		drop_oldest(core, mailbox);
}

// Over a cap the oldest go; if others fill the memory, this mailbox keeps nothing.
static bool make_room(struct core *core, struct mailbox *mailbox, size_t length)
{
	while (mailbox->count > 0 && (mailbox->count == RING_SLOTS || mailbox->bytes + length > RING_BYTES ||
	                              core->figures.ring_bytes + length > RINGS_BYTES))
		drop_oldest(core, mailbox);
	return mailbox->bytes + length <= RING_BYTES && core->figures.ring_bytes + length <= RINGS_BYTES;
}

void mailbox_put(struct core *core, struct mailbox *mailbox, const struct mail *mail)
{
	size_t length = mail->parcel->bytes.length;
	if (mail->seq > mailbox->high)
		mailbox->high = mail->seq;
	if (mailbox->reader == NULL)
		return;
	if (mailbox->ring == NULL)
		mailbox->ring = calloc(RING_SLOTS, sizeof *mailbox->ring);
	// Another hub may have numbered messages in between: those are in the database.
	if (mailbox->count > 0 && mail->seq != mailbox->first + mailbox->count)
		mailbox_clear(core, mailbox);
	if (mailbox->ring == NULL || !make_room(core, mailbox, length))
		return;
	if (mailbox->count == 0)
		mailbox->first = mail->seq;
	*slot(mailbox, mail->seq) = *mail;
	mail->parcel->users++;
	mailbox->count++;
	mailbox->bytes += length;
	core->figures.ring_bytes += length;
}

const struct mail *mailbox_find(const struct mailbox *mailbox, uint64_t seq)
{
	bool there = mailbox->count > 0 && seq >= mailbox->first && seq < mailbox->first + mailbox->count;
	return there ? slot(mailbox, seq) : NULL;
}
