// SPDX-License-Identifier: Apache-2.0
// links: model_world
#include "core_stage.h"

static void a_referral_is_accepted_with_a_receipt_and_delivered(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), moussa = enter(stage, MOUSSA);
	struct letter letter = referral(stage);
	struct view envelope = write_as(stage, ANNA, &letter);
	submit_now(stage, anna, envelope);
	const struct accepted *accepted = &expect(stage, anna, FRAME_ACCEPTED)->of.accepted;
	assert_false(accepted->duplicate);
	assert_int_equal(accepted->case_state, CASE_SENT);
	assert_int_equal(accepted->mailbox_seq[0], 1);
	struct arena arena;
	struct hub_receipt receipt;
	struct hub_statement statement;
	struct envelope opened;
	struct header header;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	assert_ok(receipt_decode(&receipt, accepted->receipt, &arena, NULL));
	assert_ok(statement_decode(&statement, receipt.statement, &arena, NULL));
	assert_ok(envelope_decode(&opened, envelope, &arena, NULL));
	assert_ok(header_decode(&header, opened.header, &arena, NULL));
	assert_ok(receipt_verify(&receipt, cast->receipt.certificate, NULL));
	assert_ok(receipt_fits(&statement, &header, opened.header, envelope, cast->receipt.certificate, NULL));
	const struct deliver *deliver = &expect(stage, moussa, FRAME_DELIVER)->of.deliver;
	assert_int_equal(deliver->mailbox_seq, 1);
	assert_int_equal(deliver->case_seq, 1);
	assert_true(view_equal(deliver->envelope, envelope));
	arena_release(&arena);
	free((void *)(uintptr_t)envelope.data);
}

static void a_duplicate_gets_the_same_receipt_byte_for_byte(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	struct letter letter = referral(stage);
	struct view envelope = write_as(stage, ANNA, &letter);
	submit(stage, anna, envelope);
	submit(stage, anna, envelope); // while the first is under way
	world_settle(&stage->world, 0);
	submit(stage, anna, envelope); // when it is stored and would be no legal move
	world_settle(&stage->world, 0);
	struct view first = expect(stage, anna, FRAME_ACCEPTED)->of.accepted.receipt;
	for (int i = 0; i < 2; i++) {
		const struct accepted *again = &expect(stage, anna, FRAME_ACCEPTED)->of.accepted;
		assert_true(again->duplicate);
		assert_true(view_equal(first, again->receipt));
		assert_int_equal(again->case_state, CASE_SENT);
	}
	free((void *)(uintptr_t)envelope.data);
}

static void a_duplicate_is_known_after_a_restart(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	struct letter letter = referral(stage);
	struct view envelope = write_as(stage, ANNA, &letter);
	submit_now(stage, anna, envelope);
	struct view first = expect(stage, anna, FRAME_ACCEPTED)->of.accepted.receipt;
	world_restart(&stage->world);
	world_settle(&stage->world, 0);
	anna = enter(stage, ANNA);
	submit_now(stage, anna, envelope);
	assert_true(view_equal(first, expect(stage, anna, FRAME_ACCEPTED)->of.accepted.receipt));
	free((void *)(uintptr_t)envelope.data);
}

static void a_used_id_with_other_bytes_is_refused(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	struct letter letter = refer(stage, anna);
	send_letter(stage, anna, ANNA, &letter); // other body, same id
	assert_false(expect_error(stage, anna, FAIL_KEY_REUSED)->retryable);
}

static void a_signature_that_does_not_fit_is_refused(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	struct letter letter = referral(stage);
	struct view envelope = write_as(stage, ANNA, &letter);
	struct arena arena;
	struct envelope opened;
	struct bytes forged;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&forged, MAX_ENVELOPE);
	assert_ok(envelope_decode(&opened, envelope, &arena, NULL));
	uint8_t signature[80];
	assert_in_range(opened.signature.length, 8, sizeof signature);
	memcpy(signature, opened.signature.data, opened.signature.length);
	signature[opened.signature.length - 1] ^= 1;
	opened.signature.data = signature;
	assert_ok(envelope_encode(&opened, &forged));
	submit(stage, anna, bytes_view(&forged));
	world_settle(&stage->world, 0);
	expect_error(stage, anna, FAIL_BAD_SIGNATURE);
	submit_now(stage, anna, envelope);
	expect(stage, anna, FRAME_ACCEPTED);
	arena_release(&arena);
	bytes_release(&forged);
	free((void *)(uintptr_t)envelope.data);
}

