// SPDX-License-Identifier: Apache-2.0
//
// The user's own keys behind seven functions, so that a smart card can stand where
// files stand today: nobody above holds a private key. keystore_files.c keeps
// PKCS#8 files under a passphrase, all with one lock (wire/key_lock.h). Each is opened
// when it is first needed; until then the lock stays in memory. It is wiped when the
// last key is open, and when the keys are freed.
//
// A key may therefore fail as late as at its first use. These are faults of an own
// key: FAIL_BAD_PASSPHRASE, FAIL_NO_FILE, FAIL_BAD_CERTIFICATE (the file holds no key, or
// not that of its certificate), FAIL_NO_MEMORY. They say nothing about the message at
// hand and end what was going on.
#ifndef PASSERELLE_LIB_KEYSTORE_H
#define PASSERELLE_LIB_KEYSTORE_H

#include "seal/signing.h"
#include "wire/tls_channel.h"

enum { KEYSTORE_ISSUERS = 4 };

// An own certificate and the authorities that came with it.
struct own_certificate {
	struct certificate *certificate; // owned
	struct bytes issuer[KEYSTORE_ISSUERS]; // owned, DER
	size_t issuer_count;
};

struct keystore;

struct keystore_operations {
	// Opens a key now, if this profile has it and it is not open; that it has none is no fault. So a
	// caller can tell a fault of an own key from all others.
	enum fail_code (*open)(struct keystore *keys, enum certificate_use use, struct fail *why) MUST_CHECK;

	// A context with the TLS key. Borrowed. Fails only by a fault of an own key.
	enum fail_code (*tls)(struct keystore *keys, struct tls_context **context, struct fail *why) MUST_CHECK;

	// Signs 1 to 256 headers at once (signing.h); memory from `arena`. FAIL_NOT_ALLOWED: no signing key
	// here; or a fault of an own key.
	enum fail_code (*sign)(struct keystore *keys, struct envelope *envelope, size_t count, struct arena *arena,
	                       struct fail *why) MUST_CHECK;

	// Signs another text than a header, under its own domain; appends the signature. Faults as of sign.
	enum fail_code (*sign_text)(struct keystore *keys, const char *domain, struct view text, struct bytes *signature,
	                            struct fail *why) MUST_CHECK;

	// Opens a stanza with the branch key. FAIL_NOT_FOR_US (it is for another key) and FAIL_CANNOT_OPEN
	// are about the stanza; or a fault of an own key.
	enum fail_code (*unwrap)(struct keystore *keys, const struct stanza *stanza, const struct id *object,
	                         const struct hash *header_hash, uint8_t key[32], struct fail *why) MUST_CHECK;

	// USE_TLS_CLIENT, USE_SIGNING or USE_ENCRYPTION; NULL if this profile has none. Borrowed.
	const struct own_certificate *(*certificate)(struct keystore *keys, enum certificate_use use);

	void (*free)(struct keystore *keys);
};

struct keystore {
	const struct keystore_operations *ops;
};

// The three kinds of key by the name of their files.
struct key_name {
	const char *name;          // "tls", "sign", "branch"
	enum certificate_use use;
};
enum { KEY_NAMES = 3 };
extern const struct key_name key_names[KEY_NAMES];

// keys/{tls,sign,branch}.{key,crt} of a profile folder, as far as they are there; the TLS pair must
// be. All certificates are read, and one key is opened (branch, or else TLS), so that a wrong passphrase
// is told here. With passphrase NULL all keys are opened: FAIL_BAD_PASSPHRASE if one of them needs it.
// The passphrase is copied. FAIL_BAD_CERTIFICATE (not installed yet, or not of this key),
// FAIL_BAD_PASSPHRASE, FAIL_NO_FILE, FAIL_BAD_CONFIG (others may read a key).
enum fail_code keystore_open_files(struct keystore **keys, const char *folder, const char *trust,
                                   const char *passphrase, struct fail *why) MUST_CHECK;

// Reads a PEM file of leaf and authorities. FAIL_NO_FILE, FAIL_BAD_CERTIFICATE.
enum fail_code own_certificate_load(struct own_certificate *own, const char *pem_file, struct fail *why) MUST_CHECK;
void own_certificate_release(struct own_certificate *own);

// As others will check it, now. FAIL_BAD_CERTIFICATE.
enum fail_code own_certificate_check(const struct own_certificate *own, const struct trust *trust,
                                     enum certificate_use use, int64_t unix_seconds, struct fail *why) MUST_CHECK;

#endif
