// SPDX-License-Identifier: Apache-2.0
//
// A hub's core, the store in memory, lines with delays and a clock that only goes
// when the world is stepped. All that happens is an event with a time; what is due
// at the same time happens in the order in which it was asked for, so a seed tells
// the whole story. No globals: worlds do not know of each other.
#ifndef PASSERELLE_TEST_WORLD_H
#define PASSERELLE_TEST_WORLD_H

#include "core/core.h"
#include "core/figures.h"
#include "model/cast.h"
#include "store/store_memory.h"

struct world_event;
struct world_line;

struct world {
	const struct cast *cast;
	uint64_t now, random;
	uint64_t delay; // lines, checks and store take up to this long, in ms
	unsigned unavailable, lost; // of 1000 store calls
	struct core_settings settings;
	struct store *store;
	struct core *core;
	member_no no[PERSON_COUNT];
	struct world_event *events;
	struct world_line *lines;
	uint64_t sessions;
	unsigned sweep_fails[SWEEP_COUNT], sweep_works[SWEEP_COUNT]; // how often the hub told of it
	// From the hub, when it has arrived. `frame` is borrowed.
	void (*on_frame)(void *context, uint64_t session, const struct frame *frame);
	void (*on_end)(void *context, uint64_t session, const char *reason); // the line is closed already
	void *context;
};

// Caller's memory. The hub runs and is empty, but for the cast.
void world_init(struct world *world, const struct cast *cast, uint64_t seed);
void world_release(struct world *world);

uint64_t world_connect(struct world *world, const struct identity *peer);
void world_send(struct world *world, uint64_t session, const struct frame *frame);
void world_cut(struct world *world, uint64_t session); // what is on the line is lost; nobody is told
void world_call(struct world *world, uint64_t at, void (*call)(void *context), void *context);
bool world_step(struct world *world); // false: nothing will ever happen
void world_settle(struct world *world, uint64_t ms); // runs so much virtual time
void world_skip(struct world *world, uint64_t ms); // so much later at once: what was due meanwhile happens now
void world_restart(struct world *world); // the hub dies and comes back over the same store
void world_stop(struct world *world); // it drains

#endif
