// SPDX-License-Identifier: Apache-2.0
#include "core/core_private.h"

#include <stdlib.h>
#include <string.h>

struct parcel *parcel_new(struct view bytes)
{
	struct parcel *parcel = malloc(sizeof *parcel + bytes.length);
	if (parcel == NULL)
		return NULL;
	uint8_t *data = (uint8_t *)(parcel + 1);
	if (bytes.length > 0)
		memcpy(data, bytes.data, bytes.length);
	parcel->users = 1;
	parcel->bytes = view_of(data, bytes.length);
	return parcel;
}

void parcel_drop(struct parcel *parcel)
{
	if (parcel != NULL && --parcel->users == 0)
		free(parcel);
}

void queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
	queue->count = 0;
}

void queue_add(struct queue *queue, struct request *request)
{
	request->next = NULL;
	*queue->last = request;
	queue->last = &request->next;
	queue->count++;
}

void queue_put_back(struct queue *queue, struct request *request)
{
	request->next = queue->first;
	if (queue->first == NULL)
		queue->last = &request->next;
	queue->first = request;
	queue->count++;
}

struct request *queue_take(struct queue *queue)
{
	struct request *request = queue->first;
	if (request == NULL)
		return NULL;
	queue->first = request->next;
	if (queue->first == NULL)
		queue->last = &queue->first;
	queue->count--;
	request->next = NULL;
	return request;
}

static void join_session(struct request *request, struct core_session *session)
{
	request->session = session->number;
	request->member = session->member;
	request->role = session->role;
	session->pending++;
	session->pending_bytes += request->parcel->bytes.length;
}

struct request *request_new(struct core *core, struct core_session *session, uint64_t frame_id, struct view envelope)
{
	struct request *request = calloc(1, sizeof *request);
	struct parcel *parcel = parcel_new(envelope);
	if (request == NULL || parcel == NULL) {
		free(request);
		parcel_drop(parcel);
		return NULL;
	}
	request->frame_id = frame_id;
	request->parcel = parcel;
	arena_init(&request->arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	request->next_all = core->requests;
	request->place_all = &core->requests;
	if (request->next_all != NULL)
		request->next_all->place_all = &request->next_all;
	core->requests = request;
	core->figures.pending++;
	core->figures.pending_bytes += envelope.length;
	if (session != NULL)
		join_session(request, session);
	return request;
}

static void leave_session(struct core *core, struct request *request)
{
	struct core_session *session = session_find(core, request->session);
	if (session == NULL)
		return;
	session->pending--;
	session->pending_bytes -= request->parcel->bytes.length;
	if (!request->in_session)
		return;
	struct request **place = &session->first;
	while (*place != request)
		place = &(*place)->next_of_session;
	*place = request->next_of_session;
	if (*place == NULL)
		session->last = place;
}

void request_free(struct core *core, struct request *request)
{
	leave_session(core, request);
	if (request->keyed)
		HASH_DEL(core->keyed, request);
	if (request->entry != NULL)
		case_unpin(core, request->entry);
	*request->place_all = request->next_all;
	if (request->next_all != NULL)
		request->next_all->place_all = request->place_all;
	core->figures.pending--;
	core->figures.pending_bytes -= request->parcel->bytes.length;
	arena_release(&request->arena);
	parcel_drop(request->parcel);
	free(request);
}

struct request *request_find(struct core *core, const struct id *message, member_no sender)
{
	struct request_key key;
	struct request *found = NULL;
	memset(&key, 0, sizeof key);
	key.message = *message;
	key.sender = sender;
	HASH_FIND(hh, core->keyed, &key, sizeof key, found);
	return found;
}

void request_key(struct core *core, struct request *request)
{
	request->key.message = request->header.message;
	request->key.sender = request->member->public.no;
	HASH_ADD(hh, core->keyed, key, sizeof request->key, request);
	request->keyed = true;
}

void request_join(struct request *first, struct request *twin)
{
	twin->twin = first->twin;
	first->twin = twin;
}

static void count_refusal(struct core *core, enum fail_code code)
{
	if (fail_retryable(code))
		core->figures.postponed++;
	else
		core->figures.refused++;
	if (code == FAIL_OVERTAKEN)
		core->figures.overtaken++;
}

void request_refuse_with(struct core *core, struct request *request, enum fail_code code, const char *text,
                         struct error_detail *detail, size_t count)
{
	while (request != NULL) {
		struct request *twin = request->twin;
		count_refusal(core, code);
		refuse_with(core, request->session, request->frame_id, code, text, detail, count);
		request_free(core, request);
		request = twin;
	}
}

void request_refuse(struct core *core, struct request *request, enum fail_code code, const char *text)
{
	request_refuse_with(core, request, code, text, NULL, 0);
}

void request_accept(struct core *core, struct request *request, struct accepted *accepted)
{
	while (request != NULL) {
		struct request *twin = request->twin;
		struct frame frame = {.id = request->frame_id, .kind = FRAME_ACCEPTED, .of.accepted = *accepted};
		if (accepted->duplicate)
			core->figures.duplicates++;
		else
			core->figures.accepted++;
		core_send(core, request->session, &frame);
		request_free(core, request);
		accepted->duplicate = true;
		request = twin;
	}
}
