// SPDX-License-Identifier: Apache-2.0
// links: test_client_pair passerelle_client
#include "test.h"

#include "lib/cases.h"
#include "lib/checked.h"
#include "lib/client_pair.h"
#include "lib/compose.h"
#include "lib/draft.h"
#include "lib/export.h"
#include "lib/fetch.h"
#include "lib/profile_new.h"
#include "lib/view.h"
#include "wire/codec.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char *read_text(const char *path)
{
	struct bytes bytes;
	bytes_init(&bytes, 16 * 1024 * 1024);
	assert_ok(file_read(&bytes, path, NULL));
	assert_ok(bytes_append(&bytes, "", 1));
	return (char *)bytes.data; // freed with free()
}

static struct written refer(struct client_pair *pair, const char *const *attach, size_t attach_count)
{
	char *form = read_text(TEST_DATA "/story/referral-ch-sn.json");
	struct psr_message message = {.verb = "refer",
	                              .to = "SN",
	                              .form = form,
	                              .attach = attach,
	                              .attach_count = attach_count};
	struct written written;
	struct form_faults faults = {.count = 0};
	struct fail why;
	enum fail_code code = compose_message(pair->ch, &message, NULL, &written, &faults, &why);
	for (size_t i = 0; code != FAIL_NONE && i < faults.count; i++)
		print_message("%s: %s\n", faults.fault[i].path, faults.fault[i].text);
	if (code != FAIL_NONE)
		print_message("%s\n", why.text);
	assert_ok(code);
	free(form);
	return written;
}

static const char *const court_order[] = {TEST_DATA "/story/court-order.pdf"};

static unsigned spools(const struct psr_profile *profile)
{
	struct path path = profile_path(profile, "spool");
	DIR *dir = opendir(path.text);
	unsigned count = 0;
	for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static unsigned waiting(struct psr_profile *profile)
{
	struct outbox_counts counts;
	assert_ok(outbox_count(profile->store, &counts, NULL));
	return counts.of[OUTBOX_QUEUED];
}

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

static void what_one_member_seals_the_other_opens(void **state)
{
	struct client_pair *pair = *state;
	struct written written = refer(pair, court_order, 1);
	assert_int_equal(strncmp(written.reference, "CH-SN-", 6), 0);
	client_pair_hand_over(pair->ch, pair->sn, 1);
	struct case_row row;
	struct fail why;
	assert_ok(cases_find(pair->sn, written.reference, &row, &why));
	json_t *json;
	assert_ok(view_case(pair->sn, &row, true, &json, &why));
	json_t *item = json_array_get(json_object_get(json, "items"), 0);
	json_t *attachment = json_array_get(json_object_get(item, "attachments"), 0);
	assert_string_equal(json_string_value(json_object_get(item, "service")), "KINSHIP_ASSESS");
	assert_string_equal(json_string_value(json_object_get(attachment, "name")), "court-order.pdf");
	assert_non_null(json_object_get(item, "content"));
	assert_null(json_object_get(item, "fault"));
	json_decref(json);
}

static void both_sides_keep_nothing_readable_on_disk(void **state)
{
	struct client_pair *pair = *state;
	refer(pair, court_order, 1);
	client_pair_hand_over(pair->ch, pair->sn, 1);
	// Names of the form in every script; -a because the files are binary.
	static const char *const secrets[] = {"Ndiay", "Valdombre", "عائشة", "court-order.pdf"};
	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
		char command[300];
		snprintf(command, sizeof command, "grep -raq '%s' %s/ch %s/sn", secrets[i], pair->folder, pair->folder);
		assert_int_not_equal(system(command), 0);
	}
}

