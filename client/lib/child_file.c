// SPDX-License-Identifier: Apache-2.0
#include "lib/child_file.h"

#include "case/follow_up.h"
#include "case/partial_date.h"
#include "lib/contents.h"
#include "lib/json.h"

#include <stdio.h>
#include <string.h>

#define OF(kind) (UINT64_C(1) << KIND_##kind)

struct reading {
	uint64_t now;
	json_t *persons;      // owned
	json_t *roles;        // pseudonym: role, owned
	json_t *outcomes;     // pseudonym: how it ended for the person, owned
	uint64_t closed_at;   // 0: the case is open, or no follow-up was wanted
	char outcome[CODE_SIZE];
};

json_t *child_of(const json_t *persons, const char *person)
{
	size_t i;
	json_t *one;
	json_array_foreach(persons, i, one) {
		if (strcmp(content_text(one, "person"), person) == 0)
			return one;
	}
	return NULL;
}

static json_t *ensure(struct reading *reading, const char *person)
{
	json_t *one = child_of(reading->persons, person);
	if (one != NULL)
		return one;
	one = json_object();
	json_put_text(one, "person", person);
	json_array_append_new(reading->persons, one);
	return one;
}

static json_t *list_of(json_t *object, const char *key)
{
	if (json_object_get(object, key) == NULL)
		json_object_set_new(object, key, json_array());
	return json_object_get(object, key);
}

// A copy of a page, with who sent it and when.
static json_t *page_of(const struct content *content, const json_t *part)
{
	json_t *page = json_deep_copy(part);
	json_put_text(page, "from", content->from);
	json_put_time(page, "noted_at", content->at);
	json_put_id(page, "message", &content->message);
	if (content->case_seq > 0)
		json_put_u64(page, "case_seq", content->case_seq);
	return page;
}

// ---- project ----

static bool goal_over(const json_t *goal)
{
	const char *status = content_text(goal, "status");
	return strcmp(status, "REACHED") == 0 || strcmp(status, "DROPPED") == 0;
}

static json_t *goal_of(const json_t *project, const char *id)
{
	size_t i;
	json_t *goal;
	json_array_foreach(json_object_get(project, "goals"), i, goal) {
		if (strcmp(content_text(goal, "id"), id) == 0)
			return goal;
	}
	return NULL;
}

// A review answers the day that was set: the next one is that of the review, or none.
static void note_progress(json_t *project, const json_t *review, json_t *progress)
{
	json_t *goal = goal_of(project, content_text(progress, "goal"));
	if (goal == NULL)
		return; // of a project that is not here
	json_t *note = json_copy(progress);
	json_object_del(note, "goal");
	json_put_filled(note, "date", content_text(review, "date"));
	json_put_filled(note, "from", content_text(review, "from"));
	json_array_append_new(list_of(goal, "progress"), note);
	json_put_text(goal, "status", content_text(progress, "status"));
	json_object_del(goal, "review_on");
	json_put_filled(goal, "review_on", content_text(progress, "review_on"));
}

static void note_review(json_t *person, json_t *review)
{
	json_t *project = json_object_get(person, "project"), *progress;
	size_t i;
	json_array_foreach(json_object_get(review, "goals"), i, progress)
		note_progress(project, review, progress);
	json_array_append(list_of(person, "reviews"), review);
}

// ---- one message ----

static void take_page(struct reading *reading, const struct content *content)
{
	const json_t *part = json_object_get(content->json, "assessment");
	if (part != NULL)
		json_array_append_new(list_of(ensure(reading, content_text(part, "person")), "assessments"),
		                      page_of(content, part));
	part = json_object_get(content->json, "project");
	if (part != NULL)
		json_object_set_new(ensure(reading, content_text(part, "person")), "project", page_of(content, part));
	part = json_object_get(content->json, "lifebook");
	if (part != NULL) {
		json_t *entry = page_of(content, part);
		if (json_array_size(content->attachments) > 0)
			json_object_set(entry, "pictures", content->attachments);
		json_array_append_new(list_of(ensure(reading, content_text(part, "person")), "lifebook"), entry);
	}
	part = json_object_get(content->json, "review");
	if (part != NULL) {
		json_t *review = page_of(content, part);
		note_review(ensure(reading, content_text(part, "person")), review);
		json_decref(review);
	}
}

static void take_closure(struct reading *reading, const struct content *content)
{
	size_t i;
	json_t *one;
	bool wanted = strcmp(content_text(content->json, "follow_up_wanted"), "YES") == 0;
	reading->closed_at = wanted && content->state == CASE_CLOSED ? content->at : 0;
	snprintf(reading->outcome, sizeof reading->outcome, "%s", content_text(content->json, "outcome"));
	json_object_clear(reading->outcomes);
	json_array_foreach(json_object_get(content->json, "outcomes"), i, one)
		json_object_set(reading->outcomes, content_text(one, "person"), json_object_get(one, "outcome"));
}

// What was followed up before a new closure belongs to the old one.
static void take_follow_up(struct reading *reading, const struct content *content)
{
	json_t *done = json_object();
	static const char *const keys[] = {"wellbeing", "still_in_family", "on", "text"};
	json_object_set(done, "months", json_object_get(content->json, "months"));
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		json_put_filled(done, keys[i], content_text(content->json, keys[i]));
	json_put_text(done, "from", content->from);
	json_put_time(done, "noted_at", content->at);
	json_array_append_new(list_of(ensure(reading, content_text(content->json, "person")), "_done"), done);
}

static void forget_follow_ups(struct reading *reading)
{
	size_t i;
	json_t *person;
	json_array_foreach(reading->persons, i, person)
		json_object_del(person, "_done");
	reading->closed_at = 0;
}

