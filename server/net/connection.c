// SPDX-License-Identifier: Apache-2.0
#include "net/connection.h"

#include "session/limits.h"
#include "wire/frame.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	OUTPUT_CAP = 24 * 1024 * 1024,   // LIMIT_UNSENT_MOST as TLS records, and a frame
	USER_TIMEOUT_MS = 30 * 1000,     // sent bytes that nobody confirms
	QUOTA_RETRY_MS = 30 * 1000,
};

static void note(struct connection *connection, enum listener_event event, const char *text)
{
	struct listener_port *port = &connection->listener->port;
	struct listener_note said = {
		.event = event,
		.address = connection->address,
		.session = connection->number,
		.peer = connection->channel != NULL && tls_channel_established(connection->channel)
		            ? tls_channel_peer(connection->channel) : NULL,
		.text = text,
	};
	port->note(port->context, &said);
}

static uint64_t now_of(const struct connection *connection)
{
	return uv_now(connection->tcp.loop);
}

static void make_dirty(struct connection *connection)
{
	if (link_alone(&connection->dirty))
		link_append(&connection->listener->dirty, &connection->dirty);
}

static void leave_half_open(struct connection *connection)
{
	if (link_alone(&connection->half_open))
		return;
	link_remove(&connection->half_open);
	connection->listener->figures.half_open--;
}

static void handle_closed(uv_handle_t *handle)
{
	struct connection *connection = handle->data;
	struct listener *listener = connection->listener;
	if (--connection->open_handles > 0)
		return;
	link_remove(&connection->all);
	listener->figures.connections--;
	tls_channel_free(connection->channel);
	bytes_release(&connection->cipher);
	bytes_release(&connection->flight);
	free(connection);
	listener_check_closed(listener);
}

static void forget_session(struct connection *connection, const char *reason)
{
	if (connection->session == NULL)
		return;
	struct session *session = connection->session;
	struct listener *listener = connection->listener;
	connection->session = NULL;
	if (connection->announced) {
		session_table_remove(listener->sessions, session);
		listener->port.closed(listener->port.context, session_number(session));
		note(connection, LISTENER_CLOSED, reason);
	}
	session_free(session);
}

void connection_close(struct connection *connection, const char *reason)
{
	if (connection->state == CONNECTION_CLOSING)
		return;
	connection->state = CONNECTION_CLOSING;
	leave_half_open(connection);
	link_remove(&connection->dirty);
	forget_session(connection, reason);
	uv_close((uv_handle_t *)&connection->tcp, handle_closed);
	uv_close((uv_handle_t *)&connection->timer, handle_closed);
}

static void on_timer(uv_timer_t *timer);

static void arm(struct connection *connection, uint64_t at)
{
	uint64_t now = now_of(connection);
	connection->timer_at = at;
	must(uv_timer_start(&connection->timer, on_timer, at > now ? at - now : 0, 0) == 0);
}

// The timer fires no later than the session wants; later wishes are seen when it fires.
static void follow_session(struct connection *connection)
{
	uint64_t wanted = session_deadline(connection->session);
	if (wanted < connection->timer_at)
		arm(connection, wanted);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct connection *connection = handle->data;
	(void)suggested;
	*buffer = uv_buf_init(connection->listener->input, LISTENER_INPUT_SIZE);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer);

static void follow_reading(struct connection *connection)
{
	bool wanted = connection->session == NULL || session_reading(connection->session);
	if (wanted == connection->reading)
		return;
	connection->reading = wanted;
	if (!wanted)
		uv_read_stop((uv_stream_t *)&connection->tcp);
	else if (uv_read_start((uv_stream_t *)&connection->tcp, on_alloc, on_read) != 0)
		connection_close(connection, "LINE_FAULT");
}

// Last bytes, then FIN; what the peer still sends is thrown away, because closing
// over unread bytes resets the line and takes our last words with it.
static void begin_end(struct connection *connection)
{
	if (connection->state >= CONNECTION_ENDING)
		return;
	connection->state = CONNECTION_ENDING;
	if (connection->channel != NULL)
		tls_channel_close(connection->channel);
	arm(connection, now_of(connection) + LIMIT_LEAVE_MS);
	make_dirty(connection);
}

static void on_timer(uv_timer_t *timer)
{
	struct connection *connection = timer->data;
	connection->timer_at = UINT64_MAX;
	if (connection->state == CONNECTION_HALF_OPEN) {
		note(connection, LISTENER_TOO_LATE, "");
		connection->listener->figures.too_late++;
		connection_close(connection, "TIMED_OUT");
	} else if (connection->state == CONNECTION_OPEN && connection->session != NULL) {
		session_tick(connection->session, now_of(connection));
		follow_session(connection);
	} else {
		connection_close(connection, "TIMED_OUT");
	}
}

static void session_sends(void *context, struct view plain)
{
	struct connection *connection = context;
	connection->cipher_plain += plain.length;
	// A fault shows at the next read or write of the channel.
	if (tls_channel_write(connection->channel, plain) != TLS_OK)
		begin_end(connection);
}

