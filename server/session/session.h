// SPDX-License-Identifier: Apache-2.0
//
// One peer's conversation, from the end of the TLS handshake to the last byte:
// plain bytes become frames, frames become bytes, and every rule about how a peer
// may behave lives here. No socket, no TLS, no clock: a test drives it with
// virtual time.
//
//            session_feed                      port.frame
//   peer ──────────────────► session ──────────────────────► core
//        ◄──────────────────         ◄──────────────────────
//             port.send                       session_send
//
//   HELLO ──Hello──► HELD ──Welcome──► OPEN ──go_away──► LEAVING ──end──► ENDING ──turn──► ENDED
//     ▲────Error──────┘
//
// While HELD nothing is read: a client may send its submits behind the Hello,
// and the core gets them when it knows who asks.
//
// Time `now` is a monotonic clock in milliseconds and never goes back.
#ifndef PASSERELLE_SESSION_SESSION_H
#define PASSERELLE_SESSION_SESSION_H

#include "wire/message.h"

struct session;

struct session_port {
	void *context;  // of send, close, turn
	void *up;       // of frame, room, clock
	// To the peer. Called from session_turn only, at most once a call; the bytes
	// are borrowed during the call.
	void (*send)(void *context, struct view plain);
	// The end: give what was sent a little time to leave, then close the line and call
	// session_free. Called from session_turn only, once, as its last act. `reason` is a
	// word such as "SHUTDOWN", "MALFORMED", "DEAD", borrowed from the session.
	void (*close)(void *context, const char *reason);
	// Something waits for session_turn; to be called soon, not before this returns.
	void (*turn)(void *context);
	// To the core: see core.h. Called from session_feed and session_turn.
	void (*frame)(void *context, uint64_t session, const struct frame *frame);
	void (*room)(void *context, uint64_t session, size_t bytes);
	// Unix milliseconds, for Ping and Pong.
	uint64_t (*clock)(void *context);
};

// Copies what it is given. NULL without memory.
struct session *session_new(uint64_t number, const struct identity *peer, const struct session_port *port,
                            uint64_t now);
void session_free(struct session *session); // NULL is fine; calls nothing

uint64_t session_number(const struct session *session);
const struct identity *session_peer(const struct session *session);

// Bytes from the peer; any cutting. At most FRAME_FEED_MAX.
void session_feed(struct session *session, struct view plain, uint64_t now);

// Whether the line should be read now. Ask again after each session_turn.
bool session_reading(const struct session *session);

// Passes on frames that waited, hands the output to port.send, closes if this is the end.
void session_turn(struct session *session, uint64_t now);

// `bytes` of what port.send got have left this machine's hands.
void session_left(struct session *session, size_t bytes, uint64_t now);

// When session_tick is due next; it may come late, and does nothing if early.
uint64_t session_deadline(const struct session *session);
void session_tick(struct session *session, uint64_t now);

// From the core, at any time, also from within port.frame. Dropped when the session is ending.
void session_send(struct session *session, const struct frame *frame);

// Tells the peer that the hub will close soon; answers still go out.
void session_go_away(struct session *session, const char *reason, uint32_t retry_after_ms);

// GoAway (unless one was sent), then the end.
void session_end(struct session *session, const char *reason, uint32_t retry_after_ms);

#endif
