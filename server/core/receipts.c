// SPDX-License-Identifier: Apache-2.0
//
// HubReceipts. The statement is made before the commit and never again for a
// message: a duplicate gets the same bytes from what the store kept of it.
#include "core/core_private.h"

#include <string.h>

static enum fail_code encode(const struct hub_statement *statement, struct bytes *out, struct hash *leaf)
{
	size_t before = out->length;
	enum fail_code code = statement_encode(statement, out);
	if (code == FAIL_NONE && leaf != NULL)
		*leaf = tree_leaf(view_of(out->data + before, out->length - before));
	return code;
}

static void set_text(char *to, size_t size, const char *from)
{
	size_t length = strlen(from);
	must(length < size);
	memcpy(to, from, length + 1);
}

enum fail_code receipt_statement(struct core *core, const struct request *request, const struct store_change *change,
                                 uint64_t accepted_at, struct bytes *out, struct hash *leaf)
{
	struct hub_statement statement = {
		.version = 1,
		.message = change->message,
		.header_hash = change->header_hash,
		.envelope_hash = change->envelope_hash,
		.case_id = request->header.case_id,
		.case_seq = change->has_case ? change->next.seq : 0,
		.accepted_at = accepted_at,
		.commit = core->settings.commit,
	};
	set_text(statement.from, sizeof statement.from, request->header.from);
	set_text(statement.hub, sizeof statement.hub, core->settings.hub_uri);
	return encode(&statement, out, leaf);
}

enum fail_code receipt_of_slot(struct core *core, struct transaction *transaction, size_t index)
{
	size_t start = index == 0 ? 0 : transaction->statement_end[index - 1];
	struct hub_receipt receipt = {
		.statement = view_of(transaction->statements.data + start, transaction->statement_end[index] - start),
		.path = transaction->path[index],
		.path_count = transaction->path_length[index],
		.index = (uint32_t)index,
		.size = (uint32_t)transaction->batch.count,
		.signature = bytes_view(&transaction->signature),
		.signer = transaction->batch.signer,
	};
	bytes_clear(&core->writer.receipt);
	return receipt_encode(&receipt, &core->writer.receipt);
}

static enum fail_code rebuild(const struct store_original *original, struct view statement, struct bytes *out)
{
	struct hash path[MAX_TREE_PATH];
	size_t length = MAX_TREE_PATH;
	tree_path(original->leaf, original->leaf_count, original->leaf_index, path, &length);
	struct hub_receipt receipt = {
		.statement = statement,
		.path = path,
		.path_count = length,
		.index = original->leaf_index,
		.size = original->leaf_count,
		.signature = original->signature,
		.signer = original->signer,
	};
	bytes_clear(out);
	return receipt_encode(&receipt, out);
}

static enum fail_code rebuild_all(const struct store_original *original, const struct id *message, const char *from,
                                  struct bytes *out)
{
	struct hub_statement statement = {
		.version = 1,
		.message = *message,
		.header_hash = original->header_hash,
		.envelope_hash = original->envelope_hash,
		.case_id = original->case_id,
		.case_seq = original->case_seq,
		.accepted_at = original->accepted_at,
		.commit = original->commit,
	};
	if (original->leaf_count < 1 || original->leaf_count > MAX_TREE_LEAVES ||
	    original->leaf_index >= original->leaf_count || strlen(original->hub) >= sizeof statement.hub)
		return FAIL_DATA_LOSS;
	set_text(statement.from, sizeof statement.from, from);
	set_text(statement.hub, sizeof statement.hub, original->hub);
	struct bytes text;
	struct hash leaf;
	bytes_init(&text, MAX_STATEMENT);
	enum fail_code code = encode(&statement, &text, &leaf);
	// What was signed then must be what is read now.
	if (code == FAIL_NONE && !hash_equal(&leaf, &original->leaf[original->leaf_index]))
		code = FAIL_DATA_LOSS;
	if (code == FAIL_NONE)
		code = rebuild(original, bytes_view(&text), out);
	bytes_release(&text);
	return code;
}

void receipt_answer(struct core *core, struct request *request, const struct store_original *original)
{
	struct bytes *receipt = &core->writer.receipt;
	enum fail_code code = FAIL_KEY_REUSED;
	if (hash_equal(&original->envelope_hash, &request->envelope_hash))
		code = rebuild_all(original, &request->header.message, request->header.from, receipt);
	if (code != FAIL_NONE) {
		core->figures.damaged += code == FAIL_DATA_LOSS;
		request_refuse(core, request, code, NULL);
		return;
	}
	uint64_t seq[MAX_RECIPIENTS];
	for (size_t i = 0; i < original->mailbox_seq_count; i++)
		seq[i] = original->mailbox_seq[i];
	struct accepted accepted = {
		.receipt = bytes_view(receipt),
		.duplicate = true,
		.case_state = original->case_state,
		.mailbox_seq = seq,
		.mailbox_seq_count = original->mailbox_seq_count,
	};
	request_accept(core, request, &accepted);
}
