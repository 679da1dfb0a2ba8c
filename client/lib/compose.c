// SPDX-License-Identifier: Apache-2.0
#include "lib/compose.h"

#include "case/message_event.h"
#include "lib/approve.h"
#include "lib/attach.h"
#include "lib/cases.h"
#include "lib/child_check.h"
#include "lib/correct.h"
#include "lib/forms.h"
#include "lib/lifebook.h"
#include "lib/parties.h"
#include "lib/pass_on.h"
#include "lib/peers.h"
#include "lib/requests.h"
#include "lib/persons.h"
#include "lib/sweep.h"
#include "lib/trace.h"
#include "lib/translations.h"
#include "seal/content.h"
#include "wire/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STANZA_BYTES = 65 + 48, FORM_LONGEST = 1024 * 1024, MOST_READERS = 3 };

// One message on its way; everything is released together.
struct composition {
	struct psr_profile *profile;
	const struct psr_message *message;
	const struct id *draft;         // borrowed, NULL if it was none
	struct arena arena;
	struct header header;
	struct bytes body, sealed_body, header_bytes, stanza_bytes, envelope_bytes; // body is wiped
	struct form_attachment *attachment;
	struct object_ref object[MAX_OBJECTS];
	uint8_t key[MAX_OBJECTS][SEAL_KEY_SIZE];        // wiped
	size_t object_count, sealed_files;              // files: spools that exist
	struct certificate *recipient[MOST_READERS];    // receivers, own member last; owned
	uint8_t recipient_key[MOST_READERS][KEY_ID_SIZE];
	size_t readers;
	bool corrects;                                  // it speaks of an earlier message
	struct correcting correcting;
	json_t *persons;                                // of the case, owned; NULL: not known, or not asked for
	bool kept;                                      // it stays here: header.message is the id of what is kept
	struct id shared;                               // what was kept so far and is sent now
	char *shared_form;                              // its form, owned and wiped; NULL: none
	struct definitions *forms;                      // owned; NULL: the form names none
	char *completed; // a form with what the program added, owned and wiped; NULL: nothing
	const char *newcomer;                           // who takes the case over; NULL: nobody
	struct case_row row;
	uint64_t begun;
};

static void release(struct composition *c, bool keep_spools)
{
	for (size_t i = 0; i < c->sealed_files && !keep_spools; i++)
		unlink(profile_spool(c->profile, &c->object[1 + i].id).text);
	for (size_t i = 0; i < MOST_READERS; i++)
		certificate_free(c->recipient[i]);
	json_decref(c->persons);
	forms_free(c->forms);
	if (c->shared_form != NULL)
		wipe(c->shared_form, strlen(c->shared_form));
	free(c->shared_form);
	if (c->completed != NULL)
		wipe(c->completed, strlen(c->completed));
	free(c->completed);
	wipe(c->key, sizeof c->key);
	bytes_wipe(&c->body);
	bytes_release(&c->sealed_body);
	bytes_release(&c->header_bytes);
	bytes_release(&c->stanza_bytes);
	bytes_release(&c->envelope_bytes);
	arena_wipe(&c->arena);
}

static void begin(struct composition *c, struct psr_profile *profile, const struct psr_message *message)
{
	*c = (struct composition){.profile = profile, .message = message, .begun = clock_now()};
	arena_init(&c->arena, 4 * ARENA_MESSAGE_CAP, 64 * ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&c->body, CONTENT_BODY_CAP);
	bytes_init(&c->sealed_body, 2 * MAX_ENVELOPE);
	bytes_init(&c->header_bytes, MAX_HEADER);
	bytes_init(&c->stanza_bytes, MOST_READERS * MAX_OBJECTS * STANZA_BYTES);
	bytes_init(&c->envelope_bytes, 4 * MAX_ENVELOPE);
}

static const char *own_code(const struct composition *c)
{
	return c->profile->settings.identity.code;
}

