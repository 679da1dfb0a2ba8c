// SPDX-License-Identifier: Apache-2.0
#include "lib/corrections.h"

#include "case/correction.h"
#include "lib/checked.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum fail_code add(struct corrections *corrections, const struct header *header, bool waiting)
{
	if (corrections->count == corrections->room) {
		size_t room = corrections->room == 0 ? 8 : 2 * corrections->room;
		struct correction *grown = realloc(corrections->list, room * sizeof *grown);
		if (grown == NULL)
			return FAIL_NO_MEMORY;
		corrections->list = grown;
		corrections->room = room;
	}
	struct correction *one = &corrections->list[corrections->count++];
	*one = (struct correction){header->kind, waiting, header->message, header->refers_to, header->version_of_content, ""};
	snprintf(one->from, sizeof one->from, "%s", header->from);
	return FAIL_NONE;
}

static enum fail_code add_envelope(struct corrections *corrections, enum message_kind kind, struct view envelope,
                                   bool waiting)
{
	struct arena arena;
	struct checked checked;
	if (correction_kinds(kind) == 0)
		return FAIL_NONE;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = checked_decode(&checked, envelope, &arena, NULL);
	if (code == FAIL_NONE)
		code = add(corrections, &checked.header, waiting);
	arena_release(&arena);
	return code;
}

static enum fail_code add_received(void *context, const struct inbox_row *row)
{
	return row->fault[0] == '\0' ? add_envelope(context, row->kind, row->envelope, false) : FAIL_NONE;
}

static enum fail_code add_written(void *context, const struct outbox_row *row)
{
	bool gone = row->state == OUTBOX_RETURNED || row->state == OUTBOX_TAKEN_BACK;
	return gone ? FAIL_NONE : add_envelope(context, row->kind, row->envelope, row->state == OUTBOX_QUEUED);
}

enum fail_code corrections_read(struct psr_profile *profile, const struct id *case_id, struct corrections *corrections,
                                struct fail *why)
{
	*corrections = (struct corrections){.list = NULL};
	enum fail_code code = inbox_each(profile->store, case_id, add_received, corrections, why);
	if (code == FAIL_NONE)
		code = outbox_each(profile->store, OUTBOX_OF_CASE, case_id, add_written, corrections, why);
	return code;
}

void corrections_release(struct corrections *corrections)
{
	free(corrections->list);
	*corrections = (struct corrections){.list = NULL};
}

// Does a message that speaks so name this one, or the message of which it is a version?
static bool said_of(const struct corrections *corrections, enum message_kind kind, const struct id *message,
                    const char *from)
{
	const struct id *first = message;
	for (size_t i = 0; i < corrections->count; i++) {
		const struct correction *one = &corrections->list[i];
		if (one->kind == KIND_UPDATE && id_equal(&one->by, message) && strcmp(one->from, from) == 0)
			first = &one->to;
	}
	for (size_t i = 0; i < corrections->count; i++) {
		const struct correction *one = &corrections->list[i];
		bool meant = id_equal(&one->to, message) || id_equal(&one->to, first);
		if (one->kind == kind && meant && strcmp(one->from, from) == 0 && !(kind == KIND_RECALL && one->waiting))
			return true;
	}
	return false;
}

bool corrections_void(const struct corrections *corrections, const struct id *message, const char *from)
{
	return said_of(corrections, KIND_INVALIDATE, message, from);
}

bool corrections_recalled(const struct corrections *corrections, const struct id *message, const char *from)
{
	return said_of(corrections, KIND_RECALL, message, from);
}

static bool updates(const struct correction *one, const struct id *message, const char *from)
{
	return one->kind == KIND_UPDATE && id_equal(&one->to, message) && strcmp(one->from, from) == 0;
}

const struct id *corrections_current(const struct corrections *corrections, const struct id *message, const char *from)
{
	const struct correction *newest = NULL;
	if (corrections_void(corrections, message, from) || corrections_recalled(corrections, message, from))
		return NULL;
	for (size_t i = 0; i < corrections->count; i++) {
		const struct correction *one = &corrections->list[i];
		if (updates(one, message, from) && !corrections_void(corrections, &one->by, from) &&
		    !corrections_recalled(corrections, &one->by, from) &&
		    (newest == NULL || one->version > newest->version))
			newest = one;
	}
	return newest == NULL ? message : &newest->by;
}

