// SPDX-License-Identifier: Apache-2.0
#include "lib/cases.h"
#include "lib/checked.h"
#include "lib/corrections.h"
#include "lib/exchange.h"
#include "lib/pass_on.h"
#include "lib/statistics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void exchange_deliver(struct exchange *x, const struct frame *frame)
{
	const struct deliver *deliver = &frame->of.deliver;
	struct fail why;
	if (!x->mail || x->arrivals == MAX_MAILBOX_PAGE) {
		fail_set(&why, FAIL_MALFORMED, "the hub delivers more than was asked for");
		exchange_end(x, &why);
		return;
	}
	if (deliver->mailbox_seq <= x->newest)
		return; // once more, after a cut
	// Numbers are dense: a hole is a loss that nobody may step over in silence.
	if (deliver->mailbox_seq != x->newest + 1 && !x->from_low) {
		fail_set(&why, FAIL_DATA_LOSS,
		         "the hub left out mailbox number %" PRIu64 ": sync again; if it stays so, call its operator",
		         x->newest + 1);
		exchange_end(x, &why);
		return;
	}
	struct arrival *arrival = &x->arrival[x->arrivals];
	*arrival = (struct arrival){deliver->mailbox_seq, deliver->case_seq, deliver->accepted_at,
	                            deliver->case_state,  x->arrived.length, deliver->envelope.length,
	                            deliver->recalled};
	enum fail_code code = bytes_append(&x->arrived, deliver->envelope.data, deliver->envelope.length);
	if (code != FAIL_NONE) {
		fail_set(&why, code, "the hub delivers more than fits");
		exchange_end(x, &why);
		return;
	}
	x->from_low = false;
	x->newest = deliver->mailbox_seq;
	x->arrivals++;
}

static struct view envelope_of(const struct exchange *x, const struct arrival *arrival)
{
	return view_of(x->arrived.data + arrival->offset, arrival->length);
}

static enum fail_code owe_receipt(struct exchange *x, const struct checked *checked, struct fail *why)
{
	struct receipt_due due = {.item = {checked->header.message, checked->header_hash, LEVEL_DELIVERED, clock_now()}};
	snprintf(due.member, sizeof due.member, "%s", checked->header.from);
	return receipt_due_add(x->profile->store, &due, why);
}

static enum fail_code apply_receipt(struct exchange *x, const struct header *header, struct fail *why)
{
	enum fail_code code = FAIL_NONE;
	for (size_t i = 0; i < header->receipt_count && code == FAIL_NONE; i++) {
		const struct receipt_item *item = &header->receipt[i];
		code = outbox_receipt(x->profile->store, item, header->from, why);
		struct happening what = {
			.kind = item->level == LEVEL_OPENED ? HAPPENED_OPENED : HAPPENED_DELIVERED, .message = item->message,
			.member = header->from, .reference = "", .error = "", .text = "", .overtaken_by = "",
		};
		x->port.happened(x->port.context, &what);
	}
	return code;
}

static enum fail_code apply_genuine(struct exchange *x, const struct arrival *arrival, const struct checked *checked,
                                    struct fail *why)
{
	if (checked->header.kind == KIND_RECEIPT)
		return apply_receipt(x, &checked->header, why);
	struct case_news news = {&checked->header, checked->header_hash, arrival->case_seq, arrival->accepted_at,
	                         arrival->case_state};
	enum fail_code code = FAIL_NONE;
	bool passes_on = checked->header.kind == KIND_FORWARD || checked->header.kind == KIND_TRANSFER;
	if (passes_on && !checked->recalled)
		code = pass_on_take(x->profile, checked, why);
	if (checked->header.kind == KIND_STATISTICS)
		code = statistics_take(x->profile, checked, envelope_of(x, arrival), why);
	if (code != FAIL_NONE && checked_is_verdict(code)) // shown as damaged; the mailbox goes on
		return inbox_condemn(x->profile->store, &checked->header.message, checked->header.from, why->text, why);
	if (code == FAIL_NONE)
		code = cases_note(x->profile, &news, why);
	x->directory_changed |= checked->header.kind == KIND_AVAILABILITY;
	// The hub has no mailbox for receipts; and two from each of all members would tell nobody anything.
	bool unanswered = message_kind_of_hub(checked->header.kind) || message_kind_to_all(checked->header.kind) ||
	                  checked->header.kind == KIND_STATISTICS || checked->recalled; // nobody waits for it
	if (code != FAIL_NONE || unanswered)
		return code;
	return owe_receipt(x, checked, why);
}

static void tell(struct exchange *x, const struct inbox_row *row, const struct checked *checked)
{
	struct happening what = {
		.kind = row->fault[0] != '\0' ? HAPPENED_DAMAGED : HAPPENED_RECEIVED,
		.message = row->message, .case_id = row->case_id, .message_kind = row->kind, .member = row->sender,
		.reference = "", .error = row->fault[0] == '\0' ? "" : "DAMAGED", .text = row->fault, .overtaken_by = "",
	};
	struct case_row found;
	bool there = false;
	if (row->fault[0] == '\0' && row->kind == KIND_BROADCAST)
		what.text = checked->header.notice;
	if (!id_is_zero(&row->case_id) && case_get(x->profile->store, &row->case_id, &found, &there, NULL) == FAIL_NONE &&
	    there)
		what.reference = found.reference;
	x->port.happened(x->port.context, &what);
}

