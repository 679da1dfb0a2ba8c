// SPDX-License-Identifier: Apache-2.0
//
// The 128-bit names of things: message ids (UUIDv7, RFC 9562 5.7), case ids and
// object ids (random). Pure: time and randomness are handed in.
#ifndef PASSERELLE_BASE_ID_H
#define PASSERELLE_BASE_ID_H

#include "base/bytes.h"

struct id {
	uint8_t byte[16];
};

enum { ID_TEXT_SIZE = 37, HASH_SIZE = 32, HASH_HEX_SIZE = 65 };

struct hash {
	uint8_t byte[HASH_SIZE]; // SHA-256
};

// UUIDv7 from Unix milliseconds (48 bits) and 10 random bytes.
struct id id_v7(uint64_t unix_ms, const uint8_t random[10]);
bool id_is_v7(const struct id *id);
uint64_t id_v7_unix_ms(const struct id *id);

bool id_equal(const struct id *a, const struct id *b);
int id_compare(const struct id *a, const struct id *b);
bool id_is_zero(const struct id *id);

// From exactly 16 bytes; FAIL_MALFORMED otherwise.
enum fail_code id_from_view(struct id *id, struct view from) MUST_CHECK;

// 8-4-4-4-12 lower-case hex; text needs ID_TEXT_SIZE bytes.
void id_to_text(const struct id *id, char *text);
enum fail_code id_from_text(struct id *id, const char *text) MUST_CHECK;

bool hash_equal(const struct hash *a, const struct hash *b); // constant time
enum fail_code hash_from_view(struct hash *hash, struct view from) MUST_CHECK; // exactly 32 bytes
void hash_to_hex(const struct hash *hash, char *text);       // HASH_HEX_SIZE bytes

#endif
