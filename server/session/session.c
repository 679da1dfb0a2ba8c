// SPDX-License-Identifier: Apache-2.0
#include "session/session.h"

#include "session/limits.h"
#include "wire/codec.h"
#include "wire/frame.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	KEEP_OUTPUT = 2048,         // bytes of memory that an idle session keeps
	ROOM_STEP = LIMIT_UNSENT_HIGH / 2,
	ROOM_STEP_EMPTY = 64 * 1024,
	REASON_SIZE = 32,
};

enum session_state { STATE_HELLO, STATE_HELD, STATE_OPEN, STATE_LEAVING, STATE_ENDING, STATE_ENDED };

struct session {
	uint64_t number;
	struct identity peer;
	struct session_port port;
	enum session_state state;
	struct frame_reader reader;
	struct bytes out;           // frames since the last turn
	size_t under_way;           // bytes given to port.send that have not left
	size_t core_room;           // what the core thinks that it may send
	uint64_t now;               // of the call that we are in
	uint64_t opened, heard, pinged, state_since, last_left;
	uint64_t window_start;      // slow-frame rule; 0: no frame has begun
	size_t window_bytes;
	uint64_t peer_pinged;
	unsigned ping_strikes, undecodable;
	uint64_t hello_id;
	bool told_to_go, turn_asked;
	char end_reason[REASON_SIZE];
};

struct session *session_new(uint64_t number, const struct identity *peer, const struct session_port *port, uint64_t now)
{
	struct session *session = calloc(1, sizeof *session);
	if (session == NULL)
		return NULL;
	session->number = number;
	session->peer = *peer;
	session->port = *port;
	session->now = session->opened = session->heard = session->pinged = session->state_since = session->last_left = now;
	frame_reader_init(&session->reader, FRAME_MAX_BEFORE_HELLO);
	bytes_init(&session->out, LIMIT_UNSENT_MOST);
	return session;
}

void session_free(struct session *session)
{
	if (session == NULL)
		return;
	frame_reader_release(&session->reader);
	bytes_release(&session->out);
	free(session);
}

uint64_t session_number(const struct session *session)
{
	return session->number;
}

const struct identity *session_peer(const struct session *session)
{
	return &session->peer;
}

static void ask_for_turn(struct session *session)
{
	if (session->turn_asked)
		return;
	session->turn_asked = true;
	session->port.turn(session->port.context);
}

static void enter(struct session *session, enum session_state state)
{
	session->state = state;
	session->state_since = session->now;
}

static bool ending(const struct session *session)
{
	return session->state >= STATE_ENDING;
}

static size_t unsent(const struct session *session)
{
	return session->out.length + session->under_way;
}

static bool can_read(const struct session *session)
{
	return session->state != STATE_HELD && !ending(session) && unsent(session) < LIMIT_UNSENT_HIGH;
}

bool session_reading(const struct session *session)
{
	return can_read(session);
}

// Ends without a word to the peer: it would not get it, or has got it already.
static void end_silently(struct session *session, const char *reason)
{
	if (ending(session))
		return;
	snprintf(session->end_reason, sizeof session->end_reason, "%s", reason);
	enter(session, STATE_ENDING);
	ask_for_turn(session);
}

static void put(struct session *session, const struct frame *frame)
{
	size_t before = session->out.length;
	if (unsent(session) >= LIMIT_UNSENT_MOST || frame_encode(frame, &session->out) != FAIL_NONE) {
		end_silently(session, "NOT_READING");
		return;
	}
	size_t added = session->out.length - before;
	session->core_room -= added < session->core_room ? added : session->core_room;
	ask_for_turn(session);
}

void session_go_away(struct session *session, const char *reason, uint32_t retry_after_ms)
{
	if (ending(session) || session->told_to_go)
		return;
	session->told_to_go = true;
	struct frame frame = {.kind = FRAME_GO_AWAY, .of.go_away = {.reason = reason, .retry_after_ms = retry_after_ms}};
	put(session, &frame);
	if (session->state == STATE_OPEN)
		enter(session, STATE_LEAVING);
}

void session_end(struct session *session, const char *reason, uint32_t retry_after_ms)
{
	session_go_away(session, reason, retry_after_ms);
	end_silently(session, reason);
}

static void put_error(struct session *session, uint64_t id, enum fail_code code, const char *text)
{
	struct frame frame = {.id = id, .kind = FRAME_ERROR};
	frame.of.error =
		(struct error){.fail = code, .reason = fail_name(code), .retryable = fail_retryable(code), .text = text};
	put(session, &frame);
}

// What the core answers to Hello decides how this session goes on.
static void note_answer_to_hello(struct session *session, const struct frame *frame)
{
	if (frame->kind == FRAME_WELCOME) {
		session->reader.max_frame = FRAME_MAX;
		enter(session, session->told_to_go ? STATE_LEAVING : STATE_OPEN);
	} else if (frame->kind == FRAME_ERROR && frame->id == session->hello_id) {
		enter(session, STATE_HELLO);
	}
}

