// SPDX-License-Identifier: Apache-2.0
//
// cmocka wants these includes in this order; every test takes them from here.
#ifndef PASSERELLE_TEST_H
#define PASSERELLE_TEST_H

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#define assert_ok(expression) assert_int_equal((expression), FAIL_NONE)

#endif
