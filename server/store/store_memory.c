// SPDX-License-Identifier: Apache-2.0
#include "store/store_memory.h"

#include "seal/key.h"
#include "store/memory_tables.h"

#include <stdlib.h>
#include <string.h>

// What a call was given (borrowed until its callback) and what it will answer.
struct call {
	struct call *next;
	enum store_call kind;
	enum store_fate fate;
	uint64_t due;
	void *context;
	union {
		struct { const struct store_batch *batch; store_commit_done done; struct store_result *result; } commit;
		struct {
			const struct store_lookup *lookup;
			size_t count;
			store_lookup_done done;
			struct store_found *found;
		} lookup;
		struct { const struct store_open_cursor *request; store_cursor_done done; struct store_cursor answer; } open;
		// Also to close a cursor; `acked` is then what was handed.
		struct { member_no member; const char *consumer; uint64_t epoch, acked; store_done done; } move;
		struct {
			member_no member;
			uint64_t after;
			size_t max_count, max_bytes;
			store_page_done done;
			struct store_entry *entry;
			size_t count;
		} page;
		struct {
			member_no owner;
			const struct upload_open *open;
			store_object_done done;
			struct store_object answer;
		} object_open;
		struct {
			member_no owner;
			const struct id *id;
			uint64_t offset;
			const struct view *chunk;
			size_t count;
			store_object_done done;
			struct store_object answer;
		} object_write;
		struct {
			member_no member;
			const struct id *id;
			uint64_t offset;
			store_read_done done;
			struct view data;
			bool last;
		} object_read;
		struct {
			member_no asker;
			const struct query *query;
			uint64_t now;
			store_answer_done done;
			struct answer answer;
		} ask;
		struct { store_directory_done done; struct store_directory answer; } directory;
		struct { const member_no *member; size_t count; store_newest_done done; uint64_t *seq; } newest;
		struct { uint64_t now; size_t count; store_due_done done; struct case_record *record; } due;
		struct { uint64_t version; size_t count; store_unsettled_done done; struct case_record *record; } unsettled;
		struct { size_t count; store_untold_done done; struct store_asking *asking; } untold;
		struct { store_done done; } close;
	} of;
};

struct store_memory {
	struct store store;       // first
	struct store_memory_settings settings;
	struct memory_tables tables;
	struct call *calls;       // sorted by due, then as they came
	bool available, closing;
};

static struct store_memory *memory_of(struct store *store)
{
	return (struct store_memory *)(void *)store;
}

static const struct store_memory *memory_const(const struct store *store)
{
	return (const struct store_memory *)(const void *)store;
}

struct memory_tables *memory_tables_of(struct store *store)
{
	return &memory_of(store)->tables;
}

const struct memory_tables *memory_tables_const(const struct store *store)
{
	return &memory_const(store)->tables;
}

static uint64_t now_of(const struct store_memory *memory)
{
	return memory->settings.now == NULL ? 0 : memory->settings.now(memory->settings.context);
}

static bool writes(enum store_call kind)
{
	return kind == STORE_CALL_COMMIT || kind == STORE_CALL_OPEN_CURSOR || kind == STORE_CALL_MOVE_CURSOR ||
	       kind == STORE_CALL_CLOSE_CURSOR ||
	       kind == STORE_CALL_OBJECT_OPEN || kind == STORE_CALL_OBJECT_WRITE;
}

static void enqueue(struct store *store, struct call call)
{
	struct store_memory *memory = memory_of(store);
	struct store_plan plan = {0};
	must(!memory->closing);
	if (call.kind == STORE_CALL_CLOSE)
		plan = (struct store_plan){0};
	else if (!memory->available)
		plan.fate = STORE_FATE_UNAVAILABLE;
	else if (memory->settings.plan != NULL)
		memory->settings.plan(memory->settings.context, call.kind, &plan);
	call.fate = plan.fate;
	call.due = now_of(memory) + plan.delay;
	struct call *kept = memory_copy(&call, sizeof call);
	struct call **place = &memory->calls;
	while (*place != NULL && (*place)->due <= kept->due)
		place = &(*place)->next;
	kept->next = *place;
	*place = kept;
	if (memory->settings.wake != NULL)
		memory->settings.wake(memory->settings.context, kept->due);
}

