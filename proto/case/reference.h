// SPDX-License-Identifier: Apache-2.0
//
// What people call a case: CH-SN-7QK2-M9FD. The two member codes, the first 35
// bits of the case id in Crockford base32 (seven characters) and one check
// character: the Reed-Solomon symbol sum of digit[i] * 2^(7-i) over GF(32), modulus
// x^5 + x^2 + 1, which finds every single wrong character and every swap of two.
// Two cases of one pair may share a reference; then the whole id decides.
#ifndef PASSERELLE_CASE_REFERENCE_H
#define PASSERELLE_CASE_REFERENCE_H

#include "base/id.h"
#include "wire/identity.h"

enum { REFERENCE_SIZE = 2 * MEMBER_CODE_SIZE + 11 };

void reference_make(char text[REFERENCE_SIZE], const char *requesting, const char *responding,
                    const struct id *case_id);

// Reads what a person typed: lower case, O for 0, I and L for 1, missing hyphens are fine.
// Writes the normal form. FAIL_BAD_USAGE with what is wrong ("one character is mistyped").
enum fail_code reference_read(char text[REFERENCE_SIZE], const char *typed, struct fail *why) MUST_CHECK;

#endif
