// SPDX-License-Identifier: Apache-2.0
#include "lib/view.h"

#include "lib/cases.h"
#include "lib/hub_words.h"
#include "lib/json.h"
#include "wire/codec.h"

#include <stdlib.h>
#include <string.h>

struct listing {
	struct psr_profile *profile;
	json_t *items;
	struct id *told;      // owned: unread, and shown as a whole by the list
	size_t told_count;
};

// `alert`: a child is in danger, and nobody has acknowledged it yet.
static void put_case(const struct listing *listing, json_t *item, const struct id *case_id, enum message_kind kind)
{
	struct case_row row;
	bool found = false;
	if (id_is_zero(case_id))
		return;
	json_put_id(item, "case", case_id);
	if (case_get(listing->profile->store, case_id, &row, &found, NULL) != FAIL_NONE || !found)
		return;
	json_put_text(item, "reference", row.reference);
	if (kind == KIND_ALERT && row.view.state == CASE_SENT)
		json_object_set_new(item, "alert", json_true());
}

// Alerts that nobody has acknowledged come before everything else.
static json_t *alerts_first(json_t *items)
{
	json_t *sorted = json_array(), *item;
	size_t i;
	for (int alerts = 1; alerts >= 0; alerts--) {
		json_array_foreach(items, i, item) {
			if (json_is_true(json_object_get(item, "alert")) == (alerts == 1))
				json_array_append(sorted, item);
		}
	}
	json_decref(items);
	return sorted;
}

// What was told to all members stands in the header: there is nothing to open.
static void put_told(json_t *item, struct view bytes)
{
	struct arena arena;
	struct envelope envelope;
	struct header header;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = envelope_decode(&envelope, bytes, &arena, NULL);
	if (code == FAIL_NONE)
		code = header_decode(&header, envelope.header, &arena, NULL);
	if (code == FAIL_NONE) {
		json_put_filled(item, "availability", header.availability.status);
		json_put_filled(item, "member", header.availability.member);
		json_put_filled(item, "cause", header.reason);
		json_put_filled(item, "until", header.due);
		json_put_filled(item, "deputy", header.deputy);
		json_put_filled(item, "notice", header.notice);
	}
	if (code == FAIL_NONE && header.language_count > 0)
		json_put_text(item, "language", header.language[0]);
	arena_release(&arena);
}

static enum fail_code remember_told(struct listing *listing, const struct id *message)
{
	struct id *more = realloc(listing->told, (listing->told_count + 1) * sizeof *more);
	if (more == NULL)
		return FAIL_NO_MEMORY;
	listing->told = more;
	listing->told[listing->told_count++] = *message;
	return FAIL_NONE;
}

static enum fail_code inbox_item(void *context, const struct inbox_row *row)
{
	struct listing *listing = context;
	json_t *item = json_object();
	json_put_id(item, "message", &row->message);
	put_case(listing, item, &row->case_id, row->kind);
	json_put_text(item, "from", row->sender);
	json_put_text(item, "kind", message_kind_name(row->kind));
	json_put_u64(item, "case_seq", row->case_seq);
	json_put_text(item, "case_state", case_state_name((enum case_state)row->case_state));
	json_put_time(item, "accepted_at", row->accepted_at);
	json_put_time(item, "received_at", row->stored_at);
	json_put_time(item, "opened_at", row->opened_at);
	json_object_set_new(item, "unread", json_boolean(row->opened_at == 0 && row->fault[0] == '\0'));
	json_put_filled(item, "fault", row->fault);
	if (row->granted)
		json_put_id(item, "passed_on_by", &row->granted_by);
	if (message_kind_to_all(row->kind) && row->fault[0] == '\0')
		put_told(item, row->envelope);
	json_array_append_new(listing->items, item);
	return message_kind_to_all(row->kind) && row->opened_at == 0 ? remember_told(listing, &row->message) : FAIL_NONE;
}

