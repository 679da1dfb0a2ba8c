// SPDX-License-Identifier: Apache-2.0
//
// A photograph or drawing that somebody sent: hostile until it is decoded here, in a program without keys. What comes out
// was encoded anew: nothing of the file goes on but what can be seen (no place, no name of a camera, no text beside it).
#ifndef PASSERELLE_PAPER_PICTURE_H
#define PASSERELLE_PAPER_PICTURE_H

#include <cairo.h>
#include <stddef.h>

enum {
	PICTURE_MAX_FILE = 32 * 1024 * 1024,
	PICTURE_MAX_SIDE = 16000,         // as it comes
	PICTURE_MAX_PIXELS = 60 * 1000 * 1000,
	PICTURE_SIDE = 1400,              // as it is drawn; larger ones are made smaller
};

struct picture {
	cairo_surface_t *surface; // opaque, on white, upright
	unsigned char *jpeg;      // the same, as a JPEG without anything beside the picture
	unsigned long length;
};

// NULL, or why not: a static text; then nothing is to be freed. JPEG and PNG, by what the file holds, whatever its name.
const char *picture_read(struct picture *picture, const char *file);
void picture_free(struct picture *picture);

#endif
