// SPDX-License-Identifier: Apache-2.0
//
// What the program writes by itself before it talks with the hub: the answers of the review days of searches
// (trace.h) and the statistics of the months that are over (statistics.h).
#ifndef PASSERELLE_LIB_DUTIES_H
#define PASSERELLE_LIB_DUTIES_H

#include "lib/exchange.h"

// What cannot be written now is told as a warning and tried again before the next conversation: the mail of all other
// cases must not wait for it.
void duties_write(struct psr_profile *profile, const struct exchange_port *port);

#endif
