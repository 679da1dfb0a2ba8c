// SPDX-License-Identifier: Apache-2.0
#include "lib/exchange.h"

#include "base/words.h"
#include "lib/compose.h"
#include "lib/hub_words.h"
#include "wire/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	CREDIT_MESSAGES = 256,
	CREDIT_BYTES = 8 * 1024 * 1024,
	CLOCK_DIFFERENCE_MS = 5 * 60 * 1000,
	ANSWER_MS = 120 * 1000,        // an answer that takes longer is not waited for
	FRAMES_A_TURN = 2 * MAX_MAILBOX_PAGE,
};

void exchange_end(struct exchange *x, const struct fail *why)
{
	if (x->end.code == FAIL_NONE)
		x->end = *why;
}

void exchange_warn(struct exchange *x, const char *name, const char *text)
{
	struct happening what = {.kind = HAPPENED_WARNING, .member = "", .reference = "", .error = name, .text = text, .overtaken_by = ""};
	x->port.happened(x->port.context, &what);
}

uint64_t exchange_send(struct exchange *x, struct frame *frame, struct fail *why)
{
	frame->id = x->next_frame++;
	struct fail inner = {.code = FAIL_NONE};
	enum fail_code code = link_send(x->link, frame, &inner);
	if (code == FAIL_NONE)
		return frame->id;
	exchange_end(x, &inner);
	if (why != NULL)
		*why = inner;
	return 0;
}

enum fail_code exchange_write(struct exchange *x, struct fail *why)
{
	if (x->writing)
		return FAIL_NONE;
	enum fail_code code = store_begin(x->profile->store, why);
	x->writing = code == FAIL_NONE;
	return code;
}

enum fail_code exchange_commit(struct exchange *x, struct fail *why)
{
	if (!x->writing)
		return FAIL_NONE;
	x->writing = false;
	return store_commit(x->profile->store, why);
}

enum fail_code exchange_ask_directory(struct exchange *x, struct fail *why)
{
	struct frame query = {.kind = FRAME_QUERY, .of.query = {.kind = QUESTION_DIRECTORY, .reference = ""}};
	enum fail_code code = directory_version(x->profile->store, &query.of.query.known_version, why);
	if (code != FAIL_NONE)
		return code;
	x->directory_frame = exchange_send(x, &query, why);
	return x->directory_frame == 0 ? x->end.code : FAIL_NONE;
}

enum fail_code exchange_follow_directory(struct exchange *x, struct fail *why)
{
	if (!x->directory_changed || x->directory_frame != 0)
		return FAIL_NONE;
	x->directory_changed = false;
	return exchange_ask_directory(x, why);
}

static enum fail_code say_hello(struct exchange *x, bool all_again, struct fail *why)
{
	struct cursor cursor;
	enum fail_code code = cursor_get(x->profile->store, &cursor, why);
	if (code != FAIL_NONE)
		return code;
	bool resume = x->mail && cursor.known && !all_again;
	struct frame hello = {.kind = FRAME_HELLO, .of.hello = {
		.credit_messages = x->mail ? CREDIT_MESSAGES : 0, .credit_bytes = x->mail ? CREDIT_BYTES : 0,
		.resume = resume, .now = clock_now(), .software = "libpasserelle 0.1.0",
	}};
	if (resume) {
		hello.of.hello.mailbox_epoch = cursor.epoch;
		hello.of.hello.cursor = x->cursor = x->acked = x->newest = cursor.seq;
	}
	x->from_low = !resume;
	x->hello_frame = exchange_send(x, &hello, why);
	if (x->hello_frame == 0)
		return x->end.code;
	return x->mail ? exchange_ask_directory(x, why) : FAIL_NONE;
}

