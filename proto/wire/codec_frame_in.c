// SPDX-License-Identifier: Apache-2.0
#include "wire/codec.h"
#include "wire/codec_answer.h"
#include "wire/codec_scan.h"
#include "wire/frame.h"

static void take_hello(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	const Passerelle__V1__Hello *hello = from->hello;
	if (hello->min_minor > hello->max_minor)
		take_fault(taking, "min_minor", FAIL_MALFORMED, "beyond max_minor");
	to->of.hello = (struct hello){
		.min_minor = hello->min_minor,
		.max_minor = hello->max_minor,
		.features = hello->features,
		.credit_messages = hello->credit_messages,
		.credit_bytes = hello->credit_bytes,
		.resume = hello->resume,
		.mailbox_epoch = take_number(taking, "mailbox_epoch", hello->mailbox_epoch, 0, MAX_NUMBER),
		.cursor = take_number(taking, "cursor", hello->cursor, 0, MAX_NUMBER),
		.now = take_time(taking, "now", hello->now),
		.software = take_text(taking, "software", hello->software, MAX_TEXT),
	};
}

static void take_welcome(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	const Passerelle__V1__Welcome *welcome = from->welcome;
	to->of.welcome = (struct welcome){
		.minor = welcome->minor,
		.features = welcome->features,
		.max_frame = welcome->max_frame,
		.credit_messages = welcome->credit_messages,
		.credit_bytes = welcome->credit_bytes,
		.mailbox_epoch = take_number(taking, "mailbox_epoch", welcome->mailbox_epoch, 0, MAX_NUMBER),
		.mailbox_low = take_number(taking, "mailbox_low", welcome->mailbox_low, 0, MAX_NUMBER),
		.mailbox_high = take_number(taking, "mailbox_high", welcome->mailbox_high, 0, MAX_NUMBER),
		.now = take_time(taking, "now", welcome->now),
		.heartbeat_ms = welcome->heartbeat_ms,
		.receipt_certificate = take_bytes(taking, "receipt_certificate", welcome->receipt_certificate, 0,
		                                  MAX_CERTIFICATE),
		.receipt_issuer = take_bytes(taking, "receipt_issuer", welcome->receipt_issuer, 0, MAX_CERTIFICATE),
		.member = take_shaped(taking, "member", welcome->member, &word_member, false),
		.role = take_shaped(taking, "role", welcome->role, &word_role, false),
	};
}

static void take_submit(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	to->of.submit.envelope = take_bytes(taking, "envelope", from->submit->envelope, 1, MAX_ENVELOPE);
}

static void take_accepted(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	const Passerelle__V1__Accepted *accepted = from->accepted;
	for (size_t i = 0; i < accepted->n_mailbox_seq; i++)
		take_number(taking, "mailbox_seq", accepted->mailbox_seq[i], 1, MAX_NUMBER);
	to->of.accepted = (struct accepted){
		.receipt = take_bytes(taking, "receipt", accepted->receipt, 1, MAX_RECEIPT),
		.duplicate = accepted->duplicate,
		.case_state = take_state(taking, "case_state", accepted->case_state),
		.mailbox_seq = accepted->mailbox_seq,
		.mailbox_seq_count = accepted->n_mailbox_seq,
	};
}

static void take_deliver(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	const Passerelle__V1__Deliver *deliver = from->deliver;
	to->of.deliver = (struct deliver){
		.mailbox_seq = take_number(taking, "mailbox_seq", deliver->mailbox_seq, 1, MAX_NUMBER),
		.case_seq = take_number(taking, "case_seq", deliver->case_seq, 0, MAX_NUMBER),
		.accepted_at = take_time(taking, "accepted_at", deliver->accepted_at),
		.case_state = take_state(taking, "case_state", deliver->case_state),
		.envelope = take_bytes(taking, "envelope", deliver->envelope, 1, MAX_ENVELOPE),
		.recalled = deliver->recalled,
	};
}

static void take_ack(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	to->of.ack.mailbox_seq = take_number(taking, "mailbox_seq", from->ack->mailbox_seq, 0, MAX_NUMBER);
}

static void take_query_frame(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	take_query(taking, from->query, &to->of.query);
}

static void take_answer_frame(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	take_answer(taking, from->answer, &to->of.answer);
}

static uint64_t take_offset(struct taking *taking, uint64_t from)
{
	if (from % CHUNK_SIZE != 0)
		take_fault(taking, "offset", FAIL_MALFORMED, "not a multiple of 256 KiB");
	return take_number(taking, "offset", from, 0, MAX_OBJECT_SIZE);
}

static void take_upload_open(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	take_id(taking, "object_id", from->upload_open->object_id, &to->of.upload_open.object);
	to->of.upload_open.length = take_number(taking, "length", from->upload_open->length, 1, MAX_OBJECT_SIZE);
	take_hash(taking, "tree_hash", from->upload_open->tree_hash, &to->of.upload_open.tree_hash);
}

static void take_upload_chunk(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	take_id(taking, "object_id", from->upload_chunk->object_id, &to->of.upload_chunk.object);
	to->of.upload_chunk.offset = take_offset(taking, from->upload_chunk->offset);
	to->of.upload_chunk.data = take_bytes(taking, "data", from->upload_chunk->data, 1, CHUNK_SIZE);
}

static void take_upload_offset(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	take_id(taking, "object_id", from->upload_offset->object_id, &to->of.upload_offset.object);
	to->of.upload_offset.durable = take_number(taking, "durable", from->upload_offset->durable, 0, MAX_OBJECT_SIZE);
	to->of.upload_offset.complete = from->upload_offset->complete;
}

