// SPDX-License-Identifier: Apache-2.0
//
// One run of the program: what was typed, where the answer goes, and the handlers
// of all verbs. stdout is for data, stderr for words.
#ifndef PASSERELLE_CLI_RUN_H
#define PASSERELLE_CLI_RUN_H

#include "cli/out.h"
#include "cli/verb.h"

#include <passerelle/passerelle.h>

enum { MAX_OPERANDS = 4, MAX_ATTACH = 49, MAX_QUESTIONS = 32 };

struct cli {
	const struct verb *verb;
	const char *operand[MAX_OPERANDS];
	size_t operand_count;
	const char *value[FLAG_COUNT];  // what a flag got; "" for one without a value; NULL: not given
	const char *attach[MAX_ATTACH];
	size_t attach_count;
	const char *question[MAX_QUESTIONS];
	size_t question_count;
	struct out out;
};

// Reads the command line into `cli`. 0, or the exit code after it has told the fault.
int cli_parse(struct cli *cli, int argc, char **argv);

// The whole program; answers the exit code.
int cli_run(int argc, char **argv);

static inline bool flag_given(const struct cli *cli, enum flag_id id)
{
	return cli->value[id] != NULL;
}

// A span of time as typed: 500ms, 30s, 2m, 1h, at most a day. False if it is none.
bool cli_time(const char *text, uint32_t *milliseconds);

// Opens the profile, asking for the passphrase where it must. 0, or the exit code after telling why not.
int cli_open(struct cli *cli, struct psr_profile **profile);

// The profile of the second person who approves, by --approve-by; NULL if nobody is named. 0, or the exit code.
int cli_open_second(struct cli *cli, struct psr_profile **profile);

// Opens the profile and asks the library. 0 and the answer, which the caller gives to psr_free; or the exit code
// after telling why not, and NULL.
typedef int cli_question(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error);
int cli_ask(struct cli *cli, cli_question *ask, char **text);

// Asks and tells the answer: as it is with --json, else by `print`. Exit code.
typedef void cli_printer(struct cli *cli, json_t *document);
int cli_answer(struct cli *cli, cli_question *ask, cli_printer *print);

// The folder of the profile. Caller frees.
char *cli_folder(const struct cli *cli);

// The passphrase from where the flags say, without asking. 0 and NULL: none was given. Caller wipes and frees.
int cli_passphrase_given(struct cli *cli, char **passphrase);

// The first line of a file that only its owner reads. 0, or the exit code after telling why not.
int cli_passphrase_file(struct cli *cli, const char *name, char **passphrase);

// Asks on the terminal; `twice` for a new one. NULL and a told fault if there is no terminal.
char *cli_passphrase_asked(struct cli *cli, const char *question, bool twice);
void cli_forget(char *passphrase); // wipes and frees; NULL is fine

// A whole file, or standard input for "-", at most `most` bytes; with a final NUL. 0, or the exit code.
int cli_read_file(struct cli *cli, const char *name, size_t most, char **data, size_t *length);

// A new file that its owner alone may read; an existing one is not overwritten. 0, or the exit code after telling why not.
int cli_new_file(struct cli *cli, const char *name, FILE **file);
// Closes it, and takes it away where it could not be written whole.
int cli_end_file(struct cli *cli, const char *name, FILE *file);

// Told as a form's faults are: an error with what psr_write and its like gave beside it. Exit code; frees `result`.
int cli_tell_faults(struct cli *cli, const struct psr_error *error, char *result);
// What psr_write and psr_draft_send answered. Exit code; takes `written` over.
int cli_tell_written(struct cli *cli, struct psr_profile *profile, json_t *written);

// Exchanges with the hub until this message is there or --wait has run out (75). Exit code.
int cli_wait_sent(struct cli *cli, struct psr_profile *profile, const char *message);

int run_init(struct cli *cli);
int run_write(struct cli *cli);
int run_sync(struct cli *cli);
int run_inbox(struct cli *cli);
int run_outbox(struct cli *cli);
int run_due(struct cli *cli);
int run_path(struct cli *cli);
// What --share and --take-back mean: the verb of the library, and the kept entry or the form that says it. 0 or exit code.
int lifebook_choose(struct cli *cli, struct psr_profile *profile, const char **verb, const char **kept, char **form);

// The request of `message` to each branch of its `to`. Exit code.
int trace_branches(struct cli *cli, struct psr_profile *profile, const struct psr_message *message);
int run_candidates(struct cli *cli);
int run_decide(struct cli *cli);
int run_availability(struct cli *cli);
int run_broadcast(struct cli *cli);
int run_child(struct cli *cli);
int run_follow_ups(struct cli *cli);
int run_show(struct cli *cli);
int run_attachment(struct cli *cli);
int run_status(struct cli *cli);
int run_flow(struct cli *cli);
int run_statistics(struct cli *cli);
int run_watch(struct cli *cli);
int run_export(struct cli *cli);
int run_lifebook(struct cli *cli);
int run_report(struct cli *cli);
int run_print(struct cli *cli);
int run_directory(struct cli *cli);
int run_references(struct cli *cli);
int run_doctor(struct cli *cli);
int run_compare(struct cli *cli);
int run_import(struct cli *cli);
int run_drafts(struct cli *cli);
int run_persons(struct cli *cli);
int run_codes(struct cli *cli);
int run_forms(struct cli *cli);
int run_completion(struct cli *cli);
int run_help(struct cli *cli);
int run_manual(struct cli *cli);

#endif