uint32_t corrections_next_version(const struct corrections *corrections, const struct id *message, const char *from)
{
	uint32_t newest = 1;
	for (size_t i = 0; i < corrections->count; i++) {
		const struct correction *one = &corrections->list[i];
		if (updates(one, message, from) && one->version > newest)
			newest = one->version;
	}
	return newest + 1;
}

// ---- what came ----

struct spoken_of {
	const struct header *by;
	bool here, same_author, empty; // empty: it came recalled
	enum message_kind kind; // of the author's own
	struct id case_id;
};

static enum fail_code note_received(void *context, const struct inbox_row *row)
{
	struct spoken_of *of = context;
	of->here = true;
	if (strcmp(row->sender, of->by->from) != 0)
		return FAIL_NONE;
	of->same_author = true;
	of->kind = row->kind;
	of->empty = row->recalled;
	of->case_id = row->case_id;
	return FAIL_NONE;
}

static enum fail_code note_written(void *context, const struct outbox_row *row)
{
	(void)row;
	((struct spoken_of *)context)->here = true; // ours, and so not its author's
	return FAIL_NONE;
}

static enum fail_code judge(const struct spoken_of *of, const struct corrections *before, struct fail *why)
{
	const struct header *by = of->by;
	if (!of->same_author || !id_equal(&of->case_id, &by->case_id))
		return fail_set(why, FAIL_UNKNOWN_MESSAGE, "it speaks of a message that is none of its author's in this case");
	if (!correction_possible(by->kind, of->kind))
		return fail_set(why, FAIL_MALFORMED, "it speaks of a message of which nothing of the kind can be said");
	if (by->kind == KIND_RECALL && !of->empty)
		return fail_set(why, FAIL_ALREADY_DELIVERED, "it recalls a message that is here: only what nobody has is recalled");
	if (by->kind != KIND_RECALL && corrections_void(before, &by->refers_to, by->from))
		return fail_set(why, FAIL_NO_LONGER_VALID, "it speaks of a message that was declared void before");
	if (corrections_recalled(before, &by->refers_to, by->from))
		return fail_set(why, FAIL_NO_LONGER_VALID, "it speaks of a message that was recalled before");
	if (by->kind == KIND_UPDATE && by->version_of_content < corrections_next_version(before, &by->refers_to, by->from))
		return fail_set(why, FAIL_OTHER_VERSION, "its version of the message was there before");
	return FAIL_NONE;
}

// The walks of the store say so where there is no such message.
static enum fail_code look(enum fail_code code)
{
	return code == FAIL_UNKNOWN_CASE ? FAIL_NONE : code;
}

enum fail_code corrections_check(struct psr_profile *profile, const struct header *header, struct fail *why)
{
	struct spoken_of of = {.by = header};
	struct corrections before;
	if (correction_kinds(header->kind) == 0)
		return FAIL_NONE;
	enum fail_code code = look(inbox_find(profile->store, &header->refers_to, note_received, &of, why));
	if (code == FAIL_NONE)
		code = look(outbox_find(profile->store, &header->refers_to, note_written, &of, why));
	if (code != FAIL_NONE || !of.here)
		return code;
	code = corrections_read(profile, &header->case_id, &before, why);
	if (code == FAIL_NONE)
		code = judge(&of, &before, why);
	corrections_release(&before);
	return code;
}

// ---- finding a message ----

struct copying {
	const char *from;
	struct bytes *envelope;
};

static enum fail_code copy_received(void *context, const struct inbox_row *row)
{
	const struct copying *copying = context;
	if (strcmp(row->sender, copying->from) != 0 || row->fault[0] != '\0' || copying->envelope->length > 0)
		return FAIL_NONE;
	return bytes_append(copying->envelope, row->envelope.data, row->envelope.length);
}

