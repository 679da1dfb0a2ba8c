// SPDX-License-Identifier: Apache-2.0
#include "core/core_private.h"

#include <stdlib.h>
#include <string.h>

uint64_t core_now(const struct core *core)
{
	return core->port.now(core->port.context);
}

void core_wake(struct core *core, uint64_t at)
{
	core->port.wake(core->port.context, at);
}

struct core_session *session_find(struct core *core, uint64_t number)
{
	struct core_session *session = NULL;
	HASH_FIND(hh, core->sessions, &number, sizeof number, session);
	return session;
}

void core_send(struct core *core, uint64_t session, const struct frame *frame)
{
	if (session != 0) // else the hub asked itself
		core->port.send(core->port.context, session, frame);
}

void *operation_new(struct core *core, size_t size, uint64_t session, uint64_t frame_id)
{
	struct operation *operation = calloc(1, size);
	if (operation == NULL)
		return NULL;
	operation->core = core;
	operation->session = session;
	operation->frame_id = frame_id;
	operation->next = core->operations;
	operation->place = &core->operations;
	if (operation->next != NULL)
		operation->next->place = &operation->next;
	core->operations = operation;
	return operation;
}

void operation_free(struct operation *operation)
{
	*operation->place = operation->next;
	if (operation->next != NULL)
		operation->next->place = operation->place;
	if (operation->drop != NULL)
		operation->drop(operation);
	free(operation);
}

bool quota_take(struct core *core, struct core_session *session, uint64_t frame_id)
{
	enum { ONE = 1000 };
	uint64_t rate = core->settings.requests_per_second, now = core_now(core);
	struct member *member = session->member;
	if (rate == 0)
		return true;
	uint64_t full = 2 * rate * ONE, passed = now > member->refilled ? now - member->refilled : 0;
	member->tokens = member->refilled == 0 || passed > 2000 ? full : member->tokens + passed * rate;
	member->tokens = member->tokens > full ? full : member->tokens;
	member->refilled = now;
	if (member->tokens >= ONE) {
		member->tokens -= ONE;
		return true;
	}
	core->figures.over_quota++;
	struct frame frame = {.id = frame_id, .kind = FRAME_ERROR};
	frame.of.error = (struct error){
		.fail = FAIL_OVER_QUOTA,
		.reason = fail_name(FAIL_OVER_QUOTA),
		.retryable = true,
		.retry_after_ms = (uint32_t)((ONE - member->tokens) / rate + 1),
		.text = fail_advice(FAIL_OVER_QUOTA),
	};
	core_send(core, session->number, &frame);
	return false;
}

static enum fail_code keep_settings(struct core *core, const struct core_settings *settings)
{
	size_t length = strlen(settings->hub_uri);
	must(length < sizeof core->hub_uri);
	core->settings = *settings;
	memcpy(core->hub_uri, settings->hub_uri, length + 1);
	core->settings.hub_uri = core->hub_uri;
	bytes_init(&core->certificate, MAX_CERTIFICATE);
	bytes_init(&core->issuer, MAX_CERTIFICATE);
	struct view certificate = settings->receipt_certificate, issuer = settings->receipt_issuer;
	enum fail_code code = bytes_append(&core->certificate, certificate.data, certificate.length);
	if (code == FAIL_NONE)
		code = bytes_append(&core->issuer, issuer.data, issuer.length);
	core->settings.receipt_certificate = bytes_view(&core->certificate);
	core->settings.receipt_issuer = bytes_view(&core->issuer);
	if (code == FAIL_NONE)
		code = certificate_parse(&core->receipt_certificate, certificate, NULL);
	return code;
}

enum fail_code core_new(struct core **made, const struct core_settings *settings, const struct core_port *port,
                        struct store *store)
{
	struct core *core = calloc(1, sizeof *core);
	*made = NULL;
	if (core == NULL)
		return FAIL_NO_MEMORY;
	core->port = *port;
	core->store = store;
	queue_init(&core->for_directory);
	queue_init(&core->for_lookup);
	queue_init(&core->ready);
	core->unchecked_last = &core->unchecked;
	writer_init(core);
	enum fail_code code = keep_settings(core, settings);
	if (code != FAIL_NONE) {
		core_free(core);
		return code;
	}
	*made = core;
	directory_wanted(core);
	clocks_start(core);
	outages_start(core);
	askings_start(core);
	return FAIL_NONE;
}

