// SPDX-License-Identifier: Apache-2.0
//
// A batch as arrays for api.commit_batch, and its outcome. One ordinary message goes by
// api.commit_one first (postgres_commit_one.c), at less than half the cost. Duplicates and moved
// cases are rare: what they need is looked up behind the commit, on the same
// connection.
#include "store/postgres_private.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ENTRIES = MAX_TREE_LEAVES * MAX_RECIPIENTS, MAX_ATTEMPTS = 3 };

// The tables that the function wants beside the messages; numbers count from 1 in SQL.
struct plan {
	member_no box[MAX_ENTRIES];
	size_t box_count;
	uint32_t entry_message[MAX_ENTRIES], entry_box[MAX_ENTRIES], entry_rank[MAX_ENTRIES];
	size_t entry_count;
	uint32_t rank_in_box[MAX_ENTRIES];   // at last: how many entries it gets
	struct id cases[MAX_TREE_LEAVES];
	uint32_t last[MAX_TREE_LEAVES];      // place of a case's last message
	uint32_t rank_in_case[MAX_TREE_LEAVES];
	uint64_t first[MAX_TREE_LEAVES];     // what its first message expects
	bool gap;                            // some message does not follow the one before it
	size_t case_count;
	uint32_t case_message[MAX_TREE_LEAVES], case_index[MAX_TREE_LEAVES], case_rank[MAX_TREE_LEAVES];
	size_t chained;                      // messages with a case
};

struct commit {
	struct pg_operation operation;       // first
	struct store_postgres *postgres;
	const struct store_batch *batch;
	store_commit_done done;
	void *context;
	unsigned attempts;
	struct store_result *result;
	struct plan *plan;                   // NULL until the batch goes as a batch
	// The lookup behind it.
	struct store_lookup lookup[MAX_TREE_LEAVES];
	size_t lookup_of[MAX_TREE_LEAVES];
	size_t lookup_count;
	char (*hub)[IDENTITY_URI_SIZE];
};

static int by_number(const void *left, const void *right)
{
	member_no a = *(const member_no *)left, b = *(const member_no *)right;
	return a < b ? -1 : a > b;
}

static int by_id(const void *left, const void *right)
{
	return id_compare(left, right);
}

static size_t unique(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	uint8_t *row = base;
	size_t kept = 0;
	if (count > 0)
		qsort(base, count, size, compare);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && compare(row + (kept - 1) * size, row + i * size) == 0)
			continue;
		memmove(row + kept * size, row + i * size, size);
		kept++;
	}
	return kept;
}

static size_t place_of(const void *key, const void *base, size_t count, size_t size,
                       int (*compare)(const void *, const void *))
{
	const uint8_t *found = bsearch(key, base, count, size, compare);
	must(found != NULL);
	return (size_t)(found - (const uint8_t *)base) / size;
}

static void plan_entries(struct plan *plan, const struct store_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct store_change *change = &batch->change[i];
		must(change->recipient_count >= 1 && change->recipient_count <= MAX_RECIPIENTS);
		for (size_t j = 0; j < change->recipient_count; j++)
			plan->box[plan->box_count++] = change->recipient[j];
	}
	plan->box_count = unique(plan->box, plan->box_count, sizeof *plan->box, by_number);
	for (size_t i = 0; i < batch->count; i++) {
		const struct store_change *change = &batch->change[i];
		for (size_t j = 0; j < change->recipient_count; j++) {
			size_t box = place_of(&change->recipient[j], plan->box, plan->box_count, sizeof *plan->box, by_number);
			plan->entry_message[plan->entry_count] = (uint32_t)i + 1;
			plan->entry_box[plan->entry_count] = (uint32_t)box + 1;
			plan->entry_rank[plan->entry_count++] = plan->rank_in_box[box]++;
		}
	}
}

