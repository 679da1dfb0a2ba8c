// SPDX-License-Identifier: Apache-2.0
#include "wire/codec_answer.h"

#include <string.h>

enum { REFERENCE_MOST = 48 }; // two member codes, eight characters, hyphens, some room for how people type

static void take_status_question(struct taking *taking, const Passerelle__V1__StatusQuestion *from, struct query *to)
{
	take_at(taking, "frame.query.status");
	to->kind = QUESTION_STATUS;
	to->has_case_id = from->case_id.len > 0;
	if (to->has_case_id)
		take_id(taking, "case_id", from->case_id, &to->case_id);
	to->reference = take_text(taking, "reference", from->reference, REFERENCE_MOST);
	if (to->has_case_id == (from->reference[0] != '\0'))
		take_fault(taking, "case_id", FAIL_MALFORMED, "either this or a reference, not both");
}

void take_query(struct taking *taking, const Passerelle__V1__Query *from, struct query *to)
{
	to->reference = "";
	switch ((int)from->question_case) {
	case PASSERELLE__V1__QUERY__QUESTION_STATUS:
		take_status_question(taking, from->status, to);
		return;
	case PASSERELLE__V1__QUERY__QUESTION_FLOW:
		take_at(taking, "frame.query.flow");
		to->kind = QUESTION_FLOW;
		to->from = take_time(taking, "from", from->flow->from);
		to->until = take_time(taking, "until", from->flow->until);
		to->figures = from->flow->figures;
		if ((unsigned)from->flow->table >= FLOW_TABLE_COUNT)
			take_fault(taking, "table", FAIL_UNSUPPORTED, "this version does not know it");
		to->table = (enum flow_table)from->flow->table;
		return;
	case PASSERELLE__V1__QUERY__QUESTION_DIRECTORY:
		take_at(taking, "frame.query.directory");
		to->kind = QUESTION_DIRECTORY;
		to->known_version = take_number(taking, "known_version", from->directory->known_version, 0, MAX_NUMBER);
		return;
	case PASSERELLE__V1__QUERY__QUESTION__NOT_SET:
	default:
		take_at(taking, "frame.query");
		take_fault(taking, NULL, FAIL_MALFORMED, "no question in it");
	}
}

static void take_status_reply(struct taking *taking, const Passerelle__V1__StatusReply *from, struct status_reply *to)
{
	take_at(taking, "frame.answer.status");
	to->available = from->available;
	to->state = take_state(taking, "state", from->state);
	to->since = take_time(taking, "since", from->since);
	take_word(taking, "next_due", from->next_due, &word_date, true, to->next_due, sizeof to->next_due);
	take_word(taking, "turn", from->turn, &word_member, true, to->turn, sizeof to->turn);
	to->late = from->late;
	take_bytes(taking, "padding", from->padding, 0, STATUS_REPLY_SIZE);
}

// "*" stands for all members.
static void take_flow_member(struct taking *taking, const char *field, const char *from, char to[MEMBER_CODE_SIZE])
{
	if (strcmp(from, "*") == 0)
		memcpy(to, "*", sizeof "*");
	else
		take_word(taking, field, from, &word_member, false, to, MEMBER_CODE_SIZE);
}

static void take_flow_row(struct taking *taking, const Passerelle__V1__FlowRow *from, struct flow_row *to)
{
	if ((unsigned)from->measure >= FLOW_MEASURE_COUNT)
		take_fault(taking, "measure", FAIL_UNSUPPORTED, "this version does not know it");
	to->measure = (enum flow_measure)from->measure;
	take_flow_member(taking, "requesting", from->requesting, to->requesting);
	take_flow_member(taking, "responding", from->responding, to->responding);
	to->state = take_state(taking, "state", from->state);
	to->cases = take_number(taking, "cases", from->cases, 0, MAX_NUMBER);
	to->few = from->few;
	to->oldest_ms = take_time(taking, "oldest_ms", from->oldest_ms);
	to->median_ms = take_time(taking, "median_ms", from->median_ms);
	if ((unsigned)from->figure >= FLOW_FIGURE_COUNT)
		take_fault(taking, "figure", FAIL_UNSUPPORTED, "this version does not know it");
	to->figure = (enum flow_figure)from->figure;
	take_word(taking, "key", from->key, &word_code, true, to->key, sizeof to->key);
	to->days = (uint32_t)take_number(taking, "days", from->days, 0, UINT32_MAX);
	to->month = (uint32_t)take_number(taking, "month", from->month, 0, UINT32_MAX);
	take_word(taking, "region", from->region, &word_code, true, to->region, sizeof to->region);
}

