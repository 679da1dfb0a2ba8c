// SPDX-License-Identifier: Apache-2.0
#include "cli/plot.h"

#include "cli/flow.h"
#include "cli/language.h"
#include "cli/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { WIDTH = 800, LEFT = 150, ROW = 20, GAP = 40, MOST_MEMBERS = 16, MOST_BARS = 256 };

struct bar {
	const char *name;
	double value, other; // `other` only where members ask and are asked
};

struct bars {
	struct bar bar[MOST_BARS];
	size_t count;
};

struct picture {
	FILE *file;
	double y;
};

// Codes come from the hub: nothing in them may become a tag.
static void put_escaped(FILE *file, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '<')
			fputs("&lt;", file);
		else if (*text == '>')
			fputs("&gt;", file);
		else if (*text == '&')
			fputs("&amp;", file);
		else
			fputc((unsigned char)*text < 0x20 || *text == 0x7F ? '?' : *text, file);
	}
}

static void put_text(struct picture *picture, double x, double y, const char *style, const char *text)
{
	fprintf(picture->file, "<text x=\"%.0f\" y=\"%.0f\" %s>", x, y, style);
	put_escaped(picture->file, text);
	fputs("</text>\n", picture->file);
}

static void put_number(struct picture *picture, double x, double y, const char *style, double number)
{
	char text[32];
	snprintf(text, sizeof text, "%.0f", number);
	put_text(picture, x, y, style, text);
}

static void put_box(struct picture *picture, double x, double y, double width, double height, const char *fill)
{
	fprintf(picture->file, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", x, y, width,
	        height, fill);
}

static void put_head(struct picture *picture, const char *text)
{
	picture->y += GAP;
	put_text(picture, 20, picture->y, "font-weight=\"bold\" font-size=\"15\"", text);
	picture->y += 12;
}

static struct bar *bar_of(struct bars *bars, const char *name)
{
	for (size_t i = 0; i < bars->count; i++) {
		if (strcmp(bars->bar[i].name, name) == 0)
			return &bars->bar[i];
	}
	if (bars->count == MOST_BARS)
		return NULL;
	bars->bar[bars->count] = (struct bar){name, 0, 0};
	return &bars->bar[bars->count++];
}

// Sums of one figure by `key`; into `other` for the second side.
static void gather(struct bars *bars, const json_t *items, const char *figure, const char *key, bool other)
{
	size_t i;
	json_t *item;
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		if (strcmp(key_text(item, "figure"), figure) != 0)
			continue;
		struct bar *bar = bar_of(bars, key_text(item, key));
		double cases = strtod(key_text(item, "cases"), NULL);
		if (bar != NULL)
			*(other ? &bar->other : &bar->value) += cases;
	}
}

static double greatest(const struct bars *bars)
{
	double most = 1;
	for (size_t i = 0; i < bars->count; i++) {
		most = bars->bar[i].value > most ? bars->bar[i].value : most;
		most = bars->bar[i].other > most ? bars->bar[i].other : most;
	}
	return most;
}

static void draw_bars(struct picture *picture, const struct bars *bars)
{
	double most = greatest(bars);
	for (size_t i = 0; i < bars->count; i++, picture->y += ROW) {
		double length = bars->bar[i].value / most * (WIDTH - LEFT - 90);
		put_text(picture, LEFT - 8, picture->y + 14, "text-anchor=\"end\"", bars->bar[i].name);
		put_box(picture, LEFT, picture->y + 3, length, ROW - 6, "#1f5fa8");
		put_number(picture, LEFT + length + 6, picture->y + 14, "", bars->bar[i].value);
	}
}

// To the left who asks, to the right who is asked; both have their numbers, so that nobody depends on the colours.
static void draw_sides(struct picture *picture, const struct bars *bars)
{
	double most = greatest(bars), middle = WIDTH / 2.0, room = middle - 90;
	put_text(picture, middle - 30, picture->y + 12, "text-anchor=\"end\" font-style=\"italic\"", _("asks"));
	put_text(picture, middle + 30, picture->y + 12, "font-style=\"italic\"", _("is asked"));
	picture->y += ROW;
	for (size_t i = 0; i < bars->count && i < MOST_MEMBERS; i++, picture->y += ROW) {
		const struct bar *bar = &bars->bar[i];
		double left = bar->value / most * room, right = bar->other / most * room;
		put_text(picture, middle, picture->y + 14, "text-anchor=\"middle\"", bar->name);
		put_box(picture, middle - 28 - left, picture->y + 3, left, ROW - 6, "#1f5fa8");
		put_number(picture, middle - 34 - left, picture->y + 14, "text-anchor=\"end\"", bar->value);
		put_box(picture, middle + 28, picture->y + 3, right, ROW - 6, "#c26a00");
		put_number(picture, middle + 34 + right, picture->y + 14, "", bar->other);
	}
}

