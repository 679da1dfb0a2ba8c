// SPDX-License-Identifier: Apache-2.0
#include "wire/codec.h"
#include "wire/codec_field.h"
#include "wire/codec_header_rules.h"
#include "wire/codec_scan.h"

#include <passerelle/v1/envelope.pb-c.h>
#include <string.h>

typedef char member_code[MEMBER_CODE_SIZE];
typedef uint8_t key_id[KEY_ID_SIZE];

static void take_kind(struct taking *taking, const Passerelle__V1__Header *from, struct header *to)
{
	if (from->kind <= 0)
		take_fault(taking, "kind", FAIL_MALFORMED, "missing");
	else if ((unsigned)from->kind >= KIND_COUNT)
		take_fault(taking, "kind", FAIL_UNSUPPORTED, "this version does not know it");
	to->kind = (enum message_kind)from->kind;
	if (from->report > PASSERELLE__V1__REPORT_STAGE__REPORT_STAGE_FINAL)
		take_fault(taking, "report", FAIL_UNSUPPORTED, "this version does not know it");
	to->report = (enum report_stage)from->report;
}

static void take_receivers(struct taking *taking, const Passerelle__V1__Header *from, struct header *to)
{
	if (from->n_to == 0)
		take_fault(taking, "to", FAIL_MALFORMED, "missing");
	member_code *list = take_list(taking, from->n_to, sizeof *list);
	for (size_t i = 0; list != NULL && i < from->n_to; i++) {
		take_at_element(taking, "header.to", i);
		if (strcmp(from->to[i], TO_ALL) == 0)
			memcpy(list[i], TO_ALL, sizeof TO_ALL);
		else
			take_word(taking, NULL, from->to[i], &word_member, false, list[i], sizeof list[i]);
	}
	take_at(taking, "header");
	to->to = list;
	to->to_count = from->n_to;
}

static void take_languages(struct taking *taking, const Passerelle__V1__Header *from, struct header *to)
{
	to->language = take_list(taking, from->n_language, sizeof *to->language);
	to->language_count = from->n_language;
	for (size_t i = 0; to->language != NULL && i < from->n_language; i++) {
		take_at_element(taking, "header.language", i);
		to->language[i] = take_shaped(taking, NULL, from->language[i], &word_language, false);
	}
	take_at(taking, "header");
}

static void take_objects(struct taking *taking, const Passerelle__V1__Header *from, struct header *to)
{
	to->object = take_list(taking, from->n_object, sizeof *to->object);
	to->object_count = from->n_object;
	for (size_t i = 0; to->object != NULL && i < from->n_object; i++) {
		const Passerelle__V1__ObjectRef *one = from->object[i];
		take_at_element(taking, "header.object", i);
		take_id(taking, "object_id", one->object_id, &to->object[i].id);
		to->object[i].length = take_number(taking, "length", one->length, 1, MAX_OBJECT_SIZE);
		take_hash(taking, "tree_hash", one->tree_hash, &to->object[i].tree_hash);
		take_hash(taking, "commitment", one->commitment, &to->object[i].commitment);
	}
	take_at(taking, "header");
}

static void take_recipient_keys(struct taking *taking, const Passerelle__V1__Header *from, struct header *to)
{
	key_id *list = take_list(taking, from->n_recipient_key, sizeof *list);
	for (size_t i = 0; list != NULL && i < from->n_recipient_key; i++) {
		take_at_element(taking, "header.recipient_key", i);
		take_bytes(taking, NULL, from->recipient_key[i], KEY_ID_SIZE, KEY_ID_SIZE);
		if (taking->code == FAIL_NONE)
			memcpy(list[i], from->recipient_key[i].data, KEY_ID_SIZE);
	}
	take_at(taking, "header");
	to->recipient_key = list;
	to->recipient_key_count = from->n_recipient_key;
}

static void take_parties(struct taking *taking, const Passerelle__V1__Header *from, struct header *to)
{
	to->party = take_list(taking, from->n_party, sizeof *to->party);
	to->party_count = from->n_party;
	for (size_t i = 0; to->party != NULL && i < from->n_party; i++) {
		struct party *party = &to->party[i];
		take_at_element(taking, "header.party", i);
		take_word(taking, "agency", from->party[i]->agency, &word_member, false, party->agency, sizeof party->agency);
		take_word(taking, "purpose", from->party[i]->purpose, &word_code, false, party->purpose, sizeof party->purpose);
		take_word(taking, "until", from->party[i]->until, &word_date, true, party->until, sizeof party->until);
		take_word(taking, "reference", from->party[i]->reference, &word_reference, true, party->reference,
		          sizeof party->reference);
	}
	take_at(taking, "header");
}

