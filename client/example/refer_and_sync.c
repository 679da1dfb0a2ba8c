// SPDX-License-Identifier: Apache-2.0
//
// The smallest program of a member's own: writes a referral, exchanges messages with
// the hub, prints what is in the inbox. Everything comes and goes as JSON.
//
//   refer_and_sync PROFILE TO FORM.json
//
// Builds with:  cc refer_and_sync.c $(pkg-config --cflags --libs passerelle)
#include <passerelle/passerelle.h>

#include <stdio.h>
#include <stdlib.h>

static int complain(const char *what, const struct psr_error *error)
{
	fprintf(stderr, "%s: %s\nWhat to do: %s.\n", what, error->text, error->advice);
	return error->exit_code;
}

static char *read_form(const char *name)
{
	FILE *file = fopen(name, "r");
	char *text = calloc(1, 1024 * 1024);
	if (file == NULL || text == NULL || fread(text, 1, 1024 * 1024 - 1, file) == 0) {
		perror(name);
		exit(66);
	}
	fclose(file);
	return text;
}

// Prints the document and gives it back to the library.
static void print(char *json)
{
	puts(json);
	psr_free(json);
}

static int refer(struct psr_profile *profile, const char *to, const char *form)
{
	struct psr_message message = {.verb = "refer", .to = to, .form = form};
	struct psr_error error;
	char *json = NULL;
	int failed = psr_write(profile, &message, &json, &error);
	if (json != NULL)
		print(json); // also with BAD_FORM: the faults, each with its path
	return failed == 0 ? 0 : complain("refer", &error);
}

static int exchange(struct psr_profile *profile)
{
	struct psr_error error;
	char *json = NULL;
	// What was written is safe already: without a line it goes out next time.
	if (psr_sync(profile, 0, NULL, NULL, &json, &error) != 0)
		return complain("sync", &error);
	print(json);
	if (psr_inbox(profile, NULL, &json, &error) != 0)
		return complain("inbox", &error);
	print(json);
	return 0;
}

int main(int argc, char **argv)
{
	struct psr_profile *profile;
	struct psr_error error;
	if (argc != 4) {
		fprintf(stderr, "usage: %s PROFILE TO FORM.json (libpasserelle %s)\n", argv[0], psr_version());
		return 64;
	}
	if (psr_profile_open(&profile, argv[1], NULL, &error) != 0)
		return complain("profile", &error);
	char *form = read_form(argv[3]);
	int code = refer(profile, argv[2], form);
	if (code == 0)
		code = exchange(profile);
	free(form);
	psr_profile_close(profile);
	return code;
}
