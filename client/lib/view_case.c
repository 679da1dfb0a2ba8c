// SPDX-License-Identifier: Apache-2.0
//
// One case as a timeline: what came and what was written, in the order of the
// hub's numbers, waiting messages last.
#include "base/words.h"
#include "form/form.h"
#include "lib/approve.h"
#include "lib/cases.h"
#include "lib/checked.h"
#include "lib/forms.h"
#include "lib/json.h"
#include "lib/lifebook.h"
#include "lib/requests.h"
#include "lib/trace.h"
#include "lib/translations.h"
#include "lib/view.h"
#include "seal/content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct timeline {
	struct psr_profile *profile;
	bool open;
	struct definitions *forms;    // owned, read when the first content names one
	bool left;                    // the case went on to another member, or was erased: content was given up
	uint64_t accepted_at;         // of the message at hand: when its certificates must have been good
	json_t *items;                // owned
	struct receipt_due *read;     // owned: opened now, their receipts are owed
	size_t read_count, read_room;
};

// Who takes over is among them.
static void put_receivers(json_t *item, const struct header *header)
{
	json_t *list = json_array();
	for (size_t i = 0; i < header->to_count; i++)
		json_array_append_new(list, json_string(header->to[i]));
	json_object_set_new(item, "receivers", list);
}

// In what its author wrote: free text is read in that language, whatever the reader's is.
static void put_languages(json_t *item, const struct header *header)
{
	json_t *list = header->language_count > 0 ? json_array() : NULL;
	for (size_t i = 0; i < header->language_count; i++)
		json_array_append_new(list, json_string(header->language[i]));
	if (list != NULL)
		json_object_set_new(item, "languages", list);
}

static void put_header(json_t *item, const struct header *header)
{
	put_languages(item, header);
	json_put_text(item, "author", header->author);
	json_put_time(item, "created_at", header->created_at);
	json_put_filled(item, "service", header->service);
	json_put_filled(item, "urgency", header->urgency);
	json_put_filled(item, "legal_basis", header->legal_basis);
	json_put_filled(item, "requester_kind", header->requester_kind);
	json_put_filled(item, "reason", header->reason);
	if (header->kind == KIND_FORWARD || header->kind == KIND_TRANSFER)
		put_receivers(item, header);
	json_put_filled(item, "due", header->due);
	if (!id_is_zero(&header->refers_to))
		json_put_id(item, "refers_to", &header->refers_to);
	if (header->version_of_content > 0)
		json_object_set_new(item, "version", json_integer((json_int_t)header->version_of_content));
	json_put_filled(item, "availability", header->availability.status);
	json_put_filled(item, "member", header->availability.member);
	json_put_filled(item, "deputy", header->deputy);
	if (header->asked > 0)
		json_object_set_new(item, "asked", json_integer((json_int_t)header->asked));
	if (header->report != REPORT_NONE)
		json_put_text(item, "report", header->report == REPORT_FINAL ? "FINAL" : "INTERIM");
	if (header->blocking)
		json_object_set_new(item, "blocking", json_true());
	json_t *parties = json_array();
	for (size_t i = 0; i < header->party_count; i++) {
		json_t *party = json_object();
		json_put_text(party, "agency", header->party[i].agency);
		json_put_text(party, "purpose", header->party[i].purpose);
		json_put_filled(party, "until", header->party[i].until);
		json_put_filled(party, "reference", header->party[i].reference);
		json_array_append_new(parties, party);
	}
	if (json_array_size(parties) > 0)
		json_object_set(item, "partners", parties);
	json_decref(parties);
}

static enum fail_code put_attachments(json_t *item, struct view body, const struct header *header, struct arena *arena,
                                      struct fail *why)
{
	struct form_attachment list[MAX_OBJECTS];
	size_t count = MAX_OBJECTS;
	enum fail_code code = form_attachments(body, arena, list, &count, why);
	if (code != FAIL_NONE)
		return code;
	json_t *attachments = json_array();
	for (size_t i = 0; i < count && i + 1 < header->object_count; i++) {
		json_t *one = json_object();
		json_object_set_new(one, "number", json_integer((json_int_t)(i + 1)));
		json_put_text(one, "name", list[i].name);
		json_put_filled(one, "media_type", list[i].media_type);
		json_put_u64(one, "size", list[i].size);
		json_array_append_new(attachments, one);
	}
	json_object_set_new(item, "attachments", attachments);
	return FAIL_NONE;
}

static void put_completeness(json_t *item, enum message_kind kind, json_t *content)
{
	json_t *counted = form_completeness(kind, content);
	if (counted != NULL)
		json_object_set_new(item, "completeness", counted);
}

