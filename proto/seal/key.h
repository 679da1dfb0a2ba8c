// SPDX-License-Identifier: Apache-2.0
//
// Certificates and private keys as opaque handles over OpenSSL, so that nobody
// above has to include it. Certificates come from the network: each is checked
// against the pinned root, its class (identity.h), use and time before use.
#ifndef PASSERELLE_SEAL_KEY_H
#define PASSERELLE_SEAL_KEY_H

#include "base/id.h"
#include "wire/identity.h"
#include "wire/key_lock.h"
#include "wire/message.h"

struct trust;        // the pinned root
struct certificate;  // a checked certificate and its public key; immutable
struct private_key;  // wiped when freed

// Roots from a PEM file: FAIL_NO_FILE, FAIL_BAD_CERTIFICATE.
enum fail_code trust_new(struct trust **trust, const char *pem_file, struct fail *why) MUST_CHECK;
void trust_free(struct trust *trust);

// Checks leaf (DER) through one of the issuers (DER) up to the root: time
// `unix_seconds`, class and use by the issuer's name, key type and usage.
// FAIL_BAD_CERTIFICATE with the reason in words. Caller owns *certificate.
enum fail_code certificate_check(struct certificate **certificate, const struct trust *trust, struct view leaf,
                                 const struct view *issuer, size_t issuer_count, enum certificate_use use,
                                 int64_t unix_seconds, struct fail *why) MUST_CHECK;

// For the hub's key table, whose rows were checked when they were registered:
// parses without a chain.
enum fail_code certificate_parse(struct certificate **certificate, struct view leaf, struct fail *why) MUST_CHECK;

void certificate_free(struct certificate *certificate);
const struct identity *certificate_identity(const struct certificate *certificate);
const struct hash *certificate_hash(const struct certificate *certificate);      // SHA-256(DER): Envelope.signer
const uint8_t *certificate_key_id(const struct certificate *certificate);        // KEY_ID_SIZE bytes of SHA-256(SPKI)
struct view certificate_der(const struct certificate *certificate);
int64_t certificate_not_after(const struct certificate *certificate);            // Unix seconds

// First certificates of a PEM file as DER, in file order. Caller frees each
// `out[i]` with bytes_release; *count in: capacity, out: how many.
enum fail_code certificates_load(struct bytes *out, size_t *count, const char *pem_file, struct fail *why) MUST_CHECK;

// New key of the use's type: Ed25519 for receipts, P-256 for all else. (The hub checks every
// message: P-256 takes 57 us here, Ed25519 83 us; both are accepted for signing.)
enum fail_code private_key_generate(struct private_key **key, enum certificate_use use) MUST_CHECK;

// PKCS#8 PEM; `lock` NULL = not encrypted (wire/key_lock.h).
enum fail_code private_key_load(struct private_key **key, const char *pem_file, struct key_lock *lock,
                                struct fail *why) MUST_CHECK;
enum fail_code private_key_save(const struct private_key *key, const char *pem_file, struct key_lock *lock,
                                struct fail *why) MUST_CHECK;
void private_key_free(struct private_key *key);
const uint8_t *private_key_id(const struct private_key *key); // KEY_ID_SIZE bytes, as certificate_key_id
bool private_key_fits(const struct private_key *key, const struct certificate *certificate);

// PKCS#10 request in PEM with the one URI as subjectAltName.
enum fail_code private_key_request(const struct private_key *key, const struct identity *identity, struct bytes *pem,
                                   struct fail *why) MUST_CHECK;

// Signature over domain 0x00 message, Ed25519 (64 bytes) or ECDSA P-256 with
// SHA-256 (DER), by the key's type. `domain` is a text such as "iss-env-v1".
enum fail_code sign(const struct private_key *key, const char *domain, struct view message,
                    struct bytes *signature) MUST_CHECK;
enum fail_code verify(const struct certificate *certificate, const char *domain, struct view message,
                      struct view signature) MUST_CHECK; // FAIL_BAD_SIGNATURE

// Fills from the operating system's generator; ends the process if there is none.
void random_fill(void *out, size_t length);
void wipe(void *secret, size_t length);
struct hash sha256(struct view bytes);
struct hash sha256_with(const char *domain, struct view bytes); // SHA-256(domain 0x00 bytes)

#endif
