// SPDX-License-Identifier: Apache-2.0
#include "model/cast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const uris[PERSON_COUNT] = {
	[ANNA] = "urn:iss:member:CH:caseworker:anna",     [BEAT] = "urn:iss:member:CH:supervisor:beat",
	[MOUSSA] = "urn:iss:member:SN:caseworker:moussa", [KIRI] = "urn:iss:member:NZ:caseworker:kiri",
	[HELENE] = "urn:iss:member:GS:monitor:helene",    [ADA] = "urn:iss:agency:UNICEF-SN:desk:ada",
};

struct cast *cast_new(void)
{
	struct cast *cast = calloc(1, sizeof *cast);
	must(cast != NULL);
	cast->ca = test_ca_new();
	for (unsigned i = 0; i < PERSON_COUNT; i++) {
		struct person *person = &cast->person[i];
		must(identity_from_uri(&person->self, uris[i]) == FAIL_NONE);
		if (person->self.class == IDENTITY_MEMBER)
			test_identity_init(&person->signing, cast->ca, USE_SIGNING, uris[i]);
	}
	test_identity_init(&cast->receipt, cast->ca, USE_RECEIPT, "urn:iss:hub:MAIN:receipt:1");
	test_identity_init(&cast->stranger, cast->ca, USE_SIGNING, "urn:iss:member:CH:caseworker:anna");
	return cast;
}

void cast_free(struct cast *cast)
{
	for (unsigned i = 0; i < PERSON_COUNT; i++) {
		if (cast->person[i].signing.key != NULL)
			test_identity_release(&cast->person[i].signing);
	}
	test_identity_release(&cast->receipt);
	test_identity_release(&cast->stranger);
	test_ca_free(cast->ca);
	free(cast);
}

// SplitMix64.
uint64_t random_next(uint64_t *random)
{
	uint64_t z = *random += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t random_below(uint64_t *random, uint64_t limit)
{
	return limit == 0 ? 0 : random_next(random) % limit;
}

struct id random_id(uint64_t *random)
{
	struct id id;
	uint64_t half[2] = {random_next(random) | 1, random_next(random)};
	memcpy(id.byte, half, sizeof id.byte);
	return id;
}

static void put(char *to, size_t size, const char *text)
{
	must((size_t)snprintf(to, size, "%s", text) < size);
}

static void fill_route(struct header *header)
{
	static const struct {
		enum message_kind kind;
		const char *code;
	} reasons[] = {{KIND_DECLINE, "NOT_IN_COUNTRY"},
	               {KIND_WITHDRAW, "RESOLVED"},
	               {KIND_REOPEN, "NEW_FACTS"},
	               {KIND_HOLD, "DISASTER"},
	               {KIND_REPORT_READY, "AWAIT_FEE"},
	               {KIND_CONSENT_ANSWER, "STOPPED"}};
	if (header->kind == KIND_REFERRAL) {
		put(header->service, sizeof header->service, "HOME_STUDY");
		put(header->urgency, sizeof header->urgency, "URGENT");
		put(header->legal_basis, sizeof header->legal_basis, "HC1996");
		put(header->requester_kind, sizeof header->requester_kind, "COURT");
	}
	if (header->kind == KIND_ACCEPT && header->due[0] == '\0')
		put(header->due, sizeof header->due, "2027-03-01");
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (reasons[i].kind == header->kind)
			put(header->reason, sizeof header->reason, reasons[i].code);
	}
}

// To all members, in the clear.
static void fill_told(struct header *header, const struct letter *letter)
{
	const char *status = letter->status != NULL ? letter->status : "NORMAL";
	if (letter->kind == KIND_BROADCAST)
		header->notice = "The offices are closed on 24 December.";
	if (letter->kind != KIND_AVAILABILITY)
		return;
	put(header->availability.status, sizeof header->availability.status, status);
	put(header->availability.member, sizeof header->availability.member, header->from);
	put(header->deputy, sizeof header->deputy, letter->deputy != NULL ? letter->deputy : "");
	if (strcmp(status, "NORMAL") != 0)
		put(header->reason, sizeof header->reason, "DISASTER");
}

static struct view serialise(const struct header *header, const struct view body, const struct test_identity *signing)
{
	struct bytes bytes, out;
	struct arena arena;
	bytes_init(&bytes, MAX_HEADER);
	bytes_init(&out, MAX_ENVELOPE);
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	must(header_encode(header, &bytes) == FAIL_NONE);
	struct envelope envelope = {.header = bytes_view(&bytes), .sealed_body = body};
	must(envelopes_sign(&envelope, 1, signing->key, signing->certificate, &arena) == FAIL_NONE);
	must(envelope_encode(&envelope, &out) == FAIL_NONE);
	bytes_release(&bytes);
	arena_release(&arena);
	return bytes_view(&out); // the caller's from here on
}

struct view letter_write(const struct person *author, const struct test_identity *signing, struct letter *letter,
                         uint64_t now, uint64_t *random)
{
	uint8_t body[64], key[1][KEY_ID_SIZE] = {{1}}, bits[16];
	char to[3][MEMBER_CODE_SIZE];
	struct object_ref object[2] = {{.id = random_id(random), .length = sizeof body}};
	struct party party = {.purpose = "FAMILY_SUPPORT"};
	for (size_t i = 0; i < sizeof body; i++)
		body[i] = (uint8_t)random_next(random);
	object[0].tree_hash = tree_hash(view_of(body, sizeof body));
	memcpy(bits, random_id(random).byte, sizeof bits);
	if (id_is_zero(&letter->message))
		letter->message = id_v7(now, bits);
	struct header header = {
		.version = 1,
		.message = letter->message,
		.kind = letter->kind,
		.case_id = letter->case_id,
		.to = to,
		.created_at = now,
		.expires_at = letter->expires_at,
		.seen_case_seq = letter->seen,
		.report = letter->report,
		.blocking = letter->blocking,
		.receipt = letter->receipt,
		.receipt_count = letter->receipt_count,
	};
	put(header.from, sizeof header.from, author->self.code);
	put(header.author, sizeof header.author, author->self.uri);
	while (header.to_count < 3 && letter->to[header.to_count] != NULL) {
		put(to[header.to_count], MEMBER_CODE_SIZE, letter->to[header.to_count]);
		header.to_count++;
	}
	memcpy(header.due, letter->due, sizeof header.due);
	fill_route(&header);
	fill_told(&header, letter);
	bool content =
		letter->kind != KIND_RECEIPT && !message_kind_of_hub(letter->kind) && !message_kind_to_all(letter->kind);
	if (content) {
		header.object = object;
		header.object_count = 1;
		header.recipient_key = key;
		header.recipient_key_count = 1;
	}
	if (letter->attachment != NULL)
		object[header.object_count++] = *letter->attachment;
	if (letter->party != NULL) {
		put(party.agency, sizeof party.agency, letter->party);
		put(party.reference, sizeof party.reference, PARTY_REFERENCE);
		header.party = &party;
		header.party_count = 1;
	}
	return serialise(&header, content ? view_of(body, sizeof body) : view_of(NULL, 0), signing);
}
