// SPDX-License-Identifier: Apache-2.0
#include "match/records.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINE_MOST = 4096, COLUMNS = 12, PATH_SIZE = 600, DATE_SIZE = 16 };

// ---- reading ----

static char *trimmed(char *text)
{
	text += strspn(text, " \"");
	for (size_t length = strlen(text); length > 0 && strchr(" \"", text[length - 1]) != NULL; length--)
		text[length - 1] = '\0';
	return strcmp(text, "NA") == 0 ? text + 2 : text;
}

// What is no calendar day may still have a month or a year.
static bool read_date(struct partial_date *date, const char *text)
{
	static const size_t lengths[] = {10, 7, 4};
	char part[DATE_SIZE];
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		snprintf(part, sizeof part, "%.*s", (int)lengths[i], text);
		if (strlen(text) >= 10 && partial_date_parse(date, part, NULL) == FAIL_NONE)
			return true;
	}
	return false;
}

static void add_record(struct record_set *set, uint32_t entity, uint8_t side, const struct match_person *person)
{
	if (set->count == set->capacity) {
		set->capacity = 2 * set->capacity + 1024;
		set->record = realloc(set->record, set->capacity * sizeof *set->record);
		must(set->record != NULL);
	}
	char text[16];
	snprintf(text, sizeof text, "%u", entity);
	struct record *record = &set->record[set->count++];
	*record = (struct record){entity, half_of(text), side, NULL};
	must(match_prepare(&record->person, person) == FAIL_NONE);
}

struct row {
	struct match_person person;
	struct partial_date birth;
	char date[DATE_SIZE], name[LINE_MOST], address[LINE_MOST];
	bool whole;
};

static void give_date(struct row *row)
{
	if (read_date(&row->birth, row->date))
		row->person.birth = &row->birth;
}

static void give_names(struct row *row, const char *given, const char *given2, const char *family, const char *family2)
{
	struct match_spelling *spelling = &row->person.name.spelling[0];
	row->person.name.count = 1;
	snprintf(row->name, sizeof row->name, "%s %s %s %s", given, given2, family, family2);
	if (row->whole)
		*spelling = (struct match_spelling){.full = row->name};
	else
		*spelling = (struct match_spelling){.given = {given, given2}, .family = {family, family2}};
}

// rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, soc_sec_id
static void febrl_row(struct record_set *set, char **column, uint8_t side, struct row *row)
{
	for (size_t i = 0; i < 10; i++)
		column[i] = trimmed(column[i]);
	give_names(row, column[1], "", column[2], "");
	snprintf(row->date, sizeof row->date, "%.4s-%.2s-%.2s", column[9], strlen(column[9]) == 8 ? column[9] + 4 : "",
	         strlen(column[9]) == 8 ? column[9] + 6 : "");
	give_date(row);
	snprintf(row->address, sizeof row->address, "%s %s %s", column[3], column[4], column[5]);
	row->person.home = (struct match_place){.area = {column[8], column[6], column[7]}, .address = row->address};
	add_record(set, (uint32_t)strtoul(column[0] + 4, NULL, 10), side, &row->person);
}

// fname_c1,fname_c2,lname_c1,lname_c2,by,bm,bd,rec_id,ent_id
static void rldata_row(struct record_set *set, char **column, uint8_t side, struct row *row)
{
	for (size_t i = 0; i < 9; i++)
		column[i] = trimmed(column[i]);
	give_names(row, column[0], column[1], column[2], column[3]);
	snprintf(row->date, sizeof row->date, "%.4s-%02u-%02u", column[4], (unsigned)strtoul(column[5], NULL, 10) % 100,
	         (unsigned)strtoul(column[6], NULL, 10) % 100);
	give_date(row);
	add_record(set, (uint32_t)strtoul(column[8], NULL, 10), side, &row->person);
}

// unique_id,first_name,surname,dob,city,email,cluster
static void splink_row(struct record_set *set, char **column, uint8_t side, struct row *row)
{
	for (size_t i = 0; i < 7; i++)
		column[i] = trimmed(column[i]);
	give_names(row, column[1], "", column[2], "");
	snprintf(row->date, sizeof row->date, "%.10s", column[3]);
	give_date(row);
	row->person.home = (struct match_place){.area = {column[4]}};
	add_record(set, (uint32_t)strtoul(column[6], NULL, 10), side, &row->person);
}