// What the list has shown whole is read.
static enum fail_code mark_told(struct listing *listing, struct fail *why)
{
	enum fail_code code = FAIL_NONE;
	bool fresh;
	for (size_t i = 0; i < listing->told_count && code == FAIL_NONE; i++)
		code = inbox_opened(listing->profile->store, &listing->told[i], clock_now(), &fresh, why);
	return code;
}

enum fail_code view_inbox(struct psr_profile *profile, const struct psr_inbox_wanted *wanted, json_t **result,
                          struct fail *why)
{
	struct listing listing = {.profile = profile, .items = json_array()};
	unsigned all, unread, faulty;
	enum fail_code code = inbox_newest(profile->store, wanted->unread, wanted->most, inbox_item, &listing, why);
	if (code == FAIL_NONE)
		code = inbox_count(profile->store, &all, &unread, &faulty, why);
	if (code == FAIL_NONE && !wanted->counting)
		code = mark_told(&listing, why);
	free(listing.told);
	if (code != FAIL_NONE) {
		json_decref(listing.items);
		return code;
	}
	*result = json_document("passerelle.inbox/1");
	size_t shown = json_array_size(listing.items), there = wanted->unread ? unread : all;
	json_object_set_new(*result, "unread", json_integer(unread));
	json_object_set_new(*result, "older", json_integer(there > shown ? (json_int_t)(there - shown) : 0));
	json_object_set_new(*result, "damaged", json_integer(faulty));
	json_object_set_new(*result, "items", alerts_first(listing.items));
	return FAIL_NONE;
}

static json_t *attachments_json(struct psr_profile *profile, const struct id *message)
{
	struct outbox_attachment list[MAX_OBJECTS];
	size_t count = MAX_OBJECTS;
	json_t *items = json_array();
	if (outbox_attachments(profile->store, message, list, &count, NULL) != FAIL_NONE)
		count = 0;
	for (size_t i = 0; i < count; i++) {
		json_t *item = json_object();
		json_object_set_new(item, "number", json_integer(list[i].number));
		json_put_u64(item, "sealed_bytes", list[i].length);
		json_object_set_new(item, "at_hub", json_boolean(list[i].complete));
		json_array_append_new(items, item);
	}
	return items;
}

static void put_times(json_t *item, const struct outbox_row *row)
{
	static const char *const names[OUTBOX_STATE_COUNT] = {"draft_at", "queued_at", "at_hub_at", "delivered_at", "opened_at", "returned_at",
	                                                     "taken_back_at", "recalled_at"};
	for (int i = 0; i < OUTBOX_STATE_COUNT; i++)
		json_put_time(item, names[i], row->at[i]);
}

static void put_refusal(json_t *item, const struct outbox_row *row)
{
	if (row->error[0] == '\0')
		return;
	enum fail_code code = fail_from_name(row->error);
	json_t *refusal = json_object();
	json_put_text(refusal, "reason", row->error);
	json_put_filled(refusal, "text", hub_words(row->error_text).text);
	json_put_filled(refusal, "legal", row->legal);
	json_put_filled(refusal, "overtaken_by", row->overtaken_by);
	if (code != FAIL_COUNT)
		json_put_text(refusal, "advice", fail_advice(code));
	json_object_set_new(item, row->state == OUTBOX_RETURNED ? "returned" : "delayed", refusal);
}

static enum fail_code outbox_item(void *context, const struct outbox_row *row)
{
	struct listing *listing = context;
	json_t *item = json_object();
	json_put_id(item, "message", &row->message);
	if (!id_is_zero(&row->case_id))
		json_put_id(item, "case", &row->case_id);
	json_put_text(item, "reference", row->reference);
	json_put_text(item, "to", row->receivers);
	if (message_kind_to_all(row->kind))
		put_told(item, row->envelope);
	json_put_text(item, "kind", message_kind_name(row->kind));
	json_put_text(item, "state", outbox_state_name(row->state));
	put_times(item, row);
	if (row->case_seq != 0)
		json_put_u64(item, "case_seq", row->case_seq);
	put_refusal(item, row);
	json_object_set_new(item, "attachments", attachments_json(listing->profile, &row->message));
	json_array_append_new(listing->items, item);
	return FAIL_NONE;
}

