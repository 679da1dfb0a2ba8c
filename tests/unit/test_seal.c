// SPDX-License-Identifier: Apache-2.0
// links: test_certificates passerelle_seal PkgConfig::JANSSON
//
// tests/data/seal-v1-vectors.json is pinned: what was sealed once must open for
// ever. The Python client checks the same file with another implementation.
#include "test.h"

#include "lib/certificates.h"
#include "seal/content.h"
#include "seal/seal.h"
#include "seal/signing.h"

#include <stdio.h>
#include <unistd.h>

#include <jansson.h>

enum { LONGEST = 3 * SEAL_CHUNK, SEALED_LONGEST = 4 * SEAL_CHUNK };

static const struct seal_context here = {
	.object = {{1}}, .author = "urn:iss:member:CH:caseworker:anna", .case_id = {{2}}, .kind = SEAL_BODY, .index = 0};
static const uint8_t object_key[SEAL_KEY_SIZE] = "thirty-two bytes that are no key";

static const size_t sizes[] = {0, 1, 2, 16383, 16384, 16385, 32767, 32768, 32769};
enum { SIZE_COUNT = sizeof sizes / sizeof *sizes };

static void fill(uint8_t *out, size_t length)
{
	for (size_t i = 0; i < length; i++)
		out[i] = (uint8_t)((i * 7 + 3) % 251);
}

struct sealed {
	uint8_t plain[LONGEST];
	size_t length;
	struct bytes bytes;
	struct hash commitment;
};

static struct sealed *seal_some(size_t length)
{
	struct sealed *made = malloc(sizeof *made);
	assert_non_null(made);
	fill(made->plain, length);
	made->length = length;
	bytes_init(&made->bytes, SEALED_LONGEST);
	assert_ok(seal_bytes(&here, object_key, view_of(made->plain, length), &made->bytes, &made->commitment));
	return made;
}

static void drop(struct sealed *sealed)
{
	bytes_release(&sealed->bytes);
	free(sealed);
}

// Nothing may be left in `plain` when it does not open.
static enum fail_code open_as(const struct seal_context *context, const uint8_t *key, const struct hash *commitment,
                              struct view sealed, struct bytes *plain)
{
	bytes_init(plain, LONGEST);
	enum fail_code code = open_bytes(context, key, commitment, sealed, plain);
	if (code != FAIL_NONE) {
		assert_int_equal(plain->length, 0);
		bytes_release(plain);
	}
	return code;
}

static enum fail_code try_open(const struct sealed *sealed, struct view bytes)
{
	struct bytes plain;
	enum fail_code code = open_as(&here, object_key, &sealed->commitment, bytes, &plain);
	if (code == FAIL_NONE)
		bytes_release(&plain);
	return code;
}

static void every_size_comes_back_and_has_the_published_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZE_COUNT; i++) {
		struct sealed *sealed = seal_some(sizes[i]);
		assert_int_equal(sealed->bytes.length, seal_size(sizes[i]));
		struct bytes plain;
		assert_ok(open_as(&here, object_key, &sealed->commitment, bytes_view(&sealed->bytes), &plain));
		assert_true(view_equal(bytes_view(&plain), view_of(sealed->plain, sealed->length)));
		bytes_release(&plain);
		drop(sealed);
	}
}

static void two_seals_of_the_same_differ(void **state)
{
	(void)state;
	struct sealed *a = seal_some(100), *b = seal_some(100);
	assert_false(view_equal(bytes_view(&a->bytes), bytes_view(&b->bytes)));
	assert_false(hash_equal(&a->commitment, &b->commitment));
	assert_int_equal(try_open(a, bytes_view(&b->bytes)), FAIL_CANNOT_OPEN);
	drop(a);
	drop(b);
}

