// SPDX-License-Identifier: Apache-2.0
//
// What follows from sums: the least and the most that an unknown number can be, if all that is known are sums of
// unknown numbers, exactly or within bounds. A linear program in a dense tableau: for tables of some dozen unknowns.
// Numbers of tests are small whole ones; bounds come back as fractions, since a sum of halves is no contradiction.
#ifndef PASSERELLE_TEST_LINEAR_H
#define PASSERELLE_TEST_LINEAR_H

#include <stdbool.h>
#include <stddef.h>

enum { LINEAR_UNKNOWNS = 200, LINEAR_ROWS = 400 };

struct linear;

// Unknowns are 0 or more.
struct linear *linear_new(size_t unknowns);
void linear_free(struct linear *linear);

// least <= the sum of coefficient[i] x unknown i <= most.
void linear_know(struct linear *linear, const double *coefficient, double least, double most);

// After all is known: false if no numbers fit.
bool linear_begin(struct linear *linear);

// The least and the most of a sum; *most is 1e9 where there is no bound.
void linear_range(struct linear *linear, const double *coefficient, double *least, double *most);

#endif
