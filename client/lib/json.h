// SPDX-License-Identifier: Apache-2.0
//
// The house rules of our JSON: a named schema in every document, ids and 64-bit
// numbers as strings, times as RFC 3339 in UTC, members left out rather than empty.
#ifndef PASSERELLE_LIB_JSON_H
#define PASSERELLE_LIB_JSON_H

#include "base/id.h"

#include <jansson.h>

json_t *json_document(const char *schema);

// The entries of a list in the order of `compare` (as qsort: of two json_t *const *). Takes the list over.
json_t *json_sorted(json_t *list, int (*compare)(const void *, const void *));

void json_put_text(json_t *object, const char *name, const char *text);   // bytes that are no UTF-8 become '?'
void json_put_filled(json_t *object, const char *name, const char *text); // nothing for NULL or ""
void json_put_id(json_t *object, const char *name, const struct id *id);
void json_put_hash(json_t *object, const char *name, const struct hash *hash);
void json_put_u64(json_t *object, const char *name, uint64_t value);
void json_put_time(json_t *object, const char *name, uint64_t unix_ms);   // nothing for 0

// The text of a document, to be freed with free(); the document is given up. NULL without memory.
char *json_text(json_t *document);

#endif
