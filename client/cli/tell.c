// SPDX-License-Identifier: Apache-2.0
//
// What goes to all branches: availability, broadcast.
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/run.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { MAX_TEXT_FILE = 64 * 1024 };

static int needs(struct cli *cli, enum flag_id flag, const char *advice)
{
	if (flag_given(cli, flag))
		return 0;
	return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", advice, "%s needs --%s", cli->verb->name, flag_at(flag)->name);
}

static int needs_time(struct cli *cli)
{
	uint32_t wait;
	if (!flag_given(cli, FLAG_WAIT) || cli_time(cli->value[FLAG_WAIT], &wait))
		return 0;
	return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "write it like 30s, 2m or 1h", "--wait %s is no time",
	                cli->value[FLAG_WAIT]);
}

// `text`: what the library answered; taken.
static int tell_written(struct cli *cli, struct psr_profile *profile, char *text)
{
	json_t *written = json_loads(text, 0, NULL);
	psr_free(text);
	if (cli->out.json)
		out_json(&cli->out, written, false);
	else
		out_line(&cli->out, "%s", key_text(written, "message"));
	int code = EX_OK;
	if (flag_given(cli, FLAG_WAIT))
		code = cli_wait_sent(cli, profile, key_text(written, "message"));
	else
		out_word(&cli->out, "Written and signed, to all branches: it waits in the outbox. Next: passerelle sync");
	json_decref(written);
	return code;
}

static int say(struct cli *cli, const struct psr_availability *availability, const char *notice)
{
	struct psr_profile *profile;
	struct psr_error error;
	char *text = NULL;
	int code = cli_open(cli, &profile);
	if (code != 0)
		return code;
	int failed = availability != NULL
	               ? psr_availability(profile, availability, &text, &error)
	               : psr_broadcast(profile, notice, cli->value[FLAG_NOTICE_LANGUAGE], &text, &error);
	code = failed == 0 ? tell_written(cli, profile, text) : out_error(&cli->out, &error, NULL);
	psr_profile_close(profile);
	return code;
}

int run_availability(struct cli *cli)
{
	const struct psr_availability availability = {
		.status = cli->value[FLAG_AVAILABILITY],
		.cause = cli->value[FLAG_CAUSE],
		.until = cli->value[FLAG_EXPECTED],
		.deputy = cli->value[FLAG_DEPUTY],
	};
	int failed = needs(cli, FLAG_AVAILABILITY, "add --status: DISRUPTED, SUSPENDED, REDUCED, BACK or NORMAL");
	if (failed == 0)
		failed = needs_time(cli);
	return failed == 0 ? say(cli, &availability, NULL) : failed;
}

int run_broadcast(struct cli *cli)
{
	char *notice = NULL;
	size_t length = 0;
	int failed = needs(cli, FLAG_NOTICE, "add --text FILE");
	if (failed == 0)
		failed = needs(cli, FLAG_NOTICE_LANGUAGE, "add --language, like en");
	if (failed == 0)
		failed = needs_time(cli);
	if (failed == 0)
		failed = cli_read_file(cli, cli->value[FLAG_NOTICE], MAX_TEXT_FILE, &notice, &length);
	if (failed == 0 && strlen(notice) != length)
		failed = out_fail(&cli->out, EX_DATAERR, "BAD_TEXT", "write plain text in UTF-8", "the file holds no text");
	if (failed == 0)
		failed = say(cli, NULL, notice);
	free(notice);
	return failed;
}