static void an_unknown_signer_is_refused(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	struct letter letter = referral(stage);
	struct view envelope =
		letter_write(&cast->person[ANNA], &cast->stranger, &letter, stage->world.now, &stage->world.random);
	submit(stage, anna, envelope);
	world_settle(&stage->world, 200); // the directory is read again first
	expect_error(stage, anna, FAIL_UNKNOWN_SIGNER);
	free((void *)(uintptr_t)envelope.data);
}

static void a_signer_registered_meanwhile_is_found(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	world_settle(&stage->world, 2000);
	store_memory_add_signing(stage->world.store, stage->world.no[ANNA], certificate_der(cast->stranger.certificate),
	                         test_ca_issuer(cast->ca, "S1"));
	struct letter letter = referral(stage);
	struct view envelope =
		letter_write(&cast->person[ANNA], &cast->stranger, &letter, stage->world.now, &stage->world.random);
	submit_now(stage, anna, envelope);
	expect(stage, anna, FRAME_ACCEPTED);
	free((void *)(uintptr_t)envelope.data);
}

static void a_letter_of_another_member_is_refused(void **state)
{
	struct stage *stage = *state;
	uint64_t moussa = enter(stage, MOUSSA);
	struct letter letter = referral(stage);
	send_letter(stage, moussa, ANNA, &letter);
	expect_error(stage, moussa, FAIL_NOT_ALLOWED);
}

static void a_receiver_that_is_no_member_is_refused(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	struct letter letter = referral(stage);
	letter.to[0] = "XX";
	send_letter(stage, anna, ANNA, &letter);
	world_settle(&stage->world, 200);
	expect_error(stage, anna, FAIL_UNKNOWN_RECIPIENT);
	letter = referral(stage);
	letter.to[0] = "UNICEF-SN"; // an agency gets no cases
	send_letter(stage, anna, ANNA, &letter);
	world_settle(&stage->world, 200);
	expect_error(stage, anna, FAIL_UNKNOWN_RECIPIENT);
}

static void who_is_no_party_neither_writes_nor_gets(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), kiri = enter(stage, KIRI);
	struct letter letter = refer(stage, anna);
	struct letter strange = answer_to(&letter, KIND_STATUS_NOTE, "CH", 1);
	send_letter(stage, kiri, KIRI, &strange);
	expect_error(stage, kiri, FAIL_NOT_ALLOWED);
	struct letter astray = {.kind = KIND_STATUS_NOTE, .case_id = letter.case_id, .to = {"SN", "NZ"}, .seen = 1};
	send_letter(stage, anna, ANNA, &astray);
	expect_error(stage, anna, FAIL_NOT_ALLOWED);
	expect_nothing(stage, kiri);
	struct letter nowhere = answer_to(&letter, KIND_STATUS_NOTE, "SN", 1);
	nowhere.case_id = random_id(&stage->world.random);
	send_letter(stage, anna, ANNA, &nowhere);
	expect_error(stage, anna, FAIL_UNKNOWN_CASE);
}

static void an_illegal_move_comes_back_with_what_is_legal(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), moussa = enter(stage, MOUSSA);
	struct letter letter = refer(stage, anna);
	expect(stage, moussa, FRAME_DELIVER);
	struct letter start = answer_to(&letter, KIND_START, "CH", 1);
	send_letter(stage, moussa, MOUSSA, &start);
	const struct error *error = expect_error(stage, moussa, FAIL_ILLEGAL_MOVE);
	assert_string_equal(detail(error, "state"), "SENT");
	assert_string_equal(detail(error, "legal"),
	                    "ACK,FORWARD,DECLINE,STATUS_NOTE,STEP,CONSENT_GIVEN,CONSENT_WITHDRAWN,PARTY,UPDATE,INVALIDATE,CHILD_FILE,RECALL,REMINDER_REPLY,TRANSLATION");
	struct letter ack = answer_to(&letter, KIND_ACK, "SN", 1);
	send_letter(stage, anna, ANNA, &ack);
	error = expect_error(stage, anna, FAIL_NOT_YOUR_MOVE);
	assert_string_equal(detail(error, "legal"), "STATUS_NOTE,WITHDRAW,STEP,CONSENT_GIVEN,CONSENT_WITHDRAWN,PARTY,UPDATE,INVALIDATE,CHILD_FILE,RECALL,REMINDER_REPLY,TRANSLATION");
}

