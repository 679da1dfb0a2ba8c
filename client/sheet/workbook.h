// SPDX-License-Identifier: Apache-2.0
//
// A table (passerelle.sheet/1: title, columns, rows of texts and whole numbers) as an XLSX workbook of one sheet. Every
// text is written as text: nothing in it is ever a formula, a link or a number.
#ifndef PASSERELLE_SHEET_WORKBOOK_H
#define PASSERELLE_SHEET_WORKBOOK_H

#include <jansson.h>

// NULL, or what is wrong. Nothing usable is left behind then.
const char *workbook_write(const json_t *document, const char *file);

#endif
