// SPDX-License-Identifier: Apache-2.0
//
// What partner agencies asked: both parties of a case learn that one asked, and how often in
// all. An answer is counted in the transaction that gives it, so a hub that dies in between
// tells it later; several questions between two looks are one message.
#include "core/core_private.h"

void askings_start(struct core *core)
{
	core->askings_due = core_now(core) + ASKINGS_EVERY_MS;
	core_wake(core, core->askings_due);
}

static void write_asking(struct core *core, const struct store_asking *asking, struct member *hub)
{
	struct notice_parties parties;
	struct notice_about about = {.kind = KIND_STATUS_ASKED, .reason = "", .asked = asking->asked};
	about.agency = member_of_no(core, asking->agency);
	if (about.agency != NULL && notice_parties(core, &asking->record, &parties) &&
	    notice_write(core, &asking->record, hub, &parties, &about))
		core->figures.asking_notices++;
}

static void found(void *context, enum fail_code code, const struct store_asking *asking, size_t count)
{
	struct operation *operation = context;
	struct core *core = operation->core;
	struct member *hub = notice_author(core);
	for (size_t i = 0; code == FAIL_NONE && hub != NULL && i < count && !core->draining; i++)
		write_asking(core, &asking[i], hub);
	operation_free(operation);
	sweep_read(core, SWEEP_ASKINGS, code);
	if (!core->draining)
		askings_start(core);
}

void askings_tick(struct core *core, uint64_t now)
{
	if (core->askings_due == 0 || now < core->askings_due || core->draining)
		return;
	core->askings_due = 0;
	struct operation *operation = operation_new(core, sizeof *operation, 0, 0);
	if (operation == NULL) {
		sweep_read(core, SWEEP_ASKINGS, FAIL_NO_MEMORY);
		askings_start(core);
	} else {
		core->store->ops->untold(core->store, MAX_DUE, found, operation);
	}
}
