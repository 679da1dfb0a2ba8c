// SPDX-License-Identifier: Apache-2.0
//
// Prints tests/data/seal-v1-vectors.json. Run by hand when the format gets a new
// version, never to make a failing test pass: released files must open for ever.
// The seals come out the same every time; stanzas and signatures are made with
// fresh keys.
#include "seal/content.h"
#include "seal/key_parts.h"
#include "seal/seal.h"
#include "seal/signing.h"

#include <stdio.h>
#include <string.h>

#include <openssl/pem.h>

static void print_hex(const char *name, struct view bytes, const char *end)
{
	printf("\"%s\": \"", name);
	for (size_t i = 0; i < bytes.length; i++)
		printf("%02x", bytes.data[i]);
	printf("\"%s", end);
}

static void fill(uint8_t *out, size_t length, unsigned start)
{
	for (size_t i = 0; i < length; i++)
		out[i] = (uint8_t)((i * 7 + start) % 251);
}

static struct id id_from(unsigned start)
{
	struct id id;
	fill(id.byte, sizeof id.byte, start);
	return id;
}

static void print_seal(size_t length, enum seal_kind kind, uint32_t index, const char *end)
{
	uint8_t key[SEAL_KEY_SIZE], salt[24];
	static uint8_t plain[3 * SEAL_CHUNK];
	fill(key, sizeof key, (unsigned)length % 97 + 1);
	fill(salt, sizeof salt, (unsigned)length % 89 + 2);
	fill(plain, length, 3);
	const struct seal_context context = {.object = id_from(4), .author = "urn:iss:member:CH:caseworker:anna",
	                                     .case_id = id_from(5), .kind = kind, .index = index};
	struct bytes sealed;
	bytes_init(&sealed, 4 * SEAL_CHUNK);
	struct sealer *sealer;
	must(sealer_new_with_salt(&sealer, &context, key, salt) == FAIL_NONE);
	must(sealer_add(sealer, view_of(plain, length), &sealed) == FAIL_NONE && sealer_end(sealer, &sealed) == FAIL_NONE);
	struct hash commitment = sealer_commitment(sealer), hash = sha256(bytes_view(&sealed)),
				tree = tree_hash(bytes_view(&sealed));
	sealer_free(sealer);
	printf("    {\"plain_length\": %zu, \"kind\": %d, \"index\": %u, \"author\": \"%s\",\n     ", length, (int)kind,
	       index, context.author);
	print_hex("object", view_of(context.object.byte, 16), ", ");
	print_hex("case", view_of(context.case_id.byte, 16), ",\n     ");
	print_hex("key", view_of(key, sizeof key), ",\n     ");
	print_hex("salt", view_of(salt, sizeof salt), ",\n     ");
	print_hex("commitment", view_of(commitment.byte, HASH_SIZE), ",\n     ");
	print_hex("sealed_sha256", view_of(hash.byte, HASH_SIZE), ",\n     ");
	print_hex("sealed_tree_hash", view_of(tree.byte, HASH_SIZE), length > 64 ? "" : ",\n     ");
	if (length <= 64)
		print_hex("sealed", bytes_view(&sealed), "");
	printf("}%s\n", end);
	bytes_release(&sealed);
}

static void print_pem(EVP_PKEY *key)
{
	BIO *memory = BIO_new(BIO_s_mem());
	must(PEM_write_bio_PKCS8PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL) == 1);
	char *pem = NULL;
	long length = BIO_get_mem_data(memory, &pem);
	printf("\"private_key\": \"");
	for (long i = 0; i < length; i++)
		printf(pem[i] == '\n' ? "\\n" : "%c", pem[i]);
	printf("\",\n     ");
	BIO_free(memory);
}

static struct public_key new_key(const char *kind)
{
	EVP_PKEY *made =
		strcmp(kind, "EC") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256") : EVP_PKEY_Q_keygen(NULL, NULL, kind);
	struct public_key key;
	must(made != NULL && public_key_init(&key, made) == FAIL_NONE);
	return key;
}

static void print_stanza(const char *kind, const char *end)
{
	struct certificate recipient = {.public = new_key(kind)};
	uint8_t key[SEAL_KEY_SIZE];
	fill(key, sizeof key, 1);
	const struct id object = id_from(4);
	const struct hash hh = header_hash(view_of_text("any header bytes"));
	struct bytes store;
	bytes_init(&store, 256);
	struct stanza stanza;
	must(stanza_make(&stanza, &store, 0, &object, &recipient, &hh, key) == FAIL_NONE);
	printf("    {\"kem\": %u,\n     ", stanza.kem);
	print_pem(recipient.public.key);
	print_hex("key_id", view_of(stanza.key_id, KEY_ID_SIZE), ", ");
	print_hex("object", view_of(object.byte, 16), ",\n     ");
	print_hex("header", view_of_text("any header bytes"), ",\n     ");
	print_hex("header_hash", view_of(hh.byte, HASH_SIZE), ",\n     ");
	print_hex("enc", stanza.enc, ",\n     ");
	print_hex("ct", stanza.ct, ",\n     ");
	print_hex("key", view_of(key, sizeof key), "");
	printf("}%s\n", end);
	bytes_release(&store);
	public_key_release(&recipient.public);
}

static void print_signature(const char *kind, const char *end)
{
	struct private_key key = {.public = new_key(kind)};
	struct bytes signature;
	bytes_init(&signature, 128);
	must(sign(&key, DOMAIN_ENVELOPE, view_of_text("any header bytes"), &signature) == FAIL_NONE);
	unsigned char *spki = NULL;
	int length = i2d_PUBKEY(key.public.key, &spki);
	printf("    {\"domain\": \"%s\",\n     ", DOMAIN_ENVELOPE);
	print_hex("public_key", view_of(spki, (size_t)length), ",\n     ");
	print_hex("message", view_of_text("any header bytes"), ",\n     ");
	print_hex("signature", bytes_view(&signature), "");
	printf("}%s\n", end);
	OPENSSL_free(spki);
	bytes_release(&signature);
	public_key_release(&key.public);
}

static void print_content(const char *text, const char *end)
{
	struct bytes plain;
	bytes_init(&plain, 4096);
	must(content_pack_body(view_of_text(text), &plain) == FAIL_NONE);
	printf("    {");
	print_hex("body", view_of_text(text), ",\n     ");
	print_hex("plain", bytes_view(&plain), "");
	printf("}%s\n", end);
	bytes_release(&plain);
}

int main(void)
{
	printf("{\n  \"about\": \"Seal v1, proto/README.md 4 to 7. ");
	printf("plain: byte i is (7 * i + 3) mod 251. Numbers in hex.\",\n");
	printf("  \"seals\": [\n");
	print_seal(0, SEAL_BODY, 0, ",");
	print_seal(1, SEAL_BODY, 0, ",");
	print_seal(64, SEAL_ATTACHMENT, 1, ",");
	print_seal(16383, SEAL_ATTACHMENT, 2, ",");
	print_seal(16384, SEAL_ATTACHMENT, 3, ",");
	print_seal(32768, SEAL_DRAFT, 0x01020304, "");
	printf("  ],\n  \"stanzas\": [\n");
	print_stanza("EC", ",");
	print_stanza("X25519", "");
	printf("  ],\n  \"signatures\": [\n");
	print_signature("ED25519", ",");
	print_signature("EC", "");
	printf("  ],\n  \"contents\": [\n");
	print_content("", ",");
	print_content("short", ",");
	print_content("many words, many words, many words, many words, many words, many words, many words", "");
	printf("  ]\n}\n");
	return 0;
}
