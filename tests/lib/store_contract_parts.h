// SPDX-License-Identifier: Apache-2.0
//
// Tests of the contract that stand in files of their own; store_contract.c lists them.
#ifndef PASSERELLE_TESTS_STORE_CONTRACT_PARTS_H
#define PASSERELLE_TESTS_STORE_CONTRACT_PARTS_H

#include "lib/store_contract.h"

void test_what_is_passed_on_changes_its_readers(struct contract *contract);
void test_what_is_due_comes_in_order_and_leaves_when_it_is_done(struct contract *contract);

#endif