static void every_flipped_bit_of_a_small_object_is_refused(void **state)
{
	(void)state;
	for (size_t length = 0; length <= 33; length += 11) {
		struct sealed *sealed = seal_some(length);
		for (size_t bit = 0; bit < sealed->bytes.length * 8; bit++) {
			sealed->bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(try_open(sealed, bytes_view(&sealed->bytes)), FAIL_CANNOT_OPEN);
			sealed->bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		assert_ok(try_open(sealed, bytes_view(&sealed->bytes)));
		drop(sealed);
	}
}

static void a_flipped_bit_anywhere_in_a_large_object_is_refused(void **state)
{
	(void)state;
	for (size_t i = 3; i < SIZE_COUNT; i++) {
		struct sealed *sealed = seal_some(sizes[i]);
		for (size_t byte = 0; byte < sealed->bytes.length; byte += 487) {
			sealed->bytes.data[byte] ^= (uint8_t)(1u << byte % 8);
			assert_int_equal(try_open(sealed, bytes_view(&sealed->bytes)), FAIL_CANNOT_OPEN);
			sealed->bytes.data[byte] ^= (uint8_t)(1u << byte % 8);
		}
		drop(sealed);
	}
}

static void every_truncation_of_a_small_object_is_refused(void **state)
{
	(void)state;
	for (size_t length = 0; length <= 64; length += 16) {
		struct sealed *sealed = seal_some(length);
		for (size_t kept = 0; kept < sealed->bytes.length; kept++)
			assert_int_equal(try_open(sealed, view_of(sealed->bytes.data, kept)), FAIL_CANNOT_OPEN);
		drop(sealed);
	}
}

static void a_large_object_cut_at_or_near_a_chunk_is_refused(void **state)
{
	(void)state;
	enum { SEALED = SEAL_CHUNK + SEAL_TAG };
	for (size_t i = 3; i < SIZE_COUNT; i++) {
		struct sealed *sealed = seal_some(sizes[i]);
		for (size_t kept = 0; kept < sealed->bytes.length; kept++) {
			size_t at = kept < SEAL_HEAD ? 0 : (kept - SEAL_HEAD) % SEALED;
			if (at <= 17 || at >= SEALED - 17 || kept % 997 == 0)
				assert_int_equal(try_open(sealed, view_of(sealed->bytes.data, kept)), FAIL_CANNOT_OPEN);
		}
		drop(sealed);
	}
}

static void bytes_behind_the_end_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZE_COUNT; i++) {
		struct sealed *sealed = seal_some(sizes[i]);
		uint8_t more[SEAL_CHUNK + SEAL_TAG] = {0};
		for (size_t added = 1; added <= sizeof more; added += 1 + added * 3) {
			size_t right = sealed->bytes.length;
			assert_ok(bytes_append(&sealed->bytes, more, added));
			assert_int_equal(try_open(sealed, bytes_view(&sealed->bytes)), FAIL_CANNOT_OPEN);
			sealed->bytes.length = right;
		}
		drop(sealed);
	}
}

static void chunks_cannot_change_places(void **state)
{
	(void)state;
	enum { SEALED = SEAL_CHUNK + SEAL_TAG };
	struct sealed *sealed = seal_some(2 * SEAL_CHUNK + 5);
	uint8_t *first = sealed->bytes.data + SEAL_HEAD, *second = first + SEALED, kept[SEALED];
	memcpy(kept, first, SEALED);
	memcpy(first, second, SEALED);
	memcpy(second, kept, SEALED);
	assert_int_equal(try_open(sealed, bytes_view(&sealed->bytes)), FAIL_CANNOT_OPEN);
	drop(sealed);
}

