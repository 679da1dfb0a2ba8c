// SPDX-License-Identifier: Apache-2.0
//
// Sets of persons with known truth (see README.md), read into prepared persons; and what the comparison of all pairs
// of a set gives, counted by pattern of grades, so that weights and thresholds can be tried without comparing again.
#ifndef PASSERELLE_TESTS_MATCH_RECORDS_H
#define PASSERELLE_TESTS_MATCH_RECORDS_H

#include "match/match.h"
#include "match/pairs.h"

struct record {
	uint32_t entity;
	enum half half;
	uint8_t side; // of sets that link two files: 0 or 1
	struct match_prepared *person; // owned
};

struct record_set {
	const char *name;
	struct record *record; // owned
	size_t count, capacity;
	bool linked;           // only pairs of both sides count
};

// `whole` gives names as they are written, without parts. Ends the program if the file is missing.
void record_set_read(struct record_set *set, const char *folder, const char *name, bool whole);
void record_set_release(struct record_set *set);

// A pattern: of each field its grade, or PATTERN_BLANK; and its share or, where grades do not decide it, its weight.
enum { PATTERN_BLANK = -1, PATTERN_FIXED = -2 };

struct pattern {
	int8_t grade[MATCH_FIELD_COUNT];
	int16_t number[MATCH_FIELD_COUNT];
};

struct pattern_count {
	struct pattern pattern;
	uint64_t same, other; // pairs of one person, of two
};

struct patterns {
	struct pattern_count *row; // owned, a hash table
	size_t count, capacity;
	uint64_t pairs;
	size_t persons;            // among whom one is looked for
	double seconds;            // of processor time
};

enum which { WHICH_LEARN, WHICH_ASK, WHICH_ALL };

void patterns_count(struct patterns *patterns, const struct record_set *set, enum which which);
void patterns_release(struct patterns *patterns);

#endif
