// SPDX-License-Identifier: Apache-2.0
#include "lib/linear.h"

#include "base/fail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TINY 1e-7
#define UNBOUNDED 1e9

enum { COLUMNS = LINEAR_UNKNOWNS + LINEAR_ROWS + 1 };

// Unknowns, a slack for each row that is not exact, then the right side. The artificial one of each row, with which it begins,
// stands in the basis alone (numbers from `columns` on): once it has left it is not wanted again.
struct linear {
	size_t unknowns, rows, slacks, columns;
	double row[LINEAR_ROWS][LINEAR_UNKNOWNS], side[LINEAR_ROWS];
	int kind[LINEAR_ROWS]; // 0: exactly, 1: at most, -1: at least
	double table[LINEAR_ROWS][COLUMNS], goal[COLUMNS];
	size_t basis[LINEAR_ROWS];
};

struct linear *linear_new(size_t unknowns)
{
	struct linear *linear = calloc(1, sizeof *linear);
	must(linear != NULL && unknowns <= LINEAR_UNKNOWNS);
	linear->unknowns = unknowns;
	return linear;
}

void linear_free(struct linear *linear)
{
	free(linear);
}

static void put_row(struct linear *linear, const double *coefficient, int kind, double side)
{
	must(linear->rows < LINEAR_ROWS);
	memcpy(linear->row[linear->rows], coefficient, linear->unknowns * sizeof *coefficient);
	linear->kind[linear->rows] = kind;
	linear->side[linear->rows++] = side;
}

// Such a sum cannot be less than 0 anyway.
static bool only_adds(const struct linear *linear, const double *coefficient)
{
	size_t i = 0;
	while (i < linear->unknowns && coefficient[i] >= 0)
		i++;
	return i == linear->unknowns;
}

void linear_know(struct linear *linear, const double *coefficient, double least, double most)
{
	if (least >= most) {
		put_row(linear, coefficient, 0, least);
		return;
	}
	if (least > -UNBOUNDED && (least > 0 || !only_adds(linear, coefficient)))
		put_row(linear, coefficient, -1, least);
	if (most < UNBOUNDED)
		put_row(linear, coefficient, 1, most);
}

static void pivot(struct linear *linear, size_t row, size_t column)
{
	double *of = linear->table[row], factor = of[column];
	for (size_t i = 0; i <= linear->columns; i++)
		of[i] /= factor;
	for (size_t other = 0; other <= linear->rows; other++) {
		double *to = other == linear->rows ? linear->goal : linear->table[other], times = to[column];
		if (other == row || fabs(times) < TINY * TINY)
			continue;
		for (size_t i = 0; i <= linear->columns; i++)
			to[i] -= times * of[i];
	}
	linear->basis[row] = column;
}

// The row that first becomes negative when this column grows; of several that with the smallest number in the basis.
static size_t leaving_row(const struct linear *linear, size_t column)
{
	size_t found = linear->rows;
	double best = 0;
	for (size_t row = 0; row < linear->rows; row++) {
		double part = linear->table[row][column];
		if (part < TINY)
			continue;
		double share = linear->table[row][linear->columns] / part;
		bool less = found == linear->rows || share < best - TINY;
		if (less || (share < best + TINY && linear->basis[row] < linear->basis[found])) {
			best = less ? share : best;
			found = row;
		}
	}
	return found;
}

// Bland's rule: the first column that helps; it cannot go round in circles. False: without bound.
static bool grow(struct linear *linear)
{
	for (;;) {
		size_t column = 0;
		while (column < linear->columns && linear->goal[column] < TINY)
			column++;
		if (column == linear->columns)
			return true;
		size_t row = leaving_row(linear, column);
		if (row == linear->rows)
			return false;
		pivot(linear, row, column);
	}
}

static void fill_row(struct linear *linear, size_t row, size_t *slack)
{
	double sign = linear->side[row] < 0 ? -1 : 1;
	for (size_t i = 0; i < linear->unknowns; i++)
		linear->table[row][i] = sign * linear->row[row][i];
	if (linear->kind[row] != 0)
		linear->table[row][linear->unknowns + (*slack)++] = sign * linear->kind[row];
	linear->table[row][linear->columns] = sign * linear->side[row];
	linear->basis[row] = linear->columns + row;
}

// What is left of the artificial ones in the basis is 0: something else takes its place, or the row says nothing new.
static void drive_out(struct linear *linear)
{
	for (size_t row = 0; row < linear->rows; row++) {
		for (size_t column = 0; column < linear->columns && linear->basis[row] >= linear->columns; column++) {
			if (fabs(linear->table[row][column]) > TINY)
				pivot(linear, row, column);
		}
	}
}

bool linear_begin(struct linear *linear)
{
	size_t slack = 0;
	linear->slacks = 0;
	for (size_t row = 0; row < linear->rows; row++)
		linear->slacks += linear->kind[row] != 0;
	linear->columns = linear->unknowns + linear->slacks;
	memset(linear->table, 0, sizeof linear->table);
	memset(linear->goal, 0, sizeof linear->goal);
	for (size_t row = 0; row < linear->rows; row++) {
		fill_row(linear, row, &slack);
		for (size_t i = 0; i <= linear->columns; i++) // to be made 0: the sum of the artificial ones
			linear->goal[i] += linear->table[row][i];
	}
	must(grow(linear));
	drive_out(linear);
	return linear->goal[linear->columns] < 1e-5;
}

static double greatest(struct linear *linear, const double *coefficient, double sign)
{
	memset(linear->goal, 0, sizeof linear->goal);
	for (size_t i = 0; i < linear->unknowns; i++)
		linear->goal[i] = sign * coefficient[i];
	for (size_t row = 0; row < linear->rows; row++) {
		double times = linear->basis[row] < linear->unknowns ? sign * coefficient[linear->basis[row]] : 0;
		for (size_t i = 0; times != 0 && i <= linear->columns; i++)
			linear->goal[i] -= times * linear->table[row][i];
	}
	return grow(linear) ? -linear->goal[linear->columns] : UNBOUNDED;
}

void linear_range(struct linear *linear, const double *coefficient, double *least, double *most)
{
	*most = greatest(linear, coefficient, 1);
	*least = -greatest(linear, coefficient, -1);
}
