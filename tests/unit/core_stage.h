// SPDX-License-Identifier: Apache-2.0
//
// A world (model/world.h) for one test of the core, and what its people do and get there, step by step.
#ifndef PASSERELLE_TEST_CORE_STAGE_H
#define PASSERELLE_TEST_CORE_STAGE_H

#include "test.h"

#include "model/world.h"

#include <stdio.h>

enum { KEPT = 256 };

// What came to one session, decoded as long as the test runs.
struct seen {
	uint64_t session;
	struct frame frame;
	struct arena arena;
	struct bytes bytes;
};

struct stage {
	struct world world;
	struct seen seen[KEPT];
	size_t count, looked;
	char ended[32];
	uint64_t next_frame;
};

static struct cast *cast;

static inline void keep_frame(void *context, uint64_t session, const struct frame *frame)
{
	struct stage *stage = context;
	assert_true(stage->count < KEPT);
	struct seen *seen = &stage->seen[stage->count++];
	seen->session = session;
	bytes_init(&seen->bytes, 2 * 1024 * 1024);
	arena_init(&seen->arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	assert_ok(frame_encode(frame, &seen->bytes));
	struct view payload = view_of(seen->bytes.data + 4, seen->bytes.length - 4);
	assert_ok(frame_decode(&seen->frame, payload, &seen->arena, NULL));
}

static inline void keep_end(void *context, uint64_t session, const char *reason)
{
	struct stage *stage = context;
	(void)session;
	(void)snprintf(stage->ended, sizeof stage->ended, "%s", reason);
}

static inline int open_stage(void **state)
{
	struct stage *stage = calloc(1, sizeof *stage);
	assert_non_null(stage);
	world_init(&stage->world, cast, 7);
	stage->world.on_frame = keep_frame;
	stage->world.on_end = keep_end;
	stage->world.context = stage;
	*state = stage;
	return 0;
}

static inline int close_stage(void **state)
{
	struct stage *stage = *state;
	world_stop(&stage->world);
	assert_true(core_drained(stage->world.core));
	world_release(&stage->world);
	for (size_t i = 0; i < stage->count; i++) {
		arena_release(&stage->seen[i].arena);
		bytes_release(&stage->seen[i].bytes);
	}
	free(stage);
	return 0;
}

// The next frame of this kind to this session that no test has looked at.
static inline const struct frame *expect(struct stage *stage, uint64_t session, enum frame_kind kind)
{
	for (size_t i = 0; i < stage->count; i++) {
		struct seen *seen = &stage->seen[i];
		if (seen->session != session)
			continue;
		seen->session = 0;
		assert_int_equal(seen->frame.kind, kind);
		return &seen->frame;
	}
	fail_msg("no frame came");
	return NULL;
}

static inline void expect_nothing(const struct stage *stage, uint64_t session)
{
	for (size_t i = 0; i < stage->count; i++)
		assert_int_not_equal(stage->seen[i].session, session);
}

static inline const struct error *expect_error(struct stage *stage, uint64_t session, enum fail_code code)
{
	const struct frame *frame = expect(stage, session, FRAME_ERROR);
	assert_string_equal(frame->of.error.reason, fail_name(code));
	return &frame->of.error;
}

static inline const char *detail(const struct error *error, const char *name)
{
	for (size_t i = 0; i < error->detail_count; i++) {
		if (strcmp(error->detail[i].name, name) == 0)
			return error->detail[i].value;
	}
	return "";
}

static inline void ask(struct stage *stage, uint64_t session, const struct frame *frame)
{
	world_send(&stage->world, session, frame);
	world_settle(&stage->world, 0);
}

static inline uint64_t greet(struct stage *stage, enum person_name who, const struct hello *hello)
{
	uint64_t session = world_connect(&stage->world, &cast->person[who].self);
	struct frame frame = {.id = ++stage->next_frame, .kind = FRAME_HELLO, .of.hello = *hello};
	ask(stage, session, &frame);
	return session;
}

static inline uint64_t enter(struct stage *stage, enum person_name who)
{
	const struct hello hello = {.credit_messages = 8, .credit_bytes = 65536, .software = "test"};
	uint64_t session = greet(stage, who, &hello);
	expect(stage, session, FRAME_WELCOME);
	return session;
}

static inline void submit(struct stage *stage, uint64_t session, struct view envelope)
{
	struct frame frame = {.id = ++stage->next_frame, .kind = FRAME_SUBMIT, .of.submit = {envelope}};
	world_send(&stage->world, session, &frame);
}

static inline void submit_now(struct stage *stage, uint64_t session, struct view envelope)
{
	submit(stage, session, envelope);
	world_settle(&stage->world, 0);
}

static inline struct view write_as(struct stage *stage, enum person_name who, struct letter *letter)
{
	const struct person *person = &cast->person[who];
	return letter_write(person, &person->signing, letter, stage->world.now, &stage->world.random);
}

static inline void send_letter(struct stage *stage, uint64_t session, enum person_name who, struct letter *letter)
{
	struct view envelope = write_as(stage, who, letter);
	submit(stage, session, envelope);
	free((void *)(uintptr_t)envelope.data);
	world_settle(&stage->world, 0);
}

static inline struct letter referral(struct stage *stage)
{
	return (struct letter){.kind = KIND_REFERRAL, .case_id = random_id(&stage->world.random), .to = {"SN"}};
}

// By Anna, accepted.
static inline struct letter refer(struct stage *stage, uint64_t anna)
{
	struct letter letter = referral(stage);
	send_letter(stage, anna, ANNA, &letter);
	expect(stage, anna, FRAME_ACCEPTED);
	return letter;
}

static inline struct letter answer_to(const struct letter *letter, enum message_kind kind, const char *to,
                                      uint64_t seen)
{
	return (struct letter){.kind = kind, .case_id = letter->case_id, .to = {to}, .seen = seen};
}

#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)

#endif