// Whom the form may name. A case that is not here is told later, by known_case.
static enum fail_code find_persons(struct composition *c, struct fail *why)
{
	const char *verb = c->corrects ? c->correcting.verb : c->message->verb;
	struct case_row row;
	struct fail later;
	if (verb == NULL || !form_names_persons(verb) ||
	    cases_find(c->profile, c->message->reference, &row, &later) != FAIL_NONE)
		return FAIL_NONE;
	return persons_of_case(c->profile, &row.id, &c->persons, why);
}

static enum fail_code describe_files(struct composition *c, struct fail *why)
{
	enum fail_code code = FAIL_NONE;
	c->attachment = arena_alloc(&c->arena, (c->message->attach_count + 1) * sizeof *c->attachment);
	if (c->attachment == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < c->message->attach_count && code == FAIL_NONE; i++)
		code = attach_describe(&c->attachment[i], c->message->attach[i], &c->arena, why);
	return code;
}

static enum fail_code read_form(struct composition *c, struct form_faults *faults, struct fail *why)
{
	const struct psr_message *message = c->message;
	if (message->verb == NULL || message->attach_count >= MAX_OBJECTS)
		return fail_set(why, FAIL_BAD_USAGE, message->verb == NULL ? "a verb is needed" : "at most 49 attachments go with a message");
	const char *verb = c->corrects ? c->correcting.verb : message->verb;
	if (strcmp(verb, "document") == 0 && message->attach_count == 0)
		return fail_set(why, FAIL_BAD_USAGE, "a document needs at least one attachment");
	size_t length = message->form == NULL ? 0 : strlen(message->form);
	if (length > FORM_LONGEST)
		return fail_set(why, FAIL_TOO_LARGE, "the form has more than 1 MiB: long texts go into an attachment");
	enum fail_code code = describe_files(c, why);
	if (code != FAIL_NONE)
		return code;
	code = forms_load_for(&c->forms, c->profile->forms.text, message->form, why);
	struct form_by by = {c->forms, c->profile->language[0] != '\0' ? c->profile->language : "en"};
	if (code == FAIL_NONE)
		code = form_read_by(&by, verb, message->form, length, c->attachment, message->attach_count, c->persons,
		                    &c->arena, &c->header, &c->body, faults, why);
	return code == FAIL_NONE && c->corrects ? correct_header(&c->correcting, &c->header, why) : code;
}

static struct id random_id(void)
{
	struct id id;
	random_fill(id.byte, sizeof id.byte);
	return id;
}

static enum fail_code new_case(struct composition *c, struct fail *why)
{
	const char *to = c->message->to;
	if (to == NULL || !member_code_valid(to))
		return fail_set(why, FAIL_BAD_USAGE, "the code of the receiving member is needed, such as SN");
	if (strcmp(to, own_code(c)) == 0)
		return fail_set(why, FAIL_BAD_USAGE, "a referral or a search goes to another member");
	enum fail_code code = c->message->even_if_out ? FAIL_NONE : peer_takes_cases(c->profile, to, why);
	if (code != FAIL_NONE)
		return code;
	if (c->header.kind == KIND_ALERT) {
		memcpy(c->header.service, ALERT_SERVICE, sizeof ALERT_SERVICE);
		memcpy(c->header.urgency, ALERT_URGENCY, sizeof ALERT_URGENCY);
	}
	c->row = (struct case_row){.id = random_id(), .opened_at = c->begun, .view = {.state = CASE_NONE}};
	snprintf(c->row.requesting, sizeof c->row.requesting, "%s", own_code(c));
	snprintf(c->row.responding, sizeof c->row.responding, "%s", to);
	snprintf(c->row.service, sizeof c->row.service, "%s", c->header.service);
	snprintf(c->row.urgency, sizeof c->row.urgency, "%s", c->header.urgency);
	reference_make(c->row.reference, own_code(c), to, &c->row.id);
	return FAIL_NONE;
}

