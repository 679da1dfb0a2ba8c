// SPDX-License-Identifier: Apache-2.0
//
// Generated protobuf-c structs reached through their descriptors: pointers, counts
// and numbers at byte offsets. Everything is copied by memcpy, so that no cast
// needs to be believed.
#ifndef PASSERELLE_FORM_MEMORY_H
#define PASSERELLE_FORM_MEMORY_H

#include "base/arena.h"

#include <protobuf-c/protobuf-c.h>

enum {
	FORM_ARENA_CAP = 16 * 1024 * 1024,  // structs and texts of one body
	FORM_ARENA_ALLOCATIONS = 50 * 1000,
	MAX_BODY = 4 * 1024 * 1024,         // seal/content.h: unpacked content
};

// An arena as the allocator that protobuf-c wants; `refused` tells a cap from
// broken bytes afterwards.
struct form_memory {
	struct arena arena;
	ProtobufCAllocator allocator;
	bool refused;
};

void form_memory_init(struct form_memory *memory);
void form_memory_release(struct form_memory *memory); // wiped: it held opened content

const void *pointer_at(const void *message, size_t offset);
void pointer_set(void *message, size_t offset, const void *pointer);
size_t count_at(const void *message, size_t offset);
void count_set(void *message, size_t offset, size_t count);
int int_at(const void *message, size_t offset);
void int_set(void *message, size_t offset, int value);

// Length of an enum's prefix: "YES_NO_" of the first name YES_NO_UNSPECIFIED.
size_t enum_prefix(const ProtobufCEnumDescriptor *descriptor);

#endif
