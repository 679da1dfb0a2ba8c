// SPDX-License-Identifier: Apache-2.0
// links: passerelle_wire
#include "test.h"

#include "codec_samples.h"
#include "wire/frame.h"

struct fixture {
	struct arena arena;
	struct bytes out, again;
	struct fail why;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	arena_init(&fixture->arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&fixture->out, 4 * 1024 * 1024);
	bytes_init(&fixture->again, 4 * 1024 * 1024);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	arena_release(&fixture->arena);
	bytes_release(&fixture->out);
	bytes_release(&fixture->again);
	free(fixture);
	return 0;
}

static struct view payload_of(const struct bytes *encoded)
{
	assert_true(encoded->length > FRAME_HEAD);
	assert_int_equal(read_u32be(encoded->data), encoded->length - FRAME_HEAD);
	return view_of(encoded->data + FRAME_HEAD, encoded->length - FRAME_HEAD);
}

static void assert_same(const struct bytes *a, const struct bytes *b)
{
	assert_int_equal(a->length, b->length);
	assert_memory_equal(a->data, b->data, a->length);
}

static void every_frame_comes_back_as_it_was(void **state)
{
	struct fixture *fixture = *state;
	bool seen[FRAME_KIND_COUNT] = {false};
	for (size_t i = 0; i < SAMPLE_FRAME_COUNT; i++) {
		struct frame frame;
		bytes_clear(&fixture->out);
		bytes_clear(&fixture->again);
		assert_ok(frame_encode(&sample_frames[i].frame, &fixture->out));
		assert_ok(frame_decode(&frame, payload_of(&fixture->out), &fixture->arena, &fixture->why));
		assert_int_equal(frame.id, sample_frames[i].frame.id);
		assert_int_equal(frame.kind, sample_frames[i].frame.kind);
		assert_ok(frame_encode(&frame, &fixture->again));
		assert_same(&fixture->out, &fixture->again);
		seen[frame.kind] = true;
		arena_release(&fixture->arena);
	}
	for (int kind = FRAME_NONE + 1; kind < FRAME_KIND_COUNT; kind++)
		assert_true(seen[kind]);
}

static void the_fields_of_a_frame_arrive_in_their_places(void **state)
{
	struct fixture *fixture = *state;
	struct frame frame;
	assert_ok(frame_encode(&sample_frames[0].frame, &fixture->out));
	assert_ok(frame_decode(&frame, payload_of(&fixture->out), &fixture->arena, &fixture->why));
	assert_int_equal(frame.of.hello.max_minor, 2);
	assert_int_equal(frame.of.hello.credit_bytes, 4194304);
	assert_true(frame.of.hello.resume);
	assert_int_equal(frame.of.hello.mailbox_epoch, 3);
	assert_int_equal(frame.of.hello.cursor, 41);
	assert_int_equal(frame.of.hello.now, SAMPLE_TIME);
	assert_string_equal(frame.of.hello.software, "passerelle 0.1");
}

static void headers_of_every_kind_come_back_as_they_were(void **state)
{
	struct fixture *fixture = *state;
	for (size_t i = 0; i < SAMPLE_HEADER_COUNT; i++) {
		struct header header = sample_headers[i].make(), back;
		bytes_clear(&fixture->out);
		bytes_clear(&fixture->again);
		assert_ok(header_encode(&header, &fixture->out));
		assert_ok(header_decode(&back, bytes_view(&fixture->out), &fixture->arena, &fixture->why));
		assert_int_equal(back.kind, header.kind);
		assert_string_equal(back.author, header.author);
		assert_int_equal(back.to_count, header.to_count);
		assert_int_equal(back.seen_case_seq, header.seen_case_seq);
		assert_ok(header_encode(&back, &fixture->again));
		assert_same(&fixture->out, &fixture->again);
		arena_release(&fixture->arena);
	}
}

static void envelope_statement_and_receipt_come_back_as_they_were(void **state)
{
	struct fixture *fixture = *state;
	struct envelope envelope = sample_envelope();
	assert_ok(envelope_encode(&envelope, &fixture->out));
	assert_ok(envelope_decode(&envelope, bytes_view(&fixture->out), &fixture->arena, &fixture->why));
	assert_int_equal(envelope.stanza_count, 2);
	assert_int_equal(envelope.stanza[1].kem, 0x0020);
	assert_true(view_equal(envelope.sealed_body, view_of_text("sealed")));
	assert_ok(envelope_encode(&envelope, &fixture->again));
	assert_same(&fixture->out, &fixture->again);

	bytes_clear(&fixture->out);
	bytes_clear(&fixture->again);
	struct hub_statement statement = sample_statement();
	assert_ok(statement_encode(&statement, &fixture->out));
	assert_ok(statement_decode(&statement, bytes_view(&fixture->out), &fixture->arena, &fixture->why));
	assert_int_equal(statement.commit, COMMIT_REPLICATED);
	assert_ok(statement_encode(&statement, &fixture->again));
	assert_same(&fixture->out, &fixture->again);

	bytes_clear(&fixture->out);
	bytes_clear(&fixture->again);
	struct hub_receipt receipt = sample_receipt();
	assert_ok(receipt_encode(&receipt, &fixture->out));
	assert_ok(receipt_decode(&receipt, bytes_view(&fixture->out), &fixture->arena, &fixture->why));
	assert_int_equal(receipt.path_count, 2);
	assert_ok(receipt_encode(&receipt, &fixture->again));
	assert_same(&fixture->out, &fixture->again);
}

