// SPDX-License-Identifier: Apache-2.0
#include "lib/trace.h"

#include "case/partial_date.h"
#include "case/review.h"
#include "lib/approve.h"
#include "lib/candidates.h"
#include "lib/cases.h"
#include "lib/compose.h"
#include "lib/contents.h"
#include "seal/content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS UINT64_C(86400000)
#define OF(kind) (UINT64_C(1) << KIND_##kind)

// ---- the course of one search ----

struct course {
	uint64_t taken_up;      // 0: not yet
	unsigned answered;      // the latest review day that has its answer
};

static enum fail_code note_course(void *context, const struct content *content)
{
	struct course *course = context;
	if (content->kind == KIND_ACK && content->case_seq > 0)
		course->taken_up = content->at;
	json_int_t review = json_integer_value(json_object_get(content->json, "review"));
	if (content->kind == KIND_TRACE_ANSWER && review > (json_int_t)course->answered)
		course->answered = (unsigned)review;
	return FAIL_NONE;
}

static enum fail_code course_of(struct psr_profile *profile, const struct id *case_id, struct course *course,
                                struct fail *why)
{
	bool whole;
	*course = (struct course){0};
	enum fail_code code =
		contents_each(profile, case_id, OF(ACK) | OF(TRACE_ANSWER), note_course, course, &whole, why);
	if (code == FAIL_NONE && !whole)
		code = fail_set(why, FAIL_DATA_LOSS, "an answer of a search does not open");
	return code;
}

enum fail_code trace_course(struct psr_profile *profile, const struct id *case_id, uint64_t now,
                            struct trace_course *course, struct fail *why)
{
	struct course found;
	*course = (struct trace_course){.taken_up = 0};
	enum fail_code code = course_of(profile, case_id, &found, why);
	if (code != FAIL_NONE || found.taken_up == 0)
		return code;
	course->taken_up = found.taken_up;
	uint64_t next = review_next(found.taken_up, now);
	if (next != 0)
		day_to_text((int32_t)(next / DAY_MS), course->next_review);
	return FAIL_NONE;
}

// ---- the answers of the review days ----

struct due_answers {
	struct due_answer {
		char reference[REFERENCE_SIZE];
		struct id case_id;
	} *list;                // owned: nothing is written while it is read
	size_t count, room;
	const struct psr_profile *profile;
};

static enum fail_code collect(void *context, const struct case_row *row)
{
	struct due_answers *due = context;
	enum case_state state = row->view.state;
	if ((state != CASE_TRACE_SEARCHING && state != CASE_TRACE_SUSPENDED) ||
	    cases_side(due->profile, row) != SIDE_RESPONDING)
		return FAIL_NONE;
	if (due->count == due->room) {
		size_t room = due->room == 0 ? 16 : 2 * due->room;
		struct due_answer *grown = realloc(due->list, room * sizeof *grown);
		if (grown == NULL)
			return FAIL_NO_MEMORY;
		due->list = grown;
		due->room = room;
	}
	struct due_answer *one = &due->list[due->count++];
	one->case_id = row->id;
	memcpy(one->reference, row->reference, sizeof one->reference);
	return FAIL_NONE;
}

// The same words and fields whatever was found.
static enum fail_code write_review(struct psr_profile *profile, const struct due_answer *one, unsigned days,
                                   struct fail *why)
{
	char form[80], id[ID_TEXT_SIZE];
	struct written written;
	struct form_faults faults;
	id_to_text(&one->case_id, id);
	snprintf(form, sizeof form, "{\"code\":\"NO_SHAREABLE_RESULT\",\"review\":%u}", days);
	struct psr_message message = {.verb = "trace-answer", .reference = id, .form = form};
	return compose_message(profile, &message, NULL, &written, &faults, why);
}

static enum fail_code answer_one(struct psr_profile *profile, const struct due_answer *one, uint64_t now,
                                 struct fail *why)
{
	struct course course;
	enum fail_code code = course_of(profile, &one->case_id, &course, why);
	bool taken_up = code == FAIL_NONE && course.taken_up != 0;
	unsigned days = taken_up ? review_due(course.taken_up, course.answered, now) : 0;
	return days != 0 ? write_review(profile, one, days, why) : code;
}

