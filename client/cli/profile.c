// SPDX-License-Identifier: Apache-2.0
#include "cli/forms.h"
#include "cli/memory.h"
#include "cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

char *cli_folder(const struct cli *cli)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	if (flag_given(cli, FLAG_PROFILE))
		return memory_copy(cli->value[FLAG_PROFILE]);
	if (data != NULL && data[0] == '/')
		return memory_format("%s/passerelle", data);
	return memory_format("%s/.local/share/passerelle", home != NULL ? home : "");
}

// Keys without a passphrase open with none; only if they do not is the person asked.
static int open_asking(struct cli *cli, const char *folder, struct psr_profile **profile, struct psr_error *error)
{
	if (psr_profile_open(profile, folder, NULL, error) == 0)
		return 0;
	if (strcmp(error->name, "BAD_PASSPHRASE") != 0)
		return out_error(&cli->out, error, NULL);
	char *passphrase = cli_passphrase_asked(cli, "Passphrase: ", false);
	if (passphrase == NULL)
		return EX_USAGE;
	int failed = psr_profile_open(profile, folder, passphrase, error);
	cli_forget(passphrase);
	return failed == 0 ? 0 : out_error(&cli->out, error, NULL);
}

int cli_open(struct cli *cli, struct psr_profile **profile)
{
	struct psr_error error = {.name = "NONE"};
	char *passphrase = NULL, *folder = cli_folder(cli);
	*profile = NULL;
	int failed = cli_passphrase_given(cli, &passphrase);
	if (failed == 0 && passphrase == NULL)
		failed = open_asking(cli, folder, profile, &error);
	else if (failed == 0 && psr_profile_open(profile, folder, passphrase, &error) != 0)
		failed = out_error(&cli->out, &error, NULL);
	cli_forget(passphrase);
	free(folder);
	return failed == 0 ? forms_place(cli, *profile) : failed;
}

int cli_open_second(struct cli *cli, struct psr_profile **profile)
{
	struct psr_error error = {.name = "NONE"};
	char *passphrase = NULL;
	const char *folder = cli->value[FLAG_APPROVE_BY], *file = cli->value[FLAG_APPROVE_PASSPHRASE_FILE];
	*profile = NULL;
	if (folder == NULL)
		return 0;
	int failed = file != NULL ? cli_passphrase_file(cli, file, &passphrase) : 0;
	if (failed == 0 && psr_profile_open(profile, folder, passphrase, &error) != 0) {
		bool asks = file == NULL && strcmp(error.name, "BAD_PASSPHRASE") == 0;
		passphrase = asks ? cli_passphrase_asked(cli, "Passphrase of the second person: ", false) : passphrase;
		failed = asks && passphrase == NULL ? EX_USAGE : 0;
		if (failed == 0 && (!asks || psr_profile_open(profile, folder, passphrase, &error) != 0))
			failed = out_error(&cli->out, &error, NULL);
	}
	cli_forget(passphrase);
	return failed;
}

int cli_ask(struct cli *cli, cli_question *ask, char **text)
{
	struct psr_profile *profile;
	struct psr_error error;
	*text = NULL;
	int code = cli_open(cli, &profile);
	if (code != 0)
		return code;
	if (ask(cli, profile, text, &error) != 0)
		code = out_error(&cli->out, &error, NULL);
	psr_profile_close(profile);
	return code;
}

int cli_answer(struct cli *cli, cli_question *ask, cli_printer *print)
{
	char *text;
	int code = cli_ask(cli, ask, &text);
	if (code == 0 && cli->out.json) {
		out_json_text(&cli->out, text);
	} else if (code == 0) {
		json_t *document = json_loads(text, 0, NULL);
		print(cli, document);
		json_decref(document);
	}
	psr_free(text);
	return code;
}

static int fail_file(struct cli *cli, const char *name)
{
	return out_fail(&cli->out, EX_NOINPUT, "NO_FILE", "check its name and rights", "'%s' cannot be read: %s", name,
	                strerror(errno));
}

int cli_read_file(struct cli *cli, const char *name, size_t most, char **data, size_t *length)
{
	FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	if (file == NULL)
		return fail_file(cli, name);
	*data = memory_take(most + 2);
	*length = fread(*data, 1, most + 1, file);
	int failed = 0;
	if (ferror(file))
		failed = fail_file(cli, name);
	else if (*length > most)
		failed = out_fail(&cli->out, EX_DATAERR, "TOO_LARGE", "attach long texts as files",
		                  "'%s' is larger than %zu bytes", name, most);
	if (file != stdin)
		fclose(file);
	if (failed != 0) {
		free(*data);
		*data = NULL;
	}
	return failed;
}

int cli_new_file(struct cli *cli, const char *name, FILE **file)
{
	int made = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	*file = made < 0 ? NULL : fdopen(made, "w");
	return *file != NULL ? 0
	                     : out_fail(&cli->out, EX_CANTCREAT, "IO", "name a file that is not there yet", "'%s': %s",
	                                name, strerror(errno));
}

int cli_end_file(struct cli *cli, const char *name, FILE *file)
{
	bool written = ferror(file) == 0;
	if (fclose(file) == 0 && written)
		return 0;
	unlink(name);
	return out_fail(&cli->out, EX_IOERR, "IO", "make room on the disk", "'%s' could not be written", name);
}
