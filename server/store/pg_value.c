// SPDX-License-Identifier: Apache-2.0
#include "store/pg_value.h"

#include <string.h>

enum { ARRAY_HEAD = 20, PARAMS_CAP = 512 * 1024 * 1024 };

static void write_u64be(uint8_t *to, uint64_t value)
{
	write_u32be(to, (uint32_t)(value >> 32));
	write_u32be(to + 4, (uint32_t)value);
}

static uint64_t read_u64be(const uint8_t *from)
{
	return (uint64_t)read_u32be(from) << 32 | read_u32be(from + 4);
}

void pg_params_init(struct pg_params *params)
{
	memset(params, 0, sizeof *params);
	bytes_init(&params->data, PARAMS_CAP);
	params->array = SIZE_MAX;
}

void pg_params_release(struct pg_params *params)
{
	bytes_release(&params->data);
	pg_params_clear(params);
}

void pg_params_clear(struct pg_params *params)
{
	bytes_clear(&params->data);
	params->count = 0;
	params->failed = false;
	params->array = SIZE_MAX;
}

static void append(struct pg_params *params, const void *data, size_t length)
{
	if (bytes_append(&params->data, data, length) != FAIL_NONE)
		params->failed = true;
}

static void append_u32(struct pg_params *params, uint32_t value)
{
	if (bytes_append_u32be(&params->data, value) != FAIL_NONE)
		params->failed = true;
}

static int next_param(struct pg_params *params)
{
	must(params->count < PG_MAX_PARAMS);
	params->start[params->count] = params->data.length;
	params->null[params->count] = false;
	return params->count++;
}

static void put(struct pg_params *params, const void *data, size_t length)
{
	if (params->array != SIZE_MAX) {
		append_u32(params, (uint32_t)length);
		params->elements++;
		append(params, data, length);
		return;
	}
	int at = next_param(params);
	params->length[at] = length;
	append(params, data, length);
}

void pg_put_bool(struct pg_params *params, bool value)
{
	uint8_t raw = value ? 1 : 0;
	put(params, &raw, sizeof raw);
}

void pg_put_int2(struct pg_params *params, int16_t value)
{
	uint8_t raw[2] = {(uint8_t)((uint16_t)value >> 8), (uint8_t)value};
	put(params, raw, sizeof raw);
}

void pg_put_int4(struct pg_params *params, int32_t value)
{
	uint8_t raw[4];
	write_u32be(raw, (uint32_t)value);
	put(params, raw, sizeof raw);
}

void pg_put_int8(struct pg_params *params, uint64_t value)
{
	uint8_t raw[8];
	if (value > INT64_MAX)
		params->failed = true;
	write_u64be(raw, value);
	put(params, raw, sizeof raw);
}

void pg_put_uuid(struct pg_params *params, const struct id *value)
{
	put(params, value->byte, sizeof value->byte);
}

void pg_put_bytea(struct pg_params *params, struct view value)
{
	put(params, value.data, value.length);
}

void pg_put_text(struct pg_params *params, const char *value)
{
	put(params, value, strlen(value));
}

void pg_put_null(struct pg_params *params)
{
	if (params->array != SIZE_MAX) {
		append_u32(params, UINT32_MAX);
		params->elements++;
		return;
	}
	int at = next_param(params);
	params->length[at] = 0;
	params->null[at] = true;
}

// Dimensions, flag "may have NULLs", type, then length and lower bound of the one dimension.
void pg_array_begin(struct pg_params *params, enum pg_type type)
{
	must(params->array == SIZE_MAX);
	next_param(params);
	params->array = params->data.length;
	params->elements = 0;
	append_u32(params, 1);
	append_u32(params, 1);
	append_u32(params, (uint32_t)type);
	append_u32(params, 0);
	append_u32(params, 1);
}

void pg_array_end(struct pg_params *params)
{
	must(params->array != SIZE_MAX);
	int at = params->count - 1;
	size_t head = params->array;
	params->array = SIZE_MAX;
	if (params->failed)
		return;
	write_u32be(params->data.data + head + 12, params->elements);
	params->length[at] = params->data.length - head;
	// The empty array has no dimension, and nothing behind its type.
	if (params->elements == 0) {
		write_u32be(params->data.data + head, 0);
		params->length[at] = 12;
	}
}

static bool cell(const PGresult *result, int row, int column, struct view *value)
{
	if (row >= PQntuples(result) || column >= PQnfields(result) || PQgetisnull(result, row, column))
		return false;
	*value = view_of(PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column));
	return true;
}

static bool fixed(const PGresult *result, int row, int column, size_t length, struct view *value)
{
	return cell(result, row, column, value) && value->length == length;
}

static int16_t int2_of(const uint8_t *data)
{
	return (int16_t)((uint16_t)data[0] << 8 | data[1]);
}

bool pg_get_bool(const PGresult *result, int row, int column, bool *value)
{
	struct view raw;
	if (!fixed(result, row, column, 1, &raw))
		return false;
	*value = raw.data[0] != 0;
	return true;
}

