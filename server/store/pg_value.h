// SPDX-License-Identifier: Apache-2.0
//
// Parameters and results in PostgreSQL's binary form. Results come from outside
// and are checked: type by length, no NULL unless asked for.
#ifndef PASSERELLE_STORE_PG_VALUE_H
#define PASSERELLE_STORE_PG_VALUE_H

#include "base/id.h"

#include <libpq-fe.h>

enum { PG_MAX_PARAMS = 96 };

enum pg_type { PG_BOOL = 16, PG_BYTEA = 17, PG_INT8 = 20, PG_INT2 = 21, PG_INT4 = 23, PG_TEXT = 25, PG_UUID = 2950 };

// Parameters of one statement, in order. A failed append is remembered: `failed`.
struct pg_params {
	struct bytes data;
	size_t start[PG_MAX_PARAMS], length[PG_MAX_PARAMS];
	bool null[PG_MAX_PARAMS];
	int count;
	bool failed;
	size_t array;           // where the open array begins, SIZE_MAX if none is open
	uint32_t elements;
};

void pg_params_init(struct pg_params *params);
void pg_params_release(struct pg_params *params);
void pg_params_clear(struct pg_params *params); // keeps the memory

// A parameter, or between pg_array_begin and pg_array_end an element.
void pg_put_bool(struct pg_params *params, bool value);
void pg_put_int2(struct pg_params *params, int16_t value);
void pg_put_int4(struct pg_params *params, int32_t value);
void pg_put_int8(struct pg_params *params, uint64_t value); // at most INT64_MAX, else failed
void pg_put_uuid(struct pg_params *params, const struct id *value);
void pg_put_bytea(struct pg_params *params, struct view value);
void pg_put_text(struct pg_params *params, const char *value);
void pg_put_null(struct pg_params *params);
void pg_array_begin(struct pg_params *params, enum pg_type type);
void pg_array_end(struct pg_params *params);

// False: NULL, wrong size, out of range.
bool pg_get_bool(const PGresult *result, int row, int column, bool *value);
bool pg_get_int2(const PGresult *result, int row, int column, int16_t *value);
bool pg_get_int4(const PGresult *result, int row, int column, int32_t *value);
bool pg_get_int8(const PGresult *result, int row, int column, uint64_t *value); // not negative
bool pg_get_uuid(const PGresult *result, int row, int column, struct id *value);
bool pg_get_hash(const PGresult *result, int row, int column, struct hash *value);
bool pg_get_bytea(const PGresult *result, int row, int column, struct view *value); // borrowed from result
bool pg_get_text(const PGresult *result, int row, int column, char *value, size_t size); // copied, with its NUL

// One-dimensional arrays. False also if there are more than `room` elements.
bool pg_get_int2s(const PGresult *result, int row, int column, int16_t *value, size_t room, size_t *count);
bool pg_get_int4s(const PGresult *result, int row, int column, int32_t *value, size_t room, size_t *count);
bool pg_get_int8s(const PGresult *result, int row, int column, uint64_t *value, size_t room,
                  size_t *count); // NULL elements: 0
bool pg_get_texts(const PGresult *result, int row, int column, struct view *value, size_t room,
                  size_t *count); // borrowed

#endif