static void encoding_puts_itself_behind_what_is_there_and_leaves_it_alone_on_failure(void **state)
{
	struct fixture *fixture = *state;
	assert_ok(bytes_append(&fixture->out, "before", 6));
	assert_ok(frame_encode(&sample_frames[5].frame, &fixture->out));
	assert_memory_equal(fixture->out.data, "before", 6);
	assert_int_equal(read_u32be(fixture->out.data + 6), fixture->out.length - 10);
	struct bytes tight;
	bytes_init(&tight, 8);
	assert_ok(bytes_append(&tight, "12", 2));
	assert_int_equal(frame_encode(&sample_frames[0].frame, &tight), FAIL_TOO_LARGE);
	assert_int_equal(tight.length, 2);
	bytes_release(&tight);
}

static void a_status_reply_has_one_size_whatever_it_says(void **state)
{
	struct fixture *fixture = *state;
	struct frame frame = {.id = 9, .kind = FRAME_ANSWER, .of.answer = {.kind = QUESTION_STATUS}};
	assert_ok(frame_encode(&frame, &fixture->out));
	size_t size = fixture->out.length;
	struct status_reply *reply = &frame.of.answer.status;
	static const char *const turns[] = {"", "C", "CHE", "CHEX1", "ABCDEFGHIJKLMNOP"};
	static const uint64_t times[] = {0, 1, 1000, 1000000, SAMPLE_TIME, MAX_TIME};
	for (unsigned bits = 0; bits < 8; bits++) {
		for (size_t turn = 0; turn < 5; turn++) {
			for (size_t time = 0; time < 6; time++) {
				reply->available = bits & 1;
				reply->late = bits & 2;
				(void)snprintf(reply->next_due, sizeof reply->next_due, "%s", bits & 4 ? "2027-01-31" : "");
				(void)snprintf(reply->turn, sizeof reply->turn, "%s", turns[turn]);
				reply->since = times[time];
				reply->state = (uint32_t)(turn + time);
				bytes_clear(&fixture->out);
				assert_ok(frame_encode(&frame, &fixture->out));
				assert_int_equal(fixture->out.length, size);
			}
		}
	}
}

static void an_error_without_a_reason_gets_the_name_of_its_failure(void **state)
{
	struct fixture *fixture = *state;
	struct frame frame = {.id = 1, .kind = FRAME_ERROR, .of.error = {.fail = FAIL_KEY_REUSED}};
	assert_ok(frame_encode(&frame, &fixture->out));
	assert_ok(frame_decode(&frame, payload_of(&fixture->out), &fixture->arena, &fixture->why));
	assert_string_equal(frame.of.error.reason, "KEY_REUSED");
	assert_int_equal(frame.of.error.fail, FAIL_KEY_REUSED);
}

static void words_that_could_not_be_said_give_way_to_advice(void **state)
{
	struct fixture *fixture = *state;
	static char long_text[MAX_TEXT + 2];
	memset(long_text, 'x', MAX_TEXT + 1);
	const char *const texts[] = {"cut in the middle: \303", "two\nlines", long_text, "", NULL};
	for (int i = 0; i < 5; i++) {
		struct frame frame = {.id = 1, .kind = FRAME_ERROR, .of.error = {.fail = FAIL_EXPIRED, .text = texts[i]}};
		bytes_clear(&fixture->out);
		assert_ok(frame_encode(&frame, &fixture->out));
		assert_ok(frame_decode(&frame, payload_of(&fixture->out), &fixture->arena, &fixture->why));
		assert_string_equal(frame.of.error.text, fail_advice(FAIL_EXPIRED));
	}
}

static void reasons_of_newer_peers_are_kept_and_none_is_never_success(void **state)
{
	struct fixture *fixture = *state;
	static const char *const reasons[] = {"SOMETHING_NEW", "NONE"};
	for (int i = 0; i < 2; i++) {
		struct frame frame = {.id = 1, .kind = FRAME_ERROR, .of.error = {.fail = FAIL_COUNT, .reason = reasons[i]}};
		bytes_clear(&fixture->out);
		assert_ok(frame_encode(&frame, &fixture->out));
		assert_ok(frame_decode(&frame, payload_of(&fixture->out), &fixture->arena, &fixture->why));
		assert_string_equal(frame.of.error.reason, reasons[i]);
		assert_int_equal(frame.of.error.fail, FAIL_COUNT);
	}
}

static void unknown_codes_of_a_newer_peer_are_kept(void **state)
{
	struct fixture *fixture = *state;
	struct header header = sample_referral();
	(void)snprintf(header.service, sizeof header.service, "%s", "SERVICE_OF_2031");
	assert_ok(header_encode(&header, &fixture->out));
	assert_ok(header_decode(&header, bytes_view(&fixture->out), &fixture->arena, &fixture->why));
	assert_string_equal(header.service, "SERVICE_OF_2031");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_frame_comes_back_as_it_was, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_fields_of_a_frame_arrive_in_their_places, set_up, tear_down),
		cmocka_unit_test_setup_teardown(headers_of_every_kind_come_back_as_they_were, set_up, tear_down),
		cmocka_unit_test_setup_teardown(envelope_statement_and_receipt_come_back_as_they_were, set_up, tear_down),
		cmocka_unit_test_setup_teardown(encoding_puts_itself_behind_what_is_there_and_leaves_it_alone_on_failure,
		                                set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_status_reply_has_one_size_whatever_it_says, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_error_without_a_reason_gets_the_name_of_its_failure, set_up, tear_down),
		cmocka_unit_test_setup_teardown(words_that_could_not_be_said_give_way_to_advice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reasons_of_newer_peers_are_kept_and_none_is_never_success, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unknown_codes_of_a_newer_peer_are_kept, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
