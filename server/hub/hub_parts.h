// SPDX-License-Identifier: Apache-2.0
//
// Inside of struct hub, for the files of this folder only.
#ifndef PASSERELLE_HUB_HUB_PARTS_H
#define PASSERELLE_HUB_HUB_PARTS_H

#include "core/core.h"
#include "hub/hub.h"
#include "hub/hub_keys.h"
#include "monitor/http.h"
#include "net/listener.h"

enum hub_stage {
	STAGE_NEW,
	STAGE_SERVING,
	STAGE_DRAINING,
	STAGE_LEAVING,
	STAGE_LINES,
	STAGE_STORE,
	STAGE_PARTS,
	STAGE_ENDED
};

enum { HUB_SIGNALS = 3, HUB_WAKES = 64 };

// One request of the core to check signatures.
struct check_job {
	struct hub *hub;
	struct check_job *next;
	struct core_check *check;
	size_t count;
	void *batch;
	uv_work_t work;
};

struct hub_figures {
	uint64_t database_losses, checks_in_loop, reloads, reloads_refused;
};

struct hub {
	struct hub_settings settings;   // texts owned
	struct config *config;          // owned
	struct log log;
	enum hub_stage stage;
	uint64_t started;               // uv_now

	uv_loop_t loop;
	uv_async_t bell;                // stop and reload from other threads
	uv_prepare_t turn;              // end of each turn of the loop, before it waits
	uv_timer_t core_timer;          // core_tick
	uv_timer_t stop_timer;          // of the present stage
	uv_signal_t signal[HUB_SIGNALS];
	unsigned open_handles;          // of the above, without the loop
	uint64_t wake[HUB_WAKES];       // Unix ms, ascending: when the core wants a tick
	size_t wake_count;              // < HUB_WAKES between calls
	int stop_asked, reload_asked;   // atomic: written by other threads
	int stops_seen;
	bool stop_late;                 // the present stage had its time

	struct tls_context *tls;
	int64_t tls_ends;
	struct receipt_keys receipt;
	struct session_table sessions;
	struct listener listener;
	bool listener_opened, lines_closed;
	struct store *store;
	bool database_available, served, store_closed;
	struct core *core;
	struct http *http;
	uint16_t port, monitor_port;
	struct check_job *jobs;         // wait for the end of this turn
	unsigned checks_under_way;      // jobs in the pool
	uint64_t refusals_second, refusals_logged; // so that a flood of bad handshakes is not one of log lines
	struct hub_figures figures;
};

// Unix milliseconds.
uint64_t hub_clock(void *hub);

// hub_check.c: core_port.check, and the jobs of this turn; true if there were any.
void hub_check(void *hub, struct core_check *check, size_t count, void *batch);
bool hub_run_checks(struct hub *hub);

// hub_wake.c: core_port.wake.
void hub_wake(void *hub, uint64_t at);

// hub_stop.c: what the stage allows is done; called each turn.
void hub_begin_stop(struct hub *hub);
void hub_advance(struct hub *hub);
void hub_lines_closed(void *hub);
void hub_http_closed(void *hub);
void hub_handle_closed(uv_handle_t *handle);

// hub_reload.c
void hub_take_reload(struct hub *hub);

// hub_monitor.c
void hub_note_listener(void *hub, const struct listener_note *note);
void hub_note_store(void *hub, bool alarm, const char *event, const char *text);
unsigned hub_answer_http(void *hub, const char *path, struct bytes *body, const char **type);
bool hub_ready(const struct hub *hub);

// hub_notify.c: port files and the service manager, once the hub serves; `state` as sd_notify(3) wants it.
void hub_write_port(const struct hub *hub, const char *file, uint16_t port);
void hub_notify(const char *state);

#endif
