// SPDX-License-Identifier: Apache-2.0
//
// A form, or a person of one, as a row of a table: each column is a place in it, with numbers from 1:
//   urgency    persons.1.names.2.full    narrative.history
// A cell of a list of texts holds them with semicolons between. A cell that begins with a question mark holds the
// reason why there is no value (code list null_reason): "?NK". It stands for the nearest field around it that takes one.
#ifndef PASSERELLE_FORM_FLAT_H
#define PASSERELLE_FORM_FLAT_H

#include "form/form.h"

enum flat_of { FLAT_REFERRAL, FLAT_PERSON };

enum { FLAT_STEPS = 12, FLAT_NAME_SIZE = 96 };

struct flat_step {
	char key[48];
	unsigned entry;          // of a list, from 1; 0: no list of parts
};

struct flat_column {
	char name[FLAT_NAME_SIZE];
	struct flat_step step[FLAT_STEPS];
	size_t count;
	size_t reason;           // the step whose place a reason takes, counted from 1; 0: none does
	enum { FLAT_TEXT, FLAT_TEXTS, FLAT_FLAG, FLAT_PART } takes; // PART: a reason alone
};

// FAIL_BAD_FORM: no such place; *why names what was not known. `name` is trimmed already.
enum fail_code flat_column(struct flat_column *column, enum flat_of of, const char *name, struct fail *why) MUST_CHECK;

// Puts a cell that is not blank into `form`. FAIL_BAD_FORM: an entry comes before the one that it follows.
enum fail_code flat_put(json_t *form, const struct flat_column *column, struct view cell, struct fail *why) MUST_CHECK;

// The column that a fault at this path ("persons[0].names[1].full") is about: the one whose place it is or lies in, else
// the first that lies in it; NULL if none is. `name` gets the path as a column would be called.
const struct flat_column *flat_find(const struct flat_column *column, size_t count, const char *path,
                                    char name[FLAT_NAME_SIZE]);

// The columns of an empty table: a list of `name` and `help`, which is in the reader's language.
json_t *flat_usual(enum flat_of of);

// Is the person right that a table or a file of another program tells of? What is not said counts as not known. Beside
// the fields of a Person: mother, father and separation as in lib/person_form.h. FAIL_BAD_FORM with all faults.
enum fail_code form_check_person(json_t *person, struct form_faults *faults, struct fail *why) MUST_CHECK;

#endif
