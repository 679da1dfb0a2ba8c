// SPDX-License-Identifier: Apache-2.0
//
// From a fail code to what a program that uses the library gets.
#ifndef PASSERELLE_LIB_FAULT_H
#define PASSERELLE_LIB_FAULT_H

#include "base/fail.h"

#include <passerelle/passerelle.h>

// 0 for FAIL_NONE, else -1 with *error filled (may be NULL). Control characters that others
// may have put into a text become '?'.
int fault_tell(struct psr_error *error, enum fail_code code, const struct fail *why);

#endif
