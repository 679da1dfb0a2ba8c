// SPDX-License-Identifier: Apache-2.0
#include "wire/certificate_profile.h"

#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static const uint8_t p256_head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
static const uint8_t ed25519_head[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
static const uint8_t x25519_head[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00};

static const struct {
	enum key_kind kind;
	const char *name;
	const uint8_t *head;
	size_t head_length;
	size_t key_length; // including what stands in the head already (the 0x04 of a point)
	size_t length;
} key_forms[] = {
	{KEY_P256, "P-256", p256_head, sizeof p256_head, 65, 91},
	{KEY_ED25519, "Ed25519", ed25519_head, sizeof ed25519_head, 32, 44},
	{KEY_X25519, "X25519", x25519_head, sizeof x25519_head, 32, 44},
};

enum { KEY_FORM_COUNT = sizeof key_forms / sizeof *key_forms };

enum key_kind key_kind_of(struct view spki, struct view *raw)
{
	for (size_t i = 0; i < KEY_FORM_COUNT; i++) {
		if (spki.length != key_forms[i].length || memcmp(spki.data, key_forms[i].head, key_forms[i].head_length) != 0)
			continue;
		if (raw != NULL)
			*raw = view_of(spki.data + spki.length - key_forms[i].key_length, key_forms[i].key_length);
		return key_forms[i].kind;
	}
	return KEY_UNKNOWN;
}

const char *key_kind_name(enum key_kind kind)
{
	for (size_t i = 0; i < KEY_FORM_COUNT; i++)
		if (key_forms[i].kind == kind)
			return key_forms[i].name;
	return "unknown";
}

// What stands in a certificate for each use; who may issue it to whom is
// identity_issuer()'s table.
enum { EKU_NONE = 0 };
struct profile {
	unsigned keys;             // bits 1 << enum key_kind
	uint32_t usage;            // must be there
	uint32_t usage_allowed;    // and no other than these
	uint32_t extended;         // exactly this one; EKU_NONE: none that TLS takes
};

static const struct profile profiles[] = {
	[USE_TLS_CLIENT] = {1 << KEY_P256, KU_DIGITAL_SIGNATURE, KU_DIGITAL_SIGNATURE, XKU_SSL_CLIENT},
	[USE_TLS_HUB] = {1 << KEY_P256, KU_DIGITAL_SIGNATURE, KU_DIGITAL_SIGNATURE, XKU_SSL_SERVER},
	[USE_SIGNING] = {1 << KEY_P256 | 1 << KEY_ED25519, KU_DIGITAL_SIGNATURE,
	                 KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION, EKU_NONE},
	[USE_ENCRYPTION] = {1 << KEY_P256 | 1 << KEY_X25519, KU_KEY_AGREEMENT, KU_KEY_AGREEMENT, EKU_NONE},
	[USE_RECEIPT] = {1 << KEY_ED25519, KU_DIGITAL_SIGNATURE, KU_DIGITAL_SIGNATURE, EKU_NONE},
};

static enum fail_code refuse(struct fail *why, const char *reason)
{
	return fail_set(why, FAIL_BAD_CERTIFICATE, "%s", reason);
}

enum fail_code certificate_from_der(X509 **certificate, struct view der, struct fail *why)
{
	*certificate = NULL;
	if (der.length == 0 || der.length > CERTIFICATE_DER_CAP)
		return refuse(why, "the certificate is empty or over 16 KiB");
	const unsigned char *at = der.data;
	X509 *parsed = d2i_X509(NULL, &at, (long)der.length);
	if (parsed == NULL || at != der.data + der.length) {
		X509_free(parsed);
		ERR_clear_error();
		return refuse(why, "not a certificate in DER form");
	}
	*certificate = parsed;
	return FAIL_NONE;
}

// A URI with a NUL inside would be read differently by different programs.
static bool uri_to_text(char text[IDENTITY_URI_SIZE], const ASN1_IA5STRING *uri)
{
	int length = ASN1_STRING_length(uri);
	const unsigned char *data = ASN1_STRING_get0_data(uri);
	if (length <= 0 || length >= IDENTITY_URI_SIZE || memchr(data, '\0', (size_t)length) != NULL)
		return false;
	memcpy(text, data, (size_t)length);
	text[length] = '\0';
	return true;
}

enum fail_code certificate_identity_read(struct identity *identity, const X509 *leaf, struct fail *why)
{
	char text[IDENTITY_URI_SIZE] = "";
	unsigned count = 0;
	bool readable = false;
	GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type != GEN_URI)
			continue;
		count++;
		readable = uri_to_text(text, name->d.uniformResourceIdentifier);
	}
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	if (count != 1 || !readable)
		return refuse(why, "the certificate does not carry exactly one URI");
	if (identity_from_uri(identity, text) != FAIL_NONE)
		return refuse(why, "the certificate's URI is not one of Passerelle's");
	return FAIL_NONE;
}

