// SPDX-License-Identifier: Apache-2.0
//
// The code lists of the casework page 5.5: proto/codes/*.csv, compiled in. A code is
// stable ASCII, a label is for people (en, fr, es, de). A code that this version
// does not know comes from a newer peer: it is kept and shown as it is.
#ifndef PASSERELLE_CASE_CODES_H
#define PASSERELLE_CASE_CODES_H

#include "base/fail.h"

struct code_list;

// By file name without .csv ("service_type"); NULL if there is none.
const struct code_list *code_list_find(const char *name);
const struct code_list *code_list_at(unsigned index); // NULL behind the last
const char *code_list_name(const struct code_list *list);

bool code_known(const struct code_list *list, const char *code);

// Shape only: 1 to 40 of A-Z 0-9 _, first a letter. What a newer peer may send.
bool code_well_formed(const char *code);

// Label in `language` ("fr"), else English, else the code itself (borrowed from the caller).
const char *code_label(const struct code_list *list, const char *code, const char *language);

// Code number `index` of the list, NULL behind the last.
const char *code_at(const struct code_list *list, unsigned index);

// The nearest known code (edit distance at most 3, else NULL): for "did you mean".
const char *code_nearest(const struct code_list *list, const char *wrong);

#endif
