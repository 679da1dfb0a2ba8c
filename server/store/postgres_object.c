// SPDX-License-Identifier: Apache-2.0
#include "store/postgres_private.h"

#include "seal/tree.h"

#include <stdlib.h>

// Codes of api.object_open and api.object_write.
enum { OBJECT_GOOD, OBJECT_DIFFERS, OBJECT_FOREIGN, OBJECT_UNKNOWN, OBJECT_PIECES };

enum { MAX_PIECES = 64 };

struct upload {
	struct pg_operation operation; // first
	store_object_done done;
	void *context;
	enum fail_code refused;
};

static enum fail_code object_code(int32_t code)
{
	switch (code) {
	case OBJECT_GOOD:
		return FAIL_NONE;
	case OBJECT_DIFFERS:
		return FAIL_OBJECT_MISMATCH;
	case OBJECT_FOREIGN:
		return FAIL_NOT_ALLOWED;
	case OBJECT_UNKNOWN:
		return FAIL_UNKNOWN_OBJECT;
	case OBJECT_PIECES:
		return FAIL_MALFORMED;
	default:
		return FAIL_INTERNAL;
	}
}

static enum fail_code read_object(const PGresult *rows, struct store_object *object)
{
	int32_t raw = 0;
	if (PQntuples(rows) != 1 || !pg_get_int4(rows, 0, 0, &raw))
		return FAIL_INTERNAL;
	enum fail_code code = object_code(raw);
	if (code == FAIL_NONE &&
	    (!pg_get_int8(rows, 0, 1, &object->durable) || !pg_get_bool(rows, 0, 2, &object->complete)))
		return FAIL_INTERNAL;
	return code;
}

static void on_upload(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct upload *upload = (struct upload *)(void *)operation;
	struct store_object object = {0};
	if (code == FAIL_NONE)
		code = read_object(rows, &object);
	if (upload->refused != FAIL_NONE)
		code = upload->refused;
	upload->done(upload->context, code, code == FAIL_NONE ? &object : NULL);
	free(upload);
}

static struct upload *new_upload(store_object_done done, void *context)
{
	struct upload *upload = postgres_need(sizeof *upload);
	upload->done = done;
	upload->context = context;
	upload->operation = (struct pg_operation){.done = on_upload, .write = true};
	return upload;
}

// Refused before it reaches the database: still answered later, by way of the link.
static void refuse(struct store_postgres *postgres, struct upload *upload, enum fail_code code)
{
	upload->refused = code;
	postgres_params(postgres)->failed = true;
	postgres_send(postgres, LINK_UPLOADS, &upload->operation, STATEMENT_OBJECT_OPEN);
}

static struct view hash_view(const struct hash *hash)
{
	return view_of(hash->byte, sizeof hash->byte);
}

void postgres_object_open(struct store *store, member_no owner, const struct upload_open *open, store_object_done done,
                          void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	struct upload *upload = new_upload(done, context);
	if (open->length == 0 || open->length > MAX_OBJECT_SIZE) {
		refuse(postgres, upload, open->length == 0 ? FAIL_MALFORMED : FAIL_TOO_LARGE);
		return;
	}
	struct pg_params *params = postgres_params(postgres);
	pg_put_int4(params, owner);
	pg_put_uuid(params, &open->object);
	pg_put_int8(params, open->length);
	pg_put_bytea(params, hash_view(&open->tree_hash));
	postgres_send(postgres, LINK_UPLOADS, &upload->operation, STATEMENT_OBJECT_OPEN);
}

static bool pieces_fit(uint64_t offset, const struct view *chunk, size_t count)
{
	if (offset % CHUNK_SIZE != 0 || offset > MAX_OBJECT_SIZE || count == 0 || count > MAX_PIECES)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (chunk[i].length == 0 || chunk[i].length > CHUNK_SIZE || (i + 1 < count && chunk[i].length != CHUNK_SIZE))
			return false;
	}
	return true;
}

void postgres_object_write(struct store *store, member_no owner, const struct id *object, uint64_t offset,
                           const struct view *chunk, size_t count, store_object_done done, void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	struct upload *upload = new_upload(done, context);
	if (!pieces_fit(offset, chunk, count)) {
		refuse(postgres, upload, FAIL_MALFORMED);
		return;
	}
	struct pg_params *params = postgres_params(postgres);
	pg_put_int4(params, owner);
	pg_put_uuid(params, object);
	pg_put_int8(params, offset);
	pg_array_begin(params, PG_BYTEA);
	for (size_t i = 0; i < count; i++)
		pg_put_bytea(params, chunk[i]);
	pg_array_end(params);
	pg_array_begin(params, PG_BYTEA);
	for (size_t i = 0; i < count; i++) {
		struct hash leaf = tree_leaf(chunk[i]);
		pg_put_bytea(params, hash_view(&leaf));
	}
	pg_array_end(params);
	postgres_send(postgres, LINK_UPLOADS, &upload->operation, STATEMENT_OBJECT_WRITE);
}

struct reading {
	struct pg_operation operation; // first
	store_read_done done;
	void *context;
	uint64_t offset;
};

// The piece is what its hash says, and as long as its place in the object demands.
static enum fail_code read_piece(const PGresult *rows, uint64_t offset, struct view *data, bool *last)
{
	uint64_t length = 0;
	struct hash leaf;
	if (PQntuples(rows) == 0)
		return FAIL_UNKNOWN_OBJECT;
	if (!pg_get_int8(rows, 0, 0, &length))
		return FAIL_INTERNAL;
	if (offset % CHUNK_SIZE != 0 || offset >= length)
		return FAIL_MALFORMED;
	uint64_t left = length - offset, expected = left < CHUNK_SIZE ? left : CHUNK_SIZE;
	if (!pg_get_hash(rows, 0, 1, &leaf) || !pg_get_bytea(rows, 0, 2, data) || data->length != expected)
		return FAIL_DATA_LOSS;
	struct hash computed = tree_leaf(*data);
	*last = left <= CHUNK_SIZE;
	return hash_equal(&computed, &leaf) ? FAIL_NONE : FAIL_DATA_LOSS;
}

static void on_read(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct reading *reading = (struct reading *)(void *)operation;
	struct view data = {0};
	bool last = false;
	if (code == FAIL_NONE)
		code = read_piece(rows, reading->offset, &data, &last);
	reading->done(reading->context, code, code == FAIL_NONE ? data : view_of(NULL, 0), last);
	free(reading);
}

void postgres_object_read(struct store *store, member_no member, const struct id *object, uint64_t offset,
                          store_read_done done, void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	struct reading *reading = postgres_need(sizeof *reading);
	reading->done = done;
	reading->context = context;
	reading->offset = offset;
	reading->operation = (struct pg_operation){.done = on_read};
	struct pg_params *params = postgres_params(postgres);
	uint64_t piece = offset / CHUNK_SIZE;
	pg_put_int4(params, member);
	pg_put_uuid(params, object);
	pg_put_int4(params, piece > INT32_MAX ? INT32_MAX : (int32_t)piece);
	postgres_read(postgres, &reading->operation, STATEMENT_OBJECT_READ);
}
