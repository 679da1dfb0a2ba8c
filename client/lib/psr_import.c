// SPDX-License-Identifier: Apache-2.0
//
// Public functions about tables that come in, and the register of persons.
#include <passerelle/passerelle.h>

#include "lib/answer.h"
#include "lib/fault.h"
#include "lib/import.h"
#include "lib/register.h"
#include "lib/restore.h"

int psr_import(struct psr_profile *profile, const struct psr_table *table, char **result, struct psr_error *error)
{
	struct form_faults faults;
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = import_table(profile, table, &json, &faults, &why);
	if (code == FAIL_BAD_FORM && faults.count == 0) // of the table, not of its columns
		return answer(result, NULL, code, &why, error);
	return answer_checked(result, json, &faults, code, &why, error);
}

int psr_import_columns(const char *what, char **result, struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = import_columns(what, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_import_case(struct psr_profile *profile, const char *folder, char **result, struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = restore_case(profile, folder, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_persons(struct psr_profile *profile, bool cases, char **result, struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = register_list(profile, cases ? REGISTER_ALL : REGISTER_OWN, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_person_remove(struct psr_profile *profile, const char *person, struct psr_error *error)
{
	struct id id;
	struct fail why = {.code = FAIL_NONE};
	enum fail_code code = answer_id(&id, person, &why);
	if (code == FAIL_NONE)
		code = register_remove(profile, &id, &why);
	return fault_tell(error, code, &why);
}
