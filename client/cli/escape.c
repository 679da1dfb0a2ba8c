// SPDX-License-Identifier: Apache-2.0
#include "cli/escape.h"

#include "cli/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// Length of the well-formed UTF-8 sequence at `at` (Unicode 15, table 3-7), 0 if there is none.
static size_t sequence(const unsigned char *at, size_t rest, uint32_t *point)
{
	static const struct {
		unsigned char first, last, least, most; // lead bytes; range of the second byte
		size_t length;
	} rows[] = {
		{0x00, 0x7F, 0x80, 0xBF, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
		{0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4},
		{0xF4, 0xF4, 0x80, 0x8F, 4},
	};
	size_t row = 0, count = sizeof(rows) / sizeof(rows[0]);
	while (row < count && (at[0] < rows[row].first || at[0] > rows[row].last))
		row++;
	if (row == count || rows[row].length > rest)
		return 0;
	size_t length = rows[row].length;
	if (length > 1 && (at[1] < rows[row].least || at[1] > rows[row].most))
		return 0;
	*point = length == 1 ? at[0] : at[0] & (0x7FU >> length);
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return 0;
		*point = *point << 6 | (at[i] & 0x3F);
	}
	return length;
}

static bool obeyed_by_terminals(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0x1F},       {0x7F, 0x9F},     {0x061C, 0x061C}, {0x200E, 0x200F},   {0x2028, 0x202E},
		{0x2066, 0x206F},   {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
	};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	}
	return false;
}

char *escape_text(const char *text, size_t length)
{
	enum { LONGEST = 12 }; // "\u{10FFFF}" and its NUL
	char *escaped = memory_take(length * LONGEST + 1), *to = escaped;
	const unsigned char *at = (const unsigned char *)text;
	for (size_t used; length > 0; at += used, length -= used) {
		uint32_t point = 0;
		used = sequence(at, length, &point);
		if (used == 0) {
			to += snprintf(to, LONGEST, "\\x%02x", at[0]);
			used = 1;
		} else if (!obeyed_by_terminals(point)) {
			memcpy(to, at, used);
			to += used;
		} else if (point < 0x80) {
			to += snprintf(to, LONGEST, "\\x%02x", point);
		} else {
			to += snprintf(to, LONGEST, "\\u{%X}", point);
		}
	}
	*to = '\0';
	return escaped;
}

// Inside strings JSON allows \u escapes; line feeds between the values stay as they are.
char *escape_json(const char *json, size_t length)
{
	enum { LONGEST = 13 }; // a surrogate pair and its NUL
	char *escaped = memory_take(length * LONGEST + 1), *to = escaped;
	const unsigned char *at = (const unsigned char *)json;
	for (size_t used; length > 0; at += used, length -= used) {
		uint32_t point = 0;
		used = sequence(at, length, &point);
		if (used == 0) {
			*to++ = '?';
			used = 1;
		} else if (point == '\n' || !obeyed_by_terminals(point)) {
			memcpy(to, at, used);
			to += used;
		} else if (point < 0x10000) {
			to += snprintf(to, LONGEST, "\\u%04X", point);
		} else {
			to += snprintf(to, LONGEST, "\\u%04X\\u%04X", 0xD7C0 + (point >> 10), 0xDC00 + (point & 0x3FF));
		}
	}
	*to = '\0';
	return escaped;
}
