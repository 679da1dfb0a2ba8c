// SPDX-License-Identifier: Apache-2.0
//
// Public functions about the search for persons.
#include <passerelle/passerelle.h>

#include "lib/answer.h"
#include "lib/candidates.h"
#include "lib/fault.h"
#include "lib/search.h"

int psr_trace(struct psr_profile *profile, const struct psr_message *message, const char *const *to, size_t count,
              char **result, struct psr_error *error)
{
	struct form_faults faults = {.count = 0};
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = search_write(profile, message, to, count, &json, &faults, &why);
	return answer_checked(result, json, &faults, code, &why, error);
}

int psr_candidates(struct psr_profile *profile, const char *reference, char **result, struct psr_error *error)
{
	struct case_row row;
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = cases_find(profile, reference, &row, &why);
	if (code == FAIL_NONE)
		code = candidates_list(profile, &row, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_decide(struct psr_profile *profile, const char *reference, const char *candidate, const char *decision,
               const char *note, struct psr_error *error)
{
	struct case_row row;
	struct fail why = {.code = FAIL_NONE};
	enum fail_code code = cases_find(profile, reference, &row, &why);
	if (code == FAIL_NONE)
		code = candidates_decide(profile, &row, candidate, decision, note, &why);
	return fault_tell(error, code, &why);
}
