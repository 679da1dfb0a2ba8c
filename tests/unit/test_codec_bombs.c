// SPDX-License-Identifier: Apache-2.0
// links: passerelle_wire
//
// Small inputs that protobuf-c alone would blow up, and large ones that are right.
#include "test.h"

#include "codec_samples.h"
#include "wire/frame.h"

#include <time.h>

enum { MIB = 1024 * 1024 };

struct bomb {
	struct arena arena;
	struct bytes bytes;
	clock_t begun;
};

static int set_up(void **state)
{
	struct bomb *bomb = calloc(1, sizeof *bomb);
	arena_init(&bomb->arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&bomb->bytes, 2 * MIB);
	bomb->begun = clock();
	*state = bomb;
	return 0;
}

static int tear_down(void **state)
{
	struct bomb *bomb = *state;
	arena_release(&bomb->arena);
	bytes_release(&bomb->bytes);
	free(bomb);
	return 0;
}

static void add(struct bomb *bomb, const char *text, size_t length)
{
	assert_ok(bytes_append(&bomb->bytes, text, length));
}

static void add_repeated(struct bomb *bomb, const char *text, size_t length, size_t up_to)
{
	while (bomb->bytes.length + length <= up_to)
		add(bomb, text, length);
}

// Head of a nested message of this field that fills the bytes up to `up_to`.
static void open_message(struct bomb *bomb, uint8_t tag, size_t up_to)
{
	size_t length = up_to - bomb->bytes.length - 4;
	const uint8_t head[] = {tag, (uint8_t)(length | 0x80), (uint8_t)(length >> 7 | 0x80), (uint8_t)(length >> 14)};
	assert_ok(bytes_append(&bomb->bytes, head, sizeof head));
}

// Well below a second even under a sanitizer on a loaded machine; 3 ms are usual.
static void assert_quick(const struct bomb *bomb)
{
	assert_true(clock() - bomb->begun < CLOCKS_PER_SEC / 2);
	assert_true(bomb->arena.used <= ARENA_MESSAGE_CAP);
}

static void a_megabyte_of_unknown_fields_costs_nothing(void **state)
{
	struct bomb *bomb = *state;
	struct frame frame;
	struct fail why;
	open_message(bomb, 0x12, MIB);
	add_repeated(bomb, "\x78\0", 2, MIB);
	assert_int_equal(frame_decode(&frame, bytes_view(&bomb->bytes), &bomb->arena, &why), FAIL_MALFORMED);
	assert_string_equal(why.text, "frame.hello.15: no such field");
	assert_int_equal(bomb->arena.used, 0);
	assert_quick(bomb);
}

static void a_megabyte_of_empty_directory_entries_costs_nothing(void **state)
{
	struct bomb *bomb = *state;
	struct frame frame;
	struct fail why;
	open_message(bomb, 0x4a, MIB);
	open_message(bomb, 0x1a, MIB);
	add_repeated(bomb, "\x12\0", 2, MIB);
	assert_int_equal(frame_decode(&frame, bytes_view(&bomb->bytes), &bomb->arena, &why), FAIL_TOO_LARGE);
	assert_string_equal(why.text, "frame.answer.directory.entry: more elements than allowed");
	assert_int_equal(bomb->arena.used, 0);
	assert_quick(bomb);
}

static void an_envelope_of_empty_stanzas_costs_nothing(void **state)
{
	struct bomb *bomb = *state;
	struct envelope envelope;
	struct fail why;
	add_repeated(bomb, "\x22\0", 2, MAX_ENVELOPE);
	assert_int_equal(envelope_decode(&envelope, bytes_view(&bomb->bytes), &bomb->arena, &why), FAIL_TOO_LARGE);
	assert_int_equal(bomb->arena.used, 0);
	assert_quick(bomb);
}

static void a_header_of_empty_objects_costs_nothing(void **state)
{
	struct bomb *bomb = *state;
	struct header header;
	struct fail why;
	add_repeated(bomb, "\xaa\x01\0", 3, MAX_HEADER);
	assert_int_equal(header_decode(&header, bytes_view(&bomb->bytes), &bomb->arena, &why), FAIL_TOO_LARGE);
	assert_int_equal(bomb->arena.used, 0);
	add_repeated(bomb, "\xaa\x01\0", 3, MIB);
	assert_int_equal(header_decode(&header, bytes_view(&bomb->bytes), &bomb->arena, &why), FAIL_TOO_LARGE);
	assert_quick(bomb);
}

// As many empty certificates as 1 MiB holds: 16 bytes each when unpacked.
static void lists_in_lists_end_at_the_memory_limit(void **state)
{
	struct bomb *bomb = *state;
	struct frame frame;
	struct fail why;
	enum { IN_ENTRY = 4 + 3 * 256 * 2, ENTRIES = (MIB - 8) / IN_ENTRY };
	size_t end = 8 + (size_t)ENTRIES * IN_ENTRY;
	open_message(bomb, 0x4a, end);
	open_message(bomb, 0x1a, end);
	for (size_t at = 8; at < end; at += IN_ENTRY) {
		open_message(bomb, 0x12, at + IN_ENTRY);
		add_repeated(bomb, "\x2a\0", 2, at + 4 + 512);
		add_repeated(bomb, "\x32\0", 2, at + 4 + 1024);
		add_repeated(bomb, "\x3a\0", 2, at + IN_ENTRY);
	}
	assert_int_equal(bomb->bytes.length, end);
	assert_int_equal(frame_decode(&frame, bytes_view(&bomb->bytes), &bomb->arena, &why), FAIL_NO_MEMORY);
	assert_quick(bomb);
}