bool pg_get_int2(const PGresult *result, int row, int column, int16_t *value)
{
	struct view raw;
	if (!fixed(result, row, column, 2, &raw))
		return false;
	*value = int2_of(raw.data);
	return true;
}

bool pg_get_int4(const PGresult *result, int row, int column, int32_t *value)
{
	struct view raw;
	if (!fixed(result, row, column, 4, &raw))
		return false;
	*value = (int32_t)read_u32be(raw.data);
	return true;
}

bool pg_get_int8(const PGresult *result, int row, int column, uint64_t *value)
{
	struct view raw;
	if (!fixed(result, row, column, 8, &raw))
		return false;
	*value = read_u64be(raw.data);
	return *value <= INT64_MAX;
}

bool pg_get_uuid(const PGresult *result, int row, int column, struct id *value)
{
	struct view raw;
	return cell(result, row, column, &raw) && id_from_view(value, raw) == FAIL_NONE;
}

bool pg_get_hash(const PGresult *result, int row, int column, struct hash *value)
{
	struct view raw;
	return cell(result, row, column, &raw) && hash_from_view(value, raw) == FAIL_NONE;
}

bool pg_get_bytea(const PGresult *result, int row, int column, struct view *value)
{
	return cell(result, row, column, value);
}

bool pg_get_text(const PGresult *result, int row, int column, char *value, size_t size)
{
	struct view raw;
	if (!cell(result, row, column, &raw) || raw.length >= size || memchr(raw.data, 0, raw.length) != NULL)
		return false;
	memcpy(value, raw.data, raw.length);
	value[raw.length] = '\0';
	return true;
}

// Walks the elements of a one-dimensional array.
struct walk {
	struct view rest;
	uint32_t left;
};

static bool walk_begin(struct walk *walk, const PGresult *result, int row, int column, enum pg_type type, size_t room)
{
	struct view raw;
	if (!cell(result, row, column, &raw) || raw.length < 12 || read_u32be(raw.data + 8) != (uint32_t)type)
		return false;
	walk->left = 0;
	if (read_u32be(raw.data) == 0)
		return raw.length == 12;
	if (read_u32be(raw.data) != 1 || raw.length < ARRAY_HEAD)
		return false;
	walk->left = read_u32be(raw.data + 12);
	walk->rest = view_of(raw.data + ARRAY_HEAD, raw.length - ARRAY_HEAD);
	return walk->left <= room;
}

// `element->data` is NULL for a NULL.
static bool walk_next(struct walk *walk, struct view *element)
{
	if (walk->rest.length < 4)
		return false;
	uint32_t length = read_u32be(walk->rest.data);
	walk->rest = view_of(walk->rest.data + 4, walk->rest.length - 4);
	walk->left--;
	*element = view_of(NULL, 0);
	if (length == UINT32_MAX)
		return true;
	if (length > walk->rest.length)
		return false;
	*element = view_of(walk->rest.data, length);
	walk->rest = view_of(walk->rest.data + length, walk->rest.length - length);
	return true;
}

bool pg_get_int2s(const PGresult *result, int row, int column, int16_t *value, size_t room, size_t *count)
{
	struct walk walk;
	struct view element;
	*count = 0;
	if (!walk_begin(&walk, result, row, column, PG_INT2, room))
		return false;
	while (walk.left > 0) {
		if (!walk_next(&walk, &element) || element.length != 2)
			return false;
		value[(*count)++] = int2_of(element.data);
	}
	return true;
}

bool pg_get_int4s(const PGresult *result, int row, int column, int32_t *value, size_t room, size_t *count)
{
	struct walk walk;
	struct view element;
	*count = 0;
	if (!walk_begin(&walk, result, row, column, PG_INT4, room))
		return false;
	while (walk.left > 0) {
		if (!walk_next(&walk, &element) || element.length != 4)
			return false;
		value[(*count)++] = (int32_t)read_u32be(element.data);
	}
	return true;
}

bool pg_get_int8s(const PGresult *result, int row, int column, uint64_t *value, size_t room, size_t *count)
{
	struct walk walk;
	struct view element;
	*count = 0;
	if (!walk_begin(&walk, result, row, column, PG_INT8, room))
		return false;
	while (walk.left > 0) {
		if (!walk_next(&walk, &element) || (element.data != NULL && element.length != 8))
			return false;
		value[*count] = element.data == NULL ? 0 : read_u64be(element.data);
		if (value[(*count)++] > INT64_MAX)
			return false;
	}
	return true;
}

bool pg_get_texts(const PGresult *result, int row, int column, struct view *value, size_t room, size_t *count)
{
	struct walk walk;
	*count = 0;
	if (!walk_begin(&walk, result, row, column, PG_TEXT, room))
		return false;
	while (walk.left > 0) {
		if (!walk_next(&walk, &value[*count]) || value[*count].data == NULL)
			return false;
		(*count)++;
	}
	return true;
}