static json_t *item_of(const struct timeline *t, const struct id *message)
{
	struct id id;
	size_t i;
	json_t *item;
	json_array_foreach(t->items, i, item) {
		const char *text = json_string_value(json_object_get(item, "message"));
		if (text != NULL && id_from_text(&id, text) == FAIL_NONE && memcmp(&id, message, sizeof id) == 0)
			return item;
	}
	return NULL;
}

// A new version says nothing on the outside: its routing fields are those of the first one.
static json_t *routing_of(const struct timeline *t, const struct header *header)
{
	static const char *const keys[] = {"service", "urgency", "legal_basis", "requester_kind", "report"};
	json_t *routing = form_routing(header);
	json_t *first = header->kind == KIND_UPDATE ? item_of(t, &header->refers_to) : NULL;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		json_t *value = json_object_get(first, keys[i]);
		if (value != NULL)
			json_object_set(routing, strcmp(keys[i], "report") == 0 ? "stage" : keys[i], value);
	}
	return routing;
}

// Without memory, or where the form is not known here, nothing is said of its headings.
static void put_headings(struct timeline *t, json_t *item, const struct header *header, json_t *content)
{
	struct fail why;
	if (json_object_get(content, "form") == NULL)
		return;
	if (t->forms == NULL && forms_load(&t->forms, t->profile->forms.text, NULL, &why) != FAIL_NONE)
		return;
	json_t *routing = routing_of(t, header), *headings = form_headings(t->forms, routing, content);
	if (headings != NULL)
		json_object_set_new(item, "headings", headings);
	json_decref(routing);
}

// Who approved it, or that nobody has who may: then it does not count.
static void put_approval(const struct timeline *t, json_t *item, const struct checked *checked, struct view body)
{
	char person[IDENTITY_URI_SIZE];
	struct fail why;
	if (!approve_needed(checked->header.kind))
		return;
	if (approve_check(t->profile, &checked->header, t->accepted_at, body, person, &why) == FAIL_NONE)
		json_put_text(item, "approved_by", person);
	else
		json_put_text(item, "not_approved", why.text);
}

// Content and attachments of a message that is genuine. A fault of the content is told in its place and
// does not hide the other messages.
static void put_content(struct timeline *t, json_t *item, const struct checked *checked, struct arena *arena)
{
	struct bytes body;
	struct fail why = {.code = FAIL_NONE};
	json_t *content = NULL;
	bytes_init(&body, CONTENT_BODY_CAP);
	enum fail_code code = checked_open_body(t->profile, checked, &body, &why);
	if (code == FAIL_NONE && checked->header.object_count > 0) {
		code = form_write(bytes_view(&body), &content, &why);
		enum message_kind kind = form_kind(bytes_view(&body));
		put_approval(t, item, checked, bytes_view(&body));
		if (code == FAIL_NONE)
			put_completeness(item, kind, content);
		if (code == FAIL_NONE)
			put_headings(t, item, &checked->header, content);
		if (code == FAIL_NONE && kind != checked->header.kind)
			json_put_text(item, "content_kind", message_kind_name(kind));
		if (code == FAIL_NONE)
			json_object_set_new(item, "content", content);
		if (code == FAIL_NONE)
			code = put_attachments(item, bytes_view(&body), &checked->header, arena, &why);
	}
	if (code != FAIL_NONE) {
		json_put_text(item, "fault", why.text);
		json_put_text(item, "advice", fail_advice(code));
	}
	bytes_wipe(&body);
}