static bool common_name_is(const X509 *certificate, const char *expected)
{
	const X509_NAME *name = X509_get_subject_name(certificate);
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0)
		return false;
	const ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
	return view_equal(view_of(ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text)), view_of_text(expected));
}

static enum key_kind key_of(const X509 *leaf)
{
	unsigned char *spki = NULL;
	int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(leaf), &spki);
	enum key_kind kind = length > 0 ? key_kind_of(view_of(spki, (size_t)length), NULL) : KEY_UNKNOWN;
	OPENSSL_free(spki);
	return kind;
}

// OpenSSL lets a certificate without any extended key usage pass for every
// purpose: absence is looked at here, for each use in the way it means.
static bool usage_fits(const struct profile *profile, X509 *leaf)
{
	uint32_t flags = X509_get_extension_flags(leaf);
	if ((flags & (EXFLAG_CA | EXFLAG_INVALID)) != 0 || (flags & EXFLAG_KUSAGE) == 0)
		return false;
	uint32_t usage = X509_get_key_usage(leaf);
	if ((usage & profile->usage) != profile->usage || (usage & ~profile->usage_allowed) != 0)
		return false;
	uint32_t extended = (flags & EXFLAG_XKUSAGE) != 0 ? X509_get_extended_key_usage(leaf) : EKU_NONE;
	if (profile->extended != EKU_NONE)
		return extended == profile->extended;
	return (extended & (XKU_SSL_CLIENT | XKU_SSL_SERVER | XKU_ANYEKU)) == 0;
}

enum fail_code certificate_profile_check(struct identity *identity, const STACK_OF(X509) *chain,
                                         enum certificate_use use, struct fail *why)
{
	if (sk_X509_num(chain) != 3)
		return refuse(why, "the chain is not certificate, issuing authority, root");
	X509 *leaf = sk_X509_value(chain, 0);
	struct identity read;
	if (certificate_identity_read(&read, leaf, why) != FAIL_NONE)
		return FAIL_BAD_CERTIFICATE;
	const char *issuer = identity_issuer(&read, use);
	if (issuer == NULL || !common_name_is(sk_X509_value(chain, 1), issuer))
		return fail_set(why, FAIL_BAD_CERTIFICATE, "'%s': not issued for %s", read.uri, certificate_use_text(use));
	const struct profile *profile = &profiles[use];
	if ((profile->keys & 1u << key_of(leaf)) == 0)
		return fail_set(why, FAIL_BAD_CERTIFICATE, "'%s': the key is not of a kind for %s", read.uri,
		                certificate_use_text(use));
	if (!usage_fits(profile, leaf))
		return fail_set(why, FAIL_BAD_CERTIFICATE, "'%s': the key usage is not that for %s", read.uri,
		                certificate_use_text(use));
	*identity = read;
	return FAIL_NONE;
}

static enum fail_code add_roots(X509_STORE *store, BIO *file, const char *name, struct fail *why)
{
	unsigned count = 0;
	X509 *root;
	while ((root = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL) {
		bool good = X509_self_signed(root, 1) == 1 && X509_check_ca(root) == 1 && X509_STORE_add_cert(store, root) == 1;
		X509_free(root);
		if (!good)
			return fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' holds a certificate that is not a root", name);
		count++;
	}
	bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	ERR_clear_error();
	if (count == 0 || !at_end)
		return fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' is not a file of root certificates in PEM form", name);
	return FAIL_NONE;
}

enum fail_code certificate_store_new(X509_STORE **store, const char *pem_file, struct fail *why)
{
	*store = NULL;
	errno = 0;
	BIO *file = BIO_new_file(pem_file, "r");
	if (file == NULL) {
		ERR_clear_error();
		return fail_set(why, FAIL_NO_FILE, "cannot open '%s': %s", pem_file, strerror(errno));
	}
	X509_STORE *made = X509_STORE_new();
	enum fail_code code = made == NULL ? FAIL_NO_MEMORY : add_roots(made, file, pem_file, why);
	BIO_free(file);
	if (code != FAIL_NONE) {
		X509_STORE_free(made);
		return code;
	}
	X509_VERIFY_PARAM *parameters = X509_STORE_get0_param(made);
	must(X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT) == 1);
	X509_VERIFY_PARAM_set_depth(parameters, 1);
	X509_VERIFY_PARAM_set_auth_level(parameters, 2); // at least 112 bits: no SHA-1, no short keys
	*store = made;
	return FAIL_NONE;
}