static void a_move_that_was_overtaken_says_by_which(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), moussa = enter(stage, MOUSSA);
	struct letter letter = refer(stage, anna);
	expect(stage, moussa, FRAME_DELIVER);
	struct letter withdraw = answer_to(&letter, KIND_WITHDRAW, "SN", 1);
	send_letter(stage, anna, ANNA, &withdraw);
	struct letter ack = answer_to(&letter, KIND_ACK, "CH", 1);
	send_letter(stage, moussa, MOUSSA, &ack);
	expect(stage, anna, FRAME_ACCEPTED);
	expect(stage, moussa, FRAME_DELIVER);
	const struct error *error = expect_error(stage, moussa, FAIL_OVERTAKEN);
	char id[ID_TEXT_SIZE];
	id_to_text(&withdraw.message, id);
	assert_string_equal(detail(error, "overtaken_by"), id);
	assert_string_equal(detail(error, "state"), "WITHDRAWN");
}

static void times_that_cannot_be_are_refused(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), now = stage->world.now, day = UINT64_C(86400000);
	const uint8_t bits[10] = {1};
	struct letter old = referral(stage), ahead = referral(stage), expired = referral(stage);
	old.message = id_v7(now - 401 * day, bits);
	send_letter(stage, anna, ANNA, &old);
	expect_error(stage, anna, FAIL_TOO_OLD);
	ahead.message = id_v7(now + day + 60000, bits);
	send_letter(stage, anna, ANNA, &ahead);
	expect_error(stage, anna, FAIL_CLOCK_AHEAD);
	expired.expires_at = now - 1;
	send_letter(stage, anna, ANNA, &expired);
	expect_error(stage, anna, FAIL_EXPIRED);
}

static void more_than_the_credit_is_refused(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	struct letter letter = referral(stage);
	struct view envelope = write_as(stage, ANNA, &letter);
	for (unsigned i = 0; i <= stage->world.settings.credit_messages; i++)
		submit(stage, anna, envelope);
	world_settle(&stage->world, 0);
	assert_true(expect_error(stage, anna, FAIL_OVER_CREDIT)->retryable);
	expect(stage, anna, FRAME_ACCEPTED);
	free((void *)(uintptr_t)envelope.data);
}

static void a_store_that_is_away_is_said_and_comes_back(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	struct letter letter = referral(stage);
	struct view envelope = write_as(stage, ANNA, &letter);
	stage->world.unavailable = 1000;
	submit_now(stage, anna, envelope);
	const struct error *error = expect_error(stage, anna, FAIL_UNAVAILABLE);
	assert_true(error->retryable);
	assert_true(error->retry_after_ms > 0);
	stage->world.unavailable = 0;
	submit_now(stage, anna, envelope);
	assert_false(expect(stage, anna, FRAME_ACCEPTED)->of.accepted.duplicate);
	free((void *)(uintptr_t)envelope.data);
}

static void an_unknown_outcome_is_said_and_the_retry_settles_it(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	unsigned unknown = 0;
	for (int i = 0; i < 8; i++) {
		struct letter letter = referral(stage);
		struct view envelope = write_as(stage, ANNA, &letter);
		stage->world.lost = 1000;
		submit_now(stage, anna, envelope);
		assert_true(expect_error(stage, anna, FAIL_OUTCOME_UNKNOWN)->retryable);
		stage->world.lost = 0;
		submit_now(stage, anna, envelope);
		unknown += expect(stage, anna, FRAME_ACCEPTED)->of.accepted.duplicate;
		free((void *)(uintptr_t)envelope.data);
	}
	assert_in_range(unknown, 1, 7);
	assert_int_equal(store_memory_mailbox_high(stage->world.store, stage->world.no[MOUSSA]), 8);
}

