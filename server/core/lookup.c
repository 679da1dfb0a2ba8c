// SPDX-License-Identifier: Apache-2.0
//
// Reading what the store knows of a message and its case: where the case is not in
// memory, and before any refusal, because a message that was accepted once is
// answered with its receipt whatever has become of the case since.
#include "core/core_private.h"

void lookup_request(struct core *core, struct request *request)
{
	if (request->entry != NULL)
		request->entry->waiting++;
	queue_add(&core->for_lookup, request);
	lookup_start(core);
}

static void looked_up(void *context, enum fail_code code, const struct store_found *found, size_t count)
{
	struct core *core = context;
	struct lookup_batch *lookup = &core->lookup;
	size_t asked = lookup->count;
	must(code != FAIL_NONE || count == asked);
	lookup->busy = false;
	for (size_t i = 0; i < asked; i++) {
		struct request *request = lookup->request[i];
		if (request->entry != NULL)
			request->entry->waiting--;
		if (code != FAIL_NONE) {
			request_refuse(core, request, code, NULL);
			continue;
		}
		if (found[i].has_case)
			case_known(core, &found[i].record);
		request->looked_up = true;
		request->forgets = core->forgets;
		if (found[i].has_message)
			receipt_answer(core, request, &found[i].original);
		else
			queue_add(&core->ready, request);
	}
	lookup_start(core);
	writer_start(core);
}

void lookup_start(struct core *core)
{
	struct lookup_batch *lookup = &core->lookup;
	if (lookup->busy || core->for_lookup.first == NULL)
		return;
	lookup->count = 0;
	while (core->for_lookup.first != NULL && lookup->count < MAX_TREE_LEAVES) {
		struct request *request = queue_take(&core->for_lookup);
		lookup->request[lookup->count] = request;
		lookup->lookup[lookup->count++] = (struct store_lookup){
			.message = request->header.message,
			.sender = request->member->public.no,
			.case_id = request->header.case_id,
		};
	}
	lookup->busy = true;
	core->figures.lookups += lookup->count;
	core->store->ops->lookup(core->store, lookup->lookup, lookup->count, looked_up, core);
}
