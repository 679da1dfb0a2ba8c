// SPDX-License-Identifier: Apache-2.0
//
// Mailboxes to sessions: in order, within the client's credit and the session's
// room; from memory where the reader keeps up, else in pages from the store.
#include "core/core_private.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES = 1024 * 1024 };

static size_t unacked(const struct core_session *session)
{
	return (size_t)(session->next - 1 - session->acked);
}

static bool may_send(const struct core_session *session, size_t length)
{
	if (length > session->room)
		return false;
	if (unacked(session) == 0)
		return true; // whatever the credit says: else it would never go
	return unacked(session) < session->hello.credit_messages &&
	       session->unacked_bytes + length <= session->hello.credit_bytes;
}

static void send_mail(struct core *core, struct core_session *session, const struct deliver *deliver)
{
	size_t length = deliver->envelope.length;
	struct frame frame = {.kind = FRAME_DELIVER, .of.deliver = *deliver};
	session->length[session->next % MAX_CREDIT] = (uint32_t)length;
	session->unacked_bytes += length;
	session->room -= length;
	session->next++;
	core->figures.delivered++;
	core_send(core, session->number, &frame);
}

struct page {
	struct operation operation; // first
	uint64_t after;
};

static void tell_damage(struct core *core, struct core_session *session)
{
	core->figures.damaged++;
	if (!session->damage_told)
		refuse(core, session->number, 0, FAIL_DATA_LOSS, NULL);
	session->damage_told = true;
}

static void stall(struct core *core, struct core_session *session)
{
	session->stalled = true;
	if (core->stalled_due != 0)
		return;
	core->stalled_due = core_now(core) + STALLED_EVERY_MS;
	core_wake(core, core->stalled_due);
}

// What was recalled comes with its header and signature, and with nothing that opens or is opened.
static bool send_stripped(struct core *core, struct core_session *session, const struct deliver *deliver)
{
	struct arena arena;
	struct envelope envelope;
	struct bytes bytes;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&bytes, MAX_ENVELOPE);
	enum fail_code code = envelope_decode(&envelope, deliver->envelope, &arena, NULL);
	envelope.stanza_count = 0;
	envelope.sealed_body = view_of(NULL, 0);
	if (code == FAIL_NONE)
		code = envelope_encode(&envelope, &bytes);
	if (code == FAIL_NONE) {
		struct deliver stripped = *deliver;
		stripped.envelope = bytes_view(&bytes);
		send_mail(core, session, &stripped);
	}
	bytes_release(&bytes);
	arena_release(&arena);
	return code == FAIL_NONE;
}

static bool send_entry(struct core *core, struct core_session *session, const struct deliver *deliver)
{
	if (deliver->recalled)
		return send_stripped(core, session, deliver);
	send_mail(core, session, deliver);
	return true;
}

static void page_read(void *context, enum fail_code code, const struct store_entry *entry, size_t count)
{
	struct page *page = context;
	struct core *core = page->operation.core;
	struct core_session *session = session_find(core, page->operation.session);
	operation_free(&page->operation);
	if (session == NULL)
		return;
	session->paging = false;
	if (!session->delivering)
		return; // replaced meanwhile: it is handed nothing more
	size_t sent = 0;
	uint64_t first = count > 0 ? entry[0].mailbox_seq : 0;
	for (size_t i = 0; code == FAIL_NONE && i < count; i++) {
		// A hole would be a loss: rather none than the next one.
		if (entry[i].mailbox_seq != session->next || !may_send(session, entry[i].envelope.length))
			break;
		struct deliver deliver = {
			.mailbox_seq = entry[i].mailbox_seq,
			.case_seq = entry[i].case_seq,
			.accepted_at = entry[i].accepted_at,
			.case_state = entry[i].case_state,
			.envelope = entry[i].envelope,
			.recalled = entry[i].recalled,
		};
		if (!send_entry(core, session, &deliver)) {
			code = FAIL_DATA_LOSS;
			break;
		}
		sent++;
	}
	if (code == FAIL_DATA_LOSS)
		tell_damage(core, session);
	bool at_place = code == FAIL_NONE && count > 0 && (sent > 0 || first == session->next);
	if (!at_place)
		stall(core, session);
	else if (sent > 0)
		delivery_go_on(core, session);
	// Else it waits for credit or room, whose coming calls delivery_go_on.
}

