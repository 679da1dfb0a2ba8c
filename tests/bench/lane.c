// SPDX-License-Identifier: Apache-2.0
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READ_SIZE = 256 * 1024 };

uint64_t load_now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int connect_to(const struct load_settings *settings)
{
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
	if (getaddrinfo(settings->host, settings->port, &hints, &found) != 0)
		return -1;
	int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	if (fd < 0)
		return -1;
	int on = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return fd;
}

static enum fail_code put_frame(struct lane *lane, const struct frame *frame)
{
	return frame_encode(frame, &lane->plain);
}

// Idle connections want no deliveries: a thousand sessions of one user would replace each other.
static enum fail_code say_hello(struct lane *lane, bool idle)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	struct frame hello = {.id = UINT64_MAX / 2, .kind = FRAME_HELLO};
	hello.of.hello = (struct hello){
		.credit_messages = idle ? 0 : 4096,
		.credit_bytes = idle ? 0 : 64u << 20,
		.now = (uint64_t)now.tv_sec * 1000,
		.software = "load generator",
	};
	return put_frame(lane, &hello);
}

enum fail_code lane_open(struct load *load, unsigned number, struct fail *why)
{
	struct lane *lane = &load->lane[number];
	*lane = (struct lane){.fd = connect_to(&load->settings), .next_id = 1};
	bytes_init(&lane->plain, 64u << 20);
	bytes_init(&lane->cipher, 64u << 20);
	frame_reader_init(&lane->reader, FRAME_MAX);
	if (lane->fd < 0)
		return fail_set(why, FAIL_UNAVAILABLE, "cannot connect: %s", strerror(errno));
	lane->channel = tls_channel_new(load->context[load->settings.idle ? 0 : number], load->settings.host);
	lane->sent_at = calloc(load->settings.in_flight + 1, sizeof *lane->sent_at);
	if (tls_channel_start(lane->channel) != TLS_OK)
		return fail_set(why, FAIL_INTERNAL, "the handshake does not begin");
	return say_hello(lane, load->settings.idle);
}

void lane_close(struct lane *lane)
{
	if (lane->fd >= 0)
		close(lane->fd);
	tls_channel_free(lane->channel);
	frame_reader_release(&lane->reader);
	bytes_release(&lane->plain);
	bytes_release(&lane->cipher);
	letters_release(&lane->letters);
	free(lane->sent_at);
}

static enum fail_code fill_window(struct load *load, struct lane *lane)
{
	while (load->sending && lane->welcome && lane->waiting < load->settings.in_flight) {
		struct view letter = letters_take(&lane->letters);
		if (letter.length == 0)
			return FAIL_NONE;
		struct frame frame = {.id = lane->next_id, .kind = FRAME_SUBMIT};
		frame.of.submit.envelope = letter;
		enum fail_code code = put_frame(lane, &frame);
		if (code != FAIL_NONE)
			return code;
		lane->sent_at[lane->next_id++ % load->settings.in_flight] = load_now_us();
		lane->waiting++;
	}
	return FAIL_NONE;
}

static void note_latency(struct load *load, struct lane *lane, uint64_t id)
{
	if (!load->measuring || load->latency_count == load->latency_room)
		return;
	uint64_t took = load_now_us() - lane->sent_at[id % load->settings.in_flight];
	load->latency_us[load->latency_count++] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
}

