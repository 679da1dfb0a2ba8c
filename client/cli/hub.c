// SPDX-License-Identifier: Apache-2.0
//
// Verbs that talk with the hub: sync, status, flow, watch, attachment.
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/progress.h"
#include "cli/run.h"
#include "cli/words.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

static uint64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void print_happenings(struct out *out, json_t *list, const char *intro)
{
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one) {
		out_line(out, "%s%s %s: %s", intro, words_kind(key_text(one, "kind")), key_text(one, "reference"), key_text(one, "text"));
		if (key_text(one, "advice")[0] != '\0')
			out_line(out, "  What to do: %s.", key_text(one, "advice"));
	}
}

static json_int_t number(const json_t *document, const char *key)
{
	return json_integer_value(json_object_get(document, key));
}

static void print_synced(struct out *out, json_t *document)
{
	out_line(out, "sent %" JSON_INTEGER_FORMAT ", received %" JSON_INTEGER_FORMAT ", still waiting %" JSON_INTEGER_FORMAT, number(document, "sent"),
	         number(document, "received"), number(document, "waiting"));
	if (number(document, "damaged") > 0)
		out_styled(out, STYLE_BAD, "%" JSON_INTEGER_FORMAT " that came could not be trusted and were not opened: see passerelle inbox",
		           number(document, "damaged"));
	print_happenings(out, json_object_get(document, "returned"), _("returned: "));
	print_happenings(out, json_object_get(document, "warnings"), _("warning: "));
}

static int sync_once(struct cli *cli, struct psr_profile *profile, uint32_t wait_ms, json_t **document,
                     struct psr_error *error)
{
	struct progress progress;
	char *text = NULL;
	progress_begin(&progress, &cli->out);
	int failed = psr_sync(profile, wait_ms, progress_call, &progress, &text, error);
	progress_end(&progress);
	*document = failed == 0 ? json_loads(text, 0, NULL) : NULL;
	psr_free(text);
	return failed;
}

int run_sync(struct cli *cli)
{
	struct psr_profile *profile;
	struct psr_error error;
	json_t *document = NULL;
	uint32_t wait_ms = 0;
	if (flag_given(cli, FLAG_STAY) && !cli_time(cli->value[FLAG_STAY], &wait_ms))
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "write it like 30s, 2m or 1h", "--wait %s is no time",
		                cli->value[FLAG_STAY]);
	int code = cli_open(cli, &profile);
	if (code != 0)
		return code;
	if (sync_once(cli, profile, wait_ms, &document, &error) != 0)
		code = out_error(&cli->out, &error, NULL);
	else if (cli->out.json)
		out_json(&cli->out, document, false);
	else
		print_synced(&cli->out, document);
	if (code == 0 && number(document, "waiting") > 0)
		code = EX_TEMPFAIL;
	json_decref(document);
	psr_profile_close(profile);
	return code;
}

// "queued", "at_hub", ... of one message; "" if it is not there.
static void state_of(struct psr_profile *profile, const char *message, char state[16])
{
	char *text = NULL;
	size_t i;
	json_t *item;
	state[0] = '\0';
	if (psr_outbox(profile, &text, NULL) != 0)
		return;
	json_t *document = json_loads(text, 0, NULL);
	json_array_foreach(json_object_get(document, "items"), i, item) {
		if (strcmp(key_text(item, "message"), message) == 0)
			snprintf(state, 16, "%s", key_text(item, "state"));
	}
	json_decref(document);
	psr_free(text);
}

// Events of a watching session until the message has left the queue or time is up. Exit code.
static int watch_until_sent(struct cli *cli, struct psr_profile *profile, const char *message, uint64_t until)
{
	struct pollfd wait = {.fd = psr_watch_fd(profile), .events = POLLIN};
	struct psr_error error = {.name = "NONE"};
	char state[16] = "";
	for (;;) {
		char *event = NULL;
		int got = psr_watch_next(profile, &event, &error);
		psr_free(event);
		if (got < 0)
			return out_error(&cli->out, &error, NULL);
		state_of(profile, message, state);
		if (strcmp(state, "returned") == 0)
			return out_fail(&cli->out, EX_DATAERR, "RETURNED", "passerelle outbox says why", "the hub returned the message");
		if (strcmp(state, "queued") != 0)
			return EX_OK;
		uint64_t now = now_ms();
		if (now >= until)
			return out_fail(&cli->out, EX_TEMPFAIL, "TIMED_OUT", "it is safe in the outbox; the next passerelle sync sends it",
			                "not yet at the hub after %s", cli->value[FLAG_WAIT]);
		if (got == 1)
			poll(&wait, 1, (int)(until - now));
	}
}

int cli_wait_sent(struct cli *cli, struct psr_profile *profile, const char *message)
{
	struct psr_error error;
	uint32_t wait_ms = 0;
	if (!cli_time(cli->value[FLAG_WAIT], &wait_ms))
		return EX_USAGE;
	if (psr_watch_start(profile, &error) != 0)
		return out_error(&cli->out, &error, NULL);
	int code = watch_until_sent(cli, profile, message, now_ms() + wait_ms);
	psr_watch_stop(profile);
	return code;
}

// A partner gets the same words for a case of others as for none.
static void print_status(struct out *out, const json_t *document)
{
	if (!json_is_true(json_object_get(document, "available"))) {
		out_line(out, "No status is available for this reference.");
		return;
	}
	const char *since = key_text(document, "since"), *due = key_text(document, "next_due"), *turn = key_text(document, "turn");
	out_line(out, "%s: %s, since %s", key_text(document, "reference"), key_text(document, "state_text"),
	         words_moment(since).text);
	if (turn[0] != '\0')
		out_line(out, "It is the turn of %s%s.", turn, json_is_true(json_object_get(document, "late")) ? _(", which is late") : "");
	if (due[0] != '\0')
		out_line(out, "Next date: %s", due);
}

