// SPDX-License-Identifier: Apache-2.0
//
// Manual pages as scdoc text, from the same table as everything else. The build
// calls this; nobody types it.
#include "cli/run.h"

#include <string.h>
#include <sysexits.h>

// scdoc reads * _ and a few more as marks.
static void put(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr("*_\\<>`~[]{}#", *text) != NULL)
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void put_flags(FILE *out, const struct verb *verb)
{
	for (unsigned i = 0; i < FLAG_COUNT; i++) {
		const struct flag *flag = flag_at((enum flag_id)i);
		if (!verb_takes(verb, flag))
			continue;
		fprintf(out, "*--%s*", flag->name);
		if (flag->value != NULL) {
			fputs(" _", out);
			put(out, flag->value);
			fputc('_', out);
		}
		fputs("\n\t", out);
		put(out, flag->help);
		fputs("\n\n", out);
	}
}

static void put_name(FILE *out, const char *page, const char *summary)
{
	fprintf(out, "%s(1)\n\n# NAME\n\n%s - ", page, page);
	put(out, summary);
	fputs("\n\n", out);
}

static void verb_page(FILE *out, const struct verb *verb)
{
	char page[64];
	snprintf(page, sizeof(page), "passerelle-%s", verb->name);
	put_name(out, page, verb->summary);
	fprintf(out, "# SYNOPSIS\n\n*passerelle %s* ", verb->name);
	put(out, verb->arguments);
	fputs(" [flags]\n\n", out);
	if (verb->text[0] != '\0') {
		fputs("# DESCRIPTION\n\n", out);
		put(out, verb->text);
		fputs("\n\n", out);
	}
	fputs("# FLAGS\n\n", out);
	put_flags(out, verb);
	if (verb->example[0] != NULL)
		fputs("# EXAMPLES\n\n", out);
	for (size_t i = 0; i < 3 && verb->example[i] != NULL; i++)
		fprintf(out, "```\n%s\n```\n\n", verb->example[i]);
	fputs("# SEE ALSO\n\n*passerelle*(1), *passerelle-forms*(5)\n", out);
}

static void main_page(FILE *out)
{
	put_name(out, "passerelle", "cases of children and families across borders");
	fputs("# SYNOPSIS\n\n*passerelle* _VERB_ [_REF_] [flags]\n\n# DESCRIPTION\n\n"
	      "Writes, seals, sends, receives and reads the messages of cross-border cases of International Social Service. "
	      "What is written is kept in the profile and goes out with the next *sync*; no line is needed to write or read. "
	      "The hub that carries the messages cannot read their content.\n\n"
	      "_REF_ is a case as people name it, like CH-SN-7QK2-M9FD; small letters are fine.\n\n# VERBS\n\n", out);
	for (unsigned i = 0; i < VERB_COUNT; i++) {
		const struct verb *verb = verb_at((enum verb_id)i);
		if (verb_hidden(verb))
			continue;
		fprintf(out, "*passerelle-%s*(1)\n\t", verb->name);
		put(out, verb->summary);
		fputs("\n\n", out);
	}
	fputs("# OUTPUT\n\nData goes to standard output, words and progress to standard error. With *--json* each verb prints one document "
	      "whose *schema* says what it is; errors then are JSON on standard error. Text that came from others is printed with control "
	      "characters made visible.\n\n# EXIT STATUS\n\n", out);
	static const char *const codes[][2] = {
		{"0", "done, or durably in the outbox"}, {"1", "nothing there (with --exit-status), or doctor found something"},
		{"64", "the command line is wrong"}, {"65", "the form or other input is wrong"}, {"66", "a file cannot be read"},
		{"69", "the hub cannot be reached and the verb needs it"}, {"71", "the system has no memory left"}, {"73", "a file cannot be made"},
		{"74", "reading or writing failed"}, {"75", "written, but --wait ran out before it was at the hub; or: try again"},
		{"76", "the other side speaks another version"}, {"77", "not allowed"}, {"78", "the profile is not in order"},
	};
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		fprintf(out, "*%s*\n\t%s\n\n", codes[i][0], codes[i][1]);
	fputs("# ENVIRONMENT\n\n*XDG_DATA_HOME*\n\twhere the profile lies, unless *--profile* says\n\n*CREDENTIALS_DIRECTORY*\n\tfolder of a "
	      "service's credentials; its file passerelle-passphrase holds the passphrase\n\n*LANGUAGE*, *LC_ALL*, *LC_MESSAGES*, *LANG*\n\tlanguage of the words, unless "
	      "*--lang* says: en, fr or es\n\n*NO_COLOR*, *TERM*\n\tno colours if NO_COLOR is "
	      "set or TERM is dumb\n\n# SEE ALSO\n\n*passerelle-forms*(5)\n", out);
}

int run_manual(struct cli *cli)
{
	if (cli->operand_count == 0) {
		main_page(cli->out.data);
		return EX_OK;
	}
	const struct verb *verb = verb_named(cli->operand[0]);
	if (verb == NULL)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", NULL, "'%s' is not a verb", cli->operand[0]);
	verb_page(cli->out.data, verb);
	return EX_OK;
}
