// SPDX-License-Identifier: Apache-2.0
// links: model_world
//
// What goes to all members: who may say it, who gets it, and that a member's word on itself does what the operator's does.
#include "core_stage.h"

static struct letter told(enum message_kind kind, const char *status, const char *deputy)
{
	return (struct letter){.kind = kind, .to = {TO_ALL}, .status = status, .deputy = deputy};
}

static void later(struct stage *stage)
{
	for (int i = 0; i < 3; i++)
		world_settle(&stage->world, 1100);
}

// The next delivery to this session.
static struct header delivered(struct stage *stage, uint64_t session)
{
	static struct arena arena; // one look at a time
	struct envelope envelope;
	struct header header;
	struct view bytes = expect(stage, session, FRAME_DELIVER)->of.deliver.envelope;
	arena_release(&arena);
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	assert_ok(envelope_decode(&envelope, bytes, &arena, NULL));
	assert_ok(header_decode(&header, envelope.header, &arena, NULL));
	return header;
}

static void a_members_word_reaches_all_others_and_stops_the_clocks(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), moussa = enter(stage, MOUSSA), kiri = enter(stage, KIRI);
	uint64_t helene = enter(stage, HELENE), ada = enter(stage, ADA);
	refer(stage, anna);
	delivered(stage, moussa);
	struct letter out = told(KIND_AVAILABILITY, "DISRUPTED", "NZ");
	send_letter(stage, moussa, MOUSSA, &out);
	assert_int_equal(expect(stage, moussa, FRAME_ACCEPTED)->of.accepted.mailbox_seq_count, 0);
	later(stage);
	const uint64_t others[] = {anna, kiri, helene};
	for (size_t i = 0; i < 3; i++) {
		struct header header = delivered(stage, others[i]);
		assert_int_equal(header.kind, KIND_AVAILABILITY);
		assert_string_equal(header.availability.member, "SN");
		assert_string_equal(header.deputy, "NZ");
	}
	struct header stopped = delivered(stage, anna);
	assert_int_equal(stopped.kind, KIND_MEMBER_OUT);
	assert_string_equal(stopped.reason, "DISASTER");
	assert_string_equal(stopped.deputy, "NZ");
	assert_int_equal(delivered(stage, moussa).kind, KIND_MEMBER_OUT); // but not its own word
	struct letter back = told(KIND_AVAILABILITY, "BACK", NULL);
	send_letter(stage, moussa, MOUSSA, &back);
	expect(stage, moussa, FRAME_ACCEPTED);
	later(stage);
	assert_string_equal(delivered(stage, anna).availability.status, "BACK");
	assert_int_equal(delivered(stage, anna).kind, KIND_MEMBER_BACK);
	assert_int_equal(delivered(stage, moussa).kind, KIND_MEMBER_BACK);
	expect_nothing(stage, ada); // an agency is no member
}

static void the_same_bytes_again_get_the_same_receipt_and_reach_nobody_twice(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), moussa = enter(stage, MOUSSA);
	struct letter letter = told(KIND_AVAILABILITY, "REDUCED", NULL);
	struct view envelope = write_as(stage, MOUSSA, &letter);
	submit_now(stage, moussa, envelope);
	struct accepted first = expect(stage, moussa, FRAME_ACCEPTED)->of.accepted;
	submit_now(stage, moussa, envelope);
	struct accepted second = expect(stage, moussa, FRAME_ACCEPTED)->of.accepted;
	assert_true(second.duplicate);
	assert_true(view_equal(first.receipt, second.receipt));
	later(stage);
	assert_int_equal(delivered(stage, anna).kind, KIND_AVAILABILITY);
	expect_nothing(stage, anna);
	free((void *)(uintptr_t)envelope.data);
}

static void only_the_general_secretariat_broadcasts_and_it_has_no_availability(void **state)
{
	struct stage *stage = *state;
	uint64_t beat = enter(stage, BEAT), helene = enter(stage, HELENE), kiri = enter(stage, KIRI);
	struct letter letter = told(KIND_BROADCAST, NULL, NULL), own = told(KIND_BROADCAST, NULL, NULL);
	send_letter(stage, beat, BEAT, &letter); // a supervisor
	expect_error(stage, beat, FAIL_NOT_ALLOWED);
	send_letter(stage, helene, HELENE, &own);
	expect(stage, helene, FRAME_ACCEPTED);
	struct letter out = told(KIND_AVAILABILITY, "DISRUPTED", NULL);
	send_letter(stage, helene, HELENE, &out);
	expect_error(stage, helene, FAIL_NOT_ALLOWED);
	later(stage);
	assert_string_equal(delivered(stage, kiri).notice, "The offices are closed on 24 December.");
	assert_int_equal(delivered(stage, beat).kind, KIND_BROADCAST);
	expect_nothing(stage, kiri);
	expect_nothing(stage, helene);
}

