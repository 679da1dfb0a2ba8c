// SPDX-License-Identifier: Apache-2.0
//
// The Body of a STATISTICS message, both ways. Persons and tallies are JSON with the names of body.proto; what else stands
// there (whose record it is) does not travel. A Body is filled up to a step, whatever is in it.
#ifndef PASSERELLE_FORM_STATISTICS_H
#define PASSERELLE_FORM_STATISTICS_H

#include "base/bytes.h"

#include <jansson.h>

enum {
	STATISTICS_PERSONS = 256,        // in one message
	STATISTICS_TALLIES = 256,
	STATISTICS_NEEDS = 16,           // of one person
	STATISTICS_FOLLOW_UPS = 8,
	STATISTICS_NUMBER = 32,          // hexadecimal digits
	STATISTICS_STEP = 64 * 1024,     // a Body has a multiple of so many bytes; that of so many persons fits into one
};

// `persons` from number `first` on, as many as one message takes; the tallies go with the first. *took: how many persons.
enum fail_code statistics_pack(const char *month, const json_t *persons, size_t first, const json_t *tallies,
                               size_t *took, struct bytes *body, struct fail *why) MUST_CHECK;

// {"month", "persons", "tallies", "first"}, all of it within the bounds above and all codes well formed; caller owns it.
// FAIL_MALFORMED, FAIL_TOO_LARGE.
enum fail_code statistics_read(struct view body, json_t **json, struct fail *why) MUST_CHECK;

#endif
