// SPDX-License-Identifier: Apache-2.0
#include "lib/ask.h"

#include "lib/hub_words.h"
#include "base/words.h"
#include "case/lifecycle.h"
#include "case/reference.h"
#include "lib/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MS = 30 * 1000, TURN_MS = 500 };

static void ignore(void *context, const struct happening *what)
{
	(void)context;
	(void)what;
}

// Turns until *done, or the time is up.
static enum fail_code turn_until(struct exchange *x, const bool *done, struct fail *why)
{
	uint64_t until = clock_steady() + ANSWER_MS;
	while (!*done) {
		if (clock_steady() > until)
			return fail_set(why, FAIL_TIMED_OUT, "the hub did not answer in time");
		enum fail_code code = exchange_turn(x, TURN_MS, why);
		if (code != FAIL_NONE && !*done)
			return code;
	}
	return FAIL_NONE;
}

enum fail_code ask_open(struct exchange *x, struct psr_profile *profile, struct fail *why)
{
	return ask_open_watched(x, profile, ignore, NULL, why);
}

enum fail_code ask_open_watched(struct exchange *x, struct psr_profile *profile,
                                void (*happened)(void *, const struct happening *), void *context, struct fail *why)
{
	struct exchange_options options = {.mail = false};
	struct exchange_port port = {.context = context, .happened = happened};
	enum fail_code code = exchange_open(x, profile, &options, &port, why);
	if (code != FAIL_NONE)
		return code;
	code = turn_until(x, &x->welcomed, why);
	if (code != FAIL_NONE)
		exchange_close(x);
	return code;
}

