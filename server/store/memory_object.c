// SPDX-License-Identifier: Apache-2.0
#include "store/memory_tables.h"

#include "seal/tree.h"

#include <string.h>

struct memory_object *memory_object(const struct memory_tables *tables, const struct id *id)
{
	struct memory_object *found = NULL;
	HASH_FIND(hh, tables->object, id, sizeof *id, found);
	return found;
}

static void forget(struct memory_tables *tables, struct memory_object *object)
{
	HASH_DEL(tables->object, object);
	free(object->data);
	free(object->reader);
	free(object);
}

static void tell(const struct memory_object *object, struct store_object *answer)
{
	*answer = (struct store_object){.durable = object->durable, .complete = object->complete};
}

enum fail_code memory_object_open(struct memory_tables *tables, member_no owner, const struct upload_open *open,
                                  struct store_object *answer)
{
	if (open->length == 0)
		return FAIL_MALFORMED;
	if (open->length > MAX_OBJECT_SIZE)
		return FAIL_TOO_LARGE;
	struct memory_object *object = memory_object(tables, &open->object);
	if (object == NULL) {
		object = memory_need(1, sizeof *object);
		object->id = open->object;
		object->owner = owner;
		object->length = open->length;
		object->tree_hash = open->tree_hash;
		HASH_ADD(hh, tables->object, id, sizeof object->id, object);
	}
	if (object->owner != owner)
		return FAIL_NOT_ALLOWED;
	if (object->length != open->length || !hash_equal(&object->tree_hash, &open->tree_hash))
		return FAIL_OBJECT_MISMATCH;
	tell(object, answer);
	return FAIL_NONE;
}

// Whole pieces; only the last one of the object is shorter, and never empty.
static enum fail_code add_piece(struct memory_object *object, struct view piece)
{
	uint64_t left = object->length - object->durable;
	uint64_t expected = left < CHUNK_SIZE ? left : CHUNK_SIZE;
	if (piece.length != expected || expected == 0)
		return FAIL_MALFORMED;
	uint8_t *data = realloc(object->data, object->durable + piece.length);
	must(data != NULL);
	memcpy(data + object->durable, piece.data, piece.length);
	object->data = data;
	object->durable += piece.length;
	return FAIL_NONE;
}

enum fail_code memory_object_write(struct memory_tables *tables, member_no owner, const struct id *id, uint64_t offset,
                                   const struct view *chunk, size_t count, struct store_object *answer)
{
	struct memory_object *object = memory_object(tables, id);
	if (object == NULL || object->owner != owner)
		return FAIL_UNKNOWN_OBJECT;
	uint64_t before = object->durable;
	if (offset == object->durable && !object->complete) {
		for (size_t i = 0; i < count; i++) {
			enum fail_code code = add_piece(object, chunk[i]);
			if (code != FAIL_NONE) {
				object->durable = before;
				return code;
			}
		}
	}
	if (!object->complete && object->durable == object->length) {
		struct hash root = tree_hash(view_of(object->data, object->length));
		if (!hash_equal(&root, &object->tree_hash)) {
			forget(tables, object);
			return FAIL_OBJECT_MISMATCH;
		}
		object->complete = true;
	}
	tell(object, answer);
	return FAIL_NONE;
}

static bool may_read(const struct memory_object *object, member_no member)
{
	return object->owner == member || ((size_t)member < object->reader_count && object->reader[member].may);
}

enum fail_code memory_object_read(const struct memory_tables *tables, member_no member, const struct id *id,
                                  uint64_t offset, struct view *data, bool *last)
{
	const struct memory_object *object = memory_object(tables, id);
	if (object == NULL || !object->complete || !may_read(object, member))
		return FAIL_UNKNOWN_OBJECT;
	if (offset % CHUNK_SIZE != 0 || offset >= object->length)
		return FAIL_MALFORMED;
	uint64_t left = object->length - offset;
	*data = view_of(object->data + offset, left < CHUNK_SIZE ? left : CHUNK_SIZE);
	*last = left <= CHUNK_SIZE;
	return FAIL_NONE;
}

bool memory_object_ready(const struct memory_tables *tables, member_no owner, const struct object_ref *ref)
{
	const struct memory_object *object = memory_object(tables, &ref->id);
	return object != NULL && object->complete && object->owner == owner && object->length == ref->length &&
	       hash_equal(&object->tree_hash, &ref->tree_hash);
}

void memory_object_grant(struct memory_tables *tables, const struct id *id, member_no reader, const struct id *by)
{
	struct memory_object *object = memory_object(tables, id);
	size_t needed = (size_t)reader + 1;
	if (needed > object->reader_count) {
		struct memory_reader *more = memory_need(needed, sizeof *more);
		if (object->reader_count > 0)
			memcpy(more, object->reader, object->reader_count * sizeof *more);
		free(object->reader);
		object->reader = more;
		object->reader_count = needed;
	}
	if (!object->reader[reader].may)
		object->reader[reader] = (struct memory_reader){true, *by};
}

void memory_object_pass_on(struct memory_tables *tables, const struct id *id, const struct store_change *change)
{
	struct memory_object *object = memory_object(tables, id);
	if (object == NULL || !may_read(object, change->sender))
		return;
	memory_object_grant(tables, id, change->grant_to, &change->message);
	if ((size_t)change->lost_by < object->reader_count)
		object->reader[change->lost_by].may = false;
}

// True: by this message somebody could read it, and now nobody can.
static bool lost_its_readers(struct memory_object *object, const struct id *by)
{
	size_t taken = 0, left = 0;
	for (size_t i = 0; i < object->reader_count; i++) {
		struct memory_reader *reader = &object->reader[i];
		bool ends = reader->may && id_equal(&reader->by, by);
		reader->may &= !ends;
		taken += ends;
		left += reader->may;
	}
	return taken > 0 && left == 0;
}

void memory_object_take_back(struct memory_tables *tables, const struct id *by, member_no owner)
{
	struct memory_object *object = NULL, *next = NULL;
	HASH_ITER(hh, tables->object, object, next) {
		if (object->owner == owner && lost_its_readers(object, by))
			forget(tables, object);
	}
}
