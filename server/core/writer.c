// SPDX-License-Identifier: Apache-2.0
//
// The one writer. What comes while a transaction is under way becomes the next one:
// no timer, so one message alone waits for nobody. Receipts are signed before the
// commit and leave after it.
#include "core/core_private.h"

#include "case/correction.h"

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

static enum fail_code take_slot(struct core *core, struct request *request)
{
	struct writer *writer = &core->writer;
	size_t slot = writer->batch.count;
	enum fail_code code = receipt_statement(core, request, &writer->change[slot], writer->batch.accepted_at,
	                                        &writer->statements, &writer->leaf[slot]);
	if (code != FAIL_NONE)
		return code;
	writer->statement_end[slot] = writer->statements.length;
	writer->request[slot] = request;
	writer->batch.count++;
	return FAIL_NONE;
}

// A message that speaks of another one is a transaction of its own: the other one may have come just before it. So is one to all.
static bool comes_alone(const struct request *request)
{
	return !id_is_zero(&request->header.refers_to) || message_kind_to_all(request->header.kind);
}

static void fill(struct core *core)
{
	struct writer *writer = &core->writer;
	size_t bytes = 0;
	bytes_clear(&writer->statements);
	writer->batch.count = 0;
	writer->batch.accepted_at = core_now(core);
	while (core->ready.first != NULL && writer->batch.count < MAX_TREE_LEAVES) {
		size_t length = core->ready.first->parcel->bytes.length;
		bool alone = comes_alone(core->ready.first);
		if (writer->batch.count > 0 && (alone || bytes + length > BATCH_BYTES))
			break;
		struct request *request = queue_take(&core->ready);
		struct decision decision;
		if (!decide(core, request, &writer->change[writer->batch.count], writer->batch.accepted_at, &decision)) {
			not_now(core, request, &decision);
			continue;
		}
		bytes += length;
		enum fail_code code = take_slot(core, request);
		if (code != FAIL_NONE) {
			case_forget(core, &request->header.case_id);
			request_refuse(core, request, code, NULL);
		}
		if (alone && writer->batch.count > 0)
			break;
	}
}

static enum fail_code sign_batch(struct core *core)
{
	struct writer *writer = &core->writer;
	struct hash root = tree_paths(writer->leaf, writer->batch.count, writer->path, writer->path_length);
	bytes_clear(&writer->signature);
	enum fail_code code =
		sign(core->settings.receipt_key, DOMAIN_RECEIPT, view_of(root.byte, HASH_SIZE), &writer->signature);
	writer->batch.signature = bytes_view(&writer->signature);
	writer->batch.signer = *certificate_hash(core->receipt_certificate);
	writer->batch.commit = core->settings.commit;
	writer->batch.hub = core->settings.hub_uri;
	writer->batch.change = writer->change;
	writer->batch.leaf = writer->leaf;
	random_fill(&writer->batch.id, sizeof writer->batch.id);
	return code;
}

static void stored(struct core *core, size_t slot, const struct store_result *result)
{
	struct writer *writer = &core->writer;
	struct request *request = writer->request[slot];
	const struct store_change *change = &writer->change[slot];
	uint64_t seq[MAX_RECIPIENTS];
	struct member *recipient[MAX_RECIPIENTS];
	size_t count = change->recipient_count;
	for (size_t i = 0; i < count; i++) {
		seq[i] = result->mailbox_seq[i];
		recipient[i] = request->recipient[i];
	}
	struct mail mail = {
		.case_seq = change->has_case ? change->next.seq : 0,
		.accepted_at = writer->batch.accepted_at,
		.case_state = change->has_case ? (uint32_t)change->next.view.state : 0,
		.parcel = request->parcel,
	};
	must(receipt_of_slot(core, slot) == FAIL_NONE);
	struct accepted accepted = {
		.receipt = bytes_view(&writer->receipt),
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
static void forget_failed_cases(struct core *core, const struct store_result *result)
{
	struct writer *writer = &core->writer;
	for (size_t i = 0; i < writer->batch.count; i++) {
		if (writer->change[i].has_case && (result == NULL || result[i].outcome != STORE_STORED))
			case_forget(core, &writer->change[i].next.id);
	}
	for (size_t i = 0; result != NULL && i < writer->batch.count; i++) {
		if (result[i].outcome == STORE_CASE_MOVED && !id_is_zero(&result[i].current.id))
			case_known(core, &result[i].current);
	}
}

static void answer(struct core *core, size_t slot, const struct store_result *result, struct queue *again)
{
	struct request *request = core->writer.request[slot];
	switch (result->outcome) {
	case STORE_STORED:
		stored(core, slot, result);
		break;
	case STORE_DUPLICATE:
		receipt_answer(core, request, &result->original);
		break;
	case STORE_CASE_MOVED:
		core->figures.redecided++;
		request->rounds++;
		if (request->rounds > DECIDE_ROUNDS)
			request_refuse(core, request, FAIL_UNAVAILABLE, "the case moves too fast");
		else
			queue_add(again, request);
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

static void committed(void *context, enum fail_code code, const struct store_result *result, size_t count)
{
	struct core *core = context;
	struct writer *writer = &core->writer;
	must(code != FAIL_NONE || count == writer->batch.count);
	core->figures.commits += code == FAIL_NONE;
	core->figures.commit_unknown += code == FAIL_OUTCOME_UNKNOWN;
	core->figures.commit_failures += code != FAIL_NONE && code != FAIL_OUTCOME_UNKNOWN;
	forget_failed_cases(core, code == FAIL_NONE ? result : NULL);
	struct queue again;
	queue_init(&again);
	for (size_t i = 0; i < writer->batch.count; i++) {
		if (code == FAIL_NONE)
			answer(core, i, &result[i], &again);
		else
			request_refuse(core, writer->request[i], code, NULL);
	}
	put_first(core, &again);
	writer->busy = false;
	writer_start(core);
}

void writer_start(struct core *core)
{
	struct writer *writer = &core->writer;
	if (writer->busy)
		return;
	writer->busy = true; // a refusal while the batch is filled must not begin another one
	fill(core);
	if (writer->batch.count == 0) {
		writer->busy = false;
		return;
	}
	must(sign_batch(core) == FAIL_NONE);
	core->store->ops->commit(core->store, &writer->batch, committed, core);
}

void writer_release(struct core *core)
{
	bytes_release(&core->writer.statements);
	bytes_release(&core->writer.signature);
	bytes_release(&core->writer.receipt);
}
