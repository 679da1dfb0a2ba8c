// SPDX-License-Identifier: Apache-2.0
//
// What the handles of key.h are made of; for the files of this folder only.
#ifndef PASSERELLE_SEAL_KEY_PARTS_H
#define PASSERELLE_SEAL_KEY_PARTS_H

#include "seal/key.h"
#include "wire/certificate_profile.h"

#include <openssl/evp.h>

enum { SPKI_CAP = 91, RAW_KEY_CAP = 65 }; // longest SubjectPublicKeyInfo and public key that we know

// The public half, as certificates and private keys both carry it.
struct public_key {
	EVP_PKEY *key;              // owned; parsed once, then only read, by any thread
	enum key_kind kind;
	uint8_t id[KEY_ID_SIZE];    // SHA-256(SubjectPublicKeyInfo), first half
	uint8_t raw[RAW_KEY_CAP];   // the bare key: a point (65) or 32 bytes
	size_t raw_length;
};

struct certificate {
	struct identity identity;
	struct hash hash;
	struct bytes der;           // owned
	int64_t not_after;
	struct public_key public;
};

struct private_key {
	struct public_key public;   // .key holds the private half as well
};

// Takes over `key`, also when it fails: FAIL_UNSUPPORTED if it is of no kind that we know.
enum fail_code public_key_init(struct public_key *public, EVP_PKEY *key) MUST_CHECK;
void public_key_release(struct public_key *public);

// SHA-256 in pieces, for many hashes in a row: the algorithm is looked up once.
struct hasher {
	EVP_MD *algorithm;
	EVP_MD_CTX *context;
};
void hasher_init(struct hasher *hasher);
void hasher_release(struct hasher *hasher);
void hasher_start(struct hasher *hasher);
void hasher_add(struct hasher *hasher, const void *data, size_t length);
struct hash hasher_end(struct hasher *hasher);

#endif
