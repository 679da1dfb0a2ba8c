// SPDX-License-Identifier: Apache-2.0
//
// Text on pages: A4, PDF, every script that a font of the machine has (Arabic and Hebrew
// from the right, Khmer and Vietnamese with their marks in place). What does not fit goes to
// the next page; each page says at its foot what it is of, and "2 / 5".
#ifndef PASSERELLE_PAPER_SHEET_H
#define PASSERELLE_PAPER_SHEET_H

#include <stdbool.h>
#include <stddef.h>

struct sheet; // a document while it is drawn

enum { SHEET_LEVELS = 3, SHEET_INDENTS = 6 };

// `level` 1 to SHEET_LEVELS; 1 and 2 also stand in the outline. A heading never ends a page.
void sheet_heading(struct sheet *sheet, unsigned level, const char *text);

// A paragraph, `indent` 0 to SHEET_INDENTS steps (more are drawn as SHEET_INDENTS).
void sheet_text(struct sheet *sheet, unsigned indent, const char *text);

// A name and what it says, side by side.
void sheet_fact(struct sheet *sheet, unsigned indent, const char *label, const char *text);

// A row of a table, `columns` cells side by side: the first one is wide and names the row, the others stand at their right edge.
void sheet_row(struct sheet *sheet, const char *const *cell, size_t columns, bool head);

// False: the next row would begin a page.
bool sheet_has_room(const struct sheet *sheet);

// A bar of a chart, its name to the left and its number at its end.
void sheet_bar(struct sheet *sheet, const char *label, double value, double most);

// A picture as wide as the text at most, and a third of the page high; below it what it shows. Both stay together.
struct picture;
void sheet_picture(struct sheet *sheet, const struct picture *picture, const char *alt);

void sheet_gap(struct sheet *sheet); // below a table, a chart

struct sheet_paper {
	const char *file;     // is written over
	const char *title;    // in the document's properties: no names of persons
	const char *foot;     // at the foot of every page
	const char *language; // BCP 47, "" if unknown
};

// Calls `compose` twice with the same content: once to count the pages, once to draw them. NULL, or what went
// wrong, as a static text. Texts are UTF-8; what is none is drawn as U+FFFD.
typedef void sheet_composer(struct sheet *sheet, const void *content);
const char *sheet_print(const struct sheet_paper *paper, sheet_composer *compose, const void *content);

#endif
