// SPDX-License-Identifier: Apache-2.0
#include "lib/parties.h"

#include "case/reference.h"
#include "seal/key.h"
#include "wire/codec.h"

#include <string.h>

// What was told of the agencies of `header` so far, in the order of the case; waiting messages are not looked at: an
// agency that is added twice before there is a line has the newer reference.
static void take_over(struct header *header, const struct header *earlier)
{
	for (size_t i = 0; i < header->party_count; i++) {
		for (size_t j = 0; j < earlier->party_count; j++) {
			const struct party *known = &earlier->party[j];
			if (strcmp(header->party[i].agency, known->agency) == 0 && known->reference[0] != '\0')
				memcpy(header->party[i].reference, known->reference, sizeof known->reference);
		}
	}
}

static enum fail_code look(void *context, const struct case_message *message)
{
	struct arena arena;
	struct envelope envelope;
	struct header header;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	if (envelope_decode(&envelope, message->envelope, &arena, NULL) == FAIL_NONE &&
	    header_decode(&header, envelope.header, &arena, NULL) == FAIL_NONE)
		take_over(context, &header);
	arena_release(&arena);
	return FAIL_NONE;
}

enum fail_code parties_refer(struct psr_profile *profile, const struct case_row *row, struct header *header,
                             struct fail *why)
{
	if (header->party_count == 0)
		return FAIL_NONE;
	enum fail_code code = case_messages(profile->store, &row->id, look, header, why);
	for (size_t i = 0; i < header->party_count && code == FAIL_NONE; i++) {
		struct id random;
		if (header->party[i].reference[0] != '\0')
			continue;
		random_fill(&random, sizeof random);
		reference_make(header->party[i].reference, row->requesting, row->responding, &random);
	}
	return code;
}
