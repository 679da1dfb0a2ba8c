// SPDX-License-Identifier: Apache-2.0
#include "lib/store_contract_parts.h"

#include "lib/store_calls.h"
#include "seal/key.h"
#include "seal/tree.h"
#include "store/status.h"
#include "unit/test.h"

#include <stdio.h>

#define DAY_MS UINT64_C(86400000)

// A case that is due at `at`, before all that other tests leave in the store.
static struct case_record due_case(struct contract *contract, uint64_t at)
{
	struct letters *letters = letters_new(contract);
	struct case_record record = new_case(contract, contract->ch, contract->sn);
	record.clock = (struct case_clock){.kind = CLOCK_DECIDE, .started = at - DAY_MS, .due = at};
	letters_add(letters, contract->ch, contract->sn);
	letters_case(letters, &record);
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->result[0].outcome, STORE_STORED);
	free(outcome);
	free(letters);
	return record;
}

static void move_clock(struct contract *contract, struct case_record *record, const struct case_clock *clock)
{
	struct letters *letters = letters_new(contract);
	record->clock = *clock;
	letters_add(letters, contract->sn, contract->ch);
	letters_case(letters, record);
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	free(outcome);
	free(letters);
}

static void assert_clock_equal(const struct case_clock *found, const struct case_clock *wanted)
{
	assert_int_equal(found->kind, wanted->kind);
	assert_int_equal(found->pauses, wanted->pauses);
	assert_int_equal(found->told, wanted->told);
	assert_int_equal(found->started, wanted->started);
	assert_int_equal(found->due, wanted->due);
	assert_int_equal(found->paused_since, wanted->paused_since);
	assert_int_equal(found->paused_ms, wanted->paused_ms);
	assert_int_equal(found->consent_at, wanted->consent_at);
	assert_int_equal(found->asked_at, wanted->asked_at);
	assert_int_equal(found->out_since, wanted->out_since);
}

void test_an_agency_has_a_budget_of_questions_for_the_day(struct contract *contract)
{
	struct status_reply reply;
	for (unsigned i = 0; i < QUESTIONS_A_DAY_EACH; i++)
		assert_ok(ask_status(contract, contract->other_agency, NULL, "CH-SN-0000-0000", &reply));
	assert_int_equal(ask_status(contract, contract->other_agency, NULL, "CH-SN-0000-0000", &reply), FAIL_OVER_QUOTA);
	assert_ok(
		ask_status(contract, contract->other_agency, NULL, "CH-SN-0000-0001", &reply)); // another one is another matter
	unsigned asked = QUESTIONS_A_DAY_EACH + 2;
	enum fail_code code = FAIL_NONE;
	for (; asked <= QUESTIONS_A_DAY && code == FAIL_NONE; asked++) {
		char reference[REFERENCE_SIZE];
		snprintf(reference, sizeof reference, "CH-SN-0001-%04u", asked);
		code = ask_status(contract, contract->other_agency, NULL, reference, &reply);
	}
	assert_int_equal(code, FAIL_OVER_QUOTA);
	assert_in_range(asked, QUESTIONS_A_DAY - 4, QUESTIONS_A_DAY + 1); // other tests have asked as well
	assert_ok(ask_status(contract, contract->agency, NULL, "CH-SN-0002-0000", &reply)); // each agency has its own
}

