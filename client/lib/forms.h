// SPDX-License-Identifier: Apache-2.0
//
// The definitions of forms on this computer: files *.json of a folder of one's own, and of the folder that was installed.
#ifndef PASSERELLE_LIB_FORMS_H
#define PASSERELLE_LIB_FORMS_H

#include "form/definition.h"

// Reads both folders, `own` (NULL or not there: none) first: of two forms with one id the first one counts, files go by name. A
// file that is not right is left out and told in `refused` (NULL: not told), a list of {"file", "path", "text"}. *forms goes to
// forms_free. FAIL_NO_MEMORY.
enum fail_code forms_load(struct definitions **forms, const char *own, json_t *refused, struct fail *why) MUST_CHECK;
void forms_free(struct definitions *forms); // NULL is fine

// With one that somebody wrote before all others; takes it over. FAIL_BAD_FORM: its base is not right.
enum fail_code forms_load_beside(struct definitions **forms, struct definition *first, const char *own,
                                 struct form_faults *faults, struct fail *why) MUST_CHECK;

// The same where a form or a content names one at all; else *forms is NULL and nothing was read.
enum fail_code forms_load_for(struct definitions **forms, const char *own, const char *json,
                              struct fail *why) MUST_CHECK;

#endif
