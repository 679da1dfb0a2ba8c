// SPDX-License-Identifier: Apache-2.0
//
// What was done in whole months that are over, as it may leave the hub (security page 5.4): pure. Of each row
// (who asks, a service, a reason ...) what came together up to the end of each month is told only as the next lower
// multiple of 5; the rest waits for a later month. An answer for a period is the difference of two such numbers, so
// whatever periods are asked for, and whenever, no more is told than one fixed number for each row and month: every
// number is that of a run of at least 5 cases, and of each row from 0 to 4 remain unknown.
// Rows of several figures count the same cases, so their sums could be compared. A view is a set of rows that counts
// each of its cases once; where the sum of one view would tell of another that all its rows are short of nearly all that
// they may be short of, 5 of it wait for a later month too. Of a case the first hold, the second one and so on each are counted
// by themselves, so that a case with five holds is not told like five cases. Then every remainder from 0 to 4 still is possible for every row.
// Rows that are parts of another row (a service in each region, the days of each member) are held to the same rule, group by group.
// The cells of a month that is over come out of store.h's memory of it and never change; availability is no secret and told as it is.
#ifndef PASSERELLE_STORE_PERIOD_H
#define PASSERELLE_STORE_PERIOD_H

#include "base/fail.h"
#include "domain/case_steps.h"
#include "wire/message.h"

enum { PERIOD_STEP = 5 };

// Cases of one row in one month; empty where the figure has no such part. A row may come in several.
struct period_cell {
	enum flow_figure figure; // those that are counted: not the months
	int32_t month;           // 0 is January 1970
	char requesting[MEMBER_CODE_SIZE], responding[MEMBER_CODE_SIZE], key[CODE_SIZE];
	uint32_t hold;           // HELD: which of its case, from 0, below STEPS_MOST_HOLDS; else 0
	uint32_t days;           // as domain/case_steps.h counts them; 0: not by days
	uint64_t cases;
};

int32_t period_month(uint64_t unix_ms);

// The rows from the month of query->from to that of query->until; both may be 0: everything that is over at `now`.
// Cells of months that are not over are left out. *row is malloc()ed, the caller frees it. FAIL_NO_MEMORY, FAIL_TOO_LARGE.
enum fail_code period_publish(const struct period_cell *cell, size_t count, const struct query *query, uint64_t now,
                              struct flow_row **row, size_t *row_count) MUST_CHECK;

#endif
