// SPDX-License-Identifier: Apache-2.0
#include "seal/content.h"

#include "base/arena.h"

#include <string.h>

#include <zlib.h>

enum { FORMAT_PLAIN = 0, FORMAT_ZLIB = 1, FORMAT_HEAD = 5, SMALLEST_BUCKET = 256 };

// zlib asks for about 270 KB; what it held is case content and is wiped with the arena.
enum { ZLIB_MEMORY = 512 * 1024, ZLIB_ALLOCATIONS = 16 };

static unsigned log2_floor(uint64_t number)
{
	return 63 - (unsigned)__builtin_clzll(number);
}

uint64_t content_bucket(uint64_t length)
{
	if (length <= SMALLEST_BUCKET)
		return SMALLEST_BUCKET;
	unsigned exponent = log2_floor(length);
	uint64_t mask = (UINT64_C(1) << (exponent - log2_floor(exponent) - 1)) - 1;
	return (length + mask) & ~mask;
}

static void *zlib_alloc(void *arena, unsigned items, unsigned size)
{
	return arena_alloc(arena, (size_t)items * size);
}

static void zlib_free(void *arena, void *memory)
{
	(void)arena; // all of it goes at once, when the arena is wiped
	(void)memory;
}

// zlib's interface dates from before const: it does not write to its input.
static z_stream stream_over(struct view input, struct arena *arena)
{
	union {
		const uint8_t *given;
		uint8_t *wanted;
	} data = {.given = input.data};
	return (z_stream){.zalloc = zlib_alloc, .zfree = zlib_free, .opaque = arena, .next_in = data.wanted,
	                  .avail_in = (unsigned)input.length};
}

// Length of the zlib form, or 0 if it is not shorter than `room` allows.
static size_t deflated(struct view body, uint8_t *out, size_t room)
{
	struct arena arena;
	arena_init(&arena, ZLIB_MEMORY, ZLIB_ALLOCATIONS);
	z_stream stream = stream_over(body, &arena);
	size_t length = 0;
	if (deflateInit(&stream, Z_BEST_COMPRESSION) == Z_OK) {
		stream.next_out = out;
		stream.avail_out = (unsigned)room;
		if (deflate(&stream, Z_FINISH) == Z_STREAM_END)
			length = stream.total_out;
		(void)deflateEnd(&stream);
	}
	arena_wipe(&arena);
	return length;
}

static enum fail_code pack(struct view body, bool compress, struct bytes *plain)
{
	if (body.length > CONTENT_BODY_CAP)
		return FAIL_TOO_LARGE;
	size_t largest = (size_t)content_bucket(FORMAT_HEAD + body.length);
	if (largest > plain->cap - plain->length)
		return FAIL_TOO_LARGE;
	uint8_t *room = bytes_room(plain, largest);
	if (room == NULL)
		return FAIL_NO_MEMORY;
	size_t length = compress && body.length > 1 ? deflated(body, room + FORMAT_HEAD, body.length - 1) : 0;
	room[0] = length > 0 ? FORMAT_ZLIB : FORMAT_PLAIN;
	if (length == 0 && body.length > 0)
		memcpy(room + FORMAT_HEAD, body.data, body.length);
	if (length == 0)
		length = body.length;
	write_u32be(room + 1, (uint32_t)length);
	memset(room + FORMAT_HEAD + length, 0, largest - FORMAT_HEAD - length);
	bytes_added(plain, (size_t)content_bucket(FORMAT_HEAD + length));
	return FAIL_NONE;
}

enum fail_code content_pack_body(struct view body, struct bytes *plain)
{
	return pack(body, true, plain);
}

enum fail_code content_pack_body_filled(struct view body, struct bytes *plain)
{
	return pack(body, false, plain);
}

static bool all_zero(struct view bytes)
{
	uint8_t seen = 0;
	for (size_t i = 0; i < bytes.length; i++)
		seen |= bytes.data[i];
	return seen == 0;
}

// One step of at most 64 KiB, so that a small body does not cost 4 MiB of memory.
static int inflate_step(z_stream *stream, struct bytes *body, size_t limit)
{
	enum { STEP = 64 * 1024 };
	size_t left = limit - body->length;
	size_t room = left < STEP ? left : STEP;
	uint8_t *out = bytes_room(body, room);
	if (out == NULL)
		return Z_MEM_ERROR;
	stream->next_out = out;
	stream->avail_out = (unsigned)room;
	int result = inflate(stream, Z_NO_FLUSH);
	bytes_added(body, room - stream->avail_out);
	return result;
}

// At the cap, zlib may still owe its end mark; a byte more is one too many.
static int inflate_end(z_stream *stream, bool *over)
{
	uint8_t extra;
	stream->next_out = &extra;
	stream->avail_out = 1;
	int result = inflate(stream, Z_NO_FLUSH);
	*over = stream->avail_out == 0;
	return result;
}

// The bytes end where zlib says that they end: nothing may hide behind.
static enum fail_code inflated(struct view data, struct bytes *body)
{
	size_t before = body->length;
	size_t room = body->cap - before;
	size_t limit = before + (room < CONTENT_BODY_CAP ? room : CONTENT_BODY_CAP);
	struct arena arena;
	arena_init(&arena, ZLIB_MEMORY, ZLIB_ALLOCATIONS);
	z_stream stream = stream_over(data, &arena);
	int result = inflateInit(&stream);
	while (result == Z_OK && body->length < limit)
		result = inflate_step(&stream, body, limit);
	bool over = false;
	if (result == Z_OK)
		result = inflate_end(&stream, &over);
	enum fail_code code = FAIL_CANNOT_OPEN;
	if (over)
		code = FAIL_TOO_LARGE;
	else if (result == Z_MEM_ERROR)
		code = FAIL_NO_MEMORY;
	else if (result == Z_STREAM_END && stream.avail_in == 0)
		code = FAIL_NONE;
	(void)inflateEnd(&stream);
	arena_wipe(&arena);
	return code;
}

static enum fail_code unpack(uint8_t format, struct view data, struct bytes *body)
{
	if (format == FORMAT_ZLIB)
		return inflated(data, body);
	if (format != FORMAT_PLAIN)
		return FAIL_CANNOT_OPEN;
	return data.length > CONTENT_BODY_CAP ? FAIL_TOO_LARGE : bytes_append(body, data.data, data.length);
}

enum fail_code content_unpack_body(struct view plain, struct bytes *body)
{
	if (plain.length < SMALLEST_BUCKET)
		return FAIL_CANNOT_OPEN;
	size_t length = read_u32be(plain.data + 1);
	if (length > plain.length - FORMAT_HEAD || content_bucket(FORMAT_HEAD + length) != plain.length)
		return FAIL_CANNOT_OPEN;
	const uint8_t *data = plain.data + FORMAT_HEAD;
	if (!all_zero(view_of(data + length, plain.length - FORMAT_HEAD - length)))
		return FAIL_CANNOT_OPEN;
	size_t before = body->length;
	enum fail_code code = unpack(plain.data[0], view_of(data, length), body);
	if (code != FAIL_NONE && body->length > before) {
		explicit_bzero(body->data + before, body->length - before);
		body->length = before;
	}
	return code;
}
