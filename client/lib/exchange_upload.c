// SPDX-License-Identifier: Apache-2.0
#include "lib/attach.h"
#include "lib/exchange.h"
#include "lib/hub_words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	AHEAD = 32 * CHUNK_SIZE,        // pieces under way beyond what is durable
	UNSENT_ENOUGH = 512 * 1024,
	STALLED_MS = 20 * 1000,         // then the hub is asked anew how far it is
	MAX_FAILURES = 5,
};

static void finish(struct upload *upload)
{
	if (upload->fd >= 0)
		close(upload->fd);
	*upload = (struct upload){.fd = -1};
}

// The message cannot go: what it was sealed into is gone or damaged.
static void give_up(struct exchange *x, const struct fail *why)
{
	struct outbox_refusal refusal = {fail_name(why->code), why->text, "", "", clock_now(), true};
	struct fail inner = {.code = FAIL_NONE};
	enum fail_code code = exchange_write(x, &inner);
	if (code == FAIL_NONE)
		code = outbox_refused(x->profile->store, &x->upload.object.message, &refusal, &inner);
	if (code != FAIL_NONE)
		exchange_end(x, &inner);
	struct happening what = {
		.kind = HAPPENED_RETURNED, .message = x->upload.object.message, .member = "", .reference = "",
		.error = refusal.error, .text = refusal.text, .overtaken_by = "",
	};
	x->port.happened(x->port.context, &what);
	for (size_t i = 0; i < x->waiting_count; i++) {
		if (id_equal(&x->waiting[i].message, &x->upload.object.message))
			x->waiting[i].number = 0; // exchange_fill drops it
	}
	finish(&x->upload);
}

bool exchange_upload_begin(struct exchange *x, const struct outbox_attachment *object, unsigned item, unsigned items)
{
	struct path spool = profile_spool(x->profile, &object->object);
	x->upload =
		(struct upload){.active = true, .object = *object, .item = item, .items = items, .moved_at = clock_steady()};
	x->upload.fd = open(spool.text, O_RDONLY | O_CLOEXEC);
	if (x->upload.fd >= 0)
		return true;
	struct fail why;
	if (file_fail(&why, "open the sealed attachment", spool.text) != FAIL_NO_FILE)
		exchange_end(x, &why);
	else
		give_up(x, &why);
	return false;
}

static enum fail_code open_at_hub(struct exchange *x, struct fail *why)
{
	struct upload *upload = &x->upload;
	struct frame frame = {.kind = FRAME_UPLOAD_OPEN,
	                      .of.upload_open = {upload->object.object, upload->object.length, upload->object.tree_hash}};
	uint64_t id = exchange_send(x, &frame, why);
	if (id == 0)
		return x->end.code;
	upload->opened = true;
	upload->sent = UINT64_MAX; // nothing goes before the hub said from where
	upload->moved_at = clock_steady();
	if (upload->first_frame == 0)
		upload->first_frame = id;
	return FAIL_NONE;
}

static enum fail_code send_piece(struct exchange *x, uint8_t *piece, struct fail *why)
{
	struct upload *upload = &x->upload;
	uint64_t left = upload->object.length - upload->sent;
	size_t length = left < CHUNK_SIZE ? (size_t)left : CHUNK_SIZE;
	size_t got = 0;
	while (got < length) {
		ssize_t count = pread(upload->fd, piece + got, length - got, (off_t)(upload->sent + got));
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return fail_set(why, FAIL_DATA_LOSS, "a sealed attachment is cut short: write the message anew");
		got += (size_t)count;
	}
	struct frame frame = {.kind = FRAME_UPLOAD_CHUNK,
	                      .of.upload_chunk = {upload->object.object, upload->sent, view_of(piece, length)}};
	if (exchange_send(x, &frame, why) == 0)
		return x->end.code;
	upload->sent += length;
	return FAIL_NONE;
}