static void take_receipts(struct taking *taking, const Passerelle__V1__Header *from, struct header *to)
{
	to->receipt = take_list(taking, from->n_receipt, sizeof *to->receipt);
	to->receipt_count = from->n_receipt;
	for (size_t i = 0; to->receipt != NULL && i < from->n_receipt; i++) {
		const Passerelle__V1__ReceiptItem *one = from->receipt[i];
		take_at_element(taking, "header.receipt", i);
		take_id(taking, "message_id", one->message_id, &to->receipt[i].message);
		take_hash(taking, "header_hash", one->header_hash, &to->receipt[i].header_hash);
		if (one->level != PASSERELLE__V1__RECEIPT_LEVEL__RECEIPT_LEVEL_DELIVERED &&
		    one->level != PASSERELLE__V1__RECEIPT_LEVEL__RECEIPT_LEVEL_OPENED)
			take_fault(taking, "level", FAIL_MALFORMED, "neither DELIVERED nor OPENED");
		to->receipt[i].level = (enum receipt_level)one->level;
		to->receipt[i].at = take_time(taking, "at", one->at);
	}
	take_at(taking, "header");
}

static void take_grants(struct taking *taking, const Passerelle__V1__Header *from, struct header *to)
{
	to->grant = take_list(taking, from->n_grant, sizeof *to->grant);
	to->grant_count = from->n_grant;
	for (size_t i = 0; to->grant != NULL && i < from->n_grant; i++) {
		take_at_element(taking, "header.grant", i);
		take_id(taking, NULL, from->grant[i], &to->grant[i]);
	}
	take_at(taking, "header");
}

static void take_codes(struct taking *taking, const Passerelle__V1__Header *from, struct header *to)
{
	take_word(taking, "service", from->service, &word_code, true, to->service, sizeof to->service);
	take_word(taking, "urgency", from->urgency, &word_code, true, to->urgency, sizeof to->urgency);
	take_word(taking, "legal_basis", from->legal_basis, &word_code, true, to->legal_basis, sizeof to->legal_basis);
	take_word(taking, "requester_kind", from->requester_kind, &word_code, true, to->requester_kind,
	          sizeof to->requester_kind);
	take_word(taking, "reason", from->reason, &word_code, true, to->reason, sizeof to->reason);
	take_word(taking, "reference", from->reference, &word_reference, true, to->reference, sizeof to->reference);
	take_word(taking, "due", from->due, &word_date, true, to->due, sizeof to->due);
}

static void take_availability(struct taking *taking, const Passerelle__V1__Header *from, struct header *to)
{
	take_word(taking, "deputy", from->deputy, &word_member, true, to->deputy, sizeof to->deputy);
	to->asked = take_number(taking, "asked", from->asked, 0, MAX_NUMBER);
	to->notice = take_text(taking, "notice", from->notice, MAX_NOTICE);
	to->calendar = take_shaped(taking, "calendar", from->calendar, &word_calendar, true);
	if (from->availability == NULL)
		return;
	take_at(taking, "header.availability");
	take_word(taking, "status", from->availability->status, &word_code, false, to->availability.status,
	          sizeof to->availability.status);
	take_word(taking, "member", from->availability->member, &word_member, false, to->availability.member,
	          sizeof to->availability.member);
	take_at(taking, "header");
}

static void take_names(struct taking *taking, const Passerelle__V1__Header *from, struct header *to)
{
	take_id(taking, "message_id", from->message_id, &to->message);
	if (!id_is_v7(&to->message))
		take_fault(taking, "message_id", FAIL_MALFORMED, "not a UUID of version 7");
	if (from->case_id.len > 0)
		take_id(taking, "case_id", from->case_id, &to->case_id);
	take_word(taking, "from", from->from, &word_member, false, to->from, sizeof to->from);
	take_text(taking, "author", from->author, IDENTITY_URI_SIZE - 1);
	if (taking->code == FAIL_NONE)
		memcpy(to->author, from->author, strlen(from->author) + 1);
	if (from->refers_to.len > 0)
		take_id(taking, "refers_to", from->refers_to, &to->refers_to);
	to->has_previous = from->previous.len > 0;
	if (to->has_previous)
		take_hash(taking, "previous", from->previous, &to->previous);
}

