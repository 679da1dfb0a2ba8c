// SPDX-License-Identifier: Apache-2.0
#include "wire/codec.h"
#include "wire/codec_field.h"

#include <passerelle/v1/envelope.pb-c.h>

static void take_commit(struct taking *taking, const Passerelle__V1__HubStatement *from, struct hub_statement *to)
{
	if (from->commit != PASSERELLE__V1__COMMIT_LEVEL__COMMIT_LEVEL_LOCAL &&
	    from->commit != PASSERELLE__V1__COMMIT_LEVEL__COMMIT_LEVEL_REPLICATED)
		take_fault(taking, "commit", FAIL_UNSUPPORTED, "this version does not know it");
	to->commit = (enum commit_level)from->commit;
}

// A message belongs to a case and has a number in it, or neither.
static void take_case(struct taking *taking, const Passerelle__V1__HubStatement *from, struct hub_statement *to)
{
	if (from->case_id.len > 0)
		take_id(taking, "case_id", from->case_id, &to->case_id);
	to->case_seq = take_number(taking, "case_seq", from->case_seq, 0, MAX_NUMBER);
	if ((from->case_id.len > 0) != (from->case_seq > 0))
		take_fault(taking, "case_seq", FAIL_MALFORMED, "a case has numbers from 1, no case has 0");
}

enum fail_code statement_decode(struct hub_statement *statement, struct view bytes, struct arena *arena,
                                struct fail *why)
{
	*statement = (struct hub_statement){0};
	if (bytes.length > MAX_STATEMENT)
		return fail_set(why, FAIL_TOO_LARGE, "statement: too long");
	struct taking taking = {.arena = arena, .why = why, .in = "statement"};
	const Passerelle__V1__HubStatement *from =
		(const Passerelle__V1__HubStatement *)take_message(&taking, &passerelle__v1__hub_statement__descriptor, bytes);
	if (from == NULL)
		return taking.code;
	statement->version = from->version;
	if (from->version != 1)
		take_fault(&taking, "version", FAIL_UNSUPPORTED, "this version knows 1 only");
	take_id(&taking, "message_id", from->message_id, &statement->message);
	take_word(&taking, "from", from->from, &word_member, false, statement->from, sizeof statement->from);
	take_hash(&taking, "header_hash", from->header_hash, &statement->header_hash);
	take_hash(&taking, "envelope_hash", from->envelope_hash, &statement->envelope_hash);
	take_case(&taking, from, statement);
	statement->accepted_at = take_time(&taking, "accepted_at", from->accepted_at);
	take_commit(&taking, from, statement);
	take_word(&taking, "hub", from->hub, &word_hub_uri, false, statement->hub, sizeof statement->hub);
	return taking.code;
}

enum fail_code statement_encode(const struct hub_statement *statement, struct bytes *out)
{
	Passerelle__V1__HubStatement to;
	passerelle__v1__hub_statement__init(&to);
	to.version = statement->version;
	to.message_id = give_id(&statement->message);
	to.from = give_text(statement->from);
	to.header_hash = give_hash(&statement->header_hash);
	to.envelope_hash = give_hash(&statement->envelope_hash);
	to.case_id = give_id(&statement->case_id);
	to.case_seq = statement->case_seq;
	to.accepted_at = statement->accepted_at;
	to.commit = (Passerelle__V1__CommitLevel)statement->commit;
	to.hub = give_text(statement->hub);
	return give_message(&to.base, MAX_STATEMENT, out);
}

enum fail_code receipt_decode(struct hub_receipt *receipt, struct view bytes, struct arena *arena, struct fail *why)
{
	*receipt = (struct hub_receipt){0};
	if (bytes.length > MAX_RECEIPT)
		return fail_set(why, FAIL_TOO_LARGE, "receipt: too long");
	struct taking taking = {.arena = arena, .why = why, .in = "receipt"};
	const Passerelle__V1__HubReceipt *from =
		(const Passerelle__V1__HubReceipt *)take_message(&taking, &passerelle__v1__hub_receipt__descriptor, bytes);
	if (from == NULL)
		return taking.code;
	receipt->statement = take_bytes(&taking, "statement", from->statement, 1, MAX_STATEMENT);
	receipt->size = (uint32_t)take_number(&taking, "size", from->size, 1, MAX_TREE_LEAVES);
	receipt->index = (uint32_t)take_number(&taking, "index", from->index, 0, from->size > 0 ? from->size - 1 : 0);
	receipt->signature = take_bytes(&taking, "signature", from->signature, MIN_SIGNATURE, MAX_SIGNATURE);
	take_hash(&taking, "signer", from->signer, &receipt->signer);
	receipt->path = take_hashes(&taking, "receipt.path", from->n_path, from->path);
	receipt->path_count = from->n_path;
	return taking.code;
}

enum fail_code receipt_encode(const struct hub_receipt *receipt, struct bytes *out)
{
	// The hub makes one a message: no allocation here.
	ProtobufCBinaryData path[MAX_TREE_PATH];
	if (receipt->path_count > MAX_TREE_PATH)
		return FAIL_TOO_LARGE;
	for (size_t i = 0; i < receipt->path_count; i++)
		path[i] = give_hash(&receipt->path[i]);
	Passerelle__V1__HubReceipt to;
	passerelle__v1__hub_receipt__init(&to);
	to.statement = give_view(receipt->statement);
	to.n_path = receipt->path_count;
	to.path = path;
	to.index = receipt->index;
	to.size = receipt->size;
	to.signature = give_view(receipt->signature);
	to.signer = give_hash(&receipt->signer);
	return give_message(&to.base, MAX_RECEIPT, out);
}
