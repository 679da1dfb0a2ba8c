// SPDX-License-Identifier: Apache-2.0
//
// Load generator: one process, many connections as real clients make them (mutual
// TLS, Hello, signed envelopes, acknowledged deliveries). Envelopes are written
// and signed before the clock starts, so that the figures are the hub's.
#ifndef PASSERELLE_BENCH_LOAD_H
#define PASSERELLE_BENCH_LOAD_H

#include "base/bytes.h"
#include "seal/signing.h"
#include "wire/codec.h"
#include "wire/frame.h"
#include "wire/tls_channel.h"

struct load_settings {
	const char *host;
	const char *port;
	const char *trust;      // PEM
	const char *keys;       // folder with B00/, B01/, ...: tls.key tls.crt sign.key sign.crt
	unsigned lanes;         // connections, each a member of its own
	unsigned in_flight;     // submits that wait for their answer, per connection
	unsigned together;      // letters under one signature, 1 to MAX_TREE_LEAVES
	unsigned prepared;      // envelopes written per connection before the clock starts
	unsigned seconds;
	size_t body;            // bytes of the sealed body
	uint64_t begun;         // Unix milliseconds when the letters were begun
	bool idle;              // connect, say Hello, then only stay
};

// Envelopes of one author to one recipient, ready to be sent.
struct letters {
	struct bytes store;     // one behind the other
	size_t *start;          // count + 1 offsets
	unsigned count;
	unsigned next;
};

enum { LETTER_CASES = 64 };

// Opens LETTER_CASES cases (first LETTER_CASES letters), then STATUS_NOTEs on them in turn.
// Letters are signed `together` at a time under one tree root (1: each alone).
enum fail_code letters_write(struct letters *letters, const struct load_settings *settings, unsigned lane,
                             unsigned recipient, unsigned together) MUST_CHECK;
void letters_release(struct letters *letters);
struct view letters_take(struct letters *letters); // empty view when none is left

struct lane {
	int fd;
	struct tls_channel *channel;
	struct frame_reader reader;
	struct bytes plain, cipher;
	struct letters letters;
	uint64_t *sent_at;          // ring of in_flight times, by frame id
	unsigned waiting;           // submits without an answer
	uint64_t next_id, accepted, refused, delivered, newest, acked;
	bool welcome;
};

struct load {
	struct load_settings settings;
	struct tls_context **context;
	struct lane *lane;
	int epoll;
	uint32_t *latency_us;       // of the measured window
	size_t latency_count, latency_room;
	bool measuring;
	bool sending;
	char first_error[400];
};

uint64_t load_now_us(void);
enum fail_code lane_open(struct load *load, unsigned number, struct fail *why) MUST_CHECK;
void lane_close(struct lane *lane);

// Fills the window, flushes, reads what is there. FAIL_CLOSED when the hub went away.
enum fail_code lane_turn(struct load *load, struct lane *lane, bool readable) MUST_CHECK;

#endif
