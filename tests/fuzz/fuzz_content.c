// SPDX-License-Identifier: Apache-2.0
//
// The text of an opened seal, by a hostile author: whatever unpacks, packs and
// unpacks to the same again.
#include "seal/content.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes body, plain, again;
	bytes_init(&body, CONTENT_BODY_CAP);
	bytes_init(&plain, 2 * CONTENT_BODY_CAP);
	bytes_init(&again, CONTENT_BODY_CAP);
	if (content_unpack_body(view_of(data, size), &body) == FAIL_NONE) {
		must(content_pack_body(bytes_view(&body), &plain) == FAIL_NONE);
		must(content_unpack_body(bytes_view(&plain), &again) == FAIL_NONE);
		must(view_equal(bytes_view(&body), bytes_view(&again)));
	} else {
		must(body.length == 0);
	}
	bytes_release(&body);
	bytes_release(&plain);
	bytes_release(&again);
	return 0;
}
