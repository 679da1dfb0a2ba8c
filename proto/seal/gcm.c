// SPDX-License-Identifier: Apache-2.0
//
// EVP_Cipher() is never used: it takes forged empty texts for genuine, and the
// last chunk of a seal may be empty.
#include "seal/gcm.h"

#include "seal/key.h"

#include <limits.h>
#include <string.h>

#include <openssl/err.h>

enum fail_code gcm_init(struct gcm *gcm, const uint8_t *key, size_t key_length)
{
	must(key_length == 16 || key_length == 32);
	gcm->algorithm = EVP_CIPHER_fetch(NULL, key_length == 32 ? "AES-256-GCM" : "AES-128-GCM", NULL);
	gcm->context = EVP_CIPHER_CTX_new();
	if (gcm->algorithm != NULL && gcm->context != NULL &&
	    EVP_EncryptInit_ex2(gcm->context, gcm->algorithm, key, NULL, NULL) == 1)
		return FAIL_NONE;
	gcm_release(gcm);
	return FAIL_NO_MEMORY;
}

void gcm_release(struct gcm *gcm)
{
	EVP_CIPHER_CTX_free(gcm->context); // OpenSSL clears the key
	EVP_CIPHER_free(gcm->algorithm);
	*gcm = (struct gcm){0};
}

void gcm_seal(struct gcm *gcm, const uint8_t nonce[GCM_NONCE], struct view aad, struct view plain, uint8_t *out)
{
	must(plain.length <= INT_MAX - GCM_TAG && aad.length <= INT_MAX);
	EVP_CIPHER_CTX *context = gcm->context;
	int count = 0;
	must(EVP_EncryptInit_ex2(context, NULL, NULL, nonce, NULL) == 1);
	must(aad.length == 0 || EVP_EncryptUpdate(context, NULL, &count, aad.data, (int)aad.length) == 1);
	must(plain.length == 0 || EVP_EncryptUpdate(context, out, &count, plain.data, (int)plain.length) == 1);
	must(EVP_EncryptFinal_ex(context, out + plain.length, &count) == 1);
	must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, out + plain.length) == 1);
}

// OpenSSL wants a pointer that it may write to, though it only reads the tag.
static bool open_text(EVP_CIPHER_CTX *context, const uint8_t *nonce, struct view aad, struct view text,
                      uint8_t tag[GCM_TAG], uint8_t *out)
{
	int count = 0;
	uint8_t nothing[GCM_TAG];
	return EVP_DecryptInit_ex2(context, NULL, NULL, nonce, NULL) == 1 &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag) == 1 &&
	       (aad.length == 0 || EVP_DecryptUpdate(context, NULL, &count, aad.data, (int)aad.length) == 1) &&
	       (text.length == 0 || EVP_DecryptUpdate(context, out, &count, text.data, (int)text.length) == 1) &&
	       EVP_DecryptFinal_ex(context, nothing, &count) == 1;
}

enum fail_code gcm_open(struct gcm *gcm, const uint8_t nonce[GCM_NONCE], struct view aad, struct view sealed,
                        uint8_t *out)
{
	must(sealed.length <= INT_MAX && aad.length <= INT_MAX);
	if (sealed.length < GCM_TAG)
		return FAIL_CANNOT_OPEN;
	struct view text = view_of(sealed.data, sealed.length - GCM_TAG);
	uint8_t tag[GCM_TAG];
	memcpy(tag, sealed.data + text.length, GCM_TAG);
	if (open_text(gcm->context, nonce, aad, text, tag, out))
		return FAIL_NONE;
	wipe(out, text.length);
	ERR_clear_error();
	return FAIL_CANNOT_OPEN;
}

void gcm_nonce(uint8_t nonce[GCM_NONCE], const uint8_t base[GCM_NONCE], uint64_t number)
{
	memcpy(nonce, base, GCM_NONCE);
	for (int i = 0; i < 8; i++)
		nonce[GCM_NONCE - 1 - i] ^= (uint8_t)(number >> (8 * i));
}
