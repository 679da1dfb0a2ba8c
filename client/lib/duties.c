// SPDX-License-Identifier: Apache-2.0
#include "lib/duties.h"

#include "lib/statistics.h"
#include "lib/trace.h"

static void warn(void *context, const char *reference, const struct fail *why)
{
	const struct exchange_port *port = *(const struct exchange_port *const *)context;
	struct happening what = {.kind = HAPPENED_WARNING, .member = "", .reference = reference,
	                         .error = fail_name(why->code), .text = why->text, .overtaken_by = ""};
	port->happened(port->context, &what);
}

void duties_write(struct psr_profile *profile, const struct exchange_port *port)
{
	struct fail why = {.code = FAIL_NONE};
	trace_answer_reviews(profile, warn, &port);
	if (statistics_if_due(profile, clock_now(), &why) != FAIL_NONE)
		warn(&port, "", &why);
}
