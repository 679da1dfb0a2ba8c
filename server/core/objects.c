// SPDX-License-Identifier: Apache-2.0
//
// Attachments on their way in: what comes while a commit of the upload is under way
// is the next commit, as with messages; no timer.
#include "core/core_private.h"

#include <stdlib.h>
#include <string.h>

struct piece {
	struct piece *next;
	size_t length;
	uint8_t data[];
};

struct upload {
	struct upload *next;
	struct id object;
	uint64_t length; // of the object
	uint64_t durable, got; // bytes in the store; and with what waits here
	bool opened, writing, complete;
	uint64_t frame_id; // of the newest piece
	struct piece *first, **last;
	size_t waiting;
};

struct writing {
	struct operation operation; // first
	struct id object;
	struct upload_open open;
	struct view chunk[UPLOAD_COMMIT];
	struct piece *piece; // owned
	size_t count;
	uint64_t offset;
	uint64_t bytes;
};

static void free_pieces(struct piece *piece)
{
	while (piece != NULL) {
		struct piece *next = piece->next;
		free(piece);
		piece = next;
	}
}

static void drop_writing(struct operation *operation)
{
	free_pieces(((struct writing *)(void *)operation)->piece);
}

static struct upload *find_upload(struct core_session *session, const struct id *object)
{
	struct upload *upload = session->uploads;
	while (upload != NULL && !id_equal(&upload->object, object))
		upload = upload->next;
	return upload;
}

static void forget_pieces(struct core_session *session, struct upload *upload)
{
	free_pieces(upload->first);
	session->upload_pieces -= upload->waiting;
	upload->first = NULL;
	upload->last = &upload->first;
	upload->waiting = 0;
}

static void forget_upload(struct core_session *session, struct upload *upload)
{
	struct upload **place = &session->uploads;
	while (*place != upload)
		place = &(*place)->next;
	*place = upload->next;
	forget_pieces(session, upload);
	session->upload_count--;
	free(upload);
}

void uploads_leave(struct core *core, struct core_session *session)
{
	(void)core;
	while (session->uploads != NULL)
		forget_upload(session, session->uploads);
}

static void tell(struct core *core, struct core_session *session, uint64_t frame_id, const struct id *object,
                 const struct store_object *state)
{
	struct frame frame = {.id = frame_id, .kind = FRAME_UPLOAD_OFFSET};
	frame.of.upload_offset =
		(struct upload_offset){.object = *object, .durable = state->durable, .complete = state->complete};
	core_send(core, session->number, &frame);
}

// Where the store stands is where the upload goes on.
static void settle(struct core *core, struct core_session *session, struct upload *upload,
                   const struct store_object *state)
{
	tell(core, session, upload->frame_id, &upload->object, state);
	upload->durable = state->durable;
	if (upload->first == NULL || state->complete)
		upload->got = state->durable;
	if (state->complete)
		forget_upload(session, upload);
}

static void write_pieces(struct core *core, struct core_session *session, struct upload *upload);

static void written(void *context, enum fail_code code, const struct store_object *state)
{
	struct writing *writing = context;
	struct core *core = writing->operation.core;
	struct core_session *session = session_find(core, writing->operation.session);
	struct upload *upload = session == NULL ? NULL : find_upload(session, &writing->object);
	uint64_t expected = writing->offset + writing->bytes;
	if (session != NULL)
		session->upload_pieces -= writing->count;
	if (code == FAIL_NONE)
		core->figures.object_bytes += writing->bytes;
	operation_free(&writing->operation);
	if (upload == NULL)
		return;
	upload->writing = false;
	if (code != FAIL_NONE) {
		refuse(core, session->number, upload->frame_id, code, NULL);
		forget_upload(session, upload);
		return;
	}
	if (state->durable != expected) {
		forget_pieces(session, upload); // another session writes the same object, or a restore took some back
		upload->got = state->durable;
	}
	bool more = upload->waiting > 0 && !state->complete;
	settle(core, session, upload, state);
	if (more)
		write_pieces(core, session, upload);
}

static void write_pieces(struct core *core, struct core_session *session, struct upload *upload)
{
	struct writing *writing = operation_new(core, sizeof *writing, session->number, upload->frame_id);
	if (writing == NULL)
		return; // the next piece tries again
	writing->operation.drop = drop_writing;
	writing->object = upload->object;
	writing->offset = upload->durable;
	writing->piece = upload->first;
	struct piece *piece = upload->first, *last = NULL;
	for (; piece != NULL && writing->count < UPLOAD_COMMIT; piece = piece->next) {
		writing->chunk[writing->count++] = view_of(piece->data, piece->length);
		writing->bytes += piece->length;
		last = piece;
	}
	must(last != NULL);
	last->next = NULL;
	upload->first = piece;
	if (piece == NULL)
		upload->last = &upload->first;
	upload->waiting -= writing->count;
	upload->writing = true;
	core->store->ops->object_write(core->store, session->member->public.no, &writing->object, writing->offset,
	                               writing->chunk, writing->count, written, writing);
}