static void nothing_opens_in_another_place_or_under_another_key(void **state)
{
	(void)state;
	struct sealed *sealed = seal_some(20);
	struct seal_context elsewhere[6] = {here, here, here, here, here, here};
	elsewhere[0].object.byte[15] = 1;
	elsewhere[1].author = "urn:iss:member:CH:caseworker:annb";
	elsewhere[2].case_id.byte[0] = 3;
	elsewhere[3].kind = SEAL_ATTACHMENT;
	elsewhere[4].index = 1;
	elsewhere[5].index = 0x01000000;
	struct bytes plain;
	for (int i = 0; i < 6; i++)
		assert_int_equal(open_as(&elsewhere[i], object_key, &sealed->commitment, bytes_view(&sealed->bytes), &plain),
		                 FAIL_CANNOT_OPEN);
	uint8_t other[SEAL_KEY_SIZE];
	for (size_t bit = 0; bit < SEAL_KEY_SIZE * 8; bit++) {
		memcpy(other, object_key, sizeof other);
		other[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(open_as(&here, other, &sealed->commitment, bytes_view(&sealed->bytes), &plain),
		                 FAIL_CANNOT_OPEN);
	}
	struct hash commitment = sealed->commitment;
	commitment.byte[31] ^= 1;
	assert_int_equal(open_as(&here, object_key, &commitment, bytes_view(&sealed->bytes), &plain), FAIL_CANNOT_OPEN);
	drop(sealed);
}

static void a_stream_seals_and_opens_the_same_in_any_cut(void **state)
{
	(void)state;
	static const size_t cuts[] = {1, 7, 4096, 16383, 16384, 16385, 16400, 40000};
	uint8_t plain[2 * SEAL_CHUNK + 100];
	fill(plain, sizeof plain);
	struct bytes expected;
	bytes_init(&expected, SEALED_LONGEST);
	for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
		const uint8_t salt[24] = "salt salt salt salt salt";
		struct sealer *sealer;
		struct opener *opener;
		struct bytes sealed, again;
		bytes_init(&sealed, SEALED_LONGEST);
		bytes_init(&again, LONGEST);
		assert_ok(sealer_new_with_salt(&sealer, &here, object_key, salt));
		for (size_t at = 0; at < sizeof plain; at += cuts[i])
			assert_ok(sealer_add(sealer, view_of(plain + at, sizeof plain - at < cuts[i] ? sizeof plain - at : cuts[i]),
			                     &sealed));
		assert_ok(sealer_end(sealer, &sealed));
		struct hash commitment = sealer_commitment(sealer);
		uint8_t told[24];
		sealer_salt(sealer, told);
		assert_memory_equal(told, salt, 24);
		sealer_free(sealer);
		if (i == 0)
			assert_ok(bytes_append(&expected, sealed.data, sealed.length));
		assert_true(view_equal(bytes_view(&sealed), bytes_view(&expected)));
		assert_ok(opener_new(&opener, &here, object_key, &commitment));
		for (size_t at = 0; at < sealed.length; at += cuts[i])
			assert_ok(opener_add(opener,
			                     view_of(sealed.data + at, sealed.length - at < cuts[i] ? sealed.length - at : cuts[i]),
			                     &again));
		assert_ok(opener_end(opener, &again));
		opener_free(opener);
		assert_true(view_equal(bytes_view(&again), view_of(plain, sizeof plain)));
		bytes_release(&sealed);
		bytes_release(&again);
	}
	bytes_release(&expected);
}

static void a_sealer_goes_on_at_any_chunk_with_the_same_bytes(void **state)
{
	(void)state;
	struct sealed *whole = seal_some(2 * SEAL_CHUNK + 9);
	for (size_t chunk = 0; chunk <= 2; chunk++) {
		struct sealer *sealer;
		struct bytes rest;
		bytes_init(&rest, SEALED_LONGEST);
		assert_ok(sealer_new_at(&sealer, &here, object_key, whole->bytes.data, chunk * SEAL_CHUNK));
		struct view plain = view_of(whole->plain + chunk * SEAL_CHUNK, whole->length - chunk * SEAL_CHUNK);
		assert_ok(sealer_add(sealer, plain, &rest));
		assert_ok(sealer_end(sealer, &rest));
		size_t from = chunk == 0 ? 0 : SEAL_HEAD + chunk * (SEAL_CHUNK + SEAL_TAG);
		assert_true(view_equal(bytes_view(&rest), view_of(whole->bytes.data + from, whole->bytes.length - from)));
		sealer_free(sealer);
		bytes_release(&rest);
	}
	drop(whole);
}

