// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include "cli/escape.h"
#include "cli/language.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR_AFTER_MS = 1000, BAR_EVERY_MS = 200, LINE_EVERY_MS = 10000, BAR_WIDTH = 24 };

static uint64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void progress_begin(struct progress *progress, struct out *out)
{
	const char *term = getenv("TERM");
	bool smart = term != NULL && strcmp(term, "dumb") != 0;
	*progress = (struct progress){.out = out, .terminal = smart && isatty(fileno(out->words))};
}

static void left_text(char *text, size_t size, uint64_t seconds)
{
	if (seconds >= 3600)
		snprintf(text, size, _(", %" PRIu64 " h %" PRIu64 " min left"), seconds / 3600, seconds % 3600 / 60);
	else if (seconds >= 60)
		snprintf(text, size, _(", %" PRIu64 " min %" PRIu64 " s left"), seconds / 60, seconds % 60);
	else
		snprintf(text, size, _(", %" PRIu64 " s left"), seconds);
}

void progress_text(char text[120], const struct psr_progress *state, uint64_t milliseconds, uint64_t done_at_start)
{
	char item[32] = "", rate[32] = "", left[64] = "";
	uint64_t moved = state->done > done_at_start ? state->done - done_at_start : 0;
	if (state->items > 1)
		snprintf(item, sizeof(item), _(" %u of %u"), state->item, state->items);
	if (moved > 0 && milliseconds > 0) {
		double per_second = (double)moved * 1000.0 / (double)milliseconds;
		snprintf(rate, sizeof(rate), ", %.1f MB/s", per_second / 1e6);
		if (state->total > state->done)
			left_text(left, sizeof(left), (uint64_t)((double)(state->total - state->done) / per_second));
	}
	if (state->total > 0)
		snprintf(text, 120, _("%s%s: %.1f of %.1f MB%s%s"), _(state->what), item, (double)state->done / 1e6,
		         (double)state->total / 1e6, rate, left);
	else
		snprintf(text, 120, "%s%s: %.1f MB%s", _(state->what), item, (double)state->done / 1e6, rate);
}

static void draw_bar(struct progress *progress, const struct psr_progress *state, const char *text)
{
	char bar[BAR_WIDTH + 1];
	size_t full = state->total > 0 ? (size_t)(state->done * BAR_WIDTH / state->total) : 0;
	memset(bar, '.', BAR_WIDTH);
	memset(bar, '#', full < BAR_WIDTH ? full : BAR_WIDTH);
	bar[BAR_WIDTH] = '\0';
	fprintf(progress->out->words, "\r\033[K[%s] %s", bar, text);
	fflush(progress->out->words);
	progress->drawn = true;
}

// Another kind of transfer: its rate is counted anew.
static void start_anew(struct progress *progress, const struct psr_progress *state, uint64_t now)
{
	snprintf(progress->what, sizeof(progress->what), "%s", state->what);
	progress->done_at_start = state->done;
	if (progress->begun_ms == 0)
		progress->told_ms = now;
	progress->begun_ms = now;
}

void progress_call(void *context, const struct psr_progress *state)
{
	struct progress *progress = context;
	uint64_t now = now_ms();
	char text[120];
	if (progress->out->json)
		return;
	if (progress->begun_ms == 0 || strcmp(progress->what, state->what) != 0 || state->done < progress->done_at_start)
		start_anew(progress, state, now);
	uint64_t pause = !progress->terminal ? LINE_EVERY_MS : progress->drawn ? BAR_EVERY_MS : BAR_AFTER_MS;
	if (now - progress->told_ms < pause)
		return;
	progress->told_ms = now;
	progress_text(text, state, now - progress->begun_ms, progress->done_at_start);
	if (progress->terminal)
		draw_bar(progress, state, text);
	else
		fprintf(progress->out->words, "%s\n", text);
}

void progress_end(struct progress *progress)
{
	if (progress->drawn)
		fputs("\r\033[K", progress->out->words);
	progress->drawn = false;
}
