// SPDX-License-Identifier: Apache-2.0
//
// Files of a profile: read whole and capped, written so that a reader finds the
// old or the new content and never a part, private to their owner. errno becomes
// a fail code once, here.
#ifndef PASSERELLE_LIB_FILE_H
#define PASSERELLE_LIB_FILE_H

#include "base/id.h"

enum { PATH_SIZE = 4096 };

struct path {
	char text[PATH_SIZE];
};

// "folder/name"; FAIL_BAD_USAGE if it is longer than a path may be.
enum fail_code path_join(struct path *path, const char *folder, const char *name, struct fail *why) MUST_CHECK;

// FAIL_NO_SPACE (disk or quota), FAIL_NO_FILE (absent, no right), FAIL_IO; by errno. `did`: "read", "write".
enum fail_code file_fail(struct fail *why, const char *did, const char *path) MUST_CHECK;

// Appends the whole file; over the cap of `out` FAIL_TOO_LARGE.
enum fail_code file_read(struct bytes *out, const char *path, struct fail *why) MUST_CHECK;

// SHA-256 of a whole file, of whatever size.
enum fail_code file_hash(const char *path, struct hash *hash, struct fail *why) MUST_CHECK;

// Written beside it, synced, then renamed over it; the folder is synced too. Mode 0600.
enum fail_code file_replace(const char *path, struct view content, struct fail *why) MUST_CHECK;

// All of it, going on after short writes.
enum fail_code file_write_all(int fd, struct view content, const char *path, struct fail *why) MUST_CHECK;

// Makes what was renamed into this file's folder survive a power cut.
enum fail_code file_sync_folder_of(const char *path, struct fail *why) MUST_CHECK;

// Makes the folder (0700) unless it is there.
enum fail_code folder_make(const char *path, struct fail *why) MUST_CHECK;

// Ours, and no right for group or others. FAIL_BAD_CONFIG with the command that mends it.
enum fail_code file_check_private(const char *path, struct fail *why) MUST_CHECK;

bool file_there(const char *path);

#endif
