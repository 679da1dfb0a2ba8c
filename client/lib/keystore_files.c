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

enum { TLS_KEY, SIGN_KEY, BRANCH_KEY }; // places in key_names

struct file_keys {
	struct keystore base;
	struct path folder, trust;
	struct key_lock *lock;                // owned; NULL if there is none, or no more need of it
	struct tls_context *tls;              // owned, NULL if not open; it has the TLS key
	struct private_key *open[KEY_NAMES];  // owned, NULL if not open or not there
	struct own_certificate own[KEY_NAMES]; // without certificate if the key is not there
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

struct pair {
	struct path key, certificate;
};

static enum fail_code pair_of(struct pair *pair, const struct file_keys *own, size_t which, struct fail *why)
{
	char key[32], certificate[32];
	snprintf(key, sizeof key, "keys/%s.key", key_names[which].name);
	snprintf(certificate, sizeof certificate, "keys/%s.crt", key_names[which].name);
	enum fail_code code = path_join(&pair->key, own->folder.text, key, why);
	return code == FAIL_NONE ? path_join(&pair->certificate, own->folder.text, certificate, why) : code;
}

static bool there(const struct file_keys *own, size_t which)
{
	return own->own[which].certificate != NULL;
}

static bool is_open(const struct file_keys *own, size_t which)
{
	return which == TLS_KEY ? own->tls != NULL : own->open[which] != NULL;
}

static void forget_passphrase(struct file_keys *own)
{
	key_lock_free(own->lock);
	own->lock = NULL;
}

static bool all_open(const struct file_keys *own)
{
	for (size_t i = 0; i < KEY_NAMES; i++) {
		if (there(own, i) && !is_open(own, i))
			return false;
	}
	return true;
}

static enum fail_code load_key(struct file_keys *own, size_t which, const struct pair *pair, struct fail *why)
{
	struct private_key *key;
	enum fail_code code = private_key_load(&key, pair->key.text, own->lock, why);
	if (code != FAIL_NONE)
		return code;
	if (!private_key_fits(key, own->own[which].certificate)) {
		private_key_free(key);
		return fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' is not the certificate of its key", pair->certificate.text);
	}
	own->open[which] = key;
	return FAIL_NONE;
}

static enum fail_code open_key(struct file_keys *own, size_t which, struct fail *why)
{
	if (!there(own, which) || is_open(own, which))
		return FAIL_NONE;
	struct pair pair;
	enum fail_code code = pair_of(&pair, own, which, why);
	struct tls_files files = {own->trust.text, pair.certificate.text, pair.key.text, own->lock};
	if (code == FAIL_NONE) // the TLS context reads its own files
		code = which == TLS_KEY ? tls_context_new(&own->tls, TLS_CLIENT, &files, why)
		                        : load_key(own, which, &pair, why);
	if (code == FAIL_NONE && all_open(own))
		forget_passphrase(own);
	return code;
}

static enum fail_code open_by_use(struct keystore *keys, enum certificate_use use, struct fail *why)
{
	for (size_t i = 0; i < KEY_NAMES; i++) {
		if (key_names[i].use == use)
			return open_key(of(keys), i, why);
	}
	return FAIL_NONE;
}

static enum fail_code tls(struct keystore *keys, struct tls_context **context, struct fail *why)
{
	enum fail_code code = open_key(of(keys), TLS_KEY, why);
	*context = of(keys)->tls;
	return code;
}

static enum fail_code open_to_sign(struct file_keys *own, struct fail *why)
{
	if (!there(own, SIGN_KEY))
		return fail_set(why, FAIL_NOT_ALLOWED, "this profile has no signing key");
	return open_key(own, SIGN_KEY, why);
}

static enum fail_code sign_text(struct keystore *keys, const char *domain, struct view text, struct bytes *signature,
                                struct fail *why)
{
	struct file_keys *own = of(keys);
	enum fail_code code = open_to_sign(own, why);
	if (code != FAIL_NONE)
		return code;
	code = sign(own->open[SIGN_KEY], domain, text, signature);
	return code == FAIL_NONE ? FAIL_NONE : fail_set(why, code, "the signing key does not sign");
}

static enum fail_code sign_envelopes(struct keystore *keys, struct envelope *envelope, size_t count,
                                     struct arena *arena, struct fail *why)
{
	struct file_keys *own = of(keys);
	enum fail_code code = open_to_sign(own, why);
	if (code != FAIL_NONE)
		return code;
	code = envelopes_sign(envelope, count, own->open[SIGN_KEY], own->own[SIGN_KEY].certificate, arena);
	return code == FAIL_NONE ? FAIL_NONE : fail_set(why, code, "the signing key does not sign");
}

static enum fail_code unwrap(struct keystore *keys, const struct stanza *stanza, const struct id *object,
                             const struct hash *header_hash, uint8_t key[32], struct fail *why)
{
	struct file_keys *own = of(keys);
	if (!there(own, BRANCH_KEY) ||
	    memcmp(stanza->key_id, certificate_key_id(own->own[BRANCH_KEY].certificate), KEY_ID_SIZE) != 0)
		return fail_set(why, FAIL_NOT_FOR_US, "it is sealed for another key");
	enum fail_code code = open_key(own, BRANCH_KEY, why);
	if (code != FAIL_NONE)
		return code;
	code = stanza_open(stanza, object, own->open[BRANCH_KEY], header_hash, key);
	return code == FAIL_NONE ? FAIL_NONE : fail_set(why, code, "its key does not open");
}

static const struct own_certificate *certificate_of(struct keystore *keys, enum certificate_use use)
{
	struct file_keys *own = of(keys);
	for (size_t i = 0; i < KEY_NAMES; i++) {
		if (key_names[i].use == use && there(own, i))
			return &own->own[i];
	}
	return NULL;
}

static void free_keys(struct keystore *keys)
{
	struct file_keys *own = of(keys);
	forget_passphrase(own);
	tls_context_unref(own->tls);
	for (size_t i = 0; i < KEY_NAMES; i++) {
		private_key_free(own->open[i]);
		own_certificate_release(&own->own[i]);
	}
	free(own);
}

static const struct keystore_operations operations = {
	open_by_use, tls, sign_envelopes, sign_text, unwrap, certificate_of, free_keys,
};

// A key that is not there is none, a key without certificate is a fault.
static enum fail_code load_certificate(struct file_keys *own, size_t which, struct fail *why)
{
	struct pair pair;
	enum fail_code code = pair_of(&pair, own, which, why);
	if (code != FAIL_NONE || !file_there(pair.key.text))
		return code;
	code = file_check_private(pair.key.text, why);
	if (code != FAIL_NONE)
		return code;
	if (!file_there(pair.certificate.text))
		return fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' is not there: install the certificates first",
		                pair.certificate.text);
	return own_certificate_load(&own->own[which], pair.certificate.text, why);
}

