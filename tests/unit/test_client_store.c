// SPDX-License-Identifier: Apache-2.0
// links: passerelle_client
#include "test.h"

#include "lib/profile.h"
#include "lib/store.h"

#include <stdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct room {
	char folder[64], file[80];
	struct store *store;
};

static int begin(void **state)
{
	struct room *room = calloc(1, sizeof *room);
	snprintf(room->folder, sizeof room->folder, "/tmp/passerelle-store-XXXXXX");
	assert_non_null(mkdtemp(room->folder));
	snprintf(room->file, sizeof room->file, "%s/store.db", room->folder);
	assert_ok(store_open(&room->store, room->file, NULL));
	*state = room;
	return 0;
}

static int end(void **state)
{
	struct room *room = *state;
	store_close(room->store);
	for (const char *const *name = (const char *const[]){"", "-wal", "-shm", NULL}; *name != NULL; name++) {
		char path[100];
		snprintf(path, sizeof path, "%s%s", room->file, *name);
		unlink(path);
	}
	assert_int_equal(rmdir(room->folder), 0);
	free(room);
	return 0;
}

static struct id id_of(uint8_t number)
{
	struct id id = {.byte = {[0] = 1, [15] = number}};
	return id;
}

static struct outbox_row row_of(uint8_t number, const char *envelope)
{
	struct outbox_row row = {
		.message = id_of(number),
		.case_id = id_of((uint8_t)(100 + number % 3)),
		.reference = "CH-SN-7QK2-M9FD",
		.receivers = "SN",
		.kind = KIND_STATUS_NOTE,
		.event = EVENT_STATUS_NOTE,
		.header_hash = {{number}},
		.envelope = view_of_text(envelope),
	};
	row.at[OUTBOX_QUEUED] = 1000 + number;
	return row;
}

static void put(struct room *room, const struct outbox_row *row)
{
	assert_ok(store_begin(room->store, NULL));
	assert_ok(outbox_add(room->store, row, NULL, 0, NULL));
	assert_ok(store_commit(room->store, NULL));
}

struct seen {
	enum outbox_state state;
	uint64_t at[OUTBOX_STATE_COUNT];
	char error[40];
	size_t rows;
};

static enum fail_code look(void *context, const struct outbox_row *row)
{
	struct seen *seen = context;
	seen->state = row->state;
	memcpy(seen->at, row->at, sizeof seen->at);
	snprintf(seen->error, sizeof seen->error, "%s", row->error);
	seen->rows++;
	return FAIL_NONE;
}

static struct seen find(struct room *room, uint8_t number)
{
	struct seen seen = {.rows = 0};
	struct id id = id_of(number);
	assert_ok(outbox_find(room->store, &id, look, &seen, NULL));
	assert_int_equal(seen.rows, 1);
	return seen;
}

static struct receipt_item item_of(uint8_t number, enum receipt_level level, uint64_t at)
{
	struct receipt_item item = {id_of(number), {{number}}, level, at};
	return item;
}

static void a_message_walks_from_queued_to_opened_with_a_time_each(void **state)
{
	struct room *room = *state;
	struct outbox_row row = row_of(1, "bytes");
	put(room, &row);
	assert_int_equal(find(room, 1).state, OUTBOX_QUEUED);
	assert_ok(outbox_accepted(room->store, &row.message, 2000, 7, 2, view_of_text("receipt"), NULL));
	assert_int_equal(find(room, 1).state, OUTBOX_AT_HUB);
	struct receipt_item delivered = item_of(1, LEVEL_DELIVERED, 3000), opened = item_of(1, LEVEL_OPENED, 4000);
	assert_ok(outbox_receipt(room->store, &delivered, "SN", NULL));
	assert_int_equal(find(room, 1).state, OUTBOX_DELIVERED);
	assert_ok(outbox_receipt(room->store, &opened, "SN", NULL));
	struct seen seen = find(room, 1);
	assert_int_equal(seen.state, OUTBOX_OPENED);
	assert_int_equal(seen.at[OUTBOX_QUEUED], 1001);
	assert_int_equal(seen.at[OUTBOX_AT_HUB], 2000);
	assert_int_equal(seen.at[OUTBOX_DELIVERED], 3000);
	assert_int_equal(seen.at[OUTBOX_OPENED], 4000);
}

