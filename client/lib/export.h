// SPDX-License-Identifier: Apache-2.0
//
// One case as a folder that stands on its own: what was signed, what the hub
// promised, and, where asked for, the opened content.
#ifndef PASSERELLE_LIB_EXPORT_H
#define PASSERELLE_LIB_EXPORT_H

#include "lib/profile.h"

#include <jansson.h>

// The folder must not be there yet. *result: JSON passerelle.exported/1. Attachments that need a line
// and cannot be fetched are named in `missing`.
enum fail_code export_case(struct psr_profile *profile, const char *reference, const char *folder, bool content,
                           json_t **result, struct fail *why) MUST_CHECK;

#endif
