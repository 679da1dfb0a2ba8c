// SPDX-License-Identifier: Apache-2.0
//
// Private keys in files, PKCS#8 in PEM form (RFC 5958, RFC 7468), as OpenSSL's keys.
// Never through OpenSSL's own reader of key files: it asks at the terminal when a
// passphrase is missing, and its copy of the passphrase stays behind on the stack.
#ifndef PASSERELLE_WIRE_KEY_FILE_H
#define PASSERELLE_WIRE_KEY_FILE_H

#include "wire/key_lock.h"

#include <openssl/x509.h>

// `lock` NULL = none. FAIL_NO_FILE, FAIL_BAD_PASSPHRASE (also for one that is missing), FAIL_BAD_CERTIFICATE
// for what is no such key. The caller frees *key with EVP_PKEY_free.
enum fail_code key_file_open(EVP_PKEY **key, const char *pem_file, struct key_lock *lock, struct fail *why) MUST_CHECK;

// The two halves of a lock: PBES2 with scrypt and AES-256-CBC (RFC 8018, RFC 7914). What others encrypted in another way is
// opened too. NULL: not opened by this passphrase; no memory. The caller frees the result.
PKCS8_PRIV_KEY_INFO *key_lock_open(struct key_lock *lock, const X509_SIG *sealed);
X509_SIG *key_lock_close(struct key_lock *lock, const PKCS8_PRIV_KEY_INFO *key);

#endif
