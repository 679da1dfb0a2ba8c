// SPDX-License-Identifier: Apache-2.0
// links: test_cluster hub_store
//
// What the three roles that log in may not do, and what a migration refuses.
#include "lib/cluster.h"
#include "store/migrate.h"
#include "unit/test.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static struct cluster cluster;

static const char denied[] = "42501";

static void expect(const char *conninfo, const char *sql, const char *state)
{
	char got[6];
	cluster_try(conninfo, sql, got);
	if (strcmp(got, state) != 0)
		print_message("%s: %s\n", conninfo, sql);
	assert_string_equal(got, state);
}

static void expect_all(const char *sql, const char *state)
{
	expect(cluster.writer, sql, state);
	expect(cluster.reader, sql, state);
	expect(cluster.partner, sql, state);
}

static void test_no_table_can_be_touched_directly(void **state)
{
	static const char *const tables[] = {
		"member", "certificate", "message", "mailbox", "mailbox_entry", "mailbox_cursor", "mailbox_reader", "receipt", "correction", "recalled", "receipt_batch",
		"audit_event", "case_state", "case_party", "object", "object_chunk", "object_reader", "migration", "message_window",
		"question_budget",
	};
	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		char sql[100];
		snprintf(sql, sizeof sql, "SELECT count(*) FROM passerelle.%s", tables[i]);
		expect_all(sql, denied);
		snprintf(sql, sizeof sql, "DELETE FROM passerelle.%s", tables[i]);
		expect_all(sql, denied);
	}
}

static void test_nothing_can_be_created(void **state)
{
	(void)state;
	expect_all("CREATE TABLE api.mine (a int)", denied);
	expect_all("CREATE TABLE public.mine (a int)", denied);
	expect_all("CREATE TEMP TABLE mine (a int)", denied);
	expect_all("CREATE SCHEMA mine", denied);
	expect_all("CREATE FUNCTION api.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", denied);
	expect_all("SET ROLE passerelle_owner", denied);
	expect_all("SET ROLE passerelle_ingest", denied);
}

static void test_each_role_calls_its_own_functions_alone(void **state)
{
	(void)state;
	expect(cluster.writer, "SELECT api.barrier()", "00000");
	expect(cluster.reader, "SELECT api.barrier()", denied);
	expect(cluster.partner, "SELECT api.barrier()", denied);
	expect(cluster.reader, "SELECT * FROM api.page(1, 0, 10, 1000)", "00000");
	expect(cluster.writer, "SELECT * FROM api.page(1, 0, 10, 1000)", denied);
	expect(cluster.partner, "SELECT * FROM api.page(1, 0, 10, 1000)", denied);
	expect(cluster.partner, "SELECT * FROM api.status(5, 'x', '2026-01-01', 9, 9)", "00000");
	expect(cluster.reader, "SELECT * FROM api.status(4, 'x', '2026-01-01', 9, 9)", denied);
	expect(cluster.partner, "SELECT * FROM api.member_status(1, NULL, 'x')", denied);
	expect(cluster.partner, "SELECT * FROM api.directory()", denied);
	expect(cluster.partner, "SELECT * FROM api.flow(0)", denied);
	expect(cluster.partner, "SELECT * FROM api.flow_figures(0, 0)", denied);
	expect_all("SELECT passerelle.me()", denied);
	expect_all("SELECT passerelle.register_member('XX', 'BRANCH', 'x', NULL, '{}', '{}', '{}', NULL, NULL, NULL)",
	           denied);
	expect_all("SELECT api.schema_version()", "00000");
}

static void test_every_api_function_is_fenced(void **state)
{
	char count[16];
	(void)state;
	cluster_ask(&cluster, "SELECT count(*) FROM pg_proc WHERE pronamespace = 'api'::regnamespace AND NOT (prosecdef AND proconfig::text LIKE '%search_path=pg_catalog, pg_temp%' "
	            "AND proacl IS NOT NULL AND NOT proacl::text ~ '[{,]=')", count, sizeof count);
	assert_string_equal(count, "0");
	cluster_ask(
		&cluster,
		"SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolcanlogin AND r.rolname LIKE 'passerelle%'",
		count, sizeof count);
	assert_string_equal(count, "0");
	cluster_ask(
		&cluster,
		"SELECT count(*) FROM pg_roles WHERE rolname LIKE 'passerelle%' AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)",
		count, sizeof count);
	assert_string_equal(count, "0");
}