static void a_state_never_goes_back_and_the_first_time_stays(void **state)
{
	struct room *room = *state;
	struct outbox_row row = row_of(2, "bytes");
	put(room, &row);
	struct receipt_item opened = item_of(2, LEVEL_OPENED, 4000), late = item_of(2, LEVEL_DELIVERED, 9000);
	assert_ok(outbox_receipt(room->store, &opened, "SN", NULL));
	assert_ok(outbox_receipt(room->store, &late, "SN", NULL));
	// The hub's receipt comes after the recipient's when a cut swallowed the first answer.
	assert_ok(outbox_accepted(room->store, &row.message, 2000, 7, 2, view_of_text("receipt"), NULL));
	struct seen seen = find(room, 2);
	assert_int_equal(seen.state, OUTBOX_OPENED);
	assert_int_equal(seen.at[OUTBOX_DELIVERED], 4000);
	assert_int_equal(seen.at[OUTBOX_AT_HUB], 2000);
}

static void a_receipt_counts_only_from_a_receiver_and_for_the_bytes_that_were_sent(void **state)
{
	struct room *room = *state;
	struct outbox_row row = row_of(3, "bytes");
	put(room, &row);
	struct receipt_item item = item_of(3, LEVEL_OPENED, 4000);
	assert_ok(outbox_receipt(room->store, &item, "NZ", NULL));
	assert_int_equal(find(room, 3).state, OUTBOX_QUEUED);
	item.header_hash.byte[31] = 1;
	assert_ok(outbox_receipt(room->store, &item, "SN", NULL));
	assert_int_equal(find(room, 3).state, OUTBOX_QUEUED);
}

static void with_two_receivers_the_slower_one_decides(void **state)
{
	struct room *room = *state;
	struct outbox_row row = row_of(4, "bytes");
	row.receivers = "SN,NZ";
	put(room, &row);
	struct receipt_item item = item_of(4, LEVEL_OPENED, 4000);
	assert_ok(outbox_receipt(room->store, &item, "SN", NULL));
	assert_int_equal(find(room, 4).state, OUTBOX_QUEUED);
	item = item_of(4, LEVEL_DELIVERED, 5000);
	assert_ok(outbox_receipt(room->store, &item, "NZ", NULL));
	struct seen seen = find(room, 4);
	assert_int_equal(seen.state, OUTBOX_DELIVERED);
	assert_int_equal(seen.at[OUTBOX_DELIVERED], 5000);
}

static void a_refusal_for_good_returns_the_message_and_another_leaves_it_waiting(void **state)
{
	struct room *room = *state;
	struct outbox_row row = row_of(5, "bytes");
	put(room, &row);
	struct outbox_refusal refusal = {"UNAVAILABLE", "later", "", "", 2000, false};
	assert_ok(outbox_refused(room->store, &row.message, &refusal, NULL));
	assert_int_equal(find(room, 5).state, OUTBOX_QUEUED);
	assert_string_equal(find(room, 5).error, "UNAVAILABLE");
	refusal = (struct outbox_refusal){"OVERTAKEN", "the other side was first", "ack", "0190", 3000, true};
	assert_ok(outbox_refused(room->store, &row.message, &refusal, NULL));
	struct seen seen = find(room, 5);
	assert_int_equal(seen.state, OUTBOX_RETURNED);
	assert_int_equal(seen.at[OUTBOX_RETURNED], 3000);
	assert_string_equal(seen.error, "OVERTAKEN");
}

