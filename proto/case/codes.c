// SPDX-License-Identifier: Apache-2.0
#include "case/codes.h"

#include "case/code_table.h"

#include <string.h>

enum { CODE_LENGTH = 40, NEAREST_DISTANCE = 3 };

const struct code_list *code_list_find(const char *name)
{
	for (unsigned i = 0; i < code_list_count; i++) {
		if (strcmp(code_lists[i].name, name) == 0)
			return &code_lists[i];
	}
	return NULL;
}

const struct code_list *code_list_at(unsigned index)
{
	return index < code_list_count ? &code_lists[index] : NULL;
}

const char *code_list_name(const struct code_list *list)
{
	return list->name;
}

static const struct code_row *find_row(const struct code_list *list, const char *code)
{
	for (unsigned i = 0; i < list->count; i++) {
		if (strcmp(list->rows[i].code, code) == 0)
			return &list->rows[i];
	}
	return NULL;
}

bool code_known(const struct code_list *list, const char *code)
{
	return find_row(list, code) != NULL;
}

bool code_well_formed(const char *code)
{
	size_t length = strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	bool starts_well = code[0] >= 'A' && code[0] <= 'Z';
	return starts_well && code[length] == '\0' && length <= CODE_LENGTH;
}

// Column of a language tag: only its first two letters count ("fr-CH" is "fr"). English if there is none.
static unsigned column_of(const char *language)
{
	static const char columns[CODE_LANGUAGES][3] = {"en", "fr", "es", "de"};
	for (unsigned i = 0; i < CODE_LANGUAGES; i++) {
		bool whole = strncmp(language, columns[i], 2) == 0 && strchr("-_.@", language[2]) != NULL;
		if (whole)
			return i;
	}
	return 0;
}

const char *code_label(const struct code_list *list, const char *code, const char *language)
{
	const struct code_row *row = find_row(list, code);
	return row == NULL ? code : row->label[column_of(language)];
}

const char *code_at(const struct code_list *list, unsigned index)
{
	return index < list->count ? list->rows[index].code : NULL;
}

static char capital(char letter)
{
	if (letter >= 'a' && letter <= 'z')
		return (char)(letter - 'a' + 'A');
	return letter == '-' || letter == ' ' ? '_' : letter;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;
	return ab < c ? ab : c;
}

// Letters put in, left out or changed between the two; `wrong` has at most CODE_LENGTH letters.
static unsigned edit_distance(const char *code, const char *wrong)
{
	unsigned row[CODE_LENGTH + 1];
	size_t length = strlen(wrong);
	for (unsigned j = 0; j <= length; j++)
		row[j] = j;
	for (unsigned i = 1; code[i - 1] != '\0'; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= length; j++) {
			unsigned changed = diagonal + (code[i - 1] != capital(wrong[j - 1]));
			diagonal = row[j];
			row[j] = least(row[j] + 1, row[j - 1] + 1, changed);
		}
	}
	return row[length];
}

const char *code_nearest(const struct code_list *list, const char *wrong)
{
	size_t length = strlen(wrong);
	if (length > CODE_LENGTH)
		return NULL;
	const char *nearest = NULL;
	unsigned best = NEAREST_DISTANCE + 1;
	for (unsigned i = 0; i < list->count; i++) {
		const char *code = list->rows[i].code;
		unsigned distance = edit_distance(code, wrong);
		// A code that shares no letter with what was typed is no help.
		if (distance < best && distance < strlen(code)) {
			nearest = code;
			best = distance;
		}
	}
	return nearest;
}
