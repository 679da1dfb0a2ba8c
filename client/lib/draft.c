// SPDX-License-Identifier: Apache-2.0
#include "lib/draft.h"

#include "lib/json.h"
#include "lib/own_seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DRAFT_CAP = 4 * 1024 * 1024, ATTACH_MOST = MAX_OBJECTS };

static json_t *json_of(const struct psr_message *message)
{
	json_t *json = json_document("passerelle.draft-content/1");
	json_put_filled(json, "verb", message->verb);
	json_put_filled(json, "reference", message->reference);
	json_put_filled(json, "to", message->to);
	json_put_filled(json, "message", message->message);
	if (message->even_if_out)
		json_object_set_new(json, "even_if_out", json_true());
	json_t *attach = json_array();
	for (size_t i = 0; i < message->attach_count; i++)
		json_array_append_new(attach, json_string(message->attach[i]));
	json_object_set_new(json, "attach", attach);
	if (message->form != NULL)
		json_object_set_new(json, "form", json_string(message->form));
	return json;
}

enum fail_code draft_save(struct psr_profile *profile, const struct psr_message *message, struct id *draft,
                          struct fail *why)
{
	char *text = json_text(json_of(message));
	if (text == NULL)
		return fail_set(why, FAIL_BAD_TEXT, "the draft is not valid UTF-8");
	struct bytes sealed;
	bytes_init(&sealed, 2 * DRAFT_CAP);
	random_fill(draft->byte, sizeof draft->byte);
	enum fail_code code =
		strlen(text) > DRAFT_CAP ? fail_set(why, FAIL_TOO_LARGE, "the draft has more than 4 MiB") : FAIL_NONE;
	if (code == FAIL_NONE)
		code = own_seal(profile, draft, view_of_text(text), &sealed, why);
	struct draft_row row = {.id = *draft, .created_at = clock_now(), .sealed = bytes_view(&sealed)};
	if (code == FAIL_NONE)
		code = draft_put(profile->store, &row, why);
	wipe(text, strlen(text));
	free(text);
	bytes_release(&sealed);
	return code;
}

static enum fail_code send_json(struct psr_profile *profile, const struct id *draft, json_t *json,
                                struct written *written, struct form_faults *faults, struct fail *why)
{
	const char *attach[ATTACH_MOST];
	struct psr_message message = {
		.verb = json_string_value(json_object_get(json, "verb")),
		.reference = json_string_value(json_object_get(json, "reference")),
		.to = json_string_value(json_object_get(json, "to")),
		.form = json_string_value(json_object_get(json, "form")),
		.attach = attach,
		.message = json_string_value(json_object_get(json, "message")),
		.even_if_out = json_is_true(json_object_get(json, "even_if_out")),
	};
	json_t *list = json_object_get(json, "attach");
	for (; message.attach_count < json_array_size(list) && message.attach_count < ATTACH_MOST; message.attach_count++) {
		const char *name = json_string_value(json_array_get(list, message.attach_count));
		attach[message.attach_count] = name == NULL ? "" : name;
	}
	return compose_message(profile, &message, draft, written, faults, why);
}

enum fail_code draft_send(struct psr_profile *profile, const struct id *draft, struct written *written,
                          struct form_faults *faults, struct fail *why)
{
	struct bytes sealed, plain;
	bytes_init(&sealed, 2 * DRAFT_CAP);
	bytes_init(&plain, 2 * DRAFT_CAP);
	enum fail_code code = draft_get(profile->store, draft, &sealed, why);
	if (code == FAIL_NONE) {
		code = own_open(profile, draft, bytes_view(&sealed), &plain, why);
		if (code != FAIL_NONE)
			fail_wrap(why, "the draft does not open");
	}
	json_t *json = code == FAIL_NONE ? json_loadb((const char *)plain.data, plain.length, 0, NULL) : NULL;
	if (code == FAIL_NONE)
		code = json == NULL ? fail_set(why, FAIL_DATA_LOSS, "the draft is damaged")
		                    : send_json(profile, draft, json, written, faults, why);
	json_decref(json);
	bytes_release(&sealed);
	bytes_wipe(&plain);
	return code;
}
