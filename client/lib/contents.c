// SPDX-License-Identifier: Apache-2.0
#include "lib/contents.h"

#include "form/form.h"
#include "lib/checked.h"
#include "lib/corrections.h"
#include "seal/content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct one {
	struct content content;
	struct bytes envelope;   // owned
};

struct gathered {
	uint64_t kinds;
	struct one *list;        // owned
	size_t count, room;
};

static struct one *add(struct gathered *gathered)
{
	if (gathered->count == gathered->room) {
		size_t room = gathered->room == 0 ? 16 : 2 * gathered->room;
		struct one *grown = realloc(gathered->list, room * sizeof *grown);
		if (grown == NULL)
			return NULL;
		gathered->list = grown;
		gathered->room = room;
	}
	struct one *one = &gathered->list[gathered->count++];
	*one = (struct one){.content = {.kind = KIND_UNSPECIFIED}};
	bytes_init(&one->envelope, MAX_ENVELOPE);
	return one;
}

static enum fail_code keep(struct gathered *gathered, const struct content *content, const char *from,
                           struct view envelope)
{
	if ((gathered->kinds >> content->kind & 1) == 0)
		return FAIL_NONE;
	struct one *one = add(gathered);
	if (one == NULL)
		return FAIL_NO_MEMORY;
	one->content = *content;
	snprintf(one->content.from, sizeof one->content.from, "%s", from);
	return bytes_append(&one->envelope, envelope.data, envelope.length);
}

static enum case_state state_of(uint32_t number)
{
	return number < CASE_STATE_COUNT ? (enum case_state)number : CASE_NONE;
}

static enum fail_code add_received(void *context, const struct inbox_row *row)
{
	if (row->fault[0] != '\0')
		return FAIL_NONE;
	struct content content = {.kind = row->kind, .message = row->message, .case_seq = row->case_seq,
	                          .at = row->accepted_at, .state = state_of(row->case_state)};
	return keep(context, &content, row->sender, row->envelope);
}

struct written {
	struct gathered *gathered;
	const char *own;
};

static enum fail_code add_written(void *context, const struct outbox_row *row)
{
	const struct written *written = context;
	bool numbered = row->case_seq > 0;
	if (row->state == OUTBOX_RETURNED)
		return FAIL_NONE;
	struct content content = {.kind = row->kind, .message = row->message, .case_seq = row->case_seq,
	                          .at = numbered ? row->at[OUTBOX_AT_HUB] : row->at[OUTBOX_QUEUED],
	                          .state = numbered ? state_of(row->case_state) : CASE_NONE};
	return keep(written->gathered, &content, written->own, row->envelope);
}

// What has no number comes last, in the order of writing: insertion keeps it.
static void sort(struct gathered *gathered)
{
	for (size_t i = 1; i < gathered->count; i++) {
		struct one moving = gathered->list[i];
		size_t place = i;
		for (; place > 0 && gathered->list[place - 1].content.case_seq - 1 > moving.content.case_seq - 1; place--)
			gathered->list[place] = gathered->list[place - 1];
		gathered->list[place] = moving;
	}
}

static json_t *names_of(struct view body, struct arena *arena)
{
	struct form_attachment list[MAX_OBJECTS];
	size_t count = MAX_OBJECTS;
	json_t *names = json_array();
	if (form_attachments(body, arena, list, &count, NULL) == FAIL_NONE) {
		for (size_t i = 0; i < count; i++)
			json_array_append_new(names, json_string(list[i].name));
	}
	return names;
}

static bool fits(struct view body, enum message_kind kind)
{
	enum message_kind found = form_kind(body);
	return found == kind || body.length == 0 || (found == KIND_UNSPECIFIED && kind >= KIND_COUNT);
}

// False: it does not open, or is of another kind than it says.
static bool open_one(struct psr_profile *profile, const struct one *one, struct view envelope, content_call call,
                     void *context, enum fail_code *told)
{
	struct arena arena;
	struct checked checked;
	struct bytes body;
	struct fail why;
	json_t *json = NULL;
	arena_init(&arena, ARENA_MESSAGE_CAP, 2 * ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&body, CONTENT_BODY_CAP);
	bool opened = checked_decode(&checked, envelope, &arena, &why) == FAIL_NONE &&
	              checked_open_body(profile, &checked, &body, &why) == FAIL_NONE &&
	              fits(bytes_view(&body), one->content.kind) &&
	              form_write(bytes_view(&body), &json, &why) == FAIL_NONE;
	if (opened) {
		struct content content = one->content;
		json_t *names = names_of(bytes_view(&body), &arena);
		content.json = json;
		content.attachments = names;
		*told = call(context, &content);
		json_decref(names);
	}
	json_decref(json);
	bytes_wipe(&body);
	arena_wipe(&arena);
	return opened;
}

static enum fail_code tell(struct psr_profile *profile, const struct one *one, const struct corrections *corrections,
                           content_call call, void *context, bool *whole)
{
	enum fail_code told = FAIL_NONE;
	struct bytes newer;
	struct fail why;
	const char *from = one->content.from;
	const struct id *current = corrections_current(corrections, &one->content.message, from);
	if (current == NULL)
		return FAIL_NONE;
	bytes_init(&newer, MAX_ENVELOPE);
	bool itself = id_equal(current, &one->content.message);
	bool opened = (itself || corrections_envelope(profile, current, from, &newer, &why) == FAIL_NONE) &&
	              open_one(profile, one, bytes_view(itself ? &one->envelope : &newer), call, context, &told);
	*whole = *whole && opened;
	bytes_release(&newer);
	return told;
}

enum fail_code contents_each(struct psr_profile *profile, const struct id *case_id, uint64_t kinds, content_call call,
                             void *context, bool *whole, struct fail *why)
{
	struct gathered gathered = {.kinds = kinds};
	struct written written = {&gathered, profile->settings.identity.code};
	struct corrections corrections = {.list = NULL};
	*whole = true;
	enum fail_code code = inbox_each(profile->store, case_id, add_received, &gathered, why);
	if (code == FAIL_NONE)
		code = outbox_each(profile->store, OUTBOX_OF_CASE, case_id, add_written, &written, why);
	if (code == FAIL_NONE && gathered.count > 0)
		code = corrections_read(profile, case_id, &corrections, why);
	sort(&gathered);
	for (size_t i = 0; i < gathered.count; i++) {
		if (code == FAIL_NONE)
			code = tell(profile, &gathered.list[i], &corrections, call, context, whole);
		bytes_release(&gathered.list[i].envelope);
	}
	corrections_release(&corrections);
	free(gathered.list);
	return code;
}

const char *content_text(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text != NULL ? text : "";
}
