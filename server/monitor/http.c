// SPDX-License-Identifier: Apache-2.0
#include "monitor/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_CAP = 1024 * 1024, CONNECTIONS = 16, TIMEOUT_S = 5, MEMORY = 8 * 1024 };

struct http {
	struct http_port port;
	struct MHD_Daemon *daemon;
	uv_poll_t poll;          // on the daemon's own epoll
	uv_timer_t timer;
	unsigned open_handles;
};

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *type, struct bytes *body)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(body->length, body->data, MHD_RESPMEM_MUST_COPY);
	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	enum MHD_Result result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload, size_t *upload_size,
                                  void **state)
{
	struct http *http = context;
	struct bytes body;
	const char *type = "text/plain; charset=utf-8";
	unsigned status = MHD_HTTP_METHOD_NOT_ALLOWED;
	(void)version;
	(void)upload;
	(void)state;
	if (*upload_size > 0)
		return MHD_NO;
	bytes_init(&body, BODY_CAP);
	if (strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0)
		status = http->port.answer(http->port.context, path, &body, &type);
	enum MHD_Result result = reply(connection, status, type, &body);
	bytes_release(&body);
	return result;
}

static void run(struct http *http);

static void on_timer(uv_timer_t *timer)
{
	run(timer->data);
}

static void run(struct http *http)
{
	MHD_UNSIGNED_LONG_LONG timeout;
	(void)MHD_run(http->daemon);
	if (MHD_get_timeout(http->daemon, &timeout) == MHD_YES)
		must(uv_timer_start(&http->timer, on_timer, timeout, 0) == 0);
	else
		uv_timer_stop(&http->timer);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	run(poll->data);
}

static int epoll_of(struct MHD_Daemon *daemon)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	must(info != NULL);
	return info->epoll_fd;
}

enum fail_code http_new(struct http **made, uv_loop_t *loop, uint16_t port, const struct http_port *calls,
                        struct fail *why)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_port = htons(port),
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct http *http = calloc(1, sizeof *http);
	if (http == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "no memory");
	http->port = *calls;
	errno = 0;
	http->daemon =
		MHD_start_daemon(MHD_USE_EPOLL, port, NULL, NULL, on_request, http, MHD_OPTION_SOCK_ADDR, &address,
	                     MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
	                     (unsigned)TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY, MHD_OPTION_END);
	if (http->daemon == NULL) {
		free(http);
		return fail_set(why, FAIL_UNAVAILABLE, "cannot listen on 127.0.0.1 port %u: %s", port, strerror(errno));
	}
	must(uv_poll_init(loop, &http->poll, epoll_of(http->daemon)) == 0);
	must(uv_timer_init(loop, &http->timer) == 0);
	http->poll.data = http->timer.data = http;
	http->open_handles = 2;
	must(uv_poll_start(&http->poll, UV_READABLE, on_ready) == 0);
	*made = http;
	return FAIL_NONE;
}

uint16_t http_port_number(const struct http *http)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
	return info != NULL ? info->port : 0;
}

static void handle_closed(uv_handle_t *handle)
{
	struct http *http = handle->data;
	if (--http->open_handles > 0)
		return;
	struct http_port port = http->port;
	MHD_stop_daemon(http->daemon);
	free(http);
	port.closed(port.context);
}

void http_close(struct http *http)
{
	// Before the daemon closes its epoll, which libuv must not poll any more then.
	uv_poll_stop(&http->poll);
	uv_close((uv_handle_t *)&http->poll, handle_closed);
	uv_close((uv_handle_t *)&http->timer, handle_closed);
}
