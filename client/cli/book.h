// SPDX-License-Identifier: Apache-2.0
//
// The Lifebook of a child as a book, on paper (PDF) or as a page (HTML).
#ifndef PASSERELLE_CLI_BOOK_H
#define PASSERELLE_CLI_BOOK_H

#include "cli/run.h"

// Writes cli->value[FLAG_BOOK]. What the child shares; with --own also what it keeps for itself. Exit code.
int book_write(struct cli *cli);

#endif