static enum fail_code prepare(struct exchange *x, struct fail *why)
{
	if (!x->mail)
		return FAIL_NONE;
	bytes_init(&x->arrived, CREDIT_BYTES + 2 * MAX_ENVELOPE);
	x->arrival = calloc(MAX_MAILBOX_PAGE, sizeof *x->arrival);
	x->waiting = calloc(FLIGHTS, sizeof *x->waiting);
	if (x->arrival == NULL || x->waiting == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	return compose_receipts(x->profile, why); // those that a cut left unsigned
}

enum fail_code exchange_open(struct exchange *x, struct psr_profile *profile, const struct exchange_options *options,
                             const struct exchange_port *port, struct fail *why)
{
	*x = (struct exchange){.profile = profile, .port = *port, .mail = options->mail, .next_frame = 1, .upload.fd = -1};
	struct tls_context *tls;
	enum fail_code code = prepare(x, why);
	if (code == FAIL_NONE)
		code = profile->keys->ops->tls(profile->keys, &tls, why);
	if (code == FAIL_NONE)
		code = link_open(&x->link, profile->settings.hub_host, profile->settings.hub_port, tls, why);
	if (code == FAIL_NONE)
		code = say_hello(x, options->all_again, why);
	if (code == FAIL_NONE && x->mail)
		code = exchange_fill(x, why);
	if (code != FAIL_NONE)
		exchange_close(x);
	return code;
}

void exchange_close(struct exchange *x)
{
	if (x->writing)
		store_rollback(x->profile->store);
	link_close(x->link);
	certificate_free(x->hub);
	if (x->upload.fd >= 0)
		close(x->upload.fd);
	free(x->arrival);
	free(x->waiting);
	if (x->mail)
		bytes_release(&x->arrived);
	x->link = NULL;
	x->hub = NULL;
	x->arrival = NULL;
	x->waiting = NULL;
	x->upload.fd = -1;
	x->writing = false;
}

// ---- frames

static void compare_clocks(struct exchange *x, uint64_t hub_now)
{
	uint64_t now = clock_now();
	uint64_t apart = now > hub_now ? now - hub_now : hub_now - now;
	if (apart <= CLOCK_DIFFERENCE_MS)
		return;
	char text[160];
	snprintf(text, sizeof text, words_of("this computer's clock is %llu minutes %s the hub's: set it; messages from more than 24 hours ahead are refused"),
	         (unsigned long long)(apart / 60000), words_of(now > hub_now ? "ahead of" : "behind"));
	exchange_warn(x, "CLOCK_OFF", text);
}

static enum fail_code check_hub(struct exchange *x, const struct welcome *welcome, struct fail *why)
{
	enum fail_code code =
		certificate_check(&x->hub, x->profile->trust, welcome->receipt_certificate, &welcome->receipt_issuer, 1,
	                      USE_RECEIPT, (int64_t)(clock_now() / 1000), why);
	return code == FAIL_NONE ? FAIL_NONE : fail_wrap(why, "the hub's receipt certificate");
}

static void on_welcome(struct exchange *x, const struct frame *frame)
{
	const struct welcome *welcome = &frame->of.welcome;
	struct fail why = {.code = FAIL_NONE};
	if (x->welcomed || frame->id != x->hello_frame)
		fail_set(&why, FAIL_MALFORMED, "the hub welcomes twice");
	else if (check_hub(x, welcome, &why) == FAIL_NONE) {
		x->welcomed = true;
		x->credit_messages = welcome->credit_messages < FLIGHTS ? welcome->credit_messages : FLIGHTS;
		x->credit_bytes = welcome->credit_bytes;
		x->mailbox_epoch = welcome->mailbox_epoch;
		x->mailbox_high = welcome->mailbox_high;
		if (x->from_low && welcome->mailbox_low > 0)
			x->cursor = x->acked = x->newest = welcome->mailbox_low - 1;
		link_agreed(x->link, welcome->heartbeat_ms);
		compare_clocks(x, welcome->now);
		x->progress++;
	}
	if (why.code != FAIL_NONE)
		exchange_end(x, &why);
}

static void on_answer(struct exchange *x, const struct frame *frame)
{
	const struct answer *answer = &frame->of.answer;
	if (frame->id != x->directory_frame || answer->kind != QUESTION_DIRECTORY)
		return; // of a question that is no longer open
	struct fail why = {.code = FAIL_NONE};
	uint64_t known = 0;
	x->directory_frame = 0;
	enum fail_code code = directory_version(x->profile->store, &known, &why);
	if (code == FAIL_NONE && answer->version != known && answer->entry_count > 0) {
		code = exchange_write(x, &why);
		if (code == FAIL_NONE)
			code = directory_replace(x->profile->store, answer, &why);
		struct happening what = {.kind = HAPPENED_DIRECTORY, .member = "", .reference = "", .error = "", .text = "", .overtaken_by = ""};
		if (code == FAIL_NONE)
			x->port.happened(x->port.context, &what);
		x->progress++;
	}
	if (code == FAIL_NONE)
		code = exchange_follow_directory(x, &why);
	if (code != FAIL_NONE)
		exchange_end(x, &why);
}

static void on_error(struct exchange *x, const struct frame *frame)
{
	const struct error *error = &frame->of.error;
	struct fail why;
	if (frame->id != 0 && frame->id == x->directory_frame) {
		x->directory_frame = 0;
		exchange_warn(x, error->reason, words_of("the hub gave no directory: the one from before is used"));
		return;
	}
	if (frame->id != 0 && frame->id != x->hello_frame &&
	    (exchange_refused(x, frame) || exchange_upload_refused(x, frame)))
		return;
	enum fail_code code =
		error->fail == FAIL_COUNT ? (error->retryable ? FAIL_UNAVAILABLE : FAIL_INTERNAL) : error->fail;
	fail_set(&why, code, "the hub: %s%s%s", error->reason, error->text[0] == '\0' ? "" : ": ",
	         hub_words(error->text).text);
	x->retry_after_ms = error->retry_after_ms;
	exchange_end(x, &why);
}

static void on_go_away(struct exchange *x, const struct frame *frame)
{
	struct fail why;
	bool replaced = strcmp(frame->of.go_away.reason, "REPLACED") == 0;
	x->retry_after_ms = frame->of.go_away.retry_after_ms;
	fail_set(&why, replaced ? FAIL_REPLACED : FAIL_CLOSED, "the hub closes the connection: %s",
	         frame->of.go_away.reason);
	exchange_end(x, &why);
}

static void on_ping(struct exchange *x, const struct frame *frame)
{
	struct frame pong = {.id = frame->id, .kind = FRAME_PONG, .of.ping_now = clock_now()};
	struct fail why;
	if (link_send(x->link, &pong, &why) != FAIL_NONE)
		exchange_end(x, &why);
}

static void on_nothing(struct exchange *x, const struct frame *frame)
{
	(void)x;
	(void)frame;
}

typedef void (*frame_call)(struct exchange *x, const struct frame *frame);

static const frame_call calls[FRAME_KIND_COUNT] = {
	[FRAME_WELCOME] = on_welcome,
	[FRAME_ACCEPTED] = exchange_accepted,
	[FRAME_DELIVER] = exchange_deliver,
	[FRAME_ANSWER] = on_answer,
	[FRAME_UPLOAD_OFFSET] = exchange_upload_offset,
	[FRAME_FETCH_CHUNK] = on_nothing, // of a question that is no longer open
	[FRAME_ERROR] = on_error,
	[FRAME_PING] = on_ping,
	[FRAME_PONG] = on_nothing,
	[FRAME_GO_AWAY] = on_go_away,
};

static void take(struct exchange *x, struct view payload)
{
	// A directory of many members needs more than one message.
	struct arena arena;
	arena_init(&arena, 4 * ARENA_MESSAGE_CAP, 40 * ARENA_MESSAGE_ALLOCATIONS);
	struct frame frame;
	struct fail why = {.code = FAIL_NONE};
	enum fail_code code = frame_decode(&frame, payload, &arena, &why);
	if (code != FAIL_NONE) {
		fail_wrap(&why, "the hub's answer");
		exchange_end(x, &why);
	} else if (x->asked != 0 && frame.id == x->asked) {
		x->answered(x, &frame, x->answered_context);
	} else if (frame.kind < FRAME_KIND_COUNT && calls[frame.kind] != NULL) {
		calls[frame.kind](x, &frame);
	} else {
		fail_set(&why, FAIL_MALFORMED, "the hub sent a frame that only clients send");
		exchange_end(x, &why);
	}
	arena_release(&arena);
}

static enum fail_code take_all(struct exchange *x, struct fail *why)
{
	for (unsigned i = 0; i < FRAMES_A_TURN && x->end.code == FAIL_NONE; i++) {
		struct view payload;
		enum fail_code fault;
		if (link_next(x->link, &payload, &fault))
			take(x, payload);
		else if (fault != FAIL_NONE)
			return fail_set(why, fault, "the hub's answer is not a frame");
		if (x->arrivals == MAX_MAILBOX_PAGE)
			break;
		enum fail_code code = link_wait(x->link, 0, why);
		if (code == FAIL_TIMED_OUT)
			break;
		if (code != FAIL_NONE)
			exchange_end(x, why); // what came before the cut still counts
	}
	return FAIL_NONE;
}

static enum fail_code acknowledge(struct exchange *x, struct fail *why)
{
	if (x->acked >= x->cursor || x->end.code != FAIL_NONE)
		return FAIL_NONE;
	struct frame ack = {.id = 0, .kind = FRAME_ACK, .of.ack.mailbox_seq = x->cursor};
	x->acked = x->cursor;
	return link_send(x->link, &ack, why);
}

static enum fail_code check_answers(const struct exchange *x, struct fail *why)
{
	for (size_t i = 0; i < x->flights; i++) {
		if (clock_steady() > x->flight[i].sent_at + ANSWER_MS)
			return fail_set(why, FAIL_TIMED_OUT, "the hub did not answer a message for %d seconds", ANSWER_MS / 1000);
	}
	return FAIL_NONE;
}

// Everything that the frames of this turn changed, in one commit; then what may be told.
static enum fail_code settle(struct exchange *x, struct fail *why)
{
	enum fail_code code = x->mail ? exchange_store_arrivals(x, why) : FAIL_NONE;
	if (code == FAIL_NONE)
		code = exchange_commit(x, why);
	if (code == FAIL_NONE && x->mail)
		code = compose_receipts(x->profile, why);
	if (code == FAIL_NONE)
		code = acknowledge(x, why);
	return code == FAIL_NONE && x->mail ? exchange_fill(x, why) : code; // the receipts that were just signed
}

enum fail_code exchange_turn(struct exchange *x, int wait_ms, struct fail *why)
{
	enum fail_code code = x->mail ? exchange_fill(x, why) : FAIL_NONE;
	if (code == FAIL_NONE && x->end.code == FAIL_NONE)
		code = link_wait(x->link, wait_ms, why);
	if (code == FAIL_TIMED_OUT)
		return check_answers(x, why);
	if (code == FAIL_NONE)
		code = take_all(x, why);
	if (code == FAIL_NONE)
		code = settle(x, why);
	if (code == FAIL_NONE && x->end.code != FAIL_NONE) {
		*why = x->end;
		return x->end.code;
	}
	return code == FAIL_NONE ? check_answers(x, why) : code;
}

bool exchange_idle(const struct exchange *x)
{
	return x->welcomed && x->directory_frame == 0 && x->arrivals == 0 && x->cursor >= x->mailbox_high &&
	       x->acked >= x->cursor && x->flights == 0 && x->waiting_count == 0 && !x->upload.active &&
	       link_unsent(x->link) == 0;
}

enum fail_code exchange_ask(struct exchange *x, struct frame *frame,
                            void (*answered)(struct exchange *, const struct frame *, void *), void *context,
                            struct fail *why)
{
	x->answered = answered;
	x->answered_context = context;
	x->asked = exchange_send(x, frame, why);
	return x->asked == 0 ? x->end.code : FAIL_NONE;
}
