// SPDX-License-Identifier: Apache-2.0
// links: test_client_pair passerelle_client
//
// What a recipient believes of a message that speaks of an earlier one, whatever a hub has let pass; and which
// kinds can be spoken of at all.
#include "test.h"

#include "case/correction.h"
#include "lib/client_pair.h"
#include "lib/compose.h"
#include "lib/corrections.h"

#include <stdio.h>

static int begin(void **state)
{
	*state = calloc(1, sizeof(struct client_pair));
	client_pair_begin(*state);
	return 0;
}

static int end(void **state)
{
	client_pair_end(*state);
	free(*state);
	return 0;
}

// Written by `from` and stored by `to`.
static struct written send(struct psr_profile *from, struct psr_profile *to, const struct psr_message *message)
{
	static uint64_t place; // in the mailboxes of this test
	struct written written;
	struct form_faults faults = {.count = 0};
	struct fail why = {.text = ""};
	enum fail_code code = compose_message(from, message, NULL, &written, &faults, &why);
	if (code != FAIL_NONE)
		print_message("%s\n", why.text);
	assert_ok(code);
	client_pair_hand_over(from, to, ++place);
	return written;
}

static struct written refer(struct client_pair *pair)
{
	struct bytes form;
	bytes_init(&form, 1024 * 1024);
	assert_ok(file_read(&form, TEST_DATA "/story/referral-nz-sn.json", NULL));
	assert_ok(bytes_append(&form, "", 1));
	struct psr_message message = {.verb = "refer", .to = "SN", .form = (const char *)form.data};
	struct written written = send(pair->ch, pair->sn, &message);
	bytes_release(&form);
	return written;
}

static struct written note(struct client_pair *pair, const char *reference)
{
	struct psr_message message = {.verb = "note", .reference = reference, .form = "{\"text\": \"old\"}"};
	return send(pair->ch, pair->sn, &message);
}

static struct written update(struct client_pair *pair, const char *reference, const struct id *of)
{
	char text[ID_TEXT_SIZE];
	id_to_text(of, text);
	struct psr_message message = {
		.verb = "update", .reference = reference, .form = "{\"text\": \"new\"}", .message = text};
	return send(pair->ch, pair->sn, &message);
}

static struct header says(const struct written *of, enum message_kind kind, uint32_t version)
{
	struct header header = {
		.kind = kind, .case_id = of->case_id, .refers_to = of->message, .version_of_content = version, .from = "CH"};
	memset(&header.message, 7, sizeof header.message);
	return header;
}

static void a_recipient_believes_its_author_and_nobody_else(void **state)
{
	struct client_pair *pair = *state;
	struct written first = refer(pair), old = note(pair, first.reference);
	struct header good = says(&old, KIND_UPDATE, 2), other = good, elsewhere = good, ours = good, decision = good;
	struct fail why;
	assert_ok(corrections_check(pair->sn, &good, &why));
	snprintf(other.from, sizeof other.from, "NZ");
	assert_int_equal(corrections_check(pair->sn, &other, &why), FAIL_UNKNOWN_MESSAGE);
	memset(&elsewhere.case_id, 9, sizeof elsewhere.case_id);
	assert_int_equal(corrections_check(pair->sn, &elsewhere, &why), FAIL_UNKNOWN_MESSAGE);
	snprintf(ours.from, sizeof ours.from, "SN"); // the other branch about a message of ours
	assert_int_equal(corrections_check(pair->ch, &ours, &why), FAIL_UNKNOWN_MESSAGE);
	struct psr_message withdraw = {.verb = "withdraw", .reference = first.reference, .form = "{\"reason\": \"DUPLICATE\"}"};
	struct written withdrawn = send(pair->ch, pair->sn, &withdraw);
	decision.refers_to = withdrawn.message;
	assert_int_equal(corrections_check(pair->sn, &decision, &why), FAIL_MALFORMED);
	memset(&decision.refers_to, 5, sizeof decision.refers_to); // not here: it is shown as that
	assert_ok(corrections_check(pair->sn, &decision, &why));
}

