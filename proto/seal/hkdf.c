// SPDX-License-Identifier: Apache-2.0
//
// Every length here is fixed by our formats, so a refusal by OpenSSL is a bug or
// a machine without memory: must().
#include "seal/hkdf.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/params.h>

void hkdf_init(struct hkdf *hkdf, const char *digest)
{
	EVP_KDF *algorithm = EVP_KDF_fetch(NULL, "HKDF", NULL);
	hkdf->context = algorithm == NULL ? NULL : EVP_KDF_CTX_new(algorithm);
	EVP_KDF_free(algorithm);
	must(hkdf->context != NULL);
	hkdf->digest = digest;
	hkdf->digest_length = strcmp(digest, "SHA512") == 0 ? 64 : 32;
}

void hkdf_release(struct hkdf *hkdf)
{
	EVP_KDF_CTX_free(hkdf->context); // OpenSSL clears the secret
	*hkdf = (struct hkdf){0};
}

// OpenSSL's parameter lists want pointers without const and only read through them.
static OSSL_PARAM octets(const char *name, struct view bytes)
{
	union {
		const uint8_t *given;
		uint8_t *wanted;
	} data = {.given = bytes.data};
	return OSSL_PARAM_construct_octet_string(name, data.wanted, bytes.length);
}

static OSSL_PARAM text(const char *name, const char *value)
{
	union {
		const char *given;
		char *wanted;
	} data = {.given = value};
	return OSSL_PARAM_construct_utf8_string(name, data.wanted, 0);
}

static void derive(struct hkdf *hkdf, int mode, struct view key, const char *extra_name, struct view extra,
                   uint8_t *out, size_t length)
{
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
		text(OSSL_KDF_PARAM_DIGEST, hkdf->digest),
		octets(OSSL_KDF_PARAM_KEY, key),
		extra.length > 0 ? octets(extra_name, extra) : OSSL_PARAM_construct_end(),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF_CTX_reset(hkdf->context);
	must(EVP_KDF_derive(hkdf->context, out, length, parameters) == 1);
}

void hkdf_extract(struct hkdf *hkdf, struct view salt, struct view secret, uint8_t *prk)
{
	derive(hkdf, EVP_KDF_HKDF_MODE_EXTRACT_ONLY, secret, OSSL_KDF_PARAM_SALT, salt, prk, hkdf->digest_length);
}

void hkdf_expand(struct hkdf *hkdf, struct view prk, struct view info, uint8_t *out, size_t length)
{
	derive(hkdf, EVP_KDF_HKDF_MODE_EXPAND_ONLY, prk, OSSL_KDF_PARAM_INFO, info, out, length);
}
