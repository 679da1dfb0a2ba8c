// SPDX-License-Identifier: Apache-2.0
#include "store/status.h"

#include "case/partial_date.h"

#include <stdio.h>
#include <string.h>

enum { DAY_MS = 24 * 60 * 60 * 1000, TOLD_AFTER_END_DAYS = 90 };

bool status_long_ended(enum case_state state, uint64_t since, uint64_t now)
{
	return case_state_ended(state) && now / DAY_MS > since / DAY_MS + TOLD_AFTER_END_DAYS;
}

bool status_day_passed(const char *date, uint64_t now)
{
	char today[21];
	if (date[0] == '\0')
		return false;
	time_to_text(now, today);
	return strncmp(date, today, DATE_SIZE - 1) < 0;
}

static const char *turn_of(const struct status_facts *facts)
{
	switch (case_turn(facts->state)) {
	case SIDE_REQUESTING:
		return facts->requesting;
	case SIDE_RESPONDING:
		return facts->responding;
	case SIDE_SECRETARIAT:
	case SIDE_PARTNER:
	case SIDE_HUB:
	case CASE_SIDE_COUNT:
		break;
	}
	return "";
}

void status_fill(struct status_reply *reply, const struct status_facts *facts, bool partner, uint64_t now)
{
	*reply = (struct status_reply){.available = true, .state = (uint32_t)facts->state};
	reply->since = partner ? facts->since - facts->since % DAY_MS : facts->since;
	struct clock_deadline awaited = clock_awaited(&facts->clock);
	if (awaited.due > 0)
		day_to_text((int32_t)((awaited.due - 1) / DAY_MS), reply->next_due); // due by the end of that day
	snprintf(reply->turn, sizeof reply->turn, "%s", turn_of(facts));
	reply->late = awaited.due > 0 && now >= awaited.due;
}
