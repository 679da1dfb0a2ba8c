// SPDX-License-Identifier: Apache-2.0
//
// What every store must do (server/store/store.h), as tests that run against any of
// them. Each test uses new ids, so that they may share one database.
#ifndef PASSERELLE_TESTS_STORE_CONTRACT_H
#define PASSERELLE_TESTS_STORE_CONTRACT_H

#include "store/store.h"

struct contract {
	struct store *store;
	void (*wait)(void *context, const bool *done); // until *done
	void *context;
	member_no ch, sn, nz, gs, agency, other_agency; // members with empty or filled mailboxes, two active agencies
	uint64_t now;                                 // Unix milliseconds
	void (*set_availability)(struct contract *contract, const char *code, const char *status); // as the operator does
	bool keeps_months;                            // message ids of 2001 are STORE_TOO_OLD
};

struct contract_test {
	const char *name;
	void (*run)(struct contract *contract);
};

// Up to a row without name.
extern const struct contract_test contract_tests[];

#endif
