// SPDX-License-Identifier: Apache-2.0
//
// The checks that a start makes, and some that only tell: all of them, one line each.
#include "hub/hub_keys.h"
#include "hub/verb.h"
#include "monitor/log.h"
#include "store/member_admin.h"
#include "store/migrate.h"

#include <sys/resource.h>
#include <time.h>

enum { DAY_S = 24 * 3600, CERTIFICATE_DAYS = 30, LEAST_FILES = 4096, QUOTED_SIZE = 1300 };

struct doctor {
	const struct config *config;
	bool json, first;
	unsigned failed;
};

static void tell(struct doctor *doctor, const char *check, const char *state, const char *detail)
{
	char quoted[QUOTED_SIZE];
	log_quote(detail, quoted, sizeof quoted);
	if (doctor->json)
		printf("%s\n  {\"check\": \"%s\", \"state\": \"%s\", \"detail\": %s}", doctor->first ? "" : ",", check, state,
		       quoted);
	else
		printf("%-8s %-22s %s\n", state, check, detail);
	doctor->first = false;
}

static void judge(struct doctor *doctor, const char *check, enum fail_code code, const struct fail *why,
                  const char *fine)
{
	if (code != FAIL_NONE)
		doctor->failed++;
	tell(doctor, check, code == FAIL_NONE ? "ok" : "fault", code == FAIL_NONE ? fine : why->text);
}

static void judge_end(struct doctor *doctor, const char *check, int64_t ends)
{
	char text[80];
	int64_t left = ends - (int64_t)time(NULL);
	snprintf(text, sizeof text, "ends in %lld days", (long long)(left / DAY_S));
	tell(doctor, check, left < CERTIFICATE_DAYS * DAY_S ? "warning" : "ok", text);
}

static void check_keys(struct doctor *doctor)
{
	struct fail why = {0};
	struct tls_context *tls = NULL;
	struct receipt_keys receipt = {0};
	int64_t ends = 0;
	enum fail_code code = hub_tls_load(&tls, &ends, doctor->config, &why);
	judge(doctor, "TLS certificate", code, &why, "certificate and key fit, chain to the root");
	if (code == FAIL_NONE)
		judge_end(doctor, "TLS certificate's end", ends);
	tls_context_unref(tls);
	code = receipt_keys_load(&receipt, doctor->config, &why);
	judge(doctor, "receipt key", code, &why, "certificate and key fit, chain to the root");
	if (code == FAIL_NONE)
		judge_end(doctor, "receipt key's end", certificate_not_after(receipt.certificate));
	receipt_keys_release(&receipt);
}

static void check_databases(struct doctor *doctor)
{
	const struct config *config = doctor->config;
	const struct { const char *check, *conninfo; } databases[] = {
		{"database, writer", config->database_writer}, {"database, reader", config->database_reader},
		{"database, partner", config->database_partner},
	};
	for (size_t i = 0; i < sizeof databases / sizeof databases[0]; i++) {
		struct fail why = {0};
		judge(doctor, databases[i].check, migrate_check(databases[i].conninfo, &why), &why, "reachable, schema is this version's");
	}
}

// Members check what the hub writes by itself against the directory.
static void check_registration(struct doctor *doctor)
{
	struct fail why = {0};
	struct receipt_keys receipt = {0};
	bool found = false;
	if (receipt_keys_load(&receipt, doctor->config, &why) != FAIL_NONE)
		return; // told by check_keys
	enum fail_code code =
		member_has_certificate(doctor->config->database_reader, bytes_view(&receipt.chain[0]), &found, &why);
	if (code != FAIL_NONE)
		judge(doctor, "hub in the directory", code, &why, "");
	else
		tell(doctor, "hub in the directory", found ? "ok" : "warning",
		     found ? "members can check its reminders"
		           : "it writes no reminders: passerelle-hub member add --kind HUB --code NAME --signing RECEIPT.crt");
	receipt_keys_release(&receipt);
}

static void check_machine(struct doctor *doctor)
{
	struct fail why = {0};
	struct rlimit files;
	judge(doctor, "TLS library", tls_library_check(&why), &why, "new enough");
	bool enough = getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max >= LEAST_FILES;
	tell(doctor, "open files", enough ? "ok" : "warning", enough ? "enough" : "fewer than 4,096: raise LimitNOFILE");
}

int verb_doctor(const struct call *call)
{
	int code;
	struct config *config = verb_config(call, true, &code);
	if (config == NULL)
		return code;
	struct doctor doctor = {.config = config, .json = call->value[FLAG_JSON] != NULL, .first = true};
	if (doctor.json)
		printf("{\"schema\": \"passerelle-hub.doctor/1\", \"items\": [");
	check_keys(&doctor);
	check_databases(&doctor);
	check_registration(&doctor);
	check_machine(&doctor);
	if (doctor.json)
		printf("]}\n");
	config_free(config);
	return doctor.failed > 0 ? EXIT_FAULT : EXIT_DONE;
}
