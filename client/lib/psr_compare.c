// SPDX-License-Identifier: Apache-2.0
//
// Two persons, compared on this computer alone.
#include <passerelle/passerelle.h>

#include "base/words.h"
#include "lib/fault.h"
#include "lib/json.h"
#include "lib/person_form.h"

#include <string.h>

// What is prepared has copies of its own: the document goes.
static enum fail_code prepare(const char *text, const char *which, struct match_prepared **prepared, struct fail *why)
{
	json_error_t where;
	struct person_form form;
	json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, &where);
	if (document == NULL)
		return fail_set(why, FAIL_BAD_FORM, "%s: line %d, column %d: this is no JSON", words_of(which),
		                where.line, where.column);
	enum fail_code failed = person_form_read(&form, document, why);
	if (failed != FAIL_NONE)
		(void)fail_wrap(why, "%s", words_of(which));
	else if (match_prepare(prepared, &form.person) != FAIL_NONE)
		failed = fail_set(why, FAIL_NO_MEMORY, "out of memory");
	json_decref(document);
	return failed;
}

int psr_compare(const char *first, const char *second, char **result, struct psr_error *error)
{
	struct match_prepared *here = NULL, *there = NULL;
	struct fail why = {.code = FAIL_NONE};
	*result = NULL;
	enum fail_code failed = prepare(first, "the first person", &here, &why);
	if (failed == FAIL_NONE)
		failed = prepare(second, "the second person", &there, &why);
	if (failed == FAIL_NONE) {
		struct match_evidence evidence;
		match_compare(here, there, &evidence);
		*result = json_text(compared_json(&evidence));
		if (*result == NULL)
			failed = fail_set(&why, FAIL_NO_MEMORY, "out of memory");
	}
	match_free(here);
	match_free(there);
	return fault_tell(error, failed, &why);
}
