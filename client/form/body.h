// SPDX-License-Identifier: Apache-2.0
//
// A Body out of its bytes, within the caps of form_memory.
#ifndef PASSERELLE_FORM_BODY_H
#define PASSERELLE_FORM_BODY_H

#include "form/memory.h"

#include "passerelle/v1/body.pb-c.h"

// *out lives as long as `memory`. FAIL_TOO_LARGE, FAIL_MALFORMED.
enum fail_code body_unpack(struct view body, struct form_memory *memory, Passerelle__V1__Body **out,
                           struct fail *why) MUST_CHECK;

#endif