void test_what_is_due_comes_in_order_and_leaves_when_it_is_done(struct contract *contract)
{
	uint64_t long_ago = 50 * DAY_MS;
	struct case_record late = due_case(contract, long_ago + 5), early = due_case(contract, long_ago + 1);
	struct case_record later = due_case(contract, long_ago + 9), found[8];
	assert_int_equal(ask_due(contract, long_ago, found, 8), 0);
	assert_int_equal(ask_due(contract, long_ago + 5, found, 8), 2);
	assert_memory_equal(&found[0].id, &early.id, sizeof early.id);
	assert_memory_equal(&found[1].id, &late.id, sizeof late.id);
	assert_clock_equal(&found[1].clock, &late.clock);
	assert_string_equal(found[1].reference, late.reference);
	assert_int_equal(found[1].seq, 1);
	assert_int_equal(ask_due(contract, long_ago + 9, found, 1), 1);
	assert_memory_equal(&found[0].id, &early.id, sizeof early.id);

	// Told twice, stopped, ended: nothing is left to do.
	struct case_clock told = early.clock, paused = late.clock, none = {.kind = CLOCK_NONE};
	told.told = NOTICE_ESCALATED;
	paused.pauses = PAUSED_BY_HOLD;
	paused.paused_since = long_ago;
	paused.paused_ms = 7;
	move_clock(contract, &early, &told);
	move_clock(contract, &late, &paused);
	move_clock(contract, &later, &none);
	assert_int_equal(ask_due(contract, long_ago + 9, found, 8), 0);

	struct store_found kept;
	struct id unknown;
	random_fill(&unknown, sizeof unknown);
	assert_ok(lookup(contract, &unknown, contract->ch, &late.id, &kept));
	assert_clock_equal(&kept.record.clock, &paused);
}

// A small object of ch, complete.
static struct object_ref new_object(struct contract *contract)
{
	static const uint8_t data[] = "sealed";
	struct object_ref ref = {.length = sizeof data, .tree_hash = tree_hash(view_of(data, sizeof data))};
	struct store_object object;
	random_fill(&ref.id, sizeof ref.id);
	assert_ok(object_open(contract, contract->ch, &ref.id, ref.length, &ref.tree_hash, &object));
	assert_ok(object_write(contract, contract->ch, &ref.id, 0, view_of(data, sizeof data), &object));
	assert_true(object.complete);
	return ref;
}

static enum fail_code may_read(struct contract *contract, member_no member, const struct id *object)
{
	uint8_t data[64];
	size_t length;
	bool last;
	return object_read(contract, member, object, 0, data, &length, &last);
}

// A message from `from` to ch and nz that passes two objects on to nz.
static void pass_on(struct contract *contract, member_no from, const struct id object[2])
{
	struct letters *letters = letters_new(contract);
	struct store_change *change = letters_add(letters, from, contract->ch);
	change->recipient[change->recipient_count++] = contract->nz;
	change->grant = object;
	change->grant_count = 2;
	change->grant_to = contract->nz;
	change->lost_by = from;
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->result[0].outcome, STORE_STORED);
	free(outcome);
	free(letters);
}

void test_what_is_passed_on_changes_its_readers(struct contract *contract)
{
	struct object_ref known = new_object(contract), unknown = new_object(contract);
	struct letters *letters = letters_new(contract);
	struct store_change *change = letters_add(letters, contract->ch, contract->sn);
	change->object = &known;
	change->object_count = 1;
	struct outcome *outcome = commit(contract, letters);
	assert_int_equal(outcome->result[0].outcome, STORE_STORED);
	free(outcome);
	free(letters);
	assert_ok(may_read(contract, contract->sn, &known.id));
	const struct id both[2] = {known.id, unknown.id}; // the second was never sn's to read
	pass_on(contract, contract->sn, both);
	assert_ok(may_read(contract, contract->nz, &known.id));
	assert_int_equal(may_read(contract, contract->nz, &unknown.id), FAIL_UNKNOWN_OBJECT);
	assert_int_equal(may_read(contract, contract->sn, &known.id), FAIL_UNKNOWN_OBJECT);
	assert_ok(may_read(contract, contract->ch, &known.id)); // the owner's it stays
}

// What `sender` says of message `of` in this case: its new version, or (0) that it does not count any more.
static enum store_outcome speak_of(struct contract *contract, struct case_record *record, member_no sender,
                                   const struct id *of, uint32_t version, struct id *message)
{
	struct letters *letters = letters_new(contract);
	struct store_change *change =
		letters_add(letters, sender, sender == contract->ch ? contract->sn : contract->ch);
	change->kind = version > 0 ? KIND_UPDATE : KIND_INVALIDATE;
	change->refers_to = *of;
	change->refers_kinds = UINT64_C(1) << KIND_STATUS_NOTE | (version > 0 ? 0 : UINT64_C(1) << KIND_UPDATE);
	change->content_version = version;
	struct case_record before = *record;
	letters_case(letters, record);
	*message = change->message;
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	enum store_outcome told = outcome->result[0].outcome;
	if (told != STORE_STORED)
		*record = before; // the case did not go on
	free(outcome);
	free(letters);
	return told;
}

