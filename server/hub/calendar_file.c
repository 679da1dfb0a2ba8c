// SPDX-License-Identifier: Apache-2.0
#include "hub/calendar_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LINE_SIZE = 512, SAID_SIZE = 700, DAY_SIZE = 64 };

struct reading {
	const char *file;
	unsigned line, faults;
	void (*say)(void *context, const char *text);
	void *context;
};

static void tell(struct reading *reading, const char *what)
{
	char text[SAID_SIZE];
	snprintf(text, sizeof text, "%s:%u: %s", reading->file, reading->line, what);
	reading->say(reading->context, text);
	reading->faults++;
}

// Only what can stand in a day: nothing else of a file comes to the screen.
static void take_line(struct reading *reading, struct work_calendar *calendar, const char *line)
{
	struct fail why = {0};
	char day[DAY_SIZE];
	line += strspn(line, " \t");
	size_t length = strcspn(line, ",\r\n");
	while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
		length--;
	if (length == 0 || line[0] == '#') {
		if (line[0] == ',')
			tell(reading, "a day is missing before the comma");
		return;
	}
	if (length >= sizeof day || strspn(line, "0123456789-") < length) {
		tell(reading, "this is no day: write 2026-12-24, or 12-25 for every year");
		return;
	}
	memcpy(day, line, length);
	day[length] = '\0';
	if (calendar_add(calendar, day, &why) != FAIL_NONE)
		tell(reading, why.text);
}

static void take_lines(struct reading *reading, struct work_calendar *calendar, FILE *stream)
{
	char line[LINE_SIZE];
	while (fgets(line, sizeof line, stream) != NULL) {
		reading->line++;
		if (strchr(line, '\n') == NULL && !feof(stream)) {
			tell(reading, "the line is too long");
			return;
		}
		take_line(reading, calendar, line);
	}
}

enum fail_code calendar_file_read(struct work_calendar *calendar, const char *file,
                                  void (*say)(void *context, const char *text), void *context, struct fail *why)
{
	struct reading reading = {.file = file, .say = say, .context = context};
	FILE *stream = fopen(file, "re");
	if (stream == NULL)
		return fail_set(why, FAIL_NO_FILE, "cannot open '%s': %s", file, strerror(errno));
	take_lines(&reading, calendar, stream);
	bool broken = ferror(stream) != 0;
	fclose(stream);
	if (broken)
		return fail_set(why, FAIL_IO, "cannot read '%s'", file);
	if (reading.faults > 0)
		return fail_set(why, FAIL_BAD_USAGE, "'%s' has %u faults: nothing was changed", file, reading.faults);
	return FAIL_NONE;
}
