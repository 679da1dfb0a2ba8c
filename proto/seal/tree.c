// SPDX-License-Identifier: Apache-2.0
#include "seal/tree.h"

#include "seal/key_parts.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t leaf_mark = 0, node_mark = 1;

static struct hash hash_node(struct hasher *hasher, const struct hash *left, const struct hash *right)
{
	hasher_start(hasher);
	hasher_add(hasher, &node_mark, 1);
	hasher_add(hasher, left->byte, HASH_SIZE);
	hasher_add(hasher, right->byte, HASH_SIZE);
	return hasher_end(hasher);
}

static struct hash hash_leaf(struct hasher *hasher, struct view entry)
{
	hasher_start(hasher);
	hasher_add(hasher, &leaf_mark, 1);
	hasher_add(hasher, entry.data, entry.length);
	return hasher_end(hasher);
}

struct hash tree_leaf(struct view entry)
{
	struct hasher hasher;
	hasher_init(&hasher);
	struct hash hash = hash_leaf(&hasher, entry);
	hasher_release(&hasher);
	return hash;
}

// Leaves of the left half: the largest power of two below `leaves`.
static size_t left_half(size_t leaves)
{
	size_t half = 1;
	while (half < leaves - half)
		half *= 2;
	return half;
}

// As deep as the tree is high.
static struct hash root_of(struct hasher *hasher, const struct hash *leaf, size_t count)
{
	if (count == 1)
		return *leaf;
	size_t half = left_half(count);
	struct hash left = root_of(hasher, leaf, half);
	struct hash right = root_of(hasher, leaf + half, count - half);
	return hash_node(hasher, &left, &right);
}

struct hash tree_root(const struct hash *leaf, size_t count)
{
	if (count == 0)
		return sha256(view_of(NULL, 0));
	struct hasher hasher;
	hasher_init(&hasher);
	struct hash root = root_of(&hasher, leaf, count);
	hasher_release(&hasher);
	return root;
}

// From the leaf's end: the neighbours below come first.
static size_t walk(struct hasher *hasher, const struct hash *leaf, size_t leaves, size_t index, struct hash *path,
                   size_t room)
{
	if (leaves == 1)
		return 0;
	size_t half = left_half(leaves);
	bool left = index < half;
	size_t below = left ? walk(hasher, leaf, half, index, path, room) :
	                      walk(hasher, leaf + half, leaves - half, index - half, path, room);
	must(below < room);
	path[below] = left ? root_of(hasher, leaf + half, leaves - half) : root_of(hasher, leaf, half);
	return below + 1;
}

void tree_path(const struct hash *leaf, size_t leaves, size_t index, struct hash *path, size_t *count)
{
	must(index < leaves);
	struct hasher hasher;
	hasher_init(&hasher);
	*count = walk(&hasher, leaf, leaves, index, path, *count);
	hasher_release(&hasher);
}

// Level by level from the leaves: an odd last node goes up as it is, which gives
// the same tree as the halves of RFC 9162 2.1.
struct hash tree_paths(const struct hash *leaf, size_t leaves, struct hash (*path)[MAX_TREE_PATH], size_t *length)
{
	struct hash level[MAX_TREE_LEAVES];
	struct hasher hasher;
	must(leaves >= 1 && leaves <= MAX_TREE_LEAVES);
	memcpy(level, leaf, leaves * sizeof *leaf);
	memset(length, 0, leaves * sizeof *length);
	hasher_init(&hasher);
	size_t width = leaves;
	for (unsigned height = 0; width > 1; height++) {
		for (size_t i = 0; i < leaves; i++) {
			size_t neighbour = (i >> height) ^ 1;
			if (neighbour < width)
				path[i][length[i]++] = level[neighbour];
		}
		for (size_t i = 0; i + 1 < width; i += 2)
			level[i / 2] = hash_node(&hasher, &level[i], &level[i + 1]);
		if (width % 2 == 1)
			level[width / 2] = level[width - 1];
		width = (width + 1) / 2;
	}
	hasher_release(&hasher);
	return level[0];
}

