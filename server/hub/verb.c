// SPDX-License-Identifier: Apache-2.0
#include "hub/verb.h"

#include <stdlib.h>
#include <string.h>

#define BIT(flag) (UINT32_C(1) << FLAG_##flag)

static const struct { const char *flag, *value, *help; } flags[FLAG_COUNT] = {
#define X(name, flag, value, help) {flag, value, help},
	FLAG_MAP(X)
#undef X
};

static const struct verb {
	const char *first, *second; // second NULL: one word
	const char *summary;
	uint32_t takes, needs;      // bits 1 << enum flag
	int (*run)(const struct call *call);
} verbs[] = {
	{"serve", NULL, "run the hub", BIT(CONFIG) | BIT(CHECK_CONFIG) | BIT(DUMP_CONFIG), 0, verb_serve},
	{"migrate", NULL, "bring the database to this version", BIT(CONFIG) | BIT(TO) | BIT(DRY_RUN), 0, verb_migrate},
	{"member", "add", "register a member or agency, or add certificates to it",
	 BIT(CONFIG) | BIT(CODE) | BIT(KIND) | BIT(NAME) | BIT(STATUS) | BIT(SIGNING) | BIT(ENCRYPTION) | BIT(SERVICE) | BIT(LANGUAGE) |
	 BIT(COUNTRY),
	 BIT(CODE), verb_member_add},
	{"member", "list", "list members and agencies", BIT(CONFIG) | BIT(JSON), 0, verb_member_list},
	{"member", "availability", "tell that a member cannot work, or works again, in its place: the clocks of its cases stand meanwhile",
	 BIT(CONFIG) | BIT(CODE) | BIT(STATUS) | BIT(CAUSE) | BIT(UNTIL) | BIT(DEPUTY), BIT(CODE) | BIT(STATUS), verb_member_availability},
	{"member", "calendar", "set on which days a member works: terms in working days that start from now on count by it",
	 BIT(CONFIG) | BIT(CODE) | BIT(WORK_DAYS) | BIT(HOLIDAYS), BIT(CODE), verb_member_calendar},
	{"keys", NULL, "make a key of the hub and the request for its certificate",
	 BIT(NAME) | BIT(USE) | BIT(KEY) | BIT(REQUEST) | BIT(PASSPHRASE_FILE), BIT(NAME) | BIT(USE) | BIT(KEY) | BIT(REQUEST), verb_keys},
	{"doctor", NULL, "check configuration, keys, database and machine", BIT(CONFIG) | BIT(JSON), 0, verb_doctor},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

static const struct { enum fail_code code; int exit_code; } exits[] = {
	{FAIL_BAD_USAGE, EXIT_USAGE}, {FAIL_BAD_CERTIFICATE, EXIT_INPUT}, {FAIL_MALFORMED, EXIT_INPUT}, {FAIL_BAD_TEXT, EXIT_INPUT},
	{FAIL_TOO_LARGE, EXIT_INPUT}, {FAIL_NO_FILE, EXIT_NO_INPUT}, {FAIL_UNAVAILABLE, EXIT_UNAVAILABLE}, {FAIL_INTERNAL, EXIT_INTERNAL},
	{FAIL_NO_MEMORY, EXIT_SYSTEM}, {FAIL_IO, EXIT_IO}, {FAIL_NO_SPACE, EXIT_IO}, {FAIL_BAD_CONFIG, EXIT_CONFIG},
	{FAIL_BAD_PASSPHRASE, EXIT_CONFIG},
};

int verb_failed(const struct fail *why)
{
	fprintf(stderr, "passerelle-hub: %s\n  %s\n", why->text, fail_advice(why->code));
	for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++) {
		if (exits[i].code == why->code)
			return exits[i].exit_code;
	}
	return EXIT_FAULT;
}

static void print_fault(void *context, const char *text)
{
	(void)context;
	fprintf(stderr, "passerelle-hub: %s\n", text);
}

struct config *verb_config(const struct call *call, bool serve, int *exit_code)
{
	struct config *config = NULL;
	const char *file = call->value[FLAG_CONFIG] != NULL ? call->value[FLAG_CONFIG] : "/etc/passerelle/hub.conf";
	enum fail_code code = config_load(&config, file, serve, print_fault, NULL);
	*exit_code = code == FAIL_NO_MEMORY ? EXIT_SYSTEM : EXIT_CONFIG;
	return code == FAIL_NONE ? config : NULL;
}

static void print_flags(uint32_t takes)
{
	for (size_t i = 0; i < FLAG_COUNT; i++) {
		char shown[64];
		if ((takes & UINT32_C(1) << i) == 0)
			continue;
		snprintf(shown, sizeof shown, "--%s%s%s", flags[i].flag, flags[i].value != NULL ? " " : "", flags[i].value != NULL ? flags[i].value : "");
		printf("  %-24s %s\n", shown, flags[i].help);
	}
}

