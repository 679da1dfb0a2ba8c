// SPDX-License-Identifier: Apache-2.0
#include "lib/cases.h"
#include "lib/exchange.h"
#include "lib/hub_words.h"
#include "seal/signing.h"
#include "wire/codec.h"
#include "wire/frame.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	EARLY_MESSAGES = 16,       // before the Welcome told the credit
	FRAME_OVERHEAD = 64,       // of a Submit around its envelope
	UNSENT_ENOUGH = 512 * 1024, // the socket is busy: it gets no more
	HOLD_MS = 1000,            // where the hub asks to wait without saying how long
	MAX_INCOMPLETE = 8,
};

static uint32_t credit_messages(const struct exchange *x)
{
	return x->welcomed ? x->credit_messages : EARLY_MESSAGES;
}

static bool fits(const struct exchange *x, size_t length)
{
	if (!x->welcomed)
		return length + FRAME_OVERHEAD <= FRAME_MAX_BEFORE_HELLO && link_unsent(x->link) < UNSENT_ENOUGH;
	return x->flights == 0 || x->flight_bytes + length <= x->credit_bytes;
}

// A case whose earlier message is not answered yet stays in order by waiting.
struct busy {
	struct id case_id[2 * FLIGHTS];
	size_t count;
};

static bool is_busy(const struct busy *busy, const struct id *case_id)
{
	for (size_t i = 0; i < busy->count; i++) {
		if (id_equal(&busy->case_id[i], case_id))
			return true;
	}
	return false;
}

static void make_busy(struct busy *busy, const struct id *case_id)
{
	if (!id_is_zero(case_id) && busy->count < 2 * FLIGHTS && !is_busy(busy, case_id))
		busy->case_id[busy->count++] = *case_id;
}

static bool in_flight(const struct exchange *x, const struct id *message)
{
	for (size_t i = 0; i < x->flights; i++) {
		if (id_equal(&x->flight[i].message, message))
			return true;
	}
	return false;
}

// After wait_again the outbox is read from its start again: what is under way is left out.
static void drop_flying(struct exchange *x)
{
	size_t kept = 0;
	for (size_t i = 0; i < x->waiting_count; i++) {
		if (!in_flight(x, &x->waiting[i].message))
			x->waiting[kept++] = x->waiting[i];
	}
	x->waiting_count = kept;
}

// On the disk before anything is sent: what has left, or may have, is not taken back here any more.
static enum fail_code mark_submitted(struct exchange *x, size_t room, struct fail *why)
{
	struct outbox_mark first;
	size_t count = 1;
	bool any = false;
	enum fail_code code = outbox_queued_after(x->profile->store, x->read_number, &first, &count, why);
	if (code != FAIL_NONE || count == 0)
		return code; // the usual case: nothing is written for it
	code = exchange_write(x, why);
	if (code == FAIL_NONE)
		code = outbox_submitting(x->profile->store, x->read_number, room, clock_now(), &any, why);
	return code == FAIL_NONE ? exchange_commit(x, why) : code;
}

// The same for one that had to wait for its attachments. *waits false: it was taken back.
static enum fail_code mark_one(struct exchange *x, const struct outbox_mark *mark, bool *waits, struct fail *why)
{
	*waits = true;
	if (mark->submitted)
		return FAIL_NONE;
	enum fail_code code = exchange_write(x, why);
	if (code == FAIL_NONE)
		code = outbox_submitting_one(x->profile->store, &mark->message, clock_now(), waits, why);
	return code == FAIL_NONE ? exchange_commit(x, why) : code;
}

static enum fail_code read_more(struct exchange *x, struct fail *why)
{
	size_t room = FLIGHTS - x->waiting_count;
	if (room == 0)
		return FAIL_NONE;
	size_t count = room;
	enum fail_code marked = mark_submitted(x, room, why);
	if (marked != FAIL_NONE)
		return marked;
	struct outbox_mark *to = x->waiting + x->waiting_count;
	enum fail_code code = outbox_queued_after(x->profile->store, x->read_number, to, &count, why);
	if (code != FAIL_NONE || count == 0)
		return code;
	x->read_number = to[count - 1].number;
	x->waiting_count += count;
	drop_flying(x);
	return FAIL_NONE;
}

