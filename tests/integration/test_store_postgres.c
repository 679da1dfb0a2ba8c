// SPDX-License-Identifier: Apache-2.0
// links: test_store test_cluster hub_store
//
// The contract against a real PostgreSQL, and what only a real one can do: die.
#include "lib/cluster.h"
#include "lib/store_calls.h"
#include "store/member_admin.h"
#include "store/store_postgres.h"
#include "unit/test.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>

static struct cluster cluster;

// A store on a loop of its own.
struct bench {
	uv_loop_t loop;
	uv_prepare_t before_waiting;
	const bool *awaited;
	struct contract contract;
	bool available, away, closed;
	unsigned alarms;
};

static void on_state(void *context, bool available)
{
	struct bench *bench = context;
	bench->available = available;
	bench->away = !available;
}

static void on_log(void *context, bool alarm, const char *event, const char *text)
{
	(void)event;
	(void)text;
	((struct bench *)context)->alarms += alarm;
}

static void stop_when_done(uv_prepare_t *prepare)
{
	const struct bench *bench = prepare->data;
	if (*bench->awaited)
		uv_stop(prepare->loop);
}

// Timers may be what ends the waiting: so not step by step, but until stopped.
static void run_until(void *context, const bool *done)
{
	struct bench *bench = context;
	bench->awaited = done;
	assert_int_equal(uv_prepare_start(&bench->before_waiting, stop_when_done), 0);
	while (!*done)
		uv_run(&bench->loop, UV_RUN_DEFAULT);
	uv_prepare_stop(&bench->before_waiting);
}

static void open_loop(struct bench *bench)
{
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	assert_int_equal(uv_prepare_init(&bench->loop, &bench->before_waiting), 0);
	bench->before_waiting.data = bench;
	uv_unref((uv_handle_t *)&bench->before_waiting);
}

static void open_store(struct bench *bench, uv_loop_t *loop)
{
	struct store_postgres_settings settings = {
		.writer = cluster.writer, .reader = cluster.reader, .partner = cluster.partner, .readers = 2,
		.retry_min_ms = 20, .retry_max_ms = 200, .log = on_log, .log_context = bench,
	};
	struct fail why = {0};
	assert_ok(store_postgres_new(&bench->contract.store, loop, &settings, &why));
	bench->contract.store->on_state = on_state;
	bench->contract.store->on_state_context = bench;
}

static void set_availability(struct contract *contract, const char *code, const char *status)
{
	struct member_availability availability = {.code = code,
	                                           .status = status,
	                                           .cause = "DISASTER",
	                                           .deputy = "NZ",
	                                           .at = contract->now};
	struct fail why = {0};
	assert_ok(member_set_availability(cluster.superuser, &availability, &why));
}

static struct bench *bench_new(void)
{
	struct bench *bench = calloc(1, sizeof *bench);
	struct directory_copy directory;
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	open_loop(bench);
	open_store(bench, &bench->loop);
	bench->contract.wait = run_until;
	bench->contract.context = bench;
	bench->contract.set_availability = set_availability;
	bench->contract.now = (uint64_t)now.tv_sec * 1000;
	bench->contract.ch = cluster_member(&cluster, "CH");
	bench->contract.sn = cluster_member(&cluster, "SN");
	bench->contract.nz = cluster_member(&cluster, "NZ");
	bench->contract.gs = cluster_member(&cluster, "GS");
	bench->contract.agency = cluster_member(&cluster, "UNICEF-SN");
	bench->contract.other_agency = cluster_member(&cluster, "UNHCR-SN");
	bench->contract.keeps_months = true;
	run_until(bench, &bench->available);
	assert_ok(ask_directory(&bench->contract, &directory));
	return bench;
}

static void on_closed(void *context, enum fail_code code)
{
	assert_ok(code);
	((struct bench *)context)->closed = true;
}

static void bench_free(struct bench *bench)
{
	bench->contract.store->ops->close(bench->contract.store, on_closed, bench);
	run_until(bench, &bench->closed);
	uv_close((uv_handle_t *)&bench->before_waiting, NULL);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&bench->loop), 0);
	free(bench);
}

static void run_contract_test(void **state)
{
	const struct contract_test *test = *state;
	struct bench *bench = bench_new();
	test->run(&bench->contract);
	bench_free(bench);
}