static void an_attachment_opens_to_the_very_bytes(void **state)
{
	struct client_pair *pair = *state;
	struct written written = refer(pair, court_order, 1);
	assert_int_equal(spools(pair->ch), 1);
	char out[128];
	snprintf(out, sizeof out, "%s/out.pdf", pair->folder);
	struct fetch_watch watch = {.progress = NULL};
	struct fail why;
	assert_ok(fetch_attachment(pair->ch, &written.message, 1, out, &watch, &why));
	client_pair_shell("cmp %s %s", out, court_order[0]);
	assert_int_equal(fetch_attachment(pair->ch, &written.message, 1, out, &watch, &why),
	                 FAIL_BAD_USAGE); // never over a file
	char other[128];
	snprintf(other, sizeof other, "%s/none.pdf", pair->folder);
	assert_int_equal(fetch_attachment(pair->ch, &written.message, 2, other, &watch, &why), FAIL_UNKNOWN_OBJECT);
	assert_false(file_there(other));
}

static void a_damaged_spool_gives_no_file_at_all(void **state)
{
	struct client_pair *pair = *state;
	struct written written = refer(pair, court_order, 1);
	client_pair_shell("for f in %s/ch/spool/*; do printf x | dd of=$f bs=1 seek=20000 conv=notrunc status=none; done",
	                  pair->folder);
	char out[128];
	snprintf(out, sizeof out, "%s/out.pdf", pair->folder);
	struct fetch_watch watch = {.progress = NULL};
	struct fail why;
	assert_int_equal(fetch_attachment(pair->ch, &written.message, 1, out, &watch, &why), FAIL_DATA_LOSS);
	assert_false(file_there(out));
}

static void a_form_with_faults_queues_nothing_and_names_each(void **state)
{
	struct client_pair *pair = *state;
	struct psr_message message = {.verb = "refer", .to = "SN", .form = "{\"service\": \"KINSHIP_ASSES\", \"colour\": 1}"};
	struct written written;
	struct form_faults faults = {.count = 0};
	struct fail why;
	assert_int_equal(compose_message(pair->ch, &message, NULL, &written, &faults, &why), FAIL_BAD_FORM);
	assert_true(faults.count >= 2);
	assert_int_equal(waiting(pair->ch), 0);
}

static void a_step_that_is_not_open_is_refused_with_those_that_are(void **state)
{
	struct client_pair *pair = *state;
	struct written written = refer(pair, court_order, 1);
	struct psr_message message = {.verb = "ack", .reference = written.reference};
	struct form_faults faults = {.count = 0};
	struct written second;
	struct fail why;
	assert_int_equal(compose_message(pair->ch, &message, NULL, &second, &faults, &why), FAIL_NOT_YOUR_MOVE);
	assert_non_null(strstr(why.text, "withdraw"));
	assert_int_equal(waiting(pair->ch), 1);
}

static void waiting_messages_count_when_the_next_step_is_judged(void **state)
{
	struct client_pair *pair = *state;
	struct written written = refer(pair, court_order, 1);
	struct psr_message withdraw = {.verb = "withdraw", .reference = written.reference, .form = "{\"reason\": \"NO_LONGER_NEEDED\"}"};
	struct form_faults faults = {.count = 0};
	struct written second;
	struct fail why;
	enum fail_code code = compose_message(pair->ch, &withdraw, NULL, &second, &faults, &why);
	if (code == FAIL_BAD_FORM)
		print_message("%s: %s\n", faults.fault[0].path, faults.fault[0].text);
	assert_ok(code);
	assert_int_equal(compose_message(pair->ch, &withdraw, NULL, &second, &faults, &why), FAIL_ILLEGAL_MOVE);
	assert_int_equal(waiting(pair->ch), 2);
}

static void an_unknown_or_missing_receiver_is_named(void **state)
{
	struct client_pair *pair = *state;
	char *form = read_text(TEST_DATA "/story/referral-ch-sn.json");
	struct psr_message message = {.verb = "refer", .to = "XX", .form = form, .attach = court_order, .attach_count = 1};
	struct form_faults faults = {.count = 0};
	struct written written;
	struct fail why;
	assert_int_equal(compose_message(pair->ch, &message, NULL, &written, &faults, &why), FAIL_UNKNOWN_RECIPIENT);
	assert_non_null(strstr(why.text, "'XX'"));
	message.to = "CH";
	assert_int_equal(compose_message(pair->ch, &message, NULL, &written, &faults, &why), FAIL_BAD_USAGE);
	message.to = NULL;
	assert_int_equal(compose_message(pair->ch, &message, NULL, &written, &faults, &why), FAIL_BAD_USAGE);
	assert_int_equal(spools(pair->ch), 0);
	free(form);
}