static bool put_envelope(struct timeline *t, json_t *item, struct view envelope, bool empty)
{
	struct arena arena;
	struct checked checked;
	struct fail why;
	arena_init(&arena, ARENA_MESSAGE_CAP, 2 * ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = checked_decode(&checked, envelope, &arena, &why);
	if (code == FAIL_NONE) {
		put_header(item, &checked.header);
		if (t->left)
			json_object_set_new(item, "given_up", json_true());
		else if (checked_withheld(t->profile, &checked.header))
			json_object_set_new(item, "withheld", json_true());
		else if (t->open && !empty)
			put_content(t, item, &checked, &arena);
	} else {
		json_put_text(item, "fault", why.text);
	}
	arena_wipe(&arena);
	return code == FAIL_NONE && json_object_get(item, "fault") == NULL && json_object_get(item, "withheld") == NULL &&
	       !t->left;
}

static enum fail_code remember_read(struct timeline *t, const struct inbox_row *row)
{
	if (t->read_count == t->read_room) {
		size_t room = t->read_room == 0 ? 16 : 2 * t->read_room;
		struct receipt_due *grown = realloc(t->read, room * sizeof *grown);
		if (grown == NULL)
			return FAIL_NO_MEMORY;
		t->read = grown;
		t->read_room = room;
	}
	struct receipt_due *due = &t->read[t->read_count++];
	*due = (struct receipt_due){.item = {row->message, row->header_hash, LEVEL_OPENED, clock_now()}};
	if (!message_kind_of_hub(row->kind) && !row->granted && !row->recalled) // who takes no receipt is left out
		snprintf(due->member, sizeof due->member, "%s", row->sender);
	return FAIL_NONE;
}

static enum fail_code add_received(void *context, const struct inbox_row *row)
{
	struct timeline *t = context;
	json_t *item = json_object();
	json_put_id(item, "message", &row->message);
	json_put_text(item, "direction", "received");
	json_put_text(item, "kind", message_kind_name(row->kind));
	json_put_text(item, "from", row->sender);
	json_put_u64(item, "case_seq", row->case_seq);
	json_put_text(item, "case_state", case_state_name((enum case_state)row->case_state));
	json_put_time(item, "accepted_at", row->accepted_at);
	json_put_time(item, "received_at", row->stored_at);
	if (row->granted)
		json_put_id(item, "passed_on_by", &row->granted_by);
	json_put_time(item, "opened_at", row->opened_at);
	json_array_append_new(t->items, item);
	if (row->fault[0] != '\0') { // not genuine: nothing of it is opened
		json_put_text(item, "fault", row->fault);
		return FAIL_NONE;
	}
	if (row->recalled)
		json_object_set_new(item, "empty", json_true());
	t->accepted_at = row->accepted_at;
	bool whole = put_envelope(t, item, row->envelope, row->recalled);
	return whole && t->open && row->opened_at == 0 ? remember_read(t, row) : FAIL_NONE;
}

static enum fail_code add_written(void *context, const struct outbox_row *row)
{
	struct timeline *t = context;
	json_t *item = json_object();
	json_put_id(item, "message", &row->message);
	json_put_text(item, "direction", "written");
	json_put_text(item, "kind", message_kind_name(row->kind));
	json_put_text(item, "from", t->profile->settings.identity.code);
	json_put_text(item, "to", row->receivers);
	json_put_text(item, "state", outbox_state_name(row->state));
	json_put_u64(item, "case_seq", row->case_seq);
	if (row->case_state != 0)
		json_put_text(item, "case_state", case_state_name((enum case_state)row->case_state));
	json_put_time(item, "queued_at", row->at[OUTBOX_QUEUED]);
	json_put_time(item, "accepted_at", row->at[OUTBOX_AT_HUB]);
	json_put_time(item, "delivered_at", row->at[OUTBOX_DELIVERED]);
	json_put_time(item, "opened_at", row->at[OUTBOX_OPENED]);
	json_put_time(item, "returned_at", row->at[OUTBOX_RETURNED]);
	json_put_filled(item, "returned", row->error);
	json_put_filled(item, "overtaken_by", row->overtaken_by);
	json_array_append_new(t->items, item);
	json_put_time(item, "taken_back_at", row->at[OUTBOX_TAKEN_BACK]);
	t->accepted_at = row->at[row->case_seq > 0 ? OUTBOX_AT_HUB : OUTBOX_QUEUED];
	put_envelope(t, item, row->envelope, false);
	return FAIL_NONE;
}

static uint64_t seq_of(const json_t *item)
{
	const char *text = json_string_value(json_object_get(item, "case_seq"));
	uint64_t seq = text == NULL ? 0 : strtoull(text, NULL, 10);
	return seq == 0 ? UINT64_MAX : seq; // not numbered yet: last
}

// By number. Lists are short, and what has no number stays in the order of writing.
static json_t *in_order(json_t *items)
{
	json_t *sorted = json_array();
	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *item = json_array_get(items, i);
		size_t place = json_array_size(sorted);
		while (place > 0 && seq_of(json_array_get(sorted, place - 1)) > seq_of(item))
			place--;
		json_array_insert(sorted, place, item);
	}
	return sorted;
}

static enum fail_code mark_read(struct timeline *t, struct fail *why)
{
	if (t->read_count == 0)
		return FAIL_NONE;
	enum fail_code code = store_begin(t->profile->store, why);
	if (code != FAIL_NONE)
		return code;
	for (size_t i = 0; i < t->read_count && code == FAIL_NONE; i++) {
		bool fresh;
		code = inbox_opened(t->profile->store, &t->read[i].item.message, t->read[i].item.at, &fresh, why);
		if (code == FAIL_NONE && fresh && t->read[i].member[0] != '\0')
			code = receipt_due_add(t->profile->store, &t->read[i], why);
	}
	if (code == FAIL_NONE)
		return store_commit(t->profile->store, why);
	store_rollback(t->profile->store);
	return code;
}

