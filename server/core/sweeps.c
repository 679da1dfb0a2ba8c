// SPDX-License-Identifier: Apache-2.0
//
// The hub's looks into the database for what it has to write by itself. One that fails is tried again at its next
// time, as long as it takes: members notice nothing but that nobody is reminded. So who runs the hub is told, once when
// it begins to fail and once when it works again, and can count the tries.
#include "core/core_private.h"

const char *core_sweep_name(enum core_sweep sweep)
{
	static const char *const names[SWEEP_COUNT] = {
		[SWEEP_CLOCKS] = "clocks", [SWEEP_OUTAGES] = "outages", [SWEEP_ASKINGS] = "askings",
	};
	return sweep < SWEEP_COUNT ? names[sweep] : "unknown";
}

void sweep_read(struct core *core, enum core_sweep sweep, enum fail_code code)
{
	bool failed = code != FAIL_NONE;
	if (core->draining)
		return; // what ends now is no fault
	core->figures.sweep_failures += failed;
	if (core->sweep_fails[sweep] == failed)
		return;
	core->sweep_fails[sweep] = failed;
	core->figures.sweeps_failing = 0;
	for (size_t i = 0; i < SWEEP_COUNT; i++)
		core->figures.sweeps_failing += core->sweep_fails[i];
	core->port.sweep(core->port.context, sweep, code);
}
