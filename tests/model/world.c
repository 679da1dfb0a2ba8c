// SPDX-License-Identifier: Apache-2.0
#include "model/world.h"

#include <stdlib.h>
#include <string.h>

enum world_event_kind { TO_HUB, TO_CLIENT, CHECKED, TICK, STORE, CALL, END };

struct world_event {
	struct world_event *next;
	uint64_t at;
	enum world_event_kind kind;
	uint64_t session;
	struct bytes frame;
	void *what;
	void (*call)(void *context);
	const char *reason;
};

// One connection; frames of one direction never overtake each other.
struct world_line {
	struct world_line *next;
	uint64_t session, to_hub, to_client;
	size_t sent;
};

static struct world_event *add_event(struct world *world, uint64_t at, enum world_event_kind kind)
{
	struct world_event *event = calloc(1, sizeof *event);
	must(event != NULL);
	event->at = at < world->now ? world->now : at;
	event->kind = kind;
	struct world_event **place = &world->events;
	while (*place != NULL && (*place)->at <= event->at)
		place = &(*place)->next;
	event->next = *place;
	*place = event;
	return event;
}

static void drop_event(struct world_event *event)
{
	bytes_release(&event->frame);
	free(event);
}

static struct world_line *find_line(struct world *world, uint64_t session)
{
	struct world_line *line = world->lines;
	while (line != NULL && line->session != session)
		line = line->next;
	return line;
}

static uint64_t some_delay(struct world *world)
{
	return random_below(&world->random, world->delay + 1);
}

static void port_send(void *context, uint64_t session, const struct frame *frame)
{
	struct world *world = context;
	struct world_line *line = find_line(world, session);
	if (line == NULL)
		return;
	uint64_t at = world->now + some_delay(world);
	line->to_client = at > line->to_client ? at : line->to_client;
	struct world_event *event = add_event(world, line->to_client, TO_CLIENT);
	event->session = session;
	bytes_init(&event->frame, 2 * 1024 * 1024);
	must(frame_encode(frame, &event->frame) == FAIL_NONE);
}

static void port_end(void *context, uint64_t session, const char *reason, uint32_t retry_after_ms)
{
	struct world *world = context;
	struct world_line *line = find_line(world, session);
	(void)retry_after_ms;
	if (line == NULL)
		return;
	struct world_event *event = add_event(world, line->to_client, END);
	event->session = session;
	event->reason = reason;
}

static uint64_t port_now(void *context)
{
	return ((struct world *)context)->now;
}

static void port_check(void *context, struct core_check *checks, size_t count, void *batch)
{
	struct world *world = context;
	for (size_t i = 0; i < count; i++)
		checks[i].outcome = verify(checks[i].signer, checks[i].domain, checks[i].message, checks[i].signature);
	add_event(world, world->now + some_delay(world), CHECKED)->what = batch;
}

static void port_wake(void *context, uint64_t at)
{
	add_event(context, at, TICK);
}

static void port_sweep(void *context, enum core_sweep sweep, enum fail_code code)
{
	struct world *world = context;
	(code == FAIL_NONE ? world->sweep_works : world->sweep_fails)[sweep]++;
}

static void store_wake(void *context, uint64_t at)
{
	add_event(context, at, STORE);
}

static void store_plan_call(void *context, enum store_call call, struct store_plan *plan)
{
	struct world *world = context;
	uint64_t luck = random_below(&world->random, 1000);
	plan->delay = some_delay(world);
	if (call == STORE_CALL_DIRECTORY)
		return;
	if (luck < world->unavailable)
		plan->fate = STORE_FATE_UNAVAILABLE;
	else if (luck < world->unavailable + world->lost)
		plan->fate = luck % 2 == 0 ? STORE_FATE_LOST_AFTER : STORE_FATE_LOST_BEFORE;
}

static void start_core(struct world *world)
{
	const struct core_port port = {
		.context = world,
		.send = port_send,
		.end = port_end,
		.now = port_now,
		.check = port_check,
		.wake = port_wake,
		.sweep = port_sweep,
	};
	must(core_new(&world->core, &world->settings, &port, world->store) == FAIL_NONE);
}

static void seed_store(struct world *world)
{
	for (unsigned i = 0; i < PERSON_COUNT; i++) {
		const struct person *person = &world->cast->person[i];
		bool agency = person->self.class == IDENTITY_AGENCY;
		for (unsigned j = 0; j < i; j++) {
			if (strcmp(world->cast->person[j].self.code, person->self.code) == 0)
				world->no[i] = world->no[j];
		}
		if (world->no[i] == 0)
			world->no[i] = store_memory_add_member(world->store, person->self.code, person->self.code, agency);
		if (!agency)
			store_memory_add_signing(world->store, world->no[i], certificate_der(person->signing.certificate),
			                         test_ca_issuer(world->cast->ca, "S1"));
	}
}

// What it signs by itself is checked against the directory; nobody writes to it.
static void seed_hub(struct world *world)
{
	member_no hub = store_memory_add_member(world->store, "MAIN", "MAIN", false);
	store_memory_set_active(world->store, hub, false);
	store_memory_add_signing(world->store, hub, certificate_der(world->cast->receipt.certificate),
	                         test_ca_issuer(world->cast->ca, "H1"));
}

