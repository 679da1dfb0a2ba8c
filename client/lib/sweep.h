// SPDX-License-Identifier: Apache-2.0
//
// Spools that nothing needs any more: of a writing that was cut, of a message that
// was delivered, or left from fetching for more than 30 days.
#ifndef PASSERELLE_LIB_SWEEP_H
#define PASSERELLE_LIB_SWEEP_H

#include "lib/profile.h"

// With PROFILE_WRITE locked. Faults are left for the next time: nothing depends on it.
void spool_sweep(struct psr_profile *profile);

#endif
