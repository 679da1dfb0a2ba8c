// SPDX-License-Identifier: Apache-2.0
//
// A whole hub: one loop, one thread (and libuv's pool for signatures), one core,
// one store. Any number of hubs may run in one process, each in a thread of its
// own.
//
//   NEW ──run──► SERVING ──stop──► DRAINING ──► LEAVING ──► LINES ──► STORE ──► PARTS ──► ENDED
//                              what is in   GoAway and  sockets   database  monitor,
//                              flight ends  last bytes  closed    closed    timers
#ifndef PASSERELLE_HUB_HUB_H
#define PASSERELLE_HUB_HUB_H

#include "hub/config.h"
#include "monitor/log.h"

struct hub;

struct hub_settings {
	const char *config_file; // read again at SIGHUP or hub_reload; NULL: there is none
	bool signals;            // SIGTERM and SIGINT stop, SIGHUP reloads: for one hub of a process
};

// Takes over the config, also if it fails. Loads keys, opens the doors, begins to
// connect to the database. FAIL_BAD_CONFIG, FAIL_UNAVAILABLE, FAIL_NO_FILE, FAIL_BAD_CERTIFICATE, FAIL_BAD_PASSPHRASE.
enum fail_code hub_new(struct hub **hub, struct config *config, const struct log *log,
                       const struct hub_settings *settings, struct fail *why) MUST_CHECK;

// Serves until it is stopped; returns when everything is closed. Once.
void hub_run(struct hub *hub);

// From any thread, while hub_run is running or before. A second call ends the draining at once.
void hub_stop(struct hub *hub);
void hub_reload(struct hub *hub);

// Valid from hub_new on.
uint16_t hub_port(const struct hub *hub);
uint16_t hub_monitor_port(const struct hub *hub);

void hub_free(struct hub *hub); // after hub_run; NULL is fine

#endif
