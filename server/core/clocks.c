// SPDX-License-Identifier: Apache-2.0
//
// The hub's own messages: when the clock of a case says so, both parties get a
// REMINDER, then an ESCALATION; a case that was reported and left alone is closed by
// SILENCE. They are signed with the receipt key and go through the rules and the
// writer like everyone's, so that several hubs on one database write each once.
#include "core/core_private.h"

#include <string.h>

static void sweep_later(struct core *core)
{
	core->clocks_due = core_now(core) + CLOCKS_EVERY_MS;
	core_wake(core, core->clocks_due);
}

void clocks_start(struct core *core)
{
	sweep_later(core);
}

static enum message_kind kind_of(enum case_event event)
{
	switch ((unsigned)event) {
	case EVENT_ESCALATION:
		return KIND_ESCALATION;
	case EVENT_SILENCE:
		return KIND_SILENCE;
	default:
		return KIND_REMINDER;
	}
}

static void write_reminder(struct core *core, const struct case_record *record, struct member *hub)
{
	struct notice_parties parties;
	if (!notice_parties(core, record, &parties) || outage_of(&parties, 0) != NULL)
		return; // who is out is not reminded, also before the clock was found and stopped
	struct notice_about about = {.kind = kind_of(clock_duty(&record->clock).event), .reason = ""};
	if (about.kind != KIND_SILENCE)
		about.reason = clock_kind_name(clock_awaited(&record->clock).kind);
	if (notice_write(core, record, hub, &parties, &about))
		core->figures.reminders++;
}

static void found(void *context, enum fail_code code, const struct case_record *record, size_t count)
{
	struct operation *operation = context;
	struct core *core = operation->core;
	struct member *hub = notice_author(core);
	for (size_t i = 0; code == FAIL_NONE && i < count && !core->draining; i++) {
		if (hub != NULL)
			write_reminder(core, &record[i], hub);
		else
			core->figures.unsigned_reminders++;
	}
	operation_free(operation);
	sweep_read(core, SWEEP_CLOCKS, code);
	if (!core->draining)
		sweep_later(core);
}

void clocks_tick(struct core *core, uint64_t now)
{
	if (core->clocks_due == 0 || now < core->clocks_due || core->draining)
		return;
	core->clocks_due = 0;
	struct operation *operation = operation_new(core, sizeof *operation, 0, 0);
	if (operation == NULL) {
		sweep_read(core, SWEEP_CLOCKS, FAIL_NO_MEMORY);
		sweep_later(core);
	} else {
		core->store->ops->due(core->store, now, MAX_DUE, found, operation);
	}
}
