// SPDX-License-Identifier: Apache-2.0
#include "hub/hub_keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PASSPHRASE_SIZE = 1024 };

// Of the first line of the file; *lock is NULL if there is no file to read. The caller frees it.
static enum fail_code read_lock(struct key_lock **lock, const char *file, struct fail *why)
{
	*lock = NULL;
	if (file[0] == 0)
		return FAIL_NONE;
	FILE *stream = fopen(file, "re");
	if (stream == NULL)
		return fail_set(why, FAIL_NO_FILE, "cannot open '%s': %s", file, strerror(errno));
	setvbuf(stream, NULL, _IONBF, 0); // no copy in a buffer that nobody wipes
	char text[PASSPHRASE_SIZE];
	char *line = fgets(text, sizeof text, stream);
	fclose(stream);
	if (line == NULL)
		return fail_set(why, FAIL_BAD_PASSPHRASE, "'%s' is empty", file);
	text[strcspn(text, "\r\n")] = 0;
	enum fail_code code = key_lock_new(lock, text, why);
	wipe(text, sizeof text);
	return code == FAIL_NONE ? code : fail_wrap(why, "%s", file);
}

static enum fail_code certificate_end(const char *file, int64_t *ends, struct fail *why)
{
	struct bytes chain[2] = {{0}};
	size_t count = 2;
	struct certificate *certificate = NULL;
	enum fail_code code = certificates_load(chain, &count, file, why);
	if (code == FAIL_NONE && count == 0)
		code = fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' holds no certificate", file);
	if (code == FAIL_NONE)
		code = certificate_parse(&certificate, bytes_view(&chain[0]), why);
	if (code == FAIL_NONE)
		*ends = certificate_not_after(certificate);
	certificate_free(certificate);
	for (size_t i = 0; i < 2; i++)
		bytes_release(&chain[i]);
	return code;
}

enum fail_code hub_tls_load(struct tls_context **context, int64_t *ends, const struct config *config, struct fail *why)
{
	struct tls_files files = {.trust = config->tls_trust,
	                          .certificate = config->tls_certificate,
	                          .key = config->tls_key};
	struct identity identity;
	*context = NULL;
	enum fail_code code = read_lock(&files.lock, config->tls_passphrase_file, why);
	if (code == FAIL_NONE)
		code = tls_context_new(context, TLS_HUB, &files, why);
	key_lock_free(files.lock);
	if (code == FAIL_NONE)
		code = tls_context_check(*context, &identity, why);
	if (code == FAIL_NONE)
		code = certificate_end(config->tls_certificate, ends, why);
	if (code == FAIL_NONE)
		return FAIL_NONE;
	tls_context_unref(*context);
	*context = NULL;
	return fail_wrap(why, "[tls]");
}

static enum fail_code load_key(struct receipt_keys *keys, const struct config *config, struct fail *why)
{
	struct key_lock *lock;
	enum fail_code code = read_lock(&lock, config->receipt_passphrase_file, why);
	if (code == FAIL_NONE)
		code = private_key_load(&keys->key, config->receipt_key, lock, why);
	key_lock_free(lock);
	return code;
}

static enum fail_code load_chain(struct receipt_keys *keys, const struct config *config, struct fail *why)
{
	size_t count = 2;
	enum fail_code code = certificates_load(keys->chain, &count, config->receipt_certificate, why);
	if (code == FAIL_NONE && count < 2)
		code = fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' must hold the certificate and its authority's",
		                config->receipt_certificate);
	if (code != FAIL_NONE)
		return code;
	struct trust *trust;
	code = trust_new(&trust, config->tls_trust, why);
	if (code != FAIL_NONE)
		return code;
	struct view issuer = bytes_view(&keys->chain[1]);
	code = certificate_check(&keys->certificate, trust, bytes_view(&keys->chain[0]), &issuer, 1, USE_RECEIPT,
	                         time(NULL), why);
	trust_free(trust);
	return code;
}

enum fail_code receipt_keys_load(struct receipt_keys *keys, const struct config *config, struct fail *why)
{
	*keys = (struct receipt_keys){0};
	enum fail_code code = load_chain(keys, config, why);
	if (code == FAIL_NONE)
		code = load_key(keys, config, why);
	if (code == FAIL_NONE && !private_key_fits(keys->key, keys->certificate))
		code = fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' is not the key of '%s'", config->receipt_key,
		                config->receipt_certificate);
	if (code == FAIL_NONE)
		return FAIL_NONE;
	receipt_keys_release(keys);
	return fail_wrap(why, "[receipt]");
}

void receipt_keys_release(struct receipt_keys *keys)
{
	private_key_free(keys->key);
	certificate_free(keys->certificate);
	for (size_t i = 0; i < 2; i++)
		bytes_release(&keys->chain[i]);
	*keys = (struct receipt_keys){0};
}
