// SPDX-License-Identifier: Apache-2.0
#include "lib/client_pair.h"

#include "lib/cases.h"
#include "lib/checked.h"
#include "lib/profile_new.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void client_pair_shell(const char *format, ...)
{
	char text[2048];
	va_list list;
	va_start(list, format);
	int length = vsnprintf(text, sizeof text, format, list);
	va_end(list);
	must(length > 0 && (size_t)length < sizeof text);
	must(system(text) == 0);
}

static void expect(enum fail_code code, const struct fail *why)
{
	if (code != FAIL_NONE)
		fprintf(stderr, "%s: %s\n", fail_name(code), why->text);
	must(code == FAIL_NONE);
}

void client_pair_profile(const struct client_pair *pair, const char *name, const char *member, const char *passphrase)
{
	char folder[128], trust[128];
	snprintf(folder, sizeof folder, "%s/%s", pair->folder, name);
	snprintf(trust, sizeof trust, "%s/ca/root.pem", pair->folder);
	struct psr_new_profile new = {folder, member, "anna", "caseworker", "127.0.0.1:9", trust, passphrase};
	struct identity identity;
	struct fail why;
	expect(profile_create(&new, &identity, &why), &why);
	client_pair_issue(pair, name);
	char issued[128];
	snprintf(issued, sizeof issued, "%s/issued-%s", pair->folder, name);
	expect(profile_install(folder, issued, passphrase, &identity, &why), &why);
}

void client_pair_issue(const struct client_pair *pair, const char *name)
{
	static const char *const uses[KEY_NAMES] = {"tls-client", "signing", "encryption"};
	const char *f = pair->folder;
	client_pair_shell("mkdir -p %s/issued-%s", f, name);
	for (size_t i = 0; i < KEY_NAMES; i++) {
		const char *key = key_names[i].name;
		client_pair_shell(SOURCE_ROOT "/deploy/training-ca issue %s/ca %s/%s/requests/%s.csr %s %s/issued-%s/%s.crt", f,
		                  f, name, key, uses[i], f, name, key);
	}
}

static struct psr_profile *open_profile(const struct client_pair *pair, const char *name)
{
	char folder[128];
	snprintf(folder, sizeof folder, "%s/%s", pair->folder, name);
	struct psr_profile *profile;
	struct fail why;
	expect(profile_open(&profile, folder, NULL, &why), &why);
	return profile;
}

struct listed {
	char code_text[MEMBER_CODE_SIZE];
	struct view signing, encryption, issuer[2];
};

static void list(struct directory_entry *entry, struct listed *listed, struct psr_profile *profile)
{
	const struct own_certificate *sign = profile->keys->ops->certificate(profile->keys, USE_SIGNING);
	const struct own_certificate *branch = profile->keys->ops->certificate(profile->keys, USE_ENCRYPTION);
	listed->signing = certificate_der(sign->certificate);
	listed->encryption = certificate_der(branch->certificate);
	listed->issuer[0] = bytes_view(&sign->issuer[0]);
	listed->issuer[1] = bytes_view(&branch->issuer[0]);
	*entry = (struct directory_entry){
		.code = profile->settings.identity.code, .kind = "BRANCH", .name = "training", .status = "ACTIVE",
		.signing = &listed->signing, .signing_count = 1, .encryption = &listed->encryption, .encryption_count = 1,
		.issuer = listed->issuer, .issuer_count = 2,
	};
}

static void give_directory(struct client_pair *pair)
{
	struct listed listed[2];
	struct directory_entry entry[2];
	struct psr_profile *const both[2] = {pair->ch, pair->sn};
	for (size_t i = 0; i < 2; i++)
		list(&entry[i], &listed[i], both[i]);
	struct answer answer = {.kind = QUESTION_DIRECTORY, .version = 1, .entry = entry, .entry_count = 2};
	struct fail why;
	for (size_t i = 0; i < 2; i++) {
		expect(store_begin(both[i]->store, &why), &why);
		expect(directory_replace(both[i]->store, &answer, &why), &why);
		expect(store_commit(both[i]->store, &why), &why);
	}
}

void client_pair_begin(struct client_pair *pair)
{
	snprintf(pair->folder, sizeof pair->folder, "/tmp/passerelle-pair-XXXXXX");
	must(mkdtemp(pair->folder) != NULL);
	client_pair_shell(SOURCE_ROOT "/deploy/training-ca new %s/ca", pair->folder);
	client_pair_profile(pair, "ch", "CH", NULL);
	client_pair_profile(pair, "sn", "SN", NULL);
	pair->ch = open_profile(pair, "ch");
	pair->sn = open_profile(pair, "sn");
	give_directory(pair);
}

void client_pair_end(struct client_pair *pair)
{
	profile_close(pair->ch);
	profile_close(pair->sn);
	client_pair_shell("rm -rf %s", pair->folder);
}

struct handing {
	struct psr_profile *to;
	struct id message;
	uint64_t mailbox_seq;
};

static enum fail_code hand(void *context, const struct outbox_row *row)
{
	struct handing *handing = context;
	if (!id_equal(&row->message, &handing->message))
		return FAIL_NONE;
	struct arena arena;
	struct checked checked;
	struct fail why;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	expect(checked_decode(&checked, row->envelope, &arena, &why), &why);
	expect(checked_verify(handing->to, &checked, clock_now(), &why), &why);
	struct inbox_row in = {
		.message = row->message,
		.case_id = row->case_id,
		.sender = checked.header.from,
		.fault = "",
		.mailbox_seq = handing->mailbox_seq,
		.case_seq = 1,
		.accepted_at = clock_now(),
		.stored_at = clock_now(),
		.case_state = CASE_SENT,
		.kind = row->kind,
		.event = row->event,
		.header_hash = checked.header_hash,
		.envelope = row->envelope,
	};
	struct case_news news = {&checked.header, checked.header_hash, 1, in.accepted_at, CASE_SENT};
	bool fresh;
	expect(store_begin(handing->to->store, &why), &why);
	expect(inbox_add(handing->to->store, &in, &fresh, &why), &why);
	expect(cases_note(handing->to, &news, &why), &why);
	expect(store_commit(handing->to->store, &why), &why);
	arena_release(&arena);
	return FAIL_NONE;
}

struct id client_pair_hand_over(struct psr_profile *from, struct psr_profile *to, uint64_t mailbox_seq)
{
	struct outbox_mark marks[64];
	size_t count = 64;
	struct fail why;
	expect(outbox_queued_after(from->store, 0, marks, &count, &why), &why);
	must(count > 0 && count < 64);
	struct handing handing = {to, marks[count - 1].message, mailbox_seq};
	expect(outbox_each(from->store, OUTBOX_WAITING, NULL, hand, &handing, &why), &why);
	return handing.message;
}