void world_init(struct world *world, const struct cast *cast, uint64_t seed)
{
	*world = (struct world){.cast = cast, .now = UINT64_C(1000) * TEST_NOW, .random = seed};
	world->settings = (struct core_settings){
		.hub_uri = "urn:iss:hub:MAIN:receipt:1",
		.receipt_key = cast->receipt.key,
		.receipt_certificate = certificate_der(cast->receipt.certificate),
		.receipt_issuer = test_ca_issuer(cast->ca, "H1"),
		.commit = COMMIT_LOCAL,
		.credit_messages = 64,
		.credit_bytes = 8 * 1024 * 1024,
		.heartbeat_ms = 15000,
		.id_window_ms = UINT64_C(400) * 86400 * 1000,
	};
	const struct store_memory_settings settings = {.context = world,
	                                               .now = port_now,
	                                               .wake = store_wake,
	                                               .plan = store_plan_call};
	must(store_memory_new(&world->store, &settings) == FAIL_NONE);
	seed_store(world);
	seed_hub(world);
	start_core(world);
	world_settle(world, 0);
}

static void drop_all(struct world *world)
{
	while (world->events != NULL) {
		struct world_event *event = world->events;
		world->events = event->next;
		drop_event(event);
	}
	while (world->lines != NULL) {
		struct world_line *line = world->lines;
		world->lines = line->next;
		free(line);
	}
}

void world_release(struct world *world)
{
	core_free(world->core);
	drop_all(world);
	store_memory_free(world->store);
}

uint64_t world_connect(struct world *world, const struct identity *peer)
{
	struct world_line *line = calloc(1, sizeof *line);
	must(line != NULL);
	line->session = ++world->sessions;
	line->next = world->lines;
	world->lines = line;
	core_session_opened(world->core, line->session, peer);
	core_session_room(world->core, line->session, 4 * 1024 * 1024);
	return line->session;
}

void world_send(struct world *world, uint64_t session, const struct frame *frame)
{
	struct world_line *line = find_line(world, session);
	if (line == NULL)
		return;
	uint64_t at = world->now + some_delay(world);
	line->to_hub = at > line->to_hub ? at : line->to_hub;
	struct world_event *event = add_event(world, line->to_hub, TO_HUB);
	event->session = session;
	bytes_init(&event->frame, 2 * 1024 * 1024);
	must(frame_encode(frame, &event->frame) == FAIL_NONE);
}

static bool is_on_line(const struct world_event *event, uint64_t session)
{
	return event->session == session && (event->kind == TO_HUB || event->kind == TO_CLIENT || event->kind == END);
}

static void close_line(struct world *world, uint64_t session)
{
	struct world_line **line = &world->lines;
	while (*line != NULL && (*line)->session != session)
		line = &(*line)->next;
	if (*line != NULL) {
		struct world_line *gone = *line;
		*line = gone->next;
		free(gone);
	}
	struct world_event **event = &world->events;
	while (*event != NULL) {
		struct world_event *at = *event;
		if (!is_on_line(at, session)) {
			event = &at->next;
			continue;
		}
		*event = at->next;
		drop_event(at);
	}
}

void world_cut(struct world *world, uint64_t session)
{
	if (find_line(world, session) == NULL)
		return;
	close_line(world, session);
	core_session_closed(world->core, session);
}

void world_call(struct world *world, uint64_t at, void (*call)(void *context), void *context)
{
	struct world_event *event = add_event(world, at, CALL);
	event->call = call;
	event->what = context;
}

static void arrive(struct world *world, const struct world_event *event, bool at_hub)
{
	struct arena arena;
	struct frame frame;
	struct view payload = view_of(event->frame.data + 4, event->frame.length - 4);
	struct world_line *line = find_line(world, event->session);
	if (line == NULL)
		return;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	must(frame_decode(&frame, payload, &arena, NULL) == FAIL_NONE);
	if (at_hub) {
		core_session_frame(world->core, event->session, &frame);
	} else {
		line->sent += event->frame.length;
		if (line->sent > 1024 * 1024) {
			line->sent = 0;
			core_session_room(world->core, event->session, 4 * 1024 * 1024);
		}
		if (world->on_frame != NULL)
			world->on_frame(world->context, event->session, &frame);
	}
	arena_release(&arena);
}

static void happen(struct world *world, const struct world_event *event)
{
	switch (event->kind) {
	case TO_HUB:
	case TO_CLIENT:
		arrive(world, event, event->kind == TO_HUB);
		break;
	case CHECKED:
		core_checked(world->core, event->what);
		break;
	case TICK:
		core_tick(world->core);
		break;
	case STORE:
		store_memory_run(world->store);
		break;
	case CALL:
		event->call(event->what);
		break;
	case END:
		close_line(world, event->session);
		core_session_closed(world->core, event->session);
		if (world->on_end != NULL)
			world->on_end(world->context, event->session, event->reason);
		break;
	}
}

bool world_step(struct world *world)
{
	struct world_event *event = world->events;
	if (event == NULL)
		return false;
	world->events = event->next;
	world->now = event->at;
	happen(world, event);
	drop_event(event);
	return true;
}

void world_settle(struct world *world, uint64_t ms)
{
	uint64_t until = world->now + ms;
	while (world->events != NULL && world->events->at <= until)
		world_step(world);
	world->now = until;
}

void world_skip(struct world *world, uint64_t ms)
{
	world->now += ms;
	for (struct world_event *event = world->events; event != NULL; event = event->next)
		event->at = event->at < world->now ? world->now : event->at;
}

void world_restart(struct world *world)
{
	store_memory_abandon(world->store); // first: what is under way is the hub's memory
	core_free(world->core);
	while (world->lines != NULL)
		close_line(world, world->lines->session);
	struct world_event **place = &world->events;
	while (*place != NULL) {
		struct world_event *event = *place;
		if (event->kind == CALL) {
			place = &event->next;
			continue;
		}
		*place = event->next;
		drop_event(event);
	}
	start_core(world);
}

void world_stop(struct world *world)
{
	core_drain(world->core);
	while (!core_drained(world->core) && world_step(world))
		;
}