void session_send(struct session *session, const struct frame *frame)
{
	if (ending(session))
		return;
	if (session->state == STATE_HELD)
		note_answer_to_hello(session, frame);
	put(session, frame);
}

static void take_hello(struct session *session, const struct frame *frame)
{
	session->hello_id = frame->id;
	enter(session, STATE_HELD);
	session->core_room = LIMIT_UNSENT_HIGH;
	session->port.room(session->port.up, session->number, session->core_room);
	session->port.frame(session->port.up, session->number, frame);
}

static void take_ping(struct session *session, const struct frame *frame)
{
	bool early = session->peer_pinged != 0 && session->now - session->peer_pinged < LIMIT_PING_SPACING_MS;
	session->peer_pinged = session->now;
	session->ping_strikes = early ? session->ping_strikes + 1 : 0;
	if (session->ping_strikes >= LIMIT_PING_STRIKES) {
		session_end(session, "TOO_MANY_PINGS", LIMIT_PING_MS);
		return;
	}
	struct frame pong = {.id = frame->id, .kind = FRAME_PONG, .of.ping_now = session->port.clock(session->port.up)};
	put(session, &pong);
}

enum { FROM_PEER = 1, TO_CORE = 2 };

static const uint8_t ways[FRAME_KIND_COUNT] = {
	[FRAME_SUBMIT] = FROM_PEER | TO_CORE,
	[FRAME_ACK] = FROM_PEER | TO_CORE,
	[FRAME_QUERY] = FROM_PEER | TO_CORE,
	[FRAME_UPLOAD_OPEN] = FROM_PEER | TO_CORE,
	[FRAME_UPLOAD_CHUNK] = FROM_PEER | TO_CORE,
	[FRAME_FETCH] = FROM_PEER | TO_CORE,
	[FRAME_PING] = FROM_PEER,
	[FRAME_PONG] = FROM_PEER,
	[FRAME_GO_AWAY] = FROM_PEER, // the peer leaves; it will close the line itself
};

static void take_frame(struct session *session, const struct frame *frame)
{
	if (session->state == STATE_HELLO) {
		if (frame->kind == FRAME_HELLO) {
			take_hello(session, frame);
			return;
		}
		put_error(session, frame->id, FAIL_MALFORMED, "the first frame must be a Hello");
		session_end(session, "MALFORMED", 0);
		return;
	}
	if ((ways[frame->kind] & FROM_PEER) == 0)
		put_error(session, frame->id, FAIL_MALFORMED, "a frame of this kind is not for a hub now");
	else if (frame->kind == FRAME_PING)
		take_ping(session, frame);
	else if ((ways[frame->kind] & TO_CORE) != 0)
		session->port.frame(session->port.up, session->number, frame);
}

// The framing is whole, so the next frame can be read; only a peer that never
// makes sense is sent away.
static void refuse_frame(struct session *session, uint64_t id, const struct fail *why)
{
	put_error(session, id, why->code, why->text);
	session->undecodable++;
	if (session->state == STATE_HELLO || session->undecodable >= LIMIT_UNDECODABLE)
		session_end(session, "MALFORMED", 0);
}

static void take_payload(struct session *session, struct view payload)
{
	struct arena arena;
	struct frame frame;
	struct fail why = {0};
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	if (frame_decode(&frame, payload, &arena, &why) == FAIL_NONE)
		take_frame(session, &frame);
	else
		refuse_frame(session, frame.id, &why);
	arena_release(&arena);
}

static void refuse_framing(struct session *session, enum fail_code fault)
{
	put_error(session, 0, fault, fault == FAIL_TOO_LARGE ? "a frame's length is over the limit" : "a frame's length is zero");
	session_end(session, fail_name(fault), 0);
}

static void pump(struct session *session)
{
	struct view payload;
	enum fail_code fault = FAIL_NONE;
	while (can_read(session) && frame_reader_next(&session->reader, &payload, &fault))
		take_payload(session, payload);
	if (fault != FAIL_NONE && !ending(session))
		refuse_framing(session, fault);
}

// A frame that has begun must come on. Time in which we do not read is not the
// peer's, so the window begins anew after it.
static void note_progress(struct session *session, size_t bytes)
{
	if (!can_read(session) || !frame_reader_inside(&session->reader)) {
		session->window_start = 0;
		return;
	}
	if (session->window_start == 0) {
		session->window_start = session->now;
		session->window_bytes = 0;
	}
	session->window_bytes += bytes;
}

void session_feed(struct session *session, struct view plain, uint64_t now)
{
	session->now = session->heard = now;
	if (ending(session))
		return;
	enum fail_code fault = frame_reader_feed(&session->reader, plain);
	if (fault != FAIL_NONE) {
		refuse_framing(session, fault);
		return;
	}
	pump(session);
	note_progress(session, plain.length);
}