static void take_flow_reply(struct taking *taking, const Passerelle__V1__FlowReply *from, struct answer *to)
{
	take_at(taking, "frame.answer.flow");
	to->as_of = take_time(taking, "as_of", from->as_of);
	to->flow = take_list(taking, from->n_row, sizeof *to->flow);
	to->flow_count = from->n_row;
	for (size_t i = 0; to->flow != NULL && i < from->n_row; i++) {
		take_at_element(taking, "frame.answer.flow.row", i);
		take_flow_row(taking, from->row[i], &to->flow[i]);
	}
}

static const char **take_shaped_list(struct taking *taking, const char *in, size_t count, char **from,
                                     const struct word_shape *shape)
{
	const char **list = take_list(taking, count, sizeof *list);
	for (size_t i = 0; list != NULL && i < count; i++) {
		take_at_element(taking, in, i);
		list[i] = take_shaped(taking, NULL, from[i], shape, false);
	}
	return list;
}

#define ENTRY "frame.answer.directory.entry"

static void take_entry(struct taking *taking, size_t index, const Passerelle__V1__DirectoryEntry *from,
                       struct directory_entry *to)
{
	take_at_element(taking, ENTRY, index);
	to->code = take_shaped(taking, "code", from->code, &word_member, false);
	to->kind = take_shaped(taking, "kind", from->kind, &word_code, false);
	to->name = take_text(taking, "name", from->name, MAX_TEXT);
	to->status = take_shaped(taking, "status", from->status, &word_code, false);
	to->signing_count = from->n_signing_certificate;
	to->signing = take_views(taking, ENTRY ".signing_certificate", from->n_signing_certificate,
	                         from->signing_certificate, 1, MAX_CERTIFICATE);
	to->encryption_count = from->n_encryption_certificate;
	to->encryption = take_views(taking, ENTRY ".encryption_certificate", from->n_encryption_certificate,
	                            from->encryption_certificate, 1, MAX_CERTIFICATE);
	to->issuer_count = from->n_issuer;
	to->issuer = take_views(taking, ENTRY ".issuer", from->n_issuer, from->issuer, 1, MAX_CERTIFICATE);
	to->service_count = from->n_service;
	to->service = take_shaped_list(taking, ENTRY ".service", from->n_service, from->service, &word_code);
	to->language_count = from->n_language;
	to->language = take_shaped_list(taking, ENTRY ".language", from->n_language, from->language, &word_language);
	to->country_count = from->n_country;
	to->country = take_shaped_list(taking, ENTRY ".country", from->n_country, from->country, &word_code);
	take_at_element(taking, ENTRY, index);
	to->availability = take_shaped(taking, "availability", from->availability, &word_code, true);
	to->cause = take_shaped(taking, "cause", from->cause, &word_code, true);
	to->until = take_shaped(taking, "until", from->until, &word_date, true);
	to->deputy = take_shaped(taking, "deputy", from->deputy, &word_member, true);
	to->since = take_time(taking, "since", from->since);
	to->calendar = take_shaped(taking, "calendar", from->calendar, &word_calendar, true);
}

static void take_directory(struct taking *taking, const Passerelle__V1__DirectoryReply *from, struct answer *to)
{
	take_at(taking, "frame.answer.directory");
	to->version = take_number(taking, "version", from->version, 0, MAX_NUMBER);
	to->entry = take_list(taking, from->n_entry, sizeof *to->entry);
	to->entry_count = from->n_entry;
	for (size_t i = 0; to->entry != NULL && i < from->n_entry; i++)
		take_entry(taking, i, from->entry[i], &to->entry[i]);
}

