// SPDX-License-Identifier: Apache-2.0
#include "seal/key_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

enum { ISSUERS_CAP = 16 }; // a directory lists the five authorities and, at a change of them, their successors

struct trust {
	X509_STORE *store; // owned
};

enum fail_code trust_new(struct trust **trust, const char *pem_file, struct fail *why)
{
	*trust = NULL;
	X509_STORE *store;
	enum fail_code code = certificate_store_new(&store, pem_file, why);
	if (code != FAIL_NONE)
		return code;
	struct trust *made = calloc(1, sizeof *made);
	if (made == NULL) {
		X509_STORE_free(store);
		return FAIL_NO_MEMORY;
	}
	made->store = store;
	*trust = made;
	return FAIL_NONE;
}

void trust_free(struct trust *trust)
{
	if (trust == NULL)
		return;
	X509_STORE_free(trust->store);
	free(trust);
}

static bool not_after_of(const X509 *leaf, int64_t *seconds)
{
	struct tm parts;
	if (ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &parts) != 1)
		return false;
	*seconds = timegm(&parts);
	return true;
}

static enum fail_code fill(struct certificate *made, X509 *leaf, struct view der, struct fail *why)
{
	enum fail_code code = certificate_identity_read(&made->identity, leaf, why);
	if (code != FAIL_NONE)
		return code;
	if (!not_after_of(leaf, &made->not_after))
		return fail_set(why, FAIL_BAD_CERTIFICATE, "'%s': the end of its time is not readable", made->identity.uri);
	EVP_PKEY *key = X509_get_pubkey(leaf);
	if (key == NULL || public_key_init(&made->public, key) != FAIL_NONE) {
		ERR_clear_error();
		return fail_set(why, FAIL_BAD_CERTIFICATE, "'%s': the key is of no known kind", made->identity.uri);
	}
	made->hash = sha256(der);
	return bytes_append(&made->der, der.data, der.length);
}

static enum fail_code certificate_new(struct certificate **certificate, X509 *leaf, struct view der, struct fail *why)
{
	struct certificate *made = calloc(1, sizeof *made);
	if (made == NULL)
		return FAIL_NO_MEMORY;
	bytes_init(&made->der, CERTIFICATE_DER_CAP);
	enum fail_code code = fill(made, leaf, der, why);
	if (code != FAIL_NONE) {
		certificate_free(made);
		return code;
	}
	*certificate = made;
	return FAIL_NONE;
}

static enum fail_code parse_issuers(STACK_OF(X509) *issuers, const struct view *issuer, size_t count, struct fail *why)
{
	if (count > ISSUERS_CAP)
		return fail_set(why, FAIL_BAD_CERTIFICATE, "more than %d issuing authorities", ISSUERS_CAP);
	for (size_t i = 0; i < count; i++) {
		X509 *parsed;
		enum fail_code code = certificate_from_der(&parsed, issuer[i], why);
		if (code != FAIL_NONE)
			return code;
		if (sk_X509_push(issuers, parsed) <= 0) {
			X509_free(parsed);
			return FAIL_NO_MEMORY;
		}
	}
	return FAIL_NONE;
}

static enum fail_code check_chain(const struct trust *trust, X509 *leaf, STACK_OF(X509) *issuers,
                                  enum certificate_use use, int64_t unix_seconds, struct fail *why)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	if (context == NULL || X509_STORE_CTX_init(context, trust->store, leaf, issuers) != 1) {
		X509_STORE_CTX_free(context);
		return FAIL_NO_MEMORY;
	}
	X509_STORE_CTX_set_time(context, 0, (time_t)unix_seconds);
	enum fail_code code;
	struct identity identity;
	if (X509_verify_cert(context) == 1)
		code = certificate_profile_check(&identity, X509_STORE_CTX_get0_chain(context), use, why);
	else
		code = fail_set(why, FAIL_BAD_CERTIFICATE, "%s",
		                X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
	X509_STORE_CTX_free(context);
	ERR_clear_error();
	return code;
}