static void take_times(struct taking *taking, const Passerelle__V1__Header *from, struct header *to)
{
	to->created_at = take_time(taking, "created_at", from->created_at);
	to->expires_at = take_time(taking, "expires_at", from->expires_at);
	to->seen_case_seq = take_number(taking, "seen_case_seq", from->seen_case_seq, 0, MAX_NUMBER);
	to->version_of_content =
		(uint32_t)take_number(taking, "version_of_content", from->version_of_content, 0, MAX_CONTENT_VERSION);
	to->blocking = from->blocking;
}

// A newer version may have fields and kinds that would look broken here: its number
// is looked at first.
static enum fail_code check_version(struct view bytes, struct fail *why)
{
	uint64_t version;
	if (!codec_peek(bytes, 1, &version))
		return FAIL_NONE; // the scan finds what is wrong
	if (version == 1)
		return FAIL_NONE;
	return fail_set(why, FAIL_UNSUPPORTED, "header.version: this version knows 1 only");
}

enum fail_code header_decode(struct header *header, struct view bytes, struct arena *arena, struct fail *why)
{
	*header = (struct header){0};
	if (bytes.length > MAX_HEADER)
		return fail_set(why, FAIL_TOO_LARGE, "header: too long");
	enum fail_code code = check_version(bytes, why);
	if (code != FAIL_NONE)
		return code;
	struct taking taking = {.arena = arena, .why = why, .in = "header"};
	const Passerelle__V1__Header *from =
		(const Passerelle__V1__Header *)take_message(&taking, &passerelle__v1__header__descriptor, bytes);
	if (from == NULL)
		return taking.code;
	header->version = from->version;
	if (header->version != 1)
		take_fault(&taking, "version", FAIL_MALFORMED, "missing");
	take_kind(&taking, from, header);
	take_names(&taking, from, header);
	take_times(&taking, from, header);
	take_codes(&taking, from, header);
	take_receivers(&taking, from, header);
	take_languages(&taking, from, header);
	take_objects(&taking, from, header);
	take_recipient_keys(&taking, from, header);
	take_parties(&taking, from, header);
	take_receipts(&taking, from, header);
	take_grants(&taking, from, header);
	take_availability(&taking, from, header);
	return taking.code != FAIL_NONE ? taking.code : header_rules_check(header, why);
}

static bool give_objects(struct arena *arena, const struct header *from, Passerelle__V1__Header *to)
{
	Passerelle__V1__ObjectRef *object = arena_alloc(arena, from->object_count * sizeof *object);
	to->object = arena_alloc(arena, from->object_count * sizeof *to->object);
	if (object == NULL || to->object == NULL)
		return false;
	for (size_t i = 0; i < from->object_count; i++) {
		passerelle__v1__object_ref__init(&object[i]);
		object[i].object_id = give_id(&from->object[i].id);
		object[i].length = from->object[i].length;
		object[i].tree_hash = give_hash(&from->object[i].tree_hash);
		object[i].commitment = give_hash(&from->object[i].commitment);
		to->object[i] = &object[i];
	}
	to->n_object = from->object_count;
	return true;
}

static bool give_parties(struct arena *arena, const struct header *from, Passerelle__V1__Header *to)
{
	Passerelle__V1__Party *party = arena_alloc(arena, from->party_count * sizeof *party);
	to->party = arena_alloc(arena, from->party_count * sizeof *to->party);
	if (party == NULL || to->party == NULL)
		return false;
	for (size_t i = 0; i < from->party_count; i++) {
		passerelle__v1__party__init(&party[i]);
		party[i].agency = give_text(from->party[i].agency);
		party[i].purpose = give_text(from->party[i].purpose);
		party[i].until = give_text(from->party[i].until);
		party[i].reference = give_text(from->party[i].reference);
		to->party[i] = &party[i];
	}
	to->n_party = from->party_count;
	return true;
}

