// SPDX-License-Identifier: Apache-2.0
#include "form/check.h"

#include "case/codes.h"
#include "case/partial_date.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

bool key_is_help(const char *key)
{
	return strncmp(key, "_help", 5) == 0;
}

static bool blank_at(json_t *value, unsigned depth);

static bool blank_object(json_t *object, unsigned depth)
{
	bool blank = true;
	for (void *at = json_object_iter(object); at != NULL && blank; at = json_object_iter_next(object, at))
		blank = key_is_help(json_object_iter_key(at)) || blank_at(json_object_iter_value(at), depth + 1);
	return blank;
}

static bool blank_list(const json_t *list, unsigned depth)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (!blank_at(json_array_get(list, i), depth + 1))
			return false;
	}
	return true;
}

// Deeper than any form goes: whatever is down there is a fault for the walker to name.
static bool blank_at(json_t *value, unsigned depth)
{
	enum { DEEPEST = 16 };
	if (depth > DEEPEST)
		return false;
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return blank_object(value, depth);
	case JSON_ARRAY:
		return blank_list(value, depth);
	case JSON_STRING:
		return json_string_length(value) == 0;
	case JSON_INTEGER:
		return json_integer_value(value) == 0;
	case JSON_REAL:
	case JSON_TRUE:
		return false;
	case JSON_FALSE:
	case JSON_NULL:
		break;
	}
	return true;
}

bool json_blank(json_t *value)
{
	return value == NULL || blank_at(value, 0);
}

static size_t count_characters(const char *text)
{
	size_t count = 0;
	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xC0) != 0x80;
	return count;
}

// C0 controls and DEL by their byte; C1 controls are C2 80 to C2 9F in UTF-8.
static bool is_control(const unsigned char *at)
{
	return *at < 0x20 || *at == 0x7F || (*at == 0xC2 && at[1] < 0xA0);
}

static void check_characters(struct check *check, const char *value, bool lines)
{
	for (const unsigned char *at = (const unsigned char *)value; *at != '\0'; at++) {
		if (!is_control(at) || (lines && *at == '\n'))
			continue;
		if (*at == '\n')
			fault_add(check->faults, &check->path, "must be one line: take the line break out");
		else
			fault_add(check->faults, &check->path, "contains a control character (code %u): take it out, lines end with \\n",
			          *at == 0xC2 ? (unsigned)at[1] : (unsigned)*at);
		return;
	}
}

static void check_line(struct check *check, const struct field_rule *rule, const char *value)
{
	(void)rule;
	check_characters(check, value, false);
}

static void check_lines(struct check *check, const struct field_rule *rule, const char *value)
{
	(void)rule;
	check_characters(check, value, true);
}

static void check_code(struct check *check, const struct field_rule *rule, const char *value)
{
	const struct code_list *list = code_list_find(rule->list);
	bool free = list == NULL || (check->own_headings && strcmp(rule->list, "report_heading") == 0);
	if (free ? code_well_formed(value) : code_known(list, value))
		return;
	struct excerpt wrong = excerpt_of(value);
	const char *near = list != NULL ? code_nearest(list, value) : NULL;
	if (near != NULL)
		fault_add(check->faults, &check->path, "'%s' is not a known code: did you mean '%s'?", wrong.text, near);
	else
		fault_add(check->faults, &check->path, "'%s' is not a code of the list %s: see `passerelle codes %s`",
		          wrong.text, rule->list, rule->list);
}

static void check_partial(struct check *check, const struct field_rule *rule, const char *value)
{
	(void)rule;
	struct partial_date date;
	struct fail why = {0};
	if (partial_date_parse(&date, value, &why) != FAIL_NONE)
		fault_add(check->faults, &check->path, "'%s' is not a date: %s", excerpt_of(value).text, why.text);
}

static void check_day(struct check *check, const struct field_rule *rule, const char *value)
{
	(void)rule;
	int32_t day;
	struct fail why = {0};
	if (day_parse(&day, value, &why) != FAIL_NONE)
		fault_add(check->faults, &check->path, "'%s' is not a day: %s", excerpt_of(value).text, why.text);
}

// RFC 5646: a primary language of 2 to 8 letters, then subtags of 1 to 8 letters or digits.
static bool language_well_formed(const char *tag)
{
	size_t run = strspn(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	if (run < 2 || run > 8)
		return false;
	for (tag += run; *tag != '\0'; tag += run) {
		if (*tag++ != '-')
			return false;
		for (run = 0; isalnum((unsigned char)tag[run]); run++)
			;
		if (run < 1 || run > 8)
			return false;
	}
	return true;
}

static void check_language(struct check *check, const struct field_rule *rule, const char *value)
{
	(void)rule;
	if (!language_well_formed(value) || strlen(value) > 35)
		fault_add(check->faults, &check->path, "'%s' is not a language tag: write it like \"fr\", \"wo\", \"km\" or \"ar-SN\"",
		          excerpt_of(value).text);
}

static void check_country(struct check *check, const struct field_rule *rule, const char *value)
{
	(void)rule;
	const struct code_list *list = code_list_find("country");
	must(list != NULL);
	if (strlen(value) != 2 || !code_known(list, value)) // the list has OTHER too, which is no country
		fault_add(check->faults, &check->path, "'%s' is not a country: write two capital letters, like CH, SN or KH (ISO 3166-1)",
		          excerpt_of(value).text);
}

static void check_script(struct check *check, const struct field_rule *rule, const char *value)
{
	(void)rule;
	bool right = strlen(value) == 4 && isupper((unsigned char)value[0]);
	for (size_t i = 1; right && i < 4; i++)
		right = islower((unsigned char)value[i]);
	if (!right)
		fault_add(check->faults, &check->path, "'%s' is not a script: write it like \"Latn\", \"Arab\", \"Khmr\" (ISO 15924)",
		          excerpt_of(value).text);
}

static bool mark_well_formed(const char *value)
{
	size_t length = strlen(value);
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)value[i]) && value[i] != '-')
			return false;
	}
	return length >= 1 && length <= 24;
}

