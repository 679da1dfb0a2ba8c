// SPDX-License-Identifier: Apache-2.0
//
// Questions to the hub that need a line and leave nothing behind.
#ifndef PASSERELLE_LIB_ASK_H
#define PASSERELLE_LIB_ASK_H

#include "lib/exchange.h"

#include <jansson.h>

// JSON passerelle.status/1. `reference` as typed; the case need not be known here.
enum fail_code ask_status(struct psr_profile *profile, const char *reference, json_t **result,
                          struct fail *why) MUST_CHECK;

// JSON passerelle.flow/1.
enum fail_code ask_flow(struct psr_profile *profile, json_t **result, struct fail *why) MUST_CHECK;

// JSON passerelle.flow_period/1; months "2026-01", NULL: without a bound. FAIL_BAD_USAGE.
enum fail_code ask_period(struct psr_profile *profile, const struct psr_flow_wanted *wanted, json_t **result,
                          struct fail *why) MUST_CHECK;

// Gets the directory into the store and nothing else: for a first time, or where a signer is unknown
// and the line too bad for the answer to come behind what else is delivered.
enum fail_code ask_directory(struct psr_profile *profile, struct fail *why) MUST_CHECK;

// Opens a conversation that only asks, and waits for the Welcome.
enum fail_code ask_open(struct exchange *exchange, struct psr_profile *profile, struct fail *why) MUST_CHECK;

// The same, and `happened` hears of warnings.
enum fail_code ask_open_watched(struct exchange *exchange, struct psr_profile *profile,
                                void (*happened)(void *, const struct happening *), void *context,
                                struct fail *why) MUST_CHECK;

#endif
