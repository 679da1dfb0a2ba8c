// SPDX-License-Identifier: Apache-2.0
//
// passerelle.paper/1: a document as the sheets take it, worded by whoever made it.
//
//   {"schema": "passerelle.paper/1", "title": "...", "foot": "...", "language": "fr",
//    "blocks": [{"heading": "...", "level": 1}, {"label": "...", "text": "...", "indent": 0}, {"text": "..."}]}
#ifndef PASSERELLE_PAPER_BLOCKS_H
#define PASSERELLE_PAPER_BLOCKS_H

#include <jansson.h>

// NULL, or what is wrong: the document's form, or the file. Static text.
const char *blocks_print(const json_t *document, const char *file);

#endif
