// SPDX-License-Identifier: Apache-2.0
//
// passerelle.paper/1: a document as sheets (PDF) and pages (HTML) take it, worded by whoever made it.
//
//   {"schema": "passerelle.paper/1", "title": "...", "foot": "...", "language": "fr",
//    "blocks": [{"heading": "...", "level": 1}, {"label": "...", "text": "...", "indent": 0}, {"text": "..."},
//               {"table": "title", "head": ["...", ...], "rows": [["...", ...], ...]},
//               {"chart": "title", "bars": [{"label": "...", "value": 120}, ...]},
//               {"picture": "FILE", "alt": "...", "otherwise": "shown where FILE is no picture"}]}
//
// A heading or a text may have a "language" of its own. A table has at most TABLE_COLUMNS columns, the first one names the row; a chart at most CHART_BARS bars. FILE is a path of the
// caller's own: what it holds is not trusted (picture.h), its name is.
#ifndef PASSERELLE_PAPER_BLOCKS_H
#define PASSERELLE_PAPER_BLOCKS_H

#include <jansson.h>

enum { TABLE_COLUMNS = 10, CHART_BARS = 60 };

// NULL, or what is wrong: the document's form, or the file. Static text. A file whose name ends in .html becomes a page.
const char *blocks_print(const json_t *document, const char *file);

const char *block_text(const json_t *block, const char *key); // "" if there is none
unsigned block_number(const json_t *block, const char *key, unsigned most);
double block_value(const json_t *bar);                        // never below 0
double block_greatest(const json_t *bars);                    // never below 1

#endif
