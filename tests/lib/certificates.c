// SPDX-License-Identifier: Apache-2.0
#include "lib/certificates.h"

#include "seal/key_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum { AUTHORITIES = 5 };

static const char *const authority_names[AUTHORITIES] = {"M1", "S1", "E1", "A1", "H1"};

struct authority {
	X509 *certificate;
	EVP_PKEY *key;
	struct bytes der;
};

struct test_ca {
	struct authority root;
	struct authority issuer[AUTHORITIES];
};

static void add_extension(X509 *to, X509 *issuer, int nid, const char *value)
{
	if (value == NULL)
		return;
	X509V3_CTX context;
	X509V3_set_ctx(&context, issuer, to, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	must(extension != NULL && X509_add_ext(to, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

// An extension under a private number, marked critical.
static void add_unknown(X509 *to, const char *value)
{
	if (value == NULL)
		return;
	ASN1_OBJECT *name = OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1);
	ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
	must(ASN1_OCTET_STRING_set(data, (const unsigned char *)value, (int)strlen(value)) == 1);
	X509_EXTENSION *extension = X509_EXTENSION_create_by_OBJ(NULL, name, 1, data);
	must(extension != NULL && X509_add_ext(to, extension, -1) == 1);
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(data);
	ASN1_OBJECT_free(name);
}

static X509 *start(EVP_PKEY *key, const char *common_name, int64_t not_before, int64_t not_after)
{
	X509 *made = X509_new();
	uint8_t serial[16];
	random_fill(serial, sizeof serial);
	serial[0] = serial[0] & 0x7f;
	BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
	must(made != NULL && number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(made)) != NULL);
	BN_free(number);
	must(X509_set_version(made, X509_VERSION_3) == 1 && X509_set_pubkey(made, key) == 1);
	must(ASN1_TIME_set(X509_getm_notBefore(made), (time_t)not_before) != NULL);
	must(ASN1_TIME_set(X509_getm_notAfter(made), (time_t)not_after) != NULL);
	if (common_name != NULL)
		must(X509_NAME_add_entry_by_NID(X509_get_subject_name(made), NID_commonName, MBSTRING_ASC,
		                                (const unsigned char *)common_name, -1, -1, 0) == 1);
	return made;
}

static void append_der(struct bytes *to, X509 *certificate)
{
	unsigned char *der = NULL;
	int length = i2d_X509(certificate, &der);
	must(length > 0 && bytes_append(to, der, (size_t)length) == FAIL_NONE);
	OPENSSL_free(der);
}

// NULL as issuer: signed by itself.
static void make_authority(struct authority *made, const char *name, const struct authority *issuer,
                           const char *constraints)
{
	made->key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	must(made->key != NULL);
	made->certificate = start(made->key, name, TEST_NOW - TEST_YEAR, TEST_NOW + TEST_YEAR);
	X509 *by = issuer == NULL ? made->certificate : issuer->certificate;
	must(X509_set_issuer_name(made->certificate, X509_get_subject_name(by)) == 1);
	add_extension(made->certificate, by, NID_basic_constraints, constraints);
	add_extension(made->certificate, by, NID_key_usage, "critical,keyCertSign,cRLSign");
	add_extension(made->certificate, by, NID_subject_key_identifier, "hash");
	add_extension(made->certificate, by, NID_authority_key_identifier, "keyid:always");
	must(X509_sign(made->certificate, issuer == NULL ? made->key : issuer->key, EVP_sha256()) > 0);
	bytes_init(&made->der, CERTIFICATE_DER_CAP);
	append_der(&made->der, made->certificate);
}

struct test_ca *test_ca_new(void)
{
	struct test_ca *ca = calloc(1, sizeof *ca);
	must(ca != NULL);
	make_authority(&ca->root, "Passerelle test root", NULL, "critical,CA:TRUE,pathlen:1");
	for (int i = 0; i < AUTHORITIES; i++)
		make_authority(&ca->issuer[i], authority_names[i], &ca->root, "critical,CA:TRUE,pathlen:0");
	return ca;
}

static void release_authority(struct authority *authority)
{
	X509_free(authority->certificate);
	EVP_PKEY_free(authority->key);
	bytes_release(&authority->der);
}

void test_ca_free(struct test_ca *ca)
{
	if (ca == NULL)
		return;
	release_authority(&ca->root);
	for (int i = 0; i < AUTHORITIES; i++)
		release_authority(&ca->issuer[i]);
	free(ca);
}

char *test_ca_root_file(const struct test_ca *ca)
{
	char *name = strdup("/tmp/passerelle-root-XXXXXX");
	must(name != NULL);
	int number = mkstemp(name);
	FILE *file = number < 0 ? NULL : fdopen(number, "w");
	must(file != NULL && PEM_write_X509(file, ca->root.certificate) == 1 && fclose(file) == 0);
	return name;
}

static const struct authority *authority_of(const struct test_ca *ca, const char *name)
{
	for (int i = 0; i < AUTHORITIES; i++)
		if (strcmp(authority_names[i], name) == 0)
			return &ca->issuer[i];
	return strcmp(name, "root") == 0 ? &ca->root : NULL;
}

struct view test_ca_issuer(const struct test_ca *ca, const char *name)
{
	const struct authority *authority = authority_of(ca, name);
	return authority == NULL ? view_of(NULL, 0) : bytes_view(&authority->der);
}

void test_ca_issue(const struct test_ca *ca, const struct test_leaf *leaf, const struct private_key *key,
                   struct bytes *der)
{
	const struct authority *issuer = authority_of(ca, leaf->issuer);
	must(issuer != NULL);
	int64_t from = leaf->not_before != 0 ? leaf->not_before : TEST_NOW - TEST_YEAR / 2;
	int64_t until = leaf->not_after != 0 ? leaf->not_after : TEST_NOW + TEST_YEAR / 2;
	X509 *made = start(key->public.key, NULL, from, until);
	must(X509_set_issuer_name(made, X509_get_subject_name(issuer->certificate)) == 1);
	add_extension(made, issuer->certificate, NID_basic_constraints,
	              leaf->constraints != NULL ? leaf->constraints : "critical,CA:FALSE");
	add_extension(made, issuer->certificate, NID_key_usage, leaf->usage);
	add_extension(made, issuer->certificate, NID_ext_key_usage, leaf->extended);
	add_extension(made, issuer->certificate, NID_subject_alt_name, leaf->names);
	add_extension(made, issuer->certificate, NID_subject_key_identifier, "hash");
	add_extension(made, issuer->certificate, NID_authority_key_identifier, "keyid:always");
	add_unknown(made, leaf->unknown);
	must(X509_sign(made, issuer->key, EVP_sha256()) > 0);
	append_der(der, made);
	X509_free(made);
}

struct test_leaf test_leaf_for(enum certificate_use use, const char *names)
{
	static const struct test_leaf leaves[] = {
		[USE_TLS_CLIENT] = {.issuer = "M1", .usage = "critical,digitalSignature", .extended = "critical,clientAuth"},
		[USE_TLS_HUB] = {.issuer = "H1", .usage = "critical,digitalSignature", .extended = "critical,serverAuth"},
		[USE_SIGNING] = {.issuer = "S1", .usage = "critical,digitalSignature"},
		[USE_ENCRYPTION] = {.issuer = "E1", .usage = "critical,keyAgreement"},
		[USE_RECEIPT] = {.issuer = "H1", .usage = "critical,digitalSignature"},
	};
	struct test_leaf leaf = leaves[use];
	leaf.names = names;
	return leaf;
}

void test_identity_init(struct test_identity *identity, const struct test_ca *ca, enum certificate_use use,
                        const char *uri)
{
	char names[IDENTITY_URI_SIZE + 16];
	(void)snprintf(names, sizeof names, "critical,URI:%s", uri);
	must(private_key_generate(&identity->key, use) == FAIL_NONE);
	struct test_leaf leaf = test_leaf_for(use, names);
	struct bytes der;
	bytes_init(&der, CERTIFICATE_DER_CAP);
	test_ca_issue(ca, &leaf, identity->key, &der);
	must(certificate_parse(&identity->certificate, bytes_view(&der), NULL) == FAIL_NONE);
	bytes_release(&der);
}

void test_identity_release(struct test_identity *identity)
{
	certificate_free(identity->certificate);
	private_key_free(identity->key);
}

struct private_key *test_key(const char *kind)
{
	EVP_PKEY *made = strcmp(kind, "P-256") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind) :
	                                              EVP_PKEY_Q_keygen(NULL, NULL, kind);
	struct private_key *key = calloc(1, sizeof *key);
	must(made != NULL && key != NULL && public_key_init(&key->public, made) == FAIL_NONE);
	return key;
}