// What could not be decoded still gets a name: the start of its hash.
static void name_unreadable(struct inbox_row *row, struct view envelope)
{
	struct hash hash = sha256(envelope);
	memcpy(row->message.byte, hash.byte, sizeof row->message.byte);
	row->header_hash = hash;
	row->sender = "?";
	row->event = -1;
}

static void describe(struct inbox_row *row, const struct checked *checked)
{
	row->message = checked->header.message;
	row->case_id = checked->header.case_id;
	row->sender = checked->header.from;
	row->kind = checked->header.kind;
	row->event = cases_event_of(&checked->header);
	row->header_hash = checked->header_hash;
}

// Decodes and judges; the row says what it is, as far as that can be told.
static enum fail_code examine(struct exchange *x, const struct arrival *arrival, struct arena *arena,
                              struct inbox_row *row, struct checked *checked, struct fail *verdict)
{
	enum fail_code code = checked_decode(checked, row->envelope, arena, verdict);
	if (code != FAIL_NONE) {
		name_unreadable(row, row->envelope);
		return code;
	}
	describe(row, checked);
	checked->recalled = arrival->recalled;
	code = checked_verify(x->profile, checked, arrival->accepted_at, verdict);
	return code == FAIL_NONE ? corrections_check(x->profile, &checked->header, verdict) : code;
}

// *later: its signer or a key is not in our directory, and a newer one may have it; nothing was stored.
static enum fail_code store_one(struct exchange *x, const struct arrival *arrival, struct arena *arena, bool *later,
                                struct fail *why)
{
	struct inbox_row row = {
		.mailbox_seq = arrival->mailbox_seq, .case_seq = arrival->case_seq, .accepted_at = arrival->accepted_at,
		.stored_at = clock_now(), .case_state = arrival->case_state, .recalled = arrival->recalled, .envelope = envelope_of(x, arrival), .fault = "",
	};
	struct checked checked;
	struct fail verdict = {.code = FAIL_NONE};
	enum fail_code code = examine(x, arrival, arena, &row, &checked, &verdict);
	*later = (code == FAIL_UNKNOWN_SIGNER || code == FAIL_NOT_ALLOWED) && !x->asked_again;
	if (*later)
		return FAIL_NONE;
	bool genuine = code == FAIL_NONE, fresh;
	if (!genuine && !checked_is_verdict(code)) {
		*why = verdict;
		return code;
	}
	if (!genuine) // kept and shown, so that one bad message does not stop the mailbox
		row.fault = verdict.text;
	code = inbox_add(x->profile->store, &row, &fresh, why);
	if (code == FAIL_NONE && fresh && genuine)
		code = apply_genuine(x, arrival, &checked, why);
	if (code == FAIL_NONE && fresh && !(genuine && row.kind == KIND_RECEIPT))
		tell(x, &row, &checked);
	return code;
}

// The first `count` arrivals are in the store.
static void forget(struct exchange *x, size_t count)
{
	if (count == 0)
		return;
	size_t bytes = x->arrival[count - 1].offset + x->arrival[count - 1].length;
	x->cursor = x->arrival[count - 1].mailbox_seq;
	x->progress += count;
	x->arrivals -= count;
	memmove(x->arrival, x->arrival + count, x->arrivals * sizeof x->arrival[0]);
	for (size_t i = 0; i < x->arrivals; i++)
		x->arrival[i].offset -= bytes;
	bytes_consume(&x->arrived, bytes);
}

static enum fail_code store_until_stranger(struct exchange *x, size_t *stored, bool *stranger, struct fail *why)
{
	enum fail_code code = exchange_write(x, why);
	*stranger = false;
	for (*stored = 0; *stored < x->arrivals && code == FAIL_NONE && !*stranger; *stored += !*stranger) {
		struct arena arena;
		arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
		code = store_one(x, &x->arrival[*stored], &arena, stranger, why);
		arena_release(&arena);
	}
	if (code != FAIL_NONE || *stored == 0)
		return code;
	return cursor_set(x->profile->store, x->mailbox_epoch, x->arrival[*stored - 1].mailbox_seq, why);
}

enum fail_code exchange_store_arrivals(struct exchange *x, struct fail *why)
{
	if (x->arrivals == 0 || (x->stranger && x->directory_frame != 0))
		return FAIL_NONE;
	if (x->stranger)
		x->asked_again = true; // the answer is here: what is still unknown stays so
	size_t stored;
	enum fail_code code = store_until_stranger(x, &stored, &x->stranger, why);
	if (code != FAIL_NONE)
		return code;
	forget(x, stored);
	if (x->arrivals == 0)
		x->asked_again = false;
	x->directory_changed |= x->stranger;
	return exchange_follow_directory(x, why);
}
