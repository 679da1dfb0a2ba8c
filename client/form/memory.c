// SPDX-License-Identifier: Apache-2.0
#include "form/memory.h"

#include <string.h>

static void *take(void *data, size_t size)
{
	struct form_memory *memory = data;
	void *taken = arena_alloc(&memory->arena, size);
	memory->refused |= taken == NULL;
	return taken;
}

// The arena is freed as a whole.
static void give_back(void *data, void *pointer)
{
	(void)data;
	(void)pointer;
}

void form_memory_init(struct form_memory *memory)
{
	arena_init(&memory->arena, FORM_ARENA_CAP, FORM_ARENA_ALLOCATIONS);
	memory->allocator = (ProtobufCAllocator){.alloc = take, .free = give_back, .allocator_data = memory};
	memory->refused = false;
}

void form_memory_release(struct form_memory *memory)
{
	arena_wipe(&memory->arena);
}

const void *pointer_at(const void *message, size_t offset)
{
	const void *pointer;
	memcpy(&pointer, (const char *)message + offset, sizeof(pointer));
	return pointer;
}

void pointer_set(void *message, size_t offset, const void *pointer)
{
	memcpy((char *)message + offset, &pointer, sizeof(pointer));
}

size_t count_at(const void *message, size_t offset)
{
	size_t count;
	memcpy(&count, (const char *)message + offset, sizeof(count));
	return count;
}

void count_set(void *message, size_t offset, size_t count)
{
	memcpy((char *)message + offset, &count, sizeof(count));
}

int int_at(const void *message, size_t offset)
{
	int value;
	memcpy(&value, (const char *)message + offset, sizeof(value));
	return value;
}

void int_set(void *message, size_t offset, int value)
{
	memcpy((char *)message + offset, &value, sizeof(value));
}

size_t enum_prefix(const ProtobufCEnumDescriptor *descriptor)
{
	static const char first[] = "UNSPECIFIED";
	size_t length = strlen(descriptor->values[0].name);
	must(length > sizeof(first) - 1 && strcmp(descriptor->values[0].name + length - (sizeof(first) - 1), first) == 0);
	return length - (sizeof(first) - 1);
}
