// SPDX-License-Identifier: Apache-2.0
#include "store/postgres_private.h"

#include "case/lifecycle.h"

#include <stdlib.h>
#include <string.h>

// Columns of api.lookup.
enum {
	AT, ACCEPTED, MESSAGE_CASE, MESSAGE_CASE_SEQ, MESSAGE_CASE_STATE, LEAF_INDEX, HEADER, ENVELOPE, MAILBOX_SEQ,
	COMMIT_LEVEL, HUB, SIGNER, SIGNATURE, LEAVES, LOOKUP_CASE
};

// Columns of a case, here behind those of the message, in api.due from the first on.
enum {
	CASE_ID, SEQ, REQUESTING, RESPONDING, STATE, HELD_FROM, HELD_BY, HOPS, LAST_MOVE, LAST_MOVE_SEQ, OPENED, SINCE,
	REOPENED, SERVICE, URGENCY, DUE, REFERENCE, CLOCK, MARKS = CLOCK + 10, OUT_MEMBER, STEPS, DECLINED, HELD
};

struct lookup {
	struct pg_operation operation; // first
	store_lookup_done done;
	void *context;
	size_t count;
	struct store_found *found;
	char (*hub)[IDENTITY_URI_SIZE];
};

static bool get_state(const PGresult *rows, int row, int column, uint32_t *state)
{
	int16_t raw = 0;
	if (!pg_get_int2(rows, row, column, &raw) || raw < 0 || raw >= CASE_STATE_COUNT)
		return false;
	*state = (uint32_t)raw;
	return true;
}

// The fields that only a message of a case has.
static bool get_message_case(const PGresult *rows, int row, struct store_original *original)
{
	if (PQgetisnull(rows, row, MESSAGE_CASE))
		return true;
	return pg_get_uuid(rows, row, MESSAGE_CASE, &original->case_id) &&
	       pg_get_int8(rows, row, MESSAGE_CASE_SEQ, &original->case_seq) &&
	       get_state(rows, row, MESSAGE_CASE_STATE, &original->case_state);
}

// The leaves are used where they lie: 32 bytes each, no alignment needed.
static bool get_leaves(const PGresult *rows, int row, struct store_original *original)
{
	struct view leaves;
	int16_t index = 0;
	if (!pg_get_bytea(rows, row, LEAVES, &leaves) || !pg_get_int2(rows, row, LEAF_INDEX, &index))
		return false;
	size_t count = leaves.length / HASH_SIZE;
	if (leaves.length % HASH_SIZE != 0 || count > MAX_TREE_LEAVES || index < 0 || (size_t)index >= count)
		return false;
	original->leaf = (const struct hash *)(const void *)leaves.data;
	original->leaf_count = (uint32_t)count;
	original->leaf_index = (uint32_t)index;
	return true;
}

bool postgres_get_original(const PGresult *rows, int row, struct store_original *original, char hub[IDENTITY_URI_SIZE])
{
	int16_t level = 0;
	*original = (struct store_original){.hub = hub};
	bool good =
		pg_get_int8(rows, row, ACCEPTED, &original->accepted_at) && get_message_case(rows, row, original) &&
		get_leaves(rows, row, original) && pg_get_hash(rows, row, HEADER, &original->header_hash) &&
		pg_get_hash(rows, row, ENVELOPE, &original->envelope_hash) &&
		pg_get_hash(rows, row, SIGNER, &original->signer) && pg_get_bytea(rows, row, SIGNATURE, &original->signature) &&
		pg_get_text(rows, row, HUB, hub, IDENTITY_URI_SIZE) && pg_get_int2(rows, row, COMMIT_LEVEL, &level) &&
		level > COMMIT_NONE && level <= COMMIT_REPLICATED &&
		pg_get_int8s(rows, row, MAILBOX_SEQ, original->mailbox_seq, MAX_RECIPIENTS, &original->mailbox_seq_count);
	original->commit = (enum commit_level)level;
	return good;
}

static bool get_view(const PGresult *rows, int row, int first, struct case_view *view)
{
	uint32_t state = 0, held_from = 0;
	int16_t held_by = 0, hops = 0;
	uint64_t marks = 0;
	if (!get_state(rows, row, first + STATE, &state) || !get_state(rows, row, first + HELD_FROM, &held_from) ||
	    !pg_get_int2(rows, row, first + HELD_BY, &held_by) || !pg_get_int2(rows, row, first + HOPS, &hops) ||
	    !pg_get_int8(rows, row, first + MARKS, &marks))
		return false;
	if (held_by < 0 || held_by > CASE_SIDE_COUNT || hops < 0 || hops > UINT8_MAX || marks > INT64_MAX)
		return false;
	view->state = (enum case_state)state;
	view->held_from = (enum case_state)held_from;
	view->held_by = (enum case_side)held_by;
	view->hops = (uint8_t)hops;
	return case_marks_read(view, (int64_t)marks);
}

static bool get_case_numbers(const PGresult *rows, int row, int first, struct case_record *record)
{
	int32_t reopened = 0;
	bool good = pg_get_int8(rows, row, first + SEQ, &record->seq) &&
	            pg_get_int4(rows, row, first + REQUESTING, &record->requesting) &&
	            pg_get_int4(rows, row, first + RESPONDING, &record->responding) &&
	            pg_get_int8(rows, row, first + LAST_MOVE_SEQ, &record->last_move_seq) &&
	            pg_get_int8(rows, row, first + OPENED, &record->opened_at) &&
	            pg_get_int8(rows, row, first + SINCE, &record->since) &&
	            pg_get_int4(rows, row, first + REOPENED, &reopened) &&
	            pg_get_int4(rows, row, first + OUT_MEMBER, &record->out_member);
	record->reopened = (uint32_t)reopened;
	return good && reopened >= 0 && record->out_member >= 0 && record->requesting > 0 && record->responding > 0;
}

