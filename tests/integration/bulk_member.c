// SPDX-License-Identifier: Apache-2.0
//
// A member's program for tests with hundreds of cases: does what the lines of its standard input say, over one open
// profile, and answers each with one line.
//
//   bulk_member PROFILE
//   VERB <tab> REFERENCE <tab> TO <tab> FORM     writes a message; "-" for none; answers its case's reference
//   sync                                         answers "synced"; tried again where the line was cut
#include "passerelle/passerelle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_ROOM = 256 * 1024, SYNC_TRIES = 20, REFERENCE_ROOM = 64 };

static const char *part(char **rest)
{
	char *text = strsep(rest, "\t");
	return text == NULL || strcmp(text, "-") == 0 ? NULL : text;
}

// The value of "reference" in passerelle.written/1.
static void say_reference(const char *result)
{
	const char *at = strstr(result, "\"reference\"");
	at = at == NULL ? NULL : strchr(at + strlen("\"reference\""), '"');
	char reference[REFERENCE_ROOM];
	if (at == NULL || sscanf(at + 1, "%63[^\"]", reference) != 1)
		exit(1);
	printf("%s\n", reference);
}

static void write_one(struct psr_profile *profile, char *line)
{
	char *result = NULL;
	struct psr_error error = {0};
	struct psr_message message = {.verb = part(&line), .reference = part(&line)};
	message.to = part(&line);
	message.form = part(&line);
	if (psr_write(profile, &message, &result, &error) == 0)
		say_reference(result);
	else
		printf("refused %s %s\n", error.name, error.text);
	psr_free(result);
}

static void sync_all(struct psr_profile *profile)
{
	struct psr_error error = {0};
	int failed = 1;
	for (int i = 0; failed != 0 && i < SYNC_TRIES; i++) {
		char *result = NULL;
		failed = psr_sync(profile, 0, NULL, NULL, &result, &error);
		psr_free(result);
	}
	printf(failed == 0 ? "synced\n" : "cut %s %s\n", error.name, error.text);
}

int main(int argc, char **argv)
{
	static char line[LINE_ROOM];
	struct psr_profile *profile;
	struct psr_error error = {0};
	if (argc != 2 || psr_profile_open(&profile, argv[1], NULL, &error) != 0) {
		fprintf(stderr, "bulk_member: %s\n", argc != 2 ? "usage: bulk_member PROFILE" : error.text);
		return 1;
	}
	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, "sync") == 0)
			sync_all(profile);
		else
			write_one(profile, line);
		fflush(stdout);
	}
	psr_profile_close(profile);
	return 0;
}