enum fail_code certificate_check(struct certificate **certificate, const struct trust *trust, struct view leaf,
                                 const struct view *issuer, size_t issuer_count, enum certificate_use use,
                                 int64_t unix_seconds, struct fail *why)
{
	*certificate = NULL;
	X509 *parsed;
	enum fail_code code = certificate_from_der(&parsed, leaf, why);
	if (code != FAIL_NONE)
		return code;
	STACK_OF(X509) *issuers = sk_X509_new_null();
	code = issuers == NULL ? FAIL_NO_MEMORY : parse_issuers(issuers, issuer, issuer_count, why);
	if (code == FAIL_NONE)
		code = check_chain(trust, parsed, issuers, use, unix_seconds, why);
	if (code == FAIL_NONE)
		code = certificate_new(certificate, parsed, leaf, why);
	sk_X509_pop_free(issuers, X509_free);
	X509_free(parsed);
	return code;
}

enum fail_code certificate_parse(struct certificate **certificate, struct view leaf, struct fail *why)
{
	*certificate = NULL;
	X509 *parsed;
	enum fail_code code = certificate_from_der(&parsed, leaf, why);
	if (code != FAIL_NONE)
		return code;
	code = certificate_new(certificate, parsed, leaf, why);
	X509_free(parsed);
	return code;
}

void certificate_free(struct certificate *certificate)
{
	if (certificate == NULL)
		return;
	public_key_release(&certificate->public);
	bytes_release(&certificate->der);
	free(certificate);
}

const struct identity *certificate_identity(const struct certificate *certificate)
{
	return &certificate->identity;
}

const struct hash *certificate_hash(const struct certificate *certificate)
{
	return &certificate->hash;
}

const uint8_t *certificate_key_id(const struct certificate *certificate)
{
	return certificate->public.id;
}

struct view certificate_der(const struct certificate *certificate)
{
	return bytes_view(&certificate->der);
}

int64_t certificate_not_after(const struct certificate *certificate)
{
	return certificate->not_after;
}

// One PEM block behind the other. OpenSSL parses the armour only; what is inside is
// checked where it is used.
static enum fail_code read_blocks(struct bytes *out, size_t capacity, size_t *count, BIO *file, const char *name,
                                  struct fail *why)
{
	enum fail_code code = FAIL_NONE;
	while (code == FAIL_NONE && *count < capacity) {
		char *label = NULL, *head = NULL;
		unsigned char *data = NULL;
		long length = 0;
		if (PEM_read_bio(file, &label, &head, &data, &length) != 1)
			break;
		bool wanted = strcmp(label, PEM_STRING_X509) == 0 && length > 0 && length <= CERTIFICATE_DER_CAP;
		if (wanted) {
			bytes_init(&out[*count], CERTIFICATE_DER_CAP);
			code = bytes_append(&out[(*count)++], data, (size_t)length);
		} else {
			code = fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' holds something else than certificates", name);
		}
		OPENSSL_free(label);
		OPENSSL_free(head);
		OPENSSL_clear_free(data, length > 0 ? (size_t)length : 0);
	}
	return code;
}

enum fail_code certificates_load(struct bytes *out, size_t *count, const char *pem_file, struct fail *why)
{
	size_t capacity = *count;
	*count = 0;
	ERR_clear_error();
	errno = 0;
	BIO *file = BIO_new_file(pem_file, "r");
	if (file == NULL) {
		ERR_clear_error();
		return fail_set(why, FAIL_NO_FILE, "cannot open '%s': %s", pem_file, strerror(errno));
	}
	enum fail_code code = read_blocks(out, capacity, count, file, pem_file, why);
	unsigned long fault = ERR_peek_last_error();
	if (code == FAIL_NONE && (*count == 0 || (fault != 0 && ERR_GET_REASON(fault) != PEM_R_NO_START_LINE)))
		code = fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' holds no whole certificate in PEM form", pem_file);
	BIO_free(file);
	ERR_clear_error();
	if (code != FAIL_NONE) {
		while (*count > 0)
			bytes_release(&out[--*count]);
	}
	return code;
}
