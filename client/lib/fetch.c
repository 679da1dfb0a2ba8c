// SPDX-License-Identifier: Apache-2.0
#include "lib/fetch.h"

#include "form/form.h"
#include "lib/ask.h"
#include "lib/attach.h"
#include "lib/checked.h"
#include "lib/hub_words.h"
#include "lib/lifebook.h"
#include "lib/sync.h"
#include "seal/content.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECES = 16, TURN_MS = 500, STALLED_MS = 30 * 1000, TRIES = 5 };

struct fetching {
	struct psr_profile *profile;
	struct object_ref object;
	unsigned number, count;
	const struct fetch_watch *watch;
	struct path part;       // "<spool>.part"
	int fd;                 // owned
	uint64_t have;          // bytes in it
	bool answered;          // the pieces asked for are all there
	uint64_t moved_at;
	struct fail why;
};

static void show(const struct fetching *f)
{
	struct psr_progress progress = {"attachment", f->number, f->count, f->have, f->object.length};
	if (f->watch->progress != NULL)
		f->watch->progress(f->watch->context, &progress);
}

static void take_piece(struct fetching *f, const struct fetch_chunk *chunk)
{
	bool fits = id_equal(&chunk->object, &f->object.id) && chunk->offset == f->have &&
	            chunk->data.length <= f->object.length - f->have;
	if (!fits) {
		fail_set(&f->why, FAIL_MALFORMED, "the hub sent another piece than was asked for");
		return;
	}
	if (file_write_all(f->fd, chunk->data, f->part.text, &f->why) != FAIL_NONE)
		return;
	f->have += chunk->data.length;
	f->moved_at = clock_steady();
	f->answered = chunk->last;
	show(f);
}

static void on_answer(struct exchange *x, const struct frame *frame, void *context)
{
	struct fetching *f = context;
	(void)x;
	if (frame->kind == FRAME_FETCH_CHUNK) {
		take_piece(f, &frame->of.fetch_chunk);
	} else if (frame->kind == FRAME_ERROR) {
		const struct error *error = &frame->of.error;
		fail_set(&f->why, error->fail == FAIL_COUNT ? FAIL_UNAVAILABLE : error->fail, "the hub: %s",
		         hub_words(error->text).text);
	} else {
		fail_set(&f->why, FAIL_MALFORMED, "the hub answered something else than was asked");
	}
}

// A cut may have left half a piece: back to a whole one.
static enum fail_code open_part(struct fetching *f, struct fail *why)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = open(f->part.text, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct stat found;
	if (f->fd < 0 || fstat(f->fd, &found) != 0)
		return file_fail(why, "open", f->part.text);
	uint64_t size = (uint64_t)found.st_size;
	f->have = size > f->object.length ? 0 : size == f->object.length ? size : size / CHUNK_SIZE * CHUNK_SIZE;
	if (ftruncate(f->fd, (off_t)f->have) != 0 || lseek(f->fd, (off_t)f->have, SEEK_SET) < 0)
		return file_fail(why, "cut", f->part.text);
	return FAIL_NONE;
}

static enum fail_code ask_pieces(struct fetching *f, struct exchange *x, struct fail *why)
{
	struct frame frame = {.kind = FRAME_FETCH, .of.fetch = {f->object.id, f->have, PIECES}};
	f->answered = false;
	f->moved_at = clock_steady();
	enum fail_code code = exchange_ask(x, &frame, on_answer, f, why);
	while (code == FAIL_NONE && !f->answered) {
		code = exchange_turn(x, TURN_MS, why);
		if (f->why.code != FAIL_NONE) {
			*why = f->why;
			return f->why.code;
		}
		if (code == FAIL_NONE && clock_steady() > f->moved_at + STALLED_MS)
			code = fail_set(why, FAIL_TIMED_OUT, "the hub did not send the attachment in time");
	}
	return f->answered ? FAIL_NONE : code;
}

