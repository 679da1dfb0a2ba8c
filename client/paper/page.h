// SPDX-License-Identifier: Apache-2.0
//
// passerelle.paper/1 as one HTML file that stands on its own: no script, nothing from elsewhere (its own policy forbids
// both), headings in order, tables with titles and headers of rows and columns, charts with their numbers as text.
#ifndef PASSERELLE_PAPER_PAGE_H
#define PASSERELLE_PAPER_PAGE_H

#include <jansson.h>

// NULL, or what went wrong: a static text. `document` was found to be passerelle.paper/1.
const char *page_print(const json_t *document, const char *file);

#endif
