// SPDX-License-Identifier: Apache-2.0
#include "lib/sync.h"

#include "base/words.h"
#include "lib/ask.h"
#include "lib/duties.h"
#include "lib/json.h"
#include "lib/sweep.h"

#include <poll.h>
#include <stdlib.h>

enum {
	TURN_MS = 500,
	PATIENCE_MS = 20 * 1000,   // a hub that answers and gets nothing done
	ANEW = 4,                  // conversations in a row that got nothing further
	ALL_AGAIN = 2,             // times that the cursor may be stale
	SHORTEST_MS = 500, LONGEST_MS = 60 * 1000,
};

uint32_t patience_next_ms(struct patience *patience, uint32_t least_ms)
{
	uint32_t shift = patience->failures < 7 ? patience->failures : 7;
	uint32_t most = (uint32_t)SHORTEST_MS << shift;
	if (most > LONGEST_MS)
		most = LONGEST_MS;
	patience->failures++;
	uint32_t random;
	random_fill(&random, sizeof random);
	uint32_t chosen = random % most;
	return chosen > least_ms ? chosen : least_ms;
}

struct syncing {
	struct psr_profile *profile;
	struct exchange_port port;
	unsigned sent, received, damaged, returned_count;
	json_t *returned, *warnings;   // owned
	struct fail delayed;           // why a message of ours must wait
	uint64_t until;                // steady clock, 0: until both sides are empty
	uint64_t progress;             // of all conversations
	bool all_again, connected;
	bool directory_first;          // a conversation ended while it waited for one
};

json_t *happening_json(const struct happening *what)
{
	json_t *json = json_object();
	if (!id_is_zero(&what->message))
		json_put_id(json, "message", &what->message);
	if (!id_is_zero(&what->case_id))
		json_put_id(json, "case", &what->case_id);
	json_put_filled(json, "reference", what->reference);
	if (what->message_kind != KIND_UNSPECIFIED)
		json_put_text(json, "kind", message_kind_name(what->message_kind));
	json_put_filled(json, "member", what->member);
	json_put_filled(json, "reason", what->error);
	json_put_filled(json, "text", what->text);
	json_put_filled(json, "overtaken_by", what->overtaken_by);
	enum fail_code code = what->error[0] == '\0' ? FAIL_COUNT : fail_from_name(what->error);
	if (code != FAIL_COUNT)
		json_put_text(json, "advice", fail_advice(code));
	return json;
}

static void happened(void *context, const struct happening *what)
{
	struct syncing *s = context;
	bool receipt = what->message_kind == KIND_RECEIPT;
	switch (what->kind) {
	case HAPPENED_ACCEPTED: s->sent += !receipt; s->delayed.code = FAIL_NONE; break;
	case HAPPENED_RECEIVED: s->received++; break;
	case HAPPENED_DAMAGED:
		s->damaged++;
		json_array_append_new(s->warnings, happening_json(what));
		break;
	case HAPPENED_RETURNED: json_array_append_new(s->returned, happening_json(what)); break;
	case HAPPENED_WARNING: json_array_append_new(s->warnings, happening_json(what)); break;
	case HAPPENED_DELAYED: {
		enum fail_code code = fail_from_name(what->error);
		fail_set(&s->delayed, code == FAIL_COUNT ? FAIL_UNAVAILABLE : code, "the hub cannot take a message now: %s",
		         what->text);
		break;
	}
	case HAPPENED_DELIVERED:
	case HAPPENED_OPENED:
	case HAPPENED_DIRECTORY: break;
	}
}

static bool time_is_up(const struct syncing *s)
{
	return s->until != 0 && clock_steady() >= s->until;
}

// A first time, or a line that is cut before the directory comes behind all that is delivered.
static enum fail_code get_directory(struct syncing *s, struct fail *why)
{
	uint64_t version;
	enum fail_code code = directory_version(s->profile->store, &version, why);
	if (code != FAIL_NONE || (version != 0 && !s->directory_first))
		return code;
	code = ask_directory(s->profile, why);
	s->connected = s->connected || code == FAIL_NONE;
	s->progress += code == FAIL_NONE;
	s->directory_first = s->directory_first && code != FAIL_NONE;
	return code;
}

