// SPDX-License-Identifier: Apache-2.0
// links: passerelle_seal
#include "test.h"

#include "seal/keyed_hash.h"

#include <string.h>

// Worked out by another program (hmac of Python's standard library).
static void it_is_hmac_of_sha_256(void **state)
{
	(void)state;
	static const uint8_t expected[HASH_SIZE] = {0x09, 0x98, 0x05, 0xf4, 0xac, 0x31, 0x07, 0x86, 0x96, 0x85, 0x65,
	                                            0xc0, 0x98, 0xdb, 0x51, 0x5c, 0xc5, 0x08, 0x62, 0xb4, 0x20, 0xae,
	                                            0x31, 0xe2, 0x02, 0x38, 0x31, 0x23, 0x44, 0xbe, 0xd3, 0x6a};
	uint8_t key[KEYED_HASH_KEY];
	for (uint8_t i = 0; i < sizeof key; i++)
		key[i] = i;
	struct hash hash = keyed_hash(key, view_of_text("what do ya want for nothing?"));
	assert_memory_equal(hash.byte, expected, HASH_SIZE);
	key[31] ^= 1;
	hash = keyed_hash(key, view_of_text("what do ya want for nothing?"));
	assert_int_not_equal(memcmp(hash.byte, expected, HASH_SIZE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(it_is_hmac_of_sha_256)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