static void a_cursor_that_cannot_be_is_refused(void **state)
{
	struct stage *stage = *state;
	struct hello hello = {.credit_messages = 8,
	                      .credit_bytes = 65536,
	                      .resume = true,
	                      .mailbox_epoch = 99,
	                      .software = "test"};
	uint64_t anna = greet(stage, ANNA, &hello);
	const struct error *error = expect_error(stage, anna, FAIL_CURSOR_STALE);
	assert_string_equal(detail(error, "low"), "1");
	hello.mailbox_epoch = strtoull(detail(error, "epoch"), NULL, 10);
	hello.cursor = 5;
	struct frame frame = {.id = 2, .kind = FRAME_HELLO, .of.hello = hello};
	ask(stage, anna, &frame);
	expect_error(stage, anna, FAIL_CURSOR_AHEAD);
	hello.cursor = 0;
	frame.of.hello = hello;
	ask(stage, anna, &frame);
	expect(stage, anna, FRAME_WELCOME);
}

static void the_newer_session_of_a_user_replaces_the_older(void **state)
{
	struct stage *stage = *state;
	enter(stage, ANNA);
	enter(stage, BEAT); // the same member, another person
	world_settle(&stage->world, 0);
	assert_string_equal(stage->ended, "");
	enter(stage, ANNA);
	world_settle(&stage->world, 0);
	assert_string_equal(stage->ended, "REPLACED");
}

static void delivery_keeps_to_the_credit_and_goes_on_after_an_ack(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	const struct hello hello = {.credit_messages = 2, .credit_bytes = 65536, .software = "test"};
	uint64_t moussa = greet(stage, MOUSSA, &hello);
	expect(stage, moussa, FRAME_WELCOME);
	for (int i = 0; i < 5; i++) {
		struct letter letter = referral(stage);
		send_letter(stage, anna, ANNA, &letter);
	}
	for (uint64_t next = 1; next <= 5; next++) {
		assert_int_equal(expect(stage, moussa, FRAME_DELIVER)->of.deliver.mailbox_seq, next);
		if (next % 2 == 1)
			continue;
		expect_nothing(stage, moussa);
		struct frame ack = {.kind = FRAME_ACK, .of.ack = {next}};
		ask(stage, moussa, &ack);
	}
	world_cut(&stage->world, moussa);
	world_settle(&stage->world, 1000);
	const struct hello again = {.credit_messages = 2,
	                            .credit_bytes = 65536,
	                            .resume = true,
	                            .mailbox_epoch = 1,
	                            .cursor = 4,
	                            .software = "test"};
	moussa = greet(stage, MOUSSA, &again);
	assert_int_equal(expect(stage, moussa, FRAME_WELCOME)->of.welcome.mailbox_high, 5);
	assert_int_equal(expect(stage, moussa, FRAME_DELIVER)->of.deliver.mailbox_seq, 5);
}

static void a_stranger_is_sent_away(void **state)
{
	struct stage *stage = *state;
	struct identity nobody;
	assert_ok(identity_from_uri(&nobody, "urn:iss:member:XX:caseworker:nobody"));
	uint64_t session = world_connect(&stage->world, &nobody);
	struct frame frame = {.id = 1, .kind = FRAME_HELLO, .of.hello = {.credit_messages = 1, .software = "test"}};
	world_send(&stage->world, session, &frame);
	world_settle(&stage->world, 200);
	expect_error(stage, session, FAIL_NOT_A_MEMBER);
	assert_string_equal(stage->ended, "NOT_A_MEMBER");
}

static void a_partner_waits_as_long_for_nothing_as_for_its_case(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), ada = enter(stage, ADA);
	struct letter letter = referral(stage);
	letter.party = "UNICEF-SN";
	send_letter(stage, anna, ANNA, &letter);
	expect(stage, anna, FRAME_ACCEPTED);
	for (int known = 0; known < 2; known++) {
		struct frame frame = {.id = 9, .kind = FRAME_QUERY};
		// The case's own id opens nothing to an agency, what it was given does.
		frame.of.query = (struct query){.kind = QUESTION_STATUS, .has_case_id = !known, .reference = known ? PARTY_REFERENCE : ""};
		frame.of.query.case_id = letter.case_id;
		world_send(&stage->world, ada, &frame);
		world_settle(&stage->world, 49);
		expect_nothing(stage, ada);
		world_settle(&stage->world, 1);
		assert_int_equal(expect(stage, ada, FRAME_ANSWER)->of.answer.status.available, known);
	}
	send_letter(stage, ada, ANNA, &letter);
	expect_error(stage, ada, FAIL_NOT_ALLOWED);
}

