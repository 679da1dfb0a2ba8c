// SPDX-License-Identifier: Apache-2.0
#include "core/figures.h"
#include "hub/hub_parts.h"
#include "monitor/metrics.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { REFUSALS_A_SECOND = 10 };

struct event_row {
	enum log_level level;
	const char *event;
};

static const struct event_row events[] = {
	[LISTENER_EVICTED] = {LOG_LEVEL_DEBUG, "connection.evicted"},
	[LISTENER_TOO_LATE] = {LOG_LEVEL_INFO, "connection.too_late"},
	[LISTENER_REFUSED] = {LOG_LEVEL_NOTICE, "connection.refused"},
	[LISTENER_OVER_LIMIT] = {LOG_LEVEL_WARNING, "session.over_limit"},
	[LISTENER_OPENED] = {LOG_LEVEL_INFO, "session.opened"},
	[LISTENER_CLOSED] = {LOG_LEVEL_INFO, "session.closed"},
	[LISTENER_FAULT] = {LOG_LEVEL_ERROR, "listener.fault"},
};

// Strangers can make these happen as often as they like.
static bool too_many(struct hub *hub, enum listener_event event)
{
	if (event != LISTENER_TOO_LATE && event != LISTENER_REFUSED && event != LISTENER_FAULT)
		return false;
	uint64_t second = uv_now(&hub->loop) / 1000;
	if (second != hub->refusals_second) {
		hub->refusals_second = second;
		hub->refusals_logged = 0;
	}
	return ++hub->refusals_logged > REFUSALS_A_SECOND;
}

void hub_note_listener(void *context, const struct listener_note *note)
{
	struct hub *hub = context;
	struct log_field field[6];
	size_t count = 0;
	if (too_many(hub, note->event))
		return;
	if (note->session != 0)
		field[count++] = log_number(LOG_session, note->session);
	if (note->peer != NULL) {
		field[count++] = log_text(LOG_member, note->peer->code);
		field[count++] = log_text(LOG_role, note->peer->role);
	}
	field[count++] = log_text(LOG_address, note->address);
	if (note->text[0] != 0)
		field[count++] = log_text(LOG_reason, note->text);
	log_fields(&hub->log, events[note->event].level, events[note->event].event, field, count);
}

void hub_note_store(void *context, bool alarm, const char *event, const char *text)
{
	struct hub *hub = context;
	char whole[64];
	snprintf(whole, sizeof whole, "database.%s", event);
	log_event(&hub->log, alarm ? LOG_LEVEL_ALARM : LOG_LEVEL_NOTICE, whole, log_text(LOG_detail, text));
}

bool hub_ready(const struct hub *hub)
{
	return hub->stage == STAGE_SERVING && hub->database_available && core_ready(hub->core);
}

static unsigned answer_live(struct hub *hub, struct bytes *body)
{
	(void)hub;
	return bytes_append(body, "ok\n", 3) == FAIL_NONE ? 200 : 500;
}

static uint64_t seconds_left(const struct hub *hub)
{
	int64_t receipt = certificate_not_after(hub->receipt.certificate);
	int64_t ends = receipt < hub->tls_ends ? receipt : hub->tls_ends, now = time(NULL);
	return ends > now ? (uint64_t)(ends - now) : 0;
}

static unsigned answer_ready(struct hub *hub, struct bytes *body)
{
	char text[200];
	bool certificate = seconds_left(hub) > 0, ready = hub_ready(hub) && certificate;
	int length = snprintf(text, sizeof text, "database: %s\ndirectory: %s\ncertificates: %s\nstopping: %s\n",
	                      hub->database_available ? "ok" : "away", hub->core != NULL && core_ready(hub->core) ? "ok" : "not read",
	                      certificate ? "ok" : "ended", hub->stage == STAGE_SERVING ? "no" : "yes");
	return bytes_append(body, text, (size_t)length) != FAIL_NONE ? 500 : ready ? 200 : 503;
}

static enum fail_code write_core(struct hub *hub, struct bytes *body)
{
	if (hub->core == NULL)
		return FAIL_NONE;
	const struct core_figures *figures = core_figures(hub->core);
	const struct { const char *name, *kind, *help; uint64_t value; } rows[] = {
#define X(name, kind, help) {#name, #kind, help, figures->name},
		FIGURES(X)
#undef X
	};
	enum fail_code code = FAIL_NONE;
	for (size_t i = 0; code == FAIL_NONE && i < sizeof rows / sizeof rows[0]; i++)
		code = metrics_row(body, rows[i].name, strcmp(rows[i].kind, "counter") == 0, rows[i].help, rows[i].value);
	return code;
}

static unsigned answer_metrics(struct hub *hub, struct bytes *body)
{
	const struct listener_figures *lines = &hub->listener.figures;
	struct metrics metrics = {
		.up_seconds = (uv_now(&hub->loop) - hub->started) / 1000,
		.ready = hub_ready(hub),
		.connections = lines->connections,
		.connections_half_open = lines->half_open,
		.connections_accepted = lines->accepted,
		.connections_evicted = lines->evicted,
		.handshakes_too_late = lines->too_late,
		.handshakes_refused = lines->refused,
		.sessions = hub->sessions.count,
		.sessions_opened = lines->opened,
		.sessions_over_limit = lines->over_limit,
		.received_bytes = lines->bytes_in,
		.sent_bytes = lines->bytes_out,
		.database_available = hub->database_available,
		.database_losses = hub->figures.database_losses,
		.signatures_in_loop = hub->figures.checks_in_loop,
		.reloads = hub->figures.reloads,
		.reloads_refused = hub->figures.reloads_refused,
		.certificate_seconds_left = seconds_left(hub),
	};
	return metrics_write(&metrics, body) == FAIL_NONE && write_core(hub, body) == FAIL_NONE ? 200 : 500;
}

unsigned hub_answer_http(void *context, const char *path, struct bytes *body, const char **type)
{
	static const struct {
		const char *path, *type;
		unsigned (*answer)(struct hub *hub, struct bytes *body);
	} pages[] = {
		{"/livez", "text/plain; charset=utf-8", answer_live},
		{"/readyz", "text/plain; charset=utf-8", answer_ready},
		{"/metrics", "text/plain; version=0.0.4; charset=utf-8", answer_metrics},
	};
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		if (strcmp(path, pages[i].path) != 0)
			continue;
		*type = pages[i].type;
		return pages[i].answer(context, body);
	}
	return 404;
}
