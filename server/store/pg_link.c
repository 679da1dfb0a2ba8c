// SPDX-License-Identifier: Apache-2.0
#include "store/pg_link.h"

#include "seal/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECT_TIMEOUT_MS = 5000, PIPELINE_CAP = 4096, TEXT_FORMAT = 0, BINARY_FORMAT = 1 };

//  WAITING --timer--> CONNECTING --PQconnectPoll--> PREPARING --setup done--> READY
//     ^                    |                            |                       |
//     +--------------------+----------- lost -----------+-----------------------+      close: CLOSING, from any
enum link_state { LINK_WAITING, LINK_CONNECTING, LINK_PREPARING, LINK_READY, LINK_CLOSING };

struct queue {
	struct pg_operation *first, **end;
	size_t count;
};

struct pg_link {
	struct pg_link_settings settings;
	enum link_state state;
	PGconn *connection;      // owned; NULL while WAITING and CLOSING
	uv_poll_t *poll;         // heap: outlives its socket until closed
	int watched;             // the socket of poll
	uv_timer_t timer;        // next attempt, or the end of one
	uv_timer_t soon;         // what must not happen within a call
	struct pg_operation setup;
	struct queue sent;       // in the pipeline, in order
	struct queue refused;    // never sent
	uint32_t delay_ms;
	bool broken;             // found while sending
	bool flushing;           // WRITABLE is wanted
	unsigned handles;        // open; the struct goes with the last one
	void (*closed)(void *context);
	void *closed_context;
};

static void begin(struct pg_link *link);
static void lose(struct pg_link *link, const char *event);

static void queue_add(struct queue *queue, struct pg_operation *operation)
{
	operation->next = NULL;
	*queue->end = operation;
	queue->end = &operation->next;
	queue->count++;
}

static struct pg_operation *queue_take(struct queue *queue)
{
	struct pg_operation *first = queue->first;
	if (first == NULL)
		return NULL;
	queue->first = first->next;
	queue->count--;
	if (queue->first == NULL)
		queue->end = &queue->first;
	first->next = NULL;
	return first;
}

static void queue_init(struct queue *queue)
{
	*queue = (struct queue){.end = &queue->first};
}

// One line without control characters: the server's words go to a log.
static void log_line(struct pg_link *link, bool alarm, const char *event, const char *text)
{
	char line[300];
	size_t length = 0;
	if (link->settings.on_log == NULL)
		return;
	while (text != NULL && length + 1 < sizeof line && text[length] != '\0' && text[length] != '\n') {
		unsigned char byte = (unsigned char)text[length];
		line[length] = byte < 0x20 || byte == 0x7f ? ' ' : text[length];
		length++;
	}
	line[length] = '\0';
	link->settings.on_log(link->settings.context, link, alarm, event, line);
}

static void release(struct pg_link *link)
{
	must(link->handles > 0);
	if (--link->handles > 0)
		return;
	void (*closed)(void *context) = link->closed;
	void *context = link->closed_context;
	free(link);
	closed(context);
}

static void timer_closed(uv_handle_t *handle)
{
	release(handle->data);
}

static void poll_closed(uv_handle_t *handle)
{
	struct pg_link *link = handle->data;
	free(handle);
	release(link);
}

// Before the socket is closed: libuv must have let go of it.
static void unwatch(struct pg_link *link)
{
	if (link->poll == NULL)
		return;
	uv_close((uv_handle_t *)link->poll, poll_closed);
	link->poll = NULL;
}

static void on_poll(uv_poll_t *poll, int status, int events);

// libpq may change its socket while it connects, even to a new one of the same
// number: it was stopped before, so that starting again registers it anew.
static bool watch(struct pg_link *link, int events)
{
	int socket = PQsocket(link->connection);
	if (socket < 0)
		return false;
	if (link->poll != NULL && link->watched != socket)
		unwatch(link);
	if (link->poll == NULL) {
		uv_poll_t *poll = calloc(1, sizeof *poll);
		if (poll == NULL || uv_poll_init(link->settings.loop, poll, socket) != 0) {
			free(poll);
			return false;
		}
		poll->data = link;
		link->poll = poll;
		link->watched = socket;
		link->handles++;
	}
	return uv_poll_start(link->poll, events, on_poll) == 0;
}

static void finish(struct pg_operation *operation, enum fail_code code)
{
	PGresult *result = operation->result;
	operation->result = NULL;
	if (code != FAIL_NONE) {
		PQclear(result);
		result = NULL;
	}
	operation->done(operation, code, result);
	PQclear(result);
}

