// SPDX-License-Identifier: Apache-2.0
//
// What a case holds of its children, put together out of its messages: assessments, the project with what reviews
// said of its goals, Lifebook entries, and the follow-ups after the closure. For each person one object:
//
//   person, assessments [..], project {.., goals [{id, text, step, responsible, status, review_on, standing, progress [..]}]},
//   lifebook [..], follow_ups [{months, due, standing, done {..}}]
//
// Days and standings are those of `now`. Nothing is marked as read.
#ifndef PASSERELLE_LIB_CHILD_FILE_H
#define PASSERELLE_LIB_CHILD_FILE_H

#include "lib/profile.h"

#include <jansson.h>

// Caller owns *persons, a list in the order in which persons are named. *whole false: something did not open.
enum fail_code child_file_read(struct psr_profile *profile, const struct case_row *row, uint64_t now, json_t **persons,
                               bool *whole, struct fail *why) MUST_CHECK;

// The object of one person; NULL if it is not among them.
json_t *child_of(const json_t *persons, const char *person);

#endif
