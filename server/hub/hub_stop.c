// SPDX-License-Identifier: Apache-2.0
//
// The end of a hub, one stage after the other; each waits for the one before it
// or for its time to run out. Nothing is freed while something can still call back.
#include "hub/hub_parts.h"
#include "session/limits.h"

enum { COME_BACK_MS = 2000, LEAVING_MS = 1000 };

static void on_stop_timer(uv_timer_t *timer)
{
	struct hub *hub = timer->data;
	hub->stop_late = true;
}

static void enter(struct hub *hub, enum hub_stage stage, uint64_t time_ms)
{
	hub->stage = stage;
	hub->stop_late = false;
	must(uv_timer_start(&hub->stop_timer, on_stop_timer, time_ms, 0) == 0);
}

static void say_goodbye(void *context, struct session *session)
{
	(void)context;
	session_go_away(session, "SHUTDOWN", COME_BACK_MS);
}

static void end_session(void *context, struct session *session)
{
	(void)context;
	session_end(session, "SHUTDOWN", COME_BACK_MS);
}

void hub_begin_stop(struct hub *hub)
{
	if (hub->stage > STAGE_SERVING) {
		hub->stop_late = true;
		return;
	}
	log_event(&hub->log, LOG_LEVEL_NOTICE, "hub.stopping", log_number(LOG_count, hub->sessions.count));
	hub_notify("STOPPING=1");
	listener_stop(&hub->listener);
	session_table_each(&hub->sessions, say_goodbye, hub);
	core_drain(hub->core);
	enter(hub, STAGE_DRAINING, hub->config->process_drain_ms);
}

static bool end_draining(struct hub *hub)
{
	bool drained = core_drained(hub->core);
	if (!drained && !hub->stop_late)
		return false;
	if (!drained)
		log_event(&hub->log, LOG_LEVEL_WARNING, "hub.drain_late", log_number(LOG_ms, hub->config->process_drain_ms));
	session_table_each(&hub->sessions, end_session, hub);
	while (listener_flush(&hub->listener))
		continue;
	enter(hub, STAGE_LEAVING, LEAVING_MS);
	return true;
}

static bool end_leaving(struct hub *hub)
{
	if (hub->listener.figures.connections > 0 && !hub->stop_late)
		return false;
	enter(hub, STAGE_LINES, 0);
	hub->lines_closed = listener_close(&hub->listener);
	return true;
}

static void on_store_closed(void *context, enum fail_code code)
{
	struct hub *hub = context;
	(void)code;
	hub->store_closed = true;
	hub->store = NULL;
}

static bool end_lines(struct hub *hub)
{
	if (!hub->lines_closed || hub->checks_under_way > 0)
		return false;
	enter(hub, STAGE_STORE, 0);
	if (hub->store != NULL)
		hub->store->ops->close(hub->store, on_store_closed, hub);
	else
		hub->store_closed = true;
	return true;
}

void hub_handle_closed(uv_handle_t *handle)
{
	struct hub *hub = handle->data;
	if (--hub->open_handles == 0)
		hub->stage = STAGE_ENDED;
}

static void close_handles(struct hub *hub)
{
	uv_handle_t *handles[] = {
		(uv_handle_t *)&hub->bell,
		(uv_handle_t *)&hub->turn,
		(uv_handle_t *)&hub->core_timer,
		(uv_handle_t *)&hub->stop_timer,
	};
	for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++)
		uv_close(handles[i], hub_handle_closed);
	for (size_t i = 0; hub->settings.signals && i < HUB_SIGNALS; i++)
		uv_close((uv_handle_t *)&hub->signal[i], hub_handle_closed);
}

void hub_http_closed(void *context)
{
	struct hub *hub = context;
	hub->http = NULL;
	close_handles(hub);
}

void hub_lines_closed(void *context)
{
	struct hub *hub = context;
	hub->lines_closed = true;
}

// What the store still had to tell ends in the core, so the core goes after it.
static bool end_store(struct hub *hub)
{
	if (!hub->store_closed || hub->checks_under_way > 0)
		return false;
	core_free(hub->core);
	hub->core = NULL;
	uv_timer_stop(&hub->stop_timer);
	hub->stage = STAGE_PARTS;
	if (hub->http != NULL)
		http_close(hub->http);
	else
		close_handles(hub);
	return false;
}

void hub_advance(struct hub *hub)
{
	static bool (*const ends[])(struct hub *) = {
		[STAGE_DRAINING] = end_draining, [STAGE_LEAVING] = end_leaving, [STAGE_LINES] = end_lines,
		[STAGE_STORE] = end_store, [STAGE_ENDED] = NULL,
	};
	while (ends[hub->stage] != NULL && ends[hub->stage](hub))
		continue;
}
