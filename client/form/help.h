// SPDX-License-Identifier: Apache-2.0
//
// What a person is told of a field that is to be filled.
#ifndef PASSERELLE_FORM_HELP_H
#define PASSERELLE_FORM_HELP_H

#include "form/rules.h"

#include <jansson.h>

// Whether it must be filled, what for, how it is written and its codes; a text. `choices`: of a TAKES_CHOICE, else NULL.
json_t *help_json(const struct field_rule *rule, const ProtobufCEnumDescriptor *choices);

#endif