static enum fail_code open_at_once(struct file_keys *own, struct fail *why)
{
	if (own->lock != NULL)
		return open_key(own, there(own, BRANCH_KEY) ? BRANCH_KEY : TLS_KEY, why);
	enum fail_code code = FAIL_NONE;
	for (size_t i = 0; i < KEY_NAMES && code == FAIL_NONE; i++)
		code = open_key(own, i, why);
	return code;
}

static enum fail_code take(struct file_keys *own, const char *folder, const char *trust, const char *passphrase,
                           struct fail *why)
{
	if (strlen(folder) >= PATH_SIZE || strlen(trust) >= PATH_SIZE)
		return fail_set(why, FAIL_BAD_USAGE, "the path is too long");
	snprintf(own->folder.text, PATH_SIZE, "%s", folder);
	snprintf(own->trust.text, PATH_SIZE, "%s", trust);
	return key_lock_new(&own->lock, passphrase, why);
}

static enum fail_code find_and_open(struct file_keys *own, struct fail *why)
{
	for (size_t i = 0; i < KEY_NAMES; i++) {
		enum fail_code code = load_certificate(own, i, why);
		if (code != FAIL_NONE)
			return code;
	}
	if (!there(own, TLS_KEY))
		return fail_set(why, FAIL_NO_FILE, "'%s' holds no TLS key", own->folder.text);
	return open_at_once(own, why);
}

enum fail_code keystore_open_files(struct keystore **keys, const char *folder, const char *trust,
                                   const char *passphrase, struct fail *why)
{
	struct file_keys *own = calloc(1, sizeof *own);
	if (own == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	own->base.ops = &operations;
	enum fail_code code = take(own, folder, trust, passphrase, why);
	if (code == FAIL_NONE)
		code = find_and_open(own, why);
	if (code != FAIL_NONE) {
		free_keys(&own->base);
		return code;
	}
	*keys = &own->base;
	return FAIL_NONE;
}