static void remember_flight(struct exchange *x, const struct outbox_mark *mark, struct view envelope,
                            const struct hash *header_hash, uint64_t frame)
{
	x->flight[x->flights++] = (struct flight){
		.frame = frame, .message = mark->message, .case_id = mark->case_id, .envelope_hash = sha256(envelope),
		.header_hash = *header_hash, .sent_at = clock_steady(), .bytes = envelope.length,
	};
	x->flight_bytes += envelope.length;
}

enum sent { SENT, NOT_YET };

static enum fail_code submit(struct exchange *x, const struct outbox_mark *mark, enum sent *sent, struct fail *why)
{
	struct bytes bytes;
	bytes_init(&bytes, 2 * MAX_ENVELOPE);
	bool waits = true;
	*sent = NOT_YET;
	enum fail_code code = outbox_envelope(x->profile->store, &mark->message, &bytes, why);
	bool fit = code == FAIL_NONE && fits(x, bytes.length);
	if (fit)
		code = mark_one(x, mark, &waits, why);
	if (!waits) {
		*sent = SENT; // it is done with
	} else if (code == FAIL_NONE && fit) {
		struct arena arena;
		struct envelope envelope;
		arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
		code = envelope_decode(&envelope, bytes_view(&bytes), &arena, why);
		struct frame frame = {.kind = FRAME_SUBMIT, .of.submit.envelope = bytes_view(&bytes)};
		if (code == FAIL_NONE) {
			struct hash hash = header_hash(envelope.header);
			uint64_t id = exchange_send(x, &frame, why);
			code = id == 0 ? x->end.code : FAIL_NONE;
			if (id != 0)
				remember_flight(x, mark, bytes_view(&bytes), &hash, id);
			*sent = SENT;
		}
		arena_release(&arena);
	}
	bytes_release(&bytes);
	return code;
}

// True in *ready if all attachments are at the hub; else the next one is begun, as far as none is under way.
static enum fail_code attachments_ready(struct exchange *x, const struct outbox_mark *mark, bool *ready,
                                        struct fail *why)
{
	struct outbox_attachment list[MAX_OBJECTS];
	size_t count = MAX_OBJECTS;
	*ready = false;
	enum fail_code code = outbox_attachments(x->profile->store, &mark->message, list, &count, why);
	for (size_t i = 0; i < count && code == FAIL_NONE; i++) {
		if (list[i].complete)
			continue;
		if (!x->upload.active && x->welcomed && !exchange_upload_begin(x, &list[i], (unsigned)(i + 1), (unsigned)count))
			return FAIL_NONE;
		return FAIL_NONE;
	}
	*ready = true;
	return code;
}

// One waiting message, as far as credit, its case and its attachments allow.
static enum fail_code send_one(struct exchange *x, const struct outbox_mark *mark, const struct busy *busy,
                               enum sent *sent, struct fail *why)
{
	bool ready = false;
	*sent = NOT_YET;
	if (mark->number == 0 || is_busy(busy, &mark->case_id))
		return FAIL_NONE;
	if (x->flights >= credit_messages(x) || link_unsent(x->link) >= UNSENT_ENOUGH)
		return FAIL_NONE;
	enum fail_code code = attachments_ready(x, mark, &ready, why);
	return code == FAIL_NONE && ready ? submit(x, mark, sent, why) : code;
}

enum fail_code exchange_fill(struct exchange *x, struct fail *why)
{
	if (x->end.code != FAIL_NONE)
		return FAIL_NONE;
	enum fail_code code = read_more(x, why); // also while holding: exchange_idle looks at what waits
	if (code != FAIL_NONE || clock_steady() < x->hold_until)
		return code;
	struct busy busy = {.count = 0};
	for (size_t i = 0; i < x->flights; i++)
		make_busy(&busy, &x->flight[i].case_id);
	size_t kept = 0;
	for (size_t i = 0; i < x->waiting_count; i++) {
		struct outbox_mark mark = x->waiting[i];
		enum sent sent = NOT_YET;
		if (code == FAIL_NONE)
			code = send_one(x, &mark, &busy, &sent, why);
		make_busy(&busy, &mark.case_id);
		if (sent == NOT_YET && x->waiting[i].number != 0)
			x->waiting[kept++] = mark;
	}
	x->waiting_count = kept;
	return code == FAIL_NONE ? exchange_upload_fill(x, why) : code;
}