// Of a TRANSFER the first is a proposal, by the responding side: the other branch alone gets it.
static enum fail_code find_newcomer(struct composition *c, struct fail *why)
{
	const char *to = c->message->to;
	if (to == NULL || !member_code_valid(to))
		return fail_set(why, FAIL_BAD_USAGE, "the code of the branch that is to have the case is needed, such as SN");
	if (strcmp(to, c->row.requesting) == 0 || strcmp(to, c->row.responding) == 0)
		return fail_set(why, FAIL_BAD_USAGE, "'%s' has the case already", to);
	if (c->header.kind == KIND_FORWARD || cases_side(c->profile, &c->row) == SIDE_REQUESTING)
		c->newcomer = to;
	memcpy(c->header.reference, c->row.reference, sizeof c->header.reference);
	return FAIL_NONE;
}

static enum fail_code known_case(struct composition *c, struct fail *why)
{
	bool passes_on = c->header.kind == KIND_FORWARD || c->header.kind == KIND_TRANSFER;
	if (c->message->to != NULL && !passes_on)
		return fail_set(why, FAIL_BAD_USAGE, "only what opens a case names its receiver: this case has its two members");
	enum fail_code code = cases_find(c->profile, c->message->reference, &c->row, why);
	if (code == FAIL_NONE && passes_on)
		code = find_newcomer(c, why);
	if (code != FAIL_NONE)
		return code;
	int event = cases_event_of(&c->header);
	must(event >= 0);
	if (message_betrays(&c->header, c->row.view.state))
		return fail_set(why, FAIL_ILLEGAL_MOVE, "a search is not declined with %s, which tells of the person: acknowledge it, the program answers on the review days",
		                c->header.reason);
	code = cases_check(c->profile, &c->row, (enum case_event)event, why);
	if (code == FAIL_NONE)
		code = cases_name_calendar(c->profile, &c->row, c->begun, &c->arena, &c->header, why);
	return code == FAIL_NONE ? cases_agreed_day(&c->header, &c->row.view, why) : code;
}