static void a_deputy_is_an_active_other_member(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), moussa = enter(stage, MOUSSA);
	static const char *const nobody[] = {"XX", "UNICEF-SN"};
	for (size_t i = 0; i < 2; i++) {
		struct letter letter = told(KIND_AVAILABILITY, "DISRUPTED", nobody[i]);
		send_letter(stage, moussa, MOUSSA, &letter);
		expect_error(stage, moussa, FAIL_UNKNOWN_RECIPIENT);
	}
	store_memory_set_active(stage->world.store, stage->world.no[KIRI], false);
	later(stage);
	struct letter gone = told(KIND_AVAILABILITY, "DISRUPTED", "NZ"), odd = told(KIND_AVAILABILITY, "ASLEEP", NULL);
	send_letter(stage, moussa, MOUSSA, &gone);
	expect_error(stage, moussa, FAIL_UNKNOWN_RECIPIENT);
	send_letter(stage, moussa, MOUSSA, &odd);
	expect_error(stage, moussa, FAIL_UNSUPPORTED);
	later(stage);
	expect_nothing(stage, anna);
}

// Among what came to this session and was not looked at is one of this kind, and no refusal.
static void expect_among(struct stage *stage, uint64_t session, enum frame_kind kind)
{
	bool there = false;
	for (size_t i = 0; i < stage->count; i++) {
		if (stage->seen[i].session != session)
			continue;
		assert_int_not_equal(stage->seen[i].frame.kind, FRAME_ERROR);
		there |= stage->seen[i].frame.kind == kind;
		stage->seen[i].session = 0;
	}
	assert_true(there);
}

static void nobody_fills_all_mailboxes_without_end(void **state)
{
	enum { AT_ONCE = 10 };
	struct stage *stage = *state;
	uint64_t moussa = enter(stage, MOUSSA), kiri = enter(stage, KIRI);
	struct view first = {NULL, 0};
	for (int i = 0; i < AT_ONCE; i++) {
		struct letter letter = told(KIND_AVAILABILITY, "REDUCED", NULL);
		struct view envelope = write_as(stage, MOUSSA, &letter);
		submit_now(stage, moussa, envelope);
		expect(stage, moussa, FRAME_ACCEPTED);
		if (i == 0)
			first = envelope;
		else
			free((void *)(uintptr_t)envelope.data);
	}
	struct letter more = told(KIND_AVAILABILITY, "NORMAL", NULL);
	send_letter(stage, moussa, MOUSSA, &more);
	assert_true(expect_error(stage, moussa, FAIL_OVER_QUOTA)->retryable);
	submit_now(stage, moussa, first); // what was accepted stays so
	assert_true(expect(stage, moussa, FRAME_ACCEPTED)->of.accepted.duplicate);
	free((void *)(uintptr_t)first.data);
	struct letter others = told(KIND_AVAILABILITY, "REDUCED", NULL);
	send_letter(stage, kiri, KIRI, &others);
	expect_among(stage, kiri, FRAME_ACCEPTED); // each member has its own
	world_skip(&stage->world, 61000);
	send_letter(stage, moussa, MOUSSA, &more);
	expect_among(stage, moussa, FRAME_ACCEPTED);
}

static void who_was_away_finds_it_later_and_a_restarted_hub_knows_it(void **state)
{
	struct stage *stage = *state;
	uint64_t helene = enter(stage, HELENE);
	struct letter letter = told(KIND_BROADCAST, NULL, NULL);
	struct view envelope = write_as(stage, HELENE, &letter);
	submit_now(stage, helene, envelope);
	struct view receipt = expect(stage, helene, FRAME_ACCEPTED)->of.accepted.receipt;
	world_restart(&stage->world);
	helene = enter(stage, HELENE);
	submit_now(stage, helene, envelope);
	assert_true(view_equal(receipt, expect(stage, helene, FRAME_ACCEPTED)->of.accepted.receipt));
	uint64_t moussa = enter(stage, MOUSSA);
	later(stage);
	assert_int_equal(delivered(stage, moussa).kind, KIND_BROADCAST);
	expect_nothing(stage, moussa);
	free((void *)(uintptr_t)envelope.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_STAGE(a_members_word_reaches_all_others_and_stops_the_clocks),
		ON_STAGE(the_same_bytes_again_get_the_same_receipt_and_reach_nobody_twice),
		ON_STAGE(only_the_general_secretariat_broadcasts_and_it_has_no_availability),
		ON_STAGE(a_deputy_is_an_active_other_member),
		ON_STAGE(nobody_fills_all_mailboxes_without_end),
		ON_STAGE(who_was_away_finds_it_later_and_a_restarted_hub_knows_it),
	};
	cast = cast_new();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	cast_free(cast);
	return failed;
}
