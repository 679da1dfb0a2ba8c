// SPDX-License-Identifier: Apache-2.0
#include "store/store_postgres.h"

#include "store/postgres_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	DEFAULT_TIMEOUT_MS = 5000,
	DEFAULT_RETRY_MIN_MS = 100,
	DEFAULT_RETRY_MAX_MS = 5000,
	HOUR_MS = 60 * 60 * 1000
};

#define X(name, sql) [STATEMENT_##name] = {#name, sql},
static const struct pg_statement writer_statements[] = {WRITER_STATEMENT_MAP(X)};
static const struct pg_statement reader_statements[] = {READER_STATEMENT_MAP(X)};
static const struct pg_statement partner_statements[] = {PARTNER_STATEMENT_MAP(X)};
#undef X

struct store_postgres *postgres_of(struct store *store)
{
	return (struct store_postgres *)(void *)store;
}

void *postgres_need(size_t size)
{
	void *memory = calloc(1, size == 0 ? 1 : size);
	must(memory != NULL);
	return memory;
}

struct pg_params *postgres_params(struct store_postgres *postgres)
{
	pg_params_clear(&postgres->params);
	return &postgres->params;
}

// Until the writer's barrier is through, nothing is read either: what a crash left
// visible may not be as durable as it looks.
void postgres_send(struct store_postgres *postgres, size_t link, struct pg_operation *operation, size_t statement)
{
	if (!postgres->available)
		postgres->params.failed = true;
	pg_link_send(postgres->link[link], operation, statement, &postgres->params);
}

void postgres_read(struct store_postgres *postgres, struct pg_operation *operation, enum reader_statement statement)
{
	size_t readers = postgres->link_count - LINK_READERS, chosen = 0;
	for (size_t i = 0; i < readers; i++) {
		chosen = LINK_READERS + (postgres->next_reader + i) % readers;
		if (pg_link_ready(postgres->link[chosen]))
			break;
	}
	postgres->next_reader++;
	postgres_send(postgres, chosen, operation, statement);
}

// All kinds must serve; of the readers one is enough.
static bool all_serve(const struct store_postgres *postgres)
{
	bool reader = false;
	for (size_t i = 0; i < LINK_READERS; i++) {
		if (!pg_link_ready(postgres->link[i]))
			return false;
	}
	for (size_t i = LINK_READERS; i < postgres->link_count; i++)
		reader |= pg_link_ready(postgres->link[i]);
	return reader;
}

static void hourly_done(struct pg_operation *operation, enum fail_code code, const PGresult *result)
{
	(void)code; // in an hour again; months are ahead, and the link has logged it
	(void)result;
	free(operation);
}

static struct pg_operation *hourly_task(void)
{
	struct pg_operation *operation = postgres_need(sizeof *operation);
	operation->done = hourly_done;
	return operation;
}

static void put_now(struct pg_params *params)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	pg_put_int8(params, (uint64_t)now.tv_sec * 1000);
}

// Partitions are made ahead; what is sealed in messages that were taken back is erased. Months that are over are counted
// soon after their end, as their cases stood then, and not when somebody asks.
static void run_hourly_tasks(struct store_postgres *postgres)
{
	put_now(postgres_params(postgres));
	postgres_send(postgres, LINK_CURSORS, hourly_task(), STATEMENT_KEEP_PARTITIONS);
	postgres_params(postgres);
	postgres_send(postgres, LINK_CURSORS, hourly_task(), STATEMENT_ERASE);
	put_now(postgres_params(postgres));
	postgres_read(postgres, hourly_task(), STATEMENT_FLOW_CLOSE);
}

static void on_hourly(uv_timer_t *timer)
{
	run_hourly_tasks(timer->data);
}

static void on_state(void *context, struct pg_link *link, bool ready)
{
	struct store_postgres *postgres = context;
	(void)link;
	(void)ready;
	bool available = !postgres->closing && all_serve(postgres);
	if (available == postgres->available)
		return;
	postgres->available = available;
	if (available) // a hub may never run for a whole hour
		run_hourly_tasks(postgres);
	if (postgres->store.on_state != NULL && !postgres->closing)
		postgres->store.on_state(postgres->store.on_state_context, available);
}

static void on_log(void *context, struct pg_link *link, bool alarm, const char *event, const char *text)
{
	struct store_postgres *postgres = context;
	char line[400];
	if (postgres->log == NULL)
		return;
	snprintf(line, sizeof line, "%s: %s", pg_link_name(link), text);
	postgres->log(postgres->log_context, alarm, event, line);
}

static void free_postgres(struct store_postgres *postgres)
{
	free(postgres->writer);
	free(postgres->reader);
	free(postgres->partner);
	free(postgres->agency);
	pg_params_release(&postgres->params);
	free(postgres);
}

static void one_closed(struct store_postgres *postgres)
{
	if (--postgres->open_links > 0)
		return;
	store_done done = postgres->closed;
	void *context = postgres->closed_context;
	free_postgres(postgres);
	if (done != NULL)
		done(context, FAIL_NONE);
}

static void link_closed(void *context)
{
	one_closed(context);
}

static void hourly_closed(uv_handle_t *handle)
{
	one_closed(handle->data);
}

static void close_store(struct store *store, store_done done, void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	must(!postgres->closing);
	postgres->closing = true;
	postgres->available = false;
	postgres->closed = done;
	postgres->closed_context = context;
	postgres->open_links = postgres->link_count + (postgres->hourly_open ? 1 : 0);
	if (postgres->hourly_open)
		uv_close((uv_handle_t *)&postgres->hourly, hourly_closed);
	for (size_t i = 0; i < postgres->link_count; i++)
		pg_link_close(postgres->link[i], link_closed, postgres);
}