static void plan_cases(struct plan *plan, const struct store_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->change[i].has_case)
			plan->cases[plan->case_count++] = batch->change[i].next.id;
	}
	plan->case_count = unique(plan->cases, plan->case_count, sizeof *plan->cases, by_id);
	for (size_t i = 0; i < batch->count; i++) {
		if (!batch->change[i].has_case)
			continue;
		must(batch->change[i].next.seq == batch->change[i].expected_seq + 1);
		size_t at = place_of(&batch->change[i].next.id, plan->cases, plan->case_count, sizeof *plan->cases, by_id);
		plan->case_message[plan->chained] = (uint32_t)i + 1;
		plan->case_index[plan->chained] = (uint32_t)at + 1;
		if (plan->rank_in_case[at] == 0)
			plan->first[at] = batch->change[i].expected_seq;
		plan->gap |= batch->change[i].expected_seq != plan->first[at] + plan->rank_in_case[at];
		plan->case_rank[plan->chained] = plan->rank_in_case[at]++;
		plan->last[at] = (uint32_t)++plan->chained;
	}
}

// One array from one expression over `change`, or over those that have a case.
#define PUT_ALL(type, put, value) do { \
		pg_array_begin(params, type); \
		for (size_t i = 0; i < batch->count; i++) { \
			const struct store_change *change = &batch->change[i]; \
			put(params, value); \
		} \
		pg_array_end(params); \
	} while (0)

#define PUT_CASES(type, put, value) do { \
		pg_array_begin(params, type); \
		for (size_t i = 0; i < plan->chained; i++) { \
			const struct case_record *next = &batch->change[plan->case_message[i] - 1].next; \
			put(params, value); \
		} \
		pg_array_end(params); \
	} while (0)

// One array over a list that each change may have: `list` is its name, `item` its element.
#define PUT_LIST(type, put, list, value) do { \
		pg_array_begin(params, type); \
		for (size_t i = 0; i < batch->count; i++) { \
			const struct store_change *change = &batch->change[i]; \
			for (size_t j = 0; j < change->list##_count; j++) \
				put(params, value); \
		} \
		pg_array_end(params); \
	} while (0)

static void put_numbers(struct pg_params *params, const uint32_t *number, size_t count)
{
	pg_array_begin(params, PG_INT4);
	for (size_t i = 0; i < count; i++)
		pg_put_int4(params, (int32_t)number[i]);
	pg_array_end(params);
}

static struct view hash_view(const struct hash *hash)
{
	return view_of(hash->byte, sizeof hash->byte);
}

void postgres_put_promise(struct pg_params *params, const struct store_batch *batch)
{
	pg_put_uuid(params, &batch->id);
	pg_put_int8(params, batch->accepted_at);
	pg_put_int2(params, (int16_t)batch->commit);
	pg_put_text(params, batch->hub);
	pg_put_bytea(params, hash_view(&batch->signer));
	pg_put_bytea(params, batch->signature);
	pg_put_bytea(params, view_of(batch->leaf, batch->count * sizeof *batch->leaf));
}

// The span of the ids: only its partitions are looked into.
static void put_span(struct pg_params *params, const struct store_batch *batch)
{
	const struct id *oldest = &batch->change[0].message, *newest = oldest;
	for (size_t i = 1; i < batch->count; i++) {
		const struct id *id = &batch->change[i].message;
		oldest = id_compare(id, oldest) < 0 ? id : oldest;
		newest = id_compare(id, newest) > 0 ? id : newest;
	}
	pg_put_uuid(params, oldest);
	pg_put_uuid(params, newest);
}

// Without a case: NULL.
static void put_case_id(struct pg_params *params, const struct store_change *change)
{
	if (change->has_case)
		pg_put_uuid(params, &change->next.id);
	else
		pg_put_null(params);
}

static void put_case_seq(struct pg_params *params, const struct store_change *change)
{
	if (change->has_case)
		pg_put_int8(params, change->next.seq);
	else
		pg_put_null(params);
}

static void put_case_state(struct pg_params *params, const struct store_change *change)
{
	if (change->has_case)
		pg_put_int2(params, (int16_t)change->next.view.state);
	else
		pg_put_null(params);
}

