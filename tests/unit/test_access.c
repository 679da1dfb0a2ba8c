// SPDX-License-Identifier: Apache-2.0
// links: hub_domain passerelle_case passerelle_base
//
// Every role x operation x relation against tests/data/access.expected.txt,
// which people have reviewed. When access.csv changes on purpose, change that
// file by hand, line by line.
#include "test.h"

#include "domain/access.h"
#include "domain/access_table.h"
#include "lib/text_file.h"

#define EXPECTED TEST_DATA "/access.expected.txt"

enum { TABLE_SIZE = 16 * 1024 };

#define NAME(name) #name,
static const char *const role_names[] = {ACCESS_ROLE_MAP(NAME) "(unknown)"};
static const char *const operation_names[] = {ACCESS_OPERATION_MAP(NAME) "(unknown)"};
#undef NAME

typedef bool allowed_function(unsigned role, unsigned operation, unsigned relation);

// A line for each role and operation, a column for each relation, unknown ones included.
static void print_table(char *table, allowed_function *allowed)
{
	size_t used = 0;
	for (unsigned role = 0; role <= ROLE_COUNT; role++) {
		for (unsigned operation = 0; operation <= OPERATION_COUNT; operation++) {
			used += (size_t)snprintf(table + used, TABLE_SIZE - used, "%-12s %-14s", role_names[role],
			                         operation_names[operation]);
			for (unsigned relation = 0; relation <= RELATION_COUNT; relation++)
				used += (size_t)snprintf(table + used, TABLE_SIZE - used, " %-5s",
				                         allowed(role, operation, relation) ? "allow" : "-");
			while (table[used - 1] == ' ')
				used--;
			used += (size_t)snprintf(table + used, TABLE_SIZE - used, "\n");
			assert_true(used < TABLE_SIZE);
		}
	}
}

static bool as_built(unsigned role, unsigned operation, unsigned relation)
{
	return access_allowed((enum access_role)role, (enum access_operation)operation, (enum access_relation)relation);
}

static void every_role_operation_and_relation_is_as_reviewed(void **state)
{
	(void)state;
	char *table = test_malloc(TABLE_SIZE);
	print_table(table, as_built);
	assert_text_is_file(table, EXPECTED);
	test_free(table);
}

static struct {
	unsigned role, operation, relation;
} flipped;

static bool as_built_but_one(unsigned role, unsigned operation, unsigned relation)
{
	bool here = role == flipped.role && operation == flipped.operation && relation == flipped.relation;
	return as_built(role, operation, relation) != here;
}

static void one_wrong_bit_anywhere_would_be_found(void **state)
{
	(void)state;
	char *table = test_malloc(TABLE_SIZE);
	unsigned found = 0;
	for (flipped.role = 0; flipped.role < ROLE_COUNT; flipped.role++) {
		for (flipped.operation = 0; flipped.operation < OPERATION_COUNT; flipped.operation++) {
			for (flipped.relation = 0; flipped.relation < RELATION_COUNT; flipped.relation++) {
				print_table(table, as_built_but_one);
				found += !text_is_file(table, EXPECTED, false);
			}
		}
	}
	assert_int_equal(found, ROLE_COUNT * OPERATION_COUNT * RELATION_COUNT);
	test_free(table);
}

static void no_bit_stands_beyond_the_relations(void **state)
{
	(void)state;
	for (unsigned role = 0; role < ROLE_COUNT; role++) {
		for (unsigned operation = 0; operation < OPERATION_COUNT; operation++)
			assert_int_equal(access_table[role][operation] >> RELATION_COUNT, 0);
	}
}

static enum access_role role_of(enum identity_class class, const char *code, const char *role)
{
	struct identity identity = {.class = class};
	snprintf(identity.code, sizeof identity.code, "%s", code);
	snprintf(identity.role, sizeof identity.role, "%s", role);
	return access_role_of(&identity);
}

static void a_role_is_what_the_certificate_says_within_its_class(void **state)
{
	(void)state;
	assert_int_equal(role_of(IDENTITY_MEMBER, "CH", "caseworker"), ROLE_CASEWORKER);
	assert_int_equal(role_of(IDENTITY_MEMBER, "SN", "coordinator"), ROLE_COORDINATOR);
	assert_int_equal(role_of(IDENTITY_MEMBER, "SN", "supervisor"), ROLE_SUPERVISOR);
	assert_int_equal(role_of(IDENTITY_MEMBER, "NZ", "gateway"), ROLE_GATEWAY);
	assert_int_equal(role_of(IDENTITY_MEMBER, "GS", "monitor"), ROLE_MONITOR);
	assert_int_equal(role_of(IDENTITY_AGENCY, "UNICEF-SN", "desk"), ROLE_DESK);
	assert_int_equal(role_of(IDENTITY_HUB, "MAIN", "receipt"), ROLE_HUB);
}

static void whatever_else_a_certificate_says_is_no_role(void **state)
{
	(void)state;
	assert_int_equal(role_of(IDENTITY_MEMBER, "CH", "monitor"), ROLE_COUNT); // the Secretariat's alone
	assert_int_equal(role_of(IDENTITY_MEMBER, "GS", "caseworker"), ROLE_COUNT); // it never moves a case
	assert_int_equal(role_of(IDENTITY_MEMBER, "CH", "desk"), ROLE_COUNT);
	assert_int_equal(role_of(IDENTITY_MEMBER, "CH", "branch"), ROLE_COUNT);
	assert_int_equal(role_of(IDENTITY_MEMBER, "CH", ""), ROLE_COUNT);
	assert_int_equal(role_of(IDENTITY_MEMBER, "CH", "Caseworker"), ROLE_COUNT);
	assert_int_equal(role_of(IDENTITY_AGENCY, "UNICEF-SN", "caseworker"), ROLE_COUNT);
	assert_int_equal(role_of(IDENTITY_AGENCY, "GS", "monitor"), ROLE_COUNT);
	assert_int_equal(role_of(IDENTITY_HUB, "main", "tls"), ROLE_COUNT);
	assert_int_equal(role_of(IDENTITY_HUB, "GS", "monitor"), ROLE_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_role_operation_and_relation_is_as_reviewed),
		cmocka_unit_test(one_wrong_bit_anywhere_would_be_found),
		cmocka_unit_test(no_bit_stands_beyond_the_relations),
		cmocka_unit_test(a_role_is_what_the_certificate_says_within_its_class),
		cmocka_unit_test(whatever_else_a_certificate_says_is_no_role),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
