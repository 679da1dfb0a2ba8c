// SPDX-License-Identifier: Apache-2.0
#include "lib/sweep.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FETCHED_DAYS = 30 };

// Fetched spools end in ".part" until they are whole and opened: they may go on later.
static bool old_enough(const char *path)
{
	struct stat found;
	uint64_t now = clock_now() / 1000;
	return stat(path, &found) == 0 && (uint64_t)found.st_mtime + (uint64_t)FETCHED_DAYS * 86400 < now;
}

static bool unneeded(struct psr_profile *profile, const char *name, const char *path)
{
	struct id object;
	const char *dot = strchr(name, '.');
	if (dot != NULL)
		return strcmp(dot, ".part") == 0 && old_enough(path);
	bool needed;
	return id_from_text(&object, name) == FAIL_NONE &&
	       outbox_needs_object(profile->store, &object, &needed, NULL) == FAIL_NONE && !needed;
}

void spool_sweep(struct psr_profile *profile)
{
	struct path folder = profile_path(profile, "spool");
	DIR *dir = opendir(folder.text);
	if (dir == NULL)
		return;
	for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		struct path path;
		if (entry->d_name[0] != '.' && path_join(&path, folder.text, entry->d_name, NULL) == FAIL_NONE &&
		    unneeded(profile, entry->d_name, path.text))
			unlink(path.text);
	}
	closedir(dir);
}
