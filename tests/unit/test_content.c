// SPDX-License-Identifier: Apache-2.0
// links: passerelle_seal
#include "test.h"

#include "seal/content.h"

#include <zlib.h>

static void a_bucket_adds_at_most_12_percent_and_tells_few_bits(void **state)
{
	(void)state;
	static const struct {
		uint64_t length, bucket;
	} known[] = {
		{0, 256}, {1, 256}, {256, 256}, {257, 272}, {272, 272}, {273, 288}, {1000, 1024}, {1024, 1024}, {1025, 1088},
		{16383, 16384}, {16385, 17408}, {100000, 100352}, {1000000, 1015808},
		{UINT64_C(200) << 20, UINT64_C(200) << 20},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		assert_int_equal(content_bucket(known[i].length), known[i].bucket);
	uint64_t last = 0;
	for (uint64_t length = 256; length < 300000; length += 7) {
		uint64_t bucket = content_bucket(length);
		assert_true(bucket >= length && bucket >= last);
		assert_true(bucket * 100 <= length * 112);
		assert_int_equal(content_bucket(bucket), bucket);
		last = bucket;
	}
}

static void assert_comes_back(struct view body)
{
	struct bytes plain, again;
	bytes_init(&plain, 8 * 1024 * 1024);
	bytes_init(&again, CONTENT_BODY_CAP);
	assert_ok(content_pack_body(body, &plain));
	assert_int_equal(content_bucket(plain.length), plain.length);
	assert_ok(content_unpack_body(bytes_view(&plain), &again));
	assert_true(view_equal(bytes_view(&again), body));
	bytes_release(&plain);
	bytes_release(&again);
}

static uint8_t *noise(size_t length)
{
	uint8_t *data = malloc(length);
	assert_non_null(data);
	uint32_t number = 1;
	for (size_t i = 0; i < length; i++) {
		number = number * 1664525 + 1013904223;
		data[i] = (uint8_t)(number >> 24);
	}
	return data;
}

static void bodies_of_any_size_come_back(void **state)
{
	(void)state;
	static const size_t lengths[] =
		{0, 1, 2, 250, 251, 252, 5000, 65536, 65537, 1 << 20, CONTENT_BODY_CAP - 1, CONTENT_BODY_CAP};
	uint8_t *random = noise(CONTENT_BODY_CAP), *even = calloc(1, CONTENT_BODY_CAP);
	assert_non_null(even);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		assert_comes_back(view_of(random, lengths[i]));
		assert_comes_back(view_of(even, lengths[i]));
	}
	free(random);
	free(even);
}

static void text_is_stored_compressed_and_noise_is_not(void **state)
{
	(void)state;
	uint8_t *random = noise(4096);
	struct bytes plain;
	bytes_init(&plain, 1 << 20);
	assert_ok(content_pack_body(view_of(random, 4096), &plain));
	assert_int_equal(plain.data[0], 0);
	assert_int_equal(plain.length, content_bucket(4096 + 5));
	bytes_clear(&plain);
	memset(random, 'a', 4096);
	assert_ok(content_pack_body(view_of(random, 4096), &plain));
	assert_int_equal(plain.data[0], 1);
	assert_int_equal(plain.length, 256);
	bytes_release(&plain);
	free(random);
}

static enum fail_code unpack(const uint8_t *plain, size_t length)
{
	struct bytes body;
	bytes_init(&body, CONTENT_BODY_CAP);
	enum fail_code code = content_unpack_body(view_of(plain, length), &body);
	assert_true(code == FAIL_NONE || body.length == 0);
	bytes_release(&body);
	return code;
}

static void anything_but_zeros_behind_the_body_is_refused(void **state)
{
	(void)state;
	struct bytes plain;
	bytes_init(&plain, 1024);
	assert_ok(content_pack_body(view_of_text("short"), &plain));
	assert_int_equal(plain.length, 256);
	for (size_t i = 10; i < plain.length; i++) {
		plain.data[i] = 1;
		assert_int_equal(unpack(plain.data, plain.length), FAIL_CANNOT_OPEN);
		plain.data[i] = 0;
	}
	assert_ok(unpack(plain.data, plain.length));
	bytes_release(&plain);
}

static void wrong_lengths_formats_and_buckets_are_refused(void **state)
{
	(void)state;
	uint8_t plain[512] = {0};
	write_u32be(plain + 1, 3);
	assert_ok(unpack(plain, 256));
	for (size_t length = 0; length < 256; length++)
		assert_int_equal(unpack(plain, length), FAIL_CANNOT_OPEN);
	assert_int_equal(unpack(plain, 257), FAIL_CANNOT_OPEN);
	assert_int_equal(unpack(plain, 272), FAIL_CANNOT_OPEN);
	write_u32be(plain + 1, 252);
	assert_int_equal(unpack(plain, 256), FAIL_CANNOT_OPEN);
	write_u32be(plain + 1, UINT32_MAX);
	assert_int_equal(unpack(plain, 256), FAIL_CANNOT_OPEN);
	write_u32be(plain + 1, 3);
	for (int format = 1; format < 256; format++) {
		plain[0] = (uint8_t)format;
		assert_int_equal(unpack(plain, 256), FAIL_CANNOT_OPEN);
	}
}

