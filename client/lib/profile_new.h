// SPDX-License-Identifier: Apache-2.0
//
// A profile's first day: keys and requests, then the certificates that came back.
// Both can be repeated after a cut: nothing counts before profile.ini, or the last
// certificate, is in place.
#ifndef PASSERELLE_LIB_PROFILE_NEW_H
#define PASSERELLE_LIB_PROFILE_NEW_H

#include "lib/profile.h"

// FAIL_BAD_USAGE names what is wrong or that there is a profile already.
enum fail_code profile_create(const struct psr_new_profile *from, struct identity *identity,
                              struct fail *why) MUST_CHECK;

// All certificates are checked before one is installed. FAIL_BAD_CERTIFICATE, FAIL_NO_FILE, FAIL_BAD_PASSPHRASE.
enum fail_code profile_install(const char *folder, const char *certificates, const char *passphrase,
                               struct identity *identity, struct fail *why) MUST_CHECK;

// keys/NAME.key is there.
bool profile_has_key(const char *folder, const struct key_name *name);

#endif
