// SPDX-License-Identifier: Apache-2.0
//
// A table of referrals or persons, row by row: checked by the rules of the forms, taken over as drafts or into the
// register, never sent. Each row gets its verdict. A row that was taken over before is not taken over again: its mark, a
// keyed hash of what it says, is kept.
#ifndef PASSERELLE_LIB_IMPORT_H
#define PASSERELLE_LIB_IMPORT_H

#include "form/form.h"
#include "lib/profile.h"

#include <jansson.h>

// *result: passerelle.imported/1 with `columns`, the counts `rows`, `accepted`, `double`, `rejected`, and items of `row` (from 1),
// `line`, `verdict` (ACCEPTED, DOUBLE, REJECTED), `made` (id of the draft or entry, not in a dry run), and for a rejected row
// `faults` (column, text) and its `cells`. FAIL_BAD_FORM with *faults: the columns, or the table itself; then nothing was
// taken over. Rows are committed some hundreds at a time: after another failure those before it are in.
enum fail_code import_table(struct psr_profile *profile, const struct psr_table *table, json_t **result,
                            struct form_faults *faults, struct fail *why) MUST_CHECK;

// passerelle.columns/1 for "referrals" or "persons": items of name and help.
enum fail_code import_columns(const char *what, json_t **result, struct fail *why) MUST_CHECK;

#endif
