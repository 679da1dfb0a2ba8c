// SPDX-License-Identifier: Apache-2.0
#include "cli/forms.h"
#include "cli/language.h"
#include "cli/run.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { OPERAND = 1, FIRST_FLAG = 1000 };

// getopt_long's own table for one verb, from ours. `row` has room for FLAG_COUNT + 1.
static void make_options(const struct verb *verb, struct option *row)
{
	for (unsigned i = 0; i < FLAG_COUNT; i++) {
		const struct flag *flag = flag_at((enum flag_id)i);
		if (verb_takes(verb, flag))
			*row++ = (struct option){flag->name, flag->value != NULL ? required_argument : no_argument, NULL,
			                         FIRST_FLAG + (int)i};
	}
	*row = (struct option){0};
}

static int fail_usage(struct cli *cli, const char *what, const char *which)
{
	char hint[100];
	snprintf(hint, sizeof(hint), _("see passerelle help%s%s"), cli->verb != NULL ? " " : "", cli->verb != NULL ? cli->verb->name : "");
	return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", hint, "%s%s", _(what), which);
}

static int add_operand(struct cli *cli, const char *text)
{
	if (cli->operand_count >= cli->verb->most)
		return fail_usage(cli, "too much on the command line: ", text);
	cli->operand[cli->operand_count++] = text;
	return 0;
}

static int add_attach(struct cli *cli, const char *name)
{
	if (cli->attach_count == MAX_ATTACH)
		return fail_usage(cli, "too many files to attach, the first too many is ", name);
	cli->attach[cli->attach_count++] = name;
	return 0;
}

static int add_flag(struct cli *cli, enum flag_id id, const char *value)
{
	if (id == FLAG_ATTACH)
		return add_attach(cli, value);
	if (id == FLAG_QUESTION) {
		if (cli->question_count == MAX_QUESTIONS)
			return fail_usage(cli, "too many questions: ", _("put them into a form"));
		cli->question[cli->question_count++] = value;
	}
	cli->value[id] = value != NULL ? value : "";
	return 0;
}

static int bad_option(struct cli *cli, int code, char **argv)
{
	return fail_usage(cli,
	                  code == ':' ? "this flag needs a value: " : "this flag is not known here, or takes no value: ",
	                  argv[optind - 1]);
}

// Operands right behind --attach are files, so that a shell may expand *.pdf.
static int read_flags(struct cli *cli, int argc, char **argv)
{
	struct option row[FLAG_COUNT + 1];
	bool attaching = false;
	int code, failed = 0;
	make_options(cli->verb, row);
	opterr = 0;
	optind = 0; // GNU: start anew
	while (failed == 0 && (code = getopt_long(argc, argv, "-:h", row, NULL)) != -1) {
		if (code == '?' || code == ':')
			return bad_option(cli, code, argv);
		if (code == OPERAND) {
			failed = attaching ? add_attach(cli, optarg) : add_operand(cli, optarg);
			continue;
		}
		enum flag_id id = code == 'h' ? FLAG_HELP : (enum flag_id)(code - FIRST_FLAG);
		attaching = id == FLAG_ATTACH;
		failed = add_flag(cli, id, optarg);
	}
	while (failed == 0 && optind < argc)
		failed = add_operand(cli, argv[optind++]);
	return failed;
}

// --lang TAG or --lang=TAG, wherever it stands: also what is wrong with the rest is told in this language.
static const char *wants_language(int argc, char **argv)
{
	static const char flag[] = "--lang";
	const char *found = NULL;
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], flag) == 0 && i + 1 < argc)
			found = argv[i + 1];
		else if (strncmp(argv[i], flag, sizeof(flag) - 1) == 0 && argv[i][sizeof(flag) - 1] == '=')
			found = argv[i] + sizeof(flag);
	}
	return found;
}

// How many words before the verb belong to --lang: it may stand there too.
static int before_verb(int argc, char **argv)
{
	int at = 1;
	while (at < argc && strncmp(argv[at], "--lang", 6) == 0)
		at += argv[at][6] == '\0' && at + 1 < argc ? 2 : 1;
	return at - 1;
}

