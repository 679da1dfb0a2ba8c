// SPDX-License-Identifier: Apache-2.0
// links: hub_session
//
// A session with both its neighbours played by the test, on virtual time.
#include "test.h"

#include "session/limits.h"
#include "session/session.h"
#include "wire/codec.h"
#include "wire/frame.h"

#include <stdio.h>

enum { MAX_FRAMES = 64, START = 1000000 };

// What came out on either side, decoded.
struct seen {
	enum frame_kind kind;
	uint64_t id;
	char text[64];  // reason of an Error or GoAway
	uint32_t retry_after_ms;
};

struct world {
	struct session *session;
	uint64_t now;
	struct seen peer[MAX_FRAMES], core[MAX_FRAMES];
	size_t peer_count, core_count;
	size_t sent, left;          // plain bytes
	bool stuck;                 // what is sent stays here
	bool turn_wanted, closed, answer_hello;
	char reason[40];
	size_t room, room_calls;
	struct bytes output;
};

static void note_frame(struct seen *seen, size_t *count, const struct frame *frame)
{
	assert_true(*count < MAX_FRAMES);
	struct seen *one = &seen[(*count)++];
	*one = (struct seen){.kind = frame->kind, .id = frame->id};
	if (frame->kind == FRAME_GO_AWAY) {
		snprintf(one->text, sizeof one->text, "%s", frame->of.go_away.reason);
		one->retry_after_ms = frame->of.go_away.retry_after_ms;
	} else if (frame->kind == FRAME_ERROR) {
		snprintf(one->text, sizeof one->text, "%s", frame->of.error.reason);
	}
}

static void look_at(struct world *world, struct view payload)
{
	struct arena arena;
	struct frame frame;
	struct fail why;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	assert_ok(frame_decode(&frame, payload, &arena, &why));
	note_frame(world->peer, &world->peer_count, &frame);
	arena_release(&arena);
}

static void on_send(void *context, struct view plain)
{
	struct world *world = context;
	size_t at = 0;
	world->sent += plain.length;
	while (at < plain.length && world->peer_count < MAX_FRAMES && plain.length < LIMIT_UNSENT_HIGH) {
		uint32_t length = read_u32be(plain.data + at);
		look_at(world, view_of(plain.data + at + FRAME_HEAD, length));
		at += FRAME_HEAD + length;
	}
}

static void on_close(void *context, const char *reason)
{
	struct world *world = context;
	assert_false(world->closed);
	world->closed = true;
	snprintf(world->reason, sizeof world->reason, "%s", reason);
}

static void on_turn(void *context)
{
	struct world *world = context;
	world->turn_wanted = true;
}

static void on_frame(void *context, uint64_t number, const struct frame *frame)
{
	struct world *world = context;
	assert_int_equal(number, 7);
	note_frame(world->core, &world->core_count, frame);
	if (frame->kind == FRAME_HELLO && world->answer_hello) {
		struct frame welcome = {.id = frame->id, .kind = FRAME_WELCOME};
		welcome.of.welcome = (struct welcome){.max_frame = FRAME_MAX, .member = "CH", .role = "caseworker"};
		session_send(world->session, &welcome);
	}
}

static void on_room(void *context, uint64_t number, size_t bytes)
{
	struct world *world = context;
	assert_int_equal(number, 7);
	world->room = bytes;
	world->room_calls++;
}

static uint64_t on_clock(void *context)
{
	(void)context;
	return 1795000000000;
}

static void turn(struct world *world)
{
	for (int i = 0; i < 10 && (world->turn_wanted || i == 0) && !world->closed; i++) {
		world->turn_wanted = false;
		session_turn(world->session, world->now);
		if (!world->stuck && !world->closed && world->sent > world->left) {
			size_t bytes = world->sent - world->left;
			world->left = world->sent;
			session_left(world->session, bytes, world->now);
		}
	}
}

static int set_up(void **state)
{
	static const struct identity peer = {.class = IDENTITY_MEMBER, .code = "CH", .role = "caseworker", .user = "anna"};
	struct world *world = calloc(1, sizeof *world);
	world->now = START;
	world->answer_hello = true;
	struct session_port port = {
		.context = world, .up = world, .send = on_send, .close = on_close, .turn = on_turn,
		.frame = on_frame, .room = on_room, .clock = on_clock,
	};
	world->session = session_new(7, &peer, &port, world->now);
	bytes_init(&world->output, 32 * 1024 * 1024);
	*state = world;
	return world->session == NULL;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	session_free(world->session);
	bytes_release(&world->output);
	free(world);
	return 0;
}

// Frames of a peer.

