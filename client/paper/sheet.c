// SPDX-License-Identifier: Apache-2.0
#include "paper/sheet.h"

#include "paper/clean.h"
#include "paper/picture.h"

#include <pango/pangocairo.h>
#include <cairo-pdf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Points: 72 an inch.
enum {
	PAGE_WIDTH = 595, PAGE_HEIGHT = 842, // A4
	MARGIN = 56, FOOT = 34,
	INDENT = 14, LABEL_WIDTH = 130, LABEL_GAP = 8,
	LINE_GAP = 2, PARAGRAPH_GAP = 5,
};

// Fonts that go together; a script that none of these has is drawn with whatever has it.
#define FAMILIES "Noto Sans,Noto Sans Arabic,Noto Sans Khmer,Noto Sans Hebrew,Noto Sans Ethiopic "

static const char text_font[] = FAMILIES "10", label_font[] = FAMILIES "Bold 10", foot_font[] = FAMILIES "8";
static const char *const heading_fonts[SHEET_LEVELS] = {FAMILIES "Bold 17", FAMILIES "Bold 13", FAMILIES "Bold 11.5"};

struct sheet {
	const struct sheet_paper *paper;
	cairo_surface_t *surface;
	cairo_t *cairo;
	bool drawing;        // the second time, into the file
	double y;            // where the next line goes
	unsigned page, pages; // from 1; `pages` is known the second time
};

static PangoLayout *layout_of(const struct sheet *sheet, const char *font, double width, const char *text)
{
	char *clean = clean_text(text);
	PangoLayout *layout = pango_cairo_create_layout(sheet->cairo);
	PangoFontDescription *description = pango_font_description_from_string(font);
	pango_layout_set_font_description(layout, description);
	pango_font_description_free(description);
	pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_auto_dir(layout, TRUE);
	pango_layout_set_text(layout, clean, -1);
	free(clean);
	return layout;
}

static double height_of(PangoLayout *layout)
{
	PangoRectangle logical;
	pango_layout_get_extents(layout, NULL, &logical);
	return (double)logical.height / PANGO_SCALE;
}

static void draw_foot(struct sheet *sheet)
{
	char place[32];
	snprintf(place, sizeof place, "%u / %u", sheet->page, sheet->pages);
	const char *texts[] = {sheet->paper->foot, place};
	for (int i = 0; i < 2; i++) {
		PangoLayout *layout = layout_of(sheet, foot_font, PAGE_WIDTH - 2 * MARGIN, texts[i]);
		pango_layout_set_auto_dir(layout, FALSE);
		pango_layout_set_alignment(layout, i == 0 ? PANGO_ALIGN_LEFT : PANGO_ALIGN_RIGHT);
		cairo_move_to(sheet->cairo, MARGIN, PAGE_HEIGHT - FOOT);
		pango_cairo_show_layout(sheet->cairo, layout);
		g_object_unref(layout);
	}
}

static void end_page(struct sheet *sheet)
{
	if (sheet->drawing)
		draw_foot(sheet);
	cairo_show_page(sheet->cairo);
}

// Room for so much on this page, or a new one.
static void need(struct sheet *sheet, double height)
{
	if (sheet->y + height <= PAGE_HEIGHT - MARGIN || sheet->y <= MARGIN)
		return;
	end_page(sheet);
	sheet->page++;
	sheet->y = MARGIN;
}

// Line by line from sheet->y on; a long text goes on on the next page.
static void put(struct sheet *sheet, PangoLayout *layout, double x, const char *tag)
{
	PangoLayoutIter *at = pango_layout_get_iter(layout);
	cairo_tag_begin(sheet->cairo, tag, NULL);
	do {
		PangoRectangle logical;
		PangoLayoutLine *line = pango_layout_iter_get_line_readonly(at);
		pango_layout_iter_get_line_extents(at, NULL, &logical);
		double height = (double)logical.height / PANGO_SCALE;
		int top = logical.y, base = pango_layout_iter_get_baseline(at);
		need(sheet, height);
		cairo_move_to(sheet->cairo, x + (double)logical.x / PANGO_SCALE, sheet->y + (double)(base - top) / PANGO_SCALE);
		pango_cairo_show_layout_line(sheet->cairo, line);
		sheet->y += height;
	} while (pango_layout_iter_next_line(at));
	cairo_tag_end(sheet->cairo, tag);
	pango_layout_iter_free(at);
}

