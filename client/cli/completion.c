// SPDX-License-Identifier: Apache-2.0
//
// Completions for three shells from the table. Codes and references are asked of
// the program itself while one types, so they are never out of date.
#include "cli/run.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static bool takes_reference(const struct verb *verb)
{
	return strncmp(verb->arguments, "REF", 3) == 0;
}

// Code list of a flag for one verb: --reason means another list at each.
static const char *codes_of(const struct verb *verb, const struct flag *flag)
{
	static const char mark[] = "@codes";
	static const struct {
		enum verb_id verb;
		const char *list;
	} reasons[] = {
		{VERB_DECLINE, "decline_reason"}, {VERB_WITHDRAW, "withdraw_reason"}, {VERB_HOLD, "hold_reason"}, {VERB_REOPEN, "reopen_reason"},
		{VERB_ANSWER_CONSENT, "consent_answer"}, {VERB_FORWARD, "decline_reason"},
	};
	if (flag->words == NULL || strncmp(flag->words, mark, sizeof(mark) - 1) != 0)
		return NULL;
	if (flag->words[sizeof(mark) - 1] == ' ')
		return flag->words + sizeof(mark);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].verb == verb->id)
			return reasons[i].list;
	}
	return NULL;
}

static const char cases_command[] = "passerelle __references 2>/dev/null";

// ---- bash

static void bash_value(FILE *out, const struct verb *verb, const struct flag *flag)
{
	const char *codes = codes_of(verb, flag);
	fprintf(out, "\t%s:--%s) ", verb->name, flag->name);
	if (codes != NULL) {
		fputs("words=$(", out);
		fprintf(out, "passerelle codes %s 2>/dev/null | cut -d ' ' -f 1", codes);
		fputs(") ;;\n", out);
	} else if (flag->words != NULL && strcmp(flag->words, "@files") == 0) {
		fputs("compopt -o default; return ;;\n", out);
	} else if (flag->words != NULL && strcmp(flag->words, "@folders") == 0) {
		fputs("compopt -o dirnames; return ;;\n", out);
	} else {
		fprintf(out, "words='%s' ;;\n", flag->words != NULL ? flag->words : "");
	}
}

static void bash_verb(FILE *out, const struct verb *verb)
{
	fprintf(out, "\t%s) words='", verb->name);
	for (unsigned i = 0; i < FLAG_COUNT; i++) {
		if (verb_takes(verb, flag_at((enum flag_id)i)))
			fprintf(out, "--%s ", flag_at((enum flag_id)i)->name);
	}
	fputs("' ;;\n", out);
}

static void each_verb(FILE *out, void (*call)(FILE *out, const struct verb *verb))
{
	for (unsigned i = 0; i < VERB_COUNT; i++) {
		if (!verb_hidden(verb_at((enum verb_id)i)))
			call(out, verb_at((enum verb_id)i));
	}
}

static void bash_values(FILE *out, const struct verb *verb)
{
	for (unsigned i = 0; i < FLAG_COUNT; i++) {
		const struct flag *flag = flag_at((enum flag_id)i);
		if (verb_takes(verb, flag) && flag->value != NULL)
			bash_value(out, verb, flag);
	}
}

static void verb_word(FILE *out, const struct verb *verb)
{
	fprintf(out, "%s ", verb->name);
}

static void bash_operand(FILE *out, const struct verb *verb)
{
	if (takes_reference(verb))
		fprintf(out, "\t%s:2) words=$(%s) ;;\n", verb->name, cases_command);
}

static void bash(FILE *out)
{
	fputs("# bash completion for passerelle, made by: passerelle completion bash\n"
	      "_passerelle() {\n\tlocal current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]} words=\n"
	      "\tCOMPREPLY=()\n\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords='", out);
	each_verb(out, verb_word);
	fputs(
		"'\n\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n\t\treturn\n\tfi\n\tcase $verb:$before in\n",
		out);
	each_verb(out, bash_values);
	fputs("\thelp:help) words='", out);
	each_verb(out, verb_word);
	fputs("' ;;\n\tcompletion:completion) words='bash zsh fish' ;;\n"
	      "\t*)\n\t\tcase $current in\n\t\t-*)\n\t\tcase $verb in\n", out);
	each_verb(out, bash_verb);
	fputs("\t\tesac ;;\n\t\t*)\n\t\tcase $verb:$COMP_CWORD in\n", out);
	each_verb(out, bash_operand);
	fputs("\t\t*) compopt -o default; return ;;\n\t\tesac ;;\n\t\tesac ;;\n\tesac\n"
	      "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n}\ncomplete -F _passerelle passerelle\n", out);
}

// ---- zsh

