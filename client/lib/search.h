// SPDX-License-Identifier: Apache-2.0
//
// One search at several members: a request to each, sealed to each alone, all with the same mark.
#ifndef PASSERELLE_LIB_SEARCH_H
#define PASSERELLE_LIB_SEARCH_H

#include "form/form.h"
#include "lib/profile.h"

#include <jansson.h>

// As psr_trace says. Each request is a commit of its own: what was written before a fault stays, and *result tells of both.
enum fail_code search_write(struct psr_profile *profile, const struct psr_message *message, const char *const *to,
                            size_t count, json_t **result, struct form_faults *faults, struct fail *why) MUST_CHECK;

#endif
