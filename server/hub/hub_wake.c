// SPDX-License-Identifier: Apache-2.0
//
// The core asks to be woken at many times; each of them gets its tick, from one
// timer. Times are rounded up to steps, and when they become too many the one that
// its successor follows most closely is served with that.
#include "hub/hub_parts.h"

#include <string.h>

enum { STEP_MS = 4 };

static void arm(struct hub *hub);

static void on_core_timer(uv_timer_t *timer)
{
	struct hub *hub = timer->data;
	uint64_t now = hub_clock(hub);
	size_t due = 0;
	while (due < hub->wake_count && hub->wake[due] <= now)
		due++;
	hub->wake_count -= due;
	memmove(hub->wake, hub->wake + due, hub->wake_count * sizeof hub->wake[0]);
	if (due > 0 && hub->core != NULL)
		core_tick(hub->core);
	arm(hub);
}

// libuv's time may be behind: a timer that fires early is armed again.
static void arm(struct hub *hub)
{
	if (hub->wake_count == 0 || uv_is_closing((uv_handle_t *)&hub->core_timer))
		return;
	uint64_t now = hub_clock(hub), at = hub->wake[0];
	must(uv_timer_start(&hub->core_timer, on_core_timer, at > now ? at - now : 0, 0) == 0);
}

static void merge_closest(struct hub *hub)
{
	size_t closest = 0;
	for (size_t i = 1; i + 1 < hub->wake_count; i++) {
		if (hub->wake[i + 1] - hub->wake[i] < hub->wake[closest + 1] - hub->wake[closest])
			closest = i;
	}
	hub->wake_count--;
	memmove(hub->wake + closest, hub->wake + closest + 1, (hub->wake_count - closest) * sizeof hub->wake[0]);
}

void hub_wake(void *context, uint64_t at)
{
	struct hub *hub = context;
	size_t place = 0;
	at = (at + STEP_MS - 1) / STEP_MS * STEP_MS;
	while (place < hub->wake_count && hub->wake[place] < at)
		place++;
	if (place < hub->wake_count && hub->wake[place] == at)
		return;
	memmove(hub->wake + place + 1, hub->wake + place, (hub->wake_count - place) * sizeof hub->wake[0]);
	hub->wake[place] = at;
	hub->wake_count++;
	if (hub->wake_count == HUB_WAKES)
		merge_closest(hub);
	if (place == 0)
		arm(hub);
}