// Within single quotes and _arguments' own marks.
static void zsh_text(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else if (strchr(":[]\\", *text) != NULL)
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

static void zsh_flag(FILE *out, const struct verb *verb, const struct flag *flag)
{
	const char *codes = codes_of(verb, flag);
	fprintf(out, " \\\n\t\t\t'%s--%s[", flag->id == FLAG_ATTACH || flag->id == FLAG_QUESTION ? "*" : "", flag->name);
	zsh_text(out, flag->help);
	fputc(']', out);
	if (flag->value != NULL) {
		fprintf(out, ":%s:", flag->name);
		if (codes != NULL) {
			fputs("($(", out);
			fprintf(out, "passerelle codes %s 2>/dev/null | cut -d \" \" -f 1", codes);
			fputs("))", out);
		} else if (flag->words != NULL && flag->words[0] == '@') {
			fputs(strcmp(flag->words, "@files") == 0 ? "_files" : "_files -/", out);
		} else {
			fprintf(out, "(%s)", flag->words != NULL ? flag->words : "");
		}
	}
	fputc('\'', out);
}

static void zsh_verb(FILE *out, const struct verb *verb)
{
	fprintf(out, "\t\t%s)\n\t\t_arguments", verb->name);
	for (unsigned i = 0; i < FLAG_COUNT; i++) {
		if (verb_takes(verb, flag_at((enum flag_id)i)))
			zsh_flag(out, verb, flag_at((enum flag_id)i));
	}
	if (takes_reference(verb))
		fprintf(out, " \\\n\t\t\t'1:case:($(%s))'", cases_command);
	fputs(" \\\n\t\t\t'*:file:_files' ;;\n", out);
}

static void zsh_summary(FILE *out, const struct verb *verb)
{
	fprintf(out, "\t\t'%s:", verb->name);
	zsh_text(out, verb->summary);
	fputs("'\n", out);
}

static void zsh(FILE *out)
{
	fputs("#compdef passerelle\n# zsh completion for passerelle, made by: passerelle completion zsh\n"
	      "_passerelle() {\n\tlocal -a verbs\n\tverbs=(\n", out);
	each_verb(out, zsh_summary);
	fputs("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe verb verbs\n\t\treturn\n\tfi\n\tlocal verb=$words[2]\n"
	      "\tshift words\n\t(( CURRENT-- ))\n\tcase $verb in\n", out);
	each_verb(out, zsh_verb);
	fputs("\tesac\n}\n_passerelle \"$@\"\n", out);
}

// ---- fish

static void fish_text(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('\'', out);
}

static void fish_flag(FILE *out, const struct verb *verb, const struct flag *flag)
{
	const char *codes = codes_of(verb, flag);
	bool files = flag->words != NULL && flag->words[0] == '@' && codes == NULL;
	fprintf(out, "complete -c passerelle -n '__fish_seen_subcommand_from %s' -l %s", verb->name, flag->name);
	if (flag->value != NULL)
		fputs(files ? " -r -F" : " -x", out);
	if (codes != NULL) {
		fputs(" -a \"(", out);
		fprintf(out, "passerelle codes %s 2>/dev/null | cut -d ' ' -f 1", codes);
		fputs(")\"", out);
	} else if (flag->words != NULL && !files) {
		fprintf(out, " -a '%s'", flag->words);
	}
	fputs(" -d ", out);
	fish_text(out, flag->help);
	fputc('\n', out);
}

static void fish_verb(FILE *out, const struct verb *verb)
{
	fprintf(out, "complete -c passerelle -n __fish_use_subcommand -f -a %s -d ", verb->name);
	fish_text(out, verb->summary);
	fputc('\n', out);
	for (unsigned i = 0; i < FLAG_COUNT; i++) {
		if (verb_takes(verb, flag_at((enum flag_id)i)))
			fish_flag(out, verb, flag_at((enum flag_id)i));
	}
	if (takes_reference(verb))
		fprintf(out, "complete -c passerelle -n '__fish_seen_subcommand_from %s' -a \"(%s)\"\n", verb->name,
		        cases_command);
}

static void fish(FILE *out)
{
	fputs("# fish completion for passerelle, made by: passerelle completion fish\n", out);
	each_verb(out, fish_verb);
}

static const struct shell {
	const char *name;
	void (*print)(FILE *out);
} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

// The same text as a JSON string, for whoever asks with --json.
static int print_json(struct cli *cli, const struct shell *shell)
{
	char *text = NULL;
	size_t length = 0;
	FILE *memory = open_memstream(&text, &length);
	if (memory == NULL)
		return out_fail(&cli->out, EX_OSERR, "NO_MEMORY", NULL, "no memory left");
	shell->print(memory);
	fclose(memory);
	json_t *document = json_pack("{ssssss}", "schema", "passerelle.completion/1", "shell", shell->name, "text", text);
	out_json(&cli->out, document, false);
	json_decref(document);
	free(text);
	return EX_OK;
}

int run_completion(struct cli *cli)
{
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(shells[i].name, cli->operand[0]) != 0)
			continue;
		if (cli->out.json)
			return print_json(cli, &shells[i]);
		shells[i].print(cli->out.data);
		return EX_OK;
	}
	return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "name one of bash, zsh, fish", "no completions for '%s'",
	                cli->operand[0]);
}
