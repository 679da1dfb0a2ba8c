// SPDX-License-Identifier: Apache-2.0
//
// The hub's mind: access, rules, the one writer, delivery. Between it and the
// sessions stands this interface of plain structs: no pointer into a session, no
// socket, no libuv type, so that TLS can live in a process of its own one day.
//
//   session --opened/frame/closed--> core --send/end--> session
//
// A session is a 64-bit number that is never used again. Frames are borrowed for
// the length of a call, in both directions. The core never calls back before the
// call has returned, except port->send and port->end, which a session must accept
// at any time (it queues).
#ifndef PASSERELLE_CORE_CORE_H
#define PASSERELLE_CORE_CORE_H

#include "seal/key.h"
#include "store/store.h"
#include "wire/message.h"

struct core;

// A signature check that costs 60 us: done aside, so that the loop goes on.
struct core_check {
	const struct certificate *signer;
	const char *domain;
	struct view message, signature;
	enum fail_code outcome; // set by the checker
};

// What the hub looks for by itself: clocks that say something, members that are out or back, questions of partner agencies.
enum core_sweep { SWEEP_CLOCKS, SWEEP_OUTAGES, SWEEP_ASKINGS, SWEEP_COUNT };
const char *core_sweep_name(enum core_sweep sweep);

struct core_port {
	void *context;
	void (*send)(void *context, uint64_t session, const struct frame *frame);
	void (*end)(void *context, uint64_t session, const char *reason, uint32_t retry_after_ms);
	uint64_t (*now)(void *context); // Unix milliseconds
	// Runs verify() on each check, elsewhere or here, then core_checked(core, batch) on the core's thread.
	void (*check)(void *context, struct core_check *checks, size_t count, void *batch);
	// Ask for core_tick(core) no later than at this time; earlier requests win.
	void (*wake)(void *context, uint64_t at);
	// Cannot read the database any more, or (FAIL_NONE) can again. Once each, however often it is tried.
	void (*sweep)(void *context, enum core_sweep sweep, enum fail_code code);
};

struct core_settings {
	const char *hub_uri; // from the receipt certificate
	const struct private_key *receipt_key; // borrowed
	struct view receipt_certificate, receipt_issuer; // DER, borrowed
	enum commit_level commit; // what a commit is worth here
	uint32_t credit_messages, credit_bytes; // per session
	uint32_t heartbeat_ms;
	uint32_t requests_per_second; // of one member, with bursts of twice as many; 0: no limit
	uint64_t id_window_ms; // how far back message ids are remembered (400 days)
};

// Counters and gauges for /metrics, see core/figures.h.
struct core_figures;

// Copies settings and port, and what stands behind hub_uri and the certificates; the
// receipt key and the store are borrowed. Asks the store for the directory at once.
// FAIL_NO_MEMORY, FAIL_BAD_CERTIFICATE (the receipt certificate is none).
enum fail_code core_new(struct core **core, const struct core_settings *settings, const struct core_port *port,
                        struct store *store) MUST_CHECK;

// After core_drained; or when neither store nor checks will call back any more. NULL is fine.
void core_free(struct core *core);

void core_session_opened(struct core *core, uint64_t session, const struct identity *peer);
void core_session_frame(struct core *core, uint64_t session, const struct frame *frame);
void core_session_room(struct core *core, uint64_t session, size_t bytes); // may be sent this much more
void core_session_closed(struct core *core, uint64_t session);

void core_checked(struct core *core, void *batch);
void core_tick(struct core *core);
void core_directory_changed(struct core *core); // SIGHUP

// As they are now; valid until the next call.
const struct core_figures *core_figures(struct core *core);

// The directory was read: members can say Hello.
bool core_ready(const struct core *core);

// No new work; what is in flight is finished. core_drained() tells when.
void core_drain(struct core *core);
bool core_drained(const struct core *core);

#endif
