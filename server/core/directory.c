// SPDX-License-Identifier: Apache-2.0
//
// Members and signers in memory, as the store has them.
#include "core/core_private.h"

#include <stdlib.h>
#include <string.h>

struct member *member_of_code(struct core *core, const char *code)
{
	struct member *member = NULL;
	HASH_FIND_STR(core->members, code, member);
	return member;
}

struct member *member_of_no(struct core *core, member_no no)
{
	struct member *member = NULL;
	HASH_FIND(by_no, core->members_by_no, &no, sizeof no, member);
	return member;
}

struct signer *signer_of_hash(struct core *core, const struct hash *hash)
{
	struct signer *signer = NULL;
	HASH_FIND(hh, core->signers, hash, sizeof *hash, signer);
	return signer != NULL && signer->listed ? signer : NULL;
}

bool member_serves(const struct member *member, bool agency)
{
	return member != NULL && member->listed && member->public.active && member->public.agency == agency;
}

bool member_connects(const struct member *member, bool agency)
{
	bool suspended = agency && member != NULL && member->listed && member->public.agency;
	return suspended || member_serves(member, agency);
}

static void take_member(struct core *core, const struct store_member *from)
{
	struct member *member = member_of_no(core, from->no);
	if (member == NULL) {
		member = calloc(1, sizeof *member);
		if (member == NULL)
			return; // stays unknown until the next reading
		member->public = *from;
		HASH_ADD(hh, core->members, public.code, (unsigned)strlen(member->public.code), member);
		HASH_ADD(by_no, core->members_by_no, public.no, sizeof member->public.no, member);
	}
	member->public = *from;
	member->listed = true;
}

static void take_signer(struct core *core, const struct store_signer *from)
{
	struct signer *signer = NULL;
	HASH_FIND(hh, core->signers, &from->hash, sizeof from->hash, signer);
	if (signer == NULL) {
		struct certificate *certificate = NULL;
		struct member *member = member_of_no(core, from->member);
		if (member == NULL || certificate_parse(&certificate, from->certificate, NULL) != FAIL_NONE)
			return;
		signer = calloc(1, sizeof *signer);
		if (signer == NULL) {
			certificate_free(certificate);
			return;
		}
		signer->hash = from->hash;
		signer->member = member;
		signer->certificate = certificate;
		HASH_ADD(hh, core->signers, hash, sizeof signer->hash, signer);
	}
	signer->listed = true;
}

static void take_directory(struct core *core, const struct store_directory *from)
{
	for (struct member *member = core->members; member != NULL; member = member->hh.next)
		member->listed = false;
	for (struct signer *signer = core->signers; signer != NULL; signer = signer->hh.next)
		signer->listed = false;
	for (size_t i = 0; i < from->member_count; i++)
		take_member(core, &from->member[i]);
	for (size_t i = 0; i < from->signer_count; i++)
		take_signer(core, &from->signer[i]);
	core->directory_version = from->version;
	core->directory_loaded = true;
}

// Those who are no members any more go; those who waited go on.
static void wake_sessions(struct core *core)
{
	struct core_session *session = NULL, *next = NULL;
	HASH_ITER (hh, core->sessions, session, next) {
		if (session->hello_waits) {
			session->hello_waits = false;
			hello_go_on(core, session);
		} else if (session->state == SESSION_OPEN &&
		           !member_connects(session->member, session->peer.class == IDENTITY_AGENCY)) {
			core->port.end(core->port.context, session->number, "NOT_A_MEMBER", 0);
		}
	}
}

// Taken off first: who is refused may ask again at once.
static void wake_requests(struct core *core)
{
	struct queue waiting = core->for_directory;
	if (waiting.first == NULL)
		return;
	queue_init(&core->for_directory);
	for (struct request *request = queue_take(&waiting); request != NULL; request = queue_take(&waiting))
		admission_go_on(core, request);
}

void directory_give_up(struct core *core)
{
	wake_sessions(core);
	wake_requests(core);
}

static void directory_done(void *context, enum fail_code code, const struct store_directory *directory)
{
	struct operation *operation = context;
	struct core *core = operation->core;
	operation_free(operation);
	core->directory_loading = false;
	if (code == FAIL_NONE)
		take_directory(core, directory);
	if (code != FAIL_NONE || core->directory_again) {
		core->directory_again = false;
		core->directory_due = core_now(core) + DIRECTORY_EVERY_MS;
		core_wake(core, core->directory_due);
	}
	wake_sessions(core);
	wake_requests(core);
}

static void load(struct core *core)
{
	struct operation *operation = operation_new(core, sizeof *operation, 0, 0);
	if (operation == NULL)
		return;
	core->directory_loading = true;
	core->directory_asked = core_now(core);
	core->store->ops->directory(core->store, directory_done, operation);
}

void directory_wanted(struct core *core)
{
	if (core->directory_loading || core->directory_due != 0)
		return;
	uint64_t earliest = core->directory_asked == 0 ? 0 : core->directory_asked + DIRECTORY_EVERY_MS;
	if (core_now(core) >= earliest) {
		load(core);
	} else {
		core->directory_due = earliest;
		core_wake(core, earliest);
	}
}

void directory_tick(struct core *core, uint64_t now)
{
	if (core->directory_due == 0 || now < core->directory_due || core->draining)
		return;
	core->directory_due = 0;
	if (core->directory_loading)
		core->directory_again = true;
	else
		load(core);
}

void core_directory_changed(struct core *core)
{
	// What is being read may be older than the change.
	if (core->directory_loading)
		core->directory_again = true;
	else if (!core->draining)
		load(core);
}

void directory_release(struct core *core)
{
	struct signer *signer = NULL, *next_signer = NULL;
	HASH_ITER (hh, core->signers, signer, next_signer) {
		HASH_DEL(core->signers, signer);
		certificate_free(signer->certificate);
		free(signer);
	}
	struct member *member = NULL, *next_member = NULL;
	HASH_ITER (hh, core->members, member, next_member) {
		HASH_DELETE(by_no, core->members_by_no, member);
		HASH_DEL(core->members, member);
		mailbox_clear(core, &member->mailbox);
		free(member->mailbox.ring);
		free(member);
	}
}
