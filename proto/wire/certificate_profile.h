// SPDX-License-Identifier: Apache-2.0
//
// What a certificate must look like for its use, beyond what OpenSSL checks by
// itself. TLS channels and seals share it, so that a certificate which one of
// them refuses is refused by the other.
//
// Issuer and URI by identity_issuer(); key kind, key usage and extended key usage by
// a table of one row a use.
#ifndef PASSERELLE_WIRE_CERTIFICATE_PROFILE_H
#define PASSERELLE_WIRE_CERTIFICATE_PROFILE_H

#include "wire/identity.h"

#include <openssl/x509.h>

// The public keys of this system, by the exact form of their SubjectPublicKeyInfo:
// named curve and uncompressed point only, so that one key has one key id.
enum key_kind { KEY_UNKNOWN, KEY_P256, KEY_ED25519, KEY_X25519 };

// `raw` (may be NULL) gets the key itself: 65 bytes (P-256) or 32, inside `spki`.
enum key_kind key_kind_of(struct view spki, struct view *raw);
const char *key_kind_name(enum key_kind kind);

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

// DER to certificate: all of the bytes, none behind. FAIL_BAD_CERTIFICATE. The caller owns *certificate.
enum fail_code certificate_from_der(X509 **certificate, struct view der, struct fail *why) MUST_CHECK;

// The one URI of a leaf as identity, nothing else checked.
enum fail_code certificate_identity_read(struct identity *identity, const X509 *leaf, struct fail *why) MUST_CHECK;

#endif