// A message of ch in this case.
static struct id say(struct contract *contract, struct case_record *record, enum message_kind kind)
{
	struct letters *letters = letters_new(contract);
	struct store_change *change = letters_add(letters, contract->ch, contract->sn);
	change->kind = kind;
	letters_case(letters, record);
	struct id message = change->message;
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->result[0].outcome, STORE_STORED);
	free(outcome);
	free(letters);
	return message;
}

void test_a_message_is_replaced_version_by_version_until_it_is_void(struct contract *contract)
{
	struct case_record record = new_case(contract, contract->ch, contract->sn);
	struct id opening = say(contract, &record, KIND_REFERRAL), note = say(contract, &record, KIND_STATUS_NOTE);
	struct id second, third, other, unknown;
	random_fill(&unknown, sizeof unknown);
	uint64_t seq = record.seq;
	assert_int_equal(speak_of(contract, &record, contract->ch, &unknown, 2, &other), STORE_NO_MESSAGE);
	assert_int_equal(speak_of(contract, &record, contract->sn, &note, 2, &other), STORE_NO_MESSAGE);
	assert_int_equal(speak_of(contract, &record, contract->ch, &opening, 2, &other), STORE_OTHER_KIND);
	assert_int_equal(speak_of(contract, &record, contract->ch, &note, 3, &other), STORE_OTHER_VERSION);
	struct store_found found;
	assert_ok(lookup(contract, &other, contract->ch, &record.id, &found));
	assert_false(found.has_message);
	assert_int_equal(found.record.seq, seq); // what was refused left nothing behind

	assert_int_equal(speak_of(contract, &record, contract->ch, &note, 2, &second), STORE_STORED);
	assert_int_equal(speak_of(contract, &record, contract->ch, &note, 2, &other), STORE_OTHER_VERSION);
	assert_int_equal(speak_of(contract, &record, contract->ch, &second, 2, &other), STORE_OTHER_KIND);
	assert_int_equal(speak_of(contract, &record, contract->ch, &note, 3, &third), STORE_STORED);

	// The third version alone is void, then all of it.
	assert_int_equal(speak_of(contract, &record, contract->ch, &third, 0, &other), STORE_STORED);
	assert_int_equal(speak_of(contract, &record, contract->ch, &third, 0, &other), STORE_NO_LONGER_VALID);
	assert_int_equal(speak_of(contract, &record, contract->ch, &note, 4, &other), STORE_STORED);
	assert_int_equal(speak_of(contract, &record, contract->ch, &note, 0, &other), STORE_STORED);
	assert_int_equal(speak_of(contract, &record, contract->ch, &note, 5, &other), STORE_NO_LONGER_VALID);
	assert_int_equal(speak_of(contract, &record, contract->ch, &second, 0, &other), STORE_NO_LONGER_VALID);
	assert_int_equal(record.seq, seq + 5);

	// A message of another case of the same members is none of this one.
	struct case_record elsewhere = new_case(contract, contract->ch, contract->sn);
	say(contract, &elsewhere, KIND_REFERRAL);
	struct id there = say(contract, &elsewhere, KIND_STATUS_NOTE);
	assert_int_equal(speak_of(contract, &record, contract->ch, &there, 2, &other), STORE_NO_MESSAGE);
}

static const struct case_record *unsettled(struct contract *contract, const struct id *id, struct unsettled_copy *copy)
{
	ask_unsettled(contract, MAX_DUE, copy);
	for (size_t i = 0; i < copy->count; i++) {
		if (id_equal(&copy->record[i].id, id))
			return &copy->record[i];
	}
	return NULL;
}

