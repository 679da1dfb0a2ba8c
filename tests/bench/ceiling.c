// SPDX-License-Identifier: Apache-2.0
//
// What the database can do at best: batches of 256 straight into the store, one
// connection, no hub, no TLS, no signature. Data as the load generator makes it:
// 2 KiB bodies, STATUS_NOTE on existing cases.
//
//   ceiling SUPERUSER-CONNINFO SECONDS [BATCH]     prints "ceiling BATCH MESSAGES_PER_SECOND BYTES_OF_WAL_PER_MESSAGE"
//
// The database must be migrated and have two members at least.
#include "case/reference.h"
#include "seal/key.h"
#include "store/store_postgres.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CASES = 64, ENVELOPE = 2600, READERS = 1 };

struct bench {
	uv_loop_t loop;
	struct store *store;
	const char *conninfo;
	struct store_batch batch;
	struct store_change change[MAX_TREE_LEAVES];
	struct hash leaf[MAX_TREE_LEAVES];
	uint8_t envelope[MAX_TREE_LEAVES][ENVELOPE];
	uint8_t signature[64];
	struct case_record record[CASES];
	member_no sender, recipient;
	size_t size;
	uint64_t stored, begun, end;
	char wal[64];
};

static void fail(const char *what)
{
	fprintf(stderr, "ceiling: %s\n", what);
	exit(1);
}

static uint64_t now_ms(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void ask(const struct bench *bench, const char *sql, char *value, size_t size)
{
	PGconn *line = PQconnectdb(bench->conninfo);
	PGresult *result = PQexec(line, sql);
	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
		fail(PQerrorMessage(line));
	snprintf(value, size, "%s", PQgetvalue(result, 0, 0));
	PQclear(result);
	PQfinish(line);
}

static void open_cases(struct bench *bench)
{
	for (size_t i = 0; i < CASES; i++) {
		struct case_record *record = &bench->record[i];
		random_fill(&record->id, sizeof record->id);
		record->requesting = bench->sender;
		record->responding = bench->recipient;
		record->view.state = CASE_IN_PROGRESS;
		record->opened_at = record->since = bench->begun;
		snprintf(record->service, sizeof record->service, "FAMILY_TRACING");
		snprintf(record->urgency, sizeof record->urgency, "NORMAL");
		reference_make(record->reference, "CH", "SN", &record->id);
	}
}

static void fill(struct bench *bench)
{
	uint8_t random[10];
	uint64_t now = now_ms(CLOCK_REALTIME);
	random_fill(&bench->batch.id, sizeof bench->batch.id);
	bench->batch.accepted_at = now;
	for (size_t i = 0; i < bench->size; i++) {
		struct store_change *change = &bench->change[i];
		struct case_record *record = &bench->record[i % CASES];
		random_fill(random, sizeof random);
		change->message = id_v7(now, random);
		change->sender = bench->sender;
		change->kind = KIND_STATUS_NOTE;
		// The bytes need not differ: nobody reads them here.
		change->envelope = view_of(bench->envelope[i], ENVELOPE);
		change->recipient[0] = bench->recipient;
		change->recipient_count = 1;
		change->has_case = true;
		change->expected_seq = record->seq++;
		change->next = *record;
	}
}

static void next_batch(struct bench *bench);

static void on_commit(void *context, enum fail_code code, const struct store_result *result, size_t count)
{
	struct bench *bench = context;
	if (code != FAIL_NONE)
		fail(fail_name(code));
	for (size_t i = 0; i < count; i++) {
		if (result[i].outcome != STORE_STORED)
			fail("a message was refused");
	}
	bench->stored += count;
	if (now_ms(CLOCK_MONOTONIC) < bench->end)
		next_batch(bench);
	else
		uv_stop(&bench->loop);
}

static void next_batch(struct bench *bench)
{
	fill(bench);
	bench->store->ops->commit(bench->store, &bench->batch, on_commit, bench);
}

static void on_state(void *context, bool available)
{
	(void)context;
	(void)available;
}

static void begin(struct bench *bench, unsigned seconds)
{
	bench->begun = now_ms(CLOCK_REALTIME);
	bench->end = now_ms(CLOCK_MONOTONIC) + seconds * UINT64_C(1000);
	open_cases(bench);
	next_batch(bench);
}

static void on_available(void *context, bool available)
{
	struct bench *bench = context;
	if (available)
		uv_stop(&bench->loop);
}

static void open_store(struct bench *bench)
{
	struct store_postgres_settings settings = {.writer = bench->conninfo,
	                                           .reader = bench->conninfo,
	                                           .partner = bench->conninfo,
	                                           .readers = READERS};
	struct fail why = {0};
	uv_loop_init(&bench->loop);
	if (store_postgres_new(&bench->store, &bench->loop, &settings, &why) != FAIL_NONE)
		fail(why.text);
	bench->store->on_state = on_available;
	bench->store->on_state_context = bench;
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	bench->store->on_state = on_state;
}

static void prepare(struct bench *bench, const char *size)
{
	char value[64];
	bench->size = size == NULL ? MAX_TREE_LEAVES : strtoul(size, NULL, 10);
	if (bench->size < 1 || bench->size > MAX_TREE_LEAVES)
		fail("the batch must have 1 to 256 messages");
	ask(bench, "SELECT min(member) FROM passerelle.member WHERE NOT agency", value, sizeof value);
	bench->sender = (member_no)strtol(value, NULL, 10);
	ask(bench, "SELECT max(member) FROM passerelle.member WHERE NOT agency", value, sizeof value);
	bench->recipient = (member_no)strtol(value, NULL, 10);
	random_fill(bench->envelope, sizeof bench->envelope);
	bench->batch.change = bench->change;
	bench->batch.leaf = bench->leaf;
	bench->batch.count = bench->size;
	bench->batch.commit = COMMIT_LOCAL;
	bench->batch.hub = "urn:iss:hub:bench:receipt:1";
	bench->batch.signature = view_of(bench->signature, sizeof bench->signature);
}

static void on_closed(void *context, enum fail_code code)
{
	(void)context;
	(void)code;
}

int main(int count, char **argument)
{
	struct bench *bench = calloc(1, sizeof *bench);
	char sql[160], bytes[64];
	if (bench == NULL || count < 3)
		fail("usage: ceiling CONNINFO SECONDS [BATCH]");
	unsigned seconds = (unsigned)strtoul(argument[2], NULL, 10);
	bench->conninfo = argument[1];
	prepare(bench, count > 3 ? argument[3] : NULL);
	open_store(bench);
	ask(bench, "SELECT pg_current_wal_insert_lsn()", bench->wal, sizeof bench->wal);
	uint64_t started = now_ms(CLOCK_MONOTONIC);
	begin(bench, seconds);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	double elapsed = (double)(now_ms(CLOCK_MONOTONIC) - started) / 1000;
	snprintf(sql, sizeof sql, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '%s')", bench->wal);
	ask(bench, sql, bytes, sizeof bytes);
	printf("ceiling %zu %.0f %.0f\n", bench->size, (double)bench->stored / elapsed,
	       strtod(bytes, NULL) / (double)bench->stored);
	bench->store->ops->close(bench->store, on_closed, NULL);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	uv_loop_close(&bench->loop);
	free(bench);
	return 0;
}