// A function that forgot its WHERE: row level security still shows one member's rows alone.
static void test_a_function_without_where_shows_own_rows_alone(void **state)
{
	char value[16];
	(void)state;
	cluster_ask(
		&cluster,
		"INSERT INTO passerelle.mailbox_entry (recipient, seq, message_id, sender) VALUES (1, 1000, gen_random_uuid(), 2), (2, 1000, gen_random_uuid(), 1)",
		NULL, 0);
	cluster_ask(
		&cluster,
		"SET ROLE passerelle_view; SELECT set_config('passerelle.member', '1', false); SELECT count(*) FROM passerelle.mailbox_entry",
		value, sizeof value);
	assert_string_equal(value, "1");
	cluster_ask(&cluster, "SET ROLE passerelle_owner; SELECT count(*) FROM passerelle.mailbox_entry", value,
	            sizeof value);
	assert_string_equal(value, "0");
}

static void test_view_without_a_member_is_loud(void **state)
{
	(void)state;
	expect(cluster.superuser, "SET ROLE passerelle_view; SELECT count(*) FROM passerelle.mailbox_entry", denied);
	expect(
		cluster.superuser,
		"SET ROLE passerelle_view; SELECT set_config('passerelle.member', '', false); SELECT count(*) FROM passerelle.mailbox_entry",
		denied);
}

static void test_what_was_written_stays(void **state)
{
	(void)state;
	expect(cluster.superuser, "DELETE FROM passerelle.audit_event", denied);
	expect(cluster.superuser, "DELETE FROM passerelle.message", denied);
	expect(cluster.superuser, "TRUNCATE passerelle.receipt_batch", denied);
	expect(cluster.superuser, "DELETE FROM passerelle.receipt", denied);
	expect(
		cluster.superuser,
		"DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE passerelle.' || min(relname) FROM pg_class WHERE relname LIKE 'message_2%' AND relkind = 'r'); END $$",
		denied);
}

// Header, stanza, signature, sealed body, index: what opens and what is opened may go, and that alone.
static void test_of_a_message_what_is_sealed_is_taken_out_and_nothing_else(void **state)
{
	char envelope[64];
	(void)state;
	cluster_ask(&cluster, "INSERT INTO passerelle.message (message_id, accepted_at, expires_at, batch_id, sender, kind, leaf_index, header_hash, envelope_hash, recipient, mailbox_seq, envelope) "
	            "SELECT passerelle.uuid_at((extract(epoch FROM now()) * 1000)::int8), 1, 0, gen_random_uuid(), 1, 8, 0, 'h', 'e', '{2}', '{1}', '\\x0a02aabb220201021202ccdd2a03010203388001'",
	            NULL, 0);
	expect(cluster.superuser, "UPDATE passerelle.message SET sender = 2", denied);
	expect(cluster.superuser, "UPDATE passerelle.message SET envelope = ''", denied);
	expect(cluster.superuser, "UPDATE passerelle.message SET envelope = passerelle.stripped(envelope), sender = 2",
	       denied);
	expect(cluster.superuser, "UPDATE passerelle.message SET envelope = passerelle.stripped(envelope)", "00000");
	cluster_ask(&cluster, "SELECT encode(envelope, 'hex') FROM passerelle.message", envelope, sizeof envelope);
	assert_string_equal(envelope, "0a02aabb1202ccdd388001");
	expect(cluster.superuser, "SELECT passerelle.stripped('\\x0a05aabb')", "22P03");
	expect(cluster.superuser, "SELECT passerelle.stripped('\\x0bff')", "22P03");
	expect(cluster.writer, "SELECT passerelle.stripped('')", denied);
}

static void count_line(void *context, const char *line)
{
	assert_non_null(strstr(line, "would be applied"));
	++*(unsigned *)context;
}