static void do_lookup(struct memory_tables *tables, struct call *call)
{
	size_t count = call->of.lookup.count;
	call->of.lookup.found = memory_need(count, sizeof *call->of.lookup.found);
	for (size_t i = 0; i < count; i++) {
		const struct store_lookup *lookup = &call->of.lookup.lookup[i];
		struct store_found *found = &call->of.lookup.found[i];
		const struct memory_message *message = memory_message(tables, &lookup->message, lookup->sender);
		const struct memory_case *entry = memory_case(tables, &lookup->case_id);
		found->has_message = message != NULL;
		if (message != NULL)
			memory_original(message, &found->original);
		found->has_case = entry != NULL;
		if (entry != NULL)
			found->record = entry->record;
	}
}

static void do_commit(struct memory_tables *tables, struct call *call)
{
	const struct store_batch *batch = call->of.commit.batch;
	call->of.commit.result = memory_need(batch->count, sizeof *call->of.commit.result);
	memory_commit(tables, batch, call->of.commit.result);
}

static enum fail_code perform(struct memory_tables *tables, struct call *call)
{
	switch (call->kind) {
	case STORE_CALL_COMMIT:
		do_commit(tables, call);
		return FAIL_NONE;
	case STORE_CALL_LOOKUP:
		do_lookup(tables, call);
		return FAIL_NONE;
	case STORE_CALL_OPEN_CURSOR:
		return memory_open_cursor(tables, call->of.open.request, &call->of.open.answer);
	case STORE_CALL_MOVE_CURSOR:
		return memory_move_cursor(tables, call->of.move.member, call->of.move.consumer, call->of.move.epoch,
		                          call->of.move.acked);
	case STORE_CALL_CLOSE_CURSOR:
		return memory_close_cursor(tables, call->of.move.member, call->of.move.consumer, call->of.move.epoch,
		                           call->of.move.acked);
	case STORE_CALL_PAGE:
		call->of.page.entry = memory_need(call->of.page.max_count, sizeof *call->of.page.entry);
		return memory_page(tables, call->of.page.member, call->of.page.after, call->of.page.max_count,
		                   call->of.page.max_bytes, call->of.page.entry, &call->of.page.count);
	case STORE_CALL_OBJECT_OPEN:
		return memory_object_open(tables, call->of.object_open.owner, call->of.object_open.open,
		                          &call->of.object_open.answer);
	case STORE_CALL_OBJECT_WRITE:
		return memory_object_write(tables, call->of.object_write.owner, call->of.object_write.id,
		                           call->of.object_write.offset, call->of.object_write.chunk,
		                           call->of.object_write.count, &call->of.object_write.answer);
	case STORE_CALL_OBJECT_READ:
		return memory_object_read(tables, call->of.object_read.member, call->of.object_read.id,
		                          call->of.object_read.offset, &call->of.object_read.data, &call->of.object_read.last);
	case STORE_CALL_STATUS:
		return memory_status(tables, call->of.ask.asker, call->of.ask.query, call->of.ask.now, &call->of.ask.answer);
	case STORE_CALL_FLOW:
		return memory_flow(tables, call->of.ask.query, call->of.ask.now, &call->of.ask.answer);
	case STORE_CALL_DIRECTORY:
		memory_directory(tables, &call->of.directory.answer);
		return FAIL_NONE;
	case STORE_CALL_NEWEST:
		call->of.newest.seq = memory_need(call->of.newest.count, sizeof *call->of.newest.seq);
		memory_newest(tables, call->of.newest.member, call->of.newest.count, call->of.newest.seq);
		return FAIL_NONE;
	case STORE_CALL_DUE:
		call->of.due.record = memory_need(call->of.due.count, sizeof *call->of.due.record);
		call->of.due.count = memory_due(tables, call->of.due.now, call->of.due.record, call->of.due.count);
		return FAIL_NONE;
	case STORE_CALL_UNSETTLED:
		call->of.unsettled.version = tables->directory_version;
		call->of.unsettled.record = memory_need(call->of.unsettled.count, sizeof *call->of.unsettled.record);
		call->of.unsettled.count = memory_unsettled(tables, call->of.unsettled.record, call->of.unsettled.count);
		return FAIL_NONE;
	case STORE_CALL_UNTOLD:
		call->of.untold.asking = memory_need(call->of.untold.count, sizeof *call->of.untold.asking);
		call->of.untold.count = memory_untold(tables, call->of.untold.asking, call->of.untold.count);
		return FAIL_NONE;
	case STORE_CALL_CLOSE:
	case STORE_CALL_COUNT:
		break;
	}
	return FAIL_NONE;
}

// Answers are handed out where there are any: also with a stale cursor.
static bool has_answer(enum fail_code code)
{
	return code == FAIL_NONE || code == FAIL_CURSOR_STALE || code == FAIL_CURSOR_AHEAD;
}