static void after_a_fault_an_opener_gives_nothing_more(void **state)
{
	(void)state;
	enum { SEALED = SEAL_CHUNK + SEAL_TAG };
	struct sealed *sealed = seal_some(2 * SEAL_CHUNK);
	struct opener *opener;
	struct bytes plain;
	bytes_init(&plain, LONGEST);
	assert_ok(opener_new(&opener, &here, object_key, &sealed->commitment));
	sealed->bytes.data[SEAL_HEAD + SEALED] ^= 1;
	assert_int_equal(opener_add(opener, bytes_view(&sealed->bytes), &plain), FAIL_CANNOT_OPEN);
	assert_int_equal(plain.length, SEAL_CHUNK);
	sealed->bytes.data[SEAL_HEAD + SEALED] ^= 1;
	assert_int_equal(opener_add(opener, view_of(sealed->bytes.data + SEAL_HEAD + SEALED, SEALED), &plain),
	                 FAIL_CANNOT_OPEN);
	assert_int_equal(opener_end(opener, &plain), FAIL_CANNOT_OPEN);
	assert_int_equal(plain.length, SEAL_CHUNK);
	opener_free(opener);
	bytes_release(&plain);
	drop(sealed);
}

static void what_does_not_fit_the_buffer_is_named(void **state)
{
	(void)state;
	struct bytes small, sealed;
	struct hash commitment;
	bytes_init(&small, 100);
	bytes_init(&sealed, 1000);
	uint8_t plain[200] = {0};
	assert_int_equal(seal_bytes(&here, object_key, view_of(plain, sizeof plain), &small, &commitment), FAIL_TOO_LARGE);
	assert_int_equal(small.length, 0);
	assert_ok(seal_bytes(&here, object_key, view_of(plain, sizeof plain), &sealed, &commitment));
	assert_int_equal(open_bytes(&here, object_key, &commitment, bytes_view(&sealed), &small), FAIL_TOO_LARGE);
	assert_int_equal(small.length, 0);
	bytes_release(&small);
	bytes_release(&sealed);
}

// A key and a certificate of this kind, ready for stanzas.
static void make_recipient(struct test_identity *made, const struct test_ca *ca, const char *kind)
{
	made->key = test_key(kind);
	struct test_leaf leaf = test_leaf_for(USE_ENCRYPTION, "critical,URI:urn:iss:member:SN:branch:1");
	struct bytes der;
	bytes_init(&der, 4096);
	test_ca_issue(ca, &leaf, made->key, &der);
	assert_ok(certificate_parse(&made->certificate, bytes_view(&der), NULL));
	bytes_release(&der);
}

static void stanzas_open_with_their_key_for_their_object_and_header_only(void **state)
{
	(void)state;
	static const char *const kinds[] = {"P-256", "X25519"};
	struct test_ca *ca = test_ca_new();
	const struct id object = {{7}}, other_object = {{8}};
	const struct hash hh = {{9}}, other_hh = {{10}};
	for (int i = 0; i < 2; i++) {
		struct test_identity recipient, stranger;
		make_recipient(&recipient, ca, kinds[i]);
		make_recipient(&stranger, ca, kinds[i]);
		struct bytes store;
		bytes_init(&store, 1024);
		struct stanza stanza;
		uint8_t key[SEAL_KEY_SIZE];
		assert_ok(stanza_make(&stanza, &store, 3, &object, recipient.certificate, &hh, object_key));
		assert_int_equal(stanza.object, 3);
		assert_int_equal(stanza.kem, i == 0 ? 0x10 : 0x20);
		assert_int_equal(stanza.enc.length, i == 0 ? 65 : 32);
		assert_int_equal(stanza.ct.length, SEAL_WRAPPED_SIZE);
		assert_ok(stanza_open(&stanza, &object, recipient.key, &hh, key));
		assert_memory_equal(key, object_key, sizeof key);
		assert_int_equal(stanza_open(&stanza, &object, stranger.key, &hh, key), FAIL_CANNOT_OPEN);
		assert_int_equal(stanza_open(&stanza, &other_object, recipient.key, &hh, key), FAIL_CANNOT_OPEN);
		assert_int_equal(stanza_open(&stanza, &object, recipient.key, &other_hh, key), FAIL_CANNOT_OPEN);
		memcpy(stanza.key_id, certificate_key_id(stranger.certificate), KEY_ID_SIZE);
		assert_int_equal(stanza_open(&stanza, &object, stranger.key, &hh, key), FAIL_CANNOT_OPEN);
		bytes_release(&store);
		test_identity_release(&recipient);
		test_identity_release(&stranger);
	}
	test_ca_free(ca);
}

