// SPDX-License-Identifier: Apache-2.0
#include "seal/signing.h"

#include <string.h>

struct hash header_hash(struct view header_bytes)
{
	return sha256_with(DOMAIN_HEADER, header_bytes);
}

static struct hash header_leaf(struct view header_bytes)
{
	struct hash hash = header_hash(header_bytes);
	return tree_leaf(view_of(hash.byte, HASH_SIZE));
}

// With batch_size 0 the other batch fields must be absent: else one signature
// could travel in several forms.
static enum fail_code single_text(struct signed_text *text, const struct envelope *envelope)
{
	if (envelope->batch_index != 0 || envelope->batch_path_count != 0)
		return FAIL_BAD_SIGNATURE;
	text->domain = DOMAIN_ENVELOPE;
	text->message = envelope->header;
	return FAIL_NONE;
}

enum fail_code envelope_signed_text(struct signed_text *text, const struct envelope *envelope)
{
	memset(text, 0, sizeof *text);
	if (envelope->batch_size == 0)
		return single_text(text, envelope);
	if (envelope->batch_size > MAX_TREE_LEAVES)
		return FAIL_BAD_SIGNATURE;
	struct hash leaf = header_leaf(envelope->header);
	enum fail_code code = tree_climb(&text->root, &leaf, envelope->batch_index, envelope->batch_size,
	                                 envelope->batch_path, envelope->batch_path_count);
	if (code != FAIL_NONE)
		return code;
	text->domain = DOMAIN_BATCH;
	text->message = view_of(text->root.byte, HASH_SIZE);
	return FAIL_NONE;
}

enum fail_code envelope_verify(const struct envelope *envelope, const struct certificate *signer)
{
	if (!hash_equal(&envelope->signer, certificate_hash(signer)))
		return FAIL_UNKNOWN_SIGNER;
	struct signed_text text;
	enum fail_code code = envelope_signed_text(&text, envelope);
	return code == FAIL_NONE ? verify(signer, text.domain, text.message, envelope->signature) : code;
}

static enum fail_code sign_into(struct view *signature, const struct private_key *key, const char *domain,
                                struct view message, struct arena *arena)
{
	struct bytes made;
	bytes_init(&made, 128);
	enum fail_code code = sign(key, domain, message, &made);
	if (code == FAIL_NONE) {
		const uint8_t *kept = arena_copy(arena, made.data, made.length);
		*signature = view_of(kept, made.length);
		code = kept == NULL ? FAIL_NO_MEMORY : FAIL_NONE;
	}
	bytes_release(&made);
	return code;
}

static enum fail_code add_paths(struct envelope *envelope, size_t count, const struct hash *leaf, struct arena *arena)
{
	for (size_t i = 0; i < count; i++) {
		struct hash *path = arena_alloc(arena, MAX_TREE_PATH * sizeof *path);
		if (path == NULL)
			return FAIL_NO_MEMORY;
		envelope[i].batch_path = path;
		envelope[i].batch_path_count = MAX_TREE_PATH;
		tree_path(leaf, count, i, path, &envelope[i].batch_path_count);
		envelope[i].batch_index = (uint32_t)i;
		envelope[i].batch_size = (uint32_t)count;
	}
	return FAIL_NONE;
}

static enum fail_code sign_batch(struct envelope *envelope, size_t count, struct view *signature,
                                 const struct private_key *key, struct arena *arena)
{
	struct hash *leaf = arena_alloc(arena, count * sizeof *leaf);
	if (leaf == NULL)
		return FAIL_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		leaf[i] = header_leaf(envelope[i].header);
	struct hash root = tree_root(leaf, count);
	enum fail_code code = sign_into(signature, key, DOMAIN_BATCH, view_of(root.byte, HASH_SIZE), arena);
	return code == FAIL_NONE ? add_paths(envelope, count, leaf, arena) : code;
}

enum fail_code envelopes_sign(struct envelope *envelope, size_t count, const struct private_key *key,
                              const struct certificate *signer, struct arena *arena)
{
	must(count >= 1 && count <= MAX_TREE_LEAVES);
	must(private_key_fits(key, signer));
	struct view signature;
	enum fail_code code;
	if (count == 1) {
		code = sign_into(&signature, key, DOMAIN_ENVELOPE, envelope->header, arena);
		envelope->batch_path = NULL;
		envelope->batch_path_count = 0;
		envelope->batch_index = envelope->batch_size = 0;
	} else {
		code = sign_batch(envelope, count, &signature, key, arena);
	}
	for (size_t i = 0; code == FAIL_NONE && i < count; i++) {
		envelope[i].signature = signature;
		envelope[i].signer = *certificate_hash(signer);
	}
	return code;
}

static bool makes_receipts(const struct certificate *hub)
{
	const struct identity *identity = certificate_identity(hub);
	return identity->class == IDENTITY_HUB && strcmp(identity->role, "receipt") == 0;
}

enum fail_code receipt_verify(const struct hub_receipt *receipt, const struct certificate *hub, struct fail *why)
{
	if (!makes_receipts(hub) || !hash_equal(&receipt->signer, certificate_hash(hub)))
		return fail_set(why, FAIL_UNKNOWN_SIGNER, "the receipt is not by the hub's receipt certificate");
	if (receipt->size > MAX_TREE_LEAVES)
		return fail_set(why, FAIL_BAD_SIGNATURE, "the receipt's tree is over %d leaves", MAX_TREE_LEAVES);
	struct hash leaf = tree_leaf(receipt->statement), root;
	if (tree_climb(&root, &leaf, receipt->index, receipt->size, receipt->path, receipt->path_count) != FAIL_NONE)
		return fail_set(why, FAIL_BAD_SIGNATURE, "the receipt's path does not fit its place");
	enum fail_code code = verify(hub, DOMAIN_RECEIPT, view_of(root.byte, HASH_SIZE), receipt->signature);
	return code == FAIL_NONE ? FAIL_NONE : fail_set(why, code, "the signature does not fit the receipt");
}

enum fail_code receipt_fits(const struct hub_statement *statement, const struct header *header,
                            struct view header_bytes, struct view envelope_bytes, const struct certificate *hub,
                            struct fail *why)
{
	struct hash of_header = header_hash(header_bytes), of_envelope = sha256(envelope_bytes);
	const struct {
		bool fits;
		const char *field;
	} checks[] = {
		{id_equal(&statement->message, &header->message), "message id"},
		{strcmp(statement->from, header->from) == 0, "sender"},
		{id_equal(&statement->case_id, &header->case_id), "case"},
		{hash_equal(&statement->header_hash, &of_header), "header"},
		{hash_equal(&statement->envelope_hash, &of_envelope), "envelope"},
		{strcmp(statement->hub, certificate_identity(hub)->uri) == 0, "hub"},
	};
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
		if (!checks[i].fits)
			return fail_set(why, FAIL_BAD_SIGNATURE, "the receipt names another %s", checks[i].field);
	return FAIL_NONE;
}
