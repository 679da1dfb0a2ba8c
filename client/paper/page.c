// SPDX-License-Identifier: Apache-2.0
#include "paper/page.h"

#include "paper/blocks.h"
#include "paper/clean.h"
#include "paper/picture.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char style[] =
	"body{font:16px/1.5 'Noto Sans',sans-serif;color:#111;background:#fff;max-width:52rem;margin:2rem auto;padding:0 1rem}"
	"table{border-collapse:collapse;margin:1rem 0}caption{text-align:start;font-weight:bold;padding:.3rem 0}"
	"th,td{border-bottom:1px solid #999;padding:.2rem .6rem;text-align:end}th:first-child{text-align:start}"
	"thead th{border-bottom:2px solid #333}dt{font-weight:bold}dd{margin:0 0 .5rem 1.5rem}"
	"figure{margin:1.5rem 0;break-inside:avoid}figure img{max-width:100%;max-height:40rem}"
	"footer{border-top:1px solid #999;margin-top:2rem;font-size:.85rem;color:#333}p,dd{white-space:pre-line}";

struct page {
	FILE *file;
	bool facts; // within a list of facts
};

static void put(struct page *page, const char *text)
{
	char *clean = clean_text(text);
	for (const char *at = clean; *at != '\0'; at++) {
		if (*at == '<')
			fputs("&lt;", page->file);
		else if (*at == '>')
			fputs("&gt;", page->file);
		else if (*at == '&')
			fputs("&amp;", page->file);
		else if (*at == '"')
			fputs("&quot;", page->file);
		else
			fputc(*at, page->file);
	}
	free(clean);
}

