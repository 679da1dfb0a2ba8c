// SPDX-License-Identifier: Apache-2.0
// links: test_certificates passerelle_seal
#include "test.h"

#include "lib/certificates.h"
#include "seal/signing.h"

#include <stdio.h>

struct fixture {
	struct test_ca *ca;
	struct test_identity anna, ben, hub;
	struct arena arena;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	assert_non_null(fixture);
	fixture->ca = test_ca_new();
	test_identity_init(&fixture->anna, fixture->ca, USE_SIGNING, "urn:iss:member:CH:caseworker:anna");
	test_identity_init(&fixture->ben, fixture->ca, USE_SIGNING, "urn:iss:member:CH:caseworker:ben");
	test_identity_init(&fixture->hub, fixture->ca, USE_RECEIPT, "urn:iss:hub:MAIN:receipt:1");
	arena_init(&fixture->arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	arena_release(&fixture->arena);
	test_identity_release(&fixture->anna);
	test_identity_release(&fixture->ben);
	test_identity_release(&fixture->hub);
	test_ca_free(fixture->ca);
	free(fixture);
	return 0;
}

enum { MOST = MAX_TREE_LEAVES };

struct batch {
	struct envelope envelope[MOST];
	char header[MOST][32];
};

static void sign_some(struct fixture *fixture, struct batch *batch, size_t count, const struct test_identity *by)
{
	memset(batch, 0, sizeof *batch);
	for (size_t i = 0; i < count; i++) {
		int length = snprintf(batch->header[i], sizeof batch->header[i], "header number %zu", i);
		batch->envelope[i].header = view_of(batch->header[i], (size_t)length);
	}
	assert_ok(envelopes_sign(batch->envelope, count, by->key, by->certificate, &fixture->arena));
}

static void one_header_alone_is_signed_by_itself(void **state)
{
	struct fixture *fixture = *state;
	struct batch batch;
	sign_some(fixture, &batch, 1, &fixture->anna);
	assert_int_equal(batch.envelope[0].batch_size, 0);
	assert_ok(envelope_verify(&batch.envelope[0], fixture->anna.certificate));
	assert_int_equal(envelope_verify(&batch.envelope[0], fixture->ben.certificate), FAIL_UNKNOWN_SIGNER);
}

static void another_signer_does_not_fit_even_under_the_right_hash(void **state)
{
	struct fixture *fixture = *state;
	struct batch batch;
	sign_some(fixture, &batch, 1, &fixture->anna);
	batch.envelope[0].signer = *certificate_hash(fixture->ben.certificate);
	assert_int_equal(envelope_verify(&batch.envelope[0], fixture->ben.certificate), FAIL_BAD_SIGNATURE);
}

static void every_size_of_batch_verifies_under_one_root(void **state)
{
	struct fixture *fixture = *state;
	static const size_t sizes[] = {2, 3, 7, 8, 33, 255, 256};
	struct batch *batch = malloc(sizeof *batch);
	assert_non_null(batch);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct signed_text first;
		sign_some(fixture, batch, sizes[i], &fixture->anna);
		assert_ok(envelope_signed_text(&first, &batch->envelope[0]));
		for (size_t j = 0; j < sizes[i]; j++) {
			struct signed_text text;
			assert_int_equal(batch->envelope[j].batch_size, sizes[i]);
			assert_int_equal(batch->envelope[j].batch_index, j);
			assert_ok(envelope_signed_text(&text, &batch->envelope[j]));
			assert_true(hash_equal(&text.root, &first.root));
			assert_ok(envelope_verify(&batch->envelope[j], fixture->anna.certificate));
		}
		arena_release(&fixture->arena);
	}
	free(batch);
}

