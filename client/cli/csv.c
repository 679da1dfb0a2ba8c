// SPDX-License-Identifier: Apache-2.0
#include "cli/csv.h"

#include <stdbool.h>
#include <string.h>

static bool is_number(const char *cell)
{
	size_t sign = cell[0] == '-' || cell[0] == '+', digits = strspn(cell + sign, "0123456789");
	const char *rest = cell + sign + digits;
	if (digits > 0 && *rest == '.') {
		size_t more = strspn(rest + 1, "0123456789");
		return more > 0 && rest[1 + more] == '\0';
	}
	return digits > 0 && *rest == '\0';
}

static bool is_formula(const char *cell)
{
	cell += strspn(cell, " ");
	return *cell != '\0' && strchr("=+-@\t\r", *cell) != NULL && !is_number(cell);
}

static void write_cell(FILE *file, const char *cell)
{
	bool guarded = is_formula(cell), quoted = guarded || strpbrk(cell, "\",;\t\r\n ") != NULL;
	if (quoted)
		fputc('"', file);
	if (guarded)
		fputc('\'', file);
	for (; *cell != '\0'; cell++) {
		unsigned char c = (unsigned char)*cell;
		bool control = (c < 0x20 && c != '\n') || c == 0x7f;
		if (c == '"')
			fputc('"', file);
		fputc(control ? ' ' : c, file);
	}
	if (quoted)
		fputc('"', file);
}

void csv_write_row(FILE *file, const char *const *cell, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			fputc(',', file);
		write_cell(file, cell[i]);
	}
	fputs("\r\n", file);
}

void csv_write_mark(FILE *file)
{
	fputs("\xEF\xBB\xBF", file);
}