static void put_messages(struct pg_params *params, const struct store_batch *batch)
{
	PUT_ALL(PG_UUID, pg_put_uuid, &change->message);
	PUT_ALL(PG_INT4, pg_put_int4, change->sender);
	PUT_ALL(PG_INT2, pg_put_int2, (int16_t)change->kind);
	PUT_ALL(PG_BYTEA, pg_put_bytea, hash_view(&change->header_hash));
	PUT_ALL(PG_BYTEA, pg_put_bytea, hash_view(&change->envelope_hash));
	PUT_ALL(PG_BYTEA, pg_put_bytea, change->envelope);
	PUT_ALL(PG_INT8, pg_put_int8, change->expires_at);
	PUT_ALL(PG_UUID, put_case_id, change);
	PUT_ALL(PG_INT8, put_case_seq, change);
	PUT_ALL(PG_INT2, put_case_state, change);
}

static void put_entries(struct pg_params *params, const struct plan *plan)
{
	pg_array_begin(params, PG_INT4);
	for (size_t i = 0; i < plan->box_count; i++)
		pg_put_int4(params, plan->box[i]);
	pg_array_end(params);
	put_numbers(params, plan->rank_in_box, plan->box_count);
	put_numbers(params, plan->entry_message, plan->entry_count);
	put_numbers(params, plan->entry_box, plan->entry_count);
	put_numbers(params, plan->entry_rank, plan->entry_count);
}

static void put_cases(struct pg_params *params, const struct plan *plan, const struct store_batch *batch)
{
	pg_array_begin(params, PG_UUID);
	for (size_t i = 0; i < plan->case_count; i++)
		pg_put_uuid(params, &plan->cases[i]);
	pg_array_end(params);
	put_numbers(params, plan->last, plan->case_count);
	pg_array_begin(params, PG_INT8);
	for (size_t i = 0; i < plan->case_count; i++)
		pg_put_int8(params, plan->first[i]);
	pg_array_end(params);
	pg_put_bool(params, !plan->gap);
	put_numbers(params, plan->case_message, plan->chained);
	put_numbers(params, plan->case_index, plan->chained);
	put_numbers(params, plan->case_rank, plan->chained);
	PUT_CASES(PG_INT8, pg_put_int8, next->seq - 1);
	PUT_CASES(PG_INT4, pg_put_int4, next->requesting);
	PUT_CASES(PG_INT4, pg_put_int4, next->responding);
	PUT_CASES(PG_INT2, pg_put_int2, (int16_t)next->view.state);
	PUT_CASES(PG_INT2, pg_put_int2, (int16_t)next->view.held_from);
	PUT_CASES(PG_INT2, pg_put_int2, (int16_t)next->view.held_by);
	PUT_CASES(PG_INT2, pg_put_int2, (int16_t)next->view.hops);
	PUT_CASES(PG_UUID, pg_put_uuid, &next->last_move);
	PUT_CASES(PG_INT8, pg_put_int8, next->last_move_seq);
	PUT_CASES(PG_INT8, pg_put_int8, next->opened_at);
	PUT_CASES(PG_INT8, pg_put_int8, next->since);
	PUT_CASES(PG_INT4, pg_put_int4, (int32_t)next->reopened);
	PUT_CASES(PG_TEXT, pg_put_text, next->service);
	PUT_CASES(PG_TEXT, pg_put_text, next->urgency);
	PUT_CASES(PG_TEXT, pg_put_text, next->due);
	PUT_CASES(PG_TEXT, pg_put_text, next->reference);
	PUT_CASES(PG_INT2, pg_put_int2, (int16_t)next->clock.kind);
	PUT_CASES(PG_INT2, pg_put_int2, (int16_t)next->clock.pauses);
	PUT_CASES(PG_INT2, pg_put_int2, (int16_t)next->clock.told);
	PUT_CASES(PG_INT8, pg_put_int8, next->clock.started);
	PUT_CASES(PG_INT8, pg_put_int8, next->clock.due);
	PUT_CASES(PG_INT8, pg_put_int8, next->clock.paused_since);
	PUT_CASES(PG_INT8, pg_put_int8, next->clock.paused_ms);
	PUT_CASES(PG_INT8, pg_put_int8, next->clock.consent_at);
	PUT_CASES(PG_INT8, pg_put_int8, next->clock.asked_at);
	PUT_CASES(PG_INT8, pg_put_int8, next->clock.out_since);
	PUT_CASES(PG_INT8, pg_put_int8, clock_duty(&next->clock).at);
	PUT_CASES(PG_INT8, pg_put_int8, (uint64_t)case_marks(&next->view));
	PUT_CASES(PG_INT4, pg_put_int4, next->out_member);
	PUT_CASES(PG_INT8, pg_put_int8, case_steps_pack(&next->steps));
	PUT_CASES(PG_TEXT, pg_put_text, next->steps.declined);
	PUT_CASES(PG_TEXT, pg_put_text, next->steps.held);
}

