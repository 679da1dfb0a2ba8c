// SPDX-License-Identifier: Apache-2.0
#include "pfif/pfif.h"

#include "cli/csv.h"

#include <expat.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SPACE "http://zesty.ca/pfif/1.4"
enum { NAMES = 5, DEEPEST = 8 };

// Elements that are read; of a note those that begin with NOTE_.
enum field {
	RECORD_ID,
	EXPIRY,
	SOURCE_DATE,
	FULL_NAME,
	GIVEN,
	FAMILY,
	ALTERNATE,
	DESCRIPTION,
	SEX,
	BIRTH,
	AGE,
	STREET,
	NEIGHBORHOOD,
	CITY,
	STATE,
	POSTAL,
	COUNTRY,
	NOTE_DATE,
	NOTE_STATUS,
	NOTE_PLACE,
	FIELD_COUNT
};

static const struct {
	const char *name;
	bool of_note;
} elements[FIELD_COUNT] = {
	[RECORD_ID] = {"person_record_id", false}, [EXPIRY] = {"expiry_date", false},
	[SOURCE_DATE] = {"source_date", false},    [FULL_NAME] = {"full_name", false},
	[GIVEN] = {"given_name", false},           [FAMILY] = {"family_name", false},
	[ALTERNATE] = {"alternate_names", false},  [DESCRIPTION] = {"description", false},
	[SEX] = {"sex", false},                    [BIRTH] = {"date_of_birth", false},
	[AGE] = {"age", false},                    [STREET] = {"home_street", false},
	[NEIGHBORHOOD] = {"home_neighborhood", false}, [CITY] = {"home_city", false},
	[STATE] = {"home_state", false},           [POSTAL] = {"home_postal_code", false},
	[COUNTRY] = {"home_country", false},       [NOTE_DATE] = {"source_date", true},
	[NOTE_STATUS] = {"status", true},          [NOTE_PLACE] = {"last_known_location", true},
};

struct text {
	char *data;              // owned, NULL while empty
	size_t length;
};

struct reading {
	XML_Parser parser;
	FILE *out;
	const char *today;
	struct pfif_counts *counts;
	const char *fault;
	unsigned depth;
	bool in_person, in_note;
	struct text *into;       // NULL: text is of no interest
	struct text field[FIELD_COUNT]; // of a note: of the one at hand
	struct text newest_date, newest_status, newest_place; // of the newest note of the person
};

static void stop(struct reading *r, const char *fault)
{
	if (r->fault == NULL)
		r->fault = fault;
	XML_StopParser(r->parser, XML_FALSE);
}

static void clear(struct text *text)
{
	free(text->data);
	*text = (struct text){.data = NULL};
}

static const char *value_of(const struct text *text)
{
	return text->data == NULL ? "" : text->data;
}

static void move(struct text *to, struct text *from)
{
	clear(to);
	*to = *from;
	*from = (struct text){.data = NULL};
}

// ---- a person as a row

static const char *const columns[] = {
	"own_reference", "keep_until", "names.1.full", "names.1.given", "names.1.family", "names.2.full", "names.3.full", "names.4.full", "names.5.full", "sex",
	"birth", "age_as_said", "present_place.country", "present_place.area", "present_place.address", "alive", "note",
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static const char *sex_of(const char *sex)
{
	static const char *const codes[][2] = {{"female", "F"}, {"male", "M"}, {"other", "X"}};
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		if (strcmp(codes[i][0], sex) == 0)
			return codes[i][1];
	}
	return sex; // the register's own check names it
}

static const char *alive_of(const char *status)
{
	if (strcmp(status, "believed_dead") == 0)
		return "NO";
	return strcmp(status, "believed_alive") == 0 || strcmp(status, "is_note_author") == 0 ? "YES" : "";
}

