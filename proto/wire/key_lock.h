// SPDX-License-Identifier: Apache-2.0
//
// A passphrase, and what it becomes: the key under which private keys lie in their
// files (scrypt, RFC 7914, at a tenth of a second). Keys that are locked with one lock
// have one salt, so that whoever needs three of them pays for one.
#ifndef PASSERELLE_WIRE_KEY_LOCK_H
#define PASSERELLE_WIRE_KEY_LOCK_H

#include "base/fail.h"

struct key_lock;

// Copies the passphrase. NULL and *lock NULL: keys without a lock. FAIL_NO_MEMORY, FAIL_BAD_PASSPHRASE for an empty one.
enum fail_code key_lock_new(struct key_lock **lock, const char *passphrase, struct fail *why) MUST_CHECK;
void key_lock_free(struct key_lock *lock); // wipes; NULL is fine

#endif
