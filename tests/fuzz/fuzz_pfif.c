// SPDX-License-Identifier: Apache-2.0
// links: passerelle_pfif passerelle_form
//
// A hostile PFIF document: whatever comes out of it is a table that can be read.
#include "form/csv.h"
#include "pfif/pfif.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = NULL;
	size_t length = 0;
	unsigned long line, rows = 0;
	struct pfif_counts counts;
	FILE *out = open_memstream(&text, &length);
	must(out != NULL);
	const char *fault = pfif_to_csv(out, (const char *)data, size, "2026-11-23", &counts, &line);
	must(fclose(out) == 0);
	struct csv csv;
	struct csv_row row;
	bool there = true;
	enum fail_code code = csv_begin(&csv, view_of(text, length), NULL);
	for (; code == FAIL_NONE && there; rows++)
		code = csv_next(&csv, &row, &there, NULL);
	csv_end(&csv);
	free(text);
	must(fault != NULL || (code == FAIL_NONE && rows == counts.persons + 2)); // its first row, and the end
	return 0;
}
