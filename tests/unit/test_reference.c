// SPDX-License-Identifier: Apache-2.0
// links: passerelle_case passerelle_base
#include "test.h"

#include "case/reference.h"

#include <stdio.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void make(char text[REFERENCE_SIZE], const char *id_text)
{
	struct id id;
	assert_ok(id_from_text(&id, id_text));
	reference_make(text, "CH", "SN", &id);
}

static void assert_reads_as(const char *typed, const char *wanted)
{
	char text[REFERENCE_SIZE];
	struct fail why = {.code = FAIL_NONE};
	assert_ok(reference_read(text, typed, &why));
	assert_string_equal(text, wanted);
}

static void assert_refused(const char *typed, const char *because)
{
	char text[REFERENCE_SIZE] = "untouched";
	struct fail why = {.code = FAIL_NONE};
	assert_int_equal(reference_read(text, typed, &why), FAIL_BAD_USAGE);
	assert_non_null(strstr(why.text, because));
	assert_string_equal(text, "untouched");
}

static void a_reference_shows_the_members_and_35_bits_of_the_id(void **state)
{
	(void)state;
	char text[REFERENCE_SIZE];
	make(text, "00000000-0000-0000-0000-000000000000");
	assert_string_equal(text, "CH-SN-0000-0000");
	make(text, "00000000-2000-0000-0000-000000000000"); // the 35th bit: digit 7 is 1, its factor 2
	assert_string_equal(text, "CH-SN-0000-0012");
	make(text, "ffffffff-ffff-ffff-ffff-ffffffffffff");
	assert_int_equal(strncmp(text, "CH-SN-ZZZZ-ZZZ", 14), 0);
	make(text, "ffffffff-e000-0000-0000-000000000000"); // later bits do not count
	assert_int_equal(strncmp(text, "CH-SN-ZZZZ-ZZZ", 14), 0);
}

static void the_longest_codes_fit(void **state)
{
	(void)state;
	char text[REFERENCE_SIZE];
	struct id id = {{1}};
	reference_make(text, "ABCDEFGHIJKLMNOP", "QRSTUVWXYZ012345", &id);
	assert_int_equal(strlen(text), 16 + 1 + 16 + 10);
	assert_reads_as(text, text);
}

static void what_people_type_is_read(void **state)
{
	(void)state;
	char text[REFERENCE_SIZE];
	make(text, "00000000-2000-0000-0000-000000000000");
	assert_reads_as("CH-SN-0000-0012", text);
	assert_reads_as("ch-sn-0000-0012", text);
	assert_reads_as("ch-sn-oooo-ool2", text);
	assert_reads_as("CH-SN-OOOO-OOI2", text);
	assert_reads_as("CHSN00000012", text);
	assert_reads_as("ch-sn 0000 0012", text);
	assert_reads_as("CH-SN-00000012", text);
	assert_reads_as("unicef-sn-ch-00000012", "UNICEF-SN-CH-0000-0012");
}

static void what_is_no_reference_is_refused_with_the_reason(void **state)
{
	(void)state;
	assert_refused("", "looks like");
	assert_refused("7QK2", "looks like");
	assert_refused("--------", "looks like");
	assert_refused("00000000", "two member codes");
	assert_refused("CH-00000000", "two member codes");
	assert_refused("C--SN-00000000", "two member codes");
	assert_refused("CHSNX00000000", "two member codes");
	assert_refused("CH-S\xc3\x89N-0000-0000", "two member codes");
	assert_refused("CH-SN-0000-000U", "character 8");
	assert_refused("CH-SN-00*0-0000", "character 3");
	assert_refused("CH-SN-0000-0001", "check character");
	char endless[4096];
	memset(endless, 'A', sizeof endless);
	endless[sizeof endless - 1] = '\0';
	assert_refused(endless, "looks like");
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static char *place(char text[REFERENCE_SIZE], int i)
{
	return text + 6 + i + (i >= 4);
}

static void assert_faulty(const char *text)
{
	char read[REFERENCE_SIZE];
	assert_int_equal(reference_read(read, text, NULL), FAIL_BAD_USAGE);
}

// All 8 x 31 wrong characters and all 28 swaps of two places of one reference.
static void assert_every_slip_is_found(const char *reference)
{
	for (int i = 0; i < 8; i++) {
		for (const char *letter = alphabet; *letter != '\0'; letter++) {
			char text[REFERENCE_SIZE];
			memcpy(text, reference, strlen(reference) + 1);
			if (*place(text, i) == *letter)
				continue;
			*place(text, i) = *letter;
			assert_faulty(text);
		}
		for (int j = 0; j < i; j++) {
			char text[REFERENCE_SIZE];
			memcpy(text, reference, strlen(reference) + 1);
			char kept = *place(text, i);
			*place(text, i) = *place(text, j);
			*place(text, j) = kept;
			if (strcmp(text, reference) != 0)
				assert_faulty(text);
		}
	}
}

static void one_wrong_character_and_every_swap_of_two_are_found(void **state)
{
	(void)state;
	uint32_t seed = 20261123;
	printf("seed %u\n", seed);
	for (int round = 0; round < 200; round++) {
		struct id id;
		for (size_t i = 0; i < sizeof id.byte; i++)
			id.byte[i] = (uint8_t)next_random(&seed);
		char reference[REFERENCE_SIZE];
		reference_make(reference, "CH", "SN", &id);
		assert_reads_as(reference, reference);
		assert_every_slip_is_found(reference);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reference_shows_the_members_and_35_bits_of_the_id),
		cmocka_unit_test(the_longest_codes_fit),
		cmocka_unit_test(what_people_type_is_read),
		cmocka_unit_test(what_is_no_reference_is_refused_with_the_reason),
		cmocka_unit_test(one_wrong_character_and_every_swap_of_two_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