static void print_options(void)
{
	const struct option *option;
	const char *section = "";
	printf("\nThe configuration (SIGHUP reads it again; + takes effect then, others after a restart):\n");
	for (size_t i = 0; (option = option_at(i)) != NULL; i++) {
		if (strcmp(section, option->section) != 0)
			printf("[%s]\n", option->section);
		section = option->section;
		printf(" %c%s = %s\n        %s\n", (option->flags & OPTION_RELOAD) != 0 ? '+' : ' ', option->name,
		       option->preset, option->help);
	}
}

static int print_help(const struct verb *verb)
{
	if (verb != NULL) {
		printf("usage: passerelle-hub %s%s%s [FLAGS]\n\n%s\n\n", verb->first, verb->second != NULL ? " " : "",
		       verb->second != NULL ? verb->second : "", verb->summary);
		print_flags(verb->takes | BIT(HELP));
		if (verb->run == verb_serve)
			print_options();
		return EXIT_DONE;
	}
	printf("usage: passerelle-hub VERB [FLAGS]\n\n");
	for (size_t i = 0; i < VERBS; i++)
		printf("  %s%s%-*s %s\n", verbs[i].first, verbs[i].second != NULL ? " " : "",
		       (int)(16 - strlen(verbs[i].first) - (verbs[i].second != NULL)),
		       verbs[i].second != NULL ? verbs[i].second : "", verbs[i].summary);
	printf("\n  passerelle-hub VERB --help    flags of a verb; of serve also all options of the configuration\n"
	       "  passerelle-hub --version\n");
	return EXIT_DONE;
}

static int misused(const char *what, const char *which)
{
	fprintf(stderr, "passerelle-hub: %s '%s'\n  see passerelle-hub --help\n", what, which);
	return EXIT_USAGE;
}

static const struct verb *find_verb(int *argc, char ***argv)
{
	for (size_t i = 0; i < VERBS; i++) {
		int words = verbs[i].second != NULL ? 2 : 1;
		if (*argc < words || strcmp((*argv)[0], verbs[i].first) != 0 ||
		    (words == 2 && strcmp((*argv)[1], verbs[i].second) != 0))
			continue;
		*argc -= words;
		*argv += words;
		return &verbs[i];
	}
	return NULL;
}

// --flag VALUE or --flag=VALUE; answers how many words it took, 0 if it is none of this verb.
static int take_flag(const struct verb *verb, int argc, char **argv, struct call *call)
{
	const char *word = argv[0];
	size_t length = strcspn(word, "=");
	for (size_t i = 0; i < FLAG_COUNT; i++) {
		bool known = (verb->takes & UINT32_C(1) << i) != 0 || i == FLAG_HELP;
		if (!known || strncmp(word, "--", 2) != 0 || strlen(flags[i].flag) != length - 2 ||
		    memcmp(word + 2, flags[i].flag, length - 2) != 0)
			continue;
		bool joined = word[length] == '=';
		if (flags[i].value == NULL ? joined : !joined && argc < 2)
			return 0;
		call->value[i] = flags[i].value == NULL ? "" : joined ? word + length + 1 : argv[1];
		if (call->count[i] < MAX_REPEATED)
			call->repeated[i][call->count[i]] = call->value[i];
		call->count[i]++;
		return flags[i].value == NULL || joined ? 1 : 2;
	}
	return 0;
}

static int check_call(const struct verb *verb, const struct call *call)
{
	for (size_t i = 0; i < FLAG_COUNT; i++) {
		if ((verb->needs & UINT32_C(1) << i) != 0 && call->value[i] == NULL)
			return misused("this verb needs the flag", flags[i].flag);
		if (call->count[i] > MAX_REPEATED)
			return misused("too often given:", flags[i].flag);
	}
	return EXIT_DONE;
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
	struct call *call = calloc(1, sizeof *call);
	int code = call == NULL ? EXIT_SYSTEM : EXIT_DONE;
	while (code == EXIT_DONE && argc > 0) {
		int taken = take_flag(verb, argc, argv, call);
		if (taken == 0)
			code = misused("not a flag of this verb, or without its value:", argv[0]);
		argc -= taken;
		argv += taken;
	}
	if (code == EXIT_DONE && call->value[FLAG_HELP] != NULL) {
		free(call);
		return print_help(verb);
	}
	if (code == EXIT_DONE)
		code = check_call(verb, call);
	if (code == EXIT_DONE)
		code = verb->run(call);
	free(call);
	return code;
}

int verb_main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(NULL);
		return EXIT_USAGE;
	}
	argc--;
	argv++;
	if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "help") == 0)
		return print_help(NULL);
	if (strcmp(argv[0], "--version") == 0) {
		printf("passerelle-hub %s\n", PASSERELLE_VERSION);
		return EXIT_DONE;
	}
	const char *word = argv[0];
	const struct verb *verb = find_verb(&argc, &argv);
	return verb != NULL ? run_verb(verb, argc, argv) : misused("not a verb:", word);
}