static enum fail_code draft_item(void *context, const struct draft_row *row)
{
	struct listing *listing = context;
	json_t *item = json_object();
	json_put_id(item, "draft", &row->id);
	json_put_text(item, "state", outbox_state_name(OUTBOX_DRAFT));
	json_put_time(item, "draft_at", row->created_at);
	json_array_append_new(listing->items, item);
	return FAIL_NONE;
}

enum fail_code view_outbox(struct psr_profile *profile, json_t **result, struct fail *why)
{
	struct listing listing = {.profile = profile, .items = json_array()};
	struct outbox_counts counts;
	enum fail_code code = draft_each(profile->store, draft_item, &listing, why);
	if (code == FAIL_NONE)
		code = outbox_each(profile->store, OUTBOX_ALL, NULL, outbox_item, &listing, why);
	if (code == FAIL_NONE)
		code = outbox_count(profile->store, &counts, why);
	if (code != FAIL_NONE) {
		json_decref(listing.items);
		return code;
	}
	*result = json_document("passerelle.outbox/1");
	json_t *totals = json_object();
	for (int i = 0; i < OUTBOX_STATE_COUNT; i++)
		json_object_set_new(totals, outbox_state_name((enum outbox_state)i), json_integer(counts.of[i]));
	json_object_set_new(*result, "totals", totals);
	json_object_set_new(*result, "items", listing.items);
	return FAIL_NONE;
}

static json_t *words_json(const char *words)
{
	json_t *list = json_array();
	while (*words != '\0') {
		size_t length = strcspn(words, " ");
		json_array_append_new(list, json_stringn(words, length));
		words += length + (words[length] == ' ');
	}
	return list;
}

static void put_calendar(json_t *item, const char *text)
{
	struct work_calendar calendar;
	char week[WEEK_TEXT_SIZE], day[11];
	json_t *holidays = json_array();
	if (calendar_parse(&calendar, text, NULL) == FAIL_NONE) {
		week_to_text(calendar.week, week);
		json_put_text(item, "work_days", week);
	}
	for (size_t i = 0; i < calendar.count; i++) {
		holiday_to_text(calendar.holiday[i], day);
		json_array_append_new(holidays, json_string(day));
	}
	json_object_set_new(item, "holidays", holidays);
}

static enum fail_code directory_item(void *context, const struct directory_row *row)
{
	struct listing *listing = context;
	json_t *item = json_object();
	json_put_text(item, "code", row->code);
	json_put_filled(item, "kind", row->kind);
	json_put_filled(item, "name", row->name);
	json_put_filled(item, "status", row->status);
	json_object_set_new(item, "services", words_json(row->services));
	json_object_set_new(item, "languages", words_json(row->languages));
	json_object_set_new(item, "countries", words_json(row->countries));
	json_put_text(item, "availability", row->availability);
	json_put_filled(item, "cause", row->cause);
	json_put_filled(item, "until", row->until);
	json_put_filled(item, "deputy", row->deputy);
	json_put_time(item, "since", row->since);
	put_calendar(item, row->calendar);
	json_array_append_new(listing->items, item);
	return FAIL_NONE;
}

enum fail_code view_directory(struct psr_profile *profile, json_t **result, struct fail *why)
{
	struct listing listing = {.profile = profile, .items = json_array()};
	uint64_t version;
	enum fail_code code = directory_version(profile->store, &version, why);
	if (code == FAIL_NONE)
		code = directory_each(profile->store, directory_item, &listing, why);
	if (code != FAIL_NONE) {
		json_decref(listing.items);
		return code;
	}
	*result = json_document("passerelle.directory/1");
	json_put_u64(*result, "version", version);
	json_object_set_new(*result, "items", listing.items);
	return FAIL_NONE;
}
