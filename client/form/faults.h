// SPDX-License-Identifier: Apache-2.0
//
// Where the walker stands in a form, and the faults it found so far.
#ifndef PASSERELLE_FORM_FAULTS_H
#define PASSERELLE_FORM_FAULTS_H

#include "form/form.h"

struct form_path {
	char text[sizeof(((struct form_fault *)0)->path)]; // "persons[0].names[1].full"; cut at the end if longer
	size_t length;
};

// Go down; the answer is what path_back takes to come up again.
size_t path_field(struct form_path *path, const char *name);
size_t path_entry(struct form_path *path, size_t index);
void path_back(struct form_path *path, size_t length);

// Beyond the last place the faults are only counted; the last place tells how many.
void fault_add(struct form_faults *faults, const struct form_path *path, const char *format, ...) PRINTF_LIKE(3, 4);

// Was something said of this place already?
bool fault_told(const struct form_faults *faults, const struct form_path *path);

// A piece of a value for a fault text: at most 40 bytes, whole characters.
struct excerpt {
	char text[48];
};
struct excerpt excerpt_of(const char *value);

// The candidate nearest to `wrong`: edit distance at most 3 and less than half
// of its length. Keeps the best in *nearest; start with *distance = UINT_MAX.
void nearest_try(const char *wrong, const char *candidate, const char **nearest, unsigned *distance);

#endif