static void feed(struct world *world, const void *data, size_t length)
{
	session_feed(world->session, view_of(data, length), world->now);
	turn(world);
}

static void say(struct world *world, const struct frame *frame)
{
	struct bytes bytes;
	bytes_init(&bytes, FRAME_HEAD + FRAME_MAX);
	assert_ok(frame_encode(frame, &bytes));
	feed(world, bytes.data, bytes.length);
	bytes_release(&bytes);
}

static struct frame hello_frame(void)
{
	return (struct frame){.id = 1, .kind = FRAME_HELLO, .of.hello = {.credit_messages = 10, .credit_bytes = 1 << 20, .software = "test"}};
}

static void say_hello(struct world *world)
{
	struct frame hello = hello_frame();
	say(world, &hello);
}

static void say_ack(struct world *world)
{
	struct frame ack = {.id = 0, .kind = FRAME_ACK, .of.ack.mailbox_seq = 3};
	say(world, &ack);
}

static void say_ping(struct world *world)
{
	struct frame ping = {.id = 9, .kind = FRAME_PING, .of.ping_now = 5};
	say(world, &ping);
}

// Time passes; the rules are looked at when the session asked for it.
static void pass(struct world *world, uint64_t ms)
{
	uint64_t until = world->now + ms;
	while (!world->closed && session_deadline(world->session) <= until) {
		uint64_t due = session_deadline(world->session);
		world->now = due > world->now ? due : world->now;
		session_tick(world->session, world->now);
		turn(world);
	}
	world->now = until;
}

static const struct seen *last_to_peer(const struct world *world)
{
	assert_true(world->peer_count > 0);
	return &world->peer[world->peer_count - 1];
}

static void expect_end(const struct world *world, const char *reason)
{
	assert_true(world->closed);
	assert_string_equal(world->reason, reason);
}

// Hello.

static void a_hello_reaches_the_core_and_is_answered(void **state)
{
	struct world *world = *state;
	say_hello(world);
	assert_int_equal(world->core_count, 1);
	assert_int_equal(world->core[0].kind, FRAME_HELLO);
	assert_int_equal(last_to_peer(world)->kind, FRAME_WELCOME);
	assert_int_equal(world->room, LIMIT_UNSENT_HIGH);
	assert_false(world->closed);
}

static void any_other_first_frame_ends_the_session_with_an_error(void **state)
{
	struct world *world = *state;
	say_ack(world);
	assert_int_equal(world->core_count, 0);
	assert_int_equal(world->peer[0].kind, FRAME_ERROR);
	assert_int_equal(last_to_peer(world)->kind, FRAME_GO_AWAY);
	expect_end(world, "MALFORMED");
}

static void before_hello_a_frame_over_16_kib_is_refused_by_its_length_alone(void **state)
{
	struct world *world = *state;
	uint8_t head[FRAME_HEAD];
	write_u32be(head, FRAME_MAX_BEFORE_HELLO + 1);
	feed(world, head, sizeof head);
	assert_string_equal(world->peer[0].text, "TOO_LARGE");
	expect_end(world, "TOO_LARGE");
}

static void after_welcome_a_frame_of_1_mib_is_taken_and_one_byte_more_is_not(void **state)
{
	struct world *world = *state;
	uint8_t head[FRAME_HEAD];
	say_hello(world);
	write_u32be(head, FRAME_MAX);
	feed(world, head, sizeof head);
	assert_false(world->closed);
	uint8_t *rest = calloc(1, FRAME_MAX);
	feed(world, rest, FRAME_MAX); // makes no sense, but is well cut
	free(rest);
	assert_string_equal(last_to_peer(world)->text, "MALFORMED");
	assert_false(world->closed);
	write_u32be(head, FRAME_MAX + 1);
	feed(world, head, sizeof head);
	expect_end(world, "TOO_LARGE");
}

static void a_length_of_zero_ends_the_session(void **state)
{
	struct world *world = *state;
	say_hello(world);
	feed(world, "\0\0\0\0", 4);
	assert_string_equal(world->peer[1].text, "MALFORMED");
	expect_end(world, "MALFORMED");
}

static void frames_behind_the_hello_wait_for_the_welcome(void **state)
{
	struct world *world = *state;
	struct frame hello = hello_frame(), ack = {.kind = FRAME_ACK, .of.ack.mailbox_seq = 3},
				 welcome = {.id = 1, .kind = FRAME_WELCOME};
	world->answer_hello = false;
	assert_ok(frame_encode(&hello, &world->output));
	assert_ok(frame_encode(&ack, &world->output));
	feed(world, world->output.data, world->output.length);
	assert_int_equal(world->core_count, 1);
	assert_false(session_reading(world->session));
	welcome.of.welcome = (struct welcome){.max_frame = FRAME_MAX, .member = "CH", .role = "caseworker"};
	session_send(world->session, &welcome);
	assert_int_equal(world->core_count, 1); // not from within the core's call
	turn(world);
	assert_int_equal(world->core_count, 2);
	assert_int_equal(world->core[1].kind, FRAME_ACK);
	assert_true(session_reading(world->session));
}

