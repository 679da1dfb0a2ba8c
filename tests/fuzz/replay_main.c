// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzz target once over every file of the folder that is named: what was
// found once is tested for ever, with any compiler.
#include "base/bytes.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_CAP = 4 * 1024 * 1024 };

// The buffer is exactly as long as the input, so that a read behind it is noticed.
static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		perror(path);
		return 1;
	}
	struct bytes input;
	bytes_init(&input, INPUT_CAP);
	uint8_t piece[4096];
	size_t count;
	while ((count = fread(piece, 1, sizeof piece, file)) > 0)
		must(bytes_append(&input, piece, count) == FAIL_NONE);
	must(ferror(file) == 0 && fclose(file) == 0);
	uint8_t *exact = malloc(input.length);
	must(exact != NULL || input.length == 0);
	for (size_t i = 0; i < input.length; i++)
		exact[i] = input.data[i];
	int result = LLVMFuzzerTestOneInput(exact, input.length);
	free(exact);
	bytes_release(&input);
	return result;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		(void)fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 64;
	}
	struct dirent **names;
	int count = scandir(argv[1], &names, NULL, alphasort), replayed = 0, failed = 0;
	if (count < 0) {
		perror(argv[1]);
		return 66;
	}
	for (int i = 0; i < count; i++) {
		char path[4096];
		if (names[i]->d_name[0] != '.') {
			(void)snprintf(path, sizeof path, "%s/%s", argv[1], names[i]->d_name);
			failed |= replay(path);
			replayed++;
		}
		free(names[i]);
	}
	free(names);
	printf("%d inputs replayed\n", replayed);
	return replayed == 0 ? 66 : failed;
}
