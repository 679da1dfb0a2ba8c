// SPDX-License-Identifier: Apache-2.0
//
// Hashes, randomness, signatures: what needs no certificate format.
#include "seal/key_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/random.h>

enum { SIGNATURE_CAP = 80 }; // Ed25519: 64; ECDSA P-256 in DER: at most 72

void random_fill(void *out, size_t length)
{
	uint8_t *at = out;
	while (length > 0) {
		ssize_t got = getrandom(at, length, 0);
		if (got < 0 && errno == EINTR)
			continue;
		must(got > 0);
		at += got;
		length -= (size_t)got;
	}
}

void wipe(void *secret, size_t length)
{
	if (secret != NULL)
		OPENSSL_cleanse(secret, length);
}

void hasher_init(struct hasher *hasher)
{
	hasher->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	hasher->context = EVP_MD_CTX_new();
	must(hasher->algorithm != NULL && hasher->context != NULL);
}

void hasher_release(struct hasher *hasher)
{
	EVP_MD_CTX_free(hasher->context);
	EVP_MD_free(hasher->algorithm);
	*hasher = (struct hasher){0};
}

void hasher_start(struct hasher *hasher)
{
	must(EVP_DigestInit_ex2(hasher->context, hasher->algorithm, NULL) == 1);
}

void hasher_add(struct hasher *hasher, const void *data, size_t length)
{
	must(length == 0 || EVP_DigestUpdate(hasher->context, data, length) == 1);
}

struct hash hasher_end(struct hasher *hasher)
{
	struct hash hash;
	must(EVP_DigestFinal_ex(hasher->context, hash.byte, NULL) == 1);
	return hash;
}

// A domain ends with the zero byte that no domain contains, so no two domains can
// give the same bytes.
static struct hash hash_with_prefix(const void *prefix, size_t prefix_length, struct view bytes)
{
	struct hasher hasher;
	hasher_init(&hasher);
	hasher_start(&hasher);
	hasher_add(&hasher, prefix, prefix_length);
	hasher_add(&hasher, bytes.data, bytes.length);
	struct hash hash = hasher_end(&hasher);
	hasher_release(&hasher);
	return hash;
}

struct hash sha256(struct view bytes)
{
	return hash_with_prefix(NULL, 0, bytes);
}

struct hash sha256_with(const char *domain, struct view bytes)
{
	return hash_with_prefix(domain, strlen(domain) + 1, bytes);
}

static bool describe(struct public_key *public, struct view spki)
{
	struct view raw;
	public->kind = key_kind_of(spki, &raw);
	if (public->kind == KEY_UNKNOWN)
		return false;
	memcpy(public->raw, raw.data, raw.length);
	public->raw_length = raw.length;
	struct hash hash = sha256(spki);
	memcpy(public->id, hash.byte, KEY_ID_SIZE);
	return true;
}

enum fail_code public_key_init(struct public_key *public, EVP_PKEY *key)
{
	*public = (struct public_key){.key = key};
	unsigned char *spki = NULL;
	int length = i2d_PUBKEY(key, &spki);
	bool known = length > 0 && describe(public, view_of(spki, (size_t)length));
	OPENSSL_free(spki);
	ERR_clear_error();
	if (!known) {
		public_key_release(public);
		return FAIL_UNSUPPORTED;
	}
	return FAIL_NONE;
}

void public_key_release(struct public_key *public)
{
	EVP_PKEY_free(public->key);
	*public = (struct public_key){0};
}

// Ed25519 hashes by itself, and is refused if one is named.
static const char *digest_for(enum key_kind kind)
{
	return kind == KEY_P256 ? "SHA256" : NULL;
}

static bool can_sign(enum key_kind kind)
{
	return kind == KEY_P256 || kind == KEY_ED25519;
}

// domain 0x00 message in one piece: Ed25519 cannot be fed in parts.
static uint8_t *joined(const char *domain, struct view message, size_t *length)
{
	size_t prefix = strlen(domain) + 1;
	if (message.length > SIZE_MAX - prefix)
		return NULL;
	uint8_t *text = malloc(prefix + message.length);
	if (text == NULL)
		return NULL;
	memcpy(text, domain, prefix);
	if (message.length > 0)
		memcpy(text + prefix, message.data, message.length);
	*length = prefix + message.length;
	return text;
}

enum fail_code sign(const struct private_key *key, const char *domain, struct view message, struct bytes *signature)
{
	if (!can_sign(key->public.kind))
		return FAIL_UNSUPPORTED;
	size_t length;
	uint8_t *text = joined(domain, message, &length);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t made[SIGNATURE_CAP];
	size_t made_length = sizeof made;
	enum fail_code code = FAIL_NO_MEMORY;
	if (text != NULL && context != NULL) {
		const char *digest = digest_for(key->public.kind);
		must(EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, key->public.key, NULL) == 1);
		must(EVP_DigestSign(context, made, &made_length, text, length) == 1);
		code = bytes_append(signature, made, made_length);
	}
	EVP_MD_CTX_free(context);
	free(text);
	return code;
}

static bool signature_fits(const struct public_key *public, const uint8_t *text, size_t length, struct view signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool fits = context != NULL &&
	            EVP_DigestVerifyInit_ex(context, NULL, digest_for(public->kind), NULL, NULL, public->key, NULL) == 1 &&
	            EVP_DigestVerify(context, signature.data, signature.length, text, length) == 1;
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return fits;
}

enum fail_code verify(const struct certificate *certificate, const char *domain, struct view message,
                      struct view signature)
{
	const struct public_key *public = &certificate->public;
	if (!can_sign(public->kind) || signature.length == 0 || signature.length > SIGNATURE_CAP)
		return FAIL_BAD_SIGNATURE;
	size_t length;
	uint8_t *text = joined(domain, message, &length);
	if (text == NULL)
		return FAIL_NO_MEMORY;
	bool fits = signature_fits(public, text, length, signature);
	free(text);
	return fits ? FAIL_NONE : FAIL_BAD_SIGNATURE;
}