// Flips every bit of the copy of `bytes` that `at` shows, one by one.
static void assert_every_bit_counts(struct view *at, const struct envelope *envelope, const struct certificate *signer)
{
	uint8_t copy[128];
	struct view right = *at;
	assert_true(right.length <= sizeof copy);
	memcpy(copy, right.data, right.length);
	at->data = copy;
	for (size_t bit = 0; bit < right.length * 8; bit++) {
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(envelope_verify(envelope, signer), FAIL_BAD_SIGNATURE);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_ok(envelope_verify(envelope, signer));
	*at = right;
}

static void a_flipped_bit_in_header_or_signature_is_found(void **state)
{
	struct fixture *fixture = *state;
	for (size_t count = 1; count <= 5; count += 4) {
		struct batch batch;
		sign_some(fixture, &batch, count, &fixture->anna);
		struct envelope *envelope = &batch.envelope[count - 1];
		assert_every_bit_counts(&envelope->header, envelope, fixture->anna.certificate);
		assert_every_bit_counts(&envelope->signature, envelope, fixture->anna.certificate);
	}
}

static void a_signature_of_another_length_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct batch batch;
	sign_some(fixture, &batch, 1, &fixture->anna);
	uint8_t longer[200] = {0};
	const size_t right = batch.envelope[0].signature.length;
	memcpy(longer, batch.envelope[0].signature.data, right);
	for (size_t length = 0; length <= sizeof longer; length++) {
		batch.envelope[0].signature = view_of(longer, length);
		assert_int_equal(envelope_verify(&batch.envelope[0], fixture->anna.certificate),
		                 length == right ? FAIL_NONE : FAIL_BAD_SIGNATURE);
	}
}

static void a_flipped_bit_in_a_batch_path_is_found(void **state)
{
	struct fixture *fixture = *state;
	struct batch batch;
	sign_some(fixture, &batch, 6, &fixture->anna);
	struct envelope *envelope = &batch.envelope[3];
	assert_int_equal(envelope->batch_path_count, 3);
	for (size_t bit = 0; bit < 3 * HASH_SIZE * 8; bit++) {
		uint8_t *byte = &envelope->batch_path[bit / 256].byte[bit % 256 / 8];
		*byte ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(envelope_verify(envelope, fixture->anna.certificate), FAIL_BAD_SIGNATURE);
		*byte ^= (uint8_t)(1u << bit % 8);
	}
	assert_ok(envelope_verify(envelope, fixture->anna.certificate));
}

static void a_place_in_the_batch_cannot_be_changed(void **state)
{
	struct fixture *fixture = *state;
	struct batch batch;
	sign_some(fixture, &batch, 6, &fixture->anna);
	struct envelope right = batch.envelope[3];
	for (uint32_t size = 0; size <= MAX_TREE_LEAVES + 1; size++) {
		for (uint32_t index = 0; index <= size; index++) {
			struct envelope wrong = right;
			wrong.batch_size = size;
			wrong.batch_index = index;
			// A path fixes the turns that it takes: place 3 takes the same ones in trees of 5 to 8 leaves.
			bool same_turns = index == 3 && size >= 5 && size <= 8;
			assert_int_equal(envelope_verify(&wrong, fixture->anna.certificate),
			                 same_turns ? FAIL_NONE : FAIL_BAD_SIGNATURE);
		}
	}
	struct envelope moved = right;
	moved.batch_index = 2;
	assert_int_equal(envelope_verify(&moved, fixture->anna.certificate), FAIL_BAD_SIGNATURE);
	moved = right;
	moved.header = batch.envelope[2].header;
	assert_int_equal(envelope_verify(&moved, fixture->anna.certificate), FAIL_BAD_SIGNATURE);
}

static void a_single_signature_with_batch_fields_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct batch batch;
	sign_some(fixture, &batch, 1, &fixture->anna);
	struct envelope wrong = batch.envelope[0];
	wrong.batch_index = 1;
	assert_int_equal(envelope_verify(&wrong, fixture->anna.certificate), FAIL_BAD_SIGNATURE);
	struct hash node = {{0}};
	wrong = batch.envelope[0];
	wrong.batch_path = &node;
	wrong.batch_path_count = 1;
	assert_int_equal(envelope_verify(&wrong, fixture->anna.certificate), FAIL_BAD_SIGNATURE);
	wrong = batch.envelope[0];
	wrong.batch_size = 1; // a tree of one leaf is over another text
	assert_int_equal(envelope_verify(&wrong, fixture->anna.certificate), FAIL_BAD_SIGNATURE);
}