void take_answer(struct taking *taking, const Passerelle__V1__Answer *from, struct answer *to)
{
	switch ((int)from->reply_case) {
	case PASSERELLE__V1__ANSWER__REPLY_STATUS:
		to->kind = QUESTION_STATUS;
		take_status_reply(taking, from->status, &to->status);
		return;
	case PASSERELLE__V1__ANSWER__REPLY_FLOW:
		to->kind = QUESTION_FLOW;
		take_flow_reply(taking, from->flow, to);
		return;
	case PASSERELLE__V1__ANSWER__REPLY_DIRECTORY:
		to->kind = QUESTION_DIRECTORY;
		take_directory(taking, from->directory, to);
		return;
	case PASSERELLE__V1__ANSWER__REPLY__NOT_SET:
	default:
		take_at(taking, "frame.answer");
		take_fault(taking, NULL, FAIL_MALFORMED, "no reply in it");
	}
}

void give_query(const struct query *from, Passerelle__V1__Query *to, union query_out *inside)
{
	switch (from->kind) {
	case QUESTION_STATUS:
		passerelle__v1__status_question__init(&inside->status);
		if (from->has_case_id)
			inside->status.case_id = give_id(&from->case_id);
		inside->status.reference = give_text(from->reference);
		to->question_case = PASSERELLE__V1__QUERY__QUESTION_STATUS;
		to->status = &inside->status;
		return;
	case QUESTION_FLOW:
		passerelle__v1__flow_question__init(&inside->flow);
		inside->flow.from = from->from;
		inside->flow.until = from->until;
		inside->flow.figures = from->figures;
		inside->flow.table = (Passerelle__V1__FlowTable)from->table;
		to->question_case = PASSERELLE__V1__QUERY__QUESTION_FLOW;
		to->flow = &inside->flow;
		return;
	case QUESTION_DIRECTORY:
		passerelle__v1__directory_question__init(&inside->directory);
		inside->directory.known_version = from->known_version;
		to->question_case = PASSERELLE__V1__QUERY__QUESTION_DIRECTORY;
		to->directory = &inside->directory;
		return;
	case QUESTION_NONE:
	default:
		return;
	}
}

// One size for every answer, so that an onlooker, and the asker, learn nothing
// from it. Below 128 bytes of padding its length takes one byte, so no size is
// out of reach.
static void give_status_reply(const struct status_reply *from, Passerelle__V1__StatusReply *to)
{
	static const uint8_t zeros[STATUS_REPLY_SIZE];
	passerelle__v1__status_reply__init(to);
	to->available = from->available;
	to->state = from->state;
	to->since = from->since;
	to->next_due = give_text(from->next_due);
	to->turn = give_text(from->turn);
	to->late = from->late;
	size_t used = passerelle__v1__status_reply__get_packed_size(to) + 2; // head of the padding
	must(used < STATUS_REPLY_SIZE);
	to->padding = give_bytes(zeros, STATUS_REPLY_SIZE - used);
}

static bool give_flow_reply(struct arena *arena, const struct answer *from, Passerelle__V1__FlowReply *to)
{
	passerelle__v1__flow_reply__init(to);
	to->as_of = from->as_of;
	to->n_row = from->flow_count;
	to->row = arena_alloc(arena, from->flow_count * sizeof *to->row);
	Passerelle__V1__FlowRow *row = arena_alloc(arena, from->flow_count * sizeof *row);
	if (to->row == NULL || row == NULL)
		return false;
	for (size_t i = 0; i < from->flow_count; i++) {
		const struct flow_row *one = &from->flow[i];
		passerelle__v1__flow_row__init(&row[i]);
		row[i].requesting = give_text(one->requesting);
		row[i].responding = give_text(one->responding);
		row[i].state = one->state;
		row[i].cases = one->cases;
		row[i].few = one->few;
		row[i].oldest_ms = one->oldest_ms;
		row[i].median_ms = one->median_ms;
		row[i].measure = (Passerelle__V1__FlowMeasure)one->measure;
		row[i].figure = (Passerelle__V1__FlowFigure)one->figure;
		row[i].key = give_text(one->key);
		row[i].days = one->days;
		row[i].month = one->month;
		row[i].region = give_text(one->region);
		to->row[i] = &row[i];
	}
	return true;
}

