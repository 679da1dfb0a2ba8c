// SPDX-License-Identifier: Apache-2.0
// links: passerelle_wire
#include "test.h"

#include "wire/frame.h"

// Two frames and the head of a third.
static const uint8_t stream[] = {0, 0, 0, 3, 'a', 'b', 'c', 0, 0, 0, 1, 'z', 0, 0};

static void a_frame_comes_out_whole_however_the_stream_is_cut(void **state)
{
	(void)state;
	for (size_t cut = 0; cut <= sizeof stream; cut++) {
		struct frame_reader reader;
		frame_reader_init(&reader, FRAME_MAX);
		struct view pieces[] = {view_of(stream, cut), view_of(stream + cut, sizeof stream - cut)};
		uint8_t got[8];
		size_t length = 0;
		for (int i = 0; i < 2; i++) {
			struct view payload;
			enum fail_code fault;
			assert_ok(frame_reader_feed(&reader, pieces[i]));
			while (frame_reader_next(&reader, &payload, &fault)) {
				assert_true(length + payload.length < sizeof got);
				memcpy(got + length, payload.data, payload.length);
				length += payload.length;
				got[length++] = '|';
			}
			assert_ok(fault);
		}
		assert_int_equal(length, 6);
		assert_memory_equal(got, "abc|z|", 6);
		assert_true(frame_reader_inside(&reader));
		frame_reader_release(&reader);
	}
}

static void single_bytes_make_frames_too(void **state)
{
	(void)state;
	struct frame_reader reader;
	frame_reader_init(&reader, 16);
	unsigned frames = 0;
	for (size_t i = 0; i < sizeof stream; i++) {
		struct view payload;
		enum fail_code fault;
		assert_ok(frame_reader_feed(&reader, view_of(stream + i, 1)));
		bool whole = frame_reader_next(&reader, &payload, &fault);
		assert_ok(fault);
		assert_int_equal(whole, i == 6 || i == 11);
		assert_int_equal(frame_reader_inside(&reader), !whole);
		frames += whole;
	}
	assert_int_equal(frames, 2);
	frame_reader_release(&reader);
}

static void an_oversized_length_is_found_at_its_fourth_byte_before_room_is_made(void **state)
{
	(void)state;
	struct frame_reader reader;
	frame_reader_init(&reader, FRAME_MAX_BEFORE_HELLO);
	static const uint8_t head[] = {0, 0, 0x40, 1}; // 16 KiB and one byte
	assert_ok(frame_reader_feed(&reader, view_of(head, 3)));
	assert_int_equal(frame_reader_feed(&reader, view_of(head + 3, 1)), FAIL_TOO_LARGE);
	assert_true(reader.pending.capacity < 1024);
	struct view payload;
	enum fail_code fault;
	assert_false(frame_reader_next(&reader, &payload, &fault));
	assert_int_equal(fault, FAIL_TOO_LARGE);
	frame_reader_release(&reader);
}

static void the_largest_length_and_one_more(void **state)
{
	(void)state;
	static const uint8_t most[] = {0, 0x10, 0, 0}, more[] = {0, 0x10, 0, 1}, huge[] = {0xff, 0xff, 0xff, 0xff};
	struct frame_reader reader;
	frame_reader_init(&reader, FRAME_MAX);
	assert_ok(frame_reader_feed(&reader, view_of(most, 4)));
	frame_reader_release(&reader);
	assert_int_equal(frame_reader_feed(&reader, view_of(more, 4)), FAIL_TOO_LARGE);
	frame_reader_release(&reader);
	assert_int_equal(frame_reader_feed(&reader, view_of(huge, 4)), FAIL_TOO_LARGE);
	frame_reader_release(&reader);
}

static void a_length_of_zero_is_malformed(void **state)
{
	(void)state;
	static const uint8_t zero[4] = {0};
	struct frame_reader reader;
	frame_reader_init(&reader, FRAME_MAX);
	assert_int_equal(frame_reader_feed(&reader, view_of(zero, 4)), FAIL_MALFORMED);
	frame_reader_release(&reader);
}

static void a_fault_behind_a_good_frame_is_told_after_that_frame(void **state)
{
	(void)state;
	static const uint8_t bytes[] = {0, 0, 0, 1, 'x', 0, 0, 0, 0};
	struct frame_reader reader;
	frame_reader_init(&reader, FRAME_MAX);
	assert_ok(frame_reader_feed(&reader, view_of(bytes, sizeof bytes)));
	struct view payload;
	enum fail_code fault;
	assert_true(frame_reader_next(&reader, &payload, &fault));
	assert_false(frame_reader_next(&reader, &payload, &fault));
	assert_int_equal(fault, FAIL_MALFORMED);
	frame_reader_release(&reader);
}

static void a_frame_behind_the_hello_may_be_large_once_the_cap_is_raised(void **state)
{
	(void)state;
	enum { LARGE = 40000 };
	uint8_t *bytes = calloc(1, 5 + FRAME_HEAD + LARGE);
	assert_non_null(bytes);
	bytes[3] = 1;
	write_u32be(bytes + 5, LARGE);
	for (int raise = 0; raise < 2; raise++) {
		struct frame_reader reader;
		frame_reader_init(&reader, FRAME_MAX_BEFORE_HELLO);
		assert_ok(frame_reader_feed(&reader, view_of(bytes, 5 + FRAME_HEAD + LARGE)));
		struct view payload;
		enum fail_code fault;
		assert_true(frame_reader_next(&reader, &payload, &fault));
		if (raise)
			reader.max_frame = FRAME_MAX;
		assert_int_equal(frame_reader_next(&reader, &payload, &fault), raise);
		assert_int_equal(fault, raise ? FAIL_NONE : FAIL_TOO_LARGE);
		frame_reader_release(&reader);
	}
	free(bytes);
}

static void memory_of_large_frames_goes_when_nothing_waits(void **state)
{
	(void)state;
	uint8_t *bytes = calloc(1, FRAME_HEAD + FRAME_MAX);
	assert_non_null(bytes);
	write_u32be(bytes, FRAME_MAX);
	struct frame_reader reader;
	frame_reader_init(&reader, FRAME_MAX);
	struct view payload;
	enum fail_code fault;
	for (int round = 0; round < 3; round++) {
		assert_ok(frame_reader_feed(&reader, view_of(bytes, FRAME_HEAD + FRAME_MAX)));
		assert_true(frame_reader_next(&reader, &payload, &fault));
		assert_int_equal(payload.length, FRAME_MAX);
		assert_false(frame_reader_next(&reader, &payload, &fault));
		assert_int_equal(reader.pending.capacity, 0);
	}
	frame_reader_release(&reader);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_comes_out_whole_however_the_stream_is_cut),
		cmocka_unit_test(single_bytes_make_frames_too),
		cmocka_unit_test(an_oversized_length_is_found_at_its_fourth_byte_before_room_is_made),
		cmocka_unit_test(the_largest_length_and_one_more),
		cmocka_unit_test(a_length_of_zero_is_malformed),
		cmocka_unit_test(a_fault_behind_a_good_frame_is_told_after_that_frame),
		cmocka_unit_test(a_frame_behind_the_hello_may_be_large_once_the_cap_is_raised),
		cmocka_unit_test(memory_of_large_frames_goes_when_nothing_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
