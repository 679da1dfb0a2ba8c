// SPDX-License-Identifier: Apache-2.0
//
// Where a passphrase may come from: a file descriptor, a file that only its owner may
// read, the credentials folder of a service, or the terminal. Never the command line
// or the environment: other users and other programs can read those.
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

enum { PASSPHRASE_MOST = 1024, CTRL_C = 3 };

void cli_forget(char *passphrase)
{
	if (passphrase != NULL)
		explicit_bzero(passphrase, strlen(passphrase));
	free(passphrase);
}

// Up to the end or the first line break. NULL if it cannot be read or is too long.
static char *read_secret(int descriptor)
{
	char *secret = memory_take(PASSPHRASE_MOST + 1);
	size_t length = 0;
	ssize_t got = 0;
	while (length < PASSPHRASE_MOST) {
		got = read(descriptor, secret + length, 1); // no more than ours: a descriptor may carry more for others
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || secret[length] == '\n')
			break;
		length++;
	}
	bool whole = got >= 0 && length < PASSPHRASE_MOST;
	secret[length] = '\0';
	if (length > 0 && secret[length - 1] == '\r')
		secret[length - 1] = '\0';
	if (whole)
		return secret;
	cli_forget(secret);
	return NULL;
}

static int fail_secret(struct cli *cli, const char *hint, const char *format, const char *name)
{
	char text[300];
	snprintf(text, sizeof(text), "%s%s", _(format), name);
	return out_fail(&cli->out, EX_NOPERM, "NOT_ALLOWED", hint, "%s", text);
}

int cli_passphrase_file(struct cli *cli, const char *name, char **passphrase)
{
	struct stat state;
	int file = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (file < 0)
		return out_fail(&cli->out, EX_NOINPUT, "NO_FILE", "check its name and rights", "the passphrase file '%s' cannot be opened: %s",
		                name, strerror(errno));
	int failed = 0;
	if (fstat(file, &state) != 0 || !S_ISREG(state.st_mode))
		failed = fail_secret(cli, "name a plain file", "the passphrase file is no plain file: ", name);
	else if ((state.st_mode & 077) != 0)
		failed = fail_secret(cli, "chmod 600 the file", "others may read the passphrase file: ", name);
	else if (state.st_uid != geteuid() && state.st_uid != 0)
		failed = fail_secret(cli, "use a file of your own", "the passphrase file belongs to someone else: ", name);
	else if ((*passphrase = read_secret(file)) == NULL)
		failed = fail_secret(cli, "one line of at most 1024 bytes", "the passphrase file cannot be read: ", name);
	close(file);
	return failed;
}

static int from_descriptor(struct cli *cli, const char *text, char **passphrase)
{
	char *end;
	long number = strtol(text, &end, 10);
	if (text[0] == '\0' || *end != '\0' || number < 0 || number > 1024 * 1024 || fcntl((int)number, F_GETFD) < 0)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "name an open descriptor, like --passphrase-fd 3 3<FILE",
		                "--passphrase-fd %s: there is no such descriptor", text);
	*passphrase = read_secret((int)number);
	return *passphrase != NULL ? 0
	                           : fail_secret(cli, "one line of at most 1024 bytes",
	                                         "the passphrase cannot be read from descriptor ", text);
}

// systemd puts files there that only the service can read.
static int from_credentials(struct cli *cli, char **passphrase)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	if (folder == NULL || folder[0] != '/')
		return 0;
	char *name = memory_format("%s/passerelle-passphrase", folder);
	int failed = access(name, R_OK) == 0 ? cli_passphrase_file(cli, name, passphrase) : 0;
	free(name);
	return failed;
}

int cli_passphrase_given(struct cli *cli, char **passphrase)
{
	*passphrase = NULL;
	if (flag_given(cli, FLAG_PASSPHRASE_FD))
		return from_descriptor(cli, cli->value[FLAG_PASSPHRASE_FD], passphrase);
	if (flag_given(cli, FLAG_PASSPHRASE_FILE))
		return cli_passphrase_file(cli, cli->value[FLAG_PASSPHRASE_FILE], passphrase);
	return from_credentials(cli, passphrase);
}

static char *ask_once(int terminal, const char *question)
{
	struct termios before, silent;
	if (tcgetattr(terminal, &before) != 0)
		return NULL;
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG); // Ctrl-C must not leave a terminal that shows nothing
	tcsetattr(terminal, TCSAFLUSH, &silent); // first: it drops what was typed before
	(void)!write(terminal, question, strlen(question));
	char *answer = read_secret(terminal);
	tcsetattr(terminal, TCSADRAIN, &before);
	(void)!write(terminal, "\n", 1);
	if (answer != NULL && strchr(answer, CTRL_C) != NULL) {
		cli_forget(answer);
		return NULL;
	}
	return answer;
}

char *cli_passphrase_asked(struct cli *cli, const char *question, bool twice)
{
	int terminal =
		flag_given(cli, FLAG_NO_INPUT) || !isatty(STDIN_FILENO) ? -1 : open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (terminal < 0) {
		out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "give --passphrase-file or --passphrase-fd", "a passphrase is needed and nobody can be asked");
		return NULL;
	}
	char *first = ask_once(terminal, _(question));
	char *second = twice && first != NULL ? ask_once(terminal, _("The same again: ")) : NULL;
	close(terminal);
	bool same = !twice || (first != NULL && second != NULL && strcmp(first, second) == 0);
	cli_forget(second);
	if (first != NULL && same)
		return first;
	cli_forget(first);
	out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "try again", "the passphrase could not be read, or the two differ");
	return NULL;
}