// One conversation. FAIL_NONE: all is exchanged, or the time is up.
static enum fail_code converse(struct syncing *s, struct exchange *x, struct fail *why)
{
	struct exchange_options options = {.mail = true, .all_again = s->all_again};
	enum fail_code code = get_directory(s, why);
	if (code == FAIL_NONE)
		duties_write(s->profile, &s->port);
	if (code == FAIL_NONE)
		code = exchange_open(x, s->profile, &options, &s->port, why);
	if (code != FAIL_NONE)
		return code;
	s->connected = true;
	uint64_t moved_at = clock_steady(), seen = 0;
	while (code == FAIL_NONE && !time_is_up(s) && (s->until != 0 || !exchange_idle(x))) {
		code = exchange_turn(x, TURN_MS, why);
		if (x->progress != seen) {
			s->progress += x->progress - seen;
			seen = x->progress;
			moved_at = clock_steady();
		}
		if (code == FAIL_NONE && s->until == 0 && clock_steady() > moved_at + PATIENCE_MS) {
			code = FAIL_TIMED_OUT;
			*why = s->delayed;
			if (s->delayed.code == FAIL_NONE)
				fail_set(why, code, "the hub answers, and nothing gets further");
			code = why->code;
		}
	}
	s->directory_first = x->stranger;
	exchange_close(x);
	return code;
}

static void pause_ms(const struct syncing *s, uint32_t ms)
{
	uint64_t now = clock_steady();
	if (s->until != 0 && now + ms > s->until)
		ms = s->until > now ? (uint32_t)(s->until - now) : 0;
	(void)poll(NULL, 0, (int)ms);
}

static bool comes_back(enum fail_code code)
{
	return code == FAIL_CLOSED || code == FAIL_UNAVAILABLE || code == FAIL_TIMED_OUT || code == FAIL_IO ||
	       code == FAIL_OUTCOME_UNKNOWN || code == FAIL_OVER_CREDIT || code == FAIL_OVER_QUOTA;
}

// May it be tried again after this fault?
static bool goes_on(struct syncing *s, enum fail_code code, const struct patience *patience, unsigned *stale)
{
	if (code == FAIL_CURSOR_STALE && ++*stale <= ALL_AGAIN) {
		s->all_again = true;
		struct happening what = {.kind = HAPPENED_WARNING, .member = "", .reference = "", .error = "CURSOR_STALE", .overtaken_by = "",
		                         .text = words_of("the hub no longer has the place where this profile stopped: everything that it keeps is read again")};
		happened(s, &what);
		return true;
	}
	if (!comes_back(code))
		return false;
	return s->until != 0 ? !time_is_up(s) : s->connected && patience->failures < ANEW;
}

static enum fail_code converse_until_done(struct syncing *s, struct fail *why)
{
	struct exchange *x = calloc(1, sizeof *x);
	struct patience patience = {.failures = 0};
	unsigned stale = 0;
	enum fail_code code;
	if (x == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	for (;;) {
		uint64_t before = s->progress;
		code = converse(s, x, why);
		if (code == FAIL_NONE)
			break;
		if (s->progress > before + 1) // more than a Welcome
			patience.failures = 0;
		if (!goes_on(s, code, &patience, &stale))
			break;
		if (code != FAIL_CURSOR_STALE)
			pause_ms(s, patience_next_ms(&patience, x->retry_after_ms));
	}
	free(x);
	// A watching program that ran out of time has done what it could.
	return code != FAIL_NONE && s->until != 0 && comes_back(code) && s->connected ? FAIL_NONE : code;
}

static enum fail_code report(struct syncing *s, json_t **result, struct fail *why)
{
	struct outbox_counts counts;
	struct cursor cursor;
	enum fail_code code = outbox_count(s->profile->store, &counts, why);
	if (code == FAIL_NONE)
		code = cursor_get(s->profile->store, &cursor, why);
	if (code != FAIL_NONE)
		return code;
	json_t *json = json_document("passerelle.synced/1");
	json_object_set_new(json, "sent", json_integer(s->sent));
	json_object_set_new(json, "received", json_integer(s->received));
	json_object_set_new(json, "damaged", json_integer(s->damaged));
	json_object_set_new(json, "waiting", json_integer(counts.of[OUTBOX_QUEUED]));
	json_put_u64(json, "cursor", cursor.seq);
	json_object_set(json, "returned", s->returned);
	json_object_set(json, "warnings", s->warnings);
	*result = json;
	return FAIL_NONE;
}

enum fail_code sync_run(struct psr_profile *profile, uint32_t wait_ms, psr_progress_call progress, void *context,
                        json_t **result, struct fail *why)
{
	enum fail_code code = profile_lock(profile, PROFILE_SYNC, why);
	if (code != FAIL_NONE)
		return code;
	struct syncing s = {.profile = profile, .returned = json_array(), .warnings = json_array(),
	                    .until = wait_ms == 0 ? 0 : clock_steady() + wait_ms};
	s.port = (struct exchange_port){&s, happened, progress, context};
	code = converse_until_done(&s, why);
	if (code == FAIL_NONE)
		code = report(&s, result, why);
	json_decref(s.returned);
	json_decref(s.warnings);
	profile_unlock(profile, PROFILE_SYNC);
	if (code == FAIL_NONE && profile_lock(profile, PROFILE_WRITE, NULL) == FAIL_NONE) {
		spool_sweep(profile);
		profile_unlock(profile, PROFILE_WRITE);
	}
	return code;
}
