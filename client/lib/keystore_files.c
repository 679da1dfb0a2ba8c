// SPDX-License-Identifier: Apache-2.0
#include "lib/file.h"
#include "lib/keystore.h"
#include "seal/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct key_name key_names[KEY_NAMES] = {
	{"tls", USE_TLS_CLIENT},
	{"sign", USE_SIGNING},
	{"branch", USE_ENCRYPTION},
};

struct file_keys {
	struct keystore base;
	struct tls_context *tls;           // owned
	struct private_key *sign, *branch; // owned, NULL if not there
	struct own_certificate own[KEY_NAMES];
};

static struct file_keys *of(struct keystore *keys)
{
	return (struct file_keys *)(void *)keys; // base is first
}

void own_certificate_release(struct own_certificate *own)
{
	certificate_free(own->certificate);
	for (size_t i = 0; i < own->issuer_count; i++)
		bytes_release(&own->issuer[i]);
	*own = (struct own_certificate){.certificate = NULL};
}

enum fail_code own_certificate_load(struct own_certificate *own, const char *pem_file, struct fail *why)
{
	*own = (struct own_certificate){.certificate = NULL};
	struct bytes der[1 + KEYSTORE_ISSUERS];
	size_t count = 1 + KEYSTORE_ISSUERS;
	enum fail_code code = certificates_load(der, &count, pem_file, why);
	if (code != FAIL_NONE)
		return code;
	if (count == 0)
		return fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' holds no certificate", pem_file);
	code = certificate_parse(&own->certificate, bytes_view(&der[0]), why);
	bytes_release(&der[0]);
	own->issuer_count = count - 1;
	memcpy(own->issuer, der + 1, (count - 1) * sizeof der[0]);
	if (code != FAIL_NONE)
		own_certificate_release(own);
	return code;
}

enum fail_code own_certificate_check(const struct own_certificate *own, const struct trust *trust,
                                     enum certificate_use use, int64_t unix_seconds, struct fail *why)
{
	struct view issuer[KEYSTORE_ISSUERS];
	for (size_t i = 0; i < own->issuer_count; i++)
		issuer[i] = bytes_view(&own->issuer[i]);
	struct certificate *checked;
	enum fail_code code = certificate_check(&checked, trust, certificate_der(own->certificate), issuer,
	                                        own->issuer_count, use, unix_seconds, why);
	if (code == FAIL_NONE)
		certificate_free(checked);
	return code;
}

static struct tls_context *tls(struct keystore *keys)
{
	return of(keys)->tls;
}

static enum fail_code sign_envelopes(struct keystore *keys, struct envelope *envelope, size_t count,
                                     struct arena *arena)
{
	struct file_keys *own = of(keys);
	if (own->sign == NULL)
		return FAIL_NOT_ALLOWED;
	return envelopes_sign(envelope, count, own->sign, own->own[1].certificate, arena);
}

static enum fail_code unwrap(struct keystore *keys, const struct stanza *stanza, const struct id *object,
                             const struct hash *header_hash, uint8_t key[32])
{
	struct file_keys *own = of(keys);
	if (own->branch == NULL || memcmp(stanza->key_id, certificate_key_id(own->own[2].certificate), KEY_ID_SIZE) != 0)
		return FAIL_NOT_FOR_US;
	return stanza_open(stanza, object, own->branch, header_hash, key);
}

static const struct own_certificate *certificate_of(struct keystore *keys, enum certificate_use use)
{
	struct file_keys *own = of(keys);
	for (size_t i = 0; i < KEY_NAMES; i++) {
		if (key_names[i].use == use && own->own[i].certificate != NULL)
			return &own->own[i];
	}
	return NULL;
}

static void free_keys(struct keystore *keys)
{
	struct file_keys *own = of(keys);
	tls_context_unref(own->tls);
	private_key_free(own->sign);
	private_key_free(own->branch);
	for (size_t i = 0; i < KEY_NAMES; i++)
		own_certificate_release(&own->own[i]);
	free(own);
}

static const struct keystore_operations operations = {tls, sign_envelopes, unwrap, certificate_of, free_keys};

struct pair {
	struct path key, certificate;
};

static enum fail_code pair_of(struct pair *pair, const char *folder, const char *name, struct fail *why)
{
	char key[32], certificate[32];
	snprintf(key, sizeof key, "keys/%s.key", name);
	snprintf(certificate, sizeof certificate, "keys/%s.crt", name);
	enum fail_code code = path_join(&pair->key, folder, key, why);
	return code == FAIL_NONE ? path_join(&pair->certificate, folder, certificate, why) : code;
}

// One key and its certificate; a key that is not there is none, a key without certificate is a fault.
static enum fail_code load_pair(struct private_key **key, struct own_certificate *own, const struct pair *pair,
                                const char *passphrase, struct fail *why)
{
	if (!file_there(pair->key.text))
		return FAIL_NONE;
	enum fail_code code = file_check_private(pair->key.text, why);
	if (code != FAIL_NONE)
		return code;
	if (!file_there(pair->certificate.text))
		return fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' is not there: install the certificates first",
		                pair->certificate.text);
	code = own_certificate_load(own, pair->certificate.text, why);
	if (code == FAIL_NONE && key != NULL)
		code = private_key_load(key, pair->key.text, passphrase, why);
	if (code == FAIL_NONE && key != NULL && !private_key_fits(*key, own->certificate))
		code = fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' is not the certificate of its key", pair->certificate.text);
	return code;
}

static enum fail_code load_all(struct file_keys *own, const char *folder, const char *trust, const char *passphrase,
                               struct fail *why)
{
	struct private_key **const slots[KEY_NAMES] = {NULL, &own->sign, &own->branch}; // the TLS context loads its own
	struct pair pair;
	for (size_t i = 0; i < KEY_NAMES; i++) {
		enum fail_code code = pair_of(&pair, folder, key_names[i].name, why);
		if (code == FAIL_NONE)
			code = load_pair(slots[i], &own->own[i], &pair, passphrase, why);
		if (code != FAIL_NONE)
			return code;
	}
	if (own->own[0].certificate == NULL)
		return fail_set(why, FAIL_NO_FILE, "'%s' holds no TLS key", folder);
	enum fail_code code = pair_of(&pair, folder, "tls", why);
	struct tls_files files = {trust, pair.certificate.text, pair.key.text, passphrase};
	return code == FAIL_NONE ? tls_context_new(&own->tls, TLS_CLIENT, &files, why) : code;
}

enum fail_code keystore_open_files(struct keystore **keys, const char *folder, const char *trust,
                                   const char *passphrase, struct fail *why)
{
	struct file_keys *own = calloc(1, sizeof *own);
	if (own == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	own->base.ops = &operations;
	enum fail_code code = load_all(own, folder, trust, passphrase, why);
	if (code != FAIL_NONE) {
		free_keys(&own->base);
		return code;
	}
	*keys = &own->base;
	return FAIL_NONE;
}
