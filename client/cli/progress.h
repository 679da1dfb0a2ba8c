// SPDX-License-Identifier: Apache-2.0
//
// How far a transfer is: on a terminal a bar that begins after one second, else a
// plain line every ten seconds. Always on stderr, never with --json.
#ifndef PASSERELLE_CLI_PROGRESS_H
#define PASSERELLE_CLI_PROGRESS_H

#include "cli/out.h"

#include <stdint.h>

struct progress {
	struct out *out;
	bool terminal;
	bool drawn;             // a bar stands on the terminal
	uint64_t begun_ms;      // monotonic; 0: nothing yet
	uint64_t told_ms;
	uint64_t done_at_start; // bytes that were there already when this run began
	char what[32];
};

void progress_begin(struct progress *progress, struct out *out);
void progress_call(void *progress, const struct psr_progress *state); // a psr_progress_call
void progress_end(struct progress *progress); // takes the bar away

// The words of one state, for both forms. Pure; the test looks at it.
void progress_text(char text[120], const struct psr_progress *state, uint64_t milliseconds, uint64_t done_at_start);

#endif