static int print_answer(struct cli *cli, int failed, char *text, const struct psr_error *error,
                        void (*print)(struct out *, const json_t *), bool *available)
{
	int code = EX_OK;
	json_t *document = failed == 0 ? json_loads(text, 0, NULL) : NULL;
	psr_free(text);
	*available = json_is_true(json_object_get(document, "available"));
	if (failed != 0)
		code = out_error(&cli->out, error, NULL);
	else if (cli->out.json)
		out_json(&cli->out, document, false);
	else
		print(&cli->out, document);
	json_decref(document);
	return code;
}

int run_status(struct cli *cli)
{
	struct psr_profile *profile;
	struct psr_error error;
	char *text = NULL;
	bool available;
	int code = cli_open(cli, &profile);
	if (code != 0)
		return code;
	int failed = psr_status(profile, cli->operand[0], &text, &error);
	code = print_answer(cli, failed, text, &error, print_status, &available);
	psr_profile_close(profile);
	return code == EX_OK && !available && flag_given(cli, FLAG_EXIT_STATUS) ? 1 : code;
}

// "received: question of SN in CH-SN-7QK2-M9FD", with what the event has.
static void print_event_words(struct out *out, const json_t *event)
{
	const char *kind = key_text(event, "kind"), *member = key_text(event, "member");
	const char *reference = key_text(event, "reference"), *text = key_text(event, "text");
	out_line(out, "%s  %s%s%s%s%s%s%s%s%s", words_moment(key_text(event, "at")).text, _(key_text(event, "event")),
	         kind[0] != '\0' ? ": " : "", kind[0] != '\0' ? words_kind(kind) : "", member[0] != '\0' ? ", " : "",
	         member, reference[0] != '\0' ? _(" in ") : "", reference, text[0] != '\0' ? ": " : "", text);
}

static void print_event(struct cli *cli, const char *text)
{
	json_t *event = json_loads(text, 0, NULL);
	if (cli->out.json)
		out_json(&cli->out, event, true);
	else
		print_event_words(&cli->out, event);
	fflush(cli->out.data);
	json_decref(event);
}

// 0: told one; 1: none yet; else the exit code + 1.
static int next_event(struct cli *cli, struct psr_profile *profile)
{
	struct psr_error error;
	char *text = NULL;
	int got = psr_watch_next(profile, &text, &error);
	if (got == 0)
		print_event(cli, text);
	psr_free(text);
	return got < 0 ? 1 + out_error(&cli->out, &error, NULL) : got;
}

static int watch_until(struct cli *cli, struct psr_profile *profile, uint64_t until)
{
	struct pollfd wait = {.fd = psr_watch_fd(profile), .events = POLLIN};
	for (;;) {
		int got = next_event(cli, profile);
		if (got > 1)
			return got - 1;
		if (got == 0 && flag_given(cli, FLAG_ONCE))
			return EX_OK;
		if (got == 0)
			continue;
		uint64_t now = now_ms();
		if (now >= until)
			return EX_OK;
		poll(&wait, 1, until == UINT64_MAX ? -1 : (int)(until - now));
	}
}

int run_watch(struct cli *cli)
{
	struct psr_profile *profile;
	struct psr_error error;
	uint32_t stay_ms = 0;
	if (flag_given(cli, FLAG_STAY) && !cli_time(cli->value[FLAG_STAY], &stay_ms))
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "write it like 30s, 2m or 1h", "--wait %s is no time",
		                cli->value[FLAG_STAY]);
	int code = cli_open(cli, &profile);
	if (code != 0)
		return code;
	if (psr_watch_start(profile, &error) != 0)
		code = out_error(&cli->out, &error, NULL);
	else
		code = watch_until(cli, profile, stay_ms > 0 ? now_ms() + stay_ms : UINT64_MAX);
	psr_profile_close(profile);
	return code;
}

static int save(struct cli *cli, struct psr_profile *profile, unsigned attachment)
{
	struct psr_error error;
	struct progress progress;
	// Without --output a name of our own: the author's could be anything.
	char *file = flag_given(cli, FLAG_OUTPUT) ? memory_copy(cli->value[FLAG_OUTPUT])
	                                          : memory_format("%s-%u", cli->operand[0], attachment);
	progress_begin(&progress, &cli->out);
	int failed = psr_attachment(profile, cli->operand[0], attachment, file, progress_call, &progress, &error);
	progress_end(&progress);
	int code = failed == 0 ? EX_OK : out_error(&cli->out, &error, NULL);
	if (failed == 0 && cli->out.json) {
		json_t *document = json_pack("{sssssiss}", "schema", "passerelle.saved/1", "message", cli->operand[0], "number",
		                             (int)attachment, "file", file);
		out_json(&cli->out, document, false);
		json_decref(document);
	} else if (failed == 0) {
		out_line(&cli->out, "%s", file);
	}
	free(file);
	return code;
}

int run_attachment(struct cli *cli)
{
	struct psr_profile *profile;
	const char *text = cli->operand[1];
	unsigned long attachment =
		text[strspn(text, "0123456789")] == '\0' && strlen(text) < 4 ? strtoul(text, NULL, 10) : 0;
	if (attachment == 0)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "passerelle show lists them with their numbers",
		                "'%s' is no number of an attachment", text);
	int code = cli_open(cli, &profile);
	if (code == 0)
		code = save(cli, profile, (unsigned)attachment);
	psr_profile_close(profile);
	return code;
}
