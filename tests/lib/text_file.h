// SPDX-License-Identifier: Apache-2.0
//
// Comparing what a test made with a text file that people have reviewed.
// Lines that begin with # in the file are remarks and not compared.
#ifndef PASSERELLE_TESTS_TEXT_FILE_H
#define PASSERELLE_TESTS_TEXT_FILE_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

// The next line of both, without remarks; NULL behind the last.
static inline char *text_file_line(FILE *file, char *line, int size)
{
	while (fgets(line, size, file) != NULL) {
		if (line[0] != '#') {
			line[strcspn(line, "\n")] = '\0';
			return line;
		}
	}
	return NULL;
}

// True if `made` has the lines of the file; else says on stderr where they part, if `loud`.
static inline bool text_is_file(const char *made, const char *path, bool loud)
{
	FILE *file = fopen(path, "r");
	char line[512];
	bool same = file != NULL;
	for (unsigned number = 1; same; number++) {
		const char *wanted = text_file_line(file, line, sizeof line);
		size_t length = strcspn(made, "\n");
		if (wanted == NULL && *made == '\0')
			break;
		same = wanted != NULL && strlen(wanted) == length && memcmp(wanted, made, length) == 0;
		if (!same && loud)
			fprintf(stderr, "%s: compared line %u\n  wanted: %s\n  made:   %.*s\n", path, number,
			        wanted == NULL ? "(end of file)" : wanted, (int)length, made);
		made += length + (made[length] == '\n');
	}
	if (file != NULL)
		fclose(file);
	else if (loud)
		fprintf(stderr, "%s: cannot be opened\n", path);
	return same;
}

#define assert_text_is_file(made, path) assert_true(text_is_file(made, path, true))

#endif
