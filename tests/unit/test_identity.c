// SPDX-License-Identifier: Apache-2.0
// links: passerelle_wire
#include "test.h"

#include "wire/identity.h"

static void a_uri_is_taken_apart(void **state)
{
	(void)state;
	struct identity identity;
	assert_ok(identity_from_uri(&identity, "urn:iss:member:CH:caseworker:anna"));
	assert_int_equal(identity.class, IDENTITY_MEMBER);
	assert_string_equal(identity.code, "CH");
	assert_string_equal(identity.role, "caseworker");
	assert_string_equal(identity.user, "anna");
	assert_string_equal(identity.uri, "urn:iss:member:CH:caseworker:anna");
	assert_ok(identity_from_uri(&identity, "urn:iss:agency:UNICEF-SN:desk:d1"));
	assert_int_equal(identity.class, IDENTITY_AGENCY);
	assert_string_equal(identity.code, "UNICEF-SN");
	assert_ok(identity_from_uri(&identity, "urn:iss:hub:GENEVA:tls:1"));
	assert_int_equal(identity.class, IDENTITY_HUB);
}

static void the_longest_parts_fit_and_one_more_does_not(void **state)
{
	(void)state;
	struct identity identity;
	assert_ok(identity_from_uri(&identity, "urn:iss:member:ABCDEFGHIJKLMNOP:abcdefghijklmnop:abcdefghijklmnopqrstuvwxyz012345"));
	assert_string_equal(identity.user, "abcdefghijklmnopqrstuvwxyz012345");
	static const char *const longer[] = {
		"urn:iss:member:ABCDEFGHIJKLMNOPQ:a:b",
		"urn:iss:member:A:abcdefghijklmnopq:b",
		"urn:iss:member:A:b:abcdefghijklmnopqrstuvwxyz0123456",
		"urn:iss:member:ABCDEFGHIJKLMNOP:abcdefghijklmnop:abcdefghijklmnopqrstuvwxyz012345abcdefghijklmnopqrstuvwxyz",
	};
	for (size_t i = 0; i < sizeof longer / sizeof longer[0]; i++)
		assert_int_equal(identity_from_uri(&identity, longer[i]), FAIL_BAD_CERTIFICATE);
}

static void anything_else_is_refused_and_leaves_the_identity_alone(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"", "urn", "urn:iss:member:", "urn:iss:member:CH", "urn:iss:member:CH:caseworker", "urn:iss:member:CH:caseworker:",
		"urn:iss:member::caseworker:anna", "urn:iss:member:CH::anna", "urn:iss:member:ch:caseworker:anna",
		"urn:iss:member:CH:Caseworker:anna", "urn:iss:member:CH:caseworker:Anna", "urn:iss:member:CH:caseworker:an na",
		"urn:iss:member:CH:caseworker:anna:x", "urn:iss:member:CH:caseworker:anna\n", "urn:iss:members:CH:caseworker:anna",
		"URN:iss:member:CH:caseworker:anna", " urn:iss:member:CH:caseworker:anna", "urn:iss:member:C_H:caseworker:anna",
		"urn:iss:member:-CH:caseworker:anna", "urn:iss:member:CH:-caseworker:anna", "urn:iss:member:CH:caseworker:-anna",
		"urn:iss:member:CH:case1:anna", "urn:iss:other:CH:caseworker:anna", "urn:iss:member:C\303\211:caseworker:anna",
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct identity identity = {.code = "kept"};
		assert_int_equal(identity_from_uri(&identity, wrong[i]), FAIL_BAD_CERTIFICATE);
		assert_string_equal(identity.code, "kept");
	}
}

static void member_codes_have_one_form(void **state)
{
	(void)state;
	static const char *const right[] = {"CH", "A", "GS", "UNICEF-SN", "ABCDEFGHIJKLMNOP", "7"};
	static const char *const wrong[] = {"", "ch", "C H", "ABCDEFGHIJKLMNOPQ", "-CH", "*", "C/H", "CH\n"};
	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
		assert_true(member_code_valid(right[i]));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(member_code_valid(wrong[i]));
}

struct pin {
	const char *uri;
	const char *issuer[USE_RECEIPT + 1]; // by use; NULL: nobody may
};

static void each_authority_issues_its_own_kind_only(void **state)
{
	(void)state;
	static const struct pin pins[] = {
		{"urn:iss:member:CH:caseworker:anna", {[USE_TLS_CLIENT] = "M1", [USE_SIGNING] = "S1"}},
		{"urn:iss:member:CH:branch:2026", {[USE_TLS_CLIENT] = "M1", [USE_SIGNING] = "S1", [USE_ENCRYPTION] = "E1"}},
		{"urn:iss:agency:UNICEF-SN:desk:d1", {[USE_TLS_CLIENT] = "A1"}},
		{"urn:iss:hub:GENEVA:tls:1", {[USE_TLS_HUB] = "H1"}},
		{"urn:iss:hub:GENEVA:receipt:1", {[USE_RECEIPT] = "H1"}},
		{"urn:iss:hub:GENEVA:other:1", {NULL}},
	};
	for (size_t i = 0; i < sizeof pins / sizeof pins[0]; i++) {
		struct identity identity;
		assert_ok(identity_from_uri(&identity, pins[i].uri));
		for (int use = USE_TLS_CLIENT; use <= USE_RECEIPT; use++) {
			const char *issuer = identity_issuer(&identity, (enum certificate_use)use);
			if (pins[i].issuer[use] == NULL)
				assert_null(issuer);
			else
				assert_string_equal(issuer, pins[i].issuer[use]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_uri_is_taken_apart),
		cmocka_unit_test(the_longest_parts_fit_and_one_more_does_not),
		cmocka_unit_test(anything_else_is_refused_and_leaves_the_identity_alone),
		cmocka_unit_test(member_codes_have_one_form),
		cmocka_unit_test(each_authority_issues_its_own_kind_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
