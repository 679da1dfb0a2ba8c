// SPDX-License-Identifier: Apache-2.0
//
// A person of a form (Person in fields.def, as JSON) the way the matcher takes it; and what the matcher says as JSON.
// Beside the fields of a Person there may be `mother` and `father` (lists of names like `names`) and
// `separation` (`date`, `place`, `cause`), which forms tell elsewhere. What can be compared is read, the rest is left alone;
// nothing is asked for: what is not there is blank. An age as it was said ("about 7 on 2026-02-10") stands in for a birth.
#ifndef PASSERELLE_LIB_PERSON_FORM_H
#define PASSERELLE_LIB_PERSON_FORM_H

#include "match/match.h"

#include <jansson.h>

struct person_form {
	struct match_person person;             // its texts are borrowed from the document
	struct partial_date birth, separation;  // which it points at
};

// FAIL_BAD_FORM: which key is unknown or holds something else than it should.
enum fail_code person_form_read(struct person_form *form, const json_t *person, struct fail *why) MUST_CHECK;

// passerelle.compared/1: version of the tables, band, and items of field, word and reason, as codes and as text. Fields of
// which neither side says anything are left out. No number: people and programs are to look at words.
json_t *compared_json(const struct match_evidence *evidence);

#endif
