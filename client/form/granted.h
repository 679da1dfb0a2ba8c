// SPDX-License-Identifier: Apache-2.0
//
// What a message that passes a case on carries besides its form: earlier messages as
// they were signed, with the keys that open them (body.proto, Granted).
#ifndef PASSERELLE_FORM_GRANTED_H
#define PASSERELLE_FORM_GRANTED_H

#include "base/arena.h"
#include "wire/message.h"

enum { GRANTED_KEY_SIZE = 32, MAX_GRANTED = 256 };

struct granted {
	struct view envelope;
	uint64_t case_seq, accepted_at;
	uint32_t case_state;
	const uint8_t (*key)[GRANTED_KEY_SIZE];
	size_t key_count;
};

// Adds them to a serialised Body. FAIL_TOO_LARGE, FAIL_NO_MEMORY.
enum fail_code granted_add(struct bytes *body, const struct granted *list, size_t count) MUST_CHECK;

// Those of an opened Body; everything is copied into `arena`, which the caller wipes. *count in: room, out: how many.
// FAIL_TOO_LARGE, FAIL_MALFORMED.
enum fail_code granted_read(struct view body, struct arena *arena, struct granted *list, size_t *count,
                            struct fail *why) MUST_CHECK;

#endif