void sheet_heading(struct sheet *sheet, unsigned level, const char *text)
{
	static const char *const tags[] = {"H1", "H2", "H3"};
	unsigned which = level < 1 ? 1 : level > SHEET_LEVELS ? SHEET_LEVELS : level;
	PangoLayout *layout = layout_of(sheet, heading_fonts[which - 1], PAGE_WIDTH - 2 * MARGIN, text);
	enum { LINES_BELOW = 5, LINES_OF_HEADING = 3, LINE = 14 };
	if (sheet->y > MARGIN)
		sheet->y += which < SHEET_LEVELS ? 3 * PARAGRAPH_GAP : PARAGRAPH_GAP;
	// Also where a smaller heading comes next: none stands alone at the foot of a page.
	need(sheet, height_of(layout) + (LINES_BELOW + LINES_OF_HEADING * (SHEET_LEVELS - which)) * LINE);
	if (sheet->drawing && which < 3) {
		char link[64], *clean = clean_text(text);
		snprintf(link, sizeof link, "page=%u pos=[%d %d]", sheet->page, MARGIN, (int)sheet->y);
		cairo_pdf_surface_add_outline(sheet->surface, CAIRO_PDF_OUTLINE_ROOT, clean, link, CAIRO_PDF_OUTLINE_FLAG_OPEN);
		free(clean);
	}
	put(sheet, layout, MARGIN, tags[which - 1]);
	sheet->y += PARAGRAPH_GAP;
	g_object_unref(layout);
}

static double left_of(unsigned indent)
{
	return MARGIN + INDENT * (double)(indent > SHEET_INDENTS ? SHEET_INDENTS : indent);
}

void sheet_text(struct sheet *sheet, unsigned indent, const char *text)
{
	double left = left_of(indent);
	PangoLayout *layout = layout_of(sheet, text_font, PAGE_WIDTH - MARGIN - left, text);
	put(sheet, layout, left, "P");
	sheet->y += PARAGRAPH_GAP;
	g_object_unref(layout);
}

void sheet_fact(struct sheet *sheet, unsigned indent, const char *label, const char *text)
{
	bool alone = text[0] == '\0';
	double left = left_of(indent), right = left + LABEL_WIDTH + LABEL_GAP;
	PangoLayout *name = layout_of(sheet, label_font, alone ? PAGE_WIDTH - MARGIN - left : LABEL_WIDTH, label);
	PangoLayout *value = layout_of(sheet, text_font, PAGE_WIDTH - MARGIN - right, text);
	need(sheet, height_of(name));
	unsigned page = sheet->page;
	double top = sheet->y;
	put(sheet, name, left, "P");
	double below = sheet->y;
	if (!alone) {
		sheet->y = top;
		put(sheet, value, right, "P");
	}
	if (page == sheet->page && sheet->y < below)
		sheet->y = below;
	sheet->y += LINE_GAP;
	g_object_unref(name);
	g_object_unref(value);
}

// Tables, charts, pictures

enum {
	ROW_GAP = 3,
	CELL_GAP = 6,
	BAR_HEIGHT = 10,
	BAR_LEFT = MARGIN + 150,
	BAR_ROOM = PAGE_WIDTH - MARGIN - BAR_LEFT - 45,
	BAR_ROW = 16
};

static double width_of_cell(size_t columns, size_t column)
{
	const double room = PAGE_WIDTH - 2 * MARGIN, first = columns == 1 ? room : room * (columns < 4 ? 0.5 : 0.3);
	return column == 0 ? first : (room - first) / (double)(columns - 1);
}

static double put_cell(struct sheet *sheet, PangoLayout *cell, double left)
{
	double top = sheet->y, height;
	cairo_tag_begin(sheet->cairo, "P", NULL);
	cairo_move_to(sheet->cairo, left, top);
	pango_cairo_show_layout(sheet->cairo, cell);
	cairo_tag_end(sheet->cairo, "P");
	height = height_of(cell);
	g_object_unref(cell);
	return height;
}

static void put_rule(struct sheet *sheet, double width)
{
	cairo_set_line_width(sheet->cairo, width);
	cairo_move_to(sheet->cairo, MARGIN, sheet->y);
	cairo_line_to(sheet->cairo, PAGE_WIDTH - MARGIN, sheet->y);
	cairo_stroke(sheet->cairo);
}

void sheet_row(struct sheet *sheet, const char *const *cell, size_t columns, bool head)
{
	enum { MOST = 16 };
	PangoLayout *layouts[MOST];
	double highest = 0, left = MARGIN;
	columns = columns < MOST ? columns : MOST;
	for (size_t i = 0; i < columns; i++) {
		layouts[i] = layout_of(sheet, head ? label_font : text_font, width_of_cell(columns, i) - CELL_GAP, cell[i]);
		if (i > 0) {
			pango_layout_set_auto_dir(layouts[i], FALSE);
			pango_layout_set_alignment(layouts[i], PANGO_ALIGN_RIGHT);
		}
		double height = height_of(layouts[i]);
		highest = height > highest ? height : highest;
	}
	need(sheet, highest + ROW_GAP);
	for (size_t i = 0; i < columns; i++) {
		put_cell(sheet, layouts[i], left);
		left += width_of_cell(columns, i);
	}
	sheet->y += highest + 1;
	put_rule(sheet, head ? 1.0 : 0.25);
	sheet->y += ROW_GAP - 1;
}

