// SPDX-License-Identifier: Apache-2.0
//
// A small HTTP server on 127.0.0.1 for /livez, /readyz and /metrics: it only turns
// a path into a status and a text, and never reads what a client sends beyond that.
#ifndef PASSERELLE_MONITOR_HTTP_H
#define PASSERELLE_MONITOR_HTTP_H

#include "base/bytes.h"

#include <uv.h>

struct http;

struct http_port {
	void *context;
	// Fills `body` and *type (static text); returns the status. 404 for paths that are not known.
	unsigned (*answer)(void *context, const char *path, struct bytes *body, const char **type);
	void (*closed)(void *context); // after http_close, never before it has returned
};

// `port` 0: a free one. FAIL_UNAVAILABLE: the port is taken.
enum fail_code http_new(struct http **http, uv_loop_t *loop, uint16_t port, const struct http_port *calls,
                        struct fail *why) MUST_CHECK;
uint16_t http_port_number(const struct http *http);

// Frees itself after `closed`.
void http_close(struct http *http);

#endif
