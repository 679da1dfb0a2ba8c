// SPDX-License-Identifier: Apache-2.0
#include "lib/pass_on.h"

#include "form/granted.h"
#include "lib/cases.h"
#include "lib/corrections.h"
#include "seal/content.h"
#include "wire/codec.h"

#include <stdlib.h>
#include <string.h>

struct gathering {
	struct psr_profile *profile;
	struct arena *arena;
	struct header *header;
	struct granted list[MAX_GRANTED];
	size_t count;
	struct corrections corrections; // owned
	struct fail *why;
};

static enum fail_code add_grant(struct gathering *g, const struct id *object)
{
	if (g->header->grant_count == MAX_GRANTS)
		return fail_set(g->why, FAIL_TOO_LARGE, "the case has more than %d attachments", MAX_GRANTS);
	g->header->grant[g->header->grant_count++] = *object;
	return FAIL_NONE;
}

static enum fail_code gather_keys(struct gathering *g, const struct checked *checked, struct granted *granted)
{
	size_t count = checked->header.object_count;
	uint8_t(*key)[GRANTED_KEY_SIZE] = arena_alloc(g->arena, (count + 1) * sizeof *key);
	enum fail_code code = key == NULL ? fail_set(g->why, FAIL_NO_MEMORY, "out of memory") : FAIL_NONE;
	for (size_t i = 0; i < count && code == FAIL_NONE; i++) {
		code = checked_key(g->profile, checked, (uint32_t)i, key[i], g->why);
		if (code == FAIL_NONE && i > 0) // the first is the body, which travels inside
			code = add_grant(g, &checked->header.object[i].id);
	}
	granted->key = (const uint8_t(*)[GRANTED_KEY_SIZE])key;
	granted->key_count = count;
	return code;
}

// What its author took back stays empty for the new member too.
static enum fail_code strip_copy(struct gathering *g, struct envelope *envelope, struct granted *granted)
{
	struct bytes bytes;
	bytes_init(&bytes, MAX_ENVELOPE);
	envelope->stanza_count = 0;
	envelope->sealed_body = view_of(NULL, 0);
	enum fail_code code = envelope_encode(envelope, &bytes);
	uint8_t *copy = code == FAIL_NONE ? arena_alloc(g->arena, bytes.length) : NULL;
	if (copy != NULL) {
		memcpy(copy, bytes.data, bytes.length);
		granted->envelope = view_of(copy, bytes.length);
	}
	bytes_release(&bytes);
	return copy != NULL ? FAIL_NONE : fail_set(g->why, FAIL_NO_MEMORY, "out of memory");
}

static enum fail_code gather(void *context, const struct case_message *message)
{
	struct gathering *g = context;
	struct checked checked;
	if (g->count == MAX_GRANTED)
		return fail_set(g->why, FAIL_TOO_LARGE, "the case has more than %d messages", MAX_GRANTED);
	uint8_t *copy = arena_alloc(g->arena, message->envelope.length + 1);
	if (copy == NULL)
		return fail_set(g->why, FAIL_TOO_LARGE, "the case has more than travels in one message");
	memcpy(copy, message->envelope.data, message->envelope.length);
	struct granted *granted = &g->list[g->count++];
	*granted = (struct granted){
		.envelope = view_of(copy, message->envelope.length),
		.case_seq = message->case_seq,
		.accepted_at = message->accepted_at,
		.case_state = message->case_state,
	};
	enum fail_code code = checked_decode(&checked, granted->envelope, g->arena, g->why);
	if (code == FAIL_NONE && corrections_recalled(&g->corrections, &checked.header.message, checked.header.from))
		return strip_copy(g, &checked.envelope, granted);
	return code == FAIL_NONE ? gather_keys(g, &checked, granted) : code;
}

