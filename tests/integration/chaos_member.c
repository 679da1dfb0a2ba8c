// SPDX-License-Identifier: Apache-2.0
//
// A member's program that works without pause until somebody kills it: the
// subject of chaos.py. It writes notes to cases, now and then a referral, and
// syncs; each line it prints is one promise it was given.
//
//   chaos_member PROFILE work SEED FORM TO CASE...   prints "written ID" after psr_write has returned
//   chaos_member PROFILE settle                      syncs until nothing is left to do, or 60 tries
#include "passerelle/passerelle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FORM_ROOM = 256 * 1024, SETTLE_TRIES = 60 };

// One write(2) a line: a kill leaves whole lines or none.
static void say(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		exit(1);
}

static unsigned draw(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % below;
}

// The value of "message" in passerelle.written/1.
static void report_written(const char *result)
{
	const char *at = strstr(result, "\"message\"");
	at = at == NULL ? NULL : strchr(at + strlen("\"message\""), '"');
	if (at == NULL) {
		say("fault no message id\n");
		exit(1);
	}
	char line[64];
	snprintf(line, sizeof line, "written %.36s\n", at + 1);
	say(line);
}

static void report_error(const char *what, const struct psr_error *error)
{
	char line[600];
	snprintf(line, sizeof line, "%s %s %s\n", what, error->name, error->text);
	say(line);
}

static void write_one(struct psr_profile *profile, const struct psr_message *message)
{
	char *result = NULL;
	struct psr_error error = {0};
	if (psr_write(profile, message, &result, &error) == 0)
		report_written(result);
	else
		report_error("refused", &error);
	psr_free(result);
}

static void sync_once(struct psr_profile *profile, struct psr_error *error)
{
	char *result = NULL;
	if (psr_sync(profile, 0, NULL, NULL, &result, error) != 0)
		report_error("cut", error);
	psr_free(result);
}

static void load_form(char *form, const char *file)
{
	FILE *in = fopen(file, "r");
	if (in == NULL)
		exit(66);
	form[fread(form, 1, FORM_ROOM - 1, in)] = '\0';
	fclose(in);
}

static void work(struct psr_profile *profile, unsigned seed, char **word, int words)
{
	static char form[FORM_ROOM];
	load_form(form, word[0]);
	char note[80];
	for (unsigned round = 0;; round++) {
		snprintf(note, sizeof note, "{\"text\": \"note %u of seed %u\"}", round, seed);
		struct psr_message message = {.verb = "note",
		                              .reference = word[2 + draw(&seed, (unsigned)words - 2)],
		                              .form = note};
		if (draw(&seed, 20) == 0)
			message = (struct psr_message){.verb = "refer", .to = word[1], .form = form};
		write_one(profile, &message);
		struct psr_error error = {0};
		if (draw(&seed, 4) == 0)
			sync_once(profile, &error);
	}
}

// Delivered receipts cross twice, so one quiet sync is not yet the end: three are.
static int settle(struct psr_profile *profile)
{
	int quiet = 0;
	for (int tries = 0; tries < SETTLE_TRIES && quiet < 3; tries++) {
		struct psr_error error = {0};
		sync_once(profile, &error);
		quiet = error.name == NULL || strcmp(error.name, "NONE") == 0 ? quiet + 1 : 0;
	}
	say(quiet < 3 ? "restless\n" : "quiet\n");
	return quiet < 3;
}

int main(int argc, char **argv)
{
	if (argc < 3 || (strcmp(argv[2], "work") == 0 && argc < 7)) {
		fprintf(stderr, "usage: chaos_member PROFILE work SEED FORM TO CASE... | PROFILE settle\n");
		return 64;
	}
	struct psr_profile *profile;
	struct psr_error error = {0};
	if (psr_profile_open(&profile, argv[1], NULL, &error) != 0) {
		report_error("fault", &error);
		return 1;
	}
	int code = 0;
	if (strcmp(argv[2], "settle") == 0)
		code = settle(profile);
	else
		work(profile, (unsigned)strtoul(argv[3], NULL, 10), argv + 4, argc - 4);
	psr_profile_close(profile);
	return code;
}