void test_cases_of_a_member_that_is_out_are_found_until_all_is_told(struct contract *contract)
{
	static struct unsettled_copy copy; // large
	struct case_record asked = due_case(contract, contract->now), other = due_case(contract, contract->now + 1);
	assert_null(unsettled(contract, &asked.id, &copy));
	uint64_t version = copy.version;
	contract->set_availability(contract, "SN", "DISRUPTED");
	const struct case_record *found = unsettled(contract, &asked.id, &copy);
	assert_non_null(found);
	assert_true(copy.version > version);
	assert_int_equal(found->out_member, 0);
	assert_non_null(unsettled(contract, &other.id, &copy));

	struct case_clock standing = asked.clock, running = asked.clock;
	standing.pauses = PAUSED_BY_MEMBER | PAUSED_BY_QUESTION;
	standing.paused_since = standing.asked_at = contract->now;
	standing.out_since = contract->now + 3;
	asked.out_member = contract->sn;
	move_clock(contract, &asked, &standing);
	assert_null(unsettled(contract, &asked.id, &copy));
	assert_non_null(unsettled(contract, &other.id, &copy));

	contract->set_availability(contract, "SN", "NORMAL");
	found = unsettled(contract, &asked.id, &copy);
	assert_non_null(found);
	assert_clock_equal(&found->clock, &standing);
	assert_int_equal(found->out_member, contract->sn);
	assert_null(unsettled(contract, &other.id, &copy)); // never told: nothing to take back
	asked.out_member = 0;
	move_clock(contract, &asked, &running);
	assert_null(unsettled(contract, &asked.id, &copy));

	// Of a case that has ended nothing is told.
	struct case_clock none = {.kind = CLOCK_NONE};
	move_clock(contract, &other, &none);
	contract->set_availability(contract, "CH", "SUSPENDED");
	assert_non_null(unsettled(contract, &asked.id, &copy)); // the member that asks may be out as well
	assert_null(unsettled(contract, &other.id, &copy));
	ask_unsettled(contract, 1, &copy);
	assert_int_equal(copy.count, 1);
	contract->set_availability(contract, "CH", "NORMAL");
}

// A note of ch to sn with an attachment; its number in the mailbox of sn.
static struct id say_with(struct contract *contract, struct case_record *record, struct object_ref *object,
                          uint64_t *number)
{
	struct letters *letters = letters_new(contract);
	struct store_change *change = letters_add(letters, contract->ch, contract->sn);
	*object = new_object(contract);
	change->object = object;
	change->object_count = 1;
	letters_case(letters, record);
	struct id message = change->message;
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->result[0].outcome, STORE_STORED);
	*number = outcome->result[0].mailbox_seq[0];
	free(outcome);
	free(letters);
	return message;
}

static enum store_outcome recall(struct contract *contract, struct case_record *record, member_no to,
                                 const struct id *of)
{
	struct letters *letters = letters_new(contract);
	struct store_change *change = letters_add(letters, contract->ch, to);
	change->kind = KIND_RECALL;
	change->refers_to = *of;
	change->refers_kinds = UINT64_C(1) << KIND_STATUS_NOTE | UINT64_C(1) << KIND_UPDATE;
	change->recalls = true;
	struct case_record before = *record;
	letters_case(letters, record);
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	enum store_outcome told = outcome->result[0].outcome;
	if (told != STORE_STORED)
		*record = before;
	free(outcome);
	free(letters);
	return told;
}

static bool comes_recalled(struct contract *contract, uint64_t number)
{
	struct page *page = malloc(sizeof *page);
	assert_non_null(page);
	read_page(contract, contract->sn, number - 1, 1, LETTER_SIZE, page);
	assert_ok(page->code);
	assert_int_equal(page->count, 1);
	assert_int_equal(page->entry[0].mailbox_seq, number); // the number stays where it was
	bool recalled = page->entry[0].recalled;
	free(page);
	return recalled;
}