static void opened(void *context, enum fail_code code, const struct store_object *state)
{
	struct writing *opening = context;
	struct core *core = opening->operation.core;
	struct core_session *session = session_find(core, opening->operation.session);
	struct upload *upload = session == NULL ? NULL : find_upload(session, &opening->object);
	uint64_t frame_id = opening->operation.frame_id;
	operation_free(&opening->operation);
	if (upload == NULL)
		return;
	if (code != FAIL_NONE) {
		refuse(core, session->number, frame_id, code, NULL);
		forget_upload(session, upload);
		return;
	}
	upload->opened = true;
	upload->got = state->durable;
	settle(core, session, upload, state);
}

static bool may_upload(struct core *core, struct core_session *session, uint64_t frame_id)
{
	if (access_allowed(session->role, OPERATION_UPLOAD, RELATION_NONE))
		return true;
	refuse(core, session->number, frame_id, FAIL_NOT_ALLOWED, NULL);
	return false;
}

static struct upload *new_upload(struct core *core, struct core_session *session, const struct frame *frame)
{
	struct upload *upload = NULL;
	if (session->upload_count < MAX_UPLOADS)
		upload = calloc(1, sizeof *upload);
	if (upload == NULL) {
		refuse(core, session->number, frame->id, FAIL_OVER_CREDIT, "too many uploads at once");
		return NULL;
	}
	upload->object = frame->of.upload_open.object;
	upload->length = frame->of.upload_open.length;
	upload->frame_id = frame->id;
	upload->last = &upload->first;
	upload->next = session->uploads;
	session->uploads = upload;
	session->upload_count++;
	return upload;
}

void upload_open_frame(struct core *core, struct core_session *session, const struct frame *frame)
{
	const struct upload_open *open = &frame->of.upload_open;
	if (!may_upload(core, session, frame->id) || !quota_take(core, session, frame->id))
		return;
	struct upload *upload = find_upload(session, &open->object);
	if (upload != NULL && (upload->writing || !upload->opened)) {
		refuse(core, session->number, frame->id, FAIL_OVER_CREDIT, "this upload is being written");
		return;
	}
	if (upload != NULL)
		forget_upload(session, upload);
	if (new_upload(core, session, frame) == NULL)
		return;
	struct writing *opening = operation_new(core, sizeof *opening, session->number, frame->id);
	if (opening == NULL) {
		forget_upload(session, session->uploads);
		refuse(core, session->number, frame->id, FAIL_NO_MEMORY, NULL);
		return;
	}
	opening->object = open->object;
	opening->open = *open;
	core->store->ops->object_open(core->store, session->member->public.no, &opening->open, opened, opening);
}

// A piece that does not fit is answered with where the upload stands.
static enum fail_code check_piece(const struct core_session *session, const struct upload *upload,
                                  const struct upload_chunk *chunk)
{
	if (upload == NULL || !upload->opened)
		return FAIL_UNKNOWN_OBJECT;
	if (session->upload_pieces >= UPLOAD_PIECES)
		return FAIL_OVER_CREDIT;
	uint64_t left = upload->length - chunk->offset;
	if (chunk->offset >= upload->length || chunk->data.length != (left < CHUNK_SIZE ? left : CHUNK_SIZE))
		return FAIL_MALFORMED;
	return FAIL_NONE;
}

static bool keep_piece(struct core_session *session, struct upload *upload, struct view data)
{
	struct piece *piece = malloc(sizeof *piece + data.length);
	if (piece == NULL)
		return false;
	piece->next = NULL;
	piece->length = data.length;
	memcpy(piece->data, data.data, data.length);
	*upload->last = piece;
	upload->last = &piece->next;
	upload->waiting++;
	upload->got += data.length;
	session->upload_pieces++;
	return true;
}

void upload_chunk_frame(struct core *core, struct core_session *session, const struct frame *frame)
{
	const struct upload_chunk *chunk = &frame->of.upload_chunk;
	struct upload *upload = find_upload(session, &chunk->object);
	enum fail_code code = check_piece(session, upload, chunk);
	if (code != FAIL_NONE) {
		refuse(core, session->number, frame->id, code, NULL);
		return;
	}
	if (chunk->offset != upload->got) {
		const struct store_object state = {.durable = upload->durable};
		if (chunk->offset > upload->got)
			tell(core, session, frame->id, &upload->object, &state);
		return; // what is there already came twice
	}
	upload->frame_id = frame->id;
	if (!keep_piece(session, upload, chunk->data)) {
		refuse(core, session->number, frame->id, FAIL_NO_MEMORY, NULL);
		return;
	}
	if (!upload->writing) // what comes meanwhile is the next commit
		write_pieces(core, session, upload);
}