static bool take_flight(struct exchange *x, uint64_t frame, struct flight *flight)
{
	for (size_t i = 0; i < x->flights; i++) {
		if (x->flight[i].frame != frame)
			continue;
		*flight = x->flight[i];
		x->flight[i] = x->flight[--x->flights];
		x->flight_bytes -= flight->bytes;
		return true;
	}
	return false;
}

// The hub's promise, held against what was sent.
static enum fail_code check_receipt(const struct exchange *x, const struct flight *flight, struct view bytes,
                                    struct hub_statement *statement, struct arena *arena, struct fail *why)
{
	struct hub_receipt receipt;
	enum fail_code code = receipt_decode(&receipt, bytes, arena, why);
	if (code == FAIL_NONE)
		code = receipt_verify(&receipt, x->hub, why);
	if (code == FAIL_NONE)
		code = statement_decode(statement, receipt.statement, arena, why);
	if (code != FAIL_NONE)
		return fail_wrap(why, "the hub's receipt");
	bool same = id_equal(&statement->message, &flight->message) && id_equal(&statement->case_id, &flight->case_id) &&
	            hash_equal(&statement->header_hash, &flight->header_hash) &&
	            hash_equal(&statement->envelope_hash, &flight->envelope_hash) &&
	            strcmp(statement->from, x->profile->settings.identity.code) == 0 &&
	            strcmp(statement->hub, certificate_identity(x->hub)->uri) == 0;
	return same ? FAIL_NONE : fail_set(why, FAIL_BAD_SIGNATURE, "the hub's receipt is for something else than was sent");
}

struct noting {
	struct exchange *x;
	const struct hub_statement *statement;
	uint32_t case_state;
	struct happening what;
};

// The case moves by our own message as by another's.
static enum fail_code note_own(void *context, const struct outbox_row *row)
{
	struct noting *noting = context;
	struct arena arena;
	struct envelope envelope;
	struct header header;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = envelope_decode(&envelope, row->envelope, &arena, NULL);
	if (code == FAIL_NONE)
		code = header_decode(&header, envelope.header, &arena, NULL);
	if (code == FAIL_NONE) {
		const struct hub_statement *statement = noting->statement;
		struct case_news news = {&header, row->header_hash, statement->case_seq, statement->accepted_at,
		                         noting->case_state};
		code = cases_note(noting->x->profile, &news, NULL);
	}
	noting->x->directory_changed |= row->kind == KIND_AVAILABILITY;
	noting->what.message_kind = row->kind;
	noting->what.reference = row->reference;
	noting->what.member = row->receivers;
	noting->x->port.happened(noting->x->port.context, &noting->what);
	arena_release(&arena);
	return code;
}

struct recalling {
	struct id message; // zero: what was accepted recalls nothing
};

static enum fail_code find_recalled(void *context, const struct outbox_row *row)
{
	struct recalling *recalling = context;
	struct arena arena;
	struct envelope envelope;
	struct header header;
	if (row->kind != KIND_RECALL)
		return FAIL_NONE;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = envelope_decode(&envelope, row->envelope, &arena, NULL);
	if (code == FAIL_NONE)
		code = header_decode(&header, envelope.header, &arena, NULL);
	if (code == FAIL_NONE)
		recalling->message = header.refers_to;
	arena_release(&arena);
	return code;
}

// What our message recalled stays in the outbox, and nobody is awaited to get it.
static enum fail_code note_recall(struct exchange *x, const struct id *message, uint64_t at, struct fail *why)
{
	struct recalling recalling = {{{0}}};
	enum fail_code code = outbox_find(x->profile->store, message, find_recalled, &recalling, why);
	if (code != FAIL_NONE || id_is_zero(&recalling.message))
		return code;
	return outbox_recalled(x->profile->store, &recalling.message, at, why);
}

