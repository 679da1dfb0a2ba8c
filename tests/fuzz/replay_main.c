// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzz target over the files of a folder without a fuzzer: each as it is,
// cut at every place, and with every byte altered in a few ways.
#include "fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILE = 2 * 1024 * 1024, MAX_ALTERED = 2048 };

// The target gets memory of exactly this size, so that a sanitizer sees a byte too far.
static void run(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size > 0 ? size : 1);
	if (exact == NULL)
		abort();
	memcpy(exact, data, size);
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static void run_altered(uint8_t *data, size_t size)
{
	static const uint8_t alterations[] = {0x01, 0x08, 0x80, 0xff};
	run(data, size);
	if (size > MAX_ALTERED)
		return;
	for (size_t at = 0; at < size; at++) {
		run(data, at);
		for (size_t i = 0; i < sizeof alterations; i++) {
			data[at] ^= alterations[i];
			run(data, size);
			data[at] ^= alterations[i];
		}
	}
}

static bool run_file(const char *path)
{
	static uint8_t data[MAX_FILE];
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		perror(path);
		return false;
	}
	size_t size = fread(data, 1, sizeof data, file);
	bool whole = ferror(file) == 0;
	fclose(file);
	if (whole)
		run_altered(data, size);
	return whole;
}

// The number of files run, negative if one could not be read.
static int run_folder(const char *folder)
{
	int count = 0;
	DIR *list = opendir(folder);
	if (list == NULL) {
		perror(folder);
		return -1;
	}
	for (struct dirent *one = readdir(list); one != NULL && count >= 0; one = readdir(list)) {
		char path[4096];
		if (one->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, one->d_name);
		count = run_file(path) ? count + 1 : -1;
	}
	closedir(list);
	return count;
}

int main(int count, char **arguments)
{
	if (count != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
		return 64;
	}
	int files = run_folder(arguments[1]);
	printf("%d files\n", files);
	return files > 0 ? 0 : 1;
}