// What the core asks by itself from time to time.
static void report_sweep(const struct call *call, enum fail_code code, bool answer)
{
	if (call->kind == STORE_CALL_NEWEST)
		call->of.newest.done(call->context, code, answer ? call->of.newest.seq : NULL,
		                     answer ? call->of.newest.count : 0);
	else if (call->kind == STORE_CALL_UNSETTLED)
		call->of.unsettled.done(call->context, code, call->of.unsettled.version,
		                        answer ? call->of.unsettled.record : NULL, answer ? call->of.unsettled.count : 0);
	else if (call->kind == STORE_CALL_UNTOLD)
		call->of.untold.done(call->context, code, answer ? call->of.untold.asking : NULL,
		                     answer ? call->of.untold.count : 0);
	else
		call->of.due.done(call->context, code, answer ? call->of.due.record : NULL, answer ? call->of.due.count : 0);
}

static void report(const struct call *call, enum fail_code code)
{
	bool answer = has_answer(code);
	switch (call->kind) {
	case STORE_CALL_COMMIT:
		call->of.commit.done(call->context, code, answer ? call->of.commit.result : NULL,
		                     answer ? call->of.commit.batch->count : 0);
		break;
	case STORE_CALL_LOOKUP:
		call->of.lookup.done(call->context, code, answer ? call->of.lookup.found : NULL,
		                     answer ? call->of.lookup.count : 0);
		break;
	case STORE_CALL_OPEN_CURSOR:
		call->of.open.done(call->context, code, answer ? &call->of.open.answer : NULL);
		break;
	case STORE_CALL_MOVE_CURSOR:
	case STORE_CALL_CLOSE_CURSOR:
		call->of.move.done(call->context, code);
		break;
	case STORE_CALL_PAGE:
		call->of.page.done(call->context, code, answer ? call->of.page.entry : NULL, answer ? call->of.page.count : 0);
		break;
	case STORE_CALL_OBJECT_OPEN:
		call->of.object_open.done(call->context, code, answer ? &call->of.object_open.answer : NULL);
		break;
	case STORE_CALL_OBJECT_WRITE:
		call->of.object_write.done(call->context, code, answer ? &call->of.object_write.answer : NULL);
		break;
	case STORE_CALL_OBJECT_READ:
		call->of.object_read.done(call->context, code, call->of.object_read.data, call->of.object_read.last);
		break;
	case STORE_CALL_STATUS:
	case STORE_CALL_FLOW:
		call->of.ask.done(call->context, code, answer ? &call->of.ask.answer : NULL);
		break;
	case STORE_CALL_DIRECTORY:
		call->of.directory.done(call->context, code, answer ? &call->of.directory.answer : NULL);
		break;
	case STORE_CALL_CLOSE:
		call->of.close.done(call->context, code);
		break;
	case STORE_CALL_NEWEST:
	case STORE_CALL_DUE:
	case STORE_CALL_UNSETTLED:
	case STORE_CALL_UNTOLD:
		report_sweep(call, code, answer);
		break;
	case STORE_CALL_COUNT:
		break;
	}
}

static void drop_call(struct call *call)
{
	if (call->kind == STORE_CALL_COMMIT)
		free(call->of.commit.result);
	if (call->kind == STORE_CALL_LOOKUP)
		free(call->of.lookup.found);
	if (call->kind == STORE_CALL_PAGE)
		free(call->of.page.entry);
	if (call->kind == STORE_CALL_FLOW)
		free(call->of.ask.answer.flow);
	if (call->kind == STORE_CALL_NEWEST)
		free(call->of.newest.seq);
	if (call->kind == STORE_CALL_DUE)
		free(call->of.due.record);
	if (call->kind == STORE_CALL_UNSETTLED)
		free(call->of.unsettled.record);
	if (call->kind == STORE_CALL_UNTOLD)
		free(call->of.untold.asking);
	if (call->kind == STORE_CALL_DIRECTORY)
		memory_directory_release(&call->of.directory.answer);
	free(call);
}

static enum fail_code carry_out(struct store_memory *memory, struct call *call)
{
	if (call->fate == STORE_FATE_UNAVAILABLE)
		return FAIL_UNAVAILABLE;
	if (call->fate == STORE_FATE_WORKS)
		return perform(&memory->tables, call);
	if (!writes(call->kind))
		return FAIL_UNAVAILABLE;
	enum fail_code ignored = FAIL_NONE;
	if (call->fate == STORE_FATE_LOST_AFTER)
		ignored = perform(&memory->tables, call);
	(void)ignored;
	return FAIL_OUTCOME_UNKNOWN;
}

