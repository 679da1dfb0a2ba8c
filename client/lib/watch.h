// SPDX-License-Identifier: Apache-2.0
//
// A conversation that stays, behind one descriptor: an epoll set of the line and of
// a timer (heartbeat, new messages of other programs, reconnecting).
#ifndef PASSERELLE_LIB_WATCH_H
#define PASSERELLE_LIB_WATCH_H

#include "lib/exchange.h"

#include <jansson.h>

// Locks PROFILE_SYNC. A line that is not there now is no fault: it is tried again.
enum fail_code watch_start(struct psr_profile *profile, struct fail *why) MUST_CHECK;
void watch_stop(struct psr_profile *profile); // also where nobody watches
int watch_fd(const struct psr_profile *profile); // -1 where nobody watches

// *event NULL: none yet. JSON passerelle.event/1, owned by the caller.
enum fail_code watch_next(struct psr_profile *profile, json_t **event, struct fail *why) MUST_CHECK;

#endif