static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--json") == 0)
			return true;
	}
	return false;
}

static bool wants_colors(const struct cli *cli)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	return !flag_given(cli, FLAG_NO_COLOR) && (no_color == NULL || no_color[0] == '\0') && term != NULL &&
	       strcmp(term, "dumb") != 0 && isatty(fileno(cli->out.data));
}

static int unknown_verb(struct cli *cli, const char *name)
{
	const struct verb *near = verb_nearest(name);
	if (near != NULL)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "see passerelle help",
		                "'%s' is not a verb: did you mean '%s'?", name, near->name);
	return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "see passerelle help", "'%s' is not a verb", name);
}

static int choose_verb(struct cli *cli, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "help";
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "--json") == 0)
		name = "help";
	cli->verb = strcmp(name, "--version") == 0 ? NULL : verb_named(name);
	return cli->verb != NULL ? 0 : unknown_verb(cli, name);
}

// More than the table can say: what one flag asks of the others.
static int check_together(struct cli *cli)
{
	bool template = flag_given(cli, FLAG_TEMPLATE) || flag_given(cli, FLAG_TEMPLATE_OF);
	if (flag_given(cli, FLAG_HELP) || template)
		return 0;
	if (cli->operand_count < cli->verb->least)
		return fail_usage(cli, "something is missing: passerelle ", cli->verb->name);
	if (flag_given(cli, FLAG_INTERIM) && flag_given(cli, FLAG_FINAL))
		return fail_usage(cli, "a report is either --interim or ", "--final");
	if (flag_given(cli, FLAG_REDACT) && flag_given(cli, FLAG_CONTENT))
		return fail_usage(cli, "give either --redact or ", "--content");
	if (flag_given(cli, FLAG_PASSPHRASE_FD) && flag_given(cli, FLAG_PASSPHRASE_FILE))
		return fail_usage(cli, "give either --passphrase-fd or ", "--passphrase-file");
	return 0;
}

int cli_parse(struct cli *cli, int argc, char **argv)
{
	char **start = argv;
	const char *language = wants_language(argc, argv);
	language_begin(language);
	*cli = (struct cli){.out = {.data = stdout, .words = stderr, .json = wants_json(argc, argv)}};
	argv += before_verb(argc, argv);
	argc -= (int)(argv - start);
	int failed = choose_verb(cli, argc, argv);
	bool named = argc > 1 && cli->verb != NULL && strcmp(argv[1], cli->verb->name) == 0;
	if (failed == 0)
		failed = named ? read_flags(cli, argc - 1, argv + 1) : 0;
	cli->out.colors = wants_colors(cli);
	if (failed == 0 && language != NULL && !language_known(language) && !forms_speak(cli))
		failed = out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "write --lang en, --lang fr or --lang es, or a language that a form has",
		                  "there is no language '%s' here", language);
	return failed == 0 ? check_together(cli) : failed;
}

bool cli_time(const char *text, uint32_t *milliseconds)
{
	static const struct {
		const char *unit;
		uint64_t factor;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}, {"", 1000}};
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 8)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t total = strtoull(text, NULL, 10) * units[i].factor;
		if (strcmp(text + digits, units[i].unit) != 0)
			continue;
		*milliseconds = (uint32_t)total;
		return total > 0 && total <= UINT64_C(24) * 3600 * 1000;
	}
	return false;
}

int cli_run(int argc, char **argv)
{
	struct cli cli;
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("passerelle %s\n", psr_version());
		return EX_OK;
	}
	int code = cli_parse(&cli, argc, argv);
	if (code == 0)
		code = flag_given(&cli, FLAG_HELP) ? run_help(&cli) : cli.verb->run(&cli);
	if (code == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		code = out_fail(&cli.out, EX_IOERR, "IO", "check the disk", "what was asked for could not be written");
	return code;
}
