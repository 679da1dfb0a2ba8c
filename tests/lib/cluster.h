// SPDX-License-Identifier: Apache-2.0
//
// A private PostgreSQL for one test program: deploy/private-postgres in a folder under
// the temporary folder. A fault of the surroundings ends the program.
#ifndef PASSERELLE_TESTS_CLUSTER_H
#define PASSERELLE_TESTS_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>

struct cluster {
	char folder[64];
	char superuser[160], writer[160], reader[160], partner[160]; // connection strings
};

void cluster_start(struct cluster *cluster, const char *settings); // NAME=VALUE ..., may be NULL
void cluster_stop(const struct cluster *cluster, const char *mode); // "fast", "immediate"
void cluster_restart(const struct cluster *cluster);
void cluster_remove(const struct cluster *cluster);                 // stops it, too

// One value as the superuser, "" if there is none; `value` may be NULL.
void cluster_ask(const struct cluster *cluster, const char *sql, char *value, size_t size);

// As this connection string: the SQLSTATE of the refusal, or "00000".
void cluster_try(const char *conninfo, const char *sql, char state[6]);

// Migrated, with members CH SN NZ GS and agencies UNICEF-SN UNHCR-SN.
void cluster_seed(const struct cluster *cluster);
int cluster_member(const struct cluster *cluster, const char *code);

#endif
