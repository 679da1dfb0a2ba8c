// SPDX-License-Identifier: Apache-2.0
//
// Messages of no case that go to all members: how far a member can work, and what the
// General Secretariat tells everybody. The store knows who all are, and puts them into the
// mailboxes in the same transaction in which the directory changes; they are delivered from
// there, like what another hub has written.
#include "core/core_private.h"

#include <stdio.h>
#include <string.h>

static bool refuse_because(struct decision *decision, enum fail_code code, const char *text)
{
	decision->code = fail_set(&decision->why, code, "%s", text);
	return false;
}

static bool known_status(const char *status)
{
	static const char *const known[] = {"NORMAL", "REDUCED", "DISRUPTED", "SUSPENDED", "BACK"};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(known[i], status) == 0)
			return true;
	}
	return false;
}

static bool fill_availability(struct core *core, struct request *request, struct decision *decision)
{
	const struct header *header = &request->header;
	struct availability_change *to = &request->availability;
	const struct member *deputy = header->deputy[0] != '\0' ? member_of_code(core, header->deputy) : NULL;
	if (!known_status(header->availability.status))
		return refuse_because(decision, FAIL_UNSUPPORTED, "header.availability.status: this hub does not know it");
	if (header->deputy[0] != '\0' && !member_serves(deputy, false))
		return refuse_because(decision, FAIL_UNKNOWN_RECIPIENT, "header.deputy is no active member");
	snprintf(to->status, sizeof to->status, "%s", header->availability.status);
	snprintf(to->cause, sizeof to->cause, "%s", header->reason);
	snprintf(to->until, sizeof to->until, "%s", header->due);
	to->deputy = deputy != NULL ? deputy->public.no : 0;
	return true;
}

// One message takes room in every mailbox, and for its time all of them are locked: nobody may do that without end.
static bool too_often(struct core *core, const struct member *member)
{
	return member->told_all > core_now(core) + (TELL_ALL_AT_ONCE - 1) * TELL_ALL_EVERY_MS;
}

static void use_up(struct core *core, member_no sender)
{
	struct member *member = member_of_no(core, sender);
	uint64_t now = core_now(core);
	if (member != NULL)
		member->told_all = (member->told_all > now ? member->told_all : now) + TELL_ALL_EVERY_MS;
}

bool tell_all_decide(struct core *core, struct request *request, struct store_change *change, struct decision *decision)
{
	change->to_all = true;
	if (too_often(core, request->member))
		return refuse_because(decision, FAIL_OVER_QUOTA, "your member tells all too much");
	if (request->header.kind == KIND_BROADCAST)
		return true;
	change->availability = &request->availability;
	return fill_availability(core, request, decision);
}

void tell_all_stored(struct core *core, const struct store_change *change)
{
	use_up(core, change->sender);
	if (change->availability != NULL)
		core_directory_changed(core);
	others_at_once(core);
}
