// SPDX-License-Identifier: Apache-2.0
//
// How the public functions hand out what they found.
#ifndef PASSERELLE_LIB_ANSWER_H
#define PASSERELLE_LIB_ANSWER_H

#include "form/form.h"

#include <jansson.h>
#include <passerelle/passerelle.h>

// The document as text, or the fault; takes `json` over. 0 or -1.
int answer(char **result, json_t *json, enum fail_code code, struct fail *why, struct psr_error *error);

// The same; the faults of a form go out beside the error.
int answer_checked(char **result, json_t *json, const struct form_faults *faults, enum fail_code code, struct fail *why,
                   struct psr_error *error);

// passerelle.faults/1
json_t *faults_json(const struct form_faults *faults);

// FAIL_BAD_USAGE for NULL and for what is no id.
enum fail_code answer_id(struct id *id, const char *text, struct fail *why) MUST_CHECK;

#endif