// A list has semicolons between: those of the text itself become commas.
static void append(char *to, size_t size, const char *between, const char *text)
{
	size_t used = strlen(to);
	if (text[0] == '\0' || used + strlen(between) + strlen(text) + 1 > size)
		return;
	snprintf(to + used, size - used, "%s%s", used > 0 ? between : "", text);
	for (char *c = to + used + (used > 0 ? strlen(between) : 0); *c != '\0'; c++)
		*c = *c == ';' ? ',' : *c;
}

// One a line; the first four.
static void split_names(char *names, const char *to[NAMES - 1])
{
	size_t count = 0;
	char *rest = names;
	while (count < NAMES - 1 && *rest != '\0') {
		size_t length = strcspn(rest, "\r\n");
		bool more = rest[length] != '\0';
		rest[length] = '\0';
		if (length > 0)
			to[count++] = rest;
		rest += length + more;
	}
}

static void write_person(struct reading *r)
{
	enum { LONG = 2 * PFIF_MAX_TEXT + 100 };
	struct text *f = r->field;
	char day[11], given[300] = "", family[300] = "", area[800] = "", address[700] = "", age[60] = "";
	char *note = calloc(1, LONG);
	const char *other[NAMES - 1] = {"", "", "", ""};
	if (note == NULL) {
		stop(r, "out of memory");
		return;
	}
	snprintf(day, sizeof day, "%s", value_of(&f[EXPIRY]));
	append(given, sizeof given, "", value_of(&f[GIVEN]));
	append(family, sizeof family, "", value_of(&f[FAMILY]));
	append(area, sizeof area, ";", value_of(&f[STATE]));
	append(area, sizeof area, ";", value_of(&f[CITY]));
	append(area, sizeof area, ";", value_of(&f[NEIGHBORHOOD]));
	append(address, sizeof address, ", ", value_of(&f[STREET]));
	append(address, sizeof address, ", ", value_of(&f[POSTAL]));
	append(note, LONG, "\n", value_of(&f[DESCRIPTION]));
	append(note, LONG, "\n", value_of(&r->newest_place));
	if (f[AGE].length > 0 && f[BIRTH].length == 0 && f[SOURCE_DATE].length >= 10)
		snprintf(age, sizeof age, "%.20s on %.10s", f[AGE].data, f[SOURCE_DATE].data);
	if (f[ALTERNATE].data != NULL)
		split_names(f[ALTERNATE].data, other);
	const char *cell[COLUMNS] = {value_of(&f[RECORD_ID]),
	                             day,
	                             value_of(&f[FULL_NAME]),
	                             given,
	                             family,
	                             other[0],
	                             other[1],
	                             other[2],
	                             other[3],
	                             sex_of(value_of(&f[SEX])),
	                             value_of(&f[BIRTH]),
	                             age,
	                             value_of(&f[COUNTRY]),
	                             area,
	                             address,
	                             alive_of(value_of(&r->newest_status)),
	                             note};
	csv_write_row(r->out, cell, COLUMNS);
	free(note);
}

// A record whose time is over must not be shown any more, nor kept.
static void end_person(struct reading *r)
{
	const char *expiry = value_of(&r->field[EXPIRY]);
	bool expired = expiry[0] != '\0' && strncmp(expiry, r->today, 10) < 0;
	r->counts->expired += expired;
	if (!expired && r->counts->persons++ == PFIF_MAX_PERSONS)
		stop(r, "more than 100000 persons");
	else if (!expired)
		write_person(r);
	for (size_t i = 0; i < FIELD_COUNT; i++)
		clear(&r->field[i]);
	clear(&r->newest_date);
	clear(&r->newest_status);
	clear(&r->newest_place);
}

// Of several notes the one with the latest date says how things stand.
static void end_note(struct reading *r)
{
	bool newer = strcmp(value_of(&r->field[NOTE_DATE]), value_of(&r->newest_date)) >= 0;
	if (newer && r->in_person && r->field[NOTE_STATUS].length > 0) {
		move(&r->newest_date, &r->field[NOTE_DATE]);
		move(&r->newest_status, &r->field[NOTE_STATUS]);
		move(&r->newest_place, &r->field[NOTE_PLACE]);
	}
	clear(&r->field[NOTE_DATE]);
	clear(&r->field[NOTE_STATUS]);
	clear(&r->field[NOTE_PLACE]);
}

