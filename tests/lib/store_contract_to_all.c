// SPDX-License-Identifier: Apache-2.0
//
// Messages to all members, and what they say of their sender.
#include "lib/store_calls.h"
#include "lib/store_contract_parts.h"
#include "seal/tree.h"
#include "unit/test.h"

#include <stdio.h>

enum { BOXES = 5 };

struct boxes { uint64_t high[BOXES]; };

static struct boxes look_into_boxes(const struct contract *contract)
{
	const member_no member[BOXES] = {contract->ch, contract->sn, contract->nz, contract->gs, contract->agency};
	struct boxes boxes;
	for (size_t i = 0; i < BOXES; i++)
		boxes.high[i] = mailbox_high(contract, member[i]);
	return boxes;
}

// Who has so many more than before: CH, SN, NZ, GS, an agency.
static void assert_came(const struct contract *contract, const struct boxes *before, const unsigned more[BOXES])
{
	struct boxes now = look_into_boxes(contract);
	for (size_t i = 0; i < BOXES; i++)
		assert_int_equal(now.high[i], before->high[i] + more[i]);
}

static const unsigned nobody[BOXES] = {0}, all_but_ch[BOXES] = {0, 1, 1, 1, 0}, all_but_gs[BOXES] = {1, 1, 1, 0, 0};

static struct letters *to_all(const struct contract *contract, member_no from,
                              const struct availability_change *availability)
{
	struct letters *letters = letters_new(contract);
	struct store_change *change = letters_add(letters, from, 0);
	change->kind = availability != NULL ? KIND_AVAILABILITY : KIND_BROADCAST;
	change->recipient_count = 0;
	change->to_all = true;
	change->availability = availability;
	return letters;
}

static void assert_outcome(const struct contract *contract, struct letters *letters, enum store_outcome wanted)
{
	struct outcome *outcome = commit(contract, letters);
	assert_ok(outcome->code);
	assert_int_equal(outcome->result[0].outcome, wanted);
	if (wanted == STORE_DUPLICATE) {
		assert_int_equal(outcome->result[0].original.mailbox_seq_count, 0); // the author does not learn where it lies
		assert_memory_equal(outcome->leaf, letters->leaf, sizeof *letters->leaf);
	}
	free(outcome);
}

static struct availability_change change_to(const char *status, const char *cause, const char *until, member_no deputy)
{
	struct availability_change change = {.deputy = deputy};
	snprintf(change.status, sizeof change.status, "%s", status);
	snprintf(change.cause, sizeof change.cause, "%s", cause);
	snprintf(change.until, sizeof change.until, "%s", until);
	return change;
}

static void assert_listed(const struct contract *contract, const char *status, const char *cause, const char *until,
                          const char *deputy)
{
	struct directory_copy directory;
	assert_ok(ask_directory(contract, &directory));
	assert_string_equal(directory.ch.availability, status);
	assert_string_equal(directory.ch.cause, cause);
	assert_string_equal(directory.ch.until, until);
	assert_string_equal(directory.ch.deputy, deputy);
	assert_int_equal(directory.ch.out, strcmp(status, "DISRUPTED") == 0);
}

void test_a_member_tells_all_others_how_far_it_can_work(struct contract *contract)
{
	struct availability_change out = change_to("DISRUPTED", "DISASTER", "2099-01-10", contract->nz);
	struct availability_change back = change_to("BACK", "", "", 0);
	struct boxes before = look_into_boxes(contract);
	struct directory_copy first, second;
	assert_ok(ask_directory(contract, &first));
	struct letters *letters = to_all(contract, contract->ch, &out);
	assert_outcome(contract, letters, STORE_STORED);
	assert_came(contract, &before, all_but_ch);
	assert_ok(ask_directory(contract, &second));
	assert_true(second.version > first.version);
	assert_listed(contract, "DISRUPTED", "DISASTER", "2099-01-10", "NZ");
	struct page page;
	read_page(contract, contract->sn, before.high[1], 10, 100000, &page);
	assert_int_equal(page.count, 1);
	assert_int_equal(page.entry[0].envelope.length, LETTER_SIZE);
	assert_int_equal(page.first[0], letters->envelope[0][0]);

	assert_outcome(contract, letters, STORE_DUPLICATE);
	letters->envelope[0][0] ^= 1;
	letters->change[0].envelope_hash = sha256(letters->change[0].envelope);
	assert_outcome(contract, letters, STORE_KEY_REUSED);
	assert_came(contract, &before, all_but_ch);
	free(letters);

	letters = to_all(contract, contract->ch, &back);
	assert_outcome(contract, letters, STORE_STORED);
	assert_listed(contract, "NORMAL", "", "", "");
	free(letters);
}

void test_a_broadcast_leaves_the_directory_as_it_is(struct contract *contract)
{
	struct boxes before = look_into_boxes(contract);
	struct directory_copy first, second;
	assert_ok(ask_directory(contract, &first));
	struct letters *letters = to_all(contract, contract->gs, NULL);
	assert_outcome(contract, letters, STORE_STORED);
	assert_came(contract, &before, all_but_gs);
	assert_ok(ask_directory(contract, &second));
	assert_int_equal(second.version, first.version);
	free(letters);
	if (!contract->keeps_months)
		return;
	letters = to_all(contract, contract->gs, NULL);
	letters->change[0].message = id_v7(UINT64_C(980000000000), (const uint8_t[10]){1});
	before = look_into_boxes(contract);
	assert_outcome(contract, letters, STORE_TOO_OLD);
	assert_came(contract, &before, nobody);
	free(letters);
}

void test_what_a_member_says_of_itself_is_found_like_what_the_operator_says(struct contract *contract)
{
	static struct unsettled_copy copy; // large
	struct availability_change out = change_to("SUSPENDED", "STAFF", "", 0), back = change_to("NORMAL", "", "", 0);
	struct letters *letters = letters_new(contract);
	struct case_record record = new_case(contract, contract->ch, contract->sn);
	record.clock = (struct case_clock){.kind = CLOCK_ACK, .started = contract->now, .due = contract->now + 1000};
	letters_add(letters, contract->ch, contract->sn);
	letters_case(letters, &record);
	assert_outcome(contract, letters, STORE_STORED);
	free(letters);
	letters = to_all(contract, contract->sn, &out);
	assert_outcome(contract, letters, STORE_STORED);
	free(letters);
	ask_unsettled(contract, MAX_DUE, &copy);
	bool found = false;
	for (size_t i = 0; i < copy.count; i++)
		found |= id_equal(&copy.record[i].id, &record.id);
	assert_true(found);
	letters = to_all(contract, contract->sn, &back);
	assert_outcome(contract, letters, STORE_STORED);
	free(letters);
	ask_unsettled(contract, MAX_DUE, &copy);
	for (size_t i = 0; i < copy.count; i++)
		assert_false(id_equal(&copy.record[i].id, &record.id));
}
