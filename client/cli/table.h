// SPDX-License-Identifier: Apache-2.0
//
// A list as a table in a file: --csv FILE and --xlsx FILE. The first row holds the keys of the JSON, which do not change
// with the language; codes stay codes, times RFC 3339.
#ifndef PASSERELLE_CLI_TABLE_H
#define PASSERELLE_CLI_TABLE_H

#include "cli/run.h"

// Is a table asked for?
bool table_wanted(const struct cli *cli);

// Writes the items into the files that were asked for and prints their names. `keys`: NULL-ended; "done.wellbeing" is a key of an
// object in the item. Exit code.
int table_save(struct cli *cli, const json_t *items, const char *const *keys);

// Asks, and has the answer saved; with --json the document is printed as well. Exit code.
int table_answer(struct cli *cli, cli_question *ask, int (*save)(struct cli *cli, json_t *document));

// The same as CSV on a stream that is open.
void table_write_csv(FILE *file, const json_t *items, const char *const *keys);

#endif
