// SPDX-License-Identifier: Apache-2.0
// links: passerelle_seal
//
// Vectors: RFC 9180, appendices A.1.1 (X25519) and A.3.1 (P-256), base mode with
// HKDF-SHA256 and AES-128-GCM. The RFC has none with AES-256-GCM; those are checked
// against another implementation by the Python client.
#include "test.h"

#include "seal/hpke.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#define INFO "4f6465206f6e2061204772656369616e2055726e"
#define PLAIN "4265617574792069732074727574682c20747275746820626561757479"

struct vector {
	enum key_kind kind;
	const char *ephemeral_private, *enc, *recipient_private, *recipient_public, *base_nonce;
	struct {
		uint64_t number;
		const char *aad, *sealed;
	} text[4];
};

static const struct vector vectors[] = {
	{KEY_X25519,
	 "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
	 "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
	 "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
	 "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
	 "56d890e5accaaf011cff4b7d",
	 {{0, "436f756e742d30",
	   "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"},
	  {1, "436f756e742d31",
	   "af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab251c03d0c22a56b8ca42c2063b84"},
	  {2, "436f756e742d32",
	   "498dfcabd92e8acedc281e85af1cb4e3e31c7dc394a1ca20e173cb72516491588d96a19ad4a683518973dcc180"},
	  {255, "436f756e742d323535",
	   "7175db9717964058640a3a11fb9007941a5d1757fda1a6935c805c21af32505bf106deefec4a49ac38d71c9e0a"}}},
	{KEY_P256,
	 "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb",
	 "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
	 "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
	 "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
	 "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82"
	 "6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0",
	 "4e0bc5018beba4bf004cca59",
	 {{0, "436f756e742d30",
	   "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434"},
	  {1, "436f756e742d31",
	   "fa6f037b47fc21826b610172ca9637e82d6e5801eb31cbd3748271affd4ecb06646e0329cbdf3c3cd655b28e82"},
	  {2, "436f756e742d32",
	   "895cabfac50ce6c6eb02ffe6c048bf53b7f7be9a91fc559402cbc5b8dcaeb52b2ccc93e466c28fb55fed7a7fec"},
	  {255, "436f756e742d323535",
	   "2ad71c85bf3f45c6eca301426289854b31448bcf8a8ccb1deef3ebd87f60848aa53c538c30a4dac71d619ee2cd"}}},
};

enum { VECTOR_COUNT = sizeof vectors / sizeof *vectors };

struct raw {
	uint8_t byte[128];
	size_t length;
};

static struct raw from_hex(const char *hex)
{
	struct raw raw = {.length = strlen(hex) / 2};
	assert_true(raw.length <= sizeof raw.byte);
	for (size_t i = 0; i < raw.length; i++) {
		char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
		raw.byte[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return raw;
}

static struct view raw_view(const struct raw *raw)
{
	return view_of(raw->byte, raw->length);
}

static EVP_PKEY *point_key(const struct raw *private, const struct raw *public)
{
	BIGNUM *number = BN_bin2bn(private->byte, (int)private->length, NULL);
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	assert_int_equal(OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0), 1);
	assert_int_equal(OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, public->byte, public->length),
	                 1);
	assert_int_equal(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number), 1);
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
	assert_int_equal(EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters), 1);
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(builder);
	BN_free(number);
	return key;
}

static struct public_key key_from_hex(enum key_kind kind, const char *private, const char *public)
{
	struct raw secret = from_hex(private), open = from_hex(public);
	EVP_PKEY *made = kind == KEY_P256
	                   ? point_key(&secret, &open)
	                   : EVP_PKEY_new_raw_private_key_ex(NULL, "X25519", NULL, secret.byte, secret.length);
	assert_non_null(made);
	struct public_key key;
	assert_ok(public_key_init(&key, made));
	assert_int_equal(key.kind, kind);
	assert_int_equal(key.raw_length, open.length);
	assert_memory_equal(key.raw, open.byte, open.length);
	return key;
}

static void both_sides_give_the_published_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		const struct vector *vector = &vectors[i];
		struct public_key ephemeral = key_from_hex(vector->kind, vector->ephemeral_private, vector->enc);
		struct public_key recipient = key_from_hex(vector->kind, vector->recipient_private, vector->recipient_public);
		struct raw info = from_hex(INFO), plain = from_hex(PLAIN), enc = from_hex(vector->enc);
		struct raw nonce = from_hex(vector->base_nonce);
		struct bytes made;
		bytes_init(&made, 128);
		struct hpke sender, receiver;
		assert_ok(hpke_setup_sender(&sender, HPKE_AES_128_GCM, &recipient, &ephemeral, raw_view(&info), &made));
		assert_true(view_equal(bytes_view(&made), raw_view(&enc)));
		assert_ok(hpke_setup_receiver(&receiver, HPKE_AES_128_GCM, &recipient, raw_view(&enc), raw_view(&info)));
		assert_memory_equal(sender.base_nonce, nonce.byte, GCM_NONCE);
		assert_memory_equal(receiver.base_nonce, nonce.byte, GCM_NONCE);
		for (int j = 0; j < 4; j++) {
			struct raw aad = from_hex(vector->text[j].aad), sealed = from_hex(vector->text[j].sealed);
			uint8_t out[64];
			sender.sequence = receiver.sequence = vector->text[j].number;
			hpke_seal(&sender, raw_view(&aad), raw_view(&plain), out);
			assert_memory_equal(out, sealed.byte, sealed.length);
			assert_ok(hpke_open(&receiver, raw_view(&aad), raw_view(&sealed), out));
			assert_memory_equal(out, plain.byte, plain.length);
			assert_int_equal(receiver.sequence, vector->text[j].number + 1);
		}
		hpke_release(&sender);
		hpke_release(&receiver);
		bytes_release(&made);
		public_key_release(&ephemeral);
		public_key_release(&recipient);
	}
}