static bool give_views(struct arena *arena, const struct view *view, size_t count, size_t *to_count,
                       ProtobufCBinaryData **to)
{
	ProtobufCBinaryData *list = arena_alloc(arena, count * sizeof *list);
	if (list == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		list[i] = give_view(view[i]);
	*to = list;
	*to_count = count;
	return true;
}

static bool give_texts(struct arena *arena, const char *const *text, size_t count, size_t *to_count, char ***to)
{
	char **list = arena_alloc(arena, count * sizeof *list);
	if (list == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		list[i] = give_text(text[i]);
	*to = list;
	*to_count = count;
	return true;
}

static bool give_entry(struct arena *arena, const struct directory_entry *from, Passerelle__V1__DirectoryEntry *to)
{
	passerelle__v1__directory_entry__init(to);
	to->code = give_text(from->code);
	to->kind = give_text(from->kind);
	to->name = give_text(from->name);
	to->status = give_text(from->status);
	to->availability = give_text(from->availability);
	to->cause = give_text(from->cause);
	to->until = give_text(from->until);
	to->deputy = give_text(from->deputy);
	to->since = from->since;
	to->calendar = give_text(from->calendar);
	return give_views(arena, from->signing, from->signing_count, &to->n_signing_certificate,
	                  &to->signing_certificate) &&
	       give_views(arena, from->encryption, from->encryption_count, &to->n_encryption_certificate,
	                  &to->encryption_certificate) &&
	       give_views(arena, from->issuer, from->issuer_count, &to->n_issuer, &to->issuer) &&
	       give_texts(arena, from->service, from->service_count, &to->n_service, &to->service) &&
	       give_texts(arena, from->language, from->language_count, &to->n_language, &to->language) &&
	       give_texts(arena, from->country, from->country_count, &to->n_country, &to->country);
}

static bool give_directory(struct arena *arena, const struct answer *from, Passerelle__V1__DirectoryReply *to)
{
	passerelle__v1__directory_reply__init(to);
	to->version = from->version;
	to->n_entry = from->entry_count;
	to->entry = arena_alloc(arena, from->entry_count * sizeof *to->entry);
	Passerelle__V1__DirectoryEntry *entry = arena_alloc(arena, from->entry_count * sizeof *entry);
	if (to->entry == NULL || entry == NULL)
		return false;
	for (size_t i = 0; i < from->entry_count; i++) {
		if (!give_entry(arena, &from->entry[i], &entry[i]))
			return false;
		to->entry[i] = &entry[i];
	}
	return true;
}

bool give_answer(struct arena *arena, const struct answer *from, Passerelle__V1__Answer *to, union answer_out *inside)
{
	switch (from->kind) {
	case QUESTION_STATUS:
		give_status_reply(&from->status, &inside->status);
		to->reply_case = PASSERELLE__V1__ANSWER__REPLY_STATUS;
		to->status = &inside->status;
		return true;
	case QUESTION_FLOW:
		to->reply_case = PASSERELLE__V1__ANSWER__REPLY_FLOW;
		to->flow = &inside->flow;
		return give_flow_reply(arena, from, &inside->flow);
	case QUESTION_DIRECTORY:
		to->reply_case = PASSERELLE__V1__ANSWER__REPLY_DIRECTORY;
		to->directory = &inside->directory;
		return give_directory(arena, from, &inside->directory);
	case QUESTION_NONE:
	default:
		return true;
	}
}
