// SPDX-License-Identifier: Apache-2.0
//
// Signatures, checked aside in batches. One signature over a tree of messages is
// checked once: who comes while it is being checked waits for it, who comes later
// finds it proven.
#include "core/core_private.h"

#include <stdlib.h>
#include <string.h>

// Everything that the outcome depends on.
static struct hash proof_key(const struct request *request)
{
	uint8_t all[2 * HASH_SIZE + 1 + MAX_SIGNATURE];
	const struct envelope *envelope = &request->envelope;
	bool single = envelope->batch_size == 0;
	const struct hash *text = single ? &request->header_hash : &request->text.root;
	memcpy(all, envelope->signer.byte, HASH_SIZE);
	memcpy(all + HASH_SIZE, text->byte, HASH_SIZE);
	all[2 * HASH_SIZE] = single;
	must(envelope->signature.length <= MAX_SIGNATURE);
	memcpy(all + 2 * HASH_SIZE + 1, envelope->signature.data, envelope->signature.length);
	return sha256(view_of(all, 2 * HASH_SIZE + 1 + envelope->signature.length));
}

static void forget_oldest(struct core *core)
{
	struct proof *proof = core->proofs;
	for (unsigned tries = 0; proof != NULL && tries < 64 && HASH_COUNT(core->proofs) >= PROOF_CAP; tries++) {
		struct proof *next = proof->hh.next;
		if (proof->good) {
			HASH_DEL(core->proofs, proof);
			free(proof);
		}
		proof = next;
	}
}

static void start(struct core *core)
{
	while (core->unchecked != NULL && core->checks_under_way < CHECKS_AT_ONCE) {
		struct check_batch *batch = calloc(1, sizeof *batch);
		if (batch == NULL)
			return; // goes on with the next message
		while (core->unchecked != NULL && batch->count < CHECK_BATCH) {
			struct proof *proof = core->unchecked;
			const struct request *request = proof->waiting.first;
			core->unchecked = proof->next;
			batch->proof[batch->count] = proof;
			batch->check[batch->count++] = (struct core_check){
				.signer = request->signer->certificate,
				.domain = request->text.domain,
				.message = request->text.message,
				.signature = request->envelope.signature,
			};
		}
		if (core->unchecked == NULL)
			core->unchecked_last = &core->unchecked;
		batch->next = core->checks;
		core->checks = batch;
		core->checks_under_way++;
		core->figures.signatures_checked += batch->count;
		core->port.check(core->port.context, batch->check, batch->count, batch);
	}
}

void check_request(struct core *core, struct request *request)
{
	struct hash key = proof_key(request);
	struct proof *proof = NULL;
	HASH_FIND(hh, core->proofs, &key, sizeof key, proof);
	if (proof != NULL) {
		core->figures.signatures_known++;
		if (proof->good)
			admission_checked(core, request);
		else
			queue_add(&proof->waiting, request);
		return;
	}
	forget_oldest(core);
	proof = calloc(1, sizeof *proof);
	if (proof == NULL) {
		admission_refuse(core, request, FAIL_NO_MEMORY, NULL);
		return;
	}
	proof->key = key;
	queue_init(&proof->waiting);
	queue_add(&proof->waiting, request);
	HASH_ADD(hh, core->proofs, key, sizeof proof->key, proof);
	*core->unchecked_last = proof;
	core->unchecked_last = &proof->next;
	start(core);
}

static void settle(struct core *core, struct proof *proof, enum fail_code outcome)
{
	struct queue waiting = proof->waiting;
	bool empty = waiting.first == NULL;
	queue_init(&proof->waiting);
	proof->next = NULL;
	proof->good = outcome == FAIL_NONE;
	if (!proof->good) {
		HASH_DEL(core->proofs, proof);
		free(proof);
		core->figures.signatures_bad++;
	}
	must(!empty);
	for (struct request *request = queue_take(&waiting); request != NULL; request = queue_take(&waiting)) {
		if (outcome == FAIL_NONE)
			admission_checked(core, request);
		else
			admission_refuse(core, request, outcome, NULL);
	}
}

void core_checked(struct core *core, void *handle)
{
	struct check_batch *batch = handle;
	struct check_batch **place = &core->checks;
	while (*place != batch)
		place = &(*place)->next;
	*place = batch->next;
	core->checks_under_way--;
	for (size_t i = 0; i < batch->count; i++)
		settle(core, batch->proof[i], batch->check[i].outcome);
	free(batch);
	start(core);
}

void check_release(struct core *core)
{
	while (core->checks != NULL) {
		struct check_batch *batch = core->checks;
		core->checks = batch->next;
		free(batch);
	}
	struct proof *proof = NULL, *next = NULL;
	HASH_ITER (hh, core->proofs, proof, next) {
		HASH_DEL(core->proofs, proof);
		free(proof);
	}
}