static void session_closes(void *context, const char *reason)
{
	struct connection *connection = context;
	forget_session(connection, reason);
	begin_end(connection);
}

static void session_wants_turn(void *context)
{
	make_dirty(context);
}

// The session is made in any case, so that a peer that may not stay is told why.
static void open_session(struct connection *connection)
{
	struct listener *listener = connection->listener;
	const struct identity *peer = tls_channel_peer(connection->channel);
	struct session_port port = {
		.context = connection, .send = session_sends, .close = session_closes, .turn = session_wants_turn,
		.frame = listener->port.frame, .room = listener->port.room, .clock = listener->port.clock,
		.up = listener->port.context,
	};
	struct session *gives_way = NULL;
	enum fail_code code = session_table_admit(listener->sessions, peer, &gives_way);
	connection->number = session_table_number(listener->sessions);
	connection->session = session_new(connection->number, peer, &port, now_of(connection));
	if (connection->session == NULL) {
		connection_close(connection, "NO_MEMORY");
		return;
	}
	if (gives_way != NULL)
		session_end(gives_way, "REPLACED", 0);
	if (code == FAIL_NONE)
		code = session_table_add(listener->sessions, connection->session);
	if (code != FAIL_NONE) {
		listener->figures.over_limit++;
		note(connection, LISTENER_OVER_LIMIT, "");
		session_end(connection->session, fail_name(code), QUOTA_RETRY_MS);
		return;
	}
	connection->announced = true;
	listener->figures.opened++;
	note(connection, LISTENER_OPENED, "");
	listener->port.opened(listener->port.context, connection->number, peer);
}

static void handshake_done(struct connection *connection)
{
	leave_half_open(connection);
	connection->state = CONNECTION_OPEN;
	connection->timer_at = UINT64_MAX;
	open_session(connection);
	if (connection->session != NULL)
		follow_session(connection);
}

static void handshake_failed(struct connection *connection)
{
	struct fail why;
	tls_channel_fault(connection->channel, &why);
	if (connection->state == CONNECTION_HALF_OPEN) {
		connection->listener->figures.refused++;
		note(connection, LISTENER_REFUSED, why.text);
	}
	forget_session(connection, "TLS_FAULT");
	begin_end(connection);
}

static void take_plain(struct connection *connection, struct bytes *plain)
{
	if (connection->session == NULL)
		return;
	session_feed(connection->session, bytes_view(plain), now_of(connection));
	make_dirty(connection);
}

static void take_cipher(struct connection *connection, struct view cipher)
{
	struct bytes *plain = &connection->listener->plain;
	bytes_clear(plain);
	enum tls_result result = tls_channel_feed(connection->channel, cipher, plain);
	make_dirty(connection);
	if (connection->state == CONNECTION_HALF_OPEN && result != TLS_FAILED &&
	    tls_channel_established(connection->channel))
		handshake_done(connection);
	if (connection->state == CONNECTION_OPEN && plain->length > 0)
		take_plain(connection, plain);
	if (connection->state == CONNECTION_CLOSING)
		return;
	if (result == TLS_FAILED)
		handshake_failed(connection);
	else if (result == TLS_CLOSED)
		connection_close(connection, "PEER_CLOSED");
	else if (connection->session != NULL)
		follow_session(connection);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct connection *connection = stream->data;
	struct listener *listener = connection->listener;
	if (count < 0)
		connection_close(connection, count == UV_EOF ? "PEER_CLOSED" : "LINE_FAULT");
	if (count <= 0 || connection->state >= CONNECTION_ENDING)
		return;
	listener->figures.bytes_in += (uint64_t)count;
	if (connection->channel == NULL)
		connection->channel = tls_channel_new(listener->context, NULL);
	if (connection->channel == NULL)
		connection_close(connection, "NO_MEMORY");
	else
		take_cipher(connection, view_of(buffer->base, (size_t)count));
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
	(void)request;
	(void)status; // the timer or the peer's end closes
}

static void all_written(struct connection *connection)
{
	if (connection->state != CONNECTION_ENDING || connection->shut)
		return;
	connection->shut = true;
	if (uv_shutdown(&connection->shutdown, (uv_stream_t *)&connection->tcp, on_shutdown) != 0)
		connection_close(connection, "LINE_FAULT");
}

static void left(struct connection *connection, size_t cipher, size_t plain)
{
	connection->listener->figures.bytes_out += cipher;
	if (connection->session != NULL && plain > 0)
		session_left(connection->session, plain, now_of(connection));
}

static void write_out(struct connection *connection);

static void on_written(uv_write_t *request, int status)
{
	struct connection *connection = request->data;
	size_t plain = connection->flight_plain, cipher = connection->flight.length;
	connection->writing = false;
	connection->flight_plain = 0;
	bytes_release(&connection->flight);
	if (status != 0) {
		connection_close(connection, "LINE_FAULT");
		return;
	}
	left(connection, cipher, plain);
	write_out(connection);
}