static void on_soon(uv_timer_t *timer)
{
	struct pg_link *link = timer->data;
	struct pg_operation *operation;
	// What is refused while this runs waits for the next turn.
	size_t count = link->refused.count;
	while (count-- > 0 && (operation = queue_take(&link->refused)) != NULL)
		finish(operation, FAIL_UNAVAILABLE);
	if (link->broken && link->state != LINK_CLOSING && link->state != LINK_WAITING)
		lose(link, "lost");
}

static void soon(struct pg_link *link)
{
	if (link->state == LINK_CLOSING)
		return; // the timer has its last task already, which ends these too
	int started = uv_timer_start(&link->soon, on_soon, 0, 0);
	must(started == 0);
}

static void on_retry(uv_timer_t *timer)
{
	begin(timer->data);
}

static void retry_later(struct pg_link *link)
{
	uint32_t spread = 0;
	random_fill(&spread, sizeof spread);
	uint32_t delay = link->settings.retry_min_ms / 2 + spread % (link->delay_ms + 1);
	link->delay_ms =
		link->delay_ms > link->settings.retry_max_ms / 2 ? link->settings.retry_max_ms : link->delay_ms * 2;
	link->state = LINK_WAITING;
	int started = uv_timer_start(&link->timer, on_retry, delay, 0);
	must(started == 0);
}

static void drop_connection(struct pg_link *link)
{
	unwatch(link);
	if (link->connection != NULL)
		PQfinish(link->connection);
	link->connection = NULL;
	link->broken = false;
	link->flushing = false;
}

// A write that was handed over may have been carried out. One whose statement had
// already failed was not, unless the server warned.
static enum fail_code lost_code(const struct pg_operation *operation)
{
	if (!operation->write)
		return FAIL_UNAVAILABLE;
	if (operation->code != FAIL_NONE && !operation->doubtful)
		return operation->code;
	return FAIL_OUTCOME_UNKNOWN;
}

// The operations are taken off first: their callbacks may send anew or close.
static void end_sent(struct pg_link *link)
{
	struct queue lost = link->sent;
	if (lost.first == NULL)
		lost.end = &lost.first;
	queue_init(&link->sent);
	struct pg_operation *operation;
	while ((operation = queue_take(&lost)) != NULL)
		finish(operation, lost_code(operation));
}

static void lose(struct pg_link *link, const char *event)
{
	bool was_ready = link->state == LINK_READY;
	log_line(link, was_ready, event, PQerrorMessage(link->connection));
	drop_connection(link);
	retry_later(link);
	if (was_ready)
		link->settings.on_state(link->settings.context, link, false);
	end_sent(link);
}

static enum fail_code code_of_state(const char *sqlstate)
{
	static const struct { const char *prefix; enum fail_code code; } codes[] = {
		{"53100", FAIL_NO_SPACE},     // disk full
		{"53", FAIL_UNAVAILABLE},     // out of something
		{"57", FAIL_UNAVAILABLE},     // cancelled, shutting down
		{"55P03", FAIL_UNAVAILABLE},  // lock not available in time
		{"40", FAIL_UNAVAILABLE},     // deadlock, serialisation
		{"23505", FAIL_UNAVAILABLE},  // lost a race for a key
		{"25006", FAIL_UNAVAILABLE},  // a standby: only reads
		{"08", FAIL_UNAVAILABLE},
	};
	for (size_t i = 0; sqlstate != NULL && i < sizeof codes / sizeof *codes; i++) {
		if (strncmp(sqlstate, codes[i].prefix, strlen(codes[i].prefix)) == 0)
			return codes[i].code;
	}
	return FAIL_INTERNAL;
}

