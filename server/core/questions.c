// SPDX-License-Identifier: Apache-2.0
//
// Status, flow, directory. A partner agency gets every answer after the same time
// and in the same size, so that it cannot tell "not yours" from "not there".
#include "core/core_private.h"

#include <stdlib.h>
#include <string.h>

struct question {
	struct operation operation; // first
	struct query query;
	char reference[MAX_TEXT];
	uint64_t answer_at; // 0: at once
};

// A partner's answer that waits for its time, in the order of these.
struct partner_question {
	struct partner_question *next;
	uint64_t session, frame_id, answer_at;
	enum fail_code code;
	struct answer answer; // STATUS: nothing is borrowed
};

static void answer_now(struct core *core, uint64_t session, uint64_t frame_id, enum fail_code code,
                       const struct answer *answer)
{
	if (code != FAIL_NONE) {
		refuse(core, session, frame_id, code,
		       code == FAIL_OVER_QUOTA ? "this agency has asked too often today: ask again after midnight (UTC)"
		                               : NULL);
		return;
	}
	struct frame frame = {.id = frame_id, .kind = FRAME_ANSWER, .of.answer = *answer};
	core->figures.questions++;
	core_send(core, session, &frame);
}

static void answer_later(struct core *core, const struct question *question, enum fail_code code,
                         const struct answer *answer)
{
	struct partner_question *waiting = calloc(1, sizeof *waiting);
	if (waiting == NULL) {
		answer_now(core, question->operation.session, question->operation.frame_id, FAIL_NO_MEMORY, NULL);
		return;
	}
	waiting->session = question->operation.session;
	waiting->frame_id = question->operation.frame_id;
	waiting->answer_at = question->answer_at;
	waiting->code = code;
	if (code == FAIL_NONE)
		waiting->answer = *answer;
	struct partner_question **place = &core->partner_first;
	while (*place != NULL && (*place)->answer_at <= waiting->answer_at)
		place = &(*place)->next;
	waiting->next = *place;
	*place = waiting;
	core_wake(core, waiting->answer_at);
}

// The next step of its own grid that is not over: how long a slow database took shows in whole steps alone.
static uint64_t next_step(uint64_t answer_at, uint64_t now)
{
	return answer_at > now ? answer_at : answer_at + (1 + (now - answer_at) / PARTNER_DELAY_MS) * PARTNER_DELAY_MS;
}

static void answered(void *context, enum fail_code code, const struct answer *answer)
{
	struct question *question = context;
	struct core *core = question->operation.core;
	if (question->answer_at != 0) {
		question->answer_at = next_step(question->answer_at, core_now(core));
		answer_later(core, question, code, answer);
	} else {
		answer_now(core, question->operation.session, question->operation.frame_id, code, answer);
	}
	operation_free(&question->operation);
}

static void directory_answered(void *context, enum fail_code code, const struct store_directory *directory)
{
	struct question *question = context;
	struct core *core = question->operation.core;
	struct answer answer = {0};
	if (code == FAIL_NONE) {
		answer = *directory->answer;
		if (question->query.known_version != 0 && answer.version == question->query.known_version)
			answer.entry_count = 0;
	}
	answer_now(core, question->operation.session, question->operation.frame_id, code, &answer);
	operation_free(&question->operation);
}

static void ask_status(struct core *core, struct core_session *session, struct question *question)
{
	uint64_t now = core_now(core);
	if (session->peer.class == IDENTITY_AGENCY)
		question->answer_at = now + PARTNER_DELAY_MS;
	core->store->ops->status(core->store, session->member->public.no, &question->query, now, answered, question);
}

static void ask_flow(struct core *core, struct core_session *session, struct question *question)
{
	(void)session;
	core->store->ops->flow(core->store, &question->query, core_now(core), answered, question);
}

static void ask_directory(struct core *core, struct core_session *session, struct question *question)
{
	(void)session;
	core->store->ops->directory(core->store, directory_answered, question);
}

static const struct {
	enum access_operation operation;
	void (*ask)(struct core *core, struct core_session *session, struct question *question);
} kinds[] = {
	[QUESTION_STATUS] = {OPERATION_ASK_STATUS, ask_status},
	[QUESTION_FLOW] = {OPERATION_ASK_FLOW, ask_flow},
	[QUESTION_DIRECTORY] = {OPERATION_ASK_DIRECTORY, ask_directory},
};

static bool may_ask(struct core *core, struct core_session *session, const struct frame *frame)
{
	enum question_kind kind = frame->of.query.kind;
	if (kind >= sizeof kinds / sizeof kinds[0] || kinds[kind].ask == NULL) {
		refuse(core, session->number, frame->id, FAIL_UNSUPPORTED, NULL);
		return false;
	}
	if (!access_allowed(session->role, kinds[kind].operation, RELATION_NONE)) {
		refuse(core, session->number, frame->id, FAIL_NOT_ALLOWED, NULL);
		return false;
	}
	return quota_take(core, session, frame->id);
}

void query_frame(struct core *core, struct core_session *session, const struct frame *frame)
{
	const struct query *query = &frame->of.query;
	if (!may_ask(core, session, frame))
		return;
	size_t length = query->reference == NULL ? 0 : strlen(query->reference);
	struct question *question = operation_new(core, sizeof *question, session->number, frame->id);
	if (question == NULL || length >= sizeof question->reference) {
		if (question != NULL)
			operation_free(&question->operation);
		refuse(core, session->number, frame->id, question == NULL ? FAIL_NO_MEMORY : FAIL_TOO_LARGE, NULL);
		return;
	}
	question->query = *query;
	if (length > 0)
		memcpy(question->reference, query->reference, length);
	question->query.reference = question->reference;
	kinds[query->kind].ask(core, session, question);
}

static struct partner_question *take_first(struct core *core)
{
	struct partner_question *first = core->partner_first;
	core->partner_first = first->next;
	return first;
}

void questions_tick(struct core *core, uint64_t now)
{
	while (core->partner_first != NULL && core->partner_first->answer_at <= now) {
		struct partner_question *waiting = take_first(core);
		answer_now(core, waiting->session, waiting->frame_id, waiting->code, &waiting->answer);
		free(waiting);
	}
	if (core->partner_first != NULL)
		core_wake(core, core->partner_first->answer_at);
}

void questions_release(struct core *core)
{
	while (core->partner_first != NULL)
		free(take_first(core));
}