// Everything of the header that does not depend on what is sealed.
static enum fail_code address(struct composition *c, struct fail *why)
{
	struct header *header = &c->header;
	uint8_t random[10];
	random_fill(random, sizeof random);
	header->version = 1;
	header->message = id_v7(c->begun, random);
	header->case_id = c->row.id;
	header->created_at = c->begun;
	snprintf(header->from, sizeof header->from, "%s", own_code(c));
	snprintf(header->author, sizeof header->author, "%s", c->profile->settings.identity.uri);
	header->to = arena_alloc(&c->arena, (MOST_READERS - 1) * sizeof header->to[0]);
	if (header->to == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	header->to_count = c->newcomer == NULL ? 1 : 2;
	if (c->newcomer != NULL)
		snprintf(header->to[1], sizeof header->to[1], "%s", c->newcomer);
	snprintf(header->to[0], sizeof header->to[0], "%s",
	         strcmp(c->row.requesting, own_code(c)) == 0 ? c->row.responding : c->row.requesting);
	header->seen_case_seq = c->row.seq;
	header->has_previous = c->row.seq > 0 && memcmp(c->row.newest.byte, (struct hash){{0}}.byte, HASH_SIZE) != 0;
	header->previous = c->row.newest;
	return FAIL_NONE;
}

static enum fail_code find_recipients(struct composition *c, struct fail *why)
{
	const struct own_certificate *own = c->profile->keys->ops->certificate(c->profile->keys, USE_ENCRYPTION);
	if (own == NULL)
		return fail_set(why, FAIL_NOT_ALLOWED, "this profile has no branch key: its role writes no messages");
	enum fail_code code =
		own_certificate_check(own, c->profile->trust, USE_ENCRYPTION, (int64_t)(c->begun / 1000), why);
	if (code != FAIL_NONE)
		return fail_wrap(why, "own branch certificate");
	for (size_t i = 0; i < c->header.to_count && code == FAIL_NONE; i++)
		code = peer_encryption(c->profile, c->header.to[i], c->begun, &c->recipient[i], why);
	if (code == FAIL_NONE)
		code = certificate_parse(&c->recipient[c->header.to_count], certificate_der(own->certificate), why);
	if (code != FAIL_NONE)
		return code;
	c->readers = c->header.to_count + 1;
	for (size_t i = 0; i < c->readers; i++)
		memcpy(c->recipient_key[i], certificate_key_id(c->recipient[i]), KEY_ID_SIZE);
	c->header.recipient_key = c->recipient_key;
	c->header.recipient_key_count = c->readers;
	return FAIL_NONE;
}

static struct seal_context context_of(const struct composition *c, size_t index, const struct id *object)
{
	return (struct seal_context){
		.object = *object, .author = c->header.author, .case_id = c->header.case_id,
		.kind = index == 0 ? SEAL_BODY : SEAL_ATTACHMENT, .index = (uint32_t)index,
	};
}

static enum fail_code seal_body(struct composition *c, struct fail *why)
{
	struct bytes plain;
	bytes_init(&plain, 2 * CONTENT_BODY_CAP);
	struct object_ref *object = &c->object[0];
	object->id = random_id();
	random_fill(c->key[0], SEAL_KEY_SIZE);
	struct seal_context context = context_of(c, 0, &object->id);
	bool filled = c->header.kind == KIND_STATISTICS;
	enum fail_code code = filled ? content_pack_body_filled(bytes_view(&c->body), &plain)
	                             : content_pack_body(bytes_view(&c->body), &plain);
	if (code == FAIL_NONE)
		code = seal_bytes(&context, c->key[0], bytes_view(&plain), &c->sealed_body, &object->commitment);
	bytes_wipe(&plain);
	if (code != FAIL_NONE)
		return fail_set(why, code, "the text is too long: put the long part into an attachment");
	object->length = c->sealed_body.length;
	object->tree_hash = tree_hash(bytes_view(&c->sealed_body));
	c->object_count = 1;
	return FAIL_NONE;
}

static enum fail_code seal_files(struct composition *c, struct fail *why)
{
	for (size_t i = 0; i < c->message->attach_count; i++) {
		struct id object = random_id();
		struct seal_context context = context_of(c, 1 + i, &object);
		random_fill(c->key[1 + i], SEAL_KEY_SIZE);
		enum fail_code code = attach_seal(c->profile, c->message->attach[i], c->attachment[i].size, &context,
		                                  c->key[1 + i], &c->object[1 + i], why);
		if (code != FAIL_NONE)
			return code;
		c->sealed_files++;
		c->object_count++;
	}
	return FAIL_NONE;
}

static enum fail_code seal_all(struct composition *c, struct fail *why)
{
	if (c->body.length == 0 && c->message->attach_count == 0)
		return FAIL_NONE; // an acknowledgement without words
	enum fail_code code = find_recipients(c, why);
	if (code == FAIL_NONE)
		code = seal_body(c, why);
	if (code == FAIL_NONE)
		code = seal_files(c, why);
	c->header.object = c->object;
	c->header.object_count = c->object_count;
	return code;
}

static enum fail_code make_stanzas(struct composition *c, struct envelope *envelope, const struct hash *header_hash,
                                   struct fail *why)
{
	size_t count = c->object_count * c->readers;
	envelope->stanza = arena_alloc(&c->arena, (count + 1) * sizeof *envelope->stanza);
	// Room for all first: the stanzas point into these bytes.
	if (envelope->stanza == NULL || (count > 0 && bytes_room(&c->stanza_bytes, count * STANZA_BYTES) == NULL))
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		uint32_t object = (uint32_t)(i / c->readers);
		enum fail_code code = stanza_make(&envelope->stanza[i], &c->stanza_bytes, object, &c->object[object].id,
		                                  c->recipient[i % c->readers], header_hash, c->key[object]);
		if (code != FAIL_NONE)
			return fail_set(why, code, "the key of an object cannot be wrapped");
	}
	envelope->stanza_count = count;
	return FAIL_NONE;
}

