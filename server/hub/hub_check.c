// SPDX-License-Identifier: Apache-2.0
//
// Signatures cost about 100 us each. One or two are checked at the end of the
// turn, because waking a thread costs as much; more go to libuv's pool, so that
// the loop goes on reading.
#include "hub/hub_parts.h"

#include <stdlib.h>

enum { IN_LOOP_MOST = 2 };

static void verify_all(struct check_job *job)
{
	for (size_t i = 0; i < job->count; i++) {
		struct core_check *check = &job->check[i];
		check->outcome = verify(check->signer, check->domain, check->message, check->signature);
	}
}

void hub_check(void *context, struct core_check *check, size_t count, void *batch)
{
	struct hub *hub = context;
	struct check_job *job = calloc(1, sizeof *job);
	must(job != NULL);
	*job = (struct check_job){.hub = hub, .check = check, .count = count, .batch = batch};
	struct check_job **last = &hub->jobs;
	while (*last != NULL)
		last = &(*last)->next;
	*last = job;
}

static void finish(struct check_job *job)
{
	struct hub *hub = job->hub;
	void *batch = job->batch;
	free(job);
	core_checked(hub->core, batch);
}

static void in_pool(uv_work_t *work)
{
	verify_all(work->data);
}

static void after_pool(uv_work_t *work, int status)
{
	struct check_job *job = work->data;
	(void)status; // it is never cancelled
	job->hub->checks_under_way--;
	finish(job);
}

static void start(struct hub *hub, struct check_job *job, bool in_loop)
{
	if (in_loop) {
		hub->figures.checks_in_loop += job->count;
		verify_all(job);
		finish(job);
		return;
	}
	job->work.data = job;
	hub->checks_under_way++;
	must(uv_queue_work(&hub->loop, &job->work, in_pool, after_pool) == 0);
}

bool hub_run_checks(struct hub *hub)
{
	struct check_job *job = hub->jobs;
	size_t total = 0;
	hub->jobs = NULL;
	for (struct check_job *each = job; each != NULL; each = each->next)
		total += each->count;
	bool any = job != NULL, in_loop = total <= IN_LOOP_MOST && hub->checks_under_way == 0;
	while (job != NULL) {
		struct check_job *next = job->next;
		start(hub, job, in_loop);
		job = next;
	}
	return any;
}