size_t store_memory_run(struct store *store)
{
	struct store_memory *memory = memory_of(store);
	size_t made = 0;
	while (memory->calls != NULL && memory->calls->due <= now_of(memory)) {
		struct call *call = memory->calls;
		memory->calls = call->next;
		enum fail_code code = carry_out(memory, call);
		if (call->kind == STORE_CALL_CLOSE)
			memory->closing = false; // the next hub may use what is kept
		report(call, code);
		drop_call(call);
		made++;
	}
	return made;
}

bool store_memory_next(const struct store *store, uint64_t *at)
{
	const struct call *first = memory_const(store)->calls;
	if (first != NULL)
		*at = first->due;
	return first != NULL;
}

void store_memory_abandon(struct store *store)
{
	struct store_memory *memory = memory_of(store);
	uint64_t now = now_of(memory);
	while (memory->calls != NULL) {
		struct call *call = memory->calls;
		memory->calls = call->next;
		bool happens = call->fate == STORE_FATE_LOST_AFTER || (call->fate == STORE_FATE_WORKS && call->due <= now);
		if (happens && writes(call->kind)) {
			enum fail_code nobody_asks = perform(&memory->tables, call);
			(void)nobody_asks;
		}
		drop_call(call);
	}
	memory->closing = false;
	memory->store.on_state = NULL;
}

// What is under way ends at the next run, whatever was planned for it.
static void end_pending(struct store_memory *memory)
{
	uint64_t now = now_of(memory);
	for (struct call *call = memory->calls; call != NULL; call = call->next) {
		call->due = now;
		if (call->fate == STORE_FATE_WORKS)
			call->fate = writes(call->kind) ? STORE_FATE_LOST_AFTER : STORE_FATE_UNAVAILABLE;
	}
	if (memory->calls != NULL && memory->settings.wake != NULL)
		memory->settings.wake(memory->settings.context, now);
}

void store_memory_set_available(struct store *store, bool available)
{
	struct store_memory *memory = memory_of(store);
	if (memory->available == available)
		return;
	memory->available = available;
	if (!available)
		end_pending(memory);
	if (memory->store.on_state != NULL)
		memory->store.on_state(memory->store.on_state_context, available);
}

static void call_commit(struct store *store, const struct store_batch *batch, store_commit_done done, void *context)
{
	enqueue(store,
	        (struct call){.kind = STORE_CALL_COMMIT, .context = context, .of.commit = {.batch = batch, .done = done}});
}

static void call_lookup(struct store *store, const struct store_lookup *lookup, size_t count, store_lookup_done done,
                        void *context)
{
	enqueue(store, (struct call){.kind = STORE_CALL_LOOKUP,
	                             .context = context,
	                             .of.lookup = {.lookup = lookup, .count = count, .done = done}});
}

static void call_open_cursor(struct store *store, const struct store_open_cursor *request, store_cursor_done done,
                             void *context)
{
	enqueue(store, (struct call){.kind = STORE_CALL_OPEN_CURSOR,
	                             .context = context,
	                             .of.open = {.request = request, .done = done}});
}

static void call_close_cursor(struct store *store, member_no member, const char *consumer, uint64_t consumer_epoch,
                              uint64_t handed, store_done done, void *context)
{
	enqueue(store, (struct call){.kind = STORE_CALL_CLOSE_CURSOR, .context = context,
		.of.move = {.member = member, .consumer = consumer, .epoch = consumer_epoch, .acked = handed, .done = done}});
}

static void call_move_cursor(struct store *store, member_no member, const char *consumer, uint64_t consumer_epoch,
                             uint64_t acked, store_done done, void *context)
{
	enqueue(store, (struct call){.kind = STORE_CALL_MOVE_CURSOR, .context = context,
		.of.move = {.member = member, .consumer = consumer, .epoch = consumer_epoch, .acked = acked, .done = done}});
}

static void call_page(struct store *store, member_no member, uint64_t after, size_t max_count, size_t max_bytes,
                      store_page_done done, void *context)
{
	enqueue(store, (struct call){.kind = STORE_CALL_PAGE, .context = context,
		.of.page = {.member = member, .after = after, .max_count = max_count, .max_bytes = max_bytes, .done = done}});
}

static void call_object_open(struct store *store, member_no owner, const struct upload_open *open,
                             store_object_done done, void *context)
{
	enqueue(store, (struct call){.kind = STORE_CALL_OBJECT_OPEN,
	                             .context = context,
	                             .of.object_open = {.owner = owner, .open = open, .done = done}});
}

