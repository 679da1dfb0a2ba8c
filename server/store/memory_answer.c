// SPDX-License-Identifier: Apache-2.0
#include "store/flow.h"
#include "store/memory_tables.h"
#include "store/period.h"
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

static int by_age(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return a < b ? -1 : a > b;
}

struct selection {
	const struct case_record **record;
	size_t count;
	uint64_t now;
};

static bool same_cell(const struct case_record *a, const struct case_record *b)
{
	return a->requesting == b->requesting && a->responding == b->responding && a->view.state == b->view.state;
}

static uint64_t age_of(const struct selection *selection, const struct case_record *record)
{
	return selection->now > record->since ? selection->now - record->since : 0;
}

// The cell of record[first], whose other members are taken out of the selection.
static struct flow_cell take_cell(const struct memory_tables *tables, struct selection *selection, size_t first)
{
	const struct case_record *head = selection->record[first];
	struct flow_cell cell = {.state = (uint32_t)head->view.state};
	for (size_t i = first; i < selection->count; i++) {
		const struct case_record *record = selection->record[i];
		if (record == NULL || !same_cell(head, record))
			continue;
		uint64_t age = age_of(selection, record);
		cell.cases++;
		cell.overdue += clock_standing(&record->clock, selection->now) == STANDING_OVERDUE;
		cell.escalated += record->clock.told == NOTICE_ESCALATED;
		cell.oldest_ms = age > cell.oldest_ms ? age : cell.oldest_ms;
		selection->record[i] = NULL;
	}
	snprintf(cell.requesting, sizeof cell.requesting, "%s", memory_member(tables, head->requesting)->public.code);
	snprintf(cell.responding, sizeof cell.responding, "%s", memory_member(tables, head->responding)->public.code);
	return cell;
}

static uint64_t median_of(const struct selection *selection, enum case_state state)
{
	uint64_t *age = memory_need(selection->count, sizeof *age);
	size_t count = 0;
	for (size_t i = 0; i < selection->count; i++) {
		if (selection->record[i]->view.state == state)
			age[count++] = age_of(selection, selection->record[i]);
	}
	qsort(age, count, sizeof *age, by_age);
	uint64_t median = count == 0 ? 0 : age[(count - 1) / 2];
	free(age);
	return median;
}

enum { FIGURES_A_CASE = 9 + STEPS_MOST_HOLDS, DAY_MS = 24 * 60 * 60 * 1000 };

// The month of what was done on this day of the case; counted as domain/case_steps.h does.
static struct period_cell done_on(const struct case_record *record, enum flow_figure figure, uint16_t day)
{
	return (struct period_cell){
		.figure = figure,
		.month = period_month((record->opened_at / DAY_MS + day - 1) * DAY_MS),
		.cases = day == 0 ? 0 : 1,
	};
}

static void set_key(struct period_cell *cell, const char *key)
{
	snprintf(cell->key, sizeof cell->key, "%s", key);
}

static void set_route(const struct memory_tables *tables, const struct case_record *record, struct period_cell *asks,
                      struct period_cell *asked)
{
	snprintf(asks->requesting, sizeof asks->requesting, "%s", memory_member(tables, record->requesting)->public.code);
	snprintf(asked->responding, sizeof asked->responding, "%s", memory_member(tables, record->responding)->public.code);
}

static void count_hold(const struct case_record *record, size_t index, struct period_cell *cell)
{
	struct steps_hold hold = {.until = 0};
	bool there = case_steps_hold(&record->steps, index, &hold);
	*cell = done_on(record, FIGURE_HELD, there ? hold.until : 0);
	cell->hold = (uint32_t)index;
	cell->days = hold.days;
	set_key(cell, hold.reason);
}

