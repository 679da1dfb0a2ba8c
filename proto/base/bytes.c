// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

struct view view_of(const void *data, size_t length)
{
	return (struct view){.data = data, .length = length};
}

struct view view_of_text(const char *text)
{
	return view_of(text, strlen(text));
}

bool view_equal(struct view a, struct view b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

void bytes_init(struct bytes *bytes, size_t cap)
{
	*bytes = (struct bytes){.cap = cap};
}

void bytes_release(struct bytes *bytes)
{
	free(bytes->data);
	bytes_init(bytes, bytes->cap);
}

void bytes_wipe(struct bytes *bytes)
{
	if (bytes->data != NULL)
		explicit_bzero(bytes->data, bytes->capacity);
	bytes_release(bytes);
}

void bytes_clear(struct bytes *bytes)
{
	bytes->length = 0;
}

// Doubles, so that many small appends cost little; never beyond the cap. The old
// memory is wiped by hand instead of realloc: it may hold opened content.
static bool grow(struct bytes *bytes, size_t needed)
{
	size_t capacity = bytes->capacity < 128 ? 128 : bytes->capacity;
	while (capacity < needed)
		capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
	if (capacity > bytes->cap)
		capacity = bytes->cap;
	uint8_t *data = malloc(capacity);
	if (data == NULL)
		return false;
	if (bytes->data != NULL) {
		memcpy(data, bytes->data, bytes->length);
		explicit_bzero(bytes->data, bytes->length);
		free(bytes->data);
	}
	bytes->data = data;
	bytes->capacity = capacity;
	return true;
}

uint8_t *bytes_room(struct bytes *bytes, size_t more)
{
	if (more > bytes->cap - bytes->length)
		return NULL;
	size_t needed = bytes->length + more;
	if ((needed > bytes->capacity || bytes->data == NULL) && !grow(bytes, needed))
		return NULL;
	return bytes->data + bytes->length;
}

void bytes_added(struct bytes *bytes, size_t count)
{
	must(count <= bytes->capacity - bytes->length);
	bytes->length += count;
}

enum fail_code bytes_append(struct bytes *bytes, const void *data, size_t length)
{
	if (length == 0)
		return FAIL_NONE;
	if (length > bytes->cap - bytes->length)
		return FAIL_TOO_LARGE;
	uint8_t *room = bytes_room(bytes, length);
	if (room == NULL)
		return FAIL_NO_MEMORY;
	memcpy(room, data, length);
	bytes_added(bytes, length);
	return FAIL_NONE;
}

enum fail_code bytes_append_u32be(struct bytes *bytes, uint32_t value)
{
	uint8_t raw[4];
	write_u32be(raw, value);
	return bytes_append(bytes, raw, sizeof raw);
}

void bytes_consume(struct bytes *bytes, size_t count)
{
	must(count <= bytes->length);
	bytes->length -= count;
	if (bytes->length > 0)
		memmove(bytes->data, bytes->data + count, bytes->length);
}

struct view bytes_view(const struct bytes *bytes)
{
	return view_of(bytes->data, bytes->length);
}

uint32_t read_u32be(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

void write_u32be(uint8_t *to, uint32_t value)
{
	to[0] = (uint8_t)(value >> 24);
	to[1] = (uint8_t)(value >> 16);
	to[2] = (uint8_t)(value >> 8);
	to[3] = (uint8_t)value;
}
