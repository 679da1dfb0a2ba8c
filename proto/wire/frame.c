// SPDX-License-Identifier: Apache-2.0
#include "wire/frame.h"

// An idle connection keeps no more than this much memory for its reader.
enum { KEEP_IDLE = 2048 };

void frame_reader_init(struct frame_reader *reader, size_t max_frame)
{
	*reader = (struct frame_reader){.max_frame = max_frame};
	bytes_init(&reader->pending, FRAME_HEAD + FRAME_MAX + FRAME_FEED_MAX);
}

void frame_reader_release(struct frame_reader *reader)
{
	bytes_release(&reader->pending);
	reader->start = 0;
}

static size_t waiting(const struct frame_reader *reader)
{
	return reader->pending.length - reader->start;
}

// Length of the next frame's payload, 0 as long as its head is not all there.
static enum fail_code next_length(const struct frame_reader *reader, size_t *length)
{
	*length = 0;
	if (waiting(reader) < FRAME_HEAD)
		return FAIL_NONE;
	*length = read_u32be(reader->pending.data + reader->start);
	if (*length == 0)
		return FAIL_MALFORMED;
	return *length > reader->max_frame ? FAIL_TOO_LARGE : FAIL_NONE;
}

enum fail_code frame_reader_feed(struct frame_reader *reader, struct view input)
{
	bytes_consume(&reader->pending, reader->start);
	reader->start = 0;
	enum fail_code code = bytes_append(&reader->pending, input.data, input.length);
	if (code != FAIL_NONE)
		return code;
	size_t length;
	return next_length(reader, &length);
}

static void forget_if_idle(struct frame_reader *reader)
{
	if (waiting(reader) > 0)
		return;
	reader->start = 0;
	if (reader->pending.capacity > KEEP_IDLE)
		bytes_release(&reader->pending);
	else
		bytes_clear(&reader->pending);
}

bool frame_reader_next(struct frame_reader *reader, struct view *payload, enum fail_code *fault)
{
	size_t length;
	*fault = next_length(reader, &length);
	if (*fault != FAIL_NONE)
		return false;
	if (length == 0 || waiting(reader) - FRAME_HEAD < length) {
		forget_if_idle(reader);
		return false;
	}
	*payload = view_of(reader->pending.data + reader->start + FRAME_HEAD, length);
	reader->start += FRAME_HEAD + length;
	return true;
}

bool frame_reader_inside(const struct frame_reader *reader)
{
	size_t length;
	if (waiting(reader) == 0 || next_length(reader, &length) != FAIL_NONE)
		return false;
	return length == 0 || waiting(reader) - FRAME_HEAD < length;
}