static enum fail_code own_signature(struct psr_profile *profile, struct envelope *envelope, struct arena *arena,
                                    uint64_t now, struct fail *why)
{
	const struct own_certificate *own = profile->keys->ops->certificate(profile->keys, USE_SIGNING);
	if (own == NULL)
		return fail_set(why, FAIL_NOT_ALLOWED, "this profile has no signing key: its role writes no messages");
	enum fail_code code = own_certificate_check(own, profile->trust, USE_SIGNING, (int64_t)(now / 1000), why);
	if (code != FAIL_NONE)
		return fail_wrap(why, "own signing certificate");
	code = profile->keys->ops->sign(profile->keys, envelope, 1, arena, why);
	if (code != FAIL_NONE)
		fail_wrap(why, "the message cannot be signed");
	return code;
}

// Reads back what will be sent, as the hub will: a fault is found here, where a person can mend it.
static enum fail_code read_back(struct view envelope_bytes, struct fail *why)
{
	struct arena arena;
	struct envelope envelope;
	struct header header;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	if (envelope_bytes.length > MAX_ENVELOPE)
		return fail_set(why, FAIL_TOO_LARGE,
		                "the message has %zu bytes, at most %d travel: put the long part into an attachment",
		                envelope_bytes.length, MAX_ENVELOPE);
	enum fail_code code = envelope_decode(&envelope, envelope_bytes, &arena, why);
	if (code == FAIL_NONE)
		code = header_decode(&header, envelope.header, &arena, why);
	arena_release(&arena);
	return code;
}

// Header bytes, stanzas, signature, envelope bytes.
static enum fail_code finish(struct composition *c, struct hash *hash, struct fail *why)
{
	enum fail_code code = header_encode(&c->header, &c->header_bytes);
	if (code != FAIL_NONE)
		return fail_set(why, code, "the header cannot be written");
	*hash = header_hash(bytes_view(&c->header_bytes));
	struct envelope envelope = {.header = bytes_view(&c->header_bytes), .sealed_body = bytes_view(&c->sealed_body)};
	code = make_stanzas(c, &envelope, hash, why);
	if (code == FAIL_NONE)
		code = own_signature(c->profile, &envelope, &c->arena, c->begun, why);
	if (code != FAIL_NONE)
		return code;
	code = envelope_encode(&envelope, &c->envelope_bytes);
	if (code != FAIL_NONE)
		return fail_set(why, code, "the message is too long: put the long part into an attachment");
	return read_back(bytes_view(&c->envelope_bytes), why);
}

static enum fail_code add_to_outbox(struct composition *c, const struct hash *hash, struct fail *why)
{
	struct outbox_attachment attachment[MAX_OBJECTS];
	for (size_t i = 0; i < c->sealed_files; i++) {
		const struct object_ref *object = &c->object[1 + i];
		attachment[i] = (struct outbox_attachment){c->header.message, (unsigned)(1 + i), object->id,
		                                           object->length,    object->tree_hash, false};
	}
	char receivers[MOST_READERS * MEMBER_CODE_SIZE];
	snprintf(receivers, sizeof receivers, "%s%s%s", c->header.to[0], c->newcomer != NULL ? "," : "",
	         c->newcomer != NULL ? c->newcomer : "");
	struct outbox_row row = {
		.message = c->header.message, .case_id = c->row.id, .reference = c->row.reference, .receivers = receivers,
		.kind = c->header.kind, .event = cases_event_of(&c->header), .header_hash = *hash,
		.envelope = bytes_view(&c->envelope_bytes),
	};
	row.at[OUTBOX_DRAFT] = c->begun;
	row.at[OUTBOX_QUEUED] = clock_now();
	enum fail_code code = store_begin(c->profile->store, why);
	if (code != FAIL_NONE)
		return code;
	if (message_kind_opens(c->header.kind))
		code = case_put(c->profile->store, &c->row, why);
	if (code == FAIL_NONE)
		code = outbox_add(c->profile->store, &row, attachment, c->sealed_files, why);
	if (code == FAIL_NONE && c->draft != NULL)
		code = draft_remove(c->profile->store, c->draft, why);
	if (code == FAIL_NONE && c->shared_form != NULL)
		code = lifebook_remove(c->profile->store, &c->shared, why);
	if (code == FAIL_NONE)
		return store_commit(c->profile->store, why);
	store_rollback(c->profile->store);
	return code;
}

