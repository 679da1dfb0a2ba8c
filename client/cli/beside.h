// SPDX-License-Identifier: Apache-2.0
//
// Programs that lie beside this one and draw what they are handed: libraries for paper and workbooks stay out of the
// program that holds keys.
#ifndef PASSERELLE_CLI_BESIDE_H
#define PASSERELLE_CLI_BESIDE_H

#include "cli/run.h"

// Has `program` write the document into a new file. Exit code, with nothing left behind where it failed.
int beside_write(struct cli *cli, const char *program, const json_t *document, const char *file);

// What `program` prints of this file, at most `most` bytes; with a final NUL. Exit code; its own words went to stderr.
int beside_read(struct cli *cli, const char *program, const char *file, size_t most, char **text, size_t *length);

#endif