static void read_file(struct record_set *set, const char *folder, const char *file_name, uint8_t side, bool whole)
{
	char path[PATH_SIZE], line[LINE_MOST], *column[COLUMNS];
	snprintf(path, sizeof path, "%s/%s.csv", folder, file_name);
	FILE *file = fopen(path, "r");
	if (file == NULL || fgets(line, sizeof line, file) == NULL) {
		fprintf(stderr, "%s cannot be read\n", path);
		exit(66);
	}
	void (*read_row)(struct record_set *, char **, uint8_t, struct row *) =
		strncmp(file_name, "febrl", 5) == 0    ? febrl_row
		: strncmp(file_name, "rldata", 6) == 0 ? rldata_row
											   : splink_row;
	static struct row row;
	while (fgets(line, sizeof line, file) != NULL) {
		row = (struct row){.whole = whole};
		if (cut_columns(line, ',', column, COLUMNS) >= 7)
			read_row(set, column, side, &row);
	}
	fclose(file);
}

void record_set_read(struct record_set *set, const char *folder, const char *name, bool whole)
{
	*set = (struct record_set){.name = name, .linked = strcmp(name, "febrl4") == 0};
	if (set->linked) {
		read_file(set, folder, "febrl4a", 0, whole);
		read_file(set, folder, "febrl4b", 1, whole);
	} else {
		read_file(set, folder, name, 0, whole);
	}
}

void record_set_release(struct record_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		match_free(set->record[i].person);
	free(set->record);
	*set = (struct record_set){.count = 0};
}

// ---- counting ----

static struct pattern pattern_of(const struct match_evidence *evidence)
{
	struct pattern pattern;
	memset(&pattern, 0, sizeof pattern);
	for (size_t i = 0; i < MATCH_FIELD_COUNT; i++) {
		const struct match_finding *finding = &evidence->field[i];
		bool fixed = finding->reason == REASON_OVERLAP || finding->reason == REASON_FROM_AGE;
		pattern.grade[i] = (int8_t)(finding->word == MATCH_BLANK ? PATTERN_BLANK
		                            : fixed                      ? PATTERN_FIXED
		                                                         : (int)finding->grade);
		pattern.number[i] = (int16_t)(finding->word == MATCH_BLANK ? 0 : fixed ? finding->weight : finding->share);
	}
	return pattern;
}

static size_t slot_of(const struct patterns *patterns, const struct pattern *pattern)
{
	const uint8_t *byte = (const uint8_t *)pattern;
	uint64_t value = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < sizeof *pattern; i++)
		value = (value ^ byte[i]) * UINT64_C(1099511628211);
	size_t slot = (size_t)(value ^ value >> 29) & (patterns->capacity - 1);
	while (patterns->row[slot].same + patterns->row[slot].other > 0 &&
	       memcmp(&patterns->row[slot].pattern, pattern, sizeof *pattern) != 0)
		slot = (slot + 1) & (patterns->capacity - 1);
	return slot;
}

static void grow(struct patterns *patterns)
{
	struct patterns larger = *patterns;
	larger.capacity = patterns->capacity > 0 ? 2 * patterns->capacity : 4096;
	larger.row = calloc(larger.capacity, sizeof *larger.row);
	must(larger.row != NULL);
	for (size_t i = 0; i < patterns->capacity; i++) {
		if (patterns->row[i].same + patterns->row[i].other > 0)
			larger.row[slot_of(&larger, &patterns->row[i].pattern)] = patterns->row[i];
	}
	free(patterns->row);
	*patterns = larger;
}

static void count_pair(struct patterns *patterns, const struct match_evidence *evidence, bool same)
{
	if (2 * (patterns->count + 1) > patterns->capacity)
		grow(patterns);
	struct pattern pattern = pattern_of(evidence);
	struct pattern_count *row = &patterns->row[slot_of(patterns, &pattern)];
	if (row->same + row->other == 0) {
		row->pattern = pattern;
		patterns->count++;
	}
	row->same += same;
	row->other += !same;
	patterns->pairs++;
}

static bool is_wanted(const struct record *record, enum which which)
{
	return which == WHICH_ALL || (which == WHICH_LEARN) == (record->half == HALF_LEARN);
}

static double processor_seconds(void)
{
	struct timespec now;
	must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void patterns_count(struct patterns *patterns, const struct record_set *set, enum which which)
{
	double started = processor_seconds();
	*patterns = (struct patterns){.count = 0};
	for (size_t i = 0; i < set->count; i++) {
		const struct record *a = &set->record[i];
		patterns->persons += is_wanted(a, which) && !(set->linked && a->side == 0);
		for (size_t j = i + 1; j < set->count && is_wanted(a, which); j++) {
			const struct record *b = &set->record[j];
			if (!is_wanted(b, which) || (set->linked && a->side == b->side))
				continue;
			struct match_evidence evidence;
			match_compare(a->person, b->person, &evidence);
			count_pair(patterns, &evidence, a->entity == b->entity);
		}
	}
	patterns->seconds = processor_seconds() - started;
}

void patterns_release(struct patterns *patterns)
{
	free(patterns->row);
	*patterns = (struct patterns){.count = 0};
}