// What only the messages of the case so far can tell of a form.
static enum fail_code check_against_case(const struct composition *c, struct form_faults *faults, struct fail *why)
{
	enum fail_code code = trace_check_answered(c->profile, &c->row.id, c->header.kind, why);
	if (code != FAIL_NONE)
		return code;
	if (c->header.kind == KIND_CHILD_FILE)
		return child_check(c->profile, &c->row, bytes_view(&c->body), faults, why);
	bool new_version = c->header.kind == KIND_UPDATE && c->correcting.target.header.kind == KIND_TRANSLATION;
	if (c->header.kind == KIND_TRANSLATION || new_version)
		return translations_check(c->profile, &c->row.id, c->message->form, faults, why);
	return requests_fit(c->profile, &c->row.id, c->header.kind, c->message->form, faults, why);
}

// An entry that the child does not want to share never becomes a message. *kept: that is done.
static enum fail_code keep_unshared(struct composition *c, struct fail *why)
{
	json_t *page = NULL;
	if (c->header.kind != KIND_CHILD_FILE)
		return FAIL_NONE;
	enum fail_code code = form_write(bytes_view(&c->body), &page, why);
	const json_t *entry = json_object_get(page, "lifebook"), *share = json_object_get(entry, "share");
	if (code == FAIL_NONE && entry != NULL && strcmp(json_string_value(share), "YES") != 0) {
		c->kept = true;
		code = c->message->attach_count > 0
		         ? fail_set(why, FAIL_BAD_USAGE, "the pictures of an entry that is not shared stay with the child: attach them when it is shared")
		         : lifebook_keep(c->profile, &c->row.id, entry, &c->header.message, why);
	}
	json_decref(page);
	return code;
}

// By the second person, whose profile the message names.
static enum fail_code approve(struct composition *c, struct fail *why)
{
	bool search = c->header.kind == KIND_TRACE_REQUEST;
	if (c->message->approver != NULL && (search || approve_needed(c->header.kind)))
		return approve_add(c->message->approver, &c->header, search, &c->body, why);
	return approve_needed(c->header.kind)
	         ? fail_set(why, FAIL_NOT_ALLOWED, "two persons are needed: add --approve-by FOLDER, the profile of a colleague, who gives the passphrase")
	         : FAIL_NONE;
}

static enum fail_code send(struct composition *c, struct fail *why)
{
	struct hash hash;
	enum fail_code code = address(c, why);
	if (code == FAIL_NONE && c->newcomer != NULL)
		code = pass_on_case(c->profile, &c->row.id, &c->arena, &c->header, &c->body, why);
	if (code == FAIL_NONE)
		code = approve(c, why);
	if (code == FAIL_NONE)
		code = seal_all(c, why);
	if (code == FAIL_NONE)
		code = finish(c, &hash, why);
	return code == FAIL_NONE ? add_to_outbox(c, &hash, why) : code;
}

static enum fail_code compose(struct composition *c, struct form_faults *faults, struct fail *why)
{
	enum fail_code code = FAIL_NONE;
	c->corrects = correct_verb(c->message->verb);
	if (c->corrects)
		code = correct_begin(c->profile, c->message, &c->arena, &c->correcting, why);
	if (code != FAIL_NONE || c->correcting.taken_back)
		return code; // done already, or never
	code = find_persons(c, why);
	if (code == FAIL_NONE)
		code = read_form(c, faults, why);
	if (code == FAIL_NONE)
		code = message_kind_opens(c->header.kind) ? new_case(c, why) : known_case(c, why);
	if (code == FAIL_NONE)
		code = check_against_case(c, faults, why);
	if (code == FAIL_NONE)
		code = parties_refer(c->profile, &c->row, &c->header, why);
	if (code == FAIL_NONE)
		code = keep_unshared(c, why);
	return code == FAIL_NONE && !c->kept ? send(c, why) : code;
}

