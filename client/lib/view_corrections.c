// SPDX-License-Identifier: Apache-2.0
//
// Marks in the timeline of a case: what was replaced by a newer version, what was declared void and why. The items
// themselves stay as they came.
#include "lib/json.h"
#include "lib/view.h"

#include <stdlib.h>
#include <string.h>

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

static bool is_kind(const json_t *item, const char *kind)
{
	return strcmp(text_at(item, "kind"), kind) == 0;
}

// Genuine, and on its way or there.
static bool holds(const json_t *item)
{
	const char *state = text_at(item, "state");
	return json_object_get(item, "fault") == NULL && strcmp(state, "returned") != 0 && strcmp(state, "taken_back") != 0;
}

// The message of the same member that an item speaks of; NULL: it is not here.
static json_t *spoken_of(json_t *items, const json_t *item)
{
	size_t i;
	json_t *one;
	json_array_foreach(items, i, one) {
		if (strcmp(text_at(one, "message"), text_at(item, "refers_to")) == 0 &&
		    strcmp(text_at(one, "from"), text_at(item, "from")) == 0)
			return one;
	}
	return NULL;
}

static json_t *mark_of(const json_t *item)
{
	const char *at = text_at(item, "accepted_at");
	json_t *mark = json_object();
	json_put_text(mark, "message", text_at(item, "message"));
	json_put_filled(mark, "at", at[0] != '\0' ? at : text_at(item, "queued_at"));
	return mark;
}

// What it speaks of, for whoever reads this item alone.
static void put_spoken_of(json_t *item, const json_t *target)
{
	json_object_set(item, "of_kind", json_object_get(target, "kind"));
	json_object_set(item, "of_case_seq", json_object_get(target, "case_seq"));
}

static void declare_void(json_t *items, json_t *item)
{
	json_t *target = spoken_of(items, item);
	if (target == NULL)
		return;
	put_spoken_of(item, target);
	if (json_object_get(target, "void") != NULL)
		return;
	json_t *mark = mark_of(item);
	json_put_filled(mark, "text", text_at(json_object_get(item, "content"), "text"));
	json_object_set_new(target, "void", mark);
}

// Accepted by the hub: one that waits recalls nothing yet.
static bool accepted(const json_t *item)
{
	return strcmp(text_at(item, "state"), "queued") != 0;
}

static void recall(json_t *items, json_t *item)
{
	json_t *target = spoken_of(items, item), *other;
	size_t i;
	if (target == NULL)
		return;
	put_spoken_of(item, target);
	if (!accepted(item))
		return;
	json_object_set_new(target, "recalled", mark_of(item));
	json_array_foreach(items, i, other) { // with all its versions
		if (is_kind(other, "UPDATE") && spoken_of(items, other) == target)
			json_object_set(other, "recalled", json_object_get(target, "recalled"));
	}
}

static bool is_gone(const json_t *item)
{
	return json_object_get(item, "void") != NULL || json_object_get(item, "recalled") != NULL ||
	       json_object_get(item, "empty") != NULL;
}

static void replace(json_t *items, json_t *item)
{
	json_t *first = spoken_of(items, item);
	if (first == NULL)
		return;
	const char *kind = text_at(item, "content_kind");
	if (kind[0] != '\0' && strcmp(kind, text_at(first, "kind")) != 0) {
		json_put_text(item, "fault", "its content is of another kind than that of the message that it replaces");
		json_object_del(item, "content");
		return;
	}
	put_spoken_of(item, first);
	if (json_object_get(first, "void") != NULL)
		json_object_set(item, "void", json_object_get(first, "void"));
	json_int_t version = json_integer_value(json_object_get(item, "version"));
	const json_t *newest = json_object_get(first, "replaced_by");
	if (is_gone(item) || version <= json_integer_value(json_object_get(newest, "version")))
		return;
	json_t *mark = mark_of(item);
	json_object_set_new(mark, "version", json_integer(version));
	json_object_set_new(first, "replaced_by", mark);
}

void view_mark_corrections(json_t *items)
{
	size_t i;
	json_t *item;
	json_array_foreach(items, i, item) {
		if (is_kind(item, "INVALIDATE") && holds(item))
			declare_void(items, item);
		if (is_kind(item, "RECALL") && holds(item))
			recall(items, item);
	}
	json_array_foreach(items, i, item) {
		if (is_kind(item, "UPDATE") && holds(item))
			replace(items, item);
	}
}
