// SPDX-License-Identifier: Apache-2.0
//
// Messages of no case that go to all members: how far our own member can work, and what the
// General Secretariat tells everybody. Everyone on the way can read them.
#ifndef PASSERELLE_LIB_TELL_ALL_H
#define PASSERELLE_LIB_TELL_ALL_H

#include "lib/compose.h"

// FAIL_BAD_USAGE says what would be right: status, cause, day, deputy. FAIL_NOT_ALLOWED for the role monitor.
enum fail_code tell_availability(struct psr_profile *profile, const struct psr_availability *from,
                                 struct written *written, struct fail *why) MUST_CHECK;

// FAIL_NOT_ALLOWED for any role but monitor. Line breaks become blanks.
enum fail_code tell_broadcast(struct psr_profile *profile, const char *text, const char *language,
                              struct written *written, struct fail *why) MUST_CHECK;

#endif
