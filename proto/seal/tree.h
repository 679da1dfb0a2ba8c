// SPDX-License-Identifier: Apache-2.0
//
// RFC 9162 2.1 trees (hashing of RFC 6962): one signature for many messages,
// one hash for many pieces. Used three times: receipts of one commit, envelopes
// signed together, pieces of an attachment.
#ifndef PASSERELLE_SEAL_TREE_H
#define PASSERELLE_SEAL_TREE_H

#include "seal/key.h"

struct hash tree_leaf(struct view entry);                       // SHA-256(0x00 entry)

// Root over leaf hashes; count 0 gives SHA-256 of nothing.
struct hash tree_root(const struct hash *leaf, size_t count);

// Audit path of leaf `index` (RFC 9162 2.1.3.1), at most `*count` nodes room, *count set.
void tree_path(const struct hash *leaf, size_t leaves, size_t index, struct hash *path, size_t *count);

// All paths and the root in one pass over the tree: path[i] has room for MAX_TREE_PATH nodes, length[i] is set.
// 1 to MAX_TREE_LEAVES leaves.
struct hash tree_paths(const struct hash *leaf, size_t leaves, struct hash (*path)[MAX_TREE_PATH], size_t *length);

// The root that leaf and path lead to (RFC 9162 2.1.3.2); FAIL_BAD_SIGNATURE if the path's length cannot be right.
enum fail_code tree_climb(struct hash *root, const struct hash *leaf, size_t index, size_t leaves,
                          const struct hash *path, size_t count) MUST_CHECK;

// Tree hash of a byte stream in pieces of CHUNK_SIZE: feed in any cut.
// An empty stream has one empty piece.
struct tree_stream;
struct tree_stream *tree_stream_new(void);
enum fail_code tree_stream_add(struct tree_stream *stream, struct view bytes) MUST_CHECK;
struct hash tree_stream_root(struct tree_stream *stream);
void tree_stream_free(struct tree_stream *stream);

// The same for bytes that are all there.
struct hash tree_hash(struct view bytes);

#endif
