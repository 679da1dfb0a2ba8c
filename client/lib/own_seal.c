// SPDX-License-Identifier: Apache-2.0
#include "lib/own_seal.h"

#include "seal/seal.h"

#include <string.h>

enum { FIXED = 2 + KEY_ID_SIZE + 1 };

static struct seal_context context_of(const struct psr_profile *profile, const struct id *id)
{
	return (struct seal_context){.object = *id, .author = profile->settings.identity.uri, .kind = SEAL_DRAFT};
}

static enum fail_code append_all(struct bytes *out, const struct stanza *stanza, const struct hash *commitment,
                                 struct view sealed)
{
	uint8_t fixed[FIXED];
	fixed[0] = (uint8_t)(stanza->kem >> 8);
	fixed[1] = (uint8_t)stanza->kem;
	memcpy(fixed + 2, stanza->key_id, KEY_ID_SIZE);
	fixed[FIXED - 1] = (uint8_t)stanza->enc.length;
	enum fail_code code = bytes_append(out, fixed, sizeof fixed);
	if (code == FAIL_NONE)
		code = bytes_append(out, stanza->enc.data, stanza->enc.length);
	if (code == FAIL_NONE)
		code = bytes_append(out, stanza->ct.data, stanza->ct.length);
	if (code == FAIL_NONE)
		code = bytes_append(out, commitment->byte, HASH_SIZE);
	return code == FAIL_NONE ? bytes_append(out, sealed.data, sealed.length) : code;
}

enum fail_code own_seal(struct psr_profile *profile, const struct id *id, struct view plain, struct bytes *out,
                        struct fail *why)
{
	const struct own_certificate *own = profile->keys->ops->certificate(profile->keys, USE_ENCRYPTION);
	if (own == NULL)
		return fail_set(why, FAIL_NOT_ALLOWED, "this profile has no branch key: its role writes no messages");
	struct bytes sealed, store;
	struct hash commitment, no_header = {{0}};
	struct stanza stanza;
	uint8_t key[SEAL_KEY_SIZE];
	bytes_init(&sealed, plain.length + plain.length / 64 + 4096);
	bytes_init(&store, 4096);
	random_fill(key, sizeof key);
	struct seal_context context = context_of(profile, id);
	enum fail_code code = seal_bytes(&context, key, plain, &sealed, &commitment);
	if (code == FAIL_NONE)
		code = stanza_make(&stanza, &store, 0, id, own->certificate, &no_header, key);
	if (code == FAIL_NONE)
		code = append_all(out, &stanza, &commitment, bytes_view(&sealed));
	if (code != FAIL_NONE)
		fail_set(why, code, "it cannot be sealed");
	wipe(key, sizeof key);
	bytes_release(&sealed);
	bytes_release(&store);
	return code;
}

enum fail_code own_open(struct psr_profile *profile, const struct id *id, struct view from, struct bytes *plain,
                        struct fail *why)
{
	if (from.length < FIXED || from.length < (size_t)FIXED + from.data[FIXED - 1] + SEAL_WRAPPED_SIZE + HASH_SIZE)
		return fail_set(why, FAIL_DATA_LOSS, "it is too short");
	struct stanza stanza = {.kem = (uint16_t)(from.data[0] << 8 | from.data[1])};
	memcpy(stanza.key_id, from.data + 2, KEY_ID_SIZE);
	const uint8_t *next = from.data + FIXED;
	stanza.enc = view_of(next, from.data[FIXED - 1]);
	next += stanza.enc.length;
	stanza.ct = view_of(next, SEAL_WRAPPED_SIZE);
	next += SEAL_WRAPPED_SIZE;
	struct hash commitment, no_header = {{0}};
	memcpy(commitment.byte, next, HASH_SIZE);
	next += HASH_SIZE;
	uint8_t key[SEAL_KEY_SIZE];
	struct seal_context context = context_of(profile, id);
	enum fail_code code = profile->keys->ops->unwrap(profile->keys, &stanza, id, &no_header, key, why);
	if (code == FAIL_NONE) {
		code = open_bytes(&context, key, &commitment, view_of(next, from.length - (size_t)(next - from.data)), plain);
		if (code != FAIL_NONE)
			fail_set(why, code, "its content is damaged");
	}
	wipe(key, sizeof key);
	return code;
}
