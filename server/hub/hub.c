// SPDX-License-Identifier: Apache-2.0
#include "hub/hub.h"

#include "hub/hub_parts.h"
#include "session/limits.h"
#include "store/store_postgres.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY_MS = 24 * 3600 * 1000, ID_WINDOW_DAYS = 400, ROUNDS = 64 };

uint64_t hub_clock(void *hub)
{
	struct timespec now;
	(void)hub;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void core_send(void *context, uint64_t number, const struct frame *frame)
{
	struct hub *hub = context;
	struct session *session = session_table_find(&hub->sessions, number);
	if (session != NULL)
		session_send(session, frame);
}

static void core_end(void *context, uint64_t number, const char *reason, uint32_t retry_after_ms)
{
	struct hub *hub = context;
	struct session *session = session_table_find(&hub->sessions, number);
	if (session != NULL)
		session_end(session, reason, retry_after_ms);
}

static void peer_opened(void *context, uint64_t session, const struct identity *peer)
{
	struct hub *hub = context;
	core_session_opened(hub->core, session, peer);
}

static void peer_closed(void *context, uint64_t session)
{
	struct hub *hub = context;
	core_session_closed(hub->core, session);
}

static void peer_frame(void *context, uint64_t session, const struct frame *frame)
{
	struct hub *hub = context;
	core_session_frame(hub->core, session, frame);
}

static void peer_room(void *context, uint64_t session, size_t bytes)
{
	struct hub *hub = context;
	core_session_room(hub->core, session, bytes);
}

static void begin_service(struct hub *hub)
{
	hub->served = true;
	log_event(&hub->log, LOG_LEVEL_NOTICE, "hub.serving", log_text(LOG_address, hub->config->listen_address),
	          log_number(LOG_port, hub->port));
	hub_write_port(hub, hub->config->monitor_port_file, hub->monitor_port);
	hub_write_port(hub, hub->config->listen_port_file, hub->port);
	hub_notify("READY=1");
}

static void on_database(void *context, bool available)
{
	struct hub *hub = context;
	if (hub->database_available == available)
		return;
	hub->database_available = available;
	log_event(&hub->log, available ? LOG_LEVEL_NOTICE : LOG_LEVEL_ALARM, available ? "database.available" : "database.away",
	          log_number(LOG_count, hub->sessions.count));
	if (!available) {
		hub->figures.database_losses++;
		return;
	}
	core_directory_changed(hub->core);
}

static void on_bell(uv_async_t *bell)
{
	struct hub *hub = bell->data;
	if (__atomic_exchange_n(&hub->reload_asked, 0, __ATOMIC_ACQ_REL) != 0)
		hub_take_reload(hub);
	for (int asked = __atomic_load_n(&hub->stop_asked, __ATOMIC_ACQUIRE); hub->stops_seen < asked; hub->stops_seen++)
		hub_begin_stop(hub);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct hub *hub = handle->data;
	log_event(&hub->log, LOG_LEVEL_NOTICE, "hub.signal", log_number(LOG_signal, (uint64_t)number));
	if (number == SIGHUP)
		hub_take_reload(hub);
	else
		hub_begin_stop(hub);
}

// All that the callbacks of this turn produced leaves now. What goes on for ever
// without new input would be a fault of ours; the rounds only bound one turn.
static void on_turn(uv_prepare_t *turn)
{
	struct hub *hub = turn->data;
	for (int round = 0; round < ROUNDS; round++) {
		bool checks = hub_run_checks(hub), flushed = listener_flush(&hub->listener);
		if (!checks && !flushed)
			break;
	}
	if (!hub->served && hub_ready(hub))
		begin_service(hub);
	hub_advance(hub);
}

static void open_handles(struct hub *hub)
{
	must(uv_loop_init(&hub->loop) == 0);
	must(uv_async_init(&hub->loop, &hub->bell, on_bell) == 0);
	must(uv_prepare_init(&hub->loop, &hub->turn) == 0);
	must(uv_timer_init(&hub->loop, &hub->core_timer) == 0);
	must(uv_timer_init(&hub->loop, &hub->stop_timer) == 0);
	hub->bell.data = hub->turn.data = hub->core_timer.data = hub->stop_timer.data = hub;
	hub->open_handles = 4;
	must(uv_prepare_start(&hub->turn, on_turn) == 0);
	static const int numbers[HUB_SIGNALS] = {SIGTERM, SIGINT, SIGHUP};
	for (size_t i = 0; hub->settings.signals && i < HUB_SIGNALS; i++) {
		must(uv_signal_init(&hub->loop, &hub->signal[i]) == 0);
		hub->signal[i].data = hub;
		hub->open_handles++;
		must(uv_signal_start(&hub->signal[i], on_signal, numbers[i]) == 0);
	}
}

static enum fail_code open_store(struct hub *hub, struct fail *why)
{
	const struct config *config = hub->config;
	struct store_postgres_settings settings = {
		.writer = config->database_writer, .reader = config->database_reader, .partner = config->database_partner,
		.readers = config->database_readers, .statement_timeout_ms = config->database_statement_timeout_ms,
		.log = hub_note_store, .log_context = hub,
	};
	enum fail_code code = store_postgres_new(&hub->store, &hub->loop, &settings, why);
	if (code != FAIL_NONE)
		return fail_wrap(why, "[database]");
	hub->store->on_state = on_database;
	hub->store->on_state_context = hub;
	return FAIL_NONE;
}

static void core_sweep(void *context, enum core_sweep sweep, enum fail_code code)
{
	struct hub *hub = context;
	bool works = code == FAIL_NONE;
	log_event(&hub->log, works ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING, works ? "sweep.works" : "sweep.fails",
	          log_text(LOG_detail, core_sweep_name(sweep)), log_text(LOG_reason, fail_name(code)));
}

static enum fail_code open_core(struct hub *hub, struct fail *why)
{
	const struct config *config = hub->config;
	struct core_settings settings = {
		.hub_uri = certificate_identity(hub->receipt.certificate)->uri,
		.receipt_key = hub->receipt.key,
		.receipt_certificate = bytes_view(&hub->receipt.chain[0]),
		.receipt_issuer = bytes_view(&hub->receipt.chain[1]),
		.commit = config->database_replicated ? COMMIT_REPLICATED : COMMIT_LOCAL,
		.credit_messages = config->limits_credit_messages,
		.credit_bytes = config->limits_credit_bytes,
		.heartbeat_ms = LIMIT_PING_MS,
		.requests_per_second = config->limits_requests_per_second,
		.id_window_ms = (uint64_t)ID_WINDOW_DAYS * DAY_MS,
	};
	struct core_port port = {
		.context = hub,
		.send = core_send,
		.end = core_end,
		.now = hub_clock,
		.check = hub_check,
		.wake = hub_wake,
		.sweep = core_sweep,
	};
	enum fail_code code = core_new(&hub->core, &settings, &port, hub->store);
	return code == FAIL_NONE ? FAIL_NONE : fail_set(why, code, "the core does not start: %s", fail_name(code));
}

static enum fail_code open_listener(struct hub *hub, struct fail *why)
{
	const struct config *config = hub->config;
	struct listener_settings settings = {
		.address = config->listen_address, .port = (uint16_t)config->listen_port, .half_open = config->limits_half_open,
		.half_open_per_address = config->limits_half_open_per_address, .handshake_ms = config->limits_handshake_ms,
	};
	struct listener_port port = {
		.context = hub, .note = hub_note_listener, .opened = peer_opened, .closed = peer_closed, .frame = peer_frame,
		.room = peer_room, .clock = hub_clock, .all_closed = hub_lines_closed,
	};
	hub->listener_opened = true;
	enum fail_code code = listener_open(&hub->listener, &hub->loop, &settings, &port, &hub->sessions, hub->tls, why);
	if (code != FAIL_NONE)
		return fail_wrap(why, "[listen]");
	hub->port = listener_port_number(&hub->listener);
	return FAIL_NONE;
}

static enum fail_code open_monitor(struct hub *hub, struct fail *why)
{
	struct http_port port = {.context = hub, .answer = hub_answer_http, .closed = hub_http_closed};
	enum fail_code code = http_new(&hub->http, &hub->loop, (uint16_t)hub->config->monitor_port, &port, why);
	if (code != FAIL_NONE)
		return fail_wrap(why, "[monitor]");
	hub->monitor_port = http_port_number(hub->http);
	return FAIL_NONE;
}

static enum fail_code open_parts(struct hub *hub, struct fail *why)
{
	enum fail_code code = hub_tls_load(&hub->tls, &hub->tls_ends, hub->config, why);
	if (code == FAIL_NONE)
		code = receipt_keys_load(&hub->receipt, hub->config, why);
	if (code == FAIL_NONE)
		code = open_listener(hub, why);
	if (code == FAIL_NONE)
		code = open_monitor(hub, why);
	if (code == FAIL_NONE)
		code = open_store(hub, why);
	if (code == FAIL_NONE)
		code = open_core(hub, why);
	return code;
}

static void release(struct hub *hub)
{
	must(uv_loop_close(&hub->loop) == 0);
	session_table_release(&hub->sessions);
	receipt_keys_release(&hub->receipt);
	tls_context_unref(hub->tls);
	config_free(hub->config);
	free((void *)(uintptr_t)hub->settings.config_file);
	free(hub);
}

// A hub that never served: what was opened of it is closed by the stages of a stop.
static void give_up(struct hub *hub)
{
	hub->lines_closed = !hub->listener_opened || listener_close(&hub->listener);
	hub->stage = STAGE_LINES;
	uv_run(&hub->loop, UV_RUN_DEFAULT);
	release(hub);
}

enum fail_code hub_new(struct hub **made, struct config *config, const struct log *log,
                       const struct hub_settings *settings, struct fail *why)
{
	struct hub *hub = calloc(1, sizeof *hub);
	if (hub == NULL) {
		config_free(config);
		return fail_set(why, FAIL_NO_MEMORY, "no memory");
	}
	hub->settings = *settings;
	hub->settings.config_file = settings->config_file != NULL ? strdup(settings->config_file) : NULL;
	hub->config = config;
	hub->log = *log;
	session_table_init(&hub->sessions, &(struct session_limits){config->limits_per_user, config->limits_per_member,
	                                                            config->limits_per_agency});
	open_handles(hub);
	hub->started = uv_now(&hub->loop);
	enum fail_code code = open_parts(hub, why);
	if (code != FAIL_NONE) {
		give_up(hub);
		return code;
	}
	*made = hub;
	return FAIL_NONE;
}

void hub_run(struct hub *hub)
{
	must(hub->stage == STAGE_NEW);
	hub->stage = STAGE_SERVING;
	log_event(&hub->log, LOG_LEVEL_NOTICE, "hub.started", log_number(LOG_port, hub->port),
	          log_number(LOG_pid, (uint64_t)uv_os_getpid()));
	uv_run(&hub->loop, UV_RUN_DEFAULT);
	must(hub->stage == STAGE_ENDED);
	log_event(&hub->log, LOG_LEVEL_NOTICE, "hub.ended", log_number(LOG_count, hub->listener.figures.opened));
}

void hub_stop(struct hub *hub)
{
	__atomic_add_fetch(&hub->stop_asked, 1, __ATOMIC_ACQ_REL);
	uv_async_send(&hub->bell);
}

void hub_reload(struct hub *hub)
{
	__atomic_store_n(&hub->reload_asked, 1, __ATOMIC_RELEASE);
	uv_async_send(&hub->bell);
}

uint16_t hub_port(const struct hub *hub)
{
	return hub->port;
}

uint16_t hub_monitor_port(const struct hub *hub)
{
	return hub->monitor_port;
}

void hub_free(struct hub *hub)
{
	if (hub == NULL)
		return;
	must(hub->stage == STAGE_ENDED);
	release(hub);
}