static enum fail_code store_accepted(struct exchange *x, const struct flight *flight, const struct accepted *accepted,
                                     const struct hub_statement *statement, struct fail *why)
{
	enum fail_code code = exchange_write(x, why);
	if (code == FAIL_NONE)
		code = outbox_accepted(x->profile->store, &flight->message, statement->accepted_at, statement->case_seq,
		                       accepted->case_state, accepted->receipt, why);
	if (code == FAIL_NONE)
		code = note_recall(x, &flight->message, statement->accepted_at, why);
	if (code != FAIL_NONE)
		return code;
	struct noting noting = {.x = x, .statement = statement, .case_state = accepted->case_state};
	noting.what = (struct happening){.kind = HAPPENED_ACCEPTED, .message = flight->message, .case_id = flight->case_id, .error = "", .text = "", .overtaken_by = ""};
	return outbox_find(x->profile->store, &flight->message, note_own, &noting, why);
}

void exchange_accepted(struct exchange *x, const struct frame *frame)
{
	struct flight flight;
	struct arena arena;
	struct fail why = {.code = FAIL_NONE};
	struct hub_statement statement;
	if (!x->welcomed || !take_flight(x, frame->id, &flight))
		return;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = check_receipt(x, &flight, frame->of.accepted.receipt, &statement, &arena, &why);
	if (code == FAIL_NONE)
		code = store_accepted(x, &flight, &frame->of.accepted, &statement, &why);
	if (code == FAIL_NONE)
		code = exchange_follow_directory(x, &why);
	if (code != FAIL_NONE) {
		why.code = code;
		exchange_end(x, &why);
	}
	x->progress++;
	arena_release(&arena);
}

static const char *detail_of(const struct error *error, const char *name)
{
	for (size_t i = 0; i < error->detail_count; i++) {
		if (strcmp(error->detail[i].name, name) == 0)
			return error->detail[i].value;
	}
	return "";
}

struct telling {
	struct exchange *x;
	struct happening what;
};

static enum fail_code tell_row(void *context, const struct outbox_row *row)
{
	struct telling *telling = context;
	telling->what.reference = row->reference;
	telling->what.member = row->receivers;
	telling->what.message_kind = row->kind;
	telling->x->port.happened(telling->x->port.context, &telling->what);
	return FAIL_NONE;
}

// The message goes back among those that wait, in its old place.
static void wait_again(struct exchange *x, const struct error *error)
{
	uint32_t hold = error->retry_after_ms == 0 ? HOLD_MS : error->retry_after_ms;
	x->hold_until = clock_steady() + hold;
	x->waiting_count = 0;
	x->read_number = 0;
}

static enum fail_code upload_again(struct exchange *x, const struct id *message, struct fail *why)
{
	struct outbox_attachment list[MAX_OBJECTS];
	size_t count = MAX_OBJECTS;
	enum fail_code code = outbox_attachments(x->profile->store, message, list, &count, why);
	for (size_t i = 0; i < count && code == FAIL_NONE; i++)
		code = outbox_attachment_complete(x->profile->store, &list[i].object, false, why);
	return code;
}

bool exchange_refused(struct exchange *x, const struct frame *frame)
{
	const struct error *error = &frame->of.error;
	struct flight flight;
	if (!take_flight(x, frame->id, &flight))
		return false;
	bool incomplete = error->fail == FAIL_OBJECT_INCOMPLETE && ++x->incomplete <= MAX_INCOMPLETE;
	bool again = incomplete || (error->retryable && error->fail != FAIL_OBJECT_INCOMPLETE);
	struct outbox_refusal refusal =
		{error->reason, error->text, detail_of(error, "legal"), detail_of(error, "overtaken_by"), clock_now(), !again};
	struct fail why = {.code = FAIL_NONE};
	enum fail_code code = exchange_write(x, &why);
	if (code == FAIL_NONE)
		code = outbox_refused(x->profile->store, &flight.message, &refusal, &why);
	if (code == FAIL_NONE && incomplete)
		code = upload_again(x, &flight.message, &why);
	struct hub_words said = hub_words(error->text);
	struct telling telling = {.x = x, .what = {
		.kind = again ? HAPPENED_DELAYED : HAPPENED_RETURNED, .message = flight.message, .case_id = flight.case_id,
		.error = error->reason, .text = said.text, .overtaken_by = refusal.overtaken_by,
	}};
	if (code == FAIL_NONE)
		code = outbox_find(x->profile->store, &flight.message, tell_row, &telling, &why);
	if (code != FAIL_NONE)
		exchange_end(x, &why);
	if (again)
		wait_again(x, error);
	else
		x->progress++;
	return true;
}