static void a_p256_key_signs_as_well(void **state)
{
	struct fixture *fixture = *state;
	struct test_identity card = {.key = test_key("P-256")};
	struct test_leaf leaf = test_leaf_for(USE_SIGNING, "critical,URI:urn:iss:member:CH:caseworker:card");
	struct bytes der;
	bytes_init(&der, 4096);
	test_ca_issue(fixture->ca, &leaf, card.key, &der);
	assert_ok(certificate_parse(&card.certificate, bytes_view(&der), NULL));
	for (size_t count = 1; count <= 3; count += 2) {
		struct batch batch;
		sign_some(fixture, &batch, count, &card);
		assert_true(batch.envelope[0].signature.length > 64);
		assert_every_bit_counts(&batch.envelope[0].signature, &batch.envelope[0], card.certificate);
		assert_every_bit_counts(&batch.envelope[0].header, &batch.envelope[0], card.certificate);
	}
	bytes_release(&der);
	test_identity_release(&card);
}

// As the hub does it: one signature over the statements of one commit.
struct commit {
	struct hash leaf[8], path[8][MAX_TREE_PATH];
	char statement[8][32];
	struct bytes signature;
	struct hub_receipt receipt[8];
};

static void make_commit(struct commit *commit, size_t count, const struct test_identity *hub)
{
	memset(commit, 0, sizeof *commit);
	bytes_init(&commit->signature, 128);
	for (size_t i = 0; i < count; i++) {
		int length = snprintf(commit->statement[i], sizeof commit->statement[i], "statement %zu", i);
		commit->receipt[i].statement = view_of(commit->statement[i], (size_t)length);
		commit->leaf[i] = tree_leaf(commit->receipt[i].statement);
	}
	struct hash root = tree_root(commit->leaf, count);
	assert_ok(sign(hub->key, DOMAIN_RECEIPT, view_of(root.byte, HASH_SIZE), &commit->signature));
	for (size_t i = 0; i < count; i++) {
		struct hub_receipt *receipt = &commit->receipt[i];
		receipt->path = commit->path[i];
		receipt->path_count = MAX_TREE_PATH;
		tree_path(commit->leaf, count, i, receipt->path, &receipt->path_count);
		receipt->index = (uint32_t)i;
		receipt->size = (uint32_t)count;
		receipt->signature = bytes_view(&commit->signature);
		receipt->signer = *certificate_hash(hub->certificate);
	}
}

static void receipts_of_one_commit_verify(void **state)
{
	struct fixture *fixture = *state;
	for (size_t count = 1; count <= 8; count++) {
		struct commit commit;
		make_commit(&commit, count, &fixture->hub);
		for (size_t i = 0; i < count; i++)
			assert_ok(receipt_verify(&commit.receipt[i], fixture->hub.certificate, NULL));
		bytes_release(&commit.signature);
	}
}

