// SPDX-License-Identifier: Apache-2.0
//
// Conversations until all is exchanged: reconnects after a cut, goes back to the
// lowest mailbox number where the cursor is stale, counts what happened.
#ifndef PASSERELLE_LIB_SYNC_H
#define PASSERELLE_LIB_SYNC_H

#include "lib/exchange.h"

#include <jansson.h>

// Waiting times of reconnects: 0.5 to 60 s, doubling, with full random spread.
struct patience {
	unsigned failures;
};
uint32_t patience_next_ms(struct patience *patience, uint32_t least_ms);

// JSON passerelle.synced/1; the caller owns it.
enum fail_code sync_run(struct psr_profile *profile, uint32_t wait_ms, psr_progress_call progress, void *context,
                        json_t **result, struct fail *why) MUST_CHECK;

// What happened, as an entry of a result or an event: message, case, reference, kind, member, error, text.
json_t *happening_json(const struct happening *what);

#endif
