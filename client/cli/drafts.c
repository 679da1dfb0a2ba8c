// SPDX-License-Identifier: Apache-2.0
//
// What is written and not yet sent for good: tables that were taken over become drafts, and a person looks at each.
#include "cli/import.h"
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/words.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static int ask_case(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	return psr_import_case(profile, cli->operand[1], text, error);
}

static void print_restored(struct cli *cli, json_t *document)
{
	out_line(&cli->out, "%s: %" JSON_INTEGER_FORMAT " messages, %" JSON_INTEGER_FORMAT " were here before", key_text(document, "reference"),
	         json_integer_value(json_object_get(document, "messages")), json_integer_value(json_object_get(document, "known")));
	json_int_t left_out = json_integer_value(json_object_get(document, "left_out"));
	if (left_out > 0)
		out_word(&cli->out,
		         "%" JSON_INTEGER_FORMAT " were left out: they had never reached the hub, or were not genuine.",
		         left_out);
}

int run_import(struct cli *cli)
{
	bool restores = cli->operand_count == 2 && strcmp(cli->operand[0], "case") == 0;
	if (restores && !flag_given(cli, FLAG_DRY_RUN) && !flag_given(cli, FLAG_REJECTED))
		return cli_answer(cli, ask_case, print_restored);
	bool referrals = cli->operand_count > 0 && strcmp(cli->operand[0], "referrals") == 0;
	if (flag_given(cli, FLAG_TEMPLATE) && (referrals || cli->operand_count == 0))
		return import_template(cli, "referrals");
	if (referrals && cli->operand_count == 2)
		return import_run(cli, "referrals", cli->operand[1], _("They are drafts: passerelle drafts lists them, passerelle drafts send ID sends one."));
	return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "see passerelle help import", "write import referrals FILE or import case DIR");
}

static char *names_of(const json_t *item)
{
	char *all = memory_copy("");
	size_t i;
	json_t *name;
	json_array_foreach(json_object_get(item, "about"), i, name) {
		char *longer = memory_format("%s%s%s", all, i > 0 ? ", " : "", json_string_value(name));
		free(all);
		all = longer;
	}
	return all;
}

static void print_drafts(struct cli *cli, json_t *document)
{
	const unsigned width[] = {36, 16, 18, 0};
	const json_t *items = json_object_get(document, "items");
	size_t i;
	json_t *item;
	json_array_foreach(items, i, item) {
		bool referral = strcmp(key_text(item, "verb"), "refer") == 0;
		char *names = names_of(item), *what = memory_format("%s %s", key_text(item, "verb"), key_text(item, referral ? "to" : "reference"));
		const char *cells[] = {key_text(item, "draft"), what, key_text(item, "service"), names};
		out_row(&cli->out, STYLE_PLAIN, cells, width, 4);
		free(what);
		free(names);
	}
	if (json_array_size(items) == 0)
		out_word(&cli->out, "There are no drafts.");
}

static int ask_drafts(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	(void)cli;
	return psr_drafts(profile, text, error);
}

static int ask_draft(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	return psr_draft_show(profile, cli->operand[1], text, error);
}

// The form as it would be filled in: out of here into a file, mended, and written with refer.
static void print_draft(struct cli *cli, json_t *document)
{
	char *form = json_dumps(json_object_get(document, "form"), JSON_INDENT(2));
	out_block(&cli->out, "", form);
	free(form);
}

static int send_draft(struct cli *cli, struct psr_profile *profile)
{
	struct psr_error error;
	char *result = NULL;
	if (psr_draft_send(profile, cli->operand[1], &result, &error) != 0)
		return cli_tell_faults(cli, &error, result);
	json_t *written = json_loads(result, 0, NULL);
	psr_free(result);
	return cli_tell_written(cli, profile, written);
}

static int drop_draft(struct cli *cli, struct psr_profile *profile)
{
	struct psr_error error;
	if (psr_draft_drop(profile, cli->operand[1], &error) != 0)
		return out_error(&cli->out, &error, NULL);
	if (cli->out.json)
		out_json_made(&cli->out, json_pack("{ssss}", "schema", "passerelle.removed/1", "id", cli->operand[1]));
	else
		out_line(&cli->out, "%s", cli->operand[1]);
	return EX_OK;
}

static int with_profile(struct cli *cli, int (*deed)(struct cli *, struct psr_profile *))
{
	struct psr_profile *profile;
	int code = cli_open(cli, &profile);
	if (code == 0) {
		code = deed(cli, profile);
		psr_profile_close(profile);
	}
	return code;
}

int run_drafts(struct cli *cli)
{
	const char *deed = cli->operand_count > 0 ? cli->operand[0] : "list";
	bool one = cli->operand_count == 2;
	if (cli->operand_count < 2 && strcmp(deed, "list") == 0)
		return cli_answer(cli, ask_drafts, print_drafts);
	if (one && strcmp(deed, "show") == 0)
		return cli_answer(cli, ask_draft, print_draft);
	if (one && strcmp(deed, "send") == 0)
		return with_profile(cli, send_draft);
	if (one && strcmp(deed, "drop") == 0)
		return with_profile(cli, drop_draft);
	return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "see passerelle help drafts", "write drafts, drafts show ID, drafts send ID or drafts drop ID");
}
