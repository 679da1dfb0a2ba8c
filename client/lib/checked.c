// SPDX-License-Identifier: Apache-2.0
#include "lib/checked.h"

#include "form/granted.h"
#include "lib/peers.h"
#include "seal/content.h"
#include "seal/signing.h"
#include "wire/codec.h"

#include <string.h>

enum fail_code checked_decode(struct checked *checked, struct view bytes, struct arena *arena, struct fail *why)
{
	enum fail_code code = envelope_decode(&checked->envelope, bytes, arena, why);
	checked->recalled = false;
	if (code == FAIL_NONE)
		code = header_decode(&checked->header, checked->envelope.header, arena, why);
	if (code == FAIL_NONE)
		checked->header_hash = header_hash(checked->envelope.header);
	return code;
}

bool checked_is_verdict(enum fail_code code)
{
	return code == FAIL_MALFORMED || code == FAIL_TOO_LARGE || code == FAIL_UNSUPPORTED || code == FAIL_BAD_TEXT ||
	       code == FAIL_UNKNOWN_SIGNER || code == FAIL_BAD_SIGNATURE || code == FAIL_BAD_CERTIFICATE ||
	       code == FAIL_UNKNOWN_MESSAGE || code == FAIL_NO_LONGER_VALID || code == FAIL_OTHER_VERSION ||
	       code == FAIL_ALREADY_DELIVERED ||
	       code == FAIL_NOT_FOR_US || code == FAIL_CANNOT_OPEN || code == FAIL_NOT_ALLOWED || code == FAIL_NO_MEMORY;
}

static enum fail_code check_signer(struct psr_profile *profile, const struct checked *checked, uint64_t unix_ms,
                                   struct fail *why)
{
	const struct header *header = &checked->header;
	struct certificate *signer;
	enum certificate_use use = message_kind_of_hub(header->kind) ? USE_RECEIPT : USE_SIGNING;
	enum fail_code code = peer_signer(profile, header->from, use, &checked->envelope.signer, unix_ms, &signer, why);
	if (code != FAIL_NONE)
		return code;
	if (strcmp(certificate_identity(signer)->uri, header->author) != 0)
		code = fail_set(why, FAIL_BAD_SIGNATURE, "the author is not the owner of the signing certificate");
	else if (envelope_verify(&checked->envelope, signer) != FAIL_NONE)
		code = fail_set(why, FAIL_BAD_SIGNATURE, "the signature does not fit");
	certificate_free(signer);
	return code;
}

static bool for_us(const struct psr_profile *profile, const struct header *header)
{
	for (size_t i = 0; i < header->to_count; i++) {
		if (strcmp(header->to[i], profile->settings.identity.code) == 0 || strcmp(header->to[i], TO_ALL) == 0)
			return true;
	}
	return false;
}

// A key of nobody that the header names would be a hidden reader.
static enum fail_code check_one_key(struct psr_profile *profile, const struct header *header, const uint8_t *key_id,
                                    struct fail *why)
{
	const struct own_certificate *own = profile->keys->ops->certificate(profile->keys, USE_ENCRYPTION);
	bool known = own != NULL && memcmp(certificate_key_id(own->certificate), key_id, KEY_ID_SIZE) == 0;
	enum fail_code code = FAIL_NONE;
	if (!known)
		code = peer_has_key(profile, header->from, key_id, &known, why);
	for (size_t i = 0; i < header->to_count && code == FAIL_NONE && !known; i++)
		code = peer_has_key(profile, header->to[i], key_id, &known, why);
	if (code == FAIL_NONE && !known)
		code = fail_set(why, FAIL_NOT_ALLOWED, "it was sealed also to a key of none of its members: ask the author, and tell the General Secretariat");
	return code;
}

static enum fail_code check_keys(struct psr_profile *profile, const struct checked *checked, struct fail *why)
{
	const struct header *header = &checked->header;
	enum fail_code code = FAIL_NONE;
	for (size_t i = 0; i < header->recipient_key_count && code == FAIL_NONE; i++)
		code = check_one_key(profile, header, header->recipient_key[i], why);
	for (size_t i = 0; i < checked->envelope.stanza_count && code == FAIL_NONE; i++) {
		bool named = false;
		for (size_t k = 0; k < header->recipient_key_count && !named; k++)
			named = memcmp(header->recipient_key[k], checked->envelope.stanza[i].key_id, KEY_ID_SIZE) == 0;
		if (!named)
			code = fail_set(why, FAIL_NOT_ALLOWED, "it has a key wrapped to a reader that its header does not name");
	}
	return code;
}

