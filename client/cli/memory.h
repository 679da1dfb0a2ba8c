// SPDX-License-Identifier: Apache-2.0
//
// A command that has no memory left says so and ends (71): nothing was lost, the
// library has committed what it said it has.
#ifndef PASSERELLE_CLI_MEMORY_H
#define PASSERELLE_CLI_MEMORY_H

#include <stddef.h>

void *memory_take(size_t size); // zeroed; freed with free()
char *memory_copy(const char *text);
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
