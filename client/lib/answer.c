// SPDX-License-Identifier: Apache-2.0
#include "lib/answer.h"

#include "lib/fault.h"
#include "lib/json.h"

int answer(char **result, json_t *json, enum fail_code code, struct fail *why, struct psr_error *error)
{
	*result = NULL;
	if (code == FAIL_NONE) {
		*result = json_text(json);
		if (*result == NULL)
			code = fail_set(why, FAIL_NO_MEMORY, "out of memory");
	}
	return fault_tell(error, code, why);
}

json_t *faults_json(const struct form_faults *faults)
{
	json_t *json = json_document("passerelle.faults/1");
	json_t *items = json_array();
	for (size_t i = 0; i < faults->count; i++) {
		json_t *item = json_object();
		json_put_text(item, "path", faults->fault[i].path);
		json_put_text(item, "text", faults->fault[i].text);
		json_array_append_new(items, item);
	}
	json_object_set_new(json, "beyond", json_integer((json_int_t)faults->beyond));
	json_object_set_new(json, "items", items);
	return json;
}

int answer_checked(char **result, json_t *json, const struct form_faults *faults, enum fail_code code, struct fail *why,
                   struct psr_error *error)
{
	if (code != FAIL_BAD_FORM)
		return answer(result, json, code, why, error);
	*result = json_text(faults_json(faults));
	return fault_tell(error, code, why);
}

enum fail_code answer_id(struct id *id, const char *text, struct fail *why)
{
	if (text != NULL && id_from_text(id, text) == FAIL_NONE)
		return FAIL_NONE;
	return fail_set(why, FAIL_BAD_USAGE, "an id such as 01234567-89ab-7cde-8f01-23456789abcd is needed");
}