static void after_a_refused_hello_another_may_be_said(void **state)
{
	struct world *world = *state;
	struct frame error = {.id = 1, .kind = FRAME_ERROR, .of.error = {.fail = FAIL_CURSOR_STALE, .reason = "CURSOR_STALE", .text = ""}};
	world->answer_hello = false;
	say_hello(world);
	session_send(world->session, &error);
	turn(world);
	world->answer_hello = true;
	say_hello(world);
	assert_int_equal(world->core_count, 2);
	assert_int_equal(last_to_peer(world)->kind, FRAME_WELCOME);
}

static void who_says_no_hello_is_sent_away(void **state)
{
	struct world *world = *state;
	pass(world, LIMIT_HELLO_MS - 1);
	assert_false(world->closed);
	pass(world, 1);
	expect_end(world, "TIMED_OUT");
}

static void a_core_that_never_answers_a_hello_ends_the_session(void **state)
{
	struct world *world = *state;
	world->answer_hello = false;
	say_hello(world);
	pass(world, LIMIT_WELCOME_MS - 1);
	assert_false(world->closed);
	pass(world, 1);
	expect_end(world, "TIMED_OUT");
}

// Frames that make no sense.

static void an_undecodable_frame_is_answered_and_the_session_goes_on(void **state)
{
	struct world *world = *state;
	say_hello(world);
	feed(world, "\0\0\0\3\x08\x2a\xff", 7); // id 42, then half a field
	assert_int_equal(last_to_peer(world)->kind, FRAME_ERROR);
	assert_string_equal(last_to_peer(world)->text, "MALFORMED");
	assert_int_equal(last_to_peer(world)->id, 42);
	say_ack(world);
	assert_int_equal(world->core[world->core_count - 1].kind, FRAME_ACK);
	assert_false(world->closed);
}

static void a_peer_that_never_makes_sense_is_sent_away(void **state)
{
	struct world *world = *state;
	say_hello(world);
	for (int i = 1; i < LIMIT_UNDECODABLE; i++) {
		feed(world, "\0\0\0\1\xff", 5);
		world->peer_count = 0;
	}
	assert_false(world->closed);
	feed(world, "\0\0\0\1\xff", 5);
	expect_end(world, "MALFORMED");
}

static void frames_that_only_a_hub_sends_are_refused_by_id(void **state)
{
	struct world *world = *state;
	struct frame away = {.id = 77, .kind = FRAME_ERROR, .of.error = {.fail = FAIL_INTERNAL, .reason = "INTERNAL", .text = ""}};
	say_hello(world);
	say(world, &away);
	assert_int_equal(last_to_peer(world)->kind, FRAME_ERROR);
	assert_int_equal(last_to_peer(world)->id, 77);
	assert_int_equal(world->core_count, 1);
	assert_false(world->closed);
}

static void a_frame_may_come_one_byte_at_a_time(void **state)
{
	struct world *world = *state;
	struct frame hello = hello_frame();
	assert_ok(frame_encode(&hello, &world->output));
	for (size_t i = 0; i < world->output.length; i++)
		feed(world, world->output.data + i, 1);
	assert_int_equal(world->core_count, 1);
}

// Keep-alive.

static void after_15_s_of_silence_the_peer_is_asked_and_after_45_s_it_is_dead(void **state)
{
	struct world *world = *state;
	say_hello(world);
	world->peer_count = 0;
	pass(world, LIMIT_PING_MS - 1);
	assert_int_equal(world->peer_count, 0);
	pass(world, 1);
	assert_int_equal(world->peer_count, 1);
	assert_int_equal(world->peer[0].kind, FRAME_PING);
	pass(world, LIMIT_DEAD_MS - LIMIT_PING_MS - 1);
	assert_false(world->closed);
	pass(world, 1);
	expect_end(world, "DEAD");
}

static void a_peer_that_answers_pings_stays(void **state)
{
	struct world *world = *state;
	say_hello(world);
	for (int i = 0; i < 20; i++) {
		world->peer_count = 0;
		pass(world, LIMIT_PING_MS);
		assert_int_equal(last_to_peer(world)->kind, FRAME_PING);
		struct frame pong = {.id = 0, .kind = FRAME_PONG, .of.ping_now = 5};
		say(world, &pong);
	}
	assert_false(world->closed);
}