static void a_flipped_bit_anywhere_in_a_receipt_is_found(void **state)
{
	struct fixture *fixture = *state;
	const struct certificate *hub = fixture->hub.certificate;
	struct commit commit;
	make_commit(&commit, 5, &fixture->hub);
	struct hub_receipt *receipt = &commit.receipt[2];
	for (size_t bit = 0; bit < receipt->statement.length * 8; bit++) {
		commit.statement[2][bit / 8] = (char)(commit.statement[2][bit / 8] ^ (1 << bit % 8));
		assert_int_equal(receipt_verify(receipt, hub, NULL), FAIL_BAD_SIGNATURE);
		commit.statement[2][bit / 8] = (char)(commit.statement[2][bit / 8] ^ (1 << bit % 8));
	}
	for (size_t bit = 0; bit < receipt->path_count * 256; bit++) {
		receipt->path[bit / 256].byte[bit % 256 / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(receipt_verify(receipt, hub, NULL), FAIL_BAD_SIGNATURE);
		receipt->path[bit / 256].byte[bit % 256 / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t bit = 0; bit < commit.signature.length * 8; bit++) {
		commit.signature.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(receipt_verify(receipt, hub, NULL), FAIL_BAD_SIGNATURE);
		commit.signature.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t bit = 0; bit < HASH_SIZE * 8; bit++) {
		receipt->signer.byte[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(receipt_verify(receipt, hub, NULL), FAIL_UNKNOWN_SIGNER);
		receipt->signer.byte[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_ok(receipt_verify(receipt, hub, NULL));
	receipt->index = 3;
	assert_int_equal(receipt_verify(receipt, hub, NULL), FAIL_BAD_SIGNATURE);
	bytes_release(&commit.signature);
}

static void only_a_receipt_certificate_makes_receipts(void **state)
{
	struct fixture *fixture = *state;
	struct commit commit;
	make_commit(&commit, 2, &fixture->anna);
	struct fail why;
	assert_int_equal(receipt_verify(&commit.receipt[0], fixture->anna.certificate, &why), FAIL_UNKNOWN_SIGNER);
	bytes_release(&commit.signature);
}

static void a_statement_must_speak_of_the_very_envelope(void **state)
{
	struct fixture *fixture = *state;
	const struct view header_bytes = view_of_text("header"), envelope_bytes = view_of_text("envelope");
	struct header header = {.message = {{1}}, .case_id = {{2}}, .from = "CH"};
	struct hub_statement right = {.message = {{1}},
	                              .case_id = {{2}},
	                              .from = "CH",
	                              .hub = "urn:iss:hub:MAIN:receipt:1"};
	right.header_hash = header_hash(header_bytes);
	right.envelope_hash = sha256(envelope_bytes);
	struct hub_statement wrong[6] = {right, right, right, right, right, right};
	wrong[0].message.byte[15] = 1;
	wrong[1].from[1] = 'N';
	wrong[2].case_id.byte[0] = 3;
	wrong[3].header_hash.byte[31] ^= 1;
	wrong[4].envelope_hash.byte[0] ^= 1;
	wrong[5].hub[12] = 'X';
	static const char *const words[] = {"message id", "sender", "case", "header", "envelope", "hub"};
	const struct certificate *hub = fixture->hub.certificate;
	assert_ok(receipt_fits(&right, &header, header_bytes, envelope_bytes, hub, NULL));
	for (int i = 0; i < 6; i++) {
		struct fail why;
		assert_int_equal(receipt_fits(&wrong[i], &header, header_bytes, envelope_bytes, hub, &why), FAIL_BAD_SIGNATURE);
		assert_non_null(strstr(why.text, words[i]));
	}
}

static void the_domains_keep_signatures_apart(void **state)
{
	struct fixture *fixture = *state;
	static const char *const domains[] = {DOMAIN_ENVELOPE, DOMAIN_BATCH, DOMAIN_RECEIPT};
	const struct view root = view_of_text("0123456789abcdef0123456789abcdef");
	for (int i = 0; i < 3; i++) {
		struct bytes signature;
		bytes_init(&signature, 128);
		assert_ok(sign(fixture->anna.key, domains[i], root, &signature));
		for (int j = 0; j < 3; j++)
			assert_int_equal(verify(fixture->anna.certificate, domains[j], root, bytes_view(&signature)),
			                 i == j ? FAIL_NONE : FAIL_BAD_SIGNATURE);
		bytes_release(&signature);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_header_alone_is_signed_by_itself, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_signer_does_not_fit_even_under_the_right_hash, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_size_of_batch_verifies_under_one_root, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_flipped_bit_in_header_or_signature_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_signature_of_another_length_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_flipped_bit_in_a_batch_path_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_place_in_the_batch_cannot_be_changed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_single_signature_with_batch_fields_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_p256_key_signs_as_well, set_up, tear_down),
		cmocka_unit_test_setup_teardown(receipts_of_one_commit_verify, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_flipped_bit_anywhere_in_a_receipt_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_a_receipt_certificate_makes_receipts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_statement_must_speak_of_the_very_envelope, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_domains_keep_signatures_apart, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
