// SPDX-License-Identifier: Apache-2.0
// links: model_world
//
// What the hub writes by itself when deadlines pass, in virtual time.
#include "core_stage.h"

#include "case/clock.h"

#define DAY_MS UINT64_C(86400000)

// So much later, and one sweep.
static void pass(struct stage *stage, uint64_t ms)
{
	world_skip(&stage->world, ms);
	world_settle(&stage->world, 1100);
}

// The next delivery to this session, as a header; texts are borrowed from the stage.
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
	if (message_kind_of_hub(header.kind))
		assert_ok(envelope_verify(&envelope, cast->receipt.certificate));
	return header;
}

static void assert_notice(struct stage *stage, uint64_t session, enum message_kind kind, const char *awaited)
{
	struct header header = delivered(stage, session);
	assert_string_equal(message_kind_name(header.kind), message_kind_name(kind));
	assert_string_equal(header.reason, awaited);
	assert_string_equal(header.author, "urn:iss:hub:MAIN:receipt:1");
	assert_int_equal(header.object_count, 0);
}

static void both_parties_are_reminded_once_and_once_again(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), moussa = enter(stage, MOUSSA), kiri = enter(stage, KIRI);
	refer(stage, anna);
	delivered(stage, moussa);
	pass(stage, 7 * DAY_MS);
	expect_nothing(stage, anna); // the seventh day is not over
	pass(stage, DAY_MS);
	for (int i = 0; i < 3; i++)
		pass(stage, 1000);
	assert_notice(stage, anna, KIND_REMINDER, "ACK");
	assert_notice(stage, moussa, KIND_REMINDER, "ACK");
	pass(stage, 8 * DAY_MS);
	pass(stage, 30 * DAY_MS);
	assert_notice(stage, anna, KIND_ESCALATION, "ACK");
	assert_notice(stage, moussa, KIND_ESCALATION, "ACK");
	for (size_t i = 0; i < 2; i++)
		expect_nothing(stage, i == 0 ? anna : moussa);
	expect_nothing(stage, kiri);
	assert_int_equal(core_figures(stage->world.core)->reminders, 2);
}

static void an_answer_in_time_silences_the_clock(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), moussa = enter(stage, MOUSSA);
	struct letter first = refer(stage, anna), ack = answer_to(&first, KIND_ACK, "CH", 1);
	delivered(stage, moussa);
	pass(stage, 6 * DAY_MS);
	send_letter(stage, moussa, MOUSSA, &ack);
	expect(stage, moussa, FRAME_ACCEPTED);
	assert_int_equal(delivered(stage, anna).kind, KIND_ACK);
	pass(stage, 3 * DAY_MS);
	expect_nothing(stage, anna);
	pass(stage, 12 * DAY_MS);
	assert_notice(stage, anna, KIND_REMINDER, "DECIDE");
}

static void a_restarted_hub_goes_on_where_the_clock_stands(void **state)
{
	struct stage *stage = *state;
	refer(stage, enter(stage, ANNA));
	pass(stage, 9 * DAY_MS);
	world_restart(&stage->world);
	pass(stage, 1000);
	uint64_t moussa = enter(stage, MOUSSA);
	assert_int_equal(delivered(stage, moussa).kind, KIND_REFERRAL);
	assert_notice(stage, moussa, KIND_REMINDER, "ACK");
	pass(stage, 1000);
	expect_nothing(stage, moussa);
}

static void a_store_that_is_away_delays_the_reminder(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	refer(stage, anna);
	stage->world.unavailable = 1000;
	pass(stage, 9 * DAY_MS);
	expect_nothing(stage, anna);
	stage->world.unavailable = 0;
	pass(stage, 1000);
	pass(stage, 1000);
	assert_notice(stage, anna, KIND_REMINDER, "ACK");
}

static void assert_told(const struct stage *stage, unsigned fails, unsigned works, uint64_t failing)
{
	for (size_t i = 0; i < SWEEP_COUNT; i++) {
		assert_int_equal(stage->world.sweep_fails[i], fails);
		assert_int_equal(stage->world.sweep_works[i], works);
	}
	assert_int_equal(core_figures(stage->world.core)->sweeps_failing, failing);
}

static void looks_that_fail_are_told_once_and_counted_each_time(void **state)
{
	struct stage *stage = *state;
	for (unsigned round = 0; round < 2; round++) {
		uint64_t before = core_figures(stage->world.core)->sweep_failures;
		world_settle(&stage->world, 12000);
		assert_told(stage, round, round, 0);
		assert_int_equal(core_figures(stage->world.core)->sweep_failures, before);
		store_memory_set_available(stage->world.store, false);
		world_settle(&stage->world, 60000);
		assert_told(stage, round + 1, round, SWEEP_COUNT);
		uint64_t tries = core_figures(stage->world.core)->sweep_failures - before;
		assert_in_range(tries, 100, 140); // two each second, the third one each five
		store_memory_set_available(stage->world.store, true);
		world_settle(&stage->world, 12000);
		assert_told(stage, round + 1, round + 1, 0);
	}
}

static void nobody_else_writes_what_the_hub_writes(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	struct letter first = refer(stage, anna), forged = answer_to(&first, KIND_SILENCE, "SN", 1);
	send_letter(stage, anna, ANNA, &forged);
	assert_non_null(strstr(expect_error(stage, anna, FAIL_MALFORMED)->text, "not the URI of a hub"));
	// In the hub's name, over her own session.
	struct person hub = {.signing = cast->person[ANNA].signing};
	assert_ok(identity_from_uri(&hub.self, "urn:iss:hub:MAIN:receipt:1"));
	struct letter posed = answer_to(&first, KIND_SILENCE, "SN", 1);
	struct view envelope = letter_write(&hub, &hub.signing, &posed, stage->world.now, &stage->world.random);
	submit_now(stage, anna, envelope);
	expect_error(stage, anna, FAIL_NOT_ALLOWED);
	free((void *)(uintptr_t)envelope.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_STAGE(both_parties_are_reminded_once_and_once_again),
		ON_STAGE(an_answer_in_time_silences_the_clock),
		ON_STAGE(a_restarted_hub_goes_on_where_the_clock_stands),
		ON_STAGE(a_store_that_is_away_delays_the_reminder),
		ON_STAGE(looks_that_fail_are_told_once_and_counted_each_time),
		ON_STAGE(nobody_else_writes_what_the_hub_writes),
	};
	cast = cast_new();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	cast_free(cast);
	return failed;
}
