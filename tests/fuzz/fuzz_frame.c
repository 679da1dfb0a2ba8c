// SPDX-License-Identifier: Apache-2.0
// links: passerelle_wire
//
// The frame reader fed in pieces (their size is the first byte) against a plain
// walk over the whole.
#include "fuzz.h"

#include "wire/frame.h"

#include <string.h>

// Next frame of the plain walk; false if there is none or it is at fault.
static bool walk(struct view *rest, struct view *payload)
{
	if (rest->length < FRAME_HEAD)
		return false;
	size_t length = read_u32be(rest->data);
	if (length == 0 || length > FRAME_MAX_BEFORE_HELLO || rest->length - FRAME_HEAD < length)
		return false;
	*payload = view_of(rest->data + FRAME_HEAD, length);
	*rest = view_of(rest->data + FRAME_HEAD + length, rest->length - FRAME_HEAD - length);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	size_t step = (size_t)data[0] + 1;
	struct view stream = view_of(data + 1, size - 1), rest = stream;
	struct frame_reader reader;
	frame_reader_init(&reader, FRAME_MAX_BEFORE_HELLO);
	enum fail_code fault = FAIL_NONE;
	for (size_t at = 0; at < stream.length && fault == FAIL_NONE; at += step) {
		size_t length = stream.length - at < step ? stream.length - at : step;
		struct view payload, expected;
		fault = frame_reader_feed(&reader, view_of(stream.data + at, length));
		while (fault == FAIL_NONE && frame_reader_next(&reader, &payload, &fault))
			must(walk(&rest, &expected) && view_equal(payload, expected));
		must(reader.pending.length <= FRAME_HEAD + FRAME_MAX_BEFORE_HELLO + step);
	}
	struct view none;
	must(!walk(&rest, &none));
	must(fault == FAIL_NONE || fault == FAIL_TOO_LARGE || fault == FAIL_MALFORMED);
	if (fault == FAIL_NONE)
		must(frame_reader_inside(&reader) == (rest.length > 0));
	frame_reader_release(&reader);
	return 0;
}