static void put_rare(struct pg_params *params, const struct store_batch *batch)
{
	PUT_LIST(PG_INT4, pg_put_int4, object, (int32_t)i + 1);
	PUT_LIST(PG_UUID, pg_put_uuid, object, &change->object[j].id);
	PUT_LIST(PG_INT8, pg_put_int8, object, change->object[j].length);
	PUT_LIST(PG_BYTEA, pg_put_bytea, object, hash_view(&change->object[j].tree_hash));
	PUT_LIST(PG_INT4, pg_put_int4, party, (int32_t)i + 1);
	PUT_LIST(PG_INT4, pg_put_int4, party, change->party_no[j]);
	PUT_LIST(PG_TEXT, pg_put_text, party, change->party[j].purpose);
	PUT_LIST(PG_TEXT, pg_put_text, party, change->party[j].until);
	PUT_LIST(PG_TEXT, pg_put_text, party, change->party[j].reference);
	PUT_LIST(PG_INT4, pg_put_int4, asked, (int32_t)i + 1);
	PUT_LIST(PG_INT4, pg_put_int4, asked, change->asked[j].agency);
	PUT_LIST(PG_INT8, pg_put_int8, asked, change->asked[j].asked);
	PUT_LIST(PG_INT4, pg_put_int4, receipt, (int32_t)i + 1);
	PUT_LIST(PG_UUID, pg_put_uuid, receipt, &change->receipt[j].message);
	PUT_LIST(PG_INT4, pg_put_int4, receipt, change->recipient[0]);
	PUT_LIST(PG_BYTEA, pg_put_bytea, receipt, hash_view(&change->receipt[j].header_hash));
	PUT_LIST(PG_INT2, pg_put_int2, receipt, (int16_t)change->receipt[j].level);
	PUT_LIST(PG_INT8, pg_put_int8, receipt, change->receipt[j].at);
	PUT_LIST(PG_INT4, pg_put_int4, grant, (int32_t)i + 1);
	PUT_LIST(PG_UUID, pg_put_uuid, grant, &change->grant[j]);
	PUT_LIST(PG_INT4, pg_put_int4, grant, change->grant_to);
	PUT_LIST(PG_INT4, pg_put_int4, grant, change->lost_by);
}

// Of a batch of one; NULL where it speaks of no other message.
static void put_reference(struct pg_params *params, const struct store_batch *batch)
{
	const struct store_change *change = &batch->change[0];
	if (id_is_zero(&change->refers_to))
		pg_put_null(params);
	else
		pg_put_uuid(params, &change->refers_to);
	pg_put_int8(params, change->refers_kinds);
	pg_put_int4(params, (int32_t)change->content_version);
	pg_put_bool(params, change->recalls);
}

static void finish(struct commit *commit, enum fail_code code)
{
	bool good = code == FAIL_NONE;
	commit->done(commit->context, code, good ? commit->result : NULL, good ? commit->batch->count : 0);
	free(commit->result);
	free(commit->plan);
	free(commit->hub);
	free(commit);
}

