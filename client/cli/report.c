// SPDX-License-Identifier: Apache-2.0
//
// The reports of a year: counted once, written in each language as a page (HTML) and on paper (PDF). `report REF` is another
// matter, a message of a case: a reference has hyphens and digits, so that no report is taken for one.
#include "cli/beside.h"
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/regions.h"
#include "cli/report_count.h"
#include "cli/report_paper.h"
#include "cli/run.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char *const names[][2] = {{"activity", "ACTIVITY"}, {"global", "GLOBAL"}, {"member", "MEMBER"}};

static const char *report_wanted(const struct cli *cli)
{
	for (size_t i = 0; cli->operand_count > 0 && i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(cli->operand[0], names[i][0]) == 0)
			return names[i][1];
	}
	return NULL;
}

// ---- what the command line says ----

static const char *region_wanted(const struct cli *cli)
{
	return flag_given(cli, FLAG_REGION) ? region_named(cli->value[FLAG_REGION]) : NULL;
}

static bool is_year(const char *text)
{
	return text != NULL && strlen(text) == 4 && strspn(text, "0123456789") == 4;
}

static const char *first_language(const struct cli *cli)
{
	return flag_given(cli, FLAG_LANG) ? cli->value[FLAG_LANG] : language_tag();
}

// The next tag of "en,fr" into `tag`; false behind the last one.
static bool next_language(const char **list, char tag[8])
{
	size_t length = strcspn(*list, ",");
	if (**list == '\0')
		return false;
	snprintf(tag, 8, "%.*s", length < 8 ? (int)length : 7, *list);
	*list += length + ((*list)[length] == ',' ? 1 : 0);
	return true;
}

static int check_languages(struct cli *cli)
{
	char tag[8];
	for (const char *list = first_language(cli); next_language(&list, tag);) {
		if (!language_known(tag))
			return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "write --lang en,fr with languages of en, fr, es",
			                "there is no language '%s' here", tag);
	}
	return 0;
}

static int check(struct cli *cli)
{
	if (!is_year(cli->value[FLAG_YEAR]))
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "add --year YEAR, like --year 2026", "a report needs its year");
	if (flag_given(cli, FLAG_REGION) && region_wanted(cli) == NULL)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "passerelle codes region lists them", "'%s' is no region",
		                cli->value[FLAG_REGION]);
	if (cli->operand_count > 1)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "see passerelle help report",
		                "too much on the command line: %s", cli->operand[1]);
	if (!flag_given(cli, FLAG_OUTPUT_NAME) && !cli->out.json)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "add --output NAME or --json", "the report does not know where to write");
	return check_languages(cli);
}

// ---- counting ----

// Several answers in one text, so that the profile is opened once.
static int together(int failed, char *const *answer, size_t count, char **text)
{
	json_t *all = json_array();
	for (size_t i = 0; i < count; i++) {
		if (failed == 0)
			json_array_append_new(all, json_loads(answer[i], 0, NULL));
		psr_free(answer[i]);
	}
	*text = failed == 0 ? json_dumps(all, JSON_COMPACT) : NULL;
	json_decref(all);
	return failed;
}

static int ask_hub(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	char *period = NULL, *flow = NULL, *regions = NULL, from[16], until[16];
	snprintf(from, sizeof from, "%.4s-01", cli->value[FLAG_YEAR]);
	snprintf(until, sizeof until, "%.4s-12", cli->value[FLAG_YEAR]);
	struct psr_flow_wanted wanted = {.from = from, .until = until, .rows = PSR_FLOW_OF_ALL};
	int failed = psr_flow_period(profile, &wanted, &period, error);
	wanted.rows = PSR_FLOW_OF_REGIONS;
	if (failed == 0)
		failed = psr_flow_period(profile, &wanted, &regions, error);
	if (failed == 0)
		failed = psr_flow(profile, &flow, error);
	return together(failed, (char *[]){period, flow, regions}, 3, text);
}

static int ask_own(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	(void)cli;
	static const struct psr_inbox_wanted all = {.counting = true};
	char *inbox = NULL, *outbox = NULL;
	int failed = psr_inbox(profile, &all, &inbox, error);
	if (failed == 0)
		failed = psr_outbox(profile, &outbox, error);
	return together(failed, (char *[]){inbox, outbox}, 2, text);
}

static int count(struct cli *cli, const char *report, json_t **counted)
{
	bool own = strcmp(report, "MEMBER") == 0;
	char *text;
	int code = cli_ask(cli, own ? ask_own : ask_hub, &text);
	if (code != 0)
		return code;
	json_t *both = json_loads(text, 0, NULL), *first = json_array_get(both, 0), *second = json_array_get(both, 1);
	free(text);
	*counted = own ? report_count_own(cli->value[FLAG_YEAR], first, second)
	               : report_count_flow(report, cli->value[FLAG_YEAR], region_wanted(cli), both);
	json_decref(both);
	return 0;
}

// ---- writing ----

static int write_one(struct cli *cli, const json_t *paper, const char *language, const char *end, json_t *files)
{
	char *file = memory_format("%s-%s.%s", cli->value[FLAG_OUTPUT_NAME], language, end);
	int code = beside_write(cli, "passerelle-paper", paper, file);
	if (code == 0)
		json_array_append_new(files, json_string(file));
	free(file);
	return code;
}

static int write_all(struct cli *cli, const json_t *counted, json_t *files)
{
	char tag[8];
	int code = 0;
	for (const char *list = first_language(cli); code == 0 && next_language(&list, tag);) {
		language_change(tag);
		json_t *paper = report_paper(counted);
		code = write_one(cli, paper, language_tag(), "html", files);
		if (code == 0)
			code = write_one(cli, paper, language_tag(), "pdf", files);
		json_decref(paper);
	}
	return code;
}

static void tell(struct cli *cli, json_t *counted, const json_t *files)
{
	if (cli->out.json) {
		json_object_set(counted, "files", (json_t *)(uintptr_t)files);
		out_json(&cli->out, counted, false);
		return;
	}
	for (size_t i = 0; i < json_array_size(files); i++)
		out_line(&cli->out, "%s", json_string_value(json_array_get(files, i)));
}

static int make(struct cli *cli, const char *report)
{
	json_t *counted = NULL, *files = json_array();
	int code = check(cli);
	if (code == 0)
		code = count(cli, report, &counted);
	if (code == 0 && flag_given(cli, FLAG_OUTPUT_NAME))
		code = write_all(cli, counted, files);
	if (code == 0)
		tell(cli, counted, files);
	json_decref(counted);
	json_decref(files);
	return code;
}

int run_report(struct cli *cli)
{
	const char *report = report_wanted(cli);
	if (report != NULL)
		return make(cli, report);
	if (flag_given(cli, FLAG_YEAR) || flag_given(cli, FLAG_REGION) || flag_given(cli, FLAG_OUTPUT_NAME))
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "passerelle report activity, global or member", "--year, --region and --output belong to a report of a year");
	return run_write(cli);
}