static enum fail_code check_body(const struct checked *checked, struct fail *why)
{
	struct view sealed = checked->envelope.sealed_body;
	if (checked->recalled) {
		bool empty = sealed.length == 0 && checked->envelope.stanza_count == 0;
		return empty ? FAIL_NONE : fail_set(why, FAIL_MALFORMED, "it is said to be recalled, and has content");
	}
	if (checked->header.object_count == 0)
		return sealed.length == 0 ? FAIL_NONE : fail_set(why, FAIL_CANNOT_OPEN, "it has a body that its header does not name");
	const struct object_ref *object = &checked->header.object[0];
	struct hash found = tree_hash(sealed);
	if (object->length != sealed.length || !hash_equal(&found, &object->tree_hash))
		return fail_set(why, FAIL_CANNOT_OPEN, "the body is not the one that was signed");
	return FAIL_NONE;
}

static bool of_secretariat(const struct header *header)
{
	struct identity author;
	return identity_from_uri(&author, header->author) == FAIL_NONE && strcmp(author.role, "monitor") == 0;
}

static enum fail_code check_party(struct psr_profile *profile, const struct header *header, struct fail *why)
{
	struct case_row row;
	bool found;
	if (header->kind == KIND_BROADCAST && !of_secretariat(header))
		return fail_set(why, FAIL_NOT_ALLOWED, "only the General Secretariat writes to all branches");
	if (id_is_zero(&header->case_id) || message_kind_of_hub(header->kind))
		return FAIL_NONE;
	enum fail_code code = case_get(profile->store, &header->case_id, &row, &found, why);
	if (code != FAIL_NONE || !found)
		return code;
	if (strcmp(header->from, row.requesting) != 0 && strcmp(header->from, row.responding) != 0)
		return fail_set(why, FAIL_NOT_ALLOWED, "its author is no party to the case");
	return FAIL_NONE;
}

enum fail_code checked_verify_granted(struct psr_profile *profile, const struct checked *checked, uint64_t unix_ms,
                                      struct fail *why)
{
	enum fail_code code = check_signer(profile, checked, unix_ms, why);
	return code == FAIL_NONE ? check_body(checked, why) : code;
}

enum fail_code checked_verify(struct psr_profile *profile, const struct checked *checked, uint64_t unix_ms,
                              struct fail *why)
{
	enum fail_code code = check_signer(profile, checked, unix_ms, why);
	if (code == FAIL_NONE && !for_us(profile, &checked->header))
		code = fail_set(why, FAIL_NOT_FOR_US, "its header does not name this member as receiver");
	if (code == FAIL_NONE)
		code = check_keys(profile, checked, why);
	if (code == FAIL_NONE)
		code = check_body(checked, why);
	return code == FAIL_NONE ? check_party(profile, &checked->header, why) : code;
}

bool checked_withheld(struct psr_profile *profile, const struct header *header)
{
	struct case_row row;
	bool found = false;
	if (header->kind == KIND_CONSENT_GIVEN || header->kind == KIND_CONSENT_WITHDRAWN ||
	    header->kind == KIND_CONSENT_ANSWER || id_is_zero(&header->case_id))
		return false;
	return case_get(profile->store, &header->case_id, &row, &found, NULL) != FAIL_NONE ||
	       (found && row.view.consent != 0);
}

static enum fail_code key_by_stanza(struct psr_profile *profile, const struct checked *checked, uint32_t index,
                                    uint8_t key[SEAL_KEY_SIZE], struct fail *why)
{
	enum fail_code code = FAIL_NOT_FOR_US;
	for (size_t i = 0; i < checked->envelope.stanza_count && code == FAIL_NOT_FOR_US; i++) {
		const struct stanza *stanza = &checked->envelope.stanza[i];
		if (stanza->object == index)
			code = profile->keys->ops->unwrap(profile->keys, stanza, &checked->header.object[index].id,
			                                  &checked->header_hash, key, why);
	}
	return code == FAIL_NOT_FOR_US ? fail_set(why, code, "none of this profile's keys opens it") : code;
}

struct seal_context checked_context(const struct checked *checked, uint32_t index)
{
	const struct header *header = &checked->header;
	return (struct seal_context){
		.object = header->object[index].id, .author = header->author, .case_id = header->case_id,
		.kind = index == 0 ? SEAL_BODY : SEAL_ATTACHMENT, .index = index,
	};
}

static enum fail_code open_with(const struct checked *checked, const uint8_t key[SEAL_KEY_SIZE], struct bytes *body)
{
	struct seal_context context = checked_context(checked, 0);
	struct bytes plain;
	bytes_init(&plain, 2 * MAX_ENVELOPE);
	enum fail_code code =
		open_bytes(&context, key, &checked->header.object[0].commitment, checked->envelope.sealed_body, &plain);
	if (code == FAIL_NONE)
		code = content_unpack_body(bytes_view(&plain), body);
	bytes_wipe(&plain);
	return code;
}

struct granting {
	struct id by;
	struct bytes envelope;
};

static enum fail_code note_grant(void *context, const struct inbox_row *row)
{
	struct granting *granting = context;
	if (!row->granted)
		return FAIL_NOT_FOR_US;
	granting->by = row->granted_by;
	return FAIL_NONE;
}

