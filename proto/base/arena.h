// SPDX-License-Identifier: Apache-2.0
//
// One decoded message lives in one arena and is freed as a whole. The arena has
// a byte cap and an allocation cap, because protobuf-c has neither: 1 MiB of
// hostile input would otherwise become 80 MB (server/session/limits.h has what a connection may cost).
#ifndef PASSERELLE_BASE_ARENA_H
#define PASSERELLE_BASE_ARENA_H

#include "base/bytes.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; // owned
	size_t used;        // bytes handed out
	size_t cap;         // bytes that may be handed out
	uint32_t allocations;
	uint32_t max_allocations;
};

enum {
	ARENA_MESSAGE_CAP = 4 * 1024 * 1024, // security: decode memory of one message
	ARENA_MESSAGE_ALLOCATIONS = 2000,
};

// Caller's memory; no allocation yet.
void arena_init(struct arena *arena, size_t cap, uint32_t max_allocations);

// Frees everything; `wipe` also clears it first. Usable again.
void arena_release(struct arena *arena);
void arena_wipe(struct arena *arena);

// Zeroed, aligned for any type. NULL over a cap or without memory.
void *arena_alloc(struct arena *arena, size_t size);

// Copies into the arena. NULL as above. The text copy gets a final NUL.
void *arena_copy(struct arena *arena, const void *data, size_t length);
char *arena_text(struct arena *arena, const char *text, size_t length);

#endif
