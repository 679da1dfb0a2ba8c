// SPDX-License-Identifier: Apache-2.0
#include "cli/beside.h"

#include "cli/language.h"
#include "cli/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

extern char **environ;

// Beside this program, as installed and as built.
static char *program_beside(const char *name)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	if (length <= 0)
		return memory_copy(name);
	self[length] = '\0';
	char *slash = strrchr(self, '/');
	return memory_format("%.*s/%s", (int)(slash - self), self, name);
}

static bool write_all(int file, const char *text)
{
	for (size_t length = strlen(text); length > 0;) {
		ssize_t count = write(file, text, length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return false;
		text += count;
		length -= (size_t)count;
	}
	return true;
}

// Its exit code, 127 if it could not be started.
static int feed(const char *name, const char *document, const char *file)
{
	int ends[2], status = 0;
	pid_t child;
	char *program = program_beside(name), *target = memory_copy(file);
	char *arguments[] = {program, target, NULL};
	posix_spawn_file_actions_t actions;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return EX_OSERR;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
	bool started = posix_spawnp(&child, program, &actions, NULL, arguments, environ) == 0;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN); // one that ends early says so by its exit code
	bool written = started && write_all(ends[1], document);
	close(ends[1]);
	free(program);
	free(target);
	if (!started)
		return 127;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && (written || WEXITSTATUS(status) != 0) ? WEXITSTATUS(status) : EX_SOFTWARE;
}

int beside_write(struct cli *cli, const char *program, const json_t *document, const char *file)
{
	int claimed = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (claimed < 0)
		return out_fail(&cli->out, EX_CANTCREAT, "IO", "name a file that is not there yet", "'%s': %s", file,
		                strerror(errno));
	close(claimed);
	char *text = json_dumps(document, JSON_COMPACT);
	int code = feed(program, text, file);
	free(text);
	if (code == 0)
		return EX_OK;
	unlink(file);
	char *advice = memory_format(_("%s must lie beside passerelle"), program);
	code = out_fail(&cli->out, code == EX_CANTCREAT ? EX_CANTCREAT : EX_SOFTWARE, "IO", advice,
	                "'%s' could not be drawn (%d)", file, code);
	free(advice);
	return code;
}

static char *drain(int file, size_t most, size_t *length)
{
	char *text = memory_take(most + 2);
	*length = 0;
	for (ssize_t count = 1; count != 0 && *length <= most;) {
		count = read(file, text + *length, most + 1 - *length);
		if (count < 0 && errno != EINTR)
			break;
		*length += count > 0 ? (size_t)count : 0;
	}
	return text;
}

// Its exit code, 127 if it could not be started.
static int ask(const char *name, const char *file, size_t most, char **text, size_t *length)
{
	int ends[2], status = 0;
	pid_t child;
	char *program = program_beside(name), *source = memory_copy(file);
	char *arguments[] = {program, source, NULL};
	posix_spawn_file_actions_t actions;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return EX_OSERR;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	bool started = posix_spawnp(&child, program, &actions, NULL, arguments, environ) == 0;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	*text = started ? drain(ends[0], most, length) : NULL;
	close(ends[0]);
	free(program);
	free(source);
	if (!started)
		return 127;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
}

int beside_read(struct cli *cli, const char *program, const char *file, size_t most, char **text, size_t *length)
{
	int code = ask(program, file, most, text, length);
	if (code == 0 && *length <= most)
		return EX_OK;
	free(*text);
	*text = NULL;
	char *advice = memory_format(_("%s must lie beside passerelle"), program);
	bool theirs = code == EX_DATAERR || code == EX_NOINPUT || code == 0;
	code = theirs ? out_fail(&cli->out, code == EX_NOINPUT ? EX_NOINPUT : EX_DATAERR, "MALFORMED", NULL,
	                         "'%s' cannot be taken over", file)
	              : out_fail(&cli->out, EX_SOFTWARE, "IO", advice, "'%s' could not be read (%d)", file, code);
	free(advice);
	return code;
}
