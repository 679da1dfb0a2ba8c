// SPDX-License-Identifier: Apache-2.0
//
// Tables for spreadsheets (RFC 4180), the one writer of them. A cell that a spreadsheet would take for a formula (= + - @, a
// tab or a return in front, also behind blanks) gets a ' before it; a number is left as it is. Control characters become blanks.
#ifndef PASSERELLE_CLI_CSV_H
#define PASSERELLE_CLI_CSV_H

#include <stddef.h>
#include <stdio.h>

void csv_write_row(FILE *file, const char *const *cell, size_t count);

// Says to spreadsheets that what follows is UTF-8: first of a file, not of what a program reads from a pipe.
void csv_write_mark(FILE *file);

#endif
