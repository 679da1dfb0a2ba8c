// SPDX-License-Identifier: Apache-2.0
//
// A growable buffer with a hard cap, and a borrowed view of bytes. Everything
// that arrives or is about to leave is held in one of these two.
#ifndef PASSERELLE_BASE_BYTES_H
#define PASSERELLE_BASE_BYTES_H

#include "base/fail.h"

#include <stddef.h>
#include <stdint.h>

// Borrowed: whoever made it says how long it lives.
struct view {
	const uint8_t *data;
	size_t length;
};

struct view view_of(const void *data, size_t length);
struct view view_of_text(const char *text); // without the final NUL
bool view_equal(struct view a, struct view b); // not constant time: for public bytes only

struct bytes {
	uint8_t *data;   // owned; NULL while nothing was added
	size_t length;
	size_t capacity;
	size_t cap;      // length never exceeds it: FAIL_TOO_LARGE
};

// Caller's memory. No allocation yet.
void bytes_init(struct bytes *bytes, size_t cap);

// Frees; usable again as after bytes_init with the same cap.
void bytes_release(struct bytes *bytes);

// As bytes_release, and the content is wiped first (keys, opened content).
void bytes_wipe(struct bytes *bytes);

// Empties, keeps the memory.
void bytes_clear(struct bytes *bytes);

// Makes room for `more` bytes behind the content and returns where they go
// (then bytes_added). NULL over the cap or without memory.
uint8_t *bytes_room(struct bytes *bytes, size_t more);
void bytes_added(struct bytes *bytes, size_t count);

// FAIL_TOO_LARGE over the cap, FAIL_NO_MEMORY; content is unchanged then.
enum fail_code bytes_append(struct bytes *bytes, const void *data, size_t length) MUST_CHECK;
enum fail_code bytes_append_u32be(struct bytes *bytes, uint32_t value) MUST_CHECK;

// Drops the first `count` bytes (at most length).
void bytes_consume(struct bytes *bytes, size_t count);

struct view bytes_view(const struct bytes *bytes);

uint32_t read_u32be(const uint8_t *from);
void write_u32be(uint8_t *to, uint32_t value);

#endif
