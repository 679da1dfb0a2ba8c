// SPDX-License-Identifier: Apache-2.0
#include "base/id.h"

#include <string.h>

struct id id_v7(uint64_t unix_ms, const uint8_t random[10])
{
	struct id id;
	for (int i = 0; i < 6; i++)
		id.byte[i] = (uint8_t)(unix_ms >> (8 * (5 - i)));
	memcpy(id.byte + 6, random, 10);
	id.byte[6] = (uint8_t)(0x70 | (id.byte[6] & 0x0f)); // version 7
	id.byte[8] = (uint8_t)(0x80 | (id.byte[8] & 0x3f)); // variant of RFC 9562
	return id;
}

bool id_is_v7(const struct id *id)
{
	return (id->byte[6] & 0xf0) == 0x70 && (id->byte[8] & 0xc0) == 0x80;
}

uint64_t id_v7_unix_ms(const struct id *id)
{
	uint64_t unix_ms = 0;
	for (int i = 0; i < 6; i++)
		unix_ms = unix_ms << 8 | id->byte[i];
	return unix_ms;
}

bool id_equal(const struct id *a, const struct id *b)
{
	return id_compare(a, b) == 0;
}

int id_compare(const struct id *a, const struct id *b)
{
	return memcmp(a->byte, b->byte, sizeof a->byte);
}

bool id_is_zero(const struct id *id)
{
	static const struct id zero;
	return id_equal(id, &zero);
}

enum fail_code id_from_view(struct id *id, struct view from)
{
	if (from.length != sizeof id->byte)
		return FAIL_MALFORMED;
	memcpy(id->byte, from.data, sizeof id->byte);
	return FAIL_NONE;
}

static const char hex_digits[] = "0123456789abcdef";

void id_to_text(const struct id *id, char *text)
{
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*text++ = '-';
		*text++ = hex_digits[id->byte[i] >> 4];
		*text++ = hex_digits[id->byte[i] & 15];
	}
	*text = '\0';
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

enum fail_code id_from_text(struct id *id, const char *text)
{
	if (strlen(text) != ID_TEXT_SIZE - 1)
		return FAIL_MALFORMED;
	for (int i = 0; i < 16; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return FAIL_MALFORMED;
		int high = hex_value(text[0]);
		int low = high < 0 ? -1 : hex_value(text[1]);
		if (low < 0)
			return FAIL_MALFORMED;
		id->byte[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	return FAIL_NONE;
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
	uint8_t difference = 0;
	for (int i = 0; i < HASH_SIZE; i++)
		difference |= a->byte[i] ^ b->byte[i];
	return difference == 0;
}

enum fail_code hash_from_view(struct hash *hash, struct view from)
{
	if (from.length != sizeof hash->byte)
		return FAIL_MALFORMED;
	memcpy(hash->byte, from.data, sizeof hash->byte);
	return FAIL_NONE;
}

void hash_to_hex(const struct hash *hash, char *text)
{
	for (int i = 0; i < HASH_SIZE; i++) {
		*text++ = hex_digits[hash->byte[i] >> 4];
		*text++ = hex_digits[hash->byte[i] & 15];
	}
	*text = '\0';
}