static void a_ping_is_answered_with_its_own_number(void **state)
{
	struct world *world = *state;
	say_hello(world);
	say_ping(world);
	assert_int_equal(last_to_peer(world)->kind, FRAME_PONG);
	assert_int_equal(last_to_peer(world)->id, 9);
	assert_int_equal(world->core_count, 1);
}

static void pings_every_5_s_are_fine_and_faster_ones_end_the_session(void **state)
{
	struct world *world = *state;
	say_hello(world);
	for (int i = 0; i < 20; i++) {
		say_ping(world);
		pass(world, LIMIT_PING_SPACING_MS);
		world->peer_count = 0;
	}
	assert_false(world->closed);
	say_ping(world);
	for (int i = 0; i < LIMIT_PING_STRIKES; i++) {
		assert_false(world->closed);
		pass(world, LIMIT_PING_SPACING_MS - 1);
		say_ping(world);
	}
	assert_int_equal(last_to_peer(world)->kind, FRAME_GO_AWAY);
	expect_end(world, "TOO_MANY_PINGS");
}

// Slow peers.

static void a_frame_that_has_begun_must_bring_1_kib_a_second(void **state)
{
	struct world *world = *state;
	uint8_t head[FRAME_HEAD], byte = 0;
	say_hello(world);
	write_u32be(head, 500 * 1024);
	feed(world, head, sizeof head);
	for (int i = 0; i < 9; i++) {
		pass(world, 1000);
		feed(world, &byte, 1);
	}
	assert_false(world->closed);
	pass(world, 1000);
	expect_end(world, "TOO_SLOW");
}

static void a_frame_that_comes_just_fast_enough_is_taken(void **state)
{
	struct world *world = *state;
	uint8_t head[FRAME_HEAD], *piece = calloc(1, 1100);
	say_hello(world);
	write_u32be(head, 60 * 1100);
	feed(world, head, sizeof head);
	for (int i = 0; i < 60; i++) {
		feed(world, piece, 1100);
		pass(world, 1000);
		assert_false(world->closed);
	}
	free(piece);
	assert_string_equal(last_to_peer(world)->kind == FRAME_ERROR ? "answered" : "not answered", "answered");
}

static void between_frames_a_peer_may_be_as_slow_as_it_likes(void **state)
{
	struct world *world = *state;
	say_hello(world);
	for (int i = 0; i < 10; i++) {
		pass(world, LIMIT_SLOW_WINDOW_MS + 1000);
		say_ack(world);
		world->peer_count = world->core_count = 0;
	}
	assert_false(world->closed);
}

// Age.

static void a_session_ends_after_12_hours(void **state)
{
	struct world *world = *state;
	say_hello(world);
	uint64_t end = START + LIMIT_SESSION_MS;
	while (world->now + LIMIT_PING_MS < end) {
		say_ack(world);
		world->peer_count = world->core_count = 0;
		pass(world, LIMIT_PING_MS - 1);
	}
	assert_false(world->closed);
	pass(world, end - world->now);
	assert_int_equal(last_to_peer(world)->kind, FRAME_GO_AWAY);
	expect_end(world, "SESSION_AGE");
}

// Unsent bytes.

static void deliver(struct world *world, size_t length)
{
	uint8_t *bytes = calloc(1, length);
	struct frame frame =
		{.kind = FRAME_DELIVER,
	     .of.deliver = {.mailbox_seq = 1, .case_seq = 1, .accepted_at = 1, .envelope = view_of(bytes, length)}};
	session_send(world->session, &frame);
	free(bytes);
}

static void above_4_mib_unsent_nothing_more_is_read_until_some_has_left(void **state)
{
	struct world *world = *state;
	say_hello(world);
	world->stuck = true;
	size_t room_calls = world->room_calls;
	for (int i = 0; i < 5; i++) {
		assert_true(session_reading(world->session));
		deliver(world, 900 * 1024);
		turn(world);
	}
	assert_false(session_reading(world->session));
	assert_int_equal(world->room_calls, room_calls);
	say_ack(world); // was on its way already
	assert_int_equal(world->core_count, 1);
	world->stuck = false;
	session_left(world->session, world->sent - world->left, world->now);
	world->left = world->sent;
	assert_true(session_reading(world->session));
	assert_int_equal(world->room, LIMIT_UNSENT_HIGH);
	turn(world);
	assert_int_equal(world->core_count, 2); // it was kept
}

