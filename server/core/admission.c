// SPDX-License-Identifier: Apache-2.0
//
// What a submit must show before anybody looks at its case: it can be read, its
// time is right, its author is registered and belongs to who sends it, those who
// get it are members.
#include "core/core_private.h"

#include <string.h>

static bool has_credit(const struct core *core, const struct core_session *session, size_t length)
{
	if (session->pending == 0)
		return true;
	return session->pending < core->settings.credit_messages &&
	       session->pending_bytes + length <= core->settings.credit_bytes;
}

static enum fail_code check_id(const struct core *core, const struct header *header, struct fail *why)
{
	if (!id_is_v7(&header->message))
		return fail_set(why, FAIL_MALFORMED, "header.message_id is not a UUIDv7");
	uint64_t made = id_v7_unix_ms(&header->message), now = core_now(core);
	if (made > now + CLOCK_AHEAD_MS)
		return fail_set(why, FAIL_CLOCK_AHEAD, "the message id lies %llu hours ahead",
		                (unsigned long long)((made - now) / 3600000));
	if (made + core->settings.id_window_ms < now)
		return fail_set(why, FAIL_TOO_OLD, "the message id is %llu days old",
		                (unsigned long long)((now - made) / 86400000));
	return FAIL_NONE;
}

enum fail_code admission_read(struct request *request, struct fail *why)
{
	struct view bytes = request->parcel->bytes;
	enum fail_code code = envelope_decode(&request->envelope, bytes, &request->arena, why);
	if (code == FAIL_NONE)
		code = header_decode(&request->header, request->envelope.header, &request->arena, why);
	if (code != FAIL_NONE)
		return code;
	request->header_hash = header_hash(request->envelope.header);
	request->envelope_hash = sha256(bytes);
	return FAIL_NONE;
}

static enum fail_code read_envelope(struct core *core, struct request *request, struct fail *why)
{
	enum fail_code code = admission_read(request, why);
	if (code == FAIL_NONE)
		code = check_id(core, &request->header, why);
	if (code == FAIL_NONE && strcmp(request->header.from, request->member->public.code) != 0)
		code = fail_set(why, FAIL_NOT_ALLOWED, "header.from is not the member of this session");
	return code;
}

static enum fail_code find_signer(struct core *core, struct request *request, struct fail *why)
{
	struct signer *signer = signer_of_hash(core, &request->envelope.signer);
	if (signer == NULL)
		return fail_set(why, FAIL_UNKNOWN_SIGNER, "the signing certificate is unknown");
	const struct identity *author = certificate_identity(signer->certificate);
	if (signer->member != request->member || strcmp(author->uri, request->header.author) != 0)
		return fail_set(why, FAIL_UNKNOWN_SIGNER, "the signing certificate is not the author's");
	if (certificate_not_after(signer->certificate) < (int64_t)(core_now(core) / 1000))
		return fail_set(why, FAIL_UNKNOWN_SIGNER, "the signing certificate has expired");
	request->signer = signer;
	request->author_role = access_role_of(author);
	return FAIL_NONE;
}

static enum fail_code find_receivers(struct core *core, struct request *request, struct fail *why)
{
	const struct header *header = &request->header;
	if (message_kind_to_all(header->kind))
		return FAIL_NONE; // the store knows who they are
	request->recipient = arena_alloc(&request->arena, header->to_count * sizeof *request->recipient);
	request->party_no = arena_alloc(&request->arena, header->party_count * sizeof *request->party_no);
	if (request->recipient == NULL || request->party_no == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "header: too much");
	for (size_t i = 0; i < header->to_count; i++) {
		struct member *member = member_of_code(core, header->to[i]);
		if (!member_serves(member, false))
			return fail_set(why, FAIL_UNKNOWN_RECIPIENT, "header.to[%zu] is no active member", i);
		request->recipient[i] = member;
	}
	for (size_t i = 0; i < header->party_count; i++) {
		struct member *agency = member_of_code(core, header->party[i].agency);
		if (!member_serves(agency, true))
			return fail_set(why, FAIL_UNKNOWN_RECIPIENT, "header.party[%zu] is no active partner agency", i);
		request->party_no[i] = agency->public.no;
	}
	return FAIL_NONE;
}

// Roles alone, before the case is known: whoever may do neither never may.
static enum fail_code check_roles(const struct request *request, struct fail *why)
{
	enum access_operation operation = OPERATION_WRITE_CASE;
	if (message_kind_opens(request->header.kind))
		operation = OPERATION_OPEN_CASE;
	else if (request->header.kind == KIND_RECEIPT)
		operation = OPERATION_SEND_RECEIPT;
	else if (request->header.kind == KIND_STATISTICS)
		operation = OPERATION_SEND_STATISTICS;
	else if (message_kind_of_hub(request->header.kind))
		operation = OPERATION_KEEP_CLOCK;
	else if (message_kind_to_all(request->header.kind))
		operation = request->header.kind == KIND_BROADCAST ? OPERATION_BROADCAST : OPERATION_TELL_AVAILABILITY;
	for (unsigned relation = 0; relation < RELATION_COUNT; relation++) {
		if (access_allowed(request->role, operation, (enum access_relation)relation) &&
		    access_allowed(request->author_role, operation, (enum access_relation)relation))
			return FAIL_NONE;
	}
	return fail_set(why, FAIL_NOT_ALLOWED, "this role does not send messages of this kind");
}

