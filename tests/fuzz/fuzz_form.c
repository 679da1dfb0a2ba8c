// SPDX-License-Identifier: Apache-2.0
// links: passerelle_form
//
// Byte 0 chooses: 0 a hostile Body for form_write; else a verb and a hostile form for
// form_read. What form_read takes, form_write must be able to show.
#include "form/canonical.h"
#include "form/form.h"
#include "form/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(struct view body, bool ours)
{
	struct arena arena;
	struct form_attachment found[49];
	size_t count = 49;
	json_t *json = NULL;
	enum fail_code code = form_write(body, &json, NULL);
	must(!ours || code == FAIL_NONE);
	must((code == FAIL_NONE) == (json != NULL));
	json_decref(json);
	code = canonical_body(body, &json, NULL);
	must(!ours || code == FAIL_NONE);
	must((code == FAIL_NONE) == (json != NULL));
	json_decref(json);
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	code = form_attachments(body, &arena, found, &count, NULL);
	must(!ours || code == FAIL_NONE);
	arena_release(&arena);
}

static void take(const char *verb, const uint8_t *form, size_t size)
{
	static const struct form_attachment file = {"a.pdf", "application/pdf", 9};
	struct arena arena;
	struct header header = {.version = 1};
	struct bytes body;
	struct form_faults faults;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&body, 4 * 1024 * 1024);
	enum fail_code code =
		form_read(verb, (const char *)form, size, &file, 1, NULL, &arena, &header, &body, &faults, NULL);
	must((code == FAIL_BAD_FORM) == (faults.count > 0));
	must(code == FAIL_NONE || body.length == 0);
	if (code == FAIL_NONE)
		show(bytes_view(&body), true);
	bytes_release(&body);
	arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	const struct verb_rule *verb = data[0] > 0 ? verb_at(data[0] - 1) : NULL;
	if (verb != NULL)
		take(verb->verb, data + 1, size - 1);
	else
		show(view_of(data + 1, size - 1), false);
	return 0;
}
