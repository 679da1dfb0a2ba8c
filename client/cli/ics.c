// SPDX-License-Identifier: Apache-2.0
#include "cli/ics.h"

#include "cli/language.h"
#include "cli/memory.h"
#include "cli/out.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FOLD_AT = 75 };

// A content line, its continuation lines beginning with a blank (RFC 5545 3.1).
static void write_folded(FILE *file, const char *line)
{
	size_t used = 0;
	while (*line != '\0') {
		size_t length = 1;
		while (((unsigned char)line[length] & 0xc0) == 0x80)
			length++;
		if (used + length > FOLD_AT) {
			fputs("\r\n ", file);
			used = 1;
		}
		fwrite(line, 1, length, file);
		used += length;
		line += length;
	}
	fputs("\r\n", file);
}

// Backslash, semicolon, comma and ends of lines (RFC 5545 3.3.11); no other control character has a place in a text.
static char *escaped(const char *text)
{
	char *out = memory_take(2 * strlen(text) + 1), *to = out;
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if (strchr("\\;,", *text) != NULL || c == '\n')
			*to++ = '\\';
		*to++ = c == '\n' ? 'n' : c < 0x20 || c == 0x7f ? ' ' : *text;
	}
	return out;
}

void ics_write_text(FILE *file, const char *name, const char *text)
{
	char *value = escaped(text), *line = memory_format("%s:%s", name, value);
	write_folded(file, line);
	free(line);
	free(value);
}

// "2027-02-19" as "20270219"; false for what is no day.
static bool compact_day(const char *day, char out[9])
{
	int year, month, of_month;
	if (strlen(day) < 10 || sscanf(day, "%4d-%2d-%2d", &year, &month, &of_month) != 3)
		return false;
	snprintf(out, 9, "%.4s%.2s%.2s", day, day + 5, day + 8);
	return true;
}

// FNV-1a over what makes a deadline this one: the case's id alone is 122 random bits, so nothing can be guessed from it.
static uint64_t fold_in(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	while (*text++ != '\0');
	return hash;
}

static uint64_t mark_of(const json_t *item)
{
	static const char *const keys[] = {"case", "awaits", "person", "goal"};
	uint64_t hash = UINT64_C(14695981039346656037);
	char months[24];
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		hash = fold_in(hash, key_text(item, keys[i]));
	snprintf(months, sizeof months, "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(item, "months")));
	return fold_in(hash, months);
}

// Reviews and follow-ups name persons by their pseudonyms on the board: a calendar gets neither.
static const char *awaited(const json_t *item)
{
	const char *awaits = key_text(item, "awaits");
	if (strcmp(awaits, "REVIEW") == 0)
		return _("review of a goal");
	return strcmp(awaits, "FOLLOW_UP") == 0 ? _("follow-up") : key_text(item, "awaits_text");
}

static void write_event(FILE *file, const json_t *item, const char *day, const char *stamp, long sequence)
{
	const char *from = key_text(item, "from");
	char *summary =
		memory_format("%s: %s%s%s", key_text(item, "reference"), awaited(item), from[0] != '\0' ? ", " : "", from);
	fputs("BEGIN:VEVENT\r\n", file);
	fprintf(file, "UID:%016llx@passerelle\r\n", (unsigned long long)mark_of(item));
	fprintf(file, "DTSTAMP:%s\r\nSEQUENCE:%ld\r\nDTSTART;VALUE=DATE:%s\r\n", stamp, sequence, day);
	ics_write_text(file, "SUMMARY", summary);
	fputs("TRANSP:TRANSPARENT\r\nCLASS:PRIVATE\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15H\r\n", file);
	ics_write_text(file, "DESCRIPTION", summary);
	fputs("END:VALARM\r\nEND:VEVENT\r\n", file);
	free(summary);
}

void ics_write(FILE *file, const json_t *document)
{
	time_t now = time(NULL);
	struct tm parts;
	char stamp[20], day[9];
	size_t i;
	json_t *item;
	gmtime_r(&now, &parts);
	strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &parts);
	fputs("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Passerelle//passerelle//EN\r\nMETHOD:PUBLISH\r\n", file);
	json_array_foreach(json_object_get(document, "items"), i, item) {
		if (compact_day(key_text(item, "due"), day))
			write_event(file, item, day, stamp, (long)now);
	}
	fputs("END:VCALENDAR\r\n", file);
}
