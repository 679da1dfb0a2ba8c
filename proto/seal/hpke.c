// SPDX-License-Identifier: Apache-2.0
#include "seal/hpke.h"

#include "seal/hkdf.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

enum { SECRET = 32, LABELED_CAP = 256 };

static const struct {
	enum key_kind kind;
	uint16_t kem;
	size_t enc_length;
} kems[] = {
	{KEY_P256, HPKE_P256, 65},
	{KEY_X25519, HPKE_X25519, 32},
};

enum { KEM_COUNT = sizeof kems / sizeof *kems };

uint16_t hpke_kem_of(enum key_kind kind)
{
	for (size_t i = 0; i < KEM_COUNT; i++)
		if (kems[i].kind == kind)
			return kems[i].kem;
	return 0;
}

static size_t enc_length_of(enum key_kind kind)
{
	for (size_t i = 0; i < KEM_COUNT; i++)
		if (kems[i].kind == kind)
			return kems[i].enc_length;
	return 0;
}

// A small text put together of parts; its lengths are fixed by the format.
struct parts {
	uint8_t byte[LABELED_CAP];
	size_t length;
};

static void add(struct parts *parts, const void *data, size_t length)
{
	must(length <= sizeof parts->byte - parts->length);
	if (length > 0)
		memcpy(parts->byte + parts->length, data, length);
	parts->length += length;
}

static void add_u16(struct parts *parts, unsigned number)
{
	uint8_t raw[2] = {(uint8_t)(number >> 8), (uint8_t)number};
	add(parts, raw, sizeof raw);
}

static struct view parts_view(const struct parts *parts)
{
	return view_of(parts->byte, parts->length);
}

// LabeledExtract and LabeledExpand of RFC 9180 4, under one suite_id.
struct labeled {
	struct hkdf hkdf;
	struct parts suite;
};

static void labeled_extract(struct labeled *labeled, struct view salt, const char *label, struct view secret,
                            uint8_t prk[SECRET])
{
	struct parts text = {.length = 0};
	add(&text, "HPKE-v1", 7);
	add(&text, labeled->suite.byte, labeled->suite.length);
	add(&text, label, strlen(label));
	add(&text, secret.data, secret.length);
	hkdf_extract(&labeled->hkdf, salt, parts_view(&text), prk);
	wipe(&text, sizeof text);
}

static void labeled_expand(struct labeled *labeled, const uint8_t prk[SECRET], const char *label, struct view info,
                           uint8_t *out, size_t length)
{
	struct parts text = {.length = 0};
	add_u16(&text, (unsigned)length);
	add(&text, "HPKE-v1", 7);
	add(&text, labeled->suite.byte, labeled->suite.length);
	add(&text, label, strlen(label));
	add(&text, info.data, info.length);
	hkdf_expand(&labeled->hkdf, view_of(prk, SECRET), parts_view(&text), out, length);
}

// ExtractAndExpand of DHKEM, RFC 9180 4.1.
static void shared_secret(uint16_t kem, const uint8_t dh[SECRET], struct view enc, const struct public_key *recipient,
                          uint8_t secret[SECRET])
{
	struct labeled labeled = {.suite = {.length = 0}};
	hkdf_init(&labeled.hkdf, "SHA256");
	add(&labeled.suite, "KEM", 3);
	add_u16(&labeled.suite, kem);
	struct parts context = {.length = 0};
	add(&context, enc.data, enc.length);
	add(&context, recipient->raw, recipient->raw_length);
	uint8_t prk[SECRET];
	labeled_extract(&labeled, view_of(NULL, 0), "eae_prk", view_of(dh, SECRET), prk);
	labeled_expand(&labeled, prk, "shared_secret", parts_view(&context), secret, SECRET);
	wipe(prk, sizeof prk);
	hkdf_release(&labeled.hkdf);
}

// KeySchedule for mode_base, RFC 9180 5.1: no pre-shared key, its two texts are empty.
static enum fail_code key_schedule(struct hpke *hpke, uint16_t kem, uint16_t aead, const uint8_t shared[SECRET],
                                   struct view info)
{
	struct labeled labeled = {.suite = {.length = 0}};
	hkdf_init(&labeled.hkdf, "SHA256");
	add(&labeled.suite, "HPKE", 4);
	add_u16(&labeled.suite, kem);
	add_u16(&labeled.suite, HPKE_HKDF_SHA256);
	add_u16(&labeled.suite, aead);
	const struct view nothing = view_of(NULL, 0);
	uint8_t context[1 + 2 * SECRET] = {0}, secret[SECRET], key[32];
	labeled_extract(&labeled, nothing, "psk_id_hash", nothing, context + 1);
	labeled_extract(&labeled, nothing, "info_hash", info, context + 1 + SECRET);
	labeled_extract(&labeled, view_of(shared, SECRET), "secret", nothing, secret);
	size_t key_length = aead == HPKE_AES_256_GCM ? 32 : 16;
	labeled_expand(&labeled, secret, "key", view_of(context, sizeof context), key, key_length);
	labeled_expand(&labeled, secret, "base_nonce", view_of(context, sizeof context), hpke->base_nonce, GCM_NONCE);
	hkdf_release(&labeled.hkdf);
	hpke->sequence = 0;
	enum fail_code code = gcm_init(&hpke->gcm, key, key_length);
	wipe(secret, sizeof secret);
	wipe(key, sizeof key);
	return code;
}