static bool give_receipts(struct arena *arena, const struct header *from, Passerelle__V1__Header *to)
{
	Passerelle__V1__ReceiptItem *item = arena_alloc(arena, from->receipt_count * sizeof *item);
	to->receipt = arena_alloc(arena, from->receipt_count * sizeof *to->receipt);
	if (item == NULL || to->receipt == NULL)
		return false;
	for (size_t i = 0; i < from->receipt_count; i++) {
		passerelle__v1__receipt_item__init(&item[i]);
		item[i].message_id = give_id(&from->receipt[i].message);
		item[i].header_hash = give_hash(&from->receipt[i].header_hash);
		item[i].level = (Passerelle__V1__ReceiptLevel)from->receipt[i].level;
		item[i].at = from->receipt[i].at;
		to->receipt[i] = &item[i];
	}
	to->n_receipt = from->receipt_count;
	return true;
}

static bool give_lists(struct arena *arena, const struct header *from, Passerelle__V1__Header *to)
{
	to->to = arena_alloc(arena, from->to_count * sizeof *to->to);
	to->language = arena_alloc(arena, from->language_count * sizeof *to->language);
	to->recipient_key = arena_alloc(arena, from->recipient_key_count * sizeof *to->recipient_key);
	to->grant = arena_alloc(arena, from->grant_count * sizeof *to->grant);
	if (to->to == NULL || to->language == NULL || to->recipient_key == NULL || to->grant == NULL)
		return false;
	for (size_t i = 0; i < from->to_count; i++)
		to->to[i] = give_text(from->to[i]);
	for (size_t i = 0; i < from->language_count; i++)
		to->language[i] = give_text(from->language[i]);
	for (size_t i = 0; i < from->recipient_key_count; i++)
		to->recipient_key[i] = give_bytes(from->recipient_key[i], KEY_ID_SIZE);
	for (size_t i = 0; i < from->grant_count; i++)
		to->grant[i] = give_id(&from->grant[i]);
	to->n_grant = from->grant_count;
	to->n_to = from->to_count;
	to->n_language = from->language_count;
	to->n_recipient_key = from->recipient_key_count;
	return true;
}

static bool give_availability(struct arena *arena, const struct header *from, Passerelle__V1__Header *to)
{
	to->deputy = give_text(from->deputy);
	to->asked = from->asked;
	to->notice = give_text(from->notice);
	to->calendar = give_text(from->calendar);
	if (from->availability.status[0] == '\0')
		return true;
	to->availability = arena_alloc(arena, sizeof *to->availability);
	if (to->availability == NULL)
		return false;
	passerelle__v1__availability__init(to->availability);
	to->availability->status = give_text(from->availability.status);
	to->availability->member = give_text(from->availability.member);
	return true;
}

static void give_scalars(const struct header *from, Passerelle__V1__Header *to)
{
	to->version = from->version;
	to->message_id = give_id(&from->message);
	to->kind = (Passerelle__V1__MessageKind)from->kind;
	to->case_id = give_id(&from->case_id);
	to->from = give_text(from->from);
	to->author = give_text(from->author);
	to->created_at = from->created_at;
	to->expires_at = from->expires_at;
	to->seen_case_seq = from->seen_case_seq;
	if (from->has_previous)
		to->previous = give_hash(&from->previous);
	to->service = give_text(from->service);
	to->urgency = give_text(from->urgency);
	to->legal_basis = give_text(from->legal_basis);
	to->requester_kind = give_text(from->requester_kind);
	to->reason = give_text(from->reason);
	to->report = (Passerelle__V1__ReportStage)from->report;
	to->due = give_text(from->due);
	to->reference = give_text(from->reference);
	to->blocking = from->blocking;
	if (!id_is_zero(&from->refers_to))
		to->refers_to = give_id(&from->refers_to);
	to->version_of_content = from->version_of_content;
}

enum fail_code header_encode(const struct header *header, struct bytes *out)
{
	Passerelle__V1__Header to;
	passerelle__v1__header__init(&to);
	give_scalars(header, &to);
	struct arena arena;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = FAIL_NO_MEMORY;
	if (give_lists(&arena, header, &to) && give_objects(&arena, header, &to) && give_parties(&arena, header, &to) &&
	    give_receipts(&arena, header, &to) && give_availability(&arena, header, &to))
		code = give_message(&to.base, MAX_HEADER, out);
	arena_release(&arena);
	return code;
}
