// SPDX-License-Identifier: Apache-2.0
#include "wire/codec.h"
#include "wire/codec_answer.h"
#include "wire/codec_text.h"
#include "wire/frame.h"

#include <string.h>

// A frame on its way out: the messages inside live here until it is packed, so that
// the frequent kinds need no memory but that of the bytes.
struct giving {
	Passerelle__V1__Frame frame;
	union {
		Passerelle__V1__Hello hello;
		Passerelle__V1__Welcome welcome;
		Passerelle__V1__Submit submit;
		Passerelle__V1__Accepted accepted;
		Passerelle__V1__Deliver deliver;
		Passerelle__V1__Ack ack;
		Passerelle__V1__Query query;
		Passerelle__V1__Answer answer;
		Passerelle__V1__UploadOpen upload_open;
		Passerelle__V1__UploadChunk upload_chunk;
		Passerelle__V1__UploadOffset upload_offset;
		Passerelle__V1__Fetch fetch;
		Passerelle__V1__FetchChunk fetch_chunk;
		Passerelle__V1__Error error;
		Passerelle__V1__Ping ping;
		Passerelle__V1__Pong pong;
		Passerelle__V1__GoAway go_away;
	} content;
	union {
		union query_out query;
		union answer_out answer;
	} inside;
	struct arena arena;
};

static bool give_hello(struct giving *to, const struct frame *from)
{
	const struct hello *hello = &from->of.hello;
	Passerelle__V1__Hello *out = to->frame.hello = &to->content.hello;
	passerelle__v1__hello__init(out);
	out->min_minor = hello->min_minor;
	out->max_minor = hello->max_minor;
	out->features = hello->features;
	out->credit_messages = hello->credit_messages;
	out->credit_bytes = hello->credit_bytes;
	out->resume = hello->resume;
	out->mailbox_epoch = hello->mailbox_epoch;
	out->cursor = hello->cursor;
	out->now = hello->now;
	out->software = give_text(hello->software);
	return true;
}

static bool give_welcome(struct giving *to, const struct frame *from)
{
	const struct welcome *welcome = &from->of.welcome;
	Passerelle__V1__Welcome *out = to->frame.welcome = &to->content.welcome;
	passerelle__v1__welcome__init(out);
	out->minor = welcome->minor;
	out->features = welcome->features;
	out->max_frame = welcome->max_frame;
	out->credit_messages = welcome->credit_messages;
	out->credit_bytes = welcome->credit_bytes;
	out->mailbox_epoch = welcome->mailbox_epoch;
	out->mailbox_low = welcome->mailbox_low;
	out->mailbox_high = welcome->mailbox_high;
	out->now = welcome->now;
	out->heartbeat_ms = welcome->heartbeat_ms;
	out->receipt_certificate = give_view(welcome->receipt_certificate);
	out->receipt_issuer = give_view(welcome->receipt_issuer);
	out->member = give_text(welcome->member);
	out->role = give_text(welcome->role);
	return true;
}

static bool give_submit(struct giving *to, const struct frame *from)
{
	to->frame.submit = &to->content.submit;
	passerelle__v1__submit__init(to->frame.submit);
	to->frame.submit->envelope = give_view(from->of.submit.envelope);
	return true;
}

static bool give_accepted(struct giving *to, const struct frame *from)
{
	const struct accepted *accepted = &from->of.accepted;
	Passerelle__V1__Accepted *out = to->frame.accepted = &to->content.accepted;
	passerelle__v1__accepted__init(out);
	out->receipt = give_view(accepted->receipt);
	out->duplicate = accepted->duplicate;
	out->case_state = accepted->case_state;
	out->n_mailbox_seq = accepted->mailbox_seq_count;
	out->mailbox_seq = accepted->mailbox_seq;
	return true;
}

static bool give_deliver(struct giving *to, const struct frame *from)
{
	const struct deliver *deliver = &from->of.deliver;
	Passerelle__V1__Deliver *out = to->frame.deliver = &to->content.deliver;
	passerelle__v1__deliver__init(out);
	out->mailbox_seq = deliver->mailbox_seq;
	out->case_seq = deliver->case_seq;
	out->accepted_at = deliver->accepted_at;
	out->case_state = deliver->case_state;
	out->envelope = give_view(deliver->envelope);
	out->recalled = deliver->recalled;
	return true;
}

