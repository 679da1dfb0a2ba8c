// SPDX-License-Identifier: Apache-2.0
//
// What the messages of a case say, opened one after the other: the newest valid version in the place of the first
// one, nothing of what was declared void. Nothing is marked as read. What waits in the outbox comes last.
#ifndef PASSERELLE_LIB_CONTENTS_H
#define PASSERELLE_LIB_CONTENTS_H

#include "lib/profile.h"

#include <jansson.h>

struct content {
	enum message_kind kind;
	struct id message;           // the first version, which people know
	char from[MEMBER_CODE_SIZE];
	uint64_t case_seq;           // 0: has no number yet
	uint64_t at;                 // when the hub accepted it; when it was written, while it has no number
	enum case_state state;       // of the case after it; CASE_NONE while it has no number
	json_t *json;                // as form_write gives it; an empty object where the message has no content
	json_t *attachments;         // a list of names, in the order of their numbers
};

typedef enum fail_code (*content_call)(void *context, const struct content *content);

// Messages of these kinds (bits 1 << enum message_kind), received and genuine or written and not returned. *whole
// false: some of them did not open (a withdrawal of consent, a case that went on, damage), and were left out.
enum fail_code contents_each(struct psr_profile *profile, const struct id *case_id, uint64_t kinds, content_call call,
                             void *context, bool *whole, struct fail *why) MUST_CHECK;

// A text of the content; "" where there is none.
const char *content_text(const json_t *json, const char *key);

#endif