static void a_missing_attachment_leaves_nothing_behind(void **state)
{
	struct client_pair *pair = *state;
	char *form = read_text(TEST_DATA "/story/referral-ch-sn.json");
	const char *const attach[] = {court_order[0], "/nowhere/photo.jpg"};
	struct psr_message message = {.verb = "refer", .to = "SN", .form = form, .attach = attach, .attach_count = 2};
	struct form_faults faults = {.count = 0};
	struct written written;
	struct fail why;
	assert_int_equal(compose_message(pair->ch, &message, NULL, &written, &faults, &why), FAIL_NO_FILE);
	assert_int_equal(spools(pair->ch), 0);
	assert_int_equal(waiting(pair->ch), 0);
	free(form);
}

struct altering {
	struct psr_profile *to;
	unsigned kind;
};

// Each way to alter an envelope is found, by name.
static enum fail_code alter(void *context, const struct outbox_row *row)
{
	struct altering *altering = context;
	struct arena arena;
	struct checked checked;
	struct fail why;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	assert_ok(checked_decode(&checked, row->envelope, &arena, &why));
	uint8_t *body = arena_copy(&arena, checked.envelope.sealed_body.data, checked.envelope.sealed_body.length);
	uint8_t *signature = arena_copy(&arena, checked.envelope.signature.data, checked.envelope.signature.length);
	enum fail_code expected = FAIL_NONE;
	switch (altering->kind) {
	case 0: break;
	case 1:
		body[100] ^= 1;
		checked.envelope.sealed_body.data = body;
		expected = FAIL_CANNOT_OPEN;
		break;
	case 2:
		signature[5] ^= 1;
		checked.envelope.signature.data = signature;
		expected = FAIL_BAD_SIGNATURE;
		break;
	case 3:
		checked.envelope.signer.byte[0] ^= 1;
		expected = FAIL_UNKNOWN_SIGNER;
		break;
	case 4: // a key that the signed header does not name
		checked.envelope.stanza[0].key_id[0] ^= 1;
		expected = FAIL_NOT_ALLOWED;
		break;
	default: // the header names a key of nobody: the hidden reader
		checked.header.recipient_key[1][0] ^= 1;
		expected = FAIL_NOT_ALLOWED;
	}
	assert_int_equal(checked_verify(altering->to, &checked, clock_now(), &why), expected);
	arena_release(&arena);
	return FAIL_NONE;
}

static void every_alteration_of_an_envelope_is_found(void **state)
{
	struct client_pair *pair = *state;
	refer(pair, court_order, 1);
	for (unsigned kind = 0; kind < 6; kind++) {
		struct altering altering = {pair->sn, kind};
		assert_ok(outbox_each(pair->ch->store, OUTBOX_WAITING, NULL, alter, &altering, NULL));
	}
}

static void showing_a_case_owes_one_opened_receipt_that_is_signed_once(void **state)
{
	struct client_pair *pair = *state;
	struct written written = refer(pair, court_order, 1);
	client_pair_hand_over(pair->ch, pair->sn, 1);
	struct case_row row;
	struct fail why;
	json_t *json;
	assert_ok(cases_find(pair->sn, written.reference, &row, &why));
	for (int i = 0; i < 2; i++) {
		assert_ok(view_case(pair->sn, &row, true, &json, &why));
		json_decref(json);
	}
	for (int i = 0; i < 2; i++)
		assert_ok(compose_receipts(pair->sn, &why));
	struct outbox_mark marks[4];
	size_t count = 4;
	assert_ok(outbox_queued_after(pair->sn->store, 0, marks, &count, &why));
	assert_int_equal(count, 1);
	assert_int_equal(marks[0].kind, KIND_RECEIPT);
	struct bytes envelope;
	struct arena arena;
	struct checked checked;
	bytes_init(&envelope, MAX_ENVELOPE);
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	assert_ok(outbox_envelope(pair->sn->store, &marks[0].message, &envelope, &why));
	assert_ok(checked_decode(&checked, bytes_view(&envelope), &arena, &why));
	assert_ok(checked_verify(pair->ch, &checked, clock_now(), &why));
	assert_int_equal(checked.header.receipt_count, 1);
	assert_int_equal(checked.header.receipt[0].level, LEVEL_OPENED);
	assert_true(id_equal(&checked.header.receipt[0].message, &written.message));
	arena_release(&arena);
	bytes_release(&envelope);
}

