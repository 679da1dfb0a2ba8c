// SPDX-License-Identifier: Apache-2.0
#include "lib/child_check.h"

#include "base/words.h"
#include "form/faults.h"
#include "lib/child_file.h"
#include "lib/contents.h"
#include "lib/lifebook.h"

#include <stdio.h>
#include <string.h>

static void add_fault(struct form_faults *faults, const char *where, const char *text)
{
	struct form_path path = {.length = 0};
	path_field(&path, where);
	fault_add(faults, &path, "%s", text);
}

// ---- a review: of goals that the newest project has ----

static void list_goals(const json_t *project, char *text, size_t room)
{
	size_t i, used = 0;
	json_t *goal;
	text[0] = '\0';
	json_array_foreach(json_object_get(project, "goals"), i, goal) {
		const char *id = content_text(goal, "id");
		if (used + strlen(id) + 3 < room)
			used += (size_t)snprintf(text + used, room - used, "%s%s", used > 0 ? ", " : "", id);
	}
}

static bool has_goal(const json_t *project, const char *id)
{
	size_t i;
	json_t *goal;
	json_array_foreach(json_object_get(project, "goals"), i, goal) {
		if (strcmp(content_text(goal, "id"), id) == 0)
			return true;
	}
	return false;
}

static void check_goals(const json_t *review, const json_t *project, struct form_faults *faults)
{
	char known[80], text[200], where[40];
	size_t i;
	json_t *progress;
	list_goals(project, known, sizeof known);
	json_array_foreach(json_object_get(review, "goals"), i, progress) {
		const char *goal = content_text(progress, "goal");
		if (has_goal(project, goal))
			continue;
		snprintf(where, sizeof where, "goals[%zu].goal", i);
		if (project == NULL)
			snprintf(text, sizeof text, words_of("'%s' is no goal: %s has no project in this case yet"), goal,
			         content_text(review, "person"));
		else
			snprintf(text, sizeof text, words_of("'%s' is no goal of the project, which has %s"), goal, known);
		add_fault(faults, where, text);
	}
}

static enum fail_code check_review(struct psr_profile *profile, const struct case_row *row, const json_t *review,
                                   struct form_faults *faults, struct fail *why)
{
	json_t *persons;
	bool whole;
	enum fail_code code = child_file_read(profile, row, clock_now(), &persons, &whole, why);
	if (code != FAIL_NONE)
		return code;
	if (whole) // else nobody knows which goals there are
		check_goals(review, json_object_get(child_of(persons, content_text(review, "person")), "project"), faults);
	json_decref(persons);
	return FAIL_NONE;
}

// ---- a Lifebook entry: with the child's consent, its own wherever it can give it ----

static void check_consent(const json_t *entry, const json_t *consent, struct form_faults *faults)
{
	if (strcmp(content_text(consent, "purpose"), "LIFEBOOK") != 0)
		add_fault(faults, "consent.purpose", words_of("must be LIFEBOOK: a consent for anything else does not do"));
	if (strcmp(content_text(consent, "person"), content_text(entry, "person")) != 0)
		add_fault(faults, "consent.person", words_of("must be the child whose entry it is"));
	if (!consent_holds(consent, clock_now()))
		add_fault(faults, "consent.given", words_of("must be YES and hold today: without it the entry is not written down"));
	if (strcmp(content_text(consent, "by"), "SELF") != 0 && content_text(consent, "text")[0] == '\0')
		add_fault(faults, "consent.by", words_of("must be SELF, or say in consent.text why the child cannot give it itself"));
}

static enum fail_code check_entry(struct psr_profile *profile, const struct case_row *row, const json_t *entry,
                                  struct form_faults *faults, struct fail *why)
{
	const json_t *consent = json_object_get(entry, "consent");
	json_t *rules;
	if (consent != NULL) {
		check_consent(entry, consent, faults);
		return FAIL_NONE;
	}
	enum fail_code code = lifebook_rules(profile, &row->id, &rules, why);
	if (code != FAIL_NONE)
		return code;
	if (!lifebook_consented(rules, content_text(entry, "person"), clock_now()))
		add_fault(faults, "consent", words_of("is missing: the case has no consent of this child with the purpose LIFEBOOK that holds"));
	json_decref(rules);
	return FAIL_NONE;
}

enum fail_code child_check(struct psr_profile *profile, const struct case_row *row, struct view body,
                           struct form_faults *faults, struct fail *why)
{
	json_t *page = NULL;
	enum fail_code code = form_write(body, &page, why);
	const json_t *review = json_object_get(page, "review");
	const json_t *entry = json_object_get(page, "lifebook");
	if (code == FAIL_NONE && entry != NULL)
		code = check_entry(profile, row, entry, faults, why);
	if (code == FAIL_NONE && review != NULL)
		code = check_review(profile, row, review, faults, why);
	json_decref(page);
	if (code == FAIL_NONE && faults->count > 0)
		return fail_set(why, FAIL_BAD_FORM, faults->count == 1 ? "%zu fault in the form, the first at %s" : "%zu faults in the form, the first at %s",
		                faults->count, faults->fault[0].path);
	return code;
}