static void note_error(struct pg_link *link, struct pg_operation *operation, const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
	bool again = sqlstate != NULL && (strncmp(sqlstate, "40", 2) == 0 || strcmp(sqlstate, "23505") == 0);
	// Two hubs that meet are no reason to wake anybody.
	log_line(link, !again, "refused", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
	if (severity == NULL || strcmp(severity, "ERROR") != 0) {
		// FATAL ends the connection at an unknown point, also behind a commit.
		link->broken = true;
		return;
	}
	operation->code = code_of_state(sqlstate);
	operation->again = again;
	if (sqlstate != NULL && strcmp(sqlstate, "25006") == 0)
		link->broken = true;
}

// Warnings come only when a commit may not be what it should: see exchange 3.6, rule 2.
// libpq may read ahead, so that it cannot be told whose it was: all that wait are in doubt.
static void on_notice(void *context, const PGresult *result)
{
	struct pg_link *link = context;
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
	if (severity == NULL || strcmp(severity, "WARNING") != 0)
		return;
	for (struct pg_operation *operation = link->sent.first; operation != NULL; operation = operation->next)
		operation->doubtful = true;
	log_line(link, true, "warned", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
}

static void unit_ended(struct pg_link *link)
{
	struct pg_operation *operation = queue_take(&link->sent);
	if (operation == NULL) {
		link->broken = true;
		return;
	}
	enum fail_code code = operation->code;
	if (operation->write && operation->doubtful)
		code = FAIL_OUTCOME_UNKNOWN;
	else if (code == FAIL_NONE && operation->result == NULL)
		code = FAIL_INTERNAL;
	finish(operation, code);
}

static void take_result(struct pg_link *link, PGresult *result)
{
	struct pg_operation *operation = link->sent.first;
	ExecStatusType status = PQresultStatus(result);
	if (status == PGRES_PIPELINE_SYNC) {
		PQclear(result);
		unit_ended(link);
		return;
	}
	bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
	if (operation == NULL)
		link->broken = true;
	else if (!good && status != PGRES_PIPELINE_ABORTED)
		note_error(link, operation, result);
	if (!good || operation == NULL) {
		PQclear(result);
		return;
	}
	PQclear(operation->result);
	operation->result = result;
}

// A NULL ends one statement's results; two in a row: nothing more is there.
static void drain(struct pg_link *link)
{
	bool ended = false;
	while (link->connection != NULL && !link->broken && !PQisBusy(link->connection)) {
		PGresult *result = PQgetResult(link->connection);
		if (result == NULL && ended)
			return;
		ended = result == NULL;
		if (result != NULL)
			take_result(link, result);
	}
}

// WRITABLE only while libpq has bytes left: it would call all the time.
static void flush(struct pg_link *link)
{
	if (link->connection == NULL || link->broken)
		return;
	int left = PQflush(link->connection);
	bool wanted = left == 1;
	if (left < 0 || (wanted != link->flushing && !watch(link, UV_READABLE | (wanted ? UV_WRITABLE : 0))))
		link->broken = true;
	link->flushing = wanted;
}

void pg_link_push(struct pg_link *link)
{
	if (!link->flushing)
		return;
	flush(link);
	if (link->broken)
		soon(link);
}

static void serve(struct pg_link *link, int events)
{
	if ((events & UV_READABLE) != 0 && PQconsumeInput(link->connection) == 0)
		link->broken = true;
	else
		drain(link);
	flush(link);
	if (link->broken && link->connection != NULL)
		lose(link, link->state == LINK_READY ? "lost" : "refused");
}

static void setup_done(struct pg_operation *operation, enum fail_code code, const PGresult *result)
{
	struct pg_link *link = (struct pg_link *)(void *)((char *)operation - offsetof(struct pg_link, setup));
	(void)result;
	if (link->state != LINK_PREPARING)
		return;
	if (code != FAIL_NONE) {
		link->broken = true;
		return;
	}
	link->state = LINK_READY;
	link->delay_ms = link->settings.retry_min_ms;
	log_line(link, false, "connected", "");
	link->settings.on_state(link->settings.context, link, true);
}

static bool send_setup(struct pg_link *link)
{
	PGconn *connection = link->connection;
	char name[96];
	snprintf(name, sizeof name, "SET application_name = 'passerelle-hub %s'", link->settings.name);
	bool good = PQsendQueryParams(connection, name, 0, NULL, NULL, NULL, NULL, TEXT_FORMAT) == 1;
	for (size_t i = 0; i < link->settings.setup_count && good; i++)
		good = PQsendQueryParams(connection, link->settings.setup[i], 0, NULL, NULL, NULL, NULL, TEXT_FORMAT) == 1;
	for (size_t i = 0; i < link->settings.statement_count && good; i++)
		good =
			PQsendPrepare(connection, link->settings.statement[i].name, link->settings.statement[i].sql, 0, NULL) == 1;
	return good && PQpipelineSync(connection) == 1;
}

static void prepare(struct pg_link *link)
{
	uv_timer_stop(&link->timer);
	link->state = LINK_PREPARING;
	link->setup = (struct pg_operation){.done = setup_done};
	queue_add(&link->sent, &link->setup);
	PQsetNoticeReceiver(link->connection, on_notice, link);
	if (PQsetnonblocking(link->connection, 1) != 0 || PQenterPipelineMode(link->connection) != 1 ||
	    !send_setup(link) || !watch(link, UV_READABLE))
		link->broken = true;
	flush(link);
	if (link->broken)
		lose(link, "refused");
}

static void advance(struct pg_link *link)
{
	if (link->poll != NULL)
		uv_poll_stop(link->poll);
	PostgresPollingStatusType next = PQconnectPoll(link->connection);
	if (next == PGRES_POLLING_OK)
		prepare(link);
	else if (next == PGRES_POLLING_FAILED || !watch(link, next == PGRES_POLLING_READING ? UV_READABLE : UV_WRITABLE))
		lose(link, "unreachable");
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct pg_link *link = poll->data;
	// A closed handle makes no calls; an error shows itself when libpq reads.
	if (status < 0)
		events = UV_READABLE;
	if (link->state == LINK_CONNECTING)
		advance(link);
	else if (link->state == LINK_PREPARING || link->state == LINK_READY)
		serve(link, events);
}

static void on_connect_timeout(uv_timer_t *timer)
{
	lose(timer->data, "timed out");
}

static void begin(struct pg_link *link)
{
	link->state = LINK_CONNECTING;
	link->connection = PQconnectStart(link->settings.conninfo);
	// Not while preparing: a barrier may wait long for a standby, and must.
	int started = uv_timer_start(&link->timer, on_connect_timeout, CONNECT_TIMEOUT_MS, 0);
	must(started == 0);
	if (link->connection == NULL || PQstatus(link->connection) == CONNECTION_BAD || !watch(link, UV_WRITABLE))
		lose(link, "unreachable");
}

enum fail_code pg_link_new(struct pg_link **made, const struct pg_link_settings *settings)
{
	struct pg_link *link = calloc(1, sizeof *link);
	*made = NULL;
	if (link == NULL)
		return FAIL_NO_MEMORY;
	link->settings = *settings;
	link->delay_ms = settings->retry_min_ms;
	queue_init(&link->sent);
	queue_init(&link->refused);
	uv_timer_t *timers[] = {&link->timer, &link->soon};
	for (size_t i = 0; i < sizeof timers / sizeof *timers; i++) {
		int code = uv_timer_init(settings->loop, timers[i]);
		must(code == 0);
		timers[i]->data = link;
		link->handles++;
	}
	link->state = LINK_WAITING;
	int started = uv_timer_start(&link->timer, on_retry, 0, 0);
	must(started == 0);
	*made = link;
	return FAIL_NONE;
}

bool pg_link_ready(const struct pg_link *link)
{
	return link->state == LINK_READY && !link->broken;
}

const char *pg_link_name(const struct pg_link *link)
{
	return link->settings.name;
}

static bool send_statement(struct pg_link *link, size_t statement, const struct pg_params *params)
{
	const char *value[PG_MAX_PARAMS];
	int length[PG_MAX_PARAMS], format[PG_MAX_PARAMS];
	static const char empty[1] = "";
	for (int i = 0; i < params->count; i++) {
		const char *data = (const char *)params->data.data;
		value[i] = params->null[i] ? NULL : data == NULL ? empty : data + params->start[i];
		length[i] = (int)params->length[i];
		format[i] = BINARY_FORMAT;
	}
	must(statement < link->settings.statement_count);
	return PQsendQueryPrepared(link->connection, link->settings.statement[statement].name, params->count, value, length,
	                           format, BINARY_FORMAT) == 1 &&
	       PQpipelineSync(link->connection) == 1;
}

void pg_link_send(struct pg_link *link, struct pg_operation *operation, size_t statement,
                  const struct pg_params *params)
{
	operation->result = NULL;
	operation->code = FAIL_NONE;
	operation->doubtful = operation->again = false;
	if (!pg_link_ready(link) || params->failed || link->sent.count >= PIPELINE_CAP) {
		queue_add(&link->refused, operation);
		soon(link);
		return;
	}
	queue_add(&link->sent, operation);
	if (!send_statement(link, statement, params))
		link->broken = true;
	flush(link);
	if (link->broken)
		soon(link);
}

static void on_closing(uv_timer_t *timer)
{
	struct pg_link *link = timer->data;
	struct pg_operation *operation;
	end_sent(link);
	while ((operation = queue_take(&link->refused)) != NULL)
		finish(operation, FAIL_UNAVAILABLE);
	uv_close((uv_handle_t *)&link->timer, timer_closed);
	uv_close((uv_handle_t *)&link->soon, timer_closed);
}

void pg_link_close(struct pg_link *link, void (*closed)(void *context), void *context)
{
	must(link->state != LINK_CLOSING);
	link->state = LINK_CLOSING;
	link->closed = closed;
	link->closed_context = context;
	uv_timer_stop(&link->timer);
	drop_connection(link);
	int started = uv_timer_start(&link->soon, on_closing, 0, 0);
	must(started == 0);
}