static void above_16_mib_unsent_the_session_ends(void **state)
{
	struct world *world = *state;
	say_hello(world);
	world->stuck = true;
	for (int i = 0; i < 18; i++)
		deliver(world, 900 * 1024);
	assert_false(world->closed);
	for (int i = 0; i < 3; i++)
		deliver(world, 900 * 1024);
	turn(world);
	expect_end(world, "NOT_READING");
}

static void a_line_on_which_nothing_leaves_is_given_up(void **state)
{
	struct world *world = *state;
	say_hello(world);
	world->stuck = true;
	deliver(world, 900 * 1024);
	turn(world);
	for (int i = 0; i < 5; i++) {
		pass(world, LIMIT_STALL_MS / 6);
		say_ack(world);
		world->core_count = 0;
	}
	assert_false(world->closed);
	pass(world, LIMIT_STALL_MS / 6 + 1);
	expect_end(world, "NOT_READING");
}

static void reading_stopped_by_us_is_not_the_peers_silence(void **state)
{
	struct world *world = *state;
	say_hello(world);
	world->stuck = true;
	for (int i = 0; i < 5; i++)
		deliver(world, 900 * 1024);
	turn(world);
	for (int i = 0; i < 6; i++) {
		pass(world, LIMIT_DEAD_MS / 3);
		session_left(world->session, 1000, world->now);
		world->left += 1000;
	}
	assert_false(world->closed);
}

// Leaving.

static void go_away_is_said_once_and_answers_still_go_out(void **state)
{
	struct world *world = *state;
	struct frame pong = {.id = 5, .kind = FRAME_PONG, .of.ping_now = 1};
	say_hello(world);
	session_go_away(world->session, "SHUTDOWN", 2000);
	session_go_away(world->session, "SHUTDOWN", 2000);
	session_send(world->session, &pong);
	turn(world);
	assert_int_equal(world->peer_count, 3);
	assert_int_equal(world->peer[1].kind, FRAME_GO_AWAY);
	assert_int_equal(world->peer[1].retry_after_ms, 2000);
	assert_int_equal(world->peer[2].kind, FRAME_PONG);
	session_end(world->session, "SHUTDOWN", 2000);
	turn(world);
	assert_int_equal(world->peer_count, 3);
	expect_end(world, "SHUTDOWN");
}

static void after_its_end_a_session_takes_nothing_and_sends_nothing(void **state)
{
	struct world *world = *state;
	say_hello(world);
	session_end(world->session, "REPLACED", 0);
	deliver(world, 1000);
	say_ack(world);
	assert_int_equal(world->core_count, 1);
	assert_int_equal(last_to_peer(world)->kind, FRAME_GO_AWAY);
	expect_end(world, "REPLACED");
}

#define with_session(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_session(a_hello_reaches_the_core_and_is_answered),
		with_session(any_other_first_frame_ends_the_session_with_an_error),
		with_session(before_hello_a_frame_over_16_kib_is_refused_by_its_length_alone),
		with_session(after_welcome_a_frame_of_1_mib_is_taken_and_one_byte_more_is_not),
		with_session(a_length_of_zero_ends_the_session),
		with_session(frames_behind_the_hello_wait_for_the_welcome),
		with_session(after_a_refused_hello_another_may_be_said),
		with_session(who_says_no_hello_is_sent_away),
		with_session(a_core_that_never_answers_a_hello_ends_the_session),
		with_session(an_undecodable_frame_is_answered_and_the_session_goes_on),
		with_session(a_peer_that_never_makes_sense_is_sent_away),
		with_session(frames_that_only_a_hub_sends_are_refused_by_id),
		with_session(a_frame_may_come_one_byte_at_a_time),
		with_session(after_15_s_of_silence_the_peer_is_asked_and_after_45_s_it_is_dead),
		with_session(a_peer_that_answers_pings_stays),
		with_session(a_ping_is_answered_with_its_own_number),
		with_session(pings_every_5_s_are_fine_and_faster_ones_end_the_session),
		with_session(a_frame_that_has_begun_must_bring_1_kib_a_second),
		with_session(a_frame_that_comes_just_fast_enough_is_taken),
		with_session(between_frames_a_peer_may_be_as_slow_as_it_likes),
		with_session(a_session_ends_after_12_hours),
		with_session(above_4_mib_unsent_nothing_more_is_read_until_some_has_left),
		with_session(above_16_mib_unsent_the_session_ends),
		with_session(a_line_on_which_nothing_leaves_is_given_up),
		with_session(reading_stopped_by_us_is_not_the_peers_silence),
		with_session(go_away_is_said_once_and_answers_still_go_out),
		with_session(after_its_end_a_session_takes_nothing_and_sends_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
