// SPDX-License-Identifier: Apache-2.0
#include "lib/draft.h"

#include "lib/json.h"
#include "seal/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DRAFT_CAP = 4 * 1024 * 1024, FIXED = 2 + KEY_ID_SIZE + 1, ATTACH_MOST = MAX_OBJECTS };

static struct seal_context context_of(const struct psr_profile *profile, const struct id *draft)
{
	return (struct seal_context){.object = *draft, .author = profile->settings.identity.uri, .kind = SEAL_DRAFT};
}

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

static enum fail_code append_all(struct bytes *out, const struct stanza *stanza, const struct hash *commitment,
                                 struct view sealed)
{
	uint8_t fixed[FIXED];
	fixed[0] = (uint8_t)(stanza->kem >> 8);
	fixed[1] = (uint8_t)stanza->kem;
	memcpy(fixed + 2, stanza->key_id, KEY_ID_SIZE);
	fixed[FIXED - 1] = (uint8_t)stanza->enc.length;
	enum fail_code code = bytes_append(out, fixed, sizeof fixed);
	if (code == FAIL_NONE)
		code = bytes_append(out, stanza->enc.data, stanza->enc.length);
	if (code == FAIL_NONE)
		code = bytes_append(out, stanza->ct.data, stanza->ct.length);
	if (code == FAIL_NONE)
		code = bytes_append(out, commitment->byte, HASH_SIZE);
	return code == FAIL_NONE ? bytes_append(out, sealed.data, sealed.length) : code;
}

static enum fail_code seal_text(struct psr_profile *profile, const struct id *draft, struct view plain,
                                struct bytes *out, struct fail *why)
{
	const struct own_certificate *own = profile->keys->ops->certificate(profile->keys, USE_ENCRYPTION);
	if (own == NULL)
		return fail_set(why, FAIL_NOT_ALLOWED, "this profile has no branch key: its role writes no messages");
	struct bytes sealed, store;
	struct hash commitment, no_header = {{0}};
	struct stanza stanza;
	uint8_t key[SEAL_KEY_SIZE];
	bytes_init(&sealed, 2 * DRAFT_CAP);
	bytes_init(&store, 4096);
	random_fill(key, sizeof key);
	struct seal_context context = context_of(profile, draft);
	enum fail_code code = seal_bytes(&context, key, plain, &sealed, &commitment);
	if (code == FAIL_NONE)
		code = stanza_make(&stanza, &store, 0, draft, own->certificate, &no_header, key);
	if (code == FAIL_NONE)
		code = append_all(out, &stanza, &commitment, bytes_view(&sealed));
	if (code != FAIL_NONE)
		fail_set(why, code, "the draft cannot be sealed");
	wipe(key, sizeof key);
	bytes_release(&sealed);
	bytes_release(&store);
	return code;
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
		code = seal_text(profile, draft, view_of_text(text), &sealed, why);
	struct draft_row row = {.id = *draft, .created_at = clock_now(), .sealed = bytes_view(&sealed)};
	if (code == FAIL_NONE)
		code = draft_put(profile->store, &row, why);
	wipe(text, strlen(text));
	free(text);
	bytes_release(&sealed);
	return code;
}

static enum fail_code unseal(struct psr_profile *profile, const struct id *draft, struct view from, struct bytes *plain,
                             struct fail *why)
{
	if (from.length < FIXED || from.length < (size_t)FIXED + from.data[FIXED - 1] + SEAL_WRAPPED_SIZE + HASH_SIZE)
		return fail_set(why, FAIL_DATA_LOSS, "it is too short");
	struct stanza stanza = {.kem = (uint16_t)(from.data[0] << 8 | from.data[1])};
	memcpy(stanza.key_id, from.data + 2, KEY_ID_SIZE);
	const uint8_t *next = from.data + FIXED;
	stanza.enc = view_of(next, from.data[FIXED - 1]);
	next += stanza.enc.length;
	stanza.ct = view_of(next, SEAL_WRAPPED_SIZE);
	next += SEAL_WRAPPED_SIZE;
	struct hash commitment, no_header = {{0}};
	memcpy(commitment.byte, next, HASH_SIZE);
	next += HASH_SIZE;
	uint8_t key[SEAL_KEY_SIZE];
	struct seal_context context = context_of(profile, draft);
	enum fail_code code = profile->keys->ops->unwrap(profile->keys, &stanza, draft, &no_header, key, why);
	if (code == FAIL_NONE) {
		code = open_bytes(&context, key, &commitment, view_of(next, from.length - (size_t)(next - from.data)), plain);
		if (code != FAIL_NONE)
			fail_set(why, code, "its content is damaged");
	}
	wipe(key, sizeof key);
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
		code = unseal(profile, draft, bytes_view(&sealed), &plain, why);
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