static void check_mark(struct check *check, const struct field_rule *rule, const char *value)
{
	(void)rule;
	if (!mark_well_formed(value))
		fault_add(check->faults, &check->path, "'%s' must be 1 to 24 letters A-Z a-z, digits or hyphens, like \"%s\"",
		          excerpt_of(value).text, rule->kind == TAKES_MARK ? "Q1" : "C1");
}

// "C1, M1": who can be meant; as many as have room.
static void known_persons(const struct check *check, char *text, size_t room)
{
	size_t used = 0;
	text[0] = '\0';
	for (void *at = json_object_iter(check->persons); at != NULL;
	     at = json_object_iter_next(check->persons, at)) {
		const char *one = json_object_iter_key(at);
		if (one[0] == '\0' || used + strlen(one) + 3 > room)
			continue;
		used += (size_t)snprintf(text + used, room - used, "%s%s", used > 0 ? ", " : "", one);
	}
}

static void check_person(struct check *check, const struct field_rule *rule, const char *value)
{
	if (!mark_well_formed(value)) {
		check_mark(check, rule, value);
		return;
	}
	char known[100];
	if (check->persons == NULL || json_object_get(check->persons, value) != NULL)
		return;
	known_persons(check, known, sizeof(known));
	if (message_kind_opens(check->verb->kind))
		fault_add(check->faults, &check->path, "'%s' is nobody's pseudonym: it must stand in persons[].pseudonym",
		          excerpt_of(value).text);
	else
		fault_add(check->faults, &check->path, "'%s' is nobody's pseudonym in this case, which has %s",
		          excerpt_of(value).text, known);
}

static void check_file(struct check *check, const struct field_rule *rule, const char *value)
{
	(void)rule;
	for (size_t i = 0; i < check->attachment_count; i++) {
		if (strcmp(check->attachment[i].name, value) == 0)
			return;
	}
	fault_add(check->faults, &check->path, "'%s' is not attached: add --attach FILE with a file of this name",
	          excerpt_of(value).text);
}

static void check_email(struct check *check, const struct field_rule *rule, const char *value)
{
	const char *at = strchr(value, '@');
	check_line(check, rule, value);
	if (at == NULL || at == value || at[1] == '\0' || strchr(at + 1, '@') != NULL || strchr(value, ' ') != NULL)
		fault_add(check->faults, &check->path, "'%s' is not an e-mail address: it must look like desk@example.org",
		          excerpt_of(value).text);
}

static void check_phone(struct check *check, const struct field_rule *rule, const char *value)
{
	(void)rule;
	size_t digits = 0;
	for (const char *at = value; *at != '\0'; at++)
		digits += isdigit((unsigned char)*at) != 0;
	if (digits < 3 || value[strspn(value, "+0123456789 ()-./x")] != '\0')
		fault_add(check->faults, &check->path, "'%s' is not a telephone number: write it with country code, like +221 33 000 00 00",
		          excerpt_of(value).text);
}

static void check_agency(struct check *check, const struct field_rule *rule, const char *value)
{
	(void)rule;
	if (!member_code_valid(value))
		fault_add(check->faults, &check->path, "'%s' is not a code of an agency: 1 to 16 of A-Z 0-9 -, like UNICEF-SN",
		          excerpt_of(value).text);
}

static void check_stage(struct check *check, const struct field_rule *rule, const char *value)
{
	(void)rule;
	if (strcmp(value, "INTERIM") != 0 && strcmp(value, "FINAL") != 0)
		fault_add(check->faults, &check->path, "'%s' must be INTERIM or FINAL", excerpt_of(value).text);
}

typedef void (*check_call)(struct check *check, const struct field_rule *rule, const char *value);

static const check_call calls[TAKES_COUNT] = {
	[TAKES_TEXT] = check_lines,       [TAKES_LINE] = check_line,         [TAKES_CODE] = check_code,
	[TAKES_PARTIAL] = check_partial,  [TAKES_DAY] = check_day,           [TAKES_LANGUAGE] = check_language,
	[TAKES_COUNTRY] = check_country,  [TAKES_SCRIPT] = check_script,     [TAKES_NEW_PERSON] = check_mark,
	[TAKES_PERSON] = check_person,    [TAKES_MARK] = check_mark,         [TAKES_FILE] = check_file,
	[TAKES_EMAIL] = check_email,      [TAKES_PHONE] = check_phone,       [TAKES_AGENCY] = check_agency,
	[TAKES_STAGE] = check_stage,
};

void check_text(struct check *check, const struct field_rule *rule, const char *value)
{
	size_t length = count_characters(value);
	if (rule->max > 0 && length > rule->max &&
	    (rule->kind == TAKES_TEXT || rule->kind == TAKES_LINE || rule->kind == TAKES_EMAIL)) {
		fault_add(check->faults, &check->path,
		          "%zu characters, at most %u are possible: shorten it, or attach it as a file", length, rule->max);
		return;
	}
	must(calls[rule->kind] != NULL);
	calls[rule->kind](check, rule, value);
}
