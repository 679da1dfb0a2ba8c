// SPDX-License-Identifier: Apache-2.0
#include "lib/persons.h"

#include "lib/contents.h"

static const uint64_t naming =
	UINT64_C(1) << KIND_REFERRAL | UINT64_C(1) << KIND_INFO_REPLY | UINT64_C(1) << KIND_REPORT |
	UINT64_C(1) << KIND_TRACE_REQUEST | UINT64_C(1) << KIND_MATCH_DISCLOSE | UINT64_C(1) << KIND_ALERT;

static enum fail_code add_persons(void *context, const struct content *content)
{
	json_t *persons = context, *person;
	size_t i;
	json_array_foreach(json_object_get(content->json, "persons"), i, person) {
		const char *pseudonym = content_text(person, "pseudonym");
		if (pseudonym[0] != '\0')
			json_object_set(persons, pseudonym, person);
	}
	return FAIL_NONE;
}

enum fail_code persons_of_case(struct psr_profile *profile, const struct id *case_id, json_t **persons,
                               struct fail *why)
{
	bool whole;
	json_t *found = json_object();
	enum fail_code code = contents_each(profile, case_id, naming, add_persons, found, &whole, why);
	bool known = code == FAIL_NONE && whole && json_object_size(found) > 0;
	*persons = known ? found : NULL;
	if (!known)
		json_decref(found);
	return code;
}
