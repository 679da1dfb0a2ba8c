// SPDX-License-Identifier: Apache-2.0
//
// One TCP connection: socket and TLS channel below, session above. It lives until
// both its handles are closed, and frees itself then:
//
//   HALF_OPEN ──handshake──► OPEN ──session ends──► ENDING ──peer closes──► CLOSING ──► freed
//       └──────────────fault, alert goes out──────────▲            any fault ──▲
//
// SSL objects cost 30 KiB, so there is none before the peer's first byte. Buffers
// are given back when they are empty.
#ifndef PASSERELLE_NET_CONNECTION_H
#define PASSERELLE_NET_CONNECTION_H

#include "net/listener.h"

enum connection_state { CONNECTION_HALF_OPEN, CONNECTION_OPEN, CONNECTION_ENDING, CONNECTION_CLOSING };

struct connection {
	struct listener *listener;   // borrowed; outlives its connections
	struct link half_open;       // listener.half_open
	struct link all;             // listener.connections
	struct link dirty;           // listener.dirty
	uv_tcp_t tcp;
	uv_timer_t timer;
	uv_write_t write;            // at most one is under way
	uv_shutdown_t shutdown;
	unsigned open_handles;
	enum connection_state state;
	bool reading, writing, shut;
	uint64_t timer_at;           // UINT64_MAX: not armed
	struct tls_channel *channel; // owned; NULL before the first byte
	struct session *session;     // owned; NULL before the handshake is done and after its end
	uint64_t number;             // of the session, also after its end; 0: there was none
	bool announced;              // the hub knows the session
	struct bytes cipher, flight; // to be written; being written
	size_t cipher_plain, flight_plain; // plain bytes in them, for session_left
	char address[LISTENER_ADDRESS_SIZE];
};

// Takes the connection that waits at the listener.
void connection_accept(struct listener *listener);

// What this turn produced goes out.
void connection_flush(struct connection *connection);

// At once, without a word. May be called twice and from any callback but those of a session.
void connection_close(struct connection *connection, const char *reason);

// In listener.c: calls all_closed if nothing is left.
void listener_check_closed(struct listener *listener);

#endif