static enum fail_code receive(const struct public_key *own, struct view enc)
{
	struct hpke hpke = {0};
	enum fail_code code = hpke_setup_receiver(&hpke, HPKE_AES_256_GCM, own, enc, view_of_text("x"));
	hpke_release(&hpke);
	return code;
}

static void points_off_the_curve_and_in_other_forms_are_refused(void **state)
{
	(void)state;
	const struct vector *vector = &vectors[1];
	struct public_key own = key_from_hex(KEY_P256, vector->recipient_private, vector->recipient_public);
	struct raw enc = from_hex(vector->enc);
	assert_ok(receive(&own, raw_view(&enc)));
	assert_int_equal(receive(&own, view_of(enc.byte, 64)), FAIL_CANNOT_OPEN);
	assert_int_equal(receive(&own, view_of(enc.byte, 66)), FAIL_CANNOT_OPEN);
	assert_int_equal(receive(&own, view_of(NULL, 0)), FAIL_CANNOT_OPEN);
	for (size_t i = 1; i < enc.length; i++) {
		enc.byte[i] ^= 1;
		assert_int_equal(receive(&own, raw_view(&enc)), FAIL_CANNOT_OPEN);
		enc.byte[i] ^= 1;
	}
	static const uint8_t forms[] = {0x00, 0x02, 0x03, 0x06, 0x07}; // infinity, compressed, hybrid
	for (size_t i = 0; i < sizeof forms; i++) {
		enc.byte[0] = forms[i];
		assert_int_equal(receive(&own, raw_view(&enc)), FAIL_CANNOT_OPEN);
		assert_int_equal(receive(&own, view_of(enc.byte, 33)), FAIL_CANNOT_OPEN);
	}
	memset(enc.byte + 1, 0, 64);
	enc.byte[0] = 4;
	assert_int_equal(receive(&own, raw_view(&enc)), FAIL_CANNOT_OPEN);
	public_key_release(&own);
}

static void x25519_points_of_low_order_are_refused(void **state)
{
	(void)state;
	static const char *const low[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	};
	const struct vector *vector = &vectors[0];
	struct public_key own = key_from_hex(KEY_X25519, vector->recipient_private, vector->recipient_public);
	for (size_t i = 0; i < sizeof low / sizeof *low; i++) {
		struct raw enc = from_hex(low[i]);
		assert_int_equal(receive(&own, raw_view(&enc)), FAIL_CANNOT_OPEN);
	}
	struct raw enc = from_hex(vector->enc);
	assert_int_equal(receive(&own, view_of(enc.byte, 31)), FAIL_CANNOT_OPEN);
	assert_ok(receive(&own, raw_view(&enc)));
	public_key_release(&own);
}

static void a_wrong_text_does_not_take_a_number(void **state)
{
	(void)state;
	const struct vector *vector = &vectors[0];
	struct public_key own = key_from_hex(KEY_X25519, vector->recipient_private, vector->recipient_public);
	struct bytes enc;
	bytes_init(&enc, 64);
	struct hpke sender, receiver;
	const struct view aad = view_of_text("aad");
	uint8_t sealed[5 + GCM_TAG], out[5];
	assert_ok(hpke_setup_sender(&sender, HPKE_AES_256_GCM, &own, NULL, aad, &enc));
	assert_ok(hpke_setup_receiver(&receiver, HPKE_AES_256_GCM, &own, bytes_view(&enc), aad));
	hpke_seal(&sender, aad, view_of_text("hello"), sealed);
	for (size_t i = 0; i < sizeof sealed * 8; i++) {
		sealed[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(hpke_open(&receiver, aad, view_of(sealed, sizeof sealed), out), FAIL_CANNOT_OPEN);
		sealed[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	assert_int_equal(hpke_open(&receiver, view_of_text("aae"), view_of(sealed, sizeof sealed), out), FAIL_CANNOT_OPEN);
	assert_int_equal(hpke_open(&receiver, aad, view_of(sealed, GCM_TAG - 1), out), FAIL_CANNOT_OPEN);
	assert_int_equal(receiver.sequence, 0);
	assert_ok(hpke_open(&receiver, aad, view_of(sealed, sizeof sealed), out));
	assert_memory_equal(out, "hello", 5);
	hpke_release(&sender);
	hpke_release(&receiver);
	bytes_release(&enc);
	public_key_release(&own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_give_the_published_texts),
		cmocka_unit_test(points_off_the_curve_and_in_other_forms_are_refused),
		cmocka_unit_test(x25519_points_of_low_order_are_refused),
		cmocka_unit_test(a_wrong_text_does_not_take_a_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