// Who has said that its own work is over.
static void put_finished(json_t *json, const struct case_row *row)
{
	if (row->view.local_closed == 0)
		return;
	json_t *list = json_array();
	if ((row->view.local_closed >> SIDE_REQUESTING & 1) != 0)
		json_array_append_new(list, json_string(row->requesting));
	if ((row->view.local_closed >> SIDE_RESPONDING & 1) != 0)
		json_array_append_new(list, json_string(row->responding));
	json_object_set_new(json, "finished", list);
}

// A search: since when it goes on, and when the next answer comes.
static enum fail_code put_course(struct psr_profile *profile, const struct case_row *row, json_t *json,
                                 struct fail *why)
{
	struct trace_course course;
	enum fail_code code = trace_course(profile, &row->id, clock_now(), &course, why);
	if (code == FAIL_NONE && course.taken_up != 0)
		json_put_time(json, "taken_up", course.taken_up);
	if (code == FAIL_NONE)
		json_put_filled(json, "next_review", course.next_review);
	return code;
}

static enum fail_code put_case(struct psr_profile *profile, const struct case_row *row, json_t *json, struct fail *why)
{
	struct case_view view;
	enum fail_code code = cases_pending(profile, row, &view, why);
	if (code != FAIL_NONE)
		return code;
	enum case_side turn = case_turn(row->view.state);
	json_put_text(json, "reference", row->reference);
	json_put_id(json, "case", &row->id);
	json_put_text(json, "requesting", row->requesting);
	json_put_text(json, "responding", row->responding);
	json_put_text(json, "state", case_state_name(row->view.state));
	json_put_text(json, "state_text", words_of(case_state_text(row->view.state)));
	json_put_time(json, "since", row->since);
	if (row->view.consent != 0)
		json_object_set_new(json, "consent_withdrawn", json_true());
	json_t *dates = dates_json(row);
	if (dates != NULL)
		json_object_set_new(json, "dates", dates);
	put_finished(json, row);
	if (code == FAIL_NONE && case_state_traces(row->view.state) && !case_state_ended(row->view.state))
		code = put_course(profile, row, json, why);
	json_put_time(json, "opened_at", row->opened_at);
	json_put_filled(json, "turn", turn == SIDE_REQUESTING ? row->requesting : turn == SIDE_RESPONDING ? row->responding : "");
	json_t *clock = clock_json(row, clock_now());
	clock_put_offer(json, profile, row);
	if (clock != NULL)
		json_object_set_new(json, "clock", clock);
	json_put_text(json, "next_steps", cases_steps(&view, cases_side(profile, row)).text);
	return code;
}

static enum fail_code put_requests(struct psr_profile *profile, const struct case_row *row, json_t *json,
                                   struct fail *why)
{
	json_t *requests;
	enum fail_code code = requests_of_case(profile, &row->id, &requests, why);
	if (requests != NULL)
		json_object_set_new(json, "requests", requests);
	return code;
}

enum fail_code view_case(struct psr_profile *profile, const struct case_row *row, bool open, json_t **result,
                         struct fail *why)
{
	bool left = cases_side(profile, row) == CASE_SIDE_COUNT || case_state_erases(row->view.state);
	struct timeline t = {.profile = profile, .open = open, .left = left, .items = json_array()};
	json_t *json = json_document("passerelle.case/1");
	enum fail_code code = put_case(profile, row, json, why);
	if (code == FAIL_NONE && open) // a fault of our own key must not be told as one of each message
		code = profile->keys->ops->open(profile->keys, USE_ENCRYPTION, why);
	if (code == FAIL_NONE)
		code = inbox_each(profile->store, &row->id, add_received, &t, why);
	if (code == FAIL_NONE)
		code = outbox_each(profile->store, OUTBOX_OF_CASE, &row->id, add_written, &t, why);
	if (code == FAIL_NONE && open)
		code = put_requests(profile, row, json, why);
	if (code == FAIL_NONE)
		code = mark_read(&t, why);
	json_t *items = in_order(t.items);
	json_decref(t.items);
	view_mark_corrections(items);
	translations_mark(items);
	if (code == FAIL_NONE && open)
		code = lifebook_hide(profile, &row->id, items, why);
	json_object_set_new(json, "items", items);
	free(t.read);
	forms_free(t.forms);
	if (code == FAIL_NONE)
		*result = json;
	else
		json_decref(json);
	return code;
}