static void read_page(struct core *core, struct core_session *session)
{
	struct page *page = operation_new(core, sizeof *page, session->number, 0);
	if (page == NULL) {
		stall(core, session);
		return;
	}
	size_t messages = session->hello.credit_messages - unacked(session);
	size_t bytes =
		session->hello.credit_bytes > session->unacked_bytes ? session->hello.credit_bytes - session->unacked_bytes : 1;
	bytes = bytes < session->room ? bytes : session->room;
	bytes = bytes < PAGE_BYTES ? bytes : PAGE_BYTES;
	session->paging = true;
	core->figures.pages++;
	core->store->ops->page(core->store, session->member->public.no, session->next - 1,
	                       messages < MAX_MAILBOX_PAGE ? messages : MAX_MAILBOX_PAGE, bytes, page_read, page);
}

// Room for less than the smallest envelope is no reason to read a page.
static bool worth_a_page(const struct core_session *session)
{
	enum { LEAST = 64 * 1024 };
	if (session->room < LEAST)
		return false;
	return unacked(session) == 0 ||
	       (unacked(session) < session->hello.credit_messages && session->unacked_bytes < session->hello.credit_bytes);
}

void delivery_go_on(struct core *core, struct core_session *session)
{
	if (!session->delivering || session->paging || session->stalled)
		return;
	const struct mailbox *mailbox = &session->member->mailbox;
	while (session->next <= mailbox->high) {
		const struct mail *mail = mailbox_find(mailbox, session->next);
		if (mail == NULL) {
			if (worth_a_page(session))
				read_page(core, session);
			return;
		}
		if (!may_send(session, mail->parcel->bytes.length))
			return;
		struct deliver deliver = {
			.mailbox_seq = mail->seq,
			.case_seq = mail->case_seq,
			.accepted_at = mail->accepted_at,
			.case_state = mail->case_state,
			.envelope = mail->parcel->bytes,
		};
		core->figures.delivered_from_memory++;
		send_mail(core, session, &deliver);
	}
}

void delivery_new(struct core *core, struct member *member, const struct mail *mail)
{
	mailbox_put(core, &member->mailbox, mail);
	for (struct core_session *session = member->mailbox.reader; session != NULL; session = session->next_reader)
		delivery_go_on(core, session);
}

static bool same_consumer(const struct core_session *a, const struct core_session *b)
{
	return a->member == b->member && strcmp(a->peer.user, b->peer.user) == 0;
}

// The newest session of a user reads; answers of the store may come in any order.
static bool replaces_others(struct core *core, struct core_session *session)
{
	struct core_session *other = session->member->mailbox.reader;
	while (other != NULL) {
		struct core_session *next = other->next_reader;
		if (same_consumer(other, session)) {
			if (other->consumer_epoch > session->consumer_epoch)
				return false;
			delivery_leave(core, other);
			reading_leave(core, other);
			core->port.end(core->port.context, other->number, "REPLACED", 0);
		}
		other = next;
	}
	return true;
}

void delivery_attach(struct core *core, struct core_session *session, const struct store_cursor *cursor)
{
	struct mailbox *mailbox = &session->member->mailbox;
	if (mailbox->high < cursor->high)
		mailbox->high = cursor->high;
	session->consumer_epoch = cursor->consumer_epoch;
	session->reading = true;
	session->length = calloc(MAX_CREDIT, sizeof *session->length);
	if (session->length == NULL || !replaces_others(core, session)) {
		reading_leave(core, session);
		core->port.end(core->port.context, session->number, "REPLACED", 0);
		return;
	}
	if (session->hello.credit_messages > MAX_CREDIT - 1)
		session->hello.credit_messages = MAX_CREDIT - 1;
	uint64_t before_lowest = cursor->low > 0 ? cursor->low - 1 : 0;
	session->acked = cursor->acked > before_lowest ? cursor->acked : before_lowest;
	session->moved = session->acked;
	session->next = session->acked + 1;
	session->delivering = true;
	session->next_reader = mailbox->reader;
	mailbox->reader = session;
	others_wanted(core);
	delivery_go_on(core, session);
}

void delivery_leave(struct core *core, struct core_session *session)
{
	if (!session->delivering)
		return;
	session->delivering = false;
	struct mailbox *mailbox = &session->member->mailbox;
	struct core_session **place = &mailbox->reader;
	while (*place != session)
		place = &(*place)->next_reader;
	*place = session->next_reader;
	if (mailbox->reader == NULL)
		mailbox_clear(core, mailbox);
}

void delivery_tick(struct core *core, uint64_t now)
{
	if (core->stalled_due == 0 || now < core->stalled_due)
		return;
	core->stalled_due = 0;
	struct core_session *session = NULL, *next = NULL;
	HASH_ITER (hh, core->sessions, session, next) {
		if (!session->stalled)
			continue;
		session->stalled = false;
		delivery_go_on(core, session);
	}
}
