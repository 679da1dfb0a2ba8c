// SPDX-License-Identifier: Apache-2.0
// links: hub_session
#include "test.h"

#include "session/session_table.h"

#include <stdio.h>

static void no_turn(void *context)
{
	(void)context;
}

static struct session *plain_session(uint64_t number, const char *code, const char *user, enum identity_class class)
{
	static const struct session_port port = {.turn = no_turn};
	struct identity peer = {.class = class};
	snprintf(peer.code, sizeof peer.code, "%s", code);
	snprintf(peer.user, sizeof peer.user, "%s", user);
	return session_new(number, &peer, &port, 1000000);
}

static void the_table_finds_what_it_was_given_and_nothing_else(void **state)
{
	enum { MANY = 500 };
	struct session_table table;
	struct session *session[MANY];
	(void)state;
	session_table_init(&table, &(struct session_limits){2, 20, 2});
	for (int i = 0; i < MANY; i++) {
		session[i] = plain_session(session_table_number(&table) * 3, "CH", "anna", IDENTITY_MEMBER);
		assert_ok(session_table_add(&table, session[i]));
	}
	for (int i = 0; i < MANY; i += 2)
		session_table_remove(&table, session[i]);
	for (int i = 0; i < MANY; i++)
		assert_ptr_equal(session_table_find(&table, session_number(session[i])), i % 2 == 0 ? NULL : session[i]);
	assert_null(session_table_find(&table, 1));
	assert_int_equal(table.count, MANY / 2);
	for (int i = 0; i < MANY; i++)
		session_free(session[i]);
	session_table_release(&table);
}

static void the_oldest_of_a_users_sessions_gives_way_and_a_member_has_a_limit(void **state)
{
	static const struct { const char *code, *user; enum identity_class class; } there[] = {
		{"CH", "anna", IDENTITY_MEMBER}, {"CH", "anna", IDENTITY_MEMBER}, {"CH", "bo", IDENTITY_MEMBER}, {"SN", "awa", IDENTITY_MEMBER},
		{"UNICEF-SN", "desk", IDENTITY_AGENCY},
	};
	enum { THERE = sizeof there / sizeof there[0] };
	struct session_table table;
	struct session *session[THERE], *gives_way;
	(void)state;
	session_table_init(&table, &(struct session_limits){.per_user = 2, .per_member = 3, .per_agency = 1});
	for (int i = 0; i < THERE; i++) {
		session[i] = plain_session(session_table_number(&table), there[i].code, there[i].user, there[i].class);
		assert_ok(session_table_add(&table, session[i]));
	}
	assert_ok(session_table_admit(&table, session_peer(session[1]), &gives_way));
	assert_ptr_equal(gives_way, session[0]);
	struct identity carl = {.class = IDENTITY_MEMBER, .code = "CH", .user = "carl"};
	assert_int_equal(session_table_admit(&table, &carl, &gives_way), FAIL_OVER_QUOTA);
	assert_ok(session_table_admit(&table, session_peer(session[3]), &gives_way));
	assert_null(gives_way);
	struct identity other_desk = {.class = IDENTITY_AGENCY, .code = "UNICEF-SN", .user = "second"};
	assert_int_equal(session_table_admit(&table, &other_desk, &gives_way), FAIL_OVER_QUOTA);
	struct identity same_code = {.class = IDENTITY_MEMBER, .code = "UNICEF-SN", .user = "second"};
	assert_ok(session_table_admit(&table, &same_code, &gives_way));
	for (int i = 0; i < THERE; i++)
		session_free(session[i]);
	session_table_release(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_finds_what_it_was_given_and_nothing_else),
		cmocka_unit_test(the_oldest_of_a_users_sessions_gives_way_and_a_member_has_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
