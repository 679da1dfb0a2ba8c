// SPDX-License-Identifier: Apache-2.0
// links: model_world
//
// Members that cannot work, in virtual time: whose clocks stand, who is told, what is told once only.
#include "core_stage.h"

#include "case/clock.h"

#define DAY_MS UINT64_C(86400000)

static void pass(struct stage *stage, uint64_t ms)
{
	world_skip(&stage->world, ms);
	world_settle(&stage->world, 1100);
}

static void set(struct stage *stage, enum person_name who, const char *status, const char *deputy)
{
	member_no no = stage->world.no[who];
	store_memory_set_availability(stage->world.store, no, status, "DISASTER", deputy);
	for (int i = 0; i < 3; i++) // one sweep finds that the directory has changed, the next ones act on it
		pass(stage, 1000);
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

static void assert_outage(struct stage *stage, uint64_t session, enum message_kind kind, const char *member)
{
	struct header header = delivered(stage, session);
	assert_string_equal(message_kind_name(header.kind), message_kind_name(kind));
	assert_string_equal(header.availability.member, member);
	assert_string_equal(header.reason, kind == KIND_MEMBER_OUT ? "DISASTER" : "");
}

static uint64_t notices(const struct stage *stage)
{
	return core_figures(stage->world.core)->outage_notices;
}

static void nobody_is_reminded_while_a_member_is_out_and_the_time_is_given_back(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), moussa = enter(stage, MOUSSA);
	refer(stage, anna);
	delivered(stage, moussa);
	set(stage, MOUSSA, "DISRUPTED", "NZ");
	assert_outage(stage, anna, KIND_MEMBER_OUT, "SN");
	struct header told = delivered(stage, moussa);
	assert_string_equal(told.deputy, "NZ");
	assert_string_equal(told.availability.status, "DISRUPTED");
	pass(stage, 40 * DAY_MS);
	expect_nothing(stage, anna);
	set(stage, MOUSSA, "NORMAL", "");
	assert_outage(stage, anna, KIND_MEMBER_BACK, "SN");
	assert_outage(stage, moussa, KIND_MEMBER_BACK, "SN");
	pass(stage, 6 * DAY_MS);
	expect_nothing(stage, anna); // seven days of work, forty not counted
	pass(stage, 2 * DAY_MS);
	assert_int_equal(delivered(stage, anna).kind, KIND_REMINDER);
	assert_int_equal(notices(stage), 2);
}

static void a_case_opened_meanwhile_is_found_and_one_that_ended_is_left(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA), moussa = enter(stage, MOUSSA);
	struct letter early = refer(stage, anna);
	delivered(stage, moussa);
	set(stage, MOUSSA, "SUSPENDED", "");
	assert_outage(stage, anna, KIND_MEMBER_OUT, "SN");
	assert_outage(stage, moussa, KIND_MEMBER_OUT, "SN");
	refer(stage, anna);
	delivered(stage, moussa);
	pass(stage, 1000);
	assert_outage(stage, anna, KIND_MEMBER_OUT, "SN");
	assert_outage(stage, moussa, KIND_MEMBER_OUT, "SN");
	struct letter withdrawal = answer_to(&early, KIND_WITHDRAW, "SN", 2);
	send_letter(stage, anna, ANNA, &withdrawal);
	expect(stage, anna, FRAME_ACCEPTED);
	assert_int_equal(delivered(stage, moussa).kind, KIND_WITHDRAW);
	set(stage, MOUSSA, "NORMAL", "");
	assert_outage(stage, anna, KIND_MEMBER_BACK, "SN");
	expect_nothing(stage, anna);
	assert_int_equal(notices(stage), 3);
}

static void of_two_members_that_are_out_both_must_be_back(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	refer(stage, anna);
	set(stage, ANNA, "DISRUPTED", "");
	assert_outage(stage, anna, KIND_MEMBER_OUT, "CH");
	set(stage, MOUSSA, "DISRUPTED", "");
	expect_nothing(stage, anna); // the clock stands already
	set(stage, ANNA, "NORMAL", "");
	assert_outage(stage, anna, KIND_MEMBER_OUT, "SN");
	set(stage, MOUSSA, "NORMAL", "");
	assert_outage(stage, anna, KIND_MEMBER_BACK, "SN");
	expect_nothing(stage, anna);
}

static void out_and_back_at_once_leaves_nothing_standing(void **state)
{
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	refer(stage, anna);
	member_no sn = stage->world.no[MOUSSA];
	for (int i = 0; i < 5; i++) {
		store_memory_set_availability(stage->world.store, sn, i % 2 == 0 ? "DISRUPTED" : "NORMAL", "DISASTER", "");
		world_settle(&stage->world, (uint64_t)i * 300);
	}
	store_memory_set_availability(stage->world.store, sn, "NORMAL", "", "");
	for (int i = 0; i < 4; i++)
		pass(stage, 1000);
	assert_int_equal(notices(stage) % 2, 0);
	pass(stage, 9 * DAY_MS);
	enum message_kind last = KIND_UNSPECIFIED;
	for (uint64_t i = 0; i <= notices(stage); i++)
		last = delivered(stage, anna).kind;
	assert_int_equal(last, KIND_REMINDER);
}

static void a_restarted_hub_goes_on_where_the_other_died(void **state)
{
	enum { CASES = 100 };
	struct stage *stage = *state;
	uint64_t anna = enter(stage, ANNA);
	for (int i = 0; i < CASES; i++)
		refer(stage, anna);
	member_no sn = stage->world.no[MOUSSA];
	store_memory_set_availability(stage->world.store, sn, "DISRUPTED", "DISASTER", "");
	for (int i = 0; i < 100 && store_memory_mailbox_high(stage->world.store, sn) == CASES; i++)
		world_settle(&stage->world, 50);
	uint64_t before = store_memory_mailbox_high(stage->world.store, sn) - CASES; // the first handful is told
	assert_in_range(before, 1, CASES - 1);
	world_restart(&stage->world);
	for (int i = 0; i < 5; i++)
		pass(stage, 1000);
	assert_int_equal(store_memory_mailbox_high(stage->world.store, sn), 2 * CASES); // each case once
	assert_int_equal(notices(stage), CASES - before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_STAGE(nobody_is_reminded_while_a_member_is_out_and_the_time_is_given_back),
		ON_STAGE(a_case_opened_meanwhile_is_found_and_one_that_ended_is_left),
		ON_STAGE(of_two_members_that_are_out_both_must_be_back),
		ON_STAGE(out_and_back_at_once_leaves_nothing_standing),
		ON_STAGE(a_restarted_hub_goes_on_where_the_other_died),
	};
	cast = cast_new();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	cast_free(cast);
	return failed;
}