enum fail_code exchange_upload_fill(struct exchange *x, struct fail *why)
{
	static const uint64_t unknown = UINT64_MAX;
	struct upload *upload = &x->upload;
	if (!upload->active)
		return FAIL_NONE;
	if (!upload->opened || clock_steady() > upload->moved_at + STALLED_MS)
		return open_at_hub(x, why);
	uint8_t piece[CHUNK_SIZE];
	while (upload->sent != unknown && upload->sent < upload->object.length && upload->sent < upload->durable + AHEAD &&
	       link_unsent(x->link) < UNSENT_ENOUGH) {
		struct fail inner = {.code = FAIL_NONE};
		enum fail_code code = send_piece(x, piece, &inner);
		if (code == FAIL_DATA_LOSS) {
			give_up(x, &inner);
			return FAIL_NONE;
		}
		if (code != FAIL_NONE) {
			*why = inner;
			return code;
		}
	}
	return FAIL_NONE;
}

static void show(const struct exchange *x)
{
	const struct upload *upload = &x->upload;
	struct psr_progress progress = {"attachment", upload->item, upload->items, upload->durable, upload->object.length};
	if (x->port.progress != NULL)
		x->port.progress(x->port.progress_context, &progress);
}

void exchange_upload_offset(struct exchange *x, const struct frame *frame)
{
	const struct upload_offset *offset = &frame->of.upload_offset;
	struct upload *upload = &x->upload;
	if (!upload->active || !id_equal(&offset->object, &upload->object.object) ||
	    offset->durable > upload->object.length)
		return;
	if (upload->sent == UINT64_MAX || offset->durable > upload->sent)
		upload->sent = offset->durable; // the hub's offset is the truth
	if (offset->durable > upload->durable) {
		upload->moved_at = clock_steady();
		x->progress++;
	}
	upload->durable = offset->durable;
	show(x);
	if (!offset->complete)
		return;
	struct fail why = {.code = FAIL_NONE};
	enum fail_code code = exchange_write(x, &why);
	if (code == FAIL_NONE)
		code = outbox_attachment_complete(x->profile->store, &upload->object.object, true, &why);
	if (code != FAIL_NONE)
		exchange_end(x, &why);
	x->progress++;
	finish(upload);
}

// The hub found other bytes than the header names: ours are damaged, or the line's or the hub's were.
static void on_mismatch(struct exchange *x)
{
	struct fail why = {.code = FAIL_NONE};
	struct path spool = profile_spool(x->profile, &x->upload.object.object);
	if (attach_verify(spool.text, x->upload.object.length, &x->upload.object.tree_hash, &why) != FAIL_NONE) {
		give_up(x, &why);
		return;
	}
	x->upload.opened = false; // it forgot the object: from the start
	x->upload.durable = 0;
}

bool exchange_upload_refused(struct exchange *x, const struct frame *frame)
{
	const struct error *error = &frame->of.error;
	struct upload *upload = &x->upload;
	if (!upload->active || upload->first_frame == 0 || frame->id < upload->first_frame)
		return false;
	struct fail why;
	enum fail_code code = error->fail == FAIL_COUNT ? FAIL_INTERNAL : error->fail;
	fail_set(&why, code, "an attachment was refused: %s", hub_words(error->text).text);
	bool again = error->retryable || error->fail == FAIL_OBJECT_MISMATCH;
	if (!again || ++upload->failures > MAX_FAILURES * (error->retryable ? 100 : 1)) {
		give_up(x, &why);
		return true;
	}
	if (error->fail == FAIL_OBJECT_MISMATCH) {
		on_mismatch(x);
		return true;
	}
	// All pieces behind the refused one are refused too: one answer is enough.
	uint64_t until = clock_steady() + (error->retry_after_ms == 0 ? 1000 : error->retry_after_ms);
	x->hold_until = until > x->hold_until ? until : x->hold_until;
	upload->opened = false;
	return true;
}