void test_a_message_is_recalled_unless_a_session_was_handed_it(struct contract *contract)
{
	struct case_record record = new_case(contract, contract->ch, contract->sn);
	say(contract, &record, KIND_REFERRAL);
	struct object_ref object, kept;
	struct store_cursor cursor;
	uint64_t number, other, late, hour = 3600 * 1000, now = id_v7_unix_ms(&record.last_move) + hour;
	struct id note = say_with(contract, &record, &object, &number), update, unknown;
	assert_int_equal(speak_of(contract, &record, contract->ch, &note, 2, &update), STORE_STORED);
	assert_ok(may_read(contract, contract->sn, &object.id));

	// While somebody reads, all counts as handed; afterwards what was.
	assert_ok(open_reading(contract, contract->sn, "reader", now, now + hour, &cursor));
	assert_int_equal(recall(contract, &record, contract->sn, &note), STORE_DELIVERED);
	assert_ok(close_reading(contract, contract->sn, "reader", cursor.consumer_epoch, number - 1));
	assert_int_equal(recall(contract, &record, contract->nz, &note), STORE_DELIVERED); // sn would not be asked
	random_fill(&unknown, sizeof unknown);
	assert_int_equal(recall(contract, &record, contract->sn, &unknown), STORE_NO_MESSAGE);
	assert_false(comes_recalled(contract, number));
	assert_int_equal(recall(contract, &record, contract->sn, &note), STORE_STORED);
	assert_true(comes_recalled(contract, number));
	assert_true(comes_recalled(contract, number + 1)); // its new version goes with it
	assert_false(comes_recalled(contract, number + 2)); // the recall itself comes
	assert_int_equal(may_read(contract, contract->sn, &object.id), FAIL_UNKNOWN_OBJECT);
	assert_int_equal(may_read(contract, contract->ch, &object.id), FAIL_UNKNOWN_OBJECT); // it is not there any more
	assert_int_equal(recall(contract, &record, contract->sn, &note), STORE_NO_LONGER_VALID);
	assert_int_equal(speak_of(contract, &record, contract->ch, &note, 3, &unknown), STORE_NO_LONGER_VALID);
	assert_int_equal(speak_of(contract, &record, contract->ch, &update, 0, &unknown), STORE_NO_LONGER_VALID);

	// Handed and not acknowledged is handed, also when the session is gone.
	struct id second = say_with(contract, &record, &kept, &other);
	assert_ok(open_reading(contract, contract->sn, "reader", now, now + hour, &cursor));
	assert_ok(close_reading(contract, contract->sn, "reader", cursor.consumer_epoch, other));
	assert_int_equal(recall(contract, &record, contract->sn, &second), STORE_DELIVERED);
	assert_ok(may_read(contract, contract->sn, &kept.id));

	// A session whose end was never told: it counts for what was accepted before its time was over.
	struct id third = say_with(contract, &record, &kept, &late);
	assert_ok(open_reading(contract, contract->sn, "lost", now, now + hour, &cursor));
	assert_int_equal(recall(contract, &record, contract->sn, &third), STORE_DELIVERED);
	assert_ok(open_reading(contract, contract->sn, "lost", now + 2 * hour, 1, &cursor));
	assert_int_equal(recall(contract, &record, contract->sn, &third), STORE_DELIVERED);
	struct id fourth = say_with(contract, &record, &kept, &late);
	assert_int_equal(recall(contract, &record, contract->sn, &fourth), STORE_STORED);

	// Acknowledged by one of two.
	struct id fifth = say_with(contract, &record, &kept, &late);
	assert_ok(open_reading(contract, contract->sn, "lost", now + 3 * hour, 1, &cursor));
	assert_ok(move_cursor(contract, contract->sn, "lost", cursor.consumer_epoch, late));
	assert_int_equal(recall(contract, &record, contract->sn, &fifth), STORE_DELIVERED);
}

enum { STEPPED = 7 };