static void a_draft_is_sealed_and_sent_in_one_step(void **state)
{
	struct client_pair *pair = *state;
	char *form = read_text(TEST_DATA "/story/referral-ch-sn.json");
	struct psr_message message = {.verb = "refer", .to = "SN", .form = form, .attach = court_order, .attach_count = 1};
	struct id draft;
	struct written written;
	struct form_faults faults = {.count = 0};
	struct fail why;
	assert_ok(draft_save(pair->ch, &message, &draft, &why));
	char command[200];
	snprintf(command, sizeof command, "grep -raq Valdombre %s/ch", pair->folder);
	assert_int_not_equal(system(command), 0);
	assert_ok(draft_send(pair->ch, &draft, &written, &faults, &why));
	assert_int_equal(waiting(pair->ch), 1);
	assert_int_equal(draft_send(pair->ch, &draft, &written, &faults, &why), FAIL_UNKNOWN_OBJECT);
	free(form);
}

static void an_export_holds_the_signed_bytes_and_the_opened_files(void **state)
{
	struct client_pair *pair = *state;
	struct written written = refer(pair, court_order, 1);
	char folder[100];
	snprintf(folder, sizeof folder, "%s/export", pair->folder);
	json_t *json;
	struct fail why;
	assert_ok(export_case(pair->ch, written.reference, folder, true, &json, &why));
	assert_int_equal(json_array_size(json_object_get(json, "missing")), 0);
	json_decref(json);
	client_pair_shell("cmp %s/attachments/*court-order.pdf %s", folder, court_order[0]);
	client_pair_shell("test $(ls %s/messages/*.envelope | wc -l) = 1", folder);
	client_pair_shell("grep -q Valdombre %s/case.json", folder);
	assert_int_equal(export_case(pair->ch, written.reference, folder, true, &json, &why), FAIL_BAD_USAGE);
}

static void keys_that_others_may_read_are_refused(void **state)
{
	struct client_pair *pair = *state;
	char folder[100];
	struct psr_profile *profile;
	struct fail why;
	snprintf(folder, sizeof folder, "%s/sn", pair->folder);
	client_pair_shell("chmod 644 %s/keys/sign.key", folder);
	assert_int_equal(profile_open(&profile, folder, NULL, &why), FAIL_BAD_CONFIG);
	assert_non_null(strstr(why.text, "chmod 600"));
	client_pair_shell("chmod 600 %s/keys/sign.key; chmod 755 %s", folder, folder);
	assert_int_equal(profile_open(&profile, folder, NULL, &why), FAIL_BAD_CONFIG);
	assert_non_null(strstr(why.text, "chmod 700"));
}

static void a_passphrase_is_needed_and_must_be_right(void **state)
{
	struct client_pair *pair = *state;
	char folder[100];
	struct psr_profile *profile;
	struct fail why;
	client_pair_profile(pair, "locked", "NZ", "correct horse");
	snprintf(folder, sizeof folder, "%s/locked", pair->folder);
	assert_int_equal(profile_open(&profile, folder, NULL, &why), FAIL_BAD_PASSPHRASE);
	assert_int_equal(profile_open(&profile, folder, "wrong horse", &why), FAIL_BAD_PASSPHRASE);
	assert_ok(profile_open(&profile, folder, "correct horse", &why));
	profile_close(profile);
}

