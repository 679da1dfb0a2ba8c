// SPDX-License-Identifier: Apache-2.0
//
// One message that the hub writes by itself, to both parties of a case: signed with the
// receipt key and handed to the rules and the writer like everyone's.
#include "core/core_private.h"

#include <stdio.h>
#include <string.h>

// One message while it is made.
struct notice {
	struct header header;
	char to[2][MEMBER_CODE_SIZE];
	struct party party;
	struct arena arena;
	struct bytes header_bytes, envelope_bytes;
};

static void copy_code(char to[MEMBER_CODE_SIZE], const char *code)
{
	size_t length = strlen(code);
	must(length < MEMBER_CODE_SIZE);
	memcpy(to, code, length + 1);
}

static void fill_outage(struct header *header, const struct member *out)
{
	const struct store_member *from = &out->public;
	bool begins = header->kind == KIND_MEMBER_OUT;
	snprintf(header->availability.status, sizeof header->availability.status, "%s",
	         from->availability[0] != '\0' ? from->availability : "NORMAL");
	copy_code(header->availability.member, from->code);
	if (!begins)
		return;
	snprintf(header->reason, sizeof header->reason, "%s", from->cause[0] != '\0' ? from->cause : "UNSPECIFIED");
	memcpy(header->due, from->until, sizeof header->due);
	copy_code(header->deputy, from->deputy);
}

static void fill_header(struct core *core, struct notice *notice, const struct case_record *record,
                        const struct notice_parties *parties, const struct notice_about *about)
{
	struct header *header = &notice->header;
	const struct identity *hub = certificate_identity(core->receipt_certificate);
	uint8_t random[10];
	random_fill(random, sizeof random);
	*header = (struct header){
		.version = 1,
		.kind = about->kind,
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
		copy_code(notice->to[i], parties->member[i]->public.code);
	snprintf(header->reason, sizeof header->reason, "%s", about->reason);
	if (about->out != NULL)
		fill_outage(header, about->out);
	if (about->agency != NULL) {
		copy_code(notice->party.agency, about->agency->public.code);
		snprintf(notice->party.purpose, sizeof notice->party.purpose, "UNSPECIFIED"); // both members know it
		header->party = &notice->party;
		header->party_count = 1;
		header->asked = about->asked;
	}
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
static struct request *take_in(struct core *core, struct view bytes, struct member *hub,
                               const struct notice_parties *parties, const struct notice_about *about)
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
	memcpy(request->recipient, parties->member, sizeof parties->member);
	if (about->agency != NULL)
		request->told = (struct store_told){about->agency->public.no, about->asked};
	return request;
}

static bool submit(struct core *core, struct request *request, const struct case_record *record)
{
	request->entry = case_pin(core, &record->id);
	if (request->entry == NULL) {
		request_free(core, request);
		return false;
	}
	case_known(core, record);
	request->checked = true;
	writer_add(core, request);
	return true;
}

// Somebody is at this case just now: the next sweep sees what came of it.
static bool is_busy(const struct core *core, const struct case_record *record)
{
	const struct case_entry *entry = NULL;
	HASH_FIND(hh, core->cases, &record->id, sizeof record->id, entry);
	return entry != NULL && entry->users > 0;
}

bool notice_parties(struct core *core, const struct case_record *record, struct notice_parties *parties)
{
	parties->member[0] = member_of_no(core, record->requesting);
	parties->member[1] = member_of_no(core, record->responding);
	return parties->member[0] != NULL && parties->member[1] != NULL;
}

bool notice_write(struct core *core, const struct case_record *record, struct member *hub,
                  const struct notice_parties *parties, const struct notice_about *about)
{
	if (is_busy(core, record))
		return false;
	struct notice notice = {0};
	arena_init(&notice.arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&notice.header_bytes, MAX_HEADER);
	bytes_init(&notice.envelope_bytes, MAX_ENVELOPE);
	fill_header(core, &notice, record, parties, about);
	struct request *request = NULL;
	if (sign_notice(core, &notice) == FAIL_NONE)
		request = take_in(core, bytes_view(&notice.envelope_bytes), hub, parties, about);
	bool written = request != NULL && submit(core, request, record);
	bytes_release(&notice.envelope_bytes);
	bytes_release(&notice.header_bytes);
	arena_release(&notice.arena);
	return written;
}

struct member *notice_author(struct core *core)
{
	const struct signer *own = signer_of_hash(core, certificate_hash(core->receipt_certificate));
	return own != NULL && own->member->listed ? own->member : NULL;
}
