// SPDX-License-Identifier: Apache-2.0
//
// JPEG in and out of a surface; faults are answers, never the end of the process.
#ifndef PASSERELLE_PAPER_JPEG_H
#define PASSERELLE_PAPER_JPEG_H

#include <cairo.h>
#include <stddef.h>

// An RGB24 surface, turned upright as the file's orientation says; NULL if it is no JPEG that can be shown. A large picture is
// read at a half, a quarter or an eighth, as long as its longer side stays at least `side`.
cairo_surface_t *jpeg_read(const unsigned char *data, size_t length, unsigned side);

// False: no memory. *data is freed with free().
int jpeg_write(cairo_surface_t *surface, unsigned char **data, unsigned long *length);

#endif
