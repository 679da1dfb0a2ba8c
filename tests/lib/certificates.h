// SPDX-License-Identifier: Apache-2.0
//
// Certificates made in memory, right or wrong in any way that a test wants. The
// right ones are as deploy/training-ca makes them.
#ifndef PASSERELLE_TEST_CERTIFICATES_H
#define PASSERELLE_TEST_CERTIFICATES_H

#include "seal/key.h"

// A root and its issuing authorities M1, S1, E1, A1, H1.
struct test_ca;
struct test_ca *test_ca_new(void);
void test_ca_free(struct test_ca *ca);

// Writes the root in PEM to a new temporary file; the caller unlinks it and frees the name.
char *test_ca_root_file(const struct test_ca *ca);

// Certificate of the authority with this common name; NULL data if there is none.
struct view test_ca_issuer(const struct test_ca *ca, const char *name);

// Time when everything of this kit is valid.
enum { TEST_NOW = 1795000000, TEST_YEAR = 365 * 86400 };

// What to write into a leaf; NULL or 0 leaves it out or takes the usual.
struct test_leaf {
	const char *issuer;     // "M1"; "root" signs by the root itself
	const char *names;      // subjectAltName as openssl writes it: "URI:urn:iss:...,DNS:localhost"
	const char *usage;      // keyUsage: "digitalSignature"
	const char *extended;   // extendedKeyUsage: "clientAuth"
	const char *constraints; // basicConstraints; "critical,CA:FALSE"
	const char *unknown;    // value of a critical extension that nobody knows
	int64_t not_before, not_after; // Unix seconds; 0: a year around TEST_NOW
};

// DER appended to `der`. `key` gives the public key.
void test_ca_issue(const struct test_ca *ca, const struct test_leaf *leaf, const struct private_key *key,
                   struct bytes *der);

// A new key and a right certificate for it, parsed and not checked; for tests that
// need a signer or a recipient and nothing of certificates.
struct test_identity {
	struct private_key *key;
	struct certificate *certificate;
};
void test_identity_init(struct test_identity *identity, const struct test_ca *ca, enum certificate_use use,
                        const char *uri);
void test_identity_release(struct test_identity *identity);

// The leaf that training-ca would make for this use.
struct test_leaf test_leaf_for(enum certificate_use use, const char *names);

// A new key of a kind by name ("P-256", "Ed25519", "X25519"), whatever its use would be.
struct private_key *test_key(const char *kind);

#endif
