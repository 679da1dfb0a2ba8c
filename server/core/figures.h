// SPDX-License-Identifier: Apache-2.0
//
// What the core counts, as one list: names, kinds and help for whoever shows it.
// Sums over all members: no figure belongs to a case or to one member.
#ifndef PASSERELLE_CORE_FIGURES_H
#define PASSERELLE_CORE_FIGURES_H

#include <stdint.h>

// X(name, kind, help)
#define FIGURES(X) \
	X(submits, counter, "messages that members handed in") \
	X(accepted, counter, "messages that were committed") \
	X(duplicates, counter, "messages answered with their original receipt") \
	X(refused, counter, "messages that were refused with a final reason") \
	X(overtaken, counter, "of these, moves that the other side overtook") \
	X(postponed, counter, "messages that must be sent again: database away, outcome unknown, quota") \
	X(commits, counter, "transactions of the writer") \
	X(commit_failures, counter, "transactions that did not happen") \
	X(commit_unknown, counter, "transactions whose outcome is unknown") \
	X(reminders, counter, "reminders, second reminders and closures by silence that the hub wrote") \
	X(unsigned_reminders, counter, "of these, not written because the directory does not have this hub: passerelle-hub doctor") \
	X(outage_notices, counter, "messages by which the clock of a case stands for a member that cannot work, or goes on") \
	X(asking_notices, counter, "messages that tell both members of a partner agency's questions") \
	X(sweep_failures, counter, "looks for what the hub has to write by itself that could not read the database") \
	X(redecided, counter, "messages decided again because their case had moved") \
	X(lookups, counter, "messages and cases read before a decision") \
	X(signatures_checked, counter, "signatures checked") \
	X(signatures_known, counter, "signatures found checked before") \
	X(signatures_bad, counter, "signatures that did not fit") \
	X(delivered, counter, "messages handed to sessions") \
	X(delivered_from_memory, counter, "of these without reading the database") \
	X(pages, counter, "mailbox pages read") \
	X(cursor_moves, counter, "cursors made durable") \
	X(damaged, counter, "stored messages that do not fit their hash: call the operator") \
	X(object_bytes, counter, "attachment bytes made durable") \
	X(questions, counter, "questions answered") \
	X(over_quota, counter, "requests refused because a member asks too fast") \
	X(sweeps_failing, gauge, "of the three such looks (clocks, outages, askings), those that fail now: see the log") \
	X(open_sessions, gauge, "sessions that said Hello") \
	X(pending, gauge, "messages waiting for their outcome") \
	X(pending_bytes, gauge, "bytes of these") \
	X(cases_cached, gauge, "cases in memory") \
	X(ring_bytes, gauge, "bytes of envelopes kept for delivery")

struct core_figures {
#define X(name, kind, help) uint64_t name;
	FIGURES(X)
#undef X
};

#endif
