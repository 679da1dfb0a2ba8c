// SPDX-License-Identifier: Apache-2.0
#include "hub/hub.h"
#include "hub/hub_keys.h"
#include "hub/verb.h"
#include "store/migrate.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

// Words of log.level in options.def, in their order.
static const enum log_level levels[] = {LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL_NOTICE, LOG_LEVEL_WARNING,
                                        LOG_LEVEL_ERROR};

// What the service file does too: here it holds also where that is missing or wrong.
static void harden(bool core_dumps)
{
	struct rlimit none = {0, 0}, files;
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	if (!core_dumps) {
		must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
		must(setrlimit(RLIMIT_CORE, &none) == 0);
	}
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files); // with fewer it serves fewer
	}
	// Signatures are all that the pool does; must be set before libuv first uses it.
	(void)setenv("UV_THREADPOOL_SIZE", "2", 0);
}

static enum fail_code check_databases(const struct config *config, struct fail *why)
{
	const struct { const char *name, *conninfo; } databases[] = {
		{"writer", config->database_writer}, {"reader", config->database_reader}, {"partner", config->database_partner},
	};
	for (size_t i = 0; i < sizeof databases / sizeof databases[0]; i++) {
		enum fail_code code = migrate_check(databases[i].conninfo, why);
		if (code != FAIL_NONE)
			return fail_wrap(why, "[database] %s", databases[i].name);
	}
	return FAIL_NONE;
}

// Every part that is wrong is told, not only the first.
static int check_config(const struct config *config)
{
	struct fail why = {0};
	struct tls_context *tls = NULL;
	struct receipt_keys receipt = {0};
	int64_t ends;
	int code = EXIT_DONE;
	if (tls_library_check(&why) != FAIL_NONE)
		code = verb_failed(&why);
	if (hub_tls_load(&tls, &ends, config, &why) != FAIL_NONE)
		code = verb_failed(&why);
	if (receipt_keys_load(&receipt, config, &why) != FAIL_NONE)
		code = verb_failed(&why);
	tls_context_unref(tls);
	receipt_keys_release(&receipt);
	if (code == EXIT_DONE)
		puts("the configuration and the files that it names are in order");
	return code == EXIT_DONE ? EXIT_DONE : EXIT_CONFIG;
}

static int serve(const struct call *call, struct config *config)
{
	struct log log;
	struct fail why = {0};
	struct hub *hub = NULL;
	struct hub_settings settings = {.config_file = call->value[FLAG_CONFIG], .signals = true};
	if (settings.config_file == NULL)
		settings.config_file = "/etc/passerelle/hub.conf";
	harden(config->process_core_dumps);
	log_init(&log, STDERR_FILENO, config->log_format == 1 ? LOG_JSON : LOG_TEXT, levels[config->log_level]);
	enum fail_code code = tls_library_check(&why);
	if (code == FAIL_NONE)
		code = check_databases(config, &why);
	if (code != FAIL_NONE) {
		config_free(config);
		return verb_failed(&why);
	}
	code = hub_new(&hub, config, &log, &settings, &why);
	if (code != FAIL_NONE) {
		int exit_code = verb_failed(&why);
		return code == FAIL_UNAVAILABLE || code == FAIL_NO_MEMORY ? exit_code : EXIT_CONFIG;
	}
	hub_run(hub);
	hub_free(hub);
	return EXIT_DONE;
}

int verb_serve(const struct call *call)
{
	int code;
	struct config *config = verb_config(call, true, &code);
	if (config == NULL)
		return code;
	if (call->value[FLAG_DUMP_CONFIG] == NULL && call->value[FLAG_CHECK_CONFIG] == NULL)
		return serve(call, config);
	code = EXIT_DONE;
	if (call->value[FLAG_DUMP_CONFIG] != NULL)
		config_dump(config, stdout);
	else
		code = check_config(config);
	config_free(config);
	return code;
}
