// SPDX-License-Identifier: Apache-2.0
//
// An object key on its way to one recipient:
//
//   info = "iss-seal-v1 stanza" 0x00 | object(16) | key id(16)    aad = header hash(32)
//
// so a stanza opens only for this object, this key and under this very header.
#include "seal/hpke.h"
#include "seal/seal.h"

#include <string.h>

static const char stanza_label[] = "iss-seal-v1 stanza"; // with its zero byte

enum { STANZA_INFO = sizeof stanza_label + 16 + KEY_ID_SIZE };

static void fill_info(uint8_t info[STANZA_INFO], const struct id *object, const uint8_t key_id[KEY_ID_SIZE])
{
	memcpy(info, stanza_label, sizeof stanza_label);
	memcpy(info + sizeof stanza_label, object->byte, sizeof object->byte);
	memcpy(info + sizeof stanza_label + sizeof object->byte, key_id, KEY_ID_SIZE);
}

enum fail_code stanza_make(struct stanza *stanza, struct bytes *store, uint32_t object_index, const struct id *object,
                           const struct certificate *recipient, const struct hash *header_hash,
                           const uint8_t key[SEAL_KEY_SIZE])
{
	// A signing key may be of the same kind; only a branch's key is made for being written to.
	if (strcmp(recipient->identity.role, "branch") != 0)
		return FAIL_UNSUPPORTED;
	const struct public_key *public = &recipient->public;
	size_t needed = public->raw_length + SEAL_WRAPPED_SIZE;
	// Growing would move what earlier stanzas point to.
	must(store->length == 0 || store->capacity - store->length >= needed);
	if (bytes_room(store, needed) == NULL)
		return FAIL_NO_MEMORY;
	uint8_t info[STANZA_INFO];
	fill_info(info, object, public->id);
	size_t before = store->length;
	struct hpke hpke = {0};
	enum fail_code code = hpke_setup_sender(&hpke, HPKE_AES_256_GCM, public, NULL, view_of(info, sizeof info), store);
	if (code != FAIL_NONE) {
		store->length = before;
		return code;
	}
	uint8_t *ct = store->data + store->length;
	hpke_seal(&hpke, view_of(header_hash->byte, HASH_SIZE), view_of(key, SEAL_KEY_SIZE), ct);
	hpke_release(&hpke);
	bytes_added(store, SEAL_WRAPPED_SIZE);
	*stanza = (struct stanza){.object = object_index, .kem = hpke_kem_of(public->kind)};
	memcpy(stanza->key_id, public->id, KEY_ID_SIZE);
	stanza->enc = view_of(store->data + before, public->raw_length);
	stanza->ct = view_of(ct, SEAL_WRAPPED_SIZE);
	return FAIL_NONE;
}

enum fail_code stanza_open(const struct stanza *stanza, const struct id *object,
                           const struct private_key *recipient_key, const struct hash *header_hash,
                           uint8_t key[SEAL_KEY_SIZE])
{
	const struct public_key *own = &recipient_key->public;
	if (stanza->kem == 0 || stanza->kem != hpke_kem_of(own->kind) || stanza->ct.length != SEAL_WRAPPED_SIZE ||
	    memcmp(stanza->key_id, own->id, KEY_ID_SIZE) != 0)
		return FAIL_CANNOT_OPEN;
	uint8_t info[STANZA_INFO];
	fill_info(info, object, own->id);
	struct hpke hpke = {0};
	enum fail_code code = hpke_setup_receiver(&hpke, HPKE_AES_256_GCM, own, stanza->enc, view_of(info, sizeof info));
	if (code == FAIL_NONE)
		code = hpke_open(&hpke, view_of(header_hash->byte, HASH_SIZE), stanza->ct, key);
	hpke_release(&hpke);
	return code;
}
