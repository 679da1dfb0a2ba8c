// SPDX-License-Identifier: Apache-2.0
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t unix_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct author {
	char code[MEMBER_CODE_SIZE];
	struct private_key *key;
	struct certificate *certificate;
	uint64_t begun;         // Unix milliseconds, the same for all lanes
};

static enum fail_code author_load(struct author *author, const struct load_settings *settings, unsigned lane)
{
	char file[512];
	struct fail why = {0};
	struct bytes der[2];
	size_t count = 2;
	author->begun = settings->begun;
	snprintf(author->code, sizeof author->code, "B%02u", lane);
	snprintf(file, sizeof file, "%s/%s/sign.key", settings->keys, author->code);
	enum fail_code code = private_key_load(&author->key, file, NULL, &why);
	if (code != FAIL_NONE)
		return code;
	snprintf(file, sizeof file, "%s/%s/sign.crt", settings->keys, author->code);
	code = certificates_load(der, &count, file, &why);
	if (code != FAIL_NONE)
		return code;
	code = certificate_parse(&author->certificate, bytes_view(&der[0]), &why);
	for (size_t i = 0; i < count; i++)
		bytes_release(&der[i]);
	return code;
}

// Header of letter `number`: a referral for each case first, then notes.
// Ids grow with the letter's number, as if it were written when it is sent: else each
// lane would fill a corner of its own in the database's index.
static enum fail_code write_header(struct bytes *out, const struct author *author, const char *recipient,
                                   const struct id *case_id, unsigned number, struct view body)
{
	uint8_t random[10];
	random_fill(random, sizeof random);
	char to[1][MEMBER_CODE_SIZE];
	snprintf(to[0], sizeof to[0], "%s", recipient);
	struct object_ref object = {.length = body.length, .tree_hash = tree_hash(body)};
	random_fill(&object.id, sizeof object.id);
	uint8_t keys[2][KEY_ID_SIZE] = {{1}, {2}};
	struct header header = {
		.version = 1,
		.message = id_v7(author->begun + number / 4, random),
		.kind = number < LETTER_CASES ? KIND_REFERRAL : KIND_STATUS_NOTE,
		.case_id = *case_id,
		.to = to,
		.to_count = 1,
		.created_at = unix_ms(),
		.object = &object,
		.object_count = 1,
		.recipient_key = keys,
		.recipient_key_count = 2,
	};
	snprintf(header.from, sizeof header.from, "%s", author->code);
	snprintf(header.author, sizeof header.author, "%s", certificate_identity(author->certificate)->uri);
	if (header.kind == KIND_REFERRAL) {
		snprintf(header.service, sizeof header.service, "HOME_STUDY");
		snprintf(header.urgency, sizeof header.urgency, "STANDARD");
		snprintf(header.legal_basis, sizeof header.legal_basis, "HC1996");
		snprintf(header.requester_kind, sizeof header.requester_kind, "COURT");
	}
	return header_encode(&header, out);
}

static enum fail_code write_group(struct letters *letters, const struct author *author, const char *recipient,
                                  const struct id *cases, const struct load_settings *settings, unsigned together)
{
	static const uint8_t enc[65] = {4}, ct[48] = {7};
	struct arena arena;
	arena_init(&arena, 16u << 20, 100000);
	struct bytes *header = calloc(together, sizeof *header);
	struct envelope *envelope = calloc(together, sizeof *envelope);
	uint8_t *bodies = malloc(together * settings->body);
	random_fill(bodies, together * settings->body);
	struct stanza stanza[2] = {{.kem = 0x10, .key_id = {1}}, {.kem = 0x10, .key_id = {2}}};
	for (int i = 0; i < 2; i++) {
		stanza[i].enc = view_of(enc, sizeof enc);
		stanza[i].ct = view_of(ct, sizeof ct);
	}
	enum fail_code code = FAIL_NONE;
	for (unsigned i = 0; i < together && code == FAIL_NONE; i++) {
		unsigned number = letters->count + i;
		bytes_init(&header[i], 64 * 1024);
		struct view body = view_of(bodies + i * settings->body, settings->body);
		code = write_header(&header[i], author, recipient, &cases[number % LETTER_CASES], number, body);
		envelope[i] = (struct envelope){
			.header = bytes_view(&header[i]), .stanza = stanza, .stanza_count = 2, .sealed_body = body};
	}
	if (code == FAIL_NONE)
		code = envelopes_sign(envelope, together, author->key, author->certificate, &arena);
	for (unsigned i = 0; i < together && code == FAIL_NONE; i++) {
		code = envelope_encode(&envelope[i], &letters->store);
		letters->start[++letters->count] = letters->store.length;
	}
	for (unsigned i = 0; i < together; i++)
		bytes_release(&header[i]);
	free(header);
	free(envelope);
	free(bodies);
	arena_release(&arena);
	return code;
}

enum fail_code letters_write(struct letters *letters, const struct load_settings *settings, unsigned lane,
                             unsigned recipient, unsigned together)
{
	struct author author = {0};
	enum fail_code code = author_load(&author, settings, lane);
	struct id cases[LETTER_CASES];
	random_fill(cases, sizeof cases);
	char to[MEMBER_CODE_SIZE];
	snprintf(to, sizeof to, "B%02u", recipient);
	*letters = (struct letters){0};
	bytes_init(&letters->store, SIZE_MAX / 4);
	letters->start = calloc(LETTER_CASES + settings->prepared + 2, sizeof *letters->start);
	while (code == FAIL_NONE && letters->count < LETTER_CASES + settings->prepared) {
		unsigned left = LETTER_CASES + settings->prepared - letters->count;
		code = write_group(letters, &author, to, cases, settings, left < together ? left : together);
	}
	private_key_free(author.key);
	certificate_free(author.certificate);
	return code;
}

void letters_release(struct letters *letters)
{
	bytes_release(&letters->store);
	free(letters->start);
	letters->start = NULL;
}

struct view letters_take(struct letters *letters)
{
	if (letters->next == letters->count)
		return view_of(NULL, 0);
	size_t from = letters->start[letters->next++];
	return view_of(letters->store.data + from, letters->start[letters->next] - from);
}