static void test_closing_at_once_leaves_nothing(void **state)
{
	(void)state;
	struct bench *bench = calloc(1, sizeof *bench);
	open_loop(bench);
	open_store(bench, &bench->loop);
	bench_free(bench);
}

// Two hubs on one database, each with its own store.
struct hub {
	struct bench bench;
	struct letters *letters;
	unsigned left, stored;
	bool done;
	uint64_t last;
	enum fail_code failed;
};

static void next_commit(struct hub *hub);

static void on_commit(void *context, enum fail_code code, const struct store_result *result, size_t count)
{
	struct hub *hub = context;
	if (code != FAIL_NONE)
		hub->failed = code;
	for (size_t i = 0; i < count; i++) {
		hub->stored += result[i].outcome == STORE_STORED;
		// Within one writer, numbers only grow.
		assert_true(result[i].mailbox_seq[0] > hub->last);
		hub->last = result[i].mailbox_seq[0];
	}
	free(hub->letters);
	hub->letters = NULL;
	hub->done = --hub->left == 0;
	if (!hub->done)
		next_commit(hub);
}

static void next_commit(struct hub *hub)
{
	struct contract *contract = &hub->bench.contract;
	hub->letters = letters_new(contract);
	for (size_t i = 0; i < 5; i++)
		letters_add(hub->letters, contract->ch, contract->sn);
	contract->store->ops->commit(contract->store, &hub->letters->batch, on_commit, hub);
}

static void test_numbers_stay_dense_under_two_writers(void **state)
{
	(void)state;
	struct bench *bench = bench_new();
	uint64_t high = mailbox_high(&bench->contract, bench->contract.sn);
	struct hub hub[2] = {0};
	for (size_t i = 0; i < 2; i++) {
		hub[i].bench.contract = bench->contract;
		open_store(&hub[i].bench, &bench->loop);
		hub[i].left = 40;
	}
	run_until(bench, &hub[0].bench.available);
	run_until(bench, &hub[1].bench.available);
	next_commit(&hub[0]);
	next_commit(&hub[1]);
	run_until(bench, &hub[0].done);
	run_until(bench, &hub[1].done);
	assert_ok(hub[0].failed);
	assert_ok(hub[1].failed);
	assert_int_equal(hub[0].stored + hub[1].stored, 400);
	assert_int_equal(mailbox_high(&bench->contract, bench->contract.sn), high + 400);
	struct page *page = calloc(1, sizeof *page);
	read_page(&bench->contract, bench->contract.sn, high, 256, SIZE_MAX, page);
	assert_ok(page->code); // which checks that no number is missing
	assert_int_equal(page->count, 256);
	free(page);
	for (size_t i = 0; i < 2; i++) {
		hub[i].bench.contract.store->ops->close(hub[i].bench.contract.store, on_closed, &hub[i].bench);
		run_until(bench, &hub[i].bench.closed);
	}
	bench_free(bench);
}

// Commits one after the other while `kill` happens every few; whatever was
// acknowledged must be there afterwards, whatever was not may be or not, once.
enum { ROUNDS = 6, EACH = 40, KEPT = ROUNDS * EACH };

struct history {
	struct bench *bench;
	struct letters *letters;
	struct id acknowledged[KEPT], unknown[KEPT];
	unsigned acknowledged_count, unknown_count, refused, asked;
	bool done;
};

static void on_history(void *context, enum fail_code code, const struct store_result *result, size_t count)
{
	struct history *history = context;
	struct id message = history->letters->change[0].message;
	if (code == FAIL_NONE) {
		assert_int_equal(count, 1);
		assert_int_equal(result[0].outcome, STORE_STORED);
		history->acknowledged[history->acknowledged_count++] = message;
	} else if (code == FAIL_OUTCOME_UNKNOWN) {
		history->unknown[history->unknown_count++] = message;
	} else {
		assert_int_equal(code, FAIL_UNAVAILABLE);
		history->refused++;
	}
	history->done = true;
}

static void one_commit(struct history *history)
{
	struct contract *contract = &history->bench->contract;
	history->letters = letters_new(contract);
	letters_add(history->letters, contract->ch, contract->nz);
	history->done = false;
	contract->store->ops->commit(contract->store, &history->letters->batch, on_history, history);
}

