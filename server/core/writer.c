// SPDX-License-Identifier: Apache-2.0
//
// The one writer. What comes while a transaction is under way becomes the next one:
// no timer, so one message alone waits for nobody. Receipts are signed before the
// commit and leave after it, once the next transaction is on its way: the database
// need not wait for answers to be written.
#include "core/core_private.h"

#include "case/correction.h"

enum { PUSH_EVERY = 8 }; // answers: some 0.1 ms

void writer_add(struct core *core, struct request *request)
{
	queue_add(&core->ready, request);
	writer_start(core);
}

// No refusal before the store was asked whether the message is one that it accepted before.
static void not_now(struct core *core, struct request *request, struct decision *decision)
{
	bool unknown = decision->code == FAIL_UNKNOWN_CASE;
	bool sure = request->looked_up && (!unknown || request->forgets == core->forgets);
	if (sure)
		decide_refuse(core, request, decision);
	else if (++request->rounds > DECIDE_ROUNDS)
		request_refuse(core, request, FAIL_UNAVAILABLE, NULL);
	else
		lookup_request(core, request);
}

static enum fail_code take_slot(struct core *core, struct transaction *transaction, struct request *request)
{
	size_t slot = transaction->batch.count;
	enum fail_code code = receipt_statement(core, request, &transaction->change[slot], transaction->batch.accepted_at,
	                                        &transaction->statements, &transaction->leaf[slot]);
	if (code != FAIL_NONE)
		return code;
	transaction->statement_end[slot] = transaction->statements.length;
	transaction->request[slot] = request;
	transaction->batch.count++;
	return FAIL_NONE;
}

// A message that speaks of another one is a transaction of its own: the other one may have come just before it. So is one to all.
static bool comes_alone(const struct request *request)
{
	return !id_is_zero(&request->header.refers_to) || message_kind_to_all(request->header.kind);
}

static void fill(struct core *core, struct transaction *transaction)
{
	size_t bytes = 0;
	bytes_clear(&transaction->statements);
	transaction->batch.count = 0;
	transaction->batch.accepted_at = core_now(core);
	while (core->ready.first != NULL && transaction->batch.count < MAX_TREE_LEAVES) {
		size_t length = core->ready.first->parcel->bytes.length;
		bool alone = comes_alone(core->ready.first);
		if (transaction->batch.count > 0 && (alone || bytes + length > BATCH_BYTES))
			break;
		struct request *request = queue_take(&core->ready);
		struct decision decision;
		if (!decide(core, request, &transaction->change[transaction->batch.count], transaction->batch.accepted_at,
		            &decision)) {
			not_now(core, request, &decision);
			continue;
		}
		bytes += length;
		enum fail_code code = take_slot(core, transaction, request);
		if (code != FAIL_NONE) {
			case_forget(core, &request->header.case_id);
			request_refuse(core, request, code, NULL);
		}
		if (alone && transaction->batch.count > 0)
			break;
	}
}

static enum fail_code sign_transaction(struct core *core, struct transaction *transaction)
{
	struct hash root =
		tree_paths(transaction->leaf, transaction->batch.count, transaction->path, transaction->path_length);
	bytes_clear(&transaction->signature);
	enum fail_code code =
		sign(core->settings.receipt_key, DOMAIN_RECEIPT, view_of(root.byte, HASH_SIZE), &transaction->signature);
	transaction->batch.signature = bytes_view(&transaction->signature);
	transaction->batch.signer = *certificate_hash(core->receipt_certificate);
	transaction->batch.commit = core->settings.commit;
	transaction->batch.hub = core->settings.hub_uri;
	transaction->batch.change = transaction->change;
	transaction->batch.leaf = transaction->leaf;
	random_fill(&transaction->batch.id, sizeof transaction->batch.id);
	return code;
}

static void stored(struct core *core, struct transaction *transaction, size_t slot, const struct store_result *result)
{
	struct request *request = transaction->request[slot];
	const struct store_change *change = &transaction->change[slot];
	uint64_t seq[MAX_RECIPIENTS];
	struct member *recipient[MAX_RECIPIENTS];
	size_t count = change->recipient_count;
	for (size_t i = 0; i < count; i++) {
		seq[i] = result->mailbox_seq[i];
		recipient[i] = request->recipient[i];
	}
	struct mail mail = {
		.case_seq = change->has_case ? change->next.seq : 0,
		.accepted_at = transaction->batch.accepted_at,
		.case_state = change->has_case ? (uint32_t)change->next.view.state : 0,
		.parcel = request->parcel,
	};
	must(receipt_of_slot(core, transaction, slot) == FAIL_NONE);
	struct accepted accepted = {
		.receipt = bytes_view(&core->writer.receipt),
		.case_state = mail.case_state,
		.mailbox_seq = seq,
		.mailbox_seq_count = count,
	};
	mail.parcel->users++;
	request_accept(core, request, &accepted);
	for (size_t i = 0; i < count; i++) {
		mail.seq = seq[i];
		delivery_new(core, recipient[i], &mail);
	}
	parcel_drop(mail.parcel);
	if (change->to_all)
		tell_all_stored(core, change);
}