// The core counts down from what it was told last; it is told anew when enough of
// that was used and has left again.
static void give_room(struct session *session)
{
	size_t used = unsent(session), room = used < LIMIT_UNSENT_HIGH ? LIMIT_UNSENT_HIGH - used : 0;
	size_t step = used == 0 ? ROOM_STEP_EMPTY : ROOM_STEP;
	if (session->state < STATE_HELD || ending(session) || room < session->core_room + step)
		return;
	session->core_room = room;
	session->port.room(session->port.up, session->number, room);
}

void session_left(struct session *session, size_t bytes, uint64_t now)
{
	bool was_reading = can_read(session);
	session->now = session->last_left = now;
	must(bytes <= session->under_way);
	session->under_way -= bytes;
	if (!was_reading && can_read(session)) {
		session->heard = now; // what the peer said meanwhile was not read
		ask_for_turn(session);
	}
	give_room(session);
}

static void hand_over(struct session *session)
{
	if (session->out.length == 0)
		return;
	if (session->under_way == 0)
		session->last_left = session->now; // the stall clock starts with the first waiting byte
	session->under_way += session->out.length;
	session->port.send(session->port.context, bytes_view(&session->out));
	if (session->out.capacity > KEEP_OUTPUT)
		bytes_release(&session->out);
	else
		bytes_clear(&session->out);
}

void session_turn(struct session *session, uint64_t now)
{
	session->now = now;
	session->turn_asked = false;
	if (session->state == STATE_ENDED)
		return;
	pump(session);
	note_progress(session, 0);
	hand_over(session);
	if (session->state == STATE_ENDING) {
		enter(session, STATE_ENDED);
		session->port.close(session->port.context, session->end_reason);
	}
}

enum tick_rule { RULE_STATE, RULE_AGE, RULE_SLOW, RULE_STALL, RULE_DEAD, RULE_PING, RULE_COUNT };

// When each rule strikes if nothing more happens; UINT64_MAX: it does not apply now.
static uint64_t rule_due(const struct session *session, enum tick_rule rule)
{
	bool reading = can_read(session);
	switch (rule) {
	case RULE_STATE:
		if (session->state == STATE_HELLO)
			return session->state_since + LIMIT_HELLO_MS;
		return session->state == STATE_HELD ? session->state_since + LIMIT_WELCOME_MS : UINT64_MAX;
	case RULE_AGE:
		return session->told_to_go ? UINT64_MAX : session->opened + LIMIT_SESSION_MS;
	case RULE_SLOW:
		return session->window_start != 0 && reading ? session->window_start + LIMIT_SLOW_WINDOW_MS : UINT64_MAX;
	case RULE_STALL:
		return session->under_way > 0 ? session->last_left + LIMIT_STALL_MS : UINT64_MAX;
	case RULE_DEAD:
		return reading ? session->heard + LIMIT_DEAD_MS : UINT64_MAX;
	case RULE_PING:
		if (session->state < STATE_OPEN || !reading)
			return UINT64_MAX;
		return (session->pinged > session->heard ? session->pinged : session->heard) + LIMIT_PING_MS;
	case RULE_COUNT:
	default:
		return UINT64_MAX;
	}
}

uint64_t session_deadline(const struct session *session)
{
	uint64_t soonest = UINT64_MAX;
	if (ending(session))
		return soonest;
	for (int rule = 0; rule < RULE_COUNT; rule++) {
		uint64_t due = rule_due(session, (enum tick_rule)rule);
		if (due < soonest)
			soonest = due;
	}
	return soonest;
}

static void judge_window(struct session *session)
{
	if (session->window_bytes < LIMIT_SLOW_BYTES) {
		session_end(session, "TOO_SLOW", 0);
		return;
	}
	session->window_start = session->now;
	session->window_bytes = 0;
}

static void ask_peer(struct session *session)
{
	session->pinged = session->now;
	struct frame ping = {.id = 0, .kind = FRAME_PING, .of.ping_now = session->port.clock(session->port.up)};
	put(session, &ping);
}

static void strike(struct session *session, enum tick_rule rule)
{
	switch (rule) {
	case RULE_STATE:
		session_end(session, "TIMED_OUT", LIMIT_PING_MS);
		break;
	case RULE_AGE:
		session_end(session, "SESSION_AGE", 0);
		break;
	case RULE_SLOW:
		judge_window(session);
		break;
	case RULE_STALL:
		end_silently(session, "NOT_READING");
		break;
	case RULE_DEAD:
		end_silently(session, "DEAD");
		break;
	case RULE_PING:
		ask_peer(session);
		break;
	case RULE_COUNT:
	default:
		break;
	}
}

void session_tick(struct session *session, uint64_t now)
{
	session->now = now;
	for (int rule = 0; rule < RULE_COUNT && !ending(session); rule++) {
		if (rule_due(session, (enum tick_rule)rule) <= now)
			strike(session, (enum tick_rule)rule);
	}
}
