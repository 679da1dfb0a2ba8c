// SPDX-License-Identifier: Apache-2.0
//
// The hub's door: accepts TCP connections, lets at most so many stand in it
// without a finished handshake (the oldest of them gives way to the newest, so
// that a flood of silent connections keeps nobody out), and owns the connections.
//
// All calls and callbacks on the loop's thread.
#ifndef PASSERELLE_NET_LISTENER_H
#define PASSERELLE_NET_LISTENER_H

#include "net/list.h"
#include "session/session_table.h"
#include "wire/tls_channel.h"

#include <uv.h>

enum { LISTENER_ADDRESS_SIZE = 46, LISTENER_INPUT_SIZE = 64 * 1024 };

struct listener_settings {
	const char *address;      // numeric IPv4 or IPv6
	uint16_t port;            // 0: a free one
	unsigned half_open, half_open_per_address;
	uint32_t handshake_ms;
};

enum listener_event {
	LISTENER_EVICTED,         // half-open, gave way to a newer one
	LISTENER_TOO_LATE,        // no handshake in time
	LISTENER_REFUSED,         // handshake failed: `text` says why
	LISTENER_OVER_LIMIT,      // more sessions than this member may have
	LISTENER_OPENED,
	LISTENER_CLOSED,          // `text`: reason
	LISTENER_FAULT,           // the operating system refuses: `text`
};

struct listener_note {
	enum listener_event event;
	const char *address;          // the peer's
	uint64_t session;             // 0: there was none
	const struct identity *peer;  // NULL as long as it is not known
	const char *text;             // "" if there is nothing to say
};

struct listener_port {
	void *context;
	void (*note)(void *context, const struct listener_note *note);     // for log and figures
	void (*opened)(void *context, uint64_t session, const struct identity *peer);
	void (*closed)(void *context, uint64_t session);                   // of a session that was opened
	void (*frame)(void *context, uint64_t session, const struct frame *frame);
	void (*room)(void *context, uint64_t session, size_t bytes);
	uint64_t (*clock)(void *context);                                  // Unix milliseconds
	void (*all_closed)(void *context);                                 // after listener_close
};

struct listener_figures {
	uint64_t accepted, evicted, too_late, refused, over_limit, opened;
	uint64_t bytes_in, bytes_out;
	unsigned half_open, connections;
};

struct listener {
	uv_tcp_t tcp;
	struct listener_settings settings;
	struct listener_port port;
	struct listener_figures figures;
	struct session_table *sessions;   // borrowed from the hub
	struct tls_context *context;      // borrowed; each channel takes a reference
	struct link half_open, connections, dirty;
	struct bytes plain;               // what one read was decrypted to
	bool listening, closing;
	char input[LISTENER_INPUT_SIZE];  // what one read brought: libuv reads at once after it asks for room
};

// Copies settings and port; context is borrowed until the listener is closed or gets another. FAIL_BAD_CONFIG (address), FAIL_UNAVAILABLE (port taken).
// Also after a failure listener_close must be called.
enum fail_code listener_open(struct listener *listener, uv_loop_t *loop, const struct listener_settings *settings,
                             const struct listener_port *port, struct session_table *sessions,
                             struct tls_context *context, struct fail *why) MUST_CHECK;

uint16_t listener_port_number(const struct listener *listener);

// New handshakes use this context; connections that are there go on as they are.
void listener_set_context(struct listener *listener, struct tls_context *context);

// Lets every connection write what this turn of the loop produced. True if there was any:
// then ask again, because passing on frames produces more.
bool listener_flush(struct listener *listener);

// No new connections; half-open ones are closed.
void listener_stop(struct listener *listener);

// Closes the rest too. True: nothing was left, and all_closed will not be called.
bool listener_close(struct listener *listener) MUST_CHECK;

#endif
