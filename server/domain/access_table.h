// SPDX-License-Identifier: Apache-2.0
//
// What access_generate.py writes from access.csv; for access.c and its test.
#ifndef PASSERELLE_DOMAIN_ACCESS_TABLE_H
#define PASSERELLE_DOMAIN_ACCESS_TABLE_H

#include "domain/access.h"

_Static_assert(RELATION_COUNT <= 8, "relations are bits of a byte");

extern const uint8_t access_table[ROLE_COUNT][OPERATION_COUNT]; // bits 1 << enum access_relation

#endif
