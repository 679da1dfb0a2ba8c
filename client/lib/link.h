// SPDX-License-Identifier: Apache-2.0
//
// One connection to the hub, for a program that waits: TCP, TLS, frames. Nothing
// here knows what a frame means. Bytes that are handed in before the handshake is
// done leave with its last flight, so Hello and a first Submit cost no round trip.
#ifndef PASSERELLE_LIB_LINK_H
#define PASSERELLE_LIB_LINK_H

#include "wire/message.h"
#include "wire/tls_channel.h"

enum {
	LINK_CONNECT_MS = 10 * 1000,
	LINK_USER_TIMEOUT_MS = 30 * 1000,  // unacknowledged bytes: the line is dead
	LINK_SILENCE_MS = 45 * 1000,       // no frame: the line is dead
};

struct link;

// Connects (to each address of the name in turn) and starts the handshake. FAIL_UNAVAILABLE, FAIL_TIMED_OUT.
// `tls` is borrowed and must outlive the link.
enum fail_code link_open(struct link **link, const char *host, const char *port, struct tls_context *tls,
                         struct fail *why) MUST_CHECK;
void link_close(struct link *link); // says goodbye where it can; NULL is fine

// Encodes and hands on; what the socket does not take now goes with link_wait. FAIL_TOO_LARGE if
// more than 1 MiB waits for the handshake; faults of TLS; FAIL_CLOSED.
enum fail_code link_send(struct link *link, const struct frame *frame, struct fail *why) MUST_CHECK;

// Moves bytes until a frame is there: FAIL_NONE. FAIL_TIMED_OUT after wait_ms (0: only what is there already);
// FAIL_CLOSED, FAIL_IO, faults of TLS: the link is of no more use, and a line dead for LINK_SILENCE_MS
// is FAIL_CLOSED too. Sends a Ping after each heartbeat of silence.
enum fail_code link_wait(struct link *link, int wait_ms, struct fail *why) MUST_CHECK;

// The frame's bytes, valid until the next call. False: none is whole yet.
bool link_next(struct link *link, struct view *payload, enum fail_code *fault);

// After the Welcome.
void link_agreed(struct link *link, uint32_t heartbeat_ms);

size_t link_unsent(const struct link *link);  // bytes that the socket has not taken
bool link_established(const struct link *link);
int link_fd(const struct link *link);
int link_next_beat_ms(const struct link *link); // until link_wait must be called again, at the latest

// Milliseconds of a clock that never goes back.
uint64_t clock_steady(void);

#endif