static void waiting_messages_come_in_the_order_of_writing(void **state)
{
	struct room *room = *state;
	for (uint8_t number = 9; number > 5; number--) {
		struct outbox_row row = row_of(number, "bytes");
		put(room, &row);
	}
	struct outbox_mark marks[8];
	size_t count = 8;
	assert_ok(outbox_queued_after(room->store, 0, marks, &count, NULL));
	assert_int_equal(count, 4);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(marks[i].message.byte[15], 9 - i);
	count = 8;
	assert_ok(outbox_queued_after(room->store, marks[1].number, marks, &count, NULL));
	assert_int_equal(count, 2);
}

static void the_same_delivery_twice_is_stored_once(void **state)
{
	struct room *room = *state;
	struct inbox_row row = {.message = id_of(1), .case_id = id_of(2), .sender = "CH", .fault = "", .mailbox_seq = 1, .kind = KIND_ACK, .envelope = view_of_text("x")};
	bool fresh;
	assert_ok(inbox_add(room->store, &row, &fresh, NULL));
	assert_true(fresh);
	row.mailbox_seq = 9; // numbers are bound anew after a loss at the hub
	assert_ok(inbox_add(room->store, &row, &fresh, NULL));
	assert_false(fresh);
	row.sender = "NZ"; // another member may use the same id
	assert_ok(inbox_add(room->store, &row, &fresh, NULL));
	assert_true(fresh);
	unsigned all, unread, faulty;
	assert_ok(inbox_count(room->store, &all, &unread, &faulty, NULL));
	assert_int_equal(all, 2);
}

static void receipts_that_are_owed_come_by_member_and_go_when_they_are_signed(void **state)
{
	struct room *room = *state;
	for (uint8_t number = 0; number < 6; number++) {
		struct receipt_due due = {.item = item_of(number, LEVEL_DELIVERED, 1)};
		snprintf(due.member, sizeof due.member, "%s", number % 2 == 0 ? "CH" : "NZ");
		assert_ok(receipt_due_add(room->store, &due, NULL));
		assert_ok(receipt_due_add(room->store, &due, NULL)); // twice owed is owed once
	}
	struct receipt_due due[8];
	size_t count = 8;
	assert_ok(receipt_due_next(room->store, due, &count, NULL));
	assert_int_equal(count, 3);
	assert_string_equal(due[0].member, "CH");
	assert_ok(receipt_due_done(room->store, due, count, NULL));
	count = 8;
	assert_ok(receipt_due_next(room->store, due, &count, NULL));
	assert_int_equal(count, 3);
	assert_string_equal(due[0].member, "NZ");
}

static void what_was_rolled_back_was_never_there(void **state)
{
	struct room *room = *state;
	struct outbox_row row = row_of(1, "bytes");
	assert_ok(store_begin(room->store, NULL));
	assert_ok(outbox_add(room->store, &row, NULL, 0, NULL));
	store_rollback(room->store);
	struct fail why;
	struct seen seen;
	assert_int_equal(outbox_find(room->store, &row.message, look, &seen, &why), FAIL_UNKNOWN_CASE);
}

