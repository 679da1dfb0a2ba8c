// SPDX-License-Identifier: Apache-2.0
#include "lib/kept.h"

#include "lib/own_seal.h"
#include "seal/seal.h"

#include <string.h>

enum { SECRET_SEALED_CAP = 4096 };

static enum fail_code make(struct psr_profile *profile, struct fail *why)
{
	struct id id;
	struct bytes sealed;
	uint8_t secret[KEYED_HASH_KEY];
	bytes_init(&sealed, SECRET_SEALED_CAP);
	random_fill(id.byte, sizeof id.byte);
	random_fill(secret, sizeof secret);
	enum fail_code code = own_seal(profile, &id, view_of(secret, sizeof secret), &sealed, why);
	if (code == FAIL_NONE)
		code = secret_put(profile->store, &id, bytes_view(&sealed), why);
	wipe(secret, sizeof secret);
	bytes_release(&sealed);
	return code;
}

static enum fail_code load(struct psr_profile *profile, struct bytes *secret, bool *found, struct fail *why)
{
	struct id id;
	struct bytes sealed;
	bytes_init(&sealed, SECRET_SEALED_CAP);
	enum fail_code code = secret_get(profile->store, &id, &sealed, found, why);
	if (code == FAIL_NONE && *found)
		code = own_open(profile, &id, bytes_view(&sealed), secret, why);
	if (code == FAIL_NONE && *found && secret->length != KEYED_HASH_KEY)
		code = fail_set(why, FAIL_DATA_LOSS, "the secret of the profile is damaged");
	bytes_release(&sealed);
	return code;
}

static void derive(uint8_t key[KEYED_HASH_KEY], const struct bytes *secret, const char *use)
{
	struct hash hash = keyed_hash(secret->data, view_of_text(use));
	memcpy(key, hash.byte, KEYED_HASH_KEY);
	wipe(&hash, sizeof hash);
}

enum fail_code kept_keys(struct psr_profile *profile, struct kept_keys *keys, struct fail *why)
{
	bool found;
	struct bytes secret;
	bytes_init(&secret, SECRET_SEALED_CAP);
	enum fail_code code = load(profile, &secret, &found, why);
	if (code == FAIL_NONE && !found)
		code = make(profile, why);
	if (code == FAIL_NONE && !found)
		code = load(profile, &secret, &found, why);
	if (code == FAIL_NONE) {
		derive(keys->mark, &secret, "passerelle-mark-1");
		derive(keys->person, &secret, "passerelle-person-1");
	}
	bytes_wipe(&secret);
	return code;
}

static struct seal_context context_of(const struct psr_profile *profile, const struct id *id)
{
	return (
		struct seal_context){.object = *id, .author = profile->settings.identity.uri, .kind = SEAL_DRAFT, .index = 1};
}

enum fail_code kept_seal(const struct psr_profile *profile, const struct kept_keys *keys, const struct id *id,
                         struct view plain, struct bytes *out, struct fail *why)
{
	struct bytes sealed;
	struct hash commitment;
	struct seal_context context = context_of(profile, id);
	bytes_init(&sealed, (size_t)seal_size(plain.length));
	enum fail_code code = seal_bytes(&context, keys->person, plain, &sealed, &commitment);
	if (code == FAIL_NONE)
		code = bytes_append(out, commitment.byte, HASH_SIZE);
	if (code == FAIL_NONE)
		code = bytes_append(out, sealed.data, sealed.length);
	bytes_release(&sealed);
	return code == FAIL_NONE ? code : fail_set(why, code, "it cannot be sealed");
}

enum fail_code kept_open(const struct psr_profile *profile, const struct kept_keys *keys, const struct id *id,
                         struct view sealed, struct bytes *plain, struct fail *why)
{
	struct hash commitment;
	struct seal_context context = context_of(profile, id);
	if (sealed.length < HASH_SIZE)
		return fail_set(why, FAIL_DATA_LOSS, "it is too short");
	memcpy(commitment.byte, sealed.data, HASH_SIZE);
	enum fail_code code = open_bytes(&context, keys->person, &commitment,
	                                 view_of(sealed.data + HASH_SIZE, sealed.length - HASH_SIZE), plain);
	return code == FAIL_NONE ? code : fail_set(why, FAIL_DATA_LOSS, "its content is damaged");
}
