// SPDX-License-Identifier: Apache-2.0
//
// Plays many seeds of the exchange and judges each. A seed that fails is printed and
// plays the same again:  model_exchange --first 4711 --count 1
#include "model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PATIENCE_MS = 600000,
	STORMS = 24,
	MOST_DAYS = 12,
	LONG_DAYS = 61,
	ALL_DAYS = 170
}; // certificates last half a year
#define DAY_MS (UINT64_C(24) * 60 * 60 * 1000)

static void frame_came(void *context, uint64_t session, const struct frame *frame)
{
	struct model *model = context;
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (model->client[i].session == session)
			client_frame(&model->client[i], frame);
	}
}

static void line_ended(void *context, uint64_t session, const char *reason)
{
	struct model *model = context;
	(void)reason;
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (model->client[i].session != session)
			continue;
		model->client[i].session = 0;
		for (size_t j = 0; j < model->entries; j++) {
			if (model->entry[j].sent_in == session)
				model->entry[j].sent_in = 0;
		}
	}
}

static void client_turn(void *context)
{
	struct client *client = context;
	struct model *model = client->model;
	client_act(client);
	world_call(&model->world, model->world.now + 1 + random_below(&model->random, 60), client_turn, client);
}

static void restart(struct model *model)
{
	model->restarts++;
	world_restart(&model->world);
	for (unsigned i = 0; i < CLIENTS; i++)
		model->client[i].session = 0;
	for (size_t i = 0; i < model->entries; i++)
		model->entry[i].sent_in = 0;
}

static void database_back(void *context)
{
	struct model *model = context;
	store_memory_set_available(model->world.store, true);
}

static void calm_down(struct model *model)
{
	model->calm = true;
	model->world.unavailable = model->world.lost = 0;
	model->give_up = model->world.now + PATIENCE_MS;
}

// Days go by in which nobody is at work; no line lives so long.
static void let_days_pass(struct model *model)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		uint64_t session = model->client[i].session;
		line_ended(model, session, "");
		world_cut(&model->world, session);
	}
	uint64_t days = model_luck(model, 400) ? LONG_DAYS : 1 + random_below(&model->random, MOST_DAYS);
	if (model->days + days > ALL_DAYS)
		return;
	model->days += days;
	world_skip(&model->world, days * DAY_MS);
}

static void storm(void *context)
{
	struct model *model = context;
	if (++model->storms == STORMS) {
		calm_down(model);
		return;
	}
	if (model_luck(model, 250))
		let_days_pass(model);
	if (model_luck(model, 200))
		restart(model);
	if (model_luck(model, 200)) {
		store_memory_set_available(model->world.store, false);
		world_call(&model->world, model->world.now + 1 + random_below(&model->random, 300), database_back, model);
	}
	world_call(&model->world, model->world.now + 100 + random_below(&model->random, 500), storm, model);
}

static void begin(struct model *model, const struct cast *cast, uint64_t seed)
{
	static const enum person_name people[CLIENTS] = {ANNA, MOUSSA, KIRI};
	world_init(&model->world, cast, seed);
	model->random = ~seed;
	model->give_up = UINT64_MAX;
	model->wanted = 20 + random_below(&model->random, 60);
	model->world.delay = random_below(&model->random, 40);
	model->world.unavailable = (unsigned)random_below(&model->random, 60);
	model->world.lost = (unsigned)random_below(&model->random, 60);
	model->world.on_frame = frame_came;
	model->world.on_end = line_ended;
	model->world.context = model;
	for (unsigned i = 0; i < CLIENTS; i++) {
		model->client[i] = (struct client){.model = model, .number = i, .who = people[i]};
		world_call(&model->world, model->world.now, client_turn, &model->client[i]);
	}
	world_call(&model->world, model->world.now + 100, storm, model);
}

static bool all_done(const struct model *model)
{
	if (!model->calm)
		return false;
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (!client_done(&model->client[i]))
			return false;
	}
	return true;
}

static void finish(struct model *model)
{
	world_stop(&model->world);
	if (!core_drained(model->world.core))
		model_fault(model, "the hub does not come to rest", NULL);
	world_release(&model->world);
	for (size_t i = 0; i < model->entries; i++) {
		free((void *)(uintptr_t)model->entry[i].envelope.data);
		free((void *)(uintptr_t)model->entry[i].receipt.data);
	}
}

struct totals {
	unsigned long letters, refused, overtaken, doubles, restarts, of_hub[KIND_COUNT];
};

static bool play(const struct cast *cast, uint64_t seed, struct totals *totals)
{
	struct model *model = calloc(1, sizeof *model);
	must(model != NULL);
	begin(model, cast, seed);
	while (!all_done(model) && model->fault[0] == '\0' && model->world.now < model->give_up)
		must(world_step(&model->world));
	model_judge(model);
	totals->letters += model->written;
	for (unsigned kind = 0; kind < KIND_COUNT; kind++)
		totals->of_hub[kind] += model->of_hub[kind];
	totals->refused += model->refused;
	totals->overtaken += model->overtaken;
	totals->doubles += model->doubles;
	totals->restarts += model->restarts;
	finish(model);
	bool good = model->fault[0] == '\0';
	if (!good)
		printf("seed %llu: %s\n", (unsigned long long)seed, model->fault);
	free(model);
	return good;
}

// Of each kind that the hub writes by itself there was one, or the plays show nothing of it.
static bool all_there(const struct totals *totals)
{
	static const enum message_kind kinds[] = {KIND_REMINDER, KIND_ESCALATION, KIND_SILENCE, KIND_MEMBER_OUT,
	                                          KIND_MEMBER_BACK};
	bool all = true;
	printf("of the hub:");
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		printf(" %lu %s", totals->of_hub[kinds[i]], message_kind_name(kinds[i]));
		all &= totals->of_hub[kinds[i]] > 0;
	}
	printf("%s\n", all ? "" : ": too few plays");
	return all;
}

static uint64_t argument(int count, char **words, const char *name, uint64_t otherwise)
{
	for (int i = 1; i + 1 < count; i++) {
		if (strcmp(words[i], name) == 0)
			return strtoull(words[i + 1], NULL, 10);
	}
	return otherwise;
}

int main(int count, char **words)
{
	uint64_t first = argument(count, words, "--first", 1), seeds = argument(count, words, "--count", 100);
	struct cast *cast = cast_new();
	struct totals totals = {0};
	unsigned failed = 0;
	printf("seeds %llu to %llu\n", (unsigned long long)first, (unsigned long long)(first + seeds - 1));
	for (uint64_t seed = first; seed < first + seeds && failed < 5; seed++)
		failed += !play(cast, seed, &totals);
	printf("%lu letters, %lu refused (%lu overtaken), %lu doubles answered alike, %lu restarts: %s\n", totals.letters,
	       totals.refused, totals.overtaken, totals.doubles, totals.restarts, failed == 0 ? "all well" : "FAILED");
	cast_free(cast);
	return failed != 0 || !all_there(&totals);
}
