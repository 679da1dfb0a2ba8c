// SPDX-License-Identifier: Apache-2.0
//
// Attachments on their way out, piece by piece as the session has room.
#include "core/core_private.h"

struct fetching {
	struct operation operation; // first
	struct id object;
	uint64_t offset;
	uint32_t left; // pieces still to be read
	struct fetching *next_waiting; // for room; nothing is asked of the store meanwhile
};

static void piece_read(void *context, enum fail_code code, struct view data, bool last);

static void end(struct core_session *session, struct fetching *fetching)
{
	if (session != NULL)
		session->fetches--;
	operation_free(&fetching->operation);
}

static void read_piece(struct core *core, struct core_session *session, struct fetching *fetching)
{
	if (session->room < CHUNK_SIZE) {
		fetching->next_waiting = session->fetch_waits;
		session->fetch_waits = fetching;
		return;
	}
	core->store->ops->object_read(core->store, session->member->public.no, &fetching->object, fetching->offset,
	                              piece_read, fetching);
}

static void piece_read(void *context, enum fail_code code, struct view data, bool last)
{
	struct fetching *fetching = context;
	struct core *core = fetching->operation.core;
	struct core_session *session = session_find(core, fetching->operation.session);
	if (session == NULL || code != FAIL_NONE) {
		if (session != NULL)
			refuse(core, session->number, fetching->operation.frame_id, code, NULL);
		core->figures.damaged += code == FAIL_DATA_LOSS;
		end(session, fetching);
		return;
	}
	fetching->left--;
	struct frame frame = {.id = fetching->operation.frame_id, .kind = FRAME_FETCH_CHUNK};
	frame.of.fetch_chunk = (struct fetch_chunk){
		.object = fetching->object,
		.offset = fetching->offset,
		.data = data,
		.last = last || fetching->left == 0,
	};
	fetching->offset += data.length;
	session->room -= data.length < session->room ? data.length : session->room;
	core_send(core, session->number, &frame);
	if (frame.of.fetch_chunk.last)
		end(session, fetching);
	else
		read_piece(core, session, fetching);
}

static bool may_fetch(enum access_role role)
{
	return access_allowed(role, OPERATION_FETCH, RELATION_REQUESTING) ||
	       access_allowed(role, OPERATION_FETCH, RELATION_RESPONDING);
}

void fetch_frame(struct core *core, struct core_session *session, const struct frame *frame)
{
	const struct fetch *fetch = &frame->of.fetch;
	if (!may_fetch(session->role)) {
		refuse(core, session->number, frame->id, FAIL_NOT_ALLOWED, NULL);
		return;
	}
	if (!quota_take(core, session, frame->id))
		return;
	struct fetching *fetching = NULL;
	if (session->fetches < MAX_FETCHES)
		fetching = operation_new(core, sizeof *fetching, session->number, frame->id);
	if (fetching == NULL) {
		refuse(core, session->number, frame->id, FAIL_OVER_CREDIT, NULL);
		return;
	}
	session->fetches++;
	fetching->object = fetch->object;
	fetching->offset = fetch->offset;
	fetching->left = fetch->chunks;
	read_piece(core, session, fetching);
}

void fetch_go_on(struct core *core, struct core_session *session)
{
	struct fetching *fetching = session->fetch_waits;
	session->fetch_waits = NULL;
	while (fetching != NULL) {
		struct fetching *next = fetching->next_waiting;
		read_piece(core, session, fetching);
		fetching = next;
	}
}

void fetches_leave(struct core_session *session)
{
	while (session->fetch_waits != NULL) {
		struct fetching *fetching = session->fetch_waits;
		session->fetch_waits = fetching->next_waiting;
		operation_free(&fetching->operation);
	}
}
