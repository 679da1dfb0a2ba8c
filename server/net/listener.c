// SPDX-License-Identifier: Apache-2.0
#include "net/listener.h"

#include "net/connection.h"
#include "wire/frame.h"

#include <string.h>

enum {
	BACKLOG = 1024,
	PLAIN_CAP = FRAME_FEED_MAX,
};

static void on_connection(uv_stream_t *stream, int status)
{
	struct listener *listener = stream->data;
	if (status == 0) {
		connection_accept(listener);
		return;
	}
	struct listener_note note = {.event = LISTENER_FAULT, .address = "", .text = uv_strerror(status)};
	listener->port.note(listener->port.context, &note);
}

static enum fail_code bind_to(struct listener *listener, struct fail *why)
{
	struct sockaddr_storage address;
	const struct listener_settings *settings = &listener->settings;
	if (uv_ip4_addr(settings->address, settings->port, (struct sockaddr_in *)&address) != 0 &&
	    uv_ip6_addr(settings->address, settings->port, (struct sockaddr_in6 *)&address) != 0)
		return fail_set(why, FAIL_BAD_CONFIG,
		                "'%s' is not an address: write numbers, such as 0.0.0.0 or ::", settings->address);
	int fault = uv_tcp_bind(&listener->tcp, (struct sockaddr *)&address, 0);
	if (fault == 0)
		fault = uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, on_connection);
	if (fault != 0)
		return fail_set(why, FAIL_UNAVAILABLE, "cannot listen on %s port %u: %s", settings->address, settings->port,
		                uv_strerror(fault));
	return FAIL_NONE;
}

enum fail_code listener_open(struct listener *listener, uv_loop_t *loop, const struct listener_settings *settings,
                             const struct listener_port *port, struct session_table *sessions,
                             struct tls_context *context, struct fail *why)
{
	memset(listener, 0, offsetof(struct listener, input));
	listener->settings = *settings;
	listener->port = *port;
	listener->sessions = sessions;
	listener->context = context;
	link_init(&listener->half_open);
	link_init(&listener->connections);
	link_init(&listener->dirty);
	bytes_init(&listener->plain, PLAIN_CAP);
	must(uv_tcp_init(loop, &listener->tcp) == 0);
	listener->tcp.data = listener;
	listener->listening = true;
	return bind_to(listener, why);
}

uint16_t listener_port_number(const struct listener *listener)
{
	struct sockaddr_storage address;
	int length = sizeof address;
	if (uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&address, &length) != 0)
		return 0;
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

void listener_set_context(struct listener *listener, struct tls_context *context)
{
	listener->context = context;
}

// A connection that becomes dirty meanwhile waits for the next round, so that two
// busy ones cannot keep this going for ever.
bool listener_flush(struct listener *listener)
{
	if (link_alone(&listener->dirty))
		return false;
	struct link round;
	round = listener->dirty;
	round.prev->next = round.next->prev = &round;
	link_init(&listener->dirty);
	while (!link_alone(&round)) {
		struct connection *connection = link_owner(round.next, struct connection, dirty);
		link_remove(&connection->dirty);
		connection_flush(connection);
	}
	return true;
}

void listener_check_closed(struct listener *listener)
{
	if (listener->closing && !listener->listening && listener->figures.connections == 0)
		listener->port.all_closed(listener->port.context);
}

static void on_closed(uv_handle_t *handle)
{
	struct listener *listener = handle->data;
	listener->listening = false;
	bytes_wipe(&listener->plain);
	listener_check_closed(listener);
}

void listener_stop(struct listener *listener)
{
	while (!link_alone(&listener->half_open))
		connection_close(link_owner(listener->half_open.next, struct connection, half_open), "SHUTDOWN");
	if (listener->listening && !uv_is_closing((uv_handle_t *)&listener->tcp))
		uv_close((uv_handle_t *)&listener->tcp, on_closed);
}

bool listener_close(struct listener *listener)
{
	listener_stop(listener);
	for (struct link *at = listener->connections.next; at != &listener->connections; at = at->next)
		connection_close(link_owner(at, struct connection, all), "SHUTDOWN");
	listener->closing = true;
	return !listener->listening && listener->figures.connections == 0;
}