static void session_free(struct core *core, struct core_session *session)
{
	delivery_leave(core, session);
	uploads_leave(core, session);
	fetches_leave(session);
	HASH_DEL(core->sessions, session);
	free(session->length);
	free(session);
}

void core_free(struct core *core)
{
	if (core == NULL)
		return;
	struct core_session *session = NULL, *next = NULL;
	HASH_ITER (hh, core->sessions, session, next)
		session_free(core, session);
	check_release(core);
	while (core->requests != NULL)
		request_free(core, core->requests);
	while (core->operations != NULL)
		operation_free(core->operations);
	questions_release(core);
	cases_release(core);
	directory_release(core);
	writer_release(core);
	certificate_free(core->receipt_certificate);
	bytes_release(&core->certificate);
	bytes_release(&core->issuer);
	free(core);
}

void core_session_opened(struct core *core, uint64_t number, const struct identity *peer)
{
	struct core_session *session = calloc(1, sizeof *session);
	if (session == NULL) {
		core->port.end(core->port.context, number, "NO_MEMORY", RETRY_AFTER_MS);
		return;
	}
	session->number = number;
	session->peer = *peer;
	session->role = access_role_of(peer);
	session->last = &session->first;
	HASH_ADD(hh, core->sessions, number, sizeof session->number, session);
}

struct handler {
	void (*take)(struct core *core, struct core_session *session, const struct frame *frame);
	bool before_hello;
	bool new_work; // refused while draining
};

static const struct handler handlers[FRAME_KIND_COUNT] = {
	[FRAME_HELLO] = {hello_frame, true, true},
	[FRAME_SUBMIT] = {submit_frame, false, true},
	[FRAME_ACK] = {ack_frame, false, false},
	[FRAME_QUERY] = {query_frame, false, true},
	[FRAME_UPLOAD_OPEN] = {upload_open_frame, false, true},
	[FRAME_UPLOAD_CHUNK] = {upload_chunk_frame, false, true},
	[FRAME_FETCH] = {fetch_frame, false, true},
};

void core_session_frame(struct core *core, uint64_t number, const struct frame *frame)
{
	struct core_session *session = session_find(core, number);
	if (session == NULL)
		return;
	const struct handler *handler = frame->kind < FRAME_KIND_COUNT ? &handlers[frame->kind] : &handlers[FRAME_NONE];
	if (handler->take == NULL)
		refuse(core, number, frame->id, FAIL_UNSUPPORTED, "a hub does not take frames of this kind");
	else if (!handler->before_hello && session->state != SESSION_OPEN)
		refuse(core, number, frame->id, FAIL_MALFORMED, "the first frame must be a Hello");
	else if (handler->new_work && core->draining)
		refuse(core, number, frame->id, FAIL_UNAVAILABLE, "the hub is stopping; come back later");
	else
		handler->take(core, session, frame);
}

void core_session_room(struct core *core, uint64_t number, size_t bytes)
{
	struct core_session *session = session_find(core, number);
	if (session == NULL)
		return;
	session->room = bytes;
	delivery_go_on(core, session);
	fetch_go_on(core, session);
}

void core_session_closed(struct core *core, uint64_t number)
{
	struct core_session *session = session_find(core, number);
	if (session == NULL)
		return;
	admission_leave(core, session);
	cursor_leave(core, session);
	reading_leave(core, session);
	if (session->state == SESSION_OPEN)
		core->figures.open_sessions--;
	session_free(core, session);
}

void core_tick(struct core *core)
{
	uint64_t now = core_now(core);
	directory_tick(core, now);
	cursor_tick(core, now);
	delivery_tick(core, now);
	others_tick(core, now);
	clocks_tick(core, now);
	outages_tick(core, now);
	askings_tick(core, now);
	questions_tick(core, now);
}

const struct core_figures *core_figures(struct core *core)
{
	core->figures.cases_cached = HASH_COUNT(core->cases);
	return &core->figures;
}

bool core_ready(const struct core *core)
{
	return core->directory_loaded;
}

// Sessions are told to go by whoever owns them; what they had asked is finished.
void core_drain(struct core *core)
{
	core->draining = true;
	directory_give_up(core);
}

bool core_drained(const struct core *core)
{
	return core->draining && core->requests == NULL && core->operations == NULL && core->dirty == NULL &&
	       core->checks_under_way == 0 && !core->writer.busy && !core->lookup.busy && core->partner_first == NULL;
}