static int by_size(const void *left, const void *right)
{
	const struct bar *a = left, *b = right;
	double difference = (b->value + b->other) - (a->value + a->other);
	return difference < 0 ? -1 : difference > 0;
}

// A strip from the half to nine in ten of each step.
static void draw_steps(struct picture *picture, const json_t *items)
{
	static const char *const figures[] = {"ACKNOWLEDGED", "DECIDED", "REPORTED"};
	const double scale = (WIDTH - LEFT - 120) / 365.0;
	for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
		const char *half = flow_days_of(items, figures[i], "", 50), *most = flow_days_of(items, figures[i], "", 90);
		if (flow_cases_within(items, figures[i], "", 0) <= 0)
			continue;
		double from = half != NULL ? strtod(half, NULL) : 365, to = most != NULL ? strtod(most, NULL) : 365;
		char *told = memory_format(_("%s days; nine in ten: %s"), half != NULL ? half : "> 365", most != NULL ? most : "> 365");
		put_text(picture, LEFT - 8, picture->y + 14, "text-anchor=\"end\"", _(figures[i]));
		put_box(picture, LEFT, picture->y + 9, to * scale, 2, "#888888");
		put_box(picture, LEFT + from * scale - 2, picture->y + 3, 4, ROW - 6, "#1f5fa8");
		put_box(picture, LEFT + to * scale - 2, picture->y + 3, 4, ROW - 6, "#c26a00");
		put_text(picture, LEFT + to * scale + 8, picture->y + 14, "", told);
		free(told);
		picture->y += ROW;
	}
}

static void draw_period(struct picture *picture, const json_t *items)
{
	struct bars months = {.count = 0}, members = {.count = 0};
	gather(&months, items, "OPENED_MONTH", "month", false);
	gather(&members, items, "OPENED_ASKS", "requesting", false);
	gather(&members, items, "OPENED_ASKED", "responding", true);
	qsort(members.bar, members.count, sizeof members.bar[0], by_size);
	put_head(picture, _("Cases opened in each month"));
	draw_bars(picture, &months);
	put_head(picture, _("Days from step to step: half of the cases, and nine in ten"));
	draw_steps(picture, items);
	put_head(picture, _("Members with the most cases"));
	draw_sides(picture, &members);
}

static bool is_pair(const json_t *item)
{
	return strcmp(key_text(item, "requesting"), "*") != 0 && strcmp(key_text(item, "responding"), "*") != 0;
}

static double cases_between(const json_t *items, const char *asks, const char *asked)
{
	size_t i;
	json_t *item;
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		if (strcmp(key_text(item, "requesting"), asks) == 0 && strcmp(key_text(item, "responding"), asked) == 0)
			return strtod(key_text(item, "cases"), NULL);
	}
	return 0;
}

static void draw_cell(struct picture *picture, double x, double y, double cases, double most)
{
	enum { CELL = 38 };
	if (cases <= 0)
		return;
	double share = cases / most;
	char fill[32];
	snprintf(fill, sizeof fill, "rgb(%.0f,%.0f,%.0f)", 235 - 200 * share, 242 - 150 * share, 250 - 80 * share);
	put_box(picture, x, y, CELL - 2, ROW - 2, fill);
	put_number(picture, x + CELL / 2.0 - 1, y + 14,
	           share > 0.5 ? "text-anchor=\"middle\" fill=\"white\"" : "text-anchor=\"middle\"", cases);
}

