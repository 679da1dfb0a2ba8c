// SPDX-License-Identifier: Apache-2.0
//
// Is a definition that somebody wrote right? Every member of it, by path; unknown members are faults too.
#ifndef PASSERELLE_FORM_DEFINITION_CHECK_H
#define PASSERELLE_FORM_DEFINITION_CHECK_H

#include "form/faults.h"

void definition_check(json_t *json, struct form_faults *faults);

// The kind of message of this name, if its content has room for a form (fields `form` and `sections`); else KIND_UNSPECIFIED.
enum message_kind definition_kind(const char *name);

#endif
