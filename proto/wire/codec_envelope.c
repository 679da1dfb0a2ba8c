// SPDX-License-Identifier: Apache-2.0
#include "wire/codec.h"
#include "wire/codec_field.h"

#include <passerelle/v1/envelope.pb-c.h>
#include <string.h>

// HPKE key encapsulation mechanisms (RFC 9180 7.1) and the length of their keys.
struct kem_row {
	uint16_t kem;
	size_t enc;
};

static const struct kem_row kems[] = {{0x0010, 65}, {0x0020, 32}};

enum { WRAPPED_KEY = 48 };

static size_t enc_length(uint32_t kem)
{
	for (size_t i = 0; i < sizeof kems / sizeof kems[0]; i++) {
		if (kems[i].kem == kem)
			return kems[i].enc;
	}
	return 0;
}

static void take_stanza(struct taking *taking, const Passerelle__V1__Stanza *from, struct stanza *to)
{
	to->object = (uint32_t)take_number(taking, "object", from->object, 0, MAX_OBJECTS - 1);
	size_t enc = enc_length(from->kem);
	if (enc == 0)
		take_fault(taking, "kem", FAIL_UNSUPPORTED, "this version does not know it");
	to->kem = (uint16_t)from->kem;
	take_bytes(taking, "key_id", from->key_id, KEY_ID_SIZE, KEY_ID_SIZE);
	if (taking->code == FAIL_NONE)
		memcpy(to->key_id, from->key_id.data, KEY_ID_SIZE);
	to->enc = take_bytes(taking, "enc", from->enc, enc, enc);
	to->ct = take_bytes(taking, "ct", from->ct, WRAPPED_KEY, WRAPPED_KEY);
}

static void take_stanzas(struct taking *taking, const Passerelle__V1__Envelope *from, struct envelope *to)
{
	to->stanza = take_list(taking, from->n_stanza, sizeof *to->stanza);
	to->stanza_count = from->n_stanza;
	for (size_t i = 0; to->stanza != NULL && i < from->n_stanza; i++) {
		take_at_element(taking, "envelope.stanza", i);
		take_stanza(taking, from->stanza[i], &to->stanza[i]);
	}
	take_at(taking, "envelope");
}

static void take_batch(struct taking *taking, const Passerelle__V1__Envelope *from, struct envelope *to)
{
	to->batch_size = (uint32_t)take_number(taking, "batch_size", from->batch_size, 0, MAX_TREE_LEAVES);
	uint32_t last = from->batch_size > 0 ? from->batch_size - 1 : 0;
	to->batch_index = (uint32_t)take_number(taking, "batch_index", from->batch_index, 0, last);
	if (from->batch_size <= 1 && from->n_batch_path > 0)
		take_fault(taking, "batch_path", FAIL_MALFORMED, "a path without a tree");
	to->batch_path = take_hashes(taking, "envelope.batch_path", from->n_batch_path, from->batch_path);
	to->batch_path_count = from->n_batch_path;
	take_at(taking, "envelope");
}

enum fail_code envelope_decode(struct envelope *envelope, struct view bytes, struct arena *arena, struct fail *why)
{
	*envelope = (struct envelope){0};
	if (bytes.length > MAX_ENVELOPE)
		return fail_set(why, FAIL_TOO_LARGE, "envelope: over 960 KiB");
	struct taking taking = {.arena = arena, .why = why, .in = "envelope"};
	const Passerelle__V1__Envelope *from =
		(const Passerelle__V1__Envelope *)take_message(&taking, &passerelle__v1__envelope__descriptor, bytes);
	if (from == NULL)
		return taking.code;
	envelope->header = take_bytes(&taking, "header", from->header, 1, MAX_HEADER);
	envelope->signature = take_bytes(&taking, "signature", from->signature, MIN_SIGNATURE, MAX_SIGNATURE);
	take_hash(&taking, "signer", from->signer, &envelope->signer);
	envelope->sealed_body = take_bytes(&taking, "sealed_body", from->sealed_body, 0, MAX_ENVELOPE);
	take_stanzas(&taking, from, envelope);
	take_batch(&taking, from, envelope);
	return taking.code;
}

static bool give_stanzas(struct arena *arena, const struct envelope *from, Passerelle__V1__Envelope *to)
{
	Passerelle__V1__Stanza *stanza = arena_alloc(arena, from->stanza_count * sizeof *stanza);
	to->stanza = arena_alloc(arena, from->stanza_count * sizeof *to->stanza);
	if (stanza == NULL || to->stanza == NULL)
		return false;
	for (size_t i = 0; i < from->stanza_count; i++) {
		const struct stanza *one = &from->stanza[i];
		passerelle__v1__stanza__init(&stanza[i]);
		stanza[i].object = one->object;
		stanza[i].kem = one->kem;
		stanza[i].key_id = give_bytes(one->key_id, KEY_ID_SIZE);
		stanza[i].enc = give_view(one->enc);
		stanza[i].ct = give_view(one->ct);
		to->stanza[i] = &stanza[i];
	}
	to->n_stanza = from->stanza_count;
	return true;
}

enum fail_code envelope_encode(const struct envelope *envelope, struct bytes *out)
{
	Passerelle__V1__Envelope to;
	passerelle__v1__envelope__init(&to);
	to.header = give_view(envelope->header);
	to.signature = give_view(envelope->signature);
	to.signer = give_hash(&envelope->signer);
	to.sealed_body = give_view(envelope->sealed_body);
	to.batch_index = envelope->batch_index;
	to.batch_size = envelope->batch_size;
	struct arena arena;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	to.batch_path = give_hashes(&arena, envelope->batch_path, envelope->batch_path_count);
	to.n_batch_path = envelope->batch_path_count;
	enum fail_code code = FAIL_NO_MEMORY;
	if ((to.batch_path != NULL || to.n_batch_path == 0) && give_stanzas(&arena, envelope, &to))
		code = give_message(&to.base, MAX_ENVELOPE, out);
	arena_release(&arena);
	return code;
}