static void check_history(struct history *history)
{
	struct contract *contract = &history->bench->contract;
	struct store_found found;
	struct id none = {{9}};
	for (unsigned i = 0; i < history->acknowledged_count; i++) {
		assert_ok(lookup(contract, &history->acknowledged[i], contract->ch, &none, &found));
		assert_true(found.has_message);
	}
}

static void kill_backend(void)
{
	cluster_ask(
		&cluster,
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'passerelle-hub writer'", NULL,
		0);
}

// The server takes this for a crash and recovers all of itself.
static void kill_process(void)
{
	char pid[16];
	cluster_ask(&cluster, "SELECT pid FROM pg_stat_activity WHERE application_name = 'passerelle-hub writer'", pid,
	            sizeof pid);
	assert_int_equal(kill((pid_t)strtol(pid, NULL, 10), SIGKILL), 0);
}

static void crash_server(void)
{
	cluster_stop(&cluster, "immediate");
	cluster_restart(&cluster);
}

static void play(void (*harm)(void))
{
	struct history *history = calloc(1, sizeof *history);
	history->bench = bench_new();
	uint64_t high = mailbox_high(&history->bench->contract, history->bench->contract.nz);
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < EACH; i++) {
			one_commit(history);
			if (i == EACH / 2)
				harm();
			run_until(history->bench, &history->done);
			free(history->letters);
			run_until(history->bench, &history->bench->available);
		}
	}
	check_history(history);
	assert_true(history->acknowledged_count >= ROUNDS * (EACH - 3));
	// Dense, and no number for what was not stored.
	uint64_t now = mailbox_high(&history->bench->contract, history->bench->contract.nz);
	assert_in_range(now - high, history->acknowledged_count, history->acknowledged_count + history->unknown_count);
	char value[32];
	cluster_ask(&cluster, "SELECT count(*) = max(seq) AND max(seq) = (SELECT max(next_seq) - 1 FROM passerelle.mailbox m WHERE m.member = e.recipient) "
	            "FROM passerelle.mailbox_entry e GROUP BY recipient ORDER BY 1 LIMIT 1", value, sizeof value);
	assert_string_equal(value, "t");
	bench_free(history->bench);
	free(history);
}

static void test_a_killed_backend_loses_nothing_acknowledged(void **state)
{
	(void)state;
	play(kill_backend);
}

static void test_a_backend_killed_hard_loses_nothing_acknowledged(void **state)
{
	(void)state;
	play(kill_process);
}

static void test_a_crashed_server_loses_nothing_acknowledged(void **state)
{
	(void)state;
	play(crash_server);
}

static void test_while_the_server_is_away_all_is_refused_at_once(void **state)
{
	(void)state;
	struct bench *bench = bench_new();
	struct store_cursor cursor;
	struct page *page = calloc(1, sizeof *page);
	cluster_stop(&cluster, "fast");
	run_until(bench, &bench->away);
	assert_int_equal(open_cursor(&bench->contract, bench->contract.sn, "anna", false, 0, 0, &cursor), FAIL_UNAVAILABLE);
	read_page(&bench->contract, bench->contract.sn, 0, 1, 1, page);
	assert_int_equal(page->code, FAIL_UNAVAILABLE);
	cluster_restart(&cluster);
	run_until(bench, &bench->available);
	assert_ok(open_cursor(&bench->contract, bench->contract.sn, "anna", false, 0, 0, &cursor));
	free(page);
	bench_free(bench);
}

