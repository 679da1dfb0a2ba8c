// SPDX-License-Identifier: Apache-2.0
#include "paper/jpeg.h"

#include "paper/picture.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h> // behind stdio.h, which it needs

struct reading {
	struct jpeg_error_mgr errors;
	jmp_buf out;
};

static void on_error(j_common_ptr common)
{
	longjmp(((struct reading *)(void *)common->err)->out, 1);
}

static void on_message(j_common_ptr common, int level)
{
	enum { MOST_WARNINGS = 200 };
	if (level < 0 && ++common->err->num_warnings > MOST_WARNINGS) // damaged all over: not worth the time
		on_error(common);
}

static void say_nothing(j_common_ptr common)
{
	(void)common;
}

static void set_errors(struct reading *reading)
{
	jpeg_std_error(&reading->errors);
	reading->errors.error_exit = on_error;
	reading->errors.emit_message = on_message;
	reading->errors.output_message = say_nothing;
}

static unsigned two_bytes(const unsigned char *at, bool little)
{
	return little ? at[0] | (unsigned)at[1] << 8 : (unsigned)at[0] << 8 | at[1];
}

enum { EXIF_HEAD = 6 };

// The part that cameras write; others stand under the same marker. NULL: none.
static const struct jpeg_marker_struct *exif_of(const struct jpeg_decompress_struct *file)
{
	const struct jpeg_marker_struct *marker = file->marker_list;
	while (marker != NULL &&
	       (marker->data_length < EXIF_HEAD + 10 || memcmp(marker->data, "Exif\0\0", EXIF_HEAD) != 0))
		marker = marker->next;
	return marker;
}

// 1 to 8 as EXIF has it; 1, upright, where nothing is said.
static unsigned orientation_of(const struct jpeg_decompress_struct *file)
{
	enum { ENTRY = 12, ORIENTATION = 0x0112 };
	const struct jpeg_marker_struct *marker = exif_of(file);
	if (marker == NULL)
		return 1;
	const unsigned char *start = marker->data + EXIF_HEAD;
	size_t length = marker->data_length - EXIF_HEAD;
	bool little = start[0] == 'I';
	size_t at = two_bytes(start + (little ? 4 : 6), little); // of four bytes; the others are 0 in such a small part
	if (at + 2 > length)
		return 1;
	unsigned count = two_bytes(start + at, little);
	for (at += 2; count > 0 && at + ENTRY <= length; count--, at += ENTRY) {
		unsigned value = two_bytes(start + at + 8, little);
		if (two_bytes(start + at, little) == ORIENTATION)
			return value >= 1 && value <= 8 ? value : 1;
	}
	return 1;
}

static bool fits(const struct jpeg_decompress_struct *file)
{
	return file->image_width <= PICTURE_MAX_SIDE && file->image_height <= PICTURE_MAX_SIDE &&
	       (uint64_t)file->image_width * file->image_height <= PICTURE_MAX_PIXELS;
}

static unsigned scale_for(const struct jpeg_decompress_struct *file, unsigned side)
{
	unsigned longest = file->image_width > file->image_height ? file->image_width : file->image_height, scale = 1;
	while (scale < 8 && longest / (scale * 2) >= side)
		scale *= 2;
	return scale;
}

// Where the pixel `x`, `y` of the file stands when the picture is upright.
static size_t place_of(unsigned orientation, int x, int y, int width, int height, int stride)
{
	bool turned = orientation >= 5;
	int across = turned ? y : x, down = turned ? x : y;
	int columns = turned ? height : width, rows = turned ? width : height;
	if (orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7)
		across = columns - 1 - across;
	if (orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8)
		down = rows - 1 - down;
	return (size_t)down * (size_t)stride + (size_t)across * 4;
}

static void put_line(cairo_surface_t *surface, const struct jpeg_decompress_struct *file, const unsigned char *line,
                     unsigned orientation)
{
	unsigned char *pixels = cairo_image_surface_get_data(surface);
	int stride = cairo_image_surface_get_stride(surface), width = (int)file->output_width,
		y = (int)file->output_scanline - 1;
	for (int x = 0; x < width; x++) {
		const unsigned char *rgb = line + (size_t)x * 3;
		uint32_t pixel = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
		memcpy(pixels + place_of(orientation, x, y, width, (int)file->output_height, stride), &pixel, sizeof pixel);
	}
}