static void flow_is_for_the_secretariat_alone(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), helene = enter(stage, HELENE);
	struct frame frame = {.id = 3, .kind = FRAME_QUERY, .of.query = {.kind = QUESTION_FLOW}};
	world_send(&stage->world, anna, &frame);
	ask(stage, helene, &frame);
	expect_error(stage, anna, FAIL_NOT_ALLOWED);
	assert_int_equal(expect(stage, helene, FRAME_ANSWER)->of.answer.kind, QUESTION_FLOW);
}

static void statistics_go_to_the_secretariat_and_belong_to_no_case(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), moussa = enter(stage, MOUSSA), helene = enter(stage, HELENE);
	struct letter letter = {.kind = KIND_STATISTICS, .to = {"GS"}};
	send_letter(stage, anna, ANNA, &letter);
	assert_int_equal(expect(stage, anna, FRAME_ACCEPTED)->of.accepted.case_state, CASE_NONE);
	assert_int_equal(expect(stage, helene, FRAME_DELIVER)->of.deliver.case_seq, 0);
	expect_nothing(stage, moussa);
	struct letter to_another = {.kind = KIND_STATISTICS, .to = {"SN"}};
	send_letter(stage, anna, ANNA, &to_another);
	expect_error(stage, anna, FAIL_MALFORMED);
	struct letter of_itself = {.kind = KIND_STATISTICS, .to = {"GS"}};
	send_letter(stage, helene, HELENE, &of_itself);
	expect_error(stage, helene, FAIL_MALFORMED);
	expect_nothing(stage, moussa);
	expect_nothing(stage, helene);
}

static void an_attachment_is_uploaded_named_and_fetched(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), moussa = enter(stage, MOUSSA), kiri = enter(stage, KIRI);
	enum { SIZE = CHUNK_SIZE + 1000 };
	uint8_t *data = malloc(SIZE);
	assert_non_null(data);
	memset(data, 42, SIZE);
	struct object_ref object = {.id = random_id(&stage->world.random),
	                            .length = SIZE,
	                            .tree_hash = tree_hash(view_of(data, SIZE))};
	struct letter letter = referral(stage);
	letter.attachment = &object;
	send_letter(stage, anna, ANNA, &letter);
	expect_error(stage, anna, FAIL_OBJECT_INCOMPLETE);
	struct frame open = {.id = 4, .kind = FRAME_UPLOAD_OPEN, .of.upload_open = {object.id, SIZE, object.tree_hash}};
	ask(stage, anna, &open);
	assert_int_equal(expect(stage, anna, FRAME_UPLOAD_OFFSET)->of.upload_offset.durable, 0);
	struct frame chunk = {.id = 5,
	                      .kind = FRAME_UPLOAD_CHUNK,
	                      .of.upload_chunk = {object.id, 0, view_of(data, CHUNK_SIZE)}};
	world_send(&stage->world, anna, &chunk);
	world_settle(&stage->world, 0); // a client that waits for each piece is not made to wait
	assert_int_equal(expect(stage, anna, FRAME_UPLOAD_OFFSET)->of.upload_offset.durable, CHUNK_SIZE);
	chunk.of.upload_chunk = (struct upload_chunk){object.id, CHUNK_SIZE, view_of(data + CHUNK_SIZE, SIZE - CHUNK_SIZE)};
	ask(stage, anna, &chunk);
	assert_true(expect(stage, anna, FRAME_UPLOAD_OFFSET)->of.upload_offset.complete);
	send_letter(stage, anna, ANNA, &letter); // never stored, so the id is free
	expect(stage, anna, FRAME_ACCEPTED);
	expect(stage, moussa, FRAME_DELIVER);
	struct frame fetch = {.id = 6, .kind = FRAME_FETCH, .of.fetch = {object.id, 0, 16}};
	world_send(&stage->world, moussa, &fetch);
	ask(stage, kiri, &fetch);
	const struct fetch_chunk *got = &expect(stage, moussa, FRAME_FETCH_CHUNK)->of.fetch_chunk;
	assert_true(view_equal(got->data, view_of(data, CHUNK_SIZE)));
	got = &expect(stage, moussa, FRAME_FETCH_CHUNK)->of.fetch_chunk;
	assert_true(got->last);
	assert_true(view_equal(got->data, view_of(data + CHUNK_SIZE, SIZE - CHUNK_SIZE)));
	expect_error(stage, kiri, FAIL_UNKNOWN_OBJECT);
	free(data);
}