static void test_migrating_again_changes_nothing(void **state)
{
	struct fail why = {0};
	unsigned lines = 0;
	struct migrate_settings settings = {.conninfo = cluster.superuser,
	                                    .now = (uint64_t)time(NULL) * 1000,
	                                    .say = count_line,
	                                    .context = &lines};
	(void)state;
	assert_ok(migrate_run(&settings, &why));
	assert_int_equal(lines, 0);
	assert_ok(migrate_check(cluster.writer, &why));
	assert_ok(migrate_check(cluster.reader, &why));
	assert_ok(migrate_check(cluster.partner, &why));
}

static void test_a_changed_file_is_refused(void **state)
{
	struct fail why = {0};
	struct migrate_settings settings = {.conninfo = cluster.superuser, .now = 0};
	(void)state;
	cluster_ask(&cluster, "UPDATE passerelle.migration SET sha256 = sha256('x') WHERE number = 2", NULL, 0);
	assert_int_equal(migrate_run(&settings, &why), FAIL_BAD_CONFIG);
	assert_non_null(strstr(why.text, "0002_tables.sql was changed"));
}

static void test_a_newer_database_is_refused(void **state)
{
	struct fail why = {0};
	char sql[120];
	(void)state;
	snprintf(sql, sizeof sql, "INSERT INTO passerelle.migration (number, name, sha256) VALUES (%u, 'x', 'x')",
	         migrate_newest() + 1);
	cluster_ask(&cluster, sql, NULL, 0);
	assert_int_equal(migrate_check(cluster.writer, &why), FAIL_BAD_CONFIG);
	assert_non_null(strstr(why.text, "newer"));
}

static void test_a_dry_run_and_an_empty_database(void **state)
{
	struct fail why = {0};
	unsigned lines = 0;
	char empty[200];
	struct migrate_settings settings = {.conninfo = empty, .dry_run = true, .say = count_line, .context = &lines};
	(void)state;
	cluster_ask(&cluster, "CREATE DATABASE empty", NULL, 0);
	snprintf(empty, sizeof empty, "host=%s port=5432 user=postgres dbname=empty", cluster.folder);
	assert_ok(migrate_run(&settings, &why));
	assert_int_equal(lines, migrate_newest());
	assert_int_equal(migrate_check(empty, &why), FAIL_BAD_CONFIG);
	settings.to = 2;
	settings.dry_run = false;
	settings.say = NULL;
	assert_ok(migrate_run(&settings, &why));
	settings.to = migrate_newest() + 1;
	assert_int_equal(migrate_run(&settings, &why), FAIL_BAD_CONFIG);
}

static int start(void **state)
{
	(void)state;
	cluster_start(&cluster, NULL);
	cluster_seed(&cluster);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	cluster_remove(&cluster);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{"no table can be touched directly", test_no_table_can_be_touched_directly, NULL, NULL, NULL},
		{"nothing can be created", test_nothing_can_be_created, NULL, NULL, NULL},
		{"each role calls its own functions alone", test_each_role_calls_its_own_functions_alone, NULL, NULL, NULL},
		{"every function of api is fenced", test_every_api_function_is_fenced, NULL, NULL, NULL},
		{"a function without WHERE shows own rows alone", test_a_function_without_where_shows_own_rows_alone, NULL, NULL, NULL},
		{"a view without a member is loud", test_view_without_a_member_is_loud, NULL, NULL, NULL},
		{"what was written stays", test_what_was_written_stays, NULL, NULL, NULL},
		{"of a message what is sealed is taken out and nothing else",
		 test_of_a_message_what_is_sealed_is_taken_out_and_nothing_else, NULL, NULL, NULL},
		{"migrating again changes nothing", test_migrating_again_changes_nothing, NULL, NULL, NULL},
		{"a dry run tells, an empty database is named", test_a_dry_run_and_an_empty_database, NULL, NULL, NULL},
		{"a newer database is refused", test_a_newer_database_is_refused, NULL, NULL, NULL},
		{"a changed file is refused", test_a_changed_file_is_refused, NULL, NULL, NULL},
	};
	return cmocka_run_group_tests_name("database_roles", tests, start, stop);
}