static void take_fetch(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	take_id(taking, "object_id", from->fetch->object_id, &to->of.fetch.object);
	to->of.fetch.offset = take_offset(taking, from->fetch->offset);
	to->of.fetch.chunks = (uint32_t)take_number(taking, "chunks", from->fetch->chunks, 1, MAX_FETCH_CHUNKS);
}

static void take_fetch_chunk(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	take_id(taking, "object_id", from->fetch_chunk->object_id, &to->of.fetch_chunk.object);
	to->of.fetch_chunk.offset = take_offset(taking, from->fetch_chunk->offset);
	to->of.fetch_chunk.data = take_bytes(taking, "data", from->fetch_chunk->data, 0, CHUNK_SIZE);
	to->of.fetch_chunk.last = from->fetch_chunk->last;
}

// A reason that this version does not know, and NONE, which is no error, become FAIL_COUNT.
static enum fail_code fail_of_reason(const char *reason)
{
	enum fail_code fail = fail_from_name(reason);
	return fail == FAIL_NONE ? FAIL_COUNT : fail;
}

static void take_error(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	const Passerelle__V1__Error *error = from->error;
	struct error *out = &to->of.error;
	out->reason = take_shaped(taking, "reason", error->reason, &word_code, false);
	out->fail = fail_of_reason(error->reason);
	out->retryable = error->retryable;
	out->retry_after_ms = error->retry_after_ms;
	out->text = take_text(taking, "text", error->text, MAX_TEXT);
	out->detail = take_list(taking, error->n_detail, sizeof *out->detail);
	out->detail_count = error->n_detail;
	for (size_t i = 0; out->detail != NULL && i < error->n_detail; i++) {
		take_at_element(taking, "frame.error.detail", i);
		out->detail[i].name = take_shaped(taking, "name", error->detail[i]->name, &word_detail, false);
		out->detail[i].value = take_text(taking, "value", error->detail[i]->value, MAX_TEXT);
	}
}

static void take_ping(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	to->of.ping_now = take_time(taking, "now", from->ping->now);
}

static void take_pong(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	to->of.ping_now = take_time(taking, "now", from->pong->now);
}

static void take_go_away(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to)
{
	to->of.go_away.reason = take_shaped(taking, "reason", from->go_away->reason, &word_code, false);
	to->of.go_away.retry_after_ms = from->go_away->retry_after_ms;
}

struct taker {
	const char *in;
	void (*take)(struct taking *taking, const Passerelle__V1__Frame *from, struct frame *to);
};

static const struct taker takers[FRAME_KIND_COUNT] = {
	[FRAME_HELLO] = {"frame.hello", take_hello},
	[FRAME_WELCOME] = {"frame.welcome", take_welcome},
	[FRAME_SUBMIT] = {"frame.submit", take_submit},
	[FRAME_ACCEPTED] = {"frame.accepted", take_accepted},
	[FRAME_DELIVER] = {"frame.deliver", take_deliver},
	[FRAME_ACK] = {"frame.ack", take_ack},
	[FRAME_QUERY] = {"frame.query", take_query_frame},
	[FRAME_ANSWER] = {"frame.answer", take_answer_frame},
	[FRAME_UPLOAD_OPEN] = {"frame.upload_open", take_upload_open},
	[FRAME_UPLOAD_CHUNK] = {"frame.upload_chunk", take_upload_chunk},
	[FRAME_UPLOAD_OFFSET] = {"frame.upload_offset", take_upload_offset},
	[FRAME_FETCH] = {"frame.fetch", take_fetch},
	[FRAME_FETCH_CHUNK] = {"frame.fetch_chunk", take_fetch_chunk},
	[FRAME_ERROR] = {"frame.error", take_error},
	[FRAME_PING] = {"frame.ping", take_ping},
	[FRAME_PONG] = {"frame.pong", take_pong},
	[FRAME_GO_AWAY] = {"frame.go_away", take_go_away},
};

// The kinds stand in the order of the schema, whose numbers begin at 2.
_Static_assert((int)PASSERELLE__V1__FRAME__CONTENT_HELLO == (int)FRAME_HELLO + 1, "order of frame kinds");
_Static_assert((int)PASSERELLE__V1__FRAME__CONTENT_GO_AWAY == (int)FRAME_GO_AWAY + 1, "order of frame kinds");

enum fail_code frame_decode(struct frame *frame, struct view bytes, struct arena *arena, struct fail *why)
{
	*frame = (struct frame){0};
	if (codec_peek(bytes, 1, &frame->id) && frame->id > MAX_NUMBER)
		frame->id = 0;
	if (bytes.length > FRAME_MAX)
		return fail_set(why, FAIL_TOO_LARGE, "frame: over 1 MiB");
	struct taking taking = {.arena = arena, .why = why, .in = "frame"};
	const Passerelle__V1__Frame *from =
		(const Passerelle__V1__Frame *)take_message(&taking, &passerelle__v1__frame__descriptor, bytes);
	if (from == NULL)
		return taking.code;
	take_number(&taking, "id", from->id, 0, MAX_NUMBER);
	if (from->content_case == PASSERELLE__V1__FRAME__CONTENT__NOT_SET) {
		take_fault(&taking, NULL, FAIL_MALFORMED, "nothing in it");
		return taking.code;
	}
	enum frame_kind kind = (enum frame_kind)(from->content_case - 1);
	must(kind < FRAME_KIND_COUNT);
	take_at(&taking, takers[kind].in);
	takers[kind].take(&taking, from, frame);
	if (taking.code == FAIL_NONE)
		frame->kind = kind;
	return taking.code;
}
