// SPDX-License-Identifier: Apache-2.0
//
// HMAC-SHA256 (RFC 2104): what only the holder of the key can work out of a text.
#ifndef PASSERELLE_SEAL_KEYED_HASH_H
#define PASSERELLE_SEAL_KEYED_HASH_H

#include "base/id.h"

enum { KEYED_HASH_KEY = 32 };

struct hash keyed_hash(const uint8_t key[KEYED_HASH_KEY], struct view content);

#endif
