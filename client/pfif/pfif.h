// SPDX-License-Identifier: Apache-2.0
//
// People Finder Interchange Format 1.4 (zesty.ca/pfif/1.4): the persons of a document as a table that the register takes over, one a row.
// What came from elsewhere is hostile: no document type, no entities, caps on everything. Photos and contacts of authors are left out, and
// so are records whose day of expiry is over.
#ifndef PASSERELLE_PFIF_PFIF_H
#define PASSERELLE_PFIF_PFIF_H

#include <stddef.h>
#include <stdio.h>

enum { PFIF_MAX_SIZE = 64 * 1024 * 1024, PFIF_MAX_PERSONS = 100 * 1000, PFIF_MAX_TEXT = 10 * 1000 };

struct pfif_counts {
	unsigned long persons, expired;
};

// `today` as "2026-11-23". NULL, or what is wrong, with the line in *line; some rows may be written by then.
const char *pfif_to_csv(FILE *out, const char *text, size_t length, const char *today, struct pfif_counts *counts,
                        unsigned long *line);

#endif