// What is counted of one case, FIGURES_A_CASE cells; those that do not apply with 0 cases. PostgreSQL: api.flow_figures.
static void count_case(const struct memory_tables *tables, const struct case_record *record, struct period_cell *cell)
{
	const struct case_steps *steps = &record->steps;
	for (int i = 0; i < 4; i++)
		cell[i] = done_on(record, (enum flow_figure)(FIGURE_OPENED_ASKS + i), 1);
	set_route(tables, record, &cell[0], &cell[1]);
	set_key(&cell[2], record->service);
	set_key(&cell[3], record->urgency);
	cell[4] = done_on(record, FIGURE_ACKNOWLEDGED, steps->acknowledged);
	cell[5] = done_on(record, FIGURE_DECIDED, steps->decided);
	cell[6] = done_on(record, FIGURE_REPORTED, steps->reported);
	cell[4].days = steps->acknowledged;
	cell[5].days = steps->decided;
	cell[6].days = steps->reported;
	cell[7] = done_on(record, FIGURE_DATE, steps->date == STEPS_NO_DATE ? 0 : steps->reported);
	set_key(&cell[7], steps->date == STEPS_DATE_KEPT ? "KEPT" : "MISSED");
	for (size_t i = 0; i < STEPS_MOST_HOLDS; i++)
		count_hold(record, i, &cell[8 + i]);
	struct period_cell *declined = &cell[FIGURES_A_CASE - 1];
	*declined = done_on(record, FIGURE_DECLINED, steps->declined[0] == '\0' ? 0 : steps->decided);
	set_key(declined, steps->declined);
}

static bool is_unserved(const struct period_cell *declined)
{
	return declined->cases > 0 &&
	       (strcmp(declined->key, "NO_SERVICE_IN_AREA") == 0 || strcmp(declined->key, "NOT_COMPETENT") == 0);
}

static enum fail_code memory_figures(const struct memory_tables *tables, const struct query *query, uint64_t now,
                                     struct answer *answer)
{
	size_t cells = 0;
	struct period_cell *cell = memory_need(HASH_COUNT(tables->cases) * (FIGURES_A_CASE + 1) + 1, sizeof *cell);
	struct memory_case *entry = NULL, *next = NULL;
	HASH_ITER(hh, tables->cases, entry, next) {
		count_case(tables, &entry->record, &cell[cells]);
		cells += FIGURES_A_CASE;
		if (!is_unserved(&cell[cells - 1]))
			continue;
		cell[cells] = done_on(&entry->record, FIGURE_UNSERVED, entry->record.steps.decided);
		set_route(tables, &entry->record, &cell[cells], &cell[cells]);
		cells++;
	}
	*answer = (struct answer){.kind = QUESTION_FLOW, .as_of = now};
	enum fail_code code = period_publish(cell, cells, query, now, &answer->flow, &answer->flow_count);
	free(cell);
	return code;
}

enum fail_code memory_flow(const struct memory_tables *tables, const struct query *query, uint64_t now,
                           struct answer *answer)
{
	if (query->figures)
		return memory_figures(tables, query, now, answer);
	struct selection selection = {.now = now};
	size_t all = HASH_COUNT(tables->cases), cells = 0;
	uint64_t until = query->until == 0 ? UINT64_MAX : query->until, median[CASE_STATE_COUNT];
	struct memory_case *entry = NULL, *next = NULL;
	selection.record = memory_need(all, sizeof *selection.record);
	struct flow_cell *cell = memory_need(all, sizeof *cell);
	HASH_ITER(hh, tables->cases, entry, next) {
		if (entry->record.opened_at >= query->from && entry->record.opened_at < until)
			selection.record[selection.count++] = &entry->record;
	}
	for (unsigned state = 0; state < CASE_STATE_COUNT; state++)
		median[state] = median_of(&selection, (enum case_state)state);
	for (size_t i = 0; i < selection.count; i++) {
		if (selection.record[i] != NULL)
			cell[cells++] = take_cell(tables, &selection, i);
	}
	*answer = (struct answer){.kind = QUESTION_FLOW, .as_of = now};
	enum fail_code code = flow_publish(cell, cells, median, &answer->flow, &answer->flow_count);
	free(cell);
	free(selection.record);
	return code;
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
