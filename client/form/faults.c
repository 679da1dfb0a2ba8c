// SPDX-License-Identifier: Apache-2.0
#include "form/faults.h"

#include "base/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PLACES = sizeof(((struct form_faults *)0)->fault) / sizeof(struct form_fault) };

static size_t go_down(struct form_path *path, const char *piece)
{
	size_t before = path->length;
	size_t length = strlen(piece);
	if (before + length >= sizeof(path->text))
		length = sizeof(path->text) - 1 - before;
	memcpy(path->text + before, piece, length);
	path->length = before + length;
	path->text[path->length] = '\0';
	return before;
}

size_t path_field(struct form_path *path, const char *name)
{
	size_t before = path->length;
	if (before > 0)
		go_down(path, ".");
	go_down(path, name);
	return before;
}

size_t path_entry(struct form_path *path, size_t index)
{
	char piece[24];
	snprintf(piece, sizeof(piece), "[%zu]", index);
	return go_down(path, piece);
}

void path_back(struct form_path *path, size_t length)
{
	path->length = length;
	path->text[length] = '\0';
}

// Takes half a character away that a cut left at the end.
static void end_whole(char *text, size_t length)
{
	size_t start = length;
	while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
		start--;
	if (start == 0)
		return;
	unsigned char lead = (unsigned char)text[start - 1];
	size_t needed = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	if (length - (start - 1) < needed)
		text[start - 1] = '\0';
}

static void count_only(struct form_faults *faults)
{
	struct form_fault *last = &faults->fault[PLACES - 1];
	faults->beyond += faults->beyond == 0 ? 2 : 1; // the first one pushes the last kept one out
	snprintf(last->path, sizeof(last->path), "form");
	snprintf(last->text, sizeof(last->text), words_of("and %zu more faults"), faults->beyond);
}

void fault_add(struct form_faults *faults, const struct form_path *path, const char *format, ...)
{
	if (faults->count >= PLACES) {
		count_only(faults);
		return;
	}
	struct form_fault *fault = &faults->fault[faults->count++];
	snprintf(fault->path, sizeof(fault->path), "%s", path->length > 0 ? path->text : "form");
	end_whole(fault->path, strlen(fault->path));
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(fault->text, sizeof(fault->text), words_of(format), arguments);
	va_end(arguments);
	end_whole(fault->text, strlen(fault->text));
}

bool fault_told(const struct form_faults *faults, const struct form_path *path)
{
	for (size_t i = 0; i < faults->count; i++) {
		if (strcmp(faults->fault[i].path, path->text) == 0)
			return true;
	}
	return false;
}

struct excerpt excerpt_of(const char *value)
{
	enum { MOST = 40 };
	struct excerpt excerpt;
	size_t length = strlen(value);
	size_t kept = length > MOST ? MOST : length;
	memcpy(excerpt.text, value, kept);
	excerpt.text[kept] = '\0';
	end_whole(excerpt.text, kept);
	if (length > MOST)
		memcpy(excerpt.text + strlen(excerpt.text), "...", 4);
	return excerpt;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

// Levenshtein's distance with one row; texts over 63 bytes are never near.
static unsigned distance_between(const char *a, const char *b)
{
	unsigned row[64];
	size_t length = strlen(b);
	if (strlen(a) >= 64 || length >= 64)
		return 64;
	for (unsigned j = 0; j <= length; j++)
		row[j] = j;
	for (unsigned i = 1; a[i - 1] != '\0'; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			unsigned replaced = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[length];
}

void nearest_try(const char *wrong, const char *candidate, const char **nearest, unsigned *distance)
{
	unsigned found = distance_between(wrong, candidate);
	if (found > 3 || found * 2 > strlen(wrong) || found >= *distance)
		return;
	*distance = found;
	*nearest = candidate;
}
