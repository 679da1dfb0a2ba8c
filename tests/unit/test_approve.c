// SPDX-License-Identifier: Apache-2.0
// links: test_client_pair passerelle_client
//
// The approval of a second person: what it covers, and who may give it. The author of the messages here is a colleague of
// the one whose profile approves.
#include "test.h"

#include "lib/approve.h"
#include "lib/client_pair.h"

#include <stdio.h>
#include <string.h>

static struct client_pair pair;

static const uint8_t content[] = {0x4a, 0x06, 0x0a, 0x04, 't', 'e', 'x', 't'}; // a Body with a status note

static struct header header_of(const char *author)
{
	struct header header = {.message = {{1, 2, 3}}, .case_id = {{4, 5, 6}}, .created_at = clock_now(), .from = "SN"};
	snprintf(header.author, sizeof header.author, "%s", author);
	return header;
}

static struct bytes approved(const struct header *header)
{
	struct bytes body;
	struct fail why = {.text = ""};
	bytes_init(&body, 4096);
	assert_ok(bytes_append(&body, content, sizeof content));
	enum fail_code code = approve_add(pair.sn, header, false, &body, &why);
	if (code != FAIL_NONE)
		fail_msg("%s", why.text);
	return body;
}

static enum fail_code checks(const struct header *header, struct view body)
{
	char person[IDENTITY_URI_SIZE] = "";
	struct fail why;
	enum fail_code code = approve_check(pair.ch, header, clock_now(), body, person, &why);
	if (code == FAIL_NONE)
		assert_string_equal(person, "urn:iss:member:SN:caseworker:anna");
	return code;
}

static void a_colleague_approves_and_the_other_branch_sees_who(void **state)
{
	(void)state;
	struct header header = header_of("urn:iss:member:SN:caseworker:otto");
	struct bytes body = approved(&header);
	assert_ok(checks(&header, bytes_view(&body)));
	assert_int_equal(checks(&header, view_of(content, sizeof content)), FAIL_NOT_ALLOWED);
	bytes_release(&body);
}

static void no_byte_of_it_can_be_another(void **state)
{
	(void)state;
	struct header header = header_of("urn:iss:member:SN:caseworker:otto");
	struct bytes body = approved(&header);
	for (size_t i = 0; i < body.length; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			body.data[i] ^= (uint8_t)(1U << bit);
			if (checks(&header, bytes_view(&body)) == FAIL_NONE)
				fail_msg("bit %u of byte %zu does not matter", bit, i);
			body.data[i] ^= (uint8_t)(1U << bit);
		}
	}
	assert_ok(checks(&header, bytes_view(&body)));
	assert_ok(bytes_append(&body, content, sizeof content)); // something behind it that nobody approved
	assert_int_equal(checks(&header, bytes_view(&body)), FAIL_MALFORMED);
	bytes_release(&body);
}

static void it_is_of_one_message_one_case_and_one_author(void **state)
{
	(void)state;
	struct header header = header_of("urn:iss:member:SN:caseworker:otto");
	struct bytes body = approved(&header);
	struct header other[3] = {header, header, header_of("urn:iss:member:SN:caseworker:olga")};
	other[0].message.byte[0] ^= 1;
	other[1].case_id.byte[0] ^= 1;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(checks(&other[i], bytes_view(&body)), FAIL_BAD_SIGNATURE);
	bytes_release(&body);
}

static void nobody_approves_alone_nor_for_another_branch(void **state)
{
	(void)state;
	struct header own = header_of("urn:iss:member:SN:supervisor:anna"), otto = header_of("urn:iss:member:SN:caseworker:otto");
	struct bytes body;
	struct fail why;
	bytes_init(&body, 4096);
	assert_int_equal(approve_add(pair.sn, &own, false, &body, &why),
	                 FAIL_NOT_ALLOWED); // the same person in another role
	assert_int_equal(approve_add(pair.ch, &otto, false, &body, &why), FAIL_NOT_ALLOWED);
	assert_int_equal(approve_add(pair.sn, &otto, true, &body, &why), FAIL_NOT_ALLOWED); // a caseworker is no supervisor
	assert_int_equal(body.length, 0);
	body = approved(&otto);
	assert_int_equal(checks(&own, bytes_view(&body)), FAIL_NOT_ALLOWED);
	bytes_release(&body);
}

static int begin(void **state)
{
	(void)state;
	client_pair_begin(&pair);
	return 0;
}

static int end(void **state)
{
	(void)state;
	client_pair_end(&pair);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_colleague_approves_and_the_other_branch_sees_who),
		cmocka_unit_test(no_byte_of_it_can_be_another),
		cmocka_unit_test(it_is_of_one_message_one_case_and_one_author),
		cmocka_unit_test(nobody_approves_alone_nor_for_another_branch),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
