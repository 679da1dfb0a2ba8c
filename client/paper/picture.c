// SPDX-License-Identifier: Apache-2.0
#include "paper/picture.h"

#include "paper/jpeg.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct source {
	unsigned char *data;
	size_t length, at;
};

static const char *load(struct source *source, const char *name)
{
	FILE *file = fopen(name, "rbe");
	if (file == NULL)
		return "the picture cannot be read";
	*source = (struct source){.data = malloc(PICTURE_MAX_FILE + 1)};
	if (source->data != NULL)
		source->length = fread(source->data, 1, PICTURE_MAX_FILE + 1, file);
	bool good = source->data != NULL && ferror(file) == 0 && source->length <= PICTURE_MAX_FILE;
	fclose(file);
	if (good)
		return NULL;
	free(source->data);
	return "the picture is too large, or could not be read";
}

static cairo_status_t more(void *context, unsigned char *to, unsigned length)
{
	struct source *source = context;
	if (length > source->length - source->at)
		return CAIRO_STATUS_READ_ERROR;
	memcpy(to, source->data + source->at, length);
	source->at += length;
	return CAIRO_STATUS_SUCCESS;
}

static uint32_t four_bytes(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

// The size stands at a fixed place, and is looked at before anything is unpacked.
static cairo_surface_t *read_png(struct source *source)
{
	enum { WIDTH_AT = 16, HEIGHT_AT = 20, HEAD = 24 };
	if (source->length < HEAD)
		return NULL;
	uint32_t width = four_bytes(source->data + WIDTH_AT), height = four_bytes(source->data + HEIGHT_AT);
	if (width > PICTURE_MAX_SIDE || height > PICTURE_MAX_SIDE || (uint64_t)width * height > PICTURE_MAX_PIXELS)
		return NULL;
	return cairo_image_surface_create_from_png_stream(more, source);
}

static cairo_surface_t *read_any(struct source *source)
{
	static const unsigned char png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}, jpeg[] = {0xFF, 0xD8, 0xFF};
	if (source->length > sizeof png && memcmp(source->data, png, sizeof png) == 0)
		return read_png(source);
	if (source->length > sizeof jpeg && memcmp(source->data, jpeg, sizeof jpeg) == 0)
		return jpeg_read(source->data, source->length, PICTURE_SIDE);
	return NULL;
}

// On white, and not larger than what is drawn.
static cairo_surface_t *settle(cairo_surface_t *from)
{
	int width = cairo_image_surface_get_width(from), height = cairo_image_surface_get_height(from);
	double scale = (double)PICTURE_SIDE / (width > height ? width : height);
	scale = scale > 1 ? 1 : scale;
	int wide = (int)(width * scale), high = (int)(height * scale);
	cairo_surface_t *to = cairo_image_surface_create(CAIRO_FORMAT_RGB24, wide > 0 ? wide : 1, high > 0 ? high : 1);
	cairo_t *cairo = cairo_create(to);
	cairo_set_source_rgb(cairo, 1, 1, 1);
	cairo_paint(cairo);
	cairo_scale(cairo, scale, scale);
	cairo_set_source_surface(cairo, from, 0, 0);
	cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_GOOD);
	cairo_paint(cairo);
	cairo_destroy(cairo);
	return to;
}

const char *picture_read(struct picture *picture, const char *file)
{
	struct source source;
	*picture = (struct picture){0};
	const char *fault = load(&source, file);
	if (fault != NULL)
		return fault;
	cairo_surface_t *whole = read_any(&source);
	free(source.data);
	if (whole == NULL)
		return "the picture is neither JPEG nor PNG, or damaged, or too large";
	if (cairo_surface_status(whole) == CAIRO_STATUS_SUCCESS)
		picture->surface = settle(whole);
	cairo_surface_destroy(whole);
	if (picture->surface != NULL && cairo_surface_status(picture->surface) == CAIRO_STATUS_SUCCESS &&
	    jpeg_write(picture->surface, &picture->jpeg, &picture->length))
		return NULL;
	picture_free(picture);
	return "the picture is damaged, or there is no memory for it";
}

void picture_free(struct picture *picture)
{
	if (picture->surface != NULL)
		cairo_surface_destroy(picture->surface);
	free(picture->jpeg);
	*picture = (struct picture){0};
}
