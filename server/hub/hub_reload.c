// SPDX-License-Identifier: Apache-2.0
//
// SIGHUP: the new configuration and TLS context are made in full first. Whatever is wrong
// with them, the old ones stay.
#include "hub/hub_parts.h"

static const enum log_level levels[] = {LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL_NOTICE, LOG_LEVEL_WARNING,
                                        LOG_LEVEL_ERROR};

static void tell_fault(void *context, const char *text)
{
	const struct hub *hub = context;
	log_event(&hub->log, LOG_LEVEL_ERROR, "reload.fault", log_text(LOG_detail, text));
}

static void tell_later(void *context, const char *option)
{
	const struct hub *hub = context;
	log_event(&hub->log, LOG_LEVEL_WARNING, "reload.needs_restart", log_text(LOG_option, option));
}

static enum fail_code take_over(struct hub *hub, const struct config *fresh)
{
	struct tls_context *tls;
	int64_t ends;
	struct fail why = {0};
	enum fail_code code = hub_tls_load(&tls, &ends, fresh, &why);
	if (code == FAIL_NONE) {
		code = config_take_over(hub->config, fresh, tell_later, hub);
		if (code != FAIL_NONE)
			tls_context_unref(tls);
	}
	if (code != FAIL_NONE) {
		tell_fault(hub, why.text);
		return code;
	}
	listener_set_context(&hub->listener, tls);
	tls_context_unref(hub->tls);
	hub->tls = tls;
	hub->tls_ends = ends;
	hub->log.level = levels[hub->config->log_level];
	hub->sessions.limits = (struct session_limits){hub->config->limits_per_user, hub->config->limits_per_member,
	                                               hub->config->limits_per_agency};
	return FAIL_NONE;
}

static void count_reload(struct hub *hub, enum fail_code code)
{
	if (code == FAIL_NONE) {
		hub->figures.reloads++;
		log_event(&hub->log, LOG_LEVEL_NOTICE, "reload.done", log_text(LOG_file, hub->settings.config_file));
	} else {
		hub->figures.reloads_refused++;
		log_event(&hub->log, LOG_LEVEL_ERROR, "reload.refused", log_text(LOG_reason, fail_name(code)),
		          log_text(LOG_detail, "the configuration before it stays in force"));
	}
}

void hub_take_reload(struct hub *hub)
{
	struct config *fresh = NULL;
	if (hub->stage != STAGE_SERVING || hub->settings.config_file == NULL)
		return;
	hub_notify("RELOADING=1");
	enum fail_code code = config_load(&fresh, hub->settings.config_file, true, tell_fault, hub);
	if (code == FAIL_NONE)
		code = take_over(hub, fresh);
	config_free(fresh);
	count_reload(hub, code);
	core_directory_changed(hub->core);
	hub_notify("READY=1");
}