static void push(struct store *store)
{
	pg_link_push(postgres_of(store)->link[LINK_WRITER]);
}

static const struct store_operations operations = {
	.commit = postgres_commit,
	.push = push,
	.lookup = postgres_lookup,
	.open_cursor = postgres_open_cursor,
	.close_cursor = postgres_close_cursor,
	.move_cursor = postgres_move_cursor,
	.page = postgres_page,
	.object_open = postgres_object_open,
	.object_write = postgres_object_write,
	.object_read = postgres_object_read,
	.status = postgres_status,
	.flow = postgres_flow,
	.directory = postgres_directory,
	.newest = postgres_newest,
	.due = postgres_due,
	.unsettled = postgres_unsettled,
	.untold = postgres_untold,
	.close = close_store,
};

// A commit waits as long as it must; what only reads or waits for a lock does not.
static void fill_setup(struct store_postgres *postgres, size_t at, struct pg_link_settings *settings)
{
	static const char plans[] = "SET jit = off";
	static const char idle[] = "SET idle_in_transaction_session_timeout = '30s'";
	static const char barrier[] = "SELECT api.barrier()";
	postgres->setup[at][0] = plans;
	postgres->setup[at][1] = idle;
	postgres->setup[at][2] = postgres->timeout;
	postgres->setup[at][3] = barrier;
	settings->setup = postgres->setup[at];
	settings->setup_count = at < LINK_PARTNER ? 4 : 3;
}

static enum fail_code add_link(struct store_postgres *postgres, const char *name,
                               const struct store_postgres_settings *given)
{
	size_t at = postgres->link_count;
	struct pg_link_settings settings = {
		.loop = postgres->loop,
		.name = name,
		.conninfo = at < LINK_PARTNER  ? postgres->writer
	              : at == LINK_PARTNER ? postgres->partner
	                                   : postgres->reader,
		.statement = at < LINK_PARTNER  ? writer_statements
	               : at == LINK_PARTNER ? partner_statements
	                                    : reader_statements,
		.statement_count = at < LINK_PARTNER  ? (size_t)WRITER_STATEMENT_COUNT
	                     : at == LINK_PARTNER ? (size_t)PARTNER_STATEMENT_COUNT
	                                          : (size_t)READER_STATEMENT_COUNT,
		.retry_min_ms = given->retry_min_ms == 0 ? DEFAULT_RETRY_MIN_MS : given->retry_min_ms,
		.retry_max_ms = given->retry_max_ms == 0 ? DEFAULT_RETRY_MAX_MS : given->retry_max_ms,
		.context = postgres,
		.on_state = on_state,
		.on_log = on_log,
	};
	fill_setup(postgres, at, &settings);
	enum fail_code code = pg_link_new(&postgres->link[at], &settings);
	if (code == FAIL_NONE)
		postgres->link_count++;
	return code;
}

static enum fail_code add_links(struct store_postgres *postgres, const struct store_postgres_settings *settings)
{
	static const char *const names[LINK_READERS] = {"writer", "cursors", "uploads", "partner"};
	enum fail_code code = FAIL_NONE;
	for (size_t i = 0; i < LINK_READERS && code == FAIL_NONE; i++)
		code = add_link(postgres, names[i], settings);
	for (size_t i = 0; i < settings->readers && code == FAIL_NONE; i++) {
		snprintf(postgres->reader_name[i], sizeof postgres->reader_name[i], "reader-%u", (unsigned)(uint8_t)(i + 1));
		code = add_link(postgres, postgres->reader_name[i], settings);
	}
	return code;
}

static enum fail_code fill(struct store_postgres *postgres, const struct store_postgres_settings *settings)
{
	postgres->writer = strdup(settings->writer);
	postgres->reader = strdup(settings->reader);
	postgres->partner = strdup(settings->partner);
	if (postgres->writer == NULL || postgres->reader == NULL || postgres->partner == NULL)
		return FAIL_NO_MEMORY;
	uint32_t timeout = settings->statement_timeout_ms == 0 ? DEFAULT_TIMEOUT_MS : settings->statement_timeout_ms;
	snprintf(postgres->timeout, sizeof postgres->timeout, "SET statement_timeout = %u", timeout);
	int code = uv_timer_init(postgres->loop, &postgres->hourly);
	must(code == 0);
	postgres->hourly.data = postgres;
	postgres->hourly_open = true;
	code = uv_timer_start(&postgres->hourly, on_hourly, HOUR_MS, HOUR_MS);
	must(code == 0);
	return add_links(postgres, settings);
}

enum fail_code store_postgres_new(struct store **store, uv_loop_t *loop, const struct store_postgres_settings *settings,
                                  struct fail *why)
{
	*store = NULL;
	if (settings->readers < 1 || settings->readers > STORE_MAX_READERS)
		return fail_set(why, FAIL_BAD_CONFIG, "readers must be 1 to %d", STORE_MAX_READERS);
	struct store_postgres *postgres = calloc(1, sizeof *postgres);
	if (postgres == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "no memory for the store");
	postgres->store.ops = &operations;
	postgres->loop = loop;
	postgres->log = settings->log;
	postgres->log_context = settings->log_context;
	postgres->moves_end = &postgres->moves;
	pg_params_init(&postgres->params);
	enum fail_code code = fill(postgres, settings);
	if (code != FAIL_NONE) {
		fail_set(why, code, "no memory for the database's connections");
		if (postgres->hourly_open)
			close_store(&postgres->store, NULL, NULL);
		else
			free_postgres(postgres);
		return code;
	}
	*store = &postgres->store;
	return FAIL_NONE;
}