static unsigned path_length(size_t index, size_t leaves)
{
	unsigned length = 0;
	for (size_t at = index, last = leaves - 1; last > 0; at /= 2, last /= 2) {
		if (at % 2 == 1 || at < last)
			length++;
	}
	return length;
}

enum fail_code tree_climb(struct hash *root, const struct hash *leaf, size_t index, size_t leaves,
                          const struct hash *path, size_t count)
{
	if (index >= leaves || count != path_length(index, leaves))
		return FAIL_BAD_SIGNATURE;
	struct hasher hasher;
	hasher_init(&hasher);
	struct hash at = *leaf;
	size_t used = 0;
	for (size_t last = leaves - 1; last > 0; index /= 2, last /= 2) {
		if (index % 2 == 1)
			at = hash_node(&hasher, &path[used++], &at);
		else if (index < last)
			at = hash_node(&hasher, &at, &path[used++]);
	}
	hasher_release(&hasher);
	*root = at;
	return FAIL_NONE;
}

enum { STREAM_LEVELS = 48 }; // 2^48 pieces; bounded by the count's bits

struct tree_stream {
	struct hasher hasher;    // holds the piece that is under way
	struct hash level[STREAM_LEVELS]; // level i: root of 2^i pieces, valid where bit i of `pieces` is set
	uint64_t pieces;         // whole ones
	size_t in_piece;         // bytes of the piece under way
	bool ended;
};

struct tree_stream *tree_stream_new(void)
{
	struct tree_stream *stream = calloc(1, sizeof *stream);
	if (stream == NULL)
		return NULL;
	hasher_init(&stream->hasher);
	return stream;
}

void tree_stream_free(struct tree_stream *stream)
{
	if (stream == NULL)
		return;
	hasher_release(&stream->hasher);
	free(stream);
}

static void start_piece(struct tree_stream *stream)
{
	hasher_start(&stream->hasher);
	hasher_add(&stream->hasher, &leaf_mark, 1);
}

// Carries like adding one to a binary number.
static void end_piece(struct tree_stream *stream)
{
	struct hash at = hasher_end(&stream->hasher);
	unsigned level = 0;
	for (; (stream->pieces >> level & 1) != 0; level++)
		at = hash_node(&stream->hasher, &stream->level[level], &at);
	must(level < STREAM_LEVELS);
	stream->level[level] = at;
	stream->pieces++;
	stream->in_piece = 0;
}

enum fail_code tree_stream_add(struct tree_stream *stream, struct view bytes)
{
	must(!stream->ended);
	while (bytes.length > 0) {
		if (stream->in_piece == 0)
			start_piece(stream);
		size_t room = CHUNK_SIZE - stream->in_piece;
		size_t taken = bytes.length < room ? bytes.length : room;
		hasher_add(&stream->hasher, bytes.data, taken);
		stream->in_piece += taken;
		bytes = view_of(bytes.data + taken, bytes.length - taken);
		if (stream->in_piece == CHUNK_SIZE)
			end_piece(stream);
	}
	return FAIL_NONE;
}

// Joins what stands at the levels, smallest first: that is how RFC 9162 splits.
struct hash tree_stream_root(struct tree_stream *stream)
{
	if (!stream->ended && stream->pieces == 0 && stream->in_piece == 0)
		start_piece(stream);
	if (!stream->ended && (stream->pieces == 0 || stream->in_piece > 0))
		end_piece(stream);
	stream->ended = true;
	unsigned level = 0;
	while ((stream->pieces >> level & 1) == 0)
		level++;
	struct hash root = stream->level[level];
	for (level++; level < STREAM_LEVELS; level++)
		if ((stream->pieces >> level & 1) != 0)
			root = hash_node(&stream->hasher, &stream->level[level], &root);
	return root;
}

struct hash tree_hash(struct view bytes)
{
	struct tree_stream *stream = tree_stream_new();
	must(stream != NULL && tree_stream_add(stream, bytes) == FAIL_NONE);
	struct hash root = tree_stream_root(stream);
	tree_stream_free(stream);
	return root;
}