// A content in zlib form whose data is exactly what the test wants.
static struct bytes compressed(const uint8_t *data, size_t length, size_t behind)
{
	struct bytes plain;
	bytes_init(&plain, 1 << 20);
	uLongf made = compressBound(length);
	uint8_t *out = malloc(made);
	assert_non_null(out);
	assert_int_equal(compress(out, &made, data, length), Z_OK);
	size_t bucket = (size_t)content_bucket(5 + made + behind);
	uint8_t *room = bytes_room(&plain, bucket);
	assert_non_null(room);
	memset(room, 0, bucket);
	room[0] = 1;
	write_u32be(room + 1, (uint32_t)(made + behind));
	memcpy(room + 5, out, made);
	bytes_added(&plain, bucket);
	free(out);
	return plain;
}

static void a_bomb_ends_at_the_cap_and_leaves_nothing(void **state)
{
	(void)state;
	size_t length = CONTENT_BODY_CAP + 1;
	uint8_t *data = calloc(1, 100 * length);
	assert_non_null(data);
	struct bytes over = compressed(data, length, 0), bomb = compressed(data, 100 * length, 0);
	assert_int_equal(unpack(over.data, over.length), FAIL_TOO_LARGE);
	assert_int_equal(unpack(bomb.data, bomb.length), FAIL_TOO_LARGE);
	struct bytes small;
	bytes_init(&small, 1000);
	struct bytes fits = compressed(data, 1001, 0);
	assert_int_equal(content_unpack_body(bytes_view(&fits), &small), FAIL_TOO_LARGE);
	assert_int_equal(small.length, 0);
	bytes_release(&small);
	bytes_release(&fits);
	bytes_release(&over);
	bytes_release(&bomb);
	free(data);
}

static void bytes_behind_the_end_of_the_zlib_form_are_refused(void **state)
{
	(void)state;
	struct bytes plain = compressed((const uint8_t *)"hidden", 6, 1);
	assert_int_equal(unpack(plain.data, plain.length), FAIL_CANNOT_OPEN);
	bytes_release(&plain);
}

static void a_flipped_bit_in_the_zlib_form_gives_no_other_body(void **state)
{
	(void)state;
	static const uint8_t text[] = "the same words, the same words, the same words and the same words again";
	struct bytes plain = compressed(text, sizeof text, 0);
	size_t length = read_u32be(plain.data + 1);
	for (size_t bit = 0; bit < length * 8; bit++) {
		struct bytes body;
		bytes_init(&body, CONTENT_BODY_CAP);
		plain.data[5 + bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (content_unpack_body(bytes_view(&plain), &body) == FAIL_NONE)
			assert_memory_equal(body.data, text, sizeof text); // some header bits of zlib mean nothing
		plain.data[5 + bit / 8] ^= (uint8_t)(1u << bit % 8);
		bytes_release(&body);
	}
	bytes_release(&plain);
}

static void a_body_over_the_cap_is_not_packed(void **state)
{
	(void)state;
	uint8_t *data = calloc(1, CONTENT_BODY_CAP + 1);
	assert_non_null(data);
	struct bytes plain;
	bytes_init(&plain, 16 * 1024 * 1024);
	assert_int_equal(content_pack_body(view_of(data, CONTENT_BODY_CAP + 1), &plain), FAIL_TOO_LARGE);
	bytes_release(&plain);
	bytes_init(&plain, 255);
	assert_int_equal(content_pack_body(view_of(data, 1), &plain), FAIL_TOO_LARGE);
	bytes_release(&plain);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bucket_adds_at_most_12_percent_and_tells_few_bits),
		cmocka_unit_test(bodies_of_any_size_come_back),
		cmocka_unit_test(text_is_stored_compressed_and_noise_is_not),
		cmocka_unit_test(anything_but_zeros_behind_the_body_is_refused),
		cmocka_unit_test(wrong_lengths_formats_and_buckets_are_refused),
		cmocka_unit_test(a_bomb_ends_at_the_cap_and_leaves_nothing),
		cmocka_unit_test(bytes_behind_the_end_of_the_zlib_form_are_refused),
		cmocka_unit_test(a_flipped_bit_in_the_zlib_form_gives_no_other_body),
		cmocka_unit_test(a_body_over_the_cap_is_not_packed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
