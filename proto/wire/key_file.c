// SPDX-License-Identifier: Apache-2.0
#include "wire/key_file.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

enum { KEY_FILE_CAP = 64 * 1024 };

static enum fail_code open_encrypted(EVP_PKEY **made, const unsigned char *data, long length, struct key_lock *lock)
{
	if (lock == NULL)
		return FAIL_BAD_PASSPHRASE;
	X509_SIG *sealed = d2i_X509_SIG(NULL, &data, length);
	if (sealed == NULL)
		return FAIL_BAD_CERTIFICATE;
	PKCS8_PRIV_KEY_INFO *opened = key_lock_open(lock, sealed);
	X509_SIG_free(sealed);
	if (opened == NULL)
		return FAIL_BAD_PASSPHRASE;
	*made = EVP_PKCS82PKEY(opened);
	PKCS8_PRIV_KEY_INFO_free(opened);
	return *made == NULL ? FAIL_BAD_CERTIFICATE : FAIL_NONE;
}

static enum fail_code open_plain(EVP_PKEY **made, const unsigned char *data, long length)
{
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &data, length);
	*made = info == NULL ? NULL : EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	return *made == NULL ? FAIL_BAD_CERTIFICATE : FAIL_NONE;
}

static enum fail_code read_key(EVP_PKEY **made, BIO *file, struct key_lock *lock)
{
	char *label = NULL, *head = NULL;
	unsigned char *data = NULL;
	long length = 0;
	enum fail_code code = FAIL_BAD_CERTIFICATE;
	if (PEM_read_bio(file, &label, &head, &data, &length) != 1 || length <= 0 || length > KEY_FILE_CAP)
		code = FAIL_BAD_CERTIFICATE;
	else if (strcmp(label, PEM_STRING_PKCS8) == 0)
		code = open_encrypted(made, data, length, lock);
	else if (strcmp(label, PEM_STRING_PKCS8INF) == 0)
		code = open_plain(made, data, length);
	OPENSSL_free(label);
	OPENSSL_free(head);
	OPENSSL_clear_free(data, length > 0 ? (size_t)length : 0);
	ERR_clear_error();
	return code;
}

static enum fail_code tell(enum fail_code code, const char *pem_file, const struct key_lock *lock, struct fail *why)
{
	if (code == FAIL_BAD_PASSPHRASE)
		return fail_set(why, code, lock == NULL ? "'%s' is encrypted and no passphrase was given" :
		                                                "the passphrase does not open '%s'", pem_file);
	return fail_set(why, code, "'%s' does not hold a private key in PKCS#8 PEM form", pem_file);
}

enum fail_code key_file_open(EVP_PKEY **key, const char *pem_file, struct key_lock *lock, struct fail *why)
{
	*key = NULL;
	errno = 0;
	BIO *file = BIO_new_file(pem_file, "r");
	if (file == NULL) {
		ERR_clear_error();
		return fail_set(why, FAIL_NO_FILE, "cannot open '%s': %s", pem_file, strerror(errno));
	}
	enum fail_code code = read_key(key, file, lock);
	BIO_free(file);
	return code == FAIL_NONE ? FAIL_NONE : tell(code, pem_file, lock, why);
}
