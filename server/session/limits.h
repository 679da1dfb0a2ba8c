// SPDX-License-Identifier: Apache-2.0
//
// What a connection may cost. Each figure has a test; those that a site may want
// otherwise are options with these as defaults (hub/options.def). Sizes of
// messages are the protocol's and stand in proto/wire/message.h and frame.h.
#ifndef PASSERELLE_SESSION_LIMITS_H
#define PASSERELLE_SESSION_LIMITS_H

enum {
	// Times in milliseconds.
	LIMIT_HANDSHAKE_MS = 5 * 1000,        // from accept to the end of the TLS handshake
	LIMIT_HELLO_MS = 10 * 1000,           // from then to a whole Hello
	LIMIT_WELCOME_MS = 30 * 1000,         // from Hello to the core's answer
	LIMIT_PING_MS = 15 * 1000,            // silence after which we ask whether the peer is there
	LIMIT_DEAD_MS = 45 * 1000,            // silence after which it is not
	LIMIT_PING_SPACING_MS = 5 * 1000,     // a peer's pings closer than this are strikes
	LIMIT_PING_STRIKES = 3,               // of which this many end the session
	LIMIT_SLOW_WINDOW_MS = 10 * 1000,     // once a frame has begun, each such window
	LIMIT_SLOW_BYTES = 10 * 1024,         // must bring at least this much (1 KiB/s)
	LIMIT_SESSION_MS = 12 * 3600 * 1000,  // then a new handshake, so that an ended certificate ends
	LIMIT_STALL_MS = 60 * 1000,           // bytes wait and none of them leaves
	LIMIT_LEAVE_MS = 5 * 1000,            // last bytes of a session that ends
	LIMIT_DRAIN_MS = 10 * 1000,           // of the whole hub at its end

	// Unsent bytes of one connection.
	LIMIT_UNSENT_HIGH = 4 * 1024 * 1024,  // nothing more is read, deliveries wait
	LIMIT_UNSENT_MOST = 16 * 1024 * 1024, // the connection is closed

	LIMIT_UNDECODABLE = 100,              // frames in one session that are well cut and make no sense

	LIMIT_HALF_OPEN = 1024,               // connections without a finished handshake
	LIMIT_HALF_OPEN_PER_ADDRESS = 8,
	LIMIT_PER_USER = 2,                   // sessions
	LIMIT_PER_MEMBER = 20,
	LIMIT_PER_AGENCY = 2,
};

#endif