static void every_flipped_bit_and_truncation_of_a_stanza_is_refused(void **state)
{
	(void)state;
	static const char *const kinds[] = {"P-256", "X25519"};
	struct test_ca *ca = test_ca_new();
	const struct id object = {{7}};
	const struct hash hh = {{9}};
	for (int i = 0; i < 2; i++) {
		struct test_identity recipient;
		make_recipient(&recipient, ca, kinds[i]);
		struct bytes store;
		bytes_init(&store, 1024);
		struct stanza right;
		uint8_t key[SEAL_KEY_SIZE];
		assert_ok(stanza_make(&right, &store, 0, &object, recipient.certificate, &hh, object_key));
		for (size_t bit = 0; bit < store.length * 8; bit++) {
			store.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(stanza_open(&right, &object, recipient.key, &hh, key), FAIL_CANNOT_OPEN);
			store.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		for (size_t length = 0; length < right.enc.length; length++) {
			struct stanza wrong = right;
			wrong.enc.length = length;
			assert_int_equal(stanza_open(&wrong, &object, recipient.key, &hh, key), FAIL_CANNOT_OPEN);
		}
		for (size_t length = 0; length < right.ct.length; length++) {
			struct stanza wrong = right;
			wrong.ct.length = length;
			assert_int_equal(stanza_open(&wrong, &object, recipient.key, &hh, key), FAIL_CANNOT_OPEN);
		}
		struct stanza wrong = right;
		for (uint16_t kem = 0; kem < 0x40; kem++) {
			wrong.kem = kem;
			assert_int_equal(stanza_open(&wrong, &object, recipient.key, &hh, key),
			                 kem == right.kem ? FAIL_NONE : FAIL_CANNOT_OPEN);
		}
		bytes_release(&store);
		test_identity_release(&recipient);
	}
	test_ca_free(ca);
}

static void a_signing_key_is_not_sealed_to(void **state)
{
	(void)state;
	struct test_ca *ca = test_ca_new();
	struct test_identity anna;
	test_identity_init(&anna, ca, USE_SIGNING, "urn:iss:member:CH:caseworker:anna");
	const struct id object = {{7}};
	const struct hash hh = {{9}};
	struct bytes store;
	bytes_init(&store, 1024);
	struct stanza stanza;
	assert_int_equal(stanza_make(&stanza, &store, 0, &object, anna.certificate, &hh, object_key), FAIL_UNSUPPORTED);
	assert_int_equal(store.length, 0);
	bytes_release(&store);
	test_identity_release(&anna);
	test_ca_free(ca);
}

static void several_stanzas_share_a_store_with_room(void **state)
{
	(void)state;
	struct test_ca *ca = test_ca_new();
	struct test_identity recipient;
	make_recipient(&recipient, ca, "P-256");
	const struct hash hh = {{9}};
	struct bytes store;
	bytes_init(&store, 1024);
	assert_non_null(bytes_room(&store, 3 * 113));
	struct stanza stanza[3];
	for (uint32_t i = 0; i < 3; i++) {
		const struct id object = {{(uint8_t)i}};
		assert_ok(stanza_make(&stanza[i], &store, i, &object, recipient.certificate, &hh, object_key));
	}
	for (uint32_t i = 0; i < 3; i++) {
		const struct id object = {{(uint8_t)i}};
		uint8_t key[SEAL_KEY_SIZE];
		assert_ok(stanza_open(&stanza[i], &object, recipient.key, &hh, key));
	}
	bytes_release(&store);
	test_identity_release(&recipient);
	test_ca_free(ca);
}

// --- the pinned file

static struct bytes field(const json_t *of, const char *name)
{
	const char *hex = json_string_value(json_object_get(of, name));
	assert_non_null(hex);
	struct bytes bytes;
	bytes_init(&bytes, 65536);
	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
		char pair[3] = {hex[0], hex[1], '\0'};
		uint8_t byte = (uint8_t)strtoul(pair, NULL, 16);
		assert_ok(bytes_append(&bytes, &byte, 1));
	}
	return bytes;
}

