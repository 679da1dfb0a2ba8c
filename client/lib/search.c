// SPDX-License-Identifier: Apache-2.0
#include "lib/search.h"

#include "lib/compose.h"
#include "lib/contents.h"
#include "lib/json.h"

#include <stdlib.h>
#include <string.h>

enum { MARK_BYTES = 8, MARK_SIZE = 2 * MARK_BYTES + 1 };

struct search {
	struct psr_profile *profile;
	struct psr_message message;
	json_t *items;             // owned
	unsigned written;
	enum fail_code failed;     // the last fault of a member
};

static void random_mark(char mark[MARK_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t bytes[MARK_BYTES];
	random_fill(bytes, sizeof bytes);
	for (size_t i = 0; i < MARK_BYTES; i++) {
		mark[2 * i] = digits[bytes[i] >> 4];
		mark[2 * i + 1] = digits[bytes[i] & 15];
	}
	mark[2 * MARK_BYTES] = '\0';
}

// The form with its mark; owned by the caller. NULL: it is no JSON object, which is told of when it is read.
static json_t *marked(const char *form)
{
	char mark[MARK_SIZE];
	json_t *json = form != NULL ? json_loads(form, JSON_REJECT_DUPLICATES, NULL) : NULL;
	if (!json_is_object(json)) {
		json_decref(json);
		return NULL;
	}
	random_mark(mark);
	if (content_text(json, "search")[0] == '\0')
		json_object_set_new(json, "search", json_string(mark));
	return json;
}

static void add_item(struct search *search, const char *member, enum fail_code code, const struct written *written,
                     const struct fail *why)
{
	json_t *item = json_object();
	json_put_text(item, "member", member);
	if (code == FAIL_NONE) {
		json_put_text(item, "reference", written->reference);
		json_put_id(item, "message", &written->message);
		search->written++;
	} else {
		json_put_text(item, "error", fail_name(code));
		json_put_text(item, "text", why->text);
	}
	json_array_append_new(search->items, item);
}

// A fault of the form is one of all requests, and told as such; any other stands beside its member, so that nobody
// loses sight of what was written before it.
static enum fail_code ask_one(struct search *search, const char *member, struct form_faults *faults, struct fail *why)
{
	struct written written;
	search->message.to = member;
	enum fail_code code = compose_message(search->profile, &search->message, NULL, &written, faults, why);
	add_item(search, member, code, &written, why);
	search->failed = code != FAIL_NONE ? code : search->failed;
	return search->written > 0 || code == FAIL_UNKNOWN_RECIPIENT || code == FAIL_BAD_CERTIFICATE ||
	               code == FAIL_MEMBER_OUT
	         ? FAIL_NONE
	         : code;
}

// ---- all members ----

struct members {
	char (*code)[MEMBER_CODE_SIZE]; // owned
	size_t count, room;
	const char *own;
};

static bool searches(const struct directory_row *row, const char *own)
{
	static const char *const kinds[] = {"BRANCH", "AFFILIATED_BUREAU", "CORRESPONDENT", "MEMBER_AD_INTERIM"};
	bool member = false;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		member = member || strcmp(row->kind, kinds[i]) == 0;
	return member && strcmp(row->code, own) != 0 && strcmp(row->status, "ACTIVE") == 0;
}

static enum fail_code add_member(void *context, const struct directory_row *row)
{
	struct members *members = context;
	if (!searches(row, members->own))
		return FAIL_NONE;
	if (members->count == members->room) {
		size_t room = members->room == 0 ? 64 : 2 * members->room;
		char(*grown)[MEMBER_CODE_SIZE] = realloc(members->code, room * sizeof *grown);
		if (grown == NULL)
			return FAIL_NO_MEMORY;
		members->code = grown;
		members->room = room;
	}
	memcpy(members->code[members->count++], row->code, strlen(row->code) + 1);
	return FAIL_NONE;
}

static enum fail_code ask_all(struct search *search, struct form_faults *faults, struct fail *why)
{
	struct members members = {.own = search->profile->settings.identity.code};
	if (search->message.approver == NULL)
		return fail_set(why, FAIL_NOT_ALLOWED, "a search at all members needs a supervisor: add --approve-by FOLDER, the supervisor's profile");
	search->message.even_if_out = true; // who is out finds the request when it is back
	enum fail_code code = directory_each(search->profile->store, add_member, &members, why);
	for (size_t i = 0; i < members.count && code == FAIL_NONE; i++)
		code = ask_one(search, members.code[i], faults, why);
	free(members.code);
	return code;
}

enum fail_code search_write(struct psr_profile *profile, const struct psr_message *message, const char *const *to,
                            size_t count, json_t **result, struct form_faults *faults, struct fail *why)
{
	json_t *form = marked(message->form);
	char *text = form != NULL ? json_dumps(form, 0) : NULL;
	struct search search = {.profile = profile, .message = *message, .items = json_array()};
	enum fail_code code = FAIL_NONE;
	search.message.verb = "trace";
	search.message.form = text != NULL ? text : message->form;
	for (size_t i = 0; i < count && code == FAIL_NONE; i++)
		code = ask_one(&search, to[i], faults, why);
	if (count == 0)
		code = ask_all(&search, faults, why);
	if (code == FAIL_NONE && search.written == 0)
		code = search.failed != FAIL_NONE ? search.failed : fail_set(why, FAIL_UNKNOWN_RECIPIENT, "no member could be asked");
	if (code == FAIL_NONE) {
		*result = json_document("passerelle.searched/1");
		json_put_text(*result, "search", content_text(form, "search"));
		json_object_set(*result, "items", search.items);
	}
	json_decref(search.items);
	json_decref(form);
	if (text != NULL)
		wipe(text, strlen(text));
	free(text);
	return code;
}
