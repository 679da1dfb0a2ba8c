// SPDX-License-Identifier: Apache-2.0
//
// What a certificate must look like for its use, beyond what OpenSSL checks by
// itself. TLS channels and seals share it, so that a certificate which one of
// them refuses is refused by the other.
//
// One table, one row a use and class: common name of the issuing CA, class and
// role of the URI, key type, key usage, extended key usage.
#ifndef PASSERELLE_WIRE_CERTIFICATE_PROFILE_H
#define PASSERELLE_WIRE_CERTIFICATE_PROFILE_H

#include "wire/identity.h"

#include <openssl/x509.h>

enum { CERTIFICATE_DER_CAP = 16 * 1024 }; // longest certificate that is looked at

// A store that trusts the roots of `pem_file` only and demands X509_STRICT, at
// most one CA between leaf and root, 112-bit security or more. Purpose is left
// open: certificate_profile_check decides it by the issuer. FAIL_NO_FILE,
// FAIL_BAD_CERTIFICATE. The caller owns *store.
enum fail_code certificate_store_new(X509_STORE **store, const char *pem_file, struct fail *why) MUST_CHECK;

// `chain` is what X509_STORE_CTX_get0_chain or SSL_get0_verified_chain gave after
// success: exactly leaf, issuing CA, root. FAIL_BAD_CERTIFICATE with the reason
// in words. USE_TLS_CLIENT accepts members (M1) and agencies (A1): see identity->class.
enum fail_code certificate_profile_check(struct identity *identity, const STACK_OF(X509) *chain,
                                         enum certificate_use use, struct fail *why) MUST_CHECK;

// The one URI of a leaf as identity, nothing else checked.
enum fail_code certificate_identity_read(struct identity *identity, const X509 *leaf, struct fail *why) MUST_CHECK;

#endif