static enum fail_code converse(struct fetching *f, struct fail *why)
{
	struct exchange *x = calloc(1, sizeof *x);
	if (x == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	f->why.code = FAIL_NONE;
	enum fail_code code = ask_open(x, f->profile, why);
	if (code != FAIL_NONE) {
		free(x);
		return code;
	}
	while (code == FAIL_NONE && f->have < f->object.length)
		code = ask_pieces(f, x, why);
	exchange_close(x);
	free(x);
	return code;
}

static enum fail_code get_all(struct fetching *f, struct fail *why)
{
	struct patience patience = {.failures = 0};
	enum fail_code code = open_part(f, why);
	while (code == FAIL_NONE && f->have < f->object.length) {
		uint64_t before = f->have;
		code = converse(f, why);
		if (f->have > before)
			patience.failures = 0;
		bool cut = code == FAIL_CLOSED || code == FAIL_TIMED_OUT || code == FAIL_IO ||
		           (code == FAIL_UNAVAILABLE && f->have > 0);
		if (cut && patience.failures < TRIES) {
			(void)poll(NULL, 0, (int)patience_next_ms(&patience, 0));
			code = open_part(f, why);
		}
	}
	if (code == FAIL_NONE && fsync(f->fd) != 0)
		code = file_fail(why, "sync", f->part.text);
	return code;
}

// What the message says of the attachment, and the key that opens it.
struct wanted {
	struct checked checked;
	uint64_t plain;
	unsigned count;
	uint8_t key[SEAL_KEY_SIZE];
};

static enum fail_code read_wanted(struct psr_profile *profile, struct view envelope, unsigned number,
                                  struct arena *arena, struct wanted *wanted, struct fail *why)
{
	enum fail_code code = checked_decode(&wanted->checked, envelope, arena, why);
	if (code == FAIL_NONE)
		code = lifebook_may_open(profile, &wanted->checked.header, why);
	if (code != FAIL_NONE)
		return code;
	struct bytes body;
	bytes_init(&body, CONTENT_BODY_CAP);
	struct form_attachment list[MAX_OBJECTS];
	size_t count = MAX_OBJECTS;
	code = checked_open_body(profile, &wanted->checked, &body, why);
	if (code == FAIL_NONE)
		code = form_attachments(bytes_view(&body), arena, list, &count, why);
	if (code == FAIL_NONE && (number < 1 || number > count || number >= wanted->checked.header.object_count))
		code = fail_set(why, FAIL_UNKNOWN_OBJECT, "the message has %zu attachments", count);
	if (code == FAIL_NONE) {
		wanted->plain = list[number - 1].size;
		wanted->count = (unsigned)count;
		code = checked_key(profile, &wanted->checked, number, wanted->key, why);
	}
	bytes_wipe(&body);
	return code;
}

static enum fail_code open_spool(const char *spool, const struct wanted *wanted, unsigned number, const char *file,
                                 struct fail *why)
{
	const struct object_ref *object = &wanted->checked.header.object[number];
	struct seal_context context = checked_context(&wanted->checked, number);
	enum fail_code code = attach_verify(spool, object->length, &object->tree_hash, why);
	return code == FAIL_NONE ? attach_open(spool, wanted->plain, &context, wanted->key, &object->commitment, file, why)
	                         : code;
}

static enum fail_code fetch_and_open(struct psr_profile *profile, const struct wanted *wanted, unsigned number,
                                     const char *file, const struct fetch_watch *watch, struct fail *why)
{
	struct fetching f = {.profile = profile,
	                     .object = wanted->checked.header.object[number],
	                     .number = number,
	                     .count = wanted->count,
	                     .watch = watch,
	                     .fd = -1};
	struct path spool = profile_spool(profile, &f.object.id);
	if (file_there(spool.text)) // ours, not delivered yet
		return open_spool(spool.text, wanted, number, file, why);
	must(snprintf(f.part.text, sizeof f.part.text, "%.*s.part", PATH_SIZE - 8, spool.text) > 0);
	enum fail_code code = get_all(&f, why);
	if (f.fd >= 0)
		close(f.fd);
	if (code == FAIL_NONE)
		code = open_spool(f.part.text, wanted, number, file, why);
	// Kept for going on after a cut; not if it is whole, or not what was signed.
	if (code == FAIL_NONE || code == FAIL_DATA_LOSS || code == FAIL_CANNOT_OPEN)
		unlink(f.part.text);
	return code;
}

struct copying {
	struct bytes envelope;
};

static enum fail_code copy_in(void *context, const struct inbox_row *row)
{
	struct copying *copying = context;
	if (row->fault[0] != '\0')
		return FAIL_CANNOT_OPEN;
	return bytes_append(&copying->envelope, row->envelope.data, row->envelope.length);
}

static enum fail_code copy_out(void *context, const struct outbox_row *row)
{
	struct copying *copying = context;
	return bytes_append(&copying->envelope, row->envelope.data, row->envelope.length);
}

enum fail_code fetch_attachment(struct psr_profile *profile, const struct id *message, unsigned number,
                                const char *file, const struct fetch_watch *watch, struct fail *why)
{
	struct copying copying;
	struct arena arena;
	if (file_there(file))
		return fail_set(why, FAIL_BAD_USAGE, "'%s' is there already", file);
	bytes_init(&copying.envelope, 2 * MAX_ENVELOPE);
	arena_init(&arena, ARENA_MESSAGE_CAP, 2 * ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = inbox_find(profile->store, message, copy_in, &copying, why);
	if (code == FAIL_UNKNOWN_CASE)
		code = outbox_find(profile->store, message, copy_out, &copying, why);
	else if (code == FAIL_CANNOT_OPEN)
		fail_set(why, code, "the message is not genuine: nothing of it is opened");
	struct wanted wanted = {.count = 0};
	if (code == FAIL_NONE)
		code = read_wanted(profile, bytes_view(&copying.envelope), number, &arena, &wanted, why);
	if (code == FAIL_NONE)
		code = fetch_and_open(profile, &wanted, number, file, watch, why);
	wipe(wanted.key, sizeof wanted.key);
	arena_wipe(&arena);
	bytes_release(&copying.envelope);
	return code;
}