// Seven cases of NZ that SN declines, with all that is counted of a case; long after all others.
static void stepped_cases(struct contract *contract, uint64_t opened)
{
	for (size_t i = 0; i < STEPPED; i++) {
		struct letters *letters = letters_new(contract);
		struct case_record record = new_case(contract, contract->nz, contract->sn);
		record.opened_at = opened;
		letters_add(letters, contract->nz, contract->sn);
		letters_case(letters, &record);
		letters_add(letters, contract->sn, contract->nz);
		record.steps = (struct case_steps){.acknowledged = 3,
		                                   .decided = 41,
		                                   .reported = 41,
		                                   .declined_on = 41,
		                                   .date = STEPS_DATE_KEPT,
		                                   .declined = "NOT_COMPETENT",
		                                   .held = "AWAIT_COURT:5:2 AWAIT_FEE:41:4 PERSON_AWAY:0:0"};
		letters_case(letters, &record);
		struct outcome *outcome = commit(contract, letters);
		assert_ok(outcome->code);
		struct store_found kept;
		assert_ok(lookup(contract, &record.id, contract->nz, &record.id, &kept));
		assert_int_equal(case_steps_pack(&kept.record.steps), case_steps_pack(&record.steps));
		assert_string_equal(kept.record.steps.declined, record.steps.declined);
		assert_string_equal(kept.record.steps.held, record.steps.held);
		free(outcome);
		free(letters);
	}
}

static void assert_stored(struct contract *contract, struct letters *letters)
{
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	free(outcome);
	free(letters);
}

static const struct flow_row *figure(const struct flow_copy *copy, enum flow_figure wanted)
{
	for (size_t i = 0; i < copy->count; i++) {
		if (copy->row[i].figure == wanted)
			return &copy->row[i];
	}
	return NULL;
}

static uint64_t cases_of(const struct flow_copy *copy, enum flow_figure wanted)
{
	const struct flow_row *row = figure(copy, wanted);
	return row == NULL ? 0 : row->cases;
}

void test_what_was_done_is_counted_when_its_month_is_over(struct contract *contract)
{
	static struct flow_copy copy; // large
	const uint64_t march = UINT64_C(4107542400000), april = UINT64_C(4110220800000),
				   may = UINT64_C(4112812800000); // of 2100: a hub counts what is over by its own clock
	stepped_cases(contract, march + DAY_MS / 2);
	assert_ok(ask_figures(contract, FLOW_OF_ALL, march, april - 1, &copy));
	assert_int_equal(copy.count, 0); // March goes on
	assert_ok(ask_figures(contract, FLOW_OF_ALL, march, april, &copy));
	for (int wanted = FIGURE_OPENED_ASKS; wanted <= FIGURE_ACKNOWLEDGED; wanted++)
		assert_int_equal(cases_of(&copy, (enum flow_figure)wanted), 5);
	assert_string_equal(figure(&copy, FIGURE_OPENED_ASKS)->requesting, "NZ");
	assert_string_equal(figure(&copy, FIGURE_OPENED_ASKED)->responding, "SN");
	assert_string_equal(figure(&copy, FIGURE_OPENED_SERVICE)->key, "FAMILY_TRACING");
	assert_int_equal(figure(&copy, FIGURE_ACKNOWLEDGED)->days, 2);
	assert_int_equal(figure(&copy, FIGURE_OPENED_MONTH)->month, 210003);
	assert_int_equal(cases_of(&copy, FIGURE_HELD), 5);
	assert_string_equal(figure(&copy, FIGURE_HELD)->key, "AWAIT_COURT");
	assert_int_equal(cases_of(&copy, FIGURE_DECIDED), 0); // on the 41st day: in April
	assert_ok(ask_figures(contract, FLOW_OF_ALL, april, may, &copy));
	assert_int_equal(cases_of(&copy, FIGURE_OPENED_ASKS), 0);
	for (int wanted = FIGURE_DECIDED; wanted <= FIGURE_UNSERVED; wanted++)
		assert_int_equal(cases_of(&copy, (enum flow_figure)wanted), 5);
	assert_string_equal(figure(&copy, FIGURE_HELD)->key, "AWAIT_FEE"); // the second one; the third goes on
	assert_int_equal(figure(&copy, FIGURE_HELD)->days, 3);
	assert_string_equal(figure(&copy, FIGURE_DECLINED)->key, "NOT_COMPETENT");
	assert_string_equal(figure(&copy, FIGURE_DATE)->key, "KEPT");
	assert_string_equal(figure(&copy, FIGURE_UNSERVED)->requesting, "NZ");
	assert_string_equal(figure(&copy, FIGURE_UNSERVED)->responding, "SN");
	assert_int_equal(figure(&copy, FIGURE_DECIDED)->days, 45);
}