static bool get_steps(const PGresult *rows, int row, int first, struct case_steps *steps)
{
	uint64_t packed = 0;
	return pg_get_int8(rows, row, first + STEPS, &packed) && case_steps_unpack(packed, steps) &&
	       pg_get_text(rows, row, first + DECLINED, steps->declined, sizeof steps->declined) &&
	       pg_get_text(rows, row, first + HELD, steps->held, sizeof steps->held);
}

static bool get_case_texts(const PGresult *rows, int row, int first, struct case_record *record)
{
	return pg_get_text(rows, row, first + SERVICE, record->service, sizeof record->service) &&
	       pg_get_text(rows, row, first + URGENCY, record->urgency, sizeof record->urgency) &&
	       pg_get_text(rows, row, first + DUE, record->due, sizeof record->due) &&
	       pg_get_text(rows, row, first + REFERENCE, record->reference, sizeof record->reference);
}

// Ten columns from `column` on.
bool postgres_get_clock(const PGresult *rows, int row, int column, struct case_clock *clock)
{
	int16_t kind = 0, pauses = 0, told = 0;
	uint64_t *const times[] = {&clock->started,   &clock->due,        &clock->paused_since, &clock->paused_ms,
	                           &clock->consent_at, &clock->asked_at, &clock->out_since};
	bool good = pg_get_int2(rows, row, column, &kind) && pg_get_int2(rows, row, column + 1, &pauses) &&
	            pg_get_int2(rows, row, column + 2, &told);
	for (int i = 0; i < 7; i++)
		good = good && pg_get_int8(rows, row, column + 3 + i, times[i]);
	if (!good || kind < 0 || kind >= CLOCK_KIND_COUNT || (pauses & ~PAUSES) != 0 || told < 0 || told >= NOTICE_COUNT)
		return false;
	clock->kind = (enum clock_kind)kind;
	clock->pauses = (uint8_t)pauses;
	clock->told = (enum clock_notice)told;
	return true;
}

bool postgres_get_case(const PGresult *rows, int row, int first, struct case_record *record, bool *found)
{
	*record = (struct case_record){0};
	*found = !PQgetisnull(rows, row, first + CASE_ID);
	if (!*found)
		return true;
	bool good = pg_get_uuid(rows, row, first + CASE_ID, &record->id) &&
	       pg_get_uuid(rows, row, first + LAST_MOVE, &record->last_move) && get_view(rows, row, first, &record->view) &&
	       get_case_numbers(rows, row, first, record) && get_case_texts(rows, row, first, record) &&
	       postgres_get_clock(rows, row, first + CLOCK, &record->clock) &&
	       get_steps(rows, row, first, &record->steps);
	record->view.unanswered = good && clock_unanswered(&record->clock);
	return good;
}

bool postgres_get_looked_up(const PGresult *rows, int row, struct case_record *record, bool *found)
{
	return postgres_get_case(rows, row, LOOKUP_CASE, record, found);
}

void postgres_put_lookup(struct pg_params *params, const struct store_lookup *lookup, size_t count)
{
	pg_array_begin(params, PG_UUID);
	for (size_t i = 0; i < count; i++)
		pg_put_uuid(params, &lookup[i].message);
	pg_array_end(params);
	pg_array_begin(params, PG_INT4);
	for (size_t i = 0; i < count; i++)
		pg_put_int4(params, lookup[i].sender);
	pg_array_end(params);
	pg_array_begin(params, PG_UUID);
	for (size_t i = 0; i < count; i++)
		pg_put_uuid(params, &lookup[i].case_id);
	pg_array_end(params);
}

static enum fail_code read_found(struct lookup *lookup, const PGresult *rows)
{
	if (PQntuples(rows) != (int)lookup->count)
		return FAIL_DATA_LOSS;
	for (size_t i = 0; i < lookup->count; i++) {
		struct store_found *found = &lookup->found[i];
		int row = (int)i;
		found->has_message = !PQgetisnull(rows, row, ACCEPTED);
		if (found->has_message && !postgres_get_original(rows, row, &found->original, lookup->hub[i]))
			return FAIL_DATA_LOSS;
		if (!postgres_get_looked_up(rows, row, &found->record, &found->has_case))
			return FAIL_DATA_LOSS;
	}
	return FAIL_NONE;
}

// A lookup that nobody can be sure of changed nothing that matters: it may simply be asked again.
static void on_lookup(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct lookup *lookup = (struct lookup *)(void *)operation;
	if (code == FAIL_OUTCOME_UNKNOWN)
		code = FAIL_UNAVAILABLE;
	if (code == FAIL_NONE)
		code = read_found(lookup, rows);
	bool good = code == FAIL_NONE;
	lookup->done(lookup->context, code, good ? lookup->found : NULL, good ? lookup->count : 0);
	free(lookup->found);
	free(lookup->hub);
	free(lookup);
}

void postgres_lookup(struct store *store, const struct store_lookup *wanted, size_t count, store_lookup_done done,
                     void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	must(count <= MAX_TREE_LEAVES);
	struct lookup *lookup = postgres_need(sizeof *lookup);
	lookup->done = done;
	lookup->context = context;
	lookup->count = count;
	lookup->found = postgres_need(count * sizeof *lookup->found);
	lookup->hub = postgres_need(count * sizeof *lookup->hub);
	// A write where a message is found: its answer counts only if the commit did.
	lookup->operation = (struct pg_operation){.done = on_lookup, .write = true};
	postgres_put_lookup(postgres_params(postgres), wanted, count);
	postgres_send(postgres, LINK_WRITER, &lookup->operation, STATEMENT_LOOKUP);
}