static void read_field(const json_t *of, const char *name, void *out, size_t length)
{
	struct bytes bytes = field(of, name);
	assert_int_equal(bytes.length, length);
	memcpy(out, bytes.data, length);
	bytes_release(&bytes);
}

static int load_pinned(void **state)
{
	*state = json_load_file(TEST_DATA "/seal-v1-vectors.json", 0, NULL);
	return *state == NULL;
}

static int drop_pinned(void **state)
{
	json_decref(*state);
	return 0;
}

static json_t *pinned(void **state, const char *list)
{
	json_t *array = json_object_get(*state, list);
	assert_true(json_array_size(array) >= 2);
	return array;
}

static void pinned_seals_are_made_and_opened_the_same(void **state)
{
	size_t i;
	json_t *seal;
	json_array_foreach(pinned(state, "seals"), i, seal) {
		struct seal_context context = {.author = json_string_value(json_object_get(seal, "author")),
		                               .kind = (enum seal_kind)json_integer_value(json_object_get(seal, "kind")),
		                               .index = (uint32_t)json_integer_value(json_object_get(seal, "index"))};
		uint8_t key[SEAL_KEY_SIZE], salt[24], plain[LONGEST];
		struct hash commitment, hash, tree;
		read_field(seal, "object", context.object.byte, 16);
		read_field(seal, "case", context.case_id.byte, 16);
		read_field(seal, "key", key, sizeof key);
		read_field(seal, "salt", salt, sizeof salt);
		read_field(seal, "commitment", commitment.byte, HASH_SIZE);
		read_field(seal, "sealed_sha256", hash.byte, HASH_SIZE);
		read_field(seal, "sealed_tree_hash", tree.byte, HASH_SIZE);
		size_t length = (size_t)json_integer_value(json_object_get(seal, "plain_length"));
		fill(plain, length);
		struct sealer *sealer;
		struct bytes sealed, again;
		bytes_init(&sealed, SEALED_LONGEST);
		assert_ok(sealer_new_with_salt(&sealer, &context, key, salt));
		assert_ok(sealer_add(sealer, view_of(plain, length), &sealed));
		assert_ok(sealer_end(sealer, &sealed));
		struct hash made = sha256(bytes_view(&sealed)), made_tree = tree_hash(bytes_view(&sealed)),
					made_commitment = sealer_commitment(sealer);
		assert_true(hash_equal(&made, &hash));
		assert_true(hash_equal(&made_tree, &tree));
		assert_true(hash_equal(&made_commitment, &commitment));
		assert_ok(open_as(&context, key, &commitment, bytes_view(&sealed), &again));
		assert_true(view_equal(bytes_view(&again), view_of(plain, length)));
		sealer_free(sealer);
		bytes_release(&sealed);
		bytes_release(&again);
	}
}