// The kernel did not take everything: the rest waits in libuv, and belongs to it.
static void write_later(struct connection *connection, size_t written)
{
	struct bytes empty = connection->flight;
	connection->flight = connection->cipher;
	connection->cipher = empty;
	connection->flight_plain = connection->cipher_plain;
	connection->cipher_plain = 0;
	uv_buf_t rest =
		uv_buf_init((char *)connection->flight.data + written, (unsigned)(connection->flight.length - written));
	connection->writing = true;
	connection->write.data = connection;
	if (uv_write(&connection->write, (uv_stream_t *)&connection->tcp, &rest, 1, on_written) == 0)
		return;
	connection->writing = false;
	connection_close(connection, "LINE_FAULT");
}

static void write_out(struct connection *connection)
{
	if (connection->writing || connection->state == CONNECTION_CLOSING)
		return;
	size_t length = connection->cipher.length;
	if (length > 0) {
		uv_buf_t all = uv_buf_init((char *)connection->cipher.data, (unsigned)length);
		int written = uv_try_write((uv_stream_t *)&connection->tcp, &all, 1);
		if (written < 0 && written != UV_EAGAIN) {
			connection_close(connection, "LINE_FAULT");
			return;
		}
		if (written < 0 || (size_t)written < length) {
			write_later(connection, written < 0 ? 0 : (size_t)written);
			return;
		}
		size_t plain = connection->cipher_plain;
		connection->cipher_plain = 0;
		bytes_release(&connection->cipher);
		left(connection, length, plain);
	}
	all_written(connection);
}

void connection_flush(struct connection *connection)
{
	if (connection->session != NULL)
		session_turn(connection->session, now_of(connection));
	if (connection->channel != NULL && tls_channel_output(connection->channel, &connection->cipher) != FAIL_NONE) {
		connection_close(connection, "NOT_READING");
		return;
	}
	write_out(connection);
	if (connection->state == CONNECTION_CLOSING)
		return;
	follow_reading(connection);
	if (connection->session != NULL && connection->state == CONNECTION_OPEN)
		follow_session(connection);
}

static void set_socket(struct connection *connection)
{
	uv_os_fd_t fd;
	unsigned timeout = USER_TIMEOUT_MS;
	// Without them the connection works, only worse: not worth refusing it.
	(void)uv_tcp_nodelay(&connection->tcp, 1);
	if (uv_fileno((uv_handle_t *)&connection->tcp, &fd) == 0)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
}

static void note_address(struct connection *connection)
{
	struct sockaddr_storage peer;
	int length = sizeof peer;
	if (uv_tcp_getpeername(&connection->tcp, (struct sockaddr *)&peer, &length) != 0 ||
	    uv_ip_name((struct sockaddr *)&peer, connection->address, sizeof connection->address) != 0)
		memcpy(connection->address, "?", 2);
}

// At most so many stand in the door: the one that has stood there longest goes.
static void make_room(struct listener *listener, const char *address)
{
	unsigned total = 0, same = 0;
	struct connection *oldest = NULL, *oldest_same = NULL;
	for (struct link *at = listener->half_open.next; at != &listener->half_open; at = at->next) {
		struct connection *other = link_owner(at, struct connection, half_open);
		total++;
		if (oldest == NULL)
			oldest = other;
		if (strcmp(other->address, address) != 0)
			continue;
		same++;
		if (oldest_same == NULL)
			oldest_same = other;
	}
	struct connection *goes = same >= listener->settings.half_open_per_address ? oldest_same
	                          : total >= listener->settings.half_open ? oldest : NULL;
	if (goes == NULL)
		return;
	listener->figures.evicted++;
	note(goes, LISTENER_EVICTED, "");
	connection_close(goes, "EVICTED");
}

static struct connection *connection_new(struct listener *listener)
{
	struct connection *connection = calloc(1, sizeof *connection);
	if (connection == NULL)
		return NULL;
	connection->listener = listener;
	link_init(&connection->half_open);
	link_init(&connection->all);
	link_init(&connection->dirty);
	bytes_init(&connection->cipher, OUTPUT_CAP);
	bytes_init(&connection->flight, OUTPUT_CAP);
	must(uv_tcp_init(listener->tcp.loop, &connection->tcp) == 0);
	must(uv_timer_init(listener->tcp.loop, &connection->timer) == 0);
	connection->tcp.data = connection->timer.data = connection;
	connection->open_handles = 2;
	connection->timer_at = UINT64_MAX;
	link_append(&listener->connections, &connection->all);
	listener->figures.connections++;
	return connection;
}

void connection_accept(struct listener *listener)
{
	struct connection *connection = connection_new(listener);
	if (connection == NULL)
		return;
	if (uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&connection->tcp) != 0) {
		connection_close(connection, "LINE_FAULT");
		return;
	}
	listener->figures.accepted++;
	note_address(connection);
	set_socket(connection);
	make_room(listener, connection->address);
	link_append(&listener->half_open, &connection->half_open);
	listener->figures.half_open++;
	arm(connection, now_of(connection) + listener->settings.handshake_ms);
	follow_reading(connection);
}
