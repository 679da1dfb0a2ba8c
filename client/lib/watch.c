// SPDX-License-Identifier: Apache-2.0
#include "lib/watch.h"

#include "base/words.h"
#include "lib/ask.h"
#include "lib/duties.h"
#include "lib/json.h"
#include "lib/sync.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { TICK_MS = 1000 };

struct watch {
	int set, timer;            // owned descriptors
	struct exchange exchange;
	bool open;                 // exchange is
	bool all_again;
	uint32_t line_events;      // what epoll looks for on the line
	struct patience patience;
	uint64_t again_at;         // steady clock: next try to connect
	json_t *events;            // owned, oldest first
};

static const char *const names[] = {
	[HAPPENED_RECEIVED] = "received",
	[HAPPENED_DAMAGED] = "damaged",
	[HAPPENED_ACCEPTED] = "at_hub",
	[HAPPENED_DELIVERED] = "delivered",
	[HAPPENED_OPENED] = "opened",
	[HAPPENED_RETURNED] = "returned",
	[HAPPENED_DELAYED] = "delayed",
	[HAPPENED_WARNING] = "warning",
	[HAPPENED_DIRECTORY] = "directory",
};

static void push(struct watch *watch, const char *name, json_t *event)
{
	json_put_text(event, "schema", "passerelle.event/1");
	json_put_text(event, "event", name);
	json_put_time(event, "at", clock_now());
	json_array_append_new(watch->events, event);
}

static void happened(void *context, const struct happening *what)
{
	struct watch *watch = context;
	bool own_receipt = what->kind == HAPPENED_ACCEPTED && what->message_kind == KIND_RECEIPT;
	if (!own_receipt)
		push(watch, names[what->kind], happening_json(what));
}

static void push_line(struct watch *watch, const char *name, const struct fail *why, uint32_t retry_ms)
{
	json_t *event = json_object();
	if (why != NULL) {
		json_put_text(event, "reason", fail_name(why->code));
		json_put_filled(event, "text", why->text);
		json_object_set_new(event, "retry_in_ms", json_integer(retry_ms));
	}
	push(watch, name, event);
}

static enum fail_code listen_line(struct watch *watch, struct fail *why)
{
	uint32_t events = EPOLLIN | (link_unsent(watch->exchange.link) > 0 ? EPOLLOUT : 0);
	if (events == watch->line_events)
		return FAIL_NONE;
	struct epoll_event event = {.events = events, .data.u32 = 1};
	int what = watch->line_events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
	watch->line_events = events;
	if (epoll_ctl(watch->set, what, link_fd(watch->exchange.link), &event) != 0)
		return fail_set(why, FAIL_IO, "the line cannot be watched: %s", words_of_errno(errno));
	return FAIL_NONE;
}

static bool passes(enum fail_code code)
{
	return fail_retryable(code) && code != FAIL_REPLACED && code != FAIL_NO_SPACE && code != FAIL_NO_MEMORY;
}

// The conversation is over. FAIL_NONE: it will be tried again.
static enum fail_code line_ended(struct watch *watch, const struct fail *why)
{
	bool was_open = watch->open;
	uint32_t least = watch->exchange.retry_after_ms;
	if (watch->open)
		exchange_close(&watch->exchange);
	watch->open = false;
	watch->line_events = 0; // closing took it out of the set
	if (why->code == FAIL_CURSOR_STALE && !watch->all_again) {
		watch->all_again = true;
		watch->again_at = 0;
		push_line(watch, "warning", why, 0);
		return FAIL_NONE;
	}
	if (!passes(why->code))
		return why->code;
	uint32_t wait = patience_next_ms(&watch->patience, least);
	watch->again_at = clock_steady() + wait;
	if (was_open || watch->patience.failures == 1)
		push_line(watch, "disconnected", why, wait);
	return FAIL_NONE;
}

static enum fail_code connect_line(struct psr_profile *profile, struct fail *why)
{
	struct watch *watch = profile->watch;
	struct exchange_options options = {.mail = true, .all_again = watch->all_again};
	struct exchange_port port = {.context = watch, .happened = happened};
	uint64_t version;
	enum fail_code code = directory_version(profile->store, &version, why);
	if (code == FAIL_NONE && (version == 0 || watch->exchange.stranger)) // as in sync.c
		code = ask_directory(profile, why);
	if (code == FAIL_NONE)
		duties_write(profile, &port);
	if (code == FAIL_NONE)
		code = exchange_open(&watch->exchange, profile, &options, &port, why);
	watch->open = code == FAIL_NONE;
	return code == FAIL_NONE ? listen_line(watch, why) : code;
}

