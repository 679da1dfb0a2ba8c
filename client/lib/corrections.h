// SPDX-License-Identifier: Apache-2.0
//
// What the messages of a case say of one another: this one is replaced by that one, this one does not count any
// more, this one was taken back before it was read. Nothing is changed for it: each reader works out what counts. Pairs are judged when they come, here as at
// the hub (case/correction.h).
#ifndef PASSERELLE_LIB_CORRECTIONS_H
#define PASSERELLE_LIB_CORRECTIONS_H

#include "base/arena.h"
#include "lib/profile.h"

struct correction {
	enum message_kind kind;      // UPDATE, INVALIDATE, RECALL
	bool waiting;                // written here, and not accepted by the hub yet
	struct id by, to;
	uint32_t version;            // of an UPDATE
	char from[MEMBER_CODE_SIZE]; // whose messages both are
};

struct corrections {
	struct correction *list;     // owned
	size_t count, room;
};

// All of a case, received (and genuine) or written (and not returned). Release also after a fault.
enum fail_code corrections_read(struct psr_profile *profile, const struct id *case_id, struct corrections *corrections,
                                struct fail *why) MUST_CHECK;
void corrections_release(struct corrections *corrections);

// Of a message of member `from`: declared void, or a version of one that was.
bool corrections_void(const struct corrections *corrections, const struct id *message, const char *from);

// Of a message of member `from`: recalled, or a version of one that was. A recall that waits is none yet.
bool corrections_recalled(const struct corrections *corrections, const struct id *message, const char *from);

// Whose content counts in the place of this message: its newest valid version, else itself; NULL if it is void or recalled.
const struct id *corrections_current(const struct corrections *corrections, const struct id *message, const char *from);

uint32_t corrections_next_version(const struct corrections *corrections, const struct id *message, const char *from);

// Of a message that came: may it speak of the one that it names? FAIL_UNKNOWN_MESSAGE (somebody else's, or of another
// case), FAIL_MALFORMED (of that kind nothing is said), FAIL_NO_LONGER_VALID, FAIL_OTHER_VERSION, FAIL_ALREADY_DELIVERED (to be
// recalled, and its content is here). What is not here may
// be spoken of: it is shown as that.
enum fail_code corrections_check(struct psr_profile *profile, const struct header *header, struct fail *why) MUST_CHECK;

// The envelope of a message of this member, received or written.
enum fail_code corrections_envelope(struct psr_profile *profile, const struct id *message, const char *from,
                                    struct bytes *envelope, struct fail *why) MUST_CHECK;

// A message that was written here, by its number in the case or its id. FAIL_UNKNOWN_MESSAGE tells whose it is.
struct correction_target {
	struct id id;
	struct header header;        // in the arena
	enum outbox_state state;
	uint64_t delivered_at;       // to the other branch, as far as its receipt is here
};
enum fail_code corrections_find(struct psr_profile *profile, const struct id *case_id, const char *typed,
                                struct arena *arena, struct correction_target *target, struct fail *why) MUST_CHECK;

#endif
