// SPDX-License-Identifier: Apache-2.0
//
// Who may do what: one table, access.csv (role x operation x relation to the
// case), from which the C table and the exhaustive test are generated. Pure.
// Whatever is not in the table is denied; unknown roles and operations too.
#ifndef PASSERELLE_DOMAIN_ACCESS_H
#define PASSERELLE_DOMAIN_ACCESS_H

#include "wire/identity.h"
#include "wire/message.h"

#define ACCESS_ROLE_MAP(X) X(CASEWORKER) X(COORDINATOR) X(SUPERVISOR) X(GATEWAY) X(MONITOR) X(DESK) X(HUB)
enum access_role {
#define X(name) ROLE_##name,
	ACCESS_ROLE_MAP(X)
#undef X
	ROLE_COUNT // unknown
};

// Relation of the actor's member or agency to the case (or message, or object) at hand.
#define ACCESS_RELATION_MAP(X) X(NONE) X(REQUESTING) X(RESPONDING) X(FORMER) X(PARTNER)
enum access_relation {
#define X(name) RELATION_##name,
	ACCESS_RELATION_MAP(X)
#undef X
	RELATION_COUNT
};

#define ACCESS_OPERATION_MAP(X) \
	X(OPEN_CASE) X(WRITE_CASE) X(SEND_RECEIPT) X(READ_MAILBOX) X(UPLOAD) X(FETCH) \
	X(ASK_STATUS) X(ASK_FLOW) X(ASK_DIRECTORY) X(KEEP_CLOCK) X(TELL_AVAILABILITY) X(BROADCAST) X(SEND_STATISTICS)
enum access_operation {
#define X(name) OPERATION_##name,
	ACCESS_OPERATION_MAP(X)
#undef X
	OPERATION_COUNT
};

// From the role part of the certificate's URI and its class; ROLE_COUNT if unknown.
enum access_role access_role_of(const struct identity *identity);

bool access_allowed(enum access_role role, enum access_operation operation, enum access_relation relation);

#endif
