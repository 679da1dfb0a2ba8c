// SPDX-License-Identifier: Apache-2.0
//
// Persons of the register as a PFIF 1.4 document, for those with whom one looks for them. Only persons who agreed to it go out; photos,
// streets and remarks do not; every record says when it is to be forgotten.
#ifndef PASSERELLE_CLI_PFIF_H
#define PASSERELLE_CLI_PFIF_H

#include <jansson.h>
#include <stdio.h>
#include <time.h>

struct pfif_told {
	size_t written, without_consent, past;
};

// `document`: passerelle.persons/1. `member`: who sends it out.
struct pfif_told pfif_write(FILE *file, const json_t *document, const char *member, time_t now);

#endif