static enum fail_code copy_granting(void *context, const struct inbox_row *row)
{
	struct granting *granting = context;
	return bytes_append(&granting->envelope, row->envelope.data, row->envelope.length);
}

// The key of an object among what the message that passed the case on carries; that one we open by our own stanza.
static enum fail_code key_from(struct psr_profile *profile, const struct granting *granting,
                               const struct checked *wanted, uint32_t index, struct arena *arena,
                               uint8_t key[SEAL_KEY_SIZE], struct fail *why)
{
	struct checked by;
	struct bytes body;
	struct granted list[MAX_GRANTED];
	size_t count = MAX_GRANTED;
	uint8_t own[SEAL_KEY_SIZE];
	bytes_init(&body, CONTENT_BODY_CAP);
	enum fail_code code = checked_decode(&by, bytes_view(&granting->envelope), arena, NULL);
	if (code == FAIL_NONE)
		code = by.header.object_count == 0 ? FAIL_NOT_FOR_US : key_by_stanza(profile, &by, 0, own, why);
	if (code == FAIL_NONE)
		code = open_with(&by, own, &body);
	if (code == FAIL_NONE)
		code = granted_read(bytes_view(&body), arena, list, &count, NULL);
	bool found = false;
	for (size_t i = 0; i < count && code == FAIL_NONE && !found; i++) {
		struct envelope envelope;
		if (envelope_decode(&envelope, list[i].envelope, arena, NULL) != FAIL_NONE)
			continue;
		struct hash hash = header_hash(envelope.header);
		found = hash_equal(&hash, &wanted->header_hash) && index < list[i].key_count;
		if (found)
			memcpy(key, list[i].key[index], SEAL_KEY_SIZE);
	}
	wipe(own, sizeof own);
	bytes_wipe(&body);
	return code == FAIL_NONE && !found ? FAIL_NOT_FOR_US : code;
}

static enum fail_code key_by_grant(struct psr_profile *profile, const struct checked *checked, uint32_t index,
                                   uint8_t key[SEAL_KEY_SIZE], struct fail *why)
{
	struct granting granting;
	struct arena arena;
	bytes_init(&granting.envelope, 2 * MAX_ENVELOPE);
	arena_init(&arena, 4 * ARENA_MESSAGE_CAP, 8 * ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = inbox_find(profile->store, &checked->header.message, note_grant, &granting, NULL);
	if (code == FAIL_NONE)
		code = inbox_find(profile->store, &granting.by, copy_granting, &granting, NULL);
	if (code == FAIL_NONE)
		code = key_from(profile, &granting, checked, index, &arena, key, why);
	bytes_release(&granting.envelope);
	arena_wipe(&arena);
	return code == FAIL_UNKNOWN_CASE ? FAIL_NOT_FOR_US : code;
}

enum fail_code checked_key(struct psr_profile *profile, const struct checked *checked, uint32_t index,
                           uint8_t key[SEAL_KEY_SIZE], struct fail *why)
{
	if (index < checked->header.object_count && checked_withheld(profile, &checked->header))
		return fail_set(why, FAIL_NOT_ALLOWED, "a consent in this case was withdrawn, and that is not answered yet");
	return checked_key_itself(profile, checked, index, key, why);
}

enum fail_code checked_strip(struct view bytes, struct bytes *out)
{
	struct arena arena;
	struct envelope envelope;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = envelope_decode(&envelope, bytes, &arena, NULL);
	envelope.stanza_count = 0;
	envelope.sealed_body = view_of(NULL, 0);
	if (code == FAIL_NONE)
		code = envelope_encode(&envelope, out);
	arena_release(&arena);
	return code;
}

enum fail_code checked_key_itself(struct psr_profile *profile, const struct checked *checked, uint32_t index,
                                  uint8_t key[SEAL_KEY_SIZE], struct fail *why)
{
	if (index >= checked->header.object_count)
		return fail_set(why, FAIL_UNKNOWN_OBJECT, "the message has no such attachment");
	enum fail_code code = key_by_stanza(profile, checked, index, key, why);
	if (code == FAIL_NOT_FOR_US)
		code = key_by_grant(profile, checked, index, key, why);
	return code == FAIL_NOT_FOR_US ? fail_set(why, code, "none of this profile's keys opens it") : code;
}

enum fail_code checked_open_body(struct psr_profile *profile, const struct checked *checked, struct bytes *body,
                                 struct fail *why)
{
	if (checked->header.object_count == 0)
		return FAIL_NONE;
	uint8_t key[SEAL_KEY_SIZE];
	enum fail_code code = checked_key(profile, checked, 0, key, why);
	if (code != FAIL_NONE)
		return code;
	code = open_with(checked, key, body);
	if (code != FAIL_NONE)
		fail_set(why, code, "the body does not open");
	wipe(key, sizeof key);
	return code;
}