static void call_object_write(struct store *store, member_no owner, const struct id *object, uint64_t offset,
                              const struct view *chunk, size_t count, store_object_done done, void *context)
{
	enqueue(store, (struct call){.kind = STORE_CALL_OBJECT_WRITE,
	                             .context = context,
	                             .of.object_write = {.owner = owner,
	                                                 .id = object,
	                                                 .offset = offset,
	                                                 .chunk = chunk,
	                                                 .count = count,
	                                                 .done = done}});
}

static void call_object_read(struct store *store, member_no member, const struct id *object, uint64_t offset,
                             store_read_done done, void *context)
{
	enqueue(store, (struct call){.kind = STORE_CALL_OBJECT_READ, .context = context,
		.of.object_read = {.member = member, .id = object, .offset = offset, .done = done}});
}

static void call_status(struct store *store, member_no asker, const struct query *query, uint64_t now,
                        store_answer_done done, void *context)
{
	enqueue(store, (struct call){.kind = STORE_CALL_STATUS,
	                             .context = context,
	                             .of.ask = {.asker = asker, .query = query, .now = now, .done = done}});
}

static void call_flow(struct store *store, const struct query *query, uint64_t now, store_answer_done done,
                      void *context)
{
	enqueue(store, (struct call){.kind = STORE_CALL_FLOW,
	                             .context = context,
	                             .of.ask = {.query = query, .now = now, .done = done}});
}

static void call_directory(struct store *store, store_directory_done done, void *context)
{
	enqueue(store, (struct call){.kind = STORE_CALL_DIRECTORY, .context = context, .of.directory = {.done = done}});
}

static void call_newest(struct store *store, const member_no *member, size_t count, store_newest_done done,
                        void *context)
{
	enqueue(store, (struct call){.kind = STORE_CALL_NEWEST,
	                             .context = context,
	                             .of.newest = {.member = member, .count = count, .done = done}});
}

static void call_due(struct store *store, uint64_t now, size_t max_count, store_due_done done, void *context)
{
	must(max_count >= 1 && max_count <= MAX_DUE);
	enqueue(store, (struct call){.kind = STORE_CALL_DUE,
	                             .context = context,
	                             .of.due = {.now = now, .count = max_count, .done = done}});
}

static void call_untold(struct store *store, size_t max_count, store_untold_done done, void *context)
{
	must(max_count >= 1 && max_count <= MAX_DUE);
	enqueue(store, (struct call){.kind = STORE_CALL_UNTOLD,
	                             .context = context,
	                             .of.untold = {.count = max_count, .done = done}});
}

static void call_unsettled(struct store *store, size_t max_count, store_unsettled_done done, void *context)
{
	must(max_count >= 1 && max_count <= MAX_DUE);
	enqueue(store, (struct call){.kind = STORE_CALL_UNSETTLED,
	                             .context = context,
	                             .of.unsettled = {.count = max_count, .done = done}});
}

// Comes behind all that is pending, which ends first and at once.
static void call_close(struct store *store, store_done done, void *context)
{
	struct store_memory *memory = memory_of(store);
	end_pending(memory);
	enqueue(store, (struct call){.kind = STORE_CALL_CLOSE, .context = context, .of.close = {.done = done}});
	memory->closing = true;
}

static void push_nothing(struct store *store)
{
	(void)store;
}

static const struct store_operations operations = {
	.commit = call_commit,
	.push = push_nothing,
	.lookup = call_lookup,
	.open_cursor = call_open_cursor,
	.move_cursor = call_move_cursor,
	.close_cursor = call_close_cursor,
	.page = call_page,
	.object_open = call_object_open,
	.object_write = call_object_write,
	.object_read = call_object_read,
	.status = call_status,
	.flow = call_flow,
	.directory = call_directory,
	.newest = call_newest,
	.due = call_due,
	.unsettled = call_unsettled,
	.untold = call_untold,
	.close = call_close,
};

enum fail_code store_memory_new(struct store **store, const struct store_memory_settings *settings)
{
	struct store_memory *memory = calloc(1, sizeof *memory);
	*store = NULL;
	if (memory == NULL)
		return FAIL_NO_MEMORY;
	memory->store.ops = &operations;
	memory->available = true;
	if (settings != NULL)
		memory->settings = *settings;
	memory->tables.oldest_id_ms = memory->settings.oldest_id_ms;
	memory->tables.newest_id_ms = memory->settings.newest_id_ms;
	*store = &memory->store;
	return FAIL_NONE;
}

void store_memory_free(struct store *store)
{
	if (store == NULL)
		return;
	struct store_memory *memory = memory_of(store);
	while (memory->calls != NULL) {
		struct call *call = memory->calls;
		memory->calls = call->next;
		drop_call(call);
	}
	memory_tables_release(&memory->tables);
	free(memory);
}
