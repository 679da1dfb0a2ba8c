// SPDX-License-Identifier: Apache-2.0
//
// Private keys in files, PKCS#8 in PEM form (RFC 5958, RFC 7468), as OpenSSL's keys.
// Never through OpenSSL's own reader of key files: it asks at the terminal when a
// passphrase is missing, and its copy of the passphrase stays behind on the stack.
#ifndef PASSERELLE_WIRE_KEY_FILE_H
#define PASSERELLE_WIRE_KEY_FILE_H

#include "base/fail.h"

#include <openssl/evp.h>

// `passphrase` NULL = none. FAIL_NO_FILE, FAIL_BAD_PASSPHRASE (also for one that is missing), FAIL_BAD_CERTIFICATE
// for what is no such key. The caller frees *key with EVP_PKEY_free.
enum fail_code key_file_open(EVP_PKEY **key, const char *pem_file, const char *passphrase,
                             struct fail *why) MUST_CHECK;

#endif
