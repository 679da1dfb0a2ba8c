// SPDX-License-Identifier: Apache-2.0
//
// One form tried, for the tests of client/form.
#ifndef PASSERELLE_TEST_FORM_TRY_H
#define PASSERELLE_TEST_FORM_TRY_H

#include "form/form.h"

#include "test.h"

#include <stdio.h>

struct outcome {
	struct arena arena;
	struct header header;
	struct bytes body;
	struct form_faults faults;
	struct fail why;
	enum fail_code code;
};

static const struct form_attachment order = {"court-order.pdf", "application/pdf", 8961};
static const struct form_attachment house = {"house.jpg", "image/jpeg", 22702};

static inline void try_bytes(struct outcome *out, const char *verb, const char *json, size_t length,
                      const struct form_attachment *file)
{
	*out = (struct outcome){.code = FAIL_NONE};
	arena_init(&out->arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&out->body, 4 * 1024 * 1024);
	out->code = form_read(verb, json, length, file, file != NULL, NULL, &out->arena, &out->header, &out->body,
	                      &out->faults, &out->why);
}

static inline void try_json(struct outcome *out, const char *verb, json_t *form, const struct form_attachment *file)
{
	char *text = json_dumps(form, 0);
	assert_non_null(text);
	try_bytes(out, verb, text, strlen(text), file);
	free(text);
}

static inline void done(struct outcome *out)
{
	arena_release(&out->arena);
	bytes_release(&out->body);
}

static inline json_t *sample(const char *name)
{
	char path[512];
	json_error_t error;
	snprintf(path, sizeof(path), "%s/story/%s", TEST_DATA, name);
	json_t *form = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (form == NULL)
		fail_msg("%s:%d: %s", name, error.line, error.text);
	return form;
}

static inline void assert_no_fault(const struct outcome *out)
{
	for (size_t i = 0; i < out->faults.count; i++)
		print_error("  %s: %s\n", out->faults.fault[i].path, out->faults.fault[i].text);
	assert_ok(out->code);
	assert_int_equal(out->faults.count, 0);
}

static inline void put(json_t *form, const char *pointer, const char *value)
{
	char steps[200], *rest = steps, *step;
	json_t *at = form, *parent = NULL;
	const char *last = NULL;
	snprintf(steps, sizeof(steps), "%s", pointer);
	while ((step = strsep(&rest, "/")) != NULL) {
		parent = at;
		last = step;
		at = json_is_array(parent) ? json_array_get(parent, strtoul(step, NULL, 10)) : json_object_get(parent, step);
	}
	json_t *fresh = value != NULL ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
	assert_true(value == NULL || fresh != NULL);
	if (json_is_array(parent))
		assert_int_equal(json_array_set_new(parent, strtoul(last, NULL, 10), fresh), 0);
	else if (fresh == NULL)
		assert_int_equal(json_object_del(parent, last), 0);
	else
		assert_int_equal(json_object_set_new(parent, last, fresh), 0);
}

#endif
