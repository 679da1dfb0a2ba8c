// SPDX-License-Identifier: Apache-2.0
//
// A batch of one message as scalars: an ordinary one for api.commit_one, one to all members for api.commit_to_all.
#include "store/postgres_private.h"

bool postgres_fits_one(const struct store_batch *batch)
{
	const struct store_change *change = &batch->change[0];
	return batch->count == 1 && !change->to_all && change->has_case && change->recipient_count == 1 &&
	       change->object_count == 0 && change->party_count == 0 && change->receipt_count == 0 &&
	       id_is_zero(&change->refers_to);
}

static void put_bytes(struct pg_params *params, const struct store_change *change)
{
	pg_put_uuid(params, &change->message);
	pg_put_int4(params, change->sender);
	pg_put_int2(params, (int16_t)change->kind);
	pg_put_bytea(params, view_of(change->header_hash.byte, HASH_SIZE));
	pg_put_bytea(params, view_of(change->envelope_hash.byte, HASH_SIZE));
	pg_put_bytea(params, change->envelope);
	pg_put_int8(params, change->expires_at);
}

static void put_case(struct pg_params *params, const struct case_record *next)
{
	pg_put_uuid(params, &next->id);
	pg_put_int8(params, next->seq - 1);
	pg_put_int4(params, next->requesting);
	pg_put_int4(params, next->responding);
	pg_put_int2(params, (int16_t)next->view.state);
	pg_put_int2(params, (int16_t)next->view.held_from);
	pg_put_int2(params, (int16_t)next->view.held_by);
	pg_put_int2(params, (int16_t)next->view.hops);
	pg_put_uuid(params, &next->last_move);
	pg_put_int8(params, next->last_move_seq);
	pg_put_int8(params, next->opened_at);
	pg_put_int8(params, next->since);
	pg_put_int4(params, (int32_t)next->reopened);
	pg_put_text(params, next->service);
	pg_put_text(params, next->urgency);
	pg_put_text(params, next->due);
	pg_put_text(params, next->reference);
	pg_put_int2(params, (int16_t)next->clock.kind);
	pg_put_int2(params, (int16_t)next->clock.pauses);
	pg_put_int2(params, (int16_t)next->clock.told);
	pg_put_int8(params, next->clock.started);
	pg_put_int8(params, next->clock.due);
	pg_put_int8(params, next->clock.paused_since);
	pg_put_int8(params, next->clock.paused_ms);
	pg_put_int8(params, next->clock.consent_at);
	pg_put_int8(params, next->clock.asked_at);
	pg_put_int8(params, next->clock.out_since);
	pg_put_int8(params, clock_duty(&next->clock).at);
	pg_put_int8(params, (uint64_t)case_marks(&next->view));
	pg_put_int4(params, next->out_member);
	pg_put_int8(params, case_steps_pack(&next->steps));
	pg_put_text(params, next->steps.declined);
	pg_put_text(params, next->steps.held);
}

void postgres_put_one(struct pg_params *params, const struct store_batch *batch)
{
	must(batch->change->next.seq == batch->change->expected_seq + 1);
	postgres_put_promise(params, batch);
	put_bytes(params, batch->change);
	pg_put_int4(params, batch->change->recipient[0]);
	put_case(params, &batch->change->next);
}

void postgres_put_to_all(struct pg_params *params, const struct store_batch *batch)
{
	const struct availability_change *availability = batch->change->availability;
	must(batch->count == 1);
	postgres_put_promise(params, batch);
	put_bytes(params, batch->change);
	for (int i = 0; availability == NULL && i < 4; i++)
		pg_put_null(params);
	if (availability == NULL)
		return;
	pg_put_text(params, availability->status);
	pg_put_text(params, availability->cause);
	pg_put_text(params, availability->until);
	if (availability->deputy != 0)
		pg_put_int4(params, availability->deputy);
	else
		pg_put_null(params);
}
