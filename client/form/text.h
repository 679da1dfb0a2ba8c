// SPDX-License-Identifier: Apache-2.0
//
// From the bytes of a form to its JSON: valid UTF-8, at most 1 MiB, no key twice.
#ifndef PASSERELLE_FORM_TEXT_H
#define PASSERELLE_FORM_TEXT_H

#include "form/faults.h"

enum { MAX_FORM = 1024 * 1024 };

// *form is owned by the caller, an object. NULL text: an empty form. FAIL_TOO_LARGE,
// FAIL_BAD_TEXT with the place of the first wrong byte, FAIL_BAD_FORM with line and column as a fault.
enum fail_code form_parse(const char *json, size_t length, json_t **form, struct form_faults *faults,
                          struct fail *why) MUST_CHECK;

// Bytes before the first that is not valid UTF-8; `length` if all are.
size_t utf8_prefix(const char *text, size_t length);

#endif
