// SPDX-License-Identifier: Apache-2.0
#include "lib/doctor.h"

#include "base/words.h"
#include "lib/ask.h"
#include "lib/json.h"
#include "lib/profile_new.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

enum {
	RENEW_DAYS = 14,             // a certificate that ends sooner is told
	DISK_LITTLE_MB = 500,        // an attachment of 200 MB is sealed beside its file
	QUEUE_OLD_MS = 24 * 3600 * 1000,
};

struct diagnosis {
	const char *folder, *passphrase;
	json_t *items;                 // owned
	struct psr_profile *profile;   // owned, NULL if it does not open
	bool healthy;
};

enum verdict { VERDICT_OK, VERDICT_WARNING, VERDICT_FAULT };

static void finding(struct diagnosis *d, const char *check, enum verdict verdict, const char *advice, const char *text)
{
	static const char *const names[] = {"ok", "warning", "fault"};
	json_t *item = json_object();
	json_put_text(item, "check", check);
	json_put_text(item, "verdict", names[verdict]);
	json_put_text(item, "text", words_of(text));
	if (verdict != VERDICT_OK)
		json_put_filled(item, "advice", words_of(advice));
	json_array_append_new(d->items, item);
	d->healthy = d->healthy && verdict != VERDICT_FAULT;
}

static void finding_of(struct diagnosis *d, const char *check, enum fail_code code, const struct fail *why,
                       const char *well)
{
	finding(d, check, code == FAIL_NONE ? VERDICT_OK : VERDICT_FAULT, fail_advice(code),
	        code == FAIL_NONE ? well : why->text);
}

static void check_profile(struct diagnosis *d)
{
	struct profile_settings settings;
	struct fail why = {.code = FAIL_NONE};
	enum fail_code code = file_check_private(d->folder, &why);
	if (code == FAIL_NONE)
		code = profile_settings_load(&settings, d->folder, &why);
	char well[400];
	if (code == FAIL_NONE)
		snprintf(well, sizeof well, words_of("%.95s, hub %.200s port %.7s"), settings.identity.uri, settings.hub_host,
		         settings.hub_port);
	finding_of(d, "profile", code, &why, well);
}

static void check_certificate(struct diagnosis *d, const struct key_name *name, struct trust *trust)
{
	struct own_certificate own;
	struct path path;
	struct fail why = {.code = FAIL_NONE};
	char file[32], check[32], text[120];
	snprintf(file, sizeof file, "keys/%s.crt", name->name);
	snprintf(check, sizeof check, "certificate %s", name->name);
	enum fail_code code = path_join(&path, d->folder, file, &why);
	if (code == FAIL_NONE)
		code = own_certificate_load(&own, path.text, &why);
	if (code != FAIL_NONE) {
		finding(d, check, VERDICT_FAULT, "send requests/*.csr to the General Secretariat, then install what comes back",
		        why.text);
		return;
	}
	int64_t now = (int64_t)(clock_now() / 1000);
	int64_t days = (certificate_not_after(own.certificate) - now) / 86400;
	code = own_certificate_check(&own, trust, name->use, now, &why);
	snprintf(text, sizeof text, words_of("good for %" PRId64 " more days"), days);
	if (code != FAIL_NONE)
		finding(d, check, VERDICT_FAULT, fail_advice(code), why.text);
	else
		finding(d, check, days < RENEW_DAYS ? VERDICT_WARNING : VERDICT_OK,
		        "ask the General Secretariat for a new one now", text);
	own_certificate_release(&own);
}

static void check_keys(struct diagnosis *d)
{
	struct trust *trust = NULL;
	struct path root;
	struct fail why = {.code = FAIL_NONE};
	enum fail_code code = path_join(&root, d->folder, "trust/root.pem", &why);
	if (code == FAIL_NONE)
		code = trust_new(&trust, root.text, &why);
	finding_of(d, "trust", code, &why, "the network's root is pinned");
	for (size_t i = 0; i < KEY_NAMES && code == FAIL_NONE; i++) {
		if (profile_has_key(d->folder, &key_names[i]))
			check_certificate(d, &key_names[i], trust);
	}
	trust_free(trust);
}

static enum fail_code open_key(struct diagnosis *d, const struct key_name *name, struct fail *why)
{
	return d->profile->keys->ops->open(d->profile->keys, name->use, why);
}

static void check_open(struct diagnosis *d)
{
	struct fail why = {.code = FAIL_NONE};
	enum fail_code code = profile_open(&d->profile, d->folder, d->passphrase, &why);
	if (code != FAIL_NONE) {
		finding_of(d, "keys", code, &why, "");
		d->profile = NULL;
		return;
	}
	bool all = true;
	for (size_t i = 0; i < KEY_NAMES; i++) {
		code = open_key(d, &key_names[i], &why);
		all = all && code == FAIL_NONE;
		if (code != FAIL_NONE)
			finding_of(d, "keys", code, &why, "");
	}
	if (all)
		finding(d, "keys", VERDICT_OK, "", "the keys open, and the store too");
	code = store_check(d->profile->store, &why);
	finding_of(d, "store", code, &why, "the store is whole");
}