enum fail_code corrections_envelope(struct psr_profile *profile, const struct id *message, const char *from,
                                    struct bytes *envelope, struct fail *why)
{
	struct copying copying = {from, envelope};
	enum fail_code code;
	if (strcmp(from, profile->settings.identity.code) == 0)
		return outbox_envelope(profile->store, message, envelope, why);
	code = look(inbox_find(profile->store, message, copy_received, &copying, why));
	if (code == FAIL_NONE && envelope->length == 0)
		return fail_set(why, FAIL_UNKNOWN_MESSAGE, "the message is not here");
	return code;
}

struct search {
	struct id id;
	uint64_t number;    // 0: by id
	struct bytes envelope;
	enum outbox_state state;
	uint64_t delivered_at;
	char author[MEMBER_CODE_SIZE]; // of one that was received
};

static bool is_meant(const struct search *search, uint64_t case_seq, const struct id *message)
{
	return search->number > 0 ? search->number == case_seq : id_equal(&search->id, message);
}

static enum fail_code look_at_written(void *context, const struct outbox_row *row)
{
	struct search *search = context;
	bool gone = row->state == OUTBOX_RETURNED || row->state == OUTBOX_TAKEN_BACK;
	if (gone || search->envelope.length > 0 ||
	    !is_meant(search, row->case_seq, &row->message))
		return FAIL_NONE;
	search->id = row->message;
	search->state = row->state;
	search->delivered_at = row->at[OUTBOX_DELIVERED];
	return bytes_append(&search->envelope, row->envelope.data, row->envelope.length);
}

static enum fail_code look_at_received(void *context, const struct inbox_row *row)
{
	struct search *search = context;
	if (is_meant(search, row->case_seq, &row->message))
		snprintf(search->author, sizeof search->author, "%s", row->sender);
	return FAIL_NONE;
}

static enum fail_code read_typed(struct search *search, const char *typed, struct fail *why)
{
	char *end;
	if (typed == NULL || typed[0] == '\0')
		return fail_set(why, FAIL_BAD_USAGE, "the message is needed: its number in the case, or its id");
	search->number = strtoull(typed, &end, 10);
	if (typed[0] >= '1' && typed[0] <= '9' && *end == '\0')
		return FAIL_NONE;
	search->number = 0;
	if (id_from_text(&search->id, typed) == FAIL_NONE)
		return FAIL_NONE;
	return fail_set(why, FAIL_BAD_USAGE, "'%.40s' is neither the number of a message nor its id: passerelle show has both",
	                typed);
}

static enum fail_code tell_not_found(const struct search *search, const char *typed, struct fail *why)
{
	if (search->author[0] != '\0')
		return fail_set(why, FAIL_UNKNOWN_MESSAGE, "message %.40s was written by %s: only its author can correct it",
		                typed, search->author);
	return fail_set(why, FAIL_UNKNOWN_MESSAGE, "there is no message %.40s in this case that was written here", typed);
}

static enum fail_code decode_target(const struct search *search, struct arena *arena, struct correction_target *target,
                                    struct fail *why)
{
	struct checked checked;
	uint8_t *copy = arena_alloc(arena, search->envelope.length);
	if (copy == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	memcpy(copy, search->envelope.data, search->envelope.length);
	enum fail_code code = checked_decode(&checked, view_of(copy, search->envelope.length), arena, why);
	if (code == FAIL_NONE)
		*target = (struct correction_target){search->id, checked.header, search->state, search->delivered_at};
	return code;
}

enum fail_code corrections_find(struct psr_profile *profile, const struct id *case_id, const char *typed,
                                struct arena *arena, struct correction_target *target, struct fail *why)
{
	struct search search = {.number = 0};
	enum fail_code code = read_typed(&search, typed, why);
	if (code != FAIL_NONE)
		return code;
	bytes_init(&search.envelope, MAX_ENVELOPE);
	code = outbox_each(profile->store, OUTBOX_OF_CASE, case_id, look_at_written, &search, why);
	if (code == FAIL_NONE && search.envelope.length == 0)
		code = inbox_each(profile->store, case_id, look_at_received, &search, why);
	if (code == FAIL_NONE)
		code = search.envelope.length > 0 ? decode_target(&search, arena, target, why)
		                                  : tell_not_found(&search, typed, why);
	bytes_release(&search.envelope);
	return code;
}