static bool read_details(struct commit *commit, const PGresult *rows)
{
	if (PQntuples(rows) != (int)commit->lookup_count)
		return false;
	for (size_t i = 0; i < commit->lookup_count; i++) {
		struct store_result *result = &commit->result[commit->lookup_of[i]];
		bool found = false;
		if (result->outcome == STORE_DUPLICATE &&
		    !postgres_get_original(rows, (int)i, &result->original, commit->hub[i]))
			return false;
		if (result->outcome == STORE_CASE_MOVED && !postgres_get_looked_up(rows, (int)i, &result->current, &found))
			return false;
	}
	return true;
}

// The commit itself holds; without the details nobody can be answered rightly.
static void on_details(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct commit *commit = (struct commit *)(void *)operation;
	if (code != FAIL_NONE)
		finish(commit, FAIL_OUTCOME_UNKNOWN);
	else
		finish(commit, read_details(commit, rows) ? FAIL_NONE : FAIL_DATA_LOSS);
}

static void ask_details(struct commit *commit)
{
	struct store_postgres *postgres = commit->postgres;
	commit->hub = postgres_need(commit->lookup_count * sizeof *commit->hub);
	postgres_put_lookup(postgres_params(postgres), commit->lookup, commit->lookup_count);
	commit->operation = (struct pg_operation){.done = on_details, .write = true};
	postgres_send(postgres, LINK_WRITER, &commit->operation, STATEMENT_LOOKUP);
}

// Where all went well the numbers follow from each mailbox's first one.
static bool read_numbers(const struct plan *plan, const PGresult *rows, uint64_t *seq)
{
	size_t count = 0;
	if (!PQgetisnull(rows, 0, 1))
		return pg_get_int8s(rows, 0, 1, seq, plan->entry_count, &count) && count == plan->entry_count;
	uint64_t *base = postgres_need(plan->box_count * sizeof *base);
	bool good = pg_get_int8s(rows, 0, 2, base, plan->box_count, &count) && count == plan->box_count;
	for (size_t i = 0; good && i < plan->entry_count; i++)
		seq[i] = base[plan->entry_box[i] - 1] + plan->entry_rank[i];
	free(base);
	return good;
}

static bool read_outcomes(struct commit *commit, const PGresult *rows)
{
	const struct store_batch *batch = commit->batch;
	int16_t outcome[MAX_TREE_LEAVES];
	uint64_t *seq = postgres_need(commit->plan->entry_count * sizeof *seq);
	size_t outcomes = 0, at = 0;
	bool good = pg_get_int2s(rows, 0, 0, outcome, batch->count, &outcomes) && outcomes == batch->count &&
	            read_numbers(commit->plan, rows, seq);
	for (size_t i = 0; good && i < batch->count; i++) {
		struct store_result *result = &commit->result[i];
		good = outcome[i] >= STORE_STORED && outcome[i] < STORE_OUTCOME_COUNT;
		result->outcome = (enum store_outcome)outcome[i];
		for (size_t j = 0; j < batch->change[i].recipient_count; j++, at++) {
			result->mailbox_seq[j] = seq[at];
			good &= (seq[at] > 0) == (result->outcome == STORE_STORED);
		}
		if (result->outcome == STORE_DUPLICATE || result->outcome == STORE_CASE_MOVED) {
			struct store_lookup *lookup = &commit->lookup[commit->lookup_count];
			commit->lookup_of[commit->lookup_count++] = i;
			*lookup = (struct store_lookup){.message = batch->change[i].message, .sender = batch->change[i].sender};
			if (batch->change[i].has_case)
				lookup->case_id = batch->change[i].next.id;
		}
	}
	free(seq);
	return good;
}

static void send_batch(struct commit *commit);

