// SPDX-License-Identifier: Apache-2.0
//
// Who may be the person looked for? Only on the holder's own computer: the persons of its register and of its cases,
// compared with the person of the request, field by field in words. What its caseworkers decide about a candidate is kept
// sealed with the name of who decided and when, and goes nowhere.
#ifndef PASSERELLE_LIB_CANDIDATES_H
#define PASSERELLE_LIB_CANDIDATES_H

#include "lib/cases.h"

#include <jansson.h>

// passerelle.candidates/1: `items` of candidate (id), sought, band, band_text, fields (field, word, reason, with texts), own (the
// own person: reference and pseudonym, or own_reference) and person; `decision`, `decided_by`, `decided_at`, `log` where
// somebody decided. At most 20 for each person looked for, the best first. A pair that was refuted stays away until one
// of the two records changes; `quiet` says how many. Caller owns *result.
enum fail_code candidates_list(struct psr_profile *profile, const struct case_row *row, json_t **result,
                               struct fail *why) MUST_CHECK;

// `decision`: REFUTED, PLAUSIBLE, WITHHELD or SHIELDED. FAIL_UNKNOWN_OBJECT: no such candidate. One that was shielded is
// decided anew by a supervisor alone (FAIL_NOT_ALLOWED).
enum fail_code candidates_decide(struct psr_profile *profile, const struct case_row *row, const char *candidate,
                                 const char *decision, const char *note, struct fail *why) MUST_CHECK;

// Findings, band and tables of the candidate that was held to be plausible, as propose-match has them. FAIL_ILLEGAL_MOVE: none.
enum fail_code candidates_plausible(struct psr_profile *profile, const struct id *case_id, const char *sought,
                                    json_t **findings, struct fail *why) MUST_CHECK;

#endif