static void take_persons(struct reading *reading, const struct content *content)
{
	size_t i;
	json_t *person;
	json_array_foreach(json_object_get(content->json, "persons"), i, person)
		json_object_set(reading->roles, content_text(person, "pseudonym"), json_object_get(person, "role"));
}

static void take_nothing(struct reading *reading, const struct content *content)
{
	(void)content;
	forget_follow_ups(reading);
}

static enum fail_code take(void *context, const struct content *content)
{
	static void (*const takers[KIND_COUNT])(struct reading *, const struct content *) = {
		[KIND_REFERRAL] = take_persons,   [KIND_ALERT] = take_persons, [KIND_INFO_REPLY] = take_persons, [KIND_REPORT] = take_persons,
		[KIND_CHILD_FILE] = take_page,    [KIND_CLOSE] = take_closure,      [KIND_REOPEN] = take_nothing,
		[KIND_FOLLOW_UP] = take_follow_up,
	};
	takers[content->kind](context, content);
	return FAIL_NONE;
}

// ---- what is due ----

static void put_days(json_t *object, int32_t soon, int32_t due, uint64_t now)
{
	char day[11];
	day_to_text(soon, day);
	json_put_text(object, "soon", day);
	json_put_text(object, "standing", clock_standing_name(day_standing(soon, due, now)));
}

static void put_goals(const json_t *person, uint64_t now)
{
	size_t i;
	json_t *goal;
	int32_t day;
	json_array_foreach(json_object_get(json_object_get(person, "project"), "goals"), i, goal) {
		if (!goal_over(goal) && day_parse(&day, content_text(goal, "review_on"), NULL) == FAIL_NONE)
			put_days(goal, review_soon(day), day, now);
	}
}

static bool listed(const char *const *list, const char *text)
{
	for (; *list != NULL; list++) {
		if (strcmp(*list, text) == 0)
			return true;
	}
	return false;
}

// Children and those who are protected or were looked for, unless nobody is there to be followed up.
static bool is_followed_up(const struct reading *reading, const char *person, const char *role)
{
	static const char *const roles[] = {"CHILD", "PROTECTED_ADULT", "SOUGHT", NULL};
	static const char *const gone[] = {"DECEASED", "NOT_LOCATED", NULL};
	const char *outcome = content_text(reading->outcomes, person);
	return listed(roles, role) && !listed(gone, outcome[0] != '\0' ? outcome : reading->outcome);
}

static json_t *done_after(const json_t *person, unsigned months)
{
	json_t *found = NULL, *one;
	size_t i;
	json_array_foreach(json_object_get(person, "_done"), i, one) {
		if (json_integer_value(json_object_get(one, "months")) == (json_int_t)months)
			found = one;
	}
	return found;
}

static void put_follow_up(const struct reading *reading, json_t *person, unsigned index)
{
	char day[11];
	unsigned months = follow_up_months(index);
	int32_t due = follow_up_day(reading->closed_at, months);
	json_t *done = done_after(person, months), *item = json_object();
	day_to_text(due, day);
	json_object_set_new(item, "months", json_integer(months));
	json_put_text(item, "due", day);
	put_days(item, follow_up_soon(reading->closed_at, index), due, reading->now);
	if (done != NULL)
		json_put_text(item, "standing", "DONE");
	if (done != NULL)
		json_object_set(item, "done", done);
	json_array_append_new(list_of(person, "follow_ups"), item);
}

static void put_follow_ups(struct reading *reading)
{
	const char *person;
	json_t *role;
	json_object_foreach(reading->roles, person, role) {
		if (reading->closed_at == 0 || !is_followed_up(reading, person, json_string_value(role)))
			continue;
		for (unsigned i = 0; i < FOLLOW_UPS; i++)
			put_follow_up(reading, ensure(reading, person), i);
	}
}

// What nobody asked for was done all the same.
static void put_unasked(json_t *person)
{
	size_t i;
	json_t *done;
	bool asked = json_object_get(person, "follow_ups") != NULL;
	json_array_foreach(json_object_get(person, "_done"), i, done) {
		if (!asked)
			json_array_append_new(list_of(person, "follow_ups"),
			                      json_pack("{sOsssO}", "months", json_object_get(done, "months"), "standing", "DONE",
			                                "done", done));
	}
	json_object_del(person, "_done");
}

// Goals, follow-ups; a person of whom nothing is left to say goes.
static void finish(struct reading *reading)
{
	put_follow_ups(reading);
	for (size_t i = json_array_size(reading->persons); i-- > 0;) {
		json_t *person = json_array_get(reading->persons, i);
		put_goals(person, reading->now);
		put_unasked(person);
		if (json_object_size(person) == 1)
			json_array_remove(reading->persons, i);
	}
}

enum fail_code child_file_read(struct psr_profile *profile, const struct case_row *row, uint64_t now, json_t **persons,
                               bool *whole, struct fail *why)
{
	static const uint64_t kinds = OF(REFERRAL) | OF(ALERT) | OF(INFO_REPLY) | OF(REPORT) | OF(CHILD_FILE) | OF(CLOSE) |
	                              OF(REOPEN) | OF(FOLLOW_UP);
	struct reading reading = {.now = now, .persons = json_array(), .roles = json_object(), .outcomes = json_object()};
	enum fail_code code = contents_each(profile, &row->id, kinds, take, &reading, whole, why);
	if (row->view.state != CASE_CLOSED)
		reading.closed_at = 0;
	finish(&reading);
	json_decref(reading.roles);
	json_decref(reading.outcomes);
	if (code == FAIL_NONE)
		*persons = reading.persons;
	else
		json_decref(reading.persons);
	return code;
}