static enum fail_code turns(struct watch *watch, struct fail *why)
{
	struct exchange *x = &watch->exchange;
	uint64_t before;
	enum fail_code code;
	bool welcomed = x->welcomed;
	do { // what one turn stored the next one answers
		before = x->progress;
		code = exchange_turn(x, 0, why);
	} while (code == FAIL_NONE && x->progress != before);
	if (!welcomed && x->welcomed) {
		watch->patience.failures = 0;
		watch->all_again = false;
		push_line(watch, "connected", NULL, 0);
	}
	return code == FAIL_NONE ? listen_line(watch, why) : code;
}

static enum fail_code go_on(struct psr_profile *profile, struct fail *why)
{
	struct watch *watch = profile->watch;
	enum fail_code code = FAIL_NONE;
	if (!watch->open && clock_steady() >= watch->again_at)
		code = connect_line(profile, why);
	if (code == FAIL_NONE && watch->open)
		code = turns(watch, why);
	return code == FAIL_NONE ? FAIL_NONE : line_ended(watch, why);
}

static enum fail_code make_set(struct watch *watch, struct fail *why)
{
	watch->set = epoll_create1(EPOLL_CLOEXEC);
	watch->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = 0};
	struct itimerspec tick = {.it_interval = {.tv_sec = TICK_MS / 1000}, .it_value = {.tv_nsec = 1}};
	if (watch->set < 0 || watch->timer < 0 || timerfd_settime(watch->timer, 0, &tick, NULL) != 0 ||
	    epoll_ctl(watch->set, EPOLL_CTL_ADD, watch->timer, &event) != 0)
		return fail_set(why, FAIL_IO, "no descriptor to watch: %s", words_of_errno(errno));
	return FAIL_NONE;
}

enum fail_code watch_start(struct psr_profile *profile, struct fail *why)
{
	if (profile->watch != NULL)
		return fail_set(why, FAIL_BAD_USAGE, "this profile is watched already");
	enum fail_code code = profile_lock(profile, PROFILE_SYNC, why);
	if (code != FAIL_NONE)
		return code;
	profile->watch = calloc(1, sizeof *profile->watch);
	if (profile->watch == NULL) {
		profile_unlock(profile, PROFILE_SYNC);
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	}
	profile->watch->set = profile->watch->timer = -1;
	profile->watch->events = json_array();
	code = make_set(profile->watch, why);
	if (code == FAIL_NONE)
		code = go_on(profile, why);
	if (code != FAIL_NONE)
		watch_stop(profile);
	return code;
}

void watch_stop(struct psr_profile *profile)
{
	struct watch *watch = profile->watch;
	if (watch == NULL)
		return;
	if (watch->open)
		exchange_close(&watch->exchange);
	if (watch->set >= 0)
		close(watch->set);
	if (watch->timer >= 0)
		close(watch->timer);
	json_decref(watch->events);
	free(watch);
	profile->watch = NULL;
	profile_unlock(profile, PROFILE_SYNC);
}

int watch_fd(const struct psr_profile *profile)
{
	return profile->watch == NULL ? -1 : profile->watch->set;
}

enum fail_code watch_next(struct psr_profile *profile, json_t **event, struct fail *why)
{
	struct watch *watch = profile->watch;
	*event = NULL;
	if (watch == NULL)
		return fail_set(why, FAIL_BAD_USAGE, "start watching first");
	uint64_t ticks;
	if (json_array_size(watch->events) == 0) {
		if (read(watch->timer, &ticks, sizeof ticks) < 0 && errno != EAGAIN)
			return fail_set(why, FAIL_IO, "the timer cannot be read: %s", words_of_errno(errno));
		enum fail_code code = go_on(profile, why);
		if (code != FAIL_NONE)
			return code;
	}
	if (json_array_size(watch->events) == 0)
		return FAIL_NONE;
	*event = json_incref(json_array_get(watch->events, 0));
	json_array_remove(watch->events, 0);
	return FAIL_NONE;
}
