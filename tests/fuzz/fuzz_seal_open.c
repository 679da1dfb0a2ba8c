// SPDX-License-Identifier: Apache-2.0
//
// What a hostile hub or author may do to a sealed object and to a stanza whose
// keys are the right ones: edits of genuine bytes, fed in any cut. Random bytes
// would never get behind the commitment. It opens exactly if nothing was changed.
//
//   byte 0: bit 0 stanza or object, bit 1 kind of key; bytes 1-2: length of the plain text
//   then edits of 4 bytes: what, place (2), value; 0xff ends them; then lengths of cuts
#include "seal/key_parts.h"
#include "seal/seal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PLAIN_CAP = 2 * SEAL_CHUNK + 64, SEALED_CAP = 4 * SEAL_CHUNK };

static const struct seal_context here = {
	.object = {{1}}, .author = "urn:iss:member:CH:caseworker:anna", .case_id = {{2}}, .kind = SEAL_BODY, .index = 0};
static const uint8_t object_key[SEAL_KEY_SIZE] = "thirty-two bytes that are no key";
static const uint8_t salt[24] = "salt salt salt salt salt";

struct input {
	const uint8_t *data;
	size_t left;
};

static uint8_t take(struct input *input)
{
	if (input->left == 0)
		return 0xff;
	input->left--;
	return *input->data++;
}

static size_t take_u16(struct input *input)
{
	size_t high = take(input);
	return high << 8 | take(input);
}

static void insert(struct bytes *bytes, size_t place, uint8_t value)
{
	must(bytes_append(bytes, &value, 1) == FAIL_NONE);
	memmove(bytes->data + place + 1, bytes->data + place, bytes->length - place - 1);
	bytes->data[place] = value;
}

static void remove_at(struct bytes *bytes, size_t place)
{
	memmove(bytes->data + place, bytes->data + place + 1, bytes->length - place - 1);
	bytes->length--;
}

static void swap_blocks(struct bytes *bytes, size_t place, uint8_t length)
{
	for (size_t i = 0; i < length && place + 2 * (size_t)length <= bytes->length; i++) {
		uint8_t kept = bytes->data[place + i];
		bytes->data[place + i] = bytes->data[place + length + i];
		bytes->data[place + length + i] = kept;
	}
}

static void edit(struct bytes *bytes, struct input *input)
{
	for (unsigned edits = 0; edits < 64; edits++) {
		uint8_t what = take(input);
		if (what == 0xff || bytes->length == 0)
			return;
		size_t place = take_u16(input) % bytes->length;
		uint8_t value = take(input);
		if (what % 5 == 0)
			bytes->data[place] ^= value;
		else if (what % 5 == 1)
			bytes->length = place;
		else if (what % 5 == 2)
			insert(bytes, place, value);
		else if (what % 5 == 3)
			remove_at(bytes, place);
		else
			swap_blocks(bytes, place, value);
	}
}

static void open_in_cuts(struct view sealed, const struct hash *commitment, struct input *input, bool genuine,
                         struct view plain)
{
	struct opener *opener;
	must(opener_new(&opener, &here, object_key, commitment) == FAIL_NONE);
	struct bytes opened;
	bytes_init(&opened, SEALED_CAP);
	enum fail_code code = FAIL_NONE;
	while (sealed.length > 0 && code == FAIL_NONE) {
		size_t cut = (size_t)take(input) * 67 + 1;
		if (cut > sealed.length)
			cut = sealed.length;
		code = opener_add(opener, view_of(sealed.data, cut), &opened);
		sealed = view_of(sealed.data + cut, sealed.length - cut);
	}
	if (code == FAIL_NONE)
		code = opener_end(opener, &opened);
	opener_free(opener);
	must((code == FAIL_NONE) == genuine);
	must(opened.length <= plain.length &&
	     memcmp(opened.data != NULL ? opened.data : plain.data, plain.data, opened.length) == 0);
	must(!genuine || opened.length == plain.length);
	bytes_release(&opened);
}

static void try_object(struct input *input, size_t length)
{
	static uint8_t plain[PLAIN_CAP];
	struct view text = view_of(plain, length % (PLAIN_CAP + 1));
	struct bytes sealed, right;
	bytes_init(&sealed, SEALED_CAP);
	bytes_init(&right, SEALED_CAP);
	struct sealer *sealer;
	must(sealer_new_with_salt(&sealer, &here, object_key, salt) == FAIL_NONE);
	must(sealer_add(sealer, text, &sealed) == FAIL_NONE && sealer_end(sealer, &sealed) == FAIL_NONE);
	struct hash commitment = sealer_commitment(sealer);
	sealer_free(sealer);
	must(bytes_append(&right, sealed.data, sealed.length) == FAIL_NONE);
	edit(&sealed, input);
	bool genuine = view_equal(bytes_view(&sealed), bytes_view(&right));
	open_in_cuts(bytes_view(&sealed), &commitment, input, genuine, text);
	bytes_release(&sealed);
	bytes_release(&right);
}

static struct private_key *new_key(bool point)
{
	struct private_key *key = calloc(1, sizeof *key);
	EVP_PKEY *made = point ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256") : EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	must(key != NULL && made != NULL && public_key_init(&key->public, made) == FAIL_NONE);
	return key;
}

// The enc and the ct of a genuine stanza, edited as one text and cut apart anywhere.
static void try_stanza(struct input *input, bool point)
{
	struct private_key *key = new_key(point);
	struct certificate recipient = {.identity.role = "branch", .public = key->public};
	const struct hash hh = {{3}};
	struct bytes store, right;
	bytes_init(&store, 4096);
	bytes_init(&right, 4096);
	struct stanza stanza;
	uint8_t opened[SEAL_KEY_SIZE];
	must(stanza_make(&stanza, &store, 0, &here.object, &recipient, &hh, object_key) == FAIL_NONE);
	must(bytes_append(&right, store.data, store.length) == FAIL_NONE);
	size_t enc = stanza.enc.length;
	edit(&store, input);
	size_t cut = take(input);
	cut = cut == 0xff ? enc : cut;
	cut = cut > store.length ? store.length : cut;
	stanza.enc = view_of(store.data, cut);
	stanza.ct = view_of(store.data + cut, store.length - cut);
	bool genuine = cut == enc && view_equal(bytes_view(&store), bytes_view(&right));
	enum fail_code code = stanza_open(&stanza, &here.object, key, &hh, opened);
	must((code == FAIL_NONE) == genuine);
	must(!genuine || memcmp(opened, object_key, sizeof opened) == 0);
	bytes_release(&store);
	bytes_release(&right);
	private_key_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint8_t choice = take(&input);
	size_t length = take_u16(&input);
	if ((choice & 1) != 0)
		try_stanza(&input, (choice & 2) != 0);
	else
		try_object(&input, length);
	return 0;
}
