// SPDX-License-Identifier: Apache-2.0
//
// Deadlines as a calendar (iCalendar, RFC 5545): references and what is awaited, no name, no pseudonym. The same deadline keeps its UID,
// so that a calendar that takes the file again moves what it had.
#ifndef PASSERELLE_CLI_ICS_H
#define PASSERELLE_CLI_ICS_H

#include <jansson.h>
#include <stdio.h>

// One line: name, a colon, the text with its special characters escaped, folded at 75 octets between characters.
void ics_write_text(FILE *file, const char *name, const char *text);

// A whole calendar of those items of passerelle.due/1 that have a day; an event for each, with an alarm the day before.
void ics_write(FILE *file, const json_t *document);

#endif