static void a_version_that_was_there_and_a_void_message_are_not_believed(void **state)
{
	struct client_pair *pair = *state;
	struct written first = refer(pair), old = note(pair, first.reference);
	struct fail why;
	struct written second = update(pair, first.reference, &old.message);
	struct header again = says(&old, KIND_UPDATE, 2), next = says(&old, KIND_UPDATE, 3),
				  later = says(&old, KIND_UPDATE, 4);
	assert_int_equal(corrections_check(pair->sn, &again, &why), FAIL_OTHER_VERSION);
	assert_ok(corrections_check(pair->sn, &next, &why));
	assert_ok(corrections_check(pair->sn, &later, &why)); // one in between may have been recalled
	struct header of_update = says(&second, KIND_UPDATE, 2);
	assert_int_equal(corrections_check(pair->sn, &of_update, &why), FAIL_MALFORMED);
	char text[ID_TEXT_SIZE];
	id_to_text(&old.message, text);
	struct psr_message invalidate = {
		.verb = "invalidate", .reference = first.reference, .form = "{\"text\": \"not so\"}", .message = text};
	send(pair->ch, pair->sn, &invalidate);
	struct header void_again = says(&second, KIND_INVALIDATE, 0);
	assert_int_equal(corrections_check(pair->sn, &next, &why), FAIL_NO_LONGER_VALID);
	assert_int_equal(corrections_check(pair->sn, &void_again, &why), FAIL_NO_LONGER_VALID);
}

static void what_counts_is_worked_out_for_each_side_alike(void **state)
{
	struct client_pair *pair = *state;
	struct written first = refer(pair), old = note(pair, first.reference);
	struct written second = update(pair, first.reference, &old.message);
	struct written third = update(pair, first.reference, &old.message);
	struct psr_profile *sides[] = {pair->ch, pair->sn};
	for (size_t i = 0; i < 2; i++) {
		struct corrections corrections;
		assert_ok(corrections_read(sides[i], &first.case_id, &corrections, NULL));
		assert_int_equal(corrections.count, 2);
		const struct id *current = corrections_current(&corrections, &old.message, "CH");
		assert_non_null(current);
		assert_true(id_equal(current, &third.message));
		assert_true(id_equal(corrections_current(&corrections, &second.message, "CH"), &second.message));
		assert_true(id_equal(corrections_current(&corrections, &old.message, "NZ"), &old.message));
		assert_int_equal(corrections_next_version(&corrections, &old.message, "CH"), 4);
		corrections_release(&corrections);
	}
}

static void what_tells_is_replaced_and_what_decides_is_not(void **state)
{
	(void)state;
	static const enum message_kind tells[] = {KIND_REFERRAL, KIND_INFO_REPLY, KIND_REPORT, KIND_STATUS_NOTE,
	                                          KIND_DOCUMENT, KIND_STEP,       KIND_FOLLOW_UP, KIND_REMINDER_REPLY,
	                                          KIND_TRANSLATION, KIND_ALERT};
	static const enum message_kind decides[] = {KIND_ACK,    KIND_ACCEPT,  KIND_DECLINE, KIND_WITHDRAW,
	                                            KIND_CLOSE,  KIND_REOPEN,  KIND_HOLD,    KIND_FORWARD,
	                                            KIND_RECEIPT, KIND_REMINDER, KIND_CONSENT_WITHDRAWN, KIND_INVALIDATE};
	for (size_t i = 0; i < sizeof tells / sizeof tells[0]; i++) {
		assert_true(correction_possible(KIND_UPDATE, tells[i]));
		assert_true(correction_possible(KIND_INVALIDATE, tells[i]));
	}
	for (size_t i = 0; i < sizeof decides / sizeof decides[0]; i++) {
		assert_false(correction_possible(KIND_UPDATE, decides[i]));
		assert_false(correction_possible(KIND_INVALIDATE, decides[i]));
	}
	assert_false(correction_possible(KIND_UPDATE, KIND_UPDATE));
	assert_true(correction_possible(KIND_INVALIDATE, KIND_UPDATE));
	assert_false(correction_possible(KIND_STATUS_NOTE, KIND_STATUS_NOTE));
	assert_false(correction_possible(KIND_COUNT, KIND_STATUS_NOTE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_recipient_believes_its_author_and_nobody_else, begin, end),
		cmocka_unit_test_setup_teardown(a_version_that_was_there_and_a_void_message_are_not_believed, begin, end),
		cmocka_unit_test_setup_teardown(what_counts_is_worked_out_for_each_side_alike, begin, end),
		cmocka_unit_test(what_tells_is_replaced_and_what_decides_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
