// SPDX-License-Identifier: Apache-2.0
//
// A table that comes in, for the verbs that take one: template, dry run, verdicts, and the rejected rows as a file.
#ifndef PASSERELLE_CLI_IMPORT_H
#define PASSERELLE_CLI_IMPORT_H

#include "cli/run.h"

// `what` as in struct psr_table; `file`: its name, "-" for standard input. `next` is said where rows were taken over.
// Exit code: 65 where a row was rejected.
int import_run(struct cli *cli, const char *what, const char *file, const char *next);

// The same for a table that is in memory.
int import_text(struct cli *cli, const char *what, const char *text, size_t length, const char *next);

// --template: an empty table, its second row explaining.
int import_template(struct cli *cli, const char *what);

#endif
