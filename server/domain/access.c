// SPDX-License-Identifier: Apache-2.0
#include "domain/access.h"

#include "domain/access_table.h"

#include <string.h>

struct role_row {
	enum identity_class class;
	const char *role;
	bool secretariat; // the General Secretariat's alone; all other member roles are never its
	enum access_role is;
};

static const struct role_row roles[] = {
	{IDENTITY_MEMBER, "caseworker", false, ROLE_CASEWORKER},
	{IDENTITY_MEMBER, "coordinator", false, ROLE_COORDINATOR},
	{IDENTITY_MEMBER, "supervisor", false, ROLE_SUPERVISOR},
	{IDENTITY_MEMBER, "gateway", false, ROLE_GATEWAY},
	{IDENTITY_MEMBER, "monitor", true, ROLE_MONITOR},
	{IDENTITY_AGENCY, "desk", false, ROLE_DESK},
	{IDENTITY_HUB, "receipt", false, ROLE_HUB}, // no session: TLS takes no such certificate from a client
};

enum access_role access_role_of(const struct identity *identity)
{
	bool secretariat = identity->class == IDENTITY_MEMBER && strcmp(identity->code, SECRETARIAT_CODE) == 0;
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
		const struct role_row *row = &roles[i];
		bool fits = row->class == identity->class && row->secretariat == secretariat;
		if (fits && strcmp(row->role, identity->role) == 0)
			return row->is;
	}
	return ROLE_COUNT;
}

bool access_allowed(enum access_role role, enum access_operation operation, enum access_relation relation)
{
	if (role >= ROLE_COUNT || operation >= OPERATION_COUNT || relation >= RELATION_COUNT)
		return false;
	return access_table[role][operation] >> relation & 1;
}
