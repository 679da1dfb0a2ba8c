// SPDX-License-Identifier: Apache-2.0
//
// The register: persons whom the own branch's files know, taken over from a table or from another program and sealed in
// the store. Together with the persons of the cases they are what a search is compared with. Nothing of it is ever
// sent by itself.
#ifndef PASSERELLE_LIB_REGISTER_H
#define PASSERELLE_LIB_REGISTER_H

#include "lib/kept.h"
#include "match/match.h"

#include <jansson.h>

enum register_from {
	REGISTER_OWN = 1,        // what was put here
	REGISTER_CASES = 2,      // the persons of the cases that have not ended, as far as they open here
	REGISTER_ALL = REGISTER_OWN | REGISTER_CASES,
};

// One person; all of it is borrowed for the call.
struct register_person {
	struct id id;                      // of the entry; zero for a person of a case
	uint64_t added_at;                 // 0 for a person of a case
	const char *own_reference;         // how the branch calls its file; ""
	const char *reference, *pseudonym; // of a case; ""
	const char *consent;               // "YES", "NO", "" not said: may the person be looked for with others?
	const char *keep_until;            // a day; "" none
	const json_t *json;                // as person_form.h takes it
	const struct match_person *match;  // for match_prepare
};
typedef enum fail_code (*register_call)(void *context, const struct register_person *person);

// Entries past their `keep_until` are left out. What is in a case and cannot be compared is left out as well.
// Not FAIL_NONE from `call` ends the walk. A profile without a branch key has no register.
enum fail_code register_each(struct psr_profile *profile, enum register_from from, register_call call, void *context,
                             struct fail *why) MUST_CHECK;

// `entry`: {"person", "own_reference", "consent", "keep_until"}, checked already. Inside of a transaction.
enum fail_code register_add(struct psr_profile *profile, const struct kept_keys *keys, json_t *entry, struct id *id,
                            struct fail *why) MUST_CHECK;

// FAIL_UNKNOWN_OBJECT. The row that it came from can be taken over again.
enum fail_code register_remove(struct psr_profile *profile, const struct id *id, struct fail *why) MUST_CHECK;

// passerelle.persons/1: `member` (whose register it is) and items of id, added_at, own_reference, consent, keep_until and person, for a person of a case of reference,
// pseudonym and person. With those past their day, which have `past`. Caller owns *result.
enum fail_code register_list(struct psr_profile *profile, enum register_from from, json_t **result,
                             struct fail *why) MUST_CHECK;

#endif
