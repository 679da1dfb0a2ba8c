// SPDX-License-Identifier: Apache-2.0
//
// passerelle-sheet FILE.xlsx: writes the table that stands on standard input (passerelle.sheet/1).
// `passerelle LIST --xlsx FILE` calls it; it holds no key and reads no profile.
#include "sheet/workbook.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: passerelle-sheet FILE.xlsx < DOCUMENT.json\n", stderr);
		return EX_USAGE;
	}
	umask(S_IRWXG | S_IRWXO); // what is written is somebody's file
	json_error_t where;
	json_t *document = json_loadf(stdin, 0, &where);
	if (document == NULL) {
		fprintf(stderr, "passerelle-sheet: line %d: not JSON\n", where.line);
		return EX_DATAERR;
	}
	const char *fault = workbook_write(document, argv[1]);
	json_decref(document);
	if (fault != NULL)
		fprintf(stderr, "passerelle-sheet: %s\n", fault);
	return fault == NULL ? EX_OK : EX_CANTCREAT;
}