static bool all_zero(const uint8_t secret[SECRET])
{
	uint8_t seen = 0;
	for (int i = 0; i < SECRET; i++)
		seen |= secret[i];
	return seen == 0;
}

// A result of zeros means a point of low order: both sides would "agree" on what
// everybody knows.
static bool diffie_hellman(EVP_PKEY *own, EVP_PKEY *theirs, uint8_t dh[SECRET])
{
	size_t length = SECRET;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	bool done = context != NULL && EVP_PKEY_derive_init(context) == 1 &&
	            EVP_PKEY_derive_set_peer_ex(context, theirs, 0) == 1 && EVP_PKEY_derive(context, dh, &length) == 1 &&
	            length == SECRET;
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return done && !all_zero(dh);
}

static EVP_PKEY *point_from(struct view enc)
{
	char group[] = "P-256";
	uint8_t point[RAW_KEY_CAP];
	memcpy(point, enc.data, sizeof point);
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

// Only points on the curve: others would tell bits of the private key.
static bool point_good(EVP_PKEY *key)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	bool good = context != NULL && EVP_PKEY_public_check(context) == 1;
	EVP_PKEY_CTX_free(context);
	return good;
}

static EVP_PKEY *deserialize(enum key_kind kind, struct view enc)
{
	if (enc.length == 0 || enc.length != enc_length_of(kind))
		return NULL;
	EVP_PKEY *key = NULL;
	if (kind == KEY_X25519)
		key = EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, enc.data, enc.length);
	else if (enc.data[0] == 0x04)
		key = point_from(enc);
	if (key != NULL && kind == KEY_P256 && !point_good(key)) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	ERR_clear_error();
	return key;
}

static enum fail_code make_ephemeral(struct public_key *ephemeral, enum key_kind kind)
{
	EVP_PKEY *made = kind == KEY_X25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "X25519") :
	                                      EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	return made == NULL ? FAIL_NO_MEMORY : public_key_init(ephemeral, made);
}

static enum fail_code encapsulate(uint16_t kem, const struct public_key *recipient, const struct public_key *ephemeral,
                                  uint8_t secret[SECRET], struct bytes *enc)
{
	uint8_t dh[SECRET];
	if (!diffie_hellman(ephemeral->key, recipient->key, dh))
		return FAIL_UNSUPPORTED;
	shared_secret(kem, dh, view_of(ephemeral->raw, ephemeral->raw_length), recipient, secret);
	wipe(dh, sizeof dh);
	return bytes_append(enc, ephemeral->raw, ephemeral->raw_length);
}

enum fail_code hpke_setup_sender(struct hpke *hpke, uint16_t aead, const struct public_key *recipient,
                                 const struct public_key *ephemeral, struct view info, struct bytes *enc)
{
	must(info.length <= HPKE_INFO_CAP);
	uint16_t kem = hpke_kem_of(recipient->kind);
	if (kem == 0)
		return FAIL_UNSUPPORTED;
	struct public_key fresh = {0};
	enum fail_code code = FAIL_NONE;
	if (ephemeral == NULL) {
		code = make_ephemeral(&fresh, recipient->kind);
		ephemeral = &fresh;
	}
	uint8_t secret[SECRET];
	if (code == FAIL_NONE)
		code = encapsulate(kem, recipient, ephemeral, secret, enc);
	if (code == FAIL_NONE)
		code = key_schedule(hpke, kem, aead, secret, info);
	wipe(secret, sizeof secret);
	public_key_release(&fresh);
	return code;
}

enum fail_code hpke_setup_receiver(struct hpke *hpke, uint16_t aead, const struct public_key *own, struct view enc,
                                   struct view info)
{
	must(info.length <= HPKE_INFO_CAP);
	uint16_t kem = hpke_kem_of(own->kind);
	EVP_PKEY *theirs = deserialize(own->kind, enc);
	if (theirs == NULL)
		return FAIL_CANNOT_OPEN;
	uint8_t dh[SECRET], secret[SECRET];
	enum fail_code code = FAIL_CANNOT_OPEN;
	if (diffie_hellman(own->key, theirs, dh)) {
		shared_secret(kem, dh, enc, own, secret);
		code = key_schedule(hpke, kem, aead, secret, info);
	}
	EVP_PKEY_free(theirs);
	wipe(dh, sizeof dh);
	wipe(secret, sizeof secret);
	return code;
}

void hpke_seal(struct hpke *hpke, struct view aad, struct view plain, uint8_t *out)
{
	uint8_t nonce[GCM_NONCE];
	must(hpke->sequence < UINT64_MAX);
	gcm_nonce(nonce, hpke->base_nonce, hpke->sequence++);
	gcm_seal(&hpke->gcm, nonce, aad, plain, out);
}

// The number stays where it is after a failure (RFC 9180 5.2).
enum fail_code hpke_open(struct hpke *hpke, struct view aad, struct view sealed, uint8_t *out)
{
	uint8_t nonce[GCM_NONCE];
	must(hpke->sequence < UINT64_MAX);
	gcm_nonce(nonce, hpke->base_nonce, hpke->sequence);
	enum fail_code code = gcm_open(&hpke->gcm, nonce, aad, sealed, out);
	if (code == FAIL_NONE)
		hpke->sequence++;
	return code;
}

void hpke_release(struct hpke *hpke)
{
	gcm_release(&hpke->gcm);
	wipe(hpke, sizeof *hpke);
}
