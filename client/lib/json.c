// SPDX-License-Identifier: Apache-2.0
#include "lib/json.h"

#include "case/partial_date.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *json_document(const char *schema)
{
	json_t *document = json_object();
	json_put_text(document, "schema", schema);
	return document;
}

void json_put_text(json_t *object, const char *name, const char *text)
{
	json_t *value = json_string(text);
	if (value == NULL) {
		char safe[400];
		size_t length = 0;
		for (; text[length] != '\0' && length + 1 < sizeof safe; length++)
			safe[length] = (text[length] & 0x80) != 0 ? '?' : text[length];
		safe[length] = '\0';
		value = json_string(safe);
	}
	json_object_set_new(object, name, value);
}

void json_put_filled(json_t *object, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		json_put_text(object, name, text);
}

void json_put_id(json_t *object, const char *name, const struct id *id)
{
	char text[ID_TEXT_SIZE];
	id_to_text(id, text);
	json_object_set_new(object, name, json_string(text));
}

void json_put_hash(json_t *object, const char *name, const struct hash *hash)
{
	char text[HASH_HEX_SIZE];
	hash_to_hex(hash, text);
	json_object_set_new(object, name, json_string(text));
}

void json_put_u64(json_t *object, const char *name, uint64_t value)
{
	char text[24];
	snprintf(text, sizeof text, "%" PRIu64, value);
	json_object_set_new(object, name, json_string(text));
}

void json_put_time(json_t *object, const char *name, uint64_t unix_ms)
{
	if (unix_ms == 0)
		return;
	char text[21];
	time_to_text(unix_ms, text);
	json_object_set_new(object, name, json_string(text));
}

char *json_text(json_t *document)
{
	char *text = json_dumps(document, JSON_INDENT(2));
	json_decref(document);
	return text;
}

json_t *json_sorted(json_t *list, int (*compare)(const void *, const void *))
{
	size_t count = json_array_size(list);
	json_t **entry = calloc(count + 1, sizeof(*entry)), *ordered = json_array();
	must(entry != NULL);
	for (size_t i = 0; i < count; i++)
		entry[i] = json_array_get(list, i);
	qsort(entry, count, sizeof(*entry), compare);
	for (size_t i = 0; i < count; i++)
		json_array_append(ordered, entry[i]);
	free(entry);
	json_decref(list);
	return ordered;
}