static const enum fail_code refusals[STORE_OUTCOME_COUNT] = {
	[STORE_KEY_REUSED] = FAIL_KEY_REUSED,
	[STORE_OBJECT_INCOMPLETE] = FAIL_OBJECT_INCOMPLETE,
	[STORE_NOT_RECEIVED] = FAIL_NOT_ALLOWED,
	[STORE_TOO_OLD] = FAIL_TOO_OLD,
	[STORE_NO_MESSAGE] = FAIL_UNKNOWN_MESSAGE,
	[STORE_OTHER_KIND] = FAIL_NOT_ALLOWED,
	[STORE_NO_LONGER_VALID] = FAIL_NO_LONGER_VALID,
	[STORE_OTHER_VERSION] = FAIL_OTHER_VERSION,
	[STORE_DELIVERED] = FAIL_ALREADY_DELIVERED,
};

// In memory the case went on as if all had been stored.
static void forget_failed_cases(struct core *core, const struct transaction *transaction,
                                const struct store_result *result)
{
	for (size_t i = 0; i < transaction->batch.count; i++) {
		if (transaction->change[i].has_case && (result == NULL || result[i].outcome != STORE_STORED))
			case_forget(core, &transaction->change[i].next.id);
	}
	for (size_t i = 0; result != NULL && i < transaction->batch.count; i++) {
		if (result[i].outcome == STORE_CASE_MOVED && !id_is_zero(&result[i].current.id))
			case_known(core, &result[i].current);
	}
}

// Those whose case had moved come first again, in their order.
static void put_first(struct core *core, struct queue *again)
{
	if (again->first == NULL)
		return;
	*again->last = core->ready.first;
	if (core->ready.first == NULL)
		core->ready.last = again->last;
	core->ready.first = again->first;
	core->ready.count += again->count;
}

// Takes them out of the transaction.
static void decide_moved_again(struct core *core, struct transaction *transaction, const struct store_result *result)
{
	struct queue again;
	queue_init(&again);
	for (size_t i = 0; i < transaction->batch.count; i++) {
		struct request *request = transaction->request[i];
		if (result[i].outcome != STORE_CASE_MOVED)
			continue;
		core->figures.redecided++;
		if (++request->rounds > DECIDE_ROUNDS)
			continue;
		queue_add(&again, request);
		transaction->request[i] = NULL;
	}
	put_first(core, &again);
}

static void answer(struct core *core, struct transaction *transaction, size_t slot, const struct store_result *result)
{
	struct request *request = transaction->request[slot];
	switch (result->outcome) {
	case STORE_STORED:
		stored(core, transaction, slot, result);
		break;
	case STORE_DUPLICATE:
		receipt_answer(core, request, &result->original);
		break;
	case STORE_CASE_MOVED:
		request_refuse(core, request, FAIL_UNAVAILABLE, "the case moves too fast");
		break;
	case STORE_KEY_REUSED:
	case STORE_OBJECT_INCOMPLETE:
	case STORE_NOT_RECEIVED:
	case STORE_TOO_OLD:
	case STORE_NO_MESSAGE:
	case STORE_NO_LONGER_VALID:
	case STORE_OTHER_VERSION:
	case STORE_DELIVERED:
		request_refuse(core, request, refusals[result->outcome], NULL);
		break;
	case STORE_OTHER_KIND:
		request_refuse(core, request, refusals[result->outcome], correction_refusal(request->header.kind));
		break;
	case STORE_OUTCOME_COUNT:
		must(false);
		break;
	}
}

static void count_outcome(struct core_figures *figures, enum fail_code code)
{
	figures->commits += code == FAIL_NONE;
	figures->commit_unknown += code == FAIL_OUTCOME_UNKNOWN;
	figures->commit_failures += code != FAIL_NONE && code != FAIL_OUTCOME_UNKNOWN;
}

static void committed(void *context, enum fail_code code, const struct store_result *result, size_t count)
{
	struct core *core = context;
	struct writer *writer = &core->writer;
	struct transaction *transaction = writer->next;
	bool good = code == FAIL_NONE;
	must(!good || count == transaction->batch.count);
	count_outcome(&core->figures, code);
	forget_failed_cases(core, transaction, good ? result : NULL);
	if (good)
		decide_moved_again(core, transaction, result);
	writer->next = transaction == &writer->transaction[0] ? &writer->transaction[1] : &writer->transaction[0];
	writer->busy = false;
	writer_start(core);
	for (size_t i = 0; i < transaction->batch.count; i++) {
		if (i % PUSH_EVERY == 0)
			core->store->ops->push(core->store);
		if (!good)
			request_refuse(core, transaction->request[i], code, NULL);
		else if (transaction->request[i] != NULL)
			answer(core, transaction, i, &result[i]);
	}
}

void writer_start(struct core *core)
{
	struct writer *writer = &core->writer;
	if (writer->busy)
		return;
	writer->busy = true; // a refusal while the batch is filled must not begin another one
	fill(core, writer->next);
	if (writer->next->batch.count == 0) {
		writer->busy = false;
		return;
	}
	must(sign_transaction(core, writer->next) == FAIL_NONE);
	core->store->ops->commit(core->store, &writer->next->batch, committed, core);
}

void writer_init(struct core *core)
{
	struct writer *writer = &core->writer;
	for (size_t i = 0; i < 2; i++) {
		bytes_init(&writer->transaction[i].statements, (size_t)MAX_TREE_LEAVES * MAX_STATEMENT);
		bytes_init(&writer->transaction[i].signature, MAX_SIGNATURE);
	}
	writer->next = &writer->transaction[0];
	bytes_init(&writer->receipt, MAX_RECEIPT);
}

void writer_release(struct core *core)
{
	struct writer *writer = &core->writer;
	for (size_t i = 0; i < 2; i++) {
		bytes_release(&writer->transaction[i].statements);
		bytes_release(&writer->transaction[i].signature);
	}
	bytes_release(&writer->receipt);
}
