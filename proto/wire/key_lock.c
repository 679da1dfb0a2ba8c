// SPDX-License-Identifier: Apache-2.0
#include "wire/key_file.h"

#include <openssl/crypto.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

// 16 MiB and a tenth of a second: more than 32 MiB would be refused by the openssl
// command with which a person may want to look at the file.
enum { SCRYPT_N = 16384, SCRYPT_R = 8, SCRYPT_P = 5 };
enum { SALT_SIZE = 16, SALT_CAP = 64, KEY_SIZE = 32, IV_SIZE = 16 };

struct salt {
	uint64_t n, r, p;
	size_t length;
	uint8_t bytes[SALT_CAP];
};

struct key_lock {
	char *passphrase;
	bool derived; // `key` is of `salt`
	struct salt salt;
	uint8_t key[KEY_SIZE];
};

enum fail_code key_lock_new(struct key_lock **lock, const char *passphrase, struct fail *why)
{
	*lock = NULL;
	if (passphrase == NULL)
		return FAIL_NONE;
	if (passphrase[0] == '\0')
		return fail_set(why, FAIL_BAD_PASSPHRASE, "the passphrase is empty");
	struct key_lock *made = calloc(1, sizeof *made);
	if (made != NULL)
		made->passphrase = strdup(passphrase);
	if (made == NULL || made->passphrase == NULL) {
		free(made);
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	}
	*lock = made;
	return FAIL_NONE;
}

void key_lock_free(struct key_lock *lock)
{
	if (lock == NULL)
		return;
	OPENSSL_cleanse(lock->passphrase, strlen(lock->passphrase));
	free(lock->passphrase);
	OPENSSL_cleanse(lock, sizeof *lock);
	free(lock);
}

static bool same_salt(const struct salt *a, const struct salt *b)
{
	return a->n == b->n && a->r == b->r && a->p == b->p && a->length == b->length &&
	       memcmp(a->bytes, b->bytes, a->length) == 0;
}

static bool derive(struct key_lock *lock, const struct salt *salt)
{
	if (lock->derived && same_salt(&lock->salt, salt))
		return true;
	lock->salt = *salt;
	lock->derived = EVP_PBE_scrypt(lock->passphrase, strlen(lock->passphrase), salt->bytes, salt->length, salt->n,
	                               salt->r, salt->p, 0, lock->key, KEY_SIZE) == 1;
	return lock->derived;
}

// The parameters of an algorithm that has the name `wanted`, of ASN.1 type `type`; else NULL.
static const ASN1_STRING *parameters_of(const X509_ALGOR *algorithm, int wanted, int type)
{
	const ASN1_OBJECT *name;
	const void *value;
	int found;
	X509_ALGOR_get0(&name, &found, &value, algorithm);
	return OBJ_obj2nid(name) == wanted && found == type ? value : NULL;
}

static bool read_salt(struct salt *salt, const X509_ALGOR *algorithm)
{
	const ASN1_STRING *packed = parameters_of(algorithm, NID_id_scrypt, V_ASN1_SEQUENCE);
	SCRYPT_PARAMS *params = packed == NULL ? NULL : ASN1_item_unpack(packed, ASN1_ITEM_rptr(SCRYPT_PARAMS));
	if (params == NULL)
		return false;
	int length = ASN1_STRING_length(params->salt);
	bool good = length >= 0 && length <= SALT_CAP && ASN1_INTEGER_get_uint64(&salt->n, params->costParameter) == 1 &&
	            ASN1_INTEGER_get_uint64(&salt->r, params->blockSize) == 1 &&
	            ASN1_INTEGER_get_uint64(&salt->p, params->parallelizationParameter) == 1;
	if (good) {
		salt->length = (size_t)length;
		memcpy(salt->bytes, ASN1_STRING_get0_data(params->salt), salt->length);
	}
	SCRYPT_PARAMS_free(params);
	return good;
}