// A tag as in BCP 47, or "" where it is none.
static const char *language_of(const json_t *block)
{
	const char *tag = block_text(block, "language");
	size_t length = strspn(tag, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");
	return length >= 2 && length <= 35 && tag[length] == '\0' ? tag : "";
}

// `tag` with the text in it; a text finds its own direction.
static void put_in(struct page *page, const char *tag, const char *attribute, const char *text)
{
	fprintf(page->file, "<%s dir=\"auto\"%s>", tag, attribute);
	put(page, text);
	fprintf(page->file, "</%s>\n", tag);
}

// The same in the language that the block names.
static void put_worded(struct page *page, const char *tag, const json_t *block, const char *text)
{
	char attribute[64] = "";
	const char *language = language_of(block);
	if (language[0] != '\0')
		snprintf(attribute, sizeof attribute, " lang=\"%s\"", language);
	put_in(page, tag, attribute, text);
}

static void list_of_facts(struct page *page, bool on)
{
	if (page->facts != on)
		fputs(on ? "<dl>\n" : "</dl>\n", page->file);
	page->facts = on;
}

static void put_heading(struct page *page, const json_t *block)
{
	static const char *const tags[] = {"h1", "h1", "h2", "h3"};
	put_worded(page, tags[block_number(block, "level", 3)], block, block_text(block, "heading"));
}

static const char *cell_of(const json_t *row, size_t column)
{
	const char *text = json_string_value(json_array_get(row, column));
	return text != NULL ? text : "";
}

static void put_table(struct page *page, const json_t *block)
{
	const json_t *head = json_object_get(block, "head"), *rows = json_object_get(block, "rows");
	size_t columns = json_array_size(head), i, k;
	columns = columns < TABLE_COLUMNS ? columns : TABLE_COLUMNS;
	fputs("<table>\n", page->file);
	put_in(page, "caption", "", block_text(block, "table"));
	fputs("<thead><tr>\n", page->file);
	for (k = 0; k < columns; k++)
		put_in(page, "th", " scope=\"col\"", cell_of(head, k));
	fputs("</tr></thead>\n<tbody>\n", page->file);
	for (i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		fputs("<tr>", page->file);
		for (k = 0; k < columns; k++)
			put_in(page, k == 0 ? "th" : "td", k == 0 ? " scope=\"row\"" : "", cell_of(row, k));
		fputs("</tr>\n", page->file);
	}
	fputs("</tbody></table>\n", page->file);
}

static void put_svg_text(struct page *page, double x, double y, const char *anchor, const char *text)
{
	fprintf(page->file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	put(page, text);
	fputs("</text>\n", page->file);
}

static void put_bar(struct page *page, const json_t *bar, size_t place, double most)
{
	enum { ROW = 22, LEFT = 230, ROOM = 480 };
	char number[32];
	double top = (double)place * ROW, length = block_value(bar) / most * ROOM;
	snprintf(number, sizeof number, "%.0f", block_value(bar));
	put_svg_text(page, LEFT - 8, top + 16, "end", block_text(bar, "label"));
	fprintf(page->file, "<rect x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"14\" fill=\"#1f5fa8\"/>\n", LEFT, top + 5,
	        length);
	put_svg_text(page, LEFT + length + 6, top + 16, "start", number);
}

static void put_chart(struct page *page, const json_t *block)
{
	enum { ROW = 22, WIDTH = 780 };
	const json_t *bars = json_object_get(block, "bars");
	size_t count = json_array_size(bars) < CHART_BARS ? json_array_size(bars) : CHART_BARS;
	fprintf(page->file, "<figure><svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 %d %zu\" width=\"100%%\" font-family=\"sans-serif\" font-size=\"13\">\n<title>",
	        WIDTH, count * ROW + 8);
	put(page, block_text(block, "chart"));
	fputs("</title>\n", page->file);
	for (size_t i = 0; i < count; i++)
		put_bar(page, json_array_get(bars, i), i, block_greatest(bars));
	fputs("</svg>\n", page->file);
	put_in(page, "figcaption", "", block_text(block, "chart"));
	fputs("</figure>\n", page->file);
}

static void put_picture(struct page *page, const json_t *block)
{
	struct picture picture;
	if (picture_read(&picture, block_text(block, "picture")) != NULL) {
		put_in(page, "p", "", block_text(block, "otherwise"));
		return;
	}
	char *text = g_base64_encode(picture.jpeg, picture.length);
	fputs("<figure><img alt=\"", page->file);
	put(page, block_text(block, "alt"));
	fprintf(page->file, "\" src=\"data:image/jpeg;base64,%s\">\n", text);
	put_in(page, "figcaption", "", block_text(block, "alt"));
	fputs("</figure>\n", page->file);
	g_free(text);
	picture_free(&picture);
}

static void put_fact(struct page *page, const json_t *block)
{
	list_of_facts(page, true);
	put_in(page, "dt", "", block_text(block, "label"));
	put_in(page, "dd", "", block_text(block, "text"));
}

static void put_block(struct page *page, const json_t *block)
{
	if (json_object_get(block, "label") != NULL) {
		put_fact(page, block);
		return;
	}
	list_of_facts(page, false);
	if (json_object_get(block, "heading") != NULL)
		put_heading(page, block);
	else if (json_object_get(block, "table") != NULL)
		put_table(page, block);
	else if (json_object_get(block, "chart") != NULL)
		put_chart(page, block);
	else if (json_object_get(block, "picture") != NULL)
		put_picture(page, block);
	else
		put_worded(page, "p", block, block_text(block, "text"));
}

static void put_head(struct page *page, const json_t *document)
{
	const char *language = language_of(document);
	fprintf(page->file, "<!DOCTYPE html>\n<html%s%s%s>\n<head>\n<meta charset=\"utf-8\">\n", language[0] != '\0' ? " lang=\"" : "",
	        language, language[0] != '\0' ? "\"" : "");
	fputs("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
	      page->file);
	put(page, block_text(document, "title"));
	fprintf(page->file, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n", style);
}

const char *page_print(const json_t *document, const char *file)
{
	struct page page = {fopen(file, "we"), false};
	const json_t *block;
	size_t i;
	if (page.file == NULL)
		return "the file cannot be written";
	put_head(&page, document);
	json_array_foreach(json_object_get(document, "blocks"), i, block)
		put_block(&page, block);
	list_of_facts(&page, false);
	fputs("</main>\n", page.file);
	put_in(&page, "footer", "", block_text(document, "foot"));
	fputs("</body>\n</html>\n", page.file);
	bool written = ferror(page.file) == 0;
	return fclose(page.file) == 0 && written ? NULL : "the file could not be written";
}
