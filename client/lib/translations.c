// SPDX-License-Identifier: Apache-2.0
#include "lib/translations.h"

#include "lib/contents.h"
#include "lib/json.h"

#include <stdlib.h>
#include <string.h>

struct original {
	uint64_t number;
	const char *file; // "": what is written in the message
	bool found, has_file;
};

static enum fail_code look(void *context, const struct content *content)
{
	struct original *original = context;
	size_t i;
	json_t *name;
	if (content->case_seq == 0 || content->case_seq != original->number)
		return FAIL_NONE;
	original->found = true;
	json_array_foreach(content->attachments, i, name)
		original->has_file |= strcmp(json_string_value(name), original->file) == 0;
	return FAIL_NONE;
}

static void name_fault(const struct original *original, struct form_faults *faults)
{
	struct form_path path = {.length = 0};
	if (!original->found) {
		size_t before = path_field(&path, "message");
		fault_add(faults, &path, "there is no message %llu in this case: passerelle show prints the numbers after #",
		          (unsigned long long)original->number);
		path_back(&path, before);
	} else if (original->file[0] != '\0' && !original->has_file) {
		size_t before = path_field(&path, "file");
		fault_add(faults, &path, "message %llu has no attachment '%s': passerelle show lists them",
		          (unsigned long long)original->number, excerpt_of(original->file).text);
		path_back(&path, before);
	}
}

enum fail_code translations_check(struct psr_profile *profile, const struct id *case_id, const char *form,
                                  struct form_faults *faults, struct fail *why)
{
	json_t *said = json_loads(form, 0, NULL);
	bool whole = false;
	json_int_t number = json_integer_value(json_object_get(said, "message"));
	struct original original = {.number = number > 0 ? (uint64_t)number : 0, .file = content_text(said, "file")};
	enum fail_code code = contents_each(profile, case_id, ~UINT64_C(0), look, &original, &whole, why);
	if (code == FAIL_NONE && whole)
		name_fault(&original, faults);
	json_decref(said);
	if (code != FAIL_NONE || faults->count == 0)
		return code;
	return fail_set(why, FAIL_BAD_FORM, "the form does not fit what is in this case");
}

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

static bool counts(const json_t *item)
{
	const char *state = text_at(item, "state");
	return strcmp(text_at(item, "kind"), "TRANSLATION") == 0 && json_object_get(item, "fault") == NULL &&
	       json_object_get(item, "void") == NULL && json_object_get(item, "recalled") == NULL &&
	       strcmp(state, "returned") != 0 && strcmp(state, "taken_back") != 0;
}

static json_t *item_numbered(json_t *items, json_int_t number)
{
	size_t i;
	json_t *item;
	json_array_foreach(items, i, item) {
		if (number > 0 && strtoll(text_at(item, "case_seq"), NULL, 10) == number)
			return item;
	}
	return NULL;
}

static json_t *described(const json_t *item, const json_t *content)
{
	static const char *const keys[] = {"file", "from", "into", "status", "how", "by", "expected"};
	json_t *one = json_object();
	json_put_text(one, "message", text_at(item, "message"));
	json_put_filled(one, "case_seq", text_at(item, "case_seq"));
	json_put_text(one, "written_by", text_at(item, "from"));
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		json_put_filled(one, keys[i], content_text(content, keys[i]));
	return one;
}

static bool same_work(const json_t *a, const json_t *b)
{
	return strcmp(text_at(a, "file"), text_at(b, "file")) == 0 && strcmp(text_at(a, "into"), text_at(b, "into")) == 0;
}

// In the place of what was said of the same work before.
static void put_word(json_t *original, json_t *word)
{
	json_t *list = json_object_get(original, "translations"), *one;
	size_t i;
	if (list == NULL) {
		list = json_array();
		json_object_set_new(original, "translations", list);
	}
	json_array_foreach(list, i, one) {
		if (same_work(one, word)) {
			json_array_set_new(list, i, word);
			return;
		}
	}
	json_array_append_new(list, word);
}

// Of a word that was told anew its newest version.
static const json_t *content_of(json_t *items, const json_t *item)
{
	const char *newest = text_at(json_object_get(item, "replaced_by"), "message");
	size_t i;
	json_t *one;
	json_array_foreach(items, i, one) {
		if (newest[0] != '\0' && strcmp(text_at(one, "message"), newest) == 0)
			return json_object_get(one, "content");
	}
	return json_object_get(item, "content");
}

void translations_mark(json_t *items)
{
	size_t i;
	json_t *item;
	json_array_foreach(items, i, item) {
		if (!counts(item))
			continue;
		const json_t *content = content_of(items, item);
		json_t *original = item_numbered(items, json_integer_value(json_object_get(content, "message")));
		if (original != NULL)
			put_word(original, described(item, content));
	}
}