// ---- the walk through the document

static const char *local_name(const char *name)
{
	size_t space = sizeof SPACE - 1;
	return strncmp(name, SPACE, space) == 0 && name[space] == ' ' ? name + space + 1 : "";
}

static struct text *field_named(struct reading *r, const char *name)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (elements[i].of_note == r->in_note && strcmp(elements[i].name, name) == 0)
			return &r->field[i];
	}
	return NULL;
}

// How many of person and note are open: a field lies one deeper.
static unsigned inside(const struct reading *r)
{
	return (unsigned)r->in_person + (unsigned)r->in_note;
}

static void begin_element(void *context, const char *full, const char **attributes)
{
	struct reading *r = context;
	const char *name = local_name(full);
	(void)attributes;
	r->into = NULL;
	if (r->depth == DEEPEST) {
		stop(r, "elements lie too deep in each other");
		return;
	}
	r->depth++;
	if (r->depth == 1 && strcmp(name, "pfif") != 0)
		stop(r, "this is no PFIF 1.4 document");
	else if (r->depth == 2 && strcmp(name, "person") == 0)
		r->in_person = true;
	else if (r->depth == 1 + inside(r) + 1 && !r->in_note && strcmp(name, "note") == 0)
		r->in_note = true;
	else if (inside(r) > 0 && r->depth == 2 + inside(r))
		r->into = field_named(r, name);
	if (r->into != NULL)
		clear(r->into);
}

static void end_element(void *context, const char *full)
{
	struct reading *r = context;
	(void)full;
	if (r->in_note && r->depth == (r->in_person ? 3 : 2)) {
		end_note(r);
		r->in_note = false;
	} else if (r->in_person && r->depth == 2) {
		end_person(r);
		r->in_person = false;
	}
	r->into = NULL;
	r->depth--;
}

static void add_text(void *context, const char *data, int length)
{
	struct reading *r = context;
	struct text *text = r->into;
	if (text == NULL || length <= 0)
		return;
	if (text->length + (size_t)length > PFIF_MAX_TEXT) {
		stop(r, "a text is longer than 10000 bytes");
		return;
	}
	char *grown = realloc(text->data, text->length + (size_t)length + 1);
	if (grown == NULL) {
		stop(r, "out of memory");
		return;
	}
	memcpy(grown + text->length, data, (size_t)length);
	text->data = grown;
	text->length += (size_t)length;
	grown[text->length] = '\0';
}

// With a document type come entities; PFIF has neither.
static void refuse_doctype(void *context, const char *name, const char *system, const char *public, int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	stop(context, "a document type stands there, which PFIF has not");
}

const char *pfif_to_csv(FILE *out, const char *text, size_t length, const char *today, struct pfif_counts *counts,
                        unsigned long *line)
{
	struct reading r = {.out = out, .today = today, .counts = counts};
	*counts = (struct pfif_counts){0, 0};
	*line = 0;
	if (length > PFIF_MAX_SIZE)
		return "the document is larger than 64 MiB";
	r.parser = XML_ParserCreateNS(NULL, ' ');
	if (r.parser == NULL)
		return "out of memory";
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, begin_element, end_element);
	XML_SetCharacterDataHandler(r.parser, add_text);
	XML_SetStartDoctypeDeclHandler(r.parser, refuse_doctype);
	csv_write_row(out, columns, COLUMNS);
	if (XML_Parse(r.parser, text, (int)length, XML_TRUE) == XML_STATUS_ERROR && r.fault == NULL)
		r.fault = XML_ErrorString(XML_GetErrorCode(r.parser));
	*line = XML_GetCurrentLineNumber(r.parser);
	for (size_t i = 0; i < FIELD_COUNT; i++)
		clear(&r.field[i]);
	clear(&r.newest_date);
	clear(&r.newest_status);
	clear(&r.newest_place);
	XML_ParserFree(r.parser);
	return r.fault;
}