// The form of an entry that was kept so far and is shared now; its own text where the message has one.
static enum fail_code take_kept(struct composition *c, struct psr_message *message, struct fail *why)
{
	if (message->verb == NULL || strcmp(message->verb, "lifebook") != 0 || message->message == NULL)
		return FAIL_NONE;
	enum fail_code code = lifebook_form(c->profile, message->message, &c->shared, &c->shared_form, why);
	message->form = c->shared_form;
	message->message = NULL;
	return code;
}

// What the program adds to a form by itself.
static enum fail_code complete(struct composition *c, struct psr_message *message, struct fail *why)
{
	enum fail_code code = trace_complete_form(c->profile, message, &c->completed, why);
	if (c->completed != NULL)
		message->form = c->completed;
	return code;
}

// What was taken back is told as the message that it was.
static void tell_written(const struct composition *c, struct written *written)
{
	const struct correcting *of = c->correcting.taken_back ? &c->correcting : NULL;
	const struct header *header = of != NULL ? &of->target.header : &c->header;
	*written = (struct written){.message = header->message, .case_id = header->case_id, .kind = header->kind,
	                            .kept = c->kept, .state = of != NULL ? OUTBOX_TAKEN_BACK : OUTBOX_QUEUED};
	snprintf(written->reference, sizeof written->reference, "%s", of != NULL ? of->reference : c->row.reference);
	if (!c->kept)
		snprintf(written->to, sizeof written->to, "%s", header->to[0]);
	written->party_count = header->party_count;
	for (size_t i = 0; i < header->party_count; i++)
		written->party[i] = header->party[i];
}

enum fail_code compose_message(struct psr_profile *profile, const struct psr_message *message, const struct id *draft,
                               struct written *written, struct form_faults *faults, struct fail *why)
{
	enum fail_code code = profile_lock(profile, PROFILE_WRITE, why);
	if (code != FAIL_NONE)
		return code;
	spool_sweep(profile);
	struct composition c;
	struct psr_message meant = *message;
	begin(&c, profile, &meant);
	c.draft = draft;
	code = take_kept(&c, &meant, why);
	if (code == FAIL_NONE)
		code = complete(&c, &meant, why);
	if (code == FAIL_NONE)
		code = compose(&c, faults, why);
	if (code == FAIL_NONE)
		tell_written(&c, written);
	release(&c, code == FAIL_NONE);
	profile_unlock(profile, PROFILE_WRITE);
	return code;
}

// In one commit, like any other message.
static enum fail_code put_without_case(struct composition *c, struct fail *why)
{
	struct hash hash;
	enum fail_code code = finish(c, &hash, why);
	struct outbox_row row = {
		.message = c->header.message,
		.reference = "",
		.receivers = c->header.to[0],
		.kind = c->header.kind,
		.event = -1,
		.header_hash = hash,
		.envelope = bytes_view(&c->envelope_bytes),
	};
	row.at[OUTBOX_DRAFT] = c->begun;
	row.at[OUTBOX_QUEUED] = clock_now();
	if (code == FAIL_NONE)
		code = store_begin(c->profile->store, why);
	if (code != FAIL_NONE)
		return code;
	code = outbox_add(c->profile->store, &row, NULL, 0, why);
	if (code == FAIL_NONE)
		return store_commit(c->profile->store, why);
	store_rollback(c->profile->store);
	return code;
}

// Who wrote it cannot read it again: it has no other reader than the one that it names.
static enum fail_code seal_to_one(struct composition *c, struct view body, struct fail *why)
{
	if (body.length == 0)
		return FAIL_NONE;
	enum fail_code code = peer_encryption(c->profile, c->header.to[0], c->begun, &c->recipient[0], why);
	if (code == FAIL_NONE && (code = bytes_append(&c->body, body.data, body.length)) != FAIL_NONE)
		fail_set(why, code, "the content is too long");
	if (code != FAIL_NONE)
		return code;
	memcpy(c->recipient_key[0], certificate_key_id(c->recipient[0]), KEY_ID_SIZE);
	c->readers = 1;
	c->header.recipient_key = c->recipient_key;
	c->header.recipient_key_count = 1;
	code = seal_body(c, why);
	c->header.object = c->object;
	c->header.object_count = c->object_count;
	return code;
}