static bool give_ack(struct giving *to, const struct frame *from)
{
	to->frame.ack = &to->content.ack;
	passerelle__v1__ack__init(to->frame.ack);
	to->frame.ack->mailbox_seq = from->of.ack.mailbox_seq;
	return true;
}

static bool give_query_frame(struct giving *to, const struct frame *from)
{
	to->frame.query = &to->content.query;
	passerelle__v1__query__init(to->frame.query);
	give_query(&from->of.query, to->frame.query, &to->inside.query);
	return true;
}

static bool give_answer_frame(struct giving *to, const struct frame *from)
{
	to->frame.answer = &to->content.answer;
	passerelle__v1__answer__init(to->frame.answer);
	return give_answer(&to->arena, &from->of.answer, to->frame.answer, &to->inside.answer);
}

static bool give_upload_open(struct giving *to, const struct frame *from)
{
	Passerelle__V1__UploadOpen *out = to->frame.upload_open = &to->content.upload_open;
	passerelle__v1__upload_open__init(out);
	out->object_id = give_id(&from->of.upload_open.object);
	out->length = from->of.upload_open.length;
	out->tree_hash = give_hash(&from->of.upload_open.tree_hash);
	return true;
}

static bool give_upload_chunk(struct giving *to, const struct frame *from)
{
	Passerelle__V1__UploadChunk *out = to->frame.upload_chunk = &to->content.upload_chunk;
	passerelle__v1__upload_chunk__init(out);
	out->object_id = give_id(&from->of.upload_chunk.object);
	out->offset = from->of.upload_chunk.offset;
	out->data = give_view(from->of.upload_chunk.data);
	return true;
}

static bool give_upload_offset(struct giving *to, const struct frame *from)
{
	Passerelle__V1__UploadOffset *out = to->frame.upload_offset = &to->content.upload_offset;
	passerelle__v1__upload_offset__init(out);
	out->object_id = give_id(&from->of.upload_offset.object);
	out->durable = from->of.upload_offset.durable;
	out->complete = from->of.upload_offset.complete;
	return true;
}

static bool give_fetch(struct giving *to, const struct frame *from)
{
	Passerelle__V1__Fetch *out = to->frame.fetch = &to->content.fetch;
	passerelle__v1__fetch__init(out);
	out->object_id = give_id(&from->of.fetch.object);
	out->offset = from->of.fetch.offset;
	out->chunks = from->of.fetch.chunks;
	return true;
}

static bool give_fetch_chunk(struct giving *to, const struct frame *from)
{
	Passerelle__V1__FetchChunk *out = to->frame.fetch_chunk = &to->content.fetch_chunk;
	passerelle__v1__fetch_chunk__init(out);
	out->object_id = give_id(&from->of.fetch_chunk.object);
	out->offset = from->of.fetch_chunk.offset;
	out->data = give_view(from->of.fetch_chunk.data);
	out->last = from->of.fetch_chunk.last;
	return true;
}

static bool give_details(struct giving *to, const struct error *from, Passerelle__V1__Error *out)
{
	Passerelle__V1__ErrorDetail *detail = arena_alloc(&to->arena, from->detail_count * sizeof *detail);
	out->detail = arena_alloc(&to->arena, from->detail_count * sizeof *out->detail);
	if (detail == NULL || out->detail == NULL)
		return false;
	for (size_t i = 0; i < from->detail_count; i++) {
		passerelle__v1__error_detail__init(&detail[i]);
		detail[i].name = give_text(from->detail[i].name);
		detail[i].value = give_text(from->detail[i].value);
		out->detail[i] = &detail[i];
	}
	out->n_detail = from->detail_count;
	return true;
}

// A refusal must arrive: words that the other side would refuse give way to the advice.
static const char *words_of(const struct error *error)
{
	const char *text = error->text != NULL ? error->text : "";
	bool sayable = strnlen(text, MAX_TEXT + 1) <= MAX_TEXT && text_check(view_of_text(text)) == FAIL_NONE;
	return sayable && text[0] != '\0' ? text : fail_advice(error->fail);
}

