// SPDX-License-Identifier: Apache-2.0
//
// From the first frame to Welcome: who it is, which cursor, how much may be under way.
#include "core/core_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Strings of a cursor question live as long as the question.
struct greeting {
	struct operation operation; // first
	struct store_open_cursor request;
	char consumer[USER_SIZE];
};

static void turn_away(struct core *core, struct core_session *session, enum fail_code code, const char *text)
{
	refuse(core, session->number, session->hello_id, code, text);
	session->state = SESSION_NEW;
	if (!fail_retryable(code))
		core->port.end(core->port.context, session->number, fail_name(code), 0);
}

static void welcome(struct core *core, struct core_session *session, const struct store_cursor *cursor)
{
	struct frame frame = {.id = session->hello_id, .kind = FRAME_WELCOME};
	frame.of.welcome = (struct welcome){
		.max_frame = 1024 * 1024,
		.credit_messages = core->settings.credit_messages,
		.credit_bytes = core->settings.credit_bytes,
		.mailbox_epoch = cursor->mailbox_epoch,
		.mailbox_low = cursor->low,
		.mailbox_high = cursor->high,
		.now = core_now(core),
		.heartbeat_ms = core->settings.heartbeat_ms,
		.receipt_certificate = core->settings.receipt_certificate,
		.receipt_issuer = core->settings.receipt_issuer,
		.member = session->peer.code,
		.role = session->peer.role,
	};
	session->state = SESSION_OPEN;
	core->figures.open_sessions++;
	core_send(core, session->number, &frame);
}

static void tell_cursor(struct core *core, struct core_session *session, enum fail_code code,
                        const struct store_cursor *cursor)
{
	char low[24] = "", high[24] = "", epoch[24] = "";
	struct error_detail detail[] = {{"low", low}, {"high", high}, {"epoch", epoch}};
	if (cursor != NULL) {
		snprintf(low, sizeof low, "%llu", (unsigned long long)cursor->low);
		snprintf(high, sizeof high, "%llu", (unsigned long long)cursor->high);
		snprintf(epoch, sizeof epoch, "%llu", (unsigned long long)cursor->mailbox_epoch);
	}
	session->state = SESSION_NEW; // the client may ask again from another number
	refuse_with(core, session->number, session->hello_id, code, NULL, detail, cursor == NULL ? 0 : 3);
}

static void cursor_opened(void *context, enum fail_code code, const struct store_cursor *cursor)
{
	struct greeting *greeting = context;
	struct core *core = greeting->operation.core;
	struct core_session *session = session_find(core, greeting->operation.session);
	bool opened = code == FAIL_NONE;
	member_no member = greeting->request.member;
	char consumer[USER_SIZE];
	memcpy(consumer, greeting->consumer, sizeof consumer);
	operation_free(&greeting->operation);
	if (session == NULL) {
		if (opened)
			reading_close(core, member, consumer, cursor->consumer_epoch, 0);
		return;
	}
	if (code == FAIL_CURSOR_STALE || code == FAIL_CURSOR_AHEAD) {
		tell_cursor(core, session, code, cursor);
	} else if (code != FAIL_NONE) {
		turn_away(core, session, code, NULL);
	} else {
		welcome(core, session, cursor);
		delivery_attach(core, session, cursor);
	}
}

static void open_cursor(struct core *core, struct core_session *session)
{
	struct greeting *greeting = operation_new(core, sizeof *greeting, session->number, session->hello_id);
	if (greeting == NULL) {
		turn_away(core, session, FAIL_NO_MEMORY, NULL);
		return;
	}
	memcpy(greeting->consumer, session->peer.user, sizeof greeting->consumer);
	greeting->request = (struct store_open_cursor){
		.member = session->member->public.no,
		.consumer = greeting->consumer,
		.resume = session->hello.resume,
		.mailbox_epoch = session->hello.mailbox_epoch,
		.cursor = session->hello.cursor,
		.now = core_now(core),
		.until = core_now(core) + READING_MS,
	};
	core->store->ops->open_cursor(core->store, &greeting->request, cursor_opened, greeting);
}

void hello_go_on(struct core *core, struct core_session *session)
{
	bool agency = session->peer.class == IDENTITY_AGENCY;
	struct member *member = member_of_code(core, session->peer.code);
	if (!core->directory_loaded) {
		turn_away(core, session, FAIL_UNAVAILABLE, NULL);
		return;
	}
	if (!member_connects(member, agency) || session->role == ROLE_COUNT) {
		turn_away(core, session, FAIL_NOT_A_MEMBER, NULL);
		return;
	}
	session->member = member;
	bool reads =
		session->hello.credit_messages > 0 && access_allowed(session->role, OPERATION_READ_MAILBOX, RELATION_NONE);
	if (reads) {
		open_cursor(core, session);
	} else {
		const struct store_cursor none = {0};
		welcome(core, session, &none);
	}
}

void hello_frame(struct core *core, struct core_session *session, const struct frame *frame)
{
	if (session->state != SESSION_NEW) {
		refuse(core, session->number, frame->id, FAIL_MALFORMED, "Hello was said before");
		return;
	}
	session->state = SESSION_GREETING;
	session->hello = frame->of.hello;
	session->hello.software = NULL; // borrowed, and nothing here needs it
	session->hello_id = frame->id;
	if (session->hello.min_minor > 0) {
		turn_away(core, session, FAIL_UNSUPPORTED, "this hub speaks minor version 0");
		return;
	}
	bool known = member_connects(member_of_code(core, session->peer.code), session->peer.class == IDENTITY_AGENCY);
	session->hello_waits = !known; // perhaps a member since a moment ago
	if (known)
		hello_go_on(core, session);
	else
		directory_wanted(core);
}