// With a standby that does not answer, a commit that is cancelled says "committed" and
// warns: that must not count as replicated.
static void test_a_commit_that_the_standby_did_not_confirm_is_unknown(void **state)
{
	(void)state;
	struct history *history = calloc(1, sizeof *history);
	history->bench = bench_new();
	cluster_ask(&cluster, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", NULL, 0);
	cluster_ask(&cluster, "SELECT pg_reload_conf()", NULL, 0);
	char waiting[16] = "";
	while (strcmp(waiting, "0") == 0 || waiting[0] == '\0')
		cluster_ask(&cluster,
		            "SELECT count(*) FROM pg_settings WHERE name = 'synchronous_standby_names' AND setting = 'nobody'",
		            waiting, sizeof waiting);
	one_commit(history);
	// Let it reach the wait, then cancel it.
	memcpy(waiting, "0", 2);
	while (strcmp(waiting, "0") == 0) {
		uv_run(&history->bench->loop, UV_RUN_NOWAIT);
		cluster_ask(
			&cluster,
			"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'passerelle-hub writer' AND wait_event = 'SyncRep'",
			waiting, sizeof waiting);
	}
	cluster_ask(&cluster,
	            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'passerelle-hub writer'",
	            NULL, 0);
	run_until(history->bench, &history->done);
	assert_int_equal(history->unknown_count, 1);
	assert_int_equal(history->acknowledged_count, 0);
	assert_true(history->bench->alarms > 0);
	free(history->letters);
	cluster_ask(&cluster, "ALTER SYSTEM RESET synchronous_standby_names", NULL, 0);
	cluster_ask(&cluster, "SELECT pg_reload_conf()", NULL, 0);
	bench_free(history->bench);
	free(history);
}

// A bit that turned in the stored bytes, as a bad disk would leave it.
static void test_damaged_bytes_are_never_delivered(void **state)
{
	(void)state;
	struct bench *bench = bench_new();
	uint64_t high = mailbox_high(&bench->contract, bench->contract.sn);
	struct letters *letters = letters_new(&bench->contract);
	letters_add(letters, bench->contract.ch, bench->contract.sn);
	free(commit(&bench->contract, letters));
	char sql[300], id[ID_TEXT_SIZE];
	id_to_text(&letters->change[0].message, id);
	snprintf(
		sql, sizeof sql,
		"SET session_replication_role = replica; UPDATE passerelle.message SET envelope = set_byte(envelope, 9, get_byte(envelope, 9) # 1) WHERE message_id = '%s'",
		id);
	cluster_ask(&cluster, sql, NULL, 0);
	struct page *page = calloc(1, sizeof *page);
	read_page(&bench->contract, bench->contract.sn, high, 10, SIZE_MAX, page);
	assert_int_equal(page->code, FAIL_DATA_LOSS);
	free(page);
	free(letters);
	snprintf(
		sql, sizeof sql,
		"SET session_replication_role = replica; UPDATE passerelle.message SET envelope = set_byte(envelope, 9, get_byte(envelope, 9) # 1) WHERE message_id = '%s'",
		id);
	cluster_ask(&cluster, sql, NULL, 0);
	bench_free(bench);
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
	static const struct CMUnitTest own[] = {
		{"closing at once leaves nothing", test_closing_at_once_leaves_nothing, NULL, NULL, NULL},
		{"numbers stay dense under two writers", test_numbers_stay_dense_under_two_writers, NULL, NULL, NULL},
		{"damaged bytes are never delivered", test_damaged_bytes_are_never_delivered, NULL, NULL, NULL},
		{"a commit that the standby did not confirm is unknown", test_a_commit_that_the_standby_did_not_confirm_is_unknown, NULL, NULL, NULL},
		{"while the server is away all is refused at once", test_while_the_server_is_away_all_is_refused_at_once, NULL, NULL, NULL},
		{"a killed backend loses nothing acknowledged", test_a_killed_backend_loses_nothing_acknowledged, NULL, NULL, NULL},
		{"a backend killed hard loses nothing acknowledged", test_a_backend_killed_hard_loses_nothing_acknowledged, NULL,
		 NULL, NULL},
		{"a crashed server loses nothing acknowledged", test_a_crashed_server_loses_nothing_acknowledged, NULL, NULL, NULL},
	};
	enum { OWN = sizeof own / sizeof *own, ROOM = 64 };
	struct CMUnitTest tests[ROOM];
	struct contract_test shared[ROOM];
	size_t count = 0;
	for (; contract_tests[count].name != NULL; count++) {
		must(count + OWN < ROOM);
		shared[count] = contract_tests[count];
		tests[count] = (struct CMUnitTest){shared[count].name, run_contract_test, NULL, NULL, &shared[count]};
	}
	memcpy(&tests[count], own, sizeof own);
	return _cmocka_run_group_tests("store_postgres", tests, count + OWN, start, stop);
}