static bool give_error(struct giving *to, const struct frame *from)
{
	const struct error *error = &from->of.error;
	bool known = error->fail < FAIL_COUNT;
	bool named = error->reason != NULL && error->reason[0] != '\0';
	Passerelle__V1__Error *out = to->frame.error = &to->content.error;
	passerelle__v1__error__init(out);
	out->code = known ? (uint32_t)fail_rpc(error->fail) : (uint32_t)RPC_UNKNOWN;
	out->reason = give_text(named ? error->reason : fail_name(error->fail));
	out->retryable = error->retryable;
	out->retry_after_ms = error->retry_after_ms;
	out->text = give_text(words_of(error));
	return error->detail_count == 0 || give_details(to, error, out);
}

static bool give_ping(struct giving *to, const struct frame *from)
{
	to->frame.ping = &to->content.ping;
	passerelle__v1__ping__init(to->frame.ping);
	to->frame.ping->now = from->of.ping_now;
	return true;
}

static bool give_pong(struct giving *to, const struct frame *from)
{
	to->frame.pong = &to->content.pong;
	passerelle__v1__pong__init(to->frame.pong);
	to->frame.pong->now = from->of.ping_now;
	return true;
}

static bool give_go_away(struct giving *to, const struct frame *from)
{
	to->frame.go_away = &to->content.go_away;
	passerelle__v1__go_away__init(to->frame.go_away);
	to->frame.go_away->reason = give_text(from->of.go_away.reason);
	to->frame.go_away->retry_after_ms = from->of.go_away.retry_after_ms;
	return true;
}

// False without memory.
typedef bool giver(struct giving *to, const struct frame *from);

static giver *const givers[FRAME_KIND_COUNT] = {
	[FRAME_HELLO] = give_hello,
	[FRAME_WELCOME] = give_welcome,
	[FRAME_SUBMIT] = give_submit,
	[FRAME_ACCEPTED] = give_accepted,
	[FRAME_DELIVER] = give_deliver,
	[FRAME_ACK] = give_ack,
	[FRAME_QUERY] = give_query_frame,
	[FRAME_ANSWER] = give_answer_frame,
	[FRAME_UPLOAD_OPEN] = give_upload_open,
	[FRAME_UPLOAD_CHUNK] = give_upload_chunk,
	[FRAME_UPLOAD_OFFSET] = give_upload_offset,
	[FRAME_FETCH] = give_fetch,
	[FRAME_FETCH_CHUNK] = give_fetch_chunk,
	[FRAME_ERROR] = give_error,
	[FRAME_PING] = give_ping,
	[FRAME_PONG] = give_pong,
	[FRAME_GO_AWAY] = give_go_away,
};

// The length is known only after packing: its four bytes are kept free before.
static enum fail_code give_frame(const Passerelle__V1__Frame *frame, struct bytes *out)
{
	size_t start = out->length;
	enum fail_code code = bytes_append_u32be(out, 0);
	if (code != FAIL_NONE)
		return code;
	code = give_message(&frame->base, FRAME_MAX, out);
	if (code != FAIL_NONE) {
		out->length = start;
		return code;
	}
	write_u32be(out->data + start, (uint32_t)(out->length - start - FRAME_HEAD));
	return FAIL_NONE;
}

enum fail_code frame_encode(const struct frame *frame, struct bytes *out)
{
	must(frame->kind > FRAME_NONE && frame->kind < FRAME_KIND_COUNT);
	struct giving giving;
	passerelle__v1__frame__init(&giving.frame);
	arena_init(&giving.arena, ARENA_MESSAGE_CAP, UINT32_MAX); // our own lists: bytes are limit enough
	giving.frame.id = frame->id;
	giving.frame.content_case = (Passerelle__V1__Frame__ContentCase)(frame->kind + 1);
	enum fail_code code = FAIL_NO_MEMORY;
	if (givers[frame->kind](&giving, frame))
		code = give_frame(&giving.frame, out);
	arena_release(&giving.arena);
	return code;
}
