// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(max_align_t) uint8_t memory[];
};

enum { BLOCK_SIZE = 4096 - sizeof(struct arena_block), ALIGNMENT = _Alignof(max_align_t) };

void arena_init(struct arena *arena, size_t cap, uint32_t max_allocations)
{
	*arena = (struct arena){.cap = cap, .max_allocations = max_allocations};
}

static void release(struct arena *arena, bool clear)
{
	while (arena->blocks != NULL) {
		struct arena_block *block = arena->blocks;
		arena->blocks = block->next;
		if (clear)
			explicit_bzero(block->memory, block->used);
		free(block);
	}
	arena_init(arena, arena->cap, arena->max_allocations);
}

void arena_release(struct arena *arena)
{
	release(arena, false);
}

void arena_wipe(struct arena *arena)
{
	release(arena, true);
}

static struct arena_block *add_block(struct arena *arena, size_t size)
{
	size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
	struct arena_block *block = calloc(1, sizeof *block + room);
	if (block == NULL)
		return NULL;
	block->size = room;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	if (size > arena->cap - arena->used || arena->allocations >= arena->max_allocations)
		return NULL;
	size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	struct arena_block *block = arena->blocks;
	if (block == NULL || block->size - block->used < rounded)
		block = add_block(arena, rounded);
	if (block == NULL)
		return NULL;
	void *memory = block->memory + block->used;
	block->used += rounded;
	arena->used += size;
	arena->allocations++;
	return memory;
}

void *arena_copy(struct arena *arena, const void *data, size_t length)
{
	void *copy = arena_alloc(arena, length);
	if (copy != NULL && length > 0)
		memcpy(copy, data, length);
	return copy;
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
	if (length == SIZE_MAX)
		return NULL;
	char *copy = arena_alloc(arena, length + 1);
	if (copy != NULL && length > 0)
		memcpy(copy, text, length);
	return copy;
}
