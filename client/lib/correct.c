// SPDX-License-Identifier: Apache-2.0
#include "lib/correct.h"

#include "case/correction.h"
#include "form/form.h"
#include "lib/cases.h"

#include <string.h>

static const struct {
	const char *verb;
	enum message_kind kind;
} verbs[] = {
	{"update", KIND_UPDATE},
	{"invalidate", KIND_INVALIDATE},
	{"recall", KIND_RECALL},
};

static enum message_kind kind_of(const char *verb)
{
	for (size_t i = 0; verb != NULL && i < sizeof verbs / sizeof verbs[0]; i++) {
		if (strcmp(verbs[i].verb, verb) == 0)
			return verbs[i].kind;
	}
	return KIND_UNSPECIFIED;
}

bool correct_verb(const char *verb)
{
	return kind_of(verb) != KIND_UNSPECIFIED;
}

static enum fail_code check_recall(const struct correction_target *target, const struct corrections *before,
                                   struct fail *why)
{
	for (size_t i = 0; i < before->count; i++) {
		if (before->list[i].kind == KIND_RECALL && id_equal(&before->list[i].to, &target->id))
			return fail_set(why, FAIL_NO_LONGER_VALID, "this message was recalled already");
	}
	bool delivered = target->state == OUTBOX_DELIVERED || target->state == OUTBOX_OPENED || target->delivered_at > 0;
	return delivered ? fail_set(why, FAIL_ALREADY_DELIVERED, "this message was delivered already") : FAIL_NONE;
}

static enum fail_code check_target(struct correcting *correcting, const struct corrections *before, struct fail *why)
{
	const struct correction_target *target = &correcting->target;
	if (!correction_possible(correcting->kind, target->header.kind))
		return fail_set(why, FAIL_NOT_ALLOWED, "%s", correction_refusal(correcting->kind));
	if (corrections_recalled(before, &target->id, target->header.from))
		return fail_set(why, FAIL_NO_LONGER_VALID, "this message was recalled already");
	if (correcting->kind == KIND_RECALL)
		return check_recall(target, before, why);
	if (corrections_void(before, &target->id, target->header.from))
		return fail_set(why, FAIL_NO_LONGER_VALID, "this message was declared void already");
	if (correcting->kind != KIND_UPDATE)
		return FAIL_NONE;
	correcting->version = corrections_next_version(before, &target->id, target->header.from);
	correcting->verb = form_verb(target->header.kind);
	must(correcting->verb != NULL);
	return correcting->version <= MAX_CONTENT_VERSION
	         ? FAIL_NONE
	         : fail_set(why, FAIL_TOO_LARGE, "a message has at most %d versions", MAX_CONTENT_VERSION);
}

static enum fail_code take_back_all(struct psr_profile *profile, const struct correcting *correcting, bool *taken,
                                    struct fail *why)
{
	uint64_t now = clock_now();
	enum fail_code code = outbox_take_back(profile->store, &correcting->target.id, now, taken, why);
	if (code == FAIL_NONE && *taken && correction_opens(correcting->target.header.kind))
		code = outbox_take_back_case(profile->store, &correcting->target.header.case_id, now, why);
	return code;
}

static enum fail_code take_back(struct psr_profile *profile, const struct correcting *correcting, bool *taken,
                                struct fail *why)
{
	if (correcting->kind != KIND_RECALL || correcting->target.state != OUTBOX_QUEUED)
		return FAIL_NONE;
	enum fail_code code = store_begin(profile->store, why);
	if (code != FAIL_NONE)
		return code;
	code = take_back_all(profile, correcting, taken, why);
	if (code == FAIL_NONE)
		return store_commit(profile->store, why);
	store_rollback(profile->store);
	return code;
}

enum fail_code correct_begin(struct psr_profile *profile, const struct psr_message *message, struct arena *arena,
                             struct correcting *correcting, struct fail *why)
{
	struct case_row row;
	struct corrections before = {.list = NULL};
	*correcting = (struct correcting){.kind = kind_of(message->verb), .verb = message->verb};
	enum fail_code code = cases_find(profile, message->reference, &row, why);
	if (code == FAIL_NONE)
		code = corrections_find(profile, &row.id, message->message, arena, &correcting->target, why);
	if (code == FAIL_NONE) {
		memcpy(correcting->reference, row.reference, sizeof correcting->reference);
		correcting->ended = case_state_ended(row.view.state);
	}
	if (code == FAIL_NONE)
		code = corrections_read(profile, &row.id, &before, why);
	if (code == FAIL_NONE)
		code = check_target(correcting, &before, why);
	if (code == FAIL_NONE)
		code = take_back(profile, correcting, &correcting->taken_back, why);
	corrections_release(&before);
	return code;
}

static bool same_parties(const struct header *a, const struct header *b)
{
	bool same = a->party_count == b->party_count;
	for (size_t i = 0; same && i < a->party_count; i++)
		same = strcmp(a->party[i].agency, b->party[i].agency) == 0 &&
		       strcmp(a->party[i].purpose, b->party[i].purpose) == 0 &&
		       strcmp(a->party[i].until, b->party[i].until) == 0; // the reference is no part of the form
	return same;
}

// The first field of the open header in which the form differs from what was sent; NULL: none.
static const char *difference(const struct header *form, const struct header *sent)
{
	const struct {
		const char *name;
		bool same;
	} fields[] = {
		{"service", strcmp(form->service, sent->service) == 0},
		{"urgency", strcmp(form->urgency, sent->urgency) == 0},
		{"legal_basis", strcmp(form->legal_basis, sent->legal_basis) == 0},
		{"requester_kind", strcmp(form->requester_kind, sent->requester_kind) == 0},
		{"reason", strcmp(form->reason, sent->reason) == 0},
		{"due", strcmp(form->due, sent->due) == 0},
		{"stage", form->report == sent->report},
		{"blocking", form->blocking == sent->blocking},
		{"partners", same_parties(form, sent)},
	};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (!fields[i].same)
			return fields[i].name;
	}
	return NULL;
}

enum fail_code correct_header(const struct correcting *correcting, struct header *header, struct fail *why)
{
	const char *differs = correcting->kind == KIND_UPDATE ? difference(header, &correcting->target.header) : NULL;
	if (differs != NULL)
		return fail_set(why, FAIL_BAD_USAGE,
		                "the form says something else for \"%s\" than the message that was sent: an update changes what is "
		                "sealed, not what all on the way have read",
		                differs);
	struct header plain = {
		.kind = correcting->kind, .refers_to = correcting->target.id, .version_of_content = correcting->version,
		.language = header->language, .language_count = header->language_count,
	};
	if (correcting->kind == KIND_RECALL)
		memcpy(plain.reason, header->reason, sizeof plain.reason);
	uint64_t kinds = correction_kinds_of(&plain, correcting->ended);
	if ((kinds >> correcting->target.header.kind & 1) == 0)
		return fail_set(why, FAIL_BAD_USAGE, "%s", correction_refusal(correcting->kind));
	*header = plain;
	return FAIL_NONE;
}
