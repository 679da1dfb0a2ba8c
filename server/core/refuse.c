// SPDX-License-Identifier: Apache-2.0
#include "core/core_private.h"

#include <stdio.h>

void refuse(struct core *core, uint64_t session, uint64_t frame_id, enum fail_code code, const char *text)
{
	refuse_with(core, session, frame_id, code, text, NULL, 0);
}

void refuse_with(struct core *core, uint64_t session, uint64_t frame_id, enum fail_code code, const char *text,
                 struct error_detail *detail, size_t count)
{
	char whole[MAX_TEXT];
	if (text != NULL && text[0] != '\0')
		snprintf(whole, sizeof whole, "%s; %s", text, fail_advice(code));
	else
		snprintf(whole, sizeof whole, "%s", fail_advice(code));
	struct frame frame = {.id = frame_id, .kind = FRAME_ERROR};
	frame.of.error = (struct error){
		.fail = code,
		.reason = fail_name(code),
		.retryable = fail_retryable(code),
		.retry_after_ms = fail_retryable(code) ? RETRY_AFTER_MS : 0,
		.text = whole,
		.detail = detail,
		.detail_count = count,
	};
	core_send(core, session, &frame);
}
