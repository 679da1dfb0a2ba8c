// SPDX-License-Identifier: Apache-2.0
#include "lib/draft.h"

#include "lib/json.h"
#include "lib/own_seal.h"
#include "lib/trace.h"

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
	enum fail_code code = trace_may_write(&message, why);
	return code == FAIL_NONE ? compose_message(profile, &message, draft, written, faults, why) : code;
}

static enum fail_code open_draft(struct psr_profile *profile, const struct id *draft, struct view sealed, json_t **json,
                                 struct fail *why)
{
	struct bytes plain;
	bytes_init(&plain, 2 * DRAFT_CAP);
	enum fail_code code = own_open(profile, draft, sealed, &plain, why);
	if (code != FAIL_NONE)
		fail_wrap(why, "the draft does not open");
	*json = code == FAIL_NONE ? json_loadb((const char *)plain.data, plain.length, 0, NULL) : NULL;
	if (code == FAIL_NONE && *json == NULL)
		code = fail_set(why, FAIL_DATA_LOSS, "the draft is damaged");
	bytes_wipe(&plain);
	return code;
}

static enum fail_code find_draft(struct psr_profile *profile, const struct id *draft, json_t **json, struct fail *why)
{
	struct bytes sealed;
	bytes_init(&sealed, 2 * DRAFT_CAP);
	*json = NULL;
	enum fail_code code = draft_get(profile->store, draft, &sealed, why);
	if (code == FAIL_NONE)
		code = open_draft(profile, draft, bytes_view(&sealed), json, why);
	bytes_release(&sealed);
	return code;
}

enum fail_code draft_send(struct psr_profile *profile, const struct id *draft, struct written *written,
                          struct form_faults *faults, struct fail *why)
{
	json_t *json;
	enum fail_code code = find_draft(profile, draft, &json, why);
	if (code == FAIL_NONE)
		code = send_json(profile, draft, json, written, faults, why);
	json_decref(json);
	return code;
}

enum fail_code draft_drop(struct psr_profile *profile, const struct id *draft, struct fail *why)
{
	enum fail_code code = store_begin(profile->store, why);
	if (code != FAIL_NONE)
		return code;
	code = draft_remove(profile->store, draft, why);
	if (code == FAIL_NONE)
		code = mark_remove(profile->store, draft, why);
	if (code == FAIL_NONE)
		return store_commit(profile->store, why);
	store_rollback(profile->store);
	return code;
}

// ---- what is in it ----

// A form that is no JSON was kept as it was typed: it is told when the draft is sent.
static json_t *form_of(const json_t *draft)
{
	const char *text = json_string_value(json_object_get(draft, "form"));
	json_t *form = text != NULL ? json_loads(text, 0, NULL) : NULL;
	return form != NULL ? form : json_object();
}

static json_t *names_of(const json_t *form)
{
	json_t *names = json_array(), *person;
	size_t i;
	json_array_foreach(json_object_get(form, "persons"), i, person) {
		json_t *name = json_object_get(json_array_get(json_object_get(person, "names"), 0), "full");
		if (json_is_string(name))
			json_array_append(names, name);
	}
	return names;
}

struct listing {
	struct psr_profile *profile;
	json_t *items;           // owned by the caller
	struct fail *why;
};

static enum fail_code list_one(void *context, const struct draft_row *row)
{
	struct listing *listing = context;
	json_t *draft, *item = json_object();
	enum fail_code code = open_draft(listing->profile, &row->id, row->sealed, &draft, listing->why);
	json_t *form = form_of(draft);
	json_put_id(item, "draft", &row->id);
	json_put_time(item, "draft_at", row->created_at);
	for (const char *const *key = (const char *const[]){"verb", "reference", "to", NULL}; *key != NULL; key++)
		json_put_filled(item, *key, json_string_value(json_object_get(draft, *key)));
	for (const char *const *key = (const char *const[]){"service", "urgency", NULL}; *key != NULL; key++)
		json_put_filled(item, *key, json_string_value(json_object_get(form, *key)));
	json_object_set_new(item, "about", names_of(form));
	json_array_append_new(listing->items, item);
	json_decref(form);
	json_decref(draft);
	return code;
}

enum fail_code draft_list(struct psr_profile *profile, json_t **result, struct fail *why)
{
	struct listing listing = {profile, json_array(), why};
	enum fail_code code = draft_each(profile->store, list_one, &listing, why);
	*result = code == FAIL_NONE ? json_document("passerelle.drafts/1") : NULL;
	if (code == FAIL_NONE)
		json_object_set(*result, "items", listing.items);
	json_decref(listing.items);
	return code;
}

enum fail_code draft_show(struct psr_profile *profile, const struct id *draft, json_t **result, struct fail *why)
{
	enum fail_code code = find_draft(profile, draft, result, why);
	if (code != FAIL_NONE)
		return code;
	json_put_id(*result, "draft", draft);
	json_object_set_new(*result, "form", form_of(*result));
	return FAIL_NONE;
}
