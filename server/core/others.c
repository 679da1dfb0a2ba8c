// SPDX-License-Identifier: Apache-2.0
//
// Several hubs may serve one database. What another one put into a mailbox that is
// read here is found by a slow poll: one question for all such mailboxes.
#include "core/core_private.h"

#include <stdlib.h>

struct poll {
	struct operation operation; // first
	size_t count;
	member_no member[];
};

static void poll_later(struct core *core)
{
	if (core->others_due != 0 || core->draining)
		return;
	core->others_due = core_now(core) + OTHERS_EVERY_MS;
	core_wake(core, core->others_due);
}

void others_wanted(struct core *core)
{
	if (!core->others_asked)
		poll_later(core);
}

void others_at_once(struct core *core)
{
	if (core->draining || core->others_asked)
		return; // the answer under way may be too old: the next poll is not
	core->others_due = core_now(core);
	core_wake(core, core->others_due);
}

static void wake_readers(struct core *core, member_no number, uint64_t newest)
{
	struct member *member = NULL;
	HASH_FIND(by_no, core->members_by_no, &number, sizeof number, member);
	if (member == NULL || newest <= member->mailbox.high)
		return;
	member->mailbox.high = newest;
	for (struct core_session *session = member->mailbox.reader; session != NULL; session = session->next_reader)
		delivery_go_on(core, session);
}

static void answered(void *context, enum fail_code code, const uint64_t *newest, size_t count)
{
	struct poll *poll = context;
	struct core *core = poll->operation.core;
	must(code != FAIL_NONE || count == poll->count);
	for (size_t i = 0; code == FAIL_NONE && i < count; i++)
		wake_readers(core, poll->member[i], newest[i]);
	operation_free(&poll->operation);
	core->others_asked = false;
	poll_later(core);
}

static size_t count_read(const struct core *core)
{
	size_t count = 0;
	for (const struct member *member = core->members; member != NULL; member = member->hh.next)
		count += member->mailbox.reader != NULL;
	return count;
}

void others_tick(struct core *core, uint64_t now)
{
	if (core->others_due == 0 || now < core->others_due)
		return;
	core->others_due = 0;
	size_t count = count_read(core);
	if (count == 0)
		return; // the next reader begins it again
	struct poll *poll = operation_new(core, sizeof *poll + count * sizeof poll->member[0], 0, 0);
	if (poll == NULL) {
		poll_later(core);
		return;
	}
	for (const struct member *member = core->members; member != NULL; member = member->hh.next) {
		if (member->mailbox.reader != NULL)
			poll->member[poll->count++] = member->public.no;
	}
	core->others_asked = true;
	core->store->ops->newest(core->store, poll->member, poll->count, answered, poll);
}
