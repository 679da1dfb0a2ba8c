// SPDX-License-Identifier: Apache-2.0
//
// What proto/codes/generate.py writes and codes.c reads; for nobody else.
#ifndef PASSERELLE_CASE_CODE_TABLE_H
#define PASSERELLE_CASE_CODE_TABLE_H

enum { CODE_LANGUAGES = 4 }; // en, fr, es, de: the order of the columns

struct code_row {
	const char *code;
	const char *label[CODE_LANGUAGES];
};

struct code_list {
	const char *name; // file name without .csv
	const struct code_row *rows;
	unsigned count;
};

extern const struct code_list code_lists[];
extern const unsigned code_list_count;

#endif