static cairo_surface_t *surface_for(const struct jpeg_decompress_struct *file, unsigned orientation)
{
	int width = (int)file->output_width, height = (int)file->output_height;
	bool turned = orientation >= 5;
	return cairo_image_surface_create(CAIRO_FORMAT_RGB24, turned ? height : width, turned ? width : height);
}

// What a jump would lose lives in the caller.
static bool read_into(struct jpeg_decompress_struct *file, cairo_surface_t **surface, unsigned char **line,
                      unsigned side)
{
	jpeg_save_markers(file, JPEG_APP0 + 1, 0xFFFF);
	jpeg_read_header(file, TRUE);
	if (!fits(file))
		return false;
	unsigned orientation = orientation_of(file);
	file->scale_num = 1;
	file->scale_denom = scale_for(file, side);
	file->out_color_space = JCS_RGB;
	jpeg_start_decompress(file);
	*surface = surface_for(file, orientation);
	*line = calloc(file->output_width, 3);
	if (cairo_surface_status(*surface) != CAIRO_STATUS_SUCCESS || *line == NULL)
		return false;
	cairo_surface_flush(*surface);
	while (file->output_scanline < file->output_height) {
		jpeg_read_scanlines(file, line, 1);
		put_line(*surface, file, *line, orientation);
	}
	cairo_surface_mark_dirty(*surface);
	jpeg_finish_decompress(file);
	return true;
}

cairo_surface_t *jpeg_read(const unsigned char *data, size_t length, unsigned side)
{
	struct reading reading;
	struct jpeg_decompress_struct file;
	struct {
		cairo_surface_t *surface;
		unsigned char *line;
	} *kept = calloc(1, sizeof *kept); // not on the stack: a jump leaves it as it was last
	if (kept == NULL)
		return NULL;
	volatile bool good = false;
	memset(&file, 0, sizeof file);
	set_errors(&reading);
	file.err = &reading.errors;
	if (setjmp(reading.out) == 0) {
		jpeg_create_decompress(&file);
		jpeg_mem_src(&file, data, (unsigned long)length);
		good = read_into(&file, &kept->surface, &kept->line, side);
	}
	jpeg_destroy_decompress(&file);
	cairo_surface_t *surface = kept->surface;
	free(kept->line);
	free(kept);
	if (!good && surface != NULL)
		cairo_surface_destroy(surface);
	return good ? surface : NULL;
}

static void write_lines(struct jpeg_compress_struct *file, cairo_surface_t *surface, unsigned char *line)
{
	const unsigned char *pixels = cairo_image_surface_get_data(surface);
	int stride = cairo_image_surface_get_stride(surface);
	while (file->next_scanline < file->image_height) {
		const unsigned char *row = pixels + (size_t)file->next_scanline * (size_t)stride;
		for (size_t x = 0; x < file->image_width; x++) {
			uint32_t pixel;
			memcpy(&pixel, row + x * 4, sizeof pixel);
			line[x * 3] = (unsigned char)(pixel >> 16);
			line[x * 3 + 1] = (unsigned char)(pixel >> 8);
			line[x * 3 + 2] = (unsigned char)pixel;
		}
		jpeg_write_scanlines(file, &line, 1);
	}
}

int jpeg_write(cairo_surface_t *surface, unsigned char **data, unsigned long *length)
{
	enum { QUALITY = 85 };
	struct reading writing;
	struct jpeg_compress_struct file;
	int width = cairo_image_surface_get_width(surface), height = cairo_image_surface_get_height(surface);
	unsigned char *line = calloc((size_t)width, 3);
	*data = NULL;
	*length = 0;
	if (line == NULL)
		return 0;
	volatile int good = 0;
	memset(&file, 0, sizeof file);
	set_errors(&writing);
	file.err = &writing.errors;
	cairo_surface_flush(surface);
	if (setjmp(writing.out) == 0) {
		jpeg_create_compress(&file);
		jpeg_mem_dest(&file, data, length);
		file.image_width = (JDIMENSION)width;
		file.image_height = (JDIMENSION)height;
		file.input_components = 3;
		file.in_color_space = JCS_RGB;
		jpeg_set_defaults(&file);
		jpeg_set_quality(&file, QUALITY, TRUE);
		jpeg_start_compress(&file, TRUE);
		write_lines(&file, surface, line);
		jpeg_finish_compress(&file);
		good = 1;
	}
	jpeg_destroy_compress(&file);
	free(line);
	return good;
}