static void a_killed_writer_leaves_every_commit_and_nothing_else(void **state)
{
	struct room *room = *state;
	int told[2];
	assert_int_equal(pipe(told), 0);
	pid_t child = fork();
	if (child == 0) {
		struct store *store;
		if (store_open(&store, room->file, NULL) != FAIL_NONE)
			_exit(1);
		for (uint8_t number = 1; number < 200; number++) {
			struct outbox_row row = row_of(number, "bytes of a message");
			if (store_begin(store, NULL) != FAIL_NONE || outbox_add(store, &row, NULL, 0, NULL) != FAIL_NONE ||
			    store_commit(store, NULL) != FAIL_NONE)
				_exit(1);
			if (write(told[1], &number, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	uint8_t last = 0;
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(read(told[0], &last, 1), 1);
	kill(child, SIGKILL);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	close(told[1]);
	uint8_t more;
	while (read(told[0], &more, 1) == 1)
		last = more;
	close(told[0]);
	for (uint8_t number = 1; number <= last; number++)
		assert_int_equal(find(room, number).state, OUTBOX_QUEUED);
	assert_ok(store_check(room->store, NULL));
}

static void a_store_of_a_newer_version_is_refused_and_left_alone(void **state)
{
	struct room *room = *state;
	char command[200];
	snprintf(command, sizeof command, "sqlite3 %s 'PRAGMA user_version = 99'", room->file);
	if (system("command -v sqlite3 >/dev/null") != 0)
		skip();
	assert_int_equal(system(command), 0);
	struct store *second = NULL;
	struct fail why;
	assert_int_equal(store_open(&second, room->file, &why), FAIL_UNSUPPORTED);
	assert_null(second);
}

static void a_file_that_is_no_store_is_refused(void **state)
{
	struct room *room = *state;
	char path[100];
	snprintf(path, sizeof path, "%s/other", room->folder);
	FILE *file = fopen(path, "w");
	for (int i = 0; i < 400; i++)
		fputs("this is a letter to the office, and no database at all\n", file);
	fclose(file);
	struct store *second = NULL;
	struct fail why;
	assert_int_equal(store_open(&second, path, &why), FAIL_DATA_LOSS);
	unlink(path);
}

static void a_case_is_found_by_reference_and_keeps_what_it_was_given(void **state)
{
	struct room *room = *state;
	struct case_row row =
		{.id = id_of(7),
	     .reference = "CH-SN-7QK2-M9FD",
	     .requesting = "CH",
	     .responding = "SN",
	     .view = {.state = CASE_ON_HOLD, .held_from = CASE_ACCEPTED, .held_by = SIDE_RESPONDING, .hops = 2},
	     .seq = 5,
	     .since = 77,
	     .newest = {{9}},
	     .opened_at = 11};
	assert_ok(case_put(room->store, &row, NULL));
	struct case_row found[2];
	size_t count = 2;
	assert_ok(case_by_reference(room->store, "CH-SN-7QK2-M9FD", found, &count, NULL));
	assert_int_equal(count, 1);
	assert_int_equal(found[0].view.state, row.view.state);
	assert_int_equal(found[0].view.held_from, row.view.held_from);
	assert_int_equal(found[0].view.held_by, row.view.held_by);
	assert_int_equal(found[0].view.hops, row.view.hops);
	assert_int_equal(found[0].seq, 5);
	assert_int_equal(found[0].newest.byte[0], 9);
	count = 2;
	assert_ok(case_by_reference(room->store, "CH-SN-0000-0000", found, &count, NULL));
	assert_int_equal(count, 0);
}

static void a_cursor_is_unknown_until_it_is_set_and_holds_large_numbers(void **state)
{
	struct room *room = *state;
	struct cursor cursor;
	assert_ok(cursor_get(room->store, &cursor, NULL));
	assert_false(cursor.known);
	assert_ok(cursor_set(room->store, 1, 5, NULL));
	assert_ok(cursor_set(room->store, MAX_NUMBER, MAX_NUMBER - 1, NULL));
	assert_ok(cursor_get(room->store, &cursor, NULL));
	assert_true(cursor.known && cursor.epoch == MAX_NUMBER && cursor.seq == MAX_NUMBER - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_walks_from_queued_to_opened_with_a_time_each),
		TEST(a_state_never_goes_back_and_the_first_time_stays),
		TEST(a_receipt_counts_only_from_a_receiver_and_for_the_bytes_that_were_sent),
		TEST(with_two_receivers_the_slower_one_decides),
		TEST(a_refusal_for_good_returns_the_message_and_another_leaves_it_waiting),
		TEST(waiting_messages_come_in_the_order_of_writing),
		TEST(the_same_delivery_twice_is_stored_once),
		TEST(receipts_that_are_owed_come_by_member_and_go_when_they_are_signed),
		TEST(what_was_rolled_back_was_never_there),
		TEST(a_killed_writer_leaves_every_commit_and_nothing_else),
		TEST(a_store_of_a_newer_version_is_refused_and_left_alone),
		TEST(a_file_that_is_no_store_is_refused),
		TEST(a_case_is_found_by_reference_and_keeps_what_it_was_given),
		TEST(a_cursor_is_unknown_until_it_is_set_and_holds_large_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