enum fail_code ask_directory(struct psr_profile *profile, struct fail *why)
{
	struct exchange *x = calloc(1, sizeof *x);
	if (x == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	enum fail_code code = ask_open(x, profile, why);
	if (code != FAIL_NONE) {
		free(x);
		return code;
	}
	bool done = false;
	code = exchange_ask_directory(x, why);
	for (uint64_t until = clock_steady() + ANSWER_MS; code == FAIL_NONE && !done; done = x->directory_frame == 0) {
		code = exchange_turn(x, TURN_MS, why);
		if (code == FAIL_NONE && clock_steady() > until)
			code = fail_set(why, FAIL_TIMED_OUT, "the hub did not answer in time");
	}
	exchange_close(x);
	free(x);
	return code;
}

struct asking {
	json_t *(*json_of)(const struct answer *answer);
	json_t *result;    // owned
	bool done;
	struct fail why;
};

static void on_answer(struct exchange *x, const struct frame *frame, void *context)
{
	struct asking *asking = context;
	(void)x;
	asking->done = true;
	if (frame->kind == FRAME_ANSWER) {
		asking->result = asking->json_of(&frame->of.answer);
	} else if (frame->kind == FRAME_ERROR) {
		const struct error *error = &frame->of.error;
		fail_set(&asking->why, error->fail == FAIL_COUNT ? FAIL_UNAVAILABLE : error->fail, "the hub: %s",
		         hub_words(error->text).text);
	}
	if (asking->result == NULL && asking->why.code == FAIL_NONE)
		fail_set(&asking->why, FAIL_MALFORMED, "the hub answered something else than was asked");
}

static enum fail_code ask(struct psr_profile *profile, struct frame *frame, json_t *(*json_of)(const struct answer *),
                          json_t **result, struct fail *why)
{
	struct asking asking = {.json_of = json_of};
	struct exchange *x = calloc(1, sizeof *x);
	if (x == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	enum fail_code code = ask_open(x, profile, why);
	if (code != FAIL_NONE) {
		free(x);
		return code;
	}
	code = exchange_ask(x, frame, on_answer, &asking, why);
	if (code == FAIL_NONE)
		code = turn_until(x, &asking.done, why);
	if (code == FAIL_NONE && asking.why.code != FAIL_NONE) {
		*why = asking.why;
		code = asking.why.code;
	}
	exchange_close(x);
	free(x);
	if (code == FAIL_NONE)
		*result = asking.result;
	else
		json_decref(asking.result);
	return code;
}

static json_t *status_json(const struct answer *answer)
{
	const struct status_reply *status = &answer->status;
	if (answer->kind != QUESTION_STATUS)
		return NULL;
	json_t *json = json_document("passerelle.status/1");
	json_object_set_new(json, "available", json_boolean(status->available));
	if (!status->available)
		return json;
	json_put_text(json, "state", case_state_name((enum case_state)status->state));
	json_put_text(json, "state_text", words_of(case_state_text((enum case_state)status->state)));
	json_put_time(json, "since", status->since);
	json_put_filled(json, "next_due", status->next_due);
	json_put_filled(json, "turn", status->turn);
	json_object_set_new(json, "late", json_boolean(status->late));
	return json;
}

enum fail_code ask_status(struct psr_profile *profile, const char *reference, json_t **result, struct fail *why)
{
	char normal[REFERENCE_SIZE];
	struct frame frame = {.kind = FRAME_QUERY, .of.query = {.kind = QUESTION_STATUS, .reference = normal}};
	if (reference == NULL)
		return fail_set(why, FAIL_BAD_USAGE, "the reference of a case is needed");
	if (id_from_text(&frame.of.query.case_id, reference) == FAIL_NONE) {
		frame.of.query.has_case_id = true;
		frame.of.query.reference = "";
	} else {
		enum fail_code code = reference_read(normal, reference, why);
		if (code != FAIL_NONE)
			return code;
	}
	enum fail_code code = ask(profile, &frame, status_json, result, why);
	if (code == FAIL_NONE)
		json_put_text(*result, "reference", frame.of.query.has_case_id ? reference : normal);
	return code;
}

// From 1 to 4, or hidden: the hub does not tell.
static void put_count(json_t *json, const struct flow_row *row)
{
	static const char *const measures[FLOW_MEASURE_COUNT] = {
		[FLOW_CASES] = "CASES", [FLOW_OVERDUE] = "OVERDUE", [FLOW_ESCALATED] = "ESCALATED"};
	json_put_text(json, "measure", measures[row->measure]);
	json_object_set_new(json, "few", json_boolean(row->few));
	if (!row->few)
		json_put_u64(json, "cases", row->cases);
}

// Open cases of a service or an urgency.
static json_t *flow_kind_json(const struct flow_row *row)
{
	json_t *json = json_object();
	json_put_text(json, "by", row->figure == FIGURE_NOW_SERVICE ? "service" : "urgency");
	json_put_text(json, "key", row->key);
	put_count(json, row);
	return json;
}

static json_t *flow_row_json(const struct flow_row *row)
{
	json_t *json = json_object();
	json_put_text(json, "requesting", row->requesting);
	json_put_text(json, "responding", row->responding);
	json_put_text(json, "state", row->state == 0 ? "*" : case_state_name((enum case_state)row->state));
	if (row->state != 0)
		json_put_text(json, "state_text", words_of(case_state_text((enum case_state)row->state)));
	put_count(json, row);
	if (row->few)
		return json;
	json_put_u64(json, "oldest_ms", row->oldest_ms);
	json_put_u64(json, "median_ms", row->median_ms);
	return json;
}

static json_t *flow_json(const struct answer *answer)
{
	if (answer->kind != QUESTION_FLOW)
		return NULL;
	json_t *json = json_document("passerelle.flow/1");
	json_put_time(json, "as_of", answer->as_of);
	json_t *items = json_array(), *kinds = json_array();
	for (size_t i = 0; i < answer->flow_count; i++) {
		const struct flow_row *row = &answer->flow[i];
		if (row->figure == FIGURE_NONE)
			json_array_append_new(items, flow_row_json(row));
		if (row->figure == FIGURE_NOW_SERVICE || row->figure == FIGURE_NOW_URGENCY)
			json_array_append_new(kinds, flow_kind_json(row));
	}
	json_object_set_new(json, "items", items);
	json_object_set_new(json, "kinds", kinds);
	return json;
}

enum fail_code ask_flow(struct psr_profile *profile, json_t **result, struct fail *why)
{
	struct frame frame = {.kind = FRAME_QUERY, .of.query = {.kind = QUESTION_FLOW, .reference = ""}};
	return ask(profile, &frame, flow_json, result, why);
}

static json_t *period_row_json(const struct flow_row *row)
{
	static const char *const figures[FLOW_FIGURE_COUNT] = {
		[FIGURE_NONE] = "NONE",
		[FIGURE_OPENED_ASKS] = "OPENED_ASKS", [FIGURE_OPENED_ASKED] = "OPENED_ASKED",
		[FIGURE_OPENED_SERVICE] = "OPENED_SERVICE", [FIGURE_OPENED_URGENCY] = "OPENED_URGENCY",
		[FIGURE_ACKNOWLEDGED] = "ACKNOWLEDGED", [FIGURE_DECIDED] = "DECIDED", [FIGURE_REPORTED] = "REPORTED",
		[FIGURE_DATE] = "DATE", [FIGURE_HELD] = "HELD", [FIGURE_DECLINED] = "DECLINED", [FIGURE_UNSERVED] = "UNSERVED",
		[FIGURE_OPENED_MONTH] = "OPENED_MONTH",
		[FIGURE_SERVICE_ASKS] = "SERVICE_ASKS", [FIGURE_SERVICE_ASKED] = "SERVICE_ASKED",
		[FIGURE_MEMBER_ACKNOWLEDGED] = "MEMBER_ACKNOWLEDGED", [FIGURE_MEMBER_DECIDED] = "MEMBER_DECIDED",
		[FIGURE_MEMBER_REPORTED] = "MEMBER_REPORTED", [FIGURE_FOLLOW_UP] = "FOLLOW_UP",
		[FIGURE_AVAILABILITY] = "AVAILABILITY", [FIGURE_MONTH_ASKS] = "MONTH_ASKS",
		[FIGURE_MONTH_ASKED] = "MONTH_ASKED", [FIGURE_NOW_SERVICE] = "NOW_SERVICE",
		[FIGURE_NOW_URGENCY] = "NOW_URGENCY",
	};
	char month[DATE_SIZE] = "";
	json_t *json = json_object();
	json_put_text(json, "figure", figures[row->figure]);
	json_put_text(json, "requesting", row->requesting);
	json_put_text(json, "responding", row->responding);
	json_put_text(json, "key", row->key);
	json_put_u64(json, "days", row->days);
	if (row->month != 0)
		snprintf(month, sizeof month, "%04u-%02u", row->month / 100 % 10000, row->month % 100);
	json_put_text(json, "month", month);
	json_put_text(json, "region", row->region);
	json_put_u64(json, "cases", row->cases);
	return json;
}

static json_t *period_json(const struct answer *answer)
{
	if (answer->kind != QUESTION_FLOW)
		return NULL;
	json_t *json = json_document("passerelle.flow_period/1");
	json_put_time(json, "as_of", answer->as_of);
	json_t *items = json_array();
	for (size_t i = 0; i < answer->flow_count; i++)
		json_array_append_new(items, period_row_json(&answer->flow[i]));
	json_object_set_new(json, "items", items);
	return json;
}

// The middle of the month: any time in it will do. False: no month from 1970 to 9999.
static bool month_time(const char *text, uint64_t *time)
{
	unsigned year = 0, month = 0;
	int end = 0;
	*time = 0;
	if (text == NULL)
		return true;
	if (strlen(text) != 7 || sscanf(text, "%4u-%2u%n", &year, &month, &end) != 2 || end != 7 || year < 1970 ||
	    month < 1 || month > 12)
		return false;
	uint64_t days = (uint64_t)(year - 1970) * 36525 / 100 + (uint64_t)(month - 1) * 3044 / 100 + 15;
	*time = days * 24 * 60 * 60 * 1000;
	return true;
}

enum fail_code ask_period(struct psr_profile *profile, const struct psr_flow_wanted *wanted, json_t **result,
                          struct fail *why)
{
	static const enum flow_table tables[] = {[PSR_FLOW_OF_ALL] = FLOW_OF_ALL,
	                                         [PSR_FLOW_OF_MEMBERS] = FLOW_OF_MEMBERS,
	                                         [PSR_FLOW_OF_REGIONS] = FLOW_OF_REGIONS};
	struct frame frame = {.kind = FRAME_QUERY, .of.query = {.kind = QUESTION_FLOW, .reference = "", .figures = true}};
	if ((unsigned)wanted->rows >= sizeof tables / sizeof tables[0])
		return fail_set(why, FAIL_BAD_USAGE, "there are no such rows");
	frame.of.query.table = tables[wanted->rows];
	if (!month_time(wanted->from, &frame.of.query.from) || !month_time(wanted->until, &frame.of.query.until))
		return fail_set(why, FAIL_BAD_USAGE, "a month is written like 2026-01");
	return ask(profile, &frame, period_json, result, why);
}