static void certificates_of_others_are_not_installed(void **state)
{
	struct client_pair *pair = *state;
	char folder[100], issued[100];
	struct identity identity;
	struct fail why;
	snprintf(folder, sizeof folder, "%s/ch", pair->folder);
	snprintf(issued, sizeof issued, "%s/issued-sn", pair->folder);
	assert_int_equal(profile_install(folder, issued, NULL, &identity, &why), FAIL_BAD_CERTIFICATE);
	// The right one for the wrong use: nothing of the three is replaced.
	client_pair_shell("mkdir %s/mixed && cp %s/issued-ch/*.crt %s/mixed && cp %s/issued-ch/sign.crt %s/mixed/branch.crt",
	                  pair->folder, pair->folder, pair->folder, pair->folder, pair->folder);
	snprintf(issued, sizeof issued, "%s/mixed", pair->folder);
	assert_int_equal(profile_install(folder, issued, NULL, &identity, &why), FAIL_BAD_CERTIFICATE);
	client_pair_shell("cmp %s/issued-ch/branch.crt %s/ch/keys/branch.crt", pair->folder, pair->folder);
}

static void a_second_profile_is_not_made_over_a_first(void **state)
{
	struct client_pair *pair = *state;
	char folder[100], trust[100];
	snprintf(folder, sizeof folder, "%s/ch", pair->folder);
	snprintf(trust, sizeof trust, "%s/ca/root.pem", pair->folder);
	struct psr_new_profile new = {folder, "CH", "anna", "caseworker", "hub.example:7600", trust, NULL};
	struct identity identity;
	struct fail why;
	assert_int_equal(profile_create(&new, &identity, &why), FAIL_BAD_USAGE);
	snprintf(folder, sizeof folder, "%s/new", pair->folder);
	new.hub = "hub.example";
	assert_int_equal(profile_create(&new, &identity, &why), FAIL_BAD_USAGE);
	new.hub = "[2001:db8::1]:7600";
	new.user = "Anna Muster";
	assert_int_equal(profile_create(&new, &identity, &why), FAIL_BAD_USAGE);
	new.user = "anna";
	new.member = "UNICEF-SN";
	new.role = "desk";
	assert_ok(profile_create(&new, &identity, &why));
	assert_string_equal(identity.uri, "urn:iss:agency:UNICEF-SN:desk:anna");
	assert_false(profile_has_key(folder, &key_names[1])); // it asks, it writes nothing
}

static void only_one_profile_at_a_time_exchanges_messages(void **state)
{
	struct client_pair *pair = *state;
	struct psr_profile *second;
	struct fail why;
	assert_ok(profile_open(&second, pair->ch->folder, NULL, &why));
	assert_ok(profile_lock(pair->ch, PROFILE_SYNC, &why));
	assert_int_equal(profile_lock(second, PROFILE_SYNC, &why), FAIL_UNAVAILABLE);
	profile_unlock(pair->ch, PROFILE_SYNC);
	assert_ok(profile_lock(second, PROFILE_SYNC, &why));
	profile_close(second); // and the lock is gone with it
	assert_ok(profile_lock(pair->ch, PROFILE_SYNC, &why));
	profile_unlock(pair->ch, PROFILE_SYNC);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_one_member_seals_the_other_opens),
		TEST(both_sides_keep_nothing_readable_on_disk),
		TEST(an_attachment_opens_to_the_very_bytes),
		TEST(a_damaged_spool_gives_no_file_at_all),
		TEST(a_form_with_faults_queues_nothing_and_names_each),
		TEST(a_step_that_is_not_open_is_refused_with_those_that_are),
		TEST(waiting_messages_count_when_the_next_step_is_judged),
		TEST(an_unknown_or_missing_receiver_is_named),
		TEST(a_missing_attachment_leaves_nothing_behind),
		TEST(every_alteration_of_an_envelope_is_found),
		TEST(showing_a_case_owes_one_opened_receipt_that_is_signed_once),
		TEST(a_draft_is_sealed_and_sent_in_one_step),
		TEST(an_export_holds_the_signed_bytes_and_the_opened_files),
		TEST(keys_that_others_may_read_are_refused),
		TEST(a_passphrase_is_needed_and_must_be_right),
		TEST(certificates_of_others_are_not_installed),
		TEST(a_second_profile_is_not_made_over_a_first),
		TEST(only_one_profile_at_a_time_exchanges_messages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