enum fail_code compose_without_case(struct psr_profile *profile, const struct header *told, struct view body,
                                    struct written *written, struct fail *why)
{
	char to[1][MEMBER_CODE_SIZE];
	uint8_t random[10];
	enum fail_code code = profile_lock(profile, PROFILE_WRITE, why);
	if (code != FAIL_NONE)
		return code;
	struct composition c;
	begin(&c, profile, NULL);
	random_fill(random, sizeof random);
	snprintf(to[0], sizeof to[0], "%s", message_kind_to_all(told->kind) ? TO_ALL : SECRETARIAT_CODE);
	c.header = *told;
	c.header.version = 1;
	c.header.message = id_v7(c.begun, random);
	c.header.created_at = c.begun;
	c.header.to = to;
	c.header.to_count = 1;
	snprintf(c.header.from, sizeof c.header.from, "%s", own_code(&c));
	snprintf(c.header.author, sizeof c.header.author, "%s", profile->settings.identity.uri);
	code = seal_to_one(&c, body, why);
	if (code == FAIL_NONE)
		code = put_without_case(&c, why);
	if (code == FAIL_NONE) {
		*written = (struct written){.message = c.header.message, .kind = told->kind};
		snprintf(written->to, sizeof written->to, "%s", to[0]);
	}
	release(&c, true);
	profile_unlock(profile, PROFILE_WRITE);
	return code;
}

// One receipt envelope for items of one member, inside the caller's transaction.
static enum fail_code put_receipt(struct psr_profile *profile, const struct receipt_due *due, size_t count,
                                  struct fail *why)
{
	struct composition c;
	begin(&c, profile, NULL);
	uint8_t random[10];
	random_fill(random, sizeof random);
	char to[1][MEMBER_CODE_SIZE];
	snprintf(to[0], sizeof to[0], "%s", due[0].member);
	struct receipt_item item[MAX_RECEIPT_ITEMS];
	for (size_t i = 0; i < count; i++)
		item[i] = due[i].item;
	c.header = (struct header){
		.version = 1, .message = id_v7(c.begun, random), .kind = KIND_RECEIPT, .created_at = c.begun,
		.to = to, .to_count = 1, .receipt = item, .receipt_count = count,
	};
	snprintf(c.header.from, sizeof c.header.from, "%s", own_code(&c));
	snprintf(c.header.author, sizeof c.header.author, "%s", profile->settings.identity.uri);
	struct hash hash;
	enum fail_code code = finish(&c, &hash, why);
	struct outbox_row row = {
		.message = c.header.message, .reference = "", .receivers = to[0], .kind = KIND_RECEIPT, .event = -1,
		.header_hash = hash, .envelope = bytes_view(&c.envelope_bytes),
	};
	row.at[OUTBOX_QUEUED] = c.begun;
	if (code == FAIL_NONE)
		code = outbox_add(profile->store, &row, NULL, 0, why);
	if (code == FAIL_NONE)
		code = receipt_due_done(profile->store, due, count, why);
	release(&c, true);
	return code;
}

enum fail_code compose_receipts(struct psr_profile *profile, struct fail *why)
{
	struct receipt_due due[MAX_RECEIPT_ITEMS];
	size_t count = 1;
	enum fail_code code = receipt_due_next(profile->store, due, &count, why); // a look without a lock
	if (code != FAIL_NONE || count == 0)
		return code;
	code = store_begin(profile->store, why);
	if (code != FAIL_NONE)
		return code;
	do {
		count = MAX_RECEIPT_ITEMS;
		code = receipt_due_next(profile->store, due, &count, why);
		if (code == FAIL_NONE && count > 0)
			code = put_receipt(profile, due, count, why);
	} while (code == FAIL_NONE && count > 0);
	if (code == FAIL_NONE)
		return store_commit(profile->store, why);
	store_rollback(profile->store);
	return code;
}