static void damage_in_the_store_is_told_and_not_delivered(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	struct letter letter = refer(stage, anna);
	assert_true(store_memory_damage(stage->world.store, &letter.message, stage->world.no[ANNA]));
	uint64_t moussa = enter(stage, MOUSSA);
	expect_error(stage, moussa, FAIL_DATA_LOSS);
	assert_int_equal(core_figures(stage->world.core)->damaged, 1);
	expect_nothing(stage, moussa);
}

static void who_asks_too_fast_is_told_when_to_come_again(void **state)
{
	struct stage *stage = *state;
	stage->world.settings.requests_per_second = 2;
	world_restart(&stage->world);
	world_settle(&stage->world, 0);
	uint64_t anna = enter(stage, ANNA);
	struct frame frame = {.id = 3, .kind = FRAME_QUERY, .of.query = {.kind = QUESTION_DIRECTORY}};
	for (int i = 0; i < 5; i++)
		world_send(&stage->world, anna, &frame);
	world_settle(&stage->world, 0);
	// A refusal is at once, an answer takes a reading.
	assert_int_equal(expect_error(stage, anna, FAIL_OVER_QUOTA)->retry_after_ms, 501);
	for (int i = 0; i < 4; i++)
		expect(stage, anna, FRAME_ANSWER);
	world_settle(&stage->world, 501);
	ask(stage, anna, &frame);
	expect(stage, anna, FRAME_ANSWER);
}

static void two_hubs_in_one_process_do_not_know_of_each_other(void **state)
{
	struct stage *one = *state;
	void *second = NULL;
	open_stage(&second);
	struct stage *two = second;
	uint64_t anna = enter(one, ANNA), other_anna = enter(two, ANNA);
	struct letter letter = referral(one);
	struct view envelope = write_as(one, ANNA, &letter);
	submit(one, anna, envelope);
	world_settle(&one->world, 0);
	submit(two, other_anna, envelope);
	world_settle(&two->world, 0);
	expect(one, anna, FRAME_ACCEPTED);
	assert_false(expect(two, other_anna, FRAME_ACCEPTED)->of.accepted.duplicate);
	free((void *)(uintptr_t)envelope.data);
	close_stage(&second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_STAGE(a_referral_is_accepted_with_a_receipt_and_delivered),
		ON_STAGE(a_duplicate_gets_the_same_receipt_byte_for_byte),
		ON_STAGE(a_duplicate_is_known_after_a_restart),
		ON_STAGE(a_used_id_with_other_bytes_is_refused),
		ON_STAGE(a_signature_that_does_not_fit_is_refused),
		ON_STAGE(an_unknown_signer_is_refused),
		ON_STAGE(a_signer_registered_meanwhile_is_found),
		ON_STAGE(a_letter_of_another_member_is_refused),
		ON_STAGE(a_receiver_that_is_no_member_is_refused),
		ON_STAGE(who_is_no_party_neither_writes_nor_gets),
		ON_STAGE(an_illegal_move_comes_back_with_what_is_legal),
		ON_STAGE(a_move_that_was_overtaken_says_by_which),
		ON_STAGE(times_that_cannot_be_are_refused),
		ON_STAGE(more_than_the_credit_is_refused),
		ON_STAGE(a_store_that_is_away_is_said_and_comes_back),
		ON_STAGE(an_unknown_outcome_is_said_and_the_retry_settles_it),
		ON_STAGE(a_cursor_that_cannot_be_is_refused),
		ON_STAGE(the_newer_session_of_a_user_replaces_the_older),
		ON_STAGE(delivery_keeps_to_the_credit_and_goes_on_after_an_ack),
		ON_STAGE(a_stranger_is_sent_away),
		ON_STAGE(a_partner_waits_as_long_for_nothing_as_for_its_case),
		ON_STAGE(flow_is_for_the_secretariat_alone),
		ON_STAGE(statistics_go_to_the_secretariat_and_belong_to_no_case),
		ON_STAGE(an_attachment_is_uploaded_named_and_fetched),
		ON_STAGE(damage_in_the_store_is_told_and_not_delivered),
		ON_STAGE(who_asks_too_fast_is_told_when_to_come_again),
		ON_STAGE(two_hubs_in_one_process_do_not_know_of_each_other),
	};
	cast = cast_new();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	cast_free(cast);
	return failed;
}
