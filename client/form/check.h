// SPDX-License-Identifier: Apache-2.0
//
// One value of a form against one rule. The walker in read.c says where.
#ifndef PASSERELLE_FORM_CHECK_H
#define PASSERELLE_FORM_CHECK_H

#include "form/faults.h"
#include "form/rules.h"

// What a form is checked against, and the faults found.
struct check {
	struct form_path path;
	struct form_faults *faults;
	const struct verb_rule *verb;
	json_t *persons;                         // pseudonyms of the case as keys; NULL: not known here
	const struct form_attachment *attachment; // files of this message
	size_t attachment_count;
	bool own_headings;                        // a form is named: its headings are no code list
};

// A text of any kind. `value` is valid UTF-8 (jansson saw to it).
void check_text(struct check *check, const struct field_rule *rule, const char *value);

// Nothing was said: empty text, 0, false, null, or a list or object of nothing but that.
bool json_blank(json_t *value);

// Keys that people may add anywhere.
bool key_is_help(const char *key);

#endif
