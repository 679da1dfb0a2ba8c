// SPDX-License-Identifier: Apache-2.0
//
// passerelle-pfif FILE: prints the persons of a PFIF 1.4 document as a table. `passerelle persons import --pfif` calls it;
// it holds no key and reads no profile, so that what reads XML from elsewhere never meets one.
#include "pfif/pfif.h"

#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

static char *read_all(const char *name, size_t *length)
{
	FILE *file = fopen(name, "re");
	char *text = file == NULL ? NULL : malloc(PFIF_MAX_SIZE + 1);
	*length = text == NULL ? 0 : fread(text, 1, PFIF_MAX_SIZE + 1, file);
	if (file != NULL)
		fclose(file);
	return text;
}

int main(int argc, char **argv)
{
	size_t length;
	unsigned long line;
	struct pfif_counts counts;
	char today[11];
	struct tm parts;
	time_t now = time(NULL);
	if (argc != 2) {
		fputs("usage: passerelle-pfif FILE.xml > TABLE.csv\n", stderr);
		return EX_USAGE;
	}
	char *text = read_all(argv[1], &length);
	if (text == NULL) {
		perror(argv[1]);
		return EX_NOINPUT;
	}
	gmtime_r(&now, &parts);
	strftime(today, sizeof today, "%Y-%m-%d", &parts);
	const char *fault = pfif_to_csv(stdout, text, length, today, &counts, &line);
	free(text);
	if (fault != NULL)
		fprintf(stderr, "passerelle-pfif: line %lu: %s\n", line, fault);
	else if (counts.expired > 0)
		fprintf(stderr, "passerelle-pfif: %lu expired records were left out\n", counts.expired);
	return fault != NULL ? EX_DATAERR : fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
