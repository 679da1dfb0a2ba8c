// SPDX-License-Identifier: Apache-2.0
#include "lib/cluster.h"

#include "store/member_admin.h"
#include "store/migrate.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void run(const char *command)
{
	int status = system(command);
	if (status != 0) {
		fprintf(stderr, "%s: status %d\n", command, status);
		exit(1);
	}
}

static void connection(const struct cluster *cluster, char *text, size_t size, const char *user)
{
	snprintf(text, size, "host=%s port=5432 user=%s dbname=passerelle", cluster->folder, user);
}

static void postgres(const struct cluster *cluster, const char *verb, const char *more)
{
	char command[600];
	snprintf(command, sizeof command, "%s/deploy/private-postgres %s %s %s >/dev/null", SOURCE_ROOT, verb,
	         cluster->folder, more == NULL ? "" : more);
	run(command);
}

// A test that is killed or aborts cannot clean up: somebody waits for its end.
static void leave_nothing_behind(const struct cluster *cluster)
{
	char command[600];
	snprintf(command, sizeof command,
	         "setsid sh -c 'tail --pid=%d -f /dev/null; %s/deploy/private-postgres stop %s immediate; rm -rf %s' "
	         "</dev/null >/dev/null 2>&1 &",
	         (int)getpid(), SOURCE_ROOT, cluster->folder, cluster->folder);
	run(command);
}

void cluster_start(struct cluster *cluster, const char *settings)
{
	memset(cluster, 0, sizeof *cluster);
	snprintf(cluster->folder, sizeof cluster->folder, "/tmp/passerelle-pg-XXXXXX");
	if (mkdtemp(cluster->folder) == NULL) {
		perror("mkdtemp");
		exit(1);
	}
	connection(cluster, cluster->superuser, sizeof cluster->superuser, "postgres");
	connection(cluster, cluster->writer, sizeof cluster->writer, "passerelle_writer");
	connection(cluster, cluster->reader, sizeof cluster->reader, "passerelle_reader");
	connection(cluster, cluster->partner, sizeof cluster->partner, "passerelle_partner");
	leave_nothing_behind(cluster);
	postgres(cluster, "start", settings);
}

void cluster_stop(const struct cluster *cluster, const char *mode)
{
	postgres(cluster, "stop", mode);
}

void cluster_restart(const struct cluster *cluster)
{
	postgres(cluster, "start", NULL);
}

void cluster_remove(const struct cluster *cluster)
{
	char command[120];
	postgres(cluster, "stop", "immediate");
	snprintf(command, sizeof command, "rm -rf '%s'", cluster->folder);
	run(command);
}

void cluster_ask(const struct cluster *cluster, const char *sql, char *value, size_t size)
{
	PGconn *line = PQconnectdb(cluster->superuser);
	PGresult *result = PQexec(line, sql);
	ExecStatusType status = PQresultStatus(result);
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
		fprintf(stderr, "%s: %s", sql, PQerrorMessage(line));
		exit(1);
	}
	if (value != NULL)
		snprintf(value, size, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	PQfinish(line);
}

void cluster_try(const char *conninfo, const char *sql, char state[6])
{
	PGconn *line = PQconnectdb(conninfo);
	PGresult *result = PQexec(line, sql);
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	snprintf(state, 6, "%s", PQstatus(line) != CONNECTION_OK ? "08000" : sqlstate == NULL ? "00000" : sqlstate);
	PQclear(result);
	PQfinish(line);
}

static void register_one(const struct cluster *cluster, const char *code, const char *kind)
{
	struct fail why = {0};
	uint8_t der[8] = {0x30, 0x06};
	memcpy(der + 2, code, strlen(code) < 6 ? strlen(code) : 6);
	struct view certificate = view_of(der, sizeof der);
	struct member_registration member = {
		.code = code,
		.kind = kind,
		.name = code,
		.signing = &certificate,
		.signing_count = 1,
		.issuer = &certificate,
		.issuer_count = 1,
	};
	if (member_register(cluster->superuser, &member, &why) != FAIL_NONE) {
		fprintf(stderr, "%s: %s\n", code, why.text);
		exit(1);
	}
}

void cluster_seed(const struct cluster *cluster)
{
	struct fail why = {0};
	struct migrate_settings settings = {.conninfo = cluster->superuser, .now = (uint64_t)time(NULL) * 1000};
	if (migrate_run(&settings, &why) != FAIL_NONE) {
		fprintf(stderr, "migrate: %s\n", why.text);
		exit(1);
	}
	register_one(cluster, "CH", "BRANCH");
	register_one(cluster, "SN", "BRANCH");
	register_one(cluster, "NZ", "BRANCH");
	register_one(cluster, "GS", "GENERAL_SECRETARIAT");
	register_one(cluster, "UNICEF-SN", "PARTNER_AGENCY");
	register_one(cluster, "UNHCR-SN", "PARTNER_AGENCY");
}

int cluster_member(const struct cluster *cluster, const char *code)
{
	char sql[120], value[16];
	snprintf(sql, sizeof sql, "SELECT member FROM passerelle.member WHERE code = '%s'", code);
	cluster_ask(cluster, sql, value, sizeof value);
	return (int)strtol(value, NULL, 10);
}