void trace_answer_reviews(struct psr_profile *profile, trace_fault fault, void *context)
{
	struct due_answers due = {.profile = profile};
	struct fail why = {.code = FAIL_NONE};
	if (profile->keys->ops->certificate(profile->keys, USE_SIGNING) == NULL)
		return;
	enum fail_code code = case_each_with(profile->store, KIND_TRACE_REQUEST, collect, &due, &why);
	if (code != FAIL_NONE && why.code == FAIL_NONE)
		fail_set(&why, code, "out of memory");
	if (code != FAIL_NONE)
		fault(context, "", &why);
	for (size_t i = 0; i < due.count; i++) {
		if (answer_one(profile, &due.list[i], clock_now(), &why) != FAIL_NONE)
			fault(context, due.list[i].reference, &why);
	}
	free(due.list);
}

enum fail_code trace_may_write(const struct psr_message *message, struct fail *why)
{
	if (message->verb == NULL || message->form == NULL || strcmp(message->verb, "trace-answer") != 0)
		return FAIL_NONE;
	json_t *form = json_loads(message->form, 0, NULL); // one that is no JSON is told of elsewhere
	bool of_review = strcmp(content_text(form, "code"), "NO_SHAREABLE_RESULT") == 0 ||
	                 json_integer_value(json_object_get(form, "review")) != 0;
	json_decref(form);
	return of_review ? fail_set(why, FAIL_NOT_ALLOWED, "this answer is given by the program on the review days, always alike: there is nothing to do")
	                 : FAIL_NONE;
}

// ---- what the program adds ----

enum fail_code trace_complete_form(struct psr_profile *profile, const struct psr_message *message, char **form,
                                   struct fail *why)
{
	struct case_row row;
	json_t *findings = NULL;
	*form = NULL;
	if (message->verb == NULL || strcmp(message->verb, "propose-match") != 0 || message->form == NULL)
		return FAIL_NONE;
	json_t *given = json_loads(message->form, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(given)) { // told of when it is read
		json_decref(given);
		return FAIL_NONE;
	}
	enum fail_code code = cases_find(profile, message->reference, &row, why);
	if (code == FAIL_NONE)
		code = candidates_plausible(profile, &row.id, content_text(given, "sought"), &findings, why);
	if (code == FAIL_NONE) {
		json_object_update(given, findings);
		*form = json_dumps(given, 0);
		code = *form == NULL ? fail_set(why, FAIL_NO_MEMORY, "out of memory") : FAIL_NONE;
	}
	json_decref(findings);
	json_decref(given);
	return code;
}

// ---- two persons ----

struct answered {
	enum message_kind kind;
	struct bytes envelope;  // the newest of its kind
	uint64_t at;
};

static enum fail_code keep_newest(void *context, const struct inbox_row *row)
{
	struct answered *answered = context;
	if (row->kind != answered->kind || row->fault[0] != '\0')
		return FAIL_NONE;
	bytes_clear(&answered->envelope);
	answered->at = row->accepted_at;
	return bytes_append(&answered->envelope, row->envelope.data, row->envelope.length);
}

static enum fail_code check_approved(struct psr_profile *profile, const struct answered *answered, struct fail *why)
{
	struct arena arena;
	struct checked checked;
	struct bytes body;
	char person[IDENTITY_URI_SIZE];
	arena_init(&arena, ARENA_MESSAGE_CAP, 2 * ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&body, CONTENT_BODY_CAP);
	enum fail_code code = checked_decode(&checked, bytes_view(&answered->envelope), &arena, why);
	if (code == FAIL_NONE)
		code = checked_open_body(profile, &checked, &body, why);
	if (code == FAIL_NONE)
		code = approve_check(profile, &checked.header, answered->at, bytes_view(&body), person, why);
	if (code != FAIL_NONE)
		fail_wrap(why, "what the other branch said of the match does not count: ask for it anew");
	bytes_wipe(&body);
	arena_wipe(&arena);
	return code;
}

enum fail_code trace_check_answered(struct psr_profile *profile, const struct id *case_id, enum message_kind kind,
                                    struct fail *why)
{
	if (kind != KIND_MATCH_REVIEW && kind != KIND_MATCH_DISCLOSE)
		return FAIL_NONE;
	struct answered answered = {.kind = kind == KIND_MATCH_REVIEW ? KIND_MATCH_PROPOSED : KIND_MATCH_REVIEW};
	bytes_init(&answered.envelope, MAX_ENVELOPE);
	enum fail_code code = inbox_each(profile->store, case_id, keep_newest, &answered, why);
	if (code == FAIL_NONE && answered.envelope.length == 0)
		code = fail_set(why, FAIL_NOT_ALLOWED, "the other branch has said nothing of a match");
	if (code == FAIL_NONE)
		code = check_approved(profile, &answered, why);
	bytes_release(&answered.envelope);
	return code;
}
