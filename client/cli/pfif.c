// SPDX-License-Identifier: Apache-2.0
#include "cli/pfif.h"

#include "cli/memory.h"
#include "cli/out.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FORGET_AFTER_DAYS = 40, DAY_SECONDS = 86400 };

static void write_escaped(FILE *file, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '&')
			fputs("&amp;", file);
		else if (c == '<')
			fputs("&lt;", file);
		else if (c == '>')
			fputs("&gt;", file);
		else
			fputc((c < 0x20 && c != '\n') || c == 0x7f ? ' ' : c, file);
	}
}

static void element(FILE *file, const char *name, const char *text)
{
	if (text[0] == '\0')
		return;
	fprintf(file, "    <pfif:%s>", name);
	write_escaped(file, text);
	fprintf(file, "</pfif:%s>\n", name);
}

static void time_element(FILE *file, const char *name, time_t at)
{
	char text[24];
	struct tm parts;
	gmtime_r(&at, &parts);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
	element(file, name, text);
}

// The end of the last day on which the branch keeps the person, and never later than 40 days from now.
static time_t forget_at(const char *keep_until, time_t now)
{
	struct tm day = {.tm_sec = 0};
	time_t latest = now + (time_t)FORGET_AFTER_DAYS * DAY_SECONDS;
	if (sscanf(keep_until, "%4d-%2d-%2d", &day.tm_year, &day.tm_mon, &day.tm_mday) != 3)
		return latest;
	day.tm_year -= 1900;
	day.tm_mon -= 1;
	time_t end = timegm(&day) + DAY_SECONDS;
	return end < latest ? end : latest;
}

static char *joined(const json_t *list, const char *between)
{
	char *all = memory_copy("");
	size_t i;
	json_t *one;
	json_array_foreach((json_t *)(uintptr_t)list, i, one) {
		const char *text = json_is_string(one) ? json_string_value(one) : key_text(one, "full");
		char *longer = memory_format("%s%s%s", all, all[0] != '\0' ? between : "", text);
		free(all);
		all = longer;
	}
	return all;
}

static void write_joined(FILE *file, const char *name, const json_t *list, const char *between)
{
	char *all = joined(list, between);
	element(file, name, all);
	free(all);
}

// Other spellings: all names but the first, one a line.
static void write_other_names(FILE *file, const json_t *names)
{
	json_t *others = json_copy((json_t *)(uintptr_t)names);
	if (others != NULL)
		json_array_remove(others, 0);
	write_joined(file, "alternate_names", others, "\n");
	json_decref(others);
}

// PFIF takes YYYY, YYYY-MM and YYYY-MM-DD; a date that is less sure than that is better left out than made surer.
static bool plain_date(const char *date)
{
	size_t length = strlen(date);
	if (length != 4 && length != 7 && length != 10)
		return false;
	for (size_t i = 0; i < length; i++) {
		bool hyphen = i == 4 || i == 7;
		if (hyphen ? date[i] != '-' : !isdigit((unsigned char)date[i]))
			return false;
	}
	return true;
}

static const char *sex_of(const char *code)
{
	return strcmp(code, "F") == 0 ? "female" : strcmp(code, "M") == 0 ? "male" : strcmp(code, "X") == 0 ? "other" : "";
}

// From the largest to the smallest, as our places are told. No street.
static void write_home(FILE *file, const json_t *place)
{
	static const char *const levels[] = {"home_state", "home_city", "home_neighborhood"};
	const json_t *area = json_object_get(place, "area");
	const char *country = key_text(place, "country");
	for (size_t i = 0; i < 3 && i < json_array_size(area); i++) {
		const json_t *level = json_array_get(area, i);
		element(file, levels[i], json_is_string(level) ? json_string_value(level) : "");
	}
	element(file, "home_country", strlen(country) == 2 ? country : "");
}

static void write_status(FILE *file, const json_t *item, const char *record, const char *member)
{
	const char *alive = key_text(json_object_get(item, "person"), "alive");
	const char *status = strcmp(alive, "YES") == 0 ? "believed_alive" : strcmp(alive, "NO") == 0 ? "believed_dead" : "";
	if (status[0] == '\0')
		return;
	char *note = memory_format("%s.status", record);
	fputs("    <pfif:note>\n", file);
	element(file, "note_record_id", note);
	element(file, "author_name", member);
	element(file, "source_date", key_text(item, "added_at"));
	element(file, "status", status);
	element(file, "text", status);
	fputs("    </pfif:note>\n", file);
	free(note);
}

static void write_person(FILE *file, const json_t *item, const char *member, time_t now)
{
	const json_t *person = json_object_get(item, "person"), *names = json_object_get(person, "names"),
				 *first = json_array_get(names, 0);
	const char *birth = key_text(person, "birth");
	char *record = memory_format("passerelle.%s/%s", member, key_text(item, "id"));
	fputs("  <pfif:person>\n", file);
	element(file, "person_record_id", record);
	time_element(file, "entry_date", now);
	time_element(file, "expiry_date", forget_at(key_text(item, "keep_until"), now));
	element(file, "author_name", member);
	element(file, "source_name", member);
	element(file, "source_date", key_text(item, "added_at"));
	element(file, "full_name", key_text(first, "full"));
	write_joined(file, "given_name", json_object_get(first, "given"), " ");
	write_joined(file, "family_name", json_object_get(first, "family"), " ");
	write_other_names(file, names);
	element(file, "sex", sex_of(key_text(person, "sex")));
	element(file, "date_of_birth", plain_date(birth) ? birth : "");
	write_home(file, json_object_get(person, "present_place"));
	write_status(file, item, record, member);
	fputs("  </pfif:person>\n", file);
	free(record);
}

struct pfif_told pfif_write(FILE *file, const json_t *document, const char *member, time_t now)
{
	struct pfif_told told = {0, 0, 0};
	size_t i;
	json_t *item;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<pfif:pfif xmlns:pfif=\"http://zesty.ca/pfif/1.4\">\n", file);
	json_array_foreach(json_object_get(document, "items"), i, item) {
		bool past = json_is_true(json_object_get(item, "past")), agreed = strcmp(key_text(item, "consent"), "YES") == 0;
		told.past += past;
		told.without_consent += !past && !agreed;
		told.written += !past && agreed;
		if (!past && agreed)
			write_person(file, item, member, now);
	}
	fputs("</pfif:pfif>\n", file);
	return told;
}
