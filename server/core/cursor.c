// SPDX-License-Identifier: Apache-2.0
//
// What clients acknowledged becomes their durable cursor, at most ten times a second
// for each: losing one only means that messages come again.
#include "core/core_private.h"

#include <string.h>

struct move {
	struct operation operation; // first
	char consumer[USER_SIZE];
	uint64_t to;
};

static void mark_dirty(struct core *core, struct core_session *session, uint64_t delay)
{
	if (session->dirty)
		return;
	session->dirty = true;
	session->next_dirty = core->dirty;
	core->dirty = session;
	if (core->cursors_due != 0)
		return;
	core->cursors_due = core_now(core) + delay;
	core_wake(core, core->cursors_due);
}

static void moved(void *context, enum fail_code code)
{
	struct move *move = context;
	struct core *core = move->operation.core;
	struct core_session *session = session_find(core, move->operation.session);
	uint64_t to = move->to;
	operation_free(&move->operation);
	core->figures.cursor_moves += code == FAIL_NONE;
	if (session == NULL)
		return;
	session->moving = false;
	if (code == FAIL_REPLACED) {
		delivery_leave(core, session);
		reading_leave(core, session);
		core->port.end(core->port.context, session->number, "REPLACED", 0);
		return;
	}
	if (code == FAIL_NONE && to > session->moved)
		session->moved = to;
	if (session->moved < session->acked && session->delivering && !core->draining)
		mark_dirty(core, session, code == FAIL_NONE ? CURSOR_EVERY_MS : STALLED_EVERY_MS);
}

static void start_move(struct core *core, struct core_session *session)
{
	struct move *move = operation_new(core, sizeof *move, session->number, 0);
	if (move == NULL)
		return; // the next acknowledgement tries again
	memcpy(move->consumer, session->peer.user, sizeof move->consumer);
	move->to = session->acked;
	session->moving = true;
	core->store->ops->move_cursor(core->store, session->member->public.no, move->consumer, session->consumer_epoch,
	                              move->to, moved, move);
}

static void closed(void *context, enum fail_code code)
{
	struct move *move = context;
	(void)code; // not told: it counts until its time is over
	operation_free(&move->operation);
}

void reading_close(struct core *core, member_no member, const char *consumer, uint64_t epoch, uint64_t handed)
{
	struct move *move = operation_new(core, sizeof *move, 0, 0);
	if (move == NULL)
		return; // as above
	memcpy(move->consumer, consumer, sizeof move->consumer);
	core->store->ops->close_cursor(core->store, member, move->consumer, epoch, handed, closed, move);
}

void reading_leave(struct core *core, struct core_session *session)
{
	if (!session->reading)
		return;
	session->reading = false;
	uint64_t handed = session->next > 0 ? session->next - 1 : 0;
	reading_close(core, session->member->public.no, session->peer.user, session->consumer_epoch, handed);
}

void ack_frame(struct core *core, struct core_session *session, const struct frame *frame)
{
	uint64_t seq = frame->of.ack.mailbox_seq;
	if (!session->delivering)
		return;
	if (seq >= session->next) {
		refuse(core, session->number, frame->id, FAIL_CURSOR_AHEAD, "this number was not delivered to this session");
		return;
	}
	if (seq <= session->acked)
		return;
	for (uint64_t i = session->acked + 1; i <= seq; i++)
		session->unacked_bytes -= session->length[i % MAX_CREDIT];
	session->acked = seq;
	if (!session->moving)
		mark_dirty(core, session, CURSOR_EVERY_MS);
	delivery_go_on(core, session);
}

static void unlist(struct core *core, struct core_session *session)
{
	struct core_session **place = &core->dirty;
	while (*place != session)
		place = &(*place)->next_dirty;
	*place = session->next_dirty;
	session->dirty = false;
}

void cursor_leave(struct core *core, struct core_session *session)
{
	if (session->dirty)
		unlist(core, session);
	if (session->delivering && session->acked > session->moved)
		start_move(core, session);
}

void cursor_tick(struct core *core, uint64_t now)
{
	if (core->cursors_due == 0 || now < core->cursors_due)
		return;
	core->cursors_due = 0;
	struct core_session *session = core->dirty;
	core->dirty = NULL;
	while (session != NULL) {
		struct core_session *next = session->next_dirty;
		session->dirty = false;
		if (!session->moving && session->delivering)
			start_move(core, session);
		session = next;
	}
}
