// SPDX-License-Identifier: Apache-2.0
#include "store/memory_tables.h"
#include "store/status.h"

#include <stdio.h>
#include <string.h>

static bool asked_for(const struct case_record *record, const struct query *query)
{
	if (query->has_case_id)
		return id_equal(&record->id, &query->case_id);
	return query->reference != NULL && query->reference[0] != '\0' && strcmp(record->reference, query->reference) == 0;
}

// An agency asks with its own reference, and with nothing else.
static struct memory_party *asking_party(const struct memory_case *entry, member_no agency, const struct query *query,
                                         uint64_t now)
{
	for (struct memory_party *party = entry->party; party != NULL; party = party->next) {
		if (party->agency == agency && party->reference[0] != '\0' && query->reference != NULL &&
		    strcmp(party->reference, query->reference) == 0)
			return status_day_passed(party->until, now) ? NULL : party;
	}
	return NULL;
}

// A partner sees a case while it is a party and until 90 days after its end; a member its
// own; the General Secretariat all.
static bool is_meant(const struct memory_member *asker, const struct memory_case *entry, const struct query *query,
                     uint64_t now)
{
	const struct case_record *record = &entry->record;
	if (!asker->public.active)
		return false;
	if (asker->public.agency)
		return !status_long_ended(record->view.state, record->since, now) &&
		       asking_party(entry, asker->public.no, query, now) != NULL;
	if (!asked_for(record, query))
		return false;
	return record->requesting == asker->public.no || record->responding == asker->public.no ||
	       strcmp(asker->public.code, "GS") == 0;
}

// One question more, of this agency on this day, with this reference; how many there were.
static unsigned count_question(struct memory_tables *tables, member_no agency, uint64_t day, const char *reference)
{
	struct memory_budget *budget = tables->budget;
	while (budget != NULL &&
	       (budget->agency != agency || budget->day != day || strcmp(budget->reference, reference) != 0))
		budget = budget->next;
	if (budget == NULL) {
		budget = memory_need(1, sizeof *budget);
		*budget = (struct memory_budget){.next = tables->budget, .agency = agency, .day = day};
		snprintf(budget->reference, sizeof budget->reference, "%s", reference);
		tables->budget = budget;
	}
	return ++budget->count;
}

static bool over_budget(struct memory_tables *tables, member_no agency, const struct query *query, uint64_t now)
{
	char reference[REFERENCE_SIZE] = "-"; // asked without one
	uint64_t day = now / 86400000;
	if (query->reference != NULL && query->reference[0] != '\0')
		snprintf(reference, sizeof reference, "%s", query->reference);
	if (count_question(tables, agency, day, "") > QUESTIONS_A_DAY)
		return true;
	return count_question(tables, agency, day, reference) > QUESTIONS_A_DAY_EACH;
}

// Two cases may share a reference: the newest that the asker may see is meant.
enum fail_code memory_status(struct memory_tables *tables, member_no no, const struct query *query, uint64_t now,
                             struct answer *answer)
{
	const struct memory_member *asker = memory_member(tables, no);
	const struct case_record *best = NULL;
	struct memory_case *entry = NULL, *next = NULL, *meant = NULL;
	*answer = (struct answer){.kind = QUESTION_STATUS};
	if (asker->public.agency && over_budget(tables, no, query, now))
		return FAIL_OVER_QUOTA;
	HASH_ITER(hh, tables->cases, entry, next) {
		if (is_meant(asker, entry, query, now) &&
		    (best == NULL || entry->record.opened_at > best->opened_at))
			best = &(meant = entry)->record;
	}
	if (best == NULL)
		return FAIL_NONE;
	if (asker->public.agency)
		asking_party(meant, no, query, now)->asked++;
	struct status_facts facts = {
		.state = best->view.state,
		.since = best->since,
		.clock = best->clock,
		.requesting = memory_member(tables, best->requesting)->public.code,
		.responding = memory_member(tables, best->responding)->public.code,
	};
	status_fill(&answer->status, &facts, asker->public.agency, now);
	return FAIL_NONE;
}

static void add_certificates(struct directory_entry *entry, const struct memory_certificate *list,
                             struct store_signer *signer, size_t *signers, member_no no)
{
	for (const struct memory_certificate *row = list; row != NULL; row = row->next) {
		if (row->signing) {
			entry->signing[entry->signing_count++] = row->certificate;
			signer[(*signers)++] =
				(struct store_signer){.hash = row->hash, .member = no, .certificate = row->certificate};
		} else {
			entry->encryption[entry->encryption_count++] = row->certificate;
		}
		bool known = row->issuer.length == 0;
		for (size_t i = 0; i < entry->issuer_count && !known; i++)
			known = view_equal(entry->issuer[i], row->issuer);
		if (!known)
			entry->issuer[entry->issuer_count++] = row->issuer;
	}
}

static size_t count_certificates(const struct memory_member *member)
{
	size_t count = 0;
	for (const struct memory_certificate *row = member->certificate; row != NULL; row = row->next)
		count++;
	return count;
}

void memory_directory(const struct memory_tables *tables, struct store_directory *directory)
{
	size_t certificates = 0, signers = 0;
	for (size_t i = 0; i < tables->member_count; i++)
		certificates += count_certificates(tables->member[i]);
	struct store_member *members = memory_need(tables->member_count, sizeof *members);
	struct store_signer *signer = memory_need(certificates, sizeof *signer);
	struct answer *answer = memory_need(1, sizeof *answer);
	answer->kind = QUESTION_DIRECTORY;
	answer->version = tables->directory_version;
	answer->entry = memory_need(tables->member_count, sizeof *answer->entry);
	answer->entry_count = tables->member_count;
	for (size_t i = 0; i < tables->member_count; i++) {
		const struct memory_member *member = tables->member[i];
		struct directory_entry *entry = &answer->entry[i];
		size_t room = count_certificates(member);
		members[i] = member->public;
		entry->code = member->public.code;
		entry->kind = member->public.agency ? "PARTNER_AGENCY" : "BRANCH";
		entry->name = member->name;
		entry->status = member->public.active ? "ACTIVE" : "SUSPENDED";
		entry->availability = member->public.availability;
		entry->cause = member->public.cause;
		entry->until = member->public.until;
		entry->deputy = member->public.deputy;
		entry->calendar = member->public.calendar;
		entry->signing = memory_need(room, sizeof *entry->signing);
		entry->encryption = memory_need(room, sizeof *entry->encryption);
		entry->issuer = memory_need(room, sizeof *entry->issuer);
		add_certificates(entry, member->certificate, signer, &signers, member->public.no);
	}
	*directory = (struct store_directory){
		.version = tables->directory_version,
		.member = members, .member_count = tables->member_count,
		.signer = signer, .signer_count = signers,
		.answer = answer,
	};
}

static void drop(const void *memory)
{
	union { const void *from; void *to; } way = {.from = memory};
	free(way.to);
}

void memory_directory_release(struct store_directory *directory)
{
	for (size_t i = 0; directory->answer != NULL && i < directory->answer->entry_count; i++) {
		free(directory->answer->entry[i].signing);
		free(directory->answer->entry[i].encryption);
		free(directory->answer->entry[i].issuer);
	}
	if (directory->answer != NULL)
		free(directory->answer->entry);
	drop(directory->answer);
	drop(directory->member);
	drop(directory->signer);
	*directory = (struct store_directory){0};
}
