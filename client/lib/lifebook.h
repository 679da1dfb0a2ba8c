// SPDX-License-Identifier: Apache-2.0
//
// The Lifebook belongs to the child. An entry needs the child's consent (purpose LIFEBOOK). One that the child does not
// want to share stays here, sealed to the own member, and is never sent; one that was sent can be taken back: both
// branches then hide it, and say since when and why. A withdrawal of the LIFEBOOK consent hides all entries.
#ifndef PASSERELLE_LIB_LIFEBOOK_H
#define PASSERELLE_LIB_LIFEBOOK_H

#include "lib/profile.h"

#include <jansson.h>

// What the messages of a case say of its Lifebook: {"consents": {person: ..}, "choices": {message: ..}, "entries":
// {message: person}}. Caller owns *rules.
enum fail_code lifebook_rules(struct psr_profile *profile, const struct id *case_id, json_t **rules,
                              struct fail *why) MUST_CHECK;

// Has this person consented, and not taken it back? By a consent that holds on the day of `now`.
bool lifebook_consented(const json_t *rules, const char *person, uint64_t now);
bool consent_holds(const json_t *consent, uint64_t now); // given, and not past its last day

// Since when, by whom and in what words an entry is hidden: borrowed; NULL if it is not.
const json_t *lifebook_hidden(const json_t *rules, const char *message);

// Takes the content out of what is hidden among the items of passerelle.case/1, and says why (`hidden`).
enum fail_code lifebook_hide(struct psr_profile *profile, const struct id *case_id, json_t *items,
                             struct fail *why) MUST_CHECK;

// Is this message an entry that is hidden? Then nothing of it is opened: FAIL_NOT_ALLOWED.
enum fail_code lifebook_may_open(struct psr_profile *profile, const struct header *header, struct fail *why) MUST_CHECK;

// Hides what is hidden among the persons of child_file.h, and adds what never left (`local`).
enum fail_code lifebook_mark(struct psr_profile *profile, const struct id *case_id, json_t *persons,
                             struct fail *why) MUST_CHECK;

// Keeps an entry (a form, as JSON) here. *id is what people give to share it.
enum fail_code lifebook_keep(struct psr_profile *profile, const struct id *case_id, const json_t *entry, struct id *id,
                             struct fail *why) MUST_CHECK;

// A kept entry as the form that shares it. Caller wipes and frees *form. FAIL_UNKNOWN_OBJECT.
enum fail_code lifebook_form(struct psr_profile *profile, const char *typed, struct id *id, char **form,
                             struct fail *why) MUST_CHECK;

#endif
