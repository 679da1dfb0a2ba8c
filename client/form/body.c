// SPDX-License-Identifier: Apache-2.0
#include "form/body.h"

enum fail_code body_unpack(struct view body, struct form_memory *memory, Passerelle__V1__Body **out,
                           struct fail *why)
{
	if (body.length > MAX_BODY)
		return fail_set(why, FAIL_TOO_LARGE, "the content has %zu bytes, at most %d are possible", body.length,
		                MAX_BODY);
	*out = passerelle__v1__body__unpack(&memory->allocator, body.length, body.data);
	if (*out != NULL)
		return FAIL_NONE;
	return memory->refused ? fail_set(why, FAIL_TOO_LARGE, "the content is too complex")
	                       : fail_set(why, FAIL_MALFORMED, "the content is no valid Body");
}
