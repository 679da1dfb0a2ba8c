// SPDX-License-Identifier: Apache-2.0
#include "base/words.h"
#include "seal/key_parts.h"

#include "wire/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>


static enum fail_code wrap_key(struct private_key **key, EVP_PKEY *made)
{
	struct private_key *wrapped = calloc(1, sizeof *wrapped);
	if (wrapped == NULL) {
		EVP_PKEY_free(made);
		return FAIL_NO_MEMORY;
	}
	// A key made elsewhere may carry its point compressed; its name must not depend on that.
	if (EVP_PKEY_is_a(made, "EC"))
		(void)EVP_PKEY_set_utf8_string_param(made, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed");
	enum fail_code code = public_key_init(&wrapped->public, made);
	if (code != FAIL_NONE) {
		free(wrapped);
		return code;
	}
	*key = wrapped;
	return FAIL_NONE;
}

enum fail_code private_key_generate(struct private_key **key, enum certificate_use use)
{
	*key = NULL;
	bool edwards = use == USE_RECEIPT;
	EVP_PKEY *made = edwards ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	return made == NULL ? FAIL_NO_MEMORY : wrap_key(key, made);
}

void private_key_free(struct private_key *key)
{
	if (key == NULL)
		return;
	public_key_release(&key->public); // OpenSSL clears private halves as it frees them
	free(key);
}

bool private_key_fits(const struct private_key *key, const struct certificate *certificate)
{
	const struct public_key *own = &key->public, *theirs = &certificate->public;
	return own->kind == theirs->kind &&
	       view_equal(view_of(own->raw, own->raw_length), view_of(theirs->raw, theirs->raw_length));
}

const uint8_t *private_key_id(const struct private_key *key)
{
	return key->public.id;
}

enum fail_code private_key_load(struct private_key **key, const char *pem_file, struct key_lock *lock,
                                struct fail *why)
{
	*key = NULL;
	EVP_PKEY *made;
	enum fail_code code = key_file_open(&made, pem_file, lock, why);
	if (code != FAIL_NONE)
		return code;
	code = wrap_key(key, made);
	if (code == FAIL_UNSUPPORTED)
		return fail_set(why, code, "'%s' holds a key that is not P-256, Ed25519 or X25519", pem_file);
	return code == FAIL_NONE ? code : fail_set(why, code, "'%s' could not be read", pem_file);
}

static bool write_key(BIO *out, const struct private_key *key, struct key_lock *lock)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key->public.key);
	if (info == NULL)
		return false;
	bool written = false;
	if (lock == NULL) {
		written = PEM_write_bio_PKCS8_PRIV_KEY_INFO(out, info) == 1;
	} else {
		X509_SIG *sealed = key_lock_close(lock, info);
		written = sealed != NULL && PEM_write_bio_PKCS8(out, sealed) == 1;
		X509_SIG_free(sealed);
	}
	PKCS8_PRIV_KEY_INFO_free(info);
	return written;
}

static bool put_file(const char *name, const char *data, size_t length)
{
	int file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (file < 0)
		return false;
	bool good = true;
	while (good && length > 0) {
		ssize_t count = write(file, data, length);
		good = count > 0 || (count < 0 && errno == EINTR);
		if (count > 0) {
			data += count;
			length -= (size_t)count;
		}
	}
	good = good && fsync(file) == 0;
	good = close(file) == 0 && good;
	if (!good)
		(void)unlink(name);
	return good;
}

// Whole or not at all: a key that is half on the disk after a power cut would be lost.
static enum fail_code replace_file(const char *pem_file, const char *data, size_t length, struct fail *why)
{
	char *beside = NULL;
	if (asprintf(&beside, "%s.new", pem_file) < 0)
		return FAIL_NO_MEMORY;
	(void)unlink(beside);
	enum fail_code code = FAIL_NONE;
	if (!put_file(beside, data, length) || rename(beside, pem_file) != 0) {
		code = errno == ENOSPC || errno == EDQUOT ? FAIL_NO_SPACE : FAIL_IO;
		fail_set(why, code, "cannot write '%s': %s", pem_file, words_of_errno(errno));
		(void)unlink(beside);
	}
	free(beside);
	return code;
}

enum fail_code private_key_save(const struct private_key *key, const char *pem_file, struct key_lock *lock,
                                struct fail *why)
{
	BIO *memory = BIO_new(BIO_s_secmem());
	char *data = NULL;
	enum fail_code code = FAIL_NO_MEMORY;
	if (memory != NULL && write_key(memory, key, lock)) {
		long length = BIO_get_mem_data(memory, &data);
		code = replace_file(pem_file, data, (size_t)length, why);
	}
	BIO_free(memory);
	ERR_clear_error();
	return code;
}

// The name for people is not needed by any check: "CH anna". The URI is.
static bool set_names(X509_REQ *request, const struct identity *identity)
{
	char common[MEMBER_CODE_SIZE + USER_SIZE];
	(void)snprintf(common, sizeof common, "%s %s", identity->code, identity->user);
	const unsigned char *name = (const unsigned char *)common;
	X509_NAME *subject = X509_REQ_get_subject_name(request);
	if (X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC, name, -1, -1, 0) != 1)
		return false;
	char names[IDENTITY_URI_SIZE + 16];
	(void)snprintf(names, sizeof names, "critical,URI:%s", identity->uri);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
	STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
	bool added = extension != NULL && list != NULL && sk_X509_EXTENSION_push(list, extension) > 0;
	if (!added)
		X509_EXTENSION_free(extension);
	added = added && X509_REQ_add_extensions(request, list) == 1;
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	return added;
}

static bool sign_request(X509_REQ *request, const struct public_key *public)
{
	const EVP_MD *digest = public->kind == KEY_P256 ? EVP_sha256() : NULL;
	return X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 && X509_REQ_set_pubkey(request, public->key) == 1 &&
	       X509_REQ_sign(request, public->key, digest) > 0;
}

enum fail_code private_key_request(const struct private_key *key, const struct identity *identity, struct bytes *pem,
                                   struct fail *why)
{
	if (key->public.kind == KEY_X25519)
		return fail_set(why, FAIL_UNSUPPORTED, "an X25519 key cannot sign a request");
	X509_REQ *request = X509_REQ_new();
	BIO *memory = BIO_new(BIO_s_mem());
	enum fail_code code = FAIL_NO_MEMORY;
	if (request != NULL && memory != NULL && set_names(request, identity) && sign_request(request, &key->public) &&
	    PEM_write_bio_X509_REQ(memory, request) == 1) {
		char *data = NULL;
		long length = BIO_get_mem_data(memory, &data);
		code = bytes_append(pem, data, (size_t)length);
	}
	BIO_free(memory);
	X509_REQ_free(request);
	ERR_clear_error();
	return code == FAIL_NONE ? FAIL_NONE : fail_set(why, code, "the request for '%s' could not be made", identity->uri);
}