// Who asked whom, among those with the most cases: a table whose cells are the darker the more they hold.
static void draw_pairs(struct picture *picture, const json_t *items)
{
	enum { CELL = 38 };
	struct bars members = {.count = 0};
	size_t i;
	json_t *item;
	double most = 1;
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		double cases = strtod(key_text(item, "cases"), NULL);
		struct bar *asks = is_pair(item) ? bar_of(&members, key_text(item, "requesting")) : NULL;
		struct bar *asked = is_pair(item) ? bar_of(&members, key_text(item, "responding")) : NULL;
		if (asks != NULL)
			asks->value += cases;
		if (asked != NULL)
			asked->other += cases;
		most = is_pair(item) && cases > most ? cases : most;
	}
	qsort(members.bar, members.count, sizeof members.bar[0], by_size);
	size_t shown = members.count < MOST_MEMBERS ? members.count : MOST_MEMBERS;
	put_head(picture, _("Who asks (rows) whom (columns); an empty cell: few or none"));
	picture->y += ROW;
	for (size_t column = 0; column < shown; column++)
		put_text(picture, LEFT + (double)column * CELL + CELL / 2.0, picture->y, "text-anchor=\"middle\"",
		         members.bar[column].name);
	picture->y += 6;
	for (size_t row = 0; row < shown; row++, picture->y += ROW) {
		put_text(picture, LEFT - 8, picture->y + 14, "text-anchor=\"end\"", members.bar[row].name);
		for (size_t column = 0; column < shown; column++)
			draw_cell(picture, LEFT + (double)column * CELL, picture->y,
			          cases_between(items, members.bar[row].name, members.bar[column].name), most);
	}
}

// A table: on two sides where it has them, else one bar for each row. Services of a region stand in the table alone.
static void draw_table(struct picture *picture, const json_t *document)
{
	struct bars bars = {.count = 0};
	bool sides = false;
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(document, "items"), i, row) {
		static const char *const keys[] = {"opened", "open", "cases", "asks", "asks_cases"};
		struct bar *bar = strcmp(key_text(row, "service"), "") == 0 ? bar_of(&bars, key_text(row, "name")) : NULL;
		if (bar == NULL)
			continue;
		for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
			bar->value += (double)json_integer_value(json_object_get(row, keys[k]));
		bar->other += (double)(json_integer_value(json_object_get(row, "asked")) + json_integer_value(json_object_get(row, "asked_cases")));
		sides |= bar->other > 0;
	}
	qsort(bars.bar, bars.count, sizeof bars.bar[0], by_size);
	put_head(picture, _("Cases"));
	if (sides)
		draw_sides(picture, &bars);
	else
		draw_bars(picture, &bars);
}

static void draw(struct picture *picture, const json_t *document)
{
	const json_t *items = json_object_get(document, "items");
	if (strcmp(key_text(document, "schema"), "passerelle.flow_period/1") == 0)
		draw_period(picture, items);
	else if (strcmp(key_text(document, "schema"), "passerelle.flow_table/1") == 0)
		draw_table(picture, document);
	else
		draw_pairs(picture, items);
	picture->y += GAP;
	put_text(picture, 20, picture->y, "fill=\"#444444\"", _("Small counts never leave the hub."));
	picture->y += 20;
}

// The height is known at the end: drawn once into nothing, then into the file.
static void draw_all(FILE *file, const json_t *document)
{
	char *nothing = NULL;
	size_t length = 0;
	struct picture picture = {open_memstream(&nothing, &length), 0};
	if (picture.file == NULL)
		abort();
	draw(&picture, document);
	fclose(picture.file);
	fprintf(file, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%d\" height=\"%.0f\" viewBox=\"0 0 %d %.0f\" font-family=\"sans-serif\" font-size=\"12\">\n",
	        WIDTH, picture.y, WIDTH, picture.y);
	fputs("<title>", file);
	put_escaped(file, _("Flow of cases between members"));
	fputs("</title>\n<desc>", file);
	put_escaped(file, _("Counts alone, no case and no person; each bar and cell has its number beside it."));
	fprintf(file, "</desc>\n<rect width=\"%d\" height=\"%.0f\" fill=\"white\"/>\n", WIDTH, picture.y);
	fwrite(nothing, 1, length, file);
	fputs("</svg>\n", file);
	free(nothing);
}

int plot_flow(struct out *out, const json_t *document, const char *file)
{
	int made = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
	FILE *stream = made < 0 ? NULL : fdopen(made, "w");
	if (stream == NULL)
		return out_fail(out, EX_CANTCREAT, "IO", "name a file that is not there yet", "'%s': %s", file,
		                strerror(errno));
	draw_all(stream, document);
	bool written = ferror(stream) == 0;
	if (fclose(stream) == 0 && written)
		return EX_OK;
	unlink(file);
	return out_fail(out, EX_IOERR, "IO", "make room on the disk", "'%s' could not be written", file);
}
