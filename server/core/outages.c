// SPDX-License-Identifier: Apache-2.0
//
// Members that cannot work. While one is DISRUPTED or SUSPENDED the clocks of its cases
// stand: both parties of each get a MEMBER_OUT, and when it is back a MEMBER_BACK. What is
// left to tell follows from the cases and the directory alone, so a hub that died goes on
// where it was, and a case that was opened meanwhile is found like the others; several
// changes in a row end in what the directory says last.
//
// All cases of the member stand, not only those in which it is awaited: whose turn it is
// may change while it is out, and the other side gets no answer to its questions either.
#include "core/core_private.h"

#include <string.h>

static void sweep_at(struct core *core, uint64_t at)
{
	core->outages_due = at;
	core_wake(core, at);
}

void outages_start(struct core *core)
{
	sweep_at(core, core_now(core) + OUTAGES_EVERY_MS);
}

// Who was told of stays so while it is out; of two the one that does the work comes first.
struct member *outage_of(const struct notice_parties *parties, member_no told)
{
	struct member *requesting = parties->member[0], *responding = parties->member[1];
	if (requesting->public.out && (requesting->public.no == told || !responding->public.out))
		return requesting;
	return responding->public.out ? responding : NULL;
}

static void write_outage(struct core *core, const struct case_record *record, struct member *hub)
{
	struct notice_parties parties;
	if (!notice_parties(core, record, &parties))
		return;
	const struct member *out = outage_of(&parties, record->out_member), *told = member_of_no(core, record->out_member);
	struct notice_about about = {.kind = KIND_MEMBER_OUT, .reason = "", .out = out};
	if (out == NULL)
		about = (struct notice_about){.kind = KIND_MEMBER_BACK, .reason = "", .out = told};
	// Nothing to tell where our directory is older than the one by which the case was found.
	if (about.out == NULL || (out != NULL && out == told))
		return;
	if (notice_write(core, record, hub, &parties, &about))
		core->figures.outage_notices++;
}

static void found(void *context, enum fail_code code, uint64_t version, const struct case_record *record, size_t count)
{
	struct operation *operation = context;
	struct core *core = operation->core;
	struct member *hub = notice_author(core);
	bool full = code == FAIL_NONE && count == OUTAGES_AT_ONCE;
	for (size_t i = 0; code == FAIL_NONE && hub != NULL && i < count && !core->draining; i++)
		write_outage(core, &record[i], hub);
	operation_free(operation);
	sweep_read(core, SWEEP_OUTAGES, code);
	if (core->draining)
		return;
	// The operator or another hub changed it: nobody else tells this one.
	if (code == FAIL_NONE && core->directory_loaded && version != core->directory_version)
		directory_wanted(core);
	sweep_at(core, core_now(core) + (full && hub != NULL ? OUTAGES_AGAIN_MS : OUTAGES_EVERY_MS));
}

void outages_tick(struct core *core, uint64_t now)
{
	if (core->outages_due == 0 || now < core->outages_due || core->draining)
		return;
	core->outages_due = 0;
	struct operation *operation = operation_new(core, sizeof *operation, 0, 0);
	if (operation == NULL) {
		sweep_read(core, SWEEP_OUTAGES, FAIL_NO_MEMORY);
		outages_start(core);
	} else {
		core->store->ops->unsettled(core->store, OUTAGES_AT_ONCE, found, operation);
	}
}
