// SPDX-License-Identifier: Apache-2.0
//
// passerelle-paper FILE.pdf|FILE.html: draws what stands on standard input (passerelle.paper/1).
// `passerelle print` and its like call it; it holds no key and reads no profile.
#include "paper/blocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: passerelle-paper FILE.pdf|FILE.html < DOCUMENT.json\n", stderr);
		return EX_USAGE;
	}
	umask(S_IRWXG | S_IRWXO); // what is drawn is somebody's file
	json_error_t where;
	json_t *document = json_loadf(stdin, 0, &where);
	if (document == NULL) {
		fprintf(stderr, "passerelle-paper: line %d: not JSON\n", where.line);
		return EX_DATAERR;
	}
	const char *fault = blocks_print(document, argv[1]);
	json_decref(document);
	if (fault != NULL)
		fprintf(stderr, "passerelle-paper: %s\n", fault);
	return fault == NULL ? EX_OK : EX_CANTCREAT;
}
