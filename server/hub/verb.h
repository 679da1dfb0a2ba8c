// SPDX-License-Identifier: Apache-2.0
//
// The command line of passerelle-hub: one table of verbs, one of flags. Help,
// parsing and the list of what a verb takes come from them.
#ifndef PASSERELLE_HUB_VERB_H
#define PASSERELLE_HUB_VERB_H

#include "hub/config.h"

// X(name, flag, value, help): value NULL means that it has none.
#define FLAG_MAP(X) \
	X(CONFIG, "config", "FILE", "configuration (default /etc/passerelle/hub.conf)") \
	X(CHECK_CONFIG, "check-config", NULL, "only say what is wrong with the configuration and the files it names") \
	X(DUMP_CONFIG, "dump-config", NULL, "only print the configuration as it is understood, without secrets") \
	X(TO, "to", "NUMBER", "last migration to apply (default: all)") \
	X(DRY_RUN, "dry-run", NULL, "only say what would be done") \
	X(CODE, "code", "CODE", "of the member or agency: CH, UNICEF-SN") \
	X(KIND, "kind", "KIND", "BRANCH, CORRESPONDENT, GENERAL_SECRETARIAT, PARTNER_AGENCY, ...") \
	X(NAME, "name", "TEXT", "for people; with keys: the hub's name in its certificate") \
	X(STATUS, "status", "STATUS", "of member add: ACTIVE, CANDIDATE or LEFT; of member availability: NORMAL, REDUCED, DISRUPTED, SUSPENDED or BACK") \
	X(SIGNING, "signing", "FILE", "signing certificate and its authority's (PEM); may stand several times") \
	X(ENCRYPTION, "encryption", "FILE", "encryption certificate and its authority's (PEM); may stand several times") \
	X(SERVICE, "service", "CODE", "service that this member offers; may stand several times") \
	X(LANGUAGE, "language", "TAG", "language that it works in; may stand several times") \
	X(COUNTRY, "country", "CODE", "country that it serves (ISO 3166-1); may stand several times") \
	X(CAUSE, "cause", "CODE", "DISASTER, CONFLICT, EPIDEMIC, STAFF, TECHNICAL, HOLIDAY or OTHER") \
	X(UNTIL, "until", "DAY", "day until which it is expected to last: 2026-12-20") \
	X(DEPUTY, "deputy", "CODE", "member that takes new cases meanwhile") \
	X(WORK_DAYS, "work-days", "DAYS", "days of the week that are worked: mon-fri (preset), sun-thu, mon,wed") \
	X(HOLIDAYS, "holidays", "FILE", "days off, one a line: 2026-12-24, or 12-25 for every year; without it there are none") \
	X(USE, "use", "tls|receipt", "what the key is for") \
	X(KEY, "key", "FILE", "file that gets the new key") \
	X(REQUEST, "request", "FILE", "file that gets the request for a certificate") \
	X(PASSPHRASE_FILE, "passphrase-file", "FILE", "file whose first line will open the key") \
	X(JSON, "json", NULL, "print one JSON document") \
	X(HELP, "help", NULL, "print this")

enum flag {
#define X(name, flag, value, help) FLAG_##name,
	FLAG_MAP(X)
#undef X
	FLAG_COUNT
};

enum { MAX_REPEATED = 64 };

struct call {
	const char *value[FLAG_COUNT]; // NULL: not given; the last one of several; "" for flags without value
	const char *repeated[FLAG_COUNT][MAX_REPEATED];
	size_t count[FLAG_COUNT];
};

// Exit codes of sysexits.h.
enum {
	EXIT_DONE = 0, EXIT_FAULT = 1, EXIT_USAGE = 64, EXIT_INPUT = 65, EXIT_NO_INPUT = 66, EXIT_UNAVAILABLE = 69,
	EXIT_INTERNAL = 70, EXIT_SYSTEM = 71, EXIT_OUTPUT = 73, EXIT_IO = 74, EXIT_CONFIG = 78,
};

// What `main` does: exit code.
int verb_main(int argc, char **argv);

int verb_serve(const struct call *call);
int verb_migrate(const struct call *call);
int verb_member_add(const struct call *call);
int verb_member_list(const struct call *call);
int verb_member_availability(const struct call *call);
int verb_member_calendar(const struct call *call);
int verb_keys(const struct call *call);
int verb_doctor(const struct call *call);

// Says what went wrong and what to do on stderr; the exit code that fits.
int verb_failed(const struct fail *why);

// The file of --config; faults are printed. `serve` as in config_load. NULL: *exit_code says how to end.
struct config *verb_config(const struct call *call, bool serve, int *exit_code);

#endif