// True if it is locked as key_lock_close does it.
static bool read_method(struct salt *salt, uint8_t iv[IV_SIZE], const X509_ALGOR *method)
{
	const ASN1_STRING *packed = parameters_of(method, NID_pbes2, V_ASN1_SEQUENCE);
	PBE2PARAM *params = packed == NULL ? NULL : ASN1_item_unpack(packed, ASN1_ITEM_rptr(PBE2PARAM));
	if (params == NULL)
		return false;
	const ASN1_STRING *start = parameters_of(params->encryption, NID_aes_256_cbc, V_ASN1_OCTET_STRING);
	bool good = start != NULL && ASN1_STRING_length(start) == IV_SIZE && read_salt(salt, params->keyfunc);
	if (good)
		memcpy(iv, ASN1_STRING_get0_data(start), IV_SIZE);
	PBE2PARAM_free(params);
	return good;
}

// AES-256-CBC of `in` into *out, which the caller wipes and frees; its length, or -1.
static int transform(const struct key_lock *lock, const uint8_t iv[IV_SIZE], bool encrypt, const uint8_t *in,
                     int length, uint8_t **out)
{
	int first = 0, last = 0;
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	*out = OPENSSL_malloc((size_t)length + IV_SIZE);
	bool good = cipher != NULL && *out != NULL &&
	            EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, lock->key, iv, encrypt) == 1 &&
	            EVP_CipherUpdate(cipher, *out, &first, in, length) == 1 &&
	            EVP_CipherFinal_ex(cipher, *out + first, &last) == 1;
	EVP_CIPHER_CTX_free(cipher);
	if (good)
		return first + last;
	OPENSSL_clear_free(*out, (size_t)length + IV_SIZE);
	*out = NULL;
	return -1;
}

PKCS8_PRIV_KEY_INFO *key_lock_open(struct key_lock *lock, const X509_SIG *sealed)
{
	const X509_ALGOR *method;
	const ASN1_OCTET_STRING *data;
	struct salt salt = {0};
	uint8_t iv[IV_SIZE], *plain;
	X509_SIG_get0(sealed, &method, &data);
	if (!read_method(&salt, iv, method))
		return PKCS8_decrypt(sealed, lock->passphrase, (int)strlen(lock->passphrase));
	if (!derive(lock, &salt))
		return NULL;
	int length = transform(lock, iv, false, ASN1_STRING_get0_data(data), ASN1_STRING_length(data), &plain);
	if (length < 0)
		return NULL;
	const uint8_t *at = plain;
	PKCS8_PRIV_KEY_INFO *key = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, length);
	OPENSSL_clear_free(plain, (size_t)length);
	return key;
}

static bool choose_salt(struct key_lock *lock)
{
	if (lock->derived)
		return true;
	struct salt salt = {SCRYPT_N, SCRYPT_R, SCRYPT_P, SALT_SIZE, {0}};
	must(RAND_bytes(salt.bytes, SALT_SIZE) == 1);
	return derive(lock, &salt);
}

static bool encrypt_into(X509_SIG *sealed, const struct key_lock *lock, const uint8_t iv[IV_SIZE], const uint8_t *der,
                         int der_length)
{
	uint8_t *secret;
	int length = transform(lock, iv, true, der, der_length, &secret);
	if (length < 0)
		return false;
	X509_ALGOR *method;
	ASN1_OCTET_STRING *data;
	X509_SIG_getm(sealed, &method, &data);
	ASN1_STRING_set0(data, secret, length);
	uint8_t start[IV_SIZE], salt[SALT_CAP]; // OpenSSL's function takes no const
	memcpy(start, iv, sizeof start);
	memcpy(salt, lock->salt.bytes, sizeof salt);
	X509_ALGOR *made = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, (int)lock->salt.length, start, lock->salt.n,
	                                         lock->salt.r, lock->salt.p);
	bool good = made != NULL && X509_ALGOR_copy(method, made) == 1;
	X509_ALGOR_free(made);
	return good;
}

X509_SIG *key_lock_close(struct key_lock *lock, const PKCS8_PRIV_KEY_INFO *key)
{
	uint8_t iv[IV_SIZE], *der = NULL;
	must(RAND_bytes(iv, sizeof iv) == 1);
	int length = choose_salt(lock) ? i2d_PKCS8_PRIV_KEY_INFO(key, &der) : -1;
	X509_SIG *sealed = length > 0 ? X509_SIG_new() : NULL;
	if (sealed != NULL && !encrypt_into(sealed, lock, iv, der, length)) {
		X509_SIG_free(sealed);
		sealed = NULL;
	}
	OPENSSL_clear_free(der, length > 0 ? (size_t)length : 0);
	return sealed;
}