static void on_commit(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct commit *commit = (struct commit *)(void *)operation;
	// Two hubs met: the same batch again sees what the other one did.
	if (code == FAIL_UNAVAILABLE && operation->again && ++commit->attempts < MAX_ATTEMPTS)
		send_batch(commit);
	else if (code != FAIL_NONE)
		finish(commit, code);
	else if (!read_outcomes(commit, rows))
		finish(commit, FAIL_OUTCOME_UNKNOWN);
	else if (commit->lookup_count > 0)
		ask_details(commit);
	else
		finish(commit, FAIL_NONE);
}

static void plan_batch(struct commit *commit)
{
	commit->plan = postgres_need(sizeof *commit->plan);
	plan_entries(commit->plan, commit->batch);
	plan_cases(commit->plan, commit->batch);
}

static void send_batch(struct commit *commit)
{
	if (commit->plan == NULL)
		plan_batch(commit);
	struct pg_params *params = postgres_params(commit->postgres);
	postgres_put_promise(params, commit->batch);
	put_span(params, commit->batch);
	put_messages(params, commit->batch);
	put_entries(params, commit->plan);
	put_cases(params, commit->plan, commit->batch);
	put_rare(params, commit->batch);
	put_reference(params, commit->batch);
	commit->operation = (struct pg_operation){.done = on_commit, .write = true};
	postgres_send(commit->postgres, LINK_WRITER, &commit->operation, STATEMENT_COMMIT);
}

// NULL or a collision: nothing was done, and only the general way can tell why.
static void on_one(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct commit *commit = (struct commit *)(void *)operation;
	struct store_result *result = &commit->result[0];
	bool collided = code == FAIL_UNAVAILABLE && operation->again;
	if (collided || (code == FAIL_NONE && PQntuples(rows) == 1 && PQgetisnull(rows, 0, 0)))
		send_batch(commit);
	else if (code != FAIL_NONE)
		finish(commit, code);
	else if (!pg_get_int8(rows, 0, 0, &result->mailbox_seq[0]) || result->mailbox_seq[0] == 0)
		finish(commit, FAIL_OUTCOME_UNKNOWN);
	else
		finish(commit, FAIL_NONE);
}

static void send_one(struct commit *commit)
{
	postgres_put_one(postgres_params(commit->postgres), commit->batch);
	commit->operation = (struct pg_operation){.done = on_one, .write = true};
	postgres_send(commit->postgres, LINK_WRITER, &commit->operation, STATEMENT_COMMIT_ONE);
}

static void on_to_all(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct commit *commit = (struct commit *)(void *)operation;
	const struct store_change *change = &commit->batch->change[0];
	int16_t outcome = 0;
	if (code == FAIL_NONE && (!pg_get_int2(rows, 0, 0, &outcome) || outcome < STORE_STORED || outcome > STORE_TOO_OLD))
		code = FAIL_OUTCOME_UNKNOWN;
	commit->result[0].outcome = (enum store_outcome)outcome;
	if (code != FAIL_NONE || outcome != STORE_DUPLICATE) {
		finish(commit, code);
		return;
	}
	commit->lookup[0] = (struct store_lookup){.message = change->message, .sender = change->sender};
	commit->lookup_count = 1;
	ask_details(commit);
}

static void send_to_all(struct commit *commit)
{
	postgres_put_to_all(postgres_params(commit->postgres), commit->batch);
	commit->operation = (struct pg_operation){.done = on_to_all, .write = true};
	postgres_send(commit->postgres, LINK_WRITER, &commit->operation, STATEMENT_COMMIT_TO_ALL);
}

void postgres_commit(struct store *store, const struct store_batch *batch, store_commit_done done, void *context)
{
	must(batch->count >= 1 && batch->count <= MAX_TREE_LEAVES);
	struct commit *commit = postgres_need(sizeof *commit);
	commit->postgres = postgres_of(store);
	commit->batch = batch;
	commit->done = done;
	commit->context = context;
	commit->result = postgres_need(batch->count * sizeof *commit->result);
	if (batch->change->to_all)
		send_to_all(commit);
	else if (postgres_fits_one(batch))
		send_one(commit);
	else
		send_batch(commit);
}
