// SPDX-License-Identifier: Apache-2.0
//
// What a person sees of the store, as JSON. Lists never open content; one case does.
#ifndef PASSERELLE_LIB_VIEW_H
#define PASSERELLE_LIB_VIEW_H

#include "lib/profile.h"

#include <jansson.h>

enum fail_code view_inbox(struct psr_profile *profile, const struct psr_inbox_wanted *wanted, json_t **result,
                          struct fail *why) MUST_CHECK;
enum fail_code view_outbox(struct psr_profile *profile, json_t **result, struct fail *why) MUST_CHECK;
// passerelle.due/1: every case whose clock awaits something, the most urgent first.
enum fail_code view_due(struct psr_profile *profile, json_t **result, struct fail *why) MUST_CHECK;

// passerelle.path/1: the steps of each person, and where it waits; of one case, or (`row` NULL) of all open ones, then
// also counted by step and country (`waiting`).
enum fail_code view_path(struct psr_profile *profile, const struct case_row *row, json_t **result,
                         struct fail *why) MUST_CHECK;

// passerelle.child/1: of each person (or of `person` alone) assessments, project, steps of the path, Lifebook, follow-ups.
enum fail_code view_child(struct psr_profile *profile, const struct case_row *row, const char *person, json_t **result,
                          struct fail *why) MUST_CHECK;
// passerelle.follow-ups/1: of all own cases that were closed in the last 27 months, and counted.
enum fail_code view_follow_ups(struct psr_profile *profile, json_t **result, struct fail *why) MUST_CHECK;

// Marks what was replaced (`replaced_by`) and what was declared void (`void`) among the items of a case.
void view_mark_corrections(json_t *items);

// What is awaited in a case from whom and until when, and why the clock stands; NULL if nothing is.
json_t *clock_json(const struct case_row *row, uint64_t now);
// "may_turn_to": the deputy, where our member asked and the other one is out and has not acknowledged.
void clock_put_offer(json_t *json, const struct psr_profile *profile, const struct case_row *row);

// The day of the report: {"holds", "on_table", "by", "countered"}; NULL while none was named.
json_t *dates_json(const struct case_row *row);
enum fail_code view_directory(struct psr_profile *profile, json_t **result, struct fail *why) MUST_CHECK;

// passerelle.case/1. `open`: with opened content, and marks what came as read (an OPENED
// receipt goes out with the next sync).
enum fail_code view_case(struct psr_profile *profile, const struct case_row *row, bool open, json_t **result,
                         struct fail *why) MUST_CHECK;

#endif
