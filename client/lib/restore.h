// SPDX-License-Identifier: Apache-2.0
//
// A case out of a folder that export.h made, into another profile of the same member: after the loss of a computer, or
// for a colleague. Nothing in the folder is believed. Every file must have the hash that the manifest names; every message its
// author's signature and a body that is the signed one; every message of ours the hub's receipt for exactly these bytes; what the
// other side has got or opened, its signed receipt; and the messages must lead through the life of a case in the order of their
// numbers. Only then is anything stored, in one commit. What is here already stays as it is.
//
// What no signature tells is believed as far as it does no harm: when something was stored or opened here.
#ifndef PASSERELLE_LIB_RESTORE_H
#define PASSERELLE_LIB_RESTORE_H

#include "lib/profile.h"

#include <jansson.h>

// *result: passerelle.restored/1 with reference, case, `messages` (stored now), `known` (here before), `receipts` and `left_out` (written
// but not at the hub; or not genuine). FAIL_BAD_SIGNATURE and its kin name the file. The directory must be here: sync once before.
enum fail_code restore_case(struct psr_profile *profile, const char *folder, json_t **result,
                            struct fail *why) MUST_CHECK;

#endif