static const struct flow_row *row_of(const struct flow_copy *copy, const char *requesting, uint32_t state)
{
	for (size_t i = 0; i < copy->count; i++) {
		if (strcmp(copy->row[i].requesting, requesting) == 0 && copy->row[i].state == state)
			return &copy->row[i];
	}
	return NULL;
}

static void open_many(struct contract *contract, member_no from, member_no to, enum case_state state, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct letters *letters = letters_new(contract);
		struct case_record record = new_case(contract, from, to);
		record.view.state = state;
		snprintf(record.service, sizeof record.service, "HOME_STUDY");
		snprintf(record.urgency, sizeof record.urgency, "STANDARD");
		letters_add(letters, from, to);
		letters_case(letters, &record);
		assert_stored(contract, letters);
	}
}

void test_flow_hides_small_counts(struct contract *contract)
{
	contract->now += DAY_MS;
	open_many(contract, contract->gs, contract->nz, CASE_SENT, 6);
	open_many(contract, contract->gs, contract->nz, CASE_IN_PROGRESS, 57); // as no other test has them
	open_many(contract, contract->gs, contract->nz, CASE_CLOSED, 2);
	contract->now += 2 * DAY_MS;
	struct flow_copy *copy = calloc(1, sizeof *copy);
	assert_ok(ask_flow(contract, copy));
	const struct flow_row *closed = row_of(copy, "GS", CASE_CLOSED), *sent = row_of(copy, "GS", CASE_SENT),
						  *accepted = row_of(copy, "GS", CASE_IN_PROGRESS);
	assert_non_null(closed);
	assert_true(closed->few);
	assert_int_equal(closed->cases, 0);
	assert_int_equal(closed->oldest_ms, 0);
	assert_true(sent->few); // else closed = total - sent - accepted
	assert_false(accepted->few);
	assert_int_equal(accepted->cases, 55); // the next lower multiple of 5
	assert_int_equal(accepted->oldest_ms, 2 * DAY_MS);
	free(copy);
}

static uint64_t open_of(const struct flow_copy *copy, const char *key)
{
	for (size_t i = 0; i < copy->count; i++) {
		if (strcmp(copy->row[i].key, key) == 0 && copy->row[i].measure == FLOW_CASES)
			return copy->row[i].cases;
	}
	return 0;
}

void test_flow_is_counted_once_a_day(struct contract *contract)
{
	struct flow_copy *copy = calloc(1, sizeof *copy);
	contract->now += 10 * DAY_MS - contract->now % DAY_MS;
	open_many(contract, contract->gs, contract->nz, CASE_IN_PROGRESS, 20);
	assert_ok(ask_flow(contract, copy));
	uint64_t told = row_of(copy, "GS", CASE_IN_PROGRESS)->cases, of_service = open_of(copy, "HOME_STUDY");
	assert_true(told >= 20 && of_service >= 20);
	assert_int_equal(open_of(copy, "STANDARD"), of_service);
	open_many(contract, contract->gs, contract->nz, CASE_IN_PROGRESS, 5);
	contract->now += DAY_MS - 1;
	assert_ok(ask_flow(contract, copy));
	assert_int_equal(row_of(copy, "GS", CASE_IN_PROGRESS)->cases, told);
	assert_int_equal(open_of(copy, "HOME_STUDY"), of_service);
	contract->now += 1;
	assert_ok(ask_flow(contract, copy));
	assert_int_equal(row_of(copy, "GS", CASE_IN_PROGRESS)->cases, told + 5);
	assert_int_equal(open_of(copy, "HOME_STUDY"), of_service + 5);
	assert_int_equal(open_of(copy, "STANDARD"), of_service + 5);
	free(copy);
}

