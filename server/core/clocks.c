// SPDX-License-Identifier: Apache-2.0
//
// The hub's own messages: when the clock of a case says so, both parties get a
// REMINDER, then an ESCALATION; a case that was reported and left alone is closed by
// SILENCE. They are signed with the receipt key and go through the rules and the
// writer like everyone's, so that several hubs on one database write each once.
#include "core/core_private.h"

#include <string.h>

// One message while it is made.
struct notice {
	struct header header;
	char to[2][MEMBER_CODE_SIZE];
	struct arena arena;
	struct bytes header_bytes, envelope_bytes;
};

static void sweep_later(struct core *core)
{
	core->clocks_due = core_now(core) + CLOCKS_EVERY_MS;
	core_wake(core, core->clocks_due);
}

void clocks_start(struct core *core)
{
	sweep_later(core);
}

static void copy_code(char to[MEMBER_CODE_SIZE], const char *code)
{
	size_t length = strlen(code);
	must(length < MEMBER_CODE_SIZE);
	memcpy(to, code, length + 1);
}

static enum message_kind kind_of(enum case_event event)
{
	switch ((unsigned)event) {
	case EVENT_ESCALATION:
		return KIND_ESCALATION;
	case EVENT_SILENCE:
		return KIND_SILENCE;
	default:
		return KIND_REMINDER;
	}
}

static void fill_header(struct core *core, struct notice *notice, const struct case_record *record,
                        const struct member *const party[2])
{
	struct header *header = &notice->header;
	const struct identity *hub = certificate_identity(core->receipt_certificate);
	uint8_t random[10];
	random_fill(random, sizeof random);
	*header = (struct header){
		.version = 1,
		.kind = kind_of(clock_duty(&record->clock).event),
		.case_id = record->id,
		.created_at = core_now(core),
		.seen_case_seq = record->seq,
		.to = notice->to,
		.to_count = 2,
	};
	header->message = id_v7(header->created_at, random);
	copy_code(header->from, hub->code);
	memcpy(header->author, hub->uri, sizeof header->author);
	for (size_t i = 0; i < 2; i++)
		copy_code(notice->to[i], party[i]->public.code);
	if (header->kind == KIND_SILENCE)
		return;
	const char *awaited = clock_kind_name(clock_awaited(&record->clock).kind);
	memcpy(header->reason, awaited, strlen(awaited) + 1);
}

// Header bytes, signature, envelope bytes.
static enum fail_code sign_notice(struct core *core, struct notice *notice)
{
	enum fail_code code = header_encode(&notice->header, &notice->header_bytes);
	struct envelope envelope = {.header = bytes_view(&notice->header_bytes)};
	if (code == FAIL_NONE)
		code = envelopes_sign(&envelope, 1, core->settings.receipt_key, core->receipt_certificate, &notice->arena);
	return code == FAIL_NONE ? envelope_encode(&envelope, &notice->envelope_bytes) : code;
}

// From its bytes, like a message that came over a line.
static struct request *take_in(struct core *core, struct view bytes, struct member *hub, struct member *const party[2])
{
	struct request *request = request_new(core, NULL, 0, bytes);
	if (request == NULL)
		return NULL;
	request->member = hub;
	request->role = request->author_role = ROLE_HUB;
	request->recipient = arena_alloc(&request->arena, 2 * sizeof *request->recipient);
	if (request->recipient == NULL || admission_read(request, NULL) != FAIL_NONE) {
		request_free(core, request);
		return NULL;
	}
	request->recipient[0] = party[0];
	request->recipient[1] = party[1];
	return request;
}

static void submit(struct core *core, struct request *request, const struct case_record *record)
{
	request->entry = case_pin(core, &record->id);
	if (request->entry == NULL) {
		request_free(core, request);
		return;
	}
	case_known(core, record);
	request->checked = true;
	core->figures.reminders++;
	writer_add(core, request);
}

// Somebody is at this case just now: the next sweep sees what came of it.
static bool is_busy(const struct core *core, const struct case_record *record)
{
	const struct case_entry *entry = NULL;
	HASH_FIND(hh, core->cases, &record->id, sizeof record->id, entry);
	return entry != NULL && entry->users > 0;
}

static void write_notice(struct core *core, const struct case_record *record, struct member *hub)
{
	struct member *const party[2] = {member_of_no(core, record->requesting), member_of_no(core, record->responding)};
	if (party[0] == NULL || party[1] == NULL || is_busy(core, record))
		return;
	struct notice notice = {0};
	arena_init(&notice.arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&notice.header_bytes, MAX_HEADER);
	bytes_init(&notice.envelope_bytes, MAX_ENVELOPE);
	fill_header(core, &notice, record, (const struct member *const *)party);
	struct request *request = NULL;
	if (sign_notice(core, &notice) == FAIL_NONE)
		request = take_in(core, bytes_view(&notice.envelope_bytes), hub, party);
	if (request != NULL)
		submit(core, request, record);
	bytes_release(&notice.envelope_bytes);
	bytes_release(&notice.header_bytes);
	arena_release(&notice.arena);
}

// This hub as the directory has it: without its certificate there nobody could check what it signs.
static struct member *own_member(struct core *core)
{
	const struct signer *own = signer_of_hash(core, certificate_hash(core->receipt_certificate));
	return own != NULL && own->member->listed ? own->member : NULL;
}

static void found(void *context, enum fail_code code, const struct case_record *record, size_t count)
{
	struct operation *operation = context;
	struct core *core = operation->core;
	struct member *hub = own_member(core);
	for (size_t i = 0; code == FAIL_NONE && i < count && !core->draining; i++) {
		if (hub != NULL)
			write_notice(core, &record[i], hub);
		else
			core->figures.unsigned_reminders++;
	}
	operation_free(operation);
	if (!core->draining)
		sweep_later(core);
}

void clocks_tick(struct core *core, uint64_t now)
{
	if (core->clocks_due == 0 || now < core->clocks_due || core->draining)
		return;
	core->clocks_due = 0;
	struct operation *operation = operation_new(core, sizeof *operation, 0, 0);
	if (operation == NULL)
		sweep_later(core);
	else
		core->store->ops->due(core->store, now, MAX_DUE, found, operation);
}
