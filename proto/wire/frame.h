// SPDX-License-Identifier: Apache-2.0
//
// Cuts a byte stream into frames: 4-byte big-endian length, then that many
// bytes. The length is checked against the cap before anything is allocated for
// it. Knows nothing of what a frame holds.
#ifndef PASSERELLE_WIRE_FRAME_H
#define PASSERELLE_WIRE_FRAME_H

#include "base/bytes.h"

enum {
	FRAME_HEAD = 4,
	FRAME_MAX_BEFORE_HELLO = 16 * 1024,
	FRAME_MAX = 1024 * 1024,
	FRAME_FEED_MAX = 1024 * 1024, // of one feed, on top of a frame that is not whole
};

struct frame_reader {
	struct bytes pending;  // fed and not yet passed on
	size_t start;          // of the next frame within pending
	size_t max_frame;      // may be raised between frames
};

void frame_reader_init(struct frame_reader *reader, size_t max_frame);
void frame_reader_release(struct frame_reader *reader);

// Takes all of `input` (at most FRAME_FEED_MAX while whole frames are taken out
// in between); a frame may come in any number of pieces. An oversized or zero
// length of the next frame is found as soon as its four bytes are there:
// FAIL_TOO_LARGE, FAIL_MALFORMED; the reader must not be fed again then. Frames
// behind the next one are looked at by frame_reader_next, because the answer to
// an earlier one may raise max_frame.
enum fail_code frame_reader_feed(struct frame_reader *reader, struct view input) MUST_CHECK;

// Next whole frame's payload, valid until the next call on this reader. False:
// none is whole yet, or its head is at fault: `*fault` tells (FAIL_NONE
// normally). The head is checked against max_frame as it is now.
bool frame_reader_next(struct frame_reader *reader, struct view *payload, enum fail_code *fault);

// True from the first byte of a frame until its last (slow-sender rule).
bool frame_reader_inside(const struct frame_reader *reader);

#endif