static struct private_key *pinned_key(const json_t *of)
{
	char name[] = "/tmp/passerelle-vector-XXXXXX";
	int number = mkstemp(name);
	assert_true(number >= 0);
	const char *pem = json_string_value(json_object_get(of, "private_key"));
	assert_int_equal(write(number, pem, strlen(pem)), strlen(pem));
	assert_int_equal(close(number), 0);
	struct private_key *key;
	assert_ok(private_key_load(&key, name, NULL, NULL));
	assert_int_equal(unlink(name), 0);
	return key;
}

static void pinned_stanzas_open(void **state)
{
	size_t i;
	json_t *pin;
	json_array_foreach(pinned(state, "stanzas"), i, pin) {
		struct private_key *key = pinned_key(pin);
		struct stanza stanza = {.kem = (uint16_t)json_integer_value(json_object_get(pin, "kem"))};
		struct bytes enc = field(pin, "enc"), ct = field(pin, "ct"), header = field(pin, "header");
		stanza.enc = bytes_view(&enc);
		stanza.ct = bytes_view(&ct);
		struct id object;
		struct hash hh, of_header = header_hash(bytes_view(&header));
		uint8_t expected[SEAL_KEY_SIZE], got[SEAL_KEY_SIZE];
		read_field(pin, "key_id", stanza.key_id, KEY_ID_SIZE);
		read_field(pin, "object", object.byte, 16);
		read_field(pin, "header_hash", hh.byte, HASH_SIZE);
		read_field(pin, "key", expected, sizeof expected);
		assert_true(hash_equal(&hh, &of_header));
		assert_ok(stanza_open(&stanza, &object, key, &hh, got));
		assert_memory_equal(got, expected, sizeof got);
		bytes_release(&enc);
		bytes_release(&ct);
		bytes_release(&header);
		private_key_free(key);
	}
}

static void pinned_contents_unpack(void **state)
{
	size_t i;
	json_t *pin;
	json_array_foreach(pinned(state, "contents"), i, pin) {
		struct bytes body = field(pin, "body"), plain = field(pin, "plain"), again;
		bytes_init(&again, CONTENT_BODY_CAP);
		assert_ok(content_unpack_body(bytes_view(&plain), &again));
		assert_true(view_equal(bytes_view(&again), bytes_view(&body)));
		bytes_release(&body);
		bytes_release(&plain);
		bytes_release(&again);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size_comes_back_and_has_the_published_length),
		cmocka_unit_test(two_seals_of_the_same_differ),
		cmocka_unit_test(every_flipped_bit_of_a_small_object_is_refused),
		cmocka_unit_test(a_flipped_bit_anywhere_in_a_large_object_is_refused),
		cmocka_unit_test(every_truncation_of_a_small_object_is_refused),
		cmocka_unit_test(a_large_object_cut_at_or_near_a_chunk_is_refused),
		cmocka_unit_test(bytes_behind_the_end_are_refused),
		cmocka_unit_test(chunks_cannot_change_places),
		cmocka_unit_test(nothing_opens_in_another_place_or_under_another_key),
		cmocka_unit_test(a_stream_seals_and_opens_the_same_in_any_cut),
		cmocka_unit_test(a_sealer_goes_on_at_any_chunk_with_the_same_bytes),
		cmocka_unit_test(after_a_fault_an_opener_gives_nothing_more),
		cmocka_unit_test(what_does_not_fit_the_buffer_is_named),
		cmocka_unit_test(stanzas_open_with_their_key_for_their_object_and_header_only),
		cmocka_unit_test(every_flipped_bit_and_truncation_of_a_stanza_is_refused),
		cmocka_unit_test(a_signing_key_is_not_sealed_to),
		cmocka_unit_test(several_stanzas_share_a_store_with_room),
		cmocka_unit_test_setup_teardown(pinned_seals_are_made_and_opened_the_same, load_pinned, drop_pinned),
		cmocka_unit_test_setup_teardown(pinned_stanzas_open, load_pinned, drop_pinned),
		cmocka_unit_test_setup_teardown(pinned_contents_unpack, load_pinned, drop_pinned),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
