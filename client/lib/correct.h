// SPDX-License-Identifier: Apache-2.0
//
// Writing a message that speaks of an earlier one: which one, whether that can be, and what stands in its header.
#ifndef PASSERELLE_LIB_CORRECT_H
#define PASSERELLE_LIB_CORRECT_H

#include "lib/corrections.h"

struct correcting {
	struct correction_target target;
	enum message_kind kind;     // of the message that is written
	uint32_t version;           // that it is the content of; 0 if it has none of it
	const char *verb;           // whose form it takes
	char reference[REFERENCE_SIZE];
	bool ended;                 // the case has
	bool taken_back;            // the message waited here and is not sent: nothing is left to write
};

// Is this a verb that speaks of an earlier message?
bool correct_verb(const char *verb);

// A recall takes back what waits here and was never submitted: nothing of it is sent. Of what opens a case nothing else
// of that case can have left, and goes with it. What may have left is for the hub to judge.
// FAIL_UNKNOWN_CASE, FAIL_UNKNOWN_MESSAGE, FAIL_NOT_ALLOWED (of that kind not), FAIL_NO_LONGER_VALID,
// FAIL_ALREADY_DELIVERED.
enum fail_code correct_begin(struct psr_profile *profile, const struct psr_message *message, struct arena *arena,
                             struct correcting *correcting, struct fail *why) MUST_CHECK;

// The header that the form gave becomes that of the correction. FAIL_BAD_USAGE: the form says something else than the
// header of what was sent, which nobody changes.
enum fail_code correct_header(const struct correcting *correcting, struct header *header, struct fail *why) MUST_CHECK;

#endif