static void check_disk(struct diagnosis *d)
{
	struct statvfs found;
	char text[120];
	if (statvfs(d->folder, &found) != 0)
		return;
	uint64_t free_mb = (uint64_t)found.f_bavail * found.f_frsize / (1024 * 1024);
	snprintf(text, sizeof text, words_of("%" PRIu64 " MB free"), free_mb);
	finding(d, "disk", free_mb < DISK_LITTLE_MB ? VERDICT_WARNING : VERDICT_OK,
	        "free some space: attachments are sealed on this disk", text);
}

static void check_queue(struct diagnosis *d)
{
	struct outbox_counts counts;
	struct fail why = {.code = FAIL_NONE};
	char text[200];
	enum fail_code code = outbox_count(d->profile->store, &counts, &why);
	if (code != FAIL_NONE) {
		finding_of(d, "queue", code, &why, "");
		return;
	}
	bool old = counts.oldest_queued != 0 && clock_now() > counts.oldest_queued + QUEUE_OLD_MS;
	bool returned = counts.of[OUTBOX_RETURNED] > 0;
	snprintf(text, sizeof text, words_of("%u waiting, %u at the hub, %u returned"), counts.of[OUTBOX_QUEUED],
	         counts.of[OUTBOX_AT_HUB], counts.of[OUTBOX_RETURNED]);
	finding(d, "queue", old || returned ? VERDICT_WARNING : VERDICT_OK,
	        returned ? "see the outbox: what came back says why" : "messages have waited for over a day: sync", text);
}

static void check_inbox(struct diagnosis *d)
{
	unsigned all, unread, faulty;
	char text[120];
	if (inbox_count(d->profile->store, &all, &unread, &faulty, NULL) != FAIL_NONE)
		return;
	snprintf(text, sizeof text, words_of("%u messages, %u unread, %u not genuine"), all, unread, faulty);
	finding(d, "inbox", faulty > 0 ? VERDICT_WARNING : VERDICT_OK,
	        "see the inbox for what is not genuine, and ask its author", text);
}

static void check_directory(struct diagnosis *d)
{
	uint64_t version;
	char text[80];
	if (directory_version(d->profile->store, &version, NULL) != FAIL_NONE)
		return;
	snprintf(text, sizeof text, words_of(version == 0 ? "there is none yet" : "version %" PRIu64), version);
	finding(d, "directory", version == 0 ? VERDICT_WARNING : VERDICT_OK,
	        "sync once with a line: without it nothing can be sealed", text);
}

struct clock_watch {
	struct diagnosis *d;
	bool off;
};

static void on_clock(void *context, const struct happening *what)
{
	struct clock_watch *clock = context;
	if (what->kind == HAPPENED_WARNING && strcmp(what->error, "CLOCK_OFF") == 0) {
		clock->off = true;
		finding(clock->d, "clock", VERDICT_WARNING, "set the computer's clock", what->text);
	}
}

static void check_hub(struct diagnosis *d)
{
	struct fail why = {.code = FAIL_NONE};
	if (open_key(d, &key_names[0], &why) != FAIL_NONE)
		return; // told as a fault of the keys; the hub is not to blame
	struct exchange *x = calloc(1, sizeof *x);
	if (x == NULL)
		return;
	struct clock_watch clock = {d, false};
	enum fail_code code = ask_open_watched(x, d->profile, on_clock, &clock, &why);
	// Most often it is the time that is wrong, not the certificate.
	static const char check_time[] = "check this computer's date and time; if they are right, ask the General Secretariat";
	if (code == FAIL_BAD_CERTIFICATE)
		finding(d, "hub", VERDICT_FAULT, check_time, why.text);
	else
		finding_of(d, "hub", code, &why, "the hub answers, and its certificates are genuine");
	if (code == FAIL_NONE && !clock.off)
		finding(d, "clock", VERDICT_OK, "", "within 5 minutes of the hub's");
	if (code == FAIL_NONE)
		exchange_close(x);
	free(x);
}

enum fail_code doctor_run(const char *folder, const char *passphrase, json_t **result, struct fail *why)
{
	struct diagnosis d = {.folder = folder, .passphrase = passphrase, .items = json_array(), .healthy = true};
	if (folder == NULL)
		return fail_set(why, FAIL_BAD_USAGE, "the folder of a profile is needed");
	check_profile(&d);
	check_keys(&d);
	check_open(&d);
	check_disk(&d);
	if (d.profile != NULL) {
		check_queue(&d);
		check_inbox(&d);
		check_directory(&d);
		check_hub(&d);
	}
	profile_close(d.profile);
	*result = json_document("passerelle.doctor/1");
	json_object_set_new(*result, "healthy", json_boolean(d.healthy));
	json_object_set_new(*result, "items", d.items);
	return FAIL_NONE;
}
