// SPDX-License-Identifier: Apache-2.0
//
// What is wrong here, and what to do about it: a list of checks, each by itself,
// so that one fault does not hide another.
#ifndef PASSERELLE_LIB_DOCTOR_H
#define PASSERELLE_LIB_DOCTOR_H

#include "lib/profile.h"

#include <jansson.h>

// JSON passerelle.doctor/1. Only a lack of memory is a fault of the call itself.
enum fail_code doctor_run(const char *folder, const char *passphrase, json_t **result, struct fail *why) MUST_CHECK;

#endif
