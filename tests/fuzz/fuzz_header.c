// SPDX-License-Identifier: Apache-2.0
// links: passerelle_wire
//
// What header_decode promises of every header that it takes.
#include "fuzz.h"

#include "wire/codec.h"

#include <string.h>

static void check_names(const struct header *header)
{
	struct identity author;
	must(identity_from_uri(&author, header->author) == FAIL_NONE);
	must(author.class == IDENTITY_MEMBER && strcmp(author.code, header->from) == 0);
	must(header->to_count >= 1 && header->to_count <= MAX_RECIPIENTS);
	for (size_t i = 0; i < header->to_count; i++) {
		must(member_code_valid(header->to[i]) && strcmp(header->to[i], header->from) != 0);
		for (size_t j = 0; j < i; j++)
			must(strcmp(header->to[i], header->to[j]) != 0);
	}
}

static void check_lists(const struct header *header)
{
	must(header->object_count <= MAX_OBJECTS && header->party_count <= MAX_PARTIES);
	must(header->language_count <= MAX_LANGUAGES && header->recipient_key_count <= MAX_RECIPIENT_KEYS);
	must(header->receipt_count <= MAX_RECEIPT_ITEMS);
	for (size_t i = 0; i < header->object_count; i++)
		must(header->object[i].length >= 1 && header->object[i].length <= MAX_OBJECT_SIZE);
	for (size_t i = 0; i < header->receipt_count; i++)
		must(header->receipt[i].level == LEVEL_DELIVERED || header->receipt[i].level == LEVEL_OPENED);
	for (size_t i = 0; i < header->language_count; i++)
		must(strlen(header->language[i]) <= MAX_LANGUAGE_LENGTH);
}

static void check_kind(const struct header *header)
{
	bool receipt = header->kind == KIND_RECEIPT;
	must(header->version == 1 && header->kind > KIND_UNSPECIFIED && header->kind < KIND_COUNT);
	must(id_is_v7(&header->message));
	must(id_is_zero(&header->case_id) == receipt);
	must((header->receipt_count > 0) == receipt);
	must((header->service[0] != '\0') == (header->kind == KIND_REFERRAL));
	must((header->report != REPORT_NONE) == (header->kind == KIND_REPORT));
	must(header->created_at <= MAX_TIME && header->expires_at <= MAX_TIME && header->seen_case_seq <= MAX_NUMBER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct header header;
	struct fail why = {0};
	struct arena arena;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = header_decode(&header, view_of(data, size), &arena, &why);
	must(code == why.code);
	if (code == FAIL_NONE) {
		check_names(&header);
		check_lists(&header);
		check_kind(&header);
	} else {
		must(strncmp(why.text, "header", 6) == 0);
	}
	arena_release(&arena);
	return 0;
}
