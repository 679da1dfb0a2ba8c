// SPDX-License-Identifier: Apache-2.0
// links: passerelle_form
//
// A hostile table: read to its end, and each cell put into a form where the first row says so.
#include "form/csv.h"
#include "form/flat.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t read_columns(const struct csv_row *row, enum flat_of of, struct flat_column *column, bool *known)
{
	size_t count = row->count < 32 ? row->count : 32;
	for (size_t i = 0; i < count; i++)
		known[i] = flat_column(&column[i], of, row->cell[i], NULL) == FAIL_NONE;
	return count;
}

static void put_row(const struct csv_row *row, const struct flat_column *column, const bool *known, size_t count)
{
	struct form_faults faults;
	json_t *form = json_object();
	for (size_t i = 0; i < count && i < row->count; i++) {
		struct view cell = csv_trimmed(row->cell[i]);
		if (known[i] && cell.length > 0)
			(void)!flat_put(form, &column[i], cell, NULL);
	}
	enum fail_code code = form_check_person(form, &faults, NULL);
	must((code == FAIL_BAD_FORM) == (faults.count > 0));
	for (size_t i = 0; i < faults.count; i++) {
		char name[FLAT_NAME_SIZE];
		(void)flat_find(column, count, faults.fault[i].path, name);
		must(strlen(name) < FLAT_NAME_SIZE);
	}
	json_decref(form);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv csv;
	struct csv_row row;
	struct flat_column column[32];
	bool known[32], there = false;
	enum flat_of of = size > 0 && data[0] & 1 ? FLAT_PERSON : FLAT_REFERRAL;
	enum fail_code code = csv_begin(&csv, view_of(data + (size > 0), size - (size > 0)), NULL);
	if (code == FAIL_NONE)
		code = csv_next(&csv, &row, &there, NULL);
	size_t count = code == FAIL_NONE && there ? read_columns(&row, of, column, known) : 0;
	while (code == FAIL_NONE && there) {
		code = csv_next(&csv, &row, &there, NULL);
		if (code == FAIL_NONE && there)
			put_row(&row, column, known, count);
	}
	csv_end(&csv);
	return 0;
}