static enum fail_code take_frame(struct load *load, struct lane *lane, const struct frame *frame)
{
	struct frame pong = {.id = frame->id, .kind = FRAME_PONG};
	if (frame->kind == FRAME_WELCOME) {
		lane->welcome = true;
	} else if (frame->kind == FRAME_ACCEPTED) {
		note_latency(load, lane, frame->id);
		lane->waiting--;
		lane->accepted++;
	} else if (frame->kind == FRAME_DELIVER) {
		lane->delivered++;
		lane->newest = frame->of.deliver.mailbox_seq;
	} else if (frame->kind == FRAME_PING) {
		return put_frame(lane, &pong);
	} else if (frame->kind == FRAME_ERROR) {
		lane->waiting--;
		lane->refused++;
		snprintf(load->first_error, sizeof load->first_error, "%s: %s", frame->of.error.reason, frame->of.error.text);
	} else if (frame->kind == FRAME_GO_AWAY) {
		snprintf(load->first_error, sizeof load->first_error, "sent away: %s", frame->of.go_away.reason);
		return FAIL_CLOSED;
	}
	return FAIL_NONE;
}

static enum fail_code take_frames(struct load *load, struct lane *lane, struct view plain)
{
	enum fail_code code = frame_reader_feed(&lane->reader, plain);
	struct view payload;
	struct arena arena;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	while (code == FAIL_NONE && frame_reader_next(&lane->reader, &payload, &code)) {
		struct frame frame;
		struct fail why;
		code = frame_decode(&frame, payload, &arena, &why);
		if (code == FAIL_NONE)
			code = take_frame(load, lane, &frame);
		arena_release(&arena);
	}
	return code;
}

// Frames are taken after each read: the reader holds no more than FRAME_FEED_MAX.
static enum fail_code take_cipher(struct load *load, struct lane *lane, struct view cipher, struct bytes *plain)
{
	if (tls_channel_feed(lane->channel, cipher, plain) != TLS_OK) {
		struct fail why;
		tls_channel_fault(lane->channel, &why);
		snprintf(load->first_error, sizeof load->first_error, "%s", why.text);
		return FAIL_CLOSED;
	}
	enum fail_code code = plain->length > 0 ? take_frames(load, lane, bytes_view(plain)) : FAIL_NONE;
	bytes_clear(plain);
	return code;
}

static enum fail_code read_all(struct load *load, struct lane *lane)
{
	static uint8_t input[READ_SIZE];
	struct bytes plain;
	bytes_init(&plain, FRAME_FEED_MAX);
	enum fail_code code = FAIL_NONE;
	ssize_t got = sizeof input;
	while (code == FAIL_NONE && got == sizeof input) {
		got = read(lane->fd, input, sizeof input);
		if (got > 0)
			code = take_cipher(load, lane, view_of(input, (size_t)got), &plain);
		else if (got == 0 || errno != EAGAIN)
			code = FAIL_CLOSED;
	}
	bytes_release(&plain);
	return code;
}

static enum fail_code acknowledge(struct lane *lane)
{
	if (lane->newest == lane->acked)
		return FAIL_NONE;
	struct frame frame = {.kind = FRAME_ACK};
	frame.of.ack.mailbox_seq = lane->newest;
	lane->acked = lane->newest;
	return put_frame(lane, &frame);
}

static enum fail_code flush(struct lane *lane)
{
	if (lane->plain.length > 0) {
		if (tls_channel_write(lane->channel, bytes_view(&lane->plain)) != TLS_OK)
			return FAIL_CLOSED;
		bytes_clear(&lane->plain);
	}
	enum fail_code code = tls_channel_output(lane->channel, &lane->cipher);
	while (code == FAIL_NONE && lane->cipher.length > 0) {
		ssize_t sent = write(lane->fd, lane->cipher.data, lane->cipher.length);
		if (sent < 0 && errno == EAGAIN)
			return FAIL_NONE;
		if (sent < 0)
			return FAIL_CLOSED;
		bytes_consume(&lane->cipher, (size_t)sent);
	}
	return code;
}

enum fail_code lane_turn(struct load *load, struct lane *lane, bool readable)
{
	enum fail_code code = readable ? read_all(load, lane) : FAIL_NONE;
	if (code == FAIL_NONE)
		code = fill_window(load, lane);
	if (code == FAIL_NONE)
		code = acknowledge(lane);
	if (code == FAIL_NONE)
		code = flush(lane);
	return code;
}