static enum fail_code place(struct core *core, struct request *request, struct fail *why)
{
	enum fail_code code = find_signer(core, request, why);
	if (code == FAIL_NONE)
		code = check_roles(request, why);
	if (code == FAIL_NONE)
		code = find_receivers(core, request, why);
	if (code == FAIL_NONE && envelope_signed_text(&request->text, &request->envelope) != FAIL_NONE)
		code = fail_set(why, FAIL_BAD_SIGNATURE, "the place in the signed batch is wrong");
	return code;
}

void admission_refuse(struct core *core, struct request *request, enum fail_code code, const char *text)
{
	struct core_session *session = session_find(core, request->session);
	request_refuse(core, request, code, text);
	if (session != NULL)
		admission_pass(core, session); // those who waited behind it
}

void admission_go_on(struct core *core, struct request *request)
{
	struct fail why = {0};
	enum fail_code code = place(core, request, &why);
	bool may_be_new = code == FAIL_UNKNOWN_SIGNER || code == FAIL_UNKNOWN_RECIPIENT;
	if (may_be_new && !request->refreshed) {
		request->refreshed = true;
		queue_add(&core->for_directory, request);
		directory_wanted(core);
	} else if (code != FAIL_NONE) {
		admission_refuse(core, request, code, why.text);
	} else {
		check_request(core, request);
	}
}

void submit_frame(struct core *core, struct core_session *session, const struct frame *frame)
{
	struct view envelope = frame->of.submit.envelope;
	core->figures.submits++;
	if (!has_credit(core, session, envelope.length)) {
		refuse(core, session->number, frame->id, FAIL_OVER_CREDIT, NULL);
		return;
	}
	if (!quota_take(core, session, frame->id))
		return;
	if (core->figures.pending_bytes + envelope.length > PENDING_BYTES) {
		refuse(core, session->number, frame->id, FAIL_OVER_QUOTA, "the hub has too much to do just now");
		return;
	}
	struct request *request = request_new(core, session, frame->id, envelope);
	if (request == NULL) {
		refuse(core, session->number, frame->id, FAIL_NO_MEMORY, NULL);
		return;
	}
	struct fail why = {0};
	enum fail_code code = read_envelope(core, request, &why);
	if (code != FAIL_NONE) {
		request_refuse(core, request, code, why.text);
		return;
	}
	request->in_session = true;
	*session->last = request;
	session->last = &request->next_of_session;
	admission_go_on(core, request);
}

// A message that is under way already: these are its twins. Other bytes under the
// same id are refused as the store would.
static bool under_way(struct core *core, struct request *request)
{
	struct request *first = request_find(core, &request->header.message, request->member->public.no);
	if (first == NULL)
		return false;
	if (hash_equal(&first->envelope_hash, &request->envelope_hash))
		request_join(first, request);
	else
		request_refuse(core, request, FAIL_KEY_REUSED, NULL);
	return true;
}

static void go_to_case(struct core *core, struct request *request)
{
	if (under_way(core, request))
		return;
	request_key(core, request);
	if (id_is_zero(&request->header.case_id)) { // nothing is compared with a case
		writer_add(core, request);
		return;
	}
	struct case_entry *entry = case_pin(core, &request->header.case_id);
	request->entry = entry;
	if (entry == NULL)
		request_refuse(core, request, FAIL_NO_MEMORY, NULL);
	else if (entry->waiting > 0 || (!entry->known && !message_kind_opens(request->header.kind)))
		lookup_request(core, request);
	else
		writer_add(core, request);
}

// The messages of a session go on in the order in which they came: a later one must
// not overtake because its signature was known already.
void admission_pass(struct core *core, struct core_session *session)
{
	while (session->first != NULL && session->first->checked) {
		struct request *request = session->first;
		session->first = request->next_of_session;
		if (session->first == NULL)
			session->last = &session->first;
		request->in_session = false;
		go_to_case(core, request);
	}
}

void admission_checked(struct core *core, struct request *request)
{
	request->checked = true;
	struct core_session *session = session_find(core, request->session);
	if (session == NULL) {
		request_refuse(core, request, FAIL_CLOSED, NULL); // nobody hears it; nothing was promised
		return;
	}
	admission_pass(core, session);
}

// Those whose check is under way are refused when it ends; nobody would come back to the others.
void admission_leave(struct core *core, struct core_session *session)
{
	struct request *request = session->first;
	session->first = NULL;
	session->last = &session->first;
	while (request != NULL) {
		struct request *next = request->next_of_session;
		request->in_session = false;
		if (request->checked)
			request_refuse(core, request, FAIL_CLOSED, NULL);
		request = next;
	}
}
