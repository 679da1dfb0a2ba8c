// SPDX-License-Identifier: Apache-2.0
//
// A filled form against its definition: what is missing, how much is there, and the empty form to fill. A heading is a
// field of the message, or a section of its own; both are read alike from the JSON that people fill and from that which
// form_write gives. `routing`: an object with the routing fields that conditions ask for; a filled form is one.
#ifndef PASSERELLE_FORM_FILL_H
#define PASSERELLE_FORM_FILL_H

#include "form/check.h"
#include "form/definition.h"

// Faults by path, with the heading's label in `language`: missing headings, reasons that this form does not take, values that are
// not what the heading takes, sections that are no heading of it.
void fill_check(struct check *check, const struct definition *definition, json_t *form, const char *language);

// Of the headings that ask for something here: {"form", "version", "asked", "filled", "excused", "missing": [ids]}.
// NULL without memory.
json_t *fill_count(const struct definition *definition, json_t *routing, json_t *content);

// Turns the empty form of form_template into that of this definition, with its labels and help.
void fill_template(const struct definition *definition, json_t *form, const char *language);

#endif