static void numbers_in_a_packed_list_are_counted(void **state)
{
	struct bomb *bomb = *state;
	struct frame frame;
	struct fail why;
	open_message(bomb, 0x2a, MIB);
	open_message(bomb, 0x22, MIB);
	add_repeated(bomb, "\x01", 1, MIB);
	assert_int_equal(frame_decode(&frame, bytes_view(&bomb->bytes), &bomb->arena, &why), FAIL_TOO_LARGE);
	assert_int_equal(bomb->arena.used, 0);
	assert_quick(bomb);
}

static void the_arena_of_the_caller_is_the_limit(void **state)
{
	struct bomb *bomb = *state;
	struct header header = sample_referral();
	struct fail why;
	assert_ok(header_encode(&header, &bomb->bytes));
	struct arena small;
	arena_init(&small, 1024, ARENA_MESSAGE_ALLOCATIONS);
	assert_int_equal(header_decode(&header, bytes_view(&bomb->bytes), &small, &why), FAIL_NO_MEMORY);
	assert_true(small.used <= 1024);
	arena_release(&small);
	arena_init(&small, ARENA_MESSAGE_CAP, 2);
	assert_int_equal(header_decode(&header, bytes_view(&bomb->bytes), &small, &why), FAIL_NO_MEMORY);
	arena_release(&small);
}

static void the_directory_of_the_whole_federation_fits(void **state)
{
	struct bomb *bomb = *state;
	enum { MEMBERS = 400 };
	static struct directory_entry entries[MEMBERS];
	static char codes[MEMBERS][MEMBER_CODE_SIZE];
	static const uint8_t certificate[400];
	static struct view certificates[5];
	for (int i = 0; i < 5; i++)
		certificates[i] = view_of(certificate, sizeof certificate);
	for (int i = 0; i < MEMBERS; i++) {
		snprintf(codes[i], sizeof codes[i], "M%d", i);
		entries[i] = sample_entries[0];
		entries[i].code = codes[i];
		entries[i].signing = certificates;
		entries[i].signing_count = 5;
	}
	struct frame frame = {.id = 1, .kind = FRAME_ANSWER};
	struct answer *answer = &frame.of.answer;
	*answer = (struct answer){.kind = QUESTION_DIRECTORY, .version = 1, .entry = entries, .entry_count = MEMBERS};
	assert_ok(frame_encode(&frame, &bomb->bytes));
	struct view payload = view_of(bomb->bytes.data + FRAME_HEAD, bomb->bytes.length - FRAME_HEAD);
	struct fail why = {0};
	if (frame_decode(&frame, payload, &bomb->arena, &why) != FAIL_NONE)
		fail_msg("%s", why.text);
	assert_int_equal(frame.of.answer.entry_count, MEMBERS);
	assert_quick(bomb);
}

static void the_longest_table_of_flow_fits(void **state)
{
	struct bomb *bomb = *state;
	static struct flow_row rows[MAX_FLOW_ROWS];
	for (int i = 0; i < MAX_FLOW_ROWS; i++)
		rows[i] = sample_rows[0];
	struct frame frame = {.id = 1, .kind = FRAME_ANSWER};
	frame.of.answer = (struct answer){.kind = QUESTION_FLOW, .flow = rows, .flow_count = MAX_FLOW_ROWS};
	assert_ok(frame_encode(&frame, &bomb->bytes));
	struct view payload = view_of(bomb->bytes.data + FRAME_HEAD, bomb->bytes.length - FRAME_HEAD);
	struct fail why = {0};
	if (frame_decode(&frame, payload, &bomb->arena, &why) != FAIL_NONE)
		fail_msg("%s", why.text);
	assert_int_equal(frame.of.answer.flow_count, MAX_FLOW_ROWS);
	assert_quick(bomb);
}

static void an_ordinary_submission_needs_few_allocations(void **state)
{
	struct bomb *bomb = *state;
	static const uint8_t body[2500];
	struct envelope envelope = sample_envelope();
	envelope.sealed_body = view_of(body, sizeof body);
	assert_ok(envelope_encode(&envelope, &bomb->bytes));
	struct frame frame = {.id = 1, .kind = FRAME_SUBMIT, .of.submit = {bytes_view(&bomb->bytes)}};
	struct bytes out;
	struct fail why;
	bytes_init(&out, MIB);
	assert_ok(frame_encode(&frame, &out));
	assert_ok(frame_decode(&frame, view_of(out.data + FRAME_HEAD, out.length - FRAME_HEAD), &bomb->arena, &why));
	assert_true(bomb->arena.allocations <= 4);
	assert_ok(envelope_decode(&envelope, frame.of.submit.envelope, &bomb->arena, &why));
	assert_true(bomb->arena.allocations <= 12);
	bytes_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_megabyte_of_unknown_fields_costs_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_megabyte_of_empty_directory_entries_costs_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_envelope_of_empty_stanzas_costs_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_header_of_empty_objects_costs_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lists_in_lists_end_at_the_memory_limit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(numbers_in_a_packed_list_are_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_arena_of_the_caller_is_the_limit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_directory_of_the_whole_federation_fits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_longest_table_of_flow_fits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_ordinary_submission_needs_few_allocations, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