// Who is asked next and how urgent it is changes the case, and nothing of a month that was counted.
void test_a_month_that_was_counted_does_not_change(struct contract *contract)
{
	static struct flow_copy before, after;
	const uint64_t may = UINT64_C(4144348800000), june = UINT64_C(4147027200000),
				   july = UINT64_C(4149619200000); // of 2101
	struct case_record record[STEPPED];
	for (size_t i = 0; i < STEPPED; i++) {
		struct letters *letters = letters_new(contract);
		record[i] = new_case(contract, contract->nz, contract->sn);
		record[i].opened_at = may + DAY_MS;
		letters_add(letters, contract->nz, contract->sn);
		letters_case(letters, &record[i]);
		assert_stored(contract, letters);
	}
	assert_ok(ask_figures(contract, FLOW_OF_REGIONS, may, june, &before));
	const struct flow_row *told = figure(&before, FIGURE_SERVICE_ASKED), *month = figure(&before, FIGURE_MONTH_ASKS);
	assert_int_equal(told->cases, 5);
	assert_string_equal(told->region, "WESTERN_AFRICA");
	assert_string_equal(told->key, "FAMILY_TRACING");
	assert_string_equal(month->region, "AUSTRALIA_NEW_ZEALAND");
	assert_int_equal(month->month, 210105);
	for (size_t i = 0; i < STEPPED; i++) {
		struct letters *letters = letters_new(contract);
		letters_add(letters, contract->sn, contract->nz);
		record[i].responding = contract->ch;
		snprintf(record[i].urgency, sizeof record[i].urgency, "EMERGENCY");
		letters_case(letters, &record[i]);
		assert_stored(contract, letters);
	}
	assert_ok(ask_figures(contract, FLOW_OF_REGIONS, may, july, &after));
	assert_int_equal(after.count, before.count);
	assert_memory_equal(after.row, before.row, before.count * sizeof *before.row);
	assert_ok(ask_figures(contract, FLOW_OF_MEMBERS, may, july, &after));
	assert_string_equal(figure(&after, FIGURE_OPENED_ASKED)->responding, "SN");
}

static void follow_up(struct contract *contract, struct case_record *record, uint64_t at)
{
	struct letters *letters = letters_new(contract);
	letters_add(letters, contract->sn, contract->nz)->kind = KIND_FOLLOW_UP;
	letters_case(letters, record);
	letters->batch.accepted_at = at;
	assert_stored(contract, letters);
}

// By the months after the end that they are nearest to; a second one of the same month counts no more.
void test_follow_ups_are_counted_by_the_months_after_the_end(struct contract *contract)
{
	static struct flow_copy copy;
	const uint64_t closed = UINT64_C(4170614400000), july = UINT64_C(4181155200000),
				   april = UINT64_C(4204828800000); // 2102, then 2103
	for (size_t i = 0; i < STEPPED; i++) {
		struct letters *letters = letters_new(contract);
		struct case_record record = new_case(contract, contract->nz, contract->sn);
		record.opened_at = record.since = closed;
		record.view.state = CASE_CLOSED;
		letters_add(letters, contract->nz, contract->sn);
		letters_case(letters, &record);
		assert_stored(contract, letters);
		follow_up(contract, &record, july + DAY_MS);
		if (i < 4)
			follow_up(contract, &record, july + 3 * DAY_MS);
		follow_up(contract, &record, april + DAY_MS);
	}
	assert_ok(ask_figures(contract, FLOW_OF_ALL, july, july + 31 * DAY_MS, &copy));
	assert_int_equal(cases_of(&copy, FIGURE_FOLLOW_UP), 5);
	assert_string_equal(figure(&copy, FIGURE_FOLLOW_UP)->key, "MONTHS_3");
	assert_ok(ask_figures(contract, FLOW_OF_ALL, april, april + 30 * DAY_MS, &copy));
	assert_int_equal(cases_of(&copy, FIGURE_FOLLOW_UP), 5);
	assert_string_equal(figure(&copy, FIGURE_FOLLOW_UP)->key, "MONTHS_12");
}