enum fail_code pass_on_case(struct psr_profile *profile, const struct id *case_id, struct arena *arena,
                            struct header *header, struct bytes *body, struct fail *why)
{
	struct gathering g = {.profile = profile, .arena = arena, .header = header, .why = why};
	header->grant = arena_alloc(arena, MAX_GRANTS * sizeof *header->grant);
	header->grant_count = 0;
	if (header->grant == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	enum fail_code code = corrections_read(profile, case_id, &g.corrections, why);
	if (code == FAIL_NONE)
		code = case_messages(profile->store, case_id, gather, &g, why);
	corrections_release(&g.corrections);
	if (code == FAIL_NONE && (code = granted_add(body, g.list, g.count)) != FAIL_NONE)
		fail_set(why, code, "the case has more than travels in one message: send its papers with a note instead");
	wipe(g.list, sizeof g.list);
	return code;
}

// ---- the new member ----

struct taking {
	struct psr_profile *profile;
	const struct header *by;   // the message that passed the case on
	struct arena arena;        // wiped: it holds keys
	struct bytes body;         // wiped
	struct granted list[MAX_GRANTED];
	size_t count;
};

static enum fail_code add_row(const struct taking *t, const struct granted *granted, const struct checked *checked,
                              struct fail *why)
{
	struct inbox_row row = {
		.message = checked->header.message, .case_id = t->by->case_id, .sender = checked->header.from, .fault = "",
		.case_seq = granted->case_seq, .accepted_at = granted->accepted_at, .stored_at = clock_now(),
		.case_state = granted->case_state, .kind = checked->header.kind,
		.event = cases_event_of(&checked->header), .header_hash = checked->header_hash,
		.envelope = granted->envelope, .recalled = checked->recalled, .granted = true, .granted_by = t->by->message,
	};
	struct fail verdict;
	bool fresh;
	// What was passed on before it is in the store by now.
	enum fail_code code = corrections_check(t->profile, &checked->header, &verdict);
	if (code != FAIL_NONE && !checked_is_verdict(code)) {
		*why = verdict;
		return code;
	}
	if (code != FAIL_NONE)
		row.fault = verdict.text;
	return inbox_add(t->profile->store, &row, &fresh, why);
}

// Recalled before it was read: whoever passes the case on has nothing of it. That its author did so, says its author.
static bool came_empty(const struct checked *checked, const struct granted *granted)
{
	return checked->header.object_count > 0 && granted->key_count == 0 && checked->envelope.sealed_body.length == 0;
}

// Judges one message as if it had come to us; *referral gets the header of the one that opened the case.
static enum fail_code judge_one(struct taking *t, size_t index, struct header *referral, struct fail *why)
{
	struct checked checked;
	const struct granted *granted = &t->list[index];
	enum fail_code code = checked_decode(&checked, granted->envelope, &t->arena, why);
	if (code == FAIL_NONE && !id_equal(&checked.header.case_id, &t->by->case_id))
		code = fail_set(why, FAIL_MALFORMED, "a message of another case was passed on");
	if (code == FAIL_NONE && (granted->case_seq == 0 || granted->case_seq > MAX_NUMBER))
		code = fail_set(why, FAIL_MALFORMED, "a message without a number was passed on");
	checked.recalled = code == FAIL_NONE && came_empty(&checked, granted);
	if (code == FAIL_NONE)
		code = checked_verify_granted(t->profile, &checked, granted->accepted_at, why);
	if (code == FAIL_NONE && message_kind_opens(checked.header.kind))
		*referral = checked.header;
	return code;
}

static enum fail_code add_one(struct taking *t, size_t index, struct fail *why)
{
	struct checked checked;
	enum fail_code code = checked_decode(&checked, t->list[index].envelope, &t->arena, why);
	checked.recalled = code == FAIL_NONE && came_empty(&checked, &t->list[index]);
	return code == FAIL_NONE ? add_row(t, &t->list[index], &checked, why) : code;
}

static enum fail_code take_all(struct taking *t, const struct checked *checked, struct fail *why)
{
	struct header referral = {.kind = KIND_UNSPECIFIED};
	t->count = MAX_GRANTED;
	enum fail_code code = checked_open_body(t->profile, checked, &t->body, why);
	if (code == FAIL_NONE)
		code = granted_read(bytes_view(&t->body), &t->arena, t->list, &t->count, why);
	for (size_t i = 0; code == FAIL_NONE && i < t->count; i++)
		code = judge_one(t, i, &referral, why);
	if (code == FAIL_NONE && referral.kind == KIND_UNSPECIFIED)
		code = fail_set(why, FAIL_MALFORMED, "a case without its referral was passed on");
	for (size_t i = 0; code == FAIL_NONE && i < t->count; i++) // all of them are good: nothing is added by halves
		code = add_one(t, i, why);
	return code == FAIL_NONE ? cases_take_over(t->profile, &referral, why) : code;
}

enum fail_code pass_on_take(struct psr_profile *profile, const struct checked *checked, struct fail *why)
{
	struct case_row row;
	bool known = false;
	enum fail_code code = case_get(profile->store, &checked->header.case_id, &row, &known, why);
	if (code != FAIL_NONE || known)
		return code;
	struct taking t = {.profile = profile, .by = &checked->header};
	arena_init(&t.arena, 4 * ARENA_MESSAGE_CAP, 64 * ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&t.body, CONTENT_BODY_CAP);
	code = take_all(&t, checked, why);
	wipe(t.list, sizeof t.list);
	bytes_wipe(&t.body);
	arena_wipe(&t.arena);
	return code;
}

// ---- who has left ----

struct stripped {
	struct stripped *next;
	struct hash header_hash;
	struct bytes envelope;
};

struct stripping {
	struct stripped *first; // owned: nothing is changed while it is read
};

static enum fail_code strip(void *context, const struct case_message *message)
{
	struct stripping *stripping = context;
	struct stripped *one = calloc(1, sizeof *one);
	if (one == NULL)
		return FAIL_NO_MEMORY;
	one->next = stripping->first;
	stripping->first = one;
	one->header_hash = message->header_hash;
	bytes_init(&one->envelope, MAX_ENVELOPE);
	return checked_strip(message->envelope, &one->envelope);
}

enum fail_code pass_on_give_up(struct psr_profile *profile, const struct id *case_id, struct fail *why)
{
	struct stripping stripping = {.first = NULL};
	enum fail_code code = case_messages(profile->store, case_id, strip, &stripping, why);
	while (stripping.first != NULL) {
		struct stripped *one = stripping.first;
		if (code == FAIL_NONE)
			code = case_message_replace(profile->store, &one->header_hash, bytes_view(&one->envelope), why);
		stripping.first = one->next;
		bytes_release(&one->envelope);
		free(one);
	}
	return code;
}
