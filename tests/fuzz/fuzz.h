// SPDX-License-Identifier: Apache-2.0
//
// What every fuzz target defines. A target ends the process (must) when something
// does not hold; its result is always 0.
#ifndef PASSERELLE_FUZZ_H
#define PASSERELLE_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
