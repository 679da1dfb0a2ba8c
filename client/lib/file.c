// SPDX-License-Identifier: Apache-2.0
#include "lib/file.h"

#include "base/words.h"

#include "seal/key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum fail_code path_join(struct path *path, const char *folder, const char *name, struct fail *why)
{
	int length = snprintf(path->text, sizeof path->text, "%s/%s", folder, name);
	if (length < 0 || (size_t)length >= sizeof path->text)
		return fail_set(why, FAIL_BAD_USAGE, "the path is too long");
	return FAIL_NONE;
}

static enum fail_code code_of_errno(int number)
{
	if (number == ENOSPC || number == EDQUOT)
		return FAIL_NO_SPACE;
	if (number == ENOENT || number == EACCES || number == EPERM || number == ENOTDIR || number == EISDIR)
		return FAIL_NO_FILE;
	return number == ENOMEM ? FAIL_NO_MEMORY : FAIL_IO;
}

enum fail_code file_fail(struct fail *why, const char *did, const char *path)
{
	int number = errno;
	return fail_set(why, code_of_errno(number), "cannot %s '%s': %s", words_of(did), path, words_of_errno(number));
}

static enum fail_code read_open(struct bytes *out, int fd, const char *path, struct fail *why)
{
	for (;;) {
		uint8_t *room = bytes_room(out, 16 * 1024);
		if (room == NULL)
			return fail_set(why, FAIL_TOO_LARGE, "'%s' is larger than %zu bytes", path, out->cap);
		ssize_t count = read(fd, room, 16 * 1024);
		if (count < 0 && errno != EINTR)
			return file_fail(why, "read", path);
		if (count == 0)
			return FAIL_NONE;
		if (count > 0)
			bytes_added(out, (size_t)count);
	}
}

enum fail_code file_read(struct bytes *out, const char *path, struct fail *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return file_fail(why, "open", path);
	enum fail_code code = read_open(out, fd, path, why);
	close(fd);
	return code;
}

static enum fail_code hash_open(int fd, const char *path, struct hash *hash, struct fail *why)
{
	struct stat found;
	if (fstat(fd, &found) != 0)
		return file_fail(why, "read", path);
	if (found.st_size == 0) {
		*hash = sha256(view_of(NULL, 0));
		return FAIL_NONE;
	}
	void *content = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (content == MAP_FAILED)
		return file_fail(why, "read", path);
	*hash = sha256(view_of(content, (size_t)found.st_size));
	munmap(content, (size_t)found.st_size);
	return FAIL_NONE;
}

enum fail_code file_hash(const char *path, struct hash *hash, struct fail *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return file_fail(why, "open", path);
	enum fail_code code = hash_open(fd, path, hash, why);
	close(fd);
	return code;
}

enum fail_code file_write_all(int fd, struct view content, const char *path, struct fail *why)
{
	while (content.length > 0) {
		ssize_t count = write(fd, content.data, content.length);
		if (count < 0 && errno != EINTR)
			return file_fail(why, "write", path);
		if (count > 0)
			content = view_of(content.data + count, content.length - (size_t)count);
	}
	return FAIL_NONE;
}

enum fail_code file_sync_folder_of(const char *path, struct fail *why)
{
	struct path folder;
	snprintf(folder.text, sizeof folder.text, "%s", path);
	char *slash = strrchr(folder.text, '/');
	if (slash == NULL)
		snprintf(folder.text, sizeof folder.text, ".");
	else
		slash[slash == folder.text] = '\0';
	int fd = open(folder.text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return file_fail(why, "open", folder.text);
	int outcome = fsync(fd);
	enum fail_code code = outcome == 0 ? FAIL_NONE : file_fail(why, "sync", folder.text);
	close(fd);
	return code;
}

enum fail_code file_replace(const char *path, struct view content, struct fail *why)
{
	struct path beside;
	int length = snprintf(beside.text, sizeof beside.text, "%s.new", path);
	if (length < 0 || (size_t)length >= sizeof beside.text)
		return fail_set(why, FAIL_BAD_USAGE, "the path is too long");
	int fd = open(beside.text, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return file_fail(why, "make", beside.text);
	enum fail_code code = file_write_all(fd, content, beside.text, why);
	if (code == FAIL_NONE && fsync(fd) != 0)
		code = file_fail(why, "sync", beside.text);
	close(fd);
	if (code == FAIL_NONE && rename(beside.text, path) != 0)
		code = file_fail(why, "rename", path);
	if (code != FAIL_NONE) {
		unlink(beside.text);
		return code;
	}
	return file_sync_folder_of(path, why);
}

enum fail_code folder_make(const char *path, struct fail *why)
{
	if (mkdir(path, 0700) == 0)
		return FAIL_NONE;
	struct stat found;
	if (errno == EEXIST && stat(path, &found) == 0 && S_ISDIR(found.st_mode))
		return FAIL_NONE;
	return file_fail(why, "make the folder", path);
}

enum fail_code file_check_private(const char *path, struct fail *why)
{
	struct stat found;
	if (stat(path, &found) != 0)
		return file_fail(why, "open", path);
	if (found.st_uid != geteuid())
		return fail_set(why, FAIL_BAD_CONFIG, "'%s' belongs to another user of this computer", path);
	if ((found.st_mode & 077) != 0)
		return fail_set(why, FAIL_BAD_CONFIG, "others may read '%s': chmod %s it", path, S_ISDIR(found.st_mode) ? "700" : "600");
	return FAIL_NONE;
}

bool file_there(const char *path)
{
	return access(path, F_OK) == 0;
}