bool sheet_has_room(const struct sheet *sheet)
{
	enum { ROW_HEIGHT = 20 };
	return sheet->y + ROW_HEIGHT <= PAGE_HEIGHT - MARGIN;
}

void sheet_bar(struct sheet *sheet, const char *label, double value, double most)
{
	char number[32];
	double length = most > 0 ? value / most * BAR_ROOM : 0;
	snprintf(number, sizeof number, "%.0f", value);
	PangoLayout *name = layout_of(sheet, text_font, BAR_LEFT - MARGIN - LABEL_GAP, label);
	double height = height_of(name) > BAR_ROW ? height_of(name) : BAR_ROW;
	need(sheet, height);
	put_cell(sheet, name, MARGIN);
	cairo_save(sheet->cairo);
	cairo_set_source_rgb(sheet->cairo, 0.12, 0.37, 0.66);
	cairo_rectangle(sheet->cairo, BAR_LEFT, sheet->y + 3, length, BAR_HEIGHT);
	cairo_fill(sheet->cairo);
	cairo_restore(sheet->cairo);
	put_cell(sheet, layout_of(sheet, text_font, 60, number), BAR_LEFT + length + 5);
	sheet->y += height;
}

void sheet_gap(struct sheet *sheet)
{
	sheet->y += 2 * PARAGRAPH_GAP;
}

static void draw_picture(struct sheet *sheet, const struct picture *picture, double scale)
{
	cairo_save(sheet->cairo);
	cairo_translate(sheet->cairo, MARGIN, sheet->y);
	cairo_scale(sheet->cairo, scale, scale);
	cairo_set_source_surface(sheet->cairo, picture->surface, 0, 0);
	cairo_paint(sheet->cairo);
	cairo_restore(sheet->cairo);
}

void sheet_picture(struct sheet *sheet, const struct picture *picture, const char *alt)
{
	enum { MOST_HIGH = PAGE_HEIGHT / 3 };
	const double room = PAGE_WIDTH - 2 * MARGIN, width = cairo_image_surface_get_width(picture->surface),
				 height = cairo_image_surface_get_height(picture->surface);
	double scale = room / width < MOST_HIGH / height ? room / width : MOST_HIGH / height;
	scale = scale > 1 ? 1 : scale;
	PangoLayout *below = layout_of(sheet, foot_font, room, alt);
	need(sheet, height * scale + PARAGRAPH_GAP + height_of(below));
	if (sheet->drawing)
		draw_picture(sheet, picture, scale);
	sheet->y += height * scale + LINE_GAP;
	put(sheet, below, MARGIN, "P");
	sheet->y += 2 * PARAGRAPH_GAP;
	g_object_unref(below);
}

static void compose_once(struct sheet *sheet, sheet_composer *compose, const void *content)
{
	sheet->y = MARGIN;
	sheet->page = 1;
	compose(sheet, content);
	end_page(sheet);
	sheet->pages = sheet->page;
}

static const char *finish(struct sheet *sheet)
{
	cairo_destroy(sheet->cairo);
	cairo_surface_finish(sheet->surface);
	cairo_status_t status = cairo_surface_status(sheet->surface);
	cairo_surface_destroy(sheet->surface);
	return status == CAIRO_STATUS_SUCCESS ? NULL : cairo_status_to_string(status);
}

const char *sheet_print(const struct sheet_paper *paper, sheet_composer *compose, const void *content)
{
	struct sheet sheet = {.paper = paper};
	sheet.surface = cairo_pdf_surface_create(NULL, PAGE_WIDTH, PAGE_HEIGHT);
	sheet.cairo = cairo_create(sheet.surface);
	compose_once(&sheet, compose, content);
	const char *fault = finish(&sheet);
	if (fault != NULL)
		return fault;
	sheet.drawing = true;
	sheet.surface = cairo_pdf_surface_create(paper->file, PAGE_WIDTH, PAGE_HEIGHT);
	cairo_pdf_surface_set_metadata(sheet.surface, CAIRO_PDF_METADATA_TITLE, paper->title);
	cairo_pdf_surface_set_metadata(sheet.surface, CAIRO_PDF_METADATA_CREATOR, "Passerelle");
	sheet.cairo = cairo_create(sheet.surface);
	compose_once(&sheet, compose, content);
	return finish(&sheet);
}
